"""Forecasts of the year's end."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma, nbinom

from planalloc.numerics.pace_prior import paces
from planalloc.numerics.year_end import Pipeline, RunRate, YearEnd, year_end

NO_DEALS = RunRate(*(np.array([], dtype=kind) for kind in (int, float, float, float, float)))
NO_PIPELINE = Pipeline(*(np.array([], dtype=kind) for kind in (int, float, float)))


def one_cell(*, deals: float, shape: float = 10.0, size_cv: float = 0.5) -> RunRate:
    """Build one cell of unit 0 with so many deals of 10 to be expected."""
    one = np.ones(1)
    return RunRate(np.array([0]), deals * one, shape * one, 10 * one, size_cv * one)


def pipeline(*deals: tuple[float, float]) -> Pipeline:
    """Build a pipeline of unit 0 from amounts and chances."""
    amounts, chances = np.array(deals).T
    return Pipeline(np.zeros(len(deals), dtype=int), amounts, chances)


def forecast(closed: float, target: float, **parts: RunRate | Pipeline | np.ndarray) -> YearEnd:
    """Forecast one unit."""
    whole = {"run_rate": NO_DEALS, "pipeline": NO_PIPELINE, "shared": np.zeros(1)} | parts
    return year_end(np.array([closed]), np.array([target]), **whole)  # type: ignore[arg-type]


@pytest.mark.parametrize(("target", "chance"), [(70, 1.0), (71, 0.8), (80, 0.8), (100, 0.5), (130, 0.3), (131, 0.0)])
def test_few_deals_decide_the_year(target: float, chance: float) -> None:
    """With two open deals of 10 and 50 the chance of each target is that of the deals that reach it."""
    ends = forecast(70.0, target, pipeline=pipeline((10.0, 0.6), (50.0, 0.5)))
    assert ends.chance[0] == pytest.approx(chance, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(deals=st.lists(st.tuples(st.integers(1, 99), st.floats(0.05, 0.95)), min_size=1, max_size=6), reached=st.data())
def test_chances_are_those_of_the_sums(deals: list[tuple[int, float]], reached: st.DataObject) -> None:
    """The chance of a target is that of all combinations of deals that reach it, to the grid's step."""
    amounts, chances = np.array(deals).T
    sides = np.array(list(product([0, 1], repeat=len(deals))))
    sums, weights = sides @ amounts, np.prod(np.where(sides == 1, chances, 1 - chances), axis=1)
    target = reached.draw(st.sampled_from([float(total) for total in sums if total > 0]))
    ends = forecast(0.0, target, pipeline=pipeline(*((float(amount), chance) for amount, chance in deals)))
    slack = 0.1 * np.sqrt(ends.variance[0])
    assert weights[sums >= target + slack].sum() - 1e-9 <= ends.chance[0]
    assert ends.chance[0] <= weights[sums >= target - slack].sum() + 1e-9


@pytest.mark.parametrize("size_cv", [0.01, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("target", [5.0, 9.0, 15.0, 25.0, 60.0])
def test_chances_of_what_is_still_to_be_found(size_cv: float, target: float) -> None:
    """The chance of a target is that of a negative binomial number of gamma sizes, summed up term by term."""
    ends = forecast(0.0, target, run_rate=one_cell(deals=2.0, size_cv=size_cv))
    number = np.arange(1, 100)
    reached = gamma.sf(target, number / size_cv**2, scale=10 * size_cv**2)
    assert ends.chance[0] == pytest.approx(nbinom.pmf(number, 10, 1 / 1.2) @ reached, abs=0.01)


def test_a_sure_deal_is_money() -> None:
    """A deal with a chance of 1 has no interval, one with a chance of 0 no part."""
    ends = forecast(70.0, 110.0, pipeline=pipeline((40.0, 1.0), (900.0, 0.0)))
    assert [ends.expected[0], ends.chance[0], ends.variance[0]] == pytest.approx([110.0, 1.0, 0.0])
    assert [ends.low[0], ends.high[0]] == pytest.approx([110.0, 110.0], rel=0.01)


def test_nothing_to_come() -> None:
    """Without pipeline and without a rest of the year it ends where it stands."""
    ends = forecast(70.0, 80.0)
    assert [ends.low[0], ends.high[0], ends.chance[0]] == [70.0, 70.0, 0.0]


def test_what_is_not_known_of_the_pace_is_in_the_variance() -> None:
    """Twenty deals of a pace known to one in the root of twenty vary twice as much as by chance, beside their sizes."""
    ends = forecast(100.0, 200.0, run_rate=one_cell(deals=20.0, shape=20.0))
    assert ends.run_rate[0] == pytest.approx(200)
    assert ends.variance[0] == pytest.approx(20 * 100 * (1 + 0.25 + 1))


def test_no_deal_at_all_has_its_chance() -> None:
    """The chance to end above what is closed is the chance of any deal, here of a gamma mixture of Poisson ones."""
    ends = forecast(70.0, 70.001, run_rate=one_cell(deals=1.0))
    assert ends.chance[0] == pytest.approx(1 - (1 + 1 / 10) ** -10, abs=0.02)


def test_a_target_that_is_reached_is_certain() -> None:
    """What is closed does not go away, whatever the shared error."""
    ends = forecast(100.0, 100.0, run_rate=one_cell(deals=1.0), shared=np.array([5.0]))
    assert ends.chance[0] == 1.0


def test_parts_add_up_over_levels() -> None:
    """Expected ends of the reps add up to that of the company, which has less than their spreads together."""
    rng = np.random.default_rng(1)
    n = 20
    cells = [rng.gamma(6, 1, n), np.full(n, 15.0), np.full(n, 10.0), np.full(n, 0.7)]
    opportunities = [rng.gamma(2, 5, n), rng.uniform(0, 1, n)]
    closed, target = rng.uniform(20, 80, n), np.full(n, 120.0)
    reps, company = (
        year_end(
            np.bincount(unit, closed).astype(np.float64),
            np.bincount(unit, target).astype(np.float64),
            run_rate=RunRate(unit, *cells),
            pipeline=Pipeline(unit, *opportunities),
            shared=np.zeros(unit.max() + 1),
        )
        for unit in (np.arange(n), np.zeros(n, dtype=int))
    )
    assert reps.expected.sum() == pytest.approx(company.expected[0])
    assert reps.variance.sum() == pytest.approx(company.variance[0])
    assert (reps.high - reps.low).sum() > 2 * (company.high - company.low)[0]


def test_many_small_deals_make_a_bell_curve() -> None:
    """Over 3,000 open deals the interval is the mean give or take 1.2816 standard deviations."""
    rng = np.random.default_rng(2)
    ends = forecast(0.0, 1.0, pipeline=pipeline(*zip(rng.uniform(5, 15, 3000), rng.uniform(0, 1, 3000), strict=True)))
    sides = ends.expected[0] + np.array([-1, 1]) * 1.2816 * np.sqrt(ends.variance[0])
    assert [ends.low[0], ends.high[0]] == pytest.approx(sides, abs=0.1 * np.sqrt(ends.variance[0]))


def world(
    rng: np.random.Generator, *, n: int, year: float, over: float, opportunities: int
) -> tuple[np.ndarray, np.ndarray, RunRate, Pipeline, np.ndarray]:
    """Let units whose paces vary around 0.9 close deals of gamma sizes to date and to the end of the year."""
    true, scatter = 0.9 * rng.gamma(20, 1 / 20, n), 0.64
    to_date, rest = rng.poisson(true * year * over), rng.poisson(true * year * (1 - over))
    closed, more = (rng.gamma(np.maximum(count, 1e-12) / scatter, 10 * scatter) for count in (to_date, rest))
    unit = np.repeat(np.arange(n), opportunities)
    amounts, chances = rng.gamma(1, 10, unit.size), rng.uniform(0.05, 0.9, unit.size)
    won = np.bincount(unit, amounts * (rng.random(unit.size) < chances), n)
    full = np.ones(n)
    found = paces(to_date.astype(float), planned=full * year * over)
    cells = RunRate(np.arange(n), found.mean * year * (1 - over), found.shape, full * 10, full * 0.8)
    shared = np.hypot(found.chance_error, found.spread_error) * found.pulled * cells.deals * 10
    return closed, closed + more + won, cells, Pipeline(unit, amounts, chances), shared


@pytest.mark.parametrize(("year", "over", "opportunities"), [(12, 0.5, 2), (60, 0.25, 0), (30, 0.75, 6)])
def test_intervals_cover_what_they_say(year: float, over: float, opportunities: int) -> None:
    """Of 2,000 units, 80 % end in their interval, a tenth to either side, and chances come true as often as stated."""
    rng = np.random.default_rng(7)
    closed, end, cells, opened, shared = world(rng, n=2000, year=year, over=over, opportunities=opportunities)
    target = np.full(2000, year * 10.0)
    ends = year_end(closed, target, run_rate=cells, pipeline=opened, shared=shared)
    inside = (ends.low - 1e-9 <= end) & (end <= ends.high + 1e-9)
    assert inside.mean() == pytest.approx(0.8, abs=0.035)
    assert (end > ends.high).mean() == pytest.approx(0.1, abs=0.025)
    for low in (0.0, 0.25, 0.5, 0.75):
        told = (ends.chance >= low) & (ends.chance < low + 0.25)
        sigma = np.sqrt(0.25 / told.sum())
        assert (end >= target)[told].mean() == pytest.approx(ends.chance[told].mean(), abs=3 * sigma)


def test_the_company_is_covered_too() -> None:
    """Of 300 companies of 40 reps, 80 % end in the interval: the error of the common pace is in it."""
    rng, inside = np.random.default_rng(8), 0
    for _ in range(300):
        closed, end, cells, opened, shared = world(rng, n=40, year=12, over=0.4, opportunities=1)
        one = np.zeros(40, dtype=int)
        ends = year_end(
            closed.sum(keepdims=True),
            end.sum(keepdims=True),
            run_rate=RunRate(one, cells.deals, cells.shape, cells.sizes, cells.size_cv),
            pipeline=Pipeline(one, opened.amounts, opened.chances),
            shared=shared.sum(keepdims=True),
        )
        inside += bool(ends.low[0] <= end.sum() <= ends.high[0])
    assert inside / 300 == pytest.approx(0.8, abs=0.07)

"""F-8: a season's weights, spread over the plan's periods inside each of its own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.formulate.index import Index
from planalloc.formulate.phasing import season_curve, seasons, without_gaps

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
DAYS = np.array([21, 20, 23, 22, 21, 22, 22, 22, 22, 21, 22, 23.0])
"""Working days of the months of 2027; 64 in the first quarter."""
HALVES = pa.Seasonality(id="half", grain="semester", weights=[0.6, 0.4], inside="quarter")
QUARTERS = pa.Seasonality(id="quarter", grain="quarter", weights=[0.1, 0.3, 0.3, 0.3], inside="month")
MONTHS = pa.Seasonality(id="month", grain="month", weights=[1, 1, 2] * 4, normalize=True)


def index_of(*season: pa.Seasonality, calendar: pa.Calendar = YEAR, **policy: Any) -> Index:
    """Return a problem of one line for each seasonality and one without, in the order of the arguments."""
    targets = [pa.Target(segment=f"{i}", revenue=1, seasonality=one.id) for i, one in enumerate(season)]
    targets.append(pa.Target(segment="without", revenue=1))
    strategy = pa.Strategy(
        name="Season",
        currency="EUR",
        segments=[pa.Segment(id=target.segment) for target in targets],
        targets=targets,
        seasonalities=season,
    )
    force = pa.SalesForce(reps=[pa.Rep(id="alice")])
    return Index(
        pa.PlanningProblem(calendar=calendar, strategy=strategy, sales_force=force, policy=pa.Policy(**policy))
    )


def weights_of(*season: pa.Seasonality, days: Floats = DAYS, **options: Any) -> tuple[Floats, Ints]:
    """Return weights and blocks of the lines."""
    return seasons(index_of(*season, **options), working_days=days)


def one(grain: Any, weights: list[float], **fields: Any) -> pa.Seasonality:
    """Return a seasonality."""
    return pa.Seasonality(id="s", grain=grain, weights=weights, **fields)


def test_a_line_without_a_season_follows_working_days() -> None:
    """By default, January has 21 of 261 parts."""
    weights, blocks = weights_of()
    assert weights[0] == pytest.approx(DAYS / 261)
    assert blocks[0].tolist() == [0] * 12


def test_a_line_without_a_season_may_be_equal() -> None:
    """Where the policy says so, every month has a twelfth."""
    weights, _ = weights_of(default_phasing="equal")
    assert weights[0] == pytest.approx(np.full(12, 1 / 12))


def test_a_horizon_without_working_days_is_spread_equally() -> None:
    """With nothing to go by, periods are alike."""
    weights, _ = weights_of(days=np.zeros(12))
    assert weights[0] == pytest.approx(np.full(12, 1 / 12))


def test_a_coarse_weight_is_spread_by_working_days() -> None:
    """A tenth in the first quarter: 21, 20 and 23 of its 64 days."""
    weights, _ = weights_of(one("quarter", [0.1, 0.2, 0.3, 0.4]))
    assert weights[0, :3] == pytest.approx(0.1 * DAYS[:3] / 64)
    assert weights[0].reshape(4, 3).sum(axis=1) == pytest.approx([0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("season", [one("quarter", [0.3, 0, 0, 0.7], spread="equal")])
def test_a_coarse_weight_may_be_spread_equally(season: pa.Seasonality) -> None:
    """30 % in the first quarter are 10 % a month, and no weight is none."""
    weights, _ = weights_of(season)
    assert weights[0] == pytest.approx([0.1] * 3 + [0] * 6 + [0.7 / 3] * 3)


def test_the_spread_of_a_season_is_the_policys_unless_it_has_its_own() -> None:
    """With equal phasing as the policy, a season without a spread is equal, and one by working days is not."""
    year = [0.25] * 4
    weights, _ = weights_of(
        one("quarter", year), one("quarter", year, spread="working_days").but(id="t"), default_phasing="equal"
    )
    assert weights[0, :3] == pytest.approx([0.25 / 3] * 3)
    assert weights[1, :3] == pytest.approx(0.25 * DAYS[:3] / 64)


def test_weights_of_the_plans_own_grain_are_the_season() -> None:
    """Monthly weights in a monthly plan stand as they are, whatever the working days."""
    weights, blocks = weights_of(one("month", [*[0.05] * 10, 0.2, 0.3]))
    assert weights[0].tolist() == [*[0.05] * 10, 0.2, 0.3]
    assert blocks[0].tolist() == list(range(12))


def test_normalized_weights_are_rescaled() -> None:
    """3 and 1 are three quarters and one; weights that miss 1 by a millionth are made whole as well."""
    weights, _ = weights_of(one("semester", [3, 1], normalize=True), one("semester", [0.5, 0.4999995]).but(id="t"))
    assert weights[0].reshape(2, 6).sum(axis=1) == pytest.approx([0.75, 0.25])
    assert weights[1].sum() == pytest.approx(1, abs=1e-15)


def test_a_season_inside_another() -> None:
    """A tenth in the first quarter, whose months are 1 : 1 : 2."""
    weights, _ = weights_of(QUARTERS, MONTHS)
    assert weights[0, :6] == pytest.approx([0.025, 0.025, 0.05, 0.075, 0.075, 0.15])


def test_a_season_two_levels_deep() -> None:
    """60 % in the first half, 1 : 3 over its quarters, each 1 : 1 : 2 over its months; 40 % in the second, 1 : 1."""
    weights, _ = weights_of(HALVES, QUARTERS, MONTHS)
    first = [0.0375, 0.0375, 0.075, 0.1125, 0.1125, 0.225]
    assert weights[0] == pytest.approx([*first, 0.05, 0.05, 0.1, 0.05, 0.05, 0.1])


def test_blocks_are_the_seasons_own_periods() -> None:
    """Months are held by their quadrimester where the season speaks of quadrimesters, by their half where of those."""
    _, blocks = weights_of(one("quadrimester", [0.5, 0.2, 0.3]), HALVES, QUARTERS, MONTHS)
    assert blocks[0].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert blocks[1].tolist() == [0] * 6 + [1] * 6


def test_a_season_of_a_cut_horizon() -> None:
    """From January to May, the weights of two quarters spread over three months and over two."""
    short = YEAR.but(end=date(2027, 5, 31))
    weights, _ = weights_of(one("quarter", [0.6, 0.4], spread="equal"), calendar=short, days=DAYS[:5])
    assert weights[0] == pytest.approx([0.2] * 3 + [0.2] * 2)


def test_a_curve_is_the_same_for_leave() -> None:
    """`season_curve` gives any seasonality on the plan's periods."""
    index = index_of(QUARTERS, MONTHS)
    assert season_curve(index, QUARTERS, working_days=DAYS)[:3] == pytest.approx([0.025, 0.025, 0.05])


def test_what_nobody_can_carry_moves_in_proportion() -> None:
    """A quarter each falls in four periods; without one of them, a third falls in each of the others."""
    found = without_gaps(np.array([[0.1, 0.2, 0.3, 0.4]]), carried=np.array([[True, True, True, False]]))
    assert found[0] == pytest.approx([1 / 6, 2 / 6, 3 / 6, 0])


def test_a_line_that_nobody_can_carry_has_no_season() -> None:
    """Where nobody is there at all, nothing is planned, and nothing divides by zero."""
    assert without_gaps(np.array([[0.5, 0.5]]), carried=np.zeros((1, 2), dtype=bool)).tolist() == [[0, 0]]


@settings(max_examples=60, deadline=None)
@given(
    parts=st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any),
    spread=st.sampled_from([None, "working_days", "equal"]),
)
def test_a_season_is_a_whole_in_each_of_its_periods(parts: list[int], spread: Any) -> None:
    """Whatever the weights and the spread, each quarter has its weight, and the year is 1."""
    weights, _ = weights_of(one("quarter", [float(part) for part in parts], spread=spread, normalize=True))
    assert weights.sum(axis=1) == pytest.approx([1, 1])
    assert weights[0].reshape(4, 3).sum(axis=1) == pytest.approx(np.array(parts) / sum(parts))
    assert (weights >= 0).all()

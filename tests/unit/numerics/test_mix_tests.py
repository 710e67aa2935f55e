"""Mixes of counts and money against the plan's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from planalloc.numerics.discoveries import discoveries
from planalloc.numerics.mix_tests import count_mix, money_mix

MIX = np.array([0.5, 0.3, 0.2])
SIZES = np.array([10.0, 30.0, 5.0])
FALLS = MIX / SIZES / (MIX / SIZES).sum()
"""Shares of the number of deals, when the money is as planned."""


def money_of(deals: np.ndarray, *, rng: np.random.Generator, size_cv: float) -> np.ndarray:
    """Give each deal a log-normal size."""
    spread = np.log(1 + size_cv**2)
    sizes = rng.lognormal(np.log(SIZES)[None, :, None] - spread / 2, np.sqrt(spread), (*deals.shape, int(deals.max())))
    return np.asarray((sizes * (np.arange(sizes.shape[2]) < deals[..., None])).sum(axis=2))


def test_counts_are_binomial() -> None:
    """A category's p-value is twice the smaller one-sided exact binomial test."""
    test = count_mix(np.array([[7, 1, 4]]), mix=MIX)
    for category, count in enumerate([7, 1, 4]):
        sides = [binomtest(count, 12, MIX[category], alternative=side).pvalue for side in ("less", "greater")]
        assert test.p_values[0, category] == pytest.approx(min(1, 2 * min(sides)))
    assert test.p_unit[0] == pytest.approx(min(1, 3 * test.p_values.min()))


def test_two_of_three_expected_deals_are_no_drift() -> None:
    """Where three of a hundred deals are due in a line and none came, no drift is claimed."""
    assert count_mix(np.array([[0, 100]]), mix=np.array([3.0, 97.0])).p_values.min() > 0.09


def test_unplanned_work_is_a_fact() -> None:
    """What was done in a category without plan is counted, and in no share and no test."""
    counts = count_mix(np.array([[4, 4, 9]]), mix=np.array([1.0, 1.0, 0.0]))
    money = money_mix(
        np.array([[40.0, 40.0, 9.0]]),
        deals=np.array([[4, 4, 9]]),
        mix=np.array([1.0, 1.0, 0.0]),
        sizes=np.array([10.0, 10.0, 1.0]),
        size_cv=0.5,
    )
    for test in (counts, money):
        assert test.unplanned.tolist() == [9.0]
        assert test.actual[0, :2].tolist() == [0.5, 0.5]
        assert test.p_values[0, 0] > 0.99
        assert np.isnan(test.p_values[0, 2])


def test_nothing_done_or_one_category_is_not_tested() -> None:
    """A unit that did nothing, and one whose plan is one category, have nothing to test."""
    counts, mix = np.array([[0, 0], [5, 0]]), np.array([[1.0, 1.0], [1.0, 0.0]])
    money = money_mix(counts * 1.0, deals=counts, mix=mix, sizes=np.ones(2), size_cv=1.0)
    for test in (count_mix(counts, mix=mix), money):
        assert np.isnan(test.p_values).all()
        assert np.isnan(test.p_unit).all()


def test_credit_notes_do_not_break_it() -> None:
    """A line with more credit notes than sales has the evidence of a line without sales; a unit in debt has none."""
    deals, mix, sizes = np.array([[6, 6], [3, 3]]), np.ones(2), np.full(2, 10.0)
    debt, nothing = (
        money_mix(np.array([[least, 90.0], [-90.0, 20.0]]), deals=deals, mix=mix, sizes=sizes, size_cv=0.5).p_values
        for least in (-20.0, 0.0)
    )
    assert debt[0].tolist() == nothing[0].tolist()
    assert np.isnan(debt[1]).all()


def test_one_large_deal_is_no_drift() -> None:
    """A line that should bring half the money and has four tenths of it in one large deal of ten is no evidence."""
    won, deals = np.array([[60.0, 90.0]]), np.array([[1, 9]])
    mix, sizes = np.array([1.0, 1.0]), np.array([60.0, 10.0])
    assert money_mix(won, deals=deals, mix=mix, sizes=sizes, size_cv=0.5).p_values.min() > 0.5
    assert count_mix(deals, mix=mix).p_values.max() < 0.03


def test_money_nearly_all_alike_is_counts() -> None:
    """With many deals of nearly one size the money's p-value comes to that of the counts."""
    deals = np.array([[470, 530]])
    money = money_mix(deals * 7.0, deals=deals, mix=np.ones(2), sizes=np.full(2, 7.0), size_cv=0.01)
    assert money.p_values == pytest.approx(count_mix(deals, mix=np.ones(2)).p_values, rel=0.15)


@pytest.mark.parametrize("volume", [5, 30, 200])
@pytest.mark.parametrize("size_cv", [0.3, 1.0])
def test_p_values_are_not_too_small(volume: int, size_cv: float) -> None:
    """Where the plan is followed, p-values below one in twenty, or two hundred, are no more frequent than that."""
    rng = np.random.default_rng(volume)
    deals = rng.multinomial(volume, FALLS, 4000)
    money = money_mix(money_of(deals, rng=rng, size_cv=size_cv), deals=deals, mix=MIX, sizes=SIZES, size_cv=size_cv)
    for p_values in (money.p_values, count_mix(deals, mix=FALLS).p_values):
        for level in (0.05, 0.005):
            sigma = np.sqrt(level * (1 - level) / 4000)
            assert ((p_values <= level).mean(axis=0) <= level + 4 * sigma).all()


@pytest.mark.parametrize(("n_units", "n_reviews"), [(10, 200), (30, 200), (100, 100)])
def test_no_alert_from_noise(n_units: int, n_reviews: int) -> None:
    """With all units on plan, the share of reviews with any alert on their mixes is at most the stated rate."""
    rng, rate = np.random.default_rng(n_units), 0.1
    deals = rng.multinomial(40, FALLS, (n_reviews, n_units)).reshape(-1, 3)
    test = money_mix(money_of(deals, rng=rng, size_cv=0.8), deals=deals, mix=MIX, sizes=SIZES, size_cv=0.8)
    alerts = 0
    for p_values, least in zip(np.split(test.p_values, n_reviews), np.split(test.least, n_reviews), strict=True):
        alerts += bool(discoveries(p_values, rate=rate, least=least).found.any())
    assert alerts <= n_reviews * rate + 3 * np.sqrt(n_reviews * rate * (1 - rate))


@pytest.mark.parametrize("n_units", [10, 100])
def test_half_of_a_line_is_found(n_units: int) -> None:
    """A unit that does half of its largest line over 200 events is found in at least 95 % of runs."""
    rng, found = np.random.default_rng(n_units), 0
    for _ in range(200):
        counts = rng.multinomial(200, MIX, n_units)
        counts[0] = rng.multinomial(200, [0.25, 0.45, 0.3])
        test = count_mix(counts, mix=MIX)
        found += bool(discoveries(test.p_values, rate=0.05, least=test.least).found[0].any())
    assert found >= 190

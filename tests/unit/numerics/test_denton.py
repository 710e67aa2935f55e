"""Series that add up to totals without a step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.denton import _held_above_zero, proportional_denton

# International Monetary Fund, Quarterly National Accounts Manual, example of the proportional Denton method: a
# quarterly indicator, two annual figures, and four quarters beyond them.
INDICATOR = np.array([[98.2, 100.8, 102.2, 100.8, 99.0, 101.6, 102.7, 101.5, 100.5, 103.0, 103.5, 101.5]])
QUARTERS = np.array([0, 0, 0, 0, 1, 1, 1, 1, -1, -1, -1, -1])
ANNUAL = np.array([[4000.0, 4161.4]])


def test_published_case() -> None:
    """The manual's series comes out to its one digit, but for 2nd quarter of year 2: 1042.85, printed 1042.9.

    The manual multiplies ratios that it has rounded.
    """
    printed = np.array([969.8, 998.4, 1018.3, 1013.4, 1007.2, 1042.9, 1060.3, 1051.0, 1040.6, 1066.5, 1071.7, 1051.0])
    found = proportional_denton(INDICATOR, totals=ANNUAL, groups=QUARTERS)[0]
    assert np.flatnonzero(found.round(1) != printed).tolist() == [5]
    assert found[5] == pytest.approx(1042.9, abs=0.052)


def test_scale_is_carried_on() -> None:
    """Beyond the last total each period keeps the scale of the last one within it, and before the first likewise."""
    groups = np.array([-1, -1, 0, 0, 1, 1, -1])
    indicator = np.array([[2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 4.0]])
    scale = (proportional_denton(indicator, totals=np.array([[30.0, 50.0]]), groups=groups) / indicator)[0]
    np.testing.assert_allclose(scale[[0, 1, 6]], scale[[2, 2, 5]])


positive = st.floats(0.5, 2.0)


@settings(max_examples=50, deadline=None)
@given(
    indicator=st.lists(st.one_of(st.just(0.0), positive), min_size=12, max_size=12),
    growth=st.lists(st.floats(0.8, 1.25), min_size=3, max_size=3),
)
def test_years_add_up_and_zeros_stay(indicator: list[float], growth: list[float]) -> None:
    """Each year adds up to its total, and a period of zero stays zero."""
    shape = np.array(indicator) + np.tile([1.0, 0.0, 0.0, 0.0], 3)
    totals = shape.reshape(3, 4).sum(axis=1) * growth
    found = proportional_denton(shape[None], totals=totals[None], groups=np.repeat(np.arange(3), 4))[0]
    np.testing.assert_allclose(found.reshape(3, 4).sum(axis=1), totals)
    assert (found[shape == 0] == 0).all()
    assert (found >= 0).all()


@settings(max_examples=50, deadline=None)
@given(indicator=st.lists(positive, min_size=8, max_size=8), level=st.floats(0.1, 10))
def test_right_totals_change_nothing(indicator: list[float], level: float) -> None:
    """Where the totals are in proportion to the indicator's, the series is the indicator at their level."""
    shape = np.array([indicator])
    totals = level * shape.reshape(1, 2, 4).sum(axis=2)
    found = proportional_denton(shape, totals=totals, groups=np.repeat([0, 1], 4))
    np.testing.assert_allclose(found, level * shape, rtol=1e-9)


def test_least_movement() -> None:
    """No other series with the same totals has a scale that moves less."""
    rng = np.random.default_rng(6)
    found = proportional_denton(INDICATOR, totals=ANNUAL, groups=QUARTERS)[0]
    least = (np.diff(found / INDICATOR[0]) ** 2).sum()
    for _ in range(20):
        change = rng.normal(size=12)
        change[:4] -= change[:4].mean()
        change[4:8] -= change[4:8].mean()
        assert (np.diff((found + change) / INDICATOR[0]) ** 2).sum() > least


def test_year_chained_to_known_months() -> None:
    """Known months are kept, and the year after them climbs from where they end: no step at New Year."""
    known, year = np.array([10.0, 10.0, 10.0, 10.0]), 52.0
    groups = np.array([0, 1, 2, 3, 4, 4, 4, 4])
    found = proportional_denton(np.ones((1, 8)), totals=np.append(known, year)[None], groups=groups)[0]
    np.testing.assert_allclose(found, [*known, 11.6, 12.8, 13.6, 14.0])


def test_sharp_fall_stops_at_zero() -> None:
    """After a fall to a tenth the scale comes down to zero and not below, and the totals hold."""
    totals = np.array([[40.0, 4.0], [40.0, 36.0]])
    found = proportional_denton(np.ones((2, 8)), totals=totals, groups=np.repeat([0, 1], 4))
    assert found[0].min() == 0
    assert (np.diff(found[0]) <= 1e-9).all()
    np.testing.assert_allclose(found.reshape(2, 2, 4).sum(axis=2), totals)
    assert found[1].min() > 0


def test_held_scale_is_the_free_one_where_that_is_positive() -> None:
    """The two ways to solve agree where no scale passes below zero."""
    free = proportional_denton(INDICATOR, totals=ANNUAL, groups=QUARTERS)[0] / INDICATOR[0]
    members = np.stack([QUARTERS == 0, QUARTERS == 1]) * INDICATOR
    sums = members.sum(axis=1)
    held = _held_above_zero(np.diff(np.eye(12), axis=0), shares=members / sums[:, None], levels=ANNUAL[0] / sums)
    np.testing.assert_allclose(held, free, rtol=1e-7)


def test_series_do_not_touch() -> None:
    """Several series are each as if alone, one that sells nothing among them."""
    indicator = np.vstack([INDICATOR, 0 * INDICATOR, INDICATOR[:, ::-1]])
    totals = np.vstack([ANNUAL, 0 * ANNUAL, 2 * ANNUAL])
    found = proportional_denton(indicator, totals=totals, groups=QUARTERS)
    for row in (0, 2):
        alone = proportional_denton(indicator[[row]], totals=totals[[row]], groups=QUARTERS)
        np.testing.assert_allclose(found[[row]], alone)
    assert (found[1] == 0).all()


@pytest.mark.parametrize(
    ("indicator", "totals", "groups", "match"),
    [
        ([1.0, -1.0], [1.0], [0, 0], "at least 0"),
        ([1.0, 1.0], [np.nan], [0, 0], "at least 0"),
        ([0.0, 1.0], [1.0, 1.0], [0, 1], "no indicator"),
        ([1.0, 1.0], [1.0, 1.0], [0, 0], "needs a group"),
        ([1.0, 1.0], [], [-1, -1], "needs a group"),
    ],
)
def test_unusable_totals_are_refused(
    indicator: list[float], totals: list[float], groups: list[int], match: str
) -> None:
    """Negative or unknown figures, and totals with nothing to carry them or nowhere to go, are refused."""
    with pytest.raises(ValueError, match=match):
        proportional_denton(np.array([indicator]), totals=np.array([totals]), groups=np.array(groups))

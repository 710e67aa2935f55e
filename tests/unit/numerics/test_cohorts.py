"""What became of opportunities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.cohorts import mature_cohorts, waits

# Weeks of remission of leukemia patients with and without 6-mercaptopurine: Freireich et al. (1963), Blood 21, 699-716.
TREATED = np.array([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], dtype=np.float64)
RELAPSED = np.arange(21) < 9
PLACEBO = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], dtype=np.float64)
MEDIAN = np.array([0.5])


def test_published_medians() -> None:
    """The median remissions are the published 23 and 8 weeks."""
    assert waits(TREATED, happened=RELAPSED, shares=MEDIAN).days.tolist() == [23.0]
    assert waits(PLACEBO, happened=PLACEBO > 0, shares=MEDIAN).days.tolist() == [8.0]


def test_interval_of_a_median() -> None:
    """The 95 % interval is where the log-log band crosses one half: 4 to 11 weeks, and 13 weeks to no end."""
    placebo = waits(PLACEBO, happened=PLACEBO > 0, shares=MEDIAN, confidence=0.95)
    treated = waits(TREATED, happened=RELAPSED, shares=MEDIAN, confidence=0.95)
    assert (placebo.low.tolist(), placebo.high.tolist()) == ([4.0], [11.0])
    assert treated.low.tolist() == [13.0]
    assert np.isnan(treated.high).all()


@settings(max_examples=50, deadline=None)
@given(
    drawn=st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=30), share=st.floats(0.05, 0.95)
)
def test_quantiles_are_in_order(drawn: list[tuple[int, bool]], share: float) -> None:
    """Longer shares take longer, a quantile is inside its interval, and open ones only ever lengthen it."""
    days, happened = np.array([d for d, _ in drawn], dtype=np.float64), np.array([h for _, h in drawn])
    found = waits(days, happened=happened, shares=np.array([share, (1 + share) / 2]))
    at, low, high = (np.nan_to_num(x, nan=np.inf) for x in (found.days, found.low, found.high))
    assert at[0] <= at[1]
    assert (low <= at).all()
    assert (at <= high).all()
    assert (at >= waits(days, happened=np.ones(len(days), dtype=np.bool_), shares=np.array([share])).days[0]).all()


def test_all_closed_is_the_plain_quantile() -> None:
    """With none open, the time by which a share has closed is the plain one."""
    days = np.array([4.0, 1.0, 3.0, 2.0])
    found = waits(days, happened=days > 0, shares=np.array([0.25, 0.5, 0.75, 0.9]))
    assert found.days.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_nothing_happened() -> None:
    """Where nothing ever closed, no time is known."""
    found = waits(np.array([5.0, 9.0]), happened=np.zeros(2, dtype=np.bool_), shares=MEDIAN)
    assert np.isnan([found.days, found.low, found.high]).all()


def test_young_cohorts_do_not_bias_conversion() -> None:
    """Wins that close fast look many among the closed; of those old enough, the rate is the true one."""
    rng = np.random.default_rng(4)
    ages = rng.uniform(0, 100, size=20000)
    wins = rng.random(20000) < 0.2
    days = np.where(wins, rng.uniform(5, 15, 20000), rng.uniform(40, 80, 20000))
    closed = days <= ages
    found = mature_cohorts(
        ages, won=wins & closed, closed=closed, days=days, groups=np.zeros(20000, dtype=np.int64), closed_share=0.99
    )
    assert (wins & closed).sum() / closed.sum() > 0.3
    assert found.won[0] / found.trials[0] == pytest.approx(0.2, abs=0.02)
    assert found.maturity_days == pytest.approx(80, abs=2)


def test_counts_by_group() -> None:
    """Old enough and too young add up to all in each group, and old ones still open count as not won."""
    ages = np.array([90.0, 90.0, 90.0, 2.0, 90.0, 2.0])
    closed = np.array([True, True, False, True, True, False])
    found = mature_cohorts(
        ages,
        won=np.array([True, False, False, True, True, False]),
        closed=closed,
        days=np.array([10.0, 20.0, np.nan, 1.0, 30.0, np.nan]),
        groups=np.array([0, 0, 0, 0, 2, 2]),
    )
    assert found.maturity_days == 30
    assert found.trials.tolist() == [3, 0, 1]
    assert found.won.tolist() == [1, 0, 1]
    assert found.open.tolist() == [1, 0, 0]
    assert found.too_young.tolist() == [1, 0, 1]


def test_what_never_closes_is_not_waited_for() -> None:
    """Where most stay open for ever, maturity is when those close that do; where none ever did, there is none."""
    some = np.array([True, False, False, False])
    ages, days, groups = np.full(4, 50.0), np.full(4, 10.0), np.zeros(4, dtype=np.int64)
    found = mature_cohorts(ages, won=some, closed=some, days=days, groups=groups)
    assert (found.maturity_days, found.trials.tolist(), found.won.tolist()) == (10.0, [4], [1])
    found = mature_cohorts(ages, won=~some & some, closed=~some & some, days=days, groups=groups)
    assert (found.maturity_days, found.trials.tolist(), found.too_young.tolist()) == (np.inf, [0], [4])


def test_unusable_opportunities_are_refused() -> None:
    """A win that is not closed, negative days and impossible shares are refused."""
    one, yes, no = np.ones(1), np.ones(1, dtype=np.bool_), np.zeros(1, dtype=np.bool_)
    with pytest.raises(ValueError, match="must be closed"):
        mature_cohorts(one, won=yes, closed=no, days=one, groups=np.zeros(1, dtype=np.int64))
    with pytest.raises(ValueError, match="closed share"):
        mature_cohorts(one, won=yes, closed=yes, days=one, groups=np.zeros(1, dtype=np.int64), closed_share=1.0)
    with pytest.raises(ValueError, match="days must be"):
        waits(-one, happened=yes, shares=MEDIAN)
    with pytest.raises(ValueError, match="shares must be"):
        waits(one, happened=yes, shares=one)

"""Pace on the plan's own curve."""

from __future__ import annotations

import numpy as np
import pytest

from planalloc.numerics.pace import pace

SEASON = np.array([10.0, 10.0, 20.0, 60.0])


def test_a_unit_on_its_curve_is_on_pace() -> None:
    """A tenth of the year at the end of the first quarter is all that was due, where a calendar asks for a quarter."""
    now = pace(np.array([10.0, 0.0, 0.0, 0.0]), SEASON, elapsed=np.array([1.0, 0.0, 0.0, 0.0]))
    assert [now.attainment, now.linearity, now.required] == pytest.approx([1.0, 1.0, 1.0])


def test_a_period_under_way_counts_in_part() -> None:
    """Half through the third quarter, 30 were due."""
    now = pace(np.array([10.0, 10.0, 4.0, 0.0]), SEASON, elapsed=np.array([1.0, 1.0, 0.5, 0.0]))
    assert now.attainment == pytest.approx(24 / 30)
    assert now.required == pytest.approx(76 / 70)


def test_all_in_the_last_period_is_not_linear() -> None:
    """Money that all comes at the end has the linearity of what was planned there, whatever its amount."""
    now = pace(np.array([[0.0, 0.0, 0.0, 100.0], [0.0, 0.0, 0.0, 7.0]]), SEASON, elapsed=np.ones(4))
    assert now.linearity == pytest.approx(np.array([0.6, 0.6]))
    assert now.attainment == pytest.approx(np.array([1.0, 0.07]))


def test_the_end_of_the_road() -> None:
    """When no plan is left nothing is required of who has arrived, and nothing finite of who has not."""
    actual = np.array([[10.0, 10.0, 20.0, 60.0], [10.0, 10.0, 20.0, 0.0]])
    assert pace(actual, SEASON, elapsed=np.ones(4)).required.tolist() == [0.0, np.inf]


def test_nothing_due_is_no_attainment() -> None:
    """Before anything was due there is nothing to attain, and nothing to be linear."""
    now = pace(np.zeros(2), np.array([0.0, 5.0]), elapsed=np.array([1.0, 0.0]))
    assert np.isnan(now.attainment)
    assert np.isnan(now.linearity)


def test_later_periods_are_left_out() -> None:
    """An amount dated after today changes nothing."""
    elapsed = np.array([1.0, 0.0])
    early, late = (pace(np.array([5.0, more]), np.array([5.0, 5.0]), elapsed=elapsed) for more in (0.0, 9.0))
    assert early == late

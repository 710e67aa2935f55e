"""Rules of sharing a period's activities out over its weeks (F-18): whole, near the even share, even in hours."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.sharing import shared_out

WEEKS = 5


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 30))
def test_each_week_is_within_one_of_its_share(seed: int, rows: int) -> None:
    """Rows keep their sums; each week has less than one from its even share, and weeks without days have none."""
    generator = np.random.default_rng(seed)
    count, group = generator.integers(0, 9, rows), generator.integers(0, 4, rows)
    days = generator.integers(0, 6, (4, WEEKS)) + np.eye(4, WEEKS, dtype=np.int64)
    parts = (days / days.sum(axis=1, keepdims=True))[group]
    found = shared_out(count, group=group, parts=parts, hours=generator.choice([0.0, 0.3, 2.5], rows))
    assert (found.sum(axis=1) == count).all()
    assert (np.abs(found - count[:, None] * parts) < 1).all()
    assert not found[parts == 0].any()


def test_single_activities_fall_in_different_weeks() -> None:
    """Five kinds of one activity each, of an hour: one in every week."""
    five = np.ones(5, dtype=np.int64)
    found = shared_out(five, group=0 * five, parts=np.full((5, WEEKS), 1 / WEEKS), hours=np.ones(5))
    assert found.sum(axis=0).tolist() == [1] * WEEKS


def test_hours_are_even() -> None:
    """A day of eight hours in one of two weeks, and eight calls of an hour: these fall in the other week."""
    parts, eight = np.full((9, 2), 0.5), np.ones(9, dtype=np.int64)
    found = shared_out(eight, group=0 * eight, parts=parts, hours=np.array([8.0, *[1.0] * 8]))
    assert (found.T @ np.array([8.0, *[1.0] * 8])).tolist() == [8.0, 8.0]


def test_groups_do_not_see_each_other() -> None:
    """Two reps with one activity each: both in the first week."""
    found = shared_out(np.array([1, 1]), group=np.array([0, 1]), parts=np.full((2, 2), 0.5), hours=np.ones(2))
    assert found.tolist() == [[1, 0], [1, 0]]


def test_what_takes_no_time_is_spread_as_well() -> None:
    """Two kinds of no hours, one activity each: one in each of two weeks."""
    found = shared_out(np.array([1, 1]), group=np.zeros(2, dtype=int), parts=np.full((2, 2), 0.5), hours=np.zeros(2))
    assert found.sum(axis=0).tolist() == [1, 1]


def test_what_is_settled_stays_and_the_rest_fits_in() -> None:
    """Two visits settled in the second of two weeks, and two calls as long: both calls fall in the first."""
    settled = np.array([[0, 2], [0, 0], [0, 0]])
    found = shared_out(
        np.array([2, 1, 1]), group=np.zeros(3, dtype=int), parts=np.full((3, 2), 0.5), hours=np.ones(3), settled=settled
    )
    assert found.tolist() == [[0, 2], [1, 0], [1, 0]]

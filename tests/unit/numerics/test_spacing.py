"""Visits keep an even pace for every account, fill every month exactly, and stay apart from each other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.spacing import filled, keep_apart, moved_apart, spread_evenly, staggered_phases

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints


@st.composite
def groups_of_visits(draw: st.DrawFn) -> tuple[Ints, Ints]:
    """Draw the visits of some accounts in a few groups."""
    sizes = draw(st.lists(st.integers(0, 12), min_size=1, max_size=3))
    groups = np.repeat(np.arange(len(sizes)), sizes)
    visits = draw(st.lists(st.sampled_from([0, 1, 2, 3, 8, 12]), min_size=len(groups), max_size=len(groups)))
    return np.array(visits, dtype=np.int64), groups.astype(np.int64)


def places_for(visits: Ints, groups: Ints, *, months: int, seed: int) -> tuple[Ints, Ints]:
    """Return places in months for each group, as many as it has visits, unevenly."""
    random = np.random.default_rng(seed)
    totals = np.bincount(groups, weights=visits, minlength=int(groups.max(initial=0)) + 1).astype(int)
    filled = [random.multinomial(total, random.dirichlet(np.ones(months))) for total in totals]
    return np.concatenate(filled).astype(np.int64), np.repeat(np.arange(len(totals)), months)


def gaps_of(account: Ints, which: int) -> Ints:
    """Return how many places lie between one visit of an account and the next."""
    places: Ints = np.flatnonzero(account == which).astype(np.int64)
    return places[1:] - places[:-1]


@settings(max_examples=50, deadline=None)
@given(case=groups_of_visits(), seed=st.integers(0, 1000))
def test_both_margins_are_exact(case: tuple[Ints, Ints], seed: int) -> None:
    """Each account has its visits, each month its places, and no account has a place of another group."""
    visits, groups = case
    places, place_groups = places_for(visits, groups, months=5, seed=seed)
    phases = staggered_phases(visits, groups=groups)
    account, stretch = spread_evenly(visits, phases, groups=groups, places=places, place_groups=place_groups)
    assert np.array_equal(np.bincount(account, minlength=len(visits)), visits)
    assert np.array_equal(np.bincount(stretch, minlength=len(places)), places)
    assert np.array_equal(groups[account], place_groups[stretch])


@settings(max_examples=50, deadline=None)
@given(case=groups_of_visits())
def test_gaps_are_even_but_for_other_rhythms(case: tuple[Ints, Ints]) -> None:
    """Between two visits of one account are V / f places, less than C off, for C rhythms in the group."""
    visits, groups = np.sort(case[0]), np.zeros_like(case[1])
    total, rhythms = int(visits.sum()), len(set(visits[visits > 0].tolist()))
    phases = staggered_phases(visits, groups=groups)
    account, _ = spread_evenly(
        visits, phases, groups=groups, places=np.array([total]), place_groups=np.zeros(1, dtype=np.int64)
    )
    for which in np.flatnonzero(visits > 1).tolist():
        assert (abs(gaps_of(account, which) - total / visits[which]) < rhythms).all()


def test_one_rhythm_has_equal_gaps() -> None:
    """Forty accounts with 8 calls each are called in turn: 40 places from call to call."""
    visits, groups = np.full(40, 8), np.zeros(40, dtype=np.int64)
    account, _ = spread_evenly(
        visits,
        staggered_phases(visits, groups=groups),
        groups=groups,
        places=np.array([320]),
        place_groups=np.array([0]),
    )
    assert all((gaps_of(account, which) == 40).all() for which in range(40))


@settings(max_examples=50, deadline=None)
@given(case=groups_of_visits(), other=st.lists(st.sampled_from([0, 2, 3, 8]), min_size=36, max_size=36))
def test_phases_are_staggered_in_each_class(case: tuple[Ints, Ints], other: list[int]) -> None:
    """The n accounts of one rhythm begin at 1/2n, 3/2n, ..., whatever they keep away from."""
    visits, groups = case
    beside = np.array(other[: len(visits)], dtype=np.int64)
    phases = staggered_phases(visits, groups=groups, beside=beside, beside_phases=np.linspace(0.01, 0.99, len(visits)))
    for kind in set(zip(groups, visits, beside, strict=True)):
        inside = (groups == kind[0]) & (visits == kind[1]) & (beside == kind[2])
        size = int(inside.sum())
        assert np.sort(phases[inside]) == pytest.approx((np.arange(size) + 0.5) / size)


def distances(many: int, phases: Floats, beside: int, beside_phases: Floats) -> Floats:
    """Return each account's least distance between a visit of one kind and one of the other, round the year."""
    ours = (np.arange(many) + phases[:, None]) / many
    theirs = (np.arange(beside) + beside_phases[:, None]) / beside
    apart = np.abs(ours[:, :, None] - theirs[:, None, :])
    nearest: Floats = np.minimum(apart, 1 - apart).min(axis=(1, 2))
    return nearest


def test_meetings_keep_away_from_calls() -> None:
    """Eight calls and three meetings can be 1/48 of a year apart at best; of 40 accounts none has less than half."""
    calls, meetings, groups = np.full(40, 8), np.full(40, 3), np.zeros(40, dtype=np.int64)
    called = staggered_phases(calls, groups=groups)
    met = staggered_phases(meetings, groups=groups, beside=calls, beside_phases=called)
    assert distances(3, met, 8, called).min() >= 1 / 96
    assert distances(3, staggered_phases(meetings, groups=groups), 8, called).min() < 1 / 96


def test_places_that_do_not_fit_the_visits_are_refused() -> None:
    """Three visits do not go into two places."""
    one = np.zeros(1, dtype=np.int64)
    with pytest.raises(ValueError, match="as many places as visits"):
        spread_evenly(np.array([3]), np.array([0.5]), groups=one, places=np.array([2]), place_groups=one)


def test_stretches_out_of_order_are_refused() -> None:
    """Time runs within a group, so its stretches stand together."""
    with pytest.raises(ValueError, match="in order of their groups"):
        spread_evenly(
            np.array([1, 1]), np.array([0.5, 0.5]), groups=np.array([0, 1]), places=np.array([1, 1]),
            place_groups=np.array([1, 0]),
        )  # fmt: skip


@st.composite
def weeks_of_visits(draw: st.DrawFn) -> tuple[Ints, Ints, Ints]:
    """Draw accounts, weeks and stretches of visits, many of which meet."""
    sizes = draw(st.lists(st.integers(1, 10), min_size=1, max_size=4))
    stretch = np.repeat(np.arange(len(sizes)), sizes)
    account = draw(st.lists(st.integers(0, 6), min_size=len(stretch), max_size=len(stretch)))
    week = draw(st.lists(st.integers(0, 4), min_size=len(stretch), max_size=len(stretch)))
    return np.array(account), np.array(week), stretch


def meetings_of(account: Ints, week: Ints) -> int:
    """Count the visits beyond the first that accounts have in a week."""
    return len(account) - len(set(zip(account.tolist(), week.tolist(), strict=True)))


@settings(max_examples=100, deadline=None)
@given(case=weeks_of_visits())
def test_swaps_keep_every_margin_and_bring_nobody_together(case: tuple[Ints, Ints, Ints]) -> None:
    """Each stretch keeps how many visits each of its weeks has, and no more visits meet than before."""
    account, week, stretch = case
    found = keep_apart(account, week, stretch=stretch)
    for one in range(int(stretch.max()) + 1):
        assert sorted(found[stretch == one]) == sorted(week[stretch == one])
    assert meetings_of(account, found) <= meetings_of(account, week)


def test_two_visits_in_one_week_part_where_another_can_swap() -> None:
    """Account 0 has two calls in week 0; account 1 gives its week 1 for one of them."""
    assert keep_apart(np.array([0, 0, 1]), np.array([0, 0, 1]), stretch=np.zeros(3, dtype=np.int64)).tolist() == [
        0,
        1,
        0,
    ]


def test_apart_already_stays_as_it_is() -> None:
    """Where nobody has two visits in a week, nothing moves."""
    week = np.array([0, 1, 1, 2])
    assert keep_apart(np.array([0, 0, 1, 1]), week, stretch=np.zeros(4, dtype=np.int64)).tolist() == week.tolist()


def test_nobody_swaps_with_the_next_month() -> None:
    """A visit that meets another has nobody in its own stretch to swap with, and stays."""
    account, week = np.array([0, 0, 1]), np.array([0, 0, 1])
    assert keep_apart(account, week, stretch=np.array([0, 0, 1])).tolist() == [0, 0, 1]


def test_calls_of_an_account_are_far_apart_in_order_of_time() -> None:
    """Places fill from the first stretch on: two accounts with 2 visits alternate."""
    account, stretch = spread_evenly(
        np.array([2, 2]), np.array([0.25, 0.75]), groups=np.zeros(2, dtype=np.int64), places=np.array([3, 1]),
        place_groups=np.zeros(2, dtype=np.int64),
    )  # fmt: skip
    assert account.tolist() == [0, 1, 0, 1]
    assert stretch.tolist() == [0, 0, 0, 1]
    assert all(early != late for early, late in pairwise(account.tolist()))


@st.composite
def weeks_to_fill(draw: st.DrawFn) -> tuple[Ints, Ints, Ints]:
    """Draw what is due by the end of each of some weeks, and the bounds of each, which all of it keeps to."""
    weeks = draw(st.integers(1, 6))
    least = np.array(draw(st.lists(st.integers(0, 3), min_size=weeks, max_size=weeks)))
    most = least + np.array(draw(st.lists(st.integers(0, 3), min_size=weeks, max_size=weeks)))
    whole = draw(st.integers(int(least.sum()), int(most.sum())))
    due = np.sort(draw(st.lists(st.integers(0, whole), min_size=weeks - 1, max_size=weeks - 1)))
    return np.append(due, whole).astype(np.int64)[None], least[None], most[None]


@settings(max_examples=100, deadline=None)
@given(case=weeks_to_fill())
def test_weeks_are_filled_within_their_bounds(case: tuple[Ints, Ints, Ints]) -> None:
    """All visits find a week, none of which has more or fewer than it takes."""
    due, least, most = case
    found = filled(due, least=least, most=most)
    assert found.sum() == due[0, -1]
    assert (least <= found).all()
    assert (found <= most).all()


@settings(max_examples=50, deadline=None)
@given(case=weeks_to_fill())
def test_weeks_without_bounds_are_filled_as_is_due(case: tuple[Ints, Ints, Ints]) -> None:
    """Where every week takes anything, each has what falls due in it."""
    due = case[0]
    free = np.zeros_like(due), np.full_like(due, due[0, -1])
    assert np.cumsum(filled(due, least=free[0], most=free[1])).tolist() == due[0].tolist()


@settings(max_examples=100, deadline=None)
@given(case=weeks_of_visits(), spare=st.integers(0, 2))
def test_moves_keep_to_the_bounds_and_bring_nobody_together(case: tuple[Ints, Ints, Ints], spare: int) -> None:
    """Each stretch keeps its visits, each of its weeks stays within its bounds, and no more visits meet than before."""
    account, week, stretch = case
    many = int(stretch.max()) + 1
    held = np.zeros((many, 5), dtype=np.int64)
    np.add.at(held, (stretch, week), 1)
    bounds = np.maximum(held - spare, 0), held + spare
    within = np.zeros(many, dtype=np.int64), np.full(many, 5)
    found = moved_apart(account, week, stretch=stretch, weeks=np.arange(5), within=within, bounds=bounds)
    after = np.zeros_like(held)
    np.add.at(after, (stretch, found), 1)
    assert (bounds[0] <= after).all()
    assert (after <= bounds[1]).all()
    assert meetings_of(account, found) <= meetings_of(account, week)


def test_a_visit_that_meets_another_moves_to_the_next_week() -> None:
    """Two visits of one account in week 1 of a month of three, which may have one each: the first moves on."""
    bounds = np.zeros((1, 3), dtype=np.int64), np.full((1, 3), 2)
    found = moved_apart(
        np.array([0, 0]),
        np.array([1, 1]),
        stretch=np.zeros(2, dtype=np.int64),
        weeks=np.arange(3),
        within=(np.array([0]), np.array([3])),
        bounds=bounds,
    )
    assert found.tolist() == [2, 1]

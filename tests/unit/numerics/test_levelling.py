"""Rules of levelling activities (F-18): within the hours, nothing lost, nothing moved without need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.apportion import cumulative_round
from planalloc.numerics.levelling import Kind, levelled

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

REPS, PERIODS = 4, 6


@dataclass(frozen=True)
class Asked:
    """What is asked of some reps: floats by kind, rep and period, hours and priority of each kind, and the room."""

    planned: Floats
    hours: Floats
    priority: Floats
    room: Floats

    @property
    def rounded(self) -> Ints:
        """The running rounding, shape (K, R, T)."""
        return cumulative_round(self.planned)

    def answer(self) -> tuple[Ints, Ints]:
        """Return levelled counts, shape (K, R, T), and what is left out, shape (K, R)."""
        kinds = [
            Kind.of(count, planned=planned, hours=float(hours), priority=float(priority))
            for count, planned, hours, priority in zip(
                self.rounded, self.planned, self.hours, self.priority, strict=True
            )
        ]
        counts, left_out = levelled(kinds, room=self.room)
        return np.stack(counts), np.stack(left_out)

    def load(self, counts: Ints | Floats) -> Floats:
        """Return hours by rep and period."""
        load: Floats = np.tensordot(self.hours, counts, axes=1)
        return load


@st.composite
def asked(draw: st.DrawFn, *, most_room: float = 1.3) -> Asked:
    """Draw work of some reps who are away in some periods, and hours around what it takes."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = draw(st.integers(1, 8))
    there = generator.random((REPS, PERIODS)) < 0.8
    mean = draw(st.sampled_from([0.3, 2.0, 10.0]))
    planned = generator.gamma(1.0, mean, (kinds, REPS, PERIODS)) * there
    hours = generator.choice([0.0, 0.1, 0.3, 1.0, 2.5, 4.0], kinds)
    priority = generator.choice([1.0, 1.0, 2.0], kinds)
    factor = draw(st.sampled_from([0.5, 1.0, 1.0, 1.05, most_room]))
    return Asked(planned, hours, priority, np.tensordot(hours, planned, axes=1) * factor)


few = settings(max_examples=60, deadline=None)


@few
@given(asked())
def test_nobody_works_more_than_their_hours(one: Asked) -> None:
    """In no period do whole activities take more hours than there are."""
    counts, _ = one.answer()
    assert (counts >= 0).all()
    assert (one.load(counts) <= one.room * (1 + 1e-8) + 1e-8).all()


@few
@given(asked())
def test_the_rounded_year_is_scheduled_or_told(one: Asked) -> None:
    """Kind by kind, what is scheduled and what is left out are the rounded year."""
    counts, left_out = one.answer()
    assert (left_out >= 0).all()
    assert (counts.sum(axis=2) + left_out == one.rounded.sum(axis=2)).all()


@few
@given(asked())
def test_nothing_is_done_while_away(one: Asked) -> None:
    """Activities that take time are not moved into a period without hours."""
    counts, _ = one.answer()
    assert not counts[one.hours > 0][:, one.room == 0].any()


@few
@given(asked())
def test_who_has_the_hours_keeps_the_running_rounding(one: Asked) -> None:
    """Reps whose running rounding fits have it to the last count, whatever happens to others."""
    counts, left_out = one.answer()
    fits = (one.load(one.rounded) <= one.room).all(axis=1)
    assert (counts[:, fits] == one.rounded[:, fits]).all()
    assert not left_out[:, fits].any()


@few
@given(asked())
def test_nothing_that_would_fit_is_left_out(one: Asked) -> None:
    """What is left out takes more hours than any period has left."""
    counts, left_out = one.answer()
    most = (one.room - one.load(counts)).max(axis=1)
    waiting = np.where(left_out > 0, one.hours[:, None], np.inf).min(axis=0)
    assert (waiting > most - 1e-6).all()


@few
@given(asked())
def test_what_is_left_out_is_what_rounding_makes(one: Asked) -> None:
    """Where the plan in floats fits: half an activity of each kind, and in each period one of the shortest left out."""
    if (one.load(one.planned) > one.room * (1 + 1e-9)).any():
        return
    _, left_out = one.answer()
    hours = (one.hours[:, None] * left_out).sum(axis=0)
    shortest = np.where(left_out > 0, one.hours[:, None], np.inf).min(axis=0)
    assert (hours <= one.hours.sum() / 2 + PERIODS * shortest + 1e-6).all()


@few
@given(asked())
def test_the_lower_priority_is_left_out(one: Asked) -> None:
    """Nothing is left out while something planned takes as long and has a lower priority."""
    counts, left_out = one.answer()
    for high in range(len(one.hours)):
        for low in range(len(one.hours)):
            if one.hours[low] == one.hours[high] and one.priority[low] < one.priority[high]:
                assert not counts[low][left_out[high] > 0].any()


@few
@given(asked(), st.permutations(range(REPS)))
def test_the_order_of_reps_plays_no_part(one: Asked, order: list[int]) -> None:
    """S-3: reps in another order get what they got."""
    other = Asked(one.planned[:, order], one.hours, one.priority, one.room[order])
    for these, those in zip(one.answer(), other.answer(), strict=True):
        assert (these[:, order] == those).all()


def test_many_reps_are_answered_as_each_alone() -> None:
    """A thousand copies of some reps all get what these get."""
    generator = np.random.default_rng(3)
    planned, hours = generator.gamma(1.0, 2.0, (5, REPS, PERIODS)), np.array([0.1, 0.3, 1.0, 2.5, 4.0])
    room = np.tensordot(hours, planned, axes=1)
    few_counts, _ = Asked(planned, hours, np.ones(5), room).answer()
    counts, _ = Asked(np.tile(planned, (1, 1000, 1)), hours, np.ones(5), np.tile(room, (1000, 1))).answer()
    assert (counts == np.tile(few_counts, (1, 1000, 1))).all()


# -- by hand ----------------------------------------------------------------------------------------------------------


def levels(rounded: list[list[int]], planned: list[list[float]], room: list[float], **fields: Any) -> Any:
    """Return the counts of one rep, by kind, and what is left out; every activity takes an hour unless said."""
    hours = fields.get("hours", [1.0] * len(rounded))
    priority = fields.get("priority", [1.0] * len(rounded))
    kinds = [
        Kind.of(np.array([count]), planned=np.array([floats]), hours=each, priority=weight)
        for count, floats, each, weight in zip(rounded, planned, hours, priority, strict=True)
    ]
    counts, left_out = levelled(kinds, room=np.array([room]))
    return [count[0].tolist() for count in counts], [int(left[0]) for left in left_out]


def test_the_earlier_of_two_as_near() -> None:
    """One too many in the middle of three periods, the other two have room: it is done in the first."""
    assert levels([[1, 2, 1]], [[1, 1, 1]], [2, 1, 2]) == ([[2, 1, 1]], [0])


def test_the_nearer_one_though_it_is_later() -> None:
    """Room in the period after, and two periods before: it is done after."""
    assert levels([[1, 1, 2, 1]], [[1, 1, 1, 1]], [2, 1, 1, 2]) == ([[1, 1, 1, 2]], [0])


def test_what_rounding_put_there_gives_way() -> None:
    """Of two kinds in a period that is over, the one that was rounded up moves, not the one that was rounded down."""
    assert levels([[1, 2], [1, 2]], [[1, 2.4], [1, 1.6]], [3, 3]) == ([[1, 2], [2, 1]], [0, 0])


def test_a_period_without_hours_is_passed_over() -> None:
    """The period before has no hours: the one before that gets it."""
    assert levels([[0, 0, 2]], [[0, 0, 1.5]], [1, 0, 1]) == ([[1, 0, 1]], [0])


def test_what_fits_nowhere_is_left_out() -> None:
    """Three hours are asked for and two are there: one activity is left out, not lost."""
    assert levels([[2, 1]], [[1.5, 1]], [1, 1]) == ([[1, 1]], [1])


def test_long_ones_get_the_place_of_short_ones() -> None:
    """A meeting of three hours finds two and a half in each period: one call makes place, and is left out."""
    counts, left_out = levels([[2, 0], [2, 2]], [[1.4, 0.6], [2, 2]], [5.5, 4.5], hours=[3.0, 1.0])
    assert (counts, left_out) == ([[1, 1], [2, 1]], [0, 1])


@pytest.mark.parametrize("priority", [[1.0, 2.0], [2.0, 1.0]])
def test_priority_says_what_is_left_out(priority: list[float]) -> None:
    """One hour for two activities: that of the higher priority is done."""
    counts, left_out = levels([[1], [1]], [[0.6], [0.5]], [1], priority=priority)
    assert left_out == [int(priority[0] < priority[1]), int(priority[0] > priority[1])]
    assert [count[0] for count in counts] == [1 - left for left in left_out]


def test_what_takes_no_time_stays() -> None:
    """An activity of no hours is never in the way."""
    assert levels([[2, 0], [1, 0]], [[1, 1], [1, 0]], [1, 1], hours=[1.0, 0.0]) == ([[1, 1], [1, 0]], [0, 0])

"""Rules of review rhythms: whom one is for, and the periods it speaks of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import planalloc as pa
from planalloc.model.rhythm import Meet, Revise, days_between, meeting_periods, rhythms_of

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY = (*get_args(Meet), *get_args(Revise))


def test_what_says_most_about_a_rep_holds() -> None:
    """A rep's own rhythm comes before that of the seniority, and that before the one for all."""
    common, junior, own = (pa.ReviewRhythm(**one) for one in ({}, {"seniority": "junior"}, {"rep": "alice"}))
    reps = [pa.Rep(id="alice", seniority="junior"), pa.Rep(id="bruno", seniority="junior"), pa.Rep(id="chloe")]
    assert rhythms_of([common, junior, own], reps) == [own, junior, common]
    assert rhythms_of([own, junior], reps) == [own, junior, None]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"rep": "alice", "seniority": "junior"}, "two_scopes"),
        ({"minutes": 0}, "out_of_range"),
        ({"minutes": 1441}, "out_of_range"),
        ({"minutes": 22.5}, "not_whole"),
        ({"meet": "day"}, "unknown_value"),
        ({"revise": "week"}, "unknown_value"),
    ],
)
def test_a_rhythm_that_means_nothing_is_refused(fields: dict[str, Any], code: str) -> None:
    """A rhythm is for a rep or for a seniority, its minutes fit in a day, and its intervals are known."""
    with pytest.raises(ValidationError) as caught:
        pa.ReviewRhythm(**fields)
    assert [error["type"] for error in caught.value.errors()] == [code]


@given(start=st.dates(date(2020, 1, 1), date(2030, 12, 31)), days=st.integers(0, 800), every=st.sampled_from(EVERY))
@settings(max_examples=50, deadline=None)
def test_meeting_periods_fill_the_horizon(start: date, days: int, every: Any) -> None:
    """They follow one another without a gap, from the first day to the last, and bear different ids."""
    calendar = pa.Calendar(start=start, end=start + timedelta(days=days))
    periods = meeting_periods(every, calendar)
    starts = [one.start for one in periods]
    assert starts[0] == calendar.start
    assert [one.end + timedelta(days=1) for one in periods] == [*starts[1:], calendar.end + timedelta(days=1)]
    assert len({one.id for one in periods}) == len(periods)


def test_a_pair_of_weeks_is_two_weeks() -> None:
    """From a Monday on, two weeks are 14 days, and one left over at the end is 7."""
    calendar = pa.Calendar(start=date(2027, 1, 4), end=date(2027, 2, 7))
    lengths = [(one.end - one.start).days + 1 for one in meeting_periods("two_weeks", calendar)]
    assert lengths == [14, 14, 7]
    assert days_between("two_weeks", calendar) == 14


@pytest.mark.parametrize("change", [lambda one: one.but(minutes=30), lambda one: one.but(formality="informal")])
def test_a_rhythm_is_replaced_by_one_for_the_same_people(
    change: Callable[[pa.ReviewRhythm], pa.ReviewRhythm],
) -> None:
    """Two rhythms for the same people are the same record, so that a problem exchanges one for the other."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=1, currency="EUR", shares={"A": 1}, reps=["alice"])
    juniors = pa.ReviewRhythm(seniority="junior")
    changed = problem.add(juniors, pa.ReviewRhythm()).replace(change(juniors))
    assert changed.rhythms == (change(juniors), pa.ReviewRhythm())

"""Rules of reps and teams: dates in order, and who may carry which line."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

import planalloc as pa

LINES = {
    "A": pa.Target(segment="A", share=1),
    "A new": pa.Target(segment="A", business="new", share=1),
    "A suite new": pa.Target(segment="A", product="suite", business="new", share=1),
    "B": pa.Target(segment="B", share=1),
    "B suite": pa.Target(segment="B", product="suite", share=1),
}


def error_of(record: Any, **fields: Any) -> tuple[str, str]:
    """Return the type and the words of the one thing that is wrong with a record."""
    with pytest.raises(ValidationError) as caught:
        record(**fields)
    (error,) = caught.value.errors()
    return error["type"], error["msg"]


@pytest.mark.parametrize(
    ("covers", "lines"),
    [
        (None, ["A", "A new", "A suite new", "B", "B suite"]),
        ([], []),
        (["A"], ["A", "A new", "A suite new"]),
        (["A", "B"], ["A", "A new", "A suite new", "B", "B suite"]),
        ([pa.Scope(business="new")], ["A new", "A suite new"]),
        ([pa.Scope(product="suite")], ["A suite new", "B suite"]),
        ([pa.Scope(segment="A", product="suite", business="new")], ["A suite new"]),
        ([pa.Scope(segment="A", business="existing")], []),
        ([pa.Scope(segment="A", business="new"), "B"], ["A new", "A suite new", "B", "B suite"]),
    ],
)
def test_a_rep_may_carry_what_agrees_with_one_scope(covers: Any, lines: list[str]) -> None:
    """A line is carried where some scope agrees with it in every part that the scope gives; no covers means all."""
    rep = pa.Rep(id="alice", covers=covers)
    assert [name for name, line in LINES.items() if rep.may_carry(line)] == lines


def test_a_scope_names_something() -> None:
    """An empty scope would be everything by accident."""
    assert error_of(pa.Scope)[0] == "scope_empty"


def test_a_scope_may_be_written_as_a_dict() -> None:
    """Inside covers, a text is a segment and a dict is a scope."""
    rep = pa.Rep(id="a", covers=["A", {"segment": "B", "business": "new"}])
    assert rep.covers == ("A", pa.Scope(segment="B", business="new"))


def test_accounts_count_by_business_where_they_are_split() -> None:
    """20 accounts are 20; 12 new and 8 existing are 20 together, 12 or 8 by business; another segment has none."""
    rep = pa.Rep(id="a", accounts={"A": 20, "B": {"new": 12, "existing": 8}, "C": {"new": 3}})
    assert (rep.count("A"), rep.count("A", "new")) == (20, 20)
    assert (rep.count("B"), rep.count("B", "new"), rep.count("B", "existing")) == (20, 12, 8)
    assert (rep.count("C"), rep.count("C", "existing")) == (3, 0)
    assert rep.count("D") == 0


def test_accounts_are_split_by_business_only() -> None:
    """Prospects are "new"; no other word is one of the two."""
    with pytest.raises(ValidationError, match="'new' or 'existing'"):
        pa.Rep(id="a", accounts={"A": {"prospects": 12}})


def test_a_rep_does_not_leave_before_starting() -> None:
    """The end is not before the start; one day of employment is fine."""
    day = date(2027, 3, 1)
    assert error_of(pa.Rep, id="a", start=day, end=date(2027, 2, 28))[0] == "rep_reversed"
    assert pa.Rep(id="a", start=day, end=day).end == day


def test_a_ramp_needs_a_first_day() -> None:
    """Tenure counts from the start."""
    assert error_of(pa.Rep, id="a", ramp=pa.Ramp(months=[0.5]))[0] == "ramp_without_start"


@pytest.mark.parametrize(
    ("months", "kind"), [([], "nothing_given"), ([0.5, 0], "out_of_range"), ([1.1], "out_of_range")]
)
def test_a_ramp_is_a_series_of_parts(months: list[float], kind: str) -> None:
    """Productivity is above 0 and 1 at most, and a ramp has at least one month."""
    assert error_of(pa.Ramp, months=months)[0] == kind


def test_an_absence_does_not_end_before_it_starts() -> None:
    """One day away has the same start and end; an end before it is refused."""
    day = date(2027, 3, 1)
    assert pa.Absence(start=day, end=day).end == day
    assert error_of(pa.Absence, start=day, end=date(2027, 2, 28))[0] == "absence_reversed"


@pytest.mark.parametrize(
    ("record", "fields", "accepted"),
    [
        (pa.Rep, {"id": "a", "hours_per_week": 0}, False),
        (pa.Rep, {"id": "a", "hours_per_week": 168}, True),
        (pa.Rep, {"id": "a", "hours_per_week": 169}, False),
        (pa.Rep, {"id": "a", "selling_share": 0}, True),
        (pa.Team, {"id": "a", "hedge": -1}, False),
        (pa.Team, {"id": "a", "hedge": -0.1}, True),
        (pa.Team, {"id": "a", "hedge": 5}, True),
        (pa.SalesForce, {"reps": [], "leave_days": 366}, True),
        (pa.SalesForce, {"reps": [], "leave_days": -1}, False),
    ],
)
def test_ranges_of_people(record: Any, fields: dict[str, Any], *, accepted: bool) -> None:
    """A week has 168 hours, a year 366 days, and a hedge takes off less than all (S-5)."""
    if accepted:
        assert record(**fields).but() == record(**fields)
    else:
        assert error_of(record, **fields)[0] == "out_of_range"

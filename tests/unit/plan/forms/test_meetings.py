"""Rules of the calendar file: the same meetings by the same ids, whatever the version."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import icalendar

import planalloc as pa

if TYPE_CHECKING:
    from pathlib import Path


def events(part: pa.RepPlan, path: Path, locale: str = "en", on: date | None = None) -> list[Any]:
    """Write a calendar file and read its entries back."""
    part.to_ics(path / "form.ics", locale, on=on)
    return icalendar.Calendar.from_ical((path / "form.ics").read_bytes()).walk("VEVENT")


def test_each_review_point_is_an_entry_of_its_day(plan: pa.Plan, tmp_path: Path) -> None:
    """All day long, as the hour is for the two of them to agree on."""
    points = plan.rep("alice").review_points.to_dicts()
    found = events(plan.rep("alice"), tmp_path)
    assert len(points) >= 12
    assert [one.decoded("dtstart") for one in found] == [row["date"] for row in points]
    assert all(one.decoded("dtend") - one.decoded("dtstart") == timedelta(days=1) for one in found)


def test_ids_are_those_of_the_review_points(plan: pa.Plan, tmp_path: Path) -> None:
    """Stable, and each only once."""
    ids = [str(one["uid"]) for one in events(plan.rep("alice"), tmp_path)]
    points = [row["id"] for row in plan.rep("alice").review_points.to_dicts()]
    assert [re.sub("-[0-9a-f]{8}@planalloc$", "", one) for one in ids] == points
    assert len(set(ids)) == len(ids)


def test_a_later_version_replaces_an_earlier_one(plan: pa.Plan, tmp_path: Path) -> None:
    """Same ids, a higher sequence, a later stamp."""
    old, new = (events(plan.rep("alice"), tmp_path, on=date(2026, 11, day)) for day in (23, 24))
    assert [one["uid"] for one in old] == [one["uid"] for one in new]
    assert all(b["sequence"] > a["sequence"] for a, b in zip(old, new, strict=True))
    assert new[0].decoded("dtstamp") == datetime(2026, 11, 24, tzinfo=UTC)


def test_nothing_comes_from_the_clock(plan: pa.Plan, tmp_path: Path) -> None:
    """Without a date the stamp is the first day of the plan, and the bytes are always the same."""
    first = events(plan.rep("alice"), tmp_path)[0]
    content = (tmp_path / "form.ics").read_bytes()
    plan.rep("alice").to_ics(tmp_path / "form.ics")
    assert (tmp_path / "form.ics").read_bytes() == content
    assert (first.decoded("dtstamp"), first["sequence"]) == (datetime(2027, 1, 1, tzinfo=UTC), 0)


def test_entries_say_who_what_and_which_version(plan: pa.Plan, tmp_path: Path) -> None:
    """In the language of the form; names are data, not fields of the file."""
    found = events(plan.rep("bruno"), tmp_path, locale="fr")
    assert {str(one["summary"]) for one in found} == {"Entretien : Bruno", "Révision du plan : Bruno"}
    assert f"Version {plan.version}" in str(found[0]["description"])


def test_a_month_has_its_own_meetings(plan: pa.Plan, tmp_path: Path) -> None:
    """Those that fall in it."""
    found = events(plan.rep("alice").period("2027-03"), tmp_path)
    assert {one.decoded("dtstart").month for one in found} == {3}


def test_a_plan_without_review_points_is_a_calendar_without_entries(tmp_path: Path) -> None:
    """Nobody asked for meetings, so that there are none; the file has the component that RFC 5545 (3.6) asks for."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1}, reps=["alice"])
    assert events(pa.allocate(problem).rep("alice"), tmp_path) == []
    calendar = icalendar.Calendar.from_ical((tmp_path / "form.ics").read_bytes())
    assert [(one.name, str(one["tzid"])) for one in calendar.subcomponents] == [("VTIMEZONE", "Etc/UTC")]
    assert b"TZOFFSETTO:+0000" in (tmp_path / "form.ics").read_bytes()

"""Rules of review points: on which day they fall, who is there, and what they are called."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.plan.review_points import review_points

MONTHLY = pa.ReviewRhythm(meet="month", revise="year")
"""No revision in a plan of one year: meetings alone."""


def problem(*reps: pa.Rep, rhythms: Any = (MONTHLY,), teams: Any = (), **calendar: Any) -> pa.PlanningProblem:
    """Return a problem of 2027 in which these reps sell, Alice alone unless said otherwise."""
    made = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1}, reps=["alice"])
    staff = reps or (pa.Rep(id="alice"),)
    return made.but(
        calendar=made.calendar.but(**calendar), sales_force=pa.SalesForce(reps=staff, teams=teams), rhythms=rhythms
    )


def days(one: pa.PlanningProblem, **conditions: Any) -> list[str]:
    """Return the days of review points as text."""
    found: list[str] = review_points(one).where(**conditions)["date"].astype(str).tolist()
    return found


def test_without_a_rhythm_there_are_no_review_points() -> None:
    """Nobody is invited to meetings that nobody asked for; the table has its columns all the same."""
    none = review_points(problem(rhythms=()))
    assert len(none) == 0
    assert none.columns == ("rep", "manager", "date", "kind", "formality", "minutes", "id")


def test_a_meeting_falls_on_the_first_working_day_of_its_period() -> None:
    """In 2027 the first of May and of August are weekend days, so that people meet on the Monday after."""
    assert days(problem())[3:9] == ["2027-04-01", "2027-05-03", "2027-06-01", "2027-07-01", "2027-08-02", "2027-09-01"]


def test_nobody_meets_on_a_public_holiday() -> None:
    """New Year's Day 2027, a Friday, is a holiday in France: the meeting of January is on Monday the 4th."""
    pytest.importorskip("holidays")
    assert days(problem())[0] == "2027-01-01"
    assert days(problem(country="FR"))[0] == "2027-01-04"


def test_nobody_meets_during_an_absence() -> None:
    """A meeting waits for the first day back, and a period away from its first to its last day has none."""
    away = pa.Absence(start=date(2027, 2, 1), end=date(2027, 3, 9))
    assert days(problem(pa.Rep(id="alice", absences=[away])))[:3] == ["2027-01-01", "2027-03-10", "2027-04-01"]


def test_meetings_lie_within_employment() -> None:
    """The first is on the first working day, and none is after the last day."""
    rep = pa.Rep(id="alice", start=date(2027, 3, 20), end=date(2027, 6, 1))
    assert days(problem(rep)) == ["2027-03-22", "2027-04-01", "2027-05-03", "2027-06-01"]
    assert days(problem(rep.but(end=date(2027, 5, 2)))) == ["2027-03-22", "2027-04-01"]


def test_a_revision_takes_the_place_of_the_meeting_of_its_week() -> None:
    """The quarter that begins on Thursday, 1 April has its revision then, and no other meeting in that week."""
    weekly = problem(rhythms=[pa.ReviewRhythm(meet="week", revise="quarter")])
    assert days(weekly)[12:16] == ["2027-03-22", "2027-04-01", "2027-04-05", "2027-04-12"]
    assert days(weekly, kind="revision") == ["2027-04-01", "2027-07-01", "2027-10-01"]


def test_a_new_plan_is_not_revised() -> None:
    """Revisions begin with the second period in which the rep is there: the plan is new in the first."""
    quarterly = [pa.ReviewRhythm()]
    assert days(problem(rhythms=quarterly), kind="revision") == ["2027-04-01", "2027-07-01", "2027-10-01"]
    late = pa.Rep(id="alice", start=date(2027, 5, 10))
    assert days(problem(late, rhythms=quarterly), kind="revision") == ["2027-07-01", "2027-10-01"]
    assert days(problem(late, rhythms=quarterly), kind="meeting")[0] == "2027-05-10"


def test_an_id_does_not_depend_on_the_day() -> None:
    """Another version of the plan, in which the rep is away, has the same ids on other days."""
    away = pa.Rep(id="alice", absences=[pa.Absence(start=date(2027, 7, 1), end=date(2027, 7, 9))])
    first, second = (review_points(one) for one in (problem(), problem(away)))
    assert first["id"].tolist() == second["id"].tolist()
    assert first["id"][6] == "alice-meeting-2027-07"
    assert (first["date"] != second["date"]).sum() == 1


def test_the_manager_is_that_of_the_nearest_team() -> None:
    """A team without a manager is led by that of the team above; where nobody leads, none is named."""
    teams = [
        pa.Team(id="north", manager="marie"),
        pa.Team(id="lille", parent="north"),
        pa.Team(id="paris", parent="north", manager="paul"),
        pa.Team(id="south"),
    ]
    reps = [
        pa.Rep(id=name, team=team)
        for name, team in {"alice": "lille", "bruno": "paris", "chloe": "south", "dario": None}.items()
    ]
    found = review_points(problem(*reps, teams=teams)).by("rep", "manager").to_dicts()
    assert [row["manager"] for row in found] == ["marie", "paul", None, None]


def test_each_rep_has_the_own_rhythm() -> None:
    """Juniors meet weekly, informally and briefly; the others as the rhythm for all says."""
    weekly = pa.ReviewRhythm(meet="week", formality="informal", minutes=20, seniority="junior")
    reps = pa.Rep(id="alice", seniority="junior"), pa.Rep(id="bruno")
    points = review_points(problem(*reps, rhythms=[weekly, MONTHLY]))
    shown = {(row["rep"], row["formality"], row["minutes"]) for row in points.to_dicts()}
    assert shown == {("alice", "informal", 20), ("bruno", "formal", 60)}
    assert len(points.where(rep="bruno")) == 12


def test_everybody_meets_the_overlay_rep_too() -> None:
    """An overlay rep has review points as all others have, in the plan and in the own part of it."""
    plan = pa.allocate(problem(pa.Rep(id="alice"), pa.Rep(id="olga", role="overlay")))
    assert len(plan.rep("olga").review_points) == len(plan.review_points.where(rep="olga")) == 12


def test_a_part_has_its_own_review_points() -> None:
    """A rep's, a team's and a period's points are the rows of the plan that concern them."""
    reps = pa.Rep(id="alice", team="north"), pa.Rep(id="bruno", team="north"), pa.Rep(id="chloe")
    plan = pa.allocate(problem(*reps, teams=[pa.Team(id="north")]))
    rows = plan.review_points.to_dicts()
    for part, who in ((plan.rep("alice"), {"alice"}), (plan.team("north"), {"alice", "bruno"})):
        mine = [row for row in rows if row["rep"] in who]
        assert part.review_points.to_dicts() == mine
        spring = [row for row in mine if date(2027, 4, 1) <= row["date"] <= date(2027, 6, 30)]
        assert part.period("2027-Q2").review_points.to_dicts() == spring


DAYS = st.integers(0, 364).map(lambda number: date(2027, 1, 1) + timedelta(days=number))


@st.composite
def staff(draw: st.DrawFn) -> pa.Rep:
    """Draw a rep who may begin, end and be away at any time of the year."""
    start, end = sorted((draw(DAYS), draw(DAYS)))
    spans = draw(st.lists(st.tuples(DAYS, DAYS), max_size=4))
    absences = [pa.Absence(start=min(span), end=max(span)) for span in spans]
    known = {"start": start} if draw(st.booleans()) else {}
    known |= {"end": end} if draw(st.booleans()) else {}
    return pa.Rep(id="alice", absences=absences, **known)


@given(
    rep=staff(),
    meet=st.sampled_from(["week", "two_weeks", "month", "quarter"]),
    revise=st.sampled_from(["month", "quarter", "quadrimester", "semester", "year"]),
)
@settings(max_examples=50, deadline=None)
def test_everybody_is_there_on_the_day(rep: pa.Rep, meet: Any, revise: Any) -> None:
    """Whatever the absences: days are worked, within employment, in order, no meeting beside a revision; ids differ."""
    rows = review_points(problem(rep, rhythms=[pa.ReviewRhythm(meet=meet, revise=revise)])).to_dicts()
    when = [row["date"] for row in rows]
    assert all(day.weekday() < 5 for day in when)
    assert all((rep.start or day) <= day <= (rep.end or day) for day in when)
    assert not any(away.start <= day <= away.end for away in rep.absences for day in when)
    assert when == sorted(when)
    met, revised = (
        {row["date"].isocalendar()[:2] for row in rows if row["kind"] == kind} for kind in ("meeting", "revision")
    )
    assert not met & revised
    assert len({row["id"] for row in rows}) == len(rows)

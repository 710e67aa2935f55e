"""Rules of activities within the hours (F-18): what a full month gives away, what is left out, and weeks."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pytest

import planalloc as pa
from planalloc.formulate.verification import verify_hours

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
MEETING, CALL = pa.Activity(id="meeting", hours=2), pa.Activity(id="call", hours=0.5, channel="remote")
FUNNEL = pa.Funnel(deal_size=1_000, stages=[pa.Stage(id="offer", conversion=1, activities={"meeting": 1, "call": 1})])


def problem_of(*reps: pa.Rep, revenue: float = 12_000, funnel: pa.Funnel = FUNNEL, **force: Any) -> pa.PlanningProblem:
    """Return a company of one segment whose months weigh by working days, with deals of 1,000."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=revenue, currency="EUR", shares={"A": 1}, reps=[rep.id for rep in reps]
    )
    staff = pa.SalesForce(reps=reps, **{"hours_per_week": 40, "selling_share": 1, **force})
    return problem.replace(staff).add(MEETING, CALL, funnel)


def full(*reps: pa.Rep) -> pa.Plan:
    """Return the plan of reps with 0.4 hours a day, 8 to 9.2 a month, who could sell without end."""
    meetings = FUNNEL.but(stages=[pa.Stage(id="offer", conversion=1, activities={"meeting": 1})])
    return pa.allocate(problem_of(*reps, revenue=1_000_000, funnel=meetings, selling_share=0.05))


ALICE = pa.Rep(id="alice")


def counts(table: pa.Table, key: str) -> dict[Any, int]:
    """Add up counts by one column."""
    found: Counter[Any] = Counter()
    for row in table.to_dicts():
        found[row[key]] += row["count"]
    return dict(found)


# -- within the hours -------------------------------------------------------------------------------------------------


def test_a_full_year_leaves_out_what_no_month_has_hours_for() -> None:
    """104.4 hours are 52.2 meetings, 52 in whole numbers; but a month has hours for four, so four are left out."""
    plan = full(ALICE)
    assert set(counts(plan.activities, "period").values()) == {4}
    assert plan.unscheduled.to_dicts() == [
        {
            "rep": "alice",
            "segment": "A",
            "stage": "offer",
            "activity": "meeting",
            "source": "funnel",
            "booked_in": "this horizon",
            "count": 4,
            "hours": 8.0,
        }
    ]


def test_what_is_left_out_is_told() -> None:
    """A plan and a rep's plan say in words that there are activities without hours; a month does not."""
    plan = full(ALICE, pa.Rep(id="bruno"))
    assert "No hours are left for 8 activities of 16.0 hours; see plan.unscheduled." in str(plan)
    assert "No hours are left for 4 activities of 8.0 hours." in str(plan.rep("bruno"))
    assert "No hours are left" not in str(plan.rep("bruno").period("2027-03"))
    assert plan.rep("bruno").unscheduled["rep"].tolist() == ["bruno"]


def test_where_hours_are_no_question_nothing_is_left_out() -> None:
    """A deal a month and all day for it: an empty table, and no word of it."""
    plan = pa.allocate(problem_of(ALICE))
    assert len(plan.unscheduled) == 0
    assert plan.unscheduled.total("hours") == 0
    assert "No hours are left" not in str(plan)


def test_what_is_left_out_comes_back_from_json() -> None:
    """The table is stored with the plan, and a plan without it is refused."""
    plan = full(ALICE)
    text = plan.to_json()
    assert pa.Plan.from_json(text).unscheduled == plan.unscheduled
    with pytest.raises(pa.InputError, match="this plan is damaged"):
        pa.Plan.from_json(text.replace('"unscheduled":', '"unknown":', 1))


def test_a_ramp_moves_work_to_where_it_takes_less() -> None:
    """A quarter productive in January, a meeting takes eight of 12.8 hours: of 1.6 one is done, two in February."""
    rep = pa.Rep(id="alice", start=date(2027, 1, 1), ramp=pa.Ramp(months=[0.25]), selling_share=1.6 / 21)
    plan = full(rep)
    assert list(counts(plan.activities, "period").values())[:2] == [1, 2]
    assert plan.capacity["planned_hours"][:2].tolist() == [8, 4]


def test_overtime_that_the_plan_gives_counts_as_hours() -> None:
    """With a quarter on top, and all of it needed: meetings take hours and overtime, and no more."""
    meetings = FUNNEL.but(stages=[pa.Stage(id="offer", conversion=1, activities={"meeting": 1})])
    problem = problem_of(ALICE, revenue=65_000, funnel=meetings, selling_share=0.05)
    plan = pa.allocate(problem.replace(pa.Policy(overtime_limit_share=0.25)))
    allowed = plan.capacity["available_hours"] + plan.capacity["overtime_hours"]
    assert plan.capacity.total("overtime_hours") == pytest.approx(130 - 104.4)
    assert (plan.capacity["planned_hours"] <= allowed + 1e-6).all()
    assert plan.capacity.total("planned_hours") > plan.capacity.total("available_hours")


def test_the_more_important_segment_is_not_left_out() -> None:
    """Two segments whose meetings do not all fit: what is left out is of the one of lower priority."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1_000_000, currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=["alice"]
    )
    meetings = FUNNEL.but(stages=[pa.Stage(id="offer", conversion=1, activities={"meeting": 1})])
    problem = problem.replace(pa.SalesForce(reps=[ALICE], hours_per_week=40, selling_share=0.13)).add(MEETING, meetings)
    problem = problem.replace(pa.Segment(id="A"), pa.Segment(id="B", priority=1.001))
    plan = pa.allocate(problem.add(pa.QuotaRange(rep="alice", at_most=1e6, name="room"), pa.MixBand(tolerance=0.5)))
    assert set(counts(plan.activities, "segment")) == {"A", "B"}
    assert set(plan.unscheduled["segment"]) == {"A"}


def test_hours_are_checked_once_more() -> None:
    """An hour too many for somebody is a defect that stops a plan, and says whose and when."""
    formulation = full(ALICE).formulation
    assert formulation is not None
    allowed = formulation.time.hours
    planned = allowed + np.eye(1, 12, k=2)
    with pytest.raises(pa.VerificationError, match="alice is planned for 1 hours too many in 2027-03"):
        verify_hours(formulation, planned=planned, allowed=allowed)
    verify_hours(formulation, planned=allowed * (1 + 1e-9), allowed=allowed)


# -- weeks ------------------------------------------------------------------------------------------------------------


def test_a_row_of_a_week() -> None:
    """The columns of activities, and the week with its days in the period after it."""
    plan = pa.allocate(problem_of(ALICE, revenue=261_000))
    table = plan.schedule("week")
    assert table.columns == (
        "rep", "segment", "stage", "activity", "channel", "period", "week", "start", "end", "source", "booked_in",
        "count", "hours",
    )  # fmt: skip
    assert table.where(week="2027-W04", activity="meeting").to_dicts() == [
        {
            "rep": "alice",
            "segment": "A",
            "stage": "offer",
            "activity": "meeting",
            "channel": "field",
            "period": "2027-01",
            "week": "2027-W04",
            "start": date(2027, 1, 25),
            "end": date(2027, 1, 31),
            "source": "funnel",
            "booked_in": "this horizon",
            "count": 5,
            "hours": 10.0,
        }
    ]


def test_a_week_that_a_month_cuts_has_both_parts() -> None:
    """One meeting every working day: of the week from March 29, three are in March and two in April."""
    plan = pa.allocate(problem_of(ALICE, revenue=261_000))
    parts = plan.schedule("week").where(week="2027-W13", activity="meeting").to_dicts()
    assert [(row["period"], row["start"].day, row["end"].day, row["count"]) for row in parts] == [
        ("2027-03", 29, 31, 3),
        ("2027-04", 1, 4, 2),
    ]


def test_nothing_is_done_in_weeks_away() -> None:
    """Two weeks of holiday in July: the month's work is in the others."""
    rep = pa.Rep(id="alice", absences=[pa.Absence(start=date(2027, 7, 5), end=date(2027, 7, 18))])
    july = pa.allocate(problem_of(rep, revenue=261_000)).rep("alice").period("2027-07").schedule("week")
    assert set(july["week"]) == {"2027-W26", "2027-W29", "2027-W30"}


def test_public_holidays_have_no_work() -> None:
    """One meeting every working day in France: four in the weeks of Ascension and of Whit Monday."""
    calendar = YEAR.but(country="FR")
    days = sum(calendar.worked_days())
    plan = pa.allocate(problem_of(ALICE, revenue=1_000 * days).replace(calendar))
    may = plan.rep("alice").period("2027-05").schedule("week").where(activity="meeting")
    assert counts(may, "week") == {"2027-W18": 4, "2027-W19": 5, "2027-W20": 4, "2027-W21": 5, "2027-W22": 1}


def test_weeks_are_even_in_hours() -> None:
    """February is four weeks of five days: 20 meetings and 20 calls, five of each in every week."""
    plan = pa.allocate(problem_of(ALICE, revenue=261_000))
    february = plan.rep("alice").period("2027-02").schedule("week")
    assert february.by("week")["hours"].tolist() == [12.5] * 4


def test_a_part_has_its_own_rows() -> None:
    """A rep's weeks are their rows of the whole, and so are a month's."""
    plan = pa.allocate(problem_of(ALICE, pa.Rep(id="bruno"), revenue=300_000))
    whole = plan.schedule("week").where(rep="bruno")
    assert plan.rep("bruno").schedule("week") == whole
    assert plan.rep("bruno").period("2027-03").schedule("week") == whole.where(period="2027-03")


def test_a_plan_by_weeks_is_its_own_schedule() -> None:
    """In a plan by weeks every row stays one, and names its week."""
    problem = problem_of(ALICE, revenue=261_000).replace(YEAR.but(grain="week"))
    plan = pa.allocate(problem)
    table = plan.schedule("week")
    assert table["count"].tolist() == plan.activities["count"].tolist()
    assert table["week"].tolist() == plan.activities["period"].tolist()
    assert (table["start"] <= table["end"]).all()


@pytest.mark.parametrize("by", ["day", "month", "quarter", ""])
def test_other_grains_are_refused(by: Any) -> None:
    """Weeks are what periods are spread over; the error says so."""
    plan = pa.allocate(problem_of(ALICE))
    with pytest.raises(pa.UnknownNameError, match="week"):
        plan.schedule(by)
    with pytest.raises(pa.UnknownNameError, match="week"):
        plan.rep("alice").schedule(by)


def test_without_activities_the_schedule_is_empty() -> None:
    """No playbook, no weeks."""
    plan = pa.allocate(
        pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1}, reps=["alice"])
    )
    assert len(plan.schedule("week")) == 0


def test_it_needs_no_more_than_what_is_stored() -> None:
    """A plan that came back from JSON has the same weeks."""
    plan = pa.allocate(problem_of(ALICE, revenue=100_000))
    assert pa.Plan.from_json(plan.to_json()).schedule("week") == plan.schedule("week")
    assert np.asarray(plan.schedule("week")["count"]).dtype == np.int64

"""What holds of the activities of every plan: within the hours, where the rep is there, and week by week the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
KIND = ("segment", "stage", "activity", "source", "booked_in")


@st.composite
def busy(draw: st.DrawFn, *, most_reps: int = 4) -> pa.PlanningProblem:
    """Draw a company that works, often with hours that bind in every period."""
    problem = draw(companies(most_reps=most_reps).filter(lambda one: one.playbook.funnels))
    share = draw(st.sampled_from([problem.sales_force.selling_share, 0.05, 0.02]))
    return problem.but(sales_force=problem.sales_force.but(selling_share=share))


def check_hours(plan: pa.Plan) -> None:
    """F-18: in no period is anybody planned for more than their hours and the overtime the plan gives them."""
    capacity = plan.capacity
    allowed = capacity["available_hours"] + capacity["overtime_hours"]
    assert (capacity["planned_hours"] <= allowed * (1 + 1e-8) + 1e-8).all()
    without = capacity["overtime_hours"] == 0
    full = np.nan_to_num(capacity["utilization"][without])
    assert (full <= 1 + 1e-6).all()


def check_presence(plan: pa.Plan) -> None:
    """Nothing is to be done in a period without hours."""
    hours = {(row["rep"], row["period"]): row for row in plan.capacity.to_dicts()}
    for row in plan.activities.to_dicts():
        there = hours[row["rep"], row["period"]]
        assert there["available_hours"] + there["overtime_hours"] > 0


def check_unscheduled(plan: pa.Plan) -> None:
    """Tell whole activities that no period has the hours for, be the rep as productive as can be."""
    table = plan.unscheduled
    assert table.columns == ("rep", *KIND, "count", "hours")
    assert (table["count"] > 0).all()
    each = {one.id: one.hours for one in plan.problem.playbook.activities}
    capacity = plan.capacity
    free = capacity["available_hours"] + capacity["overtime_hours"] - capacity["planned_hours"]
    ramp = {rep.id: min(rep.ramp.months) if rep.ramp else 1.0 for rep in plan.problem.sales_force.reps}
    for row in table.to_dicts():
        assert row["hours"] == pytest.approx(row["count"] * each[row["activity"]])
        most = free[capacity["rep"] == row["rep"]].max()
        assert most <= each[row["activity"]] / ramp[row["rep"]] + 1e-6


def check_weeks(plan: pa.Plan) -> None:
    """Weeks add up to their period, row by row, and lie in it; nothing is in one in which the rep is not employed."""
    weeks, keys = plan.schedule("week"), ("rep", *KIND, "period")
    assert weeks.total("count") == plan.activities.total("count")
    if not len(weeks):
        return
    assert (weeks["count"] > 0).all()
    summed, whole = weeks.by(*keys), plan.activities.by(*keys)
    assert (summed["count"] == whole["count"]).all()
    assert summed["hours"] == pytest.approx(whole["hours"])
    spans = {period.id: period for period in plan.problem.calendar.periods()}
    isos = {period.id: period for period in plan.problem.calendar.periods("week")}
    for row in weeks.to_dicts():
        assert row["start"] == max(spans[row["period"]].start, isos[row["week"]].start)
        assert row["end"] == min(spans[row["period"]].end, isos[row["week"]].end)
        assert not _gone(plan, row)


def _gone(plan: pa.Plan, row: dict[str, Any]) -> bool:
    """Whether a rep is absent or not employed on every Monday to Friday of a row that has some."""
    rep = next(one for one in plan.problem.sales_force.reps if one.id == row["rep"])
    first = row["start"].toordinal()
    days = [row["start"] + timedelta(days=i) for i in range(row["end"].toordinal() - first + 1)]
    worked = plan.problem.calendar.worked_days()
    days = [day for day in days if worked[(day - plan.problem.calendar.start).days]]
    there = [
        day
        for day in days
        if (rep.start is None or day >= rep.start)
        and (rep.end is None or day <= rep.end)
        and not any(away.start <= day <= away.end for away in rep.absences)
    ]
    return bool(days) and not there


def check_all(problem: pa.PlanningProblem) -> None:
    """Plan a company and check all of the above, also of the plan that comes back from JSON."""
    plan = pa.allocate(problem)
    for check in (check_hours, check_presence, check_unscheduled, check_weeks):
        check(plan)
    again = pa.Plan.from_json(plan.to_json())
    assert again == plan
    assert again.schedule("week") == plan.schedule("week")


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(busy())
def test_activities_keep_to_the_hours(problem: pa.PlanningProblem) -> None:
    """F-18 of every plan: hours, presence, what is left out, and weeks."""
    check_all(problem)


@pytest.mark.long
@settings(max_examples=500, deadline=None, suppress_health_check=SLOW)
@given(busy(most_reps=10))
def test_many_more_activities_keep_to_the_hours(problem: pa.PlanningProblem) -> None:
    """The same on larger companies, many more of them."""
    check_all(problem)

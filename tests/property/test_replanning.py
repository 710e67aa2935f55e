"""What holds for every revision: the identity, the closed past, silence without news, promises, order, round trip."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
CARRIES = ("spread", "next_period", "same_rep", "same_team", "write_off")


def line_of(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return what tells one line from another."""
    return row["segment"], row["product"], row["business"]


def by_line(table: pa.Table, column: str) -> dict[tuple[Any, ...], float]:
    """Add up a column by line."""
    found: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in table.to_dicts():
        found[line_of(row)] += row[column]
    return found


def sold_as_planned(
    plan: pa.Plan, factor: st.SearchStrategy[float] | None, data: st.DataObject
) -> list[dict[str, Any]]:
    """Make one sale of each number, on the first day of its period, times a factor."""
    step = plan.problem.policy.round_to
    rows = [row for row in plan.quotas.to_dicts() if row["base"] > 0]
    factors = [1.0] * len(rows)
    if factor is not None:
        factors = data.draw(st.lists(factor, min_size=5, max_size=5)) * (len(rows) // 5 + 1)
    return [
        {
            "date": row["start"],
            "rep": row["rep"],
            "segment": row["segment"],
            "business": row["business"],
            "amount": round(row["base"] * times / step) * step,
        }
        for row, times in zip(rows, factors, strict=False)
    ]


def last_days(plan: pa.Plan) -> list[date]:
    """Return the last day of each period."""
    return [period.end for period in plan.problem.calendar.periods()]


@st.composite
def changes(draw: st.DrawFn, problem: pa.PlanningProblem, as_of: date) -> list[pa.Change]:
    """Draw changes of different kinds that contradict nothing; rep-z always stays, and may carry everything."""
    found: list[pa.Change] = []
    first, last = as_of + timedelta(days=1), problem.calendar.end
    days = st.dates(first, last)
    reps = [rep for rep in problem.sales_force.reps if rep.id != "rep-z"]
    there = [rep for rep in reps if (rep.start or first) <= first and (rep.end or last) >= last]
    kinds = draw(st.lists(st.sampled_from(["leave", "join", "target", "time"]), max_size=3, unique=True))
    if "leave" in kinds and there:
        found.append(pa.Leave(rep=draw(st.sampled_from(there)).id, on=draw(days)))
    if "join" in kinds:
        found.append(pa.Join(rep=pa.Rep(id="rep-new", start=draw(days))))
    if "target" in kinds:
        line = draw(st.sampled_from(problem.strategy.targets))
        amount = draw(st.integers(1, 2_000_000)) * 100
        found.append(
            pa.Retarget(segment=line.segment, product=line.product, business=line.business, revenue=float(amount))
        )
    if "time" in kinds:
        found.append(pa.WorkTime(rep="rep-z", fte=draw(st.sampled_from([0.5, 1.5]))))
    return found


def check_identity(plan: pa.Plan, revised: pa.Plan) -> None:
    """Credited, open base and shortfall are the target, and what lies beyond it is told."""
    sold, closed = by_line(revised.credited, "revenue"), by_line(revised.credited, "base")
    base, short = by_line(revised.quotas, "base"), by_line(revised.shortfall, "revenue")
    surplus, off = by_line(revised.beyond, "surplus"), by_line(revised.beyond, "written_off")
    step = plan.problem.policy.round_to
    for target in revised.problem.strategy.targets:
        line = (target.segment, target.product, target.business)
        made = sold[line] + base[line] - closed[line] + short[line] - surplus[line] + off[line]
        assert made == pytest.approx(target.revenue, abs=step / 10)


def check_past(plan: pa.Plan, revised: pa.Plan, as_of: date) -> None:
    """S-12: no number of a closed period has changed, in money or in work."""
    ends = {period.id: period.end for period in plan.problem.calendar.periods()}
    for name in ("quotas", "activities", "pipeline", "capacity"):
        before, after = (getattr(one, name).to_dicts() for one in (plan, revised))
        assert [row for row in before if ends[row["period"]] <= as_of] == [
            row for row in after if ends[row["period"]] <= as_of
        ]


@given(companies(), st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_a_revision_keeps_the_past_and_adds_up(problem: pa.PlanningProblem, data: st.DataObject) -> None:
    """Whatever was sold and whatever changes: the identity, the closed past, and the way through JSON and back."""
    check_revision(problem, data)


@pytest.mark.long
@given(companies(), st.data())
@settings(max_examples=1000, deadline=None, suppress_health_check=SLOW)
def test_a_thousand_revisions_keep_the_past_and_add_up(problem: pa.PlanningProblem, data: st.DataObject) -> None:
    """The same of a thousand companies."""
    check_revision(problem, data)


def check_revision(problem: pa.PlanningProblem, data: st.DataObject) -> None:
    """Revise a company's plan by random sales and changes, and check it."""
    try:
        plan = pa.allocate(problem)
    except pa.InfeasibleError:
        return
    as_of = data.draw(st.sampled_from(last_days(plan)[:-1]) | st.dates(problem.calendar.start, problem.calendar.end))
    assume(as_of < problem.calendar.end)
    sales = sold_as_planned(plan, st.sampled_from([0.0, 0.5, 0.9, 1.0, 1.3, 3.0]), data)
    options: dict[str, Any] = {
        "carry": data.draw(st.sampled_from(CARRIES)),
        "freeze": data.draw(st.sampled_from([0, 0, 1])),
        "most_rise": data.draw(st.sampled_from([None, None, 0.1])),
    }
    told = data.draw(changes(plan.problem, as_of))
    try:
        revised = pa.replan(plan, pa.Actuals(sales=sales), as_of=as_of, changes=told, **options)
    except pa.InfeasibleError:
        assert problem.limits
        return
    check_identity(plan, revised)
    check_past(plan, revised, as_of)
    assert pa.Plan.from_json(revised.to_json()) == revised
    again = pa.replan(plan, pa.Actuals(sales=sales[::-1]), as_of=as_of, changes=told[::-1], **options)
    assert again == revised
    for pin in (one for one in revised.problem.limits if isinstance(one, pa.Pin)):
        if pin.quota is not None and (pin.expires is None or pin.expires >= problem.calendar.start):
            assert revised.quotas.where(**pin.parts).total("quota") == pytest.approx(pin.quota)


@given(companies(), st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_no_news_changes_nothing(problem: pa.PlanningProblem, data: st.DataObject) -> None:
    """Where everything was sold as planned and nothing else is different, every number stays."""
    try:
        plan = pa.allocate(problem)
    except pa.InfeasibleError:
        return
    assume(not len(plan.shortfall))
    as_of = data.draw(st.sampled_from(last_days(plan)[:-1]))
    revised = pa.replan(plan, pa.Actuals(sales=sold_as_planned(plan, None, data)), as_of=as_of)
    assert revised.quotas == plan.quotas

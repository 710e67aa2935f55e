"""What holds of every plan when one thing of its problem changes: a limit is loosened, dropped or added, hours grow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies

EXAMPLES = 40
MANY_EXAMPLES = 300
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
ORDERS = (
    ("shortfall", "coverage", "overtime"),
    ("shortfall", "overtime", "coverage"),
    ("coverage", "shortfall", "overtime"),
    ("overtime", "shortfall", "coverage"),
)
TIGHT, LOOSE = (0.7, 0.9, 1.0, 1.1, 1.3), (1.01, 1.2, 2.0)


def whole(problem: pa.PlanningProblem, amount: float) -> float:
    """Return the nearest amount of money that is a multiple of the rounding unit, at least 0."""
    step = problem.policy.round_to
    return max(round(round(amount / step) * step, 2), 0.0)


@st.composite
def planned(draw: st.DrawFn) -> pa.PlanningProblem:
    """Draw a company, whatever the order of its tiers."""
    problem = draw(companies(limits=False, most_reps=4))
    return problem.but(policy=problem.policy.but(tiers=draw(st.sampled_from(ORDERS))))


@st.composite
def limited(draw: st.DrawFn) -> pa.PlanningProblem:
    """Draw a company and one or two limits of any kind near what its plan says without them, none by period."""
    problem = draw(planned())
    plan = pa.allocate(problem)
    limits = [draw(limit(plan, f"limit {number}")) for number in range(draw(st.integers(1, 2)))]
    problem = problem.but(limits=limits)
    assume(not pa.check(problem).errors)
    return problem


@st.composite
def limit(draw: st.DrawFn, plan: pa.Plan, name: str) -> Any:
    """Draw one limit near what a plan says."""
    problem = plan.problem
    row = draw(st.sampled_from(plan.quotas.to_dicts()))
    times = draw(st.sampled_from(TIGHT))
    kind = draw(st.sampled_from(["pin", "bound", "bound", "range", "mix", "team", "overtime"]))
    if kind == "range":
        rep = draw(st.sampled_from([None, row["rep"]]))
        ends = draw(st.sampled_from([{"at_most": times}, {"at_least": times * 0.9}]))
        return pa.QuotaRange(rep=rep, **ends, relative_to="reference", name=name)
    if kind == "mix":
        return pa.MixBand(
            rep=draw(st.sampled_from([None, row["rep"]])), tolerance=draw(st.sampled_from([0.1, 0.5])), name=name
        )
    if kind == "overtime":
        return pa.OvertimeLimit(
            rep=draw(st.sampled_from([None, row["rep"]])), hours=draw(st.sampled_from([0, 3, 30])), name=name
        )
    if kind == "team" and row["team"] is not None:
        now = plan.team(row["team"]).quotas.where(segment=row["segment"]).total("base")
        return pa.TeamTarget(team=row["team"], segment=row["segment"], base=whole(problem, now * times), name=name)
    chosen = draw(st.sets(st.sampled_from(["rep", "segment", "business"]), min_size=1))
    parts: dict[str, Any] = {part: row[part] for part in sorted(chosen) if row[part] is not None}
    assume(parts)
    amount = whole(problem, plan.quotas.where(**parts).total("quota") * times)
    if kind == "pin":
        return pa.Pin(**parts, quota=amount, name=name)
    return pa.Bound(**parts, **{draw(st.sampled_from(["at_least", "at_most"])): amount}, name=name)


def loosened(problem: pa.PlanningProblem, one: Any, by: float) -> Any:
    """Return a limit with more room: `by` is a factor above 1."""
    if isinstance(one, pa.Pin):
        quota = one.quota or 0.0
        ends = {"at_least": whole(problem, quota / by), "at_most": whole(problem, quota * by)}
        return pa.Bound(**one.parts, **ends, name=one.name)
    if isinstance(one, pa.TeamTarget):
        ends = {"at_least": whole(problem, one.base / by), "at_most": whole(problem, one.base * by)}
        return pa.Bound(**one.parts, **ends, of="base", name=one.name)
    if isinstance(one, pa.MixBand):
        return one.but(tolerance=min(one.tolerance * by, 1.0))
    if isinstance(one, pa.OvertimeLimit):
        return one.but(hours=one.hours * by)
    money = whole if isinstance(one, pa.Bound) else lambda _, amount: amount
    least, most = one.at_least, one.at_most
    return one.but(
        at_least=None if least is None else money(problem, least / by),
        at_most=None if most is None else money(problem, most * by),
    )


def outcome(problem: pa.PlanningProblem) -> pa.Plan:
    """Return the plan of a problem that has one and whose season nothing moves; other examples are left out."""
    try:
        plan = pa.allocate(problem)
    except pa.InfeasibleError:
        assume(False)
        raise
    assume(not len(plan.report.phasing_gap))
    return plan


def hours_of_a_unit(problem: pa.PlanningProblem) -> float:
    """Return the hours that one rounding unit takes somebody who is new, on the line on which it takes most."""
    hours = {activity.id: activity.hours for activity in problem.playbook.activities}
    most = 0.0
    for funnel in problem.playbook.funnels:
        opportunities, taken = problem.policy.round_to / funnel.deal_size, 0.0
        for stage in reversed(funnel.stages):
            opportunities /= stage.conversion
            taken += opportunities * sum(hours[activity] * many for activity, many in stage.activities.items())
        most = max(most, taken)
    return most / 0.25


def check_tiers(better: pa.Plan, worse: pa.Plan, *, tiers: tuple[str, ...]) -> None:
    """Compare two plans tier by tier in order: the first is at least as good as the second.

    Where somebody is not there all year, a pin may move a season by a part of a unit, which the report leaves out as
    rounding: what two units make is let pass, and the distance is not compared.
    """
    problem = better.problem
    steady = not any(rep.start or rep.end or rep.absences for rep in problem.sales_force.reps)
    money = problem.strategy.revenue or 0.0
    unit = {"shortfall": 4 * problem.policy.round_to}  # two units of a segment that counts twice
    for tier in (one for one in tiers if steady or one != "distance"):
        one, other = better.report.tiers[tier], worse.report.tiers[tier]
        noise = 1e-6 * max(money if tier in {"shortfall", "distance"} else 1.0, one, 1.0)
        assert one <= other + noise + (0.0 if steady else unit.get(tier, 2 * hours_of_a_unit(problem)))
        if one < other - noise:  # be it by less than is let pass: the tiers after it may pay for that
            return


def base(plan: pa.Plan) -> np.ndarray:
    """Return the base in rounding units, by rep, line and period."""
    return np.asarray(plan.quotas["base"], dtype=float) / plan.problem.policy.round_to


def check_same(one: pa.Plan, other: pa.Plan, *, units: float = 1.0) -> None:
    """Both plans are the same to some units in every cell."""
    keys = ("rep", "segment", "product", "business", "period")
    assert all(one.quotas[key].tolist() == other.quotas[key].tolist() for key in keys)
    assert np.abs(base(one) - base(other)).max(initial=0.0) <= units + 1e-7 * base(one).sum() + 1e-6


# -- loosening --------------------------------------------------------------------------------------------------------


def check_loosening(problem: pa.PlanningProblem, which: int, by: float) -> None:
    """Loosen one limit: the plan does not get worse."""
    one = problem.limits[which % len(problem.limits)]
    wider = problem.but(limits=[loosened(problem, two, by) if two == one else two for two in problem.limits])
    tight = outcome(problem)
    check_tiers(outcome(wider), tight, tiers=(*problem.policy.tiers, "distance"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(limited(), st.integers(0, 1), st.sampled_from(LOOSE))
def test_more_room_never_makes_a_plan_worse(problem: pa.PlanningProblem, which: int, by: float) -> None:
    """F-9: with any limit loosened, the tiers compared in their order are at least as good."""
    check_loosening(problem, which, by)


@pytest.mark.long
@settings(max_examples=MANY_EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(limited(), st.integers(0, 1), st.sampled_from(LOOSE))
def test_more_room_never_makes_many_more_plans_worse(problem: pa.PlanningProblem, which: int, by: float) -> None:
    """The same on many more companies."""
    check_loosening(problem, which, by)


# -- slack ------------------------------------------------------------------------------------------------------------


@st.composite
def idle(draw: st.DrawFn) -> tuple[pa.PlanningProblem, Any]:
    """Draw a company with a limit or none, and another limit that its plan keeps with room to spare."""
    problem = draw(planned())
    free = pa.allocate(problem)
    if draw(st.booleans()):
        problem = problem.add(draw(limit(free, "binds")))
        assume(not pa.check(problem).errors)
    plan = free if not problem.limits else outcome(problem)
    row = draw(st.sampled_from(plan.quotas.to_dicts()))
    end, times, extra = draw(st.sampled_from([("at_most", 1.5, 4), ("at_least", 0.5, -4)]))
    if draw(st.booleans()):
        parts = {part: row[part] for part in ("rep", "segment", "business")}
        parts = {part: parts[part] for part in draw(st.sets(st.sampled_from(sorted(parts)), min_size=1)) if parts[part]}
        assume(parts)
        now, of = plan.quotas.where(**parts), draw(st.sampled_from(["base", "quota"]))
        amount = whole(problem, now.total(of) * times + extra * problem.policy.round_to)
        assume(amount >= 0)
        return problem, pa.Bound(**parts, **{end: amount}, of=of, name="idle")
    totals = plan.quotas.by("rep")
    edge = max(totals["base"]) if end == "at_most" else min(totals["base"])
    amount = whole(problem, edge * times + extra * problem.policy.round_to)
    assume(amount >= 0)
    return problem, pa.QuotaRange(**{end: amount}, of="base", prorated=False, name="idle")


def check_slack(problem: pa.PlanningProblem, limit: Any) -> None:
    """Add a limit that does not bind: the plan stays what it is."""
    check_same(outcome(problem.add(limit)), outcome(problem))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(idle())
def test_a_limit_with_slack_changes_nothing(drawn: tuple[pa.PlanningProblem, Any]) -> None:
    """F-10: the plan without it is the same, to a unit in every cell."""
    check_slack(*drawn)


@pytest.mark.long
@settings(max_examples=MANY_EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(idle())
def test_many_more_limits_with_slack_change_nothing(drawn: tuple[pa.PlanningProblem, Any]) -> None:
    """The same on many more companies."""
    check_slack(*drawn)


# -- idempotence ------------------------------------------------------------------------------------------------------


def check_idempotence(problem: pa.PlanningProblem) -> None:
    """Agree with everybody on what the plan says, line by line: it stays what it is."""
    plan = outcome(problem)
    now = []
    for number, row in enumerate(plan.quotas.by("rep", "segment", "business").to_dicts()):
        parts = {part: row[part] for part in ("rep", "segment", "business") if row[part] is not None}
        now.append(pa.Bound(**parts, at_least=row["base"], at_most=row["base"], of="base", name=f"now {number}"))
    again = outcome(problem.add(*now))
    check_same(again, plan)
    assert again.shortfall.total("revenue") == plan.shortfall.total("revenue")


@st.composite
def roomy(draw: st.DrawFn) -> pa.PlanningProblem:
    """Draw a company with targets in whole units, in which a bound may bind, and hours do not."""
    problem = draw(companies(most_reps=4))
    revenue, step, targets = problem.strategy.revenue or 0.0, problem.policy.round_to, list[pa.Target]()
    left = revenue
    for one in problem.strategy.targets:
        amount = left if one.rest else whole(problem, (one.share or 0.0) * revenue - step / 2)
        targets.append(one.but(share=None, rest=False, revenue=whole(problem, amount)))
        left -= amount
    return problem.but(strategy=problem.strategy.but(targets=targets), playbook=pa.Playbook())


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(roomy())
def test_agreeing_on_a_plan_keeps_it(problem: pa.PlanningProblem) -> None:
    """Bounds that are equal to the numbers of a plan leave every cell of it, to a unit."""
    check_idempotence(problem)


@pytest.mark.long
@settings(max_examples=MANY_EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(roomy())
def test_agreeing_on_many_more_plans_keeps_them(problem: pa.PlanningProblem) -> None:
    """The same on many more companies."""
    check_idempotence(problem)


# -- capacity ---------------------------------------------------------------------------------------------------------


def check_capacity(problem: pa.PlanningProblem, which: int, times: float) -> None:
    """Give one rep more hours: what matters most does not get worse."""
    force = problem.sales_force
    rep = force.reps[which % len(force.reps)]
    more = rep.but(hours_per_week=min(force.hours_per_week * times, 168.0))
    check_tiers(outcome(problem.replace(more)), outcome(problem), tiers=problem.policy.tiers[:1])


@st.composite
def ordered(draw: st.DrawFn) -> pa.PlanningProblem:
    """Draw a company that works, with a bound or without, whatever the order of its tiers."""
    problem = draw(companies(most_reps=4))
    assume(problem.playbook.funnels)
    return problem.but(policy=problem.policy.but(tiers=draw(st.sampled_from(ORDERS))))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(ordered(), st.integers(0, 7), st.sampled_from([1.01, 1.5, 4]))
def test_more_hours_never_make_a_plan_worse(problem: pa.PlanningProblem, which: int, times: float) -> None:
    """F-9: with more hours for one rep, the first tier is as good at least."""
    check_capacity(problem, which, times)


@pytest.mark.long
@settings(max_examples=MANY_EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(ordered(), st.integers(0, 7), st.sampled_from([1.01, 1.5, 4]))
def test_more_hours_never_make_many_more_plans_worse(problem: pa.PlanningProblem, which: int, times: float) -> None:
    """The same on many more companies."""
    check_capacity(problem, which, times)

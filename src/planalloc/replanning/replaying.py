"""What each event of a log makes of the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from inspect import signature
from typing import TYPE_CHECKING, Any

from planalloc.errors import InputError
from planalloc.events.actuals import Actuals
from planalloc.formulate.ground import Ground
from planalloc.model.base import named_among
from planalloc.model.groups import SetAside
from planalloc.plan.labels import horizon_axis
from planalloc.replanning import edits
from planalloc.replanning.counters import countered_problem
from planalloc.replanning.log_events import Accepted, Agreed, Credit, Edited, MetHalfway, Replanned, Uncounted
from planalloc.replanning.replan import replan
from planalloc.replanning.resharing import reshared
from planalloc.replanning.standing import credited_cells
from planalloc.replanning.telling import not_counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.plan import Plan
    from planalloc.replanning.counters import Counter
    from planalloc.replanning.log_events import LogEvent

__all__ = ["credits_of", "plan_after"]


def plan_after(plan: Plan, event: LogEvent, counters: Mapping[int, Counter], *, known: Plan | None = None) -> Plan:
    """Return the plan after an event, as `_plan_after`, unless numbers change of periods that had ended by its day.

    Raises
    ------
    InputError
        When they do: what has ended is closed by a revision first. And with the other errors of the event.
    """
    found = _plan_after(plan, event, counters, known)
    if found is plan or isinstance(event, Replanned):
        return found
    closed = plan.as_of or plan.problem.calendar.start - timedelta(days=1)
    ended = [one.id for one in plan.problem.calendar.periods() if closed < one.end < event.on]
    was, now = (one.quotas.where(period=ended) for one in (plan, found))
    if ended and (was["quota"].tolist(), was["base"].tolist()) != (now["quota"].tolist(), now["base"].tolist()):
        raise InputError(
            f"on {event.on} this would change what had ended by then: {ended[0]} to {ended[-1]}",
            hint="Revise the plan with replan first, which closes these periods.",
        )
    return found


def _plan_after(plan: Plan, event: LogEvent, counters: Mapping[int, Counter], known: Plan | None) -> Plan:
    """Return the plan after an event; the same plan where it changes nothing.

    Parameters
    ----------
    plan : Plan
        Before it.
    event : LogEvent
        The event, legal in the state of its log.
    counters : Mapping of int to Counter
        All counter-proposals so far, by number.
    known : Plan or None
        The plan under what is settled, where it has been worked out to price it.

    Raises
    ------
    UnknownNameError
        When it names what is not there.
    InputError
        When what it asks for contradicts the plan, or would break a rule.
    InfeasibleError
        When hard limits leave no plan after it.
    """
    if isinstance(event, Accepted | MetHalfway):
        settled = event.settled if isinstance(event, MetHalfway) else counters[event.number]
        problem = countered_problem(plan, settled, on=event.on, reason=event.reason)
        return reshared(plan, problem, known=known)
    if isinstance(event, Agreed):
        reason = f"agreed on {event.on}" + (f": {event.reason}" if event.reason else "")
        return edits.hold(plan, rep=event.rep, reason=reason[:500], agreed_with=event.rep)
    if isinstance(event, Edited):
        arguments: dict[str, Any] = {name: value for name, value in event.arguments.items() if value is not None}
        if event.reason:
            arguments.setdefault("reason", event.reason)
        return _edited(plan, event.edit, arguments)
    return _replanned(plan, event) if isinstance(event, Replanned) else plan


def _edited(plan: Plan, name: str, arguments: dict[str, Any]) -> Plan:
    edit: Any = getattr(edits, name)
    taken = signature(edit).parameters
    for one in arguments:
        named_among(f"argument of {name}", one, [other for other in taken if other != "plan"])
    missing = [one for one, told in taken.items() if told.default is told.empty and one not in {"plan", *arguments}]
    if missing:
        raise InputError(f"{name} does not say {', '.join(missing)}", hint=f"Arguments are: {', '.join([*taken][1:])}.")
    found: Plan = edit(plan, **arguments)
    return found


def _replanned(plan: Plan, event: Replanned) -> Plan:
    calendar = plan.problem.calendar
    first = {one.id: one.start for one in calendar.periods()}
    strange = [f"a credit of {one.rep} names {one.period!r}" for one in event.credited if one.period not in first]
    if strange:
        raise InputError(
            f"{', '.join(dict.fromkeys(strange))}: no period of the plan",
            hint="The log was changed after it was written: give the text that PlanLog.to_json() returned.",
        )
    sales = [
        {
            "date": first[one.period],
            "rep": one.rep,
            "segment": one.segment,
            "product": one.product,
            "business": one.business,
            "amount": one.revenue,
        }
        for one in event.credited
    ]
    measure = plan.problem.strategy.measure
    found = replan(
        plan,
        Actuals(sales=sales, measure=measure) if sales else Actuals(measure=measure),
        as_of=event.as_of,
        changes=event.changes,
        carry=event.carry,
        most_rise=event.most_rise,
        freeze=event.freeze,
        least_move=event.least_move,
    )
    rows = [SetAside("sales", one.rule, one.rows, one.amount, one.examples) for one in event.uncounted]
    return replace(found, findings=(*found.findings, *not_counted(rows, plan.problem)))


def credits_of(
    problem: PlanningProblem, actuals: Actuals, as_of: date
) -> tuple[tuple[Credit, ...], tuple[Uncounted, ...]]:
    """Return what was sold up to a day, by rep, line and period, in whole rounding units; and what is not counted."""
    index = Ground(problem).index
    cells, aside = credited_cells(index, actuals, as_of=as_of)
    step = problem.policy.step
    periods = horizon_axis(problem.calendar).ids
    counted = tuple(
        Credit(
            rep=index.reps[r].id,
            segment=index.lines[s].segment,
            product=index.lines[s].product,
            business=index.lines[s].business,
            period=periods[t],
            revenue=float(int(cells[r, s, t]) * step),
        )
        for r, s, t in zip(*cells.nonzero(), strict=True)
    )
    rows = (one for one in aside if not one.outside)
    return counted, tuple(
        Uncounted(rule=one.rule, rows=one.rows, amount=one.amount, examples=one.examples) for one in rows
    )

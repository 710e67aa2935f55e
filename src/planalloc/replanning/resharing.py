"""A plan under new agreements: what is agreed is held, and the remaining total is shared out again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planalloc.allocation import allocate
from planalloc.formulate.rounding import whole_base, whole_quota
from planalloc.formulate.verification import verify
from planalloc.plan.settled import beyond_table, credited_table
from planalloc.plan.work_tables import WorkTables
from planalloc.replanning.deciding import decide
from planalloc.replanning.editing import EDITED, opened
from planalloc.replanning.laid_out import Revised, laid_out

if TYPE_CHECKING:
    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.plan import Plan

__all__ = ["reshared"]

RESHARED = "shared out again"
"""The path of a plan whose remaining total was shared out again from where it stood."""


def reshared(plan: Plan, problem: PlanningProblem, *, known: Plan | None = None) -> Plan:
    """Return a plan under another problem: the same reps, lines and targets, and other limits or accounts.

    A plan as it was allocated is allocated anew. A plan that was revised, or changed by hand, moves from where it
    stands as little as it must.

    Parameters
    ----------
    plan : Plan
        The plan.
    problem : PlanningProblem
        What it answers to from now on, in canonical order.
    known : Plan, optional
        A plan that this function made of the same plan: it is returned where its problem is this one.

    Raises
    ------
    InputError
        When the problem contradicts itself.
    InfeasibleError
        When hard limits collide.

    Examples
    --------
    >>> import planalloc as pa
    >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                              reps=["alice", "bruno", "chloe"]))
    >>> reshared(plan, plan.problem.add(pa.Pin(rep="alice", quota=600))).quotas.by("rep")["quota"].tolist()
    [600, 300, 300]
    """
    if problem == plan.problem:
        return plan
    if known is not None and known.problem == problem:
        return known
    if plan.as_of is None and plan.report.path not in {EDITED, RESHARED}:
        return allocate(problem, known=plan)
    at = opened(plan, problem=problem)
    fixed = at.closed
    decided = decide(
        at.formulation, at.at, at.rest, fixed=fixed, news=True, more=~at.at.known, most_rise=None, least_move=0
    )
    left, answered = decided.left, replace(decided.answered, path=RESHARED)
    base, shortfall = whole_base(left, answered)
    quota = whole_quota(left, answered, base=base)
    verify(left, answered, base=base, quota=quota, shortfall=shortfall)
    decided = replace(decided, answered=answered)
    revised = Revised(plan, at.formulation, decided, at.at, at.rest.kept_base, fixed, base, quota, shortfall)
    notes = (*at.warnings, *(one for one in plan.findings if one.code == EDITED))
    found = laid_out(revised, as_of=plan.as_of or problem.calendar.start, findings=notes)
    if plan.as_of is not None:
        return replace(found, beyond=plan.beyond)
    whole_year = base + decided.rest.kept_base
    work = WorkTables(decided.whole, replace(answered, base=whole_year.astype(float)), whole_year)
    return replace(
        found, as_of=None, credited=credited_table(), beyond=beyond_table(), earlier_work=work.earlier_work()
    )

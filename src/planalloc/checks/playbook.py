"""Activities: what a line without a funnel, or a cadence without accounts, means for the hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.model.base import nearest, suggest
from planalloc.model.finding import Finding
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.problem import PlanningProblem

__all__ = ["findings"]


def findings(problem: PlanningProblem, *, counted: bool) -> Iterator[Finding]:
    """Yield lines whose revenue costs no hours, cadences that meet no account, and roles that no contact has.

    What follows from a name that nobody defined is left to what is said of that name.

    Parameters
    ----------
    problem : PlanningProblem
        With the accounts of the portfolio counted, where there is one.
    counted : bool
        Whether these counts are in order, so that a cadence without accounts is one.
    """
    playbook = problem.playbook
    segments, products = ({one.id for one in some} for some in (problem.strategy.segments, problem.strategy.products))
    misnamed = any(
        not ({one.segment} - {None} <= segments and {one.product} - {None} <= products) for one in playbook.funnels
    )
    refuse = problem.policy.on_missing_funnel == "refuse"
    if not misnamed and (playbook.activities or playbook.funnels or refuse):
        for target in problem.strategy.targets:
            if playbook.funnel_for(target) is None:
                yield Finding(
                    "no-funnel",
                    "error" if refuse else "warning",
                    f"strategy.targets[{record_key(target)}]",
                    repr(record_key(target)),
                    "has no funnel, so its revenue costs no hours",
                    "Add a Funnel for it, or one with segment=None for all lines without their own.",
                )
    yield from _roles(problem)
    yield from _stages(problem)
    for cadence in playbook.cadences if counted else ():
        if cadence.segment in segments and not any(
            rep.count(cadence.segment, cadence.business) for rep in problem.sales_force.reps
        ):
            yield Finding(
                "cadence-without-accounts",
                "warning",
                f"playbook.cadences[{record_key(cadence)}]",
                repr(record_key(cadence)),
                "meets no account: nobody has any in that segment",
                f"Give the reps accounts, as Rep(accounts={{{cadence.segment!r}: 20}}).",
            )


def _stages(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield methods for a segment none of whose lines has a funnel with their stage: nobody would ever read them."""
    targets, playbook = problem.strategy.targets, problem.playbook
    every = {stage.id for funnel in playbook.funnels for stage in funnel.stages}
    for method in playbook.methods:
        lines = [one for one in targets if one.segment == method.segment]
        used = [funnel for line in lines if (funnel := playbook.funnel_for(line)) is not None]
        there = list(dict.fromkeys(stage.id for funnel in used for stage in funnel.stages))
        if used and method.stage in every and method.stage not in there:
            hint = suggest(method.stage, there).strip() or f"Its stages are: {', '.join(there[:8])}."
            yield Finding(
                "method-without-stage",
                "warning",
                f"playbook.methods[{method.label}].stage",
                repr(method.stage),
                f"is a stage of other funnels, and of none that {method.segment!r} uses",
                hint,
                name=method.stage,
                candidates=nearest(method.stage, there),
            )


def _roles(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield roles to meet that no contact has; nothing where no contacts are listed."""
    known = sorted({one.role for one in problem.portfolio.contacts})
    for method in problem.playbook.methods if known else ():
        for role in dict.fromkeys(method.roles):
            if role not in known:
                hint = suggest(role, known).strip() or f"Roles of contacts are: {', '.join(known[:8])}."
                yield Finding(
                    "role-without-contact",
                    "warning",
                    f"playbook.methods[{method.label}].roles",
                    repr(role),
                    "is the role of no contact",
                    hint,
                    name=role,
                    candidates=nearest(role, known),
                )

"""Methods and review rhythms: each is one, names what exists, and plans are revised within a sales cycle."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from planalloc.model.base import nearest, suggest
from planalloc.model.finding import Finding
from planalloc.model.rhythm import MEETINGS, REVISIONS, days_between, rhythms_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planalloc.model.base import Record
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.rhythm import ReviewRhythm
    from planalloc.model.salesforce import Rep

__all__ = ["findings", "name_findings"]

FIRST = 5
"""So many reps are named in a finding; the others are a number."""


def name_findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield methods and rhythms that stand twice for the same, and those for what does not exist."""
    methods, rhythms = problem.playbook.methods, problem.rhythms
    for path, labels in (
        ("playbook.methods", [one.label for one in methods]),
        ("rhythms", [one.label for one in rhythms]),
    ):
        for label, many in Counter(labels).items():
            if many > 1:
                rule = f"is what {many} records are for, and nothing says which of them holds"
                yield Finding("duplicate", "error", f"{path}[{label}]", repr(label), rule, "Keep one of them.")
    reps, funnels = problem.sales_force.reps, problem.playbook.funnels
    uses = [(f"playbook.methods[{one.label}]", one) for one in methods]
    yield from _unknown(
        uses, "stage", "a stage of some funnel", [one.id for funnel in funnels for one in funnel.stages]
    )
    yield from _unknown(uses, "segment", "the id of a segment", [one.id for one in problem.strategy.segments])
    held = [(f"rhythms[{one.label}]", one) for one in rhythms]
    yield from _unknown(held, "rep", "the id of a rep", [rep.id for rep in reps])
    yield from _unknown(held, "seniority", "the seniority of some rep", [rep.seniority for rep in reps])


def _unknown(
    uses: Sequence[tuple[str, Record]], field: str, kind: str, names: Sequence[str | None]
) -> Iterator[Finding]:
    known = dict.fromkeys(names)
    for path, record in uses:
        name: str | None = getattr(record, field)
        if name is None or name in known:
            continue
        there = [one for one in known if one is not None]
        hint = suggest(name, there).strip() or (
            f"Known are: {', '.join(there[:8])}." if there else "There is none yet."
        )
        rule = f"is unknown; must be {kind}"
        near = nearest(name, there)
        yield Finding("unknown-name", "error", f"{path}.{field}", repr(name), rule, hint, name=name, candidates=near)


def findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield rhythms by which plans are revised less often than the sales cycle asks.

    A rep's sales cycle is the longest `Stage.days_before_booking` of the funnels used for the lines that the rep
    covers. Where it is shorter than the longest interval between two revisions, an opportunity can begin and end
    between them, and a whole cycle passes unseen. Plans are revised every month at most; where they are, meetings
    within the cycle, or every week, do as well. A sale without a cycle (0 days) asks for nothing.
    """
    if not problem.rhythms:
        return
    cycles = _cycles(problem)
    rare: dict[tuple[ReviewRhythm, float], list[str]] = {}
    reps = problem.sales_force.reps
    for rep, rhythm in zip(reps, rhythms_of(problem.rhythms, reps), strict=True):
        cycle = cycles[rep.covers]
        if rhythm is not None and cycle:
            rare.setdefault((rhythm, cycle), []).append(rep.id)
    interval: dict[str, int] = {grain: days_between(grain, problem.calendar) for grain in (*MEETINGS, *REVISIONS)}
    for (rhythm, cycle), staff in rare.items():
        between = interval[rhythm.revise]
        met = rhythm.revise == "month" and interval[rhythm.meet] <= max(cycle, 7)
        if between <= cycle or met:
            continue
        named = ", ".join(staff[:FIRST]) + (f" and {len(staff) - FIRST:,} more" if len(staff) > FIRST else "")
        yield Finding(
            "rare-revisions",
            "warning",
            f"rhythms[{rhythm.label}].revise",
            repr(rhythm.revise),
            f"leaves up to {between} days between two revisions, and the longest sales cycle of {named} is "
            f"{cycle:g} days: a whole cycle passes unseen",
            _remedy(interval, cycle),
        )


def _cycles(problem: PlanningProblem) -> dict[object, float]:
    """Return the days of the longest sales cycle by what a rep covers."""
    used = [(line, problem.playbook.funnel_for(line)) for line in problem.strategy.targets]
    example: dict[object, Rep] = {rep.covers: rep for rep in problem.sales_force.reps}
    return {
        covers: max(
            (
                stage.days_before_booking
                for line, funnel in used
                if funnel and rep.may_carry(line)
                for stage in funnel.stages
            ),
            default=0.0,
        )
        for covers, rep in example.items()
    }


def _remedy(interval: dict[str, int], cycle: float) -> str:
    """Return the rarest rhythm that is often enough, in words."""
    revise = [grain for grain in REVISIONS if interval[grain] <= cycle]
    if revise:
        return f"Revise every {revise[-1]}."
    meet = [grain for grain in MEETINGS if interval[grain] <= cycle]
    return f"Revise every month, and meet every {meet[-1].replace('_', ' ') if meet else 'week'}."

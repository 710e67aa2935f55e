"""Activities: what a line without a funnel, or a cadence without accounts, means for the hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.model.finding import Finding
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.problem import PlanningProblem

__all__ = ["findings"]


def findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield lines whose revenue would cost no hours, and cadences that meet no account."""
    playbook = problem.playbook
    refuse = problem.policy.on_missing_funnel == "refuse"
    if playbook.activities or playbook.funnels or refuse:
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
    for cadence in playbook.cadences:
        if not any(rep.count(cadence.segment, cadence.business) for rep in problem.sales_force.reps):
            yield Finding(
                "cadence-without-accounts",
                "warning",
                f"playbook.cadences[{record_key(cadence)}]",
                repr(record_key(cadence)),
                "meets no account: nobody has any in that segment",
                "Give the reps accounts, as Rep(accounts={'A': 20}).",
            )

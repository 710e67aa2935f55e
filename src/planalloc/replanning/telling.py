"""What a revision has to say beside its numbers: sales that were not counted, and limits that lapsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.model.base import in_digits
from planalloc.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.problem import PlanningProblem
    from planalloc.replanning.standing import Standing

__all__ = ["told"]


def told(at: Standing, before: PlanningProblem, after: PlanningProblem) -> Iterator[Finding]:
    """Yield warnings: sales set aside, by what is wrong with them, and limits that the changes took out.

    Parameters
    ----------
    at : Standing
        Where the plan stood.
    before, after : PlanningProblem
        Without and with the changes.
    """
    for one in at.set_aside:
        if one.outside:  # sold on other days: nothing is wrong with that
            continue
        amount = f", {in_digits(one.amount)} {before.strategy.currency}" if one.amount else ""
        yield Finding(
            "sales-set-aside",
            "warning",
            f"actuals.{one.table}",
            f"{one.rows:,} {'row' if one.rows == 1 else 'rows'}{amount}"
            + (f" ({', '.join(one.examples)})" if one.examples else ""),
            f"not counted: each {one.rule}",
            "Correct them and revise again, if they should count.",
        )
    kept = {one.label for one in after.limits}
    for limit in before.limits:
        if limit.label not in kept:
            yield Finding(
                "limit-lapsed",
                "warning",
                f"limits[{limit.label}]",
                limit.label,
                "lapsed, since the rep leaves",
                "Agree on another one with whoever takes over.",
            )

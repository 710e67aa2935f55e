"""Whose numbers can be changed, agreed on and held: those of reps who carry revenue, not of overlay reps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.errors import InputError
from planalloc.model.base import named_among

if TYPE_CHECKING:
    from planalloc.model.problem import PlanningProblem

__all__ = ["carriers", "require_carrier"]


def carriers(problem: PlanningProblem) -> tuple[str, ...]:
    """Return the ids of the reps who carry revenue."""
    return tuple(one.id for one in problem.sales_force.reps if one.role == "primary")


def require_carrier(problem: PlanningProblem, rep: str) -> None:
    """Refuse who carries no revenue of their own.

    Raises
    ------
    UnknownNameError
        When there is no such rep.
    InputError
        When it is an overlay rep, whose quota follows from those of others.
    """
    if any(one.id == rep and one.role == "overlay" for one in problem.sales_force.reps):
        raise InputError(
            f"{rep!r} is an overlay rep, whose quota stands on revenue that others carry",
            hint="Change or agree on the numbers of those who carry it: the overlay's follows.",
        )
    named_among("rep", rep, list(carriers(problem)))

"""How the engine decides where the inputs leave a choice."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Frozen, Number, Record, Share, Within
from planalloc.model.strategy import WEIGHTS_TOLERANCE

__all__ = ["Basis", "Policy"]

Basis = Literal["capacity", "last_year", "potential"]
Tier = Literal["shortfall", "coverage", "overtime"]


def _by_capacity() -> dict[Basis, float]:
    return {"capacity": 1.0}


class Policy(Record):
    """Choices of the planner, each with a default that most would take.

    Examples
    --------
    >>> Policy(basis={"capacity": 0.5, "last_year": 0.5}).round_to
    1.0
    """

    round_to: Annotated[Number, Within("[0.0001, 1e9]", "1 plans in whole euros, 0.01 in cents, 100 in hundreds")] = 1.0
    """Money that every number of the plan is a multiple of; 1: the currency's unit."""
    basis: Frozen[dict[Basis, Share]] = Field(default_factory=_by_capacity)
    """What the fair split goes by, as parts of a whole: selling capacity, last year's sales, potential. Capacity by
    default: it is the only one that is known for everyone."""
    basis_scope: Literal["rep", "line"] = "rep"
    """``rep``: the basis sets each rep's total the mix stays the strategy's; ``line``: it splits each line alone."""
    default_phasing: Literal["working_days", "equal"] = "working_days"
    """How lines without a seasonality spread over the periods. Working days, because that is when selling is done."""
    overtime_limit_share: Share = 0.0
    """Part of a period's hours that may be worked on top when the targets need it; 0: never."""
    after_horizon: Literal["repeat", "nothing"] = "repeat"
    """``repeat``: the last periods also work for the bookings of the next year's first ones, as the first were worked
    for before the horizon. ``nothing``: they do not, and the next year starts without a pipeline."""
    when_short: Literal["coverage", "frequency"] = "coverage"
    """What gives way when a cadence does not fit the hours: fewer accounts at the full cadence, or all less often."""
    on_missing_funnel: Literal["warn", "refuse"] = "warn"
    """A line without a funnel costs no hours: say so and go on, or refuse."""
    tiers: tuple[Tier, ...] = ("shortfall", "coverage", "overtime")
    """What is kept small first, second and third when hours are short; a later one never spoils an earlier one. The
    distance from the reference always comes last. Targets first, because they are what the strategy promises."""
    unmet: Literal["shortfall", "refuse"] = "shortfall"
    """What hours cannot carry becomes a named shortfall, or the problem is refused as infeasible."""

    @model_validator(mode="after")
    def _check_basis(self) -> Self:
        total = sum(self.basis.values())
        if abs(total - 1) > WEIGHTS_TOLERANCE * (1 + WEIGHTS_TOLERANCE):
            raise PydanticCustomError(
                "basis_sum", f"has a basis that sums to {total:.9g}; parts of a whole sum to 1: correct them"
            )
        return self

    @model_validator(mode="after")
    def _check_tiers(self) -> Self:
        if sorted(self.tiers) != ["coverage", "overtime", "shortfall"]:
            raise PydanticCustomError(
                "tiers", "must name shortfall, coverage and overtime once each, in the order in which they matter"
            )
        return self

    @property
    def step(self) -> Decimal:
        """`round_to` as an exact decimal."""
        return Decimal(repr(self.round_to)).normalize()

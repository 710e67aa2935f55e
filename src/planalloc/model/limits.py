"""What must not move: numbers that were agreed with people."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Amount, Day, Id, Name, Record
from planalloc.model.strategy import Business

__all__ = ["Bound", "Limit", "Pin"]


class _Part(Record):
    """A sum of cells, named by any part of them, and where the limit on it comes from."""

    name: Name | None = None
    """How it is found again in messages and explanations; a text made of its parts where none is given."""
    rep: Id | None = None
    """Only this rep; None: all."""
    team: Id | None = None
    """Only the reps of this team and the teams below it; None: all."""
    segment: Id | None = None
    """Only lines of this segment; None: all."""
    product: Id | None = None
    """Only lines of this product; None: all."""
    business: Business | None = None
    """Only lines of new or of existing business; None: all."""
    period: Id | None = None
    """Only this period, of the plan's grain or a coarser one ("2027-03", "2027-Q1"); None: the whole horizon."""
    reason: str = Field(default="", max_length=500)
    """Why; shown wherever the limit is."""
    agreed_with: Name | None = None
    """Who agreed to it."""
    expires: Day | None = None
    """Last day on which it counts; one that expired before the horizon is left aside, with a warning."""

    @property
    def parts(self) -> dict[str, str]:
        """The parts that are given, by field."""
        names = ("rep", "team", "segment", "product", "business", "period")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def _check_some_part(self) -> None:
        if not self.parts:
            raise PydanticCustomError(
                "limit_on_everything",
                "names no rep, team, line or period; the whole is what the targets say",
            )


class Pin(_Part):
    """A sum that must be exactly this, to the unit.

    Examples
    --------
    >>> Pin(rep="alice", segment="A", quota=2_000_000, reason="agreed in November").label
    'pin: alice, A = 2,000,000'
    """

    quota: Amount | None = None
    """The number as people carry it, over-assignment included."""
    base: Amount | None = None
    """The number as it adds up to the targets, before over-assignment."""

    @model_validator(mode="after")
    def _check_one_amount(self) -> Self:
        self._check_some_part()
        if (self.quota is None) == (self.base is None):
            raise PydanticCustomError("pin_amount", "gives both or neither of quota and base; give exactly one")
        return self

    @property
    def label(self) -> str:
        """Its name, or a text made of its parts."""
        amount = self.quota if self.quota is not None else self.base
        return self.name or f"pin: {', '.join(self.parts.values())} = {amount:,.10g}"


class Bound(_Part):
    """A sum that must be at least or at most this, or between both.

    Examples
    --------
    >>> Bound(rep="bruno", at_most=2_000_000).label
    'bound: bruno <= 2,000,000'
    """

    at_least: Amount | None = None
    """Lower end, in money; None: no lower end."""
    at_most: Amount | None = None
    """Upper end, in money; None: no upper end."""
    of: Literal["quota", "base"] = "quota"
    """Which number: ``quota`` as people carry it, because that is what they agree to, or ``base``."""

    @model_validator(mode="after")
    def _check_ends(self) -> Self:
        self._check_some_part()
        if self.at_least is None and self.at_most is None:
            raise PydanticCustomError("bound_empty", "has no end; give at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise PydanticCustomError(
                "bound_reversed",
                f"has at_least {self.at_least:,.10g} above at_most {self.at_most:,.10g}; swap the two",
            )
        return self

    @property
    def label(self) -> str:
        """Its name, or a text made of its parts."""
        ends = [f">= {self.at_least:,.10g}"] if self.at_least is not None else []
        ends += [f"<= {self.at_most:,.10g}"] if self.at_most is not None else []
        return self.name or f"bound: {', '.join(self.parts.values())} {' and '.join(ends)}"


def _kind(value: Any) -> str:
    bound_only = {"at_least", "at_most", "of"}
    fields = value if isinstance(value, dict) else ()
    return "bound" if isinstance(value, Bound) or bound_only.intersection(fields) else "pin"


Limit = Annotated[Annotated[Pin, Tag("pin")] | Annotated[Bound, Tag("bound")], Discriminator(_kind)]

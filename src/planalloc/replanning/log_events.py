"""What happens to a plan while it is built together, as records: who did what, on which day, and why."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from planalloc.model.base import Amount, Count, Day, Id, Name, Number, Record, in_digits
from planalloc.model.strategy import Business
from planalloc.replanning.carrying import Carry
from planalloc.replanning.changes import (
    Absent,
    Join,
    Leave,
    MoveAccount,
    MoveTeam,
    Reconvert,
    Reseason,
    Retarget,
    WorkTime,
)
from planalloc.replanning.counters import Counter

__all__ = [
    "KINDS",
    "Accepted",
    "Agreed",
    "AgreedLine",
    "Countered",
    "Credit",
    "Edited",
    "Event",
    "LogEvent",
    "MetHalfway",
    "Proposed",
    "Published",
    "Refused",
    "Replanned",
    "Superseded",
    "Uncounted",
]


class LogEvent(Record):
    """What every event says."""

    on: Day
    """Day on which it happened; never before that of an earlier event."""
    who: Name
    """Who did it."""
    reason: str = Field(default="", max_length=500)
    """Why."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return ""


class AgreedLine(Record):
    """What a rep carries of one line, as it was agreed."""

    rep: Id
    """Who."""
    segment: Id
    """Of the line."""
    product: Id | None = None
    """Of the line."""
    business: Business | None = None
    """Of the line."""
    quotas: tuple[Number, ...]
    """As people carry it, in money, for each period of the plan's own grain from the first on."""


class _Agreeing(LogEvent):
    agreed: tuple[AgreedLine, ...] = ()
    """The numbers that are agreed or in force from now on. The log writes them, and looks whenever it is replayed
    whether they still follow from it. Lines of which the rep carries nothing are left out."""


class Proposed(LogEvent):
    """Reps were shown their numbers."""

    event: Literal["proposed"] = "proposed"
    """Tells it from the other events where it is stored."""
    reps: tuple[Id, ...] = ()
    """Who; empty: everyone."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return ", ".join(self.reps) or "everyone"


class Countered(LogEvent):
    """A rep proposed something else."""

    event: Literal["countered"] = "countered"
    """Tells it from the other events where it is stored."""
    number: int = Field(ge=1)
    """Number of the counter-proposal, by which it is decided."""
    counter: Counter
    """What they proposed."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return f"{self.number} of {self.counter.rep}: {self.counter.asks}"


class Accepted(_Agreeing):
    """A counter-proposal was accepted: it holds, and the remaining total was shared out again."""

    event: Literal["accepted"] = "accepted"
    """Tells it from the other events where it is stored."""
    number: int = Field(ge=1)
    """Number of the counter-proposal."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return str(self.number)


class Refused(LogEvent):
    """A counter-proposal was refused: the proposal stands."""

    event: Literal["refused"] = "refused"
    """Tells it from the other events where it is stored."""
    number: int = Field(ge=1)
    """Number of the counter-proposal."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return str(self.number)


class MetHalfway(_Agreeing):
    """Both sides settled on something between the proposal and the counter-proposal."""

    event: Literal["met_halfway"] = "met_halfway"
    """Tells it from the other events where it is stored."""
    number: int = Field(ge=1)
    """Number of the counter-proposal."""
    settled: Counter
    """What holds now."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return f"{self.number}: {self.settled.asks}"


class Agreed(_Agreeing):
    """A rep agreed to their number as it stands: it is held from now on."""

    event: Literal["agreed"] = "agreed"
    """Tells it from the other events where it is stored."""
    rep: Id
    """Who."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        total = sum(sum(one.quotas) for one in self.agreed)
        return f"{self.rep}: {in_digits(total)}" if self.agreed else self.rep


class Edited(_Agreeing):
    """Somebody changed numbers by hand."""

    event: Literal["edited"] = "edited"
    """Tells it from the other events where it is stored."""
    edit: Literal["hold", "move", "concentrate", "spread", "transfer", "swap_accounts"]
    """Which edit."""
    arguments: dict[str, str | float | tuple[str, ...] | None] = Field(default_factory=dict)
    """What it was called with, but for the plan."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return f"{self.edit}: {', '.join(f'{name} {value}' for name, value in self.arguments.items())}"


class Credit(Record):
    """What was credited of one rep, line and period."""

    rep: Id
    """Who sold it."""
    segment: Id
    """Of the line."""
    product: Id | None = None
    """Of the line."""
    business: Business | None = None
    """Of the line."""
    period: Id
    """When, a period of the plan's own grain."""
    revenue: Number
    """In money; below zero where credit notes are larger."""


class Uncounted(Record):
    """Sales of one kind that a revision did not count."""

    rule: str = Field(max_length=2000)
    """What is wrong with each of them."""
    rows: int = Field(ge=1)
    """How many."""
    amount: Number = 0.0
    """What they would have added, in money."""
    examples: tuple[str, ...] = ()
    """Some of the values that are wrong."""


class Replanned(LogEvent):
    """The plan was revised. Sales are not stored: what was credited is, by rep, line and period.

    From that, `planalloc.replan` gives the same plan again.
    """

    event: Literal["replanned"] = "replanned"
    """Tells it from the other events where it is stored."""
    as_of: Day
    """Last day that was closed."""
    credited: tuple[Credit, ...] = ()
    """What was sold by then."""
    uncounted: tuple[Uncounted, ...] = ()
    """Sales that were set aside, of which the plan tells."""
    changes: tuple[
        Leave | Join | Absent | WorkTime | MoveTeam | Retarget | MoveAccount | Reseason | Reconvert, ...
    ] = ()
    """What was different."""
    carry: Carry = "spread"
    """As for `planalloc.replan`, like those below."""
    most_rise: Amount | None = None
    """By how much the rest of any rep's number might rise."""
    freeze: int = Field(default=0, ge=0)
    """Periods after the cut that did not move."""
    least_move: Count = 0.0
    """Least move for the sake of a gap, in money."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return f"as of {self.as_of}" + "".join(f"; {type(one).__name__}" for one in self.changes)


class Published(_Agreeing):
    """The plan came into force, in the place of the version before, where there is one."""

    event: Literal["published"] = "published"
    """Tells it from the other events where it is stored."""
    version: int = Field(ge=1)
    """Which version, from 1."""
    open: tuple[int, ...] = ()
    """Numbers of the counter-proposals that nobody had decided."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return f"version {self.version}"


class Superseded(LogEvent):
    """Another plan took the place of this one: nothing more happens to it."""

    event: Literal["superseded"] = "superseded"
    """Tells it from the other events where it is stored."""
    by: Name
    """What took its place."""
    open: tuple[int, ...] = ()
    """Numbers of the counter-proposals that nobody had decided."""

    @property
    def about(self) -> str:
        """What it is about, for the history."""
        return f"by {self.by}"


KINDS = (
    "proposed",
    "countered",
    "accepted",
    "refused",
    "met_halfway",
    "agreed",
    "edited",
    "replanned",
    "published",
    "superseded",
)
"""How events are told from one another where they are stored."""


def _kind(value: Any) -> str:
    found = value.get("event") if isinstance(value, dict) else getattr(value, "event", "")
    return str(found)


Event: TypeAlias = Annotated[
    Annotated[Proposed, Tag("proposed")]
    | Annotated[Countered, Tag("countered")]
    | Annotated[Accepted, Tag("accepted")]
    | Annotated[Refused, Tag("refused")]
    | Annotated[MetHalfway, Tag("met_halfway")]
    | Annotated[Agreed, Tag("agreed")]
    | Annotated[Edited, Tag("edited")]
    | Annotated[Replanned, Tag("replanned")]
    | Annotated[Published, Tag("published")]
    | Annotated[Superseded, Tag("superseded")],
    Discriminator(_kind),
]
"""Anything that happens to a plan while it is built together."""

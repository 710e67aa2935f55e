"""What must not move: numbers that were agreed with people, and the bounds between which a plan may move."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Amount, Day, Id, Name, Number, Record, Share, Within, in_digits
from planalloc.model.strategy import Business

__all__ = ["AnyLimit", "Bound", "Limit", "MixBand", "OvertimeLimit", "Pin", "QuotaRange", "TeamTarget"]


class _Agreed(Record):
    """Where a limit comes from."""

    name: Name | None = None
    """How it is found again in messages and explanations; a text made of its parts where none is given."""
    reason: str = Field(default="", max_length=500)
    """Why; shown wherever the limit is."""
    agreed_with: Name | None = None
    """Who agreed to it."""
    expires: Day | None = None
    """Last day on which it counts; one that expired before the horizon is left aside, with a warning."""


class _Part(_Agreed):
    """A sum of cells, named by any part of them."""

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

    @property
    def parts(self) -> dict[str, str]:
        """The parts that are given, by field."""
        return _given(self, ("rep", "team", "segment", "product", "business", "period"))

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

    kind: Literal["pin"] = "pin"
    """Tells it from the other limits where it is stored."""
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
        amount = self.quota if self.quota is not None else self.base or 0.0
        of = "" if self.base is None else " of the base"
        return self.name or f"pin: {_parts_in_words(self.parts)} = {in_digits(amount)}{of}"


class Bound(_Part):
    """A sum that must be at least or at most this, or between both.

    Examples
    --------
    >>> Bound(rep="bruno", at_most=2_000_000).label
    'bound: bruno <= 2,000,000'
    """

    kind: Literal["bound"] = "bound"
    """Tells it from the other limits where it is stored."""
    at_least: Amount | None = None
    """Lower end, in money; None: no lower end."""
    at_most: Amount | None = None
    """Upper end, in money; None: no upper end."""
    of: Literal["quota", "base"] = "quota"
    """Which number: ``quota`` as people carry it, because that is what they agree to, or ``base``."""

    @model_validator(mode="after")
    def _check_ends(self) -> Self:
        self._check_some_part()
        _check_two_ends(self.at_least, self.at_most)
        return self

    @property
    def label(self) -> str:
        """Its name, or a text made of its parts."""
        ends = _ends_in_words(self.at_least, self.at_most)
        of = " of the base" if self.of == "base" else ""
        return self.name or f"bound: {_parts_in_words(self.parts)} {ends}{of}"


class QuotaRange(_Agreed):
    """A floor and a cap for what each rep carries in the whole horizon (F-3).

    Examples
    --------
    >>> QuotaRange(at_most=1.2, relative_to="last_year", reason="nobody grows by more than 20 %").label
    'range: everyone <= 1.2 x last year'
    """

    kind: Literal["range"] = "range"
    """Tells it from the other limits where it is stored."""
    rep: Id | None = None
    """Only this rep; None: every rep by themselves."""
    team: Id | None = None
    """Only the reps of this team and the teams below it; None: of all."""
    at_least: Amount | None = None
    """Floor: money, or a multiple of what `relative_to` names; None: no floor."""
    at_most: Amount | None = None
    """Cap: money, or a multiple of what `relative_to` names; None: no cap."""
    relative_to: Literal["last_year", "reference"] | None = None
    """What the ends are multiples of: 1.05 of ``last_year`` asks for 5 % of growth; None: they are money."""
    prorated: bool = True
    """Whether money and last year's sales count for the part of the horizon in which the rep is there; a reference
    does by itself."""
    of: Literal["quota", "base"] = "quota"
    """Which number it speaks of."""
    but_not: tuple[Id, ...] = ()
    """Reps for whom it does not hold, although they are named above."""

    @model_validator(mode="after")
    def _check_ends(self) -> Self:
        _check_two_ends(self.at_least, self.at_most)
        return self

    @property
    def label(self) -> str:
        """Its name, or a text made of its parts."""
        times = f" x {self.relative_to.replace('_', ' ')}" if self.relative_to else ""
        of = " of the base" if self.of == "base" else ""
        whole = "" if self.prorated or self.relative_to == "reference" else ", not prorated"
        ends = _ends_in_words(self.at_least, self.at_most)
        return self.name or f"range: {_who(self)} {ends}{times}{of}{whole}"


class MixBand(_Agreed):
    """How near a rep's mix stays to the strategy's over the lines they cover (F-4).

    Examples
    --------
    >>> MixBand(tolerance=0.1).label
    'mix: everyone within 10 %'
    """

    kind: Literal["mix"] = "mix"
    """Tells it from the other limits where it is stored."""
    rep: Id | None = None
    """Only this rep; None: every rep by themselves."""
    team: Id | None = None
    """Only the reps of this team and the teams below it; None: of all."""
    tolerance: Share
    """By what part of itself a line's share may leave the strategy's: 0.1 lets 35 % be 31.5 to 38.5 %."""
    but_not: tuple[Id, ...] = ()
    """Reps for whom it does not hold, although they are named above."""

    @property
    def label(self) -> str:
        """Its name, or a text made of its parts."""
        return self.name or f"mix: {_who(self)} within {100 * self.tolerance:.4g} %"


class TeamTarget(_Agreed):
    """What the reps of a team must reach together, as part of the targets (F-6).

    Examples
    --------
    >>> TeamTarget(team="north", segment="A", base=1_500_000).label
    'team target: north, A = 1,500,000'
    """

    kind: Literal["team"] = "team"
    """Tells it from the other limits where it is stored."""
    team: Id
    """The team, with the teams below it."""
    segment: Id | None = None
    """Only lines of this segment; None: all."""
    product: Id | None = None
    """Only lines of this product; None: all."""
    business: Business | None = None
    """Only lines of new or of existing business; None: both."""
    base: Amount
    """The number, in money, before over-assignment: it adds up to the targets."""

    @property
    def parts(self) -> dict[str, str]:
        """The parts that are given, by field."""
        return _given(self, ("team", "segment", "product", "business"))

    @property
    def label(self) -> str:
        """Its name, or a text made of its parts."""
        return self.name or f"team target: {', '.join(self.parts.values())} = {in_digits(self.base)}"


class OvertimeLimit(_Agreed):
    """How much may be worked on top in each period, where it is not what the policy says for all.

    Examples
    --------
    >>> OvertimeLimit(rep="alice", period="2027-03", hours=10).label
    'overtime: alice, 2027-03 <= 10 h a period'
    """

    kind: Literal["overtime"] = "overtime"
    """Tells it from the other limits where it is stored."""
    rep: Id | None = None
    """Only this rep; None: every rep by themselves."""
    team: Id | None = None
    """Only the reps of this team and the teams below it; None: of all."""
    period: Id | None = None
    """Only the plan's periods inside this one; None: all of them."""
    hours: Annotated[Number, Within("[0, 1000]", "give hours of a period; 0 allows none")]
    """Hours that each of these reps may work on top in each of these periods. The least of several limits counts."""

    @property
    def parts(self) -> dict[str, str]:
        """The parts that are given, by field."""
        return _given(self, ("rep", "team", "period"))

    @property
    def label(self) -> str:
        """Its name, or a text made of its parts."""
        return self.name or f"overtime: {_parts_in_words(self.parts) or 'everyone'} <= {self.hours:g} h a period"


def _who(limit: QuotaRange | MixBand) -> str:
    everyone = f"everyone in {limit.team}" if limit.team else "everyone"
    less = f" but {', '.join(limit.but_not)}" if limit.but_not else ""
    return f"{limit.rep or everyone}{less}"


def _given(limit: Record, names: tuple[str, ...]) -> dict[str, str]:
    return {name: getattr(limit, name) for name in names if getattr(limit, name) is not None}


def _parts_in_words(parts: dict[str, str]) -> str:
    """Return the parts of a limit, a team told as one: a rep or a segment may be called the same."""
    return ", ".join(f"team {one}" if name == "team" else one for name, one in parts.items())


def _check_two_ends(at_least: float | None, at_most: float | None) -> None:
    if at_least is None and at_most is None:
        raise PydanticCustomError("bound_empty", "has no end; give at_least, at_most or both")
    if at_least is not None and at_most is not None and at_least > at_most:
        raise PydanticCustomError(
            "bound_reversed", f"has at_least {in_digits(at_least)} above at_most {in_digits(at_most)}; swap the two"
        )


def _ends_in_words(at_least: float | None, at_most: float | None) -> str:
    ends = [f">= {in_digits(at_least)}"] if at_least is not None else []
    ends += [f"<= {in_digits(at_most)}"] if at_most is not None else []
    return " and ".join(ends)


AnyLimit: TypeAlias = Pin | Bound | QuotaRange | MixBand | TeamTarget | OvertimeLimit

OWN_FIELDS: dict[str, set[str]] = {
    "mix": {"tolerance"},
    "overtime": {"hours"},
    "range": {"relative_to", "prorated"},
    "bound": {"at_least", "at_most", "of"},
}
"""What tells a limit's kind where it comes as a dict that does not say; asked in this order, and a pin else. The base
of a team is a `TeamTarget`, which says the same as a pin of it."""


def _kind(value: Any) -> str:
    if isinstance(value, _Agreed):
        return str(getattr(value, "kind", ""))
    fields = value if isinstance(value, dict) else {}
    if fields.get("kind"):
        return str(fields["kind"])
    given = {name for name, content in fields.items() if content is not None}
    if {"team", "base"} <= given and not {"rep", "period", "quota"} & given:
        return "team"
    return next((kind for kind, own in OWN_FIELDS.items() if own & set(fields)), "pin")


Limit = Annotated[
    Annotated[Pin, Tag("pin")]
    | Annotated[Bound, Tag("bound")]
    | Annotated[QuotaRange, Tag("range")]
    | Annotated[MixBand, Tag("mix")]
    | Annotated[TeamTarget, Tag("team")]
    | Annotated[OvertimeLimit, Tag("overtime")],
    Discriminator(_kind),
]

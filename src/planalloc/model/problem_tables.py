"""The tables that a problem comes in: one kind each, with the columns that are read and what a row of it must hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from planalloc.model import frames, portfolio_frames
from planalloc.model.base import Count, Id, Number, Record, Within
from planalloc.model.cells import day, number, text
from planalloc.model.limits import AnyLimit, Bound, Limit, MixBand, OvertimeLimit, Pin, QuotaRange, TeamTarget
from planalloc.model.packed_cells import covers, flag, mapping, names, numbers
from planalloc.model.playbook import Activity, Cadence, Prose
from planalloc.model.rhythm import ReviewRhythm
from planalloc.model.rows import Kind
from planalloc.model.salesforce import Absence
from planalloc.model.strategy import Business, Product, Segment, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planalloc.model.rows import Reader

__all__ = ["KINDS", "LIMITS", "METHOD_TEXTS", "SETTINGS", "SETTING_READERS"]

LIMITS: tuple[type[Record], ...] = (Pin, Bound, QuotaRange, MixBand, TeamTarget, OvertimeLimit)

METHOD_TEXTS = {
    "purpose": "purpose",
    "pitch": "pitch",
    "question": "questions",
    "tool": "tools",
    "role": "roles",
    "fact": "facts",
    "optional": "facts",
    "exit": "exit_criteria",
}
"""What a row of the methods may hold, and the field of `Method` it goes into; ``optional`` is a fact not required."""
WITH_ID = ("fact", "optional", "exit")

SETTING_READERS: dict[str, dict[str, Reader]] = {
    "calendar": {
        **dict.fromkeys(("start", "end"), day),
        **dict.fromkeys(("grain", "pattern", "country", "subdivision"), text),
    },
    "strategy": {**dict.fromkeys(("name", "currency", "measure"), text), "revenue": number},
    "sales_force": {
        **dict.fromkeys(("hours_per_week", "selling_share", "leave_days"), number),
        "leave_seasonality": text,
    },
    "targeting": dict.fromkeys(("potential", "gap", "recency"), number),
    "policy": {
        **dict.fromkeys(("round_to", "overtime_limit_share"), number),
        **dict.fromkeys(("basis_scope", "default_phasing", "after_horizon", "when_short"), text),
        **dict.fromkeys(("on_missing_funnel", "unmet"), text),
        "basis": mapping,
        "tiers": names,
    },
}
"""By the record that holds them, the settings that are no table; ``calendar.start`` is how a table names one."""


class Setting(Record):
    """A row of the settings."""

    setting: Id
    value: Any = None


def _whole(value: float) -> float:
    if value != int(value) or value < 1:
        raise PydanticCustomError("not_a_position", "is no position; count the periods of the horizon from 1")
    return value


class Season(Record):
    """A row of the seasonalities: all weights of one in a cell, or one weight."""

    id: Id
    grain: str | None = None
    period: Annotated[Number, AfterValidator(_whole)] | None = None
    weight: Annotated[Number, Within("[0, inf)", "a period without sales has 0", smallest=0.0)] | None = None
    weights: tuple[Number, ...] | None = None
    spread: str | None = None
    inside: Id | None = None
    normalize: bool | None = None

    @model_validator(mode="after")
    def _check_one_form(self) -> Self:
        if (self.weights is None) == (self.period is None) or (self.weight is None) != (self.period is None):
            raise PydanticCustomError(
                "weights_form", "gives no weight, or in two forms; give weights, or a row for each period and weight"
            )
        return self


class Away(Absence):
    """A row of the absences."""

    rep: Id


class Process(Record):
    """A row of the funnels, whose stages are those of a process."""

    segment: Id | None = None
    product: Id | None = None
    business: Business | None = None
    deal_size: Number
    process: Id


class Step(Record):
    """A row of the stages, with a column for each activity if one likes."""

    process: Id
    stage: Id
    name: Id | None = None
    conversion: Number
    days_before_booking: Number = 0.0
    activities: dict[Id, Count] = Field(default_factory=dict)


class Doing(Record):
    """A row of the activities of the stages."""

    process: Id
    stage: Id
    activity: Id
    count: Count


class Saying(Record):
    """A row of the methods: one of the texts of a stage."""

    stage: Id
    segment: Id | None = None
    kind: Literal["purpose", "pitch", "question", "tool", "role", "fact", "optional", "exit"] | None = None
    id: Id | None = None
    text: Prose | None = None

    @model_validator(mode="after")
    def _check_text(self) -> Self:
        if (self.kind is None) != (self.text is None):
            raise PydanticCustomError("half_a_text", "has a kind without a text, or the reverse; give both or neither")
        if self.id is None and self.kind in WITH_ID:
            raise PydanticCustomError("no_id", f"has no id; give each {self.kind} one, under which it is recorded")
        if self.id is not None and self.kind not in WITH_ID:
            raise PydanticCustomError("an_id", f"has an id, which only {', '.join(WITH_ID)} have; take it out")
        return self


class AnyKind(Record):
    """A row of the limits, of whichever kind its columns tell."""

    @classmethod
    def model_validate(cls, obj: Any, **_: Any) -> Any:
        """Return the limit that the cells make; an error names the column, as that of a record of one kind does."""
        try:
            return ADAPTER.validate_python(obj)
        except ValidationError as error:
            details = [
                InitErrorDetails(
                    type=PydanticCustomError(one["type"], one["msg"]),
                    loc=one["loc"][1:],
                    input=one["input"],
                )
                for one in error.errors()
            ]
            raise ValidationError.from_exception_data("Limit", details) from None


ADAPTER: TypeAdapter[AnyLimit] = TypeAdapter(Limit, config=ConfigDict(defer_build=True))


@dataclass(frozen=True)
class Attributed(Kind):
    """The accounts, whose attributes may stand in one cell, or in columns of their own, or in both."""

    def held(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return the cells of a row, attributes of both forms together."""
        found = super().held(cells)
        return {**found, self.others: {**cells.get(self.others, {}), **found[self.others]}}


_PARTS = ("segment", "product", "business")
_AGREED = ("reason", "agreed_with")


def _kind(table: str, record: type[Record], required: tuple[str, ...], **readers: tuple[str, ...]) -> Kind:
    """Return a kind of table from the columns of each reader."""
    known: dict[str, Reader] = {"text": text, "number": number, "day": day, "flag": flag, "names": names}
    known |= {"numbers": numbers, "mapping": mapping, "covers": covers, "any": lambda value, _: value}
    found = {column: known[reader] for reader, columns in readers.items() for column in columns}
    return Kind(table, record, {**{name: found[name] for name in required}, **found}, required)


_BY_SEGMENT = dict.fromkeys(("accounts", "last_year", "potential"), mapping)
_ACCOUNT = portfolio_frames.ACCOUNTS

SETTINGS = _kind("settings", Setting, ("setting", "value"), text=("setting",), any=("value",))

KINDS: dict[str, Kind] = {
    one.table: one
    for one in (
        SETTINGS,
        _kind(
            "segments",
            Segment,
            ("id",),
            text=("id", "name"),
            number=("priority", "coverage", "coverage_min"),
            mapping=("criteria",),
        ),
        _kind("products", Product, ("id",), text=("id", "name"), number=("unit_price",)),
        _kind(
            "targets",
            Target,
            ("segment",),
            text=(*_PARTS, "seasonality"),
            number=("share", "revenue"),
            flag=("rest",),
        ),
        _kind(
            "seasonalities",
            Season,
            ("id", "grain"),
            text=("id", "grain", "spread", "inside"),
            number=("period", "weight"),
            numbers=("weights",),
            flag=("normalize",),
        ),
        frames.TEAMS,
        replace(frames.REPS, readers={**frames.REPS.readers, "hedge": number, **_BY_SEGMENT}),
        _kind("absences", Away, ("rep", "start", "end"), text=("rep", "reason"), day=("start", "end")),
        frames.ACCOUNTS,
        Attributed(
            "portfolio", _ACCOUNT.record, {**_ACCOUNT.readers, "attributes": mapping}, _ACCOUNT.required, "attributes"
        ),
        portfolio_frames.CONTACTS,
        _kind("activities", Activity, ("id", "hours"), text=("id", "name", "channel"), number=("hours",)),
        _kind("funnels", Process, ("process", "deal_size"), text=(*_PARTS, "process"), number=("deal_size",)),
        replace(
            _kind(
                "stages",
                Step,
                ("process", "stage", "conversion"),
                text=("process", "stage", "name"),
                number=("conversion", "days_before_booking"),
            ),
            others="activities",
        ),
        _kind(
            "stage_activities",
            Doing,
            ("process", "stage", "activity", "count"),
            text=("process", "stage", "activity"),
            number=("count",),
        ),
        _kind(
            "cadences",
            Cadence,
            ("segment", "activity", "per_account_per_year"),
            text=("segment", "activity", "business"),
            number=("per_account_per_year",),
            flag=("feeds_funnel",),
        ),
        _kind("methods", Saying, ("stage",), text=("stage", "segment", "kind", "id", "text")),
        _kind(
            "limits",
            AnyKind,
            (),
            text=("kind", "name", "rep", "team", *_PARTS, "period", "of", "relative_to", *_AGREED),
            number=("quota", "base", "at_least", "at_most", "tolerance", "hours"),
            flag=("prorated",),
            names=("but_not",),
            day=("expires",),
        ),
        _kind(
            "rhythms",
            ReviewRhythm,
            ("meet",),
            text=("meet", "revise", "formality", "seniority", "rep"),
            number=("minutes",),
        ),
    )
}
"""Every table of a problem, by name, in the order in which they are written."""

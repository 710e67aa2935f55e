"""What every input record shares: frozen, no unknown fields, finite numbers, ids that are text.

Numbers may be Python or numpy scalars or ``Decimal``; strings and booleans are not numbers. Each range is written
once, on the field, as `Within`: the message of a refusal gives the value, the range and what to do.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from numbers import Real
from typing import Annotated, Any, ClassVar, NoReturn, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from planalloc.errors import UnknownNameError
from planalloc.model.field_texts import texts_below_fields

__all__ = [
    "MOST_NAMED",
    "NUMBERS",
    "Amount",
    "Count",
    "Day",
    "Frozen",
    "Id",
    "Name",
    "NotEmpty",
    "Number",
    "Record",
    "Share",
    "Within",
    "brief",
    "in_digits",
    "named_among",
    "nearest",
    "suggest",
]

LONGEST_SHOWN = 60
"""Characters of a given value that a message repeats."""
LONGEST_TEXT = 200
"""An id or a name of more characters is a paste accident: it would break every table it appears in."""
NUMBERS = (float, int, Real, Decimal)
"""What counts as a number, the usual kinds first: asking for the abstract one takes longest."""


def in_digits(amount: float) -> str:
    """Return an amount with all its digits, four decimals at most, and no more decimals than it needs.

    Examples
    --------
    >>> in_digits(12345678901.5)
    '12,345,678,901.5'
    """
    return f"{amount:,.4f}".rstrip("0").rstrip(".")


def nearest(name: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the known names most like this one, best first, three at most.

    Examples
    --------
    >>> nearest("alise", ["alice", "bruno"])
    ('alice',)
    """
    name, lower = str(name), {one.lower(): one for one in reversed(known)}
    return tuple(lower[one] for one in difflib.get_close_matches(name[:LONGEST_TEXT].lower(), list(lower), n=3))


def suggest(name: str, known: Sequence[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest known names, or an empty text.

    Examples
    --------
    >>> suggest("alise", ["alice", "bruno"])
    " Did you mean 'alice'?"
    """
    near = nearest(name, known)
    return f" Did you mean {' or '.join(repr(one) for one in near)}?" if near else ""


MOST_TOLD = 10
"""Errors that the message about one record lists; the others are counted."""
MOST_NAMED = 20
"""Known names that an error lists; the others are counted."""


def _and_more(many: int) -> str:
    return f" and {many:,} more" if many > 0 else ""


def brief(text: str) -> str:
    """Return a text, or the beginning of one that is too long to be repeated in a message.

    Examples
    --------
    >>> brief("alise"), len(brief("a" * 1_000_000))
    ('alise', 60)
    """
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def named_among(option: str, given: str, known: Sequence[str]) -> None:
    """Refuse what is none of an option's values.

    Parameters
    ----------
    option : str
        Name of the argument.
    given : str
        Its value.
    known : Sequence of str
        The values it may have.

    Raises
    ------
    UnknownNameError
        When the value is none of them.

    Examples
    --------
    >>> named_among("on_infeasible", "relax", ("raise", "relax"))
    """
    if given not in known:
        raise UnknownNameError(
            f"{option} cannot be {brief(repr(given))}.{suggest(given, known)}",
            hint=f"It may be: {', '.join(known[:MOST_NAMED])}{_and_more(len(known) - MOST_NAMED)}."
            if known
            else "There are none.",
            name=str(given),
            candidates=nearest(given, known),
        )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, NUMBERS):
        kind = type(value).__name__
        raise PydanticCustomError("not_a_number", f"must be a number, not {kind}; give it as 12.5, without quotes")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise PydanticCustomError("not_finite", f"must be finite, not {number}; leave it out where it is not known")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        kind = type(value).__name__
        raise PydanticCustomError("not_text", f"must be text, not {kind}; write it in quotes, '{str(value)[:40]}'")
    if not value.strip():
        raise PydanticCustomError("empty_text", "must not be empty; give it a name that people recognize")
    if len(value) > LONGEST_TEXT:
        raise PydanticCustomError(
            "long_text", f"has {len(value):,} characters, at most {LONGEST_TEXT} are allowed; shorten it"
        )
    if value != value.strip():
        raise PydanticCustomError("padded_text", f"has blanks around it; write {value.strip()!r}")
    if value.isprintable():
        return value
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise PydanticCustomError("broken_text", "holds half a character, which no file can store; write it anew")
    if any(ord(character) < 32 or character in "\ufffe\uffff" for character in value):
        raise PydanticCustomError("control_text", "holds control characters, such as a line break; take them out")
    if not _closes(value):
        raise PydanticCustomError(
            "open_direction", "turns the direction of writing and never turns it back; take the invisible sign out"
        )
    return value


def _closes(text: str) -> bool:
    """Whether a text ends every change of the direction of writing that it begins, and no other (Unicode UAX 9)."""
    ends: list[str] = []
    for character in text:
        if character in "\u202a\u202b\u202d\u202e":
            ends.append("\u202c")
        elif character in "\u2066\u2067\u2068":
            ends.append("\u2069")
        elif character in "\u202c\u2069" and (not ends or ends.pop() != character):
            return False
    return not ends


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("not_a_date", f"must be a date, not {str(value)[:40]!r}; write date(2027, 1, 31)")


@dataclass(frozen=True)
class Within:
    """A range for a number, with what to do when it is left.

    Parameters
    ----------
    interval : str
        In the usual notation, ``"(0, 1]"``; ``inf`` for no end.
    remedy : str
        What to do, as a sentence without its full stop.
    smallest, largest : float
        What a number other than 0 must be for its size to mean anything: beyond are slips of the unit or of the file,
        with which floats cannot be told apart any more.
    """

    interval: str
    remedy: str
    smallest: float = 1e-9
    largest: float = 1e18

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Check the range after the number itself has been accepted."""
        return AfterValidator(self._check).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        """Show the range in the JSON schema."""
        low, high = self._ends()
        found = dict(handler(schema))
        if math.isfinite(low):
            found["exclusiveMinimum" if self.interval[0] == "(" else "minimum"] = low
        if math.isfinite(high):
            found["exclusiveMaximum" if self.interval[-1] == ")" else "maximum"] = high
        return found

    def _ends(self) -> tuple[float, float]:
        low, high = self.interval[1:-1].split(",")
        return float(low), float(high)

    def _check(self, value: float) -> float:
        low, high = self._ends()
        above = value > low if self.interval[0] == "(" else value >= low
        below = value < high if self.interval[-1] == ")" else value <= high
        if not (above and below):
            raise PydanticCustomError("out_of_range", f"is {value:g}, allowed is {self.interval}; {self.remedy}")
        if value and not self.smallest <= abs(value) <= self.largest:
            word = "small" if abs(value) < self.smallest else "large"
            raise PydanticCustomError("no_size", f"is {value!r}, too {word} to mean anything here; check its unit")
        return value


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise TypeError("records are frozen; make a new one with .but(...)")


class _FrozenDict(dict[Any, Any]):
    """A dict that cannot be changed, so that a record holding it stays what it was when it was checked."""

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise PydanticCustomError("nothing_given", "is empty; give at least one")
    return value


NotEmpty = AfterValidator(_some)

Mappable = TypeVar("Mappable", bound=Mapping[Any, Any])
Frozen = Annotated[Mappable, AfterValidator(_FrozenDict)]

Id = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_text)]
Number = Annotated[float, BeforeValidator(_number)]
Amount = Annotated[Number, Within("[0, inf)", "money is not negative here")]
Count = Annotated[Number, Within("[0, inf)", "a count is not negative", largest=1e9)]
Share = Annotated[Number, Within("[0, 1]", "write 35 % as 0.35")]
Day = Annotated[date, BeforeValidator(_day)]


def _short(text: str) -> str:
    """Return a text, or the beginning of one that is no name any more."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:40]}... ({len(text):,} characters)"


def _first(errors: list[Any]) -> tuple[list[Any], int]:
    """Return the first of many errors of a record, and how many more there are, those counted inside it included."""
    told = [one for one in errors if one["type"] != "and_more"]
    counted = sum(one["ctx"]["many"] for one in errors if one["type"] == "and_more")
    return told[:MOST_TOLD], len(told[MOST_TOLD:]) + counted


class Record(BaseModel):
    """Base of all inputs: a frozen value that checks itself and is changed by making a new one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        ser_json_inf_nan="constants",
        defer_build=True,  # a record's validator is built when the first one is made: importing stays quick
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        """Say of each field what the text below it says, read only when it is asked for: it takes long."""
        told = handler(schema)
        for name, text in texts_below_fields(cls).items():
            handler.resolve_ref_schema(told)["properties"][name].setdefault("description", text)
        return told

    def but(self, **changes: Any) -> Self:
        """Return the same record with some fields changed, checked again.

        Parameters
        ----------
        **changes
            New values by field name.

        Raises
        ------
        pydantic.ValidationError
            When a field does not exist or the changed record breaks one of its own rules.

        Examples
        --------
        >>> import planalloc as pa
        >>> pa.Rep(id="alice").but(fte=0.8).fte
        0.8
        """
        return type(self).model_validate({**{name: getattr(self, name) for name in type(self).model_fields}, **changes})

    @model_validator(mode="wrap")
    @classmethod
    def _name_the_nearest_field(cls, value: Any, handler: Any) -> Self:
        """Turn "extra inputs are not permitted" into the name of the field that was probably meant."""
        try:
            checked: Self = handler(value)
        except ValidationError as error:
            known = list(cls.model_fields)
            details = []
            told, more = _first(error.errors())
            for one in told:
                kind: Any = PydanticCustomError(one["type"], one["msg"])
                if one["type"] == "extra_forbidden" and len(one["loc"]) == 1:
                    name = _short(str(one["loc"][0]))
                    text = f"{cls.__name__} has no field {name!r}.{suggest(name, known)} It has: {', '.join(known)}"
                    kind = PydanticCustomError("unknown_field", text)
                if one["type"] == "literal_error":
                    given, allowed = _short(str(one["input"])), one["ctx"]["expected"]
                    near = nearest(given, re.findall(r"'([^']*)'", allowed))
                    remedy = f"; the nearest is {near[0]!r}" if near else ""
                    kind = PydanticCustomError("unknown_value", f"must be {allowed}{remedy}")
                where = tuple(_short(part) if isinstance(part, str) else part for part in one["loc"])
                details.append(InitErrorDetails(type=kind, loc=where, input=one["input"]))
            if more:
                kind = PydanticCustomError("and_more", f"and {more:,} more", {"many": more})
                details.append(InitErrorDetails(type=kind, loc=(), input=more))
            raise ValidationError.from_exception_data(error.title, details) from None
        return checked

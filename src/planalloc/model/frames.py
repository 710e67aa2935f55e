"""The sales force out of tables: any dataframe, or the rows of a CSV file as dicts of text.

Every cell of every table is read before anything is refused, so that a person corrects a file once. Rows are counted
from 1, the header left out, and columns are named as the table names them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, NoReturn, Self, TypeAlias

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Amount, Count, Id, Record
from planalloc.model.finding import Finding, refuse
from planalloc.model.salesforce import Ramp, Rep, Scope, Team
from planalloc.model.strategy import Business

__all__ = ["read_reps_and_teams"]

LONGEST_VALUE = 60
"""Characters of an offending value that a finding shows."""
MOST_SUGGESTIONS = 50
"""Unknown reps for whom the nearest known one is looked up: beyond that the whole column is of another kind."""
EXACT_WHOLES = 2**53
"""Floats from here on skip whole numbers, so that an id among them may have lost digits."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Reader: TypeAlias = Callable[[Any, str], Any]


class _Holding(Record):
    """One row of the table of accounts: what a rep has in a segment, or in one business of it."""

    rep: Id
    segment: Id
    business: Business | None = None
    accounts: Count | None = None
    last_year: Amount | None = None
    potential: Amount | None = None

    @model_validator(mode="after")
    def _check_some_number(self) -> Self:
        if self.accounts is None and self.last_year is None and self.potential is None:
            raise PydanticCustomError("no_number", "has a row without any number; fill it in, or take the row out")
        return self


def _text(value: Any, _: str) -> str:
    """Return text as it is and a whole number as its digits: ``"1042"``, never ``"1042.0"``."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise PydanticCustomError("not_text", f"must be text, not {type(value).__name__}; write it out as text")
    if not math.isfinite(value) or value != int(value):
        raise PydanticCustomError("not_whole", "is no whole number, and names are; read the column as text")
    if not isinstance(value, Integral | Decimal) and abs(value) >= EXACT_WHOLES:
        raise PydanticCustomError("digits_lost", "is too long for a float, digits may be lost; read the column as text")
    return str(int(value))


def _number(value: Any, _: str) -> Any:
    """Return text that is a number as one; what else is no number the record refuses."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if NUMBER.fullmatch(text):
        return float(text)
    remedy = "write it in digits, such as 12.5, without unit or separators"
    if text.count(",") == 1 and NUMBER.fullmatch(dotted := text.replace(",", ".")):
        thousands = re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text, re.ASCII)
        remedy = f"write {dotted}" + (f", or {text.replace(',', '')} if the comma marks thousands" if thousands else "")
    raise PydanticCustomError("not_a_number", f"is no number; {remedy}")


def _day(value: Any, _: str) -> date:
    """Return a date, a time stamp at midnight without time zone, or ISO text as a date."""
    if isinstance(value, datetime):
        if value.tzinfo is None and value.time() == time(0):
            return value.date()
        raise PydanticCustomError("not_a_date", "has a time or a time zone; give the date alone, as 2027-01-31")
    if isinstance(value, date):
        return value
    if isinstance(value, str) and DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise PydanticCustomError("not_a_date", "is no date; write it year first, as 2027-01-31")


def _parts(value: Any, separator: str) -> list[Any]:
    parts = [part.strip() for part in value.split(separator)] if isinstance(value, str) else [value]
    if "" in parts:
        raise PydanticCustomError("empty_part", f"has nothing between two {separator!r} or beside one; take it out")
    return parts


def _covers(value: Any, separator: str) -> tuple[str | Scope, ...]:
    return tuple(_scope(part) for part in _parts(_text(value, separator), separator))


def _scope(part: str) -> str | Scope:
    """Return ``"A"`` as the segment and ``"segment/product/business"``, an empty part for any, as a scope."""
    if "/" not in part:
        return part
    names = [name.strip() or None for name in part.split("/")]
    if len(names) > 3:
        raise PydanticCustomError("not_a_scope", "has a scope of more than 3 parts; write segment/product/business")
    return Scope.model_validate(dict(zip(("segment", "product", "business"), names, strict=False)))


def _ramp(value: Any, separator: str) -> Ramp:
    return Ramp.model_validate({"months": tuple(_number(part, separator) for part in _parts(value, separator))})


@dataclass(frozen=True)
class _Kind:
    """One of the three tables: the record a row makes, how each column is read, and the columns that must be there."""

    table: str
    record: type[Record]
    readers: Mapping[str, Reader]
    required: tuple[str, ...]


REPS = _Kind(
    "reps",
    Rep,
    {
        **dict.fromkeys(("id", "name", "team", "role", "seniority"), _text),
        **dict.fromkeys(("fte", "hours_per_week", "selling_share"), _number),
        **dict.fromkeys(("start", "end"), _day),
        "covers": _covers,
        "ramp": _ramp,
    },
    ("id",),
)
TEAMS = _Kind("teams", Team, {**dict.fromkeys(("id", "name", "parent", "manager"), _text), "hedge": _number}, ("id",))
ACCOUNTS = _Kind(
    "accounts",
    _Holding,
    {
        **dict.fromkeys(("rep", "segment", "business"), _text),
        **dict.fromkeys(("accounts", "last_year", "potential"), _number),
    },
    ("rep", "segment", "accounts"),
)


@dataclass(frozen=True)
class _Table:
    """A table as it came: its header, and its rows by header."""

    kind: _Kind
    header: tuple[Any, ...]
    rows: Sequence[Mapping[Any, Any]]


@dataclass(frozen=True)
class _Row:
    """A row as it was read: the cells that are given, by our names, and the record, unless something is wrong."""

    number: int
    cells: Mapping[str, Any]
    record: Any


def read_reps_and_teams(
    reps: Any,
    *,
    accounts: Any,
    teams: Any,
    columns: Mapping[str, str],
    separator: str,
    extra: str,
) -> tuple[tuple[Rep, ...], tuple[Team, ...]]:
    """Read the tables of `SalesForce.from_frame`, which documents the parameters.

    Raises
    ------
    InputError
        When anything in any of the tables is wrong; its findings are all that is.

    Examples
    --------
    >>> reps, teams = read_reps_and_teams([{"id": 1042.0, "covers": "A;B//new"}], accounts=None, teams=(), columns={},
    ...                                   separator=";", extra="refuse")
    >>> reps[0].id, reps[0].covers[1].business
    ('1042', 'new')
    """
    if not separator or "/" in separator:
        _refuse("separator", repr(separator), "cannot separate scopes", "Use ';', which is the default.")
    if extra not in {"refuse", "ignore"}:
        _refuse("extra", repr(extra), "must be 'refuse' or 'ignore'", "Leave it out to refuse unknown columns.")
    given = isinstance(teams, Sequence) and all(isinstance(team, Team) for team in teams)
    sources = [(REPS, reps), (TEAMS, () if given else teams), (ACCOUNTS, () if accounts is None else accounts)]
    tables = [_table(kind, source) for kind, source in sources]
    found = [*_columns(tables, columns, extra)]
    read = {table.kind.table: [*_rows(table, columns, separator, found)] for table in tables}
    for name in ("reps", "teams"):
        found += _twice(name, read[name])
    found += _relations(read["accounts"], [row.cells["id"] for row in read["reps"] if "id" in row.cells])
    if found:
        refuse(found)
    held = _by_rep(row.record for row in read["accounts"])
    rows = (row.record for row in read["reps"])
    return (
        tuple(rep.but(**held[rep.id]) if rep.id in held else rep for rep in rows),
        tuple(teams) if given else tuple(row.record for row in read["teams"]),
    )


def _refuse(path: str, value: str, rule: str, remedy: str) -> NoReturn:
    refuse([Finding("not-readable", "error", path, value, rule, remedy)])


def _table(kind: _Kind, source: Any) -> _Table:
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read
    from narwhals.exceptions import DuplicateError  # noqa: PLC0415 -- loaded only when a table is read

    try:
        frame = nw.from_native(source, pass_through=True)
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        if isinstance(frame, nw.DataFrame):
            return _Table(kind, tuple(frame.columns), [*frame.iter_rows(named=True)])
    except DuplicateError as error:
        _refuse(kind.table, "one header", f"stands above several columns ({error})", "Rename all but one.")
    rows = [*source] if isinstance(source, Iterable) and not isinstance(source, Mapping) else [source]
    if strange := [type(row).__name__ for row in rows if not isinstance(row, Mapping)]:
        _refuse(kind.table, strange[0], "is no table", "Give a dataframe, or a list with one dict for each row.")
    return _Table(kind, tuple(dict.fromkeys(name for row in rows for name in row)), rows)

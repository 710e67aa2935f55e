"""The sales force out of tables: any dataframe, or the rows of a CSV file as dicts of text.

Every cell of every table is read before anything is refused, so that a person corrects a file once. Rows are counted
from 1, the header left out, and columns are named as the table names them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from numbers import Integral, Real
from typing import Any, NoReturn, Self, TypeAlias

from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Amount, Count, Id, Record, nearest, suggest
from planalloc.model.finding import Finding, refuse
from planalloc.model.salesforce import Rep, Team
from planalloc.model.strategy import Business

__all__ = ["read_reps_and_teams"]

LONGEST_VALUE = 60
"""Characters of an offending value that a finding shows."""
MOST_SUGGESTIONS = 50
"""Unknown reps for whom the nearest known one is looked up: beyond that the whole column is of another kind."""
EXACT_WHOLES = 2**53
"""Floats from here on skip whole numbers, so that an id among them may have lost digits."""
BEYOND = None
"""The key under which `csv.DictReader` keeps the cells of a row that has more of them than the header."""
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
    is_number = isinstance(value, Real | Decimal) and not isinstance(value, bool)
    if not is_number:
        raise PydanticCustomError("not_text", f"must be text, not {type(value).__name__}; write it out as text")
    if not math.isfinite(value) or value != int(value):
        raise PydanticCustomError("not_whole", "is no whole number where a name belongs; read the column as text")
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


def _covers(value: Any, separator: str) -> list[Any]:
    return [_scope(part) for part in _parts(_text(value, separator), separator)]


def _scope(part: str) -> str | dict[str, str]:
    """Return ``"A"`` as the segment and ``"segment/product/business"``, an empty part for any, as a scope."""
    if "/" not in part:
        return part
    names = [name.strip() for name in part.split("/")]
    if len(names) > 3:
        raise PydanticCustomError("not_a_scope", "has a scope of more than 3 parts; write segment/product/business")
    return {field: name for field, name in zip(("segment", "product", "business"), names, strict=False) if name}


def _ramp(value: Any, separator: str) -> dict[str, Any]:
    return {"months": [_number(part, separator) for part in _parts(value, separator)]}


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
    """A table as it came: its header, what its rows hold by header, and the header of each of our columns."""

    kind: _Kind
    header: tuple[Any, ...]
    rows: Sequence[Mapping[Any, Any]]
    headers: Mapping[str, Any]


@dataclass(frozen=True)
class _Row:
    """A row as it was read: its given cells by our names, what is wrong with them, and the record if nothing is."""

    path: str
    cells: Mapping[str, Any]
    found: Sequence[Finding]
    record: Any


def read_reps_and_teams(
    reps: Any, *, accounts: Any, teams: Any, columns: Mapping[str, str], separator: str, extra: str
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
    records = tuple(teams) if isinstance(teams, Sequence) and all(isinstance(one, Team) for one in teams) else None
    sources = [(REPS, reps), (TEAMS, teams if records is None else None), (ACCOUNTS, accounts)]
    tables = [_table(kind, source, columns) for kind, source in sources if source is not None]
    read = {table.kind.table: [_row(table, index, separator) for index in range(len(table.rows))] for table in tables}
    team_rows, holdings = read.get("teams", []), read.get("accounts", [])
    found = [*_mappings(tables, columns), *chain(*(_columns(table, extra) for table in tables))]
    found += [one for row in chain(*read.values()) for one in row.found]
    found += [*_twice(read["reps"]), *_twice(team_rows), *_several(holdings)]
    if "id" in tables[0].headers:
        found += _strangers(holdings, [row.cells["id"] for row in read["reps"] if "id" in row.cells])
    if found:
        place = {row.path: number for number, row in enumerate(chain(*read.values()))}
        refuse(sorted(found, key=lambda one: place.get(one.path.partition(",")[0], -1)))
    held = _by_rep(row.record for row in holdings)
    staff = tuple(row.record.but(**held.get(row.record.id, {})) for row in read["reps"])
    return staff, tuple(row.record for row in team_rows) if records is None else records


def _refuse(path: str, value: str, rule: str, remedy: str) -> NoReturn:
    refuse([Finding("not-readable", "error", path, value, rule, remedy)])


def _table(kind: _Kind, source: Any, columns: Mapping[str, str]) -> _Table:
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read
    from narwhals.exceptions import DuplicateError  # noqa: PLC0415 -- loaded only when a table is read

    header: tuple[Any, ...]
    rows: list[Any]
    try:
        frame = nw.from_native(source, pass_through=True)
        frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
        if isinstance(frame, nw.DataFrame):
            header, rows = tuple(frame.columns), [*frame.iter_rows(named=True)]
        else:
            rows = [*source] if isinstance(source, Iterable) else [source]
            names = dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row)
            header = tuple(name for name in names if name is not BEYOND)
    except DuplicateError as error:
        _refuse(kind.table, "one header", f"names several columns: {' '.join(str(error).split())}", "Rename them.")
    if not all(isinstance(row, Mapping) for row in rows):
        remedy = "Give a dataframe, or a list with one dict for each row."
        _refuse(kind.table, type(source).__name__, "is no table", remedy)
    places = {ours: [one for one in (columns.get(ours), ours) if one in header] for ours in kind.readers}
    return _Table(kind, header, rows, {ours: found[0] for ours, found in places.items() if found})


def _mappings(tables: Sequence[_Table], columns: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what `columns` says of headers that are nowhere; a name that two tables share may be mapped for either."""
    known = sorted({ours for kind in (REPS, TEAMS, ACCOUNTS) for ours in kind.readers})
    for ours, theirs in columns.items():
        path, header = (
            f"columns[{ours!r}]",
            [one for table in tables if ours in table.kind.readers for one in table.header],
        )
        if ours not in known:
            yield _unknown(path, ours, "is no column that is read", known, f"Columns are: {', '.join(known)}.")
        elif theirs not in header:
            rule = "is no header of the table" if header else "is the header of a table that is not given"
            yield _unknown(path, theirs, rule, header, "Write the header as the table does, or take it out.")


def _columns(table: _Table, extra: str) -> Iterator[Finding]:
    """Yield columns that must be there and are not, and columns that nobody reads."""
    kind, have = table.kind, ", ".join(map(str, table.header))
    for ours in kind.required if table.header or table.rows else ():
        if ours not in table.headers:
            rule = f"is a column that must be there; another header is mapped by columns={{{ours!r}: ...}}"
            yield _unknown(kind.table, ours, rule, table.header, f"The table has: {have or 'no column'}.")
    free = [ours for ours in kind.readers if ours not in table.headers]
    for theirs in () if extra == "ignore" else table.header:
        if theirs not in table.headers.values():
            rule = "is no column that is read; columns={...} maps it, extra='ignore' leaves it out"
            yield _unknown(kind.table, theirs, rule, free, f"Columns are: {', '.join(kind.readers)}.")


def _unknown(path: str, name: Any, rule: str, known: Sequence[Any], remedy: str) -> Finding:
    """Return that a name is not known, with the nearest known ones, or else the remedy."""
    near = nearest(str(name), [str(one) for one in known])
    hint = suggest(str(name), near).strip() or remedy
    return Finding("unknown-name", "error", path, _shown(str(name)), rule, hint, str(name), near)


def _row(table: _Table, index: int, separator: str) -> _Row:
    kind, row, path = table.kind, table.rows[index], f"{table.kind.table} row {index + 1}"
    cells: dict[str, Any] = {}
    found: dict[str, Finding] = {}
    beyond = row.get(BEYOND)
    if beyond := [one for one in (beyond if isinstance(beyond, list) else [beyond]) if not _missing(one)]:
        message = "stands beyond the last header; put text that holds the separator in quotes"
        found["beyond"] = _finding(path, beyond[0], "long_row", message)
    for ours, theirs in table.headers.items():
        if not _missing(value := row.get(theirs)):
            try:
                cells[ours] = kind.readers[ours](value, separator)
            except PydanticCustomError as error:
                found[ours] = _finding(f"{path}, {theirs}", value, error.type, error.message())
    try:
        return _Row(path, cells, [*found.values()], kind.record.model_validate(cells))
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False):
            ours = str(one["loc"][0]) if one["loc"] else ""
            if not ours and not found:
                found[ours] = _finding(path, cells[kind.required[0]], one["type"], one["msg"])
            elif ours in table.headers and ours not in found:
                theirs = table.headers[ours]
                found[ours] = _finding(f"{path}, {theirs}", row.get(theirs), one["type"], one["msg"])
        return _Row(path, cells, [*found.values()], None)


def _missing(value: Any) -> bool:
    """Return whether a cell is not given: None, empty text, NaN, NaT or NA, whose very comparison fails."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    unequal = isinstance(value, Real | Decimal | date) and value != value  # noqa: PLR0124 -- NaN and NaT only
    return unequal or type(value).__name__ == "NAType"


def _finding(path: str, value: Any, kind: str, message: str) -> Finding:
    """Return what is wrong with a cell, from a message of the form "rule; remedy"."""
    code = kind.replace("_", "-")
    if kind == "missing":
        rule, remedy = "is given, and no row does without it", "Fill it in, or take the row out."
        return Finding(code, "error", path, "nothing", rule, remedy)
    rule, _, remedy = message.partition("; ")
    if kind == "out_of_range":
        rule = f"is outside {rule.rpartition('allowed is ')[2]}"
    remedy = remedy or "Write it exactly so"
    rule = rule.replace("Input should be", "must be")
    return Finding(code, "error", path, _shown(value), rule, f"{remedy[0].upper()}{remedy[1:]}.")


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _twice(rows: Iterable[_Row]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for row in rows:
        name = row.cells.get("id")
        if name is not None and first.setdefault(name, row.path) != row.path:
            rule = f"stands in {first[name]} already, and an id names one"
            yield Finding("duplicate", "error", row.path, _shown(name), rule, "Rename or remove one of them.")


def _several(rows: Iterable[_Row]) -> Iterator[Finding]:
    """Yield rows that say again, or at another level, what a row before them says of a rep's segment."""
    seen: dict[tuple[str, str], dict[str | None, str]] = {}
    for row in rows:
        rep, segment, business = (row.cells.get(ours) for ours in ("rep", "segment", "business"))
        if rep is None or segment is None:
            continue
        before = seen.setdefault((rep, segment), {})
        what = _shown(", ".join(part for part in (rep, segment, business) if part))
        if business in before:
            rule = f"stands in {before[business]} already"
            yield Finding("duplicate", "error", row.path, what, rule, "Put both into one row, or correct one.")
        elif None in before or (before and business is None):
            rule = f"is in {next(iter(before.values()))} too, one with and one without business"
            remedy = "Give new and existing in a row each, or one row without business."
            yield Finding("business-mixed", "error", row.path, what, rule, remedy)
        before.setdefault(business, row.path)


def _strangers(rows: Iterable[_Row], ids: Sequence[str]) -> Iterator[Finding]:
    """Yield rows of accounts whose rep is in no row of the reps."""
    known = {one.strip() for one in ids}
    told: dict[str, Finding] = {}
    for row in rows:
        rep = row.cells.get("rep", "").strip()
        if rep and rep not in known:
            if rep not in told:
                near, remedy = (
                    ids if len(told) < MOST_SUGGESTIONS else (),
                    "Add the rep to the reps, or take the row out.",
                )
                told[rep] = _unknown("", rep, "is no id in the table of reps", near, remedy)
            yield replace(told[rep], path=row.path)


def _by_rep(holdings: Iterable[_Holding]) -> dict[str, dict[str, Any]]:
    """Return accounts, last year's sales and potential by segment for each rep; money of both businesses adds up."""
    held: dict[str, dict[str, Any]] = {}
    for one in holdings:
        rep = held.setdefault(one.rep, {})
        if one.accounts is not None and one.business is None:
            rep.setdefault("accounts", {})[one.segment] = one.accounts
        elif one.accounts is not None:
            rep.setdefault("accounts", {}).setdefault(one.segment, {})[one.business] = one.accounts
        for name, amount in (("last_year", one.last_year), ("potential", one.potential)):
            if amount is not None:
                money = rep.setdefault(name, {})
                money[one.segment] = money.get(one.segment, 0.0) + amount
    return held

"""Rows of tables as records: any dataframe, or the rows of a CSV file as dicts of text.

Every cell of every table is read before anything is refused, so that a person corrects a file once. Rows are counted
from 1, the header left out, and columns are named as the table names them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NoReturn, TypeAlias

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from planalloc.model.base import MOST_NAMED, Record, brief, nearest, suggest
from planalloc.model.cells import missing, shown
from planalloc.model.finding import Finding, refuse

__all__ = [
    "Kind",
    "Opened",
    "Row",
    "SourceTable",
    "cell_finding",
    "findings_of",
    "objections",
    "read_rows",
    "read_table",
    "refuse_in_order",
    "some_of",
    "strangers",
    "twice",
    "unknown",
]

BEYOND = None
"""The key under which `csv.DictReader` keeps the cells of a row that has more of them than the header."""

MOST_SUGGESTIONS = 50
"""Unknown names for which the nearest known one is looked up: beyond that the whole column is of another kind."""

Reader: TypeAlias = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Kind:
    """A kind of table: the record a row makes, how each column is read, and the columns that must be there.

    Columns that are no field of the record go into the one of its fields that takes what else is known, if it has one.
    """

    table: str
    record: type[Record]
    readers: Mapping[str, Reader]
    required: tuple[str, ...]
    others: str = ""

    def held(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return the cells of a row as the record takes them."""
        if not self.others:
            return dict(cells)
        fields = self.record.model_fields
        own: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for name, value in cells.items():
            (own if name in fields else others)[name] = value
        return {**own, self.others: others}


@dataclass(frozen=True)
class SourceTable:
    """A table as it came: its header, what its rows hold by header, and the header of each of our columns."""

    kind: Kind
    header: tuple[Any, ...]
    rows: Sequence[Mapping[Any, Any]]
    headers: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A row as it was read: its given cells by our names, what is wrong with them, and the record if nothing is.

    `raw` is what the source holds, by its headers.
    """

    path: str
    cells: Mapping[str, Any]
    found: Sequence[Finding]
    record: Any
    raw: Mapping[Any, Any]


@dataclass(frozen=True)
class Opened:
    """A table as it came, and its rows as they were read."""

    table: SourceTable
    rows: Sequence[Row]

    @property
    def records(self) -> tuple[Any, ...]:
        """What the rows make."""
        return tuple(row.record for row in self.rows)


def _refuse(path: str, value: str, rule: str, remedy: str) -> NoReturn:
    refuse([Finding("not-readable", "error", path, value, rule, remedy)])


def read_table(kind: Kind, source: Any, columns: Mapping[str, str]) -> SourceTable:
    """Return a table and where its columns are.

    Raises
    ------
    InputError
        When it is no table, a header stands twice, or `columns` is no mapping.
    """
    if not isinstance(columns, Mapping):
        remedy = "Write columns={'owner': 'Commercial'}, ours first."
        _refuse("columns", type(columns).__name__, "maps no names to headers", remedy)
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
    return SourceTable(kind, header, rows, {ours: found[0] for ours, found in places.items() if found})


def findings_of(
    tables: Sequence[SourceTable], columns: Mapping[str, str], *, kinds: Sequence[Kind], extra: str
) -> Iterator[Finding]:
    """Yield what is wrong with the headers of tables: those that are mapped and nowhere, not there, or not read."""
    yield from _mappings(tables, columns, sorted({ours for kind in kinds for ours in kind.readers}))
    for table in tables:
        yield from _columns(table, extra)


def _mappings(tables: Sequence[SourceTable], columns: Mapping[str, str], known: Sequence[str]) -> Iterator[Finding]:
    """Yield what `columns` says of headers that are nowhere; a name that two tables share may be mapped for either."""
    for ours, theirs in columns.items():
        path = f"columns[{shown(ours)}]"
        header = [one for table in tables if ours in table.kind.readers for one in table.header]
        if ours not in known:
            yield unknown(path, ours, "is no column that is read", known, f"Columns are: {some_of(known)}.")
        elif theirs not in header:
            rule = "is no header of the table" if header else "is the header of a table that is not given"
            yield unknown(path, theirs, rule, header, "Write the header as the table does, or take it out.")


def _columns(table: SourceTable, extra: str) -> Iterator[Finding]:
    """Yield columns that must be there and are not, and columns that nobody reads."""
    kind, have = table.kind, some_of(table.header)
    for ours in kind.required if table.header or table.rows else ():
        if ours not in table.headers:
            rule = f"is a column that must be there; another header is mapped by columns={{{ours!r}: ...}}"
            yield unknown(kind.table, ours, rule, table.header, f"The table has: {have or 'no column'}.")
    free = [ours for ours in kind.readers if ours not in table.headers]
    for theirs in () if extra == "ignore" else table.header:
        if theirs not in table.headers.values():
            kept = f", extra={kind.others!r} keeps it" if kind.others and theirs not in kind.record.model_fields else ""
            rule = f"is no column that is read; columns={{...}} maps it, extra='ignore' leaves it out{kept}"
            yield unknown(kind.table, theirs, rule, free, f"Columns are: {some_of(kind.readers)}.")


def some_of(names: Collection[Any]) -> str:
    """Return names in a row, the first of many.

    Examples
    --------
    >>> some_of(["id", "name"]), some_of(range(1_000))[-15:]
    ('id, name', '19 and 980 more')
    """
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(brief(str(one)) for one in islice(names, MOST_NAMED)) + more


def unknown(path: str, name: Any, rule: str, known: Sequence[Any], remedy: str) -> Finding:
    """Return that a name is not known, with the nearest known ones, or else the remedy."""
    near = nearest(str(name), [str(one) for one in known])
    hint = suggest(str(name), near).strip() or remedy
    return Finding("unknown-name", "error", path, shown(str(name)), rule, hint, str(name), near)


def read_rows(table: SourceTable, *, separator: str = ";") -> list[Row]:
    """Return the rows of a table, each read as far as it can be."""
    return [_row(table, index, separator) for index in range(len(table.rows))]


def _row(table: SourceTable, index: int, separator: str) -> Row:
    kind, row, path = table.kind, table.rows[index], f"{table.kind.table} row {index + 1}"
    cells: dict[str, Any] = {}
    found: dict[str, Finding] = {}
    beyond = row.get(BEYOND)
    if beyond := [one for one in (beyond if isinstance(beyond, list) else [beyond]) if not missing(one)]:
        message = "stands beyond the last header; put text that holds the separator in quotes"
        found["beyond"] = cell_finding(path, beyond[0], "long_row", message)
    for ours, theirs in table.headers.items():
        if not missing(value := row.get(theirs)):
            try:
                cells[ours] = kind.readers[ours](value, separator)
            except PydanticCustomError as error:
                found[ours] = cell_finding(f"{path}, {theirs}", value, error.type, error.message())
    try:
        return Row(path, cells, [*found.values()], kind.record.model_validate(kind.held(cells)), row)
    except ValidationError as error:
        refused = Row(path, cells, (), None, row)
        for ours, finding in objections(error, table, refused):
            if (ours or not found) and ours not in found:
                found[ours] = finding
        return replace(refused, found=[*found.values()])


def objections(error: ValidationError, table: SourceTable, row: Row) -> Iterator[tuple[str, Finding]]:
    """Yield what a record objects to in its row: our name of the column, empty for the row as a whole, and a finding.

    A column that the table does not have is left to what is said of its header.
    """
    kind = table.kind
    for one in error.errors(include_url=False, include_context=False):
        where = one["loc"][1:] if kind.others and one["loc"][:1] == (kind.others,) else one["loc"]
        ours = str(where[0]) if where else ""
        if ours and ours not in table.headers and kind.others in table.headers:
            ours = kind.others  # one cell holds several of them
        if not ours:
            yield ours, cell_finding(row.path, _subject(kind, row.cells), one["type"], one["msg"])
        elif ours in table.headers:
            theirs = table.headers[ours]
            yield ours, cell_finding(f"{row.path}, {theirs}", row.raw.get(theirs), one["type"], one["msg"])


def _subject(kind: Kind, cells: Mapping[str, Any]) -> Any:
    """Return what a finding about a whole row names it by: what it must say, or the first thing that it says."""
    return next((cells[name] for name in (*kind.required, *cells) if name in cells), "an empty row")


def cell_finding(path: str, value: Any, kind: str, message: str) -> Finding:
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
    return Finding(code, "error", path, shown(value), rule, f"{remedy[0].upper()}{remedy[1:]}.")


def twice(rows: Iterable[Row]) -> Iterator[Finding]:
    """Yield rows whose id a row before them has, and with two owners where they have them."""
    first: dict[str, Row] = {}
    for row in rows:
        name = row.cells.get("id")
        if name is None or (before := first.setdefault(name, row)) is row:
            continue
        rule, remedy = f"stands in {before.path} already, and an id names one", "Rename or remove one of them."
        owners = [one.cells.get("owner") for one in (before, row)]
        if None not in owners and owners[0] != owners[1]:
            rule = f"has two owners: {shown(owners[0])} in {before.path}, and {shown(owners[1])} here"
            remedy = "Keep the row of the one who works it."
        yield Finding("duplicate", "error", row.path, shown(name), rule, remedy)


def strangers(
    rows: Iterable[Row], names: Sequence[str], *, known: Iterable[tuple[str, ...]], home: str
) -> Iterator[Finding]:
    """Yield rows that belong to a row of another table which is not there.

    Parameters
    ----------
    rows : iterable of Row
        Those that belong somewhere.
    names : sequence of str
        Their columns that say where.
    known : iterable of tuple of str
        What is there, as those columns would say it.
    home : str
        The other table.
    """
    there = {tuple(part.strip() for part in one) for one in known}
    candidates = [" / ".join(one) for one in there]
    told: dict[tuple[str, ...], Finding] = {}
    for row in rows:
        cells = tuple(row.cells.get(ours, "").strip() for ours in names)
        if not all(cells) or cells in there:
            continue
        if cells not in told:
            near = candidates if len(told) < MOST_SUGGESTIONS else ()
            what = "id" if home == "reps" else " and ".join(names)
            remedy = f"Add it to the {home}, or take the row out."
            told[cells] = unknown("", " / ".join(cells), f"is no {what} in the table of {home}", near, remedy)
        yield replace(told[cells], path=row.path)


def refuse_in_order(found: Iterable[Finding], rows: Iterable[Row]) -> None:
    """Raise what was found, if anything, in the order of the rows, what is said of headers first.

    Raises
    ------
    InputError
        When anything was found; it carries all of it.
    """
    if found := [*found]:
        place = {row.path: number for number, row in enumerate(rows)}
        refuse(sorted(found, key=lambda one: place.get(one.path.partition(",")[0], -1)))

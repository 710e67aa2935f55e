"""Tables of events, however many: grouped where they are, so that only sums come back.

Any dataframe that narwhals knows, lazy or not, or a list of dicts. Numbers are added up as whole ten-thousandths, so
that no order of rows and no engine changes a sum; what is no number is counted and not added. A row that comes twice
with the same id counts once, and rows that share an id and differ count not at all; both are told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from itertools import repeat
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from planalloc.model.adding import LARGEST, MOST, NO_FLAGS, PARTS, SHOWN, added_up, is_flag, most_frequent, read_number
from planalloc.model.base import suggest
from planalloc.model.cells import missing, shown
from planalloc.model.coded import Coded, order_of
from planalloc.model.engine_tables import as_float, as_rows, engine_errors, guarded, is_number, objections
from planalloc.model.finding import Finding, refuse
from planalloc.model.groups import Groups, SetAside
from planalloc.model.repeats import once_in_engine, once_in_python

if TYPE_CHECKING:
    from datetime import date

    from planalloc.types import Ints

__all__ = ["PARTS", "SHOWN", "Groups", "SetAside", "Source", "most_frequent", "open_source"]


@dataclass(frozen=True, eq=False)
class Source:
    """A table of events, opened.

    Attributes
    ----------
    table : str
        Its name in messages.
    frame : Any
        A lazy narwhals frame, or a list of dicts, with our names.
    names : tuple of str
        Our columns that it has.
    set_aside : tuple of SetAside
        Rows that count less than once.
    """

    table: str
    frame: Any
    names: tuple[str, ...]
    set_aside: tuple[SetAside, ...] = field(default=())

    @property
    def in_engine(self) -> bool:
        """Whether an engine holds the rows, rather than Python."""
        return not isinstance(self.frame, list)

    @guarded
    def group(self, *keys: str, numbers: Sequence[str] = ()) -> Groups:
        """Add up `numbers` over the rows that have the same `keys`; columns that are not there are not given.

        Groups come in the order of their keys, whatever the engine and however many threads it has.
        Numbers may be text: what is none is counted as missing, with examples.

        Raises
        ------
        InputError
            When numbers are too many or too large to be added up exactly, or the engine fails.
        """
        have = [one for one in keys if one in self.names]
        added = [one for one in numbers if one in self.names]
        wrong: dict[str, Counter[str]] = {one: Counter() for one in added}
        held = self.in_cells(added)
        if held.in_engine:
            found: dict[str, Any] = self._in_engine(have, added, wrong)
        else:
            found = added_up([(row, 1) for row in held.frame], keys=have, numbers=added, wrong=wrong)
        for one in added:
            self._refuse_too_much(one, float(np.sum(np.asarray(found[f"size of {one}"], dtype=np.float64))))
        n = len(found["rows"])
        coded = {one: Coded.of(found[one]) for one in have}
        order = order_of(list(coded.values())) if have else np.arange(n)
        nothing = [0] * n

        def figures(values: Any) -> Ints:
            found: Ints = np.asarray(values, dtype=np.int64)[order]
            return found

        return Groups(
            {one: coded[one].at(order) if one in coded else Coded.nothing(n) for one in keys},
            {one: figures(found.get(f"sum of {one}", nothing)) for one in numbers},
            {one: figures(found.get(f"no {one}", found["rows"])) for one in numbers},
            figures(found["rows"]),
            {one: most_frequent(values) for one, values in wrong.items()},
            {one: figures(found.get(f"large {one}", nothing)) for one in numbers},
        )

    @guarded
    def rows(self, *names: str, without: str | None = None) -> dict[str, list[Any]]:
        """Return some columns row by row, of the rows that have nothing in the column `without`."""
        have = [one for one in names if one in self.names]
        if self.in_engine:
            import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

            frame = self.frame
            if without is not None and without in self.names:
                frame = frame.filter(nw.col(without).is_null())
            read = frame.select(*have).collect()
            found = {one: read[one].to_list() for one in have}
        else:
            kept = [row for row in self.frame if without is None or missing(row.get(without))]
            found = {one: [row.get(one) for row in kept] for one in have}
        n = len(next(iter(found.values()), []))
        return {one: [None if missing(value) else value for value in found.get(one, repeat(None, n))] for one in names}

    @guarded
    def once(self, *key: str) -> Source:
        """Return the same table with each row once, told by the columns of `key`; itself where it has not all of them.

        A row without the first of them is set aside: nothing would tell it from another.
        """
        if not key or not set(key) <= set(self.names):
            return self
        return once_in_engine(self, key) if self.in_engine else once_in_python(self, key)

    @guarded
    def times(self, number: str, factor: str) -> Source:
        """Return the same table with a number multiplied by another column, where that is given."""
        if not {number, factor} <= set(self.names):
            return self
        held = self.in_cells([number, factor], text=True)
        if held.in_engine:
            import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

            share = as_float(factor).fill_null(1.0)
            return replace(self, frame=self.frame.with_columns(nw.col(number).cast(nw.Float64) * share))
        return replace(self, frame=[_multiplied(row, number, factor) for row in held.frame])

    @guarded
    def within(self, name: str, start: date, end: date) -> Source:
        """Return the same table with the rows dated from `start` to `end`, all as of `start`: they group as one.

        What is outside is told; rows without a date stay. Itself where dates are no dates, or no engine holds them.
        """
        import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

        if not self.in_engine or name not in self.names:
            return self
        dtype = self.frame.collect_schema()[name]
        if dtype != nw.Date and not isinstance(dtype, nw.Datetime):
            return self
        day, side = _plain(nw.col(name), dtype), "side of the window"
        first, last = (one if dtype == nw.Date else datetime.combine(one, time()) for one in (start, end))
        before, after = (one.fill_null(value=False) for one in (day < first, day > last))
        sided = self.frame.with_columns((after.cast(nw.Int64) - before.cast(nw.Int64)).alias(side))
        outside = replace(self, frame=sided.filter(nw.col(side) != 0), names=(*self.names, side))
        groups = outside.group(side, name, numbers=["amount"])
        days = groups.keys[name].read(lambda one: str(one)[:10])
        told = []
        for sign, rule in ((-1, f"is dated before {start}"), (1, f"is dated after {end}")):
            at = np.flatnonzero(groups.keys[side].each(sign.__eq__, nothing=False, kind=np.bool_))
            often = Counter(dict(zip(days.at(at), groups.rows[at].tolist(), strict=True)))
            amount = float(groups.sums["amount"][at].sum()) / PARTS
            if at.size:
                rows = int(groups.rows[at].sum())
                told.append(SetAside(self.table, rule, rows, amount, most_frequent(often), outside=True))
        known = nw.when(~nw.col(name).is_null()).then(nw.lit(first)).alias(name)
        frame = sided.filter(nw.col(side) == 0).drop(side).with_columns(known)
        return replace(self, frame=frame, set_aside=(*self.set_aside, *told))

    @guarded
    def without(self, key: str, values: Sequence[Any]) -> Source:
        """Return the same table without the rows whose `key` is one of `values`."""
        if self.in_engine:
            import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

            kept = ~nw.col(key).is_in(list(values)).fill_null(value=False)
            return replace(self, frame=self.frame.filter(kept))
        gone = set(values)
        return replace(self, frame=[row for row in self.frame if row.get(key) not in gone])

    def in_cells(self, numbers: Sequence[str], *, text: bool = False) -> Source:
        """Return the same table as rows, where a column of numbers holds cells of any kind: no engine casts these.

        Of `text` each engine would read something else; columns of it can be grouped first, unless that is said.
        """
        if not self.in_engine:
            return self
        import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

        schema = self.frame.collect_schema()
        exact = {one for one in numbers if is_number(schema[one]) and schema[one] != nw.Boolean}
        cells = any(schema[one] == nw.Object or (text and one not in exact) for one in numbers)
        return replace(self, frame=as_rows(self.frame)) if cells else self

    def _in_engine(self, keys: list[str], numbers: list[str], wrong: dict[str, Counter[str]]) -> dict[str, Any]:
        import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

        schema = self.frame.collect_schema()
        flags = any(schema[one] == nw.Boolean and one in NO_FLAGS for one in numbers)
        if flags or any(schema[one] in {nw.String, nw.Categorical, nw.Enum} for one in numbers):
            return self._read_in_python(keys, numbers, wrong)
        columns, sums = [_plain(nw.col(one), schema[one]).alias(one) for one in keys], []
        for one in numbers:
            amount = nw.col(one).cast(nw.Float64)
            good = (amount.is_finite() & (amount.abs() < LARGEST)).fill_null(value=False)
            large = (~amount.is_nan() & (amount.abs() >= LARGEST)).fill_null(value=False)
            parts = nw.when(good).then((amount * PARTS + 0.5).floor()).otherwise(0.0)
            figures = {
                f"sum of {one}": parts.cast(nw.Int64),
                f"no {one}": (~good).cast(nw.Int64),
                f"large {one}": large.cast(nw.Int64),
                f"size of {one}": parts.abs(),  # a float, which does not wrap around
            }
            columns += [figure.alias(name) for name, figure in figures.items()]
            sums += [nw.col(name).sum() for name in figures]
        if not columns:
            return {"rows": [self.frame.select(nw.len()).collect().item()]}
        frame = self.frame.select(*columns)
        if keys:
            read = frame.group_by(*keys, drop_null_keys=False).agg(*sums, nw.len().alias("rows")).collect()
        else:
            read = frame.select(*sums, nw.len().alias("rows")).collect()
        return {one: read[one].to_list() if one in keys else read[one].to_numpy() for one in read.columns}

    def _read_in_python(self, keys: list[str], numbers: list[str], wrong: dict[str, Counter[str]]) -> dict[str, Any]:
        """Add up numbers that are text, of which each engine would read something else: alike rows are read once."""
        import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

        schema = self.frame.collect_schema()
        names = list(dict.fromkeys([*keys, *numbers]))
        alike = self.frame.select(*(_plain(nw.col(one), schema[one]).alias(one) for one in names))
        read = alike.group_by(*names, drop_null_keys=False).agg(nw.len().alias("rows")).collect()
        columns = [read[one].to_list() for one in (*names, "rows")]
        rows = [(dict(zip(names, row[:-1], strict=True)), row[-1]) for row in zip(*columns, strict=True)]
        return added_up(rows, keys=keys, numbers=numbers, wrong=wrong)

    def _refuse_too_much(self, column: str, size: float) -> None:
        if size >= MOST:
            rule = f"is more than can be added up exactly, which ends at {MOST / PARTS:,.0f}"
            remedy = "Give the amounts in thousands or millions, or fewer rows."
            _refuse(f"{self.table}.{column}", f"a sum of {size / PARTS:,.0f} without signs", rule, remedy)


def _multiplied(row: Mapping[str, Any], number: str, factor: str) -> dict[str, Any]:
    read, share = read_number(row.get(number)), read_number(row.get(factor))
    if read is None or share is None or is_flag(row.get(number), number):
        return dict(row)
    return {**row, number: read * share}


def _plain(column: Any, dtype: Any) -> Any:
    """Return a key without what makes alike values differ: the time of a day, a time zone, a category's code."""
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

    if isinstance(dtype, nw.Datetime):
        zoned = column.dt.replace_time_zone(None) if dtype.time_zone is not None else column
        return zoned.dt.truncate("1d")
    if dtype in {nw.Categorical, nw.Enum}:
        return column.cast(nw.String)
    return column


def open_source(
    source: Any,
    *,
    table: str,
    known: Sequence[str],
    required: Sequence[str],
    columns: Mapping[str, str | None],
    by_table: bool = False,
) -> Source:
    """Open a table of events by our names; other columns are left alone.

    Parameters
    ----------
    source : dataframe, relation or list of dict
        Lazy where it is lazy.
    table : str
        Its name in messages.
    known, required : sequence of str
        Our columns, and those that must be there.
    columns : mapping of str to str or None
        Their name for our columns, where it is another; None leaves a column out.
    by_table : bool
        Whether the caller's mapping has one for each table, so that messages write it so.

    Raises
    ------
    InputError
        When it is no table, a column that must be there is not, or a mapping leads nowhere; all at once.

    Examples
    --------
    >>> rows = [{"who": "alice", "amount": 0.1}, {"who": "alice", "amount": 0.2}]
    >>> sales = open_source(rows, table="sales", known=["rep", "amount"], required=["rep"], columns={"rep": "who"})
    >>> sales.group("rep", numbers=["amount"]).sums["amount"].tolist()
    [3000]
    """
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

    if not isinstance(columns, Mapping):
        path = f"columns[{table!r}]" if by_table else "columns"
        remedy = f"Write {_written(table if by_table else None, required[0] if required else known[0])}, ours first."
        _refuse(path, shown(columns), "maps none of our names to a header", remedy)
    schema: Mapping[str, Any] = {}
    with engine_errors(table):
        frame = nw.from_native(source, pass_through=True)
        if isinstance(frame, nw.DataFrame):
            frame = frame.lazy()
        if isinstance(frame, nw.LazyFrame):
            schema = frame.collect_schema()
    if isinstance(frame, nw.LazyFrame):
        header = list(schema)
    else:
        frame = _records(frame, table)
        header = list(dict.fromkeys(str(name) for row in frame for name in row)) or list(required)
    names = [str(one) for one in header]
    found = [
        Finding(
            "unknown-column",
            "error",
            f"columns[{table!r}][{ours!r}]" if by_table else f"{table}.columns[{ours!r}]",
            shown(theirs if ours in known else ours),
            "is no header of the table" if ours in known else "is no column that is read",
            suggest(str(theirs or ""), names).strip()
            or f"Columns are: {', '.join(names if ours in known else known)}.",
        )
        for ours, theirs in columns.items()
        if ours not in known or (theirs is not None and theirs not in header)
    ]
    places = {ours: theirs for ours in known if (theirs := columns.get(ours, ours)) in header}
    found += [
        Finding(
            "missing-column",
            "error",
            table,
            ours,
            "is not in the table",
            f"{suggest(ours, names)} Say which it is: columns={_written(table if by_table else None, ours)}.".strip(),
        )
        for ours in required
        if ours not in places and columns.get(ours) is None
    ]
    found += objections(table, schema, places) if schema else ()
    if found:
        refuse(found)
    if isinstance(frame, nw.LazyFrame):
        with engine_errors(table):
            frame = frame.select(*(nw.col(theirs).alias(ours) for ours, theirs in places.items()))
            if frame.implementation.is_polars() and nw.Object in frame.collect_schema().values():
                frame = as_rows(frame)  # the engine does not tell such cells apart
    else:
        frame = [{ours: row.get(theirs) for ours, theirs in places.items()} for row in frame]
    return Source(table, frame, tuple(places))


def _written(table: str | None, ours: str) -> str:
    mapping = f"{{{ours!r}: ...}}"
    return mapping if table is None else f"{{{table!r}: {mapping}}}"


def _records(source: Any, table: str) -> list[dict[str, Any]]:
    rows = list(source) if isinstance(source, Iterable) and not isinstance(source, str | bytes | Mapping) else [source]
    if not all(isinstance(row, Mapping) for row in rows):
        _refuse(table, type(source).__name__, "is no table", "Give a dataframe, or a list with one dict for each row.")
    return [dict(row) for row in rows]


def _refuse(path: str, value: str, rule: str, remedy: str) -> NoReturn:
    refuse([Finding("not-readable", "error", path, value, rule, remedy)])

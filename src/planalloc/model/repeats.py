"""Rows that come twice: once each where they say the same, not at all where they share an id and differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

from planalloc.model.adding import PARTS, SHOWN, read_number
from planalloc.model.cells import LONGEST_WHOLE, missing, shown
from planalloc.model.engine_tables import NUMBERS
from planalloc.model.groups import SetAside

if TYPE_CHECKING:
    from planalloc.model.grouping import Source

__all__ = ["once_in_engine", "once_in_python"]


def once_in_engine(source: Source, key: tuple[str, ...]) -> Source:
    """Return a table that an engine holds with each row once, told by the columns of `key`."""
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

    source = _without_blanks(source)
    rows = _length(source.frame)
    unknown, frame, told = nw.col(key[0]).is_null(), source.frame.filter(~nw.col(key[0]).is_null()), []
    known = frame.group_by(*key, drop_null_keys=False).agg(nw.len().alias("rows"))
    counts = known.select(nw.col("rows").sum().alias("rows"), nw.len().alias("different")).collect()
    told_by, different = int(counts["rows"][0] or 0), int(counts["different"][0])
    if rows == told_by == different:
        return source
    if told_by < rows:
        told.append(_without(source, key, rows - told_by, _amount(source, source.frame.filter(unknown))))
    if different < told_by:
        all_of_them, frame = frame, frame.unique(subset=[*source.names], keep="any")
        alone = _length(frame)
        several = frame.group_by(*key, drop_null_keys=False).agg(nw.len().alias("rows"))
        several = several.filter(nw.col("rows") > 1)
        clashing = several.collect()
        if alone < told_by:
            repeated = _amount(source, all_of_them) - _amount(source, frame)
            told.append(_repeats(source, key, told_by - alone, repeated))
        if len(clashing):
            amount = _amount(source, frame.join(several.select(*key), on=list(key), how="semi"))
            frame = frame.join(several.select(*key), on=list(key), how="anti")
            told.append(_differs(source, key, (int(clashing["rows"].sum()), alone), amount, clashing[key[0]].to_list()))
    return replace(source, frame=frame, set_aside=(*source.set_aside, *told))


def once_in_python(source: Source, key: tuple[str, ...]) -> Source:
    """Return a table of dicts with each row once, told by the columns of `key`."""
    told = []
    known = [row for row in source.frame if not missing(row.get(key[0]))]
    if len(known) < len(source.frame):
        others = [row for row in source.frame if missing(row.get(key[0]))]
        told.append(_without(source, key, len(others), _amount(source, others)))
    alone = list({tuple(_said(row.get(one), one) for one in source.names): row for row in known}.values())
    if len(alone) < len(known):
        repeated = _amount(source, known) - _amount(source, alone)
        told.append(_repeats(source, key, len(known) - len(alone), repeated))
    ids = [tuple(_said(row.get(one), one) for one in key) for row in alone]
    often = {one for one, n in Counter(ids).items() if n > 1}
    if often:
        clashing = [row for row, one in zip(alone, ids, strict=True) if one in often]
        values = [row[key[0]] for row in clashing]
        told.append(_differs(source, key, (len(clashing), len(alone)), _amount(source, clashing), values))
    frame = [row for row, one in zip(alone, ids, strict=True) if one not in often]
    return replace(source, frame=frame, set_aside=(*source.set_aside, *told))


def _without_blanks(source: Source) -> Source:
    """Return a table that an engine holds without the blanks around text: rows that differ in them say the same."""
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

    schema = source.frame.collect_schema()
    text = [one for one in source.names if schema[one] == nw.String]
    return replace(source, frame=source.frame.with_columns(nw.col(*text).str.strip_chars())) if text else source


def _length(frame: Any) -> int:
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

    return int(frame.select(nw.len()).collect().item())


def _amount(source: Source, frame: Any) -> int:
    """Return what rows add up to, in ten-thousandths."""
    if "amount" not in source.names:
        return 0
    return int(replace(source, frame=frame).group(numbers=["amount"]).sums["amount"].sum())


def _said(value: Any, column: str) -> str:
    """Return what a cell says, alike for all ways of writing a number or a day."""
    if missing(value):
        return ""
    is_number = isinstance(value, Real | Decimal) and not isinstance(value, bool)
    if (is_number or column in NUMBERS) and (read := read_number(value)) is not None:
        return str(int(value)) if is_number and value == int(value) else repr(read).removesuffix(".0")
    if isinstance(value, datetime) and value.time() == time(0) and value.tzinfo is None:
        return str(value.date())
    if isinstance(value, int) and abs(value) >= LONGEST_WHOLE:
        return hex(value)
    return value.strip() if isinstance(value, str) else str(value)


def _without(source: Source, key: tuple[str, ...], rows: int, amount: int) -> SetAside:
    return SetAside(source.table, f"has no {key[0]}", rows, amount / PARTS)


def _repeats(source: Source, key: tuple[str, ...], rows: int, amount: int) -> SetAside:
    return SetAside(source.table, f"repeats a row with the same {' and '.join(key)}", rows, amount / PARTS)


def _differs(source: Source, key: tuple[str, ...], rows: tuple[int, int], amount: int, values: list[Any]) -> SetAside:
    """Tell rows that share an id and differ; where most do, the id is that of something larger than a row."""
    examples = tuple(sorted({shown(one) for one in values})[:SHOWN])
    rule = f"shares its {' and '.join(key)} with a row that says something else"
    if 2 * rows[0] > rows[1]:
        rule += (
            f"; the {key[0]} looks like that of an order, not of its lines: leave it out with {{{key[0]!r}: None}} in "
            "columns, or give each line its own"
        )
    return SetAside(source.table, rule, rows[0], amount / PARTS, examples)

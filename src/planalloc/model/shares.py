"""Rows that count in part: shares that are none are set aside, and told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from planalloc.model.adding import PARTS, any_number, most_frequent
from planalloc.model.cells import missing, shown
from planalloc.model.engine_tables import as_float, engine_errors
from planalloc.model.groups import SetAside

if TYPE_CHECKING:
    from planalloc.model.grouping import Source

__all__ = ["of_shares"]


def of_shares(source: Source, name: str) -> Source:
    """Return a table without the rows whose cell in a column is given and is no number from 0 to 1; they are told.

    Examples
    --------
    >>> from planalloc.model.grouping import open_source
    >>> rows = [{"amount": 10, "credit": "50%"}, {"amount": 20, "credit": 0.5}, {"amount": 30, "credit": None}]
    >>> sales = open_source(rows, table="sales", known=["amount", "credit"], required=[], columns={})
    >>> found = of_shares(sales, "credit")
    >>> found.group(numbers=["amount"]).sums["amount"].tolist(), str(found.set_aside[0])
    ([500000], "sales: one row has a credit that is no number from 0 to 1: '50%'; 10.00 in all")
    """
    if name not in source.names:
        return source
    kept, gone = _parted(source, name)
    groups = gone.group(name, numbers=["amount"])
    if not groups.rows.sum():
        return source
    often: Counter[str] = Counter()
    for value, rows in zip(groups.keys[name], groups.rows.tolist(), strict=True):
        share = None if isinstance(value, str) else any_number(value)
        often[shown(value) if share is None else f"{share:g}"] += rows
    amount = float(groups.sums["amount"].sum()) / PARTS
    rule = f"has a {name} that is no number from 0 to 1"
    told = SetAside(source.table, rule, int(groups.rows.sum()), amount, most_frequent(often))
    return replace(kept, set_aside=(*source.set_aside, told))


def _parted(source: Source, name: str) -> tuple[Source, Source]:
    """Return the rows that stay, and those that go."""
    held = source.in_cells([name], text=True)
    if held.in_engine:
        with engine_errors(source.table):
            share = as_float(name)
            good = (share.is_null() | ((share >= 0) & (share <= 1))).fill_null(value=True)
            return replace(source, frame=source.frame.filter(good)), replace(source, frame=source.frame.filter(~good))
    stay: list[Any] = []
    go: list[Any] = []
    for row in held.frame:
        share = any_number(row.get(name))
        (stay if missing(row.get(name)) or (share is not None and 0 <= share <= 1) else go).append(row)
    return replace(held, frame=stay), replace(held, frame=go)

"""Sales by rep, line and period: grouped by period in the engine, so that a year of days does not come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.events.matching import matched_sales
from planalloc.model.adding import read_number
from planalloc.model.grouping import PARTS
from planalloc.reviewing.told import strange_accounts, strange_units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from planalloc.model.grouping import SetAside, Source
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Floats, Ints

__all__ = ["Sold", "in_pieces", "money", "sold"]

CREDIT_NOTE = "credit note"


@dataclass(frozen=True, eq=False)
class Sold:
    """What was sold up to the day of the review.

    Attributes
    ----------
    amount, credit_notes : Ints
        Ten-thousandths of money, shape (R, S, T): all of it, and what of it is below zero.
    units : Ints
        Ten-thousandths, shape (R, S, T).
    deals : Ints
        Sales with an amount that are not credit notes, shape (R, S, T).
    sizes : Floats
        Mean money of a deal on each line, shape (S,); nan where nothing was sold.
    size_cv : Floats
        Standard deviation of a deal's size over its mean, shape (S,); 1 where there is too little to tell.
    set_aside : tuple of SetAside
        What was not counted.
    """

    amount: Ints
    credit_notes: Ints
    units: Ints
    deals: Ints
    sizes: Floats
    size_cv: Floats
    set_aside: tuple[SetAside, ...] = ()


def money(parts: Ints) -> tuple[Floats, int]:
    """Return ten-thousandths as money, and the decimals it has: two, or four where hundredths of a cent occur.

    Examples
    --------
    >>> money(np.array([12_500, 10_001]))
    (array([1.25  , 1.0001]), 4)
    """
    return parts / PARTS, 4 if (parts % 100).any() else 2


def sold(seen: Seen, source: Source | None) -> Sold:
    """Return the sales of a table, or of none.

    Parameters
    ----------
    seen : Seen
        The plan on its day.
    source : Source, optional
        The table of sales of `Actuals`.
    """
    nothing = np.zeros(seen.shape, dtype=np.int64)
    n_lines = seen.shape[1]
    if source is None:
        return Sold(nothing, nothing, nothing, nothing, np.full(n_lines, np.nan), np.ones(n_lines))
    found = matched_sales(_signed(in_pieces(source, seen)), seen.problem, as_of=seen.as_of, by=("sign",))
    at = (found.rep, found.line, seen.period_of(found.day))
    back = found.labels["sign"].each(CREDIT_NOTE.__eq__, nothing=False, kind=np.bool_)

    def cells(values: Ints) -> Ints:
        whole = np.zeros(seen.shape, dtype=np.int64)
        np.add.at(whole, at, values)
        return whole

    amount, deals = cells(found.sums["amount"]), cells(np.where(back, 0, found.rows - found.missing["amount"]))
    credit_notes = cells(np.where(back, found.sums["amount"], 0))
    sizes, spread = _sizes((amount - credit_notes) / PARTS, deals)
    return Sold(
        amount,
        credit_notes,
        cells(found.sums["units"]),
        deals,
        sizes,
        spread,
        (*found.set_aside, *strange_units(seen, source, found), *strange_accounts(seen, "sales", found)),
    )


def _sizes(amount: Floats, deals: Ints) -> tuple[Floats, Floats]:
    """Return mean and relative spread of a deal's size by line, from money and deals by rep, line and period.

    A group of n deals that sum to x tells ``(x - n mean)**2 / n`` of the variance, whatever n is. How an engine groups
    the rows does not matter: only sums by rep and period are looked at.
    """
    many = deals.sum(axis=(0, 2))
    mean = np.divide(amount.sum(axis=(0, 2)), many, out=np.full(len(many), np.nan), where=many > 0)
    apart = (amount - np.nan_to_num(mean)[:, None] * deals) ** 2 / np.maximum(deals, 1)
    groups = (deals > 0).sum(axis=(0, 2))
    variance = np.where(deals > 0, apart, 0.0).sum(axis=(0, 2)) / np.maximum(groups - 1, 1)
    known = (groups >= ENOUGH_GROUPS) & (np.nan_to_num(mean) > 0)
    spread = np.where(known, np.sqrt(variance) / np.where(known, mean, 1.0), 1.0)
    return np.where(np.nan_to_num(mean) > 0, mean, np.nan), spread


ENOUGH_GROUPS = 10
"""Groups of deals from which their spread is told; with fewer, sizes are taken to be as spread as their mean."""


def in_pieces(source: Source, seen: Seen, *cuts: date) -> Source:
    """Return a table whose days up to the review are the first of their period, so that fewer groups come back.

    Days before the horizon and after the review stay as they are: these are told one by one. Each cut begins a piece of
    its own.
    """
    if not source.in_engine:
        return source
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

    dtype = source.frame.collect_schema()["date"]
    if isinstance(dtype, nw.Datetime):
        day = (nw.col("date").dt.replace_time_zone(None) if dtype.time_zone else nw.col("date")).dt.truncate("1d")
    elif dtype == nw.Date:
        day = nw.col("date")
    else:
        return source
    starts = sorted({one.start for one in seen.index.periods} | {*cuts})
    starts = [one for one in starts if seen.problem.calendar.start <= one <= seen.as_of]
    last = min(seen.as_of, seen.problem.calendar.end)
    ends = [*(one - timedelta(days=1) for one in starts[1:]), last]
    piece: Any = day
    for start, end in zip(starts, ends, strict=True):
        first, final = (nw.lit(one if dtype == nw.Date else datetime.combine(one, time())) for one in (start, end))
        piece = nw.when((day >= first) & (day <= final)).then(first).otherwise(piece)
    return replace(source, frame=source.frame.with_columns(piece.alias("date")))


def _signed(source: Source) -> Source:
    """Return a table that tells credit notes by a column of their own."""
    source = source.in_cells(["amount"])
    names: Sequence[str] = (*source.names, "sign")
    if source.in_engine:
        import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

        frame = source.frame
        if frame.collect_schema()["amount"] in {nw.String, nw.Categorical, nw.Enum}:
            back = nw.col("amount").cast(nw.String).str.strip_chars().str.starts_with("-")
        else:
            back = nw.col("amount").cast(nw.Float64) < 0
        sign = nw.when(back.fill_null(value=False)).then(nw.lit(CREDIT_NOTE)).otherwise(nw.lit("sale"))
        return replace(source, frame=frame.with_columns(sign.alias("sign")), names=tuple(names))
    rows = [
        {**row, "sign": CREDIT_NOTE if (read_number(row.get("amount")) or 0) < 0 else "sale"} for row in source.frame
    ]
    return replace(source, frame=rows, names=tuple(names))

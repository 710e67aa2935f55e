"""Past sales by key and period, out of any table: which periods it holds as a whole, and what is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InputError
from planalloc.model.calendar import MONTHS, Calendar, Period
from planalloc.model.grouping import PARTS, SetAside, open_source
from planalloc.model.sieve import NEVER, Sieve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from planalloc.types import Bools, Floats, Grain, Ints

__all__ = ["PastSales", "read_past_sales"]

EPOCH = date(1970, 1, 1)
FIRST_YEAR, LAST_YEAR = 1900, 2199
LONGEST_PAST_YEARS = 20
EDGE_DAYS = 7
"""A period counts as a whole where the table lacks no more than so many days at its edge."""

MOST_COARSE = 4
"""Months of the year with sales, evenly apart, that may stand for quarters or more."""

RHYTHM = 0.95
"""Part of the waits from one day with sales to the next that are usual."""

PART = "lies in a period of which the table holds only a part"

ALL = "season"
"""The key of everything, where sales are not told apart."""


@dataclass(frozen=True, eq=False)
class PastSales:
    """What was sold by key in each whole period.

    Attributes
    ----------
    keys : tuple of str
        In order, n_keys.
    calendar : Calendar
        The horizon that is planned; fiscal years start on the anniversaries of its start.
    grain : Grain
        Of the periods.
    periods : tuple of Period
        Whole ones without a gap, n_periods.
    first : int
        Place in the fiscal year of the first period, from 0.
    amounts : Floats, shape (n_keys, n_periods)
        Money, at least 0; nan where a key has not begun or has ended, and where rows are there without any amount.
    effective_sales : Floats, shape (n_keys,)
        ``(sum of amounts)**2 / (sum of squared amounts)``, the sales of one day being alike; nan where each row stands
        for a whole period.
    set_aside : tuple of SetAside
        What does not count.
    """

    keys: tuple[str, ...]
    calendar: Calendar
    grain: Grain
    periods: tuple[Period, ...]
    first: int
    amounts: Floats
    effective_sales: Floats
    set_aside: tuple[SetAside, ...]

    @property
    def length(self) -> int:
        """Periods a year."""
        return 12 // MONTHS[self.grain]

    def working_days(self) -> Ints:
        """Return the working days of each period, shape (n_periods,)."""
        start, end = self.periods[0].start, self.periods[-1].end
        where = {"country": self.calendar.country, "subdivision": self.calendar.subdivision}
        worked = np.cumsum([0, *Calendar(start=start, end=end, **where).worked_days()])
        edges = np.array([((one.start - start).days, (one.end - start).days + 1) for one in self.periods])
        found: Ints = worked[edges[:, 1]] - worked[edges[:, 0]]
        return found


def read_past_sales(
    frame: Any,
    *,
    grain: Grain,
    by: str | None,
    columns: Mapping[str, str | None],
    calendar: Calendar | None,
    currency: str | None,
    since: date | None,
    until: date | None,
) -> PastSales:
    """Read a table of past sales.

    Parameters
    ----------
    frame : dataframe, relation or list of dict
        Columns ``date`` and ``amount``, where there is one ``currency``, and that named in `by`.
    grain : Grain
        Months or coarser. Periods are months, unless all dates are the first, or all the last, days of periods of
        this grain: then each row stands for such a period.
    by, columns, calendar, currency, since, until
        As `Seasonality.from_history` says.

    Raises
    ------
    InputError
        When the table is none, columns are missing, `by` is one of those that are read anyway, currencies are mixed and
        none is said to count, there is none of the currency that is, or nothing is left.
    """
    if by in {"id", "date", "amount", "currency"}:
        raise InputError(f"seasons cannot be told apart by {by}", hint="Name the column of a segment, a product...")
    known = ["date", "amount", "currency", *(["id"] if "id" in columns else []), *([by] if by else [])]
    required = [one for one in known if one not in {"currency", "id"}]
    source = open_source(frame, table="history", known=known, required=required, columns=columns).once("id")
    sieve = Sieve.of(source, [one for one in known if one not in {"amount", "id"}], ("amount",))
    keys = _keys(sieve, by)
    blank, taken = _in_one_currency(sieve, currency)
    days = _dated(sieve, since=since, until=until)
    if calendar is None and sieve.kept.any():
        year = (EPOCH + timedelta(days=int(days[sieve.kept].max()))).year + 1
        calendar = Calendar(start=date(year, 1, 1), end=date(year, 12, 31), grain=grain)
    if calendar is not None:
        _within_reach(sieve, days, calendar)
    if calendar is None or not sieve.kept.any():
        raise InputError("history has no sale that counts", hint=_told(sieve.told))
    grain, stamped = _grain_of(days[sieve.kept], calendar, grain)
    around = _periods(calendar, grain, days[sieve.kept], since=since)
    at, periods, first = _whole_periods(sieve, days, around, edges=(since, until), stamped=stamped)
    if not periods:
        raise InputError(f"history holds no whole {grain}", hint="Say since=... and until=..., if it is complete.")
    sieve.note(blank, f"has no currency, taken as {taken}")
    if not stamped:
        _tell_edges(sieve, days, periods, said=(since is not None, until is not None))
    sieve.uncounted("amount")
    named = sorted({key for key, kept in zip(keys, sieve.kept.tolist(), strict=True) if kept and key is not None})
    row = np.array([named.index(key) if key in named else 0 for key in keys], dtype=np.int64)
    amounts = _amounts(sieve, (row, at), shape=(len(named), len(periods)))
    if grain == "month":
        _tell_coarser(sieve, at + first)
    length = 12 // MONTHS[grain]
    return PastSales(
        keys=tuple(named),
        calendar=calendar,
        grain=grain,
        periods=periods,
        first=first % length,
        amounts=np.where(_unknown(amounts, (since, until), length=length, first=first % length), np.nan, amounts),
        effective_sales=np.full(len(named), np.nan) if stamped else _effective_sales(sieve, row, days, len(named)),
        set_aside=tuple(sieve.told),
    )


def _keys(sieve: Sieve, by: str | None) -> Sequence[str | None]:
    if by is None:
        return [ALL] * len(sieve.groups)
    keys = sieve.names(by)
    sieve.out(np.array([one is None for one in keys], dtype=bool), f"has no {by}", keys)
    return keys


def _in_one_currency(sieve: Sieve, currency: str | None) -> tuple[Bools, str]:
    """Set other currencies aside; return the groups without one, where it is taken for granted, and the one taken."""
    found = [one if one is None else one.upper() for one in sieve.names("currency")]
    there = sorted({one for one, kept in zip(found, sieve.kept.tolist(), strict=True) if kept and one is not None})
    if currency is None and len(there) > 1:
        raise InputError(
            f"history has amounts in {', '.join(there)}, which cannot be added up",
            hint=f"Say which counts: currency={there[0]!r}.",
        )
    taken = currency.strip().upper() if currency is not None else "".join(there)
    if currency is not None and "currency" in sieve.source.names and taken not in there:
        told = f"Amounts are in {', '.join(there)}" if there else "The column of currencies is blank"
        raise InputError(
            f"history has no amount in {taken}",
            hint=f"{told}. Leave currency=... out, or correct it{'' if there else '; a blank column says nothing'}.",
        )
    sieve.out(np.array([one is not None and one != taken for one in found], dtype=bool), f"is not in {taken}", found)
    return np.array([one is None and bool(there) for one in found], dtype=bool), taken


def _dated(sieve: Sieve, *, since: date | None, until: date | None) -> Ints:
    """Return the day of each group, counted from `EPOCH`; what has none, or one out of range, is set aside."""
    values = sieve.groups.keys["date"]
    days = sieve.days("date", EPOCH)
    sieve.out(days == NEVER, "has no date", values)
    low, high = ((date(*edge) - EPOCH).days for edge in ((FIRST_YEAR, 1, 1), (LAST_YEAR, 12, 31)))
    sieve.out((days < low) | (days > high), f"is dated before {FIRST_YEAR} or after {LAST_YEAR}", values)
    if since is not None:
        sieve.out(days < (since - EPOCH).days, f"is dated before {since}", values, outside=True)
    if until is not None:
        sieve.out(days > (until - EPOCH).days, f"is dated after {until}", values, outside=True)
    return days


def _within_reach(sieve: Sieve, days: Ints, calendar: Calendar) -> None:
    values = sieve.groups.keys["date"]
    sieve.out(days > (calendar.end - EPOCH).days, "is dated after the horizon", values, outside=True)
    first = _earliest(calendar)
    rule = f"is dated before {first}, more than {LONGEST_PAST_YEARS - 1} years before the horizon"
    sieve.out(days < (first - EPOCH).days, rule, values, outside=True)


def _earliest(calendar: Calendar) -> date:
    return date(max(calendar.start.year - LONGEST_PAST_YEARS + 1, FIRST_YEAR), 1, 1)


def _periods(
    calendar: Calendar, grain: Grain, days: Ints, *, since: date | None = None
) -> tuple[tuple[Period, ...], int]:
    """Return the periods around the days of sales, without a gap, and how many of them lie before the horizon.

    They begin on the day `since`, where that is earlier: what is not sold from then on is known.
    """
    begin = int(days.min())
    if since is not None:
        begin = min(begin, (max(since, _earliest(calendar)) - EPOCH).days)
    reach = max((calendar.start - EPOCH).days - begin, 0)
    before = calendar.but(grain=grain).earlier(reach) if reach else ()
    return (*before, *calendar.periods(grain)), len(before)


def _edges(periods: Sequence[Period]) -> tuple[Ints, Ints]:
    """Return the first and the last days, counted from `EPOCH`, shape (n_periods,) each."""
    days = [((one.start - EPOCH).days, (one.end - EPOCH).days) for one in periods]
    starts, ends = np.array(days, dtype=np.int64).reshape(-1, 2).T
    return starts, ends


def _grain_of(days: Ints, calendar: Calendar, grain: Grain) -> tuple[Grain, bool]:
    """Return the grain to read the sales by, and whether each row stands for a whole period of it."""
    told_apart = np.unique(days)
    whole: tuple[Grain, ...] = (grain, "month")
    for one in whole:
        periods, _ = _periods(calendar, one, days)
        if any(np.isin(told_apart, edges).all() for edges in _edges(periods)):
            return one, True
    return "month", False


def _whole_periods(
    sieve: Sieve,
    days: Ints,
    around: tuple[tuple[Period, ...], int],
    *,
    edges: tuple[date | None, date | None],
    stamped: bool,
) -> tuple[Ints, tuple[Period, ...], int]:
    """Return the period of each group, the periods that the table holds as a whole, and the first one's place."""
    periods, before = around
    starts, ends = _edges(periods)
    kept = days[sieve.kept]
    since, until = (None if one is None else (one - EPOCH).days for one in edges)
    low, high = int(kept.min()) if since is None else since, int(kept.max()) if until is None else until
    place = np.clip(np.searchsorted(starts, np.where(sieve.kept, days, low), side="right") - 1, 0, len(periods) - 1)
    first = int(np.searchsorted(ends, low))
    last = int(np.searchsorted(starts, high, side="right")) - 1
    if since is not None or not stamped:
        first += low - starts[first] > (EDGE_DAYS if since is None else 0)
    if until is not None or not stamped:
        last -= ends[last] - high > (min(EDGE_DAYS, _usual_wait(kept) - 1) if until is None else 0)
    part = (place < first) | (place > last)
    sieve.out(part, PART, sieve.groups.keys["date"], outside=True)
    return place - first, periods[first : last + 1], first - before


def _usual_wait(days: Ints) -> int:
    """Return the days from one day with sales to the next that nineteen of twenty waits do not exceed, at least 1."""
    waits = np.diff(np.unique(days))
    return int(np.quantile(waits, RHYTHM, method="inverted_cdf")) if len(waits) else 1


def _tell_edges(sieve: Sieve, days: Ints, periods: Sequence[Period], *, said: tuple[bool, bool]) -> None:
    """Note the first and last period where days at the edge have no sale, and nobody said that they are complete."""
    starts, ends = _edges(periods)
    kept = days[sieve.kept]
    if not len(kept):
        return
    late, early = int(kept.min() - starts[0]), int(ends[-1] - kept.max())
    for lacks, known, which, edge, one in ((late, said[0], "first", 0, "since"), (early, said[1], "last", -1, "until")):
        if lacks > 0 and not known:
            several = f"{lacks} days have" if lacks > 1 else "day has"
            rule = f"is in {periods[edge].id}, whose {which} {several} no sale: read as complete; say {one}=... if not"
            sieve.note((days >= starts[edge]) & (days <= ends[edge]), rule, outside=True)


def _tell_coarser(sieve: Sieve, months: Ints) -> None:
    """Note sales that come in the same few months of each year: they may stand for quarters or more."""
    told_apart = np.unique(months[sieve.kept] % 12)
    if 0 < len(told_apart) <= MOST_COARSE and len(np.unique(np.diff([*told_apart, told_apart[0] + 12]))) == 1:
        coarser = next(one for one in MONTHS if MONTHS[one] * len(told_apart) == 12)
        hint = f"say grain={coarser!r} if each row is of a {coarser}" if coarser != "year" else "no season is in it"
        rule = f"is of one of only {len(told_apart)} months of the year with sales, evenly apart: {hint}"
        if len(told_apart) == 1:
            rule = f"is of the only month of the year with sales: {hint}, if each row is of a year"
        sieve.note(sieve.kept, rule, outside=True)


def _amounts(sieve: Sieve, where: tuple[Ints, Ints], *, shape: tuple[int, int]) -> Floats:
    """Add up; credits that bring a period below zero are told, and it counts as zero.

    A period of which rows are there, and none has an amount, is unknown.
    """
    kept = sieve.kept
    at = where[0][kept], where[1][kept]
    sums, rows, blank = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    np.add.at(sums, at, sieve.groups.sums["amount"][kept])
    np.add.at(rows, at, sieve.groups.rows[kept])
    np.add.at(blank, at, sieve.groups.missing["amount"][kept])
    below = sums < 0
    if below.any():
        rule = "is in a period that credits bring below zero, which counts as 0"
        sieve.told.append(SetAside("history", rule, int(rows[below].sum()), float(sums[below].sum()) / PARTS))
    found: Floats = np.where((rows > 0) & (blank == rows), np.nan, np.maximum(sums, 0) / PARTS)
    return found


def _unknown(amounts: Floats, said: tuple[date | None, date | None], *, length: int, first: int) -> Bools:
    """Tell, in the empty periods around the sales of a key, those not begun or ended from those of its season.

    An empty period is one of its season where that period of the year is empty in every year, and where they are fewer
    than a year; and at an edge of which the user said that the table is complete, where nothing else was sold either.
    """
    many = amounts.shape[1]
    sold = (amounts > 0) | np.isnan(amounts)
    place = (first + np.arange(many)) % length
    ever = sold.astype(np.int64) @ (place[:, None] == np.arange(length)) > 0
    not_begun, ended = (np.cumsum(one, axis=1) == 0 for one in (sold, sold[:, ::-1]))
    unknown = np.zeros(amounts.shape, dtype=bool)
    for edge, day in ((not_begun, said[0]), (ended[:, ::-1], said[1])):
        empty = edge.sum(axis=1, keepdims=True)
        own = (empty > (empty.min() if day is not None else -1)) | (empty == many)
        unknown |= edge & own & (ever[:, place] | (empty >= length))
    return unknown


def _effective_sales(sieve: Sieve, row: Ints, days: Ints, many: int) -> Floats:
    # In the order of key and day, so that no engine's order of groups shows in the last digit.
    order = np.flatnonzero(sieve.kept)
    order = order[np.lexsort((sieve.groups.sums["amount"][order], days[order], row[order]))]
    amounts, rows = sieve.groups.sums["amount"][order] / PARTS, np.maximum(sieve.groups.rows[order], 1)
    sums, squares = np.zeros(many), np.zeros(many)
    np.add.at(sums, row[order], amounts)
    np.add.at(squares, row[order], amounts**2 / rows)
    found: Floats = np.divide(sums**2, squares, out=np.full(many, np.nan), where=squares > 0)
    return found


def _told(set_aside: Sequence[SetAside]) -> str:
    return "; ".join(f"{one.subject} {one.rule}{one.shown}" for one in set_aside) or "The table is empty."

"""Attainment of quotas that come from elsewhere: from any day to any day, by rep (F-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.events.actuals import Actuals
from planalloc.events.matching import credited
from planalloc.events.sieve import NEVER, NOWHERE, Sieve
from planalloc.model.asked import asked_day, asked_kind
from planalloc.model.finding import Finding, refuse
from planalloc.model.grouping import open_source
from planalloc.plan.table import Table, Text
from planalloc.reviewing.sold import money
from planalloc.reviewing.told import set_aside_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planalloc.model.grouping import SetAside
    from planalloc.types import Ints

__all__ = ["Attainment", "attainment"]

EPOCH = date(1970, 1, 1)
KNOWN = ("rep", "start", "end", "quota")


@dataclass(frozen=True, eq=False)
class Attainment:
    """What was sold against quotas from elsewhere.

    Attributes
    ----------
    quotas : Table
        rep, start, end, quota, actual, attainment; one row for each quota, by rep and first day.
    set_aside : Table
        table, rule, rows, amount, examples: sales and quotas that were not counted.
    """

    quotas: Table
    set_aside: Table


@dataclass(frozen=True, eq=False)
class _Spans:
    """Quotas by rep and first day, in that order, n of them."""

    reps: tuple[str, ...]
    rep: Ints
    start: Ints
    end: Ints
    quota: Ints


def attainment(
    quotas: Any,
    actuals: Actuals,
    *,
    currency: str | None = None,
    as_of: date | None = None,
    columns: Mapping[str, str] | None = None,
) -> Attainment:
    """Measure what was sold against quotas that come from elsewhere, whatever days they go from and to.

    Each sale counts in the one quota of its rep whose days hold it; others are set aside.

    Parameters
    ----------
    quotas : dataframe, relation or list of dict
        rep, start (its first day), quota (money), and end (its last day). Without a last day, a quota goes on to the
        day before the rep's next one, and the last one of all goes on.
    actuals : Actuals
        What was sold; segments and products are not looked at.
    currency : str, optional
        The currency of the quotas; None: sales of any are added up.
    as_of : date, optional
        Last day that counts; None: all.
    columns : mapping of str to str, optional
        The table's own name for our columns of quotas, where it is another.

    Returns
    -------
    Attainment
        Tables.

    Raises
    ------
    InputError
        When actuals or day are none, there is no quota, a column is missing, a quota has no rep, day or amount, ends
        before it starts, or overlaps the next one of the same rep.

    Examples
    --------
    >>> from planalloc.events.actuals import Actuals
    >>> quotas = [{"rep": "alice", "start": date(2027, 1, 4), "quota": 100},
    ...           {"rep": "alice", "start": date(2027, 4, 5), "quota": 200}]
    >>> sold = [{"date": date(2027, 4, 4), "rep": "alice", "amount": 90}, {"date": "2027-04-05", "rep": "alice",
    ...         "amount": 50}, {"date": date(2027, 4, 6), "rep": "bruno", "amount": 7}]
    >>> found = attainment(quotas, Actuals(sales=sold))
    >>> found.quotas["attainment"].tolist(), found.set_aside["rule"].tolist()
    ([0.9, 0.25], ['names a rep without a quota'])
    """
    if found := [*asked_day("as_of", as_of), *asked_kind("actuals", actuals, Actuals, "Actuals", needed=True)]:
        refuse(found)
    spans = _spans(quotas, columns or {})
    sold = np.zeros(len(spans.rep), dtype=np.int64)
    told = []
    if "sales" in actuals.tables:
        sieve = _sales(actuals, spans, currency=currency, as_of=as_of)
        at = np.flatnonzero(sieve.kept)
        np.add.at(sold, sieve.spans[at], sieve.groups.sums["amount"][at])
        told = sieve.told
    actual, digits = money(sold)
    wanted, finer = money(spans.quota)
    first = np.datetime64(EPOCH, "D")
    open_ended = spans.end == NEVER
    end = np.where(open_ended, np.datetime64("NaT", "D"), first + np.where(open_ended, 0, spans.end))
    table = Table(
        {
            "rep": Text(spans.rep, spans.reps),
            "start": first + spans.start,
            "end": end,
            "quota": wanted,
            "actual": actual,
            "attainment": np.divide(actual, wanted, out=np.full(len(actual), np.nan), where=wanted != 0),
        },
        name="attainment",
        measures=("quota", "actual"),
        ratios={"attainment": ("actual", "quota")},
        decimals={"quota": max(digits, finer), "actual": max(digits, finer)},
    )
    return Attainment(table, set_aside_table(told, actuals.tables))


class _Sales(Sieve):
    """Groups of sales with the position of the quota that each counts in."""

    spans: Ints


def _sales(actuals: Actuals, spans: _Spans, *, currency: str | None, as_of: date | None) -> _Sales:
    source, split = credited(actuals.tables["sales"])
    sieve = _Sales.of(source, ("date", "rep", "currency"), ("amount",))
    sieve.told += split
    place = {name: i for i, name in enumerate(spans.reps)}
    names = sieve.names("rep")
    rep = np.array([place.get(one or "", NOWHERE) for one in names], dtype=np.int64)
    sieve.out(np.array([one is None for one in names], dtype=bool), "has no rep", names)
    sieve.out(rep == NOWHERE, "names a rep without a quota", names)
    if currency is not None:
        found = sieve.groups.keys["currency"]
        wrong = np.array([one is not None and str(one).strip().upper() != currency for one in found], dtype=bool)
        sieve.out(wrong, f"is not in {currency}", found)
    day = sieve.days("date", EPOCH)
    values = sieve.groups.keys["date"]
    sieve.out(day == NEVER, "has no date", values)
    if as_of is not None:
        sieve.out(day > (as_of - EPOCH).days, f"is dated after {as_of}", values)
    # One number for rep and day: quotas are sorted by it, and the last one before a sale is the one that may hold it.
    key = np.where(rep == NOWHERE, -1, rep) * FAR + np.clip(np.where(day == NEVER, 0, day) + FAR // 2, 0, FAR - 1)
    at = np.searchsorted(spans.rep * FAR + spans.start + FAR // 2, key, side="right") - 1
    inside = (at >= 0) & (spans.rep[at] == rep) & (day <= spans.end[at]) & (day != NEVER)
    sieve.out(~inside, "is dated on a day without a quota", values)
    sieve.spans = at
    sieve.uncounted("amount")
    return sieve


FAR = 4_000_000
"""Days, more than a calendar has to either side."""


def _spans(quotas: Any, columns: Mapping[str, str]) -> _Spans:
    """Read the quotas, all that is wrong told at once."""
    source = open_source(quotas, table="quotas", known=KNOWN, required=("rep", "start", "quota"), columns=columns)
    sieve = Sieve.of(source, ("rep", "start", "end"), ("quota",))
    if not len(sieve.groups):
        refuse([Finding("no-quota", "error", "quotas", "no row", "is there to measure against", "Add the quotas.")])
    names = sieve.names("rep")
    start, end = sieve.days("start", EPOCH), sieve.days("end", EPOCH)
    sieve.out(np.array([one is None for one in names], dtype=bool), "has no rep", names)
    sieve.out(start == NEVER, "has no first day", names)
    sieve.out((end != NEVER) & (end < start), "ends before it starts", names)
    sieve.out(sieve.groups.missing["quota"] > 0, "has no amount", names)
    sieve.out(sieve.groups.rows > 1, "is there twice with the same days", names)
    reps = tuple(sorted({one for one in names if one is not None}))
    place = {name: i for i, name in enumerate(reps)}
    rep = np.array([place.get(one or "", NOWHERE) for one in names], dtype=np.int64)
    order = np.lexsort((start, rep))
    rep, start, end = rep[order], start[order], end[order]
    follows = np.append(rep[1:] == rep[:-1], False) if len(rep) else np.zeros(0, dtype=bool)
    after = np.where(follows, np.append(start[1:], 0) - 1, NEVER) if len(rep) else end
    overlaps = follows & (end != NEVER) & (end > after)
    wrong = np.zeros(len(rep), dtype=bool)
    wrong[order] = overlaps | (follows & (after < start))
    sieve.out(wrong, "overlaps the rep's next one", names)
    if sieve.told:
        refuse(
            [
                Finding("quota", "error", "quotas", _rows(one.rows), _said(one), "Correct the table of quotas.")
                for one in sieve.told
            ]
        )
    return _Spans(reps, rep, start, np.where(end == NEVER, after, end), sieve.groups.sums["quota"][order])


def _rows(many: int) -> str:
    return "one row" if many == 1 else f"each of {many:,} rows"


def _said(one: SetAside) -> str:
    return one.rule + (f": {', '.join(one.examples)}" if one.examples else "")

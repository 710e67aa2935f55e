"""Events matched with a problem: names become positions, dates become days, and what does not fit is told.

Rows are grouped by what they say before they are looked at, so that a value that is wrong is wrong once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.sieve import NEVER, NOWHERE, Sieve
from planalloc.model.cells import shown, text
from planalloc.model.coded import Coded, together
from planalloc.model.grouping import PARTS, SHOWN, SetAside
from planalloc.model.shares import of_shares

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from planalloc.events.sieve import Events
    from planalloc.model.calendar import Calendar
    from planalloc.model.grouping import Source
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Ints

__all__ = ["credited", "matched_activities", "matched_opportunities", "matched_sales"]


class _Places:
    """Positions of a problem's names."""

    def __init__(self, problem: PlanningProblem) -> None:
        self.problem = problem
        self.reps = {
            rep.id: i for i, rep in enumerate(one for one in problem.sales_force.reps if one.role == "primary")
        }
        self.overlay = {rep.id for rep in problem.sales_force.reps if rep.role == "overlay"}
        self.segments = {segment.id: i for i, segment in enumerate(problem.strategy.segments)}
        self.lines = sorted(problem.strategy.targets, key=lambda t: (t.segment, t.product or "", t.business or ""))
        self.products = {product.id: i for i, product in enumerate(problem.strategy.products)}
        accounts = problem.portfolio.accounts
        self.account_segment = {one.id: one.segment for one in accounts if one.segment is not None}
        self.account_business = {one.id: one.business for one in accounts if one.business is not None}

    def line(self, segment: str | None, product: str | None, business: str | None) -> int:
        """Return the line that says most of what is known, `NOWHERE` where that leaves it open."""
        fitting = [
            (line.product is not None, line.business is not None, i)
            for i, line in enumerate(self.lines)
            if line.segment == segment and line.product in {None, product} and line.business in {None, business}
        ]
        return max(fitting)[2] if fitting else NOWHERE


def _who(sieve: Sieve, places: _Places) -> Ints:
    overlaid = sieve.cells("rep", text).each(places.overlay.__contains__, nothing=False, kind=np.bool_)
    sieve.out(overlaid, "names an overlay rep, whose quota is on what others book", sieve.groups.keys["rep"])
    rep = sieve.positions("rep", places.reps, "rep")
    sieve.out(rep == NOWHERE, "has no rep", sieve.groups.keys["rep"])
    return rep


def _where(sieve: Sieve, places: _Places) -> tuple[Ints, Ints]:
    """Return line and segment of each group, from its own columns, and its account's where those are empty."""
    keys = sieve.groups.keys
    sieve.positions("segment", places.segments, "segment")
    if places.products:
        sieve.positions("product", places.products, "product")
    segments, products, business = (sieve.names(name) for name in ("segment", "product", "business"))
    if "account" in keys:
        accounts = sieve.cells("account", text)
        segments = segments.filled(accounts.read(places.account_segment.get))
        business = business.filled(accounts.read(places.account_business.get))
    combined = together(segments, products, business)
    line = combined.each(lambda one: places.line(*one), nothing=NOWHERE, kind=np.int64)
    segment = segments.each(lambda one: places.segments.get(one, NOWHERE), nothing=NOWHERE, kind=np.int64)
    if "account" in keys:
        sieve.out(~segments.given & ~accounts.given, "has neither a segment nor an account", segments)
        sieve.out(segment == NOWHERE, "is of an account without a segment, and names none", accounts)
    sieve.out(segment == NOWHERE, "has no segment", segments)
    said = combined.read(lambda one: " / ".join(part for part in one if part))
    sieve.out(line == NOWHERE, "does not say which line it is of", said)
    return line, segment


def _in_currency(sieve: Sieve, currency: str) -> None:
    found = sieve.groups.keys["currency"]
    wrong = found.each(lambda one: str(one).strip().upper() != currency, nothing=False, kind=np.bool_)
    sieve.out(wrong, f"is not in {currency}", found)


def _in_time(
    sieve: Sieve, when: Ints, calendar: Calendar, as_of: date | None, *, window: tuple[str, str] = ("", "")
) -> None:
    """Set aside what is dated before the first day or after the last that counts; `window` is what they are called."""
    last = calendar.days - 1 if as_of is None else min(calendar.days - 1, (as_of - calendar.start).days)
    sieve.out(when == NEVER, "has no date", sieve.groups.keys["date"])
    outside = (when < 0) | (when > last)
    days, codes = np.unique(np.where(outside & (when != NEVER), when, 0), return_inverse=True)
    values = Coded(tuple(str(calendar.start + timedelta(days=day)) for day in days.tolist()), codes)
    before, after = (one or "the horizon" for one in window)
    sieve.out(when < 0, f"is dated before {before}", values, outside=True, written=True)
    sieve.out(when > last, f"is dated after {after if as_of is None else as_of}", values, outside=True, written=True)


def matched_sales(
    source: Source,
    problem: PlanningProblem,
    *,
    as_of: date | None = None,
    by: Sequence[str] = (),
    window: tuple[str, str] = ("", ""),
) -> Events:
    """Match sales with the reps, lines and days of a problem in canonical order.

    Parameters
    ----------
    source : Source
        The table of sales of `Actuals`.
    problem : PlanningProblem
        In canonical order.
    as_of : date, optional
        Last day that counts; None: the whole horizon.
    by : sequence of str
        Further columns to keep apart, such as ``"account"``.
    window : (str, str)
        What sales are told to be dated before and after, where that is not "the horizon".

    Returns
    -------
    Events
        What counts, and what was set aside, with its amount.
    """
    start, places = problem.calendar.start, _Places(problem)
    told = [*source.set_aside]
    source, split = credited(source)
    keys = dict.fromkeys(("date", "rep", "segment", "product", "business", "currency", *by))
    if places.account_segment or places.account_business:
        keys["account"] = None
    sieve = Sieve.of(source, list(keys), ("amount", "units"))
    sieve.told = [*told, *split]
    when = sieve.days("date", start)
    _in_time(sieve, when, problem.calendar, as_of, window=window)
    rep = _who(sieve, places)
    line, segment = _where(sieve, places)
    _in_currency(sieve, problem.strategy.currency)
    sieve.uncounted("amount")
    return sieve.events(
        places=(rep, line, segment), when=when, days={}, labels=[one for one in keys if one in {*by, "account"}]
    )


def credited(source: Source) -> tuple[Source, list[SetAside]]:
    """Return sales with the credit of each rep in their amount, and what is told of shares.

    A credit that is no number from 0 to 1 sets its row aside, and so do shares of an id that do not add up to 1; a row
    without one counts in full. Where no row has one, each row's amount is what its rep is credited with.

    Parameters
    ----------
    source : Source
        The table of sales of `Actuals`.
    """
    if "credit" not in source.names:
        return source, []
    before = len(source.set_aside)
    source = of_shares(source, "credit")
    told = [*source.set_aside[before:]]
    if "id" in source.names:
        shares = source.group("id", numbers=["credit", "amount"])
        whole = shares.sums["credit"] + PARTS * shares.missing["credit"]
        wrong = np.abs(whole - PARTS) > shares.rows
        if wrong.any():
            at = np.flatnonzero(wrong)
            ids = sorted(str(shares.keys["id"][i]) for i in at.tolist())
            source = source.without("id", [shares.keys["id"][i] for i in at.tolist()])
            told.append(
                SetAside(
                    "sales",
                    "is credited in shares that do not add up to 1",
                    int(shares.rows[at].sum()),
                    float(shares.sums["amount"][at].sum()) / PARTS,
                    examples=tuple(shown(one) for one in ids[:SHOWN]),
                )
            )
    credited = source.times("amount", "credit").times("units", "credit")
    if "id" in source.names:
        told += _nobodys(source, credited)
    return credited, told


def _nobodys(source: Source, credited: Source) -> list[SetAside]:
    """Tell what shares leave of sales where they add up to 1 but for their last digits, and so to more or less."""
    whole, parts = (one.group("id", numbers=["amount"]) for one in (source, credited))
    left = whole.sums["amount"] / whole.rows - parts.sums["amount"]
    at = np.flatnonzero((np.abs(left) > whole.rows) & whole.keys["id"].given)
    if not len(at):
        return []
    rule = "is credited in shares that add up to nearly 1; what they leave is nobody's"
    examples = tuple(shown(one) for one in sorted(str(whole.keys["id"][i]) for i in at.tolist())[:SHOWN])
    amount = float(left[at].sum()) / PARTS
    return [SetAside("sales", rule, int(whole.rows[at].sum()), amount, examples=examples, counted=True)]


def matched_activities(
    source: Source, problem: PlanningProblem, *, as_of: date | None = None, by: Sequence[str] = ("activity",)
) -> Events:
    """Match activities with the reps, segments and days of a problem in canonical order; parameters as for sales.

    Activities without a segment, of no account that has one, are kept, at segment -1.
    """
    start, places = problem.calendar.start, _Places(problem)
    keys = dict.fromkeys(("date", "rep", "segment", "activity", *by))
    if places.account_segment:
        keys["account"] = None
    sieve = Sieve.of(source, list(keys), ("facts",))
    when = sieve.days("date", start)
    _in_time(sieve, when, problem.calendar, as_of)
    rep = _who(sieve, places)
    segment = sieve.positions("segment", places.segments, "segment")
    if places.account_segment:
        theirs = sieve.cells("account", text).read(places.account_segment.get)
        known = theirs.each(lambda one: places.segments.get(one, NOWHERE), nothing=NOWHERE, kind=np.int64)
        segment = np.where(segment == NOWHERE, known, segment)
    activities = {one.id: i for i, one in enumerate(problem.playbook.activities)}
    kind = sieve.positions("activity", activities, "activity")
    sieve.out(kind == NOWHERE, "does not say what was done", sieve.groups.keys["activity"])
    none = np.full(len(rep), NOWHERE, dtype=np.int64)
    return sieve.events(
        places=(rep, none, segment),
        when=when,
        days={},
        labels=[one for one in keys if one not in {"date", "rep", "segment"}],
    )


def matched_opportunities(
    source: Source, problem: PlanningProblem, *, as_of: date | None = None, by: Sequence[str] = ("stage", "won")
) -> Events:
    """Match opportunities with the reps, lines and days of a problem in canonical order; parameters as for sales.

    The day is that of creation, before the horizon too; `days` holds ``closed``, ``expected_close`` and, whatever
    `as_of` is, ``closed_ever``. What was created after `as_of` is set aside; what was closed after it counts as open.
    """
    start, places = problem.calendar.start, _Places(problem)
    keys = dict.fromkeys(
        ("created", "closed", "expected_close", "won", "rep", "segment", "product", "business", "currency", *by)
    )
    if places.account_segment or places.account_business:
        keys["account"] = None
    sieve = Sieve.of(source, list(keys), ("amount", "facts"))
    rep = _who(sieve, places)
    line, segment = _where(sieve, places)
    _in_currency(sieve, problem.strategy.currency)
    created = sieve.days("created", start)
    closed, expected = sieve.days("closed", start), sieve.days("expected_close", start)
    sieve.out(created == NEVER, "has no date of creation", sieve.groups.keys["created"])
    sieve.out((closed != NEVER) & (closed < created), "is closed before it was created", sieve.groups.keys["closed"])
    ever = closed
    if as_of is not None:
        today = (as_of - start).days
        sieve.out(created > today, f"is created after {as_of}", sieve.groups.keys["created"], outside=True)
        closed = np.where((closed != NEVER) & (closed > today), NEVER, closed)
    won = sieve.groups.keys["won"]
    sieve.out((closed != NEVER) & ~won.given, "is closed, but neither won nor lost", won)
    days = {"closed": closed, "expected_close": expected, "closed_ever": ever}
    labels = [one for one in keys if one in {*by, "won", "account"}]
    return sieve.events(places=(rep, line, segment), when=created, days=days, labels=labels)

"""Opportunities of the past: who won what, which are old enough to count, and when each came to each stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.errors import InputError
from planalloc.events.matching import matched_opportunities
from planalloc.events.noted import NOTED, noted
from planalloc.model.base import nearest, suggest
from planalloc.model.cells import missing, shown
from planalloc.model.finding import Finding, refuse
from planalloc.model.grouping import PARTS, SHOWN, SetAside
from planalloc.model.sieve import NEVER, NOWHERE, Sieve
from planalloc.numerics.cohorts import mature_cohorts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from planalloc.events.sieve import Events
    from planalloc.model.grouping import Source
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Bools, Floats, Ints

__all__ = ["PastDeals", "read_deals", "read_stages"]

ANSWERS = {"true": True, "yes": True, "won": True, "1": True, "false": False, "no": False, "lost": False, "0": False}


@dataclass(frozen=True, eq=False)
class PastDeals:
    """Opportunities in the order of their ids, n of them; days count from the first day of the history.

    Attributes
    ----------
    ids : list of str
        As the table has them.
    segment, created, closed : Ints
        Position of the segment, day of creation, and of closing (`NEVER` while open), shape (n,).
    won : Bools
        Shape (n,).
    amount : Floats
        In money, shape (n,); 0 where none is given.
    age : Floats
        Days from creation to the end of the history, shape (n,).
    mature : Bools
        Whether it is old enough for its outcome to count, shape (n,).
    set_aside : tuple of SetAside
        What does not count, and what counts and is told.
    """

    ids: list[str]
    segment: Ints
    created: Ints
    closed: Ints
    won: Bools
    amount: Floats
    age: Floats
    mature: Bools
    set_aside: tuple[SetAside, ...]


def read_deals(source: Source, problem: PlanningProblem, *, until: date) -> PastDeals:
    """Read opportunities created from the first day of the problem's calendar on, as they stand on the day `until`."""
    events = matched_opportunities(source, problem, as_of=until, by=("id", "won", *NOTED))
    closed = events.days["closed"] != NEVER
    results = events.labels["won"].read(_answer)
    unread = ~results.given & closed
    says_won = results.each(bool, nothing=False, kind=np.bool_)
    early = ~unread & (events.day < 0)
    undated = ~early & says_won & (events.days["closed_ever"] == NEVER)
    counts = ~unread & ~early & ~undated
    won = says_won & closed
    free = counts & won & (events.sums["amount"] <= 0)
    told = [*events.set_aside, *_told(events, unread=unread, early=early, undated=undated, free=free)]
    told += noted(events, source, problem, kept=counts)
    ids = list(events.labels["id"])
    kept = np.array(sorted(np.flatnonzero(counts).tolist(), key=ids.__getitem__), dtype=np.int64)
    age = ((until - problem.calendar.start).days - events.day).astype(np.float64)
    cohorts = mature_cohorts(
        age[kept],
        won=won[kept],
        closed=closed[kept],
        days=np.where(closed, events.days["closed"] - events.day, 0)[kept].astype(np.float64),
        groups=np.zeros(len(kept), dtype=np.int64),
    )
    young = int(cohorts.too_young.sum())
    if young and np.isfinite(cohorts.maturity_days):
        rule = f"is younger than {cohorts.maturity_days:g} days, by which 9 of 10 are closed: no cohort for conversion"
        told.append(SetAside("opportunities", rule, young, outside=True))
    return PastDeals(
        ids=[ids[i] for i in kept.tolist()],
        segment=events.segment[kept],
        created=events.day[kept],
        closed=events.days["closed"][kept],
        won=won[kept],
        amount=events.money()[kept],
        age=age[kept],
        mature=age[kept] >= cohorts.maturity_days,
        set_aside=tuple(told),
    )


def read_stages(
    source: Source, deals: PastDeals, problem: PlanningProblem, *, until: date, order: Sequence[str] | None
) -> tuple[tuple[str, ...], Ints, tuple[SetAside, ...]]:
    """Read when each opportunity came to each stage.

    One that skipped a stage came to it with the next one, and to the first one when it was created.

    Parameters
    ----------
    source : Source
        The table of stages of `Actuals`.
    deals : PastDeals
        n opportunities.
    problem : PlanningProblem
        Its calendar is that of the history.
    until : date
        Day of the extract; later entries do not count.
    order : sequence of str, optional
        Stages in the order of the sale; None: those of the playbook's first funnel.

    Returns
    -------
    names : tuple of str
        S stages in order.
    entered : Ints, shape (n, S + 1)
        Days; `NEVER` where an opportunity did not come so far. The last column is the booking.
    set_aside : tuple of SetAside
        What did not count.

    Raises
    ------
    InputError
        When nobody said in which order the stages come, or those said are misspelled.
    """
    sieve = Sieve.of(source, ["opportunity", "stage", "entered"], ())
    there = sorted(set(sieve.names("stage").values))
    if order is not None:
        _refuse_misspelled(order, there)
    elif problem.playbook.funnels:
        order = [stage.id for stage in problem.playbook.funnels[0].stages]
    if order is None:
        raise InputError(
            f"nobody said in which order the stages come: {', '.join(there[:SHOWN])}",
            hint="Name those of the sale, in order: stages=[...], without the ends 'won' and 'lost'.",
        )
    when = sieve.days("entered", problem.calendar.start)
    sieve.out(when == NEVER, "has no day on which the stage was entered", sieve.groups.keys["entered"])
    today = (until - problem.calendar.start).days
    sieve.out(when > today, f"is dated after {until}", sieve.groups.keys["entered"], outside=True)
    stages = sieve.names("stage")
    places = {name: k for k, name in enumerate(order)}
    at = stages.each(lambda one: places.get(one, NOWHERE), nothing=NOWHERE, kind=np.int64)
    cased = {name.casefold(): name for name in order}
    likely = stages.read(lambda one: cased.get(one.casefold()))
    for meant in sorted(set(likely.values)):
        alike = likely.each(meant.__eq__, nothing=False, kind=np.bool_)
        sieve.out((at == NOWHERE) & alike, f"names a stage that is none of the sale's; did you mean {meant!r}?", stages)
    sieve.out(at == NOWHERE, "names a stage that is none of the sale's", stages)
    names = sieve.names("opportunity")
    rows = {name: i for i, name in enumerate(deals.ids)}
    row = names.each(lambda one: rows.get(one, NOWHERE), nothing=NOWHERE, kind=np.int64)
    sieve.out(row == NOWHERE, "is of an opportunity that does not count", names, outside=True)
    entered = np.full((len(deals.ids), len(order) + 1), NEVER, dtype=np.int64)
    np.minimum.at(entered, (row[sieve.kept], at[sieve.kept]), when[sieve.kept])
    entered[:, -1] = np.where(deals.won, deals.closed, NEVER)
    entered[:, 0] = np.minimum(entered[:, 0], deals.created)
    return tuple(order), np.minimum.accumulate(entered[:, ::-1], axis=1)[:, ::-1], tuple(sieve.told)


def _refuse_misspelled(order: Sequence[str], there: Sequence[str]) -> None:
    """Refuse stages of which no row is where one with nearly their name has rows, and stages of which none has.

    One in another case is told row by row.
    """
    said, known = ({one.casefold() for one in names} for names in (order, there))
    others = [one for one in there if one.casefold() not in said]
    nowhere = [one for one in order if one.casefold() not in known]
    found = [
        Finding("unknown-name", "error", "stages", shown(name), "is in no row", suggest(name, near).strip(), name, near)
        for name in nowhere
        if (near := nearest(name, others)) or len(nowhere) == len(order)
    ]
    if there and found:
        refuse(found)


def _told(events: Events, *, unread: Bools, early: Bools, undated: Bools, free: Bools) -> list[SetAside]:
    """Tell what `read_deals` leaves out, and the deals won without an amount, which have no part in the deal size."""
    told = []
    for these, rule in (
        (undated, "is won, and has no date of closing"),
        (free, "is won without an amount above 0: a win, but no part of the deal size"),
    ):
        if these.any():
            examples = sorted(map(shown, events.labels["id"].at(np.flatnonzero(these))))[:SHOWN]
            amount = float(events.sums["amount"][these].sum()) / PARTS
            told.append(
                SetAside(
                    "opportunities",
                    rule,
                    int(these.sum()),
                    amount,
                    tuple(examples),
                    counted=these is free,
                )
            )
    if unread.any():
        examples = sorted(set(map(str, events.labels["won"].at(np.flatnonzero(unread)))))[:SHOWN]
        rule = "is closed, and its won is neither true nor false"
        told.append(SetAside("opportunities", rule, int(unread.sum()), examples=tuple(examples)))
    if early.any():
        told.append(SetAside("opportunities", "is created before the history begins", int(early.sum()), outside=True))
    return told


def _answer(value: Any) -> bool | None:
    """Return whether an opportunity is won; None where the cell says neither."""
    if missing(value):
        return None
    written = str(value).strip().lower()
    return ANSWERS.get(written.removesuffix(".0"))

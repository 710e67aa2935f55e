"""Opportunities one by one, and when each came to which stage."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.events.matching import matched_opportunities
from planalloc.events.sieve import NEVER, Events, Sieve
from planalloc.model.adding import LARGEST
from planalloc.model.base import nearest
from planalloc.model.cells import missing, shown, text
from planalloc.model.grouping import PARTS, SHOWN, SetAside, most_frequent
from planalloc.reviewing.told import strange_accounts

if TYPE_CHECKING:
    from planalloc.model.grouping import Source
    from planalloc.model.playbook import Funnel
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Dealt", "History", "dealt", "funnels_of", "was_won"]

WON = ("true", "won", "yes", "y", "1", "1.0", "closed won")
LOST = ("false", "lost", "no", "n", "0", "0.0", "closed lost")


def was_won(value: Any) -> bool:
    """Return whether what a table says of an outcome is a win.

    Examples
    --------
    >>> [was_won(one) for one in (True, "Won", 1, False, "lost", None)]
    [True, True, True, False, False, False]
    """
    return _word(value) in WON


def _word(value: Any) -> str:
    return "" if missing(value) else str(value).strip().lower()


@dataclass(frozen=True, eq=False)
class Dealt:
    """N opportunities that count, by position of rep and line.

    Attributes
    ----------
    rep, line : Ints
        Shape (N,).
    created, closed, expected : Ints
        Days since the horizon's first, shape (N,); `NEVER` for none.
    won, is_open : Bools
        Shape (N,).
    stage : Ints
        Position of the stage in the funnel of its line, -1 where there is none of that name, shape (N,).
    amount, facts : Floats
        Money, and facts brought back, shape (N,); nan where the row gives none.
    ids, accounts, stages : list
        What the rows say, N each.
    set_aside : tuple of SetAside
        What was not counted.
    """

    rep: Ints
    line: Ints
    created: Ints
    closed: Ints
    expected: Ints
    won: Bools
    is_open: Bools
    stage: Ints
    amount: Floats
    facts: Floats
    ids: list[str]
    accounts: list[str | None]
    stages: list[str | None]
    set_aside: tuple[SetAside, ...] = ()

    def __len__(self) -> int:
        return len(self.rep)

    @cached_property
    def position(self) -> dict[str, int]:
        """Position of each id."""
        return {one: i for i, one in enumerate(self.ids)}


@dataclass(frozen=True, eq=False)
class History:
    """When opportunities came to stages, K entries, and what was not counted.

    Attributes
    ----------
    deal, stage, entered : Ints
        Position of the opportunity and of the stage in its funnel, and the day, shape (K,).
    set_aside : tuple of SetAside
        What was not counted.
    """

    deal: Ints
    stage: Ints
    entered: Ints
    set_aside: tuple[SetAside, ...] = ()


def funnels_of(seen: Seen) -> tuple[Funnel | None, ...]:
    """Return the funnel of each line, S of them."""
    return tuple(seen.problem.playbook.funnel_for(line) for line in seen.index.lines)


def _stage_places(seen: Seen, line: Ints, names: list[str | None]) -> Ints:
    """Return the position of each row's stage in the funnel of its line, -1 for none of that name."""
    known = [
        {} if funnel is None else {stage.id: i for i, stage in enumerate(funnel.stages)} for funnel in funnels_of(seen)
    ]
    found = [known[s].get(name or "", -1) for s, name in zip(line.tolist(), names, strict=True)]
    return np.array(found, dtype=np.int64)


def dealt(seen: Seen, source: Source | None) -> Dealt:
    """Return the opportunities of a table, or of none."""
    if source is None:
        none, nothing, no = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool)
        return Dealt(none, none, none, none, none, no, no, none, nothing, nothing, [], [], [])
    by = ("id", "stage", "account")
    found = _settled(matched_opportunities(source, seen.problem, as_of=seen.as_of, by=by))
    closed = found.days["closed"]
    given = _given(source, found.labels["id"])
    names = [one.strip() if one is not None else None for one in found.labels["stage"]]
    places = _stage_places(seen, found.line, names)
    absurd = (closed == NEVER) & (given["large"] | (found.sums["amount"] < 0))
    told = [
        *found.set_aside,
        *_strange_stages(seen, found.line, np.where(closed == NEVER, places, 0), names),
        *_strange_amounts(absurd, found),
        *strange_accounts(seen, "opportunities", found),
    ]
    return Dealt(
        found.rep,
        found.line,
        found.day,
        closed,
        found.days["expected_close"],
        (closed != NEVER) & np.array([was_won(one) for one in found.labels["won"]], dtype=bool),
        closed == NEVER,
        places,
        np.where(given["amount"] & ~absurd, found.money(), np.nan),
        np.where(given["facts"], found.sums["facts"] / PARTS, np.nan),
        [one.strip() for one in found.labels["id"]],
        found.labels["account"],
        names,
        tuple(told),
    )


def _settled(found: Events) -> Events:
    """Return opportunities without those whose outcome is not clear, which are told."""
    outcomes = [_word(one) for one in found.labels["won"]]
    unclear = np.array([one not in (*WON, *LOST) for one in outcomes], dtype=bool) & (found.days["closed"] != NEVER)
    undated = np.array([one in WON for one in outcomes], dtype=bool) & (found.days["closed_ever"] == NEVER)
    told = [*found.set_aside]
    for wrong, rule in (
        (unclear, "is closed, but neither won nor lost"),
        (undated, "is won, but has no day of closing"),
    ):
        if wrong.any():
            at = np.flatnonzero(wrong)
            values = found.labels["won" if wrong is unclear else "id"]
            examples = most_frequent(Counter(shown(values[i]) for i in at.tolist()))
            told.append(
                SetAside("opportunities", rule, int(found.rows[at].sum()), float(found.money()[at].sum()), examples)
            )
    kept = np.flatnonzero(~unclear & ~undated)
    return Events(
        found.rep[kept],
        found.line[kept],
        found.segment[kept],
        found.day[kept],
        {name: [values[i] for i in kept.tolist()] for name, values in found.labels.items()},
        {name: days[kept] for name, days in found.days.items()},
        {name: sums[kept] for name, sums in found.sums.items()},
        found.rows[kept],
        tuple(told),
    )


def _strange_stages(seen: Seen, line: Ints, places: Ints, names: list[str | None]) -> list[SetAside]:
    """Tell of open opportunities at a stage that the funnel of their line does not have, and what it may be."""
    known = [() if one is None else tuple(stage.id for stage in one.stages) for one in funnels_of(seen)]
    often: Counter[str] = Counter()
    for s, place, name in zip(line.tolist(), places.tolist(), names, strict=True):
        if place < 0 and name is not None and known[s]:
            near = nearest(name, known[s])
            often[shown(name) + (f" (did you mean {near[0]!r}?)" if near else "")] += 1
    if not often:
        return []
    rule = "is at a stage that the funnel of its line does not have; it counts at the line's rate"
    return [SetAside("opportunities", rule, often.total(), 0.0, most_frequent(often), counted=True)]


def _strange_amounts(absurd: Bools, found: Events) -> list[SetAside]:
    """Tell of open opportunities with an amount that none can have."""
    if not absurd.any():
        return []
    at = np.flatnonzero(absurd)
    examples = tuple(shown(found.labels["id"][i]) for i in at[:SHOWN].tolist())
    rule = f"is open with an amount below zero or of {LARGEST:,.0f} or more; it counts as a usual deal of its line"
    return [SetAside("opportunities", rule, len(at), float(found.money()[at].sum()), examples, counted=True)]


def _given(source: Source, ids: list[Any]) -> dict[str, Any]:
    """Return whether each opportunity has a number of each kind (nothing is not zero), and whether it is too large."""
    found: dict[str, Any] = {"large": np.zeros(len(ids), dtype=bool)}
    for name in ("amount", "facts"):
        if name not in source.names or not source.group(numbers=[name]).missing[name].any():
            found[name] = np.full(len(ids), name in source.names)
            continue
        without = source.group("id", numbers=[name])
        known = zip(without.keys["id"], without.missing[name].tolist(), strict=True)
        gone = {text(one, "").strip() for one, n in known if n and one is not None}
        found[name] = np.array([one.strip() not in gone for one in ids], dtype=bool)
        if name == "amount" and without.large[name].any():
            sized = zip(without.keys["id"], without.large[name].tolist(), strict=True)
            large = {text(one, "").strip() for one, n in sized if n and one is not None}
            found["large"] = np.array([one.strip() in large for one in ids], dtype=bool)
    return found


def history(seen: Seen, source: Source | None, deals: Dealt) -> History:
    """Return when the opportunities came to the stages of their funnels.

    Stages that the funnel of the line does not have, days after the review and opportunities that do not count are set
    aside.
    """
    if source is None:
        none = np.zeros(0, dtype=np.int64)
        return History(none, none, none)
    sieve = Sieve.of(source, ("opportunity", "stage", "entered"), ())
    whose, names = sieve.names("opportunity"), sieve.names("stage")
    deal = np.array([deals.position.get(one, -1) if one is not None else -1 for one in whose], dtype=np.int64)
    entered = sieve.days("entered", seen.problem.calendar.start)
    line = np.append(deals.line, 0)[deal] if len(deals) else np.zeros(len(deal), dtype=np.int64)
    stage = _stage_places(seen, line, names)
    sieve.out(deal < 0, "is of no opportunity that counts", whose)
    sieve.out(stage < 0, "names a stage that the funnel of its line does not have", names)
    sieve.out(entered == NEVER, "has no day", names)
    sieve.out(entered > seen.today, f"is dated after {seen.as_of}", sieve.groups.keys["entered"])
    kept = np.flatnonzero(sieve.kept)
    return History(deal[kept], stage[kept], entered[kept], tuple(sieve.told))

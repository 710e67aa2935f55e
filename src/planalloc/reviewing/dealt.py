"""Opportunities one by one, and when each came to which stage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.events.matching import matched_opportunities
from planalloc.events.sieve import NEVER, Sieve
from planalloc.model.cells import missing, text
from planalloc.model.grouping import PARTS

if TYPE_CHECKING:
    from planalloc.model.grouping import SetAside, Source
    from planalloc.model.playbook import Funnel
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Dealt", "History", "dealt", "funnels_of", "was_won"]

WON = ("true", "won", "yes", "y", "1", "1.0")


def was_won(value: Any) -> bool:
    """Return whether what a table says of an outcome is a win.

    Examples
    --------
    >>> [was_won(one) for one in (True, "Won", 1, False, "lost", None)]
    [True, True, True, False, False, False]
    """
    return not missing(value) and str(value).strip().lower() in WON


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
    found = matched_opportunities(source, seen.problem, as_of=seen.as_of, by=by)
    closed = found.days["closed"]
    given = _given(source, found.labels["id"])
    names = [one.strip() if one is not None else None for one in found.labels["stage"]]
    return Dealt(
        found.rep,
        found.line,
        found.day,
        closed,
        found.days["expected_close"],
        (closed != NEVER) & np.array([was_won(one) for one in found.labels["won"]], dtype=bool),
        closed == NEVER,
        _stage_places(seen, found.line, names),
        np.where(given["amount"], found.money(), np.nan),
        np.where(given["facts"], found.sums["facts"] / PARTS, np.nan),
        [one.strip() for one in found.labels["id"]],
        found.labels["account"],
        names,
        found.set_aside,
    )


def _given(source: Source, ids: list[Any]) -> dict[str, Any]:
    """Return whether each opportunity has a number of each kind: nothing is not the same as zero."""
    found: dict[str, Any] = {}
    for name in ("amount", "facts"):
        if name not in source.names or not source.group(numbers=[name]).missing[name].any():
            found[name] = np.full(len(ids), name in source.names)
            continue
        without = source.group("id", numbers=[name])
        known = zip(without.keys["id"], without.missing[name].tolist(), strict=True)
        gone = {text(one, "").strip() for one, n in known if n and one is not None}
        found[name] = np.array([one.strip() not in gone for one in ids], dtype=bool)
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

"""Opportunities one by one, and when each came to which stage."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic_core import PydanticCustomError

from planalloc.events.matching import matched_opportunities
from planalloc.events.sieve import NEVER, Sieve
from planalloc.model.adding import LARGEST, any_number, is_flag
from planalloc.model.base import nearest
from planalloc.model.cells import missing, shown, text
from planalloc.model.coded import Coded, together
from planalloc.model.grouping import PARTS, SHOWN, SetAside, most_frequent
from planalloc.reviewing.told import strange_accounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.events.sieve import Events
    from planalloc.model.grouping import Source
    from planalloc.model.playbook import Funnel
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Dealt", "History", "dealt", "funnels_of", "settled", "was_won"]

WON = ("true", "won", "yes", "y", "1", "1.0", "closed won")
LOST = ("false", "lost", "no", "n", "0", "0.0", "closed lost")
OPEN = ("", "open", "pending")


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
    ids : list of str
        N of them.
    accounts, stages : Coded
        What the rows say, shape (N,).
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
    accounts: Coded
    stages: Coded
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
    moved_on : Ints
        Positions of the opportunities that came to a stage after the day: what their row says is of later.
    set_aside : tuple of SetAside
        What was not counted.
    """

    deal: Ints
    stage: Ints
    entered: Ints
    moved_on: Ints
    set_aside: tuple[SetAside, ...] = ()


def funnels_of(seen: Seen) -> tuple[Funnel | None, ...]:
    """Return the funnel of each line, S of them."""
    return tuple(seen.problem.playbook.funnel_for(line) for line in seen.index.lines)


def _stage_places(seen: Seen, line: Ints, names: Coded) -> Ints:
    """Return the position of each row's stage in the funnel of its line, -1 for none of that name."""
    known = [
        {} if funnel is None else {stage.id: i for i, stage in enumerate(funnel.stages)} for funnel in funnels_of(seen)
    ]
    places = [[*(stages.get(name, -1) for name in names.values), -1] for stages in known]
    found: Ints = np.array(places, dtype=np.int64)[line, names.codes]
    return found


def dealt(seen: Seen, source: Source | None) -> Dealt:
    """Return the opportunities of a table, or of none."""
    if source is None:
        none, nothing, no = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool)
        nobody = Coded.nothing(0)
        return Dealt(none, none, none, none, none, no, no, none, nothing, nothing, [], nobody, nobody)
    by = ("id", "stage", "account")
    found = settled(matched_opportunities(source, seen.problem, as_of=seen.as_of, by=by))
    closed = found.days["closed"]
    ids = found.labels["id"].read(str.strip)
    given = _given(source, ids)
    names = found.labels["stage"].read(str.strip)
    places = _stage_places(seen, found.line, names)
    absurd = (closed == NEVER) & (given["large"] | (found.sums["amount"] < 0))
    too_large = (closed != NEVER) & given["large"]
    told = [
        *found.set_aside,
        *_strange_stages(seen, found.line, np.where(closed == NEVER, places, 0), names),
        *_strange_amounts(absurd, found, ABSURD),
        *_strange_amounts(too_large, found, TOO_LARGE),
        *_unread_amounts(given["unread"], ids),
        *strange_accounts(seen, "opportunities", found),
    ]
    return Dealt(
        found.rep,
        found.line,
        found.day,
        closed,
        found.days["expected_close"],
        (closed != NEVER) & found.labels["won"].each(was_won, nothing=False, kind=np.bool_),
        closed == NEVER,
        places,
        np.where(given["amount"] & ~absurd, found.money(), np.nan),
        np.where(given["facts"], found.sums["facts"] / PARTS, np.nan),
        list(ids),
        found.labels["account"],
        names,
        tuple(told),
    )


def settled(found: Events) -> Events:
    """Return opportunities without those whose outcome is not clear, which are told."""
    outcome, closed = found.labels["won"], found.days["closed"] != NEVER
    never = found.days["closed_ever"] == NEVER

    def says(words: tuple[str, ...]) -> Bools:
        return outcome.each(lambda one: _word(one) in words, nothing="" in words, kind=np.bool_)

    unclear = ~says((*WON, *LOST)) & closed
    out = (
        (unclear, "is closed, but neither won nor lost", "won"),
        (says(WON) & never, "is won, but has no day of closing", "id"),
        # False and zero wait for something to be won; a word does not.
        (says(("lost", "closed lost")) & never, "is lost, but has no day of closing", "id"),
    )
    told = [_told(found, wrong, rule, shows) for wrong, rule, shows in out if wrong.any()]
    strange = ~says((*WON, *LOST, *OPEN)) & ~closed
    if strange.any():
        rule = "has an outcome that is neither won nor lost; it counts as open"
        told.append(_told(found, strange, rule, "won", counted=True))
    wrong = np.any([one for one, _, _ in out], axis=0)
    return found.at(np.flatnonzero(~wrong), *told)


def _told(found: Events, these: Bools, rule: str, shows: str, *, counted: bool = False) -> SetAside:
    at = np.flatnonzero(these)
    examples = most_frequent(Counter(map(shown, found.labels[shows].at(at))))
    amount = float(found.sums["amount"][at].sum()) / PARTS
    return SetAside("opportunities", rule, int(found.rows[at].sum()), amount, examples, counted=counted)


def _strange_stages(seen: Seen, line: Ints, places: Ints, names: Coded) -> list[SetAside]:
    """Tell of open opportunities at a stage that the funnel of their line does not have, and what it may be."""
    known = [() if one is None else tuple(stage.id for stage in one.stages) for one in funnels_of(seen)]
    often: Counter[str] = Counter()
    strange = np.flatnonzero((places < 0) & names.given)
    for (s, name), rows in Counter(zip(line[strange].tolist(), names.at(strange), strict=True)).items():
        if known[s]:
            often[_meant(name, known[s])] += rows
    if not often:
        return []
    rule = "is at a stage that the funnel of its line does not have; it counts at the line's rate"
    return [SetAside("opportunities", rule, often.total(), 0.0, most_frequent(often), counted=True)]


def _meant(name: str, stages: Sequence[str]) -> str:
    """Return the name of a stage that a funnel does not have, with the one that may be meant."""
    near = nearest(name, stages)
    return shown(name) + (f" (did you mean {near[0]!r}?)" if near else "")


ABSURD = f"is open with an amount below zero or of {LARGEST:,.0f} or more; it counts as a usual deal of its line"
TOO_LARGE = f"is closed with an amount of {LARGEST:,.0f} or more; it counts without"
UNREAD = "has an amount that is no number; it counts as one without"


def _strange_amounts(absurd: Bools, found: Events, rule: str) -> list[SetAside]:
    """Tell of opportunities with an amount that none can have."""
    if not absurd.any():
        return []
    at = np.flatnonzero(absurd)
    examples = tuple(sorted(map(shown, found.labels["id"].at(at)))[:SHOWN])
    amount = float(found.sums["amount"][at].sum()) / PARTS
    return [SetAside("opportunities", rule, len(at), amount, examples, counted=True)]


def _unread_amounts(unread: dict[str, str], ids: Coded) -> list[SetAside]:
    """Tell of opportunities with an amount that is no number, by what it says."""
    often = Counter(unread[one] for one in ids if one in unread)
    return [SetAside("opportunities", UNREAD, often.total(), 0.0, most_frequent(often), counted=True)] if often else []


def _given(source: Source, ids: Coded) -> dict[str, Any]:
    """Return whether each opportunity has a number of each kind (nothing is not zero), and whether it is too large.

    Amounts that are no number are there by id, as they are shown.
    """
    found: dict[str, Any] = {"large": np.zeros(len(ids), dtype=bool), "unread": {}}
    for name in ("amount", "facts"):
        if name not in source.names or not source.group(numbers=[name]).missing[name].any():
            found[name] = np.full(len(ids), name in source.names)
            continue
        without = source.group("id", numbers=[name])
        found[name] = ~_among(ids, without.keys["id"], without.missing[name] > 0)
        if name == "amount" and without.large[name].any():
            found["large"] = _among(ids, without.keys["id"], without.large[name] > 0)
        if name == "amount" and without.wrong[name]:
            found["unread"] = _unread(source)
    return found


def _unread(source: Source) -> dict[str, str]:
    """Return amounts that are given and no number, by id."""
    keys = source.group("id", "amount").keys
    strange = keys["amount"].each(
        lambda one: is_flag(one, "amount") or any_number(one) is None, nothing=False, kind=np.bool_
    )
    at = np.flatnonzero(strange & keys["id"].given)
    return dict(zip(map(_name, keys["id"].at(at)), map(shown, keys["amount"].at(at)), strict=True))


def _name(value: Any) -> str:
    """Return an id as text; what is none counts nowhere."""
    try:
        return text(value, "").strip()
    except PydanticCustomError:
        return ""


def _among(ids: Coded, others: Coded, these: Bools) -> Bools:
    """Return which ids are among some of others, which are as the table has them."""
    those = {_name(one) for one in others.at(np.flatnonzero(these & others.given))}
    return ids.each(those.__contains__, nothing=False, kind=np.bool_)


def history(seen: Seen, source: Source | None, deals: Dealt) -> History:
    """Return when the opportunities came to the stages of their funnels.

    Stages that the funnel of the line does not have, days after the review and opportunities that do not count are set
    aside.
    """
    if source is None:
        none = np.zeros(0, dtype=np.int64)
        return History(none, none, none, none)
    sieve = Sieve.of(source, ("opportunity", "stage", "entered"), ())
    whose, names = sieve.names("opportunity"), sieve.names("stage")
    deal = whose.each(lambda one: deals.position.get(one, -1), nothing=-1, kind=np.int64)
    entered = sieve.days("entered", seen.problem.calendar.start)
    line = np.append(deals.line, 0)[deal] if len(deals) else np.zeros(len(deal), dtype=np.int64)
    stage = _stage_places(seen, line, names)
    late = (entered != NEVER) & (entered > seen.today)
    sieve.out(late, f"is dated after {seen.as_of}", sieve.groups.keys["entered"], outside=True)
    sieve.out(deal < 0, "is of no opportunity that counts", whose)
    known = [() if one is None else tuple(stage.id for stage in one.stages) for one in funnels_of(seen)]
    said = together(Coded(tuple(range(len(known))), line), names).read(
        lambda one: None if one[1] is None else _meant(one[1], known[one[0]])
    )
    sieve.out(stage < 0, "names a stage that the funnel of its line does not have", said, written=True)
    sieve.out(entered == NEVER, "has no day", names)
    kept, moved_on = np.flatnonzero(sieve.kept), np.unique(deal[late & (deal >= 0)])
    return History(deal[kept], stage[kept], entered[kept], moved_on, tuple(sieve.told))


def on_the_day(seen: Seen, deals: Dealt, past: History) -> Dealt:
    """Return the opportunities at the stages that they had on the day, where their history says that they moved on."""
    order = np.lexsort((past.stage, past.entered, past.deal))
    deal, stage = past.deal[order], past.stage[order]
    last = np.flatnonzero(np.append(deal[1:] != deal[:-1], np.ones(min(len(deal), 1), dtype=bool)))
    last = last[np.isin(deal[last], past.moved_on) & deals.is_open[deal[last]]]
    if not len(last):
        return deals
    places, names, funnels = deals.stage.copy(), list(deals.stages), funnels_of(seen)
    places[deal[last]] = stage[last]
    for one, at in zip(deal[last].tolist(), stage[last].tolist(), strict=True):
        funnel = funnels[deals.line[one]]
        names[one] = None if funnel is None else funnel.stages[at].id
    return replace(deals, stage=places, stages=Coded.of(names))

"""Activities done, by rep, segment, activity and period, and by account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.matching import matched_activities
from planalloc.plan.visits import positions
from planalloc.reviewing.opportunities import RECENT_DAYS
from planalloc.reviewing.sold import in_pieces
from planalloc.reviewing.told import strange_accounts

if TYPE_CHECKING:
    from planalloc.events.sieve import Events
    from planalloc.model.grouping import SetAside, Source
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Floats, Ints

__all__ = ["Done", "bunches", "done", "planned_activities"]


@dataclass(frozen=True, eq=False)
class Done:
    """Activities up to the day of the review: G segments and a last one for none, K activities.

    Attributes
    ----------
    counts : Ints
        Shape (R, G + 1, K, T).
    by_account : dict
        Of each rep, account and activity that is named, how many were done.
    touched : set of str or None
        Accounts with an activity in the last days; None where no activity names an account.
    set_aside : tuple of SetAside
        What was not counted.
    """

    counts: Ints
    by_account: dict[tuple[int, str, int], int]
    touched: set[str] | None
    set_aside: tuple[SetAside, ...] = ()


def done(seen: Seen, source: Source | None, *, by_account: bool) -> Done:
    """Return the activities of a table, or of none.

    Parameters
    ----------
    seen : Seen
        The plan on its day.
    source : Source, optional
        The table of activities of `Actuals`.
    by_account : bool
        Whether accounts matter to anybody; else they need not come back from the engine.
    """
    shape = (seen.shape[0], len(seen.segment_ids) + 1, max(len(seen.activity_ids), 1), seen.shape[2])
    if source is None:
        return Done(np.zeros(shape, dtype=np.int64), {}, None)
    named = by_account and "account" in source.names
    recent = seen.as_of - timedelta(days=RECENT_DAYS - 1)
    pieces = in_pieces(source, seen, *([recent] if named else []))
    found = matched_activities(pieces, seen.problem, as_of=seen.as_of, by=("activity", *(["account"] if named else [])))
    place = {name: i for i, name in enumerate(seen.activity_ids)}
    kind = found.labels["activity"].each(lambda one: place.get(one.strip(), -1), nothing=-1, kind=np.int64)
    counts = np.zeros(shape, dtype=np.int64)
    np.add.at(counts, (found.rep, found.segment, kind, seen.period_of(found.day)), found.rows)
    accounts = {}
    touched: set[str] | None = None
    if named:
        at = found.labels["account"]
        touched = set(at.at(np.flatnonzero(at.given & (found.day > seen.today - RECENT_DAYS))))
        accounts = _by_account(found, kind, n_kinds=shape[2])
    return Done(counts, accounts, touched, (*found.set_aside, *strange_accounts(seen, "activities", found)))


def _by_account(found: Events, kind: Ints, *, n_kinds: int) -> dict[tuple[int, str, int], int]:
    """Return how many activities of a kind, shape (n,), each rep did at each account that is named."""
    at = found.labels["account"]
    rows, sizes = np.flatnonzero(at.given), (int(found.rep.max(initial=0)) + 1, len(at.values), n_kinds)
    there, which = np.unique(
        np.ravel_multi_index((found.rep[rows], at.codes[rows], kind[rows]), sizes), return_inverse=True
    )
    counts = np.zeros(len(there), dtype=np.int64)
    np.add.at(counts, which, found.rows[rows])
    rep, account, what = (one.tolist() for one in np.unravel_index(there, sizes))
    return dict(zip(zip(rep, map(at.values.__getitem__, account), what, strict=True), counts.tolist(), strict=True))


def bunches(seen: Seen) -> Floats:
    """Return how many activities of a kind one opportunity asks for at once, at least 1, shape (G + 1, K).

    Three calls a lead are one event that makes three calls: as chance goes, the leads are what varies.
    """
    found = np.ones((len(seen.segment_ids) + 1, max(len(seen.activity_ids), 1)))
    place = {name: i for i, name in enumerate(seen.activity_ids)}
    for line in seen.index.lines:
        funnel = seen.problem.playbook.funnel_for(line)
        at = seen.segment_ids.index(line.segment)
        for stage in () if funnel is None else funnel.stages:
            for activity, many in stage.activities.items():
                found[at, place[activity]] = max(found[at, place[activity]], many)
    found[-1] = found.max(axis=0)
    return found


def planned_activities(seen: Seen) -> Ints:
    """Return the plan's activities of this horizon's and the next one's bookings, shape (R, G + 1, K, T)."""
    table = seen.plan.activities
    shape = (seen.shape[0], len(seen.segment_ids) + 1, max(len(seen.activity_ids), 1), seen.shape[2])
    counts = np.zeros(shape, dtype=np.int64)
    if len(table):
        places = (
            positions(table.contents["rep"], seen.rep_ids),
            positions(table.contents["segment"], seen.segment_ids),
            positions(table.contents["activity"], seen.activity_ids),
            positions(table.contents["period"], seen.axis.ids),
        )
        kept = np.all([one >= 0 for one in places], axis=0)
        np.add.at(counts, tuple(one[kept] for one in places), np.asarray(table["count"], dtype=np.int64)[kept])
    return counts

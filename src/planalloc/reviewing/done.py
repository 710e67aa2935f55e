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
    from planalloc.model.grouping import SetAside, Source
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Ints

__all__ = ["Done", "done", "planned_activities"]


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
    kind = np.array([place[one.strip()] for one in found.labels["activity"]], dtype=np.int64)
    counts = np.zeros(shape, dtype=np.int64)
    np.add.at(counts, (found.rep, found.segment, kind, seen.period_of(found.day)), found.rows)
    accounts: dict[tuple[int, str, int], int] = {}
    touched: set[str] | None = None
    if named:
        touched = set()
        rows = zip(
            found.rep.tolist(),
            found.labels["account"],
            kind.tolist(),
            found.day.tolist(),
            found.rows.tolist(),
            strict=True,
        )
        last = seen.today - RECENT_DAYS
        for rep, account, what, day, many in rows:
            if account is not None:
                accounts[rep, account, what] = accounts.get((rep, account, what), 0) + many
                if day > last:
                    touched.add(account)
    return Done(counts, accounts, touched, (*found.set_aside, *strange_accounts(seen, "activities", found)))


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

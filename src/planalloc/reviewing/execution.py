"""Execution (F-25): what was done of what the plan asks for, without paying for one cell with another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.plan.grouping import quotients
from planalloc.plan.table import Table, Text
from planalloc.plan.visits import positions

if TYPE_CHECKING:
    from planalloc.plan.columns import Column
    from planalloc.reviewing.done import Done
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Floats, Ints

__all__ = ["coverage_table", "execution_table", "under_worked_table", "visits_due"]

DUE = 1e-9
"""What floating point may take from a number of visits that is due."""


def execution_table(seen: Seen, work: Done, planned: Ints) -> Table:
    """Return one row for each rep, segment and activity that is planned or was done; to date."""
    due = (planned * seen.elapsed).sum(axis=3)
    whole, many = planned.sum(axis=3), work.counts.sum(axis=3)
    r, g, k = np.nonzero((whole > 0) | (many > 0))
    credited = np.minimum(many, due)[r, g, k]
    segment = np.where(g == len(seen.segment_ids), -1, g)
    columns: dict[str, Column] = {
        **seen.rep_columns(r),
        "segment": Text(segment, seen.segment_ids),
        "activity": Text(k, seen.activity_ids),
        "planned": whole[r, g, k],
        "due": due[r, g, k],
        "done": many[r, g, k],
        "credited": credited,
        "excess": many[r, g, k] - credited,
        "pressure": quotients(many[r, g, k], due[r, g, k]),
        "execution": quotients(credited, due[r, g, k]),
    }
    return Table(
        columns,
        name="execution",
        measures=("planned", "due", "done", "credited", "excess"),
        ratios={"pressure": ("done", "due"), "execution": ("credited", "due")},
    )


class _Visits:
    """Visits of named accounts, due and done, one row for each rep, account and activity."""

    def __init__(self, seen: Seen, work: Done) -> None:
        table = seen.plan.visits().by("rep", "segment", "account", "activity", "period")
        rep, account = (table.contents[name] for name in ("rep", "account"))
        assert isinstance(account, Text)  # noqa: S101 -- labels are text
        period = positions(table.contents["period"], seen.axis.ids)
        kind = positions(table.contents["activity"], seen.activity_ids)
        kept = np.flatnonzero(account.codes >= 0)
        keys = np.stack(
            [
                positions(rep, seen.rep_ids),
                positions(table.contents["segment"], seen.segment_ids),
                account.codes.astype(np.int64),
                kind,
            ],
            axis=1,
        )[kept]
        distinct, which = np.unique(keys, axis=0, return_inverse=True)
        which = which.ravel()
        count = np.asarray(table["count"], dtype=np.float64)[kept]
        self.rep, self.segment, self.account, self.kind = (
            distinct[:, i] if len(distinct) else np.zeros(0, dtype=np.int64) for i in range(4)
        )
        self.names = account.categories
        self.planned = np.bincount(which, count, len(distinct))
        self.due = np.bincount(which, count * seen.elapsed[period[kept]], len(distinct))
        done = [
            work.by_account.get((r, self.names[a], k), 0)
            for r, a, k in zip(self.rep.tolist(), self.account.tolist(), self.kind.tolist(), strict=True)
        ]
        self.done = np.array(done, dtype=np.int64)


def visits_due(seen: Seen, work: Done) -> _Visits | None:
    """Return the visits of named accounts; None where the problem names none."""
    return _Visits(seen, work) if seen.problem.portfolio.accounts and seen.problem.playbook.cadences else None


def under_worked_table(seen: Seen, visits: _Visits | None) -> Table:
    """Return the accounts that are at least one visit behind, the most behind of each rep first."""
    none = np.zeros(0, dtype=np.int64)
    columns: dict[str, Column] = {**seen.rep_columns(none)}
    if visits is None:
        empty = Text(none, ())
        columns |= {"segment": empty, "account": empty, "activity": empty}
        columns |= {"due": np.zeros(0), "done": none, "missing": np.zeros(0)}
    else:
        missing = np.floor(visits.due + DUE) - visits.done
        at = np.flatnonzero(missing >= 1)
        at = at[np.lexsort((visits.kind[at], visits.account[at], -missing[at], visits.rep[at]))]
        columns = {
            **seen.rep_columns(visits.rep[at]),
            "segment": Text(visits.segment[at], seen.segment_ids),
            "account": Text(visits.account[at], visits.names),
            "activity": Text(visits.kind[at], seen.activity_ids),
            "due": visits.due[at],
            "done": visits.done[at],
            "missing": missing[at],
        }
    return Table(columns, name="under-worked", measures=("due", "done", "missing"))


def coverage_table(seen: Seen, visits: _Visits | None) -> Table:
    """Return, by rep and segment, how many of the accounts with a visit due were worked, and how often."""
    n_segments = max(len(seen.segment_ids), 1)
    shape = (seen.shape[0] * n_segments,)
    grids: dict[str, Floats] = {name: np.zeros(shape) for name in ("accounts", "worked", "up_to_date", "due", "done")}
    if visits is not None and len(visits.rep):
        keys = np.stack([visits.rep, visits.segment, visits.account], axis=1)
        distinct, which = np.unique(keys, axis=0, return_inverse=True)
        which = which.ravel()
        due = np.bincount(which, np.floor(visits.due + DUE), len(distinct))
        done = np.bincount(which, visits.done, len(distinct))
        behind = np.bincount(which, np.maximum(np.floor(visits.due + DUE) - visits.done, 0), len(distinct))
        cell = distinct[:, 0] * n_segments + distinct[:, 1]
        called = due > 0
        for name, values in {
            "accounts": called,
            "worked": called & (done > 0),
            "up_to_date": called & (behind == 0),
            "due": np.where(called, due, 0),
            "done": np.where(called, done, 0),
        }.items():
            grids[name] = np.bincount(cell, values.astype(float), shape[0]).astype(float)
    at = np.flatnonzero(grids["accounts"])
    columns: dict[str, Column] = {
        **seen.rep_columns(at // n_segments),
        "segment": Text(at % n_segments, seen.segment_ids),
        **{name: grid[at].astype(np.int64) for name, grid in grids.items()},
        "coverage": quotients(grids["worked"][at], grids["accounts"][at]),
        "frequency": quotients(grids["done"][at], grids["worked"][at]),
    }
    return Table(
        columns,
        name="coverage",
        measures=tuple(grids),
        ratios={"coverage": ("worked", "accounts"), "frequency": ("done", "worked")},
        kinds={"frequency": "amount"},
    )

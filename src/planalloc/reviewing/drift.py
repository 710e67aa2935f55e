"""Drift (F-26): each rep's mix of revenue and of effort against the plan's, and a watch over the year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.grouping import PARTS
from planalloc.numerics.apportion import cumulative_round
from planalloc.numerics.drift_watch import drift_watch
from planalloc.numerics.mix_tests import count_mix, money_mix
from planalloc.plan.table import Table, Text
from planalloc.reviewing.dealt import funnels_of
from planalloc.reviewing.done import bunches

if TYPE_CHECKING:
    from planalloc.numerics.drift_watch import DriftWatch
    from planalloc.numerics.mix_tests import MixTest
    from planalloc.plan.columns import Column
    from planalloc.reviewing.done import Done
    from planalloc.reviewing.seen import Seen
    from planalloc.reviewing.sold import Sold
    from planalloc.types import Bools, Floats, Ints

__all__ = ["KINDS", "Drifts", "deal_sizes", "drift_table", "drifts", "watch_table"]

KINDS = ("revenue", "effort")


@dataclass(frozen=True, eq=False)
class Drifts:
    """Mixes and their tests.

    Attributes
    ----------
    tests : tuple of MixTest
        Of revenue over lines, and of effort over segments and activities.
    events : tuple of Ints
        Deals, shape (R, S); activities, shape (R, G times K). What an opportunity asks for at once is tested as one.
    amounts : tuple of Floats
        Money, and activities; same shapes.
    watches : tuple of DriftWatch
        Of the same two, over the periods so far.
    """

    tests: tuple[MixTest, MixTest]
    events: tuple[Ints, Ints]
    amounts: tuple[Floats, Floats]
    watches: tuple[DriftWatch, DriftWatch]

    @property
    def p_values(self) -> Floats:
        """Of each rep's whole mix, shape (2, R)."""
        return np.stack([one.p_unit for one in self.tests])

    @property
    def least(self) -> Floats:
        """Least p-value that each mix could have had, shape (2, R)."""
        found = []
        for test in self.tests:
            tested = (~np.isnan(test.p_values)).sum(axis=1)
            smallest = np.min(np.where(np.isnan(test.least), 1.0, test.least), axis=1, initial=1.0)
            found.append(np.minimum(1.0, smallest * np.where(tested == 2, 1, np.maximum(tested, 1))))
        return np.stack(found)


def deal_sizes(seen: Seen, sales: Sold) -> Floats:
    """Return the money of a deal on each line, shape (S,): as sold so far, else as planned, else as on other lines."""
    planned = np.array([np.nan if f is None else f.deal_size for f in funnels_of(seen)])
    found = np.where(np.isnan(sales.sizes), planned, sales.sizes)
    if np.isnan(found).all():
        return np.ones(len(found))
    return np.where(np.isnan(found), np.nanmean(found), found)


def drifts(seen: Seen, sales: Sold, work: Done, planned: Ints) -> Drifts:
    """Test each rep's mix to date, and watch it period by period."""
    n_reps, _, n_periods = seen.shape
    sizes = deal_sizes(seen, sales)
    due = np.maximum(seen.base.due, 0.0)
    amount, deals = sales.amount.sum(axis=2) / PARTS, sales.deals.sum(axis=2)
    revenue = money_mix(amount, deals=deals, mix=due.sum(axis=2), sizes=sizes, size_cv=sales.size_cv)
    # A kind that nobody reports is not told, and says nothing of what is done instead.
    reported: Bools = work.counts.sum(axis=(0, 1, 3)) > 0
    asked = (planned * seen.elapsed * reported[:, None])[:, :-1].reshape(n_reps, -1, n_periods)
    counts = work.counts[:, :-1].reshape(n_reps, -1, n_periods)
    many = bunches(seen)[:-1].reshape(-1, 1)
    events = cumulative_round(counts / many)
    tested = count_mix(events.sum(axis=2), mix=(asked / many).sum(axis=2))
    told = count_mix(counts.sum(axis=2), mix=asked.sum(axis=2))
    effort = replace(tested, actual=told.actual, planned=told.planned, unplanned=told.unplanned)
    so_far = max(int(np.count_nonzero(seen.elapsed > 0)), 1)
    return Drifts(
        (revenue, effort),
        (deals, counts.sum(axis=2)),
        (amount, counts.sum(axis=2).astype(float)),
        (
            drift_watch(sales.deals.transpose(0, 2, 1)[:, :so_far], mix=(due.transpose(0, 2, 1) / sizes)[:, :so_far]),
            drift_watch(events.transpose(0, 2, 1)[:, :so_far], mix=(asked / many).transpose(0, 2, 1)[:, :so_far]),
        ),
    )


def drift_table(seen: Seen, found: Drifts, *, adjusted: Floats, differs: Bools) -> Table:
    """Return one row for each rep and part of the mix, of revenue and of effort.

    Parameters
    ----------
    seen, found : Seen, Drifts
        Mixes and tests.
    adjusted, differs : Floats, Bools
        Of `discoveries`, shape (2, R): of the whole mix of the rep.
    """
    pieces: list[dict[str, Column]] = []
    n_kinds = len(seen.activity_ids)
    for kind, test in enumerate(found.tests):
        r, c = np.nonzero((found.events[kind] > 0) | (np.nan_to_num(test.planned) > 0) | (found.amounts[kind] != 0))
        effort = kind == 1
        segment = c // max(n_kinds, 1)
        lines = seen.line_columns(np.full(len(c), -1) if effort else c)
        if effort:
            lines["segment"] = Text(segment, seen.segment_ids)
        pieces.append(
            {
                "kind": Text(np.full(len(r), kind), KINDS),
                **seen.rep_columns(r),
                **lines,
                "activity": Text(c % max(n_kinds, 1) if effort else np.full(len(c), -1), seen.activity_ids),
                "actual": found.amounts[kind][r, c],
                "events": found.events[kind][r, c],
                "actual_share": test.actual[r, c],
                "planned_share": np.nan_to_num(test.planned[r, c]),
                "unplanned": np.isnan(test.planned[r, c]),
                "p_value": test.p_values[r, c],
                "p_mix": test.p_unit[r],
                "adjusted": adjusted[kind, r],
                "drifts": differs[kind, r],
            }
        )
    return Table(
        _stacked(pieces),
        name="drift",
        kinds={"actual_share": "share", "planned_share": "share"},
        decimals={"p_value": 4, "p_mix": 4, "adjusted": 4},
    )


def watch_table(seen: Seen, found: Drifts, *, rate: float) -> Table:
    """Return the running evidence of drift after each period so far, and whether it raises the alarm."""
    p_values = np.concatenate([one.p_values for one in found.watches])
    evidence = np.concatenate([one.evidence for one in found.watches])
    both = type(found.watches[0])(evidence=evidence, p_values=p_values)
    alarms = both.alarms(rate) if p_values.size else np.zeros(p_values.shape, dtype=bool)
    row, period = (one.ravel() for one in np.indices(p_values.shape))
    kind, rep = row // max(seen.shape[0], 1), row % max(seen.shape[0], 1)
    active = np.concatenate([one.any(axis=1) for one in found.events])[row]
    at = np.flatnonzero(active)
    return Table(
        {
            "kind": Text(kind[at], KINDS),
            **seen.rep_columns(rep[at]),
            **seen.period_columns(period[at]),
            "evidence": np.minimum(evidence.ravel()[at], 1e12),
            "p_value": p_values.ravel()[at],
            "alarm": alarms.ravel()[at],
        },
        name="watch",
        decimals={"p_value": 4, "evidence": 2},
        calendar=seen.axis,
    )


def _stacked(pieces: list[dict[str, Column]]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name, first in pieces[0].items():
        parts = [piece[name] for piece in pieces]
        if isinstance(first, Text):
            codes = np.concatenate([one.codes for one in parts if isinstance(one, Text)])
            found[name] = Text(codes, first.categories)
        else:
            found[name] = np.concatenate([np.asarray(one) for one in parts])
    return found

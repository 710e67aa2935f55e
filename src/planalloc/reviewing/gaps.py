"""The gap to the plan to date as sums of parts (F-30): by line, by cause, by stage, by source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.matching import matched_opportunities
from planalloc.events.sieve import NEVER
from planalloc.numerics.gap_split import gap_split, mixed_gap_split
from planalloc.plan.columns import taken
from planalloc.plan.table import Table, Text
from planalloc.reviewing.against_plan import known_sizes
from planalloc.reviewing.dealt import settled, was_won
from planalloc.reviewing.entries import chains, entered, to_enter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.grouping import Source
    from planalloc.plan.columns import Column
    from planalloc.reviewing.dealt import Dealt, History
    from planalloc.reviewing.done import Done
    from planalloc.reviewing.seen import Seen
    from planalloc.reviewing.sold import Sold
    from planalloc.types import Floats, Ints

__all__ = ["BY", "CAUSES", "gap_table"]

BY = ("segment", "product", "business", "cause", "stage", "source")
"""What a gap is split by. The parts of each add up to the gap."""

FIRST, LAST = ("activities", "mix", "conversion", "deals", "entries"), ("deal size", "other")
CAUSES = (*FIRST, *LAST)
"""Parts that are no ids: how much was done, in what, deals for an activity, deals where activities are not told,
money for a deal, opportunities that entered, and what the chain does not explain."""


@dataclass(frozen=True, eq=False)
class _Money:
    """Money and deals to date, as they came and as planned, by rep's segment (G, R) or line (S, R)."""

    seen: Seen
    actual: Floats
    due: Floats
    deals: Floats
    planned_deals: Floats

    def by_segment(self) -> _Money:
        """Return lines summed to segments."""
        belongs = np.zeros((len(self.seen.segment_ids), self.seen.shape[1]))
        place = {one: i for i, one in enumerate(self.seen.segment_ids)}
        belongs[[place[line.segment] for line in self.seen.index.lines], np.arange(self.seen.shape[1])] = 1.0
        sums = (belongs @ one for one in (self.actual, self.due, self.deals, self.planned_deals))
        return _Money(self.seen, *sums)


def gap_table(
    seen: Seen,
    sales: Sold,
    work: Done,
    planned: Ints,
    *,
    deals: Dealt,
    past: History,
    opportunities: Source | None,
    with_activities: bool,
) -> Table:
    """Return one row for each rep and part of the gap between what was sold and the quota that was due.

    Parameters
    ----------
    seen, sales, work, planned : Seen, Sold, Done, Ints
        The plan on its day, what was sold and done, and the activities planned.
    deals, past : Dealt, History
        Opportunities and when they came to stages.
    opportunities : Source, optional
        The table of opportunities, which may name their source.
    with_activities : bool
        Whether anything tells what was done.
    """
    actual, due = sales.amount.sum(axis=2) / 10_000, seen.quota.held.sum(axis=2)
    pieces = [*_by_line(seen, actual - due)]
    money = _money(seen, sales, actual=actual, due=due)
    pieces.append(("cause", *_by_cause(money, work, planned, with_activities=with_activities)))
    if len(past.deal) and len(seen.plan.pipeline):
        pieces.append(("stage", *_by_stage(money, deals, past)))
    if opportunities is not None and "source" in opportunities.names:
        pieces.append(("source", *_by_source(seen, opportunities, actual=actual, due=due)))
    return _table(seen, pieces, carried=(actual != 0).any(axis=1) | (due != 0).any(axis=1))


def _by_line(seen: Seen, gap: Floats) -> Iterator[tuple[str, list[str | None], Floats]]:
    """Split by segment, product and business; the latter two where lines are told apart by them."""
    for by in BY[:3]:
        names = [getattr(line, by) for line in seen.index.lines]
        kinds = list(dict.fromkeys(names))
        if by == "segment" or kinds != [None]:
            belongs = np.array([[one == kind for one in names] for kind in kinds], dtype=float)
            yield by, kinds, belongs @ gap.T


def _money(seen: Seen, sales: Sold, *, actual: Floats, due: Floats) -> _Money:
    # A size that nothing tells breaks the chain: no deals, and money.
    wanted = np.nan_to_num(due / known_sizes(seen, sales))
    return _Money(seen, actual.T, due.T, sales.deals.sum(axis=2).T.astype(float), wanted.T)


def _by_cause(money: _Money, work: Done, planned: Ints, *, with_activities: bool) -> tuple[list[str | None], Floats]:
    """Split along activities, deals and money, and activities in how many and in what: by segment.

    Without any activities, along deals and money, and deals in how many and in what: by line.
    """
    seen = money.seen
    done = work.counts.sum(axis=3)
    told = done.any(axis=(0, 1))  # what nobody reports is not told
    asked = ((planned * seen.elapsed).sum(axis=3) * told).sum(axis=2)[:, :-1].T
    if with_activities and asked.any():
        acted = (done * told).sum(axis=2)[:, :-1].T.astype(float)
        held = money.by_segment()
        split = mixed_gap_split(
            np.stack([acted, held.deals, held.actual]), np.stack([asked, held.planned_deals, held.due])
        )
        names: list[str | None] = ["activities", "mix", "conversion", "deal size", "other"]
    else:
        split = mixed_gap_split(np.stack([money.deals, money.actual]), np.stack([money.planned_deals, money.due]))
        names = ["deals", "mix", "deal size", "other"]
    return names, np.concatenate([split.effects.sum(axis=1), split.unexplained.sum(axis=0)[None]])


def _by_stage(money: _Money, deals: Dealt, past: History) -> tuple[list[str | None], Floats]:
    """Split along the stages of the sale: how many entered it, what came of them at each stage, and deal size.

    A segment whose lines have stages of their own each, or none, is left whole.
    """
    money = money.by_segment()
    seen = money.seen
    several = chains(seen)
    stages = list(dict.fromkeys(stage for chain in several if chain for stage in chain))
    names: list[str | None] = ["entries", *stages, "deal size", "other"]
    found = np.zeros((len(names), seen.shape[0]))
    for g, chain in enumerate(several):
        if not chain:
            found[-1] += money.actual[g] - money.due[g]
            continue
        came, wanted = entered(seen, deals, past, segment=g, chain=chain), to_enter(seen, segment=g, chain=chain)
        split = gap_split(
            np.stack([*came, money.deals[g], money.actual[g]]),
            np.stack([*wanted, money.planned_deals[g], money.due[g]]),
        )
        rows = [0, *(1 + stages.index(one) for one in chain), len(names) - 2]
        np.add.at(found, rows, split.effects)
        found[-1] += split.unexplained
    return names, found


def _by_source(seen: Seen, source: Source, *, actual: Floats, due: Floats) -> tuple[list[str | None], Floats]:
    """Split by where the money came from, against what that source is worth to the company.

    A plan does not say from which source its money comes: each is expected to bring a rep that part of the quota due
    which it is of the company's sales. Sales without an opportunity are of no source.
    """
    # What is neither won nor lost is told with the opportunities, and is not counted here either.
    found = settled(matched_opportunities(source, seen.problem, as_of=seen.as_of, by=("id", "source")))
    closed = found.days["closed"]
    won = (closed != NEVER) & (closed >= 0) & found.labels["won"].each(was_won, nothing=False, kind=np.bool_)
    names: list[str | None] = [
        *sorted({one for one, is_won in zip(found.labels["source"], won, strict=True) if is_won and one}),
        None,
    ]
    place = {one: i for i, one in enumerate(names)}
    came = np.zeros((len(names), seen.shape[0]))
    which = np.array([place.get(one, len(names) - 1) for one in found.labels["source"]], dtype=np.int64)
    np.add.at(came, (which[won], found.rep[won]), found.money()[won])
    came[-1] = actual.sum(axis=1) - came[:-1].sum(axis=0)
    whole = actual.sum()
    share = came.sum(axis=1) / whole if whole > 0 else np.eye(len(names))[-1]
    return names, came - share[:, None] * due.sum(axis=1)


def _table(seen: Seen, pieces: list[tuple[str, list[str | None], Floats]], *, carried: Floats) -> Table:
    """Lay the parts out by rep; those of nobody's gap are left out."""
    used = dict.fromkeys(name for _, names, _ in pieces for name in names if name is not None)
    # Stages stand between what enters the sale and what a deal brings.
    first, last = (tuple(one for one in some if one in used) for some in (FIRST, LAST))
    parts = [*first, *(one for one in used if one not in {*first, *last}), *last]
    place = {name: i for i, name in enumerate(parts)}
    who = np.flatnonzero(carried)
    by, part, rep, effect = [], [], [], []
    for name, names, effects in pieces:
        codes = np.array([-1 if one is None else place[one] for one in names], dtype=np.int64)
        by.append(np.full(len(names) * len(who), BY.index(name)))
        part.append(np.tile(codes, len(who)))
        rep.append(np.repeat(who, len(names)))
        effect.append(effects[:, who].T.ravel())
    columns: dict[str, Column] = {
        **seen.rep_columns(np.concatenate(rep)),
        "by": Text(np.concatenate(by), BY),
        "part": Text(np.concatenate(part), tuple(parts)),
        "effect": np.concatenate(effect),
    }
    order = np.lexsort((np.concatenate(by), np.concatenate(rep)))
    ordered = {name: taken(column, order) for name, column in columns.items()}
    return Table(ordered, name="gaps", measures=("effect",))

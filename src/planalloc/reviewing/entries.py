"""How many opportunities came to each stage, and how many were to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.sieve import NEVER
from planalloc.plan.visits import positions
from planalloc.reviewing.dealt import funnels_of

if TYPE_CHECKING:
    from planalloc.reviewing.dealt import Dealt, History
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Floats

__all__ = ["chains", "created", "entered", "to_enter"]


def chains(seen: Seen) -> list[tuple[str, ...] | None]:
    """Return the stages of each segment; None where its lines do not share them."""
    found: list[tuple[str, ...] | None] = []
    for segment in seen.segment_ids:
        several = {
            None if funnel is None else tuple(stage.id for stage in funnel.stages)
            for line, funnel in zip(seen.index.lines, funnels_of(seen), strict=True)
            if line.segment == segment
        }
        found.append(several.pop() if len(several) == 1 else None)
    return found


def entered(seen: Seen, deals: Dealt, past: History, *, segment: int, chain: tuple[str, ...]) -> Floats:
    """Return how many opportunities came to each stage within the horizon, shape (stages, R).

    One that is created enters its first stage; one that reaches a stage has passed those before it.
    """
    of_line = np.array([line.segment == seen.segment_ids[segment] for line in seen.index.lines])
    first = np.full((len(deals), len(chain)), NEVER)
    here = of_line[deals.line[past.deal]]
    np.minimum.at(first, (past.deal[here], past.stage[here]), past.entered[here])
    at = np.flatnonzero(of_line[deals.line])
    first[at, 0] = np.minimum(first[at, 0], deals.created[at])
    first = np.minimum.accumulate(first[:, ::-1], axis=1)[:, ::-1]
    inside = (first >= 0) & (first <= seen.today)
    found = np.zeros((len(chain), seen.shape[0]))
    for k in range(len(chain)):
        found[k] = np.bincount(deals.rep[at], inside[at, k].astype(float), seen.shape[0])
    return found


def to_enter(seen: Seen, *, segment: int, chain: tuple[str, ...]) -> Floats:
    """Return how many are planned to come to each stage by the day, shape (stages, R)."""
    table = seen.plan.pipeline
    places = (
        positions(table.contents["stage"], chain),
        positions(table.contents["rep"], seen.rep_ids),
        positions(table.contents["period"], seen.axis.ids),
    )
    kept = np.all([one >= 0 for one in places], axis=0)
    kept &= positions(table.contents["segment"], seen.segment_ids) == segment
    stage, rep, period = (one[kept] for one in places)
    found = np.zeros((len(chain), seen.shape[0]))
    np.add.at(found, (stage, rep), np.asarray(table["opportunities"], dtype=float)[kept] * seen.elapsed[period])
    return found


def created(seen: Seen, deals: Dealt) -> tuple[Floats, Floats]:
    """Return how many opportunities were created within the horizon, and how many were to be; shape (G, R) both.

    Nothing of either in a segment whose lines do not share their stages.
    """
    done, due = np.zeros((2, len(seen.segment_ids), seen.shape[0]))
    inside = (deals.created >= 0) & (deals.created <= seen.today)
    for g, chain in enumerate(chains(seen)):
        if chain:
            of_line = np.array([line.segment == seen.segment_ids[g] for line in seen.index.lines])
            done[g] = np.bincount(deals.rep, (inside & of_line[deals.line]).astype(float), seen.shape[0])
            due[g] = to_enter(seen, segment=g, chain=chain[:1])[0]
    return done, due

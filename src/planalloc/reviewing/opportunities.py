"""Open opportunities one by one: their worth, their age, whether they slip or are stuck, and their quality (F-22)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.sieve import NEVER
from planalloc.numerics.cohorts import waits
from planalloc.plan.table import Table, Text
from planalloc.reviewing.dealt import funnels_of

if TYPE_CHECKING:
    from planalloc.plan.columns import Column
    from planalloc.reviewing.chances import Chances
    from planalloc.reviewing.dealt import Dealt, History
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Floats, Ints

__all__ = ["RECENT_DAYS", "opportunity_table"]

RECENT_DAYS = 30
"""Days within which an account must have been worked for an opportunity there to be alive."""

STUCK_SHARE = 0.9
"""An opportunity is stuck that is longer at its stage than this part of those that were there."""

ENOUGH_SPELLS = 10
"""Opportunities that left a stage, from which the usual time there is told."""


@dataclass(frozen=True, eq=False)
class _Stay:
    """How long opportunities are where they are, shape (N,) each, and how long is too long; nan where not known."""

    days: Floats
    planned: Floats
    too_long: Floats


def opportunity_table(
    seen: Seen, deals: Dealt, past: History, worth: Chances, *, touched: set[str] | None, scores: dict[str, float]
) -> Table:
    """Return one row for each open opportunity, the most valuable of each rep first.

    Parameters
    ----------
    seen : Seen
        The plan on its day.
    deals, past, worth : Dealt, History, Chances
        Opportunities, their history, and their chances.
    touched : set of str or None
        Accounts worked within the last `RECENT_DAYS`; None where activities do not name accounts.
    scores : dict of str to float
        Fit of each account, from 0 to 1 (F-17).
    """
    stay = _stay(seen, deals, past, worth)
    amount = worth.amount
    weighted = amount * worth.within
    at = np.flatnonzero(deals.is_open)
    at = at[np.lexsort((np.array(deals.ids, dtype=object)[at].astype(str), -amount[at], deals.rep[at]))]
    parts = _parts(seen, deals, stay, touched=touched, scores=scores)
    known = ~np.isnan(np.stack(list(parts.values())))
    several = known.sum(axis=0)
    total = np.nansum(np.stack(list(parts.values())), axis=0)
    quality = np.divide(total, several, out=np.full(len(deals), np.nan), where=several > 0)
    start = np.datetime64(seen.problem.calendar.start, "D")
    due = np.where(deals.expected == NEVER, 0, deals.expected)
    columns: dict[str, Column] = {
        "opportunity": Text.of([deals.ids[i] for i in at.tolist()]),
        **seen.rep_columns(deals.rep[at]),
        **seen.line_columns(deals.line[at]),
        "account": Text.of(deals.accounts.at(at)),
        "stage": Text.of(deals.stages.at(at)),
        "created": start + deals.created[at],
        "expected_close": np.where(
            deals.expected[at] == NEVER, np.datetime64("NaT", "D"), start + due[at].astype("timedelta64[D]")
        ),
        "value": amount[at],
        "value_assumed": np.isnan(deals.amount[at]),
        "chance": worth.chance[at],
        "chance_in_time": worth.within[at],
        "weighted": weighted[at],
        "age_days": (seen.today - deals.created)[at].astype(float),
        "days_in_stage": stay.days[at],
        "usual_days": stay.too_long[at],
        "slipped": (deals.expected < seen.today)[at],
        "stuck": (_days_here(seen, deals, stay) > stay.too_long)[at],
        "quality": quality[at],
        **{f"quality_{name}": part[at] for name, part in parts.items()},
    }
    shares = ("chance", "chance_in_time", "quality", *(f"quality_{name}" for name in parts))
    return Table(
        columns,
        name="opportunities",
        measures=("value", "weighted"),
        decimals={"value": 2},
        kinds=dict.fromkeys(shares, "share"),
    )


def _days_here(seen: Seen, deals: Dealt, stay: _Stay) -> Floats:
    """Return days at the stage where they are known, else days since creation, shape (N,)."""
    found: Floats = np.where(np.isnan(stay.days), (seen.today - deals.created).astype(float), stay.days)
    return found


def _stay(seen: Seen, deals: Dealt, past: History, worth: Chances) -> _Stay:
    order = np.lexsort((past.stage, past.entered, past.deal))
    deal, stage, entered = past.deal[order], past.stage[order], past.entered[order]
    last = np.append(deal[1:] != deal[:-1], True) if len(deal) else np.zeros(0, dtype=bool)
    left = np.where(last, deals.closed[deal], np.append(entered[1:], NEVER)) if len(deal) else entered
    gone = left != NEVER
    spell = np.maximum(np.where(gone, left, seen.today) - entered, 0).astype(float)
    days = np.full(len(deals), np.nan)
    now = last & deals.is_open[deal] & (stage == deals.stage[deal])
    days[deal[now]] = spell[now]
    planned = _planned_stay(seen, deals)
    too_long = np.where(np.isnan(days), worth.maturity_days, 2.0 * planned)
    kind = _stage_kinds(seen, deals)
    for one in np.unique(kind[deal[now]]):
        here = (_kinds_at(seen, deals.line[deal], stage) == one) & (one >= 0)
        if np.count_nonzero(here & gone) >= ENOUGH_SPELLS:
            most = waits(spell[here], happened=gone[here], shares=np.array([STUCK_SHARE])).days[0]
            too_long[(kind == one) & ~np.isnan(days)] = most
    return _Stay(days, planned, np.where(np.isinf(too_long), np.nan, too_long))


def _stage_kinds(seen: Seen, deals: Dealt) -> Ints:
    return _kinds_at(seen, deals.line, deals.stage)


def _kinds_at(seen: Seen, line: Ints, stage: Ints) -> Ints:
    """Return a number for each stage name, the same on all lines, -1 for none, shape of `line`."""
    names: dict[str, int] = {}
    table = [
        [-1] if funnel is None else [*(names.setdefault(one.id, len(names)) for one in funnel.stages), -1]
        for funnel in funnels_of(seen)
    ]
    most = max(map(len, table))
    square = np.array([[*row, *[-1] * (most - len(row))] for row in table], dtype=np.int64)
    found: Ints = np.where(stage < 0, -1, square[line, stage])
    return found


def _planned_stay(seen: Seen, deals: Dealt) -> Floats:
    """Return the days that the plan gives an opportunity at its stage, shape (N,); nan where it gives none."""
    found = np.full(len(deals), np.nan)
    for s, funnel in enumerate(funnels_of(seen)):
        if funnel is not None:
            at = np.flatnonzero((deals.line == s) & (deals.stage >= 0))
            before = np.array([*(one.days_before_booking for one in funnel.stages), 0.0])
            found[at] = (before[:-1] - before[1:])[deals.stage[at]]
    return np.where(found > 0, found, np.nan)


def _parts(
    seen: Seen, deals: Dealt, stay: _Stay, *, touched: set[str] | None, scores: dict[str, float]
) -> dict[str, Floats]:
    """Return the parts of the quality score, from 0 to 1, shape (N,) each; nan where there is nothing to go by."""
    asked = _facts_asked(seen, deals)
    here = np.maximum(stay.days, 1.0)
    worked = (lambda _: np.nan) if touched is None else touched.__contains__
    return {
        "facts": np.where(asked > 0, np.minimum(1.0, deals.facts / np.maximum(asked, 1)), np.nan),
        "stage_age": np.minimum(1.0, stay.planned / here),
        "activity": deals.accounts.each(worked, nothing=np.nan, kind=np.float64),
        "fit": deals.accounts.each(lambda one: scores.get(one, np.nan), nothing=np.nan, kind=np.float64),
    }


def _facts_asked(seen: Seen, deals: Dealt) -> Floats:
    """Return how many facts the method asks for up to an opportunity's stage, shape (N,)."""
    found = np.zeros(len(deals))
    for s, (line, funnel) in enumerate(zip(seen.index.lines, funnels_of(seen), strict=True)):
        if funnel is None:
            continue
        asked: set[str] = set()
        many = []
        for stage in funnel.stages:
            method = seen.problem.playbook.method_for(stage.id, line.segment)
            asked |= {fact.id for fact in method.facts if fact.required} if method else set()
            many.append(len(asked))
        at = np.flatnonzero((deals.line == s) & (deals.stage >= 0))
        found[at] = np.array(many, dtype=float)[deals.stage[at]]
    return found

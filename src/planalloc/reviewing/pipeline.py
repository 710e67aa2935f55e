"""The pipeline (F-23): what it holds by rep and line, how far it covers what is still to be won, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.sieve import NEVER
from planalloc.model.grouping import PARTS
from planalloc.plan.grouping import quotients
from planalloc.plan.table import Table, Text

if TYPE_CHECKING:
    from planalloc.plan.columns import Column
    from planalloc.reviewing.chances import Chances
    from planalloc.reviewing.dealt import Dealt
    from planalloc.reviewing.seen import Seen
    from planalloc.reviewing.sold import Sold
    from planalloc.types import Floats, Ints

__all__ = ["deals_table", "pipeline_table", "stage_table"]


def pipeline_table(seen: Seen, sales: Sold, deals: Dealt, worth: Chances, opportunities: Table) -> Table:
    """Return one row for each rep and line with something to sell or to win."""
    grids = {**_open_grids(seen, deals, worth, opportunities), **_created_grids(seen, deals, worth)}
    still = np.maximum(seen.base.whole.sum(axis=2) - sales.amount.sum(axis=2) / PARTS, 0.0)
    lacking = np.maximum(still - grids["weighted_in_time"], 0.0)
    rate = worth.win_rate
    needed = np.divide(lacking, rate, out=np.full(lacking.shape, np.nan), where=rate > 0)
    grids |= {"still_to_win": still, "to_create": np.where(lacking > 0, needed, 0.0)}
    r, s = np.nonzero((still > 0) | (grids["opportunities"] > 0) | (grids["created"] > 0))
    amounts = {name: grid[r, s] for name, grid in grids.items()}
    ratios = {
        "age_days": ("days_open", "opportunities"),
        "coverage": ("value", "still_to_win"),
        "weighted_coverage": ("weighted_in_time", "still_to_win"),
    }
    worked = max(sum(seen.problem.calendar.worked_days()[: seen.today + 1]), 1)
    columns: dict[str, Column] = {**seen.rep_columns(r), **seen.line_columns(s)}
    columns |= {name: one.astype(np.int64) if name in COUNTS else one for name, one in amounts.items()}
    columns |= {
        "win_rate": rate[r, s],
        "cycle_days": worth.cycle[s],
        "days_to_create": seen.problem.calendar.days - 1 - seen.today - worth.cycle[s],
        **{name: quotients(amounts[part], amounts[whole]) for name, (part, whole) in ratios.items()},
        "created_per_day": amounts["created"] / worked,
    }
    return Table(
        columns,
        name="pipeline",
        measures=(*grids, "created_per_day"),
        ratios=ratios,
        kinds={"win_rate": "share", "age_days": "amount"},
    )


COUNTS = ("opportunities", "without_amount", "slipped", "stuck", "created")
"""Columns of the pipeline that count opportunities."""


def _grid(seen: Seen, values: Floats, rep: Ints, line: Ints) -> Floats:
    """Return values added up by rep and line, shape (R, S)."""
    found = np.zeros(seen.shape[:2])
    np.add.at(found, (rep, line), values)
    return found


def _open_grids(seen: Seen, deals: Dealt, worth: Chances, opportunities: Table) -> dict[str, Floats]:
    at = np.flatnonzero(deals.is_open)
    row = {one: i for i, one in enumerate(opportunities["opportunity"].tolist())}
    order = np.array([row[deals.ids[i]] for i in at.tolist()], dtype=np.int64)
    slipped, stuck = (np.asarray(opportunities[name])[order].astype(float) for name in ("slipped", "stuck"))
    value = worth.amount[at]
    each = {
        "opportunities": np.ones(len(at)),
        "value": value,
        "weighted": value * worth.chance[at],
        "weighted_in_time": value * worth.within[at],
        "without_amount": np.isnan(deals.amount[at]).astype(float),
        "days_open": (seen.today - deals.created[at]).astype(float),
        "slipped": slipped,
        "slipped_value": slipped * value,
        "stuck": stuck,
        "stuck_value": stuck * value,
    }
    return {name: _grid(seen, values, deals.rep[at], deals.line[at]) for name, values in each.items()}


def _created_grids(seen: Seen, deals: Dealt, worth: Chances) -> dict[str, Floats]:
    """Return what was created within the horizon, up to the day."""
    at = np.flatnonzero((deals.created >= 0) & (deals.created <= seen.today))
    each = {"created": np.ones(len(at)), "created_value": worth.amount[at]}
    return {name: _grid(seen, values, deals.rep[at], deals.line[at]) for name, values in each.items()}


def stage_table(seen: Seen, opportunities: Table) -> Table:
    """Return the open opportunities by rep, line and stage."""
    days = np.asarray(opportunities["days_in_stage"])
    known = ~np.isnan(days)
    names = ("rep", "team", "segment", "product", "business", "stage")
    columns: dict[str, Column] = {name: opportunities.contents[name] for name in names}
    columns |= {
        "opportunities": np.ones(len(opportunities), dtype=np.int64),
        "value": np.nan_to_num(opportunities["value"]),
        "weighted": np.asarray(opportunities["weighted"]),
        "stuck": np.asarray(opportunities["stuck"]).astype(np.int64),
        "slipped": np.asarray(opportunities["slipped"]).astype(np.int64),
        "days": np.nan_to_num(days),
        "with_history": known.astype(np.int64),
        "days_in_stage": np.where(known, days, np.nan),
    }
    order = [stage.id for funnel in seen.problem.playbook.funnels for stage in funnel.stages]
    stages = opportunities.contents["stage"]
    assert isinstance(stages, Text)  # noqa: S101 -- labels are text
    columns["stage"] = Text.of(stages.decoded(), tuple(dict.fromkeys((*order, *stages.categories))))
    whole = Table(
        columns,
        name="stages",
        measures=("opportunities", "value", "weighted", "stuck", "slipped", "days", "with_history"),
        ratios={"days_in_stage": ("days", "with_history")},
        kinds={"days_in_stage": "amount"},
    )
    return whole.by(*names) if len(whole) else whole


def deals_table(seen: Seen, deals: Dealt) -> Table:
    """Return the opportunities closed within the horizon up to the day, by rep, line and period of closing."""
    at = np.flatnonzero((deals.closed != NEVER) & (deals.closed >= 0) & (deals.closed < seen.problem.calendar.days))
    cell = (deals.rep[at], deals.line[at], seen.period_of(deals.closed[at]))
    took = (deals.closed - deals.created)[at]

    def cells(values: Floats) -> Floats:
        found = np.zeros(seen.shape)
        np.add.at(found, cell, values)
        return found

    won = deals.won[at]
    grids = {
        "closed": cells(np.ones(len(at))),
        "won": cells(won.astype(float)),
        "with_amount": cells((won & ~np.isnan(deals.amount[at])).astype(float)),
        "value": cells(np.where(won, np.nan_to_num(deals.amount[at]), 0.0)),
        "closed_days": cells(took.astype(float)),
        "won_days": cells(np.where(won, took, 0).astype(float)),
    }
    r, s, t = np.nonzero(grids["closed"])
    columns: dict[str, Column] = {**seen.rep_columns(r), **seen.line_columns(s), **seen.period_columns(t)}
    for name, grid in grids.items():
        columns[name] = grid[r, s, t] if name == "value" else grid[r, s, t].astype(np.int64)
    ratios = {
        "win_rate": ("won", "closed"),
        "deal_size": ("value", "with_amount"),
        "cycle_days": ("won_days", "won"),
        "days_to_close": ("closed_days", "closed"),
    }
    columns |= {name: quotients(grids[part][r, s, t], grids[of][r, s, t]) for name, (part, of) in ratios.items()}
    return Table(
        columns,
        name="deals",
        measures=tuple(grids),
        ratios=ratios,
        decimals={"value": 4},
        kinds={"deal_size": "amount", "cycle_days": "amount", "days_to_close": "amount"},
        calendar=seen.axis,
    )

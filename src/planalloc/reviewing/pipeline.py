"""The pipeline (F-23): what it holds by rep and line, how far it covers what is still to be won, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.sieve import NEVER
from planalloc.plan.table import Table, Text

if TYPE_CHECKING:
    from planalloc.plan.columns import Column
    from planalloc.reviewing.chances import Chances
    from planalloc.reviewing.dealt import Dealt
    from planalloc.reviewing.seen import Seen
    from planalloc.reviewing.sold import Sold
    from planalloc.types import Floats

__all__ = ["deals_table", "pipeline_table", "stage_table"]


def pipeline_table(seen: Seen, sales: Sold, deals: Dealt, worth: Chances, opportunities: Table) -> Table:
    """Return one row for each rep and line with something to sell or to win."""
    n_reps, n_lines, _ = seen.shape
    still = np.maximum(seen.base.whole.sum(axis=2) - sales.amount.sum(axis=2) / 10_000, 0.0)
    open_at = (deals.rep[deals.is_open], deals.line[deals.is_open])

    def cells(values: Floats, at: tuple[Floats, Floats]) -> Floats:
        found = np.zeros((n_reps, n_lines))
        np.add.at(found, at, values)
        return found

    order = _order(deals, opportunities)
    flags = {name: np.asarray(opportunities[name])[order].astype(float) for name in ("slipped", "stuck")}
    value = worth.amount[deals.is_open]
    here = (deals.created >= 0) & (deals.created <= seen.today)
    made = (deals.rep[here], deals.line[here])
    worked = float(np.count_nonzero(seen.problem.calendar.worked_days()[: max(seen.today + 1, 0)]))
    grids = {
        "opportunities": cells(np.ones(len(value)), open_at),
        "value": cells(value, open_at),
        "weighted": cells(value * worth.chance[deals.is_open], open_at),
        "weighted_in_time": cells(value * worth.within[deals.is_open], open_at),
        "without_amount": cells(np.isnan(deals.amount[deals.is_open]).astype(float), open_at),
        "days_open": cells((seen.today - deals.created)[deals.is_open].astype(float), open_at),
        "slipped": cells(flags["slipped"], open_at),
        "slipped_value": cells(flags["slipped"] * value, open_at),
        "stuck": cells(flags["stuck"], open_at),
        "stuck_value": cells(flags["stuck"] * value, open_at),
        "created": cells(np.ones(np.count_nonzero(here)), made),
        "created_value": cells(worth.amount[here], made),
        "still_to_win": still,
    }
    lacking = np.maximum(still - grids["weighted_in_time"], 0.0)
    rate = np.broadcast_to(worth.win_rate, lacking.shape)
    grids["to_create"] = np.divide(lacking, rate, out=np.full(lacking.shape, np.nan), where=rate > 0)
    grids["to_create"] = np.where(lacking > 0, grids["to_create"], 0.0)
    r, s = np.nonzero((still > 0) | (grids["opportunities"] > 0) | (grids["created"] > 0))
    whole = ("opportunities", "without_amount", "slipped", "stuck", "created")
    columns: dict[str, Column] = {**seen.rep_columns(r), **seen.line_columns(s)}
    columns |= {name: grid[r, s].astype(np.int64) if name in whole else grid[r, s] for name, grid in grids.items()}
    columns |= {"worked_days": np.full(len(r), worked)}
    left = seen.problem.calendar.days - 1 - seen.today
    columns |= {
        "win_rate": worth.win_rate[s],
        "cycle_days": worth.cycle[s],
        "days_to_create": left - worth.cycle[s],
    }
    ratios = {
        "age_days": ("days_open", "opportunities"),
        "coverage": ("value", "still_to_win"),
        "weighted_coverage": ("weighted_in_time", "still_to_win"),
    }
    columns |= {name: _ratio(columns[part], columns[of]) for name, (part, of) in ratios.items()}
    columns["created_per_day"] = np.asarray(columns["created"]) / max(worked, 1.0)
    del columns["worked_days"]
    return Table(
        columns,
        name="pipeline",
        measures=(*grids, "created_per_day"),
        ratios=ratios,
        kinds={"win_rate": "share", "age_days": "amount", "coverage": "share"},
    )


def _ratio(part: Column, whole: Column) -> Floats:
    below = np.asarray(whole, dtype=np.float64)
    found: Floats = np.divide(part, below, out=np.full(len(below), np.nan), where=below != 0)
    return found


def _order(deals: Dealt, opportunities: Table) -> Floats:
    """Return the row of each open opportunity in its table, in the order of the events."""
    row = {one: i for i, one in enumerate(opportunities["opportunity"].tolist())}
    ids = [one for one, is_open in zip(deals.ids, deals.is_open.tolist(), strict=True) if is_open]
    found: Floats = np.array([row[one] for one in ids], dtype=np.int64)
    return found


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
        "deal_size": ("value", "won"),
        "cycle_days": ("won_days", "won"),
        "days_to_close": ("closed_days", "closed"),
    }
    columns |= {name: _ratio(columns[part], columns[of]) for name, (part, of) in ratios.items()}
    return Table(
        columns,
        name="deals",
        measures=tuple(grids),
        ratios=ratios,
        decimals={"value": 4},
        kinds={"deal_size": "amount", "cycle_days": "amount", "days_to_close": "amount"},
        calendar=seen.axis,
    )

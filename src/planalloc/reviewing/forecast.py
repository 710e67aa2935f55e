"""The forecast (F-27): the year's end of each rep, line and the company."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.grouping import PARTS
from planalloc.numerics.pace_prior import pace_prior
from planalloc.numerics.year_end import Pipeline, RunRate, year_end
from planalloc.plan.table import Table, Text
from planalloc.reviewing.chances import soon_enough
from planalloc.reviewing.drift import deal_sizes

if TYPE_CHECKING:
    from planalloc.numerics.year_end import YearEnd
    from planalloc.plan.columns import Column
    from planalloc.reviewing.chances import Chances
    from planalloc.reviewing.dealt import Dealt
    from planalloc.reviewing.seen import Seen
    from planalloc.reviewing.sold import Sold
    from planalloc.types import Floats

__all__ = ["SCOPES", "forecast_table"]

SCOPES = ("company", "line", "rep")


def forecast_table(seen: Seen, sales: Sold, deals: Dealt, worth: Chances, *, coverage: float) -> Table:
    """Return one row for the company, each line and each rep.

    Parameters
    ----------
    seen, sales, deals, worth : Seen, Sold, Dealt, Chances
        The plan on its day and what happened.
    coverage : float
        Chance that a year ends in its interval.
    """
    n_lines = seen.shape[1]
    closed = sales.amount.sum(axis=2) / PARTS
    short = np.zeros(n_lines)
    if len(seen.plan.shortfall):
        np.add.at(short, seen.line_of(seen.plan.shortfall), np.asarray(seen.plan.shortfall["revenue"], dtype=float))
    line_target = seen.base.whole.sum(axis=(0, 2)) + short
    rep_target = seen.quota.whole.sum(axis=(1, 2))
    cells = _cells(seen, sales, worth, with_pipeline=len(deals) > 0)
    r, s = np.nonzero((cells["planned"] > 0) | (cells["remaining"] > 0))
    prior = pace_prior(sales.deals.sum(axis=2)[r, s], planned=cells["planned"][r, s])
    at = np.flatnonzero(deals.is_open & (worth.amount > 0))
    found = []
    for cell_unit, deal_unit, done, target in (
        (np.zeros(len(r), dtype=np.int64), np.zeros(len(at), dtype=np.int64), closed.sum(), line_target.sum()),
        (s, deals.line[at], closed.sum(axis=0), line_target),
        (r, deals.rep[at], closed.sum(axis=1), rep_target),
    ):
        run_rate = RunRate(
            cell_unit,
            sales.deals.sum(axis=2)[r, s],
            cells["planned"][r, s],
            cells["remaining"][r, s],
            cells["sizes"][s],
            sales.size_cv[s],
        )
        pipeline = Pipeline(deal_unit, worth.amount[at], worth.within[at])
        goal = np.atleast_1d(target)
        ends = year_end(np.atleast_1d(done), goal, run_rate=run_rate, pipeline=pipeline, prior=prior, coverage=coverage)
        found.append((goal, ends))
    return _table(seen, found)


def _cells(seen: Seen, sales: Sold, worth: Chances, *, with_pipeline: bool) -> dict[str, Floats]:
    """Return deals expected to date and still to be found, shape (R, S), and the size of a deal, shape (S,)."""
    sizes = deal_sizes(seen, sales)
    due, planned = np.maximum(seen.base.due, 0.0), seen.base.planned
    fresh = _fresh_part(seen, worth) if with_pipeline else np.ones(seen.shape[1:])
    rest = np.maximum(planned - due, 0.0)
    # Who wins half as often as the others is thought to go on at half their pace, before the own deals speak.
    due, rest = due * worth.beside_all[:, None, None], rest * worth.beside_all[:, None, None]
    return {
        "planned": due.sum(axis=2) / sizes,
        "remaining": (rest * fresh).sum(axis=2) / sizes,
        "sizes": sizes,
    }


def _fresh_part(seen: Seen, worth: Chances) -> Floats:
    """Return the part of each open period's deals that are not in the pipeline yet, shape (S, T).

    A deal booked in u days is new where it takes less than u days; the mean over the working days of the period that
    are left.
    """
    calendar = seen.problem.calendar
    days = np.arange(calendar.days)
    left = days > seen.today
    worked = np.array(calendar.worked_days()) & left
    period = seen.period_of(days)
    # A period whose days left are all free of work still has something to sell: its days count alike.
    some = np.bincount(period[worked], minlength=seen.shape[2]) > 0
    counted = np.where(some[period], worked, left)
    many = np.bincount(period, counted, seen.shape[2])
    ahead = (days - seen.today).astype(float)
    found = np.ones(seen.shape[1:])
    for s, cycle in enumerate(worth.planned_cycle):
        said = np.where(np.isnan(cycle), np.nan, cycle <= ahead)
        new = soon_enough(worth.cycles, ahead, age=np.full(len(days), -1.0), planned=said)
        total = np.bincount(period, np.where(counted, new, 0.0), seen.shape[2])
        found[s] = np.divide(total, many, out=np.zeros(len(many)), where=many > 0)
    return found


def _table(seen: Seen, found: list[tuple[Floats, YearEnd]]) -> Table:
    n_reps, n_lines, _ = seen.shape
    scope = np.repeat(np.arange(3), [1, n_lines, n_reps])
    rep = np.concatenate([np.full(1 + n_lines, -1), np.arange(n_reps)])
    line = np.concatenate([[-1], np.arange(n_lines), np.full(n_reps, -1)])
    people = seen.rep_columns(np.arange(n_reps))
    columns: dict[str, Column] = {"scope": Text(scope, SCOPES)}
    for name, column in people.items():
        assert isinstance(column, Text)  # noqa: S101 -- labels are text
        columns[name] = Text(np.append(column.codes, np.int32(-1))[rep], column.categories)
    columns |= seen.line_columns(line)
    columns["target"] = np.concatenate([goal for goal, _ in found])
    for name in ("closed", "pipeline", "run_rate", "expected", "low", "high", "chance"):
        columns[name] = np.concatenate([getattr(ends, name) for _, ends in found])
    return Table(columns, name="forecast", kinds={"chance": "share"})

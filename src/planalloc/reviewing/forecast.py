"""The forecast (F-27): the year's end of each rep, line and the company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.grouping import PARTS
from planalloc.numerics.pace_prior import paces
from planalloc.numerics.year_end import Pipeline, RunRate, year_end
from planalloc.plan.table import Table, Text
from planalloc.reviewing.chances import soon_enough
from planalloc.reviewing.drift import deal_sizes

if TYPE_CHECKING:
    from planalloc.numerics.pace_prior import Paces
    from planalloc.numerics.year_end import YearEnd
    from planalloc.plan.columns import Column
    from planalloc.reviewing.chances import Chances
    from planalloc.reviewing.dealt import Dealt
    from planalloc.reviewing.seen import Seen
    from planalloc.reviewing.sold import Sold
    from planalloc.types import Floats, Ints

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
    open_part = _fresh_part(seen, worth) if len(deals) else np.ones(seen.shape[1:])
    found = _found(seen, sales, worth, fresh=open_part)
    at = np.flatnonzero(deals.is_open & (worth.amount > 0))
    scopes = []
    for scope, deal_unit, done, target in (
        (_COMPANY, np.zeros(len(at), dtype=np.int64), closed.sum(), line_target.sum()),
        (_LINE, deals.line[at], closed.sum(axis=0), line_target),
        (_REP, deals.rep[at], closed.sum(axis=1), rep_target),
    ):
        pipeline = Pipeline(deal_unit, worth.amount[at], worth.within[at])
        goal = np.atleast_1d(target)
        shared = np.hypot(found.shared(scope), _rates_error(deals, worth, at, pipeline, n_units=len(goal)))
        ends = year_end(
            np.atleast_1d(done), goal, run_rate=found.cells(scope), pipeline=pipeline, shared=shared, coverage=coverage
        )
        scopes.append((goal, ends))
    return _table(seen, scopes)


_COMPANY, _LINE, _REP = range(3)
"""Positions in `SCOPES`."""


@dataclass(frozen=True, eq=False)
class _Found:
    """Deals still to be found: so many planned, times the pace of their line and that of their rep.

    Attributes
    ----------
    deals : Floats
        Expected, shape (R, S).
    sizes, size_cv, came : Floats
        Money of a deal, its spread, and of how many deals they are told, shape (S,).
    lines, reps : Paces
        Of the lines, and of the reps beside what their lines make of it.
    """

    deals: Floats
    sizes: Floats
    size_cv: Floats
    came: Floats
    lines: Paces
    reps: Paces

    def cells(self, scope: int) -> RunRate:
        """Return the deals by the cells of a scope."""
        if scope == _LINE:
            r, s = np.nonzero(self.deals > 0)
            return RunRate(s, self.deals[r, s], self.reps.shape[r], self.sizes[s], self.size_cv[s])
        # By rep, whose one pace goes for all lines; sizes are pooled by their moments.
        r = np.flatnonzero(self.deals.sum(axis=1) > 0)
        many = self.deals[r].sum(axis=1)
        mean = self.deals[r] @ self.sizes / many
        square = self.deals[r] @ (self.sizes**2 * (1 + self.size_cv**2)) / many
        spread = np.sqrt(np.maximum(square / mean**2 - 1, 0.0))
        return RunRate(r if scope == _REP else np.zeros(len(r), dtype=np.int64), many, self.reps.shape[r], mean, spread)

    def shared(self, scope: int) -> Floats:
        """Return the error in money of the units of a scope that follows common paces and sizes, shape (units,)."""

        def by_line(money: Floats) -> Floats:
            if scope == _REP:
                return money
            whole: Floats = money.sum(axis=0)
            return np.diag(whole) if scope == _LINE else whole[None]

        money = self.deals * self.sizes
        pulled = by_line(money * self.reps.pulled[:, None])
        common = np.hypot(self.lines.chance_error, self.lines.spread_error) * (pulled @ self.lines.pulled)
        among = self.reps.spread_error * pulled.sum(axis=1)
        sized = np.divide(self.size_cv**2, self.came, out=np.zeros(len(self.came)), where=self.came > 0)
        own = pulled**2 @ (1 / self.lines.shape) + by_line(money) ** 2 @ sized
        found: Floats = np.sqrt(common**2 + among**2 + own)
        return found


def _rates_error(deals: Dealt, worth: Chances, at: Ints, pipeline: Pipeline, *, n_units: int) -> Floats:
    """Return the error in money of each unit's pipeline that follows the rates of reps and lines, shape (units,).

    That of a single opportunity is in its chance; what is shared is that of two and more.
    """
    money = pipeline.amounts * pipeline.chances
    variance = np.zeros(n_units)
    for key, error in ((deals.rep[at], worth.rep_error), (deals.line[at], worth.line_error)):
        cell, which = np.unique(pipeline.unit * len(error) + key, return_inverse=True)
        together = np.bincount(which, money, len(cell)) ** 2 - np.bincount(which, money**2, len(cell))
        square = np.maximum(together, 0.0) * error[cell % len(error)] ** 2
        variance += np.bincount(cell // len(error), square, n_units)
    found: Floats = np.sqrt(variance)
    return found


def _found(seen: Seen, sales: Sold, worth: Chances, *, fresh: Floats) -> _Found:
    """Return the deals still to be found, of which the part that is fresh, shape (S, T), is in no pipeline yet."""
    sizes = deal_sizes(seen, sales)
    due = np.maximum(seen.base.due, 0.0)
    rest = np.maximum(seen.base.planned - due, 0.0) * fresh
    # Who wins half as often as the others is thought to go on at half their pace, before the own deals speak.
    so_far, remaining = (one.sum(axis=2) / sizes * worth.beside_all[:, None] for one in (due, rest))
    came = sales.deals.sum(axis=2).astype(float)
    lines = paces(came.sum(axis=0), planned=so_far.sum(axis=0))
    reps = paces(came.sum(axis=1), planned=so_far @ lines.mean)
    return _Found(remaining * lines.mean * reps.mean[:, None], sizes, sales.size_cv, came.sum(axis=0), lines, reps)


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

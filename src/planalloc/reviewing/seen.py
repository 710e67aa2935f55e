"""What a plan wants and what was sold, as arrays side by side: R reps, S lines, T periods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.index import Index
from planalloc.plan.columns import Text
from planalloc.plan.labels import horizon_axis
from planalloc.plan.visits import positions

if TYPE_CHECKING:
    from datetime import date

    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.columns import Column
    from planalloc.plan.periods import Periods
    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table
    from planalloc.types import Floats, Ints

__all__ = ["LINE", "Seen", "Wanted", "elapsed_part"]

LINE = ("segment", "product", "business")


def elapsed_part(problem: PlanningProblem, as_of: date) -> Floats:
    """Return the part of each period that is over at the end of a day, by its working days, shape (T,).

    A period without a working day counts by its days.

    Examples
    --------
    >>> from datetime import date
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1, currency="EUR", shares={"A": 1}, reps=["alice"])
    >>> elapsed_part(problem, date(2027, 2, 5)).tolist()[:3]
    [1.0, 0.25, 0.0]
    """
    calendar = problem.calendar
    worked = np.concatenate([[0], np.cumsum(calendar.worked_days())])
    done = min(max((as_of - calendar.start).days + 1, 0), calendar.days)
    first = np.array([(one.start - calendar.start).days for one in calendar.periods()])
    last = np.array([(one.end - calendar.start).days + 1 for one in calendar.periods()])
    reached = np.clip(done, first, last)
    days, over = worked[last] - worked[first], worked[reached] - worked[first]
    none = days == 0
    part: Floats = np.where(none, reached - first, over) / np.where(none, last - first, days)
    return part


@dataclass(frozen=True, eq=False)
class Wanted:
    """One of a plan's two numbers, in money.

    Attributes
    ----------
    planned : Floats
        What the plan says, shape (R, S, T).
    due : Floats
        What of it is due by the day of the review, shape (R, S, T).
    closed, credited : Floats
        What a revised plan was of the time before it, and what was credited for that, shape (R, S, T).
    """

    planned: Floats
    due: Floats
    closed: Floats
    credited: Floats

    @property
    def settled(self) -> Floats:
        """What a revised plan has put behind it, shape (R, S, T): the rest was made to do without it, or holds it."""
        return self.closed - self.credited

    @property
    def held(self) -> Floats:
        """What is due by the plan that holds, shape (R, S, T): what it closed is as it was credited."""
        return self.due - self.settled

    @property
    def whole(self) -> Floats:
        """What must be sold for the rest of the plan to have been right, shape (R, S, T)."""
        return self.planned - self.settled


@dataclass(frozen=True, eq=False)
class Seen:
    """A plan on a day.

    Parameters
    ----------
    plan : Plan
        The plan in force.
    as_of : date
        Last day that counts.
    """

    plan: Plan
    as_of: date

    @cached_property
    def index(self) -> Index:
        """Names and positions."""
        return Index(self.plan.problem.canonical())

    @property
    def problem(self) -> PlanningProblem:
        """The problem, in canonical order."""
        return self.index.problem

    @property
    def today(self) -> int:
        """Days from the horizon's first day to the day of the review."""
        return (self.as_of - self.problem.calendar.start).days

    @property
    def shape(self) -> tuple[int, int, int]:
        """R, S, T."""
        return len(self.index.reps), len(self.index.lines), len(self.index.periods)

    @cached_property
    def axis(self) -> Periods:
        """The periods and those in which they nest."""
        return horizon_axis(self.problem.calendar)

    @cached_property
    def elapsed(self) -> Floats:
        """Part of each period that is over, by its working days, shape (T,)."""
        return elapsed_part(self.problem, self.as_of)

    @cached_property
    def _before(self) -> Floats:
        """Part of each period that was closed when the plan was revised, shape (T,)."""
        if self.plan.as_of is None:
            return np.zeros(self.shape[2])
        return elapsed_part(self.problem, self.plan.as_of)

    @cached_property
    def base(self) -> Wanted:
        """The numbers that add up to the targets."""
        return self._wanted("base")

    @cached_property
    def quota(self) -> Wanted:
        """The numbers that people carry."""
        return self._wanted("quota")

    def _wanted(self, name: str) -> Wanted:
        planned = self.cells(self.plan.quotas, name)
        closed, credited = np.zeros(self.shape), np.zeros(self.shape)
        if self.plan.as_of is not None:
            closed = self.cells(self.plan.credited, name)
            credited = self.cells(self.plan.credited, "revenue")
        left = 1.0 - self._before
        since = np.divide(self.elapsed - self._before, left, out=np.zeros(left.shape), where=left > 0)
        due = np.where(left > 0, closed + (planned - closed) * np.maximum(since, 0.0), planned)
        return Wanted(planned, np.where(self.elapsed >= 1.0, planned, due), closed, credited)

    def cells(self, table: Table, name: str) -> Floats:
        """Return a column of a plan's table by rep, line and period, shape (R, S, T)."""
        found = np.zeros(self.shape)
        if len(table):
            rep = positions(table.contents["rep"], self.rep_ids)
            period = positions(table.contents["period"], self.axis.ids)
            np.add.at(found, (rep, self.line_of(table), period), np.asarray(table[name], dtype=np.float64))
        return found

    def line_of(self, table: Table) -> Ints:
        """Return the position of the line of each row, -1 for none, shape (rows,)."""
        columns = [column for column in (table.contents[name] for name in LINE) if isinstance(column, Text)]
        sizes = [len(column.categories) + 1 for column in columns]
        code = np.ravel_multi_index([column.codes.astype(np.int64) + 1 for column in columns], sizes)
        places = np.full(int(np.prod(sizes)), -1, dtype=np.int64)
        position = [{one: i + 1 for i, one in enumerate(column.categories)} for column in columns]
        for s, line in enumerate(self.index.lines):
            parts = (line.segment, line.product, line.business)
            at = [0 if one is None else known.get(one, -1) for one, known in zip(parts, position, strict=True)]
            if min(at) >= 0:
                places[np.ravel_multi_index(at, sizes)] = s
        found: Ints = places[code]
        return found

    @cached_property
    def first_days(self) -> Ints:
        """First day of each period, counted from the horizon's, shape (T,)."""
        return np.array([(one.start - self.problem.calendar.start).days for one in self.index.periods], dtype=np.int64)

    def period_of(self, day: Ints) -> Ints:
        """Return the position of the period that holds each day of the horizon, shape (n,)."""
        found: Ints = np.searchsorted(self.first_days, day, side="right") - 1
        return found

    @cached_property
    def rep_ids(self) -> tuple[str, ...]:
        """Ids of the primary reps."""
        return tuple(rep.id for rep in self.index.reps)

    @cached_property
    def segment_ids(self) -> tuple[str, ...]:
        """Ids of the segments."""
        return tuple(one.id for one in self.index.segments)

    @cached_property
    def activity_ids(self) -> tuple[str, ...]:
        """Ids of the activities."""
        return tuple(one.id for one in self.problem.playbook.activities)

    def rep_columns(self, rep: Ints) -> dict[str, Column]:
        """Return rep and team of rows, by position of the rep."""
        teams = Text.of([one.team for one in self.index.reps], self.index.team_ids)
        return {"rep": Text(rep, self.rep_ids), "team": Text(teams.codes[rep], teams.categories)}

    def line_columns(self, line: Ints) -> dict[str, Column]:
        """Return segment, product and business of rows, by position of the line; nothing at -1."""
        products = tuple(one.id for one in self.problem.strategy.products)
        whole = {
            "segment": Text.of([one.segment for one in self.index.lines], self.segment_ids),
            "product": Text.of([one.product for one in self.index.lines], products),
            "business": Text.of([one.business for one in self.index.lines], ("existing", "new")),
        }
        return {
            name: Text(np.append(column.codes, np.int32(-1))[line], column.categories) for name, column in whole.items()
        }

    def period_columns(self, period: Ints) -> dict[str, Column]:
        """Return the period of rows with its first and last day, by position."""
        edges = np.array([(one.start, one.end) for one in self.index.periods], dtype="datetime64[D]")
        return {"period": Text(period, self.axis.ids), "start": edges[period, 0], "end": edges[period, 1]}

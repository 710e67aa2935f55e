"""The activities of each period, spread over its weeks (F-18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.base import named_among
from planalloc.numerics.sharing import shared_out
from planalloc.plan.columns import Text, taken
from planalloc.plan.days import days_there, pieces
from planalloc.plan.table import Table

if TYPE_CHECKING:
    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.columns import Column
    from planalloc.types import Ints

__all__ = ["schedule"]


def schedule(problem: PlanningProblem, activities: Table, *, by: str, settled: Ints | None = None) -> Table:
    """Return activities by week: of each row of a plan's activities, how many fall in each week of its period.

    Parameters
    ----------
    problem : PlanningProblem
        The plan's own.
    activities : Table
        Rows of `Plan.activities`; all of a rep's in a period, as they are spread together.
    by : str
        ``"week"``.
    settled : Ints, shape (rows, W), optional
        Of rows whose weeks are known, how many fall in each of the W weeks of their period; 0 throughout in others.

    Returns
    -------
    Table
        The columns of `activities`, and after period week, start and end: the days of the week that lie in the period.
        A week that the end of a period cuts has rows in both.

    Raises
    ------
    UnknownNameError
        When `by` is anything else.
    """
    named_among("by", by, ("week",))
    cut, count = pieces(problem.calendar), np.asarray(activities["count"])
    rep, period = (_codes(activities, name) for name in ("rep", "period"))
    first = np.flatnonzero(np.diff(cut.period, prepend=-1))
    many = np.diff(first, append=len(cut.period))
    nth = np.arange(many.max())
    inside = nth < many[period, None]
    piece = np.where(inside, first[period, None] + nth, 0)
    there = days_there(problem, tuple(one.id for one in problem.sales_force.reps), cut)
    parts = np.where(inside, there[_positions(problem, activities)[:, None], piece], 0.0)
    each = activities["hours"] / np.maximum(count, 1)
    found = shared_out(count, group=rep * len(first) + period, parts=parts, hours=each, settled=settled)
    row, at = np.nonzero(found)
    when, some = piece[row, at], found[row, at]
    edges = np.datetime64(problem.calendar.start) + np.append(cut.start, problem.calendar.days)
    contents: dict[str, Column] = {name: taken(column, row) for name, column in activities.contents.items()}
    weeks = tuple(one.id for one in problem.calendar.periods("week"))
    contents |= {"week": Text(cut.week[when], weeks), "start": edges[when], "end": edges[when + 1] - 1}
    contents |= {"count": some, "hours": each[row] * some}
    names, after = activities.columns, activities.columns.index("period") + 1
    ordered = {name: contents[name] for name in (*names[:after], "week", "start", "end", *names[after:])}
    return Table(ordered, name="schedule", measures=("count", "hours"), calendar=activities.calendar)


def _codes(table: Table, name: str) -> Ints:
    column = table.contents[name]
    assert isinstance(column, Text)  # noqa: S101 -- for the type checker: ids are text
    return column.codes.astype(np.int64)


def _positions(problem: PlanningProblem, activities: Table) -> Ints:
    """Return the position of each row's rep in the problem, shape (rows,)."""
    reps = activities.contents["rep"]
    assert isinstance(reps, Text)  # noqa: S101
    place = {one.id: number for number, one in enumerate(problem.sales_force.reps)}
    found: Ints = np.array([place[name] for name in reps.categories], dtype=np.int64)[reps.codes]
    return found

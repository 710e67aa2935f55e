"""The days on which reps are there, in the weeks of each period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.model.calendar import Calendar
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Floats, Ints

__all__ = ["Pieces", "days_there", "pieces"]


@dataclass(frozen=True)
class Pieces:
    """The horizon cut at the ends of periods and of weeks into P pieces, in order.

    Parameters
    ----------
    start : Ints
        First day, counted from the horizon's start, shape (P,).
    period, week : Ints
        Position of the period and of the week that hold it, shape (P,).
    """

    start: Ints
    period: Ints
    week: Ints


def pieces(calendar: Calendar) -> Pieces:
    """Return the weeks of each period.

    Examples
    --------
    >>> from datetime import date
    >>> from planalloc.model.calendar import Calendar
    >>> pieces(Calendar(start=date(2027, 1, 25), end=date(2027, 2, 10))).start.tolist()
    [0, 7, 14]
    """
    edges = [
        np.array([(one.start - calendar.start).days for one in calendar.periods(grain)], dtype=np.int64)
        for grain in (calendar.grain, "week")
    ]
    start = np.unique(np.concatenate(edges))
    period, week = (np.searchsorted(edge, start, side="right") - 1 for edge in edges)
    return Pieces(start, period, week)


def days_there(problem: PlanningProblem, reps: tuple[str, ...], cut: Pieces) -> Floats:
    """Return which part of its period's days with the rep each piece has, shape (R, P); they sum to 1 by period.

    Days are working days on which the rep is employed and not absent. Where a period has none, its working days count,
    and where it has none of these either, all its days.
    """
    calendar = problem.calendar
    worked = np.array(calendar.worked_days())
    absent = np.zeros((len(reps), len(worked)), dtype=np.bool_)
    position = {name: i for i, name in enumerate(reps)}
    for rep in problem.sales_force.reps:
        row = absent[position[rep.id]]
        for away in rep.absences:
            row[max((away.start - calendar.start).days, 0) : max((away.end - calendar.start).days + 1, 0)] = True
        row[: max((rep.start - calendar.start).days, 0) if rep.start else 0] = True
        row[max((rep.end - calendar.start).days + 1, 0) if rep.end else len(worked) :] = True
    kinds = (worked & ~absent, worked, np.ones(len(worked), dtype=np.bool_))
    by_piece = [np.add.reduceat(days.astype(float), cut.start, axis=-1) for days in kinds]
    first = np.flatnonzero(np.diff(cut.period, prepend=-1))
    parts = np.zeros((len(reps), len(cut.start)))
    left = np.ones((len(reps), len(first)), dtype=np.bool_)
    for days in by_piece:
        whole = np.add.reduceat(days, first, axis=-1)
        part = np.divide(days, np.maximum(whole, 1.0)[..., cut.period])
        parts = np.where(left[:, cut.period], part, parts)
        left &= whole == 0
    return parts

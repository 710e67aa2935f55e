"""F-5: pins and bounds as sums of cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from planalloc.formulate.columns import Rows
from planalloc.formulate.index import Index, units
from planalloc.model.limits import Bound, Pin

if TYPE_CHECKING:
    from planalloc.formulate.columns import Layout
    from planalloc.types import Bools, Floats

__all__ = ["LimitSum", "limit_rows", "limit_sums"]


@dataclass(frozen=True)
class LimitSum:
    """A limit on a box of cells: some reps x some lines x some periods.

    Parameters
    ----------
    label : str
        Name by which people find it again.
    reps, lines, periods : Bools
        What it sums over, shapes (R,), (S,), (T,).
    of_quota : bool
        Whether it speaks of the quota (base x hedge) or of the base.
    lower, upper : float
        Ends in rounding units; infinite where there is none.
    """

    label: str
    reps: Bools
    lines: Bools
    periods: Bools
    of_quota: bool
    lower: float
    upper: float

    @cached_property
    def cuts_periods(self) -> bool:
        """Whether it speaks of a part of the horizon only."""
        return not bool(self.periods.all())

    def total(self, cells: Floats) -> float:
        """Sum of its box of an array of shape (R, S, T)."""
        return float(cells[self.reps][:, self.lines][:, :, self.periods].sum())

    def excess(self, cells: Floats) -> float:
        """By how much the sum leaves the limit: negative below, positive above, 0 within."""
        total = self.total(cells)
        return min(total - self.lower, 0.0) + max(total - self.upper, 0.0)


def limit_sums(index: Index) -> tuple[LimitSum, ...]:
    """Return the limits in force, in the order of their labels.

    Parameters
    ----------
    index : Index
        Of a problem whose limits name what exists.
    """
    start = index.problem.calendar.start
    in_force = [one for one in index.problem.limits if one.expires is None or one.expires >= start]
    return tuple(_sum(index, one) for one in in_force)


def limit_rows(layout: Layout) -> Rows:
    """Return a row for each limit of a question, on the quota or on the base, as each says (F-5)."""
    question = layout.question
    hedge, size = question.work.index.hedge[question.alike.first], question.alike.size
    rows, cells, values = [], [], []
    for number, limit in enumerate(question.limits):
        each = limit.reps[question.alike.first] * size * (hedge if limit.of_quota else 1.0)
        box = each[:, None, None] * limit.lines[None, :, None] * limit.periods[None, None, :]
        at = np.nonzero(box)
        rows.append(np.full(len(at[0]), number))
        cells.append(at)
        values.append(box[at])
    if not rows:
        return Rows(csr_array((0, layout.n_columns)), np.zeros(0), np.zeros(0))
    where = tuple(np.concatenate(axis) for axis in zip(*cells, strict=True))
    matrix = layout.of_cells(len(rows), np.concatenate(rows), where, np.concatenate(values))
    lower, upper = (np.array([getattr(one, end) for one in question.limits]) for end in ("lower", "upper"))
    return Rows(matrix, lower / layout.money, upper / layout.money)


def _sum(index: Index, limit: Pin | Bound) -> LimitSum:
    reps = np.ones(len(index.reps), dtype=bool)
    if limit.rep is not None:
        reps = np.arange(len(index.reps)) == index.rep_position[limit.rep]
    if limit.team is not None:
        reps = reps & index.in_team[limit.team]
    parts = ("segment", "product", "business")
    lines = np.array(
        [all(getattr(limit, p) in {None, getattr(line, p)} for p in parts) for line in index.lines], dtype=bool
    )
    step = index.problem.policy.step
    if isinstance(limit, Pin):
        amount = units(limit.base if limit.quota is None else limit.quota, step)  # type: ignore[arg-type]
        of_quota, lower, upper = limit.quota is not None, float(amount), float(amount)
    else:
        of_quota = limit.of == "quota"
        lower = -np.inf if limit.at_least is None else float(units(limit.at_least, step))
        upper = np.inf if limit.at_most is None else float(units(limit.at_most, step))
    return LimitSum(limit.label, reps, lines, _periods(index, limit.period), of_quota, lower, upper)


def _periods(index: Index, period: str | None) -> Bools:
    if period is None:
        return np.ones(len(index.periods), dtype=bool)
    calendar = index.problem.calendar
    grain, position = calendar.find(period)
    within: Bools = np.array(calendar.nest(calendar.grain, grain)) == position
    return within

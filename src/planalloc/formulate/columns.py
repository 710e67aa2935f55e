"""What one program decides: its columns, and the map from them to cells (class x line x period).

Every family of rows is said of cells and composed with that map: a steady line has one column a class, whose year
spreads by the season; any other line has one column a cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

if TYPE_CHECKING:
    from planalloc.formulate.activities import Work
    from planalloc.formulate.alike import Classes
    from planalloc.formulate.limits import Limits
    from planalloc.types import Bools, Floats, Ints

__all__ = ["MONEY_PARTS", "Group", "Layout", "Question", "Rows", "steady_lines"]

MONEY_PARTS = 1000.0
"""Money enters the program in thousandths of the whole target: numbers near 1, so that a solver's absolute tolerance
of 1e-7 is 1e-10 of the whole."""


@dataclass(frozen=True)
class Question:
    """What one program asks, for C classes of reps.

    Parameters
    ----------
    work : Work
        Activities and hours.
    alike : Classes
        The classes.
    targets : Floats
        Line targets in rounding units, shape (S,).
    weights : Floats
        Season of each line, shape (S, T); rows sum to 1.
    reference : Floats
        Fair split by class, shape (C, S, T).
    limits : Limits
        What may not move, or only so far; every class lies wholly inside or outside each of them.
    season_is_free : bool
        Ask for the least deviation from the season that limits make unavoidable, hours ignored, instead of a plan.
    """

    work: Work
    alike: Classes
    targets: Floats
    weights: Floats
    reference: Floats
    limits: Limits
    season_is_free: bool = False

    @property
    def eligible(self) -> Bools:
        """Whether a class may carry a line, and is ever there to carry one, shape (C, S)."""
        found: Bools = self.work.index.eligible[self.alike.first] & np.any(self.present, axis=1, keepdims=True)
        return found

    @property
    def present(self) -> Bools:
        """Whether a class carries a number in a period, shape (C, T)."""
        return self.work.time.weight[self.alike.first] > 0

    @cached_property
    def steady(self) -> Bools:
        """Lines all of whose reps are there, fully productive, all the time, and that no limit cuts by period, (S,)."""
        if self.season_is_free:
            return np.zeros(len(self.targets), dtype=bool)
        return steady_lines(self.work, self.work.index.eligible, self.limits)


def steady_lines(work: Work, eligible: Bools, limits: Limits) -> Bools:
    """Return which lines have one season for all: reps there, fully productive, all the time, and no limit by period.

    Parameters
    ----------
    work : Work
        Who is there when.
    eligible : Bools
        Whether a rep may carry a line, shape (R, S). Those who are never there do not count.
    limits : Limits
        What may not move, or only so far.

    Returns
    -------
    Bools
        Shape (S,).
    """
    there = np.any(work.time.weight > 0, axis=1) & ~work.time.steady
    steady: Bools = ~np.any(eligible & there[:, None], axis=0)
    for limit in limits.sums:
        if limit.cuts_periods:
            steady &= ~limit.lines
    return steady


@dataclass(frozen=True)
class Group:
    """Columns of one kind: the first one's position, and what each stands for, as one array of positions per axis."""

    start: int
    at: tuple[Ints, ...]

    def __len__(self) -> int:
        return len(self.at[0])

    @property
    def columns(self) -> Ints:
        """Positions in the program, shape (number,)."""
        return self.start + np.arange(len(self))


@dataclass(frozen=True)
class Rows:
    """One family of rows: ``lower <= matrix @ x <= upper``."""

    matrix: csr_array
    lower: Floats
    upper: Floats

    def __len__(self) -> int:
        return len(self.lower)


@dataclass(frozen=True)
class Layout:
    """The columns of a question's program.

    Parameters
    ----------
    question : Question
        What is asked.
    """

    question: Question

    @property
    def money(self) -> float:
        """Rounding units in one unit of money of the program."""
        return max(float(self.question.targets.sum()), 1.0) / MONEY_PARTS

    @cached_property
    def groups(self) -> dict[str, Group]:
        """Column groups, in the order of the program."""
        found, start = {}, 0
        for name, mask in self._masks().items():
            found[name] = Group(start, tuple(np.nonzero(mask)))
            start += len(found[name])
        return found

    def _masks(self) -> dict[str, Bools]:
        """Which combinations have a column: of class and line, cell, class and segment, and so on."""
        q = self.question
        first, planned = q.alike.first, not q.season_is_free
        cells = q.eligible[:, :, None] & q.present[:, None, :] & ~q.steady[None, :, None]
        asked = np.zeros((len(first), len(q.work.index.segments)), dtype=bool)
        for _, segment, many in q.work.cadences:
            asked[:, segment] |= many[first] > 0
        feeding = np.array([many[first] > 0 for many in q.work.feeding.values()], dtype=bool).reshape(-1, len(first)).T
        some = (q.weights * q.targets[:, None] > 0)[None]
        every_period = np.full(q.weights.shape, q.season_is_free)
        return {
            "steady": q.eligible & (q.steady & (q.targets > 0))[None, :],
            "cell": cells & some if planned else cells,
            "shortfall": np.ones(len(q.targets), dtype=bool),
            "coverage": asked & planned,
            "excess": feeding & planned,
            "overtime": (q.limits.overtime[first] > 0) & planned,
            "gap_up": every_period,
            "gap_down": every_period,
        }

    @cached_property
    def n_columns(self) -> int:
        """Number of columns."""
        return sum(map(len, self.groups.values()))

    def matrix(self, n_rows: int, *parts: tuple[Ints, Ints, Floats]) -> csr_array:
        """Return a matrix over the columns from (rows, columns, values); equal places add up."""
        rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        return coo_array((values, (rows, columns)), shape=(n_rows, self.n_columns)).tocsr()

    def of_cells(self, n_rows: int, rows: Ints, cells: tuple[Ints, ...], values: Floats) -> csr_array:
        """Return a matrix over the columns from what is said of cells: (row, class, line, period, value)."""
        shape = self.question.reference.shape
        at = np.ravel_multi_index(cells, shape)
        return csr_array(coo_array((values, (rows, at)), shape=(n_rows, int(np.prod(shape)))).tocsr() @ self.cells)

    @cached_property
    def cells(self) -> csr_array:
        """The map from columns to cells, shape (C * S * T, n)."""
        shape = self.question.reference.shape
        steady, cell = self.groups["steady"], self.groups["cell"]
        c, s = (axis[:, None] for axis in steady.at)
        rows = np.ravel_multi_index(np.broadcast_arrays(c, s, np.arange(shape[2])), shape)
        spread = (rows.ravel(), np.repeat(steady.columns, shape[2]), self.question.weights[steady.at[1]].ravel())
        own = (np.ravel_multi_index(cell.at, shape), cell.columns, np.ones(len(cell)))
        return self.matrix(int(np.prod(shape)), spread, own)

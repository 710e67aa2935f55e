"""Which limits collide: one set of them that cannot hold together, and from which none can be left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import LimitReachedError, SolveError
from planalloc.lp.elastic import elastic
from planalloc.lp.scaling import scaling_of
from planalloc.lp.solution import Reason
from planalloc.lp.solvers import Capability

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solution import Solution
    from planalloc.lp.solvers import Solver
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Conflict", "irreducible"]

_PULLS = 1e-7
"""A limit takes part from this share of the largest dual; the rest is rounding. Should it leave out too much, the set
that is left can hold together, and the filter starts from all limits."""


@dataclass(frozen=True, eq=False)
class Conflict:
    """Limits that cannot hold together, although they could without any one of them.

    Attributes
    ----------
    rows : Ints
        Positions of rows, in order.
    columns : Ints
        Positions of columns whose bounds take part, in order.
    """

    rows: Ints
    columns: Ints


def irreducible(
    program: LinearProgram, solver: Solver, *, soft_rows: Ints, soft_columns: Ints, groups: Ints | None = None
) -> Conflict:
    """Find one irreducible infeasible subset of the soft rows and bounds: F-16.

    A sensitivity filter keeps what has a dual when the least gives way: by duality, these limits alone need as much.
    A deletion filter then leaves out what is not needed, the last ones first: as many at once as can be, by halves.
    What is not soft holds throughout.

    Parameters
    ----------
    program : LinearProgram
        An infeasible one. Its objective plays no part.
    solver : Solver
        For linear programs; it must tell infeasible ones.
    soft_rows : Ints
        Rows that may be left out, by position.
    soft_columns : Ints
        Columns whose bounds may be left out, both of them, by position.
    groups : Ints or None
        A number for each of `soft_rows`: rows of the same number are one limit, kept or left out together. By
        default each row is a limit of its own.

    Returns
    -------
    Conflict
        Empty where what is not soft has no answer by itself.

    Raises
    ------
    ValueError
        When the program is feasible, the solver cannot tell infeasible programs, or `groups` does not match.
    LimitReachedError
        When the solver ran out of time or iterations.
    SolveError
        When the solver could not say of some subset whether it is feasible.

    References
    ----------
    .. [1] J. W. Chinneck, "Feasibility and Infeasibility in Optimization", Springer 2008, chapter 6.

    Examples
    --------
    Ten are asked for, and no more than 4 and 5 may be had; that there may be 99 of the first one matters to nobody.

    >>> from planalloc.lp.program import LinearProgram
    >>> from planalloc.lp.solvers.highs import Highs
    >>> program = LinearProgram(
    ...     cost=[0.0, 0.0],
    ...     matrix=[[1.0, 1.0], [1.0, 0.0], [1.0, 0.0]],
    ...     row_lower=[10.0, -np.inf, -np.inf],
    ...     row_upper=[np.inf, 99.0, 4.0],
    ...     lower=[0.0, 0.0],
    ...     upper=[np.inf, 5.0],
    ... )
    >>> conflict = irreducible(program, Highs(), soft_rows=np.arange(3), soft_columns=np.array([1]))
    >>> conflict.rows.tolist(), conflict.columns.tolist()
    ([0, 2], [1])
    """
    if Capability.tells_infeasible not in solver.capabilities:
        raise ValueError(f"{solver.name} cannot tell infeasible programs")
    scaled = scaling_of(program).apply(program)
    limits = _Limits.of(scaled, soft_rows=soft_rows, soft_columns=soft_columns, groups=groups)
    if _feasible(solver.solve(limits.held(limits.every))):
        raise ValueError("the program is feasible: nothing collides")
    kept = _sensitive(limits, solver)
    kept = _needed(limits, solver, kept, np.flatnonzero(kept)[::-1])
    return Conflict(rows=limits.rows_of(kept), columns=limits.columns_of(kept))


@dataclass(frozen=True, eq=False)
class _Limits:
    """The soft rows and columns as limits with numbers from zero, those of the rows first."""

    program: LinearProgram
    rows: Ints
    columns: Ints
    limit_of_row: Ints
    limit_of_column: Ints

    @classmethod
    def of(cls, program: LinearProgram, *, soft_rows: Ints, soft_columns: Ints, groups: Ints | None) -> _Limits:
        """Return the limits, numbered by their first row and then by column."""
        rows, columns = np.asarray(soft_rows, dtype=np.int64), np.asarray(soft_columns, dtype=np.int64)
        labels = np.arange(rows.size) if groups is None else np.asarray(groups)
        if labels.shape != rows.shape:
            raise ValueError(f"groups has shape {labels.shape}, and soft_rows {rows.shape}")
        order = np.argsort(rows, kind="stable")
        _, first, label = np.unique(labels[order], return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(first))
        columns = np.sort(columns)
        return cls(program, rows[order], columns, rank[label], rank.size + np.arange(columns.size))

    @property
    def every(self) -> Bools:
        """All limits, shape (n_limits,)."""
        return np.ones(np.unique(self.limit_of_row).size + self.columns.size, dtype=bool)

    @property
    def crossed(self) -> Bools:
        """Which limits cannot hold even alone, as their two sides cross."""
        crossed = ~self.every
        rows, columns = self.program.row_lower > self.program.row_upper, self.program.lower > self.program.upper
        crossed[self.limit_of_row[rows[self.rows]]] = True
        crossed[self.limit_of_column[columns[self.columns]]] = True
        return crossed

    def rows_of(self, limits: Bools) -> Ints:
        return self.rows[limits[self.limit_of_row]]

    def columns_of(self, limits: Bools) -> Ints:
        return self.columns[limits[self.limit_of_column]]

    def held(self, limits: Bools) -> LinearProgram:
        """Return the program, without a cost, with these limits and none of the others."""
        free_rows, free_columns = self.rows_of(~limits), self.columns_of(~limits)
        return self.program.but(
            cost=np.zeros(self.program.n_columns),
            quadratic=None,
            row_lower=_replaced(self.program.row_lower, free_rows, -np.inf),
            row_upper=_replaced(self.program.row_upper, free_rows, np.inf),
            lower=_replaced(self.program.lower, free_columns, -np.inf),
            upper=_replaced(self.program.upper, free_columns, np.inf),
        )


def _sensitive(limits: _Limits, solver: Solver) -> Bools:
    """Return limits that cannot hold together, few where duals tell which."""
    kept = ~limits.every
    if limits.crossed.any():
        kept[np.argmax(limits.crossed)] = True
        return kept
    every = limits.held(limits.every)
    given = elastic(every, solver, soft_rows=limits.rows, soft_columns=limits.columns)
    if not _feasible(given.solution):
        return kept  # what is not soft has no answer by itself
    pulls = np.zeros(kept.size)
    np.maximum.at(pulls, limits.limit_of_row, np.abs(given.solution.row_duals)[limits.rows])
    np.maximum.at(pulls, limits.limit_of_column, np.abs(given.column_duals)[limits.columns])
    kept = pulls > _PULLS * pulls.max()
    return limits.every if _feasible(solver.solve(limits.held(kept))) else kept


def _needed(limits: _Limits, solver: Solver, kept: Bools, candidates: Ints, *, some: bool = False) -> Bools:
    """Return what is left of limits that cannot hold together when those that are not needed are left out.

    Parameters
    ----------
    limits : _Limits
        All of them.
    solver : Solver
        Which tells whether some can hold together.
    kept : Bools
        Limits that cannot hold together.
    candidates : Ints
        Which of them may be left out, in the order in which they are.
    some : bool
        Whether it is known that not all of these can be.
    """
    if not candidates.size:
        return kept
    if not some:
        without = kept.copy()
        without[candidates] = False
        if not _feasible(solver.solve(limits.held(without))):
            return without
    if candidates.size == 1:
        return kept
    first, rest = np.array_split(candidates, 2)
    left = _needed(limits, solver, kept, first)
    return _needed(limits, solver, left, rest, some=not left[first].any())


def _feasible(solution: Solution) -> bool:
    """Return what the solver found out.

    Raises
    ------
    LimitReachedError
        When it ran out of time or iterations.
    SolveError
        When it found out nothing.
    """
    if solution.ok or solution.reason is Reason.infeasible:
        return solution.ok
    kind = LimitReachedError if solution.reason in {Reason.time_limit, Reason.iteration_limit} else SolveError
    raise kind(f"{solution.solver} could not say whether the limits can hold together: {solution.raw_status}")


def _replaced(values: Floats, at: Ints, by: float) -> Floats:
    values = values.copy()
    values[at] = by
    return values

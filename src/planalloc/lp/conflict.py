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

_GIVES_WAY = 1e-6
"""A limit gives way from this share of what gives way most; the rest is rounding. Where nothing does, all count: the
filter then only costs more."""


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

    An elastic filter collects what gives way until the collection alone is infeasible; a deletion filter then
    leaves out what is not needed for that, the last ones first. What is not soft holds throughout.

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
    kept = _collected(limits, solver)
    for limit in np.flatnonzero(kept)[::-1]:
        kept[limit] = False
        kept[limit] = _feasible(solver.solve(limits.held(kept)))
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


def _collected(limits: _Limits, solver: Solver) -> Bools:
    """Return limits that cannot hold together: what gives way first, what gives way when that may not, and so on."""
    collected = ~limits.every
    if limits.crossed.any():
        collected[np.argmax(limits.crossed)] = True
        return collected
    program = limits.held(limits.every)
    while not collected.all():
        given = elastic(
            program, solver, soft_rows=limits.rows_of(~collected), soft_columns=limits.columns_of(~collected)
        )
        if not _feasible(given.solution):
            break
        amounts = np.zeros(collected.size)
        np.maximum.at(amounts, limits.limit_of_row, np.abs(given.rows)[limits.rows])
        np.maximum.at(amounts, limits.limit_of_column, np.abs(given.columns)[limits.columns])
        collected |= amounts >= _GIVES_WAY * amounts.max()
    return collected


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

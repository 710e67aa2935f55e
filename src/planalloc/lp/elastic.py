"""The least that must give way before a program has an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solution import Solution
    from planalloc.lp.solvers import Solver
    from planalloc.types import Floats, Ints

__all__ = ["Relaxation", "elastic"]


@dataclass(frozen=True, eq=False)
class Relaxation:
    """By how much rows and columns lie outside their ranges in the cheapest answer.

    Attributes
    ----------
    rows : Floats
        Shape (m,): negative below the lower side, positive above the upper one, zero within.
    columns : Floats
        Shape (n,), likewise.
    column_duals : Floats
        Shape (n,): of the bounds that may give way, zero elsewhere.
    solution : Solution
        Of the relaxed program, with `x` and `reduced_costs` of its n columns and `row_duals` of its m rows. Its
        objective is the weighted sum of the amounts. Not ok where even the rest, which does not give way, has no
        answer.
    """

    rows: Floats
    columns: Floats
    column_duals: Floats
    solution: Solution


def elastic(
    program: LinearProgram,
    solver: Solver,
    *,
    soft_rows: Ints,
    soft_columns: Ints,
    row_weights: Floats | None = None,
    column_weights: Floats | None = None,
) -> Relaxation:
    """Find the least weighted sum of violations that makes a program feasible.

    Parameters
    ----------
    program : LinearProgram
        Its cost plays no part.
    solver : Solver
        For linear programs.
    soft_rows : Ints
        Rows that may give way, by position.
    soft_columns : Ints
        Columns whose bounds may give way, by position.
    row_weights, column_weights : Floats or None
        Price per unit of each of them, in the same order; one for each by default.

    Returns
    -------
    Relaxation
        All zero where the program is feasible.

    References
    ----------
    .. [1] J. W. Chinneck, "Feasibility and Infeasibility in Optimization", Springer 2008, chapter 6.

    Examples
    --------
    Ten are asked for, and no more than 4 and 5 may be had.

    >>> from planalloc.lp.program import LinearProgram
    >>> from planalloc.lp.solvers.highs import Highs
    >>> program = LinearProgram(
    ...     cost=[0.0, 0.0], matrix=[[1.0, 1.0]], row_lower=[10.0], row_upper=[10.0], lower=[0.0, 0.0], upper=[4.0, 5.0]
    ... )
    >>> relaxation = elastic(
    ...     program, Highs(), soft_rows=np.array([0]), soft_columns=np.array([1]), row_weights=np.array([2.0])
    ... )
    >>> relaxation.rows.tolist(), relaxation.columns.tolist()
    ([0.0], [0.0, 1.0])
    """
    n, m = program.n_columns, program.n_rows
    loose_lower, loose_upper = program.lower.copy(), program.upper.copy()
    loose_lower[soft_columns], loose_upper[soft_columns] = -np.inf, np.inf
    bounds_as_rows = csr_array(eye_array(n, format="csr")[soft_columns])
    soft = np.concatenate([soft_rows, m + np.arange(len(soft_columns))]).astype(np.int64)
    under = csr_array((np.ones(soft.size), (soft, np.arange(soft.size))), shape=(m + len(soft_columns), soft.size))
    weights = np.concatenate(
        [
            np.ones(len(soft_rows)) if row_weights is None else row_weights,
            np.ones(len(soft_columns)) if column_weights is None else column_weights,
        ]
    )
    relaxed = program.but(
        cost=np.concatenate([np.zeros(n), weights, weights]),
        matrix=csr_array(hstack([vstack([program.matrix, bounds_as_rows]), under, -under])),
        row_lower=np.concatenate([program.row_lower, program.lower[soft_columns]]),
        row_upper=np.concatenate([program.row_upper, program.upper[soft_columns]]),
        lower=np.concatenate([loose_lower, np.zeros(2 * soft.size)]),
        upper=np.concatenate([loose_upper, np.full(2 * soft.size, np.inf)]),
        quadratic=None,
        row_names=(),
        column_names=(),
    )
    solution = solver.solve(relaxed)
    below, above = solution.x[n:].reshape(2, -1)
    outside = np.zeros(m + len(soft_columns))
    outside[soft] = above - below
    columns, column_duals = np.zeros(n), np.zeros(n)
    columns[soft_columns], column_duals[soft_columns] = outside[m:], solution.row_duals[m:]
    return Relaxation(
        rows=outside[:m],
        columns=columns,
        column_duals=column_duals,
        solution=replace(
            solution, x=solution.x[:n], row_duals=solution.row_duals[:m], reduced_costs=solution.reduced_costs[:n]
        ),
    )

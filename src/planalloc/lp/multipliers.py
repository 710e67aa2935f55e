"""Of all multipliers that prove an answer optimal, those of least size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from planalloc.lp.program import LinearProgram

if TYPE_CHECKING:
    from planalloc.lp.solution import Solution
    from planalloc.types import Bools, Floats

__all__ = ["least_multipliers"]

AT_A_SIDE = 1e-9
"""Distance from a side, relative to its size, below which a row or a column is there."""

NO_WEIGHT = 1e-12
"""A row whose multiplier weighs less than this share of the heaviest one's weighs nothing."""


def least_multipliers(program: LinearProgram, solution: Solution, *, weights: Floats) -> Floats:
    """Return the row multipliers of least size among all that prove an answer optimal.

    Where more sides bind than are needed to hold an answer, multipliers are not unique, and large ones of opposite sign
    may offset each other. Size is the sum, over rows and binding bounds of columns, of the multiplier squared times the
    sum over columns of weight times coefficient squared: scaling a row changes nothing, and alike rows get alike
    multipliers. The square makes it unique wherever a row meets a column that weighs.

    Parameters
    ----------
    program : LinearProgram
        Linear or quadratic.
    solution : Solution
        An optimum of it.
    weights : Floats
        Weight of each column, not negative, shape (n,).

    Returns
    -------
    Floats
        Shape (m,). The solution's own where least ones could not be certified. Those of the columns are what the rows
        leave of the objective's slope.

    Notes
    -----
    With M the binding rows and bounds and g the slope of the objective, the program is: least sum of w y^2 / 2 over y
    with M'y = g, signs respected. Its dual, which has the shape of the program itself, is what is solved:
    least g'u + sum of v^2 / (2 w) with M u - v in the cone of the signs.

    Examples
    --------
    Two rows say the same, and any two multipliers that sum to 3 hold the answer.

    >>> from planalloc.lp.solvers.highs import Highs
    >>> program = LinearProgram(
    ...     cost=[3.0],
    ...     matrix=[[1.0], [1.0]],
    ...     row_lower=[5.0, 5.0],
    ...     row_upper=[9.0, 9.0],
    ...     lower=[0.0],
    ...     upper=[9.0],
    ... )
    >>> least_multipliers(program, Highs().solve(program), weights=np.ones(1)).round(9).tolist()
    [1.5, 1.5]
    """
    from planalloc.lp.solvers.interior import InteriorPoint  # noqa: PLC0415 -- loaded only when needed

    sides = [_sides(program.matrix @ solution.x, program.row_lower, program.row_upper)]
    sides.append(_sides(solution.x, program.lower, program.upper))
    rows, columns = (np.flatnonzero(below | above) for below, above in sides)
    held = csr_array(vstack([program.matrix[rows], eye_array(program.n_columns, format="csr")[columns]]))
    below, above = (np.concatenate([sides[0][i][rows], sides[1][i][columns]]) for i in (0, 1))
    found = InteriorPoint().solve(_dual(held, program.gradient(solution.x), below, above, weights=weights))
    if not found.ok:
        return solution.row_duals[: program.n_rows]
    multipliers = np.zeros(program.n_rows)
    multipliers[rows] = found.row_duals[: len(rows)]
    return multipliers


def _sides(at: Floats, lower: Floats, upper: Floats) -> tuple[Bools, Bools]:
    """Return who is at the lower and who at the upper side."""
    below, above = (
        np.isfinite(side) & (np.abs(at - side) <= AT_A_SIDE * np.maximum(1.0, np.abs(side))) for side in (lower, upper)
    )
    return below, above


def _dual(held: csr_array, slopes: Floats, below: Bools, above: Bools, *, weights: Floats) -> LinearProgram:
    """Return the program in u and v whose row duals are the least multipliers."""
    k, n = held.shape
    sizes = held.multiply(held) @ weights
    heavy = sizes > NO_WEIGHT * sizes.max(initial=0.0)
    return LinearProgram(
        cost=np.concatenate([slopes, np.zeros(k)]),
        matrix=csr_array(hstack([held, -eye_array(k)])),
        row_lower=np.where(below, 0.0, -np.inf),
        row_upper=np.where(above, 0.0, np.inf),
        lower=np.concatenate([np.full(n, -np.inf), np.where(heavy, -np.inf, 0.0)]),
        upper=np.concatenate([np.full(n, np.inf), np.where(heavy, np.inf, 0.0)]),
        quadratic=np.concatenate([np.zeros(n), np.divide(1.0, sizes, out=np.zeros(k), where=heavy)]),
    )

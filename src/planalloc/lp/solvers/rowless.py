"""Programs whose rows have no entries: each column is alone, and its best value is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.lp.residuals import PRIMAL_TOLERANCE, checked, measure
from planalloc.lp.solution import Reason, Solution

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram

__all__ = ["solve_rowless"]


def solve_rowless(program: LinearProgram, *, solver: str) -> Solution | None:
    """Return the solution where it can be seen without a solver, None elsewhere.

    Parameters
    ----------
    program : LinearProgram
        Any program.
    solver : str
        Name to put on the solution.

    Returns
    -------
    Solution or None
        None unless bounds cross or the matrix has no entry.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[-4.0, 1.0],
    ...     matrix=np.zeros((0, 2)),
    ...     row_lower=[],
    ...     row_upper=[],
    ...     lower=[0.0, 3.0],
    ...     upper=[9.0, 9.0],
    ...     quadratic=[1.0, 0.0],
    ... )
    >>> solve_rowless(program, solver="eye").x.tolist()
    [4.0, 3.0]
    """
    if program.crossed:
        return Solution.none(program, Reason.infeasible, solver=solver, raw_status="bounds cross")
    if program.matrix.nnz:
        return None
    curved = program.curvature > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        aim = np.where(curved, -program.cost / program.curvature, np.where(program.cost, -np.inf * program.cost, 0.0))
    x = np.clip(aim, program.lower, program.upper)
    bounded = np.where(np.isfinite(x), x, np.clip(0.0, program.lower, program.upper))
    no_duals = np.zeros(program.n_rows)
    if measure(program, bounded, no_duals).primal > PRIMAL_TOLERANCE:
        return Solution.none(program, Reason.infeasible, solver=solver, raw_status="a row without entries is not zero")
    if not np.isfinite(x).all():
        return Solution.none(program, Reason.unbounded, solver=solver, raw_status="a column without rows has no end")
    return checked(program, x, no_duals, solver=solver, raw_status="seen without solving")

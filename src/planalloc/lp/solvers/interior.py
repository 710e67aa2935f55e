"""A primal-dual interior-point method for convex programs with a separable quadratic term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from planalloc.lp.polish import polish
from planalloc.lp.residuals import SHARP, checked, measure
from planalloc.lp.scaling import scaling_of
from planalloc.lp.solution import Reason, Solution
from planalloc.lp.solvers import Capability
from planalloc.lp.solvers.path import central_path
from planalloc.lp.solvers.rowless import solve_rowless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats

__all__ = ["InteriorPoint"]

_STARTS = (1.0, 1e3)
"""How far from the bounds the path starts, in scaled units: near first, and far where that was in vain."""


@dataclass(frozen=True)
class InteriorPoint:
    """Mehrotra's predictor-corrector method, and a polish of what it comes near to.

    The path through the interior tells which bounds and rows will bind; from there on the answer is the
    solution of equations, and exact. Where the polish does not yield a certified answer, the path goes on and it
    is tried again. There is never an answer without a certificate, and never a claim that there is none: an
    infeasible or unbounded program ends with ``Reason.numerical``.

    References
    ----------
    .. [1] S. Mehrotra, "On the implementation of a primal-dual interior point method", SIAM Journal on
           Optimization 2 (1992) 575-601.
    .. [2] A. Altman, J. Gondzio, "Regularized symmetric indefinite systems in interior point methods for linear
           and quadratic optimization", Optimization Methods and Software 11 (1999) 275-302.

    Examples
    --------
    Two columns stay as near to 4 and 6 as they can, in proportion, when five units less are to be shared.

    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[-2.0, -2.0],
    ...     quadratic=[2 / 4, 2 / 6],
    ...     matrix=[[1.0, 1.0]],
    ...     row_lower=[5.0],
    ...     row_upper=[5.0],
    ...     lower=[0.0, 0.0],
    ...     upper=[9.0, 9.0],
    ... )
    >>> InteriorPoint().solve(program).x.round(9).tolist()
    [2.0, 3.0]
    """

    name: ClassVar[str] = "interior-point"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.quadratic})

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def solve(self, program: LinearProgram) -> Solution:
        """Return the minimum of `program`, linear or quadratic, or say that none was found."""
        known = solve_rowless(program, solver=self.name)
        if known is not None:
            return known
        best, least, steps = None, np.inf, 0
        for x, row_duals, iterations in _candidates(program):
            steps = iterations
            answer = polish(program, x, row_duals)
            worst = measure(program, *answer).worst
            if worst < least:
                best, least = answer, worst
            if worst <= SHARP:
                break
        if best is None:
            return Solution.none(program, Reason.numerical, solver=self.name, iterations=steps)
        return checked(program, *best, solver=self.name, iterations=steps, raw_status="polished")


def _candidates(program: LinearProgram) -> Iterator[tuple[Floats, Floats, int]]:
    """Follow the path without what is fixed or empty, in scaled numbers; yield points of the program itself."""
    scaling = scaling_of(program)
    scaled = scaling.apply(program)
    free = np.flatnonzero(scaled.lower < scaled.upper)
    x = np.where(scaled.lower == scaled.upper, scaled.lower, 0.0)
    row_duals = np.zeros(program.n_rows)
    fixed = scaled.matrix @ x
    matrix = scaled.matrix[:, free]
    open_rows = np.isinf(scaled.row_lower) & np.isinf(scaled.row_upper)
    rows = np.flatnonzero((np.diff(matrix.indptr) > 0) & ~open_rows)
    reduced = scaled.but(
        cost=scaled.cost[free],
        matrix=matrix[rows],
        row_lower=(scaled.row_lower - fixed)[rows],
        row_upper=(scaled.row_upper - fixed)[rows],
        lower=scaled.lower[free],
        upper=scaled.upper[free],
        quadratic=scaled.curvature[free],
        row_names=(),
        column_names=(),
    )
    known = solve_rowless(reduced, solver=InteriorPoint.name)
    if known is not None:
        x[free] = known.x
        yield scaling.x(x), scaling.row_duals(row_duals), 0
        return
    before = 0
    for start in _STARTS:
        iterations = 0
        for x[free], row_duals[rows], iterations in central_path(reduced, start=start):
            yield scaling.x(x), scaling.row_duals(row_duals), before + iterations
        before += iterations

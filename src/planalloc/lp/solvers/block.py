"""An interior-point method for programs of many small blocks with a few rows that tie them together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from planalloc.lp.residuals import checked
from planalloc.lp.scaling import Scaling, scaling_of
from planalloc.lp.solution import Reason, Solution
from planalloc.lp.solvers import Capability
from planalloc.lp.solvers.block_newton import BlockSystem
from planalloc.lp.solvers.block_path import block_path
from planalloc.lp.solvers.block_polish import guesses
from planalloc.lp.solvers.block_reason import reason_of
from planalloc.lp.solvers.block_redundant import implied_rows
from planalloc.lp.solvers.block_shape import BlockShape, block_shape
from planalloc.lp.solvers.rowless import solve_rowless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats, Ints

__all__ = ["Block", "Reduced"]

NO_SHAPE = "the program does not fall into small blocks"

_STARTS = ((1.0, 1e-12), (1.0, 1e-10), (10.0, 1e-8), (1.0, 1e-6))
"""How far from the bounds the path starts, and the regularization: near and little first, more of either where that was
in vain, since refinement takes longer then."""


@dataclass(frozen=True, eq=False)
class Reduced:
    """A program without what is fixed, empty, open or implied, scaled, with its blocks.

    Attributes
    ----------
    whole : LinearProgram
        The program itself.
    program : LinearProgram
        What is left of it, scaled.
    system : BlockSystem
        Its matrix and shape.
    scaling : Scaling
        Between the two.
    free, rows : Ints
        What is left, by position.
    """

    whole: LinearProgram
    program: LinearProgram
    system: BlockSystem
    scaling: Scaling
    free: Ints
    rows: Ints

    @classmethod
    def of(cls, program: LinearProgram) -> Reduced | None:
        """Return what is left of a program whose bounds do not cross, None where it has no shape."""
        free = np.flatnonzero(program.lower < program.upper)
        fixed = program.matrix @ np.where(program.lower == program.upper, program.lower, 0.0)
        matrix = program.matrix if free.size == program.n_columns else program.matrix[:, free]
        if not matrix.data.all():
            matrix = matrix.copy()
            matrix.eliminate_zeros()
        rest = program.but(
            cost=program.cost[free],
            matrix=matrix,
            row_lower=program.row_lower - fixed,
            row_upper=program.row_upper - fixed,
            lower=program.lower[free],
            upper=program.upper[free],
            quadratic=program.curvature[free],
            row_names=(),
            column_names=(),
        )
        open_rows = np.isinf(rest.row_lower) & np.isinf(rest.row_upper)
        rows = np.flatnonzero((np.diff(matrix.indptr) > 0) & ~open_rows)
        shape = _shape(rest := _only(rest, rows))
        if shape is None:
            return None
        needed = np.flatnonzero(~implied_rows(rest, shape))
        scaling = scaling_of(rest := _only(rest, needed))
        scaled = scaling.apply(rest)
        shape = _shape(scaled)
        if shape is None:
            return None
        return cls(program, scaled, BlockSystem.of(scaled.matrix, shape), scaling, free, rows[needed])

    def back(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return amounts and row duals of the program itself."""
        amounts = np.where(self.whole.lower == self.whole.upper, self.whole.lower, 0.0)
        amounts[self.free] = self.scaling.x(x)
        duals = np.zeros(self.whole.n_rows)
        duals[self.rows] = self.scaling.row_duals(y)
        return np.clip(amounts, self.whole.lower, self.whole.upper), duals


@dataclass(frozen=True)
class Block:
    """Mehrotra's predictor-corrector method, all blocks of the program at once.

    Each step factors the blocks as stacks of small dense matrices, and what ties them as one small system more.
    From near the optimum the answer is the solution of equations, as in `InteriorPoint`, and exact. There is never
    an answer without a certificate; a program that does not fall into small blocks ends with ``Reason.other``.

    References
    ----------
    .. [1] J. Gondzio, R. Sarkissian, "Parallel interior-point solver for structured linear programs", Mathematical
           Programming 96 (2003) 561-584.
    .. [2] S. Mehrotra, "On the implementation of a primal-dual interior point method", SIAM Journal on
           Optimization 2 (1992) 575-601.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[2.0, 1.0], matrix=[[1.0, 1.0]], row_lower=[10.0], row_upper=[10.0], lower=[0.0, 0.0], upper=[9.0, 9.0]
    ... )
    >>> Block().solve(program).x.round(9).tolist()
    [1.0, 9.0]
    """

    name: ClassVar[str] = "block"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.quadratic, Capability.tells_infeasible})

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def solve(self, program: LinearProgram) -> Solution:
        """Return the minimum of `program`, linear or quadratic, or the reason why there is none."""
        solution = _solve(program)
        if solution.reason is not Reason.numerical:
            return solution
        reason, words = reason_of(program, _solve)
        return replace(solution, reason=reason, raw_status=f"{words} ({solution.raw_status})")


def _only(program: LinearProgram, rows: Ints) -> LinearProgram:
    """Return the program with these rows alone."""
    if rows.size == program.n_rows:
        return program
    return program.but(
        matrix=program.matrix[rows], row_lower=program.row_lower[rows], row_upper=program.row_upper[rows]
    )


def _shape(program: LinearProgram) -> BlockShape | None:
    if not program.matrix.nnz:
        return BlockShape.of_nothing()
    return block_shape(program.matrix, equations=program.row_lower == program.row_upper)


def _solve(program: LinearProgram) -> Solution:
    """Return the minimum, or that none was certified."""
    known = solve_rowless(program, solver=Block.name)
    if known is not None:
        return known
    reduced = Reduced.of(program)
    if reduced is None:
        return Solution.none(program, Reason.other, solver=Block.name, raw_status=NO_SHAPE)
    solution = Solution.none(program, Reason.numerical, solver=Block.name)
    for x, y, iterations in _candidates(reduced):
        answer = reduced.back(x, y)
        solution = checked(program, *answer, solver=Block.name, iterations=iterations, raw_status="polished")
        if solution.ok:
            break
    return solution


def _candidates(reduced: Reduced) -> Iterator[tuple[Floats, Floats, int]]:
    known = solve_rowless(reduced.program, solver=Block.name)
    if known is not None:
        if known.ok:
            yield known.x, known.row_duals, 0
        return
    before = 0
    for start, regularization in _STARTS:
        iterations, system = 0, replace(reduced.system, regularization=regularization)
        for x, y, iterations in block_path(reduced.program, system, start=start):
            for answer in guesses(reduced.program, system, x, y):
                yield *answer, before + iterations
        before += iterations

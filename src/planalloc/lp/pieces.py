"""A quadratic objective on a solver that knows only linear ones: convex pieces, ever finer around the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack

from planalloc.lp.polish import polish
from planalloc.lp.residuals import PRIMAL_TOLERANCE, SHARP, checked, measure
from planalloc.lp.scaling import equilibrate
from planalloc.lp.solution import Reason, Solution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solvers import Solver
    from planalloc.types import Floats, Ints

__all__ = ["solve_by_pieces"]

_EDGES = np.array([0.0, 1.0, 2.0, 4.0, 16.0, 256.0, 65536.0])
"""Ends of the pieces on either side of the center, in steps; the last piece goes on to the bound."""

_SHRINK = 0.25
"""Steps shrink by this where the answer stayed within one of them."""

_WIDEN = 4.0
"""Steps widen by this where the answer went beyond the fine pieces."""

_MAX_ROUNDS = 80
"""From the size of the amounts to a hundred-millionth of it takes fifteen rounds, and a few where the center moves."""

_RESOLUTION = 1e-8
"""Where the caller names none: this share of the largest amount, in each column's scale."""


def solve_by_pieces(program: LinearProgram, solver: Solver, *, resolution: Floats | float | None = None) -> Solution:
    """Minimize a separable convex program by a sequence of linear ones.

    Each quadratic term is replaced by its secants between points around the last answer; the points draw together
    where the answer stays and follow it where it moves. What is found on the way is polished, and the first answer
    that is certified is returned; where none is, the one that no longer moves by more than the resolution.

    Parameters
    ----------
    program : LinearProgram
        With or without a quadratic term.
    solver : Solver
        For linear programs.
    resolution : Floats or float or None
        Distance, in the unit of the columns, below which a move is none; shape (n,) or one for all. By default
        1e-8 of the largest amount. A column gets no sharper than those it shares rows with.

    Returns
    -------
    Solution
        With ``Reason.numerical`` where the answer did not settle, and the linear solver's own reason where a
        linear program had no answer.

    References
    ----------
    .. [1] E. P. C. Kao, R. R. Meyer, "Secant approximation methods for convex optimization", Mathematical
           Programming Study 14 (1981) 143-162.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> from planalloc.lp.solvers.highs import Highs
    >>> program = LinearProgram(
    ...     cost=[-2.0, -2.0],
    ...     quadratic=[2 / 4, 2 / 6],
    ...     matrix=[[1.0, 1.0]],
    ...     row_lower=[5.0],
    ...     row_upper=[5.0],
    ...     lower=[0.0, 0.0],
    ...     upper=[9.0, 9.0],
    ... )
    >>> solve_by_pieces(program, Highs(), resolution=0.01).x.round(9).tolist()
    [2.0, 3.0]
    """
    if program.linear:
        return solver.solve(program)
    name = f"{solver.name} in pieces"
    exact = rough = Solution.none(program, Reason.numerical, solver=name, raw_status="did not settle")
    iterations, least = 0, np.inf
    for found, settled in refinements(program, solver, resolution=resolution):
        iterations += found.iterations
        if not found.ok:
            rough = found
            break
        if settled and measure(program, found.x, found.row_duals).primal <= PRIMAL_TOLERANCE:
            rough = replace(found, raw_status="settled within the resolution")
        answer = polish(program, found.x, found.row_duals)
        worst = measure(program, *answer).worst
        if worst < least:
            least, exact = worst, checked(program, *answer, solver=name, raw_status="polished")
        if worst <= SHARP:
            break
    return replace(exact if exact.ok else rough, solver=name, iterations=iterations)


def refinements(
    program: LinearProgram, solver: Solver, *, resolution: Floats | float | None = None
) -> Iterator[tuple[Solution, bool]]:
    """Yield the answers of ever finer linear programs, and whether the last one settled within the resolution.

    The solutions are those of the pieces, put on the columns of `program`; see `solve_by_pieces`.
    """
    found = _start(program, solver)
    if not found.ok:
        yield found, False
        return
    curved = np.flatnonzero(program.curvature > 0)
    center = found.x[curved]
    scale = equilibrate(program.matrix)[1][curved]
    largest = float((np.abs(center) / scale).max(initial=0.0)) or 1.0
    goal = _RESOLUTION * largest * scale
    if resolution is not None:
        goal = np.broadcast_to(resolution, program.curvature.shape)[curved]
    step = np.maximum(0.25 * np.abs(center), 1e-3 * largest * scale)
    for _ in range(_MAX_ROUNDS):
        pieces = _Pieces.around(program, curved, center, step)
        found = pieces.restored(solver.solve(pieces.program))
        if found.reason is Reason.unbounded:
            step = step * _EDGES[-1]
            continue
        if not found.ok:
            yield _puzzled(found), False
            return
        moved = np.abs(found.x[curved] - center)
        settled = bool(((moved <= goal) & (step <= goal)).all())
        yield found, settled
        if settled:
            return
        center = found.x[curved]
        step = np.where(moved <= step, _SHRINK * step, np.where(moved > _EDGES[3] * step, _WIDEN * step, step))
        step = np.maximum(step, 0.5 * goal)


def _start(program: LinearProgram, solver: Solver) -> Solution:
    """Return a feasible point, or the reason why the program has no optimum.

    A feasible convex program is unbounded just where it is so while its curved columns stand still.
    """
    feasible = solver.solve(program.but(cost=np.zeros(program.n_columns), quadratic=None))
    if not feasible.ok:
        return feasible
    curved = program.curvature > 0
    standing = program.but(
        quadratic=None,
        lower=np.where(curved, feasible.x, program.lower),
        upper=np.where(curved, feasible.x, program.upper),
    )
    return _puzzled(solver.solve(standing))


def _puzzled(solution: Solution) -> Solution:
    """Take "infeasible" for the rounding error that it must be once a feasible point is known."""
    return replace(solution, reason=Reason.numerical) if solution.reason is Reason.infeasible else solution


@dataclass(frozen=True, eq=False)
class _Pieces:
    """A linear program with the columns of the original, the curved ones held at the center, and then their pieces.

    The pieces go rightwards first and then leftwards. The columns at the center keep amounts and costs in the
    program by which its solver can tell what is small.
    """

    original: LinearProgram
    program: LinearProgram
    curved: Ints

    @classmethod
    def around(cls, original: LinearProgram, curved: Ints, center: Floats, step: Floats) -> _Pieces:
        """Cut the quadratic terms at `center` plus and minus multiples of `step`, each of shape (n_curved,)."""
        curvature = original.curvature[curved]
        slope = original.cost[curved] + curvature * center
        right_width, right_middle = _cuts(original.upper[curved] - center, step)
        left_width, left_middle = _cuts(center - original.lower[curved], step)
        lower, upper = original.lower.copy(), original.upper.copy()
        lower[curved] = upper[curved] = center
        widths = np.concatenate([right_width, left_width])
        slopes = np.concatenate([slope + curvature * right_middle, -slope + curvature * left_middle])
        matrix = original.matrix[:, curved]
        sides = [matrix] * right_width.shape[0] + [-matrix] * left_width.shape[0]
        return cls(
            original=original,
            curved=curved,
            program=original.but(
                cost=np.concatenate([original.cost, slopes.ravel()]),
                matrix=csr_array(hstack([original.matrix, *sides])),
                lower=np.concatenate([lower, np.zeros(widths.size)]),
                upper=np.concatenate([upper, widths.ravel()]),
                quadratic=None,
                column_names=(),
            ),
        )

    def restored(self, solution: Solution) -> Solution:
        """Return the solution on the columns of the original program."""
        n = self.original.n_columns
        x = solution.x[:n].copy()
        right, left = solution.x[n:].reshape(2, -1, self.curved.size).sum(axis=1)
        x[self.curved] += right - left
        x = np.clip(x, self.original.lower, self.original.upper)
        return replace(
            solution,
            x=x,
            reduced_costs=self.original.gradient(x) - self.original.matrix.T @ solution.row_duals,
            objective=self.original.objective(x),
        )


def _cuts(room: Floats, step: Floats) -> tuple[Floats, Floats]:
    """Return width and middle of each piece between the center and a bound `room` away, shape (n_pieces, n_curved)."""
    ends = np.minimum(_EDGES[:, None] * step, room)
    last = np.maximum(room - ends[-1], 0.0)
    width = np.concatenate([np.diff(ends, axis=0), last[None]])
    middle = np.concatenate([0.5 * (ends[:-1] + ends[1:]), (ends[-1] + 0.5 * np.minimum(last, ends[-1]))[None]])
    return width, middle

"""Several objectives, strictly one after the other: a later one never spoils an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

from planalloc.lp.pieces import solve_by_pieces
from planalloc.lp.residuals import objective_scale
from planalloc.lp.solution import Reason, Solution, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solvers import Solver
    from planalloc.types import Floats

__all__ = ["Tier", "lexicographic", "narrowed"]

BINDING = 1e-9
"""A multiplier counts, and its side is held from then on, above this share of the cost's largest: the most that our
check lets pass as noise. Noise taken for a multiplier would hold what is free, and nobody would notice; a multiplier
taken for noise shows as a spoiled objective, and is made good."""

SPOILED = 1e-9
"""An earlier objective may be worse by this share of the size of its terms: rounding errors."""


ROOM = 1e-12
"""Where an earlier objective has to be kept by a row of its own, the row leaves this share of the size of its terms:
enough that rounding does not make it infeasible, little enough that a later tier gains nothing by it."""


@dataclass(frozen=True, eq=False)
class Tier:
    """One objective among several.

    Attributes
    ----------
    name : str
        For reports.
    cost : Floats
        Shape (n,).
    quadratic : Floats or None
        Shape (n,), as in `LinearProgram`; only the last tier may have one.
    """

    name: str
    cost: Floats
    quadratic: Floats | None = None


def lexicographic(
    program: LinearProgram,
    tiers: Sequence[Tier],
    *,
    linear: Solver,
    convex: Solver,
    resolution: Floats | float | None = None,
    rest: Callable[[LinearProgram, Sequence[Tier]], list[Solution] | None] | None = None,
) -> list[Solution]:
    """Minimize the first tier, among its optima the second, and so on.

    After a tier the program is narrowed to exactly its optima: by complementary slackness these are the feasible
    points with every column at its bound whose reduced cost is not zero, and every row at its side whose dual is
    not zero, whichever optimal duals were found. Each later answer is checked against the objectives before.

    Parameters
    ----------
    program : LinearProgram
        The ranges of rows and columns; its own cost is not used.
    tiers : Sequence[Tier]
        In order of importance.
    linear : Solver
        Solves the tiers without a quadratic term.
    convex : Solver
        Solves the last tier where it has one. Where it finds no answer, `linear` does it in pieces.
    resolution : Floats or float or None
        As in `solve_by_pieces`.
    rest : Callable, optional
        Solves all tiers that are left at once, on what is left of the program after a tier, where it can; else None.

    Returns
    -------
    list of Solution
        One per tier, in order. The last one found, which is optimal in all tiers, is the answer; where a tier has
        no answer, it is the last of the list. Duals are those of the narrowed programs: a row that was made an
        equation may have a dual of either sign in the tiers after it.

    Raises
    ------
    ValueError
        When a tier before the last has a quadratic term.

    Examples
    --------
    Ten units are cheapest in the last two columns, whatever their shares; the second tier wants these even.

    >>> from planalloc.lp.program import LinearProgram
    >>> from planalloc.lp.solvers.highs import Highs
    >>> from planalloc.lp.solvers.interior import InteriorPoint
    >>> program = LinearProgram(
    ...     cost=np.zeros(3),
    ...     matrix=[[1.0, 1.0, 1.0]],
    ...     row_lower=[10.0],
    ...     row_upper=[10.0],
    ...     lower=np.zeros(3),
    ...     upper=np.full(3, np.inf),
    ... )
    >>> tiers = [Tier("price", np.array([2.0, 1.0, 1.0])), Tier("evenness", np.zeros(3), np.ones(3))]
    >>> lexicographic(program, tiers, linear=Highs(), convex=InteriorPoint())[-1].x.round(9).tolist()
    [0.0, 5.0, 5.0]
    """
    if any(tier.quadratic is not None and np.any(tier.quadratic) for tier in tiers[:-1]):
        raise ValueError("only the last tier may have a quadratic term")
    solutions: list[Solution] = []
    kept: list[_Kept] = []
    face = program
    for number, tier in enumerate(tiers, start=1):
        for ground in _grounds(program, face, kept):
            current = ground.but(cost=tier.cost, quadratic=tier.quadratic)
            solution = _unspoiled(_solve(current, linear=linear, convex=convex, resolution=resolution), kept)
            if solution.ok or solution.reason is Reason.time_limit:
                break
        solutions.append(replace(solution, row_duals=solution.row_duals[: program.n_rows]))
        if not solution.ok:
            break
        if current.linear:
            kept.append(_Kept(current.cost, solution.objective, objective_scale(current, solution.x)))
            face = narrowed(current, solution)
        found = rest(face, tiers[number:]) if rest is not None and len(tiers) > number + 1 else None
        if found is not None and _unspoiled(found[-1], kept).ok:
            return solutions + found
    return solutions


def narrowed(program: LinearProgram, solution: Solution) -> LinearProgram:
    """Return the linear program with its optima as its only feasible points, told from one optimal `solution`.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> from planalloc.lp.solvers.highs import Highs
    >>> program = LinearProgram(
    ...     cost=[2.0, 1.0, 1.0],
    ...     matrix=[[1.0, 1.0, 1.0]],
    ...     row_lower=[10.0],
    ...     row_upper=[99.0],
    ...     lower=np.zeros(3),
    ...     upper=np.full(3, 99.0),
    ... )
    >>> optima = narrowed(program, Highs().solve(program))
    >>> optima.upper.tolist(), optima.row_upper.tolist()
    ([0.0, 99.0, 99.0], [10.0])
    """
    row_scale, column_scale = program.balance
    least = BINDING * float(np.abs(program.cost * column_scale).max(initial=0.0))
    if not least:
        return program
    slopes = solution.reduced_costs * column_scale
    duals = solution.row_duals / row_scale
    lower, upper = _held(slopes, program.lower, program.upper, least=least)
    row_lower, row_upper = _held(duals, program.row_lower, program.row_upper, least=least)
    return program.but(lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)


def _held(multipliers: Floats, lower: Floats, upper: Floats, *, least: float) -> tuple[Floats, Floats]:
    """Return the bounds, both equal to the one that a multiplier of more than `least` holds."""
    at_lower = (multipliers > least) & np.isfinite(lower)
    at_upper = (multipliers < -least) & np.isfinite(upper)
    return np.where(at_upper, upper, lower), np.where(at_lower, lower, upper)


@dataclass(frozen=True, eq=False)
class _Kept:
    """An objective that was minimized, its optimum, and the size of the terms it is the sum of."""

    cost: Floats
    optimum: float
    scale: float

    def spoiled(self, x: Floats) -> bool:
        return float(self.cost @ x) > self.optimum + SPOILED * self.scale


def _unspoiled(solution: Solution, kept: list[_Kept]) -> Solution:
    """Return the solution, or no answer where it makes an earlier objective worse."""
    if not (solution.ok and any(earlier.spoiled(solution.x) for earlier in kept)):
        return solution
    return replace(
        solution,
        status=Status.no_answer,
        reason=Reason.numerical,
        x=np.full_like(solution.x, np.nan),
        raw_status="an earlier objective was spoiled",
    )


def _grounds(program: LinearProgram, face: LinearProgram, kept: list[_Kept]) -> Iterator[LinearProgram]:
    """Yield what the next tier may be solved on, the exact one first; the others are for when rounding spoils it."""
    yield face
    if kept:
        yield _with_rows(face, kept)
        yield _with_rows(program, kept)


def _with_rows(program: LinearProgram, kept: list[_Kept]) -> LinearProgram:
    """Return the program with a row for each objective that must not get worse."""
    return program.but(
        matrix=csr_array(vstack([program.matrix, csr_array(np.stack([earlier.cost for earlier in kept]))])),
        row_lower=np.append(program.row_lower, np.full(len(kept), -np.inf)),
        row_upper=np.append(program.row_upper, [earlier.optimum + ROOM * earlier.scale for earlier in kept]),
        row_names=(),
    )


def _solve(program: LinearProgram, *, linear: Solver, convex: Solver, resolution: Floats | float | None) -> Solution:
    if program.linear:
        solution = linear.solve(program)
        if solution.reason is not Reason.numerical:
            return solution
        again = convex.solve(program)  # numbers far apart: what one method cannot certify, another may
        return again if again.ok else solution
    solution = convex.solve(program)
    return solution if solution.ok else solve_by_pieces(program, linear, resolution=resolution)

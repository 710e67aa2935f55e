"""Our own check of an answer, whoever it came from: the distance from the conditions of optimality.

Every figure is relative, measured in the scale of what it is compared with, so that one tolerance fits money
and hours alike. The tolerances of the whole package stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.lp.scaling import largest, typical_amount
from planalloc.lp.solution import Reason, Solution, Status

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats

__all__ = ["Residuals", "certified", "checked", "measure", "objective_scale", "residuals"]

PRIMAL_TOLERANCE = 1e-10
"""Rows and bounds may be missed by this share of their right-hand side: a thousandth of a unit in ten million. A
digit sharper than the others, since duals can make much of what is missed."""

DUAL_TOLERANCE = 1e-9
"""A slope that is off by a share moves the amounts by about the same share: a hundredth of a unit in ten million."""

COMPLEMENTARITY_TOLERANCE = 1e-9
"""Of slack and multiplier the smaller must be this near to zero. It bounds the error of the amounts directly,
where the gap bounds only its square."""

GAP_TOLERANCE = 1e-9
"""Distance to the best objective, relative to the size of its terms."""

SHARP = 1e-12
"""Who can go on improving an answer stops here: what is left are rounding errors."""

FLOOR = 1e-3
"""A row or column counts as at least this share of the program's largest: noise on a zero is not an error."""

ZERO = 1e-2
"""Answers that are zero throughout are measured by this share of the program's own right-hand sides."""

LOST = 1e8
"""Amounts beyond this multiple of the right-hand sides are on their way to infinity and are no measure of anything."""

_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class Residuals:
    """How far an answer is from optimal; all relative, zero at best.

    Attributes
    ----------
    primal : float
        Largest amount by which a row or a bound is missed.
    dual : float
        Largest multiplier on a side that does not exist: a slope that nothing holds back.
    complementarity : float
        Largest, over all sides, of the smaller of slack and multiplier.
    gap : float
        Sum of slack times multiplier: how much the objective may still be above the best one.
    """

    primal: float
    dual: float
    complementarity: float
    gap: float

    @property
    def worst(self) -> float:
        """The largest of the four."""
        return max(self.primal, self.dual, self.complementarity, self.gap)


def residuals(program: LinearProgram, solution: Solution) -> Residuals:
    """Measure the conditions of Karush, Kuhn and Tucker at `solution`, from its `x` and `row_duals` alone.

    Parameters
    ----------
    program : LinearProgram
        The program, linear or quadratic.
    solution : Solution
        Its `x` and `row_duals`; what the solver thinks of them is ignored.

    Returns
    -------
    Residuals
        Infinite throughout when the numbers are not finite.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[2.0, 1.0], matrix=[[1.0, 1.0]], row_lower=[10.0], row_upper=[10.0], lower=[0.0, 0.0], upper=[9.0, 9.0]
    ... )
    >>> checked(program, np.array([1.0, 9.0]), np.array([2.0]), solver="eye").ok
    True
    >>> checked(program, np.array([2.0, 8.0]), np.array([2.0]), solver="eye").ok
    False
    """
    return measure(program, solution.x, solution.row_duals)


def certified(measured: Residuals) -> bool:
    """Return whether every residual is within its tolerance."""
    return (
        measured.primal <= PRIMAL_TOLERANCE
        and measured.dual <= DUAL_TOLERANCE
        and measured.complementarity <= COMPLEMENTARITY_TOLERANCE
        and measured.gap <= GAP_TOLERANCE
    )


def checked(
    program: LinearProgram,
    x: Floats,
    row_duals: Floats,
    *,
    solver: str,
    iterations: int = 0,
    raw_status: str = "",
) -> Solution:
    """Return the numbers as an optimal solution where they are certified, and as no answer where they are not.

    Parameters
    ----------
    program : LinearProgram
        The program they are meant for.
    x : Floats
        Shape (n,). Moved onto its bounds first, where rounding errors took it past them.
    row_duals : Floats
        Shape (m,).
    solver : str
        Who found them.
    iterations : int
        In how many steps.
    raw_status : str
        What the solver said.
    """
    x = np.clip(x, program.lower, program.upper)
    measured = measure(program, x, row_duals)
    if not certified(measured):
        raw_status = f"{raw_status}; not certified: {measured}".lstrip("; ")
        return Solution.none(program, Reason.numerical, solver=solver, raw_status=raw_status, iterations=iterations)
    return Solution(
        status=Status.ok,
        reason=Reason.optimal,
        x=x,
        row_duals=row_duals,
        reduced_costs=program.gradient(x) - program.matrix.T @ row_duals,
        objective=program.objective(x),
        iterations=iterations,
        solver=solver,
        raw_status=raw_status,
    )


def measure(program: LinearProgram, x: Floats, row_duals: Floats) -> Residuals:
    """Measure as `residuals` does, before there is a solution."""
    if not (np.isfinite(x).all() and np.isfinite(row_duals).all()):
        return Residuals(np.inf, np.inf, np.inf, np.inf)
    row_scale, column_scale = program.balance
    slopes, amount, price = _sizes(program, x, row_scale, column_scale)
    scale = np.maximum(slopes, FLOOR * price / column_scale)
    columns = _Sides(
        at=x,
        lower=program.lower,
        upper=program.upper,
        multipliers=program.gradient(x) - program.matrix.T @ row_duals,
        at_least=FLOOR * amount * column_scale,
        multiplier_scale=scale,
    )
    rows = _Sides(
        at=program.matrix @ x,
        lower=program.row_lower,
        upper=program.row_upper,
        multipliers=row_duals,
        at_least=FLOOR * amount / row_scale,
        multiplier_scale=_felt(program, scale, price * row_scale),
    )
    return Residuals(
        primal=max(columns.violation(), rows.violation()),
        dual=max(columns.unheld(), rows.unheld()),
        complementarity=max(columns.complementarity(), rows.complementarity()),
        gap=(columns.products() + rows.products()) / max(_terms(program, x), price * amount, _TINY),
    )


def objective_scale(program: LinearProgram, x: Floats) -> float:
    """Return what a difference between two objectives is to be compared with: the size of the terms at `x`.

    Where all terms vanish there, it is what the program's largest amount would cost.
    """
    _, amount, price = _sizes(program, x, *program.balance)
    return max(_terms(program, x), price * amount, _TINY)


def _sizes(program: LinearProgram, x: Floats, row_scale: Floats, column_scale: Floats) -> tuple[Floats, float, float]:
    """Return the size of each column's slope, the largest scaled amount and the largest scaled slope."""
    typical = typical_amount(program, row_scale, column_scale)
    largest = float((np.abs(x) / column_scale).max(initial=0.0))
    amount = min(max(largest, ZERO * typical), LOST * typical)
    slopes = np.maximum(np.abs(program.cost), np.abs(program.curvature * x))
    steepest = float((slopes * column_scale).max(initial=0.0))
    curviest = float((program.curvature * column_scale**2).max(initial=0.0))
    return slopes, amount, max(steepest, ZERO * typical * curviest) or 1.0


def _felt(program: LinearProgram, slope_scale: Floats, empty: Floats) -> Floats:
    """Return the dual of each row that some column feels as much as its own slope, `empty` for rows without entries."""
    at_row = np.repeat(np.arange(program.n_rows), np.diff(program.matrix.indptr))
    felt = largest(np.abs(program.matrix.data) / slope_scale[program.matrix.indices], at_row, length=program.n_rows)
    return np.where(felt > 0, 1.0 / np.where(felt > 0, felt, 1.0), empty)


def _terms(program: LinearProgram, x: Floats) -> float:
    return float(np.abs(program.cost * x).sum() + 0.5 * program.curvature @ x**2)


@dataclass(frozen=True, eq=False)
class _Sides:
    """Rows or columns with their bounds and multipliers; the two are checked by the same rules."""

    at: Floats
    lower: Floats
    upper: Floats
    multipliers: Floats
    at_least: Floats
    multiplier_scale: Floats

    def violation(self) -> float:
        below = _relative(self.lower - self.at, self._size(self.lower))
        above = _relative(self.at - self.upper, self._size(self.upper))
        return max(below, above)

    def unheld(self) -> float:
        up = np.where(np.isinf(self.lower), self.multipliers, 0.0)
        down = np.where(np.isinf(self.upper), -self.multipliers, 0.0)
        return max(_relative(up, self.multiplier_scale), _relative(down, self.multiplier_scale))

    def complementarity(self) -> float:
        bound = np.where(self.multipliers > 0, self.lower, self.upper)
        held = np.isfinite(bound) & (self.lower != self.upper)
        slack = np.abs(self.at - bound)[held]
        slack = slack / np.maximum(np.maximum(self._size(bound), np.abs(self.at))[held], _TINY)
        weight = np.abs(self.multipliers[held]) / np.maximum(self.multiplier_scale[held], _TINY)
        return float(np.minimum(slack, weight).max(initial=0.0))

    def products(self) -> float:
        apart = self.lower != self.upper
        up = apart & np.isfinite(self.lower) & (self.multipliers > 0)
        down = apart & np.isfinite(self.upper) & (self.multipliers < 0)
        above = np.maximum(self.at - self.lower, 0.0)[up] @ self.multipliers[up]
        below = np.maximum(self.upper - self.at, 0.0)[down] @ -self.multipliers[down]
        return float(above + below)

    def _size(self, bound: Floats) -> Floats:
        return np.maximum(np.where(np.isfinite(bound), np.abs(bound), 0.0), self.at_least)


def _relative(excess: Floats, scale: Floats) -> float:
    return float((np.maximum(excess, 0.0) / np.maximum(scale, _TINY)).max(initial=0.0))

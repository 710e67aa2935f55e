"""From an answer that is nearly right to one that is right to the last digit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import block_array, csc_array, diags_array
from scipy.sparse.linalg import splu

from planalloc.lp.residuals import measure
from planalloc.lp.scaling import scaling_of

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.types import Bools, Floats

__all__ = ["polish"]

_SHARP = 1e-13
"""Residuals this small are rounding errors; there is nothing left to polish."""

_ROUNDS = 12
"""Guesses of what binds. A good start needs one or two."""

_PROXIMAL = 1e-12
"""Pull towards the point before, in scaled units: picks one answer where the equations leave several, and fades out
with the corrections."""

_CORRECTIONS = 10
"""Each takes away what the pull has left of the error: all but nothing, unless the equations are nearly dependent."""

_EXACT = 1e-16
"""Equations missed by no more than this, in scaled units, hold."""

_WRONG = 1e-15
"""A bound is missed, or a multiplier has the wrong sign, beyond this, in scaled units."""


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def polish(program: LinearProgram, x: Floats, row_duals: Floats) -> tuple[Floats, Floats]:
    """Guess from a near answer what binds, solve the equations that follow, and correct the guess by their answer.

    Parameters
    ----------
    program : LinearProgram
        Linear or quadratic.
    x : Floats
        Shape (n,), near an optimum.
    row_duals : Floats
        Shape (m,), near its duals.

    Returns
    -------
    x : Floats
        Shape (n,). What came in, within its bounds, where no guess had smaller residuals.
    row_duals : Floats
        Shape (m,).

    References
    ----------
    .. [1] M. Hintermüller, K. Ito, K. Kunisch, "The primal-dual active set strategy as a semismooth Newton method",
           SIAM Journal on Optimization 13 (2002) 865-888.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[2.0, 1.0], matrix=[[1.0, 1.0]], row_lower=[10.0], row_upper=[10.0], lower=[0.0, 0.0], upper=[9.0, 9.0]
    ... )
    >>> x, row_duals = polish(program, np.array([1.001, 8.999]), np.array([1.999]))
    >>> x.round(12).tolist(), row_duals.round(12).tolist()
    ([1.0, 9.0], [2.0])
    """
    best = np.clip(x, program.lower, program.upper), row_duals
    least = measure(program, *best).worst
    if not np.isfinite(least):
        return best
    scaling = scaling_of(program)
    scaled = scaling.apply(program)
    x, y = x / (scaling.columns * scaling.amount), row_duals / (scaling.rows * scaling.price)
    columns, rows = _sides(scaled, x, y)
    guess = columns.nearer(), rows.nearer()
    tried: set[bytes] = set()
    for _ in range(_ROUNDS):
        fingerprint = b"".join(binding.fingerprint() for binding in guess)
        if least <= _SHARP or fingerprint in tried:
            break
        tried.add(fingerprint)
        try:
            x, y = _solve_equations(scaled, x, y, guess=guess)
        except RuntimeError:
            break
        candidate = np.clip(scaling.x(x), program.lower, program.upper), scaling.row_duals(y)
        worst = measure(program, *candidate).worst
        if worst < least:
            best, least = candidate, worst
        if not np.isfinite(worst):
            break
        columns, rows = _sides(scaled, x, y)
        guess = columns.corrected(guess[0]), rows.corrected(guess[1])
    return best


@dataclass(frozen=True, eq=False)
class _Binding:
    """Which lower and which upper sides are taken as equations."""

    lower: Bools
    upper: Bools

    @property
    def any(self) -> Bools:
        return self.lower | self.upper

    def fingerprint(self) -> bytes:
        """Return bytes that only the same sides have."""
        return np.packbits([self.lower, self.upper]).tobytes()


@dataclass(frozen=True, eq=False)
class _Sides:
    """Rows or columns: where they are, between which bounds, and with which multipliers."""

    at: Floats
    lower: Floats
    upper: Floats
    multipliers: Floats

    def nearer(self) -> _Binding:
        """Take a side as binding where its slack is smaller than its multiplier."""
        lower = (self.lower == self.upper) | (self.at - self.lower < self.multipliers)
        return _Binding(lower, ~lower & (self.upper - self.at < -self.multipliers))

    def corrected(self, binding: _Binding) -> _Binding:
        """Let go where the multiplier pulls the wrong way, and bind where the bound was missed."""
        lower = (
            (self.lower == self.upper)
            | (binding.lower & (self.multipliers >= -_WRONG))
            | (~binding.lower & (self.at < self.lower - _WRONG))
        )
        upper = (binding.upper & (self.multipliers <= _WRONG)) | (~binding.upper & (self.at > self.upper + _WRONG))
        return _Binding(lower, ~lower & upper)


def _sides(program: LinearProgram, x: Floats, y: Floats) -> tuple[_Sides, _Sides]:
    slopes = program.gradient(x) - program.matrix.T @ y
    return (
        _Sides(x, program.lower, program.upper, slopes),
        _Sides(program.matrix @ x, program.row_lower, program.row_upper, y),
    )


def _solve_equations(
    program: LinearProgram, x: Floats, y: Floats, *, guess: tuple[_Binding, _Binding]
) -> tuple[Floats, Floats]:
    """Return the optimum nearest to `x` and `y` with the binding sides as equations and no others.

    Raises
    ------
    RuntimeError
        When the equations cannot be factored.
    """
    columns, rows = guess
    x = np.where(columns.lower, program.lower, np.where(columns.upper, program.upper, x))
    y = np.where(rows.any, y, 0.0)
    free, held = np.flatnonzero(~columns.any), np.flatnonzero(rows.any)
    aim = np.where(rows.lower, program.row_lower, program.row_upper)[held]
    if not free.size + held.size:
        return x, y
    held_rows = program.matrix[held]
    matrix = held_rows[:, free]
    system = [
        [diags_array(program.curvature[free] + _PROXIMAL), matrix.T],
        [matrix, diags_array(np.full(held.size, -_PROXIMAL))],
    ]
    factor = splu(csc_array(block_array(system)))
    for _ in range(_CORRECTIONS):
        slopes = (program.gradient(x) - program.matrix.T @ y)[free]
        missed = aim - held_rows @ x
        if max(np.abs(slopes).max(initial=0.0), np.abs(missed).max(initial=0.0)) <= _EXACT:
            break
        change = factor.solve(np.concatenate([-slopes, missed]))
        x[free] += change[: free.size]
        y[held] -= change[free.size :]
    return x, y

"""From an answer that is nearly right to one that is right to the last digit, for programs of blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.lp.solvers.block_newton import BlockEquations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solvers.block_newton import BlockSystem
    from planalloc.types import Bools, Floats

__all__ = ["Binding", "binding_at", "guesses", "solved"]

_ROUNDS = 8
"""Guesses of what binds. A good start needs one or two."""

_ASTRAY = 4
"""Guesses that need this many times more corrections than the best before lead nowhere."""

_PROXIMAL = 1e-5
"""Pull of columns towards the point before, in scaled units: picks one answer where the equations leave several, and
fades out with the corrections."""

_PROXIMAL_ROWS = 1e-6
"""Pull of duals, likewise."""

_FIXED = 1e30
"""Stiffness of what may not move."""

_CORRECTIONS = 25
"""Each takes away what the pull has left of the error: all but nothing, unless the equations are nearly dependent."""

_EXACT = 4e-16
"""Equations missed by no more than this, in scaled units, hold."""

_SLOW = 0.5
"""A correction that leaves more than this share of the error is no progress."""

_PATIENCE = 2
"""Corrections without progress before the rest counts as rounding: errors of rows and of slopes take turns."""

_WRONG = 1e-14
"""A bound is missed, or a multiplier has the wrong sign, beyond this, in scaled units."""


@dataclass(frozen=True, eq=False)
class Binding:
    """Which lower and which upper sides are taken as equations, of columns (n,) and rows (m,)."""

    lower: Bools
    upper: Bools
    row_lower: Bools
    row_upper: Bools

    @property
    def fingerprint(self) -> bytes:
        """Bytes that only the same sides have."""
        return np.packbits(np.concatenate([self.lower, self.upper, self.row_lower, self.row_upper])).tobytes()

    def differences(self, other: Binding) -> int:
        """Return how many sides are taken differently."""
        return sum(
            int(np.count_nonzero(own != its))
            for own, its in (
                (self.lower, other.lower),
                (self.upper, other.upper),
                (self.row_lower, other.row_lower),
                (self.row_upper, other.row_upper),
            )
        )


def binding_at(program: LinearProgram, system: BlockSystem, x: Floats, y: Floats) -> Binding:
    """Take a side as binding where its slack is smaller than its multiplier."""
    slopes, at = program.gradient(x) - system.transposed @ y, system.matrix @ x
    return Binding(
        *_nearer(x, program.lower, program.upper, slopes), *_nearer(at, program.row_lower, program.row_upper, y)
    )


def guesses(program: LinearProgram, system: BlockSystem, x: Floats, y: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Yield answers to the equations of one guess after the other of what binds, near `x` and `y`; see `polish`.

    Parameters
    ----------
    program : LinearProgram
        Scaled.
    system : BlockSystem
        Its matrix and shape.
    x, y : Floats
        Shapes (n,) and (m,): near an optimum and its duals.

    References
    ----------
    .. [1] M. Hintermüller, K. Ito, K. Kunisch, "The primal-dual active set strategy as a semismooth Newton method",
           SIAM Journal on Optimization 13 (2002) 865-888.
    .. [2] R. T. Rockafellar, "Monotone operators and the proximal point algorithm", SIAM Journal on Control and
           Optimization 14 (1976) 877-898.
    """
    binding = binding_at(program, system, x, y)
    tried: set[bytes] = set()
    fewest = np.inf
    for _ in range(_ROUNDS):
        if binding.fingerprint in tried:
            return
        tried.add(binding.fingerprint)
        try:
            x, y = solved(program, system, x, y, binding=binding)
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            return
        yield x, y
        slopes, at = program.gradient(x) - system.transposed @ y, system.matrix @ x
        corrected = Binding(
            *_corrected(x, program.lower, program.upper, slopes, held=(binding.lower, binding.upper)),
            *_corrected(at, program.row_lower, program.row_upper, y, held=(binding.row_lower, binding.row_upper)),
        )
        wrong = corrected.differences(binding)
        if wrong > _ASTRAY * fewest:
            return
        binding, fewest = corrected, min(fewest, wrong)


def solved(
    program: LinearProgram, system: BlockSystem, x: Floats, y: Floats, *, binding: Binding
) -> tuple[Floats, Floats]:
    """Return the optimum nearest to `x` and `y` with the binding sides as equations and no others.

    Raises
    ------
    LinAlgError, ValueError
        When the equations cannot be factored.
    """
    fixed, held = binding.lower | binding.upper, binding.row_lower | binding.row_upper
    x = np.where(binding.lower, program.lower, np.where(binding.upper, program.upper, x))
    y = np.where(held, y, 0.0)
    aim = np.where(binding.row_lower, program.row_lower, program.row_upper)
    diagonal = np.where(fixed, _FIXED, program.curvature + np.where(program.curvature > _PROXIMAL, 0.0, _PROXIMAL))
    equations = BlockEquations(system, diagonal, np.where(held, _PROXIMAL_ROWS, _FIXED))
    best, kept, since = np.inf, (x, y), 0
    for _ in range(_CORRECTIONS):
        slopes = np.where(fixed, 0.0, program.gradient(x) - system.transposed @ y)
        missed = np.where(held, aim - system.matrix @ x, 0.0)
        error = max(np.abs(slopes).max(initial=0.0), np.abs(missed).max(initial=0.0))
        since = 0 if error < _SLOW * best else since + 1
        if error < best:
            best, kept = error, (x, y)
        if error <= _EXACT or since > _PATIENCE:
            break
        dx, du = equations.solve(-slopes, missed)
        x, y = x + np.where(fixed, 0.0, dx), y - np.where(held, du, 0.0)
    return kept


def _nearer(at: Floats, lower: Floats, upper: Floats, multipliers: Floats) -> tuple[Bools, Bools]:
    below = (lower == upper) | (at - lower < multipliers)
    return below, ~below & (upper - at < -multipliers)


def _corrected(
    at: Floats, lower: Floats, upper: Floats, multipliers: Floats, *, held: tuple[Bools, Bools]
) -> tuple[Bools, Bools]:
    """Let go where the multiplier pulls the wrong way, and bind where the bound was missed."""
    below = (lower == upper) | (held[0] & (multipliers >= -_WRONG)) | (~held[0] & (at < lower - _WRONG))
    above = (held[1] & (multipliers <= _WRONG)) | (~held[1] & (at > upper + _WRONG))
    return below, ~below & above

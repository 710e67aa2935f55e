"""The central path of a program of blocks, followed by Mehrotra's predictor and corrector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planalloc.lp.solvers.block_newton import BlockEquations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solvers.block_newton import BlockSystem
    from planalloc.types import Bools, Floats, Ints

__all__ = ["block_path"]

_MAX_ITERATIONS = 100
"""Fifteen are usual."""

_PATIENCE = 12
"""Iterations without progress before the path is left."""

_PROGRESS = 0.9
"""A point counts as better when its errors are this much of the best one's."""

_MILESTONES = (1e-6, 1e-8, 1e-10, 1e-13)
"""Relative sums of complementarity at which the point is worth a look."""

_NEAR = 1e-6
"""Residuals, relative, above which no look is worth it."""

_STEP = 0.9995
"""Share of the way to the nearest bound that a step may go."""

_PROXIMAL = 1e-9
"""Curvature lent to every column, so that free ones without any do not make the system singular."""

_LOST = 1e12
"""Amounts or multipliers of this size, in scaled units, are on their way to infinity."""

_CLOSE = 1e-3
"""No start is nearer to a bound than this, in scaled units."""

_WEIGHTS = 5
"""Of the corrector, to choose from, the full one first: a bad prediction deserves less of it."""

_TINY = 1e-300


class _Point(NamedTuple):
    """Columns `x`, row slacks `s`, row duals `y`, distances from the bounds `v` > 0 and their duals `z` > 0."""

    x: Floats
    s: Floats
    y: Floats
    v: Floats
    z: Floats


@dataclass(frozen=True, eq=False)
class _Form:
    """The program as ``A @ x = s``, with bounds on ``(x, s)``; rows that are equations have no bounds on s."""

    program: LinearProgram
    system: BlockSystem
    ranged: Bools
    at: Ints
    sign: Floats
    bound: Floats

    @classmethod
    def of(cls, program: LinearProgram, system: BlockSystem) -> _Form:
        ranged = program.row_lower != program.row_upper
        lower = np.concatenate([program.lower, np.where(ranged, program.row_lower, -np.inf)])
        upper = np.concatenate([program.upper, np.where(ranged, program.row_upper, np.inf)])
        below, above = np.flatnonzero(np.isfinite(lower)), np.flatnonzero(np.isfinite(upper))
        return cls(
            program,
            system,
            ranged,
            np.concatenate([below, above]),
            np.concatenate([np.ones(below.size), -np.ones(above.size)]),
            np.concatenate([lower[below], upper[above]]),
        )

    def scatter(self, values: Floats) -> tuple[Floats, Floats]:
        """Sum over the bounds of each column and of each row, shapes (n,) and (m,)."""
        n, m = self.program.n_columns, self.program.n_rows
        total = np.bincount(self.at, values, n + m).astype(np.float64, copy=False)
        return total[:n], total[n:]

    def at_bounds(self, x: Floats, s: Floats) -> Floats:
        """Return what belongs to each bound, signed so that more is further away."""
        values: Floats = self.sign * np.concatenate([x, s])[self.at]
        return values


class _Errors(NamedTuple):
    rows: Floats
    slopes: Floats
    slack_slopes: Floats
    distances: Floats
    complementarity: float
    residual: float


def block_path(
    program: LinearProgram, system: BlockSystem, *, start: float = 1.0
) -> Iterator[tuple[Floats, Floats, int]]:
    """Yield points on the way to the optimum, each nearer than the one before.

    Parameters
    ----------
    program : LinearProgram
        Scaled, without fixed columns, empty rows and open rows.
    system : BlockSystem
        Its matrix and shape.
    start : float
        Least distance from the bounds at the start, and least multiplier, in what they are on average.

    Yields
    ------
    x : Floats
        Shape (n,).
    row_duals : Floats
        Shape (m,).
    iterations : int
        Steps so far.

    References
    ----------
    .. [1] S. Mehrotra, "On the implementation of a primal-dual interior point method", SIAM Journal on
           Optimization 2 (1992) 575-601.
    .. [2] M. Colombo, J. Gondzio, "Further development of multiple centrality correctors for interior point methods",
           Computational Optimization and Applications 41 (2008) 277-305: the weighted corrector.
    """
    form = _Form.of(program, system)
    best, kept, iteration, since = np.inf, None, 0, 0
    milestones = list(_MILESTONES)
    for iteration, (point, errors) in enumerate(_points(form, start)):
        merit = max(errors.residual, errors.complementarity)
        since += 1
        if merit < _PROGRESS * best:
            best, kept, since = merit, point, 0
        if not merit < _LOST or since > _PATIENCE:
            break
        if errors.residual <= _NEAR and errors.complementarity <= milestones[0]:
            yield point.x, point.y, iteration
            milestones = [one for one in milestones if one < errors.complementarity]
            kept = None if kept is point else kept
            if not milestones:
                return
    if kept is not None:
        yield kept.x, kept.y, iteration


def _points(form: _Form, start: float) -> Iterator[tuple[_Point, _Errors]]:
    """Yield the points of the path until it ends in numbers that cannot be factored."""
    try:
        point = _start(form, start)
        for _ in range(_MAX_ITERATIONS):
            errors = _errors(form, point)
            yield point, errors
            point = _step(form, point, errors)
    except (ArithmeticError, ValueError, np.linalg.LinAlgError):
        return


def _start(form: _Form, start: float) -> _Point:
    """Start from least squares, and as far from each bound as they are on average."""
    program = form.program
    equations = BlockEquations(form.system, program.curvature + 1.0, form.ranged.astype(float))
    x, u = equations.refined(-program.cost, np.where(form.ranged, 0.0, program.row_lower))
    s = np.where(form.ranged, u, program.row_lower)
    y = -u
    v = np.abs(form.at_bounds(x, s) - form.sign * form.bound)
    z = np.abs(form.at_bounds(program.gradient(x) - form.system.transposed @ y, y))
    least_v, least_z = (max(start * float(one.mean()), _CLOSE) if one.size else 0.0 for one in (v, z))
    return _Point(x, s, y, np.maximum(v, least_v), np.maximum(z, least_z))


def _errors(form: _Form, point: _Point) -> _Errors:
    program, (x, s, y, v, z) = form.program, point
    held, pushed = form.scatter(form.sign * z)
    rows = s - form.system.matrix @ x
    slopes = held - program.gradient(x) + form.system.transposed @ y
    slack_slopes = np.where(form.ranged, pushed - y, 0.0)
    distances = form.at_bounds(x, s) - form.sign * form.bound - v
    terms = float(np.abs(program.cost * x).sum()) + 0.5 * _dot(program.curvature, x**2)
    right = np.abs(form.bound).max(initial=0.0), np.abs(s[~form.ranged]).max(initial=0.0)
    primal = max(np.abs(rows).max(initial=0.0), np.abs(distances).max(initial=0.0)) / (1.0 + max(right))
    dual = max(np.abs(slopes).max(initial=0.0), np.abs(slack_slopes).max(initial=0.0))
    dual /= 1.0 + np.abs(program.cost).max(initial=0.0)
    return _Errors(rows, slopes, slack_slopes, distances, _dot(v, z) / (1.0 + terms), float(max(primal, dual)))


def _step(form: _Form, point: _Point, errors: _Errors) -> _Point:
    x, s, y, v, z = point
    on_columns, on_rows = form.scatter(z / v)
    slack = np.where(form.ranged, 1.0 / np.maximum(on_rows, _TINY), 0.0)
    diagonal = form.program.curvature + on_columns + _PROXIMAL
    equations = BlockEquations(form.system, diagonal, slack)

    def towards(slopes: Floats, slack_slopes: Floats, rows: Floats, distances: Floats, products: Floats) -> _Point:
        """Solve Newton's equations for these right-hand sides; the last is the change of ``v * z``."""
        pull_x, pull_s = form.scatter(form.sign * (products - z * distances) / v)
        pull_s = slack * (pull_s + slack_slopes)
        dx, du = equations.refined(slopes + pull_x, rows + pull_s)
        ds = pull_s + slack * du
        dv = form.at_bounds(dx, ds) + distances
        return _Point(dx, ds, -du, dv, (products - z * dv) / v)

    ahead = towards(errors.slopes, errors.slack_slopes, errors.rows, errors.distances, -v * z)
    lengths = _Lengths(1.0 / v, 1.0 / z, tied=not form.program.linear)
    if v.size:
        primal, dual = lengths.of(ahead.v, ahead.z, share=1.0)
        now, after = _dot(v, z), _dot(v + primal * ahead.v, z + dual * ahead.z)
        aim = (max(after, 0.0) / now) ** 3 * now / v.size
        none_x, none_s = np.zeros_like(x), np.zeros_like(s)
        bend = towards(none_x, none_s, none_s, np.zeros_like(v), aim - ahead.v * ahead.z)
        weight = max(
            np.linspace(1.0, min(primal, dual) ** 2, _WEIGHTS),
            key=lambda one: sum(lengths.of(ahead.v + one * bend.v, ahead.z + one * bend.z, share=_STEP)),
        )
        ahead = _Point(*(a + weight * b for a, b in zip(ahead, bend, strict=True)))
    primal, dual = lengths.of(ahead.v, ahead.z, share=_STEP)
    return _Point(
        x + primal * ahead.x, s + primal * ahead.s, y + dual * ahead.y, v + primal * ahead.v, z + dual * ahead.z
    )


@dataclass(frozen=True, eq=False)
class _Lengths:
    """How far primal and dual may go; one length for both where the curvature ties them together."""

    per_v: Floats
    per_z: Floats
    tied: bool

    def of(self, dv: Floats, dz: Floats, *, share: float) -> tuple[float, float]:
        primal, dual = (
            min(1.0, share / max(float(-(step * per).min(initial=0.0)), _TINY))
            for step, per in ((dv, self.per_v), (dz, self.per_z))
        )
        return (min(primal, dual),) * 2 if self.tied else (primal, dual)


def _dot(a: Floats, b: Floats) -> float:
    """Return the inner product. What BLAS does with vectors takes longer: it starts threads for them."""
    return float((a * b).sum())

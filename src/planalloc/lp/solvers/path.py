"""The central path of a convex program, followed by Mehrotra's predictor and corrector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array, hstack

from planalloc.lp.solvers.newton import NormalEquations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats, Ints

__all__ = ["central_path"]

_MAX_ITERATIONS = 150
"""Fewer than thirty are usual; who needs more than a hundred is going nowhere."""

_PATIENCE = 15
"""Iterations without progress before the path is left."""

_PROGRESS = 0.9
"""A point counts as better when its errors are this much of the best one's."""

_MILESTONES = (1e-7, 1e-10, 1e-13, 1e-16, 1e-20)
"""Relative sums of complementarity at which the point is worth a look."""

_NEAR = 1e-6
"""Residuals, relative, above which no look is worth it."""

_STEP = 0.9995
"""Share of the way to the nearest bound that a step may go."""

_PROXIMAL = 1e-9
"""Curvature lent to every column, so that free ones without any do not make the system singular."""

_LOST = 1e12
"""Amounts or multipliers of this size, in scaled units, are on their way to infinity."""


class _Point(NamedTuple):
    """Columns and slacks `w`, duals of the rows `y`, distances from the bounds `v` > 0 and their duals `z` > 0."""

    w: Floats
    y: Floats
    v: Floats
    z: Floats


@dataclass(frozen=True, eq=False)
class _Form:
    """The program with a slack for each row that is no equation: ``matrix @ w = rhs``, bounds on `w` only."""

    matrix: csr_array
    transposed: csr_array
    rhs: Floats
    cost: Floats
    curvature: Floats
    at: Ints
    sign: Floats
    bound: Floats

    @classmethod
    def of(cls, program: LinearProgram) -> _Form:
        ranged = np.flatnonzero(program.row_lower != program.row_upper)
        slack = csr_array(
            (np.full(ranged.size, -1.0), (ranged, np.arange(ranged.size))), shape=(program.n_rows, ranged.size)
        )
        matrix = csr_array(hstack([program.matrix, slack], format="csr"))
        rhs = program.row_lower.copy()
        rhs[ranged] = 0.0
        lower = np.concatenate([program.lower, program.row_lower[ranged]])
        upper = np.concatenate([program.upper, program.row_upper[ranged]])
        below, above = np.flatnonzero(np.isfinite(lower)), np.flatnonzero(np.isfinite(upper))
        return cls(
            matrix=matrix,
            transposed=csr_array(matrix.T),
            rhs=rhs,
            cost=np.concatenate([program.cost, np.zeros(ranged.size)]),
            curvature=np.concatenate([program.curvature, np.zeros(ranged.size)]),
            at=np.concatenate([below, above]),
            sign=np.concatenate([np.ones(below.size), -np.ones(above.size)]),
            bound=np.concatenate([lower[below], upper[above]]),
        )

    def scatter(self, values: Floats) -> Floats:
        """Sum over the bounds of each column, shape (n,)."""
        return np.bincount(self.at, values, self.cost.size).astype(np.float64, copy=False)

    def slope(self, w: Floats, y: Floats) -> Floats:
        """Return the slope of the Lagrangian without the bounds, shape (n,)."""
        slope: Floats = self.cost + self.curvature * w - self.transposed @ y
        return slope

    def distance(self, w: Floats) -> Floats:
        """Return the distances of `w` from its bounds, shape of `bound`."""
        return self.sign * (w[self.at] - self.bound)


class _Errors(NamedTuple):
    rows: Floats
    slopes: Floats
    distances: Floats
    complementarity: float
    residual: float


def central_path(program: LinearProgram, *, start: float) -> Iterator[tuple[Floats, Floats, int]]:
    """Yield points on the way to the optimum, each nearer than the one before.

    Parameters
    ----------
    program : LinearProgram
        Scaled, without fixed columns and empty rows.
    start : float
        Least distance from the bounds at the start, and least multiplier. One suits most programs; a long way off
        costs a few iterations more and leads into feasible sets too thin for the short way.

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
    .. [1] M. Colombo, J. Gondzio, "Further development of multiple centrality correctors for interior point methods",
           Computational Optimization and Applications 41 (2008) 277-305: the weighted corrector.
    """
    form = _Form.of(program)
    n = program.n_columns
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
            yield point.w[:n], point.y, iteration
            milestones = [m for m in milestones if m < errors.complementarity]
            kept = None if kept is point else kept
            if not milestones:
                return
    if kept is not None:
        yield kept.w[:n], kept.y, iteration


def _points(form: _Form, start: float) -> Iterator[tuple[_Point, _Errors]]:
    """Yield the points of the path until it ends in numbers that cannot be factored."""
    try:
        point = _start(form, start)
        for _ in range(_MAX_ITERATIONS):
            errors = _errors(form, point)
            yield point, errors
            point = _step(form, point, errors)
    except (ArithmeticError, RuntimeError):
        return


def _start(form: _Form, start: float) -> _Point:
    """Mehrotra's start: least squares, then away from the bounds."""
    w, y = NormalEquations(form.matrix, form.transposed, form.curvature + 1.0).solve(-form.cost, form.rhs)
    v = form.distance(w)
    z = np.maximum(form.sign * form.slope(w, y)[form.at], 0.0)
    v = v + max(-1.5 * v.min(initial=0.0), start)
    z = z + start
    if v.size:
        product = float(v @ z)
        v, z = v + 0.5 * product / z.sum(), z + 0.5 * product / v.sum()
    return _Point(w, y, v, z)


def _errors(form: _Form, point: _Point) -> _Errors:
    w, y, v, z = point
    rows = form.rhs - form.matrix @ w
    slopes = form.scatter(form.sign * z) - form.slope(w, y)
    distances = form.distance(w) - v
    terms = float(np.abs(form.cost * w).sum() + 0.5 * form.curvature @ w**2)
    primal = max(np.abs(rows).max(initial=0.0), np.abs(distances).max(initial=0.0))
    primal /= 1.0 + np.abs(form.rhs).max(initial=0.0)
    dual = np.abs(slopes).max(initial=0.0) / (1.0 + np.abs(form.cost).max(initial=0.0))
    return _Errors(rows, slopes, distances, float(v @ z) / (1.0 + terms), float(max(primal, dual)))


def _step(form: _Form, point: _Point, errors: _Errors) -> _Point:
    w, y, v, z = point
    system = NormalEquations(form.matrix, form.transposed, form.curvature + form.scatter(z / v) + _PROXIMAL)

    def towards(slopes: Floats, rows: Floats, distances: Floats, products: Floats) -> _Point:
        """Solve Newton's equations for these right-hand sides; the last is the change of ``v * z``."""
        dw, dy = system.solve(slopes + form.scatter(form.sign * (products - z * distances) / v), rows)
        dv = form.sign * dw[form.at] + distances
        return _Point(dw, dy, dv, (products - z * dv) / v)

    ahead = towards(errors.slopes, errors.rows, errors.distances, -v * z)
    if v.size:
        primal, dual = _lengths(form, point, ahead, 1.0)
        after = float((v + primal * ahead.v) @ (z + dual * ahead.z))
        aim = (max(after, 0.0) / float(v @ z)) ** 3 * float(v @ z) / v.size
        bend = towards(np.zeros_like(w), np.zeros_like(y), np.zeros_like(v), aim - ahead.v * ahead.z)
        ahead = max(
            (
                _Point(*(a + weight * b for a, b in zip(ahead, bend, strict=True)))
                for weight in _weights(min(primal, dual))
            ),
            key=lambda direction: sum(_lengths(form, point, direction, _STEP)),
        )
    primal, dual = _lengths(form, point, ahead, _STEP)
    return _Point(w + primal * ahead.w, y + dual * ahead.y, v + primal * ahead.v, z + dual * ahead.z)


def _weights(length: float) -> Floats:
    """Return the weights to try for the corrector, the full one first: a bad prediction deserves less of it."""
    return np.linspace(1.0, length**2, 9)


def _lengths(form: _Form, point: _Point, ahead: _Point, share: float) -> tuple[float, float]:
    """Return how far primal and dual may go; one length for both where the curvature ties them together."""
    primal, dual = (
        min(1.0, share * float((-at[step < 0] / step[step < 0]).min(initial=np.inf)))
        for at, step in ((point.v, ahead.v), (point.z, ahead.z))
    )
    return (min(primal, dual),) * 2 if form.curvature.any() else (primal, dual)

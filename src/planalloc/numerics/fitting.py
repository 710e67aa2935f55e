"""Proportional fitting of a matrix to the sums of its rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats

__all__ = ["proportional_fit"]

_MOST_SWEEPS = 300
_MOST_LEAPS = 60
"""Sweeps and Newton steps after which no matrix with both margins is expected; with one, 28 steps were the most."""

_SLOW = 0.5
"""A sweep that leaves more than this part of the gap is followed by a Newton step."""

_LONGEST_STEP = 4.0
"""No Newton step multiplies a column by more than exp(4); farther away its model says nothing."""

_RIDGE = 1e-13
"""Makes a Laplacian whose eigenvalues lie between 0 and 2 regular, above rounding error and below what matters."""


def proportional_fit(seed: Floats, *, rows: Floats, columns: Floats, tolerance: float = 1e-12) -> Floats:
    """Scale rows and columns of a seed so that they have the given sums (F-11 ii).

    The result is ``a[i] * seed[i, j] * b[j]``, of all matrices with these margins the nearest to the seed in
    Kullback-Leibler divergence. Sweeps scale rows and columns in turn; where they converge slowly, Newton steps
    on the logarithms of `b` take over.

    Columns are hard: their sums are exact to rounding error. Rows are soft: they are rescaled to the total of the
    columns first, and where no matrix with the zeros of the seed has both margins they come out near their sums, no
    more. The totals of `planalloc.numerics.fairness.even_totals` always can be met.

    Parameters
    ----------
    seed : Floats, shape (n, m)
        Any unit, at least 0; a zero stays zero.
    rows : Floats, shape (n,)
        Row sums, at least 0, in the unit of `columns` or in proportion to it.
    columns : Floats, shape (m,)
        Column sums, at least 0, in the unit of the result.
    tolerance : float, optional
        Relative error of a row sum at which to stop. The default is near rounding error.

    Returns
    -------
    Floats, shape (n, m)
        Unit of `columns`.

    Raises
    ------
    ValueError
        When an input is negative or not finite, or when a column with a positive sum has no positive seed in a
        row with a positive sum.

    References
    ----------
    Deming, W. E. and Stephan, F. F. (1940), "On a least squares adjustment of a sampled frequency table when the
    expected marginal totals are known", Annals of Mathematical Statistics 11(4), 427-444.
    Csiszar, I. (1975), "I-divergence geometry of probability distributions and minimization problems", Annals of
    Probability 3(1), 146-158.
    Knight, P. A. and Ruiz, D. (2013), "A fast algorithm for matrix balancing", IMA Journal of Numerical Analysis
    33(3), 1029-1047, for the Newton step.

    Examples
    --------
    >>> proportional_fit(
    ...     np.array([[1.0, 1.0], [1.0, 2.0]]), rows=np.array([3.0, 2.0]), columns=np.array([3.0, 2.0])
    ... ).round(9)
    array([[2., 1.],
           [1., 1.]])
    """
    for name, numbers in (("seed", seed), ("rows", rows), ("columns", columns)):
        if not (np.isfinite(numbers) & (numbers >= 0)).all():
            raise ValueError(f"{name} must be finite and at least 0")
    wanted = np.flatnonzero(columns)
    giving = np.flatnonzero((rows > 0) & (seed[:, wanted] > 0).any(axis=1))
    core = seed[np.ix_(giving, wanted)]
    orphans = wanted[~(core > 0).any(axis=0)]
    if orphans.size:
        raise ValueError(f"columns {orphans.tolist()} have a positive sum and no positive seed in a row with one")
    fitted = np.zeros(seed.shape)
    if wanted.size:
        fitted[np.ix_(giving, wanted)] = _fit(core, rows[giving], columns[wanted], tolerance)
    return fitted


def _fit(seed: Floats, rows: Floats, columns: Floats, tolerance: float) -> Floats:
    """Fit where every row and column has a positive sum and a positive seed."""
    row_parts, column_parts = rows / rows.sum(), columns / columns.sum()
    fitted = _with_rows(seed / seed.max(axis=1)[:, None], row_parts)
    leaps = 0
    for _ in range(_MOST_SWEEPS):
        sums = fitted.sum(axis=0)
        if (abs(sums - column_parts) <= tolerance * column_parts).all():
            break
        before, fitted = _gap(fitted, column_parts), _with_rows(fitted * (column_parts / sums), row_parts)
        after = _gap(fitted, column_parts)
        if after > _SLOW * before and leaps < _MOST_LEAPS:
            leap = _newton(fitted, row_parts, column_parts)
            leaps += 1
            if leap is not None:
                fitted = leap
    fitted *= columns / fitted.sum(axis=0)
    return fitted


def _with_rows(matrix: Floats, rows: Floats) -> Floats:
    scaled: Floats = matrix * (rows / matrix.sum(axis=1))[:, None]
    return scaled


def _gap(matrix: Floats, columns: Floats) -> float:
    return float(abs(matrix.sum(axis=0) - columns).sum())


def _newton(matrix: Floats, rows: Floats, columns: Floats) -> Floats | None:
    """Take a Newton step on the logarithms of the column factors; None where it does not help.

    They minimize the convex function ``sum(rows * log(row sums)) - sum(columns * logarithms)``, the dual of the
    divergence. Its gradient is what the column sums exceed `columns` by, rows kept exact; its Hessian is the Laplacian
    of the graph whose edge (j, k) weighs ``sum over i of x[i, j] x[i, k] / rows[i]``. The diagonal is summed from the
    others: no digit cancels, and constants on a connected component are in its null space as they must be.
    """
    weights = matrix.T @ (matrix / rows[:, None])
    np.fill_diagonal(weights, 0.0)
    scale = 1 / np.sqrt(columns)
    laplacian = (np.diag(weights.sum(axis=1)) - weights) * np.outer(scale, scale)
    missing = columns - matrix.sum(axis=0)
    step = scale * np.linalg.solve(laplacian + _RIDGE * np.eye(len(columns)), scale * missing)
    step *= min(1.0, _LONGEST_STEP / max(abs(step).max(), 1e-300))
    enough = 1e-3 * (missing @ step)
    for shortened in (1.0, 0.5, 0.25, 0.125):
        stretched = matrix * np.exp(shortened * step)
        drop = shortened * (columns @ step) - rows @ np.log(stretched.sum(axis=1) / rows)
        leap = _with_rows(stretched, rows)
        # near the end the drop is below rounding error and the gap is not
        if drop > shortened * enough or _gap(leap, columns) < _gap(matrix, columns) / 2:
            return leap
    return None

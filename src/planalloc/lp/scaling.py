"""Bring a program's numbers near one, by powers of two so that no digit is lost on the way there and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats, Ints

__all__ = ["Scaling", "equilibrate", "largest", "scaling_of", "typical_amount"]

_PASSES = 6
"""Each pass halves the logarithm of what is uneven; six leave a factor of 1.3 out of a billion."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """Factors between a program and its scaled twin: ``x = columns * amount * x'`` and ``y = rows * price * y'``.

    Attributes
    ----------
    rows : Floats
        Shape (m,).
    columns : Floats
        Shape (n,).
    amount : float
        Magnitude of the right-hand sides.
    price : float
        Magnitude of the costs.
    """

    rows: Floats
    columns: Floats
    amount: float
    price: float

    def apply(self, program: LinearProgram) -> LinearProgram:
        """Return the scaled twin of `program`."""
        columns = self.columns * self.amount
        rows = self.rows / self.amount
        return program.but(
            cost=program.cost * self.columns / self.price,
            matrix=_scaled_matrix(program.matrix, self.rows, self.columns),
            row_lower=program.row_lower * rows,
            row_upper=program.row_upper * rows,
            lower=program.lower / columns,
            upper=program.upper / columns,
            quadratic=program.curvature * self.columns * columns / self.price,
        )

    def x(self, x: Floats) -> Floats:
        """Return the amounts of the program from those of its twin, shape (n,)."""
        return x * self.columns * self.amount

    def row_duals(self, row_duals: Floats) -> Floats:
        """Return the row duals of the program from those of its twin, shape (m,)."""
        return row_duals * self.rows * self.price


def scaling_of(program: LinearProgram) -> Scaling:
    """Return the scaling that makes the largest coefficients, right-hand sides and costs about one."""
    rows, columns = equilibrate(program.matrix, curvature=program.curvature)
    amount = float(_power_of_two(np.float64(typical_amount(program, rows, columns))))
    price = _largest_finite(program.cost * columns, program.curvature * columns**2 * amount) or 1.0
    return Scaling(rows=rows, columns=columns, amount=amount, price=float(_power_of_two(np.float64(price))))


def equilibrate(matrix: csr_array, *, curvature: Floats | None = None) -> tuple[Floats, Floats]:
    """Return factors of rows and columns after which the largest entry of each is near one.

    Parameters
    ----------
    matrix : csr_array
        Shape (m, n). Rows and columns without entries keep the factor one.
    curvature : Floats or None
        Shape (n,), the quadratic term. Columns that have one are scaled to the same curvature instead: then slack and
        multiplier of a bound are of one kind, and so are those of a row, once it is scaled after its columns.

    Returns
    -------
    rows : Floats
        Shape (m,), powers of two.
    columns : Floats
        Shape (n,), powers of two.

    References
    ----------
    .. [1] D. Ruiz, "A scaling algorithm to equilibrate both rows and columns norms in matrices", RAL-TR-2001-034.

    Examples
    --------
    >>> rows, columns = equilibrate(csr_array([[4.0, 0.0], [0.0, 0.25]]))
    >>> (rows * columns).tolist()
    [0.25, 4.0]
    """
    n_rows, n_columns = matrix.shape
    rows, columns = np.ones(n_rows), np.ones(n_columns)
    curved = np.zeros(n_columns, dtype=bool) if curvature is None else curvature > 0
    if curvature is not None and curved.any():
        columns[curved] = np.sqrt(np.median(curvature[curved]) / curvature[curved])
    present = matrix.data != 0
    at_row = np.repeat(np.arange(n_rows), np.diff(matrix.indptr))[present]
    at_column = matrix.indices[present]
    size = np.abs(matrix.data[present])
    by_column = np.argsort(at_column, kind="stable")
    for _ in range(_PASSES):
        entries = size * rows[at_row] * columns[at_column]
        largest_in_row = largest(entries, at_row, length=n_rows)
        largest_in_column = largest(entries[by_column], at_column[by_column], length=n_columns)
        rows /= np.sqrt(np.where(largest_in_row > 0, largest_in_row, 1.0))
        columns /= np.sqrt(np.where((largest_in_column > 0) & ~curved, largest_in_column, 1.0))
    return _power_of_two(rows), _power_of_two(columns)


def largest(entries: Floats, groups: Ints, *, length: int) -> Floats:
    """Return the largest entry of each group, shape (length,), zero where there is none; entries stand group by group.

    Examples
    --------
    >>> largest(np.array([1.0, 3.0, 2.0]), np.array([0, 0, 2]), length=3).tolist()
    [3.0, 0.0, 2.0]
    """
    found = np.zeros(length)
    if groups.size:
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        found[groups[starts]] = np.maximum.reduceat(entries, starts)
    return found


def _scaled_matrix(matrix: csr_array, rows: Floats, columns: Floats) -> csr_array:
    """Return ``diag(rows) @ matrix @ diag(columns)``."""
    entries = matrix.data * np.repeat(rows, np.diff(matrix.indptr)) * columns[matrix.indices]
    return csr_array((entries, matrix.indices, matrix.indptr), shape=matrix.shape)


def typical_amount(program: LinearProgram, rows: Floats, columns: Floats) -> float:
    """Return the largest right-hand side of a row, scaled by `rows`.

    Only where these are all zero it is the largest bound of a column, scaled by `columns`, since bounds may be mere
    "large enough" numbers; and one where there is none.
    """
    amount = _largest_finite(program.row_lower * rows, program.row_upper * rows)
    return amount or _largest_finite(program.lower / columns, program.upper / columns) or 1.0


def _largest_finite(*arrays: Floats) -> float:
    """Return the largest finite magnitude among `arrays`, zero when there is none."""
    return max((float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) for values in arrays), default=0.0)


def _power_of_two(values: Any) -> Any:
    return np.exp2(np.rint(np.log2(values)))

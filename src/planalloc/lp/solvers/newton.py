"""The linear system inside an interior-point step: normal equations, regularized, with iterative refinement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array, csr_array, diags_array
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from planalloc.types import Floats

__all__ = ["NormalEquations"]

_REGULARIZATION = 1e-13
"""Added to a diagonal of ones: above the rounding errors that leave a redundant row without a pivot, far below all
pivots that mean something."""

_REFINEMENTS = 4
"""Each costs one more solve with the factor at hand, a small part of the factor itself."""

_REFINED = 1e-14
"""Refinement stops here, relative to the right-hand sides: the last digits are rounding errors."""


class NormalEquations:
    """Solve ``diag(d) @ dw - E.T @ dy = g, E @ dw = r`` for one `d` and many right-hand sides.

    Parameters
    ----------
    matrix : csr_array
        E, shape (m, n).
    transposed : csr_array
        Its transpose, made once by the caller.
    diagonal : Floats
        d, shape (n,), positive.

    Raises
    ------
    RuntimeError
        When the system cannot be factored.
    """

    def __init__(self, matrix: csr_array, transposed: csr_array, diagonal: Floats) -> None:
        self._matrix = matrix
        self._transposed = transposed
        self._diagonal = diagonal
        weighted = csr_array(
            (matrix.data / diagonal[matrix.indices], matrix.indices, matrix.indptr), shape=matrix.shape
        )
        normal = weighted @ transposed
        pivots = normal.diagonal()
        self._scale = 1.0 / np.sqrt(np.where(pivots > 0, pivots, 1.0))
        half = diags_array(self._scale)
        sparse = csc_array(half @ normal @ half + diags_array(np.full(pivots.size, _REGULARIZATION)))
        self._lu = splu(sparse, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})

    def solve(self, g: Floats, r: Floats) -> tuple[Floats, Floats]:
        """Return ``dw`` of shape (n,) and ``dy`` of shape (m,)."""
        dw, dy = self._once(g, r)
        size_g, size_r = np.abs(g).max(initial=0.0), np.abs(r).max(initial=0.0)
        best = np.inf
        kept = dw, dy
        for _ in range(_REFINEMENTS):
            off_g = g - self._diagonal * dw + self._transposed @ dy
            off_r = r - self._matrix @ dw
            error = max(
                np.abs(off_g).max(initial=0.0) / (size_g or 1.0), np.abs(off_r).max(initial=0.0) / (size_r or 1.0)
            )
            if not error < best:
                break
            best, kept = error, (dw, dy)
            if error <= _REFINED:
                break
            more_w, more_y = self._once(off_g, off_r)
            dw, dy = dw + more_w, dy + more_y
        return kept

    def _once(self, g: Floats, r: Floats) -> tuple[Floats, Floats]:
        dy = self._scale * self._lu.solve(self._scale * (r - self._matrix @ (g / self._diagonal)))
        return (g + self._transposed @ dy) / self._diagonal, dy

"""The linear system inside a step for programs of blocks: all blocks at once, then the rows that tie them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from planalloc.lp.solvers.block_shape import BlockShape, Stack
    from planalloc.types import Bools, Floats, Ints

__all__ = ["BlockEquations", "BlockSystem"]

_REGULARIZATION = 1e-12
"""Added to a diagonal of ones, in each block and among the links: above rounding errors, since equations may be
redundant, and no more, since refinement has to take away what it changes, and near the optimum it may fail to."""

_MORE = 100.0
"""Times more among the links, where they are not definite: what the blocks leave over for them is a difference."""

_REFINEMENTS = 5
"""Each costs one more solve with the factors at hand, a small part of the factors themselves."""

_REFINED = 1e-8
"""Refinement stops here, relative to the right-hand sides."""

_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, eq=False)
class BlockSystem:
    """The matrix of a program with its shape, and what every factorization uses of them.

    Attributes
    ----------
    matrix, transposed : csr_array
        A, shape (m, n), and its transpose.
    shape : BlockShape
        Its blocks.
    by_column, by_row : Bools
        Shape (m,): rows of blocks that are solved by columns, and by rows. The others tie.
    alone : Bools
        Shape (n,): columns whose block is not solved by columns, or that have none.
    tie, tie_transposed : csr_array
        The linking rows, shape (links, n), and their transpose.
    regularization : float
        Added to a diagonal of ones.
    """

    matrix: csr_array
    transposed: csr_array
    shape: BlockShape
    by_column: Bools
    by_row: Bools
    alone: Bools
    tie: csr_array
    tie_transposed: csr_array
    regularization: float = _REGULARIZATION

    @classmethod
    def of(cls, matrix: csr_array, shape: BlockShape) -> BlockSystem:
        """Prepare `matrix`, whose shape is known."""
        n_rows, n_columns = matrix.shape
        by_column, by_row = np.zeros(n_rows + 1, dtype=bool), np.zeros(n_rows + 1, dtype=bool)
        alone = np.ones(n_columns + 1, dtype=bool)
        for stack in shape.stacks:
            (by_column if stack.by_column else by_row)[stack.rows] = True
            if stack.by_column:
                alone[stack.columns] = False
        tie = csr_array(matrix[shape.linking])
        return cls(
            matrix,
            csr_array(matrix.T),
            shape,
            by_column[:-1],
            by_row[:-1],
            alone[:-1],
            tie,
            csr_array(tie.T),
        )


class BlockEquations:
    """Solve ``diag(d) @ dx + A.T @ du = g, A @ dx - diag(e) @ du = r`` for one d and e, and many right-hand sides.

    Parameters
    ----------
    system : BlockSystem
        A with its shape.
    diagonal : Floats
        d, shape (n,), positive.
    slack : Floats
        e, shape (m,), not negative; positive in blocks that are solved by columns.

    Raises
    ------
    LinAlgError, ValueError
        When the system cannot be factored, or some number is infinite.
    """

    def __init__(self, system: BlockSystem, diagonal: Floats, slack: Floats) -> None:
        self._system, self._diagonal, self._slack = system, diagonal, slack
        self._weight = 1.0 / diagonal
        self._stiffness = np.zeros(slack.size)
        self._stiffness[system.by_column] = 1.0 / slack[system.by_column]
        padded = tuple(
            np.append(values, one)
            for values, one in ((diagonal, 1.0), (self._weight, 0.0), (slack, 1.0), (self._stiffness, 0.0))
        )
        links = slack[system.shape.linking]
        ties = np.zeros((links.size + 1, links.size + 1))
        self._inverses: list[Floats] = []
        for stack in system.shape.stacks:
            if stack.by_column:
                inverse, tied = _by_column(stack, padded[0], padded[3], system.regularization)
                ties += _squares(stack.links, tied, links.size)
            else:
                inverse, tied = _by_row(stack, padded[1], padded[2], system.regularization)
                ties -= _squares(stack.links, tied, links.size)
            self._inverses.append(inverse)
        self._ties = None
        if links.size:
            schur = ties[:-1, :-1] + np.diag(links)
            lone = np.where(system.alone, self._weight, 0.0)
            weighted = csr_array(
                (system.tie.data * lone[system.tie.indices], system.tie.indices, system.tie.indptr),
                shape=system.tie.shape,
            )
            schur += (weighted @ system.tie_transposed).toarray()
            self._ties = _factored(schur, system.regularization)

    def solve(self, g: Floats, r: Floats) -> tuple[Floats, Floats]:
        """Return ``dx`` of shape (n,) and ``du`` of shape (m,), without refinement."""
        system = self._system
        if system.by_column.any():
            g = g + system.transposed @ (self._stiffness * r)
        dx, du = self._blocks(g, r)
        linking = system.shape.linking
        if self._ties is not None:
            scale, factor = self._ties
            pull = scale * cho_solve(factor, scale * (system.tie @ dx - r[linking]), check_finite=False)
            dx, du = self._blocks(g - system.tie_transposed @ pull, r)
            du[linking] = pull
        if system.by_column.any():
            du[system.by_column] = (self._stiffness * (system.matrix @ dx - r))[system.by_column]
        return dx, du

    def refined(self, g: Floats, r: Floats) -> tuple[Floats, Floats]:
        """Return what `solve` does, with what it left of the right-hand sides solved again."""
        dx, du = self.solve(g, r)
        least, kept = np.inf, (dx, du)
        size_g, size_r = (max(float(np.abs(side).max(initial=0.0)), _TINY) for side in (g, r))
        for _ in range(_REFINEMENTS):
            off_g = g - self._diagonal * dx - self._system.transposed @ du
            off_r = r - self._system.matrix @ dx + self._slack * du
            error = max(np.abs(off_g).max(initial=0.0) / size_g, np.abs(off_r).max(initial=0.0) / size_r)
            if not error < least:
                break
            least, kept = error, (dx, du)
            if error <= _REFINED:
                break
            more_x, more_u = self.solve(off_g, off_r)
            dx, du = dx + more_x, du + more_u
        return kept

    def _blocks(self, g: Floats, r: Floats) -> tuple[Floats, Floats]:
        """Solve without the linking rows; duals are those of blocks that are solved by rows, zero elsewhere."""
        system = self._system
        dx, du = self._weight * g, np.zeros(r.size)
        self._times_inverses(dx, g, by_column=True)
        if system.by_row.any():
            self._times_inverses(du, system.matrix @ dx - r, by_column=False)
            dx -= np.where(system.alone, self._weight * (system.transposed @ du), 0.0)
        return dx, du

    def _times_inverses(self, into: Floats, values: Floats, *, by_column: bool) -> None:
        padded, result = np.append(values, 0.0), np.append(into, 0.0)
        for stack, inverse in zip(self._system.shape.stacks, self._inverses, strict=True):
            if stack.by_column is by_column:
                at = stack.columns if by_column else stack.rows
                result[at] = (inverse @ padded[at][:, :, None])[:, :, 0]
        into[:] = result[:-1]


def _factored(schur: Floats, regularization: float) -> tuple[Floats, tuple[Floats, bool]]:
    """Return the scale that makes the diagonal ones, and the factor, made definite where rounding spoiled it.

    Raises
    ------
    LinAlgError, ValueError
        When even that is in vain, or some number is infinite.
    """
    scale = 1.0 / np.sqrt(np.maximum(np.diag(schur), _TINY))
    schur = scale[:, None] * schur * scale
    for more in (regularization, _MORE * regularization):
        np.fill_diagonal(schur, 1.0 + more)
        try:
            return scale, cho_factor(schur)
        except np.linalg.LinAlgError:
            continue
    raise np.linalg.LinAlgError("the system of the linking rows is not definite")


def _by_column(stack: Stack, diagonal: Floats, stiffness: Floats, regularization: float) -> tuple[Floats, Floats]:
    """Return the inverses of ``D + A.T E^-1 A``, and what these take up of the ties, with a root of them applied."""
    across = stack.local.transpose(0, 2, 1)
    own = across @ (stack.local * stiffness[stack.rows][:, :, None])
    at = np.arange(own.shape[1])
    own[:, at, at] += diagonal[stack.columns]
    inverse, root = _inverses(own, regularization)
    return inverse, root @ stack.tie.transpose(0, 2, 1)


def _by_row(stack: Stack, weight: Floats, slack: Floats, regularization: float) -> tuple[Floats, Floats]:
    """Return the inverses of ``A D^-1 A.T + E``, and what these take up of the ties, with a root of them applied."""
    weighted = stack.local * weight[stack.columns][:, None, :]
    own = weighted @ stack.local.transpose(0, 2, 1)
    at = np.arange(own.shape[1])
    own[:, at, at] += slack[stack.rows]
    inverse, root = _inverses(own, regularization)
    return inverse, root @ (weighted @ stack.tie.transpose(0, 2, 1))


def _inverses(matrices: Floats, regularization: float) -> tuple[Floats, Floats]:
    """Return the inverses of positive definite matrices, shape (B, k, k), and roots R of them, ``R.T @ R``."""
    at = np.arange(matrices.shape[1])
    scale = 1.0 / np.sqrt(matrices[:, at, at])
    matrices = matrices * scale[:, :, None]
    matrices *= scale[:, None, :]
    matrices[:, at, at] = 1.0 + regularization
    root = np.linalg.inv(np.linalg.cholesky(matrices)) * scale[:, None, :]
    return root.transpose(0, 2, 1) @ root, root


def _squares(links: Ints, parts: Floats, n_links: int) -> Floats:
    """Return the sum over blocks of ``V.T @ V``, for V of shape (B, k, w) whose w columns are at these links.

    Many small products, not one large: threads of BLAS that wait for each other take longer.
    """
    at = links[:, :, None] * (n_links + 1) + links[:, None, :]
    own = parts.transpose(0, 2, 1) @ parts
    total = np.bincount(at.ravel(), own.ravel(), (n_links + 1) ** 2).astype(np.float64, copy=False)
    return total.reshape(n_links + 1, n_links + 1)

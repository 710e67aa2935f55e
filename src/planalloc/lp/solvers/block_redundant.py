"""Rows that say nothing new: another row of the same block asks for as much or more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solvers.block_shape import BlockShape, Stack
    from planalloc.types import Bools, Floats

__all__ = ["implied_rows"]


def implied_rows(program: LinearProgram, shape: BlockShape) -> Bools:
    """Return which rows hold wherever another row of their block does, shape (m,); of equal ones the first is kept.

    With all columns at or above a finite bound, ``a @ x <= b`` follows from ``c @ x <= d`` where no entry of ``a / b``
    is above that of ``c / d``, bounds shifted to zero and b, d positive: of a rep's hours, month by month, about half
    the rows can never be the first to bind, whatever the plan.

    Parameters
    ----------
    program : LinearProgram
        Of the `shape`. Only upper sides are looked at.
    shape : BlockShape
        Its blocks.

    Examples
    --------
    >>> import scipy.sparse
    >>> from planalloc.lp.program import LinearProgram
    >>> from planalloc.lp.solvers.block_shape import block_shape
    >>> program = LinearProgram(
    ...     cost=[-1.0, -1.0],
    ...     matrix=[[1.0, 2.0], [1.0, 1.0], [4.0, 1.0]],
    ...     row_lower=[-np.inf] * 3,
    ...     row_upper=[4.0, 3.0, 4.0],
    ...     lower=[0.0, 0.0],
    ...     upper=[9.0, 9.0],
    ... )
    >>> implied_rows(program, block_shape(program.matrix, equations=False)).tolist()
    [False, False, False]
    >>> implied_rows(program.but(row_upper=[4.0, 4.0, 4.0]), block_shape(program.matrix, equations=False)).tolist()
    [False, True, False]
    """
    padded = (
        np.append(program.lower, 0.0),
        np.append(program.row_upper, np.inf),
        np.append(np.isneginf(program.row_lower), False),
    )
    implied = np.zeros(program.n_rows + 1, dtype=bool)
    for stack in shape.stacks:
        implied[stack.rows] = _implied(stack, *padded)
    return implied[:-1]


def _implied(stack: Stack, lower: Floats, row_upper: Floats, one_sided: Bools) -> Bools:
    """Return which rows of each block others imply, shape (B, m)."""
    bounds = lower[stack.columns][:, None, :]
    open_below = ((stack.local != 0) & np.isneginf(bounds)).any(axis=2)
    sides = row_upper[stack.rows] - (stack.local * np.where(np.isneginf(bounds), 0.0, bounds)).sum(axis=2)
    compared = np.isfinite(sides) & (sides > 0) & ~open_below
    entries = stack.local / np.where(compared, sides, 1.0)[:, :, None]
    within = (compared & one_sided[stack.rows])[:, :, None] & compared[:, None, :]
    for column in range(entries.shape[2]):
        within &= entries[:, :, None, column] <= entries[:, None, :, column]
    place = np.arange(within.shape[1])
    first = place[:, None] > place
    implied: Bools = (within & (~within.transpose(0, 2, 1) | first)).any(axis=2)
    return implied

"""Share a table of whole numbers among takers who are all alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.numerics.rounding import controlled_round

if TYPE_CHECKING:
    from planalloc.types import Ints

__all__ = ["deal"]


def deal(total: Ints, takers: int) -> Ints:
    """Deal a table out so that any two takers differ by at most one in each cell, row, column and in all.

    One taker after the other gets an even part of what is left, rounded under control (F-13) by rows on one side and
    columns on the other; floor and ceiling of an even part stay so for those who come after. With one row or one
    column, dealing in turn does the same. This is an equitable edge coloring of a bipartite multigraph.

    Parameters
    ----------
    total : Ints
        Not negative, shape (S, T).
    takers : int
        At least 1.

    Returns
    -------
    Ints
        Shape (takers, S, T), summing to `total` over the takers.

    References
    ----------
    .. [1] D. de Werra, "Equitable colorations of graphs", RIRO 5(R3), 1971.

    Examples
    --------
    >>> deal(np.array([[1, 2], [2, 1]]), 2).sum(axis=(1, 2))
    array([3, 3])
    """
    if min(total.shape) <= 1:
        before = np.concatenate([[0], np.cumsum(total)])
        rounds = (before[None, :] - np.arange(takers)[:, None] + takers - 1) // takers
        return np.diff(rounds, axis=1).reshape(takers, *total.shape)
    found = np.empty((takers, *total.shape), dtype=np.int64)
    left = total.astype(np.int64)
    columns = np.zeros((1, total.shape[1]), dtype=np.int64)
    for taker in range(takers - 1):
        part = controlled_round(left[:, None, :] / (takers - taker), blocks=columns)
        assert part is not None  # noqa: S101 -- two nested families always have an answer
        found[taker] = part[:, 0, :]
        left = left - found[taker]
    found[takers - 1] = left
    return found

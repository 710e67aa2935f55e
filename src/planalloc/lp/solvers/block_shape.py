"""The shape of a program that is many small blocks and a few rows which tie them together, told from its matrix.

The rows that tie have many entries, the others few: where the former are taken out, the rest falls into components.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats, Ints

__all__ = ["BlockShape", "Stack", "block_shape"]

_AT_ONCE = 256
"""Blocks of one stack: few enough that their matrices stay in the cache while they are worked on, many enough that
the calls do not count."""

_MOST_WORK = 2e10
"""Multiplications of one step beyond which sparse factors are better; a step of ten thousand reps takes 1e8."""

_MOST_NUMBERS = 2e8
"""Entries of all stacks together: 1.6 GB."""

_MOST_LINKS = 1500
"""Rows that tie blocks together; their system is dense."""


@dataclass(frozen=True, eq=False)
class Stack:
    """B blocks of like size, padded to m rows and k columns, which touch up to w linking rows.

    Attributes
    ----------
    rows : Ints
        Shape (B, m): positions in the program; its number of rows where there is none.
    columns : Ints
        Shape (B, k): positions in the program; its number of columns where there is none.
    links : Ints
        Shape (B, w): positions among the linking rows; their number where there is none.
    local : Floats
        Shape (B, m, k): entries of the columns in the rows of their own block.
    tie : Floats
        Shape (B, w, k): entries in linking rows.
    by_column : bool
        Whether a system of k columns is solved, else one of m rows.
    """

    rows: Ints
    columns: Ints
    links: Ints
    local: Floats
    tie: Floats
    by_column: bool


@dataclass(frozen=True, eq=False)
class BlockShape:
    """Which rows tie, and the blocks between them.

    Attributes
    ----------
    linking : Ints
        Positions of the linking rows, shape (number of them,).
    stacks : list of Stack
        All blocks that have a row of their own. Columns in linking rows only belong to none.
    """

    linking: Ints
    stacks: list[Stack]

    @classmethod
    def of_nothing(cls) -> BlockShape:
        """Return the shape of a matrix without entries."""
        return cls(np.zeros(0, dtype=np.int64), [])


def block_shape(matrix: csr_array, *, equations: Bools) -> BlockShape | None:
    """Return the blocks that make the least work, or None where even they are too much.

    Parameters
    ----------
    matrix : csr_array
        Shape (m, n).
    equations : Bools
        Shape (m,): rows that are equations. Blocks with one of them are solved by rows.

    Examples
    --------
    Thirty pairs of columns share a row each, and one row goes through all of them.

    >>> import scipy.sparse
    >>> pairs = scipy.sparse.kron(np.eye(30), [[1.0, 2.0]])
    >>> shape = block_shape(scipy.sparse.csr_array(scipy.sparse.vstack([pairs, np.ones((1, 60))])), equations=False)
    >>> shape.linking.tolist(), [stack.local.shape for stack in shape.stacks]
    ([30], [(30, 1, 2)])
    """
    entries = np.diff(matrix.indptr)
    magnitude = np.frexp(entries.astype(np.float64))[1]
    least, best = _MOST_WORK, None
    for cut in np.unique(magnitude[entries > 0]):
        linking = magnitude > cut
        if linking.sum() > _MOST_LINKS:
            continue
        parts = _Parts.of(matrix, linking)
        if parts.work < least:
            least, best = parts.work, parts
    if best is None or best.numbers > _MOST_NUMBERS:
        return None
    return BlockShape(np.flatnonzero(best.linking), best.stacks(matrix, np.broadcast_to(equations, entries.shape)))


@dataclass(frozen=True, eq=False)
class _Parts:
    """What is left when the linking rows are taken out: the block of each row and column, -1 for none."""

    linking: Bools
    of_row: Ints
    of_column: Ints
    rows: Ints
    columns: Ints

    @classmethod
    def of(cls, matrix: csr_array, linking: Bools) -> _Parts:
        own = np.flatnonzero(~linking & (np.diff(matrix.indptr) > 0))
        part = matrix if own.size == linking.size else matrix[own]
        _, label = connected_components(_graph(part), directed=False)
        used = np.unique(label[: own.size])
        new = np.full(label.max(initial=-1) + 1, -1)
        new[used] = np.arange(used.size)
        of_row = np.full(linking.size, -1)
        of_row[own] = new[label[: own.size]]
        of_column = new[label[own.size :]]
        rows, columns = (np.bincount(of[of >= 0], minlength=used.size) for of in (of_row, of_column))
        return cls(linking, of_row, of_column, rows, columns)

    @property
    def work(self) -> float:
        """Multiplications of one step, roughly."""
        m, k, links = self.rows.astype(float), self.columns.astype(float), float(self.linking.sum())
        small, tied = np.minimum(m, k), np.minimum(k, links)
        return float((m * k * small + small**3 + k * small * tied + small * tied**2).sum()) + links**3

    @property
    def numbers(self) -> float:
        """Entries of the stacks, without padding."""
        return float((self.columns * (self.rows + np.minimum(self.columns, self.linking.sum()))).sum())

    def stacks(self, matrix: csr_array, equations: Bools) -> list[Stack]:
        """Return the blocks, the like together."""
        equated = np.bincount(self.of_row[equations & (self.of_row >= 0)], minlength=self.rows.size) > 0
        by_column = (self.columns <= self.rows) & ~equated
        order = np.lexsort((self.rows, self.columns, by_column))
        cuts = np.flatnonzero(np.diff(by_column[order])) + 1
        pieces = [piece for run in np.split(order, cuts) for piece in _cut(run)]
        entries = _Entries.of(matrix, self)
        return [entries.stack(self, piece, by_column=bool(by_column[piece[0]])) for piece in pieces]


def _graph(matrix: csr_array) -> csr_array:
    """Return rows and columns as nodes, rows first, with an edge for each entry."""
    n_rows, n_columns = matrix.shape
    pointers = np.concatenate([matrix.indptr, np.full(n_columns, matrix.nnz, dtype=matrix.indptr.dtype)])
    edges = np.ones(matrix.nnz, dtype=np.float64)
    return csr_array((edges, matrix.indices + n_rows, pointers), shape=(n_rows + n_columns,) * 2)


def _cut(order: Ints) -> list[Ints]:
    return [order[start : start + _AT_ONCE] for start in range(0, order.size, _AT_ONCE)]


@dataclass(frozen=True, eq=False)
class _Entries:
    """The entries of the matrix with their places in the blocks, sorted by block, and where each block starts."""

    row_at: Ints
    column_at: Ints
    local: _Sorted
    tie: _Sorted
    links: _Sorted
    row_list: _Sorted
    column_list: _Sorted
    shape: tuple[int, int]

    @classmethod
    def of(cls, matrix: csr_array, parts: _Parts) -> _Entries:
        n_blocks = parts.rows.size
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        column, value = matrix.indices, matrix.data
        row_at, column_at = _places(parts.of_row, n_blocks), _places(parts.of_column, n_blocks)
        block = parts.of_column[column]
        ties, own = parts.linking[row] & (block >= 0), ~parts.linking[row]
        link_of_row = np.cumsum(parts.linking) - 1
        n_links = int(parts.linking.sum())
        pair, at_pair = np.unique(block[ties] * np.int64(n_links) + link_of_row[row[ties]], return_inverse=True)
        pair_block = pair // max(n_links, 1)
        pair_at = _places(pair_block, n_blocks)
        return cls(
            row_at,
            column_at,
            local=_Sorted.of(n_blocks, block[own], row_at[row[own]], column_at[column[own]], value[own]),
            tie=_Sorted.of(n_blocks, block[ties], pair_at[at_pair], column_at[column[ties]], value[ties]),
            links=_Sorted.of(n_blocks, pair_block, pair_at, pair % max(n_links, 1)),
            row_list=_Sorted.of(n_blocks, parts.of_row, row_at, np.arange(row_at.size)),
            column_list=_Sorted.of(n_blocks, parts.of_column, column_at, np.arange(column_at.size)),
            shape=(n_links, int(matrix.shape[1])),
        )

    def stack(self, parts: _Parts, blocks: Ints, *, by_column: bool) -> Stack:
        m, k = int(parts.rows[blocks].max()), int(parts.columns[blocks].max())
        w = int(self.links.counts[blocks].max(initial=0))
        size, (n_links, n_columns) = blocks.size, self.shape
        rows, columns = np.full((size, m), parts.linking.size), np.full((size, k), n_columns)
        links = np.full((size, w), n_links)
        local, tie = np.zeros((size, m, k)), np.zeros((size, w, k))
        for target, source in ((rows, self.row_list), (columns, self.column_list), (links, self.links)):
            which, (at, position) = source.take(blocks)
            target[which, at] = position
        for entries, source in ((local, self.local), (tie, self.tie)):
            which, (at, across, value) = source.take(blocks)
            entries[which, at, across] = value
        return Stack(rows, columns, links, local, tie, by_column)


@dataclass(frozen=True, eq=False)
class _Sorted:
    """Arrays of equal length, sorted by block."""

    start: Ints
    counts: Ints
    arrays: tuple[Floats | Ints, ...]

    @classmethod
    def of(cls, n_blocks: int, block: Ints, *arrays: Floats | Ints) -> _Sorted:
        there = block >= 0
        counts = np.bincount(block[there], minlength=n_blocks)
        order = np.flatnonzero(there)[_order(block[there], n_blocks)]
        return cls(np.cumsum(counts) - counts, counts, tuple(array[order] for array in arrays))

    def take(self, blocks: Ints) -> tuple[Ints, tuple[Floats | Ints, ...]]:
        """Return for the entries of these blocks whose they are, as a position in `blocks`, and the entries."""
        counts = self.counts[blocks]
        which = np.repeat(np.arange(blocks.size), counts)
        first = np.cumsum(counts) - counts
        at = np.repeat(self.start[blocks] - first, counts) + np.arange(which.size)
        return which, tuple(array[at] for array in self.arrays)


def _order(block: Ints, n_blocks: int) -> Ints:
    """Return the order by block, equal ones as they are. NumPy counts instead of comparing where numbers are short."""
    short = block.astype(np.uint16) if n_blocks <= np.iinfo(np.uint16).max else block
    return np.argsort(short, kind="stable")


def _places(block: Ints, n_blocks: int) -> Ints:
    """Return the position of each member within its block."""
    there = np.flatnonzero(block >= 0)
    order = there[_order(block[there], n_blocks)]
    counts = np.bincount(block[there], minlength=n_blocks)
    places = np.zeros(block.size, dtype=np.int64)
    places[order] = np.arange(order.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return places

"""The sums of a plan as one network, and whole flows on it (F-13)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from planalloc.errors import VerificationError
from planalloc.numerics.rounding_start import running_whole
from planalloc.numerics.rounding_teams import nested_teams

if TYPE_CHECKING:
    from planalloc.numerics.rounding_teams import Teams
    from planalloc.types import Floats, Ints

__all__ = ["NOISE", "Network", "build_network", "nearby_flow"]

# What a float sum may be off a whole number and still be meant as that number: a part in absolute units, for cells
# that cancel each other, and a part relative to the sum, for the precision of whoever computed it. However large a sum
# is, it never reaches a true fraction: 1e-3 is the rounding error of thousands of cells that make 1e10 units.
NOISE = 1e-6
_RELATIVE_NOISE = 1e-9
_MOST_NOISE = 1e-3

# Cells may change sides in this order, by |1 - 2 x fraction|: those between two whole numbers first.
_RELUCTANCE = (0.1, 0.2, 0.3, 0.5, 0.7)
_OWN_WHOLE, _SHARED_WHOLE, _NEVER = 7, 8, 9

_Number = TypeVar("_Number", np.float64, np.int64)


@dataclass(frozen=True)
class Network:
    """Every sum of the two families as one edge of a circulation, in units.

    The flow runs from the ground to the grand total, a line, a block, a line's period, a cell, a rep's line, a rep, the
    teams around the rep, and back to the ground: whatever reaches a node leaves it, which says that the sums add up.
    Edges come in the order of `sums`: cells, rep x line, rep, team, line x period, block, line, grand total.

    Attributes
    ----------
    shape : tuple of int
        Reps, lines and periods.
    block_of : Ints, shape (n_lines x n_periods,)
        Number of the block of each line's period; blocks of different lines differ.
    line_of : Ints, shape (n_blocks,)
        Line of each block.
    teams : Teams
        Sums of reps that are limited, where they nest.
    n_nodes : int
        Number of nodes, the ground included.
    tails, heads : int32 arrays, shape (n_edges,)
        Where an edge leaves from and where it goes.
    values : Floats, shape (n_edges,)
        The sums before rounding, in units.
    low, high : Ints, shape (n_edges,)
        Floor and ceiling; both are the nearest whole number where the sum is whole but for noise.
    """

    shape: tuple[int, int, int]
    block_of: Ints
    line_of: Ints
    teams: Teams
    n_nodes: int
    tails: npt.NDArray[np.int32]
    heads: npt.NDArray[np.int32]
    values: Floats
    low: Ints
    high: Ints

    @property
    def n_cells(self) -> int:
        """Number of cells, the first edges."""
        return math.prod(self.shape)

    @property
    def n_own(self) -> int:
        """Number of edges that are a single rep's: cell, rep x line and rep, the first edges."""
        return self.n_cells + self.shape[0] * (self.shape[1] + 1)

    def sums(self, cells: Ints) -> Ints:
        """Sum whole cells, shape (n_cells,), into every member of the two families, shape (n_edges,)."""
        return _sums(cells.reshape(self.shape), self.block_of, self.line_of, self.teams)


def build_network(cells: Floats, blocks: Ints, *, limits: csr_array | None = None) -> Network:
    """Lay out the two families of sums of a plan.

    Parameters
    ----------
    cells : Floats, shape (n_reps, n_lines, n_periods)
        Amounts in units.
    blocks : Ints, shape (n_lines, n_periods)
        Season block of each line's period.
    limits : csr_array of 0 and 1, shape (n_limits, n_reps * n_lines * n_periods), or None
        Further sums; those of whole reps that nest become teams.

    Returns
    -------
    Network
        The sums, their floors and ceilings, and how they hang together.

    Examples
    --------
    >>> network = build_network(np.array([[[0.5, 1.0]], [[0.5, 1.0]]]), np.array([[0, 0]]))
    >>> network.values.tolist()
    [0.5, 1.0, 0.5, 1.0, 1.5, 1.5, 1.5, 1.5, 1.0, 2.0, 3.0, 3.0, 3.0]
    """
    n_reps, n_lines, n_periods = cells.shape
    line = np.repeat(np.arange(n_lines), n_periods)
    line_blocks, block_of = np.unique(np.column_stack([line, blocks.ravel()]), axis=0, return_inverse=True)
    block_of, line_of = block_of.ravel(), line_blocks[:, 0]
    teams = nested_teams(limits, cells)

    counts = [1, 1, n_lines, len(line_of), n_lines * n_periods, n_reps * n_lines, n_reps, len(teams.team_of_team)]
    nodes = np.split(np.arange(sum(counts), dtype=np.int32), np.cumsum(counts)[:-1])
    ground, root, lines, seasons, periods, rep_lines, reps, groups = nodes
    around = np.append(groups, ground)  # the last one is where -1 leads, no team
    tails = [np.tile(periods, n_reps), rep_lines, reps, groups, seasons[block_of], lines[line_of], root.repeat(n_lines)]
    heads = [rep_lines.repeat(n_periods), reps.repeat(n_lines), around[teams.team_of_rep], around[teams.team_of_team]]

    values = _sums(cells, block_of, line_of, teams)
    nearest = np.rint(values)
    noise = np.minimum(NOISE + _RELATIVE_NOISE * np.maximum(1.0, np.abs(values)), _MOST_NOISE)
    whole = np.abs(values - nearest) <= noise
    return Network(
        shape=(n_reps, n_lines, n_periods),
        block_of=block_of,
        line_of=line_of,
        teams=teams,
        n_nodes=sum(counts),
        tails=np.concatenate([*tails, ground]),
        heads=np.concatenate([*heads, periods, seasons, lines, root]),
        values=values,
        low=np.where(whole, nearest, np.floor(values)).astype(np.int64),
        high=np.where(whole, nearest, np.ceil(values)).astype(np.int64),
    )


def nearby_flow(network: Network) -> Ints:
    """Round the network to whole numbers by maximum flows.

    Every cell starts where a running sum and swaps within reps put it, every sum at what its cells say, kept within
    floor and ceiling. In most plans that is the answer. What does not add up at the nodes is sent along paths on which
    each edge changes from floor to ceiling or back, the cells nearest to a half first [1]_. Where the fractions of a
    plan are a flow, so is some choice of floors and ceilings, and a maximum flow finds it. The floors and ceilings of
    sums that are only nearly whole contradict each other when thousands of small errors add up to a unit; then, and
    only then, nearly whole sums may go to their other neighbor, those of a rep before those of many.

    Parameters
    ----------
    network : Network
        The sums, in units.

    Returns
    -------
    Ints, shape (n_edges,)
        A whole number for every edge.

    Raises
    ------
    VerificationError
        When no whole flow was found, which exact sums exclude.

    References
    ----------
    .. [1] L. H. Cox, L. R. Ernst, "Controlled rounding", INFOR 20(4), 1982, 423-432.

    Examples
    --------
    >>> network = build_network(np.array([[[0.5, 0.5]], [[0.5, 0.5]]]), np.array([[0, 1]]))
    >>> nearby_flow(network)[4:].tolist()
    [1, 1, 1, 1, 1, 1, 1, 1, 2, 2]
    """
    inside, shape = slice(network.n_cells), network.shape
    low, high = network.low[inside].reshape(shape), network.high[inside].reshape(shape)
    cells = running_whole(network.values[inside].reshape(shape), low=low, high=high, block_of=network.block_of)
    flow = np.clip(network.sums(cells.ravel()), network.low, network.high)
    excess = _excess(network, flow)
    if not excess.any():
        return flow
    ranks = _ranks(network)
    for rank in range(1, _NEVER):
        excess = _excess(network, flow)
        if not excess.any():
            return flow
        _send(network, flow, excess, np.flatnonzero(ranks <= rank))
    if _excess(network, flow).any():
        raise VerificationError("No whole numbers were found whose sums add up", hint="Please report this plan.")
    return flow


def _sums(cells: npt.NDArray[_Number], block_of: Ints, line_of: Ints, teams: Teams) -> npt.NDArray[_Number]:
    """Sum cells, shape (n_reps, n_lines, n_periods), into every member of the two families."""
    rep_lines = cells.sum(axis=2)
    periods = cells.sum(axis=0).ravel()
    line_blocks = np.zeros(len(line_of), dtype=cells.dtype)
    np.add.at(line_blocks, block_of, periods)
    lines = np.zeros(cells.shape[1], dtype=cells.dtype)
    np.add.at(lines, line_of, line_blocks)
    reps = rep_lines.sum(axis=1)
    left: list[npt.NDArray[_Number]] = [cells.ravel(), rep_lines.ravel(), reps, teams.members @ reps]
    return np.concatenate([*left, periods, line_blocks, lines, lines.sum(keepdims=True)])


def _ranks(network: Network) -> npt.NDArray[np.int8]:
    """Tell in which round each edge may first leave its starting value, shape (n_edges,)."""
    n_cells, n_own = network.n_cells, network.n_own
    ranks = np.ones(len(network.values), dtype=np.int8)
    fractions = network.values[:n_cells] - np.floor(network.values[:n_cells])
    ranks[:n_cells] += np.searchsorted(_RELUCTANCE, np.abs(1.0 - 2.0 * fractions)).astype(np.int8)
    whole = network.low == network.high
    ranks[:n_own][whole[:n_own]] = _OWN_WHOLE
    ranks[n_own:][whole[n_own:]] = _SHARED_WHOLE
    ranks[network.values == network.low] = _NEVER
    return ranks


def _excess(network: Network, flow: Ints) -> Ints:
    """Tell what reaches each node and does not leave it, shape (n_nodes,)."""
    excess = np.zeros(network.n_nodes, dtype=np.int64)
    np.add.at(excess, network.heads, flow)
    np.subtract.at(excess, network.tails, flow)
    return excess


def _send(network: Network, flow: Ints, excess: Ints, movable: Ints) -> None:
    """Send as much excess as the movable edges take, one unit each, to the nodes that lack it; changes `flow`."""
    upward = flow[movable] < network.values[movable]
    tails, heads = network.tails[movable], network.heads[movable]
    tails, heads = np.where(upward, tails, heads), np.where(upward, heads, tails)
    n_nodes = len(excess) + 2
    sent = maximum_flow(_residual_graph(tails, heads, excess), n_nodes - 2, n_nodes - 1).flow
    used = np.flatnonzero(sent.data > 0)
    used_tails = np.searchsorted(sent.indptr, used, side="right") - 1
    used_arcs = np.sort(used_tails * np.int64(n_nodes) + sent.indices[used])
    arcs = tails * np.int64(n_nodes) + heads
    moved = np.searchsorted(used_arcs, arcs, side="right") > np.searchsorted(used_arcs, arcs)
    flow[movable[moved]] += np.where(upward[moved], 1, -1)


def _residual_graph(tails: npt.NDArray[np.int32], heads: npt.NDArray[np.int32], excess: Ints) -> csr_array:
    """Join arcs of one unit with a source before the nodes of excess and a sink behind those that lack."""
    n_nodes = len(excess)
    sources, sinks = np.flatnonzero(excess > 0), np.flatnonzero(excess < 0)
    rows = np.concatenate([tails, np.full(len(sources), n_nodes), sinks], dtype=np.int32)
    columns = np.concatenate([heads, sources, np.full(len(sinks), n_nodes + 1)], dtype=np.int32)
    capacities = np.concatenate([np.ones(len(tails)), excess[sources], -excess[sinks]]).astype(np.int32)
    return csr_array((capacities, (rows, columns)), shape=(n_nodes + 2, n_nodes + 2))

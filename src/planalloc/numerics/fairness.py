"""The most even totals that coverage allows, and who can serve what at that point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import block_array, coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from planalloc.errors import SolveError

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats, Ints

__all__ = ["even_totals"]

_TIE = 1e-12
"""Loads that differ by less, relatively, are one load; parts of a total below it are rounding error."""

_LP_TOTAL = 1e4
"""Total of every linear program: its tolerances of 1e-10 then mean 1e-14 of the total, still above rounding error."""


def even_totals(demand: Floats, *, capacity: Floats, serves: Bools) -> tuple[Floats, Bools]:
    """Share demand out as evenly, per unit of capacity, as coverage allows (F-11 i).

    Of all ways to serve the demand, those whose loads ``totals / capacity``, sorted from the heaviest, are
    lexicographically least; they all have the same totals, which also minimize ``sum(totals**2 / capacity)``.
    The heaviest load is the maximum over sets S of columns of ``D(S) / K(N(S))``, N(S) the rows that serve a
    column of S: those rows serve S and nothing else, and the rest is shared out among the others likewise.

    Rows that serve the same columns are merged first, and columns served by the same rows: cost follows the number
    of different ones. Then the set that most exceeds the average load of the whole splits it in two, and each
    part likewise, until no set exceeds its average.

    Parameters
    ----------
    demand : Floats, shape (m,)
        What each column needs, at least 0, in any unit.
    capacity : Floats, shape (n,)
        What each row's total is measured against, at least 0, in any unit. Zero gets nothing.
    serves : Bools, shape (n, m)
        Whether the row may serve the column.

    Returns
    -------
    totals : Floats, shape (n,)
        Unit of `demand`; they sum to its sum.
    carries : Bools, shape (n, m)
        Cells that are positive in some way to serve the demand with these totals. All others are zero in each.

    Raises
    ------
    ValueError
        When demand or capacity is negative or not finite, or when a column with demand is served by no row with
        capacity.
    SolveError
        When HiGHS finds no flow of demand to capacity, which there always is.

    References
    ----------
    Megiddo, N. (1974), "Optimal flows in networks with multiple sources and sinks", Mathematical Programming 7,
    97-107.
    Fujishige, S. (1980), "Lexicographically optimal base of a polymatroid with respect to a weight vector",
    Mathematics of Operations Research 5(2), 186-196.
    Groenevelt, H. (1991), "Two algorithms for maximizing a separable concave function over a polymatroid feasible
    region", European Journal of Operational Research 54(2), 227-236, for the splitting in two.

    Examples
    --------
    A row that serves the first column only, and one that serves all three:

    >>> totals, carries = even_totals(
    ...     np.array([35.0, 25.0, 40.0]),
    ...     capacity=np.array([1.0, 1.0]),
    ...     serves=np.array([[True, False, False], [True, True, True]]),
    ... )
    >>> totals
    array([35., 65.])
    >>> carries[1]
    array([False,  True,  True])
    """
    for name, numbers in (("demand", demand), ("capacity", capacity)):
        if not (np.isfinite(numbers) & (numbers >= 0)).all():
            raise ValueError(f"{name} must be finite and at least 0")
    wanted = np.flatnonzero(demand)
    able = np.flatnonzero((capacity > 0) & serves[:, wanted].any(axis=1))
    edges = serves[np.ix_(able, wanted)]
    orphans = wanted[~edges.any(axis=0)]
    if orphans.size:
        raise ValueError(f"columns {orphans.tolist()} have demand and no row with capacity serves them")
    totals, carries = np.zeros(serves.shape[0]), np.zeros(serves.shape, dtype=np.bool_)
    if wanted.size == 0:
        return totals, carries
    row_group, first_rows = _alike(edges)
    column_node, first_columns = _alike(edges.T)
    loads, usable = _even_loads(
        _sums(demand[wanted], column_node),
        _sums(capacity[able], row_group),
        edges[np.ix_(first_rows, first_columns)],
    )
    totals[able] = loads[row_group] * capacity[able]
    carries[np.ix_(able, wanted)] = usable[np.ix_(row_group, column_node)]
    return totals, carries


def _alike(rows: Bools) -> tuple[Ints, Ints]:
    """Return the group of each row, equal rows together, and the first row of each group."""
    _, first, group = np.unique(np.packbits(rows, axis=1), axis=0, return_index=True, return_inverse=True)
    return group.reshape(-1), first


def _sums(amounts: Floats, group: Ints) -> Floats:
    """Sum by group, pairwise: one running sum over thousands would break ties by its rounding error."""
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    return np.add.reduceat(amounts[order], starts)


def _even_loads(demand: Floats, capacity: Floats, edges: Bools) -> tuple[Floats, Bools]:
    """Find the load of each group and the usable edges by splitting the heaviest part off, again and again."""
    loads, usable = np.zeros(len(capacity)), np.zeros_like(edges)
    parts = [(np.arange(len(capacity)), np.arange(len(demand)))]
    while parts:
        groups, nodes = parts.pop()
        cells = np.ix_(groups, nodes)
        part_demand, part_capacity, part_edges = demand[nodes], capacity[groups], edges[cells]
        load = part_demand.sum() / part_capacity.sum()
        room = load * part_capacity
        if part_edges.all():
            loads[groups], usable[cells] = load, True
            continue
        flow, heavy = _greatest_flow(part_demand, room, part_edges)
        servers = part_edges[:, heavy].any(axis=1)
        if part_demand[heavy].sum() - room[servers].sum() > _TIE * part_demand[heavy].sum():
            parts += [(groups[servers], nodes[heavy]), (groups[~servers], nodes[~heavy])]
        else:
            loads[groups], usable[cells] = load, _exchangeable(flow, part_edges)
    return loads, usable


def _greatest_flow(demand: Floats, room: Floats, edges: Bools) -> tuple[Floats, Bools]:
    """Find the greatest flow from nodes to groups, and the nodes that most exceed the room of their groups.

    The prices of the linear program are a minimum cut: 1 or 0, since its matrix is totally unimodular. A node with
    price 0 would gain nothing from more demand: it is on the crowded side.

    Returns
    -------
    flow : Floats, shape (n_groups, n_nodes)
        As part of the total demand.
    crowded : Bools, shape (n_nodes,)
    """
    from scipy.optimize import linprog  # noqa: PLC0415 -- loaded only when needed

    group, node = np.nonzero(edges)
    edge = np.arange(len(group))
    sums = coo_array(
        (np.ones(2 * len(edge)), (np.concatenate([group, len(room) + node]), np.tile(edge, 2))),
        shape=(len(room) + len(demand), len(edge)),
    )
    result = linprog(
        -np.ones(len(edge)),
        A_ub=sums.tocsc(),
        b_ub=np.concatenate([room, demand]) * (_LP_TOTAL / demand.sum()),
        bounds=(0, None),
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if result.status != 0:
        raise SolveError(f"no flow of demand to capacity was found: {result.message}", report=result)
    flow = np.zeros(edges.shape)
    flow[group, node] = result.x / _LP_TOTAL
    return flow, result.ineqlin.marginals[len(room) :] > -0.5


def _exchangeable(flow: Floats, edges: Bools) -> Bools:
    """Tell which edges are positive in some flow with the row and column sums of this one.

    Flow can be added on any edge and taken from those that have some; both at once, sums unchanged, is a cycle. So
    an edge can be positive if and only if its ends are strongly connected. A node or group all of whose flow is lost
    in rounding error keeps its edges.
    """
    positive = flow > _TIE
    arcs = block_array([[None, csr_array(edges)], [csr_array(positive.T), None]], format="csr")
    _, component = connected_components(arcs, directed=True, connection="strong")
    together = np.equal.outer(component[: len(edges)], component[len(edges) :])
    lost = np.logical_or.outer(~positive.any(axis=1), ~positive.any(axis=0))
    usable: Bools = edges & (together | lost)
    return usable

"""Controlled rounding as a program: the nearest whole numbers, also under limits across both families (F-13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array, csr_array, hstack, vstack

from planalloc.errors import LimitReachedError

if TYPE_CHECKING:
    from planalloc.numerics.rounding_network import Network
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Limits", "nearest_whole"]

# Costs are scaled so that the tie-break, a millionth of a unit, is still seen at the solver's tolerance of 1e-7.
_UNIT_COST = 1e4
_TIE_BREAK = 1e-6

# In units: a sum that leaves its floor and ceiling costs more than several cells on their far side.
_LOOSENING_COST = 10.0

# A search as long as this one is a puzzle and no longer a plan.
_NODE_LIMIT = 10_000

# The status by which `scipy.optimize.milp` says that there is no answer.
_INFEASIBLE = 2


@dataclass(frozen=True)
class Limits:
    """Sums of cells that must stay within whole bounds.

    Attributes
    ----------
    members : csr_array of 0 and 1, shape (n_limits, n_cells)
        The cells of each sum.
    lower, upper : Floats, shape (n_limits,)
        Least and greatest value of each sum, in units; may be infinite.
    """

    members: csr_array
    lower: Floats
    upper: Floats

    def violated(self, cells: Ints) -> Ints:
        """List the limits that whole cells, shape (n_cells,), do not keep."""
        sums = self.members.astype(np.int64) @ cells
        return np.flatnonzero((sums < self.lower) | (sums > self.upper))


def nearest_whole(
    network: Network, *, low: Ints, high: Ints, limits: Limits | None = None, loose: Bools | None = None
) -> Ints | None:
    """Round the cells of a network to the nearest whole numbers that its bounds allow.

    Minimizes the sum over cells of (1 - 2 x fraction) per unit rounded up; among equals the earlier cells go up.
    Without limits the rows are those of a network, so that every vertex of the linear program is whole [1]_; with
    limits whole numbers are asked for, and the least sum is met to within a ten-thousandth of it.

    Parameters
    ----------
    network : Network
        The sums, in units.
    low, high : Ints, shape (n_edges,)
        Least and greatest value of each sum, in units.
    limits : Limits or None
        Further sums of cells.
    loose : Bools, shape (n_edges,), or None
        Sums that may leave their bounds by one unit, as few as possible; cells stay at zero or above.

    Returns
    -------
    Ints, shape (n_cells,), or None
        Whole cells, or None where there are none.

    Raises
    ------
    LimitReachedError
        When the search was given up before it was certain.

    References
    ----------
    .. [1] A. J. Hoffman, J. B. Kruskal, "Integral boundary points of convex polyhedra", in *Linear Inequalities and
       Related Systems*, Princeton University Press, 1956, 223-246.

    Examples
    --------
    >>> from planalloc.numerics.rounding_network import build_network
    >>> network = build_network(np.array([[[5.1]], [[1.6]], [[1.3]]]), np.array([[0]]))
    >>> nearest_whole(network, low=network.low, high=network.high).tolist()
    [5, 2, 1]
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 -- loaded only when needed

    rows, lower, upper = _rows(network, limits)
    at_low = rows @ low
    lower, upper = lower - at_low, upper - at_low
    free = np.flatnonzero(low < high)
    beyond = np.flatnonzero(loose) if loose is not None else free[:0]
    below = beyond[low[beyond] > 0]
    columns = hstack([rows[:, free], rows[:, beyond], -rows[:, below]], format="csc")
    if columns.shape[1] == 0:
        return low[: network.n_cells] if (lower <= 0).all() and (upper >= 0).all() else None
    loosenings = np.full(len(beyond) + len(below), _LOOSENING_COST)
    result = milp(
        _UNIT_COST * np.concatenate([_costs(network)[free], loosenings]),
        integrality=None if limits is None else np.ones(columns.shape[1]),
        bounds=Bounds(0, np.concatenate([(high - low)[free], np.ones(len(loosenings))])),
        constraints=LinearConstraint(columns, lower, upper),
        options={"node_limit": _NODE_LIMIT},
    )
    if result.x is None:
        if result.status == _INFEASIBLE:
            return None
        raise LimitReachedError("The rounding to whole units was given up", hint="Use fewer limits that cut across.")
    steps = np.rint(result.x).astype(np.int64)
    up, over, under = np.split(steps, [len(free), len(free) + len(beyond)])
    flow = low.copy()
    flow[free] += up
    flow[beyond] += over
    flow[below] -= under
    return flow[: network.n_cells]


def _rows(network: Network, limits: Limits | None) -> tuple[csc_array, Floats, Floats]:
    """State that sums add up at every node and that limits hold, over all edges."""
    n_edges = len(network.values)
    ends = np.column_stack([network.heads, network.tails]).ravel()
    signs, starts = np.tile([1.0, -1.0], n_edges), np.arange(0, 2 * n_edges + 1, 2)
    balance = csc_array((signs, ends, starts), shape=(network.n_nodes, n_edges))
    nothing = np.zeros(network.n_nodes)
    if limits is None:
        return balance, nothing, nothing
    members = limits.members
    padded = csr_array((members.data, members.indices, members.indptr), shape=(members.shape[0], n_edges))
    rows = vstack([balance, padded], format="csc")
    return rows, np.concatenate([nothing, limits.lower]), np.concatenate([nothing, limits.upper])


def _costs(network: Network) -> Floats:
    """Cost of one unit more on each edge, in units; sums cost nothing."""
    n_cells = network.n_cells
    costs = np.zeros(len(network.values))
    fractions = network.values[:n_cells] - network.low[:n_cells]
    # A square root, for a straight line would tie the two ways to round a table of equal fractions.
    costs[:n_cells] = 1.0 - 2.0 * fractions + _TIE_BREAK * np.sqrt(np.arange(n_cells) / n_cells)
    return costs

"""Controlled rounding: a plan in whole units whose sums add up on every margin (F-13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InputError, LimitReachedError, VerificationError
from planalloc.numerics.rounding_network import NOISE, build_network, nearby_flow
from planalloc.numerics.rounding_program import Limits, nearest_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scipy.sparse import csr_array

    from planalloc.numerics.rounding_network import Network
    from planalloc.types import Bools, Floats, Ints

__all__ = ["controlled_round"]

# Up to here the linear program takes a tenth of a second and gives the nearest cells.
_PROGRAM_CELLS = 5_000


def controlled_round(
    cells: Floats,
    *,
    blocks: Ints,
    limits: csr_array | None = None,
    lower: Floats | None = None,
    upper: Floats | None = None,
) -> Ints | None:
    """Round a plan to whole units so that every sum that people look at is rounded too (F-13).

    The sums form two nested families: rep, rep x line, cell; and grand total, line, line x block, line x period, cell.
    Limits on teams, sets of whole reps that nest, extend the first family. Each sum goes to its floor or its ceiling,
    and those that are whole but for noise (1e-6 of a unit, or 1e-9 of the sum up to 1e-3) to that whole number. Such an
    answer always exists [1]_ [2]_. Up to 5,000 cells it is the one with the least sum over cells of 1 - 2 x fraction
    per unit rounded up, earlier cells first; larger plans are rounded by a running sum, and by maximum flows where that
    leaves something, with the same guarantee on every sum and with cells that are near, not always nearest. Only where
    thousands of small errors add up to a unit, so that sums that look whole contradict each other, may some of them go
    to their other neighbor.

    Limits that cut across both families are outside of that guarantee. Where the answer breaks one of them, whole
    numbers that keep all of them are searched for, in large plans first with most reps left as they are. Where there
    are none, everything may leave its floor or ceiling by one unit, as little as possible, except for: the limits,
    line totals that are whole, line x block, line x period, and cells of zero. What must hold exactly, closed periods
    and pins among it, therefore belongs into the limits.

    Parameters
    ----------
    cells : Floats, shape (n_reps, n_lines, n_periods)
        Amounts in units, at least 0. Zero stays zero. The shortfall is one more rep.
    blocks : Ints, shape (n_lines, n_periods)
        Season block of each line's period, such as its quarter; equal numbers within a line are one block.
    limits : csr_array of 0 and 1, shape (n_limits, n_reps * n_lines * n_periods), or None
        Further sums, over the cells in C order.
    lower, upper : Floats, shape (n_limits,), or None
        Least and greatest value of these sums after rounding, whole units or infinite. None is infinite.

    Returns
    -------
    Ints, shape (n_reps, n_lines, n_periods), or None
        Whole units, or None where no whole numbers keep the limits.

    Raises
    ------
    InputError
        When an amount is below zero or not finite.
    LimitReachedError
        When the search for whole numbers that keep the limits was given up before it was certain.
    VerificationError
        When the answer does not pass its own check in whole-number arithmetic.

    References
    ----------
    .. [1] L. H. Cox, L. R. Ernst, "Controlled rounding", INFOR 20(4), 1982, 423-432.
    .. [2] A. J. Hoffman, "Some recent applications of the theory of linear inequalities to extremal combinatorial
       analysis", Proceedings of Symposia in Applied Mathematics 10, 1960, 113-127.

    Examples
    --------
    Two reps share three units in the first month and one in the second:

    >>> cells = np.array([[[1.6, 0.4]], [[1.4, 0.6]]])
    >>> controlled_round(cells, blocks=np.array([[0, 0]])).tolist()
    [[[2, 0]], [[1, 1]]]
    """
    if not np.isfinite(cells).all() or (cells < -NOISE).any():
        raise InputError("Amounts to be rounded must be finite and at least zero")
    bounds = None if limits is None else _bounds(limits, lower, upper)
    network = build_network(np.maximum(cells, 0.0), blocks, limits=limits)
    whole = _within_families(network)
    if bounds is None or bounds.violated(whole).size == 0:
        return whole.reshape(cells.shape)
    kept = _within_limits(network, whole, bounds)
    return None if kept is None else kept.reshape(cells.shape)


def _bounds(limits: csr_array, lower: Floats | None, upper: Floats | None) -> Limits:
    n_limits = limits.shape[0]
    return Limits(
        members=limits,
        lower=np.full(n_limits, -np.inf) if lower is None else lower,
        upper=np.full(n_limits, np.inf) if upper is None else upper,
    )


def _within_families(network: Network) -> Ints:
    """Round by the two families alone, shape (n_cells,)."""
    low, high = network.low, network.high
    whole = nearest_whole(network, low=low, high=high) if network.n_cells <= _PROGRAM_CELLS else None
    if whole is None:
        flow = nearby_flow(network)
        if (flow < low).any() or (flow > high).any():
            low = np.minimum(low, np.floor(network.values).astype(np.int64))
            high = np.maximum(high, np.ceil(network.values).astype(np.int64))
        whole = flow[: network.n_cells]
    _verify(network, whole, low, high)
    return whole


def _within_limits(network: Network, start: Ints, limits: Limits) -> Ints | None:
    """Search for whole cells that keep the limits, near those that keep the families, shape (n_cells,)."""
    given_up = None
    flow = network.sums(start)
    violated = limits.members[limits.violated(start)]
    for loosening in (np.zeros(len(flow), dtype=np.bool_), _may_loosen(network)):
        for moving in _neighborhoods(network, violated):
            low, high = np.where(moving, network.low, flow), np.where(moving, network.high, flow)
            loose = loosening & moving
            try:
                whole = nearest_whole(network, low=low, high=high, limits=limits, loose=loose)
            except LimitReachedError as error:
                given_up = error
                continue
            given_up = None
            if whole is not None:
                _verify(network, whole, np.maximum(network.low - loosening, 0), network.high + loosening, limits)
                return whole
    if given_up is not None:
        raise given_up
    return None


def _may_loosen(network: Network) -> Bools:
    """Tell which sums may leave their floor and ceiling for the sake of the limits, shape (n_edges,)."""
    loose = np.ones(len(network.values), dtype=np.bool_)
    loose[: network.n_cells] = network.high[: network.n_cells] > 0
    loose[network.n_own + len(network.teams.team_of_team) :] = False
    lines = slice(-1 - network.shape[1], None)
    loose[lines] = network.low[lines] < network.high[lines]
    return loose


def _neighborhoods(network: Network, violated: csr_array) -> Iterator[Bools]:
    """Let ever more reps move, some of every violated limit and some of all, and at last everyone; (n_edges,) each."""
    n_reps, n_lines, n_periods = network.shape
    n_own = max(1, n_lines * n_periods)
    by_limit = np.split(violated.indices // n_own, violated.indptr[1:-1])
    count = max(_PROGRAM_CELLS // n_own, len(by_limit) + 1)
    while count < n_reps:
        reps = np.zeros(n_reps, dtype=np.bool_)
        for group in (*by_limit, np.arange(n_reps)):
            reps[group[:: max(1, len(group) * (len(by_limit) + 1) // count)]] = True
        shared = np.ones(len(network.values) - network.n_own, dtype=np.bool_)
        yield np.concatenate([reps.repeat(n_own), reps.repeat(n_lines), reps, shared])
        count *= 2
    yield np.ones(len(network.values), dtype=np.bool_)


def _verify(network: Network, cells: Ints, low: Ints, high: Ints, limits: Limits | None = None) -> None:
    """Check every sum and limit in whole numbers."""
    sums = network.sums(cells)
    if (sums < low).any() or (sums > high).any() or (limits is not None and limits.violated(cells).size):
        raise VerificationError("The plan in whole units does not add up", hint="Please report this plan.")

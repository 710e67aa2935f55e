"""A whole plan in one pass over the cells, and swaps inside reps until the periods add up too (F-13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats, Ints

__all__ = ["running_whole"]

HALF = 0.5


def running_whole(cells: Floats, *, low: Ints, high: Ints, block_of: Ints) -> Ints:
    """Round cells so that all sums of a rep, and nearly all sums of a line's periods, are at their floor or ceiling.

    One running sum over all cells, rounded at every step, leaves every stretch of it at its floor or ceiling [1]_:
    cells, reps' lines, reps, the whole. What the periods of a line then have too much or too little of is swapped
    within reps, many at a time. What cannot be swapped that way is left as it is.

    Parameters
    ----------
    cells : Floats, shape (n_reps, n_lines, n_periods)
        Amounts in units.
    low, high : Ints, shape (n_reps, n_lines, n_periods)
        Floor and ceiling of each cell; equal where it is whole but for noise.
    block_of : Ints, shape (n_lines x n_periods,)
        Number of the season block of each line's period.

    Returns
    -------
    Ints, shape (n_reps, n_lines, n_periods)
        Each `low` or `high`.

    References
    ----------
    .. [1] M. L. Balinski, N. Shahidi, "A simple approach to the product rate variation problem via axiomatics",
           Operations Research Letters 22 (1998) 129-135, for the running sum.

    Examples
    --------
    >>> cells = np.array([[[1.6, 0.4]], [[1.4, 0.6]]])
    >>> low, high = np.floor(cells).astype(int), np.ceil(cells).astype(int)
    >>> running_whole(cells, low=low, high=high, block_of=np.array([0, 1])).tolist()
    [[[2, 0]], [[1, 1]]]
    """
    parts = np.where(low < high, cells - low, 0.0)
    up = np.diff(np.floor(np.cumsum(parts.ravel()) + HALF), prepend=0.0).reshape(cells.shape) > 0
    up &= low < high
    due = _due(cells, block_of) - low.sum(axis=0)
    _swap_within_lines(_State(up, low < high), due)
    _swap_between_lines(_State(up, low < high), due, parts)
    _come_nearer(up, parts)
    return low + up


class _State(NamedTuple):
    """Which cells are at their ceiling, shape (n_reps, n_lines, n_periods); changed in place. Which ones have one."""

    up: Bools
    open: Bools

    def give_and_take(self, give: tuple[int, int], take: tuple[int, int], *, allowed: Bools | None, most: int) -> int:
        """Let up to `most` reps give a unit of one line's period and take one of another; return how many did."""
        able = self.up[:, *give] & self.open[:, *take] & ~self.up[:, *take]
        if allowed is not None:
            able &= allowed
        who = np.flatnonzero(able)
        who = who[:: max(1, len(who) // most)][:most]  # from all over, not the first ones only
        self.up[who, *give] = False
        self.up[who, *take] = True
        return len(who)


def _due(cells: Floats, block_of: Ints) -> Ints:
    """Return each line's periods in whole units, blocks and lines rounded as well, shape (n_lines, n_periods)."""
    periods = cells.sum(axis=0)
    order = np.argsort(block_of, kind="stable")
    parts = periods.ravel()[order]
    nearest = np.rint(parts)
    parts = np.where(np.abs(parts - nearest) <= 1e-9 * np.maximum(nearest, 1.0), nearest, parts)
    floors = np.floor(parts)
    due = np.empty(len(order), dtype=np.int64)
    running = np.floor(np.cumsum(parts - floors) + HALF)
    due[order] = floors.astype(np.int64) + np.diff(running, prepend=0.0).astype(np.int64)
    return due.reshape(periods.shape)


def _swap_within_lines(state: _State, due: Ints) -> None:
    for s in range(due.shape[0]):
        over = state.up[:, s].sum(axis=0) - due[s]
        for give in np.flatnonzero(over > 0).tolist():
            for take in np.flatnonzero(over < 0).tolist():
                most = min(int(over[give]), int(-over[take]))
                if most > 0:
                    done = state.give_and_take((s, give), (s, take), allowed=None, most=most)
                    over[give] -= done
                    over[take] += done


def _swap_between_lines(state: _State, due: Ints, parts: Floats) -> None:
    """Swap where a rep's lines, too, may change sides: from one at its ceiling to one at its floor."""
    over = state.up.sum(axis=0) - due
    if not over.any():
        return
    sums = parts.sum(axis=2)
    for give in np.argwhere(over > 0).tolist():
        for take in np.argwhere(over < 0).tolist():
            most = min(int(over[*give]), int(-over[*take]))
            if most > 0 and give[0] != take[0]:
                line_up = state.up[:, [give[0], take[0]]].sum(axis=2)
                allowed = (line_up[:, 0] > sums[:, give[0]]) & (line_up[:, 1] < sums[:, take[0]])
                done = state.give_and_take((give[0], give[1]), (take[0], take[1]), allowed=allowed, most=most)
                over[*give] -= done
                over[*take] += done


def _come_nearer(up: Bools, parts: Floats) -> None:
    """Let as many reps change two periods of a line one way as the other way, so that both come nearer; in place."""
    gain = 1.0 - 2.0 * parts
    for s in range(up.shape[1]):
        for t in range(up.shape[2]):
            for other in range(t + 1, up.shape[2]):
                change = gain[:, s, t] - gain[:, s, other]
                differ = up[:, s, t] != up[:, s, other]
                there = np.flatnonzero(differ & up[:, s, t] & (change > 0) & (parts[:, s, other] > 0))
                back = np.flatnonzero(differ & up[:, s, other] & (change < 0) & (parts[:, s, t] > 0))
                many = min(len(there), len(back))
                if many:
                    there = there[np.argsort(-change[there], kind="stable")[:many]]
                    back = back[np.argsort(change[back], kind="stable")[:many]]
                    both = np.concatenate([there, back])
                    up[both, s, t] ^= True
                    up[both, s, other] ^= True

"""Shares that add up: whole units by largest remainder, running counts, and proportional splits under caps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["capped_split", "cumulative_round", "grouped_largest_remainder", "largest_remainder"]

_NOISE = 1e-9
"""What floating point may add to a fraction of one unit without meaning anything."""

_LARGEST_TOTAL = 2**48
"""Below it, the rounding errors of all shares together stay under one half unit."""


def largest_remainder(total: int, weights: Floats) -> Ints:
    """Split whole units in proportion to weights by largest remainder (Hamilton's method).

    Each position gets its exact share rounded down; the units left over go one each to the largest fractions.
    Fractions that differ by less than 1e-9 (or by what rounding error amounts to at this total, where that is
    more) are tied, and ties go to the earlier position.

    Parameters
    ----------
    total : int
        Units to split, from 0 up to 2**48.
    weights : Floats, shape (n,)
        Any common unit, at least 0. Zero gets zero.

    Returns
    -------
    Ints, shape (n,)
        Units, with a sum of exactly `total`, each less than one unit from its exact share.

    Raises
    ------
    ValueError
        When `total` is negative or above 2**48, when a weight is negative or not finite, or when there is
        something to split and no weight is above zero.

    References
    ----------
    Balinski, M. L. and Young, H. P. (1982), *Fair Representation*, Yale University Press, chapter 3.

    Examples
    --------
    >>> largest_remainder(10, np.array([1.0, 1.0, 1.0, 0.0])).tolist()
    [4, 3, 3, 0]
    """
    if not 0 <= total <= _LARGEST_TOTAL:
        raise ValueError(f"total is {total}; it must be between 0 and 2**48")
    _refuse_unusable("weights", weights)
    units = np.zeros(len(weights), dtype=np.int64)
    if total == 0:
        return units
    carrying = np.flatnonzero(weights)
    if carrying.size == 0:
        raise ValueError(f"{total} units to split and no weight above zero")
    relative = weights[carrying] / weights.max()
    share = relative / math.fsum(relative) * total
    floor = np.floor(share)
    order = _largest_first(share - floor, noise=_NOISE + 4 * np.finfo(np.float64).eps * total)
    units[carrying] = floor.astype(np.int64)
    units[carrying[order[: total - int(units.sum())]]] += 1
    return units


def grouped_largest_remainder(totals: Ints, weights: Floats, *, groups: Ints) -> Ints:
    """Split the whole units of many groups at once, each in proportion to its members' weights, by largest remainder.

    Parameters
    ----------
    totals : Ints, shape (n_groups,)
        Units of each group, from 0 up to 2**48.
    weights : Floats, shape (n,)
        Any common unit within a group, at least 0. Zero gets zero.
    groups : Ints, shape (n,)
        The group of each position, counted from 0.

    Returns
    -------
    Ints, shape (n,)
        Units, with a sum of exactly its total in each group, each less than one unit from its exact share. Fractions
        that differ by less than 1e-9 (or by what rounding error amounts to) are tied; ties go to earlier positions.

    Raises
    ------
    ValueError
        When a total is negative or above 2**48, when a weight is negative or not finite, or when a group has something
        to split and no weight above zero.

    See Also
    --------
    largest_remainder : The same for one group.

    Examples
    --------
    >>> weights, groups = np.array([1.0, 1.0, 1.0, 2.0, 1.0]), np.array([0, 1, 1, 0, 1])
    >>> grouped_largest_remainder(np.array([9, 10]), weights, groups=groups).tolist()
    [3, 4, 3, 6, 3]
    """
    if totals.size and not (totals.min() >= 0 and totals.max() <= _LARGEST_TOTAL):
        raise ValueError("totals must be between 0 and 2**48")
    _refuse_unusable("weights", weights)
    many = len(totals)
    largest = np.zeros(many)
    np.maximum.at(largest, groups, weights)
    if (totals[largest == 0] > 0).any():
        raise ValueError("a group has units to split and no weight above zero")
    relative = _ratio(weights, largest[groups])
    part = _ratio(relative, _sums(relative, groups, many)[groups])
    share = part * totals[groups]
    whole = np.floor(share)
    fraction = share - whole
    # What rounding error has taken from a group's shares or added to them goes back in proportion.
    lost = totals - _sums(whole, groups, many) - _sums(fraction, groups, many)
    fraction = fraction + part * lost[groups]
    whole, fraction = whole + np.floor(fraction), fraction - np.floor(fraction)
    units = whole.astype(np.int64)
    left = totals - _sums(whole, groups, many).astype(np.int64)
    place = _places(np.where(weights > 0, fraction, -1.0), groups, totals)
    units[place < left[groups]] += 1
    return units


def _sums(values: Floats, groups: Ints, many: int) -> Floats:
    return np.bincount(groups, weights=values, minlength=many).astype(np.float64)


def _places(fractions: Floats, groups: Ints, totals: Ints) -> Ints:
    """Place of each position within its group, from the largest fraction down; near ones are tied, as above."""
    descending = np.lexsort((-fractions, groups))
    group, fraction = groups[descending], fractions[descending]
    fresh = np.diff(group, prepend=-1) != 0
    noise = _NOISE + 4 * np.finfo(np.float64).eps * totals[group]
    rank = np.empty(len(groups), dtype=np.int64)
    rank[descending] = np.cumsum(fresh | (-np.diff(fraction, prepend=np.inf) > noise))
    order = np.argsort(rank, kind="stable")
    first = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
    place = np.empty(len(groups), dtype=np.int64)
    place[order] = np.arange(len(order)) - first
    return place


def cumulative_round(values: Floats) -> Ints:
    """Round a series to whole counts whose running sum is the rounded running sum of the values (F-13).

    Half a unit rounds up. The counts of a series add up to its rounded total, and at every position the running
    count is within one half of the running sum.

    Parameters
    ----------
    values : Floats, shape (..., n)
        Series along the last axis, in any unit that is counted one by one.

    Returns
    -------
    Ints, shape (..., n)
        Counts; none is negative where no value is.

    Raises
    ------
    ValueError
        When a value is not finite.

    Examples
    --------
    >>> cumulative_round(np.array([0.4, 0.4, 0.4, 0.8])).tolist()
    [0, 1, 0, 1]
    """
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    running = np.floor(np.cumsum(values, axis=-1) + 0.5 + _NOISE).astype(np.int64)
    return np.diff(running, axis=-1, prepend=np.int64(0))


def capped_split(totals: Floats, *, weights: Floats, caps: Floats) -> Floats:
    """Split the total of each row in proportion to weights, never above caps.

    What a cap keeps out of one column goes to the others in proportion to their weights, so row *i* is
    ``minimum(caps[i], level * weights[i])`` with the one level that places its total (water filling). A total that
    does not fit under the caps is not placed in full: the row then sums to its caps where the weight is above zero.

    Parameters
    ----------
    totals : Floats, shape (n,)
        What to split, at least 0.
    weights : Floats, shape (n, m)
        Any common unit within a row, at least 0. Zero gets zero.
    caps : Floats, shape (n, m)
        Unit of `totals`, at least 0; ``inf`` where there is no cap.

    Returns
    -------
    Floats, shape (n, m)
        Unit of `totals`. Row sums are ``minimum(totals, sum of caps where weights > 0)``.

    Raises
    ------
    ValueError
        When a total or weight is negative or not finite, or a cap is negative or NaN.

    Examples
    --------
    >>> capped_split(np.array([10.0]), weights=np.array([[1.0, 1.0, 2.0]]), caps=np.array([[1.0, np.inf, 6.0]]))
    array([[1., 3., 6.]])
    """
    _refuse_unusable("totals", totals)
    _refuse_unusable("weights", weights)
    if not (caps >= 0).all():
        raise ValueError("caps must be numbers of at least 0")
    if weights.shape[1] == 0:
        return np.zeros(weights.shape)
    limits = np.where(weights > 0, np.minimum(caps, totals[:, None]), 0.0)
    with np.errstate(over="ignore"):  # a ratio beyond all numbers sorts last, as it should
        ratio = np.divide(limits, weights, out=np.full(weights.shape, np.inf), where=weights > 0)
    order = np.argsort(ratio, axis=1, kind="stable")  # the columns in the order in which they fill up
    weight, limit = np.take_along_axis(weights, order, axis=1), np.take_along_axis(limits, order, axis=1)
    open_weight = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]
    left = totals[:, None] - np.cumsum(np.pad(limit, ((0, 0), (1, 0)))[:, :-1], axis=1)
    fits = left * _ratio(weight, open_weight) <= limit
    full = np.logical_and.accumulate(~fits, axis=1)
    level = np.minimum(full.sum(axis=1, keepdims=True), weights.shape[1] - 1)
    spread = _ratio(weight, np.take_along_axis(open_weight, level, axis=1)) * np.take_along_axis(left, level, axis=1)
    split = np.empty(weights.shape)
    np.put_along_axis(split, order, np.where(full, limit, np.minimum(limit, spread)), axis=1)
    return split


def _ratio(above: Floats, below: Floats) -> Floats:
    """Divide; nothing over nothing is nothing."""
    return np.divide(above, below, out=np.zeros(above.shape), where=below > 0)


def _refuse_unusable(name: str, numbers: Floats) -> None:
    if not (np.isfinite(numbers) & (numbers >= 0)).all():
        raise ValueError(f"{name} must be finite and at least 0")


def _largest_first(fractions: Floats, *, noise: float) -> Ints:
    """Positions from the largest fraction down; neighbors in size within noise of each other are tied."""
    descending = np.argsort(-fractions, kind="stable")
    steps = np.diff(fractions[descending], prepend=fractions[descending[0]]) < -noise
    rank = np.empty(len(fractions), dtype=np.int64)
    rank[descending] = np.cumsum(steps)
    return np.argsort(rank, kind="stable")

"""Whole activities of one period over its weeks, as even in hours as whole numbers allow (F-18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["shared_out"]

NOISE = 1e-9
"""What floating point may add to a number of activities without meaning anything."""

MINUTE = 1 / 60
"""Hours for which an activity counts that takes none, so that those too are spread."""

FINENESS = 1e6
"""Parts of an hour that are told apart: coarser than rounding errors, so that these never decide."""


def shared_out(count: Ints, *, group: Ints, parts: Floats, hours: Floats, settled: Ints | None = None) -> Ints:
    """Share whole numbers out over weeks: each near its even share, and the rows of a group together even in hours.

    Every week gets the even share of each row rounded down. What is over goes, row after row of a group, what takes
    longest first, to those of the weeks that have lost a fraction which are furthest behind their share of the group's
    hours, one each, the earlier of two.

    Parameters
    ----------
    count : Ints, shape (n,)
        Whole numbers of each row.
    group : Ints, shape (n,)
        Rows that are spread together: those of a rep in a period.
    parts : Floats, shape (n, W)
        What part of the working days each week has; the same for all rows of a group, with a sum of 1.
    hours : Floats, shape (n,)
        That one takes.
    settled : Ints, shape (n, W), optional
        Rows that are shared out already, and keep what they have; the others, which are 0 throughout, fit in with them.

    Returns
    -------
    Ints, shape (n, W)
        With the sum of `count`; each less than one from count x part, and none where that part is 0, but where it is
        settled.

    Examples
    --------
    >>> shared_out(np.array([3, 1]), group=np.zeros(2, dtype=int), parts=np.full((2, 2), 0.5), hours=np.array([2.0, 2]))
    array([[2, 1],
           [0, 1]])
    """
    _, group = np.unique(group, return_inverse=True)
    hours = np.where(hours > 0, hours, MINUTE)
    found = np.floor(count[:, None] * parts + NOISE).astype(np.int64)
    if settled is not None:
        found = np.where(settled.any(axis=1, keepdims=True), settled, found)
    over = count - found.sum(axis=1)
    fraction = count[:, None] * parts - found
    behind = _sums(fraction * hours[:, None], group)
    order = np.lexsort((-hours, group))
    turn = np.empty(len(count), dtype=np.int64)
    turn[order] = np.arange(len(count)) - np.searchsorted(group[order], group[order])
    by_turn = np.argsort(turn, kind="stable")
    for rows in np.split(by_turn, np.searchsorted(turn[by_turn], np.arange(1, turn.max(initial=0) + 1))):
        wanted = np.where(fraction[rows] > NOISE, np.rint(behind[group[rows]] * FINENESS), -np.inf)
        weeks = np.argsort(-wanted, axis=1, kind="stable")
        one_more = np.zeros(weeks.shape, dtype=np.int64)
        np.put_along_axis(one_more, weeks, np.arange(weeks.shape[1]) < over[rows, None], axis=1)
        found[rows] += one_more
        behind[group[rows]] -= one_more * hours[rows, None]
    return found


def _sums(values: Floats, group: Ints) -> Floats:
    """Add up the rows of each group, shape (groups, W)."""
    found = np.zeros((int(group.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(found, group, values)
    return found

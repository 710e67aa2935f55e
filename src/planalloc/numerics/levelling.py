"""Whole activities within the hours of every period (F-18): what rounding puts above them moves, or is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.types import Floats, Ints

__all__ = ["Kind", "levelled", "narrowed"]

Counts: TypeAlias = npt.NDArray[np.signedinteger[Any]]

TOLERANCE = 1e-9
"""Relative excess of hours that is rounding error of sums."""

FINENESS = 2**10
"""Parts of one activity that are told apart: coarser than rounding errors, so that these never decide."""

LARGEST = 2**15 - 1
"""Number that `Kind.ahead` can hold: some 32 activities, beyond which it plays no part how many more there are."""

ROUNDS = 3
"""Times that place is made for what takes longer: the first gains nearly all, and a second what it missed."""

AT_ONCE = 500
"""Reps levelled together: few enough that their numbers stay in the processor's cache."""


def narrowed(count: Ints) -> Counts:
    """Return the same whole numbers in half the memory, where they are small enough.

    Examples
    --------
    >>> narrowed(np.array([1, 2])).dtype, narrowed(np.array([1, 2**40])).dtype
    (dtype('int32'), dtype('int64'))
    """
    return count.astype(np.int32) if count.max(initial=0) < 2**31 else count


@dataclass(frozen=True)
class Kind:
    """Activities that are counted together, of R reps in T periods.

    Parameters
    ----------
    count : Counts
        Whole numbers, shape (R, T).
    ahead : Counts
        By how much the count of a period is above what is planned, in parts of `FINENESS`, shape (R, T).
    hours : float
        That one takes, at full productivity.
    priority : float
        Of two that take as long, the one of the lower priority is left out.
    """

    count: Counts
    ahead: Counts
    hours: float
    priority: float

    @classmethod
    def of(cls, count: Ints, *, planned: Floats, hours: float, priority: float) -> Kind:
        """Return a kind from its whole numbers and what is planned in floats, shape (R, T) each."""
        ahead = np.clip(np.rint((count - planned) * FINENESS), -LARGEST, LARGEST)
        return cls(narrowed(count), ahead.astype(np.int16), hours, priority)


def levelled(kinds: Sequence[Kind], *, room: Floats) -> tuple[list[Counts], list[Counts]]:
    """Move single activities so that nobody works more hours in a period than there are (F-18).

    Reps whose counts fit keep them. For others:

    1. Each period above its hours gives up what rounding put into it: what is furthest ahead of the plan first, one
       after the other until the rest fits. Where that is not enough, one more of each kind, then two more, and so on.
    2. What was given up goes to the nearest period with room, of two as near to the earlier one. What takes longest
       chooses first, then what has the higher priority.
    3. What then fits nowhere gets the place of things that together take less, and these look for another one.
    4. What is left is left out. Of two things that take as long, it is the one of the lower priority.

    Parameters
    ----------
    kinds : sequence of Kind
        All K kinds of all reps.
    room : Floats, shape (R, T)
        Hours that each rep has in each period, at full productivity; 0 where they are away.

    Returns
    -------
    counts : list of Counts, shape (R, T) each
        Kind by kind; together they take no more hours than there are, but for rounding errors (1e-9 of the hours).
    left_out : list of Counts, shape (R,) each
        Kind by kind; with the counts they add up to what was given.

    Examples
    --------
    >>> rounded, planned = np.array([[2, 0]]), np.array([[1.5, 0.5]])
    >>> meetings = Kind.of(rounded, planned=planned, hours=3.0, priority=1.0)
    >>> [count.tolist() for count in levelled([meetings], room=np.array([[5.0, 4.0]]))[0]]
    [[[1, 1]]]
    """
    room = np.where(room > 0, room * (1 + TOLERANCE) + TOLERANCE, 0.0)
    counts, left_out = [kind.count for kind in kinds], [np.zeros(len(room), dtype=kind.count.dtype) for kind in kinds]
    load = sum((kind.count * kind.hours for kind in kinds), np.zeros(room.shape))
    over = np.flatnonzero((load > room).any(axis=1))
    if len(over):
        counts = [count.copy() for count in counts]
    for start in range(0, len(over), AT_ONCE):
        reps = over[start : start + AT_ONCE]
        moving = _Moving.of(kinds, reps, room=room[reps])
        left = moving.settle()
        for k in range(len(kinds)):
            counts[k][reps] = moving.count[k]
            left_out[k][reps] = left[k]
    return counts, left_out


@dataclass(frozen=True)
class _Moving:
    """Some reps' activities on the move: K kinds, n reps, T periods. Its arrays are written to.

    Parameters
    ----------
    count, ahead, left : Counts
        What is in its place; by how much that was ahead of the plan; what was given up, by the period that gave it up.
        Shape (K, n, T).
    free : Floats
        Hours left, below 0 where there are too few, shape (n, T).
    hours, priority : Floats
        Of each kind, shape (K,).
    """

    count: Counts
    ahead: Counts
    left: Counts
    free: Floats
    hours: Floats
    priority: Floats

    @classmethod
    def of(cls, kinds: Sequence[Kind], reps: Ints, *, room: Floats) -> _Moving:
        """Return the activities of some reps, all in their place, whose hours in each period are `room`."""
        count = np.stack([kind.count[reps] for kind in kinds])
        ahead = np.stack([kind.ahead[reps] for kind in kinds])
        hours, priority = (np.array([getattr(kind, name) for kind in kinds]) for name in ("hours", "priority"))
        return cls(count, ahead, np.zeros_like(count), room - np.tensordot(hours, count, axes=1), hours, priority)

    def settle(self) -> Counts:
        """Move what has to move, and return what is left out, shape (K, n)."""
        self._give_up()
        self._place()
        for _ in range(ROUNDS):
            if not self._make_place():
                break
            self._place()
        return self._by_priority(self.left.sum(axis=2))

    def _give_up(self) -> None:
        """Take out of each period above its hours what rounding put into it, and more where that is not enough."""
        rep, period = np.nonzero(self.free < 0)
        rounded_up = -(-self.ahead[:, rep, period].T // FINENESS)
        excess, every = -self.free[rep, period], np.full(len(rep), np.inf)
        self._take(rep, period, self._taken(rep, period, excess=excess, first=rounded_up, shorter_than=every))

    def _taken(self, rep: Ints, period: Ints, *, excess: Floats, first: Counts, shorter_than: Floats) -> Counts:
        """Return what of each kind would take up an excess of hours in m periods, shape (m, K).

        At most `first` of each kind, shape (m, K); where that is not enough one more of each, then two, and so on.
        """
        at = (slice(None), rep, period)
        order = np.argsort(-self.ahead[at].T, axis=1, kind="stable")
        hours = self.hours[order]
        fit = (hours > 0) & (hours < shorter_than[:, None])
        count = np.where(fit, np.take_along_axis(self.count[at].T, order, axis=1), 0)
        at_most = np.minimum(np.take_along_axis(first, order, axis=1).clip(0).astype(count.dtype), count)
        taken, excess, rows, more = np.zeros_like(count), excess.copy(), np.arange(len(rep)), 1
        while len(rows):
            one = _until(excess[rows], hours=hours[rows], at_most=at_most)
            taken[rows] += one
            excess[rows] -= (one * hours[rows]).sum(axis=1)
            rows = rows[(excess[rows] > 0) & (taken[rows] < count[rows]).any(axis=1)]
            at_most = np.minimum(count[rows] - taken[rows], more)
            more = min(more * 2, 2**30)
        by_kind = np.zeros_like(taken)
        np.put_along_axis(by_kind, order, taken, axis=1)
        return by_kind

    def _take(self, rep: Ints, period: Ints, taken: Counts) -> None:
        """Take some of each kind, shape (m, K), out of m different periods of reps."""
        self.count[:, rep, period] -= taken.T
        self.left[:, rep, period] += taken.T
        self.free[rep, period] += taken @ self.hours

    def _place(self) -> None:
        """Put what was given up into the nearest periods with room, the earlier of two first."""
        by_need, periods = self._by_need, self.free.shape[1]
        for distance in range(periods):
            some = self._with_hope()
            if not len(some):
                return
            left, count, free = self.left[:, some], self.count[:, some], self.free[some]
            for way in (-distance, distance)[: 2 if distance else 1]:
                for k in by_need[left[by_need].any(axis=(1, 2))]:
                    rep, origin = np.nonzero(left[k])
                    within = (origin + way >= 0) & (origin + way < periods)
                    rep, origin = rep[within], origin[within]
                    target = origin + way
                    many = np.minimum(left[k, rep, origin], free[rep, target] / self.hours[k]).astype(count.dtype)
                    left[k, rep, origin] -= many
                    count[k, rep, target] += many
                    free[rep, target] -= many * self.hours[k]
            self.left[:, some], self.count[:, some], self.free[some] = left, count, free

    @property
    def _by_need(self) -> Ints:
        """Kinds in the order in which they look for a place: what takes longest, then the higher priority."""
        return np.lexsort((-self.priority, -self.hours))

    def _with_hope(self) -> Ints:
        """Reps with something to place that takes no more hours than some period has left."""
        shortest = np.where(self.left.any(axis=2), self.hours[:, None], np.inf).min(axis=0)
        return np.flatnonzero(self.free.max(axis=1) >= shortest)

    def _make_place(self) -> bool:
        """Let what takes long have the place of what together takes less; return whether there was any such place.

        The periods with most room are asked first, each by one activity.
        """
        rep, kind, origin, turn = self._waiting()
        period = np.argsort(-self.free, axis=1, kind="stable")[rep, turn]
        hours, free = self.hours[kind], self.free[rep, period]
        one_each = np.ones((len(rep), len(self.hours)), dtype=self.count.dtype)
        taken = self._taken(rep, period, excess=hours - free, first=one_each, shorter_than=hours)
        made = taken @ self.hours
        gain = (free + made >= hours) & (made < hours * (1 - TOLERANCE))
        rep, kind, origin, period = rep[gain], kind[gain], origin[gain], period[gain]
        self._take(rep, period, taken[gain])
        np.subtract.at(self.left, (kind, rep, origin), 1)
        np.add.at(self.count, (kind, rep, period), 1)
        self.free[rep, period] -= self.hours[kind]
        return bool(len(rep))

    def _waiting(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return rep, kind, origin and turn of single activities without a place, as many a rep as there are periods.

        What takes longest has the first turn.
        """
        by_need = self._by_need
        rep, place, origin = np.nonzero(self.left[by_need].transpose(1, 0, 2))
        many = np.minimum(self.left[by_need[place], rep, origin], self.free.shape[1])
        rep, kind, origin = (np.repeat(one, many) for one in (rep, by_need[place], origin))
        turn = np.arange(len(rep)) - np.searchsorted(rep, rep)
        now = turn < self.free.shape[1]
        return rep[now], kind[now], origin[now], turn[now]

    def _by_priority(self, left: Counts) -> Counts:
        """Exchange what is left out, shape (K, n), for what takes as long and has a lower priority, the last first."""
        for high in np.argsort(-self.priority, kind="stable"):
            for low in np.argsort(self.priority, kind="stable"):
                if self.priority[low] >= self.priority[high] or self.hours[low] != self.hours[high]:
                    continue
                rep = np.flatnonzero(left[high])
                there = self.count[low, rep, ::-1]
                gone = np.clip(left[high, rep, None] - (np.cumsum(there, axis=1) - there), 0, there)
                self.count[low, rep] -= gone[:, ::-1]
                self.count[high, rep] += gone[:, ::-1]
                left[low, rep] += gone.sum(axis=1)
                left[high, rep] -= gone.sum(axis=1)
        return left


def _until(excess: Floats, *, hours: Floats, at_most: Counts) -> Counts:
    """Return how many of each kind, in order, take up an excess of hours, shape (m, K); all where that is too few."""
    taken = hours * at_most
    still = excess[:, None] - (np.cumsum(taken, axis=1) - taken)
    many = np.ceil(np.divide(still, hours, out=np.zeros(hours.shape), where=hours > 0))
    return np.clip(many, 0, at_most).astype(at_most.dtype)

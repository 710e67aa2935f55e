"""Who has hours to spare takes what others cannot carry: the simple answer, cut to hours and limits without a program.

All in rounding units, for R reps, S lines, T periods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.answering import HOURS_TOLERANCE

if TYPE_CHECKING:
    from planalloc.formulate.formulation import Formulation
    from planalloc.types import Bools, Floats, Ints

__all__ = ["fitted", "with_coverage"]

ROUNDS = 25
"""Times that what is left is offered to those who have hours; each round fills up who comes first to an end."""

ENOUGH_UNITS = 1e-6
"""What is left of a line in a period, in rounding units, below which nothing is left."""

FULL = 1e-9
"""Part of what is offered that counts as none."""


def fitted(left: Formulation, *, own: Floats, due: Floats, coverage: Floats, more: Bools) -> Floats:
    """Return who carries what, shape (R, S, T): nobody more hours than they have, nor above a limit.

    Everybody keeps what they carry, as far as their hours go. The rest of the simple answer goes to those who have
    hours to spare in the months in which its work falls, in proportion to what they carry, round by round. Nobody gives
    up a number for it. What the simple answer leaves of what is due is offered in the same way, but only to some, and
    only where all of the work for it is ahead.

    Parameters
    ----------
    left : Formulation
        The rest of a year; its reference is the simple answer.
    own : Floats
        The part of the simple answer that everybody carries already, shape (R, S, T).
    due : Floats
        What is due, shape (S, T): at least the simple answer's sum, up to rounding error.
    coverage : Floats
        Part of the accounts that everybody goes on working, shape (R, segments).
    more : Bools
        Who is offered what nobody carries in the simple answer, shape (R,).
    """
    room = _Room.of(left, coverage)
    cells = own * room.part_that_fits(np.zeros_like(own), own)
    wanted = left.reference - own
    cells = cells + wanted * room.part_that_fits(cells, wanted)
    may = left.may_carry & (due > 0)[None]
    keys = np.where(may, np.maximum(left.reference, 0.0), 0.0)
    cells = _offered(room, cells, due=np.minimum(due, left.reference.sum(axis=0)), keys=keys)
    if not more.any():
        return cells
    asked = more[:, None, None] & _all_ahead(left)
    keys = np.where(asked, keys, 0.0)
    others = np.where(may & asked, left.time.weight[:, None, :], 0.0)
    return _offered(room, cells, due=due, keys=np.where(keys.sum(axis=0) > 0, keys, others))


def _offered(room: _Room, cells: Floats, *, due: Floats, keys: Floats) -> Floats:
    """Return the cells, shape (R, S, T), with what is left of what is due, by these keys, as far as it fits.

    What does not fit into the period in which it is due is offered in those of the line's other periods whose bookings
    have all of their work ahead: work that would have had to be done by now takes no hours any more, and is not there.
    """
    ahead = _all_ahead(room.left)
    for whole_line in (False, True):
        left = keys * ahead if whole_line else keys
        for _ in range(ROUNDS):
            gap, total = due - cells.sum(axis=0), left.sum(axis=0)
            if whole_line:
                gap, total = (one.sum(axis=1, keepdims=True) for one in (gap, total))
            gap = np.where(gap > ENOUGH_UNITS, gap, 0.0)
            some = (gap > 0) & (total > 0)
            if not some.any():
                break
            offered = left * np.divide(gap, total, out=np.zeros_like(gap), where=some)[None]
            part = room.part_that_fits(cells, offered)
            cells = cells + offered * part
            left = np.where(part < 1.0 - FULL, 0.0, left)
    return cells


def _all_ahead(left: Formulation) -> Bools:
    """Return whether all the work for a booking falls into what is left, by line and period, shape (S, T)."""
    hours = left.work.hours_per_unit.sum(axis=(0, 3))
    found: Bools = hours >= hours.max(axis=1, keepdims=True) * (1.0 - FULL)
    return found


def with_coverage(left: Formulation, cells: Floats, coverage: Floats) -> Floats:
    """Return the coverage, shape (R, segments), with what of the strategy's fits into the hours that are left."""
    full = np.maximum(left.full_coverage, coverage)
    if (full <= coverage).all():
        return coverage
    taken = left.work.hours(cells, coverage)
    more = left.work.hours(cells, full) - taken
    room = np.maximum(left.time.hours - taken, 0.0)
    part = np.divide(room, more, out=np.ones_like(room), where=more > room).min(axis=1, keepdims=True)
    found: Floats = coverage + part * (full - coverage)
    return found


@dataclass(frozen=True, eq=False)
class _Room:
    """What hours and limits leave to everybody."""

    left: Formulation
    hours: Floats
    coverage: Floats
    spans: tuple[tuple[Bools, Ints], ...]

    @staticmethod
    def of(left: Formulation, coverage: Floats) -> _Room:
        """Return the room that there is; each span: periods in which work for a booking falls, and its lines."""
        falls = (left.work.hours_per_unit > 0).any(axis=0)
        spans, which = np.unique(falls, axis=0, return_inverse=True)
        hours = left.time.hours * (1 + HOURS_TOLERANCE)
        return _Room(
            left,
            hours,
            coverage,
            tuple((span, np.flatnonzero(which.ravel() == n)) for n, span in enumerate(spans) if span.any()),
        )

    def part_that_fits(self, cells: Floats, more: Floats) -> Floats:
        """Return the part of each cell of `more` that fits on top of `cells`, shape (R, S, T): 1, but for the full."""
        work = self.left.work
        none = np.zeros_like(self.coverage)
        needed = work.hours(more, none)
        spare = np.maximum(self.hours - work.hours(cells, self.coverage), 0.0)
        ratio = np.minimum(1.0, np.divide(spare, needed, out=np.ones_like(spare), where=needed > spare))
        part = np.ones(more.shape)
        tight = np.flatnonzero((ratio < 1.0).any(axis=1))
        for span, lines in self.spans if len(tight) else ():
            least = np.where(span[None], ratio[tight, None, :], 1.0).min(axis=2)
            part[np.ix_(tight, lines)] = least[:, None, :]
        return np.minimum(part, self._within_limits(cells, more)) if self.left.limits else part

    def _within_limits(self, cells: Floats, more: Floats) -> Floats:
        """Return the part of each cell that keeps below all limits, shape (R, S, T)."""
        hedge, part = self.left.index.hedge[:, None, None], np.ones(more.shape)
        for span in self.left.limits.ranges:
            carried, added = ((one * hedge if span.of_quota else one).sum(axis=(1, 2)) for one in (cells, more))
            part *= _share(span.upper - carried, added)[:, None, None]
        for one in self.left.limits.sums:
            if not np.isfinite(one.upper):
                continue
            box = np.ix_(one.reps, one.lines, one.periods)
            times = hedge[one.reps] if one.of_quota else 1.0
            carried, added = ((some[box] * times).sum() for some in (cells, more))
            part[box] = np.minimum(part[box], _share(np.array(one.upper - carried), np.array(added)))
        return part


def _share(room: Floats, added: Floats) -> Floats:
    """Return the part of what is added for which there is room."""
    some = added > np.maximum(room, 0.0)
    return np.divide(np.maximum(room, 0.0), added, out=np.ones_like(added), where=some)

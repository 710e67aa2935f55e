"""F-19 by the week: each visit in the week in which its account is due, as far as the weeks of its period allow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.activities import Work
from planalloc.numerics.spacing import filled, keep_apart, moved_apart
from planalloc.plan.days import days_there, pieces
from planalloc.plan.weeks import schedule

if TYPE_CHECKING:
    from planalloc.plan.days import Pieces
    from planalloc.plan.table import Table
    from planalloc.plan.visits import Handed, VisitPlan
    from planalloc.types import Bools, Floats, Ints

__all__ = ["WeeklyVisits"]

_NOISE = 1e-9
"""What floating point may add to a part of the year, or to a number of visits, without meaning anything."""


@dataclass(frozen=True)
class _Stretches:
    """The visits of one group in one period, S such stretches in order of groups and time.

    Parameters
    ----------
    group, period, count : Ints
        Which, and how many visits, shape (S,).
    first, many : Ints
        First piece of the period and how many it has, shape (S,).
    parts : Floats
        Part of the period's days with the rep by piece of the period, shape (S, W).
    """

    group: Ints
    period: Ints
    count: Ints
    first: Ints
    many: Ints
    parts: Floats

    def by_piece(self, table: Ints) -> Ints:
        """Return the numbers of groups in pieces, shape (G, P), by stretch and piece of its period, shape (S, W)."""
        nth = np.arange(self.parts.shape[1])
        inside = nth < self.many[:, None]
        piece = np.where(inside, self.first[:, None] + nth, 0)
        return np.where(inside, table[self.group[:, None], piece], 0)


@dataclass(frozen=True)
class WeeklyVisits:
    """The weeks of all visits, and those of the cadence work in the weekly schedule, which follows them.

    Where all work of a group (rep, segment, activity) is visits to named accounts, these choose their weeks and the
    schedule has the work there. Where some of it is work on opportunities, the schedule chooses, and visits take the
    best of its places.

    Parameters
    ----------
    visits : VisitPlan
        What is handed out to accounts in every period.
    """

    visits: VisitPlan

    @property
    def _handed(self) -> Handed:
        return self.visits.handed

    @cached_property
    def cut(self) -> Pieces:
        """The weeks of each period."""
        return pieces(self.visits.problem.calendar)

    @cached_property
    def _rep(self) -> Ints:
        """Position of each group's rep, shape (G,)."""
        many = len(self.visits.listed.segments) * len(self.visits.kinds)
        return self._handed.number // max(many, 1)

    @cached_property
    def _there(self) -> Floats:
        """Part of its period's days with the rep in each piece, shape (R, P)."""
        return days_there(self.visits.problem, self.visits.listed.reps, self.cut)

    @cached_property
    def _stretches(self) -> _Stretches:
        group, period = np.nonzero(self._handed.named)
        first = np.flatnonzero(np.diff(self.cut.period, prepend=-1))
        many = np.diff(first, append=len(self.cut.period))
        begin, size = first[period], many[period]
        nth = np.arange(many.max())
        piece = np.minimum(begin[:, None] + nth, len(self.cut.period) - 1)
        parts = np.where(nth < size[:, None], self._there[self._rep[group][:, None], piece], 0.0)
        return _Stretches(group, period, self._handed.named[group, period], begin, size, parts)

    @cached_property
    def _dealt(self) -> tuple[Ints, Ints]:
        """Pair and stretch of every visit, in order of groups and time, shape (V,) each."""
        pair, _ = self.visits.spread
        return pair, np.repeat(np.arange(len(self._stretches.count)), self._stretches.count)

    @cached_property
    def _due(self) -> Ints:
        """How many visits of a stretch are due by the end of each of its pieces, shape (S, W).

        An account is due at its position in the days that the rep works. Where two of a stretch are due in other
        periods, as work is where the funnel has it, all of it spread over their own.
        """
        stretches, (pair, stretch) = self._stretches, self._dealt
        at = self._position(pair)
        piece = self._piece_at(self._rep[stretches.group][stretch], at) - stretches.first[stretch]
        outside = (piece < 0) | (piece >= stretches.many[stretch])
        elsewhere = np.bincount(stretch[outside], minlength=len(stretches.count)) > 1
        begin = np.cumsum(stretches.count) - stretches.count
        inside = (np.arange(len(stretch)) - begin[stretch] + 0.5) / stretches.count[stretch]
        over = np.cumsum(stretches.parts, axis=1)[stretch] <= inside[:, None] + _NOISE
        piece = np.where(elsewhere[stretch], over.sum(axis=1), piece)
        piece = np.clip(piece, 0, stretches.many[stretch] - 1)
        width = stretches.parts.shape[1]
        each = np.bincount(stretch * width + piece, minlength=len(stretches.count) * width)
        due: Ints = np.cumsum(each.reshape(-1, width), axis=1)
        return due

    def _position(self, pair: Ints) -> Floats:
        """Return where in the year each visit is due, from 0 to 1: the j-th one of an account at (j + phase) / f."""
        order = np.argsort(pair, kind="stable")
        first = np.searchsorted(pair[order], pair[order])
        nth = np.empty(len(pair), dtype=np.int64)
        nth[order] = np.arange(len(pair)) - first
        position: Floats = (nth + self.visits.phases[pair]) / self._handed.visits[pair]
        return position

    def _piece_at(self, rep: Ints, position: Floats) -> Ints:
        """Return the piece in which a part of the days that a rep works is over."""
        visits = self.visits
        days = np.zeros((len(visits.listed.reps), len(self.cut.start)))
        of_index = [visits.listed.reps.index(one.id) for one in visits.index.reps]
        profile = Work(visits.index, visits.time, (), ()).profile
        days[of_index] = profile[:, self.cut.period] * self._there[of_index]
        ends = np.minimum(np.cumsum(days, axis=1), 1.0)
        ends[:, -1] = 1.0
        flat = (ends + 2 * np.arange(len(ends))[:, None]).ravel()
        found = np.searchsorted(flat, position + 2 * rep + _NOISE, side="left")
        piece: Ints = np.minimum(found - rep * len(self.cut.start), len(self.cut.start) - 1)
        return piece

    @cached_property
    def _own(self) -> Bools:
        """Which stretches choose their weeks: all their work is visits, shape (S,)."""
        own: Bools = ~self._handed.shared[self._stretches.group]
        return own

    @cached_property
    def _chosen(self) -> tuple[Ints, Ints]:
        """Visits by piece of each stretch that chooses, shape (S, W), and the piece of each visit, shape (V,)."""
        stretches, (_, stretch) = self._stretches, self._dealt
        even = np.where(self._own[:, None], stretches.count[:, None] * stretches.parts, 0.0)
        least, most = (np.floor(even + _NOISE), np.ceil(even - _NOISE))
        counts = self._filled(least.astype(np.int64), most.astype(np.int64), self._own)
        nth = np.full(len(stretch), 0)
        own = self._own[stretch]
        nth[own] = _nth(counts)
        nth[own] = self._apart(own, nth[own], least.astype(np.int64), most.astype(np.int64))
        width = stretches.parts.shape[1]
        held = np.bincount(stretch[own] * width + nth[own], minlength=counts.size)
        return held.reshape(counts.shape), nth

    def _apart(self, some: Bools, nth: Ints, least: Ints, most: Ints) -> Ints:
        """Return the piece of its stretch for some visits, moved where an account has two in a week, within bounds."""
        stretches, (pair, stretch) = self._stretches, self._dealt
        first = stretches.first[stretch[some]]
        piece = moved_apart(
            self._handed.account[pair[some]],
            first + nth,
            stretch=stretch[some],
            weeks=self.cut.week,
            within=(stretches.first, stretches.many),
            bounds=(least, most),
        )
        return piece - first

    def _filled(self, least: Ints, most: Ints, some: Bools) -> Ints:
        """Return visits by piece of some stretches, as near to when they are due as each piece allows, (S, W)."""
        found = np.zeros(least.shape, dtype=np.int64)
        found[some] = filled(self._due[some], least=least[some], most=most[some])
        return found

    def schedule(self, activities: Table) -> Table:
        """Return activities by week, where visits choose it: see `planalloc.plan.weeks.schedule`."""
        stretches, handed = self._stretches, self._handed
        used, number, _ = self.visits.counted(activities)
        group = np.minimum(np.searchsorted(handed.number, number), max(len(handed.number) - 1, 0))
        period = self.visits.periods_of(activities)[used]
        place = np.full(handed.named.shape, -1, dtype=np.int64)
        place[stretches.group, stretches.period] = np.where(self._own, np.arange(len(self._own)), -1)
        row = place[group, period] if len(used) else used
        settled = np.zeros((len(activities), stretches.parts.shape[1]), dtype=np.int64)
        settled[used[row >= 0]] = self._chosen[0][row[row >= 0]]
        return schedule(self.visits.problem, activities, by="week", settled=settled)

    @cached_property
    def dated(self) -> tuple[Ints, Ints, Ints]:
        """Pair, period and week of every visit, shape (V,) each."""
        stretches, (pair, stretch) = self._stretches, self._dealt
        chosen, nth = self._chosen
        if not self._own.all():
            care, both = (stretches.by_piece(one) for one in self._work)
            free = nth.copy()
            free[~self._own[stretch]] = _nth(self._filled(care, care + both, ~self._own))
            bounds = (np.where(self._own[:, None], chosen, one) for one in (care, care + both))
            nth = self._apart(np.ones(len(stretch), dtype=np.bool_), free, *bounds)
        week = self.cut.week[stretches.first[stretch] + nth]
        return pair, stretches.period[stretch], keep_apart(self._handed.account[pair], week, stretch=stretch)

    @cached_property
    def _work(self) -> tuple[Ints, Ints]:
        """Work by group and piece as the schedule has it: care, and funnel work counted as visits, (G, P) each."""
        weekly = self.schedule(self.visits.activities)
        used, number, counts = self.visits.counted(weekly)
        start = np.datetime64(self.visits.problem.calendar.start) + self.cut.start
        piece = np.searchsorted(start, weekly["start"][used])
        row, shape = np.searchsorted(self._handed.number, number), (len(self._handed.number), len(start))
        care, both = (np.zeros(shape, dtype=np.int64) for _ in counts)
        np.add.at(care, (row, piece), counts[0])
        np.add.at(both, (row, piece), counts[1])
        return care, both

    @cached_property
    def nameless(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Group, period, week and count of work without named accounts."""
        some: Bools = self._handed.nameless.sum(axis=1) > 0
        if not some.any():
            none = np.zeros(0, dtype=np.int64)
            return none, none, none, none
        care = self._work[0] * some[:, None]
        group, piece = np.nonzero(care)
        return group, self.cut.period[piece], self.cut.week[piece], care[group, piece]


def _nth(counts: Ints) -> Ints:
    """Return the piece of its stretch for every visit, from how many each piece of each stretch has."""
    return np.repeat(np.tile(np.arange(counts.shape[1]), len(counts)), counts.ravel())

"""F-2, F-7 and F-12: what revenue and cadences ask for in activities, when, and in hours.

Work for a booking is done days before it. A `Kernel` says, for one number of days, which part of the work for a
booking in period t falls in each period of the horizon, before the horizon, or (the year wraps) at the horizon's end
for the next year's bookings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.formulate.alike import classes

if TYPE_CHECKING:
    from planalloc.formulate.capacity import Capacity
    from planalloc.formulate.index import Index
    from planalloc.model.calendar import Calendar, Period
    from planalloc.model.playbook import Cadence
    from planalloc.types import Bools, Floats, Ints

POINT = 1e-6
"""Length, in working days, of a week that has none."""

__all__ = ["Fed", "Item", "Kernel", "Work", "work"]


@dataclass(frozen=True)
class Kernel:
    """When the work for bookings is done, for one number of days before the booking.

    Parameters
    ----------
    within : Floats
        Part of the work for a booking in period t done in period tau of the horizon, shape (T, T).
    before : Floats
        Part done in each of the B periods before the horizon, shape (T, B).
    wrapped : Floats
        Part of the work for next year's booking in t done in tau of this horizon, shape (T, T); zero when nothing
        after the horizon is worked for.
    """

    within: Floats
    before: Floats
    wrapped: Floats


@dataclass(frozen=True)
class Item:
    """One thing that a line's funnel asks for: opportunities at a stage, or an activity at a stage.

    Parameters
    ----------
    line : int
        Position of the line.
    stage : str
        Id of the stage.
    activity : str or None
        Id of the activity; None for the opportunities themselves.
    per_unit : float
        How many for one rounding unit of revenue.
    hours : float
        Hours that one takes; 0 for opportunities.
    value : float
        Deal size of one opportunity in money; 0 for activities.
    kernel : Kernel
        When they are done.
    """

    line: int
    stage: str
    activity: str | None
    per_unit: float
    hours: float
    value: float
    kernel: Kernel


@dataclass(frozen=True)
class Fed:
    """What a feeding cadence feeds: a segment's activities of one type, of one business or of both."""

    segment: int
    activity: str
    business: str | None

    def speaks_of(self, index: Index, line: int) -> bool:
        """Return whether a line's activities are among them."""
        same = self.business is None or index.lines[line].business == self.business
        return same and bool(index.line_segment[line] == self.segment)


@dataclass(frozen=True)
class Work:
    """All work of a problem: from revenue (items) and from accounts (cadences).

    Parameters
    ----------
    index : Index
        Names and positions.
    time : Capacity
        Who is there when.
    items : tuple of Item
        What funnels ask for, per line.
    earlier : tuple of Period
        The B periods before the horizon in which work may fall.
    """

    index: Index
    time: Capacity
    items: tuple[Item, ...]
    earlier: tuple[Period, ...]

    @cached_property
    def pattern(self) -> tuple[Bools, Bools, Ints]:
        """Distinct patterns of who has hours when, (P, T), whether they stay to the end, (P,), and each rep's, (R,)."""
        working = self.time.present & (self.time.hours > 0)
        alike = classes(working, self.time.stays)
        return working[alike.first], self.time.stays[alike.first], alike.which

    @cached_property
    def moves(self) -> Floats:
        """Where work that falls in each period is really done, shape (P, T, T).

        Work that falls in a period in which the rep has no hours is done in the last one before in which they have;
        rows of zeros are periods before the first such one, whose work is reported as earlier.
        """
        present, _, _ = self.pattern
        periods = np.arange(present.shape[1])
        last = np.maximum.accumulate(np.where(present, periods, -1), axis=1)
        moved: Floats = ((last[:, :, None] == periods) & (last >= 0)[:, :, None]).astype(float)
        return moved

    def timing(self, kernel: Kernel) -> tuple[Floats, Floats]:
        """Return a kernel as each presence pattern lives it: for this horizon's and for next year's bookings.

        Both have shape (P, T, T). A rep who leaves within the horizon does not work for the next year.
        """
        _, stays, _ = self.pattern
        within = kernel.within @ self.moves
        return within, (kernel.wrapped @ self.moves) * stays[:, None, None]

    @cached_property
    def hours_per_unit(self) -> Floats:
        """Hours in period tau for one unit of revenue booked in t, before the ramp, shape (P, S, T, T)."""
        present, _, _ = self.pattern
        size = len(self.index.periods)
        found = np.zeros((len(present), len(self.index.lines), size, size))
        for item in self.items:
            if item.activity is not None:
                within, wrapped = self.timing(item.kernel)
                found[:, item.line] += item.per_unit * item.hours * (within + wrapped)
        return found

    @cached_property
    def cadences(self) -> tuple[tuple[Cadence, int, Floats], ...]:
        """Each cadence with the position of its segment and how many it asks of each rep at full coverage, (R,).

        A rep who joins or leaves within the horizon owes the accounts the part of the year in which they are employed;
        absences do not lessen what is owed, they only move it.
        """
        years = self.index.problem.calendar.years * self.time.employed_part
        return tuple(
            (
                cadence,
                self.index.segment_position[cadence.segment],
                self.accounts(cadence) * cadence.per_account_per_year * years,
            )
            for cadence in self.index.problem.playbook.cadences
        )

    def accounts(self, cadence: Cadence) -> Floats:
        """Return how many accounts of each rep a cadence speaks of, shape (R,)."""
        return np.array([rep.count(cadence.segment, cadence.business) for rep in self.index.reps])

    @cached_property
    def cadence_accounts(self) -> Floats:
        """Accounts of each rep that a cadence speaks of, in each segment, shape (R, segments)."""
        found = np.zeros((len(self.index.reps), len(self.index.segments)))
        for g, segment in enumerate(self.index.segments):
            spoken = {one.business for one in self.index.problem.playbook.cadences if one.segment == segment.id}
            parts = (None,) if None in spoken else sorted(spoken, key=str)
            for business in parts:
                found[:, g] += [rep.count(segment.id, business) for rep in self.index.reps]
        return found

    @cached_property
    def profile(self) -> Floats:
        """How a rep's cadence work spreads over the periods: by the days they are there to do it, shape (R, T)."""
        days = np.where(self.time.present, self.time.available_days, 0.0)
        days = np.where(days.sum(axis=1, keepdims=True) > 0, days, self.time.present)
        spread: Floats = days / np.maximum(days.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        return spread

    @property
    def reachable(self) -> Bools:
        """Whether a rep is there at all to work accounts, shape (R,)."""
        there: Bools = self.profile.sum(axis=1) > 0
        return there

    @cached_property
    def activity_hours(self) -> dict[str, float]:
        """Hours that one of each activity takes."""
        return {activity.id: activity.hours for activity in self.index.problem.playbook.activities}

    @cached_property
    def feeding(self) -> dict[Fed, Floats]:
        """What the cadences that feed the funnel ask of each rep at full coverage, (R,), by what they feed.

        New and existing business are told apart where all lines of the segment and all its feeding cadences of that
        activity tell them apart; elsewhere they count together.
        """
        found: dict[Fed, Floats] = {}
        for cadence, segment, asked in self.cadences:
            if not cadence.feeds_funnel:
                continue
            told = [line.business for line in self.index.lines if line.segment == cadence.segment]
            told += [
                one.business
                for one, where, _ in self.cadences
                if one.feeds_funnel and where == segment and one.activity == cadence.activity
            ]
            key = Fed(segment, cadence.activity, None if None in told else cadence.business)
            found[key] = found.get(key, 0.0) + asked
        return dict(sorted(found.items(), key=lambda one: (one[0].segment, one[0].activity, one[0].business or "")))

    @cached_property
    def care_hours(self) -> Floats:
        """Hours of the cadences that come on top, at full coverage, before the ramp, shape (R, segments)."""
        found = np.zeros((len(self.index.reps), len(self.index.segments)))
        for cadence, segment, asked in self.cadences:
            if not cadence.feeds_funnel:
                found[:, segment] += asked * self.activity_hours[cadence.activity]
        return found

    def funnel_counts(self, fed: Fed) -> Floats:
        """Activities in the horizon's year that feed a cadence, per unit of revenue booked in t, shape (P, S, T)."""
        present, _, _ = self.pattern
        found = np.zeros((len(present), len(self.index.lines), len(self.index.periods)))
        for item in self.items:
            if item.activity == fed.activity and fed.speaks_of(self.index, item.line):
                within, wrapped = self.timing(item.kernel)
                found[:, item.line] += item.per_unit * (within + wrapped).sum(axis=2)
        return found

    def excess(self, cells: Floats, coverage: Floats) -> dict[Fed, Floats]:
        """Return what feeding cadences ask for beyond the funnel's own activities, (R,) each.

        Parameters
        ----------
        cells : Floats
            Revenue in rounding units, shape (R, S, T).
        coverage : Floats
            Part of the accounts worked, shape (R, segments).
        """
        _, _, which = self.pattern
        done = {fed: np.einsum("rst,rst->r", cells, self.funnel_counts(fed)[which]) for fed in self.feeding}
        return {
            fed: np.maximum(asked * coverage[:, fed.segment] - done[fed], 0.0) for fed, asked in self.feeding.items()
        }

    def hours(self, cells: Floats, coverage: Floats) -> Floats:
        """Return the hours each rep works in each period (F-2), shape (R, T).

        Parameters
        ----------
        cells : Floats
            Revenue in rounding units, shape (R, S, T).
        coverage : Floats
            Part of the accounts worked, shape (R, segments).
        """
        nominal = np.zeros(self.profile.shape)
        if not any(item.hours for item in self.items) and not self.cadences:
            return nominal
        _, _, which = self.pattern
        for number, kernel in enumerate(self.hours_per_unit):
            rows = which == number
            nominal[rows] = np.tensordot(cells[rows], kernel, axes=([1, 2], [0, 1]))
        visits = (self.care_hours * coverage).sum(axis=1)
        for fed, excess in self.excess(cells, coverage).items():
            visits = visits + excess * self.activity_hours[fed.activity]
        worked: Floats = (nominal + visits[:, None] * self.profile) / self.time.productivity
        return worked


def work(index: Index, time: Capacity) -> Work:
    """Return all work of a problem, with what its funnels ask for per unit of revenue (F-12)."""
    playbook, step = index.problem.playbook, float(index.problem.policy.step)
    hours = {activity.id: activity.hours for activity in playbook.activities}
    longest = max((stage.days_before_booking for f in playbook.funnels for stage in f.stages), default=0.0)
    earlier = index.problem.calendar.earlier(int(np.ceil(longest)))
    kernels: dict[float, Kernel] = {}
    items: list[Item] = []
    for s, line in enumerate(index.lines):
        funnel = playbook.funnel_for(line)
        opportunities = step / funnel.deal_size if funnel else 0.0
        of_line: list[Item] = []
        for stage in reversed(funnel.stages if funnel else ()):
            opportunities /= stage.conversion
            days = stage.days_before_booking
            if days not in kernels:
                kernels[days] = _kernel(index, earlier, days)
            common: dict[str, Any] = {"line": s, "stage": stage.id, "kernel": kernels[days]}
            of_line += [
                Item(activity=activity, per_unit=opportunities * many, hours=hours[activity], value=0.0, **common)
                for activity, many in stage.activities.items()
            ]
            of_line.append(
                Item(
                    activity=None,
                    per_unit=opportunities,
                    hours=0.0,
                    value=funnel.deal_size if funnel else 0.0,
                    **common,
                )
            )
        items += reversed(of_line)
    return Work(index, time, tuple(items), earlier)


def _before(calendar: Calendar, earlier: tuple[Period, ...]) -> tuple[Floats, Floats]:
    """Return where periods before the horizon begin and end, in days before its start, as `_kernel` counts them."""
    edges = np.array([(p.start, p.end + timedelta(days=1)) for p in earlier], dtype="datetime64[D]").reshape(-1, 2)
    start = np.datetime64(calendar.start)
    days = -np.busday_count(edges, start) if calendar.grain == "week" else (edges - start).astype(np.int64)
    return days[:, 0].astype(float), days[:, 1].astype(float)


def _kernel(index: Index, earlier: tuple[Period, ...], days: float) -> Kernel:
    """Spread the work for bookings: these are even over the days of their period, it is done `days` before.

    Days are those of the calendar. By the week they are its working days, five of every seven, so that a week
    cut by the horizon to one working day gets the work of one; in whole weeks the two are the same.
    """
    calendar = index.problem.calendar
    counted = np.array(calendar.worked_days()) if calendar.grain == "week" else np.ones(calendar.days)
    zero, time = calendar.start.toordinal(), np.concatenate([[0.0], np.cumsum(counted)])
    starts = time[[p.start.toordinal() - zero for p in index.periods]]
    ends = time[[p.end.toordinal() + 1 - zero for p in index.periods]]
    first, last = _before(calendar, earlier)
    length = np.maximum(ends - starts, POINT)[:, None]  # a period without working days is a point in time

    def shifted(by: float, low: Floats, high: Floats) -> Floats:
        begin = (starts + by)[:, None]
        overlap = np.minimum(begin + length, high) - np.maximum(begin, low)
        part: Floats = np.clip(overlap, 0.0, None) / length
        return part

    lead, year = days * (5 / 7 if calendar.grain == "week" else 1.0), time[-1]
    wrapped = np.zeros((len(starts), len(starts)))
    if index.problem.policy.after_horizon == "repeat":
        for turn in range(1, int(lead // year) + 2):
            wrapped += shifted(turn * year - lead, starts, ends)
    return Kernel(shifted(-lead, starts, ends), shifted(-lead, first, last), wrapped)

"""Hours: who is there when, for how long, and how productive (the H, k and rho of the mathematics)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from planalloc.formulate.phasing import season_curve
from planalloc.numerics.apportion import capped_split

if TYPE_CHECKING:
    from planalloc.formulate.index import Index
    from planalloc.model.calendar import Calendar
    from planalloc.model.salesforce import Rep
    from planalloc.types import Bools, Floats, Ints

Days: TypeAlias = npt.NDArray[np.datetime64]

__all__ = ["Capacity", "capacity", "working_day_sums"]


@dataclass(frozen=True)
class Capacity:
    """Time of R reps in T periods.

    Parameters
    ----------
    working_days : Floats
        Working days of each period, shape (T,).
    present : Bools
        Whether the rep works at all in the period, shape (R, T).
    available_days : Floats
        Working days left after absences and leave, shape (R, T).
    hours : Floats
        Selling hours H, shape (R, T).
    productivity : Floats
        rho in (0, 1], by tenure, shape (R, T); 1 where the rep is not there.
    weight : Floats
        k: contract selling hours x part of the period employed x ramp, shape (R, T). What the fair split goes by:
        holidays and short absences do not weigh on it, so that a steady rep's season is the line's.
    full_weight : Floats
        What `weight` would sum to for a rep who is there, fully productive, all the time, shape (R,).
    steady : Bools
        Whether the rep is employed, present and fully productive in every period, shape (R,).
    employed_part : Floats
        Part of the horizon's working days between start and end of employment, absences included, shape (R,).
    stays : Bools
        Whether the rep is still employed on the last day of the horizon, shape (R,).
    """

    working_days: Floats
    present: Bools
    available_days: Floats
    hours: Floats
    productivity: Floats
    weight: Floats
    full_weight: Floats
    steady: Bools
    employed_part: Floats
    stays: Bools

    @property
    def presence(self) -> Floats:
        """Part of the contract's selling time in which each rep is there, ramp left aside, shape (R,)."""
        there = (self.weight / self.productivity).sum(axis=1)
        part: Floats = there / np.maximum(self.full_weight, np.finfo(float).tiny)
        return part


def capacity(index: Index) -> Capacity:
    """Return everyone's time in every period.

    Parameters
    ----------
    index : Index
        Of a problem without errors.

    Raises
    ------
    BackendUnavailableError
        When the calendar names a country and the package ``holidays`` is missing.
    """
    calendar, force, reps = index.problem.calendar, index.problem.sales_force, index.reps
    worked = working_day_sums(calendar)
    starts, ends = _offsets(calendar, [(p.start, p.end) for p in index.periods])
    hired, left = _employment(index)
    period_days = (worked[ends] - worked[starts]).astype(float)
    low, high = np.maximum(hired[:, None], starts), np.minimum(left[:, None], ends)
    employed = np.where(high > low, worked[np.maximum(high, low)] - worked[low], 0).astype(float)
    away = _absent_days(index, worked, starts, ends)
    present = np.where(period_days > 0, employed > away, high > low)
    leave = _leave_days(index, period_days, employed, away)
    available = np.maximum(employed - away - leave, 0.0)
    weekly = np.array(
        [
            (force.hours_per_week if r.hours_per_week is None else r.hours_per_week)
            * (force.selling_share if r.selling_share is None else r.selling_share)
            * r.fte
            for r in reps
        ]
    )
    productivity = _productivity(index, worked, np.maximum(low, starts), np.maximum(high, low))
    calendar_part = np.clip(high - low, 0, None) / (ends - starts)
    part = np.where(period_days > 0, employed / np.where(period_days > 0, period_days, 1.0), calendar_part)
    contract = weekly[:, None] * (ends - starts) / 7
    weight = contract * part * productivity * present
    steady = (present & (part == 1) & (productivity == 1)).all(axis=1)
    stays = left == calendar.days
    return Capacity(
        period_days,
        present,
        available,
        available * weekly[:, None] / 5,
        productivity,
        weight,
        contract.sum(axis=1),
        steady,
        employed.sum(axis=1) / max(period_days.sum(), 1.0),
        stays,
    )


def working_day_sums(calendar: Calendar) -> Ints:
    """Return how many working days lie before each day of the horizon, shape (days + 1,).

    Working days are Monday to Friday, less the country's public holidays where a country is given (S-13).
    """
    return np.concatenate([[0], np.cumsum(calendar.worked_days())]).astype(np.int64)


def _offsets(calendar: Calendar, spans: list[tuple[date, date]]) -> tuple[Ints, Ints]:
    """First day and the day after the last one, counted from the horizon's start."""
    edges = np.array([(start, end + timedelta(days=1)) for start, end in spans], dtype="datetime64[D]").reshape(-1, 2)
    offsets = (edges - np.datetime64(calendar.start)).astype(np.int64)
    return offsets[:, 0], offsets[:, 1]


def _employment(index: Index) -> tuple[Ints, Ints]:
    """First day of everyone within the horizon and the day after the last one, shape (R,) each."""
    calendar = index.problem.calendar
    hired = np.zeros(len(index.reps), dtype=np.int64)
    left = np.full(len(index.reps), calendar.days, dtype=np.int64)
    moving = [r for r, rep in enumerate(index.reps) if rep.start is not None or rep.end is not None]
    if moving:
        spans = [
            (max(rep.start or calendar.start, calendar.start), min(rep.end or calendar.end, calendar.end))
            for rep in (index.reps[r] for r in moving)
        ]
        hired[moving], left[moving] = _offsets(calendar, spans)
    return hired, left


def _absent_days(index: Index, worked: Ints, starts: Ints, ends: Ints) -> Floats:
    """Working days of dated absences within employment, each day once, shape (R, T)."""
    calendar = index.problem.calendar
    who, spans = [], []
    for r, rep in enumerate(index.reps):
        for start, end in _merged(rep, calendar) if rep.absences else ():
            who.append(r)
            spans.append((start, end))
    away = np.zeros((len(index.reps), len(starts)))
    if spans:
        first, after = _offsets(calendar, spans)
        low, high = np.maximum(first[:, None], starts), np.minimum(after[:, None], ends)
        days = np.where(high > low, worked[np.maximum(high, low)] - worked[low], 0)
        np.add.at(away, np.array(who), days)
    return away


def _merged(rep: Rep, calendar: Calendar) -> list[tuple[date, date]]:
    """Absences within employment and horizon, in order, overlaps joined."""
    first = max(rep.start or calendar.start, calendar.start)
    last = min(rep.end or calendar.end, calendar.end)
    found: list[tuple[date, date]] = []
    for absence in sorted(rep.absences, key=lambda a: (a.start, a.end)):
        start, end = max(absence.start, first), min(absence.end, last)
        if found and start <= found[-1][1]:
            start = found[-1][1] + timedelta(days=1)
        if start <= end:
            found.append((start, end))
    return found


def _leave_days(index: Index, period_days: Floats, employed: Floats, away: Floats) -> Floats:
    """Undated leave taken in each period, shape (R, T), never more than the days that are there to take."""
    force, calendar = index.problem.sales_force, index.problem.calendar
    if not force.leave_days:
        return np.zeros_like(employed)
    curve = period_days
    if force.leave_seasonality is not None:
        by_id = {one.id: one for one in index.problem.strategy.seasonalities}
        curve = season_curve(index, by_id[force.leave_seasonality], working_days=period_days)
    employed_part = employed / np.where(period_days > 0, period_days, 1.0)
    due = force.leave_days * calendar.years * (employed_part @ (curve / max(curve.sum(), 1e-300)))
    due = np.maximum(due - away.sum(axis=1), 0.0)
    return capped_split(due, weights=employed_part * curve, caps=np.maximum(employed - away, 0.0))


def _productivity(index: Index, worked: Ints, low: Ints, high: Ints) -> Floats:
    """Mean ramp over the working days employed in each period, by months of tenure, shape (R, T)."""
    found = np.ones(low.shape)
    horizon = np.datetime64(index.problem.calendar.start)
    for ramp in {rep.ramp for rep in index.reps if rep.ramp}:
        rows = np.array([r for r, rep in enumerate(index.reps) if rep.ramp == ramp])
        starts = np.array([index.reps[r].start for r in rows], dtype="datetime64[D]")
        done = np.zeros((len(rows), low.shape[1]))
        days = (worked[high[rows]] - worked[low[rows]]).astype(float)
        lost = np.zeros_like(done)
        for month, productivity in enumerate(ramp.months):
            edges = [(_months_later(starts, month + i) - horizon).astype(np.int64)[:, None] for i in (0, 1)]
            first, after = np.clip(low[rows], *edges), np.clip(high[rows], *edges)
            first, after = np.clip(first, 0, len(worked) - 1), np.clip(after, 0, len(worked) - 1)
            lost += (1.0 - productivity) * (worked[after] - worked[first])
        found[rows] = 1.0 - lost / np.where(days > 0, days, 1.0)
    return found


def _months_later(days: Days, months: int) -> Days:
    """Return the same day of a later month, or its last one, vectorised over dates."""
    month = days.astype("datetime64[M]")
    within = days - month.astype("datetime64[D]")
    first = (month + months).astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    later: Days = np.minimum(first + within, last)
    return later

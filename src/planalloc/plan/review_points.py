"""Review points: the days on which rep and manager meet, and those on which the plan is revised.

Each falls on the first day of its week, month, ... on which the rep works: a working day of the calendar, within
employment and outside absences. A period without such a day has none. The id says whose, what and which period it is
for, never the day, so that a later plan with other days moves the same entry in people's calendars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planalloc.model.rhythm import ReviewRhythm, meeting_periods, rhythms_of
from planalloc.plan.table import Table, Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from planalloc.model.calendar import Calendar, Period
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.rhythm import Meet, Revise
    from planalloc.model.salesforce import Rep, Team
    from planalloc.types import Bools, Ints

__all__ = ["days_at_work", "review_points"]

KINDS = ("meeting", "revision")
FORMALITIES = ("informal", "formal")


class _Points(NamedTuple):
    """Review points of some reps: rep by position, day from the horizon's start, kind by position, period by id."""

    rep: Ints
    day: Ints
    kind: Ints
    period: list[str]


def review_points(
    problem: PlanningProblem, reps: Sequence[str] | None = None, *, within: Period | None = None
) -> Table:
    """Return the review points of some reps, in the order of reps and days.

    A revision takes the place of a meeting in the same calendar week. The plan is new in the first period of revision
    in which the rep is there, so that revisions begin with the second.

    Parameters
    ----------
    problem : PlanningProblem
        In canonical order and without errors.
    reps : Sequence of str, optional
        Ids; None: everybody.
    within : Period, optional
        Only points that fall in it.

    Returns
    -------
    Table
        rep, manager (of the rep's team, or of the nearest one above that has one), date, kind (meeting or revision),
        formality, minutes, id.

    Raises
    ------
    BackendUnavailableError
        When the calendar names a country and the package ``holidays`` is missing.

    Examples
    --------
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1, currency="EUR", shares={"A": 1}, reps=["alice"])
    >>> points = review_points(problem.add(pa.ReviewRhythm(meet="quarter", revise="semester")))
    >>> points["id"].tolist()
    ['alice-meeting-2027-Q1', 'alice-meeting-2027-Q2', 'alice-revision-2027-H2', 'alice-meeting-2027-Q4']
    >>> points["date"].astype(str).tolist()
    ['2027-01-01', '2027-04-01', '2027-07-01', '2027-10-01']
    """
    everybody = problem.sales_force.reps
    named = None if reps is None else set(reps)
    staff = [rep for rep in everybody if named is None or rep.id in named]
    rhythms = rhythms_of(problem.rhythms, staff)
    groups: dict[tuple[Meet, Revise], list[int]] = {}
    for place, rhythm in enumerate(rhythms):
        if rhythm is not None:
            groups.setdefault((rhythm.meet, rhythm.revise), []).append(place)
    found = [_points(problem.calendar, staff, places, meet, revise) for (meet, revise), places in groups.items()]
    rep, day, kind = (
        np.concatenate([np.zeros(0, dtype=np.int64), *(getattr(one, name) for one in found)])
        for name in ("rep", "day", "kind")
    )
    period = np.array([name for one in found for name in one.period], dtype=object)
    start = problem.calendar.start
    kept = np.lexsort((day, rep))
    if within is not None:
        inside = (day >= (within.start - start).days) & (day <= (within.end - start).days)
        kept = kept[inside[kept]]
    return _table(problem, staff, rhythms, _Points(rep[kept], day[kept], kind[kept], period[kept].tolist()))


def _points(calendar: Calendar, staff: list[Rep], places: list[int], meet: Meet, revise: Revise) -> _Points:
    """Return the points of the reps at some places, who share how often they meet and how often plans are revised."""
    at_work = days_at_work(calendar, [staff[place] for place in places])
    meetings, revisions = meeting_periods(meet, calendar), meeting_periods(revise, calendar)
    revised, revising = _first_days(at_work, calendar, revisions)
    revising &= np.cumsum(revising, axis=1) > 1
    met, meeting = _first_days(at_work, calendar, meetings)
    week = (calendar.start.weekday() + np.arange(calendar.days)) // 7
    week_revised = np.zeros((len(places), int(week[-1]) + 1), dtype=np.bool_)
    r, k = np.nonzero(revising)
    week_revised[r, week[revised[r, k]]] = True
    meeting &= ~np.take_along_axis(week_revised, week[met], axis=1)
    names = [one.id for one in meetings], [one.id for one in revisions]
    some = [np.nonzero(meeting), (r, k)]
    return _Points(
        rep=np.array(places, dtype=np.int64)[np.concatenate([rows for rows, _ in some])],
        day=np.concatenate([met[some[0]], revised[some[1]]]),
        kind=np.repeat([0, 1], [len(rows) for rows, _ in some]),
        period=[ids[column] for ids, (_, columns) in zip(names, some, strict=True) for column in columns.tolist()],
    )


def days_at_work(calendar: Calendar, staff: list[Rep]) -> Bools:
    """Return on which days of the horizon each rep works, shape (R, D)."""
    first, last = (
        np.array([[(day - calendar.start).days] for day in days])
        for days in zip(*((rep.start or calendar.start, rep.end or calendar.end) for rep in staff), strict=True)
    )
    day = np.arange(calendar.days)
    at_work: Bools = np.array(calendar.worked_days()) & (day >= first) & (day <= last)
    for row, rep in enumerate(staff):
        for away in rep.absences:
            begin, end = ((one - calendar.start).days for one in (away.start, away.end))
            at_work[row, max(begin, 0) : max(end + 1, 0)] = False
    return at_work


def _first_days(at_work: Bools, calendar: Calendar, periods: tuple[Period, ...]) -> tuple[Ints, Bools]:
    """Return each rep's first day at work in each period, and whether there is one, shape (R, P) both."""
    start, end = (np.array([(day - calendar.start).days for day in days]) for days in zip(*_ends(periods), strict=True))
    day = np.arange(calendar.days)
    from_here = np.minimum.accumulate(np.where(at_work, day, calendar.days - 1)[:, ::-1], axis=1)[:, ::-1]
    found: Ints = from_here[:, start]
    return found, (found <= end) & np.take_along_axis(at_work, found, axis=1)


def _ends(periods: tuple[Period, ...]) -> list[tuple[date, date]]:
    return [(one.start, one.end) for one in periods]


def _managers(teams: Sequence[Team]) -> dict[str | None, str | None]:
    """Return the manager of each team, or of the nearest team above it that has one."""
    known = {team.id: team for team in teams}
    found: dict[str | None, str | None] = {None: None}
    for team in teams:
        above: Team | None = team
        while above is not None and above.manager is None:
            above = known.get(above.parent or "")
        found[team.id] = above.manager if above else None
    return found


def _table(problem: PlanningProblem, staff: list[Rep], rhythms: list[ReviewRhythm | None], points: _Points) -> Table:
    held = [rhythm or ReviewRhythm() for rhythm in rhythms]
    ids = [rep.id for rep in staff]
    managers = _managers(problem.sales_force.teams)
    manager = Text.of([managers[rep.team] for rep in staff])
    formality = Text.of([one.formality for one in held], FORMALITIES)
    minutes = np.array([int(one.minutes) for one in held], dtype=np.int64)
    rows = zip(points.rep.tolist(), points.kind.tolist(), points.period, strict=True)
    named = tuple(f"{ids[rep]}-{KINDS[kind]}-{period}" for rep, kind, period in rows)
    return Table(
        {
            "rep": Text(points.rep, tuple(ids)),
            "manager": Text(manager.codes[points.rep], manager.categories),
            "date": np.datetime64(problem.calendar.start) + points.day,
            "kind": Text(points.kind, KINDS),
            "formality": Text(formality.codes[points.rep], formality.categories),
            "minutes": minutes[points.rep],
            "id": Text(np.arange(len(named)), named),
        },
        name="review points",
        measures=("minutes",),
    )

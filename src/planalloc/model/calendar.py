"""The time axis: a horizon cut into periods of one grain, and how finer periods nest in coarser ones.

Periods are anchored at the calendar's start, which is where the fiscal year starts. Quarters, quadrimesters,
semesters and years carry the number of their fiscal year, and that is the calendar year which holds its middle day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple, get_args

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from planalloc.errors import InputError, UnknownNameError, require
from planalloc.model.base import Day, Id, Record, brief, nearest, suggest
from planalloc.types import Grain

__all__ = ["Calendar", "Period", "add_months"]

MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "quadrimester": 4, "semester": 6, "year": 12}
LABELS: dict[str, str] = {"quarter": "Q", "quadrimester": "4M", "semester": "H"}
PLURALS: dict[str, str] = {grain: f"{grain}s" for grain in get_args(Grain)}
LONGEST_HORIZON_YEARS = 20


class Period(NamedTuple):
    """One period: its id and its first and last day."""

    id: str
    start: date
    end: date


def add_months(day: date, months: int) -> date:
    """Return the same day of a later (or earlier) month, or that month's last day where it is shorter.

    Examples
    --------
    >>> add_months(date(2027, 1, 31), 1)
    datetime.date(2027, 2, 28)
    """
    month = day.year * 12 + day.month - 1 + months
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Calendar(Record):
    """The horizon of a plan and the periods it is cut into.

    Examples
    --------
    >>> calendar = Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), grain="quarter")
    >>> [period.id for period in calendar.periods()]
    ['2027-Q1', '2027-Q2', '2027-Q3', '2027-Q4']
    """

    start: Day
    """First day of the horizon; fiscal years start on its anniversaries."""
    end: Day
    """Last day of the horizon, included. The last period is cut short where it does not end here."""
    grain: Grain = "month"
    """The finest period for which the plan gives numbers."""
    pattern: Literal["4-4-5", "4-5-4", "5-4-4"] | None = None
    """Months of whole weeks, as retailers count them; None for months of the calendar. The horizon is then a whole
    number of weeks, and the 53rd week of a long year belongs to its last month."""
    country: Id | None = None
    """Two-letter code of the country whose public holidays are no working days (extra ``holidays``);
    None: every Monday to Friday is worked."""
    subdivision: Id | None = None
    """State, region or canton with holidays of its own, as ``holidays`` names it."""

    @model_validator(mode="after")
    def _check_horizon(self) -> Calendar:
        if self.end < self.start:
            raise PydanticCustomError(
                "horizon_reversed", f"ends on {self.end}, before it starts on {self.start}; swap the two dates"
            )
        if self.start.year < 1900 or self.end.year - self.start.year > LONGEST_HORIZON_YEARS or self.end.year > 2200:
            raise PydanticCustomError(
                "horizon_too_long",
                f"runs from {self.start} to {self.end}; at most {LONGEST_HORIZON_YEARS} years between 1900 and 2200",
            )
        over = ((self.end - self.start).days + 1) % 7
        if self.pattern and over:
            raise PydanticCustomError(
                "pattern_needs_weeks",
                f"is {(self.end - self.start).days + 1} days, no whole number of weeks, which {self.pattern} needs; "
                f"end it on {self.end - timedelta(days=over)} or {self.end + timedelta(days=7 - over)}",
            )
        if self.subdivision and not self.country:
            raise PydanticCustomError("subdivision_alone", "has a subdivision and no country; give country as well")
        return self

    @property
    def days(self) -> int:
        """Number of days in the horizon."""
        return (self.end - self.start).days + 1

    @property
    def years(self) -> float:
        """Length of the horizon in fiscal years, a cut year by its part of the days.

        Examples
        --------
        >>> Calendar(start=date(2027, 1, 1), end=date(2028, 12, 31)).years
        2.0
        """
        if self.pattern:
            weeks = self.days // 7
            return float(weeks // 52) if weeks % 52 == 1 and weeks > 52 else weeks / 52
        after, whole = self.end + timedelta(days=1), 0
        while add_months(self.start, 12 * (whole + 1)) <= after:
            whole += 1
        begin, end = add_months(self.start, 12 * whole), add_months(self.start, 12 * (whole + 1))
        return whole + (after - begin).days / (end - begin).days

    def periods(self, grain: Grain | None = None) -> tuple[Period, ...]:
        """Return the periods of a grain (the plan's own by default), in order, within the horizon.

        Examples
        --------
        >>> Calendar(start=date(2027, 4, 1), end=date(2028, 3, 31)).periods("semester")[1]
        Period(id='2027-H2', start=datetime.date(2027, 10, 1), end=datetime.date(2028, 3, 31))
        """
        return tuple(p for p in _periods(self, grain or self.grain, 0))

    def earlier(self, days: int) -> tuple[Period, ...]:
        """Return the periods of the plan's grain that end before the horizon and reach back at least `days` days."""
        return tuple(p for p in _periods(self, self.grain, days) if p.end < self.start)

    def nest(self, fine: Grain, coarse: Grain) -> tuple[int, ...]:
        """Return, for each period of the fine grain, the position of the coarse period that holds it.

        Raises
        ------
        InputError
            When a fine period lies in two coarse ones, as a week does that spans the end of a month.

        Examples
        --------
        >>> Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31)).nest("quarter", "semester")
        (0, 0, 1, 1)
        """
        coarser = self.periods(coarse)
        found = []
        for period in self.periods(fine):
            holders = [i for i, c in enumerate(coarser) if c.start <= period.start and period.end <= c.end]
            if not holders:
                raise InputError(
                    f"{PLURALS[fine]} do not nest in {PLURALS[coarse]}: {period.id} ({period.start} to {period.end}) "
                    f"lies in no single {coarse}",
                    hint="Use a grain that nests"
                    + (
                        ", or a calendar with pattern='4-4-5', whose months are whole weeks." if fine == "week" else "."
                    ),
                )
            found.append(holders[0])
        return tuple(found)

    def find(self, period_id: str) -> tuple[Grain, int]:
        """Return the grain and the position of the period with this id, looking at the plan's own grain first.

        Raises
        ------
        UnknownNameError
            When no period of the horizon has this id.

        Examples
        --------
        >>> Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31)).find("2027-Q2")
        ('quarter', 1)
        """
        known: list[str] = []
        period_id = str(period_id)
        for grain in (self.grain, *(g for g in get_args(Grain) if g != self.grain)):
            ids = [period.id for period in self.periods(grain)]
            if period_id in ids:
                return grain, ids.index(period_id)
            known += ids
        raise UnknownNameError(
            f"{brief(repr(period_id))} is no period between {self.start} and {self.end}.{suggest(period_id, known)}",
            hint="Period ids look like 2027-01, 2027-Q1, 2027-4M1 (four months), 2027-H1, 2027-W05, 2027.",
            name=period_id,
            candidates=nearest(period_id, known),
        )

    def worked_days(self) -> tuple[bool, ...]:
        """Return, for each day of the horizon, whether it is worked: Monday to Friday, less public holidays.

        Raises
        ------
        BackendUnavailableError
            When a country is given and the package ``holidays`` is missing.
        UnknownNameError
            When the package does not know the country or the subdivision.

        Examples
        --------
        >>> sum(Calendar(start=date(2027, 1, 1), end=date(2027, 1, 31)).worked_days())
        21
        """
        return _worked_days(self)

    def public_holidays(self) -> tuple[date, ...]:
        """Return the country's public holidays within the horizon; empty without a country.

        Raises
        ------
        BackendUnavailableError
            When a country is given and the package ``holidays`` is missing.
        UnknownNameError
            When the package does not know the country or the subdivision.
        """
        return _holidays(self.country, self.subdivision, self.start, self.end) if self.country else ()


@lru_cache(maxsize=256)
def _periods(calendar: Calendar, grain: Grain, days_before: int) -> tuple[Period, ...]:
    """All periods from `days_before` days before the horizon to its end, cut at the end only."""
    if grain == "week" and not calendar.pattern:
        return tuple(_iso_weeks(calendar, days_before))
    walk = _pattern_starts if calendar.pattern else _month_starts
    starts = walk(calendar, grain, days_before)
    found = []
    for (name, start), (_, after) in pairwise(starts):
        if start <= calendar.end:
            found.append(Period(name, start, min(after - timedelta(days=1), calendar.end)))
    return tuple(found)


def _iso_weeks(calendar: Calendar, days_before: int) -> list[Period]:
    monday = calendar.start - timedelta(days=calendar.start.weekday())
    first = monday - timedelta(days=7 * -(-days_before // 7))
    found = []
    while first <= calendar.end:
        year, week, _ = first.isocalendar()
        last = first + timedelta(days=6)
        if first < calendar.start <= last and days_before:
            found.append(Period(f"{year}-W{week:02d}", first, calendar.start - timedelta(days=1)))
        start = max(first, calendar.start) if last >= calendar.start else first
        found.append(Period(f"{year}-W{week:02d}", start, min(last, calendar.end)))
        first += timedelta(days=7)
    return found


def _fiscal_name(calendar: Calendar, year: int, grain: str, position: int) -> str:
    """Name a period by its fiscal year, counted from the first one, and its position in it."""
    number = (calendar.start + timedelta(days=182)).year + year
    return f"{number}" if grain == "year" else f"{number}-{LABELS[grain]}{position + 1}"


def _month_starts(calendar: Calendar, grain: Grain, days_before: int) -> list[tuple[str, date]]:
    step = MONTHS[grain]
    per_year = 12 // step
    index = 0
    while add_months(calendar.start, index * step) > calendar.start - timedelta(days=days_before):
        index -= 1
    found: list[tuple[str, date]] = []
    while not found or found[-1][1] <= calendar.end:
        year, position = divmod(index, per_year)
        start = add_months(calendar.start, index * step)
        name = f"{start:%Y-%m}" if grain == "month" else _fiscal_name(calendar, year, grain, position)
        found.append((name, start))
        index += 1
    return found


def _pattern_starts(calendar: Calendar, grain: Grain, days_before: int) -> list[tuple[str, date]]:
    weeks_of_quarter = [int(weeks) for weeks in (calendar.pattern or "").split("-")]
    month_weeks = [0]
    for weeks in weeks_of_quarter * 4:
        month_weeks.append(month_weeks[-1] + weeks)
    total = calendar.days // 7
    years_before = -(-days_before // 364)
    years = max(total // 52, 1) if total % 52 == 1 else -(-total // 52)
    found: list[tuple[str, date]] = []
    for year in range(-years_before, years + 1):
        start = calendar.start + timedelta(weeks=52 * year)
        last = year == years - 1 and total % 52 == 1
        if year == years:  # one start past the end closes the last period
            start = max(start, calendar.end + timedelta(days=1))
        number = (calendar.start + timedelta(days=182)).year + year
        if grain == "week":
            cuts = list(range(53 if last else 52))
            names = [f"{number}-W{cut + 1:02d}" for cut in cuts]
        else:
            step = MONTHS[grain]
            cuts = month_weeks[:-1][::step]
            names = [
                f"{number}-{i + 1:02d}" if grain == "month" else _fiscal_name(calendar, year, grain, i)
                for i in range(len(cuts))
            ]
        found += [(name, start + timedelta(weeks=cut)) for name, cut in zip(names, cuts, strict=True)]
    return found


@lru_cache(maxsize=64)
def _worked_days(calendar: Calendar) -> tuple[bool, ...]:
    off = set(calendar.public_holidays())
    days = (calendar.start + timedelta(days=i) for i in range(calendar.days))
    return tuple(day.weekday() < 5 and day not in off for day in days)


@lru_cache(maxsize=64)
def _holidays(country: str, subdivision: str | None, start: date, end: date) -> tuple[date, ...]:
    package = require("holidays", "holidays")
    known = package.list_supported_countries()
    if country not in known:
        raise UnknownNameError(
            f"no public holidays are known for country {country!r}.{suggest(country, sorted(known))}",
            hint="Give the two-letter code, such as 'FR', or leave country out to count Monday to Friday.",
            name=country,
            candidates=tuple(code for code in sorted(known) if country.upper().startswith(code))
            or nearest(country, list(known)),
        )
    if subdivision is not None and subdivision not in known[country]:
        raise UnknownNameError(
            f"{country!r} has no subdivision {subdivision!r}.{suggest(subdivision, sorted(known[country]))}",
            hint=f"Known are: {', '.join(sorted(known[country]))}",
            name=subdivision,
            candidates=nearest(subdivision, list(known[country])),
        )
    found = package.country_holidays(country, subdiv=subdivision, years=range(start.year, end.year + 1))
    return tuple(sorted(day for day in found if start <= day <= end))

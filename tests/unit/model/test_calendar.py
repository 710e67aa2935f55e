"""Rules of the calendar: periods follow each other without a gap, bear names, and nest or say why not."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.calendar import Calendar, Period, add_months

if TYPE_CHECKING:
    from planalloc.types import Grain

Pattern = Literal["4-4-5", "4-5-4", "5-4-4"]

DAY = timedelta(days=1)
YEAR = Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
ANCHORED: tuple[Grain, ...] = ("month", "quarter", "quadrimester", "semester", "year")


def weeks(many: int, pattern: Pattern = "4-4-5", start: date = date(2027, 1, 4)) -> Calendar:
    """Return a calendar of whole weeks, from a Monday on unless said otherwise."""
    return Calendar(start=start, end=start + timedelta(weeks=many) - DAY, pattern=pattern)


def ids(calendar: Calendar, grain: Grain) -> list[str]:
    """Return the names of the periods of a grain."""
    return [period.id for period in calendar.periods(grain)]


def lengths(calendar: Calendar, grain: Grain) -> list[int]:
    """Return the days in each period of a grain."""
    return [(period.end - period.start).days + 1 for period in calendar.periods(grain)]


def error_of(**fields: Any) -> tuple[str, str]:
    """Return the type and the words of the one thing that is wrong with a calendar."""
    with pytest.raises(ValidationError) as caught:
        Calendar(**fields)
    (error,) = caught.value.errors()
    return error["type"], error["msg"]


# -- periods of the calendar ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grain", "names"),
    [
        ("month", [f"2027-{month:02d}" for month in range(1, 13)]),
        ("quarter", ["2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4"]),
        ("quadrimester", ["2027-4M1", "2027-4M2", "2027-4M3"]),
        ("semester", ["2027-H1", "2027-H2"]),
        ("year", ["2027"]),
    ],
)
def test_the_periods_of_a_calendar_year(grain: Grain, names: list[str]) -> None:
    """A year from January has 12 months, 4 quarters, 3 quadrimesters, 2 semesters, named after it."""
    assert ids(YEAR, grain) == names


def test_the_plans_own_grain_is_the_default() -> None:
    """Without a grain, `periods` gives those of the plan."""
    assert YEAR.but(grain="quarter").periods() == YEAR.periods("quarter")


def test_fiscal_years_start_where_the_calendar_starts() -> None:
    """A year from April has its second quarter from July to September, and its last month in the next year."""
    fiscal = Calendar(start=date(2027, 4, 1), end=date(2028, 3, 31))
    assert fiscal.periods("quarter")[1] == Period("2027-Q2", date(2027, 7, 1), date(2027, 9, 30))
    assert fiscal.periods("month")[-1] == Period("2028-03", date(2028, 3, 1), date(2028, 3, 31))
    assert ids(fiscal, "year") == ["2027"]


@pytest.mark.parametrize(
    ("start", "name"),
    [(date(2027, 7, 1), "2027"), (date(2027, 7, 4), "2028"), (date(2027, 10, 1), "2028"), (date(2028, 2, 29), "2028")],
)
def test_a_fiscal_year_is_named_after_its_middle_day(start: date, name: str) -> None:
    """A year from October 2027 is 2028, because most of it is."""
    fiscal = Calendar(start=start, end=add_months(start, 12) - DAY)
    assert ids(fiscal, "year") == [name]
    assert ids(fiscal, "semester") == [f"{name}-H1", f"{name}-H2"]


@pytest.mark.parametrize(
    ("start", "second", "third"),
    [
        (date(2027, 1, 29), date(2027, 2, 28), date(2027, 3, 29)),
        (date(2027, 1, 30), date(2027, 2, 28), date(2027, 3, 30)),
        (date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)),
        (date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)),
        (date(2028, 1, 29), date(2028, 2, 29), date(2028, 3, 29)),
    ],
)
def test_months_from_the_29th_on_go_back_to_their_day(start: date, second: date, third: date) -> None:
    """A month that starts on the 31st is followed by one from the last of February, and that by one from March 31."""
    calendar = Calendar(start=start, end=add_months(start, 12) - DAY)
    assert [period.start for period in calendar.periods()[:3]] == [start, second, third]
    assert ids(calendar, "month") == [f"{start.year}-{month:02d}" for month in range(1, 13)]


@settings(max_examples=100, deadline=None)
@given(
    start=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    days=st.integers(1, 1200),
    grain=st.sampled_from(["week", *ANCHORED]),
)
def test_periods_cover_the_horizon_once(start: date, days: int, grain: Grain) -> None:
    """Whatever the first day and the length: no gap, no overlap, no day outside, no name twice."""
    calendar = Calendar(start=start, end=start + timedelta(days=days - 1))
    periods = calendar.periods(grain)
    assert (periods[0].start, periods[-1].end) == (calendar.start, calendar.end)
    assert all(one.end + DAY == after.start for one, after in pairwise(periods))
    assert all(one.start <= one.end for one in periods)
    assert len({one.id for one in periods}) == len(periods)


@settings(max_examples=50, deadline=None)
@given(start=st.dates(date(2020, 1, 1), date(2030, 12, 31)), days=st.integers(1, 1200))
def test_months_nest_in_all_coarser_grains(start: date, days: int) -> None:
    """Quarters and the like are whole months from any first day, so that months always add up to them."""
    calendar = Calendar(start=start, end=start + timedelta(days=days - 1))
    for grain, many in zip(ANCHORED, (1, 3, 4, 6, 12), strict=True):
        assert calendar.nest("month", grain) == tuple(i // many for i in range(len(calendar.periods())))


def test_a_short_horizon_cuts_its_last_period() -> None:
    """A horizon from January 1 to May 15 has five months and two quarters, the last of each cut short."""
    short = Calendar(start=date(2027, 1, 1), end=date(2027, 5, 15))
    assert lengths(short, "month") == [31, 28, 31, 30, 15]
    assert lengths(short, "quarter") == [90, 45]
    assert lengths(short, "year") == [135]


def test_a_long_horizon_starts_a_new_fiscal_year() -> None:
    """Quarters count from 1 again in the second year, which carries its own number."""
    two = Calendar(start=date(2027, 4, 1), end=date(2028, 9, 30), grain="quarter")
    assert ids(two, "quarter") == ["2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4", "2028-Q1", "2028-Q2"]
    assert two.nest("quarter", "year") == (0, 0, 0, 0, 1, 1)


def test_add_months_goes_both_ways() -> None:
    """The 31st becomes the last of a shorter month, across years, forward and back."""
    assert add_months(date(2027, 12, 31), 2) == date(2028, 2, 29)
    assert add_months(date(2027, 1, 31), -2) == date(2026, 11, 30)
    assert add_months(date(2027, 3, 15), -3) == date(2026, 12, 15)


# -- weeks ------------------------------------------------------------------------------------------------------------


def test_weeks_are_those_of_the_iso_calendar() -> None:
    """January 1 to 3, 2027, are the rest of week 53 of 2026; the year ends with Monday to Friday of its week 52."""
    periods = YEAR.periods("week")
    assert periods[0] == Period("2026-W53", date(2027, 1, 1), date(2027, 1, 3))
    assert periods[1] == Period("2027-W01", date(2027, 1, 4), date(2027, 1, 10))
    assert periods[-1] == Period("2027-W52", date(2027, 12, 27), date(2027, 12, 31))
    assert len(periods) == 53


def test_the_last_days_of_a_year_may_be_in_week_1_of_the_next() -> None:
    """December 30 and 31, 2024, are in week 1 of 2025."""
    assert ids(Calendar(start=date(2024, 12, 30), end=date(2025, 1, 12)), "week") == ["2025-W01", "2025-W02"]
    assert ids(Calendar(start=date(2024, 1, 1), end=date(2024, 12, 31)), "week")[-1] == "2025-W01"


def test_weeks_do_not_nest_in_months_and_the_week_is_named() -> None:
    """January and February 2027 end on Sundays; the first week in two months is named, and a pattern is proposed."""
    with pytest.raises(InputError) as caught:
        YEAR.nest("week", "month")
    assert caught.value.message == (
        "weeks do not nest in months: 2027-W13 (2027-03-29 to 2027-04-04) lies in no single month"
    )
    assert "4-4-5" in caught.value.hint


def test_weeks_nest_in_a_year_that_holds_them() -> None:
    """All weeks of a horizon of one year lie in it, cut weeks too."""
    assert set(YEAR.nest("week", "year")) == {0}


def test_quarters_do_not_nest_in_quadrimesters() -> None:
    """April to June lies in two quadrimesters."""
    with pytest.raises(
        InputError, match=r"quarters do not nest in quadrimesters: 2027-Q2 \(2027-04-01 to 2027-06-30\)"
    ):
        YEAR.nest("quarter", "quadrimester")


def test_coarse_periods_do_not_nest_in_fine_ones() -> None:
    """A quarter lies in no single month."""
    with pytest.raises(InputError, match="quarters do not nest in months: 2027-Q1"):
        YEAR.nest("quarter", "month")


# -- months of whole weeks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "quarter"), [("4-4-5", [28, 28, 35]), ("4-5-4", [28, 35, 28]), ("5-4-4", [35, 28, 28])]
)
def test_a_pattern_makes_months_of_whole_weeks(pattern: Pattern, quarter: list[int]) -> None:
    """Each quarter has 13 weeks, cut into months as the pattern says."""
    year = weeks(52, pattern)
    assert lengths(year, "month") == quarter * 4
    assert lengths(year, "quarter") == [91] * 4
    assert lengths(year, "quadrimester") == [sum((quarter * 4)[i : i + 4]) for i in (0, 4, 8)]
    assert lengths(year, "semester") == [182, 182]
    assert ids(year, "month") == [f"2027-{month:02d}" for month in range(1, 13)]


@pytest.mark.parametrize(
    ("pattern", "quarter"), [("4-4-5", [28, 28, 35]), ("4-5-4", [28, 35, 28]), ("5-4-4", [35, 28, 28])]
)
def test_the_53rd_week_belongs_to_the_last_month(pattern: Pattern, quarter: list[int]) -> None:
    """A long year has one week more in its last month, quarter and semester, and its weeks go to 53."""
    year = weeks(53, pattern)
    assert lengths(year, "month") == [*(quarter * 4)[:11], quarter[2] + 7]
    assert lengths(year, "quarter") == [91, 91, 91, 98]
    assert lengths(year, "semester") == [182, 189]
    assert ids(year, "week")[-2:] == ["2027-W52", "2027-W53"]
    assert year.years == 1.0


def test_weeks_of_a_pattern_nest_in_its_months() -> None:
    """That is what patterns are for: 4, 4 and 5 weeks are a month each."""
    assert weeks(52).nest("week", "month")[:14] == (0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3)


def test_weeks_of_a_pattern_start_on_the_day_of_the_horizon() -> None:
    """A retail year from a Sunday has weeks from Sunday to Saturday, counted from 1."""
    sunday = weeks(52, start=date(2027, 1, 31))
    assert sunday.periods("week")[0] == Period("2027-W01", date(2027, 1, 31), date(2027, 2, 6))


def test_two_years_of_a_pattern() -> None:
    """The second year starts after 52 weeks; where there is one week left over, it is the second year's 53rd."""
    assert ids(weeks(104), "year") == ["2027", "2028"]
    assert lengths(weeks(104), "year") == [364, 364]
    assert lengths(weeks(105), "year") == [364, 371]
    assert ids(weeks(105), "week")[51:53] == ["2027-W52", "2028-W01"]
    assert ids(weeks(105), "week")[-1] == "2028-W53"


def test_part_of_a_year_of_a_pattern() -> None:
    """Ten weeks are a month of four, one of four and the beginning of one of five."""
    assert lengths(weeks(10), "month") == [28, 28, 14]
    assert lengths(weeks(10), "quarter") == [70]


def test_a_pattern_needs_whole_weeks() -> None:
    """The year 2027 is 52 weeks and a day; both ways out are named."""
    kind, words = error_of(start=YEAR.start, end=YEAR.end, pattern="4-4-5")
    assert kind == "pattern_needs_weeks"
    assert words == ("is 365 days, no whole number of weeks, which 4-4-5 needs; end it on 2027-12-30 or 2028-01-06")


# -- what a horizon may be --------------------------------------------------------------------------------------------


def test_a_horizon_of_one_day() -> None:
    """The shortest horizon ends on the day on which it starts."""
    day = Calendar(start=date(2027, 2, 28), end=date(2027, 2, 28))
    assert day.days == 1
    assert day.periods() == (Period("2027-02", date(2027, 2, 28), date(2027, 2, 28)),)


def test_a_reversed_horizon_is_refused() -> None:
    """An end before the start is refused with both dates."""
    kind, words = error_of(start=date(2027, 2, 1), end=date(2027, 1, 31))
    assert kind == "horizon_reversed"
    assert "ends on 2027-01-31, before it starts on 2027-02-01" in words


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2027, 1, 1), date(2048, 1, 1)),
        (date(1899, 12, 31), date(1900, 1, 1)),
        (date(2190, 1, 1), date(2201, 1, 1)),
    ],
)
def test_a_horizon_that_is_a_slip_is_refused(start: date, end: date) -> None:
    """More than twenty years, or outside 1900 to 2200, is a typing error."""
    assert error_of(start=start, end=end)[0] == "horizon_too_long"


def test_twenty_years_are_a_horizon() -> None:
    """The longest horizon allowed is accepted."""
    assert Calendar(start=date(2027, 1, 1), end=date(2046, 12, 31)).years == 20.0


def test_a_subdivision_needs_its_country() -> None:
    """Bavaria alone is no place."""
    assert error_of(start=YEAR.start, end=YEAR.end, subdivision="BY")[0] == "subdivision_alone"


# -- length in years --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2027, 1, 1), date(2027, 12, 31), 1.0),
        (date(2028, 1, 1), date(2028, 12, 31), 1.0),
        (date(2027, 4, 1), date(2029, 3, 31), 2.0),
        (date(2028, 2, 29), date(2029, 2, 27), 1.0),
        (date(2027, 1, 31), date(2028, 1, 30), 1.0),
        (date(2027, 1, 1), date(2027, 3, 14), 73 / 365),
        (date(2027, 1, 1), date(2028, 3, 31), 1 + 91 / 366),
    ],
)
def test_years_count_a_cut_year_by_its_days(start: date, end: date, years: float) -> None:
    """A whole fiscal year is 1, leap or not; the rest counts by its part of that year's days."""
    assert Calendar(start=start, end=end).years == pytest.approx(years, abs=1e-12)


@pytest.mark.parametrize(("many", "years"), [(52, 1.0), (53, 1.0), (26, 0.5), (104, 2.0), (105, 2.0), (78, 1.5)])
def test_years_of_a_pattern_are_52_or_53_weeks(many: int, years: float) -> None:
    """A year is 52 weeks, or 53 in a long one."""
    assert weeks(many).years == years


# -- before the horizon, and by name ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "names"),
    [
        (0, []),
        (1, ["2026-12"]),
        (31, ["2026-12"]),
        (32, ["2026-11", "2026-12"]),
        (365, [f"2026-{m:02d}" for m in range(1, 13)]),
    ],
)
def test_earlier_periods_reach_back_far_enough(days: int, names: list[str]) -> None:
    """Work 31 days before January is in December, work 32 days before it in November too."""
    assert [period.id for period in YEAR.earlier(days)] == names


def test_earlier_months_keep_their_day() -> None:
    """Before a horizon from January 31 lies a month from December 31 to January 30."""
    calendar = Calendar(start=date(2027, 1, 31), end=date(2028, 1, 30))
    assert calendar.earlier(1) == (Period("2026-12", date(2026, 12, 31), date(2027, 1, 30)),)


def test_earlier_weeks_end_where_the_horizon_starts() -> None:
    """The horizon starts on a Friday: Monday to Thursday of that week, and the week before, are earlier."""
    assert YEAR.but(grain="week").earlier(5) == (
        Period("2026-W52", date(2026, 12, 21), date(2026, 12, 27)),
        Period("2026-W53", date(2026, 12, 28), date(2026, 12, 31)),
    )


def test_earlier_periods_of_a_pattern_are_those_of_the_year_before() -> None:
    """The year before has 52 weeks by the same pattern."""
    earlier = weeks(52).earlier(36)
    assert earlier[-1] == Period("2026-12", date(2026, 11, 30), date(2027, 1, 3))
    assert earlier[-2] == Period("2026-11", date(2026, 11, 2), date(2026, 11, 29))


@settings(max_examples=50, deadline=None)
@given(
    start=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    grain=st.sampled_from(["week", *ANCHORED]),
    days=st.integers(0, 500),
)
def test_earlier_periods_run_up_to_the_horizon(start: date, grain: Grain, days: int) -> None:
    """They reach back at least as many days as asked, without a gap, up to the day before the horizon."""
    calendar = Calendar(start=start, end=start + timedelta(days=400), grain=grain)
    earlier = calendar.earlier(days)
    edges = [one.start for one in earlier] + [start]
    assert edges[0] <= start - timedelta(days=days)
    assert all(one.end + DAY == after for one, after in zip(earlier, edges[1:], strict=True))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("2027-03", ("month", 2)),
        ("2027-Q4", ("quarter", 3)),
        ("2027-4M2", ("quadrimester", 1)),
        ("2027-H1", ("semester", 0)),
        ("2027-W05", ("week", 5)),
        ("2027", ("year", 0)),
    ],
)
def test_find_knows_periods_of_every_grain(name: str, found: tuple[Grain, int]) -> None:
    """The grain is told by the name, the position counts from 0."""
    assert YEAR.find(name) == found


def test_find_refuses_what_is_not_in_the_horizon() -> None:
    """A period of another year, or a slip, is refused with what comes near."""
    with pytest.raises(UnknownNameError) as caught:
        YEAR.find("2028-03")
    assert caught.value.name == "2028-03"
    assert "'2028-03' is no period between 2027-01-01 and 2027-12-31" in caught.value.message
    assert "Did you mean" in caught.value.message


# -- working days -----------------------------------------------------------------------------------------------------


def test_working_days_are_monday_to_friday() -> None:
    """The first week of February 2027 has five of them, its weekend none."""
    week = Calendar(start=date(2027, 2, 1), end=date(2027, 2, 7))
    assert week.worked_days() == (True,) * 5 + (False,) * 2
    assert week.public_holidays() == ()


def test_public_holidays_are_not_worked() -> None:
    """France has no work on Ascension Day and Whit Monday; its two holidays on a Saturday take nothing off."""
    may = Calendar(start=date(2027, 5, 1), end=date(2027, 5, 31), country="FR")
    assert may.public_holidays() == (date(2027, 5, 1), date(2027, 5, 6), date(2027, 5, 8), date(2027, 5, 17))
    assert sum(may.worked_days()) == sum(may.but(country=None).worked_days()) - 2 == 19


def test_a_subdivision_has_holidays_of_its_own() -> None:
    """Epiphany is a holiday in Bavaria and not in Berlin."""
    week = Calendar(start=date(2027, 1, 4), end=date(2027, 1, 10), country="DE", subdivision="BY")
    assert week.public_holidays() == (date(2027, 1, 6),)
    assert week.but(subdivision="BE").public_holidays() == ()


def test_holidays_of_every_year_of_the_horizon_count() -> None:
    """New Year's Day of the second year is a holiday too."""
    turn = Calendar(start=date(2026, 12, 26), end=date(2027, 1, 4), country="FR")
    assert turn.public_holidays() == (date(2027, 1, 1),)


@pytest.mark.parametrize(
    ("fields", "name", "near"), [({"country": "FX"}, "FX", "FR"), ({"country": "DE", "subdivision": "BX"}, "BX", "BY")]
)
def test_unknown_places_are_refused(fields: dict[str, str], name: str, near: str) -> None:
    """A country or a subdivision without holidays is refused where days are counted, never taken for none."""
    with pytest.raises(UnknownNameError) as caught:
        YEAR.but(**fields).worked_days()
    assert caught.value.name == name
    assert near in str(caught.value)

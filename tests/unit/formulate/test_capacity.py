"""Rules of time: hours are working days x hours x selling share x fte, less absences and leave, each day once.

February 2027 has 20 working days, Monday the 1st to Friday the 26th; March has 23, the whole year 261.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.formulate.capacity import Capacity, capacity, working_day_sums
from planalloc.formulate.index import Index

if TYPE_CHECKING:
    from collections.abc import Sequence

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
FEBRUARY = pa.Calendar(start=date(2027, 2, 1), end=date(2027, 2, 28))
WORKED = [21, 20, 23, 22, 21, 22, 22, 22, 22, 21, 22, 23]
"""Mondays to Fridays of each month of 2027."""


def time_of(
    *reps: pa.Rep,
    calendar: pa.Calendar = YEAR,
    seasons: Sequence[pa.Seasonality] = (),
    **force: Any,
) -> Capacity:
    """Return the time of some reps."""
    problem = pa.PlanningProblem(
        calendar=calendar,
        strategy=pa.Strategy(
            name="Time",
            currency="EUR",
            segments=[pa.Segment(id="A")],
            targets=[pa.Target(segment="A", revenue=1)],
            seasonalities=tuple(seasons),
        ),
        sales_force=pa.SalesForce(reps=reps, **force),
    )
    return capacity(Index(problem))


def alice(**fields: Any) -> pa.Rep:
    """Return one rep."""
    return pa.Rep(id="alice", **fields)


def away(start: date, end: date) -> pa.Absence:
    """Return an absence, both days included."""
    return pa.Absence(start=start, end=end)


def february(first: int, last: int) -> pa.Absence:
    """Return an absence in February 2027."""
    return away(date(2027, 2, first), date(2027, 2, last))


def season(*weights: float) -> pa.Seasonality:
    """Return a seasonality by months, the first ones of the year; no weight in the others."""
    return pa.Seasonality(id="holidays", grain="month", weights=(*weights, *[0.0] * (12 - len(weights))))


# -- hours ------------------------------------------------------------------------------------------------------------


def test_hours_of_a_month() -> None:
    """20 working days of 7 hours, of which 70 % go to selling, are 98 hours."""
    time = time_of(alice(), calendar=FEBRUARY, hours_per_week=35, selling_share=0.7)
    assert time.hours[0, 0] == pytest.approx(20 * 7 * 0.7)


def test_hours_of_every_month_follow_its_working_days() -> None:
    """A month of 23 working days has 23 days of hours, whatever its calendar days."""
    time = time_of(alice())
    assert time.working_days.tolist() == WORKED
    assert time.hours[0] == pytest.approx(np.array(WORKED) * 8.0)


@pytest.mark.parametrize(
    ("rep", "hours"),
    [
        (alice(fte=0.8), 20 * 7 * 0.7 * 0.8),
        (alice(hours_per_week=40), 20 * 8 * 0.7),
        (alice(selling_share=0.5), 20 * 7 * 0.5),
        (alice(selling_share=0), 0),
        (alice(fte=0.5, hours_per_week=40, selling_share=1), 20 * 8 * 0.5),
    ],
)
def test_what_a_rep_says_goes_before_what_the_force_says(rep: pa.Rep, hours: float) -> None:
    """Fte scales; the rep's own weekly hours and selling share stand in the place of the force's, 0 included."""
    time = time_of(rep, calendar=FEBRUARY, hours_per_week=35, selling_share=0.7)
    assert time.hours[0, 0] == pytest.approx(hours)


def test_public_holidays_take_hours_off() -> None:
    """May 2027 has 21 working days, 19 of them worked in France."""
    may = pa.Calendar(start=date(2027, 5, 1), end=date(2027, 5, 31), country="FR")
    time = time_of(alice(), calendar=may)
    assert time.working_days.tolist() == [19]
    assert time.hours[0, 0] == 19 * 8


def test_working_day_sums_count_the_days_before() -> None:
    """Before Monday lie none, before Saturday five, after the week five."""
    week = pa.Calendar(start=date(2027, 2, 1), end=date(2027, 2, 7))
    assert working_day_sums(week).tolist() == [0, 1, 2, 3, 4, 5, 5, 5]


# -- absences ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("absences", "days"),
    [
        ([february(1, 5)], 15),
        ([february(3, 3)], 19),
        ([february(6, 7)], 20),
        ([february(1, 10), february(8, 12)], 10),
        ([february(1, 12), february(3, 4)], 10),
        ([february(1, 12), february(1, 12)], 10),
        ([february(8, 12), february(1, 12)], 10),
        ([february(1, 5), february(8, 12)], 10),
        ([february(1, 3), february(3, 5), february(2, 4)], 15),
    ],
)
def test_a_day_away_counts_once(absences: list[pa.Absence], days: int) -> None:
    """Working days only, and each of them once however many absences hold it, in whatever order they are given."""
    time = time_of(alice(absences=absences), calendar=FEBRUARY)
    assert time.available_days[0, 0] == days
    assert time.hours[0, 0] == days * 8


def test_an_absence_over_the_end_of_a_month_counts_in_both() -> None:
    """From February 22 to March 5 are five working days of each month."""
    time = time_of(alice(absences=[away(date(2027, 2, 22), date(2027, 3, 5))]))
    assert time.available_days[0, :4].tolist() == [21, 15, 18, 22]


def test_an_absence_outside_employment_costs_nothing() -> None:
    """Who leaves on February 12 and is away from the 8th to the 26th misses five working days, not fifteen."""
    time = time_of(alice(end=date(2027, 2, 12), absences=[february(8, 26)]), calendar=FEBRUARY)
    assert time.available_days[0, 0] == 5


def test_an_absence_reaching_out_of_the_horizon_counts_inside() -> None:
    """An absence from before the horizon to after it takes what lies within."""
    time = time_of(alice(absences=[away(date(2026, 12, 1), date(2027, 2, 5))]), calendar=FEBRUARY)
    assert time.available_days[0, 0] == 15


def test_a_holiday_inside_an_absence_is_no_day_away() -> None:
    """Ascension Day 2027 is May 6: the week from May 3 takes four days off, not five, in France."""
    may = pa.Calendar(start=date(2027, 5, 1), end=date(2027, 5, 31), country="FR")
    time = time_of(alice(absences=[away(date(2027, 5, 3), date(2027, 5, 7))]), calendar=may)
    assert time.available_days[0, 0] == 15


# -- leave without dates ----------------------------------------------------------------------------------------------


def test_leave_spreads_in_proportion_to_working_days() -> None:
    """26.1 days of leave are a tenth of the year's 261 working days, and take a tenth off every month."""
    time = time_of(alice(), leave_days=26.1)
    assert time.available_days[0] == pytest.approx(np.array(WORKED) * 0.9)


def test_leave_of_part_of_a_year_is_that_part() -> None:
    """Half a year has half of the year's leave: 73 of 365 days take a fifth of 25."""
    short = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 3, 14))
    time = time_of(alice(), calendar=short, leave_days=25)
    assert time.working_days.sum() - time.available_days.sum() == pytest.approx(5)


def test_leave_of_two_years_is_twice_that_of_one() -> None:
    """Days of leave are per year."""
    two = pa.Calendar(start=date(2027, 1, 1), end=date(2028, 12, 31))
    time = time_of(alice(), calendar=two, leave_days=25)
    assert time.working_days.sum() - time.available_days.sum() == pytest.approx(50)


def test_dated_absences_count_against_leave() -> None:
    """10 days away in February leave none of 10 days of leave, and 5 of 15, spread over the days that are left."""
    rep = alice(absences=[february(1, 12)])
    assert time_of(rep, leave_days=10).available_days[0, :3].tolist() == [21, 10, 23]
    taken = time_of(rep).available_days - time_of(rep, leave_days=15).available_days
    assert taken.sum() == pytest.approx(5)
    assert taken[0] == pytest.approx(5 * np.array(WORKED) / 261)


def test_more_days_away_than_leave_is_no_negative_leave() -> None:
    """15 days away with 10 days of leave take 15 days, and give none back elsewhere."""
    time = time_of(alice(absences=[february(1, 19)]), leave_days=10)
    assert time.available_days[0].tolist() == [21, 5, *WORKED[2:]]


def test_leave_follows_its_seasonality() -> None:
    """12 of 24 days in February and 12 in March, where leave is taken half and half."""
    time = time_of(alice(), seasons=[season(0, 0.5, 0.5)], leave_days=24, leave_seasonality="holidays")
    assert time.available_days[0, :4].tolist() == [21, 8, 11, 22]


def test_leave_is_not_taken_on_days_that_are_not_there() -> None:
    """Away for 16 of February's 20 days, of the 14 days left to take 4 fit there, and the other 10 go to March."""
    rep = alice(absences=[february(1, 22)])
    time = time_of(rep, seasons=[season(0, 0.5, 0.5)], leave_days=30, leave_seasonality="holidays")
    assert time.available_days[0, :4] == pytest.approx([21, 0, 13, 22])


def test_leave_is_earned_by_employment() -> None:
    """Who joins in July has 132 of 261 working days, and that part of the leave: 13.2 of 26.1 days."""
    time = time_of(alice(start=date(2027, 7, 1)), leave_days=26.1)
    assert time.available_days[0, :6].tolist() == [0] * 6
    assert time.available_days[0, 6:] == pytest.approx(np.array(WORKED[6:]) * 0.9)


# -- joining and leaving ----------------------------------------------------------------------------------------------


def test_a_joiner_works_from_the_first_day_on() -> None:
    """From Monday, February 15, ten of February's 20 days are left."""
    time = time_of(alice(start=date(2027, 2, 15)))
    assert time.available_days[0, :3].tolist() == [0, 10, 23]
    assert time.present[0, :3].tolist() == [False, True, True]
    assert time.employed_part[0] == pytest.approx((261 - 31) / 261)
    assert time.stays[0]


def test_a_leaver_works_up_to_the_last_day() -> None:
    """Until Friday, February 12, ten of February's 20 days are worked, and nothing after."""
    time = time_of(alice(end=date(2027, 2, 12)))
    assert time.available_days[0, :3].tolist() == [21, 10, 0]
    assert time.present[0, :3].tolist() == [True, True, False]
    assert time.employed_part[0] == pytest.approx(31 / 261)
    assert not time.stays[0]


@pytest.mark.parametrize(("end", "stays"), [(date(2027, 12, 31), True), (date(2027, 12, 30), False), (None, True)])
def test_who_is_there_on_the_last_day_stays(end: date | None, *, stays: bool) -> None:
    """An end on or after the last day of the horizon is not one within it."""
    assert time_of(alice(end=end)).stays.tolist() == [stays]


def test_dates_outside_the_horizon_change_nothing() -> None:
    """Somebody there since last year and until next year is there all the time."""
    time = time_of(alice(start=date(2020, 5, 3), end=date(2030, 1, 1)), alice())
    for field in (time.hours, time.weight, time.employed_part, time.steady):
        assert field[0].tolist() == field[1].tolist()


def test_joining_on_a_weekend_is_joining_on_monday() -> None:
    """Who starts on Sunday, January 31, has no working day in January and is not there in it."""
    time = time_of(alice(start=date(2027, 1, 31)))
    assert time.present[0, :2].tolist() == [False, True]
    assert time.available_days[0, :2].tolist() == [0, 20]
    assert time.weight[0, 0] == 0


# -- ramp -------------------------------------------------------------------------------------------------------------


def test_the_ramp_is_averaged_over_the_working_days_of_a_month() -> None:
    """Half productive in the first month from February 15: all of February, and 10 of March's 23 days."""
    time = time_of(alice(start=date(2027, 2, 15), ramp=pa.Ramp(months=[0.5])))
    assert time.productivity[0, 1:4] == pytest.approx([0.5, 1 - 10 * 0.5 / 23, 1])


def test_the_ramp_goes_by_months_of_tenure() -> None:
    """From April 1 on, with 25, 50 and 75 %: April, May and June, then full."""
    time = time_of(alice(start=date(2027, 4, 1), ramp=pa.Ramp(months=[0.25, 0.5, 0.75])))
    assert time.productivity[0].tolist() == pytest.approx([1, 1, 1, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1])


def test_a_ramp_from_the_31st_turns_on_the_last_day_of_shorter_months() -> None:
    """From Tuesday, August 31: the second month starts on Thursday, September 30, the third on October 31."""
    time = time_of(alice(start=date(2027, 8, 31), ramp=pa.Ramp(months=[0.5, 0.75])))
    september = 1 - (21 * 0.5 + 1 * 0.25) / 22
    assert time.productivity[0, 7:].tolist() == pytest.approx([0.5, september, 0.75, 1, 1])


def test_a_ramp_begun_before_the_horizon_goes_on_in_it() -> None:
    """Half productive in the first month from December 15: 10 of January's 21 days."""
    time = time_of(alice(start=date(2026, 12, 15), ramp=pa.Ramp(months=[0.5])))
    assert time.productivity[0, :2] == pytest.approx([1 - 10 * 0.5 / 21, 1])


def test_a_ramp_over_before_the_horizon_is_none() -> None:
    """Who is fully productive when the horizon starts is steady."""
    time = time_of(alice(start=date(2026, 9, 1), ramp=pa.Ramp(months=[0.25, 0.5, 0.75])))
    assert (time.productivity == 1).all()
    assert time.steady.tolist() == [True]


def test_a_ramp_ends_with_the_job() -> None:
    """Somebody half productive who leaves on February 26 is averaged over the days of employment alone."""
    time = time_of(alice(start=date(2027, 2, 15), end=date(2027, 2, 26), ramp=pa.Ramp(months=[0.5])))
    assert time.productivity[0, :3].tolist() == [1, 0.5, 1]


def test_each_rep_has_their_own_ramp() -> None:
    """Reps with one ramp and different first days, or different ramps, do not get each other's."""
    half, quarter = pa.Ramp(months=[0.5]), pa.Ramp(months=[0.25])
    time = time_of(
        pa.Rep(id="a", start=date(2027, 2, 1), ramp=half),
        pa.Rep(id="b", start=date(2027, 3, 1), ramp=quarter),
        pa.Rep(id="c", start=date(2027, 3, 1), ramp=half),
        pa.Rep(id="d", start=date(2027, 3, 1)),
    )
    assert time.productivity[:, 1:3].tolist() == [[0.5, 1], [1, 0.25], [1, 0.5], [1, 1]]


def test_the_ramp_takes_no_hours_off() -> None:
    """A new rep works all their hours; it is the work that takes longer."""
    time = time_of(alice(start=date(2027, 2, 1), ramp=pa.Ramp(months=[0.5])))
    assert time.hours[0, 1] == 20 * 8


# -- who is there, and what the fair split goes by --------------------------------------------------------------------


def test_an_absence_that_fills_a_month_is_not_being_there() -> None:
    """Away on all working days of February: no number and no hours in it, the rest as ever."""
    time = time_of(alice(absences=[february(1, 26)]))
    assert time.present[0, :3].tolist() == [True, False, True]
    assert time.hours[0, :3].tolist() == [21 * 8, 0, 23 * 8]
    assert time.weight[0, 1] == 0
    assert not time.steady[0]
    assert time.employed_part[0] == 1


def test_an_absence_that_leaves_a_day_is_being_there() -> None:
    """Away on all but one working day of February, a rep carries a number in it, in full."""
    time = time_of(alice(absences=[february(1, 25)]), alice())
    assert time.present[0, 1]
    assert time.weight[0].tolist() == time.weight[1].tolist()
    assert time.steady[0]


def test_two_absences_may_fill_a_month_together() -> None:
    """The first half and the second half of February away are all of it."""
    time = time_of(alice(absences=[february(1, 14), february(15, 28)]))
    assert not time.present[0, 1]


def test_the_split_goes_by_contract_hours_of_calendar_days() -> None:
    """28 and 31 days of 35 hours a week: holidays and working days play no part, so that months keep the season."""
    france = YEAR.but(country="FR")
    time = time_of(alice(fte=0.5), calendar=france, hours_per_week=35, leave_days=25)
    assert time.weight[0, 1:3] == pytest.approx([28 * 5 * 0.5, 31 * 5 * 0.5])
    assert time.full_weight[0] == pytest.approx(365 * 5 * 0.5)


def test_the_split_goes_by_employment_and_ramp() -> None:
    """Half of February at half productivity weighs a quarter of it."""
    time = time_of(alice(start=date(2027, 2, 15), ramp=pa.Ramp(months=[0.5])), alice())
    assert time.weight[0, 1] == pytest.approx(time.weight[1, 1] / 4)
    assert time.full_weight[0] == pytest.approx(time.full_weight[1]) == pytest.approx(time.weight[1].sum())


@pytest.mark.parametrize(
    ("fields", "steady"),
    [
        ({}, True),
        ({"fte": 0.5}, True),
        ({"absences": [february(1, 12)]}, True),
        ({"absences": [february(1, 28)]}, False),
        ({"start": date(2027, 1, 1)}, True),
        ({"start": date(2027, 1, 4)}, False),
        ({"end": date(2027, 12, 30)}, False),
        ({"start": date(2027, 1, 1), "ramp": pa.Ramp(months=[0.9])}, False),
        ({"start": date(2027, 1, 1), "ramp": pa.Ramp(months=[1])}, True),
    ],
)
def test_steady_is_being_there_in_full_all_the_time(fields: dict[str, Any], *, steady: bool) -> None:
    """A short absence or part-time leaves a rep steady; joining, leaving, ramping up or a month away does not."""
    assert time_of(alice(**fields)).steady.tolist() == [steady]


def test_the_new_year_may_be_no_working_day() -> None:
    """In France nobody works on January 1, so that starting on Monday, January 4, is being there from the start."""
    time = time_of(alice(start=date(2027, 1, 4)), calendar=YEAR.but(country="FR"))
    assert time.steady.tolist() == [True]


absences = st.lists(
    st.tuples(st.dates(date(2026, 12, 1), date(2028, 1, 31)), st.integers(0, 60)).map(
        lambda pair: away(pair[0], pair[0] + timedelta(days=pair[1]))
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(
    absences=absences,
    start=st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2027, 12, 20))),
    leave=st.sampled_from([0.0, 25.0, 200.0]),
    grain=st.sampled_from(["week", "month", "quarter"]),
)
def test_days_are_counted_one_by_one(absences: list[pa.Absence], start: date | None, leave: float, grain: Any) -> None:
    """Counting days one by one gives the days worked; leave takes some of them off, and never more than there are."""
    calendar = YEAR.but(grain=grain)
    rep = alice(start=start, absences=absences)
    off = {one.start + timedelta(days=i) for one in absences for i in range((one.end - one.start).days + 1)}
    there = []
    for period in calendar.periods():
        days = [period.start + timedelta(days=i) for i in range((period.end - period.start).days + 1)]
        there.append(sum(day.weekday() < 5 and day not in off and (not start or day >= start) for day in days))
    assert time_of(rep, calendar=calendar).available_days[0].tolist() == there
    taken = np.array(there) - time_of(rep, calendar=calendar, leave_days=leave).available_days[0]
    assert (taken >= -1e-9).all()
    assert taken.sum() <= leave + 1e-6

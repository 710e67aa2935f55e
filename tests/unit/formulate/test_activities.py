"""F-2, F-7, F-12: how much work revenue and accounts ask for, when it is done, and in how many hours."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.formulate.activities import Fed, Work, work
from planalloc.formulate.capacity import capacity
from planalloc.formulate.index import Index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.formulate.activities import Kernel
    from planalloc.types import Floats

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
CALL, MEETING = pa.Activity(id="call", hours=0.5), pa.Activity(id="meeting", hours=2)
LINES = (pa.Target(segment="A", revenue=1000), pa.Target(segment="B", revenue=1000))
JAN, FEB, MAR, APR, DEC = 0, 1, 2, 3, 11
CALLS_OF_A = Fed(0, "call", None)


def stage(days: float = 0, *, conversion: float = 1, name: str = "lead", **activities: float) -> pa.Stage:
    """Return a stage with its activities."""
    return pa.Stage(id=name, conversion=conversion, days_before_booking=days, activities=activities)


def funnel(*stages: pa.Stage, deal_size: float = 1, **parts: Any) -> pa.Funnel:
    """Return a funnel; a deal is one unit of revenue unless said otherwise."""
    return pa.Funnel(deal_size=deal_size, stages=stages, **parts)


def cadence(segment: str = "A", many: float = 8, activity: str = "call", **fields: Any) -> pa.Cadence:
    """Return a cadence; care beside the funnel unless said otherwise."""
    return pa.Cadence(
        **{"segment": segment, "activity": activity, "per_account_per_year": many, "feeds_funnel": False, **fields}
    )


def work_of(
    *reps: pa.Rep,
    funnels: Sequence[pa.Funnel] = (),
    cadences: Sequence[pa.Cadence] = (),
    calendar: pa.Calendar = YEAR,
    targets: Sequence[pa.Target] = LINES,
    **policy: Any,
) -> Work:
    """Return the work of a problem with segments A and B; one rep, there all year, unless said otherwise."""
    problem = pa.PlanningProblem(
        calendar=calendar,
        strategy=pa.Strategy(
            name="Work",
            currency="EUR",
            segments=[pa.Segment(id="A"), pa.Segment(id="B")],
            products=[pa.Product(id="suite")],
            targets=tuple(targets),
        ),
        sales_force=pa.SalesForce(reps=reps or (pa.Rep(id="alice"),)),
        playbook=pa.Playbook(activities=[CALL, MEETING], funnels=funnels, cadences=cadences),
        policy=pa.Policy(**policy),
    )
    index = Index(problem)
    return work(index, capacity(index))


def kernel_of(days: float, *reps: pa.Rep, **options: Any) -> tuple[Kernel, Work]:
    """Return the kernel of work some days before the booking, and the work it is part of."""
    found = work_of(*reps, funnels=[funnel(stage(days, call=1))], **options)
    return found.items[0].kernel, found


def months_away(*months: int) -> list[pa.Absence]:
    """Return absences that fill months of 2027, counted from 0."""
    periods = YEAR.periods()
    return [pa.Absence(start=periods[month].start, end=periods[month].end) for month in months]


def cells_of(line: int, period: int, amount: float) -> Floats:
    """Return revenue of one rep in one cell."""
    cells = np.zeros((1, 2, 12))
    cells[0, line, period] = amount
    return cells


# -- kernels: when work is done ---------------------------------------------------------------------------------------


def test_work_on_the_day_of_the_booking() -> None:
    """0 days before, all work is done in the period of the booking."""
    kernel, _ = kernel_of(0)
    assert kernel.within.tolist() == np.eye(12).tolist()
    assert kernel.before.sum() == kernel.wrapped.sum() == 0


def test_work_by_days_on_months() -> None:
    """31 days before March 1 to 31 are January 29 to 31 and all of February."""
    kernel, _ = kernel_of(31)
    assert kernel.within[MAR, :3] == pytest.approx([3 / 31, 28 / 31, 0])


def test_work_by_days_on_weeks() -> None:
    """Ten days before a week from Monday to Sunday are the last three days of a week and four of the next."""
    weeks = pa.Calendar(start=date(2027, 1, 4), end=date(2027, 3, 7), grain="week")
    kernel, found = kernel_of(10, calendar=weeks)
    assert kernel.within[4, 1:5] == pytest.approx([0, 3 / 7, 4 / 7, 0])
    assert [period.id for period in found.earlier] == ["2026-W52", "2026-W53"]
    assert kernel.before[0] == pytest.approx([3 / 7, 4 / 7])


def test_work_by_days_on_quarters() -> None:
    """45 days before the 91 days of the second quarter: 45 of them in the first, 46 in the second."""
    kernel, _ = kernel_of(45, calendar=YEAR.but(grain="quarter"))
    assert kernel.within[1] == pytest.approx([45 / 91, 46 / 91, 0, 0])


def test_work_by_parts_of_a_day() -> None:
    """Half a day before January is half a day of its 31 in December."""
    kernel, _ = kernel_of(0.5)
    assert kernel.before[JAN] == pytest.approx([0.5 / 31])
    assert kernel.within[JAN, JAN] == pytest.approx(30.5 / 31)


def test_work_before_the_horizon() -> None:
    """31 days before January is December, last year's for this January, this year's for the next one."""
    kernel, found = kernel_of(31)
    assert [period.id for period in found.earlier] == ["2026-12"]
    assert kernel.before[:, 0].tolist() == [1, *[0] * 11]
    assert kernel.wrapped[JAN, DEC] == 1
    assert kernel.wrapped.sum() == 1


def test_nothing_after_the_horizon_is_not_worked_for() -> None:
    """With ``after_horizon="nothing"`` the year does not wrap, and what lies before the horizon stays."""
    kernel, _ = kernel_of(31, after_horizon="nothing")
    assert kernel.wrapped.sum() == 0
    assert kernel.before[JAN, 0] == 1


def test_work_more_than_a_year_before() -> None:
    """365 + 31 days before any booking of 2027 but those of December is before the horizon."""
    kernel, _ = kernel_of(396)
    assert kernel.within.sum() == 0
    assert kernel.before.sum(axis=1) == pytest.approx(np.ones(12))
    assert kernel.wrapped[MAR, :3] == pytest.approx([3 / 31, 28 / 31, 0])
    assert kernel.wrapped.sum(axis=1) == pytest.approx(np.ones(12))


@settings(max_examples=100, deadline=None)
@given(
    days=st.one_of(st.integers(0, 900), st.floats(0, 400)),
    grain=st.sampled_from(["week", "month", "quarter", "year"]),
    start=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    length=st.integers(40, 500),
)
def test_no_work_is_lost(days: float, grain: Any, start: date, length: int) -> None:
    """All work for a booking is within or before the horizon; and within it, once, when the year repeats (S-2)."""
    calendar = pa.Calendar(start=start, end=start + timedelta(days=length - 1), grain=grain)
    kernel, _ = kernel_of(days, calendar=calendar)
    ones = np.ones(len(calendar.periods()))
    assert kernel.within.sum(axis=1) + kernel.before.sum(axis=1) == pytest.approx(ones)
    assert kernel.within.sum(axis=1) + kernel.wrapped.sum(axis=1) == pytest.approx(ones)
    for part in (kernel.within, kernel.before, kernel.wrapped):
        assert (part >= 0).all()


# -- presence ---------------------------------------------------------------------------------------------------------


def test_work_during_an_absence_is_done_before_it() -> None:
    """Away in February and March: what falls there is done in January, the last month before in which one is there."""
    kernel, found = kernel_of(31, pa.Rep(id="alice", absences=months_away(FEB, MAR)))
    within, _ = found.timing(kernel)
    assert within[0, MAR, :4] == pytest.approx([1, 0, 0, 0])
    assert within[0, APR, :4] == pytest.approx([1, 0, 0, 0])
    assert within[0, 4, :4] == pytest.approx([1 / 31, 0, 0, 30 / 31])


def test_work_before_the_first_day_is_done_by_nobody() -> None:
    """From April on: of the work 31 days before April's bookings, none is the rep's; before May's, April's part is."""
    kernel, found = kernel_of(31, pa.Rep(id="alice", start=date(2027, 4, 1)))
    within, _ = found.timing(kernel)
    assert within[0, APR].sum() == 0
    assert within[0, 4, APR] == pytest.approx(30 / 31)
    assert within[0, 4].sum() == pytest.approx(30 / 31)


def test_a_leaver_does_not_work_for_the_next_year() -> None:
    """Who leaves in October works for this year's bookings only; who stays works in December for January."""
    kernel, found = kernel_of(31, pa.Rep(id="a", end=date(2027, 10, 31)), pa.Rep(id="b"))
    _, wrapped = found.timing(kernel)
    _, stays, which = found.pattern
    assert stays.tolist().count(True) == 1
    assert wrapped[which[0]].sum() == 0
    assert wrapped[which[1]][JAN, DEC] == 1


def test_the_next_years_work_moves_before_an_absence_too() -> None:
    """Away in December, the work for next January is done in November."""
    kernel, found = kernel_of(31, pa.Rep(id="alice", absences=months_away(DEC)))
    _, wrapped = found.timing(kernel)
    assert wrapped[0, JAN, 10:].tolist() == [1, 0]


def test_reps_of_equal_presence_share_a_pattern() -> None:
    """Patterns tell presence and staying apart, and nothing else."""
    steady, joiner = {"fte": 0.5}, {"start": date(2027, 4, 1)}
    found = work_of(pa.Rep(id="a"), pa.Rep(id="b", **steady), pa.Rep(id="c", **joiner), pa.Rep(id="d", **joiner))
    present, _, which = found.pattern
    assert len(present) == 2
    assert which[0] == which[1] != which[2] == which[3]


# -- funnels: how much ------------------------------------------------------------------------------------------------


def items(found: Work) -> list[tuple[int, str, str | None, float, float, float]]:
    """Return what funnels ask for, as plain values."""
    return [(one.line, one.stage, one.activity, round(one.per_unit, 12), one.hours, one.value) for one in found.items]


def test_a_funnel_goes_back_from_revenue_to_its_first_stage() -> None:
    """1,000 of revenue is a deal, 2 offers at 50 %, 20 leads at 10 %, with 3 calls a lead and 2 meetings an offer."""
    stages = (
        stage(75, conversion=0.1, name="lead", call=3),
        stage(30, conversion=0.5, name="offer", meeting=2, call=1),
    )
    found = work_of(funnels=[funnel(*stages, segment="A", deal_size=1000)])
    assert items(found) == [
        (0, "lead", None, 0.02, 0, 1000),
        (0, "lead", "call", 0.06, 0.5, 0),
        (0, "offer", None, 0.002, 0, 1000),
        (0, "offer", "call", 0.002, 0.5, 0),
        (0, "offer", "meeting", 0.004, 2, 0),
    ]
    assert [one.kernel.within[MAR, MAR] for one in found.items] == pytest.approx([0, 0, 1 / 31, 1 / 31, 1 / 31])


def test_a_rounding_unit_is_what_is_counted() -> None:
    """In hundreds, one unit asks for a hundred times the work of one euro."""
    one, hundred = (
        work_of(funnels=[funnel(stage(call=1), deal_size=1000)], round_to=step).items[0].per_unit for step in (1, 100)
    )
    assert (one, hundred) == pytest.approx((0.001, 0.1))


def test_a_line_without_a_funnel_asks_for_nothing() -> None:
    """Only lines that a funnel speaks of cost work."""
    found = work_of(funnels=[funnel(stage(call=1), segment="B")])
    assert {one.line for one in found.items} == {1}
    assert found.hours(np.ones((1, 2, 12)) * [[1], [0]], np.ones((1, 2))).sum() == 0


def test_each_line_has_the_funnel_that_says_most_about_it() -> None:
    """Segment before product before business; what no other speaks of goes by the one for all."""
    targets = [
        pa.Target(segment="A", product="suite", business="new", revenue=1),
        pa.Target(segment="A", business="existing", revenue=1),
        pa.Target(segment="B", product="suite", business="existing", revenue=1),
        pa.Target(segment="B", business="new", revenue=1),
    ]
    funnels = [
        funnel(stage(), deal_size=1),
        funnel(stage(), deal_size=2, business="new"),
        funnel(stage(), deal_size=3, product="suite"),
        funnel(stage(), deal_size=4, segment="A"),
        funnel(stage(), deal_size=5, segment="A", business="new"),
    ]
    found = work_of(targets=targets, funnels=funnels)
    names = [(line.segment, line.business) for line in found.index.lines]
    sizes = {names[one.line]: one.value for one in found.items}
    assert sizes == {("A", "new"): 5, ("A", "existing"): 4, ("B", "existing"): 3, ("B", "new"): 2}


def test_funnel_counts_add_up_stages_and_lines_of_a_segment() -> None:
    """One call at each of two stages is two calls per unit in the year, those for the next year included."""
    found = work_of(funnels=[funnel(stage(31, name="a", call=1), stage(0, name="b", call=1), segment="A")])
    assert found.funnel_counts(Fed(0, "call", None))[0] == pytest.approx(np.array([[2.0] * 12, [0.0] * 12]))
    assert found.funnel_counts(Fed(1, "call", None)).sum() == 0
    assert found.funnel_counts(Fed(0, "meeting", None)).sum() == 0


# -- cadences: how much -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({}, 1),
        ({"start": date(2027, 7, 1)}, 132 / 261),
        ({"end": date(2027, 1, 31)}, 21 / 261),
        ({"absences": months_away(FEB, MAR)}, 1),
        ({"fte": 0.5}, 1),
    ],
)
def test_a_cadence_is_owed_for_the_time_of_employment(fields: dict[str, Any], part: float) -> None:
    """8 calls for 10 accounts are 80; who joins or leaves owes their part of the days; absences lessen nothing."""
    found = work_of(pa.Rep(id="alice", accounts={"A": 10}, **fields), cadences=[cadence()])
    (_, segment, asked), *more = found.cadences
    assert (segment, more) == (0, [])
    assert asked == pytest.approx([80 * part])


def test_a_cadence_is_per_year() -> None:
    """Two years ask twice, 73 of 365 days a fifth."""
    rep = pa.Rep(id="alice", accounts={"A": 10})
    for end, years in ((date(2028, 12, 31), 2), (date(2027, 3, 14), 0.2)):
        found = work_of(rep, cadences=[cadence()], calendar=YEAR.but(end=end))
        assert found.cadences[0][2] == pytest.approx([80 * years])


@pytest.mark.parametrize(("business", "asked"), [(None, 160), ("new", 96), ("existing", 64)])
def test_a_cadence_of_a_business_meets_its_accounts(business: Any, asked: float) -> None:
    """Of 12 prospects and 8 customers, a cadence for prospects meets 12."""
    rep = pa.Rep(id="alice", accounts={"A": {"new": 12, "existing": 8}})
    found = work_of(rep, cadences=[cadence(business=business)])
    assert found.cadences[0][2].tolist() == [asked]
    assert found.cadence_accounts.tolist() == [[asked / 8, 0]]


def test_accounts_that_several_cadences_speak_of_count_once() -> None:
    """Prospects by one cadence and customers by another are all 20; so are those of two cadences for both."""
    rep = pa.Rep(id="alice", accounts={"A": {"new": 12, "existing": 8}, "B": 5})
    split = [cadence(business="new"), cadence(business="existing"), cadence(business="new", activity="meeting")]
    assert work_of(rep, cadences=split).cadence_accounts.tolist() == [[20, 0]]
    both = [cadence(), cadence(business="new", activity="meeting")]
    assert work_of(rep, cadences=both).cadence_accounts.tolist() == [[20, 0]]


def test_care_hours_add_up_by_segment() -> None:
    """80 calls of half an hour and 30 meetings of two hours are 100 hours in A, and none in B."""
    rep = pa.Rep(id="alice", accounts={"A": 10, "B": 5})
    found = work_of(rep, cadences=[cadence(), cadence(many=3, activity="meeting"), cadence("B", feeds_funnel=True)])
    assert found.care_hours.tolist() == [[100, 0]]


PROSPECTS_AND_CUSTOMERS = [
    cadence(business="new", many=2, feeds_funnel=True),
    cadence(business="existing", many=3, feeds_funnel=True),
]
BY_BUSINESS = [pa.Target(segment="A", business=one, revenue=1000) for one in ("existing", "new")]


def test_feeding_cadences_are_compared_with_the_funnel_together() -> None:
    """Where a line does not tell new from existing business, 2 x 12 and 3 x 8 calls are 48 of one kind."""
    rep = pa.Rep(id="alice", accounts={"A": {"new": 12, "existing": 8}})
    found = work_of(rep, cadences=PROSPECTS_AND_CUSTOMERS)
    assert {fed: asked.tolist() for fed, asked in found.feeding.items()} == {Fed(0, "call", None): [48]}


def test_feeding_cadences_are_told_apart_where_lines_are() -> None:
    """Where lines are new or existing business, 24 calls on each side have their own: one cannot feed the other."""
    rep = pa.Rep(id="alice", accounts={"A": {"new": 12, "existing": 8}})
    found = work_of(rep, cadences=PROSPECTS_AND_CUSTOMERS, targets=BY_BUSINESS, funnels=[funnel(stage(call=1))])
    assert {fed.business: asked.tolist() for fed, asked in found.feeding.items()} == {"existing": [24], "new": [24]}
    cells = cells_of(1, MAR, 100)
    assert {fed.business: more.tolist() for fed, more in found.excess(cells, np.ones((1, 2))).items()} == {
        "existing": [24],
        "new": [0],
    }


@pytest.mark.parametrize(
    ("revenue", "coverage", "excess"), [(0, 1, 80), (30, 1, 50), (80, 1, 0), (100, 1, 0), (30, 0.5, 10), (30, 0, 0)]
)
def test_a_feeding_cadence_asks_for_what_the_funnel_lacks(revenue: float, coverage: float, excess: float) -> None:
    """Of 80 calls asked for, 30 deals make 30: the other 50 come on top, and never less than none (F-2)."""
    rep = pa.Rep(id="alice", accounts={"A": 10})
    found = work_of(rep, funnels=[funnel(stage(31, call=1))], cadences=[cadence(feeds_funnel=True)])
    cells = np.zeros((1, 2, 12))
    cells[0, 0] = revenue / 12
    assert found.excess(cells, np.array([[coverage, 1.0]]))[CALLS_OF_A] == pytest.approx([excess])


def test_another_segments_funnel_does_not_feed_the_cadence() -> None:
    """Calls for deals of B are no calls on the accounts of A."""
    rep = pa.Rep(id="alice", accounts={"A": 10})
    found = work_of(rep, funnels=[funnel(stage(call=1))], cadences=[cadence(feeds_funnel=True)])
    cells = np.zeros((1, 2, 12))
    cells[0, 1] = 100
    assert found.excess(cells, np.ones((1, 2)))[CALLS_OF_A].tolist() == [80]


# -- hours ------------------------------------------------------------------------------------------------------------


def test_funnel_hours_fall_where_the_work_is_done() -> None:
    """310 deals of March with a call 31 days before: 30 calls of half an hour in January, 280 in February."""
    found = work_of(funnels=[funnel(stage(31, call=1))])
    assert found.hours(cells_of(0, MAR, 310), np.ones((1, 2)))[0] == pytest.approx([15, 140, *[0] * 10])


def test_hours_hold_the_next_years_work() -> None:
    """Deals of January cost the hours of December, for the January after."""
    found = work_of(funnels=[funnel(stage(31, call=1))])
    assert found.hours(cells_of(0, JAN, 310), np.ones((1, 2)))[0] == pytest.approx([*[0] * 11, 155])


def test_cadence_hours_follow_the_days_that_are_there() -> None:
    """Away in February, the year's 80 calls of half an hour fall on the other 241 working days."""
    rep = pa.Rep(id="alice", accounts={"A": 10}, absences=months_away(FEB))
    hours = work_of(rep, cadences=[cadence()]).hours(np.zeros((1, 2, 12)), np.ones((1, 2)))[0]
    assert hours[:3] == pytest.approx([40 * 21 / 241, 0, 40 * 23 / 241])
    assert hours.sum() == pytest.approx(40)


@pytest.mark.parametrize("feeds_funnel", [True, False])
def test_coverage_scales_the_hours_of_a_cadence(*, feeds_funnel: bool) -> None:
    """A quarter of the accounts takes a quarter of the 40 hours (F-7)."""
    rep = pa.Rep(id="alice", accounts={"A": 10})
    found = work_of(rep, cadences=[cadence(feeds_funnel=feeds_funnel)])
    assert found.hours(np.zeros((1, 2, 12)), np.array([[0.25, 1.0]])).sum() == pytest.approx(10)


def test_work_takes_longer_in_the_month_of_the_ramp() -> None:
    """Half productive in the month in which the work is done, a rep takes twice the time, whenever it is booked."""
    rep = pa.Rep(id="alice", start=date(2027, 2, 1), ramp=pa.Ramp(months=[0.5]))
    found = work_of(rep, funnels=[funnel(stage(31, call=1))])
    assert found.hours(cells_of(0, MAR, 310), np.ones((1, 2)))[0, FEB] == pytest.approx(280)
    assert found.hours(cells_of(0, APR, 310), np.ones((1, 2)))[0, MAR] == pytest.approx(150 + 5)


def test_work_takes_longer_for_cadences_too() -> None:
    """Half productive in February, the calls of February take twice as long."""
    rep = pa.Rep(id="alice", accounts={"A": 10}, start=date(2027, 2, 1), ramp=pa.Ramp(months=[0.5]))
    found = work_of(rep, cadences=[cadence()])
    hours = found.hours(np.zeros((1, 2, 12)), np.ones((1, 2)))[0]
    asked = 80 * 240 / 261 * 0.5
    assert hours[1:3] == pytest.approx([asked * 2 * 20 / 240, asked * 23 / 240])


def test_each_rep_works_by_their_own_pattern() -> None:
    """The same deals of March are worked for in January and February, or, by who is away in February, in January."""
    reps = [pa.Rep(id="a"), pa.Rep(id="b", absences=months_away(FEB)), pa.Rep(id="c")]
    found = work_of(*reps, funnels=[funnel(stage(31, call=1))])
    hours = found.hours(np.tile(cells_of(0, MAR, 310), (3, 1, 1)), np.ones((3, 2)))
    assert hours[:, :2] == pytest.approx(np.array([[15, 140], [155, 0], [15, 140]]))


def test_profile_of_a_rep_whose_days_are_all_leave() -> None:
    """Where leave takes every day, cadence work is spread over the periods of presence, and so is found too much."""
    rep = pa.Rep(id="alice", accounts={"A": 10})
    problem = work_of(rep, cadences=[cadence()]).index.problem
    force = problem.sales_force.but(leave_days=366)
    index = Index(problem.replace(force))
    profile = work(index, capacity(index)).profile[0]
    assert profile == pytest.approx(np.full(12, 1 / 12))

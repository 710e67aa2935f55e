"""The figures that a planner knows beforehand come out of the plan: seasons, mixes, cadences, and when work is done."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import planalloc as pa

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
MONTHS = [period.id for period in YEAR.periods()]
SHARES = {"A": 0.35, "B": 0.25, "C": 0.40}
RAMP = pa.Ramp(months=(0.25, 0.5, 0.75))

FORCE = (
    pa.Rep(id="alice"),
    pa.Rep(id="bruno", fte=0.6),
    pa.Rep(id="chloe", start=date(2027, 4, 1), ramp=RAMP),
    pa.Rep(id="dario", start=date(2027, 6, 15), ramp=RAMP, fte=0.8),
    pa.Rep(id="elsa", end=date(2027, 9, 30)),
    pa.Rep(id="femi", absences=(pa.Absence(start=date(2027, 8, 1), end=date(2027, 8, 31)),)),
)
"""All kinds of presence; alice and bruno are there, and fully productive, all year."""


def problem_of(
    *reps: pa.Rep,
    revenue: float = 12_000_000,
    season: tuple[float, ...] | None = None,
    round_to: float = 1,
) -> pa.PlanningProblem:
    """Segments A, B and C with 35, 25 and 40 % of the revenue, A by a season of its own where one is given."""
    return pa.PlanningProblem(
        calendar=YEAR,
        strategy=pa.Strategy(
            name="Seed figures",
            currency="EUR",
            revenue=revenue,
            segments=tuple(pa.Segment(id=name) for name in SHARES),
            targets=(
                pa.Target(segment="A", share=SHARES["A"], seasonality="renewals" if season else None),
                pa.Target(segment="B", share=SHARES["B"]),
                pa.Target(segment="C", rest=True),
            ),
            seasonalities=(pa.Seasonality(id="renewals", grain="quadrimester", weights=season),) if season else (),
        ),
        sales_force=pa.SalesForce(reps=reps),
        policy=pa.Policy(round_to=round_to),
    )


def in_units(money: float, round_to: float) -> int:
    """Count rounding units; an amount that is no multiple of the unit fails."""
    units = round(money / round_to)
    assert units * round_to == pytest.approx(money, rel=1e-12)
    return units


def carried(plan: pa.Plan) -> dict[str, dict[str, int]]:
    """Give the base by rep and segment, in whole euros."""
    return {
        row["rep"]: {segment: row[segment] for segment in SHARES}
        for row in plan.quotas.pivot("rep", "segment", "base").to_dicts()
    }


# -- a season: half of the year in four months ----------------------------------------------------------------------


def season_units(plan: pa.Plan, **only: str) -> list[int]:
    """Give A's three quadrimesters in rounding units, the cells of reps and months added up one by one."""
    round_to = plan.problem.policy.round_to
    holder = dict(zip(MONTHS, YEAR.nest("month", "quadrimester"), strict=True))
    found = [0, 0, 0]
    for row in plan.quotas.where(segment="A", **only).to_dicts():
        found[holder[row["period"]]] += in_units(row["base"], round_to)
    return found


@pytest.mark.parametrize("season", [(0.5, 0.2, 0.3), (0.2, 0.5, 0.3), (0.2, 0.3, 0.5)])
@pytest.mark.parametrize(
    ("revenue", "round_to"),
    [
        (12_000_000, 1),
        (12_000_001, 1),
        (12_000_002, 1),
        (12_000_100, 100),
        (999_900, 100),
        (12_000_000.01, 0.01),
        (1_234_567.89, 0.01),
        (17, 1),
    ],
)
def test_half_of_a_line_falls_into_four_months(revenue: float, round_to: float, season: tuple[float, ...]) -> None:
    """A season of 50 % makes half of the line to the unit, whoever joins, leaves, ramps up or works part-time (F-8)."""
    blocks = season_units(pa.allocate(problem_of(*FORCE, revenue=revenue, season=season, round_to=round_to)))
    line = sum(blocks)
    assert abs(line - SHARES["A"] * revenue / round_to) < 1
    assert abs(2 * blocks[season.index(0.5)] - line) == line % 2
    for weight, block in zip(season, blocks, strict=True):
        assert abs(block - weight * line) < 1


def test_half_of_an_even_line_is_half_to_the_euro() -> None:
    """Of 4,200,000 on A, 2,100,000 fall into January to April, 840,000 and 1,260,000 into the rest of the year."""
    assert season_units(pa.allocate(problem_of(*FORCE, season=(0.5, 0.2, 0.3)))) == [2_100_000, 840_000, 1_260_000]


@settings(max_examples=40, deadline=None)
@given(
    revenue=st.integers(1, 10**10),
    parts=st.lists(st.sampled_from([0.2, 0.5, 0.8, 1.0, 1.3]), min_size=1, max_size=4),
    starts=st.lists(st.dates(date(2026, 10, 1), date(2027, 12, 31)), max_size=4),
)
def test_the_season_holds_for_any_total_and_force(revenue: int, parts: list[float], starts: list[date]) -> None:
    """Whatever the revenue and whoever joins, every quadrimester of the line is at a neighbor of its part (F-13)."""
    steady = [pa.Rep(id=f"steady {i}", fte=fte) for i, fte in enumerate(parts)]
    joiners = [pa.Rep(id=f"joiner {i}", start=start, ramp=RAMP) for i, start in enumerate(starts)]
    blocks = season_units(pa.allocate(problem_of(*steady, *joiners, revenue=revenue, season=(0.5, 0.2, 0.3))))
    line = sum(blocks)
    for weight, block in zip((0.5, 0.2, 0.3), blocks, strict=True):
        assert abs(block - weight * line) < 1 + 1e-6


@pytest.mark.parametrize("rep", ["alice", "bruno"])
def test_a_rep_alone_has_the_season_too(rep: str) -> None:
    """Without joiners, each rep's own A falls by half into four months, to one euro in each of the months."""
    plan = pa.allocate(problem_of(*FORCE[:2], revenue=12_000_001, season=(0.5, 0.2, 0.3)))
    blocks = season_units(plan, rep=rep)
    assert abs(2 * blocks[0] - sum(blocks)) <= 2 * 4


def test_the_season_outlasts_pins_and_bounds() -> None:
    """A number agreed with one rep and a cap on another move money between people, not between months (F-8)."""
    problem = problem_of(*FORCE, revenue=12_000_001, season=(0.5, 0.2, 0.3)).add(
        pa.Pin(rep="bruno", segment="A", quota=123_457), pa.Bound(rep="alice", at_most=2_000_000)
    )
    plan = pa.allocate(problem)
    assert plan.report.path == "program"
    assert carried(plan)["bruno"]["A"] == 123_457
    assert plan.rep("alice").quota <= 2_000_000
    blocks = season_units(plan)
    assert abs(2 * blocks[0] - sum(blocks)) == sum(blocks) % 2


# -- a mix: 35, 25 and 40 -------------------------------------------------------------------------------------------


def test_generalists_carry_the_strategys_mix() -> None:
    """Three generalists with 4,000,000 each carry 35 % of it in A, 25 % in B and 40 % in C."""
    mix = {"A": 1_400_000, "B": 1_000_000, "C": 1_600_000}
    plan = pa.allocate(problem_of(pa.Rep(id="a"), pa.Rep(id="b"), pa.Rep(id="c")))
    assert carried(plan) == {"a": mix, "b": mix, "c": mix}


@pytest.mark.parametrize("revenue", [12_000_000, 12_000_001, 98_765, 100])
def test_part_timers_joiners_and_leavers_carry_the_mix_of_their_own_number(revenue: int) -> None:
    """However much of the year they carry, generalists split it 35, 25, 40 to one euro per line (F-11)."""
    for rep, lines in carried(pa.allocate(problem_of(*FORCE, revenue=revenue))).items():
        for segment, share in SHARES.items():
            assert abs(lines[segment] - share * sum(lines.values())) <= 1, (rep, segment)


@settings(max_examples=40, deadline=None)
@given(revenue=st.integers(1, 10**10), parts=st.lists(st.floats(0.1, 2.0), min_size=1, max_size=6))
@example(revenue=5_850_703_613, parts=[1.0, 0.5])
def test_any_generalists_carry_the_mix_under_a_season(revenue: int, parts: list[float]) -> None:
    """With A by a season of its own, generalists of any hours split their own number 35, 25, 40 (F-11).

    The rep's number and the line's cell are each off by less than one unit, and so are the targets.
    """
    reps = [pa.Rep(id=f"{i}", fte=fte) for i, fte in enumerate(parts)]
    for lines in carried(pa.allocate(problem_of(*reps, revenue=revenue, season=(0.5, 0.2, 0.3)))).values():
        for segment, share in SHARES.items():
            assert abs(lines[segment] - share * sum(lines.values())) < 2 + share


def test_a_specialist_and_a_generalist_carry_35_and_65() -> None:
    """Who covers A alone carries all of A and nothing else; the other carries what is left of 100 (F-11)."""
    plan = pa.allocate(problem_of(pa.Rep(id="special", covers=("A",)), pa.Rep(id="general"), revenue=100))
    assert carried(plan) == {"special": {"A": 35, "B": 0, "C": 0}, "general": {"A": 0, "B": 25, "C": 40}}


def test_a_specialist_among_generalists_carries_as_much_as_they_do() -> None:
    """Of 1,200, three people carry 400 each: the specialist all of it in A, the generalists the rest, alike (F-11)."""
    reps = (pa.Rep(id="special", covers=("A",)), pa.Rep(id="one"), pa.Rep(id="two"))
    general = {"A": 10, "B": 150, "C": 240}
    expected = {"special": {"A": 400, "B": 0, "C": 0}, "one": general, "two": general}
    assert carried(pa.allocate(problem_of(*reps, revenue=1200))) == expected


def test_specialists_carry_their_lines_alone() -> None:
    """One specialist per segment: everyone makes 100 % of their number in it, whatever their hours."""
    reps = (pa.Rep(id="a", covers=("A",)), pa.Rep(id="b", covers=("B",), fte=0.5), pa.Rep(id="c", covers=("C",)))
    expected = {"a": {"A": 35, "B": 0, "C": 0}, "b": {"A": 0, "B": 25, "C": 0}, "c": {"A": 0, "B": 0, "C": 40}}
    assert carried(pa.allocate(problem_of(*reps, revenue=100))) == expected


def test_hunters_and_farmers_split_a_segment_by_business() -> None:
    """A hunter carries the new business of a segment and a farmer what existing customers bring."""
    problem = problem_of(
        pa.Rep(id="farmer", covers=(pa.Scope(business="existing"),)),
        pa.Rep(id="hunter", covers=(pa.Scope(segment="A", business="new"),)),
    )
    targets = (
        pa.Target(segment="A", business="new", revenue=300),
        pa.Target(segment="A", business="existing", revenue=700),
    )
    strategy = problem.strategy.but(revenue=None, targets=targets, segments=(pa.Segment(id="A"),))
    rows = pa.allocate(problem.replace(strategy)).quotas.by("rep", "business").to_dicts()
    assert [(row["rep"], row["business"], row["base"]) for row in rows] == [
        ("farmer", "existing", 700),
        ("hunter", "new", 300),
    ]


# -- a cadence: 8 calls and 3 meetings a year -----------------------------------------------------------------------

ACTIVITIES = (pa.Activity(id="call", hours=0.3), pa.Activity(id="meeting", hours=2.5))
PER_YEAR = {"call": 8, "meeting": 3}


def cadence_problem(
    *reps: pa.Rep, feeds_funnel: bool = False, calls_per_deal: int | None = None, days: float = 0
) -> pa.PlanningProblem:
    """Accounts of A see 8 calls and 3 meetings a year; 100 deals of A may need calls of their own."""
    funnel = pa.Funnel(
        segment="A",
        deal_size=120_000,
        stages=(pa.Stage(id="lead", conversion=1, days_before_booking=days, activities={"call": calls_per_deal or 1}),),
    )
    return pa.PlanningProblem(
        calendar=YEAR,
        strategy=pa.Strategy(
            name="Cadences",
            currency="EUR",
            segments=(pa.Segment(id="A"),),
            targets=(pa.Target(segment="A", revenue=12_000_000),),
        ),
        sales_force=pa.SalesForce(reps=reps or (pa.Rep(id="alice", accounts={"A": 40}),)),
        playbook=pa.Playbook(
            activities=ACTIVITIES,
            funnels=(funnel,) if calls_per_deal else (),
            cadences=tuple(
                pa.Cadence(segment="A", activity=name, per_account_per_year=many, feeds_funnel=feeds_funnel)
                for name, many in PER_YEAR.items()
            ),
        ),
    )


def counts(plan: pa.Plan, *keys: str) -> dict[tuple[str | None, ...], int]:
    """Add up the planned activities by some columns, row by row."""
    found: Counter[tuple[str | None, ...]] = Counter()
    for row in plan.activities.to_dicts():
        found[tuple(row[key] for key in keys)] += row["count"]
    return dict(found)


def test_40_accounts_are_320_calls_and_120_meetings() -> None:
    """8 calls and 3 meetings a year for each of 40 accounts, in whole numbers, however many reps have them."""
    together = pa.allocate(cadence_problem())
    assert together.activities["count"].dtype == np.int64
    assert counts(together, "activity") == {("call",): 320, ("meeting",): 120}
    apart = pa.allocate(cadence_problem(pa.Rep(id="alice", accounts={"A": 33}), pa.Rep(id="bruno", accounts={"A": 7})))
    assert counts(apart, "rep", "activity") == {
        ("alice", "call"): 264,
        ("alice", "meeting"): 99,
        ("bruno", "call"): 56,
        ("bruno", "meeting"): 21,
    }


@pytest.mark.parametrize("activity", ["call", "meeting"])
def test_a_cadence_is_spread_evenly_over_the_working_days(activity: str) -> None:
    """Every month is within one of its part of the year's 261 working days, and the running count within a half."""
    found = counts(pa.allocate(cadence_problem()), "activity", "period")
    planned = np.array([found[(activity, month)] for month in MONTHS])
    starts = np.array([f"{month}-01" for month in [*MONTHS, "2028-01"]], dtype="datetime64[D]")
    days = np.busday_count(starts[:-1], starts[1:])
    assert days.sum() == 261
    asked = 40 * PER_YEAR[activity] * days / 261
    assert (abs(planned - asked) <= 1).all()
    assert (abs(np.cumsum(planned) - np.cumsum(asked)) <= 0.5 + 1e-9).all()


@pytest.mark.parametrize("days", [0, 45])
def test_care_adds_to_the_funnel(days: float) -> None:
    """Without `feeds_funnel`, 320 calls of the cadence come on top of the 100 that 100 deals need (F-2)."""
    plan = pa.allocate(cadence_problem(calls_per_deal=1, days=days))
    assert counts(plan, "activity", "source") == {
        ("call", "funnel"): 100,
        ("call", "cadence"): 320,
        ("meeting", "cadence"): 120,
    }


@pytest.mark.parametrize("days", [0, 45])
@pytest.mark.parametrize(("calls_per_deal", "year"), [(1, 320), (3, 320), (4, 400), (10, 1000)])
def test_a_cadence_that_feeds_the_funnel_counts_once(calls_per_deal: int, year: int, days: float) -> None:
    """With `feeds_funnel`, the year holds the larger of 320 calls and those of 100 deals, not their sum (F-2)."""
    plan = pa.allocate(cadence_problem(calls_per_deal=calls_per_deal, feeds_funnel=True, days=days))
    assert counts(plan, "activity") == {("call",): year, ("meeting",): 120}
    found = counts(plan, "activity", "source")
    assert found[("call", "both")] == 100 * calls_per_deal
    assert found.get(("call", "cadence"), 0) == year - 100 * calls_per_deal


# -- when work is done: before the booking, before the horizon, for the next year -----------------------------------


def one_call(*, days: float) -> pa.Playbook:
    """Deals of 1,000, each with one call some days before."""
    stage = pa.Stage(id="lead", conversion=1, days_before_booking=days, activities={"call": 1})
    return pa.Playbook(
        activities=(pa.Activity(id="call", hours=0.1),), funnels=(pa.Funnel(deal_size=1000, stages=(stage,)),)
    )


def booked_in(*weights: float, revenue: float, playbook: pa.Playbook) -> pa.PlanningProblem:
    """One rep, one segment, booked in the months of the weights; none in those after them."""
    year = (*weights, *[0.0] * (12 - len(weights)))
    return pa.PlanningProblem(
        calendar=YEAR,
        strategy=pa.Strategy(
            name="Timing",
            currency="EUR",
            segments=(pa.Segment(id="A"),),
            targets=(pa.Target(segment="A", revenue=revenue, seasonality="months"),),
            seasonalities=(pa.Seasonality(id="months", grain="month", weights=year, normalize=True),),
        ),
        sales_force=pa.SalesForce(reps=(pa.Rep(id="alice"),)),
        playbook=playbook,
    )


def earlier(plan: pa.Plan) -> dict[tuple[str, str], int]:
    """Give the earlier work by period and reason."""
    return {(row["period"], row["reason"]): row["count"] for row in plan.earlier_work.to_dicts()}


def test_work_is_done_days_before_the_booking() -> None:
    """310 deals of March, ten a day, are called 31 days before: 30 from January 29 to 31, and 280 in February."""
    plan = pa.allocate(booked_in(0, 0, 1, revenue=310_000, playbook=one_call(days=31)))
    assert counts(plan, "period") == {("2027-01",): 30, ("2027-02",): 280}
    assert earlier(plan) == {}


def test_no_days_before_the_booking_is_the_month_itself() -> None:
    """With 0 days, calls are made in the month in which the deal is booked."""
    plan = pa.allocate(booked_in(0, 0, 1, revenue=310_000, playbook=one_call(days=0)))
    assert counts(plan, "period") == {("2027-03",): 310}


def test_each_stage_has_its_own_days() -> None:
    """Leads come 59 days before the deals of March, in January; meetings 28 days before, most of them in February."""
    funnel = pa.Funnel(
        deal_size=1000,
        stages=(
            pa.Stage(id="lead", conversion=0.1, days_before_booking=59, activities={"call": 1}),
            pa.Stage(id="meet", conversion=0.5, days_before_booking=28, activities={"meeting": 1}),
        ),
    )
    playbook = pa.Playbook(activities=tuple(one.but(hours=0.01) for one in ACTIVITIES), funnels=(funnel,))
    plan = pa.allocate(booked_in(0, 0, 1, revenue=310_000, playbook=playbook))
    expected = {("lead", "2027-01"): 6200, ("meet", "2027-02"): 560, ("meet", "2027-03"): 60}
    assert counts(plan, "stage", "period") == expected
    opportunities = {(row["stage"], row["period"]): row["opportunities"] for row in plan.pipeline.to_dicts()}
    assert opportunities == expected


@settings(max_examples=40, deadline=None)
@given(days=st.integers(0, 365))
def test_the_shift_is_that_of_the_calendar(days: int) -> None:
    """One deal booked a day: calls fall where the calendar says, before the year, and at its end for the next one."""
    booked = [YEAR.start + timedelta(days=i) for i in range(365)]
    worked = Counter(f"{day - timedelta(days=days):%Y-%m}" for day in booked)
    lengths = [(period.end - period.start).days + 1 for period in YEAR.periods()]
    plan = pa.allocate(booked_in(*lengths, revenue=365_000, playbook=one_call(days=days)))
    found = counts(plan, "booked_in", "period")
    before = {month: many for month, many in worked.items() if month < "2027"}
    assert {month: found.get(("this horizon", month), 0) for month in MONTHS} == {m: worked[m] for m in MONTHS}
    assert earlier(plan) == {(month, "before the horizon"): many for month, many in before.items()}
    a_year_on = {f"{int(month[:4]) + 1}{month[4:]}": many for month, many in before.items()}
    assert {month: many for (when, month), many in found.items() if when == "next horizon"} == a_year_on


@pytest.mark.parametrize(("days", "in_january"), [(10, 210), (31, 0)])
def test_work_before_the_horizon_is_reported_and_repeats(days: float, in_january: int) -> None:
    """310 deals of January ask for calls in December, last year's for them and this year's for the next ones (F-12)."""
    plan = pa.allocate(booked_in(1, revenue=310_000, playbook=one_call(days=days)))
    in_december = 310 - in_january
    assert earlier(plan) == {("2026-12", "before the horizon"): in_december}
    expected = {("next horizon", "2027-12"): in_december}
    if in_january:
        expected[("this horizon", "2027-01")] = in_january
    assert counts(plan, "booked_in", "period") == expected


@pytest.mark.parametrize(("days", "in_january"), [(10, 210), (31, 0)])
def test_nothing_after_the_horizon_leaves_the_end_of_the_year_free(days: float, in_january: int) -> None:
    """With ``after_horizon="nothing"``, December does not work for next January; last December still has (F-12)."""
    problem = booked_in(1, revenue=310_000, playbook=one_call(days=days))
    plan = pa.allocate(problem.replace(pa.Policy(after_horizon="nothing")))
    assert earlier(plan) == {("2026-12", "before the horizon"): 310 - in_january}
    assert counts(plan, "booked_in", "period") == ({("this horizon", "2027-01"): 210} if in_january else {})


def test_work_before_the_first_day_is_reported() -> None:
    """300 deals of April, called 31 days before, fall into March, before the rep who books them is there (F-12)."""
    problem = booked_in(0, 0, 0, 1, revenue=300_000, playbook=one_call(days=31))
    plan = pa.allocate(problem.replace(pa.Rep(id="alice", start=date(2027, 4, 1))))
    assert earlier(plan) == {("2027-03", "before the first day"): 300}
    assert counts(plan, "period") == {}


def test_weeks_shift_by_weeks() -> None:
    """In a plan by weeks, calls 14 days before the bookings of week 10 are made in week 8."""
    weeks = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), grain="week")
    week_10 = pa.Seasonality(id="months", grain="week", weights=tuple(float(week == 10) for week in range(1, 53)))
    problem = booked_in(1, revenue=70_000, playbook=one_call(days=14)).replace(weeks, week_10)
    assert counts(pa.allocate(problem), "period") == {("2027-W08",): 70}

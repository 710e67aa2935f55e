"""Rules of the tables of work: whole numbers that add up, told apart by what they are for, and their hours."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
MONTHS = [period.id for period in YEAR.periods()]
CALL = pa.Activity(id="call", hours=0.5, channel="remote")
MEETING = pa.Activity(id="meeting", hours=2)
MAIL = pa.Activity(id="mail", hours=0.1, channel="back_office")
LEAD = pa.Stage(id="lead", conversion=0.5, days_before_booking=31, activities={"call": 2})
OFFER = pa.Stage(id="offer", conversion=1, activities={"meeting": 1})


def problem_of(
    *reps: pa.Rep,
    revenue: float = 120_000,
    stages: tuple[pa.Stage, ...] = (LEAD, OFFER),
    weights: tuple[float, ...] | None = None,
    cadences: tuple[pa.Cadence, ...] = (),
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a problem of one segment, by months, whose deals bring 1,000; booked equally unless weights are given."""
    funnels = [pa.Funnel(deal_size=1000, stages=stages)] if stages else []
    season = pa.Seasonality(id="s", grain="month", weights=weights, normalize=True) if weights else None
    return pa.PlanningProblem(
        calendar=YEAR,
        strategy=pa.Strategy(
            name="Work",
            currency="EUR",
            segments=[pa.Segment(id="A")],
            targets=[pa.Target(segment="A", revenue=revenue, seasonality="s" if season else None)],
            seasonalities=[season] if season else [],
        ),
        sales_force=pa.SalesForce(reps=reps or (pa.Rep(id="alice"),)),
        playbook=pa.Playbook(activities=[CALL, MEETING, MAIL], funnels=funnels, cadences=cadences),
        policy=pa.Policy(**{"default_phasing": "equal", **policy}),
    )


def plan_of(*reps: pa.Rep, **options: Any) -> pa.Plan:
    """Return a plan."""
    return pa.allocate(problem_of(*reps, **options))


def counts(table: pa.Table, *keys: str, of: str = "count") -> dict[Any, int]:
    """Add up what is counted by some columns."""
    found: Counter[Any] = Counter()
    for row in table.to_dicts():
        found[tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]]] += row[of]
    return dict(found)


def booked_in(month: int) -> tuple[float, ...]:
    """Return the weights of a year in which all is booked in one month, counted from 1."""
    return tuple(float(number == month) for number in range(1, 13))


def cadence(activity: str = "call", many: float = 8, **fields: Any) -> pa.Cadence:
    """Return a cadence on segment A."""
    return pa.Cadence(segment="A", activity=activity, per_account_per_year=many, **fields)


CARE: dict[str, Any] = {"feeds_funnel": False}
TEN_ACCOUNTS = pa.Rep(id="alice", accounts={"A": 10})

# -- activities -------------------------------------------------------------------------------------------------------


def test_a_row_says_what_is_to_be_done() -> None:
    """120 deals, 10 a month, are 240 leads with 2 calls each: 40 calls of half an hour a month."""
    table = plan_of(stages=(LEAD.but(days_before_booking=0), OFFER)).activities
    assert table.columns == (
        "rep", "segment", "stage", "activity", "channel", "period", "source", "booked_in", "count", "hours",
    )  # fmt: skip
    assert table.to_dicts()[0] == {
        "rep": "alice",
        "segment": "A",
        "stage": "lead",
        "activity": "call",
        "channel": "remote",
        "period": "2027-01",
        "source": "funnel",
        "booked_in": "this horizon",
        "count": 40,
        "hours": 20.0,
    }
    assert counts(table, "activity") == {"call": 480, "meeting": 120}


def test_counts_are_whole_numbers_above_zero() -> None:
    """Nothing is done a third of a time, and what is not done has no row."""
    table = plan_of(pa.Rep(id="a"), pa.Rep(id="b", fte=0.7), revenue=7_300).activities
    assert table["count"].dtype == np.int64
    assert (table["count"] > 0).all()


@pytest.mark.parametrize("revenue", [1_000, 5_000, 7_000, 37_000, 120_000])
def test_the_year_adds_up(revenue: int) -> None:
    """One meeting a deal: as many meetings in the year as deals, however few there are in a month."""
    assert counts(plan_of(revenue=revenue).activities, "activity")["meeting"] == revenue // 1000


def test_running_counts_stay_within_one_half() -> None:
    """A deal and three quarters a month: after each month, the meetings so far are within a half of the plan's."""
    found = counts(plan_of(revenue=21_000).activities.where(activity="meeting"), "period")
    running = np.cumsum([found.get(month, 0) for month in MONTHS])
    assert np.abs(running - 1.75 * np.arange(1, 13)).max() <= 0.5 + 1e-9


@settings(max_examples=40, deadline=None)
@given(
    deals=st.integers(1, 60),
    parts=st.lists(st.integers(0, 5), min_size=12, max_size=12).filter(any),
    days=st.integers(0, 400),
)
def test_this_and_the_next_horizon_are_one_whole(deals: int, parts: list[int], days: int) -> None:
    """Whatever the season and the days: a year's calls in all, and after every month within a half of the plan's."""
    stage = pa.Stage(id="lead", conversion=1, days_before_booking=days, activities={"mail": 1})
    plan = plan_of(revenue=deals * 1000, stages=(stage,), weights=tuple(float(part) for part in parts))
    asked: defaultdict[str, float] = defaultdict(float)
    for part, period in zip(parts, YEAR.periods(), strict=True):
        length = (period.end - period.start).days + 1
        for day in range(length):
            done = YEAR.start + timedelta(days=(period.start - YEAR.start).days + day - days) % timedelta(days=365)
            asked[f"{done:%Y-%m}"] += deals * part / sum(parts) / length
    found = counts(plan.activities, "period")
    running = np.cumsum([found.get(month, 0) - asked[month] for month in MONTHS])
    assert sum(found.values()) == deals
    assert np.abs(running).max() <= 0.5 + 0.02


def test_a_year_books_for_this_and_for_the_next() -> None:
    """310 deals of January called 31 days before: all in December, for the next January."""
    stage = LEAD.but(conversion=1, activities={"call": 1})
    plan = plan_of(revenue=310_000, stages=(stage,), weights=booked_in(1))
    assert counts(plan.activities, "booked_in", "period") == {("next horizon", "2027-12"): 310}
    plan = plan_of(revenue=310_000, stages=(stage,), weights=booked_in(3))
    assert counts(plan.activities, "booked_in", "period") == {
        ("this horizon", "2027-01"): 30,
        ("this horizon", "2027-02"): 280,
    }


def test_work_of_the_ramp_takes_longer() -> None:
    """Half productive in the first month, January: its 10 meetings of two hours take 40 hours."""
    rep = pa.Rep(id="alice", start=date(2027, 1, 1), ramp=pa.Ramp(months=[0.5]))
    table = plan_of(rep, stages=(OFFER,)).activities
    january, february = (table.where(period=month).to_dicts()[0] for month in MONTHS[:2])
    assert january["hours"] == pytest.approx(january["count"] * 4)
    assert february["hours"] == pytest.approx(february["count"] * 2)


# -- cadences ---------------------------------------------------------------------------------------------------------


def test_a_cadence_has_rows_of_its_own() -> None:
    """80 calls on ten accounts have no stage, and the source "cadence"."""
    table = plan_of(TEN_ACCOUNTS, stages=(), cadences=(cadence(),)).activities
    assert counts(table, "stage", "source", "booked_in", "channel") == {(None, "cadence", "this horizon", "remote"): 80}


def test_a_cadence_beside_the_funnel_adds() -> None:
    """480 calls for deals and 80 for care are 560, told apart by their source."""
    plan = plan_of(TEN_ACCOUNTS, cadences=(cadence(**CARE),))
    found = counts(plan.activities.where(activity="call"), "source")
    assert found == {"funnel": 480, "cadence": 80}


@pytest.mark.parametrize(("many", "more"), [(8, 0), (48, 0), (60, 120)])
def test_a_cadence_that_feeds_the_funnel_is_both(many: float, more: int) -> None:
    """480 calls for deals count as the cadence's own; only what it asks beyond them comes on top."""
    plan = plan_of(TEN_ACCOUNTS, cadences=(cadence(many=many),))
    found = counts(plan.activities.where(activity="call"), "source")
    assert found == {"both": 480} | ({"cadence": more} if more else {})
    assert counts(plan.activities.where(activity="meeting"), "source") == {"funnel": 120}


def test_only_who_has_accounts_feeds_the_funnel() -> None:
    """Of two reps, the calls of the one with accounts are both, those of the other the funnel's."""
    plan = plan_of(TEN_ACCOUNTS, pa.Rep(id="bruno"), cadences=(cadence(),))
    assert counts(plan.activities.where(activity="call"), "rep", "source") == {
        ("alice", "both"): 240,
        ("bruno", "funnel"): 240,
    }


def test_two_cadences_of_one_activity_are_one_row() -> None:
    """20 calls of care on customers and 80 of prospecting are 100 calls of the cadence, in one row a month."""
    rep = pa.Rep(id="alice", accounts={"A": {"new": 10, "existing": 5}})
    both = (cadence(many=4, business="existing", **CARE), cadence(many=8, business="new"))
    table = plan_of(rep, stages=(), cadences=both).activities
    assert counts(table, "source") == {"cadence": 100}
    assert len(table) == 12


# -- pipeline ---------------------------------------------------------------------------------------------------------


def test_the_pipeline_goes_back_from_deals() -> None:
    """120 deals are 120 offers and 240 leads in the year, each worth a deal of 1,000."""
    table = plan_of().pipeline
    assert table.columns == (
        "rep", "segment", "stage", "period", "booked_in", "opportunities", "value",
    )  # fmt: skip
    assert counts(table, "stage", of="opportunities") == {"lead": 240, "offer": 120}
    assert counts(table, "stage", of="value") == {"lead": 240_000, "offer": 120_000}


def test_the_pipeline_is_created_days_before() -> None:
    """The leads of March's 31 deals are there 31 days before: 6 of 62 in January, 56 in February."""
    table = plan_of(revenue=31_000, weights=booked_in(3)).pipeline
    assert counts(table, "stage", "period", of="opportunities") == {
        ("lead", "2027-01"): 6,
        ("lead", "2027-02"): 56,
        ("offer", "2027-03"): 31,
    }


def test_without_a_funnel_there_is_no_pipeline() -> None:
    """A cadence alone has activities and no opportunities."""
    plan = plan_of(TEN_ACCOUNTS, stages=(), cadences=(cadence(),))
    assert len(plan.pipeline) == 0
    assert plan.pipeline.total("opportunities") == 0


# -- earlier work -----------------------------------------------------------------------------------------------------


def calls(table: pa.Table) -> dict[tuple[str, str], int]:
    """Count the calls of earlier work by period and reason."""
    return counts(table.where(activity="call"), "period", "reason")


ONE_CALL = LEAD.but(conversion=1, activities={"call": 1})


def test_work_before_the_horizon_is_told() -> None:
    """31 deals of January are called in December of the year before, whatever is done for the next January."""
    for after in ("repeat", "nothing"):
        plan = plan_of(revenue=31_000, stages=(ONE_CALL,), weights=booked_in(1), after_horizon=after)
        assert calls(plan.earlier_work) == {("2026-12", "before the horizon"): 31}
        assert plan.earlier_work.where(activity="call").total("hours") == pytest.approx(15.5)


def test_work_before_the_first_day_is_told() -> None:
    """30 deals of April are called in March, before the rep who books them is there; May's are not."""
    rep = pa.Rep(id="alice", start=date(2027, 4, 1))
    plan = plan_of(rep, revenue=30_000, stages=(ONE_CALL,), weights=booked_in(4))
    assert calls(plan.earlier_work) == {("2027-03", "before the first day"): 30}
    assert len(plan.activities) == 0
    plan = plan_of(rep, revenue=31_000, stages=(ONE_CALL,), weights=booked_in(5))
    assert calls(plan.earlier_work) == {("2027-03", "before the first day"): 1}
    assert counts(plan.activities, "period") == {"2027-04": 30}


def test_both_kinds_of_earlier_work() -> None:
    """A lead 62 days before the 31 deals of February is in December for a day's worth, then in January."""
    rep = pa.Rep(id="alice", start=date(2027, 2, 1))
    stage = ONE_CALL.but(days_before_booking=32)
    plan = plan_of(rep, revenue=28_000, stages=(stage,), weights=booked_in(2))
    assert calls(plan.earlier_work) == {
        ("2026-12", "before the horizon"): 1,
        ("2027-01", "before the first day"): 27,
    }


def test_earlier_work_of_weeks_that_the_horizon_cuts() -> None:
    """The year starts on Friday of week 53: of its five working days four are before the horizon, and told apart."""
    weeks = YEAR.but(grain="week")
    stage = ONE_CALL.but(days_before_booking=7)
    season = pa.Seasonality(id="s", grain="week", weights=[0, 1, *[0] * 51])
    plan = pa.allocate(problem_of(revenue=7_000, stages=(stage,), weights=booked_in(1)).replace(weeks, season))
    assert calls(plan.earlier_work) == {("2026-W53", "before the horizon"): 6}
    assert counts(plan.activities.where(booked_in="this horizon"), "period") == {"2026-W53": 1}


def test_no_earlier_work_is_an_empty_table() -> None:
    """Where all work is done in the month of the booking, nothing is told."""
    assert len(plan_of(stages=(OFFER,)).earlier_work) == 0


# -- hours and coverage -----------------------------------------------------------------------------------------------


def test_planned_hours_are_those_of_the_activities() -> None:
    """Rep by rep and month by month, planned hours are the sum of what is to be done."""
    people = (TEN_ACCOUNTS, pa.Rep(id="bruno", start=date(2027, 5, 15), ramp=pa.Ramp(months=[0.5, 0.75])))
    plan = plan_of(*people, cadences=(cadence("mail"), cadence("meeting", 2, **CARE)))
    hours = {(row["rep"], row["period"]): row["hours"] for row in plan.activities.by("rep", "period").to_dicts()}
    assert len(plan.capacity) == 24
    for row in plan.capacity.to_dicts():
        assert row["planned_hours"] == pytest.approx(hours.get((row["rep"], row["period"]), 0))


def test_a_row_of_hours() -> None:
    """February has 160 hours; 20 calls and 10 meetings take 30 of them, none on top."""
    stage = LEAD.but(conversion=1, days_before_booking=0)
    assert plan_of(stages=(stage, OFFER)).capacity.to_dicts()[1] == {
        "rep": "alice",
        "period": "2027-02",
        "start": date(2027, 2, 1),
        "end": date(2027, 2, 28),
        "available_hours": 160,
        "planned_hours": 30,
        "overtime_hours": 0,
        "utilization": 30 / 160,
    }


def test_utilization_of_several_is_that_of_their_hours() -> None:
    """A quarter's utilization is hours over hours, not the mean of its months."""
    plan = plan_of(stages=(OFFER,))
    assert plan.capacity.by("quarter")["utilization"][0] == pytest.approx(60 / ((21 + 20 + 23) * 8))


def test_a_month_without_hours_has_no_utilization() -> None:
    """Before the first day there are no hours, and nothing to divide by."""
    row = plan_of(pa.Rep(id="alice", start=date(2027, 2, 1))).capacity.to_dicts()[0]
    assert (row["available_hours"], row["planned_hours"]) == (0, 0)
    assert row["utilization"] is None or np.isnan(row["utilization"])


def test_overtime_is_what_goes_beyond_the_hours() -> None:
    """96 meetings of two hours in February's 160 hours: 32 on top."""
    plan = plan_of(revenue=96_000, stages=(OFFER,), weights=booked_in(2), overtime_limit_share=0.25)
    row = plan.capacity.to_dicts()[1]
    assert row["planned_hours"] == 192
    assert row["overtime_hours"] == pytest.approx(32)
    assert plan.capacity.total("overtime_hours") == pytest.approx(32)
    assert len(plan.shortfall) == 0


def test_full_coverage() -> None:
    """Ten accounts wanted, ten worked, at the full frequency."""
    assert plan_of(TEN_ACCOUNTS, cadences=(cadence(),)).coverage.to_dicts() == [
        {
            "rep": "alice",
            "segment": "A",
            "accounts": 10,
            "wanted_accounts": 10,
            "covered_accounts": 10,
            "cadence_accounts": 10,
            "coverage": 1,
            "frequency": 1,
        }
    ]


@pytest.mark.parametrize(
    ("when_short", "covered", "coverage", "frequency"), [("coverage", 5, 0.5, 1.0), ("frequency", 10, 1.0, 0.5)]
)
def test_what_gives_way_is_coverage_or_frequency(
    when_short: Any, covered: float, coverage: float, frequency: float
) -> None:
    """With hours for half of the visits, five of ten accounts are worked in full, or all of them half as often."""
    many = 2 * 261 * 8 / 2 / 10
    plan = plan_of(TEN_ACCOUNTS, stages=(), cadences=(cadence("meeting", many),), when_short=when_short)
    row = plan.coverage.to_dicts()[0]
    assert row["covered_accounts"] == pytest.approx(covered, rel=1e-6)
    assert row["cadence_accounts"] == pytest.approx(5, rel=1e-6)
    assert row["coverage"] == pytest.approx(coverage, rel=1e-6)
    assert row["frequency"] == pytest.approx(frequency, rel=1e-6)
    assert counts(plan.activities, "activity")["meeting"] == pytest.approx(261 * 4, abs=1)


def test_wanted_coverage_is_the_segments() -> None:
    """Where the strategy wants 40 %, four of ten accounts are wanted and worked."""
    problem = problem_of(TEN_ACCOUNTS, stages=(), cadences=(cadence(),)).replace(pa.Segment(id="A", coverage=0.4))
    plan = pa.allocate(problem)
    row = plan.coverage.to_dicts()[0]
    assert (row["accounts"], row["wanted_accounts"], row["covered_accounts"], row["coverage"]) == (10, 4, 4, 0.4)
    assert counts(plan.activities, "activity") == {"call": 32}


def test_coverage_is_told_where_a_cadence_meets_accounts() -> None:
    """Who has no accounts has no row, nor has a segment without a cadence."""
    plan = plan_of(TEN_ACCOUNTS, pa.Rep(id="bruno"), cadences=(cadence(),))
    assert [row["rep"] for row in plan.coverage.to_dicts()] == ["alice"]
    assert len(plan_of(TEN_ACCOUNTS).coverage) == 0

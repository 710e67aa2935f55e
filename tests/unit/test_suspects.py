"""Behavior that looks wrong: each test states the rule that is broken. The most serious come first."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

import planalloc as pa


def simple(
    *records: Any, revenue: float = 1200, reps: tuple[str, ...] = ("alice", "bruno"), **policy: Any
) -> pa.PlanningProblem:
    """Return a problem of one segment in 2027, by months."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=revenue, currency="EUR", shares={"A": 1}, reps=reps)
    return problem.replace(pa.Policy(**policy)).add(*records)


def one_call(*, hours: float, days: float) -> pa.Playbook:
    """Return a funnel in which a deal of 1,000 takes one call, some days before."""
    stage = pa.Stage(id="lead", conversion=1, days_before_booking=days, activities={"call": 1})
    return pa.Playbook(
        activities=[pa.Activity(id="call", hours=hours)], funnels=[pa.Funnel(deal_size=1000, stages=[stage])]
    )


def year_by(grain: Any, year: int) -> pa.Calendar:
    """Return a calendar year."""
    return pa.Calendar(start=date(year, 1, 1), end=date(year, 12, 31), grain=grain)


# -- a plan that is wrong in silence ----------------------------------------------------------------------------------


def test_a_week_cut_to_a_weekend_does_not_stop_the_year() -> None:
    """2028 starts on a Saturday: a plan by weeks with ten minutes of work a day is all shortfall.

    Calls three days before the bookings of week 1 fall on the two days of week 52 of 2027, which have no working hour,
    and the season is hard, so nothing at all can be carried. By months the same problem has no shortfall. Work that
    falls on days on which nobody works belongs to the working days before (or to the earlier work).
    """
    problem = simple(revenue=1_200_000).replace(one_call(hours=0.05, days=3))
    by_month, by_week = (pa.allocate(problem.replace(year_by(grain, 2028))) for grain in ("month", "week"))
    assert by_month.shortfall.total("revenue") == 0
    assert by_week.shortfall.total("revenue") == 0


@pytest.mark.parametrize("days", [3, 7, 14])
def test_a_cut_week_has_work_for_its_working_days_only(days: float) -> None:
    """2027 starts on a Friday: 1,200 hours of work in 2,088 hours leave a fifth of the year short, by weeks.

    The first three calendar days take three sevenths of a week's calls and have one working day of five. The kernel
    counts calendar days, the hours working days; in whole weeks it evens out, in a cut one it does not.
    """
    problem = simple(revenue=1_200_000, reps=("alice",)).replace(one_call(hours=1, days=days))
    assert pa.allocate(problem.replace(year_by("week", 2027))).shortfall.total("revenue") == 0


def test_visits_of_a_rep_who_is_away_all_year_are_not_covered() -> None:
    """S-2: 160 calls owed by somebody who is away all year vanish, and `coverage` says all accounts are worked."""
    away = pa.Absence(start=date(2027, 1, 1), end=date(2027, 12, 31))
    playbook = pa.Playbook(
        activities=[pa.Activity(id="call", hours=0.5)],
        cadences=[pa.Cadence(segment="A", activity="call", per_account_per_year=8)],
    )
    plan = pa.allocate(simple().replace(playbook, pa.Rep(id="alice", accounts={"A": 20}, absences=[away])))
    assert plan.activities.total("count") == 0
    assert plan.coverage.total("covered_accounts") == 0


def test_earlier_work_is_not_told_in_a_period_of_the_horizon() -> None:
    """A 4-4-5 year from July 2, 2029, and the year before it are both called 2029: their months share their names.

    `earlier_work` then tells June's work in the last month of the horizon itself. The middle day of the year before is
    January 1, 2029, that of this one December 31, 2029.
    """
    start = date(2029, 7, 2)
    year = pa.Calendar(start=start, end=start + timedelta(weeks=52, days=-1), pattern="4-4-5")
    assert not {one.id for one in year.earlier(30)} & {one.id for one in year.periods()}


def test_two_years_of_a_pattern_have_names_of_their_own() -> None:
    """Two 4-4-5 years from July 3, 2028 are both 2029: `allocate` says that an id appears twice among the periods."""
    start = date(2028, 7, 3)
    two = pa.Calendar(start=start, end=start + timedelta(weeks=104, days=-1), pattern="4-4-5")
    names = [one.id for one in two.periods()]
    assert len(set(names)) == len(names)


def test_a_week_of_a_pattern_is_some_part_of_a_year() -> None:
    """One week is 1/52 of a year, not 0: leave and cadences of such a horizon are nothing."""
    start = date(2027, 1, 4)
    assert pa.Calendar(start=start, end=start + timedelta(days=6), pattern="4-4-5").years == pytest.approx(1 / 52)


@pytest.mark.parametrize("name", ["hours", "of hours"])
def test_a_segment_named_like_the_hours_keeps_its_column(name: str) -> None:
    """The column of a segment called "hours" is overwritten by the hours of work, and these are shown as percent."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=12_000, currency="EUR", shares={name: 1}, reps=["alice"])
    heading = str(pa.allocate(problem.replace(one_call(hours=1, days=0)))).split("\n")[3]
    assert heading.count("hours") == 3


def test_a_segment_named_total_keeps_its_column() -> None:
    """In a rep's plan the column of a segment called "total" is overwritten by the total."""
    shares = {"A": 0.25, "total": 0.75}
    problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares=shares, reps=["alice"])
    heading = str(pa.allocate(problem).rep("alice")).split("\n")[3]
    assert heading.count("total") == 2


def overlaid(**policy: Any) -> pa.PlanningProblem:
    """Return a problem in which an overlay rep comes first by name."""
    records = (pa.Team(id="X"), pa.Team(id="Y"), pa.Rep(id="aaron", role="overlay", team="X"))
    primary = (pa.Rep(id="bruno", team="Y", last_year={"A": 1}), pa.Rep(id="zoe", team="X", last_year={"A": 1}))
    return simple(*records, *primary, reps=(), **policy)


def test_people_are_shown_with_their_own_team() -> None:
    """With an overlay rep, the text of a plan gives everyone after them the team of the rep before.

    `who_carries_what` takes a code among the primary reps for a position among all reps of the problem.
    """
    lines = str(pa.allocate(overlaid())).split("\n")
    assert [line.split()[:2] for line in lines[4:6]] == [["bruno", "Y"], ["zoe", "X"]]


# -- a refusal that is wrong, or a raw error --------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [pa.Bound(rep="a", at_most=9_999_999.99), pa.Pin(rep="a", quota=9_999_999.99)])
def test_a_limit_a_few_units_below_a_large_reference_holds(limit: pa.Pin | pa.Bound) -> None:
    """S-7: of 30,000,000.03 in cents, one may have two cents less than a third: refused as infeasible.

    `_within_limits` allows 1e-9 of the whole, here three cents, so the reference passes as the plan; whole units then
    cannot keep the limit within floor and ceiling, and "no plan in whole units keeps all of these limits".
    """
    plan = pa.allocate(simple(limit, revenue=30_000_000.03, reps=("a", "b", "c"), round_to=0.01))
    assert plan.rep("a").quota == 9_999_999.99


@pytest.mark.parametrize("scope", ["rep", "line"])
def test_a_leaver_with_all_of_last_years_sales_can_be_planned_or_is_refused(scope: Any) -> None:
    """A basis of last year, a leaver who sold it all and a successor who sold nothing: a raw error.

    By rep it is ValueError("columns [6, ...] have demand and no row with capacity serves them"), by line a
    VerificationError; `check` finds nothing. It needs a finding that names the line, the months and the people.
    """
    problem = simple(basis={"last_year": 1}, basis_scope=scope).replace(
        pa.Rep(id="alice", end=date(2027, 6, 30), last_year={"A": 100}), pa.Rep(id="bruno", last_year={})
    )
    if not pa.check(problem).errors:
        assert pa.allocate(problem).quotas.total("base") == 1200


def test_an_overlay_rep_needs_no_last_year() -> None:
    """With a basis of last year and an overlay rep without one, `allocate` raises what `check` does not find.

    The problem of the overlay reps is checked by itself: "1 cannot set the split: no rep has last year".
    """
    problem = overlaid(basis={"last_year": 1})
    assert not pa.check(problem).errors
    assert pa.allocate(problem).overlay_quotas.total("quota") == 1200


def test_a_third_is_written_with_six_digits() -> None:
    """The comment on WEIGHTS_TOLERANCE says that 0.333333 three times is accepted: it is refused by rounding error."""
    thirds = (0.333333, 0.333333, 0.333333)
    assert pa.Seasonality(id="s", grain="quadrimester", weights=thirds).weights == thirds


def test_a_basis_of_thirds_is_written_with_six_digits() -> None:
    """A basis of 0.333333 three times is refused like weights."""
    third = 0.333333
    assert pa.Policy(basis={"capacity": third, "last_year": third, "potential": third}).basis["capacity"] == third


@pytest.mark.parametrize("amount", [100_000_050, 99_999_950])
def test_targets_that_check_accepts_can_be_planned(amount: float) -> None:
    """S-6: an amount 50 off the revenue of 100 million, beside a share of 0, passes `check` and is a raw ValueError.

    Too much is "total is -50; it must be between 0 and 2**48", too little "50 units to split and no weight above
    zero". Either is a finding with the amount, since amounts are exact and only shares have a tolerance.
    """
    problem = simple(revenue=100_000_000).add(pa.Segment(id="B"))
    targets = [pa.Target(segment="A", revenue=amount), pa.Target(segment="B", share=0)]
    problem = problem.replace(problem.strategy.but(targets=targets))
    if not pa.check(problem).errors:
        assert pa.allocate(problem).quotas.total("base") == 100_000_000


def test_a_revenue_that_check_accepts_can_be_planned() -> None:
    """300 trillion, as in rupiah or dong, is fewer than 2**53 units and more than 2**48: a raw ValueError."""
    problem = simple(revenue=300_000_000_000_000)
    if not pa.check(problem).errors:
        assert pa.allocate(problem).quotas.total("base") == 300_000_000_000_000


def test_agreed_numbers_give_way_before_the_least_coverage() -> None:
    """`refuse_collision` says that numbers are asked first: half of the coverage is, since it weighs less.

    600 pinned beside 800 hours that must be, in 1,000 hours: the pin by 400 of 600 counts 667, half the coverage 500.
    """
    year = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="year")
    problem = simple(pa.Pin(rep="alice", quota=600), revenue=600, reps=("alice",)).replace(
        year,
        one_call(hours=1000, days=0),
        pa.Segment(id="A", coverage_min=1),
        pa.Rep(id="alice", accounts={"A": 100}, hours_per_week=1000 / 52),
    )
    problem = problem.add(
        pa.Activity(id="visit", hours=1),
        pa.Cadence(segment="A", activity="visit", per_account_per_year=8, feeds_funnel=False),
    )
    with pytest.raises(pa.InfeasibleError) as caught:
        pa.allocate(problem)
    assert [way.label for way in caught.value.relaxation] == ["pin: alice = 600"]


@pytest.mark.parametrize("name", ["rep", "period"])
def test_a_plan_can_be_shown_whatever_its_segments_are_called(name: str) -> None:
    """A segment called "rep" makes `print(plan)` raise, one called "period" `print(plan.rep(...))`."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={name: 1}, reps=["alice"])
    plan = pa.allocate(problem)
    assert "1,200 EUR" in str(plan)
    assert "1,200 EUR" in str(plan.rep("alice"))


# -- a stored plan ----------------------------------------------------------------------------------------------------


def changed(change: Any) -> str:
    """Return the text of a plan with something changed in it."""
    content = json.loads(pa.allocate(simple()).to_json())
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize("name", ["segment", "product", "business"])
def test_a_stored_plan_without_a_column_is_damaged(name: str) -> None:
    """A table of quotas without a column is a raw KeyError: `_require_whole` runs outside what turns it into damage."""

    def drop(content: Any) -> None:
        table = content["tables"]["quotas"]
        table["columns"] = [one for one in table["columns"] if one["name"] != name]

    with pytest.raises(pa.InputError):
        pa.Plan.from_json(changed(drop))


def test_a_stored_plan_whose_targets_are_no_whole_is_refused() -> None:
    """Targets in the text that exceed its revenue are a raw ValueError ("total is -100; ...")."""

    def more(content: Any) -> None:
        content["problem"]["strategy"]["targets"] = [
            {"segment": "A", "revenue": 1300},
            {"segment": "A", "business": "new", "share": 0.5},
        ]

    with pytest.raises(pa.InputError):
        pa.Plan.from_json(changed(more))


# -- words ------------------------------------------------------------------------------------------------------------


def test_work_during_an_absence_at_the_start_is_not_before_the_first_day() -> None:
    """A rep of long standing who is away in January has no first day: the reason told is "before the first day"."""
    january = pa.Absence(start=date(2027, 1, 1), end=date(2027, 1, 31))
    rep = pa.Rep(id="alice", absences=[january])
    plan = pa.allocate(simple(revenue=12_000, reps=("alice",)).replace(one_call(hours=1, days=31), rep))
    assert "before the first day" not in set(plan.earlier_work["reason"])


def test_two_amounts_have_two_labels() -> None:
    """Ten digits are not enough: pins of 123,456,789.01 and .02 have one label, and `add` refuses the second.

    12,345,678,901 is told as 1.23456789e+10.
    """
    one, two = (pa.Pin(rep="alice", quota=amount) for amount in (123_456_789.01, 123_456_789.02))
    assert one.label != two.label
    assert "12,345,678,901" in pa.Pin(rep="alice", quota=12_345_678_901).label


def test_cents_that_give_way_are_told_in_cents() -> None:
    """In cents, a collision of 0.30 is told as "0 EUR below what it says"."""
    limits = (pa.Pin(rep="alice", quota=0.5), pa.Pin(rep="bruno", quota=0.8))
    with pytest.raises(pa.InfeasibleError) as caught:
        pa.allocate(simple(*limits, revenue=1, round_to=0.01))
    assert " 0 EUR" not in str(caught.value)

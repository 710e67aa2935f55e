"""F-19: cadence work is handed out to named accounts, whole, exact and at an even pace."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings

import planalloc as pa
from planalloc.plan.days import days_there, pieces
from portfolios import YEAR, account, cadence, company, forty, portfolios

if TYPE_CHECKING:
    from planalloc.types import Ints

MONTHS = [period.id for period in YEAR.periods()]
WEEKS = [period.id for period in YEAR.periods("week")]
GROUP = ("rep", "segment", "activity", "period")


def counts(table: pa.Table, *keys: str) -> Counter[tuple[Any, ...]]:
    """Add up counts by some columns."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in table.to_dicts():
        found[tuple(row[key] for key in keys)] += row["count"]
    return found


def when(plan: pa.Plan, activity: str, *, by: str = "month") -> dict[str, list[int]]:
    """Return the months, or weeks, of each account's visits, as numbers in order."""
    names, table = (MONTHS, plan.visits()) if by == "month" else (WEEKS, plan.visits("week"))
    found: dict[str, list[int]] = {}
    for row in table.where(activity=activity).to_dicts():
        found.setdefault(row["account"], []).extend(
            [names.index(row["period" if by == "month" else by])] * row["count"]
        )
    return {name: sorted(visits) for name, visits in found.items()}


@pytest.fixture(scope="module")
def plan() -> pa.Plan:
    """Forty accounts of A with 8 calls and 3 meetings a year each."""
    return pa.allocate(company(*forty()))


def test_forty_accounts_have_their_calls_and_meetings(plan: pa.Plan) -> None:
    """40 x 8 = 320 calls and 40 x 3 = 120 meetings, 8 and 3 for each account."""
    assert counts(plan.visits(), "activity") == {("call",): 320, ("meeting",): 120}
    assert set(counts(plan.visits(), "account", "activity").values()) == {8, 3}


def test_months_are_level(plan: pa.Plan) -> None:
    """Working days make 24 to 28 calls and 9 to 11 meetings a month, about 26.7 and 10."""
    months = counts(plan.visits(), "activity", "period")
    assert {months["call", month] for month in MONTHS} <= set(range(24, 29))
    assert {months["meeting", month] for month in MONTHS} <= {9, 10, 11}


def test_calls_of_an_account_fall_in_eight_months(plan: pa.Plan) -> None:
    """One or two months from call to call, three to five from meeting to meeting, none twice in a month."""
    assert all(set(np.diff(months)) == {1, 2} for months in when(plan, "call").values())
    assert all(set(np.diff(months)) <= {3, 4, 5} for months in when(plan, "meeting").values())


def test_weeks_are_even_and_no_account_is_seen_twice_in_one(plan: pa.Plan) -> None:
    """From call to call are 52 / 8 = 6.5 weeks, more or less, and no week has two visits to one account."""
    gaps = [np.diff(weeks) for weeks in when(plan, "call", by="week").values()]
    assert set(np.concatenate(gaps).tolist()) <= {5, 6, 7, 8}
    assert set(counts(plan.visits("week"), "account", "week").values()) == {1}


def test_weeks_are_those_of_the_schedule(plan: pa.Plan) -> None:
    """Each week has as many calls and meetings as `schedule` says."""
    keys = ("rep", "segment", "activity", "period", "week")
    assert counts(plan.visits("week"), *keys) == counts(plan.schedule("week"), *keys)


def with_hours(problem: pa.PlanningProblem, hours: float, **policy: Any) -> pa.Plan:
    """Return the plan of a company whose one rep has so many hours in the year."""
    days = len([day for day in YEAR.worked_days() if day])
    force = problem.sales_force.but(hours_per_week=hours / days * 5)
    return pa.allocate(problem.but(sales_force=force, policy=pa.Policy(**policy)))


def test_half_the_hours_leave_out_the_lower_half() -> None:
    """The year takes 400 hours; with some 200, the best are worked in full, and those that do not fit are named."""
    plan = with_hours(company(*forty()), 204)
    table, found = plan.accounts, counts(plan.visits(), "account", "activity")
    assert table["account"].tolist() == [f"a{i:02d}" for i in range(40)]
    order = ["worked", "partly worked", "left out"]
    place = [order.index(status) for status in table["status"]]
    assert place == sorted(place)
    assert 17 <= place.count(0) <= 20 <= 40 - place.count(2) <= 21
    assert all(found[name, "call"] == 8 and found[name, "meeting"] == 3 for name in table["account"][: place.count(0)])
    assert not set(table.where(status="left out")["account"]) & set(plan.visits()["account"])


def test_half_the_coverage_is_the_upper_half() -> None:
    """With a wanted coverage of 0.5 the 20 best are worked in full, and the 20 others are left out."""
    problem = company(*forty())
    plan = pa.allocate(problem.replace(pa.Segment(id="A", coverage=0.5)))
    assert plan.accounts.where(status="worked")["account"].tolist() == [f"a{i:02d}" for i in range(20)]
    assert plan.accounts.where(status="left out")["account"].tolist() == [f"a{i:02d}" for i in range(20, 40)]
    assert set(counts(plan.visits(), "account", "activity").values()) == {8, 3}
    assert counts(plan.visits(), "activity") == {("call",): 160, ("meeting",): 60}


def test_half_the_hours_as_frequency_keep_all_and_none_loses_much_more() -> None:
    """With some 200 of 400 hours all 40 stay: 4 of 8 calls or about it, 1 or 2 of 3 meetings, as many in all but one.

    The better ones are first to get another call, and who gets one is last to get another meeting.
    """
    plan = with_hours(company(*forty()), 204, when_short="frequency")
    assert set(plan.accounts["status"]) == {"partly worked"}
    found = counts(plan.visits(), "account", "activity")
    calls, meetings = ([found[f"a{i:02d}", activity] for i in range(40)] for activity in ("call", "meeting"))
    assert set(calls) <= {3, 4, 5}
    assert set(meetings) <= {1, 2}
    assert calls == sorted(calls, reverse=True)
    assert np.ptp(plan.accounts["visits_planned"]) == 1


def test_remainders_of_two_activities_fall_on_different_accounts() -> None:
    """Four accounts with 2.5 calls and 1.5 meetings each, all in all 4: two have a call more, the others a meeting."""
    plan = pa.allocate(company(*forty()[:4], cadences=(cadence("call", 2.5), cadence("meeting", 1.5))))
    assert plan.accounts["visits_planned"].tolist() == [4, 4, 4, 4]
    assert set(plan.accounts["status"]) == {"worked"}


def test_less_than_is_wanted_in_all_is_partly_worked() -> None:
    """Of 1.4 calls, meetings and letters each, 4.2 in all, an account gets one each: three, one less than four."""
    cadences = tuple(cadence(one, 1.4) for one in ("call", "meeting", "letter"))
    problem = company(account("only"), cadences=())
    activities = [*problem.playbook.activities, pa.Activity(id="letter", hours=0.1)]
    plan = pa.allocate(problem.but(playbook=pa.Playbook(activities=activities, cadences=cadences)))
    assert plan.accounts["visits_planned"].tolist() == [3]
    assert plan.accounts["status"].tolist() == ["partly worked"]


def gaps(plan: pa.Plan, activity: str) -> list[list[int]]:
    """Return the weeks from one visit of each account to the next."""
    return [np.diff(weeks).tolist() for weeks in when(plan, activity, by="week").values()]


@pytest.mark.parametrize("many", [1, 2, 3, 5])
@pytest.mark.parametrize("country", [None, "FR"])
def test_few_accounts_are_called_every_six_or_seven_weeks(many: int, country: str | None) -> None:
    """Eight calls a year are 6.5 weeks apart: 6 or 7 by the week, one more or less where a week takes no more."""
    cadences = (cadence("call", 8), cadence("meeting", 3))
    plan = pa.allocate(company(*forty()[:many], cadences=cadences).but(calendar=YEAR.but(country=country)))
    found = [gap for one in gaps(plan, "call") for gap in one]
    assert set(found) <= {5, 6, 7, 8}
    assert sum(gap in {6, 7} for gap in found) >= 0.8 * len(found)
    assert all(set(one) <= {16, 17, 18, 19} for one in gaps(plan, "meeting"))


def test_months_of_one_account_are_even() -> None:
    """Eight calls in twelve months: one or two months from one to the next."""
    assert set(np.diff(when(pa.allocate(company(account("only"))), "call")["only"])) == {1, 2}


def test_funnel_work_fits_in_with_visits() -> None:
    """With calls of a funnel beside those of care, weeks of both are those of the schedule, and visits stay even."""
    funnel = pa.Funnel(deal_size=100, stages=[pa.Stage(id="lead", conversion=0.5, activities={"call": 5})])
    problem = company(*forty()[:3], cadences=(cadence("call", 8),))
    plan = pa.allocate(problem.but(playbook=problem.playbook.but(funnels=[funnel])))
    care = plan.schedule("week").where(source="cadence")
    keys = ("rep", "segment", "activity", "period", "week")
    assert counts(plan.visits("week"), *keys) == counts(care, *keys)
    assert set(np.concatenate(gaps(plan, "call")).tolist()) <= {6, 7}
    month = plan.rep("alice").period("2027-03")
    assert month.schedule("week") == plan.schedule("week").where(rep="alice", period="2027-03")


@pytest.mark.parametrize("calls", [2, 10])
def test_visits_that_feed_a_funnel_are_even_as_well(calls: int) -> None:
    """Of 40 or 200 calls of a funnel 24 go to three accounts: five to eight weeks apart, and none beside a meeting."""
    stage = pa.Stage(id="lead", conversion=0.5, days_before_booking=40, activities={"call": calls})
    problem = company(*forty()[:3], cadences=(cadence("call", 8, feeds_funnel=True), cadence("meeting", 3)))
    funnel = pa.Funnel(deal_size=100, stages=[stage])
    plan = pa.allocate(problem.but(playbook=problem.playbook.but(funnels=[funnel])))
    assert set(np.concatenate(gaps(plan, "call")).tolist()) <= {5, 6, 7, 8}
    assert set(counts(plan.visits("week"), "account", "week").values()) == {1}


@settings(max_examples=50, deadline=None)
@given(problem=portfolios())
def test_the_schedule_has_the_visits_of_every_week(problem: pa.PlanningProblem) -> None:
    """By rep, segment, activity and piece: all care, and no more than there is with what feeds the funnel."""
    plan, keys = pa.allocate(problem), ("rep", "segment", "activity", "period", "week")
    found, weekly = counts(plan.visits("week"), *keys), plan.schedule("week")
    care, all_of_it = (counts(weekly.where(source=some), *keys) for some in (["cadence"], ["cadence", "both"]))
    for key in found.keys() | all_of_it.keys():
        assert care[key] <= found[key] <= all_of_it[key]


def test_the_last_account_reached_may_get_a_part() -> None:
    """Half of three accounts with 8 calls each: 8, then 4, then none."""
    problem = company(*forty()[:3], cadences=(cadence("call", 8),))
    plan = pa.allocate(problem.replace(pa.Segment(id="A", coverage=0.5)))
    assert plan.accounts["status"].tolist() == ["worked", "partly worked", "left out"]
    assert plan.accounts["visits_planned"].tolist() == [8, 4, 0]


def test_a_cadence_for_prospects_visits_no_customer() -> None:
    """Meetings are for prospects only; the customer has calls alone."""
    plan = pa.allocate(
        company(
            account("customer", business="existing"),
            account("prospect", business="new"),
            cadences=(cadence("call", 8), cadence("meeting", 3, business="new")),
        )
    )
    assert counts(plan.visits(), "account", "activity") == {
        ("customer", "call"): 8,
        ("prospect", "call"): 8,
        ("prospect", "meeting"): 3,
    }


def test_somebody_who_joins_at_midyear_owes_half() -> None:
    """From July on, 4 of 8 calls and, of three accounts with 1.5 meetings each, 2, 2 and 1 in the order of the list."""
    rep = pa.Rep(id="alice", start=date(2027, 7, 1))
    plan = pa.allocate(company(*forty()[:3], reps=(rep, pa.Rep(id="bruno"))))
    found = counts(plan.visits(), "account", "activity")
    assert [found[f"a{i:02d}", "call"] for i in range(3)] == [4, 4, 4]
    assert sorted(found[f"a{i:02d}", "meeting"] for i in range(3)) == [1, 2, 2]
    assert found["a00", "meeting"] == 2
    assert min(plan.visits()["period"]) >= "2027-07"


def test_funnel_work_beyond_the_cadence_has_no_named_account() -> None:
    """The funnel makes 40 calls, which the cadence counts as its own; the one account asks for 8 of them."""
    funnel = pa.Funnel(deal_size=100, stages=[pa.Stage(id="lead", conversion=0.5, activities={"call": 2})])
    problem = company(account("only"), cadences=(cadence("call", 8, feeds_funnel=True),), revenue=1_000)
    plan = pa.allocate(problem.but(playbook=problem.playbook.but(funnels=[funnel])))
    assert counts(plan.activities, "source") == {("both",): 40}
    assert counts(plan.visits(), "account") == {("only",): 8}


def test_cadence_work_without_named_accounts_keeps_its_rows() -> None:
    """A rep with ten accounts that nobody lists has 80 calls of no account, by period and by week."""
    rep = pa.Rep(id="alice", accounts={"A": 10})
    plan = pa.allocate(company(reps=(rep,), cadences=(cadence("call", 8),)))
    assert counts(plan.visits(), "account") == {(None,): 80}
    assert counts(plan.visits("week"), "account") == {(None,): 80}
    assert len(plan.accounts) == 0


def test_a_plan_without_cadences_has_no_visits() -> None:
    """Accounts are listed, and nothing is planned for them."""
    plan = pa.allocate(company(account("only"), cadences=()))
    assert len(plan.visits()) == len(plan.visits("week")) == 0
    assert plan.accounts["status"].tolist() == ["not planned"]


def test_an_unknown_grain_is_refused(plan: pa.Plan) -> None:
    """There are visits by period and by week."""
    with pytest.raises(pa.UnknownNameError, match="by cannot be 'day'"):
        plan.visits("day")  # type: ignore[arg-type]


def test_a_plan_by_weeks_has_its_visits_by_weeks() -> None:
    """Where the plan's periods are weeks, both say the same."""
    plan = pa.allocate(company(*forty()[:5]).but(calendar=YEAR.but(grain="week")))
    weekly = plan.visits("week")
    assert weekly["week"].tolist() == weekly["period"].tolist()
    assert counts(weekly, "account", "activity", "period") == counts(plan.visits(), "account", "activity", "period")


def bounds(plan: pa.Plan, key: tuple[Any, ...]) -> tuple[int, int]:
    """Return the least and the most visits that a rep's work of a kind in a period may give accounts."""
    some = dict(zip(GROUP, key, strict=True))
    found = counts(plan.activities.where(**some), "source")
    return found[("cadence",)], found[("cadence",)] + found[("both",)]


@settings(max_examples=50, deadline=None)
@given(problem=portfolios())
def test_visits_add_up_to_the_work_of_the_plan(problem: pa.PlanningProblem) -> None:
    """By rep, segment, activity and period: all cadence work, and no more than there is with what feeds the funnel."""
    plan = pa.allocate(problem)
    found = counts(plan.visits(), *GROUP)
    asked = counts(plan.activities.where(source=["cadence", "both"]), *GROUP)
    for key in found.keys() | asked.keys():
        least, most = bounds(plan, key)
        assert least <= found[key] <= most


@settings(max_examples=50, deadline=None)
@given(problem=portfolios())
def test_weeks_add_up_to_their_periods(problem: pa.PlanningProblem) -> None:
    """By account, activity and period, visits by week are those by period, each in a week that meets the period."""
    plan = pa.allocate(problem)
    keys = ("rep", "segment", "account", "activity", "period")
    assert counts(plan.visits("week"), *keys) == counts(plan.visits(), *keys)
    edges = {one.id: one for grain in ("month", "week") for one in YEAR.periods(grain)}
    for row in plan.visits("week").to_dicts():
        month, week = edges[row["period"]], edges[row["week"]]
        assert month.start <= week.end
        assert week.start <= month.end


@settings(max_examples=50, deadline=None)
@given(problem=portfolios())
def test_no_account_gets_more_than_it_asks_for(problem: pa.PlanningProblem) -> None:
    """Visits planned are at most those wanted, one more for what rounding makes of each of two activities."""
    table = pa.allocate(problem).accounts
    assert (table["visits_planned"] < table["visits_wanted"] + 2).all()
    assert (table.where(status="not planned")["visits_planned"] == 0).all()


@settings(max_examples=30, deadline=None)
@given(problem=portfolios())
def test_a_plan_read_back_says_the_same(problem: pa.PlanningProblem) -> None:
    """Accounts, visits and their quotas follow from what is stored with a plan."""
    plan = pa.allocate(problem)
    again = pa.Plan.from_json(plan.to_json())
    assert again.accounts == plan.accounts
    assert again.visits("week") == plan.visits("week")
    assert again.account_quotas() == plan.account_quotas()


def test_a_part_has_its_own_visits(plan: pa.Plan) -> None:
    """The plan of one month lists the accounts that are visited in it, and these visits."""
    march = plan.rep("alice").period("2027-03")
    assert set(march.visits()["period"]) == {"2027-03"}
    assert set(march.accounts["account"]) == set(march.visits()["account"])
    assert len(march.accounts) < len(plan.rep("alice").accounts) == 40


def test_days_of_the_weeks_of_a_period_sum_to_one() -> None:
    """Each week of a month has its part of the days with the rep; away all month, its part of the working days."""
    away = pa.Absence(start=date(2027, 3, 1), end=date(2027, 3, 31))
    problem = company(reps=(pa.Rep(id="alice", absences=[away]), pa.Rep(id="bruno", start=date(2027, 2, 15))))
    cut = pieces(problem.calendar)
    parts = days_there(problem, ("alice", "bruno"), cut)
    starts: Ints = np.flatnonzero(np.diff(cut.period, prepend=-1)).astype(np.int64)
    assert np.add.reduceat(parts, starts, axis=1) == pytest.approx(np.ones((2, 12)))
    february = cut.period == 1
    assert parts[1, february].tolist() == [0.0, 0.0, 0.5, 0.5]
    assert parts[0, cut.period == 2] == pytest.approx([5 / 23, 5 / 23, 5 / 23, 5 / 23, 3 / 23])


@pytest.mark.parametrize(("calls", "meetings"), [(8, 3), (12, 12), (26, 12)])
@pytest.mark.parametrize("many", [1, 2, 7])
def test_no_week_has_two_visits_of_one_cadence_where_the_year_allows_it(calls: int, meetings: int, many: int) -> None:
    """Up to a call every other week, few accounts or more, and a rep who is away in August."""
    away = pa.Absence(start=date(2027, 8, 1), end=date(2027, 8, 31))
    rep = pa.Rep(id="alice", absences=[away])
    plan = pa.allocate(
        company(*forty()[:many], cadences=(cadence("call", calls), cadence("meeting", meetings)), reps=(rep,))
    )
    assert set(counts(plan.visits("week"), "account", "activity", "week").values()) == {1}
    assert "2027-08" not in set(plan.visits()["period"])


def test_visits_do_not_depend_on_the_order_of_accounts() -> None:
    """The same accounts from the last to the first have the same visits."""
    accounts = [account(name, 1 + number % 3) for number, name in enumerate("abcdefg")]
    one, other = (pa.allocate(company(*some)) for some in (accounts, accounts[::-1]))
    assert one.visits("week") == other.visits("week")
    assert one.accounts == other.accounts


def test_coverage_goes_down_the_list_of_each_business() -> None:
    """Where a cadence tells prospects from customers, half the coverage is half of each, best first."""
    accounts = [account(f"new{i}", 10 - i, business="new") for i in range(4)]
    accounts += [account(f"old{i}", 100 - i, business="existing") for i in range(2)]
    problem = company(*accounts, cadences=(cadence("call", 8), cadence("meeting", 3, business="new")))
    plan = pa.allocate(problem.replace(pa.Segment(id="A", coverage=0.5)))
    assert set(plan.accounts.where(status="worked")["account"]) == {"new0", "new1", "old0"}


def december(**fields: Any) -> pa.PlanningProblem:
    """Return a company that sells nearly half of its year in December, whose one rep also owns 25 accounts."""
    problem = company(*forty()[:25])
    stages = [pa.Stage(id="offer", conversion=0.5, days_before_booking=30, activities={"meeting": 2})]
    season = pa.Seasonality(id="year", grain="month", weights=[0.05] * 11 + [0.45])
    return problem.but(
        strategy=problem.strategy.but(
            revenue=50_000,
            segments=[pa.Segment(id="A", **fields)],
            seasonalities=[season],
            targets=[pa.Target(segment="A", share=1, seasonality="year")],
        ),
        playbook=problem.playbook.but(funnels=[pa.Funnel(deal_size=100, stages=stages)]),
    )


def test_a_plan_without_any_visit_says_why_and_what_to_do() -> None:
    """Targets fill one month, and visits go on all year: the note names the month and two ways to keep visits."""
    text = str(pa.allocate(december()))
    assert 'Short of hours: 25 accounts are left out; see plan.accounts.where(status="left out").' in text
    assert "alice visits no account: the hours are full in 2027-1" in text
    assert "visits are spread over all periods" in text
    assert 'Segment(coverage_min=...), or put them before targets with Policy(tiers=("coverage", ' in text


@pytest.mark.parametrize(
    "mended", [december(coverage_min=0.4), december().replace(pa.Policy(tiers=("coverage", "shortfall", "overtime")))]
)
def test_what_the_note_names_keeps_visits(mended: pa.PlanningProblem) -> None:
    """Either way accounts are visited, and the note is gone."""
    plan = pa.allocate(mended)
    assert plan.coverage.total("cadence_accounts") >= 10
    assert "visits no account" not in str(plan)


def test_short_hours_name_whole_accounts() -> None:
    """The note counts accounts as the table has them, whatever part of one more is worked."""
    plan = with_hours(company(*forty()), 204)
    left_out = len(plan.accounts.where(status="left out"))
    assert f'Short of hours: {left_out} accounts are left out; see plan.accounts.where(status="left out").' in str(plan)


def test_accounts_that_are_only_counted_stay_a_number() -> None:
    """Without a portfolio there is no list to point to."""
    problem = december().but(portfolio=pa.Portfolio())
    text = str(pa.allocate(problem.replace(pa.Rep(id="alice", accounts={"A": 25}))))
    assert "Short of hours: 25.0 accounts are not worked; see plan.coverage." in text
    assert "alice visits no account" in text

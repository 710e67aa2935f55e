"""Attainment and pace on the plan's own curve, and what no sale may do in silence."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

import planalloc as pa

START = date(2027, 1, 4)


@pytest.fixture
def plan() -> pa.Plan:
    """Return two reps with 600 each on one segment: 50 a month."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1200, currency="EUR", shares={"A": 1.0}, reps=["alice", "bruno"]
    )
    return pa.allocate(problem.replace(pa.Policy(default_phasing="equal")))


def sale(amount: Any = 10, *, on: date = START, rep: str = "alice", **more: Any) -> dict[str, Any]:
    """Return a sale of 10 by alice on the first Monday of the year, unless said otherwise."""
    return {"date": on, "rep": rep, "segment": "A", "amount": amount, **more}


def reviewed(plan: pa.Plan, sales: Any, *, as_of: date = date(2027, 3, 31)) -> pa.Review:
    """Review sales alone."""
    return pa.review(plan, pa.Actuals(sales=sales), as_of=as_of)


def rules(review: pa.Review) -> list[tuple[str, int, float]]:
    """Return what was set aside: rule, rows, amount."""
    return [(row["rule"], row["rows"], row["amount"]) for row in review.set_aside.to_dicts()]


def test_a_cut_period_is_due_by_its_working_days(plan: pa.Plan) -> None:
    """On Friday the 5th of February 5 of 20 working days are over: 50 + 50 / 4 are due, and not 5/28 of February."""
    standing = reviewed(plan, [sale(50)], as_of=date(2027, 2, 5)).standing("rep")
    assert standing["due"].tolist() == [62.5, 62.5]
    assert standing["pace"].tolist() == [0.8, 0.0]


def test_pace_follows_the_season_and_not_the_calendar() -> None:
    """Where December has the whole year, nothing is due in June and there is no pace to speak of."""
    weights = [0.0] * 11 + [1.0]
    problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1.0}, reps=["alice"])
    strategy = problem.strategy.but(
        targets=[pa.Target(segment="A", share=1.0, seasonality="late")],
        seasonalities=[pa.Seasonality(id="late", grain="month", weights=weights)],
    )
    standing = reviewed(pa.allocate(problem.replace(strategy)), [sale(60)], as_of=date(2027, 6, 30)).standing()
    assert standing.to_dicts()[0]["due"] == 0
    assert standing.to_dicts()[0]["pace"] is None
    assert standing["required"].tolist() == [pytest.approx(1140 / 1200)]


def test_the_rest_must_go_as_much_faster_as_is_missing(plan: pa.Plan) -> None:
    """After 90 of 150, 510 of the rest of 450 are missing: 17/15 of the plan's pace."""
    row = reviewed(plan, [sale(40), sale(50, on=date(2027, 3, 1))]).standing("rep").to_dicts()[0]
    assert (row["gap"], row["missing"], row["rest"]) == (-60, 510, 450)
    assert row["required"] == pytest.approx(17 / 15)


def test_linearity_is_the_part_that_came_when_it_was_planned(plan: pa.Plan) -> None:
    """All of a quarter in January, where a third was planned: one third of it came in its own month."""
    assert reviewed(plan, [sale(150)]).standing("rep")["linearity"].tolist()[0] == pytest.approx(1 / 3)


def test_attainment_adds_up_by_any_key(plan: pa.Plan) -> None:
    """What reps sold by month adds up by quarter, and the ratio is divided anew."""
    review = reviewed(plan, [sale(30), sale(60, on=date(2027, 2, 1), rep="bruno")])
    by_quarter = review.attainment.by("quarter").to_dicts()[0]
    assert (by_quarter["actual"], by_quarter["quota"], by_quarter["attainment"]) == (90, 300, 0.3)


def test_a_sale_that_nobody_planned_is_in_the_table() -> None:
    """Bruno does not cover B and sells there: a row with nothing planned, and no attainment."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1200, currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=["alice", "bruno"]
    )
    plan = pa.allocate(problem.replace(pa.Rep(id="bruno", covers=["A"])))
    sold = {**sale(7, rep="bruno"), "segment": "B"}
    (row,) = reviewed(plan, [sold]).attainment.where(rep="bruno", segment="B").to_dicts()
    assert (row["actual"], row["quota"], row["attainment"]) == (7, 0, None)


def test_units_are_counted_beside_money() -> None:
    """With a price of 10, a plan of 1,200 is 120 units, of which 3 are sold."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1.0}, reps=["alice"])
    strategy = problem.strategy.but(
        products=[pa.Product(id="desk", unit_price=10)], targets=[pa.Target(segment="A", product="desk", share=1.0)]
    )
    found = reviewed(pa.allocate(problem.replace(strategy)), [sale(30, product="desk", units=3)]).attainment
    assert (found.total("actual_units"), found.total("units")) == pytest.approx((3, 120))


def test_a_repeated_sale_counts_once_and_is_told(plan: pa.Plan) -> None:
    """The same id with the same content is one sale."""
    review = reviewed(plan, [sale(id="s1"), sale(id="s1")])
    assert review.attainment.total("actual") == 10
    assert [one[:2] for one in rules(review)] == [("repeats a row with the same id and rep", 1)]


def test_one_id_with_two_amounts_counts_not_at_all_and_is_told(plan: pa.Plan) -> None:
    """Nobody can tell which of the two is right."""
    review = reviewed(plan, [sale(10, id="s1"), sale(20, id="s1")])
    assert review.attainment.total("actual") == 0
    assert review.set_aside["rows"].tolist() == [2]


def test_a_credit_note_lowers_the_total_beside_its_own_column(plan: pa.Plan) -> None:
    """100 sold and 30 taken back are 70, of which 30 are said to be credit notes; it is no deal."""
    found = reviewed(plan, [sale(100), sale(-30)]).attainment
    assert (found.total("actual"), found.total("credit_notes"), found.total("deals")) == (70, -30, 1)


def test_a_sale_of_the_future_is_set_aside_with_its_amount(plan: pa.Plan) -> None:
    """What is dated after the day of the review does not count yet."""
    review = reviewed(plan, [sale(10), sale(99, on=date(2027, 4, 1))])
    assert review.attainment.total("actual") == 10
    assert rules(review) == [("is dated after 2027-03-31", 1, 99)]


def test_a_sale_in_another_currency_is_set_aside_with_its_amount(plan: pa.Plan) -> None:
    """Dollars are never added to euros."""
    review = reviewed(plan, [sale(10, currency="EUR"), sale(99, currency="USD")])
    assert review.attainment.total("actual") == 10
    assert rules(review) == [("is not in EUR", 1, 99)]


def test_a_late_sale_counts_and_is_told_where_the_time_was_closed(plan: pa.Plan) -> None:
    """January was closed at 10; a sale of January that comes in after that makes it 15, and says so."""
    revised = pa.replan(plan, pa.Actuals(sales=[sale(10)]), as_of=date(2027, 1, 31))
    review = reviewed(revised, [sale(10), sale(5)], as_of=date(2027, 2, 28))
    assert review.attainment.total("actual") == 15
    (row,) = review.restated.to_dicts()
    assert (row["rep"], row["period"], row["credited"], row["actual"], row["difference"]) == (
        "alice",
        "2027-01",
        10,
        15,
        5,
    )


def test_a_revised_plan_asks_for_what_it_left_open(plan: pa.Plan) -> None:
    """What was credited and the open numbers are what the year needs: on plan since, nothing more is required."""
    sold = [sale(10), sale(50, rep="bruno")]
    revised = pa.replan(plan, pa.Actuals(sales=sold), as_of=date(2027, 1, 31))
    february = revised.quotas.where(period="2027-02").by("rep").to_dicts()
    sold += [sale(row["quota"], on=date(2027, 2, 10), rep=row["rep"]) for row in february]
    standing = reviewed(revised, sold, as_of=date(2027, 2, 28)).standing("rep")
    assert standing["required"].tolist() == pytest.approx([1.0, 1.0])
    assert standing["pace"].tolist() == pytest.approx([1.0, 1.0])
    assert standing["gap"].tolist() == pytest.approx([0.0, 0.0])
    closed = reviewed(revised, sold, as_of=date(2027, 2, 28)).attainment.where(period="2027-01")
    assert closed["quota"].tolist() == [50, 50]
    assert closed["due_quota"].tolist() == [10, 50]


def test_rows_as_dicts_and_a_lazy_frame_give_the_same_tables(plan: pa.Plan) -> None:
    """Days are gathered by period in an engine, one by one in Python: the sums are the same."""
    sales = [
        sale(10.01 + i, on=date(2027, 1 + i % 5, 1 + i % 27), rep="alice" if i % 3 else "bruno") for i in range(60)
    ]
    rows, lazy = reviewed(plan, sales), reviewed(plan, pl.DataFrame(sales).lazy())
    assert rows.attainment == lazy.attainment
    assert rows.set_aside == lazy.set_aside


def test_a_day_outside_the_horizon_is_refused(plan: pa.Plan) -> None:
    """There is nothing to compare with in another year."""
    with pytest.raises(pa.InputError, match="horizon goes from"):
        reviewed(plan, [], as_of=date(2028, 1, 1))


def test_invoices_are_no_bookings(plan: pa.Plan) -> None:
    """A plan of bookings refuses invoices."""
    with pytest.raises(pa.InputError, match="are invoices"):
        pa.review(plan, pa.Actuals(sales=[sale()], measure="invoices"), as_of=date(2027, 1, 31))


def half_behind(months: int, *, deals: int) -> list[dict[str, Any]]:
    """Return months of ten deals by bruno and so many by alice, of 5 each."""
    many = {"alice": deals, "bruno": 10}
    return [
        sale(5, on=date(2027, month, 1 + n), rep=rep)
        for month in range(1, months + 1)
        for rep, number in many.items()
        for n in range(number)
    ]


def test_what_a_revision_has_closed_is_behind_no_more(plan: pa.Plan) -> None:
    """Alice sold half until the revision, and as it says since: only the time since is tested, nothing raised."""
    sold = half_behind(6, deals=5)
    behind = reviewed(plan, sold, as_of=date(2027, 6, 30))
    assert ("pace behind", "alice") in [(one.kind, one.rep) for one in behind.alerts]
    revised = pa.replan(plan, pa.Actuals(sales=sold), as_of=date(2027, 6, 30))
    assert "pace behind" not in [one.kind for one in reviewed(revised, sold, as_of=date(2027, 6, 30)).alerts]
    wanted = revised.quotas.where(period=["2027-07", "2027-08", "2027-09"]).by("rep", "period").to_dicts()
    later = [
        sale(row["quota"] / 10, on=date(2027, int(row["period"][-2:]), 1 + n), rep=row["rep"])
        for row in wanted
        for n in range(10)
    ]
    review = reviewed(revised, [*sold, *later], as_of=date(2027, 9, 30))
    assert [one.kind for one in review.alerts if one.kind.startswith("pace")] == []
    tested = review.against_plan.where(test="pace", rep="alice").to_dicts()
    assert [(row["actual"], row["expected"]) for row in tested] == [(338, 338)]
    silent = reviewed(revised, [*sold, *(one for one in later if one["rep"] == "bruno")], as_of=date(2027, 9, 30))
    (alert,) = (one for one in silent.alerts if (one.kind, one.rep) == ("pace behind", "alice"))
    assert alert.gap == -188
    assert sum(alert.parts["cause"].values()) == pytest.approx(alert.gap)

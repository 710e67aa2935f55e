"""Rows that say something odd: told, and counted as what is told or not at all; arguments that are none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import planalloc as pa
from engines import ENGINES, held_by

TODAY = date(2027, 6, 30)


def made(*, accounts: bool = False) -> pa.Plan:
    """Plan two reps who call, visit and sell deals of 10 on a segment, with or without a portfolio."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=2400, currency="EUR", shares={"A": 1.0}, reps=["alice", "bruno"]
    )
    stages = [
        pa.Stage(id="lead", conversion=0.5, days_before_booking=40, activities={"call": 3}),
        pa.Stage(id="offer", conversion=0.5, days_before_booking=10, activities={"visit": 2}),
    ]
    inn = [pa.Account(id="inn", segment="A", owner="alice", potential=10)] if accounts else []
    kinds = [pa.Activity(id="call", hours=0.1), pa.Activity(id="visit", hours=0.5)]
    return pa.allocate(problem.add(*kinds, pa.Funnel(deal_size=10, stages=stages), *inn))


@pytest.fixture(scope="module")
def plan() -> pa.Plan:
    """Return the plan without a portfolio."""
    return made()


def deal(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return an open lead of alice of 100, unless said otherwise."""
    row = {"id": f"o{number}", "rep": "alice", "segment": "A", "amount": 100.0, "stage": "lead"}
    return {**row, "created": date(2027, 6, 1), "closed": None, "won": None, **more}


def told(plan: pa.Plan, *rows: dict[str, Any]) -> tuple[pa.Review, dict[str, str | None]]:
    """Review opportunities; return what is told, with its examples."""
    review = pa.review(plan, pa.Actuals(opportunities=list(rows)), as_of=TODAY)
    return review, {row["rule"]: row["examples"] for row in review.set_aside.to_dicts()}


def sales(many: int = 200) -> list[dict[str, Any]]:
    """Return sales of odd amounts by two reps, over half a year."""
    return [
        {"date": date(2027, 1 + i % 6, 1 + i % 28), "rep": ("alice", "bruno")[i % 2], "segment": "A"}
        | {"amount": 5.25 + i % 11}
        for i in range(many)
    ]


def test_an_outcome_that_is_none_is_set_aside(plan: pa.Plan) -> None:
    """What is maybe won is neither won nor lost."""
    review, rules = told(plan, deal(closed=date(2027, 6, 20), won="maybe"), deal(2, closed=TODAY, won="Won"))
    assert rules == {"is closed, but neither won nor lost": "'maybe'"}
    assert (review.deals.total("closed"), review.deals.total("won")) == (1, 1)


def test_a_win_without_a_day_is_set_aside_and_a_loss_without_one_is_open(plan: pa.Plan) -> None:
    """A flag that is false until something is won says nothing."""
    review, rules = told(plan, deal(won=True), deal(2, won=False))
    assert rules == {"is won, but has no day of closing": "'o1'"}
    assert review.opportunities["opportunity"].tolist() == ["o2"]


def test_what_is_called_lost_without_a_day_is_set_aside(plan: pa.Plan) -> None:
    """A word is no flag that waits: what is lost is not open."""
    review, rules = told(plan, deal(won="Lost"), deal(2, won="false"))
    assert rules == {"is lost, but has no day of closing": "'o1'"}
    assert review.opportunities["opportunity"].tolist() == ["o2"]


def test_an_open_deal_with_an_outcome_that_is_none_is_told(plan: pa.Plan) -> None:
    """It has no day of closing, and counts as open; what "maybe" means is not guessed."""
    review, rules = told(plan, deal(won="maybe"), deal(2, won="open"), deal(3, won="maybe", closed=date(2027, 9, 1)))
    assert rules == {"has an outcome that is neither won nor lost; it counts as open": "'maybe'"}
    assert len(review.opportunities) == 3


def test_a_source_has_the_wins_that_count(plan: pa.Plan) -> None:
    """Money by source is that of the deals of the review: a deal that is maybe won brings nothing, and is named."""
    sold = {"date": date(2027, 6, 20), "rep": "alice", "segment": "A", "amount": 100.0}
    rows = [deal(i, closed=date(2027, 6, 20), won=won, source="web") for i, won in ((1, "Won"), (2, "maybe"))]
    review = pa.review(plan, pa.Actuals(opportunities=rows, sales=[sold, sold]), as_of=TODAY)
    assert review.gaps.where(by="source")["part"].tolist().count("web") == 2
    assert review.set_aside["rule"].tolist() == ["is closed, but neither won nor lost"]


def test_a_stage_of_the_past_in_another_case_is_told_with_the_one_that_is_meant(plan: pa.Plan) -> None:
    """An entry of the history says which stage of the funnel it may be."""
    entries = [
        {"opportunity": "o1", "stage": one, "entered": date(2027, 6, 1 + i)}
        for i, one in enumerate(("Lead", "Offer", "lead", "xyz"))
    ]
    review = pa.review(plan, pa.Actuals(opportunities=[deal()], stages=entries), as_of=TODAY)
    (row,) = review.set_aside.to_dicts()
    assert row["rule"] == "names a stage that the funnel of its line does not have"
    assert row["examples"] == "'Lead' (did you mean 'lead'?), 'Offer' (did you mean 'offer'?), 'xyz'"


def test_what_is_told_says_how_many_rows_count(plan: pa.Plan) -> None:
    """Rows that are set aside and rows that count are all rows, table by table; some are told and count."""
    entries = [
        {"opportunity": "o1", "stage": "Lead", "entered": date(2027, 6, 1)},
        {"opportunity": "o1", "stage": "lead", "entered": date(2027, 6, 1)},
    ]
    done = [{"date": date(2027, 3, 1), "rep": "alice", "segment": "A", "activity": one} for one in ("call", "nap")]
    review = pa.review(
        plan,
        pa.Actuals(
            sales=[*sales(5), {**sales(1)[0], "rep": "zoe"}, {**sales(1)[0], "amount": None}],
            opportunities=[deal(), deal(2, stage="ofer"), deal(3, rep="zoe"), deal(4, won="maybe")],
            stages=entries,
            activities=done,
        ),
        as_of=TODAY,
    )
    rows = review.set_aside.to_dicts()
    found = {
        table: (sum(row["rows"] for row in rows if row["table"] == table and not row["counts"]), counted)
        for table, counted in {row["table"]: row["counted"] for row in rows}.items()
    }
    assert found == {"sales": (2, 5), "opportunities": (1, 3), "stages": (1, 1), "activities": (1, 1)}
    assert {row["rule"]: row["rows"] for row in rows if row["counts"]} == {
        "is at a stage that the funnel of its line does not have; it counts at the line's rate": 1,
        "has an outcome that is neither won nor lost; it counts as open": 1,
    }


def test_what_is_won_after_the_day_is_open_and_not_told(plan: pa.Plan) -> None:
    """The future is not known, and nothing is wrong with it."""
    review, rules = told(plan, deal(closed=date(2027, 9, 1), won=True))
    assert (len(review.opportunities), rules) == (1, {})


@pytest.mark.parametrize("amount", [-500.0, 1e15])
def test_an_amount_that_none_can_have_is_told_and_a_usual_deal_counts(plan: pa.Plan, amount: float) -> None:
    """The plan's deals are of 10."""
    review, rules = told(plan, deal(amount=amount))
    (rule,) = rules
    assert rule.startswith("is open with an amount below zero or of 100,000,000,000 or more")
    assert (review.opportunities["value"].tolist(), review.opportunities["value_assumed"].tolist()) == ([10], [True])


def test_a_stage_that_is_none_is_told_with_what_it_may_be(plan: pa.Plan) -> None:
    """Another case is another name: the line's rate counts."""
    review, rules = told(plan, deal(stage="Offer"), deal(2, stage="dinner"), deal(3, stage=None))
    (examples,) = rules.values()
    assert examples == "'Offer' (did you mean 'offer'?), 'dinner'"
    assert review.opportunities["chance"].tolist() == [0.25, 0.25, 0.25]


def test_an_account_that_nobody_defined_is_told_and_counts() -> None:
    """In each of the three tables that may name one."""
    row = {"rep": "alice", "segment": "A", "account": "cafe"}
    actuals = pa.Actuals(
        sales=[{**row, "date": TODAY, "amount": 7}],
        activities=[{**row, "date": TODAY, "activity": "call"}],
        opportunities=[deal(account="cafe"), deal(2, account="inn")],
    )
    review = pa.review(made(accounts=True), actuals, as_of=TODAY)
    rule = "names an account that nobody defined; it counts all the same"
    assert [(one["table"], one["rule"], one["rows"]) for one in review.set_aside.to_dicts()] == [
        ("sales", rule, 1),
        ("opportunities", rule, 1),
        ("activities", rule, 1),
    ]
    assert review.attainment.total("actual") == 7


def test_a_kind_that_nobody_reports_is_no_drift_of_effort(plan: pa.Plan) -> None:
    """Calls alone are logged, as many as planned: nobody drifts to calls."""
    calls = [
        {"date": date(2027, 1 + i % 6, 1 + i % 28), "rep": rep, "segment": "A", "activity": "call"}
        for rep in ("alice", "bruno")
        for i in range(300)
    ]
    effort = pa.review(plan, pa.Actuals(activities=calls), as_of=TODAY).drift.where(kind="effort")
    assert set(effort["activity"].tolist()) == {"call"}
    assert not effort["drifts"].any()


def test_no_engine_and_no_kind_of_day_changes_a_figure(plan: pa.Plan) -> None:
    """Intervals and p-values come from the spread of deals, which is told from the same groups everywhere."""
    rows = sales()
    frame = pd.DataFrame(rows)
    tables = [held_by(one, rows) for one in ENGINES]
    tables += [
        frame.assign(date=pd.to_datetime(frame.date)),
        frame.assign(date=pd.to_datetime(frame.date) + pd.Timedelta(hours=9)),
        frame.assign(date=pd.to_datetime(frame.date).dt.tz_localize("Europe/Paris")),
        frame.assign(date=frame.date.astype(str)),
        pl.DataFrame(rows).with_columns(pl.col("date").cast(pl.Datetime)).lazy(),
    ]
    first, *others = [pa.review(plan, pa.Actuals(sales=one), as_of=TODAY) for one in tables]
    for one in others:
        assert one.attainment == first.attainment
        assert one.forecast == first.forecast
        assert one.drift == first.drift
        assert one.against_plan == first.against_plan


def test_time_stamps_of_pandas_are_days_in_every_table(plan: pa.Plan) -> None:
    """Activities, opportunities and stages too."""
    opportunities = pd.DataFrame([deal(), deal(2, closed=date(2027, 6, 20), won=True)])
    dates = {name: pd.to_datetime(opportunities[name]) for name in ("created", "closed")}
    stages = pd.DataFrame({"opportunity": ["o1"], "stage": ["lead"], "entered": pd.to_datetime(["2027-06-01"])})
    calls = pd.DataFrame({"date": pd.to_datetime(["2027-06-02"]), "rep": "alice", "segment": "A", "activity": "call"})
    actuals = pa.Actuals(activities=calls, opportunities=opportunities.assign(**dates), stages=stages)
    review = pa.review(plan, actuals, as_of=TODAY)
    assert (review.execution.total("done"), review.deals.total("won"), len(review.set_aside)) == (1, 1, 0)
    assert review.opportunities["days_in_stage"].tolist() == [29]


@pytest.mark.parametrize(
    "day",
    [pd.Timestamp("2027-06-30 12:00"), pd.Timestamp("2027-06-30"), "2027-06-30", None, 20270630, np.datetime64(TODAY)],
)
def test_a_day_that_is_none_is_refused(plan: pa.Plan, day: Any) -> None:
    """With a date to copy."""
    with pytest.raises(pa.InputError, match=r"as_of.*is no date"):
        pa.review(plan, pa.Actuals(sales=sales()), as_of=day)


def test_what_is_no_plan_and_no_actuals_is_refused(plan: pa.Plan) -> None:
    """A problem is not planned yet, and a table is not named."""
    for wrong in ((plan.problem, pa.Actuals()), (plan, pd.DataFrame(sales()))):
        with pytest.raises(pa.InputError, match="takes a Plan and Actuals"):
            pa.review(*wrong, as_of=TODAY)


def test_a_rate_or_a_last_agenda_that_is_none_is_refused(plan: pa.Plan) -> None:
    """Each by its name."""
    with pytest.raises(pa.InputError, match="rate: '5 %' is not a number"):
        pa.review(plan, pa.Actuals(), as_of=TODAY, rate="5 %")  # type: ignore[arg-type]
    with pytest.raises(pa.InputError, match="last: 'x' is not an Agenda"):
        pa.review(plan, pa.Actuals(), as_of=TODAY).rep("alice", last="x")  # type: ignore[arg-type]


def test_the_company_has_no_empty_part_in_its_heading(plan: pa.Plan) -> None:
    """Name of the strategy and day."""
    heading = str(pa.review(plan, pa.Actuals(), as_of=TODAY)).splitlines()[0]
    assert heading == f"{plan.problem.strategy.name}, as of 2027-06-30"


def test_amounts_that_none_can_have_are_told_by_their_first_ids(plan: pa.Plan) -> None:
    """Examples are the first ids in order, and not whichever an engine returns first."""
    _, rules = told(plan, *(deal(number, amount=-1.0) for number in (7, 3, 9, 1, 5, 2, 8)))
    assert list(rules.values()) == ["'o1', 'o2', 'o3', 'o5', 'o7'"]


@pytest.mark.parametrize("amount", ["50,000", "x", True])
def test_an_opportunity_whose_amount_is_no_number_is_told_and_counts_as_one_without(plan: pa.Plan, amount: Any) -> None:
    """Open ones are worth a usual deal; those that are won bring no money that anybody knows."""
    row = {"rep": "zoe", "amount": "of nobody"}
    review, rules = told(plan, deal(amount=amount), deal(2, closed=TODAY, won=True, amount=amount), deal(3, **row))
    assert rules["has an amount that is no number; it counts as one without"] == repr(amount)
    assert (review.opportunities["value"].tolist(), review.deals.total("won")) == ([10], 1)


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_frame_tells_amounts_that_are_no_numbers_too(plan: pa.Plan, frame: Any) -> None:
    """With the id as text and the amount as it is written."""
    actuals = pa.Actuals(opportunities=frame([deal(amount="5"), deal(2, amount="50,000")]))
    (row,) = pa.review(plan, actuals, as_of=TODAY).set_aside.to_dicts()
    assert (row["rows"], row["examples"], row["counts"]) == (1, "'50,000'", True)


def test_an_amount_too_large_is_told_of_what_is_closed_too(plan: pa.Plan) -> None:
    """It is no usual deal, for it is no longer open."""
    _, rules = told(plan, deal(closed=TODAY, won=True, amount=1e15))
    assert rules == {"is closed with an amount of 100,000,000,000 or more; it counts without": "'o1'"}


def test_sales_set_aside_for_their_amount_are_no_deals(plan: pa.Plan) -> None:
    """Whatever is set aside changes no figure."""
    wrong = [{**sales(1)[0], "amount": amount} for amount in (None, "x", float("nan"), 1e15, True)]
    without, beside = (pa.review(plan, pa.Actuals(sales=one), as_of=TODAY) for one in (sales(), sales() + wrong))
    assert beside.set_aside.where(counts=False).total("rows") == 5
    assert beside.attainment == without.attainment
    assert beside.forecast == without.forecast


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        ([Decimal("5.50"), "7"], 12.5),
        ([5, "-7"], -2.0),
        ([Decimal(5), Decimal(-7)], -2.0),
        ([Decimal(5), None], 5.0),
        ([True, 5], 5.0),
        ([True, True], 0.0),
    ],
)
def test_a_column_of_any_cells_counts_as_the_same_rows_do(plan: pa.Plan, amounts: list[Any], total: float) -> None:
    """Decimals and text in one column of pandas; true is no amount."""
    rows = [{**sales(1)[0], "amount": one} for one in amounts]
    listed, framed = (pa.review(plan, pa.Actuals(sales=one), as_of=TODAY) for one in (rows, pd.DataFrame(rows)))
    assert listed.attainment.total("actual") == total
    assert framed.attainment == listed.attainment
    assert framed.set_aside == listed.set_aside


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_of_flags_is_no_amount(plan: pa.Plan, engine: str) -> None:
    """True is not one euro, whoever holds the table."""
    table = held_by(engine, [{**sales(1)[0], "amount": True}])
    review = pa.review(plan, pa.Actuals(sales=table), as_of=TODAY)
    (row,) = review.set_aside.to_dicts()
    assert (review.attainment.total("actual"), row["rows"], row["examples"]) == (0, 1, "True")


def test_a_rep_that_is_a_number_in_one_row_is_told(plan: pa.Plan) -> None:
    """A column of pandas with text and numbers, and a row that comes twice."""
    rows = [{**sales(1)[0], "id": f"s{i}", "rep": rep} for i, rep in ((1, "alice"), (1, "alice"), (2, 5))]
    review = pa.review(plan, pa.Actuals(sales=pd.DataFrame(rows)), as_of=TODAY)
    assert review.set_aside["rule"].tolist()[1] == "names a rep that nobody defined"
    assert review.attainment.total("deals") == 1


@pytest.mark.parametrize(
    ("units", "rule"),
    [
        (3, None),
        ("x", "has no units, or none that are a number; it counts without"),
        (float("nan"), "has no units, or none that are a number; it counts without"),
        (1e18, "has units of 100,000,000,000 or more, too many for one row; it counts without"),
    ],
)
def test_units_that_are_none_are_told_where_the_product_has_a_price(units: Any, rule: str | None) -> None:
    """The money counts, and the units of the row do not."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1.0}, reps=["alice"])
    strategy = problem.strategy.but(
        products=[pa.Product(id="desk", unit_price=10)], targets=[pa.Target(segment="A", product="desk", share=1.0)]
    )
    sold = {"date": date(2027, 1, 4), "rep": "alice", "segment": "A", "product": "desk", "amount": 30, "units": units}
    review = pa.review(pa.allocate(problem.replace(strategy)), pa.Actuals(sales=[sold]), as_of=TODAY)
    told = [(row["rule"], row["amount"], row["counts"]) for row in review.set_aside.to_dicts()]
    assert told == ([] if rule is None else [(rule, 30.0, True)])
    assert review.attainment.total("actual") == 30


def test_thousands_of_sales_by_one_rep_have_a_forecast(plan: pa.Plan) -> None:
    """Order lines of half a euro, and another who sold none."""
    rows = [{**sales(1)[0], "amount": 0.5}] * 5000
    forecast = pa.review(plan, pa.Actuals(sales=rows), as_of=TODAY).forecast
    assert np.isfinite(forecast["expected"]).all()
    assert np.isfinite(forecast["high"]).all()


@pytest.mark.parametrize("ask", ["rates", "standing"])
def test_a_key_that_is_none_is_refused(plan: pa.Plan, ask: str) -> None:
    """A name that is not known, where nothing came in either, and a list of names."""
    review = pa.review(plan, pa.Actuals(), as_of=TODAY)
    with pytest.raises(pa.UnknownNameError, match="Did you mean 'rep'"):
        getattr(review, ask)("repp")
    with pytest.raises(pa.InputError, match=r"\['rep'\] is no name"):
        getattr(review, ask)(["rep"])


def test_alerts_about_nobody_are_refused(plan: pa.Plan) -> None:
    """No alert would say that all is well with a rep that the plan does not have."""
    alerts = pa.review(plan, pa.Actuals(), as_of=TODAY).alerts
    with pytest.raises(pa.UnknownNameError, match=r"(?s)2 things.*'Alice'.*Did you mean 'alice'.*'zoe'"):
        alerts.about("Alice", "bruno", "zoe")
    with pytest.raises(pa.UnknownNameError, match="'zoe' is no rep of the plan"):
        alerts[:1].about("zoe")
    with pytest.raises(pa.InputError, match="is no name"):
        alerts.about(["alice"])  # type: ignore[arg-type]


def test_what_came_to_a_stage_after_the_day_raises_nothing(plan: pa.Plan) -> None:
    """Nothing is wrong with the future, of an opportunity that is created later either."""
    entries = [{"opportunity": one, "stage": "lead", "entered": date(2027, 8, 1)} for one in ("o1", "o2")]
    rows = [deal(), deal(2, created=date(2027, 8, 1))]
    review = pa.review(plan, pa.Actuals(opportunities=rows, stages=entries), as_of=TODAY)
    told = {row["table"]: (row["rule"], row["rows"]) for row in review.set_aside.where(outside=True).to_dicts()}
    assert told["stages"] == ("is dated after 2027-06-30", 2)
    assert not [one for one in review.alerts if one.kind == "set aside"]

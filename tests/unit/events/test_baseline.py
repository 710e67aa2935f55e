"""Where a plan starts from: last year's sales and funnels, with what they rest on."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median
from typing import Any

import pytest

import planalloc as pa
from engines import ENGINES, held_by

START, END = date(2026, 1, 1), date(2026, 12, 31)

PROBLEM = pa.PlanningProblem.simple(
    year=2027, revenue=100, currency="EUR", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno", "chloe"]
).add(
    pa.Rep(id="olga", role="overlay"),
    pa.Account(id="a1", segment="A", last_year=5),
    pa.Account(id="a2", segment="B"),
    pa.Account(id="a3", segment="B"),
)

SALES: list[dict[str, Any]] = [
    {"date": date(2026, 1, 1), "rep": "alice", "segment": "A", "account": "a1", "amount": 100.0},
    {"date": date(2026, 6, 1), "rep": "alice", "segment": "A", "account": "a1", "amount": 50.0},
    {"date": date(2026, 6, 1), "rep": "alice", "segment": "B", "account": "a2", "amount": 25.0},
    {"date": date(2026, 12, 31), "rep": "bruno", "segment": "B", "account": "a2", "amount": 10.0},
    {"date": date(2026, 3, 1), "rep": "zoe", "segment": "B", "account": "a2", "amount": 1000.0},
    {"date": date(2026, 3, 1), "rep": "bruno", "segment": "B", "account": "a9", "amount": 1.0},
    {"date": date(2025, 12, 31), "rep": "bruno", "segment": "B", "account": "a2", "amount": 7.0},
    {"date": date(2027, 1, 1), "rep": "bruno", "segment": "B", "account": "a2", "amount": 7.0},
]


def based(**tables: Any) -> pa.Baseline:
    """Read a baseline of 2026."""
    return pa.baseline(pa.Actuals(**tables), PROBLEM, start=START, end=END)


@pytest.mark.parametrize("engine", ENGINES)
def test_sales_of_the_year_by_rep_account_and_line(engine: str) -> None:
    """Sales count from the first to the last day; an account's are those of all reps, former ones included."""
    found = based(sales=held_by(engine, SALES))
    assert found.by_rep == {"alice": {"A": 150.0, "B": 25.0}, "bruno": {"B": 11.0}}
    assert found.by_account == {"a1": 150.0, "a2": 1035.0, "a3": 0.0}
    assert [(row["rep"], row["segment"], row["amount"]) for row in found.by_line] == [
        ("alice", "A", 150.0),
        ("alice", "B", 25.0),
        ("bruno", "B", 11.0),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_does_not_count_is_told(engine: str) -> None:
    """Unknown reps and accounts are told with their amounts; sales of other years are outside, and no dirt."""
    found = based(sales=held_by(engine, SALES))
    assert sorted((one.rule.split(" 20")[0], one.rows, one.amount, one.outside) for one in found.set_aside) == sorted(
        [
            ("names a rep that nobody defined", 1, 1000.0, False),
            ("names an account that nobody defined", 1, 1.0, False),
            ("is dated before", 1, 7.0, True),
            ("is dated after", 1, 7.0, True),
        ]
    )
    assert found.without_sales == ("chloe",)


def test_a_problem_with_its_history() -> None:
    """Reps and accounts get their last year; a rep without sales keeps what was known, an overlay rep has none."""
    problem = PROBLEM.replace(pa.Rep(id="chloe", last_year={"A": 3}))
    filled = based(sales=SALES).into(problem)
    assert {rep.id: rep.last_year for rep in filled.sales_force.reps} == {
        "alice": {"A": 150.0, "B": 25.0},
        "bruno": {"B": 11.0},
        "chloe": {"A": 3.0},
        "olga": None,
    }
    assert {one.id: one.last_year for one in filled.portfolio.accounts} == {"a1": 150.0, "a2": 1035.0, "a3": 0.0}
    assert filled.playbook == problem.playbook


def test_without_accounts_those_of_the_portfolio_stay_as_they_are() -> None:
    """A table of sales that names no accounts says nothing about them."""
    sales = [{name: value for name, value in row.items() if name != "account"} for row in SALES]
    filled = based(sales=sales).into(PROBLEM)
    assert [one.last_year for one in filled.portfolio.accounts] == [5.0, None, None]


def test_more_credits_than_sales_count_as_nothing_sold() -> None:
    """A rep whose segment is below zero sold nothing there; what is told makes up the difference between the tables."""
    sales = [SALES[0], SALES[2] | {"amount": -40.0, "account": "a1"}, SALES[2] | {"amount": 5.0, "account": "a1"}]
    found = based(sales=sales)
    assert found.by_rep == {"alice": {"A": 100.0}}
    (told,) = found.set_aside
    assert (told.rule, told.rows, told.amount, told.examples) == (
        "is in a segment of a rep that credits bring below zero, which counts as 0",
        2,
        -35.0,
        ("'alice / B'",),
    )
    assert sum(row["amount"] for row in found.by_line) == 100.0 + told.amount
    with pytest.raises(pa.InputError, match="credits bring below zero"):
        pa.baseline(pa.Actuals(sales=sales), PROBLEM, start=START, end=END, on_dirty="refuse")


@pytest.mark.parametrize("amount", [None, "n/a", -5.0, 0.0])
def test_a_rep_without_an_amount_has_no_sale_that_is_known(amount: Any) -> None:
    """Rows without an amount, or nothing but credits, say no more of a rep than no row does."""
    found = based(sales=[SALES[0], SALES[3] | {"amount": amount}])
    assert found.by_rep == {"alice": {"A": 100.0}}
    assert found.without_sales == ("bruno", "chloe")
    assert {rep.id: rep.last_year for rep in found.into(PROBLEM).sales_force.reps}["bruno"] is None


@pytest.mark.parametrize("engine", ENGINES)
def test_a_blank_currency_is_told(engine: str) -> None:
    """A sale without a currency counts as one of the strategy's, which is told, and refused where asked for."""
    rows = [row | {"currency": "EUR"} for row in SALES[:3]] + [SALES[3] | {"currency": None}]
    found = based(sales=held_by(engine, rows))
    assert found.by_rep["bruno"] == {"B": 10.0}
    assert [(one.rule, one.rows, one.amount, one.counted) for one in found.set_aside] == [
        ("has no currency, taken as EUR", 1, 10.0, True)
    ]
    with pytest.raises(pa.InputError, match="has no currency"):
        pa.baseline(pa.Actuals(sales=held_by(engine, rows)), PROBLEM, start=START, end=END, on_dirty="refuse")


def test_products_are_left_out_where_the_problem_has_none() -> None:
    """A column of products voids nothing where none is defined; it is told, and is no dirt."""
    found = pa.baseline(
        pa.Actuals(sales=[row | {"product": "P1"} for row in SALES[:4]]),
        PROBLEM,
        start=START,
        end=END,
        on_dirty="refuse",
    )
    assert found.by_rep == {"alice": {"A": 150.0, "B": 25.0}, "bruno": {"B": 10.0}}
    assert [(one.rule, one.rows, one.examples, one.counted) for one in found.set_aside] == [
        ("names a product where the problem defines none: the column is left out", 4, ("'P1'",), True)
    ]


def test_a_column_that_voids_everything_is_refused_or_left_out() -> None:
    """Products that nobody defined void every sale: the error says so, and how to leave the column out."""
    problem = PROBLEM.add(pa.Product(id="suite"))
    sales = [row | {"product": "P1"} for row in SALES[:4]]
    with pytest.raises(pa.InputError, match="none of the sales counts: each of 4 rows names a product") as told:
        pa.baseline(pa.Actuals(sales=sales), problem, start=START, end=END)
    assert "columns={'sales': {'product': None}}" in str(told.value)
    actuals = pa.Actuals(sales=sales, columns={"sales": {"product": None}})
    assert pa.baseline(actuals, problem, start=START, end=END).by_rep["bruno"] == {"B": 10.0}


def test_orders_that_come_in_lines_are_not_voided_in_silence() -> None:
    """Order numbers as ids of lines take all of them out: the error says what they look like, and what to do."""
    sales = [SALES[i] | {"id": "o1", "rep": "alice"} for i in range(4)]
    with pytest.raises(pa.InputError, match="looks like that of an order, not of its lines"):
        based(sales=sales)
    assert based(sales=sales, columns={"sales": {"id": None}}).by_rep == {"alice": {"A": 150.0, "B": 35.0}}


def test_dirty_sales_are_refused_where_that_is_asked_for() -> None:
    """Unknown reps and accounts are in the error; sales of other years are not."""
    actuals = pa.Actuals(sales=SALES)
    with pytest.raises(pa.InputError, match="2 things to correct"):
        pa.baseline(actuals, PROBLEM, start=START, end=END, on_dirty="refuse")
    clean = pa.Actuals(sales=[*SALES[:4], *SALES[6:]])
    assert pa.baseline(clean, PROBLEM, start=START, end=END, on_dirty="refuse").by_rep["bruno"] == {"B": 10.0}


def test_another_measure_is_refused() -> None:
    """Invoices are no reference for bookings."""
    with pytest.raises(pa.InputError, match="the actuals are invoices"):
        based(sales=SALES, measure="invoices")


@pytest.mark.parametrize("confidence", [0, 1, 1.5])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    """It lies between 0 and 1."""
    with pytest.raises(pa.InputError, match="confidence"):
        pa.baseline(pa.Actuals(), PROBLEM, start=START, end=END, confidence=confidence)


def deals(segment: str, many: int, *, won: int, size: float, days: int = 40) -> list[dict[str, Any]]:
    """Give opportunities created one a day from the first of January, of which the first `won` of ten are won."""
    return [
        {
            "id": f"{segment}{i:03d}",
            "rep": "alice",
            "segment": segment,
            "created": START + timedelta(days=i),
            "closed": START + timedelta(days=i + days + i % 5),
            "won": i % 10 < won,
            "amount": size * (1 + i % 10 / 10),
        }
        for i in range(many)
    ]


def entries(opportunities: list[dict[str, Any]], *, waited: int) -> list[dict[str, Any]]:
    """Let each opportunity be a lead when it is created, and two in three a proposal some days later."""
    rows = []
    for i, one in enumerate(opportunities):
        rows.append({"opportunity": one["id"], "stage": "lead", "entered": one["created"]})
        if i % 10 < 6:
            rows.append(
                {"opportunity": one["id"], "stage": "proposal", "entered": one["created"] + timedelta(days=waited)}
            )
        rows.append({"opportunity": one["id"], "stage": "closed", "entered": one["closed"]})
    return rows


DEALS = deals("A", 100, won=3, size=1000.0) + deals("B", 100, won=3, size=10.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_funnel_by_stage(engine: str) -> None:
    """Six leads in ten become proposals, and three of these six are won; lead times are medians of won deals."""
    tables = {
        "opportunities": held_by(engine, DEALS),
        "stages": held_by(engine, entries(DEALS, waited=10)),
    }
    found = pa.baseline(pa.Actuals(**tables), PROBLEM, start=START, end=END, stages=["lead", "proposal"])
    won = [one for one in DEALS[:100] if one["won"]]
    cycle = median((one["closed"] - one["created"]).days for one in won)
    for funnel, size in zip(found.funnels, (1000.0, 10.0), strict=True):
        assert [(stage.id, round(stage.conversion, 9)) for stage in funnel.stages] == [("lead", 0.6), ("proposal", 0.5)]
        assert [stage.days_before_booking for stage in funnel.stages] == [cycle, cycle - 10]
        assert funnel.deal_size == pytest.approx(1.1 * size, rel=1e-9)
    assert [(one.rule, one.rows, one.examples) for one in found.set_aside] == [
        ("names a stage that is none of the sale's", 200, ("'closed'",))
    ]


def test_each_number_of_a_funnel_has_its_counts_and_its_interval() -> None:
    """Deal size, conversions and cycle of each segment, each between its ends."""
    found = pa.baseline(
        pa.Actuals(opportunities=DEALS, stages=entries(DEALS, waited=10)),
        PROBLEM,
        start=START,
        end=END,
        stages=["lead", "proposal"],
    )
    counts = [
        (row["what"], row["stage"], row["count"], row["successes"]) for row in found.rows if row["segment"] == "A"
    ]
    assert counts == [
        ("deal size", None, 30, None),
        ("conversion", "lead", 100, 60),
        ("conversion", "proposal", 60, 30),
        ("cycle in days", None, 100, None),
    ]
    for row in found.rows:
        assert row["low"] <= row["value"] <= row["high"]


def test_the_stages_of_the_playbook_keep_their_activities() -> None:
    """History brings conversions and lead times; what is done at a stage stays as the playbook has it."""
    stages = [
        pa.Stage(id="lead", conversion=0.9, days_before_booking=5, name="Lead", activities={"call": 2}),
        pa.Stage(id="proposal", conversion=0.9),
    ]
    playbook = pa.Playbook(
        activities=[pa.Activity(id="call", hours=1)], funnels=[pa.Funnel(deal_size=7, stages=stages)]
    )
    problem = PROBLEM.but(playbook=playbook)
    actuals = pa.Actuals(opportunities=DEALS, stages=entries(DEALS, waited=10))
    filled = pa.baseline(actuals, problem, start=START, end=END).into(problem)
    general, *own = filled.playbook.funnels
    assert general == playbook.funnels[0]
    assert [funnel.segment for funnel in own] == ["A", "B"]
    lead = own[0].stages[0]
    assert (lead.name, dict(lead.activities), round(lead.conversion, 9)) == ("Lead", {"call": 2.0}, 0.6)


def test_without_stages_the_conversions_of_the_playbook_stay() -> None:
    """Where history does not tell stages apart, it brings the deal size alone."""
    funnel = pa.Funnel(
        segment="A", deal_size=7, stages=[pa.Stage(id="lead", conversion=0.4), pa.Stage(id="offer", conversion=0.3)]
    )
    problem = PROBLEM.but(playbook=pa.Playbook(funnels=[funnel]))
    filled = pa.baseline(pa.Actuals(opportunities=DEALS), problem, start=START, end=END).into(problem)
    a, b = filled.playbook.funnels
    assert (a.stages, round(a.deal_size, 6)) == (funnel.stages, 1100.0)
    assert [(stage.id, round(stage.conversion, 9)) for stage in b.stages] == [("opportunity", 0.3)]


def test_only_cohorts_old_enough_count() -> None:
    """Deals of December that are lost already say nothing while those that take longer are open."""
    young = [
        one | {"id": f"young {i}", "created": date(2026, 12, 20), "closed": date(2026, 12, 21), "won": False}
        for i, one in enumerate(DEALS[:50])
    ]
    found = based(opportunities=[*DEALS, *young])
    assert {row["value"] for row in found.rows if row["what"] == "conversion"} == {0.3}
    assert [(one.rule.split(",")[0], one.rows, one.outside) for one in found.set_aside] == [
        ("is younger than 44 days", 50, True)
    ]


def test_few_deals_take_the_lead_time_of_all() -> None:
    """Three wins after 100 days are no lead time of their own; eleven are."""
    common = deals("A", 100, won=5, size=10.0)
    for many, own in ((6, False), (22, True)):
        slow = deals("B", many, won=5, size=10.0, days=100)
        leads = [funnel.stages[0].days_before_booking for funnel in based(opportunities=common + slow).funnels]
        assert (leads[1] > 95) is own
        assert leads[0] < 45


def test_a_segment_without_opportunities_has_the_funnel_of_all() -> None:
    """Nothing known of B: it gets the rate, the size and the lead time of A, with all the weight on them."""
    found = based(opportunities=DEALS[:100])
    a, b = found.funnels
    assert a.but(segment="B") == b
    weights = {row["what"]: row["shrinkage"] for row in found.rows if row["segment"] == "B"}
    assert weights == {"deal size": 1.0, "conversion": 1.0, "cycle in days": None}


def test_stages_without_an_order_are_refused() -> None:
    """Nobody said which stage comes first, and the names are told."""
    with pytest.raises(pa.InputError, match="closed, lead, proposal"):
        based(opportunities=DEALS, stages=entries(DEALS, waited=10))


def test_a_stage_that_nobody_reached_is_refused() -> None:
    """Where all that are old enough were lost as leads, the conversion of the stage after it is not known."""
    lost = [one | {"won": False} for one in DEALS]
    young = DEALS[0] | {"id": "young", "created": date(2026, 12, 20), "closed": date(2026, 12, 21)}
    actuals = pa.Actuals(opportunities=[*lost, young], stages=entries(DEALS, waited=10))
    with pytest.raises(pa.InputError, match="no opportunity that is old enough reached 'pilot'"):
        pa.baseline(actuals, PROBLEM, start=START, end=END, stages=["lead", "pilot"])


def test_a_skipped_stage_is_passed() -> None:
    """Who is won was a proposal, though nobody noted it."""
    noted = [{"opportunity": one["id"], "stage": "lead", "entered": one["created"]} for one in DEALS]
    found = pa.baseline(
        pa.Actuals(opportunities=DEALS, stages=noted), PROBLEM, start=START, end=END, stages=["lead", "proposal"]
    )
    rows = [row for row in found.rows if row["segment"] == "A" and row["what"] == "conversion"]
    assert [(row["count"], row["successes"]) for row in rows] == [(100, 30), (30, 30)]


@pytest.mark.parametrize(
    "written", [(True, False), ("Won", "Lost"), ("true", "FALSE"), (1, 0), (1.0, 0.0), ("yes", "no")]
)
def test_won_is_written_in_many_ways(written: tuple[Any, Any]) -> None:
    """Yes, true, 1 and won; no, false, 0 and lost."""
    found = based(opportunities=[one | {"won": written[not one["won"]]} for one in DEALS])
    assert {row["successes"] for row in found.rows if row["what"] == "conversion"} == {30}


def test_what_is_neither_won_nor_lost_is_told() -> None:
    """A word that says neither sets a closed opportunity aside."""
    found = based(opportunities=[DEALS[0] | {"won": "perhaps"}, *DEALS[1:]])
    assert [(one.rule, one.rows, one.examples) for one in found.set_aside] == [
        ("is closed, and its won is neither true nor false", 1, ("perhaps",))
    ]


@pytest.mark.parametrize("amount", [None, -5.0, 0.0, "n/a"])
def test_a_win_without_an_amount_is_told(amount: Any) -> None:
    """It is a win, and no part of the deal size."""
    opportunities = [DEALS[0] | {"amount": amount}, *DEALS[1:]]
    found = based(opportunities=opportunities)
    assert [(one.rule, one.rows, one.examples, one.counted) for one in found.set_aside] == [
        ("is won without an amount above 0: a win, but no part of the deal size", 1, ("'A000'",), True)
    ]
    counts = {row["what"]: (row["count"], row["successes"]) for row in found.rows if row["segment"] == "A"}
    assert counts["deal size"][0] == 29
    assert counts["conversion"] == (100, 30)
    with pytest.raises(pa.InputError, match="won without an amount"):
        pa.baseline(pa.Actuals(opportunities=opportunities), PROBLEM, start=START, end=END, on_dirty="refuse")


def test_a_win_without_a_date_of_closing_is_told() -> None:
    """Nobody knows when it was won: it is set aside, not taken as open; one closed after the last day is open."""
    undated, later = DEALS[0] | {"closed": None}, DEALS[1] | {"closed": date(2027, 1, 5)}
    found = based(opportunities=[undated, later, *DEALS[2:]])
    assert [(one.rule, one.rows, one.amount, one.examples, one.counted) for one in found.set_aside] == [
        ("is won, and has no date of closing", 1, 1000.0, ("'A000'",), False)
    ]
    (row,) = [row for row in found.rows if row["segment"] == "A" and row["what"] == "conversion"]
    assert (row["count"], row["successes"], row["still_open"]) == (99, 28, 1)


def test_a_blank_currency_of_an_opportunity_is_told() -> None:
    """An opportunity without a currency counts, and is told; one created before the history is not told twice."""
    opportunities: list[dict[str, Any]] = [row | {"currency": "EUR"} for row in DEALS]
    opportunities[0]["currency"] = None
    before = opportunities[1] | {"id": "old", "created": date(2025, 1, 1), "currency": None}
    assert [(one.rule, one.rows) for one in based(opportunities=[*opportunities, before]).set_aside] == [
        ("is created before the history begins", 1),
        ("has no currency, taken as EUR", 1),
    ]


def test_a_stage_in_another_case_is_told_with_the_right_one() -> None:
    """Stages are told apart by case, and what was meant is told."""
    stages = [one | {"stage": "Lead" if one["stage"] == "lead" else one["stage"]} for one in entries(DEALS, waited=10)]
    actuals = pa.Actuals(opportunities=DEALS, stages=stages)
    found = pa.baseline(actuals, PROBLEM, start=START, end=END, stages=["lead", "proposal"])
    assert [(one.rule, one.rows, one.examples) for one in found.set_aside] == [
        ("names a stage that is none of the sale's; did you mean 'lead'?", 200, ("'Lead'",)),
        ("names a stage that is none of the sale's", 200, ("'closed'",)),
    ]


@pytest.mark.parametrize(
    "opportunities",
    [
        [],
        [one | {"won": False} for one in DEALS],
        [one | {"closed": None, "won": None} for one in DEALS],
        [one | {"amount": None} for one in DEALS],
    ],
)
def test_without_a_win_there_is_no_funnel(opportunities: list[dict[str, Any]]) -> None:
    """Nothing won, nothing closed, no amount: no funnel, and the problem's own stay."""
    found = based(opportunities=opportunities)
    assert (found.funnels, found.rows) == ((), ())
    assert found.into(PROBLEM).playbook == PROBLEM.playbook

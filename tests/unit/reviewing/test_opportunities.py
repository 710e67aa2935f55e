"""What is open and what became of it: chances, stages, quality, pipeline, conversion, and the forecast."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

import planalloc as pa

TODAY = date(2027, 6, 30)


@pytest.fixture
def plan() -> pa.Plan:
    """Return two reps who sell deals of 10: half of the leads become offers, and half of the offers deals."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=2400, currency="EUR", shares={"A": 1.0}, reps=["alice", "bruno"]
    ).replace(pa.Policy(default_phasing="equal"))
    stages = [
        pa.Stage(id="lead", conversion=0.5, days_before_booking=40),
        pa.Stage(id="offer", conversion=0.5, days_before_booking=10),
    ]
    method = pa.Method(
        stage="offer", facts=[pa.Fact(id="budget", question="How much?"), pa.Fact(id="who", question="Who?")]
    )
    return pa.allocate(problem.add(pa.Funnel(deal_size=10, stages=stages), method))


def chance(number: int, *, created: date = date(2027, 6, 1), **more: Any) -> dict[str, Any]:
    """Return an open lead of alice of 100, unless said otherwise."""
    row = {"id": f"o{number}", "rep": "alice", "segment": "A", "amount": 100, "stage": "lead", "created": created}
    return {**row, "closed": None, "won": None, "expected_close": None, **more}


def closed(number: int, *, won: bool, after: int = 40, **more: Any) -> dict[str, Any]:
    """Return an opportunity of January that closed so many days later."""
    created = date(2027, 1, 4)
    return chance(number, created=created, closed=created + timedelta(days=after), won=won, **more)


def reviewed(plan: pa.Plan, rows: list[dict[str, Any]], *, as_of: date = TODAY, **tables: Any) -> pa.Review:
    """Review opportunities."""
    return pa.review(plan, pa.Actuals(opportunities=rows, **tables), as_of=as_of)


def test_a_stage_has_the_chance_of_all_that_is_still_to_pass(plan: pa.Plan) -> None:
    """Half of the leads pass two stages of one half: a quarter; an offer has one half."""
    found = reviewed(plan, [chance(1), chance(2, stage="offer")]).opportunities
    assert found["chance"].tolist() == [0.25, 0.5]
    assert found["weighted"].tolist() == [25, 50]


def test_what_cannot_close_in_time_weighs_nothing(plan: pa.Plan) -> None:
    """A lead of December takes forty days more, and nobody has ever been faster."""
    found = reviewed(plan, [chance(1, created=date(2027, 12, 1))], as_of=date(2027, 12, 10)).opportunities
    assert (found["chance"].tolist(), found["chance_in_time"].tolist()) == ([0.25], [0.0])


def test_what_is_older_than_any_that_was_won_is_hardly_alive(plan: pa.Plan) -> None:
    """Of forty like it, ten were won within forty days and twenty are open still, half a year old."""
    rows = [closed(i, won=i < 10) for i in range(20)]
    rows += [chance(i, created=date(2027, 1, 4)) for i in range(20, 40)] + [chance(99)]
    found = {row["opportunity"]: row["chance"] for row in reviewed(plan, rows).opportunities.to_dicts()}
    assert found["o20"] < found["o99"] / 2


def test_an_open_one_without_an_amount_counts_as_a_usual_deal_and_says_so(plan: pa.Plan) -> None:
    """The plan's deals are of 10."""
    review = reviewed(plan, [chance(1, amount=None)])
    assert (review.opportunities["value"].tolist(), review.opportunities["value_assumed"].tolist()) == ([10], [True])
    assert review.pipeline.total("without_amount") == 1


def test_what_should_have_closed_has_slipped(plan: pa.Plan) -> None:
    """Expected yesterday, and open: slipped; expected today: not yet."""
    rows = [chance(1, expected_close=TODAY - timedelta(days=1)), chance(2, expected_close=TODAY)]
    review = reviewed(plan, rows)
    assert review.opportunities["slipped"].tolist() == [True, False]
    assert review.pipeline.total("slipped_value") == 100


def test_stuck_is_longer_at_a_stage_than_nine_tenths(plan: pa.Plan) -> None:
    """Twenty left the stage after one to twenty days; one is there since twenty-nine, one since two."""
    rows = [closed(i, won=True) for i in range(20)]
    rows += [chance(20), chance(21)]
    start = date(2027, 1, 4)
    stages = [{"opportunity": f"o{i}", "stage": "lead", "entered": start} for i in range(20)]
    stages += [{"opportunity": f"o{i}", "stage": "offer", "entered": start + timedelta(days=i + 1)} for i in range(20)]
    stages += [
        {"opportunity": "o20", "stage": "lead", "entered": date(2027, 6, 1)},
        {"opportunity": "o21", "stage": "lead", "entered": date(2027, 6, 28)},
    ]
    found = reviewed(plan, rows, stages=stages).opportunities
    assert found["days_in_stage"].tolist() == [29, 2]
    assert found["stuck"].tolist() == [True, False]
    assert 17 <= found["usual_days"].tolist()[0] <= 20


def test_quality_is_the_mean_of_the_parts_that_are_known(plan: pa.Plan) -> None:
    """One of two facts is one half; twenty days at a stage of ten planned is one half."""
    stages = [{"opportunity": "o1", "stage": "offer", "entered": TODAY - timedelta(days=20)}]
    rows = [chance(1, stage="offer", facts=1, account="inn")]
    contacts = [{"date": TODAY, "rep": "alice", "segment": "A", "activity": "call", "account": "inn"}]
    problem = plan.problem.add(pa.Activity(id="call", hours=0.1))
    review = reviewed(pa.allocate(problem), rows, stages=stages, activities=contacts)
    (row,) = review.opportunities.to_dicts()
    parts = [row[f"quality_{name}"] for name in ("facts", "stage_age", "activity", "fit")]
    assert parts == [0.5, 0.5, 1.0, None]
    assert row["quality"] == pytest.approx(2 / 3)


def test_the_pipeline_says_what_is_still_to_be_created(plan: pa.Plan) -> None:
    """1,200 to win, 25 in the pipeline, a quarter of what is created is won: 4,700 must be."""
    (row,) = [r for r in reviewed(plan, [chance(1)]).pipeline.to_dicts() if r["rep"] == "alice"]
    assert (row["still_to_win"], row["win_rate"], row["to_create"]) == (1200, 0.25, 4700)
    assert (row["coverage"], row["days_to_create"]) == (pytest.approx(100 / 1200), 184 - 40)


def test_only_cohorts_old_enough_are_counted(plan: pa.Plan) -> None:
    """Deals close within forty days; what was created last week says nothing yet."""
    rows = [closed(i, won=i < 5) for i in range(20)] + [
        chance(20 + i, created=TODAY - timedelta(days=7), closed=TODAY, won=True) for i in range(3)
    ]
    (row,) = reviewed(plan, rows).conversion.to_dicts()
    assert (row["trials"], row["won"], row["too_young"]) == (20, 5, 3)


def test_steps_are_counted_where_there_is_history(plan: pa.Plan) -> None:
    """Ten leads, four offers of which one skipped none, two deals."""
    rows = [closed(i, won=i < 2) for i in range(10)]
    stages = [{"opportunity": f"o{i}", "stage": "lead", "entered": date(2027, 1, 4)} for i in range(10)]
    stages += [{"opportunity": f"o{i}", "stage": "offer", "entered": date(2027, 1, 20)} for i in range(4)]
    found = {
        row["step"]: (row["trials"], row["won"]) for row in reviewed(plan, rows, stages=stages).conversion.to_dicts()
    }
    assert found == {"won": (10, 2), "lead": (10, 4), "offer": (4, 2)}


def test_history_of_the_future_and_of_nothing_is_set_aside(plan: pa.Plan) -> None:
    """Each with its reason."""
    stages = [
        {"opportunity": "o1", "stage": "lead", "entered": TODAY + timedelta(days=1)},
        {"opportunity": "o7", "stage": "lead", "entered": TODAY},
        {"opportunity": "o1", "stage": "dinner", "entered": TODAY},
    ]
    told = reviewed(plan, [chance(1)], stages=stages).set_aside
    assert sorted(told["rule"].tolist()) == [
        "is dated after 2027-06-30",
        "is of no opportunity that counts",
        "names a stage that the funnel of its line does not have",
    ]


def test_a_stage_of_later_is_not_known_on_the_day(plan: pa.Plan) -> None:
    """Exported in August as an offer, it was a lead on 30 June: its history says so. One that never moved stays."""
    stages = [
        {"opportunity": "o1", "stage": "lead", "entered": date(2027, 6, 1)},
        {"opportunity": "o1", "stage": "offer", "entered": TODAY + timedelta(days=9)},
        {"opportunity": "o2", "stage": "lead", "entered": date(2027, 6, 1)},
    ]
    found = reviewed(plan, [chance(1, stage="offer"), chance(2, stage="offer")], stages=stages).opportunities
    at = dict(
        zip(
            found["opportunity"].tolist(),
            zip(found["stage"].tolist(), found["chance"].tolist(), strict=True),
            strict=True,
        )
    )
    assert at == {"o1": ("lead", 0.25), "o2": ("offer", 0.5)}


def test_deals_are_won_over_closed_with_size_and_cycle(plan: pa.Plan) -> None:
    """Three of four won in 40 days, of 100 each."""
    found = reviewed(plan, [closed(i, won=i < 3) for i in range(4)]).deals
    assert [found.total(one) for one in ("win_rate", "deal_size", "cycle_days")] == [0.75, 100, 40]


def test_a_win_without_an_amount_is_no_deal_of_nothing(plan: pa.Plan) -> None:
    """Two wins of 100 and one of which nothing is known: deals are of 100."""
    found = reviewed(plan, [closed(i, won=True) for i in range(2)] + [closed(2, won=True) | {"amount": None}]).deals
    assert [found.total(one) for one in ("won", "with_amount", "deal_size")] == [3, 2, 100]


def test_the_forecast_adds_up_and_knows_what_is_certain(plan: pa.Plan) -> None:
    """On the last day, what is closed is the year: no interval is left, and the chance is one or nothing."""
    sales = [{"date": TODAY, "rep": "alice", "segment": "A", "amount": 1300}]
    found = pa.review(plan, pa.Actuals(sales=sales), as_of=date(2027, 12, 31)).forecast
    rows = {row["rep"]: row for row in found.where(scope="rep").to_dicts()}
    assert [rows["alice"][one] for one in ("expected", "low", "high", "chance")] == [1300, 1300, 1300, 1]
    assert rows["bruno"]["chance"] == 0
    parts = np.stack([found[one] for one in ("closed", "pipeline", "run_rate")]).sum(axis=0)
    assert parts.tolist() == found["expected"].tolist()


def test_a_deal_of_the_rest_of_the_year_is_in_the_pipeline_or_new(plan: pa.Plan) -> None:
    """With forty days from lead to booking, July's deals and a part of August's are in the pipeline by now."""
    sales = [{"date": date(2027, 6, 1), "rep": rep, "segment": "A", "amount": 10} for rep in ("alice", "bruno")] * 60
    alone = pa.review(plan, pa.Actuals(sales=sales), as_of=TODAY).forecast.where(scope="company")
    beside = pa.review(plan, pa.Actuals(sales=sales, opportunities=[chance(1)]), as_of=TODAY).forecast.where(
        scope="company"
    )
    assert alone["run_rate"].tolist() == [pytest.approx(1200, rel=0.01)]
    assert beside["run_rate"].tolist()[0] == pytest.approx(1200 * (1 - 40 / 184), rel=0.03)


def test_the_future_of_an_opportunity_is_not_known(plan: pa.Plan) -> None:
    """What closes after the day is open on it, and what is created after it is set aside."""
    rows = [chance(1, closed=TODAY + timedelta(days=3), won=True), chance(2, created=TODAY + timedelta(days=1))]
    review = reviewed(plan, rows)
    assert review.opportunities["opportunity"].tolist() == ["o1"]
    assert review.set_aside["rule"].tolist() == ["is created after 2027-06-30"]

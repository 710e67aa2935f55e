"""What open opportunities are worth, held against what becomes of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

import planalloc as pa

TODAY = date(2027, 6, 30)
REPS = ["alice", "bruno", "chloe", "dora", "emil", "fanny"]


@pytest.fixture(scope="module")
def plan() -> pa.Plan:
    """Return six reps who sell deals of 10: half of the leads become offers, and two fifths of the offers deals."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=6 * 2000, currency="EUR", shares={"A": 1.0}, reps=REPS
    ).replace(pa.Policy(default_phasing="equal"))
    stages = [
        pa.Stage(id="lead", conversion=0.5, days_before_booking=60),
        pa.Stage(id="offer", conversion=0.4, days_before_booking=20),
    ]
    return pa.allocate(problem.add(pa.Funnel(deal_size=10, stages=stages)))


def half_year(seed: int, *, weak: str = "") -> tuple[dict[str, Any], dict[str, bool]]:
    """Make up ten months of opportunities of which the stages follow the plan, and what became of each."""
    draw = np.random.default_rng(seed)
    deals: list[dict[str, Any]] = []
    stages: list[dict[str, Any]] = []
    won_at_last = {}
    for i, rep in enumerate(np.repeat(REPS, 400).tolist()):
        created = TODAY - timedelta(days=int(draw.integers(300)))
        offered = created + timedelta(days=max(5, round(draw.normal(40, 8))))
        goes = bool(draw.random() < 0.5)
        won = goes and bool(draw.random() < (0.2 if rep == weak else 0.4))
        over = offered + timedelta(days=max(3, round(draw.normal(20, 5)))) if goes else offered
        stage, is_open = "offer" if goes and offered <= TODAY else "lead", over > TODAY
        deals.append(
            {"id": f"o{i}", "rep": rep, "segment": "A", "amount": 10.0, "stage": stage, "created": created}
            | {"closed": None if is_open else over, "won": None if is_open else won}
        )
        stages.append({"opportunity": f"o{i}", "stage": "lead", "entered": created})
        if stage == "offer":
            stages.append({"opportunity": f"o{i}", "stage": "offer", "entered": offered})
        won_at_last[f"o{i}"] = won
    tables = {"opportunities": pl.DataFrame(deals, infer_schema_length=None), "stages": pl.DataFrame(stages)}
    return tables, won_at_last


@pytest.mark.parametrize("with_history", [True, False])
def test_chances_are_what_becomes_of_it_at_each_stage(plan: pa.Plan, *, with_history: bool) -> None:
    """An offer is not the likelier won for being old: two fifths of offers, a fifth of leads."""
    tables, _ = half_year(1)
    given = tables if with_history else {"opportunities": tables["opportunities"]}
    found = pa.review(plan, pa.Actuals(**given), as_of=TODAY).opportunities
    for stage, share in (("lead", 0.2), ("offer", 0.4)):
        assert np.mean(found.where(stage=stage)["chance"]) == pytest.approx(share, abs=0.04)


def test_the_chance_at_a_late_stage_does_not_grow_with_age(plan: pa.Plan) -> None:
    """The older half of the offers has the chance of the younger half, within three points."""
    found = pa.review(plan, pa.Actuals(**half_year(2)[0]), as_of=TODAY).opportunities.where(stage="offer")
    old = found["age_days"] > np.median(found["age_days"])
    assert np.mean(found["chance"][old]) == pytest.approx(np.mean(found["chance"][~old]), abs=0.03)


def test_what_is_won_in_the_end_adds_up_to_the_chances(plan: pa.Plan) -> None:
    """Over four made-up years, within an eighth of the deals."""
    said = came = 0.0
    for seed in range(4):
        tables, won = half_year(10 + seed)
        found = pa.review(plan, pa.Actuals(**tables), as_of=TODAY).opportunities
        said += float(np.sum(found["chance"]))
        came += sum(won[one] for one in found["opportunity"].tolist())
    assert said == pytest.approx(came, rel=0.125)


def test_a_rep_who_wins_half_as_often_is_given_the_own_rate(plan: pa.Plan) -> None:
    """Of 400 opportunities a tenth is won and not a fifth: the shrunk rate is near the own one, and more to create."""
    review = pa.review(plan, pa.Actuals(**half_year(3, weak="chloe")[0]), as_of=TODAY)
    found = {row["rep"]: row for row in review.pipeline.to_dicts()}
    assert found["chloe"]["win_rate"] < 0.15
    assert found["bruno"]["win_rate"] > 0.17
    assert found["chloe"]["to_create"] > 1.3 * found["bruno"]["to_create"]
    offers = review.opportunities.where(stage="offer")
    mean = {rep: np.mean(offers.where(rep=rep)["chance"]) for rep in ("chloe", "bruno")}
    assert mean["chloe"] < 0.3
    assert mean["bruno"] > 0.35


def test_reps_who_are_alike_share_a_rate(plan: pa.Plan) -> None:
    """Nothing but chance tells them apart, and the rates are within a few points."""
    rates = pa.review(plan, pa.Actuals(**half_year(4)[0]), as_of=TODAY).pipeline["win_rate"]
    assert np.ptp(rates) < 0.05

"""No alert from noise, and what is real is found: whole reviews of made-up years."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

import planalloc as pa
from planalloc.numerics.discoveries import discoveries
from planalloc.reviewing.colleagues import compared_to_colleagues

TODAY = date(2027, 9, 30)
SHARES = {"A": 0.5, "B": 0.3, "C": 0.2}
HITS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])
"""Of 45 at bats: Efron and Morris (1975), J. Am. Statist. Assoc. 70, 311-319, table 1."""


def year_plan(many: int) -> pa.Plan:
    """Plan a company of reps who are alike, with activities at two stages."""
    reps = [f"rep{i:02d}" for i in range(many)]
    problem = pa.PlanningProblem.simple(year=2027, revenue=many * 1_000_000, currency="EUR", shares=SHARES, reps=reps)
    stages = [
        pa.Stage(id="lead", conversion=0.5, days_before_booking=60, activities={"call": 4}),
        pa.Stage(id="offer", conversion=0.6, days_before_booking=20, activities={"visit": 2}),
    ]
    activities = [pa.Activity(id="call", hours=0.3), pa.Activity(id="visit", hours=1.5)]
    return pa.allocate(problem.add(*activities, pa.Funnel(deal_size=20_000, stages=stages)))


def year_of(plan: pa.Plan, rng: np.random.Generator, *, weak: float = 1.0, drifts: bool = False) -> pa.Actuals:
    """Make up a year as planned, in which the first rep may win less often, or leave the first segment alone."""
    reps, segments = np.array([one.id for one in plan.problem.sales_force.reps]), np.array(list(SHARES))
    first, days = np.datetime64("2027-01-01"), np.flatnonzero(plan.problem.calendar.worked_days()[:273])
    many = len(reps)
    who, what = np.repeat(np.arange(many), 270), rng.choice(3, many * 270, p=list(SHARES.values()))
    created = first + rng.integers(-120, 270, many * 270)
    closes = created + 1 + rng.gamma(4, 15, many * 270).astype(int)
    won = rng.random(many * 270) < np.array([0.4, 0.35, 0.45])[what] * np.where(who == 0, weak, 1.0)
    known = closes <= np.datetime64(TODAY)
    opportunities = {
        "id": [f"o{i}" for i in range(len(who))],
        "rep": reps[who],
        "segment": segments[what],
        "created": created,
        "closed": np.where(known, closes, np.datetime64("NaT")),
        "won": [bool(one) if there else None for one, there in zip(won, known, strict=True)],
    }
    seller = np.repeat(np.arange(many), 40)
    sold = rng.choice(3, len(seller), p=list(SHARES.values()))
    sold = np.where(drifts & (seller == 0) & (sold == 0), 1, sold)
    sales = {
        "id": [f"s{i}" for i in range(len(seller))],
        "rep": reps[seller],
        "segment": segments[sold],
        "date": first + rng.choice(days, len(seller)),
        "amount": rng.gamma(2, 10_000, len(seller)).round(2),
    }
    return pa.Actuals(sales=pl.DataFrame(sales), opportunities=pl.DataFrame(opportunities), activities=done(plan, rng))


def done(plan: pa.Plan, rng: np.random.Generator) -> pl.DataFrame:
    """Make up 150 activities a rep, drawn from those of the plan's first nine months."""
    rows = [
        one
        for one in plan.activities.by("rep", "segment", "activity", "period").to_dicts()
        if one["period"] < "2027-10"
    ]
    weights = np.array([one["count"] for one in rows], dtype=float)
    at = rng.choice(len(rows), 150 * len(plan.problem.sales_force.reps), p=weights / weights.sum())
    picked = [rows[i] for i in at.tolist()]
    return pl.DataFrame(
        {
            "date": [date.fromisoformat(f"{one['period']}-15") for one in picked],
            **{name: [one[name] for one in picked] for name in ("rep", "segment", "activity")},
        }
    )


def alarmed(review: pa.Review) -> bool:
    """Return whether anything is found to differ or to drift."""
    found = (review.comparisons["differs"], review.drift["drifts"], review.watch["alarm"])
    return any(bool(one.any()) for one in found)


def false_alarms(reviews: int, *, rate: float) -> int:
    """Count the reviews with any alarm, of years in which all reps are alike."""
    plan, rng = year_plan(8), np.random.default_rng(5)
    return sum(alarmed(pa.review(plan, year_of(plan, rng), as_of=TODAY, rate=rate)) for _ in range(reviews))


def most_by_chance(reviews: int, rate: float) -> float:
    """Return the stated share of the reviews and three standard errors."""
    return reviews * rate + 3 * float(np.sqrt(reviews * rate * (1 - rate)))


def test_reps_who_are_alike_raise_no_alarm_beyond_the_stated_rate() -> None:
    """Of twenty reviews at 20 %, at most nine may have any alarm, of conversion, mix or watch."""
    assert false_alarms(20, rate=0.2) <= most_by_chance(20, 0.2)


@pytest.mark.long
@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_reps_who_are_alike_raise_no_alarm_beyond_the_stated_rate_over_many_reviews(rate: float) -> None:
    """Four hundred reviews."""
    assert false_alarms(400, rate=rate) <= most_by_chance(400, rate)


@pytest.mark.parametrize("reviews", [20, pytest.param(200, marks=pytest.mark.long)])
def test_a_rep_at_half_the_rate_is_found(reviews: int) -> None:
    """One of twenty wins half as often over some 200 old enough opportunities: found in 95 % of the reviews."""
    plan, rng, found, least = year_plan(20), np.random.default_rng(6), 0, []
    for _ in range(reviews):
        review = pa.review(plan, year_of(plan, rng, weak=0.5), as_of=TODAY)
        (row,) = review.comparisons.where(rep="rep00").to_dicts()
        found += row["differs"] and row["rate"] < row["rate_of_all"]
        least.append(row["trials"])
    assert np.mean(least) <= 205
    assert found >= 0.95 * reviews


def test_a_rep_who_leaves_a_segment_alone_is_seen_to_drift() -> None:
    """Half of the money should come from A, and none of forty deals does: the test and the watch say so."""
    plan = year_plan(8)
    review = pa.review(plan, year_of(plan, np.random.default_rng(7), drifts=True), as_of=TODAY)
    assert set(review.drift.where(drifts=True)["rep"].tolist()) == {"rep00"}
    assert set(review.watch.where(alarm=True)["rep"].tolist()) == {"rep00"}
    by_month = review.watch.where(rep="rep00", kind="revenue", alarm=True)["period"].tolist()
    assert by_month[0] < "2027-09"


@pytest.mark.parametrize("rate", [0.05, 0.1])
def test_batting_averages_are_no_news(rate: float) -> None:
    """A two-sigma rule would flag the best of Efron and Morris' eighteen, who were to bat no better than others."""
    trials = np.full((18, 1), 45)
    found = compared_to_colleagues(HITS[:, None], trials)
    assert not discoveries(found.p_values, rate=rate, least=found.least).found.any()
    mean = HITS.sum() / trials.sum()
    assert (HITS[0] - 45 * mean) / np.sqrt(45 * mean * (1 - mean)) > 1.9


def test_four_of_fifteen_are_discoveries() -> None:
    """Benjamini and Hochberg (1995), J. R. Statist. Soc. B 57, 289-300, section 4: thrombolysis."""
    tail = [0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    found = discoveries(np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, *tail]), rate=0.05)
    assert found.found.tolist() == [True] * 4 + [False] * 11


def test_reps_who_all_differ_a_little_are_no_news() -> None:
    """What twenty reps vary by among themselves is allowed for: without that, several would be flagged."""
    rng, flagged = np.random.default_rng(8), 0
    for _ in range(50):
        trials = np.full((20, 1), 400)
        found = compared_to_colleagues(rng.binomial(trials, rng.beta(40, 60, (20, 1))), trials)
        flagged += bool(discoveries(found.p_values, rate=0.05, least=found.least).found.any())
    assert flagged <= most_by_chance(50, 0.05) + 2


def test_calls_that_come_four_at_a_time_raise_no_alert_of_their_own() -> None:
    """A lead asks for four calls at once: leads vary by chance, and calls with them four times as much."""
    plan = year_plan(6)
    rows = [row for row in plan.activities.to_dicts() if row["period"] <= "2027-06"]
    at_once = {"call": 4, "visit": 2}
    named = 0
    for seed in range(12):
        draw = np.random.default_rng(seed)
        done = [
            {"date": f"{row['period']}-15", "rep": row["rep"], "segment": row["segment"], "activity": row["activity"]}
            for row in rows
            for _ in range(draw.poisson(row["count"] / at_once[row["activity"]]) * at_once[row["activity"]])
        ]
        found = pa.review(plan, pa.Actuals(activities=done), as_of=date(2027, 6, 30))
        named += any(alert.kind in {"execution behind", "effort drift"} for alert in found.alerts)
    assert named <= 2

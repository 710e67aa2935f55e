"""The forecast of the year's end, held against how made-up years end."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest

import planalloc as pa

TODAY, START = date(2027, 6, 30), np.datetime64("2027-01-01")
SEGMENTS = ("A", "B")


@cache
def year_plan(many: int) -> pa.Plan:
    """Return reps with fifty deals of 10,000 a year in each of two segments, of which each is one of five leads."""
    reps = [f"rep{i:02d}" for i in range(many)]
    stages = [
        pa.Stage(id="lead", conversion=0.5, days_before_booking=60),
        pa.Stage(id="offer", conversion=0.4, days_before_booking=20),
    ]
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=many * 1_000_000, currency="EUR", shares=dict.fromkeys(SEGMENTS, 0.5), reps=reps
    )
    funnel = pa.Funnel(deal_size=10_000, stages=stages)
    return pa.allocate(problem.replace(pa.Policy(default_phasing="equal")).add(funnel))


def year_of(plan: pa.Plan, rng: np.random.Generator, *, weak: float) -> tuple[pa.Actuals, np.ndarray]:
    """Make up a year of leads, of which the first rep wins so many times what the others do; return what all sold."""
    reps = np.array([one.id for one in plan.problem.sales_force.reps])
    who = np.repeat(np.arange(len(reps)), rng.poisson(500 * 565 / 365, len(reps)))
    many = len(who)
    created = rng.integers(-200, 365, many)
    offered = created + np.maximum(5, rng.normal(40, 8, many)).astype(int)
    goes = rng.random(many) < 0.5
    won = goes & (rng.random(many) < np.where(who == 0, 0.4 * weak, 0.4))
    over = np.where(goes, offered + np.maximum(3, rng.normal(20, 5, many)).astype(int), offered)
    today = int((np.datetime64(TODAY) - START).astype(int))
    known, closed, sold = created <= today, over <= today, won & (over >= 0) & (over < 365)
    columns = {
        "id": np.array([f"o{i}" for i in range(many)]),
        "rep": reps[who],
        "segment": rng.choice(SEGMENTS, many),
        "amount": rng.gamma(4, 2500, many).round(2),
    }
    opportunities = {
        **columns,
        "stage": np.where(goes & (offered <= today), "offer", "lead"),
        "created": START + created,
        "closed": np.where(closed, START + over, np.datetime64("NaT")),
        "won": np.where(closed, np.where(won, "won", "lost"), ""),
    }
    entries = [(known, "lead", created), (known & goes & (offered <= today), "offer", offered)]
    stages = pl.concat(
        pl.DataFrame({"opportunity": columns["id"][those], "stage": name, "entered": START + day[those]})
        for those, name, day in entries
    )
    sales = pl.DataFrame({**columns, "date": START + over}).filter(sold & closed)
    told = pa.Actuals(sales=sales, opportunities=pl.DataFrame(opportunities).filter(known), stages=stages)
    return told, np.bincount(who[sold], columns["amount"][sold], len(reps))


@dataclass(frozen=True)
class Held:
    """Years as expected over years as they ended, and the part of them within the interval."""

    weak: float
    others: float
    weak_inside: float
    others_inside: float
    company_inside: float


def held(years: int, *, reps: int, weak: float) -> Held:
    """Hold forecasts of June against the years' ends."""
    plan, expected, ended, inside = year_plan(reps), [], [], []
    for seed in range(years):
        told, end = year_of(plan, np.random.default_rng([7, seed]), weak=weak)
        found = pa.review(plan, told, as_of=TODAY).forecast
        rows, whole = found.where(scope="rep"), found.where(scope="company")
        expected.append(rows["expected"])
        ended.append(end)
        company = (whole["low"][0] <= end.sum()) & (end.sum() <= whole["high"][0])
        inside.append([*((rows["low"] <= end) & (end <= rows["high"])), company])
    said, came, within = np.sum(expected, axis=0), np.sum(ended, axis=0), np.mean(inside, axis=0)
    return Held(
        said[0] / came[0],
        said[1:].sum() / came[1:].sum(),
        within[0],
        within[1:-1].mean(),
        within[-1],
    )


def test_a_rep_who_wins_half_as_often_is_forecast_so() -> None:
    """Over ten years the forecasts of June are within a tenth for that rep, and within three percent for the others."""
    found = held(10, reps=8, weak=0.5)
    assert found.weak == pytest.approx(1.0, abs=0.1)
    assert found.others == pytest.approx(1.0, abs=0.03)


@pytest.mark.long
@pytest.mark.parametrize("reps", [8, 20])
def test_forecasts_are_right_on_average_and_their_intervals_hold(reps: int) -> None:
    """Over 200 years, within three percent for who wins half as often; four of five years end in their interval."""
    found = held(200, reps=reps, weak=0.5)
    assert found.weak == pytest.approx(1.0, abs=0.03)
    assert found.others == pytest.approx(1.0, abs=0.015)
    assert found.others_inside == pytest.approx(0.8, abs=0.03)
    assert found.company_inside == pytest.approx(0.8, abs=0.085)
    assert found.weak_inside == pytest.approx(0.8, abs=0.1)


@pytest.mark.long
def test_forecasts_of_reps_who_are_alike_hold() -> None:
    """Over 200 years, four of five end in their interval, of a rep and of the company."""
    found = held(200, reps=8, weak=1.0)
    for one in fields(found):
        wanted, slack = (0.8, 0.085) if one.name.endswith("inside") else (1.0, 0.02)
        assert getattr(found, one.name) == pytest.approx(wanted, abs=slack)

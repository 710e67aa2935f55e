"""A year of events that follow a plan by chance, of reps who are alike but for what a test says."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

import planalloc as pa
from planalloc.events.actuals import Actuals

if TYPE_CHECKING:
    from collections.abc import Mapping

START, DEAL = date(2027, 1, 1), 10_000
NAMES = ("alice", "bruno", "chloe", "dora", "emil", "fanny")
ALIKE: Mapping[str, float] = {}


@cache
def simulated_plan(reps: int = 6, *, name: str = "Simulated", segment: str = "Industry", person: str = "") -> pa.Plan:
    """Return the plan of so many reps in two segments, with two stages, four accounts each and visits to them."""
    people = [NAMES[i] if i < len(NAMES) else f"rep-{i:02d}" for i in range(reps)]
    stages = [
        pa.Stage(id="lead", conversion=0.4, days_before_booking=60, activities={"call": 3}),
        pa.Stage(id="offer", conversion=0.5, days_before_booking=20, activities={"visit": 1}),
    ]
    problem = pa.PlanningProblem(
        calendar=pa.Calendar(start=START, end=date(2027, 12, 31)),
        strategy=pa.Strategy(
            name=name,
            currency="EUR",
            segments=[pa.Segment(id="A", name=segment), pa.Segment(id="B", name="Trade")],
            targets=[pa.Target(segment=one, revenue=reps * 400_000) for one in "AB"],
        ),
        sales_force=pa.SalesForce(
            teams=[pa.Team(id="north", name="North", manager="marta"), pa.Team(id="south")],
            reps=[
                pa.Rep(id=one, name=person or None, team="north" if i % 2 == 0 else "south")
                for i, one in enumerate(people)
            ],
        ),
        portfolio=pa.Portfolio(
            accounts=[
                pa.Account(id=f"{one}-{k}", name=segment, segment="AB"[k % 2], owner=one, potential=1000 * (k + 1))
                for one in people
                for k in range(8)
            ]
        ),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=0.3), pa.Activity(id="visit", hours=2)],
            funnels=[pa.Funnel(deal_size=DEAL, stages=stages)],
            cadences=[
                pa.Cadence(segment=one, activity="visit", per_account_per_year=6, feeds_funnel=False) for one in "AB"
            ],
        ),
        rhythms=[pa.ReviewRhythm(meet="month", revise="quarter")],
    )
    return pa.allocate(problem)


def happened(
    plan: pa.Plan,
    as_of: date,
    seed: int,
    *,
    sells: Mapping[str, float] = ALIKE,
    converts: Mapping[str, float] = ALIKE,
    works: Mapping[str, float] = ALIKE,
) -> Actuals:
    """Return sales, activities and opportunities up to a day; each rep's rate is the plan's, times what is said."""
    draw = np.random.default_rng(seed)
    sales = [
        {"date": day, "rep": row["rep"], "segment": row["segment"], "amount": round(float(draw.gamma(4, DEAL / 4)), 2)}
        for row in plan.quotas.by("rep", "segment", "period").to_dicts()
        for day in _days(row, draw.poisson(row["quota"] / DEAL * sells.get(row["rep"], 1.0)), draw)
    ]
    activities = [
        {
            "date": day,
            "rep": row["rep"],
            "segment": row["segment"],
            "activity": row["activity"],
            "account": f"{row['rep']}-{2 * draw.integers(4) + 'AB'.index(row['segment'])}",
        }
        for row in plan.activities.by("rep", "segment", "activity", "period").to_dicts()
        for day in _days(row, draw.poisson(row["count"] * works.get(row["rep"], 1.0)), draw)
    ]
    leads = plan.pipeline.where(stage="lead").by("rep", "segment", "period").to_dicts()
    deals: list[dict[str, Any]] = []
    stages: list[dict[str, Any]] = []
    for row in leads:
        for day in _days(row, draw.poisson(row["opportunities"]), draw):
            deal = _deal(f"O{len(deals)}", row, day, as_of, draw, chance=0.2 * converts.get(row["rep"], 1.0))
            deals.append(deal)
            stages.append({"opportunity": deal["id"], "stage": "lead", "entered": day})
            if deal["stage"] == "offer":
                stages.append({"opportunity": deal["id"], "stage": "offer", "entered": day + timedelta(days=5)})
    return Actuals(
        sales=_until(sales, "date", as_of),
        activities=_until(activities, "date", as_of),
        opportunities=_until(deals, "created", as_of),
        stages=_until(stages, "entered", as_of),
    )


def _days(row: dict[str, Any], many: int, draw: np.random.Generator) -> list[date]:
    year, month = (int(part) for part in row["period"].split("-"))
    return [date(year, month, 1 + int(day)) for day in draw.integers(28, size=many)]


def _deal(name: str, row: dict[str, Any], day: date, as_of: date, draw: np.random.Generator, *, chance: float) -> Any:
    end, won = day + timedelta(days=int(draw.integers(10, 60))), bool(draw.random() < chance)
    offered = won or draw.random() < 0.25
    over = end <= as_of
    return {
        "id": name,
        "rep": row["rep"],
        "segment": row["segment"],
        "account": f"{row['rep']}-{'AB'.index(row['segment'])}",
        "amount": round(float(draw.gamma(4, DEAL / 4)), 2),
        "created": day,
        "expected_close": day + timedelta(days=int(draw.integers(20, 90))),
        "source": ("web", "fair")[int(draw.integers(2))],
        "stage": "offer" if offered and day + timedelta(days=5) <= as_of else "lead",
        "closed": end if over else None,
        "won": won if over else None,
    }


def _until(rows: list[dict[str, Any]], column: str, as_of: date) -> list[dict[str, Any]]:
    return [row for row in rows if row[column] <= as_of]

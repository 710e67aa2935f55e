"""The gap to the plan is the sum of its parts, whatever it is split by."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.events.actuals import Actuals
from planalloc.reviewing.review import review
from simulated import happened, simulated_plan

if TYPE_CHECKING:
    from planalloc.reviewing.review import Review

MARCH = date(2027, 3, 31)
TABLES = ("sales", "activities", "opportunities", "stages")


def gaps_of(found: Review) -> dict[str, float]:
    """Return each rep's gap to date."""
    return {row["rep"]: row["gap"] for row in found.standing("rep").to_dicts()}


@given(
    seed=st.integers(0, 10_000),
    without=st.sets(st.sampled_from(TABLES), max_size=3),
)
@settings(max_examples=8, deadline=None)
def test_parts_sum_to_each_reps_gap(seed: int, without: set[str]) -> None:
    """By segment, cause, stage and source, whichever tables there are."""
    plan = simulated_plan(3)
    whole = happened(plan, MARCH, seed)
    told = {*TABLES} - without - ({"stages"} if "opportunities" in without else set())
    tables: dict[str, Any] = {name: getattr(whole, name) for name in told}
    found = review(plan, Actuals(**tables), as_of=MARCH)
    gaps = gaps_of(found)
    for row in found.gaps.by("rep", "by").to_dicts():
        assert row["effect"] == pytest.approx(gaps[row["rep"]], abs=1e-6), row["by"]


def test_by_segment_is_what_was_sold_less_what_was_due() -> None:
    """A part by segment is that segment's own gap."""
    found = review(simulated_plan(3), happened(simulated_plan(3), MARCH, 1), as_of=MARCH)
    rows = found.attainment.by("rep", "segment").to_dicts()
    own = {(row["rep"], row["segment"]): row["actual"] - row["due_quota"] for row in rows}
    told = found.gaps.where(by="segment").to_dicts()
    assert {(row["rep"], row["part"]): row["effect"] for row in told} == pytest.approx(own)


def test_half_the_activities_at_the_planned_conversion_is_an_effect_of_activities() -> None:
    """Half of everything, deals of the planned size: the gap is how much was done, and nothing else."""
    funnel = pa.Funnel(
        deal_size=100, stages=[pa.Stage(id="lead", conversion=1.0, days_before_booking=0, activities={"call": 1})]
    )
    problem = pa.PlanningProblem.simple(year=2027, revenue=12_000, currency="EUR", shares={"A": 1.0}, reps=["alice"])
    problem = problem.replace(pa.Policy(default_phasing="equal")).but(
        playbook=pa.Playbook(activities=[pa.Activity(id="call", hours=0.1)], funnels=[funnel])
    )
    days = [date(2027, 1, 4 + n) for n in range(5)]
    actuals = Actuals(
        sales=[{"date": day, "rep": "alice", "segment": "A", "amount": 100} for day in days],
        activities=[{"date": day, "rep": "alice", "segment": "A", "activity": "call"} for day in days],
    )
    found = review(pa.allocate(problem), actuals, as_of=date(2027, 1, 31)).gaps.where(by="cause").to_dicts()
    effects = {row["part"]: row["effect"] for row in found}
    assert effects.pop("activities") == pytest.approx(-500)
    assert np.allclose(list(effects.values()), 0)

"""S-11, F-14: the base adds up to the strategy, the quota is what people carry; neither is recovered by division."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa

QUARTERS = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="quarter")
TREE = (
    pa.Team(id="country", hedge=0.1),
    pa.Team(id="north", parent="country", hedge=0.2),
    pa.Team(id="paris", parent="north"),
    pa.Team(id="lille", parent="north", hedge=0.5),
)


def problem_of(
    *reps: pa.Rep,
    revenue: float = 1200,
    teams: tuple[pa.Team, ...] = TREE,
    limits: tuple[Any, ...] = (),
    hours: float = 0.0,
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a problem of one line, A, in four quarters that weigh the same."""
    stage = pa.Stage(id="deal", conversion=1, activities={"call": 1})
    return pa.PlanningProblem(
        calendar=QUARTERS,
        strategy=pa.Strategy(
            name="Hedge",
            currency="EUR",
            segments=[pa.Segment(id="A")],
            targets=[pa.Target(segment="A", revenue=revenue)],
        ),
        sales_force=pa.SalesForce(reps=reps, teams=teams, hours_per_week=1000 / 52),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=hours)] if hours else [],
            funnels=[pa.Funnel(deal_size=1, stages=[stage])] if hours else [],
        ),
        limits=limits,
        policy=pa.Policy(default_phasing="equal", **policy),
    )


def numbers(plan: pa.Plan, rep: str) -> tuple[float, float]:
    """Return base and quota of a rep."""
    return plan.rep(rep).base, plan.rep(rep).quota


@pytest.mark.parametrize(
    ("fields", "factor"),
    [
        ({}, 1),
        ({"hedge": 0.25}, 1.25),
        ({"team": "country"}, 1.1),
        ({"team": "north"}, 1.1 * 1.2),
        ({"team": "paris"}, 1.1 * 1.2),
        ({"team": "lille"}, 1.1 * 1.2 * 1.5),
        ({"team": "lille", "hedge": 0.5}, 1.1 * 1.2 * 1.5 * 1.5),
        ({"team": "lille", "hedge": -0.5}, 1.1 * 1.2 * 1.5 * 0.5),
    ],
)
def test_over_assignment_is_the_product_down_the_tree_and_the_reps_own(fields: Any, factor: float) -> None:
    """Each level lays its part on what the level below it carries; teams without one lay nothing."""
    plan = pa.allocate(problem_of(pa.Rep(id="alice", **fields), revenue=100_000))
    base, quota = numbers(plan, "alice")
    assert base == 100_000
    assert quota == pytest.approx(100_000 * factor, abs=1e-6)


def test_over_assignment_of_one_is_nobody_elses() -> None:
    """Two share 1,200 evenly, whatever one of them carries on top."""
    plan = pa.allocate(problem_of(pa.Rep(id="alice", hedge=0.25), pa.Rep(id="bruno")))
    assert (numbers(plan, "alice"), numbers(plan, "bruno")) == ((600, 750), (600, 600))


def test_a_teams_numbers_are_those_of_its_reps() -> None:
    """Base and quota add up the tree, each by itself."""
    plan = pa.allocate(problem_of(pa.Rep(id="a", team="paris"), pa.Rep(id="b", team="lille"), pa.Rep(id="c")))
    assert (plan.team("north").base, plan.team("north").quota) == (800, 400 * 1.32 + 400 * 1.98)
    assert plan.team("country").quota == plan.team("paris").quota + plan.team("lille").quota


def test_quotas_are_rounded_by_themselves() -> None:
    """Three carry 366.67 each, 1,100 together. Rounding their base of 333 or 334 first would make it 1,099 or 1,101."""
    plan = pa.allocate(problem_of(*(pa.Rep(id=one, hedge=0.1) for one in "abc"), revenue=1000))
    assert (plan.quotas.total("base"), plan.quotas.total("quota")) == (1000, 1100)
    assert sorted(plan.rep(one).quota for one in "abc") == [366, 367, 367]
    assert [row["quota"] for row in plan.quotas.by("period").to_dicts()] == [275, 275, 275, 275]


def test_quotas_are_multiples_of_the_rounding_unit() -> None:
    """In hundreds, 12 % on top of 10,000 are 11,200, and every quarter of it is hundreds."""
    plan = pa.allocate(problem_of(pa.Rep(id="a", hedge=0.12), revenue=10_000, round_to=100))
    assert plan.quotas.total("quota") == 11_200
    assert (plan.quotas["quota"] % 100 == 0).all()


def test_without_over_assignment_quota_and_base_are_one_number() -> None:
    """Cell by cell, not only in sum."""
    plan = pa.allocate(problem_of(*(pa.Rep(id=one) for one in "abc"), revenue=1000))
    assert plan.quotas["quota"].tolist() == plan.quotas["base"].tolist()


@pytest.mark.parametrize(("quota", "base"), [(500, 400), (501, 401), (1000, 800), (0, 0)])
def test_a_pinned_quota_is_exact_and_its_base_follows(quota: float, base: float) -> None:
    """500 as people carry it, with 25 % on top, are 400 of the targets; the others take the rest."""
    people = (pa.Rep(id="alice", hedge=0.25), pa.Rep(id="bruno"))
    plan = pa.allocate(problem_of(*people, limits=(pa.Pin(rep="alice", quota=quota),)))
    assert plan.rep("alice").quota == quota
    assert plan.rep("alice").base == pytest.approx(base, abs=1)
    assert plan.rep("bruno").base == 1200 - plan.rep("alice").base


@pytest.mark.parametrize(("base", "quota"), [(400, 500), (401, 501), (0, 0)])
def test_a_pinned_base_is_exact_and_its_quota_follows(base: float, quota: float) -> None:
    """400 of the targets are 500 as people carry it."""
    people = (pa.Rep(id="alice", hedge=0.25), pa.Rep(id="bruno"))
    plan = pa.allocate(problem_of(*people, limits=(pa.Pin(rep="alice", base=base),)))
    assert (plan.rep("alice").base, plan.rep("bruno").base) == (base, 1200 - base)
    assert plan.rep("alice").quota == pytest.approx(quota, abs=1)


def test_a_pinned_quota_of_a_quarter_or_a_team_is_exact() -> None:
    """Sums over people with different over-assignment, and over parts of the year."""
    people = (pa.Rep(id="a", team="paris"), pa.Rep(id="b", team="lille", hedge=0.07), pa.Rep(id="c"))
    limits = (
        pa.Pin(rep="a", period="2027-Q1", quota=151),
        pa.Pin(team="north", quota=1403),
        pa.Pin(team="country", period="2027-Q3", quota=367),
        pa.Pin(rep="c", base=251),
    )
    plan = pa.allocate(problem_of(*people, limits=limits))
    assert plan.rep("a").period("2027-Q1").quota == 151
    assert plan.team("north").quota == 1403
    assert plan.team("country").period("2027-Q3").quota == 367
    assert plan.rep("c").base == 251
    assert plan.quotas.total("base") + plan.shortfall.total("revenue") == 1200


def test_over_assignment_costs_no_hours() -> None:
    """Activities and hours are those of the base: what the strategy needs, not what people are asked for."""
    tables = []
    for hedge in (0, 0.5):
        plan = pa.allocate(problem_of(pa.Rep(id="alice", hedge=hedge), revenue=900, hours=1))
        assert plan.report.path == "reference"
        tables.append((plan.activities.to_dicts(), plan.capacity.to_dicts()))
    assert tables[0] == tables[1]


def test_a_shortfall_and_the_reference_bear_no_over_assignment() -> None:
    """1,000 hours reach 1,000 of 1,200: 200 are short, 1,250 are carried, and the fair split was 1,200."""
    plan = pa.allocate(problem_of(pa.Rep(id="alice", hedge=0.25), hours=1))
    assert (plan.shortfall.total("revenue"), plan.quotas.total("reference")) == (200, 1200)
    assert numbers(plan, "alice") == (1000, 1250)


def test_over_assignment_leaves_a_line_in_its_season() -> None:
    """A line's quotas follow its weights as its base does, to one unit in every quarter."""
    problem = problem_of(pa.Rep(id="a", hedge=0.13), pa.Rep(id="b", team="lille"), revenue=1003)
    season = pa.Seasonality(id="s", grain="quarter", weights=(0.5, 0.3, 0.15, 0.05))
    strategy = problem.strategy.but(
        targets=[pa.Target(segment="A", revenue=1003, seasonality="s")], seasonalities=[season]
    )
    plan = pa.allocate(problem.but(strategy=strategy))
    for row, weight in zip(plan.quotas.by("period").to_dicts(), season.weights, strict=True):
        for column in ("base", "quota"):
            assert row[column] == pytest.approx(weight * plan.quotas.total(column), abs=1)


@settings(max_examples=25, deadline=None)
@given(
    hedges=st.lists(st.floats(-0.5, 2).map(lambda one: round(one, 3)), min_size=1, max_size=5),
    revenue=st.integers(1, 100_000),
    cap=st.none() | st.integers(0, 100_000),
)
def test_whatever_is_laid_on_top_the_base_adds_up(hedges: list[float], revenue: int, cap: int | None) -> None:
    """S-11: the base to the target, and everybody's quota to their own factor, to what rounding takes."""
    people = [pa.Rep(id=f"r{number}", hedge=hedge) for number, hedge in enumerate(hedges)]
    limits = () if cap is None else (pa.Bound(rep="r0", at_most=cap),)
    plan = pa.allocate(problem_of(*people, revenue=revenue, limits=limits))
    assert plan.quotas.total("base") + plan.shortfall.total("revenue") == revenue
    for rep in people:
        base, quota = numbers(plan, rep.id)
        assert abs(quota - base * (1 + rep.hedge)) < 1 + (1 + rep.hedge)
    assert cap is None or plan.rep("r0").quota <= cap

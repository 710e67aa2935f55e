"""What holds for every company: conservation, order, scale, round trip, likeness."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def units(plan: pa.Plan, table: pa.Table, column: str) -> np.ndarray:
    """Return a column of money in whole rounding units; every cell must be one."""
    found = np.asarray(table[column], dtype=float) / plan.problem.policy.round_to
    assert np.abs(found - np.rint(found)).max(initial=0.0) < 1e-6
    return np.rint(found).astype(np.int64)


def line_of(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return what tells one line from another."""
    return row["segment"], row["product"], row["business"]


def targets(problem: pa.PlanningProblem) -> dict[tuple[Any, ...], float]:
    """Line targets in money before rounding."""
    strategy = problem.strategy
    given_shares = sum(target.share or 0.0 for target in strategy.targets)
    whole = strategy.revenue or 0.0
    return {
        (t.segment, t.product, t.business): whole * (1 - given_shares if t.rest else t.share or 0.0)
        for t in strategy.targets
    }


def check_conservation(plan: pa.Plan) -> None:
    """S-1: base and shortfall are the target, on every line and at every grain."""
    problem, step = plan.problem, plan.problem.policy.round_to
    base, short = units(plan, plan.quotas, "base"), units(plan, plan.shortfall, "revenue")
    by_line: dict[tuple[Any, ...], int] = defaultdict(int)
    for row, amount in zip(plan.quotas.to_dicts(), base, strict=True):
        by_line[line_of(row)] += int(amount)
    for row, amount in zip(plan.shortfall.to_dicts(), short, strict=True):
        by_line[line_of(row)] += int(amount)
    for line, target in targets(problem).items():
        assert abs(by_line[line] - target / step) < 1 + 1e-6
    assert sum(by_line.values()) == round((problem.strategy.revenue or 0.0) / step)
    for grain in ("week", "month", "quarter", "quadrimester", "semester", "year"):
        try:
            total = plan.quotas.by(grain).total("base")
        except pa.InputError:
            continue
        assert total == pytest.approx(plan.quotas.total("base"), abs=step / 10)


def check_people(plan: pa.Plan) -> None:
    """Nobody carries what they do not cover or when they are not there; a team is its reps."""
    for rep in plan.problem.sales_force.reps:
        for row in plan.rep(rep.id).quotas.to_dicts():
            if rep.start and row["end"] < rep.start:
                assert row["base"] == 0
            if rep.end and row["start"] > rep.end:
                assert row["base"] == 0
            if rep.covers is not None and row["segment"] not in rep.covers:
                assert row["base"] == 0
    for team in plan.problem.sales_force.teams:
        members = [rep.id for rep in plan.problem.sales_force.reps if rep.team == team.id]
        total = sum(plan.rep(one).base for one in members)
        assert plan.team(team.id).base == pytest.approx(total)


def check_season(plan: pa.Plan) -> None:
    """Every line follows its season to one unit in every period, what is short included, unless a limit forbids it."""
    if plan.problem.limits and len(plan.report.phasing_gap):
        return
    assert len(plan.report.phasing_gap) == 0
    seasons = {one.id: one for one in plan.problem.strategy.seasonalities}
    for target in plan.problem.strategy.targets:
        if target.seasonality is None:
            continue
        season = seasons[target.seasonality]
        periods = [period.id for period in plan.problem.calendar.periods(season.grain)]
        part = plan.quotas.where(segment=target.segment, business=target.business).by(season.grain)
        short = plan.shortfall.where(segment=target.segment, business=target.business).by(season.grain)
        found = dict.fromkeys(periods, 0)
        for table, column in ((part, "base"), (short, "revenue")):
            for period, amount in zip(table[season.grain], units(plan, table, column), strict=True):
                found[period] += int(amount)
        whole = sum(found.values())
        for period, weight in zip(periods, season.weights, strict=True):
            assert abs(found[period] - weight * whole) <= 1 + 1e-6


def check_activities(plan: pa.Plan) -> None:
    """Activities are whole numbers, and hours are theirs."""
    assert (plan.activities["count"] > 0).all()
    assert plan.activities["count"].dtype == np.int64
    assert plan.capacity.total("planned_hours") == pytest.approx(plan.activities.total("hours"))


def check_hours(plan: pa.Plan) -> None:
    """Nobody is planned beyond their hours and overtime, of which there is no more than the policy allows (F-18)."""
    available, overtime = plan.capacity["available_hours"], plan.capacity["overtime_hours"]
    assert (plan.capacity["planned_hours"] <= (available + overtime) * (1 + 1e-8) + 1e-8).all()
    assert (overtime <= available * plan.problem.policy.overtime_limit_share * (1 + 1e-6) + 1e-6).all()


def check_all(plan: pa.Plan) -> None:
    """Everything above, and JSON without loss."""
    for check in (check_conservation, check_people, check_season, check_activities, check_hours):
        check(plan)
    assert pa.Plan.from_json(plan.to_json()) == plan


def keep_the_rules(problem: pa.PlanningProblem) -> None:
    """Plan a company and check all of the above."""
    check_all(pa.allocate(problem))


def ignore_the_order(problem: pa.PlanningProblem, shuffler: Any) -> None:
    """Plan a company with its records in another order: the same bytes."""

    def shuffled(records: Any) -> Any:
        return shuffler.sample(list(records), len(records))

    strategy = problem.strategy.but(
        segments=shuffled(problem.strategy.segments),
        targets=shuffled(problem.strategy.targets),
        seasonalities=shuffled(problem.strategy.seasonalities),
    )
    force = problem.sales_force.but(reps=shuffled(problem.sales_force.reps), teams=shuffled(problem.sales_force.teams))
    other = problem.but(strategy=strategy, sales_force=force, limits=shuffled(problem.limits))
    assert pa.allocate(other).to_json() == pa.allocate(problem).to_json()


def scale(problem: pa.PlanningProblem) -> None:
    """Plan a company in which all money is ten times as much: ten times the quotas, the same activities."""
    if problem.policy.round_to < 1:
        problem = problem.but(policy=problem.policy.but(round_to=1.0))
    ten = problem.but(
        strategy=problem.strategy.but(revenue=(problem.strategy.revenue or 0.0) * 10),
        playbook=problem.playbook.but(
            funnels=[funnel.but(deal_size=funnel.deal_size * 10) for funnel in problem.playbook.funnels]
        ),
        policy=problem.policy.but(round_to=problem.policy.round_to * 10),
    )
    plan, large = pa.allocate(problem), pa.allocate(ten)
    assert (large.quotas["base"] == plan.quotas["base"] * 10).all()
    assert json.dumps(large.activities.to_json_data()) == json.dumps(plan.activities.to_json_data())


def treat_alike_reps_alike(problem: pa.PlanningProblem) -> None:
    """Plan a company with twins: they differ by one unit at most in all, by period, by line and by cell."""
    plan = pa.allocate(problem)
    first = min(problem.sales_force.reps, key=lambda rep: rep.id)
    alike = [rep for rep in problem.sales_force.reps if rep.but(id=first.id) == first and rep.id != first.id]
    line = ("rep", "segment", "business")
    for other in alike:
        for keys in (("rep",), ("rep", "period"), line, (*line, "period")):
            one, two = plan.rep(first.id).quotas.by(*keys), plan.rep(other.id).quotas.by(*keys)
            assert np.abs(one["base"] - two["base"]).max(initial=0.0) <= problem.policy.round_to * (1 + 1e-9)


few = settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
many = settings(max_examples=500, deadline=None, suppress_health_check=SLOW)


@few
@given(companies())
def test_every_plan_keeps_the_rules(problem: pa.PlanningProblem) -> None:
    """S-1 on every line, team, rep, period and grain; presence, coverage, season, hours; JSON without loss."""
    keep_the_rules(problem)


@few
@given(companies(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_plays_no_part(problem: pa.PlanningProblem, shuffler: Any) -> None:
    """S-3: a permutation of reps, segments, targets, teams and limits gives the same bytes."""
    ignore_the_order(problem, shuffler)


@few
@given(companies(limits=False))
def test_money_times_ten_is_the_plan_times_ten(problem: pa.PlanningProblem) -> None:
    """Scaling all money and `round_to` by 10 scales the plan and leaves the activities as they are."""
    scale(problem)


@few
@given(companies(limits=False))
def test_alike_reps_differ_by_one_unit_at_most(problem: pa.PlanningProblem) -> None:
    """S-3: reps identical in everything but id and name differ by at most one unit in any sum."""
    treat_alike_reps_alike(problem)


@pytest.mark.long
@many
@given(companies(most_reps=12))
def test_many_more_plans_keep_the_rules(problem: pa.PlanningProblem) -> None:
    """The same on larger companies, many more of them."""
    keep_the_rules(problem)


@pytest.mark.long
@many
@given(companies(), st.randoms(use_true_random=False))
def test_the_order_plays_no_part_in_many_more(problem: pa.PlanningProblem, shuffler: Any) -> None:
    """The same on many more companies."""
    ignore_the_order(problem, shuffler)


@pytest.mark.long
@many
@given(companies(limits=False))
def test_money_times_ten_in_many_more(problem: pa.PlanningProblem) -> None:
    """The same on many more companies."""
    scale(problem)


@pytest.mark.long
@many
@given(companies(limits=False))
def test_alike_reps_in_many_more(problem: pa.PlanningProblem) -> None:
    """The same on many more companies."""
    treat_alike_reps_alike(problem)

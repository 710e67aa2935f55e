"""Execution and accounts: what was done of what is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import planalloc as pa


@pytest.fixture
def plan() -> pa.Plan:
    """Return one rep with two segments, an account each, and twelve calls on each account a year."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1200, currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=["alice"]
    )
    accounts = [
        pa.Account(id=one, segment=segment, owner="alice", potential=10)
        for one, segment in (("inn", "A"), ("bar", "B"))
    ]
    cadences = [pa.Cadence(segment=one, activity="call", per_account_per_year=12) for one in ("A", "B")]
    return pa.allocate(problem.add(*accounts, pa.Activity(id="call", hours=1), *cadences))


def call(*, account: str = "inn", segment: str = "A", month: int = 1) -> dict[str, Any]:
    """Return a call of alice."""
    return {
        "date": date(2027, month, 15),
        "rep": "alice",
        "segment": segment,
        "activity": "call",
        "account": account,
    }


def reviewed(plan: pa.Plan, calls: list[dict[str, Any]]) -> pa.Review:
    """Review the first quarter."""
    return pa.review(plan, pa.Actuals(activities=calls), as_of=date(2027, 3, 31))


def test_excess_in_one_cell_does_not_pay_for_another(plan: pa.Plan) -> None:
    """Six calls on A, where three were due, and none on B: three of six are credited."""
    found = reviewed(plan, [call(month=1 + i % 3) for i in range(6)]).execution
    assert [found.total(one) for one in ("due", "done", "credited", "excess")] == [6, 6, 3, 3]
    assert (found.total("pressure"), found.total("execution")) == (1.0, 0.5)


def test_under_worked_accounts_are_named(plan: pa.Plan) -> None:
    """The bar had one call of three; the inn had all."""
    calls = [*(call(month=one) for one in (1, 2, 3)), call(account="bar", segment="B")]
    (row,) = reviewed(plan, calls).under_worked.to_dicts()
    assert (row["account"], row["due"], row["done"], row["missing"]) == ("bar", 3, 1, 2)


def test_coverage_counts_the_accounts_that_were_worked(plan: pa.Plan) -> None:
    """One of two accounts with a visit due was worked, three times."""
    found = reviewed(plan, [call(month=one) for one in (1, 2, 3)]).coverage
    assert (found.total("accounts"), found.total("worked"), found.total("coverage")) == (2, 1, 0.5)
    assert found.total("frequency") == 3


def test_an_activity_that_nobody_defined_is_set_aside(plan: pa.Plan) -> None:
    """It is told by name."""
    told = reviewed(plan, [{**call(), "activity": "golf"}]).set_aside.to_dicts()
    assert [(one["rows"], one["examples"]) for one in told] == [(1, "'golf'")]


def test_without_a_table_of_activities_nobody_is_behind(plan: pa.Plan) -> None:
    """What is not logged is not known; an empty table says that nothing was done."""
    review = pa.review(plan, pa.Actuals(), as_of=date(2027, 3, 31))
    assert [len(one) for one in (review.execution, review.coverage, review.under_worked)] == [0, 0, 0]
    assert len(reviewed(plan, []).under_worked) == 2

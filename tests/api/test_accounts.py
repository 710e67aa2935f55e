"""Plans of problems whose accounts are known by name."""

from __future__ import annotations

import pytest

import planalloc as pa

CALL = pa.Activity(id="call", hours=0.5)
FUNNEL = pa.Funnel(deal_size=1_000, stages=[pa.Stage(id="offer", conversion=0.5)])
EIGHT_CALLS = pa.Cadence(segment="A", activity="call", per_account_per_year=8)
BARE = pa.PlanningProblem.simple(
    year=2027, revenue=10_000, currency="EUR", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"]
).add(CALL, FUNNEL, EIGHT_CALLS)
LARGE = pa.Segment(id="A", criteria=pa.Condition(field="rooms", at_least=50))
NAMED = BARE.replace(
    LARGE,
    pa.Portfolio(
        accounts=[pa.Account(id=f"a{i:02}", owner="alice", attributes={"rooms": 10 * i}) for i in range(1, 10)]
        + [pa.Account(id=f"b{i:02}", owner="bruno", attributes={"rooms": 60}) for i in range(3)]
    ),
)
"""Alice owns five accounts of 50 rooms or more, and four smaller ones in no segment; Bruno owns three of 60."""
COUNTED = BARE.replace(pa.Rep(id="alice", accounts={"A": 5}), pa.Rep(id="bruno", accounts={"A": 3}))
"""The same people with their accounts as numbers."""


def test_a_portfolio_plans_as_its_counts() -> None:
    """Naming the accounts gives the numbers that counting them by hand gives."""
    named, counted = pa.allocate(NAMED), pa.allocate(COUNTED)
    assert named.activities == counted.activities
    assert named.quotas == counted.quotas
    assert named.coverage == counted.coverage
    assert named.rep("alice").activities.total("count") == 40


def test_a_plan_keeps_its_problem_as_given() -> None:
    """The plan's problem is what was given, in canonical order: the counts are nowhere in it."""
    plan = pa.allocate(NAMED)
    assert plan.problem == NAMED.canonical()
    assert plan.problem.rep("alice").accounts == {}
    assert [one.code for one in plan.findings] == ["account-in-no-segment"]


def test_the_order_of_accounts_changes_nothing() -> None:
    """The same accounts in another order give the same plan, to the byte."""
    reverse = NAMED.replace(pa.Portfolio(accounts=NAMED.portfolio.accounts[::-1]))
    assert pa.allocate(reverse).to_json() == pa.allocate(NAMED).to_json()


def test_a_plan_with_accounts_is_stored_and_read_back() -> None:
    """JSON holds the portfolio and the criteria, and the plan that is read back is the plan."""
    plan = pa.allocate(NAMED)
    assert pa.Plan.from_json(plan.to_json()) == plan


def test_what_is_known_is_taken_over() -> None:
    """A known plan helps where only limits differ, as without accounts, and gives the same plan."""
    known = pa.allocate(NAMED)
    changed = known.problem.add(pa.Bound(rep="alice", at_most=4_000))
    again = pa.allocate(changed, known=known)
    assert again == pa.allocate(changed)
    assert known.formulation is not None
    assert again.formulation is not None
    assert again.formulation.ground.time is known.formulation.ground.time
    assert again.formulation.index.problem.limits == changed.limits


def test_relaxing_keeps_the_problem_as_given() -> None:
    """What is relaxed is the problem that was given, with its limits changed and its reps as they were."""
    collide = NAMED.add(pa.Bound(rep="alice", at_least=9_000), pa.Bound(rep="bruno", at_least=2_000))
    plan = pa.allocate(collide, on_infeasible="relax")
    assert plan.problem.portfolio == NAMED.portfolio
    assert plan.problem.sales_force == NAMED.sales_force
    relaxed = pa.relax(collide).problem
    assert relaxed is not None
    assert relaxed.sales_force == NAMED.sales_force


def test_least_coverage_of_named_accounts_gives_way() -> None:
    """Where hours cannot work the accounts that must be worked, the coverage that gives way is told in accounts."""
    slow = NAMED.replace(CALL.but(hours=1_000), LARGE.but(coverage_min=1.0))
    with pytest.raises(pa.InfeasibleError) as error:
        pa.allocate(slow)
    assert {one.label for one in error.value.relaxation.changes} == {
        "least coverage of A (alice)",
        "least coverage of A (bruno)",
    }


def test_explain_and_write_program_count_accounts() -> None:
    """Looking inside asks the same counted problem as planning does."""
    short = NAMED.replace(CALL.but(hours=60))
    same = COUNTED.replace(CALL.but(hours=60))
    assert pa.write_program(short, tier="coverage") == pa.write_program(same, tier="coverage")
    named, counted = pa.allocate(short), pa.allocate(same)
    assert str(named.explain(rep="alice")) == str(counted.explain(rep="alice"))


def test_overlay_reps_do_not_mind_accounts() -> None:
    """A second quota is on what others book; the accounts that these own play no part in it."""
    overlay = pa.Rep(id="zoe", role="overlay", covers=["A"])
    assert pa.allocate(NAMED.add(overlay)).overlay_quotas.total("quota") == 6_000


def test_accounts_that_count_twice_are_not_planned() -> None:
    """An account that meets the criteria of two segments is refused before anything is planned."""
    with pytest.raises(pa.InputError, match="3 accounts in several segments"):
        pa.allocate(
            NAMED.replace(pa.Segment(id="B", criteria=pa.Condition(field="rooms", one_of=[60, 70])), LARGE)
            .drop(account="a07")
            .drop(account="a06")
        )

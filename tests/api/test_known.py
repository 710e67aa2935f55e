"""A plan from a known one is the plan that the problem has by itself."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa

PROBLEM = pa.PlanningProblem.simple(
    year=2027, revenue=10_001, currency="EUR", shares={"A": 0.37, "B": 0.63}, reps=["alice", "bruno", "chloe"]
).replace(pa.Rep(id="bruno", hedge=0.05), pa.Rep(id="chloe", fte=0.7))

LIMITS = {
    "a total": pa.Pin(rep="alice", quota=2_500),
    "a cell": pa.Pin(rep="alice", segment="A", period="2027-03", quota=10),
    "a team of one": pa.Bound(segment="A", rep="chloe", at_most=500),
    "one met already": pa.Bound(rep="alice", at_least=2),
    "a band": pa.MixBand(tolerance=0.1),
    "a range": pa.QuotaRange(at_least=3_000),
    "a shortfall": pa.Bound(segment="A", at_most=3_000),
}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("first", [None, pa.Bound(rep="alice", at_least=1), pa.Pin(rep="alice", segment="B", quota=99)])
def test_the_plan_is_the_same(limit: pa.Pin, first: pa.Pin | None) -> None:
    """Whatever limit is added, and whatever was there before, what is known changes nothing but the time."""
    known = pa.allocate(PROBLEM if first is None else PROBLEM.add(first))
    changed = known.problem.add(limit)
    assert pa.allocate(changed, known=known) == pa.allocate(changed)
    assert pa.allocate(known.problem, known=known) == known


@settings(max_examples=20, deadline=None)
@given(amounts=st.lists(st.integers(0, 5_000), min_size=2, max_size=4))
def test_one_change_after_the_other(amounts: list[int]) -> None:
    """A number that is moved again and again, each time from the last plan, ends where it would have at once."""
    plan = pa.allocate(PROBLEM)
    for amount in amounts:
        limits = [pa.Pin(name="agreed", rep="alice", quota=amount)]
        plan = pa.allocate(plan.problem.but(limits=limits), known=plan)
    assert plan == pa.allocate(PROBLEM.but(limits=[pa.Pin(name="agreed", rep="alice", quota=amounts[-1])]))


@pytest.mark.parametrize(
    "change",
    [
        pa.Rep(id="alice", fte=0.5),
        pa.Policy(round_to=0.5),
        pa.Segment(id="A", priority=2),
        pa.Activity(id="call", hours=1),
    ],
)
def test_another_problem_is_no_harm(change: Any) -> None:
    """Where more than limits differs, nothing of the known plan is taken."""
    known = pa.allocate(PROBLEM)
    changed = PROBLEM.add(change) if isinstance(change, pa.Activity) else PROBLEM.replace(change)
    assert pa.allocate(changed, known=known) == pa.allocate(changed)


def test_wrong_limits_are_refused_as_ever() -> None:
    """A typo, a limit that contradicts, and one on nobody are found also where all else is known."""
    known = pa.allocate(PROBLEM)
    for limit in (
        pa.Pin(rep="alcie", quota=1),
        pa.Pin(segment="A", quota=9_999),
        pa.Pin(rep="alice", period="2027-13", quota=1),
        pa.Pin(rep="alice", quota=600.4),
        pa.QuotaRange(rep="alice", at_least=600.4),
    ):
        with pytest.raises(pa.InputError) as alone:
            pa.allocate(known.problem.add(limit))
        with pytest.raises(pa.InputError) as after:
            pa.allocate(known.problem.add(limit), known=known)
        assert str(after.value) == str(alone.value)


def test_a_plan_that_was_stored_is_known_no_less_safely() -> None:
    """What came back from a file or another process knows no arrays, and is planned from anew."""
    plan = pa.allocate(PROBLEM)
    for back in (pickle.loads(pickle.dumps(plan)), pa.Plan.from_json(plan.to_json())):  # noqa: S301 -- our own
        changed = back.problem.add(LIMITS["a total"])
        assert back == plan
        assert pa.allocate(changed, known=back) == pa.allocate(changed)

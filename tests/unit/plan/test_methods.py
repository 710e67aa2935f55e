"""Rules of a rep's playbook: which methods travel with the plan, and in which order."""

from __future__ import annotations

import pytest

import planalloc as pa
from planalloc.plan.methods import methods_of


def funnel(*stages: str, segment: str | None = None) -> pa.Funnel:
    """Return a funnel of some stages."""
    made = [pa.Stage(id=one, conversion=1, activities={"call": 1}) for one in stages]
    return pa.Funnel(segment=segment, deal_size=100, stages=made)


def shown(*records: pa.Funnel | pa.Method, rep: pa.Rep | None = None) -> list[tuple[str, str | None]]:
    """Return stage and segment of the methods of Alice, who sells in A, B and C unless said otherwise."""
    alice = rep or pa.Rep(id="alice")
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=90, currency="EUR", shares={"C": 0.5, "A": 0.25, "B": 0.25}, reps=["alice"]
    ).add(pa.Activity(id="call", hours=1), *records)
    return [(one.stage, one.segment) for one in methods_of(problem.replace(alice).canonical(), alice)]


def test_a_method_for_all_stands_once() -> None:
    """A method that serves every segment of the rep is shown once, without a segment."""
    assert shown(funnel("visit"), pa.Method(stage="visit")) == [("visit", None)]


def test_variations_are_resolved() -> None:
    """Where one segment has its own method, each segment has one, and the text of the others is the common one."""
    methods = pa.Method(stage="visit"), pa.Method(stage="visit", segment="B")
    assert shown(funnel("visit"), *methods) == [("visit", "A"), ("visit", "B"), ("visit", "C")]


def test_a_segment_that_the_rep_does_not_cover_has_no_method() -> None:
    """Whoever sells in A and C never sees how B is played, and where that is all that differs, one method is enough."""
    methods = pa.Method(stage="visit"), pa.Method(stage="visit", segment="B")
    assert shown(funnel("visit"), *methods, rep=pa.Rep(id="alice", covers=["A", "C"])) == [("visit", None)]


def test_a_stage_of_other_funnels_has_no_method() -> None:
    """Stages come from the funnels that are used for the rep's lines alone."""
    records = funnel("visit"), funnel("tender", segment="B"), pa.Method(stage="visit"), pa.Method(stage="tender")
    assert shown(*records, rep=pa.Rep(id="alice", covers=["A"])) == [("visit", None)]
    assert shown(*records, rep=pa.Rep(id="alice", covers=["B"])) == [("tender", None)]


def test_a_method_of_one_segment_alone_bears_it() -> None:
    """Where only B has a method, it is shown for B; the others have none."""
    assert shown(funnel("visit"), pa.Method(stage="visit", segment="B")) == [("visit", "B")]


def test_methods_come_in_the_order_of_the_sale() -> None:
    """Every funnel's stages follow one another as it says, whatever the order in which methods are given."""
    stages = ("offer", "audit", "call", "visit")
    methods = [pa.Method(stage=one) for one in stages]
    order = [
        stage
        for stage, _ in shown(
            funnel("call", "visit", "offer"), funnel("visit", "audit", "offer", segment="A"), *methods
        )
    ]
    assert order == ["call", "visit", "audit", "offer"]


def test_funnels_that_disagree_about_the_order_lose_no_stage() -> None:
    """Where one funnel goes back and forth against another, stages come as they are first met."""
    methods = pa.Method(stage="call"), pa.Method(stage="visit")
    records = funnel("visit", "call", segment="A"), funnel("call", "visit"), *methods
    assert [stage for stage, _ in shown(*records)] == ["visit", "call"]


def test_the_playbook_travels_with_the_plan() -> None:
    """A plan read back from its JSON text has the same methods, with all that a review measures."""
    fact = pa.Fact(id="budget", question="Which budget?", required=False)
    method = pa.Method(
        stage="visit", pitch="One.\nTwo.", facts=[fact], exit_criteria=[{"id": "ok", "statement": "Asked."}]
    )
    problem = pa.PlanningProblem.simple(year=2027, revenue=90, currency="EUR", shares={"A": 1}, reps=["alice"])
    plan = pa.allocate(problem.add(pa.Activity(id="call", hours=1), funnel("visit"), method))
    assert plan.rep("alice").playbook == (method,)
    assert pa.Plan.from_json(plan.to_json()).rep("alice").period("2027-03").playbook == (method,)


@pytest.mark.parametrize("records", [(), (funnel("visit"),)])
def test_without_methods_the_playbook_is_empty(records: tuple[pa.Funnel, ...]) -> None:
    """No method is made up."""
    assert shown(*records) == []

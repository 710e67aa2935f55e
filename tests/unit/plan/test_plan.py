"""Rules of a plan as a whole: equal when all but the seconds is, and clear about what it does not know."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

import planalloc as pa


def problem_of(*reps: str, revenue: float = 1200) -> pa.PlanningProblem:
    """Return a problem of one segment."""
    return pa.PlanningProblem.simple(
        year=2027, revenue=revenue, currency="EUR", shares={"A": 1}, reps=reps or ("bruno", "alice")
    )


def test_a_plan_answers_to_its_problem_in_order() -> None:
    """The problem of a plan has its records in the order of their ids, whatever order they were given in (S-3)."""
    plan = pa.allocate(problem_of("bruno", "alice"))
    assert plan.problem == problem_of("alice", "bruno")
    assert plan == pa.allocate(problem_of("alice", "bruno"))


def test_seconds_play_no_part_in_equality() -> None:
    """Two runs of one problem are equal plans with one hash, whatever time they took."""
    one, two = pa.allocate(problem_of()), pa.allocate(problem_of())
    assert one == two
    assert hash(one) == hash(two)
    slow = replace(one, report=replace(one.report, seconds={"check": 1e9}))
    assert slow == one


@pytest.mark.parametrize("table", ["quotas", "activities", "capacity", "shortfall"])
def test_any_other_number_makes_another_plan(table: str) -> None:
    """A plan with one table of another is not equal to it."""
    playbook = pa.Playbook(
        activities=[pa.Activity(id="call", hours=1)],
        funnels=[pa.Funnel(deal_size=1, stages=[pa.Stage(id="lead", conversion=1, activities={"call": 1})])],
    )
    one, two = (pa.allocate(problem_of(revenue=much).replace(playbook)) for much in (900, 12_000))
    assert replace(one, **{table: getattr(two, table)}) != one


def test_a_plan_does_not_change() -> None:
    """No part of a plan can be set."""
    plan = pa.allocate(problem_of())
    with pytest.raises(FrozenInstanceError):
        plan.quotas = plan.shortfall  # type: ignore[misc]


def test_a_plan_survives_pickling() -> None:
    """A pickled plan is equal to the one it was."""
    plan = pa.allocate(problem_of())
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301 -- our own bytes


@pytest.mark.parametrize(
    ("ask", "name", "words"),
    [
        (lambda plan: plan.rep("alise"), "alise", "rep 'alise' is unknown. Did you mean 'alice'?"),
        (lambda plan: plan.rep("zzz"), "zzz", "Known are: alice, bruno."),
        (lambda plan: plan.team("north"), "north", "There is no team."),
    ],
)
def test_unknown_names_are_refused(ask: Any, name: str, words: str) -> None:
    """A rep or a team that is not there raises, with who is (S-4)."""
    with pytest.raises(pa.UnknownNameError) as caught:
        ask(pa.allocate(problem_of()))
    assert caught.value.name == name
    assert words in str(caught.value)


def test_of_many_known_names_some_are_listed() -> None:
    """Of ten reps, eight are named and the rest left to be guessed."""
    plan = pa.allocate(problem_of(*(f"r{i}" for i in range(10))))
    with pytest.raises(pa.UnknownNameError, match=r"Known are: r0, r1, r2, r3, r4, r5, r6, r7 \.\.\.\."):
        plan.rep("zzz")


def test_warnings_of_the_check_stay_with_the_plan() -> None:
    """What is worth a second look is found in the plan, which is made all the same."""
    problem = problem_of().add(pa.Segment(id="B"))
    assert pa.allocate(problem).findings == pa.check(problem).warnings
    assert [one.code for one in pa.allocate(problem).findings] == ["segment-unused"]


def test_a_report_says_how_the_plan_was_found() -> None:
    """By reference where nothing binds, by programs and their solvers where something does."""
    report = pa.allocate(problem_of()).report
    assert (report.termination, report.path, report.solvers) == ("optimal", "reference", {})
    assert report.tiers == {"shortfall": 0, "coverage": 0, "overtime": 0, "distance": 0}
    assert list(report.seconds) == ["check", "formulate", "solve", "round", "tables"]
    pinned = pa.allocate(problem_of().add(pa.Pin(rep="alice", quota=500))).report
    assert (pinned.path, pinned.solvers) == ("closed form", {})
    assert pinned.tiers["distance"] == pytest.approx(100**2 / 600 * 2, rel=1e-6)
    banded = pa.allocate(problem_of().add(pa.Pin(rep="alice", quota=500), pa.Bound(segment="A", at_least=1))).report
    assert banded.path == "program"
    assert set(banded.solvers) >= {"shortfall", "distance"}
    assert banded.tiers["distance"] == pytest.approx(100**2 / 600 * 2, rel=1e-6)
    assert all(residual < 1e-6 for residual in banded.residuals.values())


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({}, "Monday to Friday"),
        ({"country": "FR"}, "Monday to Friday, less public holidays of FR"),
        ({"country": "DE", "subdivision": "BY"}, "Monday to Friday, less public holidays of DE-BY"),
    ],
)
def test_a_report_says_which_days_are_worked(place: dict[str, str], words: str) -> None:
    """Working days are the country's where one is given, and the plan says which (S-13)."""
    problem = problem_of()
    report = pa.allocate(problem.but(calendar=problem.calendar.but(**place))).report
    assert report.working_days == words
    assert f"working days: {words}" in str(report)


def test_a_report_reads_well() -> None:
    """How it ended, by what, what each tier came to, and how long it took."""
    text = str(pa.allocate(problem_of().add(pa.Pin(rep="alice", quota=500), pa.Bound(segment="A", at_least=1))).report)
    assert text.startswith("optimal, by program (shortfall by ")
    assert "tiers: shortfall 0, coverage 0, overtime 0, distance 33.3333" in text
    assert "seconds: check " in text


def test_progress_is_told_step_by_step() -> None:
    """Who asks for progress hears each phase as it begins."""
    told: list[str] = []
    pa.allocate(problem_of(), progress=told.append)
    assert told == ["check", "formulate", "solve", "round", "tables"]


def test_a_plan_is_known_by_its_strategy() -> None:
    """In a list, a plan shows its name and how many it is for."""
    assert repr(pa.allocate(problem_of())) == "<Plan 'Strategy 2027': 2 reps>"


def test_without_overlay_reps_there_are_no_second_quotas() -> None:
    """The table of second quotas has the columns of the first and no row."""
    plan = pa.allocate(problem_of())
    assert plan.overlay_quotas.columns == plan.quotas.columns
    assert len(plan.overlay_quotas) == 0


def test_a_name_in_the_place_of_an_id_is_answered_with_the_id() -> None:
    """Reps and teams are found by their id; who gives the name that people call them by is told it, in any case."""
    problem = problem_of("hugo", "alice").replace(pa.Rep(id="hugo", name="Hugo Blanc", team="n"))
    plan = pa.allocate(problem.add(pa.Team(id="n", name="North")))
    with pytest.raises(pa.UnknownNameError, match=r"rep 'hugo blanc' is unknown\. Did you mean 'hugo'") as error:
        plan.rep("hugo blanc")
    assert error.value.candidates == ("hugo",)
    assert error.value.hint == "It is the name of 'hugo'; a rep is found by its id."
    with pytest.raises(pa.UnknownNameError, match=r"team 'North' is unknown\. Did you mean 'n'"):
        plan.team("North")


def test_one_name_of_two_people_gives_both_ids() -> None:
    """Where two reps bear a name, either may be meant."""
    problem = problem_of("a1", "a2").replace(pa.Rep(id="a1", name="Alice"), pa.Rep(id="a2", name="Alice"))
    with pytest.raises(pa.UnknownNameError, match="Did you mean 'a1' or 'a2'"):
        pa.allocate(problem).rep("Alice")

"""Rules about methods and review rhythms: what contradicts what, and when plans are revised too rarely."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import planalloc as pa

if TYPE_CHECKING:
    from collections.abc import Sequence


def funnel(days: float, **fields: Any) -> pa.Funnel:
    """Return a funnel of two stages, of which the first is so many days before the booking."""
    stages = [pa.Stage(id="visit", conversion=0.5, days_before_booking=days), pa.Stage(id="offer", conversion=0.5)]
    return pa.Funnel(deal_size=100, stages=stages, **fields)


def problem(*records: Any, days: float = 400, reps: Sequence[pa.Rep] = ()) -> pa.PlanningProblem:
    """Return Alice, a junior, and Bruno, who sell A and B in 2027 with a sales cycle of so many days."""
    made = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=["x"])
    staff = reps or [pa.Rep(id="alice", seniority="junior"), pa.Rep(id="bruno")]
    return made.but(sales_force=pa.SalesForce(reps=staff)).add(funnel(days), *records)


def found(one: pa.PlanningProblem) -> list[tuple[str, str, str]]:
    """Return code, level and path of all findings."""
    return [(finding.code, finding.level, finding.path) for finding in pa.check(one)]


def test_methods_and_rhythms_for_what_exists_are_fine() -> None:
    """Methods for stages and segments, and rhythms for reps and seniorities that are there, give no finding."""
    methods = pa.Method(stage="visit"), pa.Method(stage="visit", segment="A"), pa.Method(stage="offer", segment="A")
    rhythms = pa.ReviewRhythm(), pa.ReviewRhythm(rep="bruno"), pa.ReviewRhythm(seniority="junior")
    assert found(problem(*methods, *rhythms)) == []


@pytest.mark.parametrize(
    ("record", "path", "near"),
    [
        (pa.Method(stage="vist"), "playbook.methods[vist].stage", "visit"),
        (pa.Method(stage="visit", segment="a"), "playbook.methods[visit / a].segment", "A"),
        (pa.ReviewRhythm(rep="alise"), "rhythms[rep alise].rep", "alice"),
        (pa.ReviewRhythm(seniority="Junior"), "rhythms[seniority Junior].seniority", "junior"),
    ],
)
def test_a_name_that_nobody_defined_is_refused(record: Any, path: str, near: str) -> None:
    """A stage, segment, rep or seniority that does not exist is an error that names the nearest one."""
    (finding,) = pa.check(problem(record))
    assert (finding.code, finding.level, finding.path) == ("unknown-name", "error", path)
    assert finding.candidates == (near,)
    assert finding.remedy == f"Did you mean {near!r}?"


def test_a_method_without_any_funnel_is_refused() -> None:
    """Where no funnel has a stage, a method has none to be for."""
    bare = problem(pa.Method(stage="visit"))
    assert ("unknown-name", "error", "playbook.methods[visit].stage") in found(
        bare.replace(bare.playbook.but(funnels=()))
    )


@pytest.mark.parametrize("segment", ["A", None])
def test_a_stage_has_one_method_for_a_segment(segment: str | None) -> None:
    """Two methods of one stage for the same segment, or for all others, contradict each other."""
    one = problem()
    two = [pa.Method(stage="visit", segment=segment, pitch=text) for text in ("First.", "Second.")]
    name = f"playbook.methods[{'visit / A' if segment else 'visit'}]"
    assert found(one.replace(one.playbook.but(methods=two))) == [("duplicate", "error", name)]


@pytest.mark.parametrize(
    ("fields", "key"), [({}, "all"), ({"rep": "alice"}, "rep alice"), ({"seniority": "junior"}, "seniority junior")]
)
def test_one_rhythm_holds_for_a_rep(fields: dict[str, str], key: str) -> None:
    """Two rhythms that say equally much about a rep contradict each other."""
    two = [pa.ReviewRhythm(meet=often, **fields) for often in ("week", "month")]
    assert found(problem().but(rhythms=two)) == [("duplicate", "error", f"rhythms[{key}]")]


@pytest.mark.parametrize(("revise", "days"), [("quarter", 92), ("quadrimester", 123), ("semester", 184), ("year", 365)])
def test_plans_are_revised_within_a_sales_cycle(revise: str, days: int) -> None:
    """A cycle as long as the longest interval between two revisions is seen; one of a day less is a warning."""
    rhythm = pa.ReviewRhythm.model_validate({"revise": revise})
    assert found(problem(rhythm, days=days)) == []
    assert found(problem(rhythm, days=days - 1)) == [("rare-revisions", "warning", "rhythms[all].revise")]


def test_rare_revisions_are_told_with_value_rule_and_remedy() -> None:
    """The finding says how long the interval and the cycle are, for whom, and what is often enough."""
    (finding,) = pa.check(problem(pa.ReviewRhythm(revise="semester"), days=100))
    assert str(finding) == (
        "rhythms[all].revise: 'semester' leaves up to 184 days between two revisions, and the longest sales cycle of "
        "alice, bruno is 100 days: a whole cycle passes unseen. Revise every quarter."
    )


def test_the_remedy_of_rare_revisions_leaves_nothing_to_find() -> None:
    """Whoever does what the finding says has none any more, for any cycle."""
    for days in range(1, 400, 3):
        for finding in pa.check(problem(pa.ReviewRhythm(meet="quarter", revise="year"), days=days)):
            words = finding.remedy.removesuffix(".").removeprefix("Revise every ").split(", and meet every ")
            fields = dict(zip(("revise", "meet"), (word.replace(" ", "_") for word in words), strict=False))
            better = pa.ReviewRhythm.model_validate({"meet": "quarter", **fields})
            assert found(problem(better, days=days)) == []


def test_each_rep_is_measured_by_the_own_cycle_and_rhythm() -> None:
    """Only who covers a line with a short cycle, and has the rare rhythm, is named."""
    reps = [
        pa.Rep(id="alice", covers=["A"]),
        pa.Rep(id="bruno", covers=["B"]),
        pa.Rep(id="chloe"),
        pa.Rep(id="dario", covers=["A"], seniority="junior"),
    ]
    rhythms = pa.ReviewRhythm(revise="semester"), pa.ReviewRhythm(seniority="junior", revise="quarter")
    (finding,) = pa.check(problem(funnel(120, segment="A"), *rhythms, reps=reps))
    assert "cycle of alice is 120 days" in finding.rule


def test_a_sale_without_a_cycle_asks_for_no_revision() -> None:
    """A sale that is made at once, or of whose duration nothing is said, gives no warning."""
    assert found(problem(pa.ReviewRhythm(revise="year"), days=0)) == []


@pytest.mark.parametrize(("meet", "rare"), [("quarter", True), ("month", True), ("two_weeks", False), ("week", False)])
def test_where_plans_are_revised_monthly_meetings_count(meet: str, rare: bool) -> None:  # noqa: FBT001 -- a parameter
    """No plan is revised more often than monthly, so that meetings within the cycle are enough."""
    rhythm = pa.ReviewRhythm.model_validate({"meet": meet, "revise": "month"})
    assert found(problem(rhythm, days=20)) == [("rare-revisions", "warning", "rhythms[all].revise")] * rare


def test_an_interval_ends_with_the_horizon() -> None:
    """A plan of two months that is revised every year has no interval longer than itself."""
    short = problem(pa.ReviewRhythm(revise="year"), days=60)
    calendar = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 2, 28))
    assert found(short.but(calendar=calendar)) == []

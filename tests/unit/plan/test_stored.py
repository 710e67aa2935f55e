"""Rules of a plan as text: nothing is lost, and what is not a whole plan is refused."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

import planalloc as pa

if TYPE_CHECKING:
    from collections.abc import Callable

PROBLEM = pa.PlanningProblem(
    calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), country="FR"),
    strategy=pa.Strategy(
        name="Stored <é>",
        currency="EUR",
        revenue=100_000.5,
        segments=[pa.Segment(id="A"), pa.Segment(id="B", coverage_min=0.1)],
        products=[pa.Product(id="suite", unit_price=7)],
        targets=[
            pa.Target(segment="A", product="suite", business="new", share=0.6, seasonality="s"),
            pa.Target(segment="B", rest=True),
        ],
        seasonalities=[pa.Seasonality(id="s", grain="quadrimester", weights=[0.5, 0.2, 0.3])],
    ),
    sales_force=pa.SalesForce(
        teams=[pa.Team(id="north", hedge=0.05)],
        reps=[
            pa.Rep(id="alice", team="north", accounts={"B": 40}),
            pa.Rep(id="bruno", start=date(2027, 2, 1), ramp=pa.Ramp(months=[0.5])),
            pa.Rep(id="zoe", role="overlay", covers=["A"]),
        ],
        hours_per_week=10,
    ),
    playbook=pa.Playbook(
        activities=[pa.Activity(id="call", hours=2)],
        funnels=[
            pa.Funnel(
                deal_size=200,
                stages=[pa.Stage(id="lead", conversion=0.5, days_before_booking=40, activities={"call": 1})],
            )
        ],
        cadences=[pa.Cadence(segment="B", activity="call", per_account_per_year=6, feeds_funnel=False)],
    ),
    limits=[pa.Pin(rep="alice", segment="B", quota=12_000.5, reason="agreed")],
    policy=pa.Policy(round_to=0.5),
)
"""Something in every table: hours are short, bruno joins, January is lost on nobody."""


@cache
def stored() -> pa.Plan:
    """Return the plan that is written here."""
    return pa.allocate(PROBLEM)


TABLES = ("quotas", "overlay_quotas", "activities", "pipeline", "capacity", "shortfall", "earlier_work", "coverage")


def changed(change: Callable[[Any], Any], plan: pa.Plan | None = None) -> str:
    """Return the text of a plan with something changed in it."""
    content = json.loads((plan or stored()).to_json())
    change(content)
    return json.dumps(content)


def column(content: Any, table: str, name: str) -> Any:
    """Return the column of a table inside JSON."""
    (found,) = [one for one in content["tables"][table]["columns"] if one["name"] == name]
    return found


def test_every_table_has_something_to_lose() -> None:
    """The plan that is written here has rows in every table, so that a round trip says something."""
    for name in TABLES:
        assert len(getattr(stored(), name)), name
    assert stored().report.path == "program"


def test_nothing_is_lost() -> None:
    """What is read back is equal, in every table, the report, the findings and the problem."""
    back = pa.Plan.from_json(stored().to_json())
    assert back == stored()
    assert back.problem == stored().problem
    assert back.report == stored().report
    assert back.findings == stored().findings


def test_what_is_read_back_can_be_used() -> None:
    """Roll-ups, periods and sums work as before: dtypes, decimals and the time axis come back."""
    back = pa.Plan.from_json(stored().to_json())
    assert back.quotas.by("team", "quarter").to_dicts() == stored().quotas.by("team", "quarter").to_dicts()
    assert back.rep("alice").period("2027-H1").quota == stored().rep("alice").period("2027-H1").quota
    assert back.earlier_work.by("period").to_dicts() == stored().earlier_work.by("period").to_dicts()
    assert str(back) == str(stored())


def test_one_plan_is_one_text() -> None:
    """Writing twice, or writing what was read, gives the same text; seconds are not in it (S-3)."""
    text = stored().to_json()
    assert pa.allocate(PROBLEM).to_json() == text
    assert pa.Plan.from_json(text).to_json() == text
    assert "seconds" not in json.loads(text)["report"]


def test_the_problem_in_a_text_is_still_editable() -> None:
    """A plan that was read back can be changed and planned anew."""
    back = pa.Plan.from_json(stored().to_json())
    assert pa.allocate(back.problem) == stored()
    assert pa.allocate(back.problem.drop(limit="pin: alice, B = 12,000.5")).report.path == "program"


@pytest.mark.parametrize("text", ["", "{", "plan", '{"format": "planalloc.plan"', None, 5])
def test_what_is_no_json_is_refused(text: Any) -> None:
    """A text that is cut off, or none at all, is refused as such."""
    with pytest.raises(pa.InputError, match="this is no JSON text"):
        pa.Plan.from_json(text)


@pytest.mark.parametrize("text", ["[]", "5", "null", "{}", '{"format": "other", "version": 1}'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    """JSON of anything else is no plan."""
    with pytest.raises(pa.InputError, match="this JSON is no plan"):
        pa.Plan.from_json(text)


@pytest.mark.parametrize("version", [0, 999, "1", None])
def test_another_version_is_refused(version: Any) -> None:
    """A text of another version names it, and says what to do."""
    with pytest.raises(pa.InputError, match="is of version") as caught:
        pa.Plan.from_json(changed(lambda content: content.update(version=version)))
    assert repr(version) in str(caught.value)
    assert "release" in caught.value.hint


@pytest.mark.parametrize("part", ["problem", "tables", "earlier_periods", "report", "findings"])
@pytest.mark.parametrize(
    "damage", [lambda content, part: content.pop(part), lambda content, part: content.update({part: 5})]
)
def test_a_plan_without_one_of_its_parts_is_damaged(part: str, damage: Any) -> None:
    """A part that is missing or something else is damage, and not a plan without it."""
    with pytest.raises(pa.InputError):
        pa.Plan.from_json(changed(lambda content: damage(content, part)))


@pytest.mark.parametrize("table", TABLES)
def test_a_plan_without_one_of_its_tables_is_damaged(table: str) -> None:
    """Every table is needed, an empty one too."""
    with pytest.raises(pa.InputError, match="damaged"):
        pa.Plan.from_json(changed(lambda content: content["tables"].pop(table)))


def test_a_problem_that_breaks_a_rule_is_damage() -> None:
    """The problem inside a text is checked like any other."""
    with pytest.raises(pa.InputError, match="damaged"):
        pa.Plan.from_json(changed(lambda content: content["problem"]["sales_force"]["reps"][0].update(fte=5)))


def test_other_targets_are_found() -> None:
    """A problem whose revenue was changed after the plan was written is not what the numbers add up to (S-1)."""
    text = changed(lambda content: content["problem"]["strategy"].update(revenue=100_001))
    with pytest.raises(pa.InputError, match="misses its target"):
        pa.Plan.from_json(text)


@pytest.mark.parametrize(("table", "name"), [("quotas", "base"), ("shortfall", "revenue")])
def test_changed_money_is_found(table: str, name: str) -> None:
    """A number that was changed in the text no longer adds up, or is no whole unit, and that is said."""

    def change(content: Any) -> None:
        values = next(value for value in column(content, table, name).values() if isinstance(value, list))
        values[0] += 1.5

    with pytest.raises(pa.InputError, match="damaged"):
        pa.Plan.from_json(changed(change))


def test_a_row_of_another_line_is_found() -> None:
    """Numbers on a line that the problem does not have are refused."""

    def change(content: Any) -> None:
        column(content, "quotas", "segment").update(categories=["A", "C"])

    with pytest.raises(pa.InputError, match="does not name what its problem has"):
        pa.Plan.from_json(changed(change))


def test_a_code_without_a_name_is_found() -> None:
    """A row that points outside the known names is refused, not read as somebody else."""

    def change(content: Any) -> None:
        column(content, "quotas", "rep")["codes"][0] = 7

    with pytest.raises(pa.InputError, match="codes lie between"):
        pa.Plan.from_json(changed(change))


def test_findings_come_back_as_they_were() -> None:
    """Warnings keep their code, place and candidates."""
    problem = PROBLEM.add(pa.Segment(id="C"))
    plan = pa.allocate(problem)
    assert [one.code for one in plan.findings] == ["segment-unused"]
    assert pa.Plan.from_json(plan.to_json()).findings == plan.findings


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        ("activities", "count", -5),
        ("activities", "count", 0),
        ("activities", "hours", -1.0),
        ("activities", "hours", 1e9),
        ("pipeline", "opportunities", -3),
        ("earlier_work", "count", -1),
        ("capacity", "planned_hours", 1e6),
        ("capacity", "available_hours", -1.0),
        ("coverage", "coverage", 1.5),
        ("coverage", "coverage", -0.5),
        ("coverage", "frequency", -1.0),
        ("coverage", "covered_accounts", -2.0),
    ],
)
def test_changed_work_is_found(table: str, name: str, value: float) -> None:
    """Whole activities are never fewer than none, their hours are the planned ones, and coverage is part of a whole."""

    def change(content: Any) -> None:
        values = next(one for one in column(content, table, name).values() if isinstance(one, list))
        values[0] = value

    assert len(getattr(stored(), table))
    with pytest.raises(pa.InputError, match="damaged"):
        pa.Plan.from_json(changed(change))

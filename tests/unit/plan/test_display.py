"""Rules of what a plan shows: totals, who carries what, what is short; the same numbers as text and as HTML."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

import planalloc as pa

if TYPE_CHECKING:
    from collections.abc import Callable

    from planalloc.plan.part import PlanPart


def problem_of(*records: Any, names: tuple[str, str] = ("A", "B"), **policy: Any) -> pa.PlanningProblem:
    """Return a problem of 1,000 in four quarters: 600 on A for alice, 400 on B for bruno, each lead a call of 2 hours.

    A deal of 5 takes two leads, 31 days before the booking: 31 of the first quarter's 90 days fall before the year.
    """
    first, second = names
    problem = pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), grain="quarter"),
        strategy=pa.Strategy(
            name="Tiny <b>",
            currency="EUR",
            revenue=1000,
            segments=[pa.Segment(id=name) for name in names],
            targets=[pa.Target(segment=first, share=0.6), pa.Target(segment=second, rest=True)],
        ),
        sales_force=pa.SalesForce(
            teams=[pa.Team(id="north", manager="marie")],
            reps=[pa.Rep(id="alice", name="Alice <i>", team="north"), pa.Rep(id="bruno", covers=[second])],
        ),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=2)],
            funnels=[
                pa.Funnel(
                    deal_size=5,
                    stages=[pa.Stage(id="lead", conversion=0.5, days_before_booking=31, activities={"call": 1})],
                )
            ],
        ),
    )
    return problem.add(*records).replace(pa.Policy(**{"default_phasing": "equal", **policy}))


def plan_of(*records: Any, **options: Any) -> pa.Plan:
    """Return a plan."""
    return pa.allocate(problem_of(*records, **options))


def notes(plan: pa.Plan) -> list[str]:
    """Return the lines below the table."""
    return str(plan).split("\n\n")[-1].split("\n")


PLAN = """\
Tiny <b>: 1,000 EUR of bookings, 2027-01-01 to 2027-12-31, 2 reps, 4 quarters

who carries what
rep    team   quota  of all       A       B  hours  of hours
alice  north    600   60.0%  100.0%    0.0%  480.0     23.0%
bruno           400   40.0%    0.0%  100.0%  320.0     15.3%

Every target is met.
70 hours of work fall before the horizon or a first day; see plan.earlier_work."""

ALICE = """\
Tiny <b>, Alice <i>, 2027-01-01 to 2027-12-31: quota 600 EUR

quota
period     A  total
2027-Q1  150    150
2027-Q2  150    150
2027-Q3  150    150
2027-Q4  150    150

activities
period   call
2027-Q1    60
2027-Q2    60
2027-Q3    60
2027-Q4    60

opportunities
period   lead
2027-Q1    60
2027-Q2    60
2027-Q3    60
2027-Q4    60

hours
period   available_hours  planned_hours  utilization
2027-Q1            512.0          120.0        23.4%
2027-Q2            520.0          120.0        23.1%
2027-Q3            528.0          120.0        22.7%
2027-Q4            528.0          120.0        22.7%

Before the horizon or the first day: 21 activities, which somebody must have done."""

NORTH_H1 = """\
Tiny <b>, north (marie), 2027-H1: quota 300 EUR

quota
segment  reference  base  quota
A              300   300    300
B                0     0      0

activities
segment  call
A         120

opportunities
segment  lead
A         120

hours
period   available_hours  planned_hours  utilization
2027-Q1            512.0          120.0        23.4%
2027-Q2            520.0          120.0        23.1%"""


def test_a_plan_as_text() -> None:
    """480 of 2,088 hours are 23 %; of alice's 60 leads of the first quarter, 21 were due in December, of bruno's 14."""
    assert str(plan_of()) == PLAN


def test_a_reps_plan_as_text() -> None:
    """Money, calls, leads and hours by quarter; a line that she does not carry is left out."""
    assert str(plan_of().rep("alice")) == ALICE


def test_a_teams_half_as_text() -> None:
    """A part of one period is told by segment, its hours by the plan's periods."""
    assert str(plan_of().team("north").period("2027-H1")) == NORTH_H1


def cells(html: str) -> list[str]:
    """Return the texts between the tags."""
    return [unescape(one).strip() for one in re.findall(r"[^<>]+(?=<)", html) if one.strip()]


def words(text: str) -> list[str]:
    """Return a text's words, those of captions but for the size of tables."""
    return re.sub(r": \d+ rows?, \d+ columns?", "", text).split()


@pytest.mark.parametrize(
    "part",
    [
        lambda plan: plan,
        lambda plan: plan.rep("alice"),
        lambda plan: plan.team("north").period("2027-H1"),
        lambda plan: plan.rep("bruno").period("2027"),
    ],
)
def test_html_shows_the_same(part: Callable[[pa.Plan], pa.Plan | PlanPart]) -> None:
    """Every word and number of the text is in the HTML, in the same order, and no other."""
    shown = part(plan_of())
    assert words(" ".join(cells(shown._repr_html_()))) == words(str(shown))


def test_names_are_no_markup() -> None:
    """A name with angle brackets is shown as it is and changes nothing around it."""
    plan = plan_of()
    for html in (plan._repr_html_(), plan.rep("alice")._repr_html_()):
        assert "Tiny &lt;b&gt;" in html
        assert "Tiny <b>" not in html
        assert html.count("<b>") == html.count("</b>")
    assert "Alice &lt;i&gt;" in plan.rep("alice")._repr_html_()


def test_ids_and_reasons_are_no_markup() -> None:
    """Segments, activities and reasons of limits are escaped as well."""
    plan = plan_of(pa.Pin(rep="alice", quota=500, reason="<script>"), names=("<A>", "B"))
    for html in (plan._repr_html_(), plan.rep("alice")._repr_html_()):
        assert "&lt;A&gt;" in html
        assert "<A>" not in html
        assert "<script>" not in html
    assert "&lt;script&gt;" in plan.rep("alice")._repr_html_()


def test_html_needs_nothing_around_it() -> None:
    """No script, no style sheet, nothing from elsewhere: the page's own colors, readable on dark and light."""
    html = plan_of()._repr_html_()
    assert not re.search(r"<script|<style|<link|src=|href=|class=|#[0-9a-f]{3}", html)
    assert "color:inherit" in html


def test_a_shortfall_is_said() -> None:
    """What is short is told by segment, and why: hours alone, or limits as well."""
    short = plan_of(pa.Bound(rep="alice", at_most=500))
    assert notes(short)[0] == "Short: 100 EUR of A, which hours and limits do not let anybody carry."
    busy = pa.allocate(problem_of().replace(pa.Activity(id="call", hours=10)))
    assert notes(busy)[0].startswith("Short: ")
    assert notes(busy)[0].endswith(" EUR of A, for which there are no hours.")
    assert "Every target is met." not in str(busy)


def test_a_heading_tells_the_whole_target() -> None:
    """The total of the heading is what was asked, short or not."""
    assert str(plan_of(pa.Bound(rep="alice", at_most=500))).startswith("Tiny <b>: 1,000 EUR of bookings")


def test_a_hedge_is_said() -> None:
    """Ten percent on 600 of 1,000 is 1,060, 6 % more; a rep's heading gives quota and base."""
    plan = pa.allocate(problem_of().replace(pa.Team(id="north", hedge=0.1)))
    assert "People carry 1,060 EUR, +6.0% on what adds up to the targets." in notes(plan)
    assert str(plan.rep("alice")).split("\n")[0].endswith(": quota 660 EUR, base 600 EUR")


@pytest.mark.parametrize(
    ("when_short", "words_said"),
    [("coverage", "accounts are not worked"), ("frequency", "accounts' worth of visits are not made")],
)
def test_what_hours_take_from_accounts_is_said(when_short: Any, words_said: str) -> None:
    """1,000 accounts at ten visits of two hours do not fit: how many is told, in the words of what gives way."""
    problem = problem_of(
        pa.Cadence(segment="B", activity="call", per_account_per_year=10, feeds_funnel=False), when_short=when_short
    )
    plan = pa.allocate(problem.replace(pa.Rep(id="bruno", covers=["B"], accounts={"B": 1000})))
    given_up = plan.coverage.total("wanted_accounts") - plan.coverage.total("cadence_accounts")
    assert f"Short of hours: {given_up:,.1f} {words_said}; see plan.coverage." in notes(plan)


def test_a_gap_in_the_season_is_said() -> None:
    """Nobody is there for A in the first quarter: the note says where to look."""
    plan = pa.allocate(problem_of().replace(pa.Rep(id="alice", start=date(2027, 4, 1))))
    assert "Some periods cannot follow their season; see plan.report.phasing_gap." in notes(plan)


def test_findings_are_said_and_counted() -> None:
    """Five notes are shown, and how many more there are."""
    plan = plan_of(*(pa.Segment(id=f"C{i}") for i in range(7)))
    assert sum(note.startswith("Note: strategy.segments[C") for note in notes(plan)) == 5
    assert notes(plan)[-1] == "... and 2 more notes; see plan.findings."


def test_what_was_agreed_is_said_to_whom_it_concerns() -> None:
    """A pin is shown in the plan of its rep, with who agreed and why, and in no other's."""
    plan = plan_of(pa.Pin(rep="alice", quota=500, reason="in November", agreed_with="marie"))
    assert "Held: pin: alice = 500, agreed with marie (in November)." in str(plan.rep("alice"))
    assert "Held" not in str(plan.rep("bruno"))


def test_overtime_is_shown_where_there_is_some() -> None:
    """The column of overtime is there when it is worked, and not otherwise."""
    busy = problem_of(overtime_limit_share=0.5).replace(pa.Activity(id="call", hours=10))
    assert "overtime_hours" in str(pa.allocate(busy).rep("alice"))
    assert "overtime_hours" not in str(plan_of().rep("alice"))


def test_money_without_activities() -> None:
    """Where no work is planned, neither hours nor activities are shown."""
    plan = pa.allocate(problem_of().replace(pa.Playbook()))
    assert "hours" not in str(plan)
    assert str(plan.rep("alice")).split("\n\n")[1:] == [ALICE.split("\n\n")[1]]


@pytest.mark.parametrize(("round_to", "shown"), [(0.01, "1,000.50 EUR"), (0.5, "1,000.50 EUR"), (1, "1,000 EUR")])
def test_money_has_cents_where_there_are_some(round_to: float, shown: str) -> None:
    """A total with cents has two decimals, a whole one none."""
    problem = problem_of(round_to=round_to)
    revenue = 1000.5 if round_to < 1 else 1000
    assert str(pa.allocate(problem.but(strategy=problem.strategy.but(revenue=revenue)))).startswith(
        f"Tiny <b>: {shown} of bookings"
    )


@pytest.mark.parametrize("name", ["team", "quota", "of all"])
def test_a_segment_named_like_a_column_has_its_own(name: str) -> None:
    """A segment called "quota" is a column of shares beside that of quotas."""
    lines = str(plan_of(names=(name, "z"))).split("\n")
    assert lines[3].count(name) == 2
    assert lines[4].split() == ["alice", "north", "600", "60.0%", "100.0%", "0.0%", "480.0", "23.0%"]


def test_opportunities_without_activities_are_no_hours() -> None:
    """Where a funnel takes no activities, no work falls before the horizon, and none is told."""
    problem = problem_of()
    (funnel,) = problem.playbook.funnels
    stages = tuple(stage.but(activities={}) for stage in funnel.stages)
    plan = pa.allocate(problem.but(playbook=pa.Playbook(funnels=[funnel.but(stages=stages)])))
    assert len(plan.earlier_work)
    assert notes(plan) == ["Every target is met."]

"""Rules of the form that a manager receives."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

import planalloc as pa
from planalloc.plan.forms.page import Grid, Page, Passage
from planalloc.plan.forms.team_contents import MOST_LEFT_OUT, team_form_of

if TYPE_CHECKING:
    from pathlib import Path


@cache
def plan(accounts: int = 6) -> pa.Plan:
    """Return a plan of two reps of a team and one outside; bruno has no hours for most of his accounts."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=3_600, currency="EUR", shares={"A": 1}, reps=["x"])
    portfolio = [
        pa.Account(id=f"{rep}{number:02d}", segment="A", owner=rep, potential=100 + number)
        for rep in ("alice", "bruno")
        for number in range(accounts)
    ]
    return pa.allocate(
        problem.but(
            sales_force=pa.SalesForce(
                teams=[pa.Team(id="north", name="North", manager="marie")],
                reps=[
                    pa.Rep(id="alice", name="Alice", team="north"),
                    pa.Rep(id="bruno", team="north", fte=0.01),
                    pa.Rep(id="chloe"),
                ],
                hours_per_week=35,
            ),
            portfolio=pa.Portfolio(accounts=portfolio),
            playbook=pa.Playbook(
                activities=[pa.Activity(id="visit", hours=1)],
                cadences=[pa.Cadence(segment="A", activity="visit", per_account_per_year=6, feeds_funnel=False)],
            ),
            rhythms=[pa.ReviewRhythm(meet="quarter", revise="year")],
        )
    )


def page(part: pa.TeamPlan, locale: str = "en") -> Page:
    """Return a team's form."""
    return team_form_of(part, locale, on=None)[0]


def grids(form: Page, section: str) -> list[Grid]:
    """Return the grids of a section."""
    blocks = next(one.blocks for one in form.sections if one.heading == section)
    return [block for block in blocks if isinstance(block, Grid)]


def test_a_manager_reads_money_hours_accounts_and_review_points() -> None:
    """In this order, of the team's own reps."""
    form = page(plan().team("north"))
    assert form.title == "North · Strategy 2027"
    assert [one.heading for one in form.sections] == [
        "Quotas by rep (EUR)",
        "Hours by rep",
        "The number",
        "Quota by month (EUR)",
        "Accounts",
        "Review points",
    ]
    assert ("Manager", "marie") in [(one.label, one.value) for one in form.figures]


def test_money_by_rep_adds_up_to_the_team() -> None:
    """A row for each rep, a column for each month, and their sums."""
    team = plan().team("north")
    (money,) = grids(page(team), "Quotas by rep (EUR)")
    assert [row[0] for row in money.rows] == ["Alice", "bruno"]
    assert [row[-1] for row in money.rows] == [plan().rep(one).quota for one in ("alice", "bruno")]
    assert money.totals is not None
    assert money.totals[-1] == team.quota
    assert list(money.totals[1:-1]) == team.quotas.by("period")["quota"].tolist()


def test_hours_by_rep_are_those_of_the_plan() -> None:
    """Planned, available, and one by the other."""
    (hours,) = grids(page(plan().team("north")), "Hours by rep")
    assert [row[1] for row in hours.rows] == pytest.approx(
        plan().team("north").capacity.by("rep")["planned_hours"].tolist()
    )
    assert hours.totals is not None
    assert hours.totals[3] == pytest.approx(plan().team("north").capacity.total("utilization"))


def test_accounts_left_out_are_counted_and_named() -> None:
    """By rep, and each by name, the largest potential first."""
    left_out = plan().accounts.where(rep="bruno", status="left out")
    counted, named = grids(page(plan().team("north")), "Accounts")
    assert counted.rows == (("Alice", 6, 0), ("bruno", 6, len(left_out)))
    assert len(left_out) > 2
    assert [row[0] for row in named.rows] == sorted(left_out["account"], reverse=True)


def test_of_many_accounts_left_out_the_largest_are_named() -> None:
    """And the form says how many there are."""
    form = page(plan(60).team("north"))
    many = len(plan(60).accounts.where(rep=["alice", "bruno"], status="left out"))
    (text,) = (one.text for section in form.sections for one in section.blocks if isinstance(one, Passage))
    assert many > MOST_LEFT_OUT
    assert text == f"The plan leaves {many} accounts out; these are the 40 of the largest potential."
    assert len(grids(form, "Accounts")[1].rows) == MOST_LEFT_OUT


def test_people_who_meet_on_one_day_share_a_row() -> None:
    """A manager's days, and with whom."""
    (points,) = grids(page(plan().team("north")), "Review points")
    assert len(points.rows) == 4
    assert {row[1] for row in points.rows} == {"Alice, bruno"}


def test_a_month_of_a_team_has_its_own_numbers() -> None:
    """The month's quota by rep, without columns for other months, and no accounts, which are of the whole plan."""
    march = plan().team("north").period("2027-03")
    form = page(march)
    (money,) = grids(form, "Quotas by rep (EUR)")
    assert len(money.fields) == 2
    assert money.totals == ("Total", march.quota)
    assert "Accounts" not in [one.heading for one in form.sections]


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_form_of_a_team_can_be_made(tmp_path: Path, locale: str) -> None:
    """Markdown, HTML and workbook hold the same quota."""
    team: Any = plan().team("north")
    said = "€" in team.to_markdown(locale)
    assert said
    assert team.to_html(locale).count("<h2>") == 6
    team.to_workbook(tmp_path / "team.xlsx", locale)
    book = openpyxl.load_workbook(tmp_path / "team.xlsx", data_only=True)
    assert len(book.sheetnames) == 4
    assert book.worksheets[0]["B4"].value == team.quota


def test_a_team_of_nobody_has_a_form() -> None:
    """Zero at the head and nothing below."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1}, reps=["alice"])
    form = page(pa.allocate(problem.add(pa.Team(id="north"))).team("north"))
    assert form.sections == ()
    assert form.figures[0].value == 0


def test_the_summary_of_everybody_counts_the_accounts_left_out(tmp_path: Path) -> None:
    """A column for all accounts of a rep and one for those left out, with their sums."""
    plan().to_workbook(tmp_path / "force.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "force.xlsx", data_only=True)["Summary"].iter_rows(values_only=True))
    (head,) = (row for row in rows if row[0] == "Rep")
    left_out = len(plan().accounts.where(status="left out"))
    assert head[-2:] == ("Accounts", "Accounts left out")
    assert [row[-2:] for row in rows if row[0] in {"Alice", "bruno", "chloe", "Total"}] == [
        (6, 0),
        (6, left_out),
        (0, 0),
        (12, left_out),
    ]

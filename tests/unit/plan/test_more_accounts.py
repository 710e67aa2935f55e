"""Rules of accounts that no rep works, or that are seen less than once in the horizon; and of wrong arguments."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

import planalloc as pa

if TYPE_CHECKING:
    from pathlib import Path

PROBLEM = pa.PlanningProblem.simple(year=2027, revenue=1_000, currency="EUR", shares={"A": 1}, reps=["alice"])
NAMES = ("a", "b", "c", "d")


def covered(*, often: float, until: date = date(2027, 12, 31)) -> pa.Plan:
    """Return a plan in which each of four accounts of one rep is to be called so often a year."""
    problem = PROBLEM.replace(PROBLEM.calendar.but(end=until))
    accounts = (pa.Account(id=one, segment="A", owner="alice", potential=10) for one in NAMES)
    cadence = pa.Cadence(segment="A", activity="call", per_account_per_year=often)
    return pa.allocate(problem.add(*accounts, pa.Activity(id="call", hours=1), cadence))


def test_an_account_of_nobody_and_of_no_segment_is_in_the_plan_of_nobody() -> None:
    """It is listed, and is in nobody's visits, quotas and forms."""
    plan = pa.allocate(PROBLEM.add(pa.Account(id="x")))
    assert plan.accounts.to_dicts()[0]["status"] == "not planned"
    assert (len(plan.visits()), len(plan.visits("week"))) == (0, 0)
    assert plan.account_quotas()["account"].tolist() == [None]
    assert "1,000" in plan.rep("alice").to_markdown()


@pytest.mark.parametrize(("often", "until"), [(4, date(2027, 1, 31)), (0.5, date(2027, 12, 31))])
def test_covered_accounts_that_want_less_than_one_visit_are_not_left_out(often: float, until: date) -> None:
    """Coverage reaches them all: those whose turn is later are not due, and stand for their part of the number."""
    plan = covered(often=often, until=until)
    assert plan.coverage["coverage"].tolist() == [1.0]
    assert set(plan.accounts["status"]) == {"worked", "not due"}
    assert plan.account_quotas()["quota"].tolist() == [250] * 4


def test_accounts_that_coverage_does_not_reach_are_left_out_however_few_visits_they_want() -> None:
    """Not due is only what is covered: of four accounts, hours are there for fewer than two."""
    problem = covered(often=0.5).problem
    problem = problem.replace(problem.sales_force.but(hours_per_week=10))
    plan = pa.allocate(problem.replace(pa.Activity(id="call", hours=600)))
    assert 0 < plan.coverage["coverage"][0] < 0.5
    assert plan.accounts["status"].tolist()[2:] == ["left out", "left out"]


@pytest.fixture(scope="module")
def plan() -> pa.Plan:
    """Return a plan with review points."""
    return pa.allocate(PROBLEM.add(pa.ReviewRhythm(), pa.Team(id="north")))


@pytest.mark.parametrize("day", ["2027-01-01", datetime(2027, 1, 1), 0, []])  # noqa: DTZ001 -- what is refused
def test_the_day_of_a_version_is_a_date(plan: pa.Plan, tmp_path: Path, day: Any) -> None:
    """Each form refuses anything else in the same words, and writes nothing."""
    part, file = plan.rep("alice"), tmp_path / "form"
    for make in (
        lambda: part.to_markdown(on=day),
        lambda: part.to_html(on=day),
        lambda: part.to_workbook(file, on=day),
        lambda: part.to_ics(file, on=day),
        lambda: plan.to_workbook(file, on=day),
        lambda: plan.team("north").to_markdown(on=day),
    ):
        with pytest.raises(pa.InputError, match="on must be a date, not"):
            make()
    assert not file.exists()


@pytest.mark.parametrize("path", [None, 5, [], b"form", "a\0b"])
def test_a_path_is_a_path(plan: pa.Plan, path: Any) -> None:
    """Anything else is refused before anything is made."""
    for write in (plan.to_workbook, plan.rep("alice").to_workbook, plan.rep("alice").to_ics):
        with pytest.raises(pa.InputError, match="path must be the path of a file"):
            write(path)


@pytest.mark.parametrize("name", [[], {}, None, 5])
def test_a_name_that_is_no_text_is_unknown(plan: pa.Plan, name: Any) -> None:
    """As any other name that nobody has."""
    for find in (plan.rep, plan.team):
        with pytest.raises(pa.UnknownNameError):
            find(name)


def test_a_very_long_name_is_not_repeated_whole(plan: pa.Plan, tmp_path: Path) -> None:
    """A message stays one that can be read."""
    name: Any = "x" * 1_000_000
    rep = plan.rep("alice")
    for ask in (
        plan.rep,
        plan.team,
        rep.period,
        plan.visits,
        plan.schedule,
        plan.account_quotas,
        lambda one: plan.explain(rep=one),
        lambda one: plan.to_workbook(tmp_path / one),
        lambda one: rep.to_ics(tmp_path / one / "form.ics"),
    ):
        with pytest.raises(pa.InputError) as error:
            ask(name)
        assert len(str(error.value)) < 250


@pytest.mark.parametrize("ax", [5, "axes"])
def test_a_picture_is_drawn_on_axes(plan: pa.Plan, ax: Any) -> None:
    """Anything else is refused in words."""
    with pytest.raises(pa.InputError, match="ax must be axes of matplotlib"):
        plan.plot.season(ax=ax)
    with pytest.raises(pa.InputError, match="ax must be axes of matplotlib"):
        plan.rep("alice").plot.year(ax=ax)

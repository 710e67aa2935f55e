"""Rules of the workbook of the whole sales force."""

from __future__ import annotations

from datetime import date
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.plan.forms.force import sheet_names

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.lists(
    st.text(st.sampled_from("aA[]:*?/\\' éß🙂x") | st.characters(exclude_categories=["Cs"]), max_size=40), max_size=12
)


@given(NAMES)
@example(["x" * 40, "x" * 41, "X" * 31, "History", "", "'", "a/b", "a b", "a b (2)", "A B"])
@settings(max_examples=100, deadline=None)
def test_sheet_names_are_such_as_workbooks_take(wanted: list[str]) -> None:
    """As many as asked for; short, without signs, not reserved, and each only once, whatever the case."""
    found = sheet_names(wanted)
    assert len(found) == len(wanted)
    assert len({name.casefold() for name in found}) == len({name.lower() for name in found}) == len(found)
    for name in found:
        assert 0 < len(name.encode("utf-16-le", "surrogatepass")) <= 2 * 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.casefold() != "history"


def test_sheet_names_stay_what_they_are_where_they_may() -> None:
    """Names of people are the names of their sheets; the second of a name is numbered."""
    assert sheet_names(["Inès", "Zoé", "zoé", "Zoé"]) == ["Inès", "Zoé", "zoé (2)", "Zoé (3)"]


@cache
def team() -> pa.Plan:
    """Return the plan of three reps, two of one name, and an overlay."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=36_000, currency="EUR", shares={"A": 1}, reps=["alice"])
    force = pa.SalesForce(
        teams=[pa.Team(id="north", name="=North")],
        reps=[
            pa.Rep(id="alice", name="Alice's", team="north"),
            pa.Rep(id="bruno", name="Summary"),
            pa.Rep(id="chloe", name="alice's"),
            pa.Rep(id="olga", role="overlay"),
        ],
    )
    return pa.allocate(problem.but(sales_force=force))


def opened(plan: pa.Plan, path: Path, *, values: bool = True, locale: str = "en") -> Any:
    """Write a plan's workbook and read it back."""
    plan.to_workbook(path / "force.xlsx", locale, on=date(2026, 11, 24))
    return openpyxl.load_workbook(BytesIO((path / "force.xlsx").read_bytes()), data_only=values)


def test_there_is_a_sheet_for_each_rep_and_a_summary(tmp_path: Path) -> None:
    """In the order of the sales force; names that collide are numbered."""
    assert opened(team(), tmp_path).sheetnames == ["Summary", "Alice's", "Summary (2)", "alice's (2)", "olga"]


def test_the_summary_adds_up_to_the_plan(tmp_path: Path) -> None:
    """Each rep's months and quota, and all of them; the overlay is apart."""
    plan = team()
    rows = list(opened(plan, tmp_path)["Summary"].iter_rows(values_only=True))
    quotas = {row[0]: row[14] for row in rows if row[0] in {"Alice's", "Summary", "alice's", "olga"}}
    assert list(quotas.values()) == [12_000, 12_000, 12_000, 36_000]
    totals = [row for row in rows if row[0] == "Total"]
    assert [row[14] for row in totals] == [plan.quotas.total("quota"), plan.overlay_quotas.total("quota")]
    assert list(totals[0][2:14]) == plan.quotas.by("period")["quota"].tolist()


def test_names_lead_to_their_sheets(tmp_path: Path) -> None:
    """An apostrophe in a name does not break the link, and the name stays text."""
    sheet = opened(team(), tmp_path, values=False)["Summary"]
    links = {cell.value: cell.hyperlink.location for cell in sheet["A"] if cell.hyperlink}
    assert links == {
        "Alice's": "'Alice''s'!A1",
        "Summary": "'Summary (2)'!A1",
        "alice's": "'alice''s (2)'!A1",
        "olga": "'olga'!A1",
    }
    assert {cell.data_type for cell in sheet["B"] if cell.value == "=North"} == {"s"}


def test_each_sheet_has_the_year_of_its_rep(plan: pa.Plan, tmp_path: Path) -> None:
    """The total row of the quotas by month is the rep's quota."""
    book = opened(plan, tmp_path, locale="fr")
    for rep, name in (("alice", "=1+1"), ("bruno", "Bruno"), ("olga", "Olga")):
        column = list(book[name].iter_rows(values_only=True))
        start = next(i for i, row in enumerate(column) if row[0] == "Objectif par mois (EUR)")
        last = next(row for row in column[start:] if row[0] == "Total")
        assert [one for one in last if one is not None][-1] == plan.rep(rep).quota


def test_the_same_plan_gives_the_same_bytes(plan: pa.Plan, tmp_path: Path) -> None:
    """Nothing of the clock is in it."""
    plan.to_workbook(tmp_path / "one.xlsx")
    plan.to_workbook(tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_plan_by_week_has_no_column_for_each_week(tmp_path: Path, locale: str) -> None:
    """Where there are more periods than a page is wide, the summary has the whole alone."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=36_000, currency="EUR", shares={"A": 1}, reps=["alice"])
    plan = pa.allocate(problem.but(calendar=problem.calendar.but(grain="week")))
    sheet = opened(plan, tmp_path, locale=locale).worksheets[0]
    last = [one for one in list(sheet.iter_rows(values_only=True))[-1] if one is not None]
    assert last == ["Total", 36_000]


def test_a_rep_without_a_number_has_a_sheet_that_can_be_read(tmp_path: Path) -> None:
    """What was agreed with somebody who is away all year stands in a column that is there to be seen."""
    away = pa.Absence(start=date(2027, 1, 1), end=date(2027, 12, 31))
    force = pa.SalesForce(reps=[pa.Rep(id="alice"), pa.Rep(id="bruno", absences=[away])])
    problem = team().problem.but(sales_force=force, limits=[pa.Bound(rep="bruno", at_most=100, reason="away")])
    sheet = opened(pa.allocate(problem), tmp_path)["bruno"]
    assert "Quota at most €100. Away" in [cell.value for cell in sheet["A"]]
    assert sheet.column_dimensions["A"].width > 5
    assert not sheet.column_dimensions["A"].hidden

"""Rules of a rep's workbook, read back as another program reads it."""

from __future__ import annotations

import re
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

import planalloc as pa
from planalloc.plan.forms.sheet import HIGHEST, pieces

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet


def opened(part: pa.RepPlan | pa.TeamPlan, path: Path, *, locale: str = "en", values: bool = False) -> Any:
    """Open a workbook: its formulas, or the values that it holds for them."""
    part.to_workbook(path / "form.xlsx", locale, on=date(2026, 11, 24))
    return openpyxl.load_workbook(BytesIO((path / "form.xlsx").read_bytes()), data_only=values)


def recomputed(sheet: Worksheet, values: Worksheet, formula: str) -> float | str:
    """Work out one of our formulas from the values in the cells."""
    if found := re.fullmatch(r"=SUM\((\w+):(\w+)\)", formula):
        return total(values, ":".join(found.groups()))
    if found := re.fullmatch(r'=IF\((\w+)=0,"",(\w+)/\1\)', formula):
        whole, part = (float(values[name].value or 0) for name in found.groups())
        return part / whole if whole else ""
    found = re.fullmatch(r'=IF\(SUM\(([$\w:]+)\)=0,"",(\w+)/SUM\(\1\)\)', formula)
    assert found is not None, (sheet.title, formula)
    return float(values[found[2]].value) / total(values, found[1].replace("$", ""))


def total(values: Worksheet, cells: str) -> float:
    """Add the numbers of a range."""
    left, top, right, bottom = range_boundaries(cells)
    rows = values.iter_rows(top, bottom, left, right, values_only=True)
    return sum(float(one) for row in rows for one in row if isinstance(one, int | float))


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("period", [None, "2027-03", "2027-Q2"])
def test_every_formula_has_the_value_that_it_gives(
    plan: pa.Plan, tmp_path: Path, period: str | None, locale: str
) -> None:
    """A reader that does not recalculate sees the same sums as one that does."""
    part = plan.rep("alice") if period is None else plan.rep("alice").period(period)
    formulas, values = (opened(part, tmp_path, locale=locale, values=one) for one in (False, True))
    seen = 0
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            held = values[sheet.title][cell.coordinate].value
            assert held == pytest.approx(recomputed(sheet, values[sheet.title], cell.value), abs=1e-6)
            seen += 1
    assert seen > 10


def test_the_year_of_the_workbook_is_the_year_of_the_plan(plan: pa.Plan, tmp_path: Path) -> None:
    """Cells by month and segment add up to the quota, to the cent, and the total says so."""
    alice = plan.rep("alice")
    sheet = opened(alice, tmp_path, values=True)["Quotas"]
    rows = [row for row in sheet.iter_rows(values_only=True) if str(row[0]).endswith(" 2027")]
    cents = [sum(round(100 * float(row[i] or 0)) for row in rows) for i in (1, 2)]
    assert cents == [round(100 * one) for one in alice.quotas.by("segment")["quota"].tolist()]
    last = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "Total")
    assert last[3] == alice.quota == sum(cents) / 100


def test_activities_of_the_workbook_are_those_of_the_plan(plan: pa.Plan, tmp_path: Path) -> None:
    """Counts and hours of the first total row."""
    alice = plan.rep("alice")
    sheet = opened(alice, tmp_path, values=True)["Activities"]
    last = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "Total")
    assert list(last[1:3]) == alice.activities.by("activity")["count"].tolist()
    assert last[3] == pytest.approx(alice.capacity.total("planned_hours"))


def test_names_are_text_and_never_formulas(plan: pa.Plan, tmp_path: Path) -> None:
    """What looks like a formula, a number or an address is a string in its cell."""
    book = opened(plan.rep("alice"), tmp_path)
    texts = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}
    assert {"=2+2", "=HYPERLINK(A1)", "=we save you money", "<b>=1+1</b> | *A* & `x`"} <= texts
    formulas = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert all(re.match(r"=(SUM|IF)\(", one) for one in formulas)


def test_the_sheets_are_those_of_an_action_plan(plan: pa.Plan, tmp_path: Path) -> None:
    """In the order of the form; each with title, version and date, and its head kept in sight."""
    book = opened(plan.rep("alice"), tmp_path)
    assert book.sheetnames == [
        "Cover", "Quotas", "Activities", "Pipeline to create", "Accounts", "Visits", "Playbook", "Review points",
        "Work of the time before",
    ]  # fmt: skip
    for sheet in book:
        assert sheet["A1"].value == "=1+1 · Strategy & <i>2027</i>"
        assert sheet["A2"].value == f"Jan 1\u2009\u2013\u2009Dec 31, 2027 · Version {plan.version} · November 24, 2026"
        assert sheet.freeze_panes or sheet.title == "Cover"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_a_month_has_no_year(plan: pa.Plan, tmp_path: Path) -> None:
    """The sheet of quotas by month is left out; the cover has the month's number."""
    book = opened(plan.rep("alice").period("2027-03"), tmp_path, values=True)
    assert "Quotas" not in book.sheetnames
    assert book["Cover"]["B4"].value == plan.rep("alice").period("2027-03").quota


def test_the_chart_draws_the_months_and_not_their_total(plan: pa.Plan, tmp_path: Path) -> None:
    """One series for each segment, over the twelve rows."""
    (chart,) = opened(plan.rep("alice"), tmp_path)["Quotas"]._charts
    assert [one.val.numRef.f for one in chart.series] == ["Quotas!$B$6:$B$17", "Quotas!$C$6:$C$17"]


def test_a_segment_has_the_same_color_in_every_chart(plan: pa.Plan, tmp_path: Path) -> None:
    """Also in that of somebody who sells nothing else."""
    problem = plan.problem
    reps = [pa.Rep(id="alice", covers=["B"], team="north"), pa.Rep(id="bruno", covers=["A"], team="north")]
    force = problem.sales_force.but(reps=reps)
    split = pa.allocate(problem.but(sales_force=force, limits=[], portfolio=pa.Portfolio()))
    fills = []
    for part in (split.team("north"), split.rep("bruno"), split.rep("alice")):
        (chart,) = opened(part, tmp_path)["Quotas"]._charts
        fills.append([one.graphicalProperties.solidFill.srgbClr for one in chart.series])
    assert len(set(fills[0])) == 2
    assert fills[1:] == [[one] for one in fills[0]]


def test_numbers_have_formats(plan: pa.Plan, tmp_path: Path) -> None:
    """Money in cents where the plan is, hours with one decimal, percent."""
    book = opened(plan.rep("alice"), tmp_path)
    assert book["Cover"]["B4"].number_format == '#,##0.00\\ "EUR"'
    assert book["Quotas"]["B6"].number_format == "#,##0.00"
    formats = {cell.number_format for row in book["Activities"].iter_rows() for cell in row}
    assert {"#,##0", "#,##0.0", "0.0%"} <= formats


def test_the_same_plan_gives_the_same_bytes(plan: pa.Plan, tmp_path: Path) -> None:
    """The file says it was made on the day that was given, else on the first day of the plan."""
    files = []
    for number in range(2):
        plan.rep("alice").to_workbook(tmp_path / f"{number}.xlsx")
        files.append((tmp_path / f"{number}.xlsx").read_bytes())
    assert files[0] == files[1]
    assert openpyxl.load_workbook(BytesIO(files[0])).properties.created == datetime(2027, 1, 1)  # noqa: DTZ001 -- a day
    dated = opened(plan.rep("alice"), tmp_path).properties.created
    assert dated == datetime(2026, 11, 24)  # noqa: DTZ001


def test_long_names_wrap(tmp_path: Path) -> None:
    """A name of 200 characters makes a higher row, not a column of 200."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="JPY", shares={"A": 1}, reps=["alice"])
    strategy = problem.strategy.but(segments=[pa.Segment(id="A", name="long " * 39 + "name")])
    sheet = opened(pa.allocate(problem.but(strategy=strategy)).rep("alice"), tmp_path)["Cover"]
    row = next(cell.row for cell in sheet["A"] if str(cell.value).startswith("long"))
    assert sheet.column_dimensions["A"].width < 45
    assert sheet.row_dimensions[row].height >= 5 * 15
    assert sheet["B4"].number_format == '#,##0\\ "JPY"'


def test_a_text_of_ten_thousand_characters_is_cut_into_rows() -> None:
    """No row is higher than a workbook allows, and no word is lost."""
    text = "word " * 2000
    found = pieces(text)
    assert " ".join(found).split() == text.split()
    assert max(map(len, found)) / 96 * 15 < HIGHEST

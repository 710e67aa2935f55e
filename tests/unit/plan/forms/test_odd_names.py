"""Rules of forms for names that a format would read as something else, and for more than it can draw."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import icalendar
import openpyxl
import pytest
from markdown_it import MarkdownIt

import planalloc as pa
from planalloc.plan.forms.markdown import escaped

if TYPE_CHECKING:
    from pathlib import Path

PROBLEM = pa.PlanningProblem.simple(year=2027, revenue=600, currency="EUR", shares={"A": 1}, reps=["alice"])


def cells(path: Path) -> set[object]:
    """Return what stands in a workbook, as another program reads it."""
    return {cell.value for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row}


def texts(path: Path) -> set[str]:
    """Return the texts of a workbook by the letter of its standard (ECMA-376, ST_Xstring): each run by itself."""
    with zipfile.ZipFile(path) as file:
        strings = ET.fromstring(file.read("xl/sharedStrings.xml"))  # noqa: S314 -- our own file
    runs = ([run.text or "" for run in one.iter() if run.tag.endswith("}t")] for one in strings)
    return {"".join(re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), run) for run in one) for one in runs}


@pytest.mark.parametrize("name", ["bob@evil.com", "mailto:bob@evil.com", "MAILTO:bob", "xmpp:bob@evil.com/talk"])
def test_an_address_is_a_name_in_markdown(name: str) -> None:
    """No sign that makes it a link is left bare, and it is read letter by letter."""
    assert not re.search(r"(?<!\\)@|(?i:mailto|xmpp):", escaped(name))
    assert MarkdownIt("commonmark").renderInline(escaped(name)) == name


@pytest.mark.parametrize(
    "name", ["_x005F_x0041_", "a_x0041_x0042_x0043_", "_x0041_", "<r>Hotel</r>", "<r>A & <B></r>", "_x005F_x0041_=1+1"]
)
def test_names_are_read_back_letter_by_letter(name: str, tmp_path: Path) -> None:
    """What looks like an escape of a workbook, or like its markup, is a name like any other."""
    plan = pa.allocate(PROBLEM.replace(pa.Rep(id="alice", name=name), pa.Segment(id="A", name=name)))
    plan.rep("alice").to_workbook(tmp_path / "rep.xlsx")
    plan.to_workbook(tmp_path / "force.xlsx")
    assert name in texts(tmp_path / "rep.xlsx")
    assert name in texts(tmp_path / "force.xlsx")
    summary = openpyxl.load_workbook(tmp_path / "force.xlsx").worksheets[0]
    (link,) = (cell for row in summary.iter_rows() for cell in row if cell.hyperlink)
    assert link.value == name.replace("x005F_", "")  # openpyxl drops these signs wherever they stand


def test_what_no_workbook_holds_is_seen_to_be_missing(tmp_path: Path) -> None:
    """A sign that is no character of XML is replaced, not dropped in silence."""
    stage = pa.Stage(id="offer", conversion=1)
    method = pa.Method(stage="offer", pitch="We\ufffe save\uffff time.")
    plan = pa.allocate(PROBLEM.add(pa.Funnel(deal_size=10, stages=[stage]), method))
    plan.rep("alice").to_workbook(tmp_path / "rep.xlsx")
    assert "We\ufffd save\ufffd time." in cells(tmp_path / "rep.xlsx")


def test_a_chart_sums_the_series_that_it_has_no_room_for(tmp_path: Path) -> None:
    """A workbook draws 255 series: of 300 segments the last 46 are one, and beside the grid."""
    shares = {f"s{number:03}": 1 / 300 for number in range(300)}
    problem = pa.PlanningProblem.simple(year=2027, revenue=36_000, currency="EUR", shares=shares, reps=["alice"])
    plan = pa.allocate(problem.replace(pa.Policy(default_phasing="equal")))
    plan.rep("alice").to_workbook(tmp_path / "rep.xlsx")
    with zipfile.ZipFile(tmp_path / "rep.xlsx") as file:
        chart = file.read("xl/charts/chart1.xml").decode()
    assert chart.count("<c:ser>") == 255
    book = openpyxl.load_workbook(tmp_path / "rep.xlsx", data_only=True)
    (sheet, row, at) = next(
        (sheet, cell.row, cell.column)
        for sheet in book
        for line in sheet.iter_rows()
        for cell in line
        if cell.value == "Others"
    )
    assert [sheet.cell(row + month, at).value for month in range(1, 13)] == [460] * 12
    letter = openpyxl.utils.get_column_letter(at)
    assert f"${letter}$" in chart


def test_meetings_of_two_strategies_have_two_ids(tmp_path: Path) -> None:
    """The same rep and period in another strategy is another meeting; in another version of it, the same."""

    def ids(problem: pa.PlanningProblem) -> set[str]:
        pa.allocate(problem).rep("alice").to_ics(tmp_path / "form.ics")
        calendar = icalendar.Calendar.from_ical((tmp_path / "form.ics").read_bytes())
        return {str(one["uid"]) for one in calendar.walk("VEVENT")}

    first = PROBLEM.add(pa.ReviewRhythm())
    version = first.replace(first.strategy.but(revenue=700))
    other = first.replace(first.strategy.but(name="Services 2027"))
    assert ids(first) == ids(version)
    assert not ids(first) & ids(other)

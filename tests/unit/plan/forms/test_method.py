"""Rules of the method on a form: printed once, with the names of the segments that share it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import openpyxl
import pytest

import planalloc as pa
from planalloc.plan.forms.contents import form_of
from planalloc.plan.forms.page import Passage

if TYPE_CHECKING:
    from pathlib import Path


@cache
def plan(stage: str = "First talk") -> pa.Plan:
    """Return a plan of three segments, of which C has a method of its own for the first of two stages."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1_200, currency="EUR", shares={"A": 0.5, "B": 0.25, "C": 0.25}, reps=["alice"]
    )
    stages = [pa.Stage(id="talk", name=stage, conversion=0.5), pa.Stage(id="offer", conversion=0.5)]
    methods = [
        pa.Method(stage="talk", purpose="Be heard.", pitch="We save money."),
        pa.Method(stage="talk", segment="C", pitch="We save time."),
        pa.Method(stage="offer", purpose="Sign."),
    ]
    return pa.allocate(problem.replace(pa.Playbook(funnels=[pa.Funnel(deal_size=100, stages=stages)], methods=methods)))


@pytest.mark.parametrize(
    ("locale", "headings"),
    [
        ("en", ["First talk: A, B", "First talk: C", "offer"]),
        ("fr", ["First talk : A, B", "First talk : C", "offer"]),
    ],
)
def test_segments_that_share_a_method_stand_above_it_together(locale: str, headings: list[str]) -> None:
    """The common method is printed once although one segment has its own; a stage without that names no segment."""
    (section,) = (one for one in form_of(plan().rep("alice"), locale, on=None)[0].sections if one.sheet == "playbook")
    assert [block.heading for block in section.blocks if isinstance(block, Passage)] == headings


def test_a_stage_has_a_row_of_its_own_on_the_sheet(tmp_path: Path) -> None:
    """Its heading lies over both columns and is not cut; the texts stand below it."""
    long = "A first talk with everybody who has a say in what is bought, and why, " * 2 + "and when"
    plan(long).rep("alice").to_workbook(tmp_path / "form.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "form.xlsx")["Playbook"]
    rows = {str(cell.value): cell.row for cell in sheet["A"] if cell.value}
    row = rows[f"{long}: A, B"]
    assert f"A{row}:B{row}" in {str(one) for one in sheet.merged_cells.ranges}
    assert sheet.row_dimensions[row].height >= 2 * 19
    assert sheet.cell(row, 1).alignment.vertical == "top"
    assert sheet.cell(row, 1).alignment.wrap_text
    assert [sheet.cell(row + one, 2).value for one in (1, 2)] == ["Be heard.", "We save money."]
    assert sheet.cell(row + 2, 1).value == "Pitch"

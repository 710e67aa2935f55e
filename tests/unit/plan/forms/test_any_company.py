"""Rules that hold for the forms of every company."""

from __future__ import annotations

import re
from io import BytesIO

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

import planalloc as pa
from companies import companies
from planalloc.plan.forms.contents import form_of
from planalloc.plan.forms.force import force_workbook
from planalloc.plan.forms.page import Grid, Page
from planalloc.plan.forms.workbook import as_workbook


def total(page: Page, heading: str) -> float:
    """Return the last number of a grid's last row; 0 where the page has no such grid."""
    for section in page.sections:
        for block in section.blocks:
            if isinstance(block, Grid) and heading in {section.heading, block.heading}:
                last = [one for one in (block.totals or block.rows[-1]) if isinstance(one, int | float)]
                return last[-1]
    return 0


@given(companies())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_form_can_be_made_and_adds_up(problem: pa.PlanningProblem) -> None:
    """Of the year and of its first period, in both languages; quotas by period add up to the quota."""
    try:
        plan = pa.allocate(problem)
    except pa.InfeasibleError:
        return
    grain, first = problem.calendar.grain, problem.calendar.periods()[0].id
    for rep in problem.sales_force.reps[:2]:
        for part, locale in ((plan.rep(rep.id), "en"), (plan.rep(rep.id).period(first), "fr")):
            page, wording = form_of(part, locale, on=None)
            assert part.to_html(locale).count("<h2>") == len(page.sections)
            assert len(re.findall("^## ", part.to_markdown(locale), flags=re.MULTILINE)) == len(page.sections)
            book = openpyxl.load_workbook(BytesIO(as_workbook(page, wording, made=problem.calendar.start)))
            assert len(book.sheetnames) == len({section.sheet for section in page.sections} | {"cover"})
        year = form_of(plan.rep(rep.id), "en", on=None)[0]
        assert total(year, f"Quota by {grain} (EUR)") == pytest.approx(plan.rep(rep.id).quota, abs=1e-6)
    book = openpyxl.load_workbook(BytesIO(force_workbook(plan, "fr", on=None)))
    assert len(book.sheetnames) == 1 + len(problem.sales_force.reps)

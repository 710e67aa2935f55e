"""Rules of a review's pages: the same numbers in every form, in one language, and names that stay text."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pytest

from planalloc.allocation import allocate
from planalloc.errors import InputError, UnknownNameError
from planalloc.events.actuals import Actuals
from planalloc.model.salesforce import Rep
from planalloc.plan.agenda import Agenda, AgendaItem
from planalloc.plan.forms.page import Grid
from planalloc.plan.forms.words import WORDS
from planalloc.replanning.replan import replan
from planalloc.reviewing.contents import page_of
from planalloc.reviewing.review import Review, review
from planalloc.reviewing.words import REVIEW_WORDS
from simulated import happened, simulated_plan

if TYPE_CHECKING:
    from pathlib import Path

    from planalloc.reviewing.agenda_page import ReviewPage

JUNE = date(2027, 6, 30)
HOSTILE = "<b>=1+1</b> | *A* & `x`"
LAST = Agenda(
    rep="alice",
    date=date(2027, 6, 1),
    items=[
        AgendaItem(topic="commitments", text="Call the five largest.", owner="alice", due=date(2027, 6, 15)),
        AgendaItem(topic="tools", text="A shorter demonstration", done=True),
    ],
)


@cache
def june() -> Review:
    """Return the half-year of three reps of whom alice hardly works and bruno hardly converts."""
    plan = simulated_plan(3)
    actuals = happened(plan, JUNE, 3, converts={"bruno": 0.15}, works={"alice": 0.05})
    stranger = {"date": JUNE, "rep": "zoe", "segment": "A", "amount": 700.0}
    return review(plan, Actuals(**{**vars(actuals), "sales": [*actuals.sales, stranger]}), as_of=JUNE)


@cache
def hostile() -> Review:
    """Return a review of people, segments, accounts, deals and sources with hostile names."""
    plan = simulated_plan(2, name="S & <i>", segment=HOSTILE, person="=2+2")
    actuals = happened(plan, JUNE, 4, works={"alice": 0.05})
    deals = [
        {**row, "id": f"=SUM(A1)|<{row['id']}>", "source": "<script>", "expected_close": date(2027, 6, 1)}
        for row in actuals.opportunities
    ]
    return review(plan, Actuals(**{**vars(actuals), "opportunities": deals, "stages": None}), as_of=JUNE)


def pages(found: Review) -> list[ReviewPage]:
    """Return a rep's page, a team's and the company's."""
    return [found.rep("alice"), found.team("north"), found.page]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_page_can_be_made_in_every_form(language: str, tmp_path: Path) -> None:
    """A rep's, a team's and the company's page as Markdown, HTML and workbook."""
    for part in pages(june()):
        assert part.to_markdown(language).startswith("# ")
        assert "</html>" in part.to_html(language)
        part.to_workbook(tmp_path / "page.xlsx", language)
        assert openpyxl.load_workbook(tmp_path / "page.xlsx").sheetnames == [WORDS[language]["cover"]]


def test_every_language_has_the_same_words_and_none_of_a_plans() -> None:
    """A page never falls back to another language, and its words do not take the place of a form's."""
    english, french = REVIEW_WORDS["en"], REVIEW_WORDS["fr"]
    assert english.keys() == french.keys()
    braces = re.compile(r"{\w+}")
    assert {key: set(braces.findall(text)) for key, text in english.items()} == {
        key: set(braces.findall(text)) for key, text in french.items()
    }


def test_a_french_page_has_no_english_label() -> None:
    """Titles, headings, labels and words of ours are those of the French page, whatever the names are."""
    both = {
        key: (text, {**WORDS["fr"], **REVIEW_WORDS["fr"]}[key])
        for key, text in {**WORDS["en"], **REVIEW_WORDS["en"]}.items()
    }
    english = {text.casefold() for text, french in both.values() if "{" not in text and text != french}
    english -= {text.casefold() for _, text in both.values()}
    names = {"north", "trade", "industry"}
    for part in pages(june()):
        page, _ = page_of(part, "fr")
        said = [page.title, *(figure.label for figure in page.figures)]
        for section in page.sections:
            said.append(section.heading)
            for block in section.blocks:
                said.append(block.heading)
                if isinstance(block, Grid):
                    said += [field.heading for field in block.fields]
                    said += [cell for row in block.rows for cell in row if isinstance(cell, str)]
        assert {one.casefold() for one in said} & english - names == set()


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """No name becomes a tag, a formula, a heading or a cell of its own."""
    for part in pages(hostile()):
        html = part.to_html()
        assert "<script>" not in html
        assert "<b>=1" not in html
        assert "<b>=1" not in part._repr_html_()
        for line in part.to_markdown().splitlines():
            if line.startswith("|"):
                assert not re.search(r"(?<!\\)<", line)
        part.to_workbook(tmp_path / "page.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / "page.xlsx").active
        cells = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
        formulas = [cell.value for cell in cells if cell.data_type == "f"]
        assert all(re.fullmatch(r"=(SUM|IF)\([A-Z0-9:=,/\"$()SUM]+\)", one) for one in formulas), formulas
        assert "=2+2" in " ".join(cell.value for cell in cells)


def test_grids_of_a_page_have_cells_for_all_their_columns() -> None:
    """Each row is as long as its heading, in every table of every page."""
    for part in [*pages(june()), *pages(hostile())]:
        page, _ = page_of(part, "en")
        grids = [block for section in page.sections for block in section.blocks if isinstance(block, Grid)]
        assert grids
        assert all(len(row) == len(grid.fields) for grid in grids for row in grid.given)


def test_text_and_notebook_show_the_same_numbers() -> None:
    """Every cell of the text of a review is in its HTML."""
    for part in pages(june()):
        html = part._repr_html_()
        numbers = set(re.findall(r"\d[\d,]*\.\d\d", str(part)))
        assert numbers
        assert all(number in html for number in numbers)


def test_the_reps_page_leads_with_where_the_rep_stands() -> None:
    """Quota, what is due and what was sold are the first figures, and those of `standing`."""
    page, _ = page_of(june().rep("alice"), "en")
    (now,) = june().standing("rep").where(rep="alice").to_dicts()
    assert [figure.value for figure in page.figures[:3]] == [now["quota"], now["due"], now["actual"]]
    assert [figure.label for figure in page.figures[:4]] == ["Quota", "Due to date", "Sold", "Pace"]


def test_open_points_are_carried_over_and_settled_ones_are_not() -> None:
    """The next agenda is for the next review point, and holds what is still open."""
    part = june().rep("alice", last=LAST)
    assert part.agenda.date == part.next_point == date(2027, 7, 1)
    assert [item.text for item in part.agenda.items] == ["Call the five largest."]
    assert "Call the five largest." in part.to_markdown("fr")
    assert "shorter demonstration" not in part.to_markdown("fr")


def test_without_a_last_agenda_nothing_is_open() -> None:
    """The page says so, and the agenda is empty."""
    assert june().rep("bruno").agenda.items == ()
    assert REVIEW_WORDS["en"]["no_commitments"] in june().rep("bruno").to_markdown().replace("\\", "")


def test_somebody_elses_agenda_is_refused() -> None:
    """An agenda of alice is no last agenda of bruno."""
    with pytest.raises(InputError, match="alice"):
        june().rep("bruno", last=LAST)


def test_unknown_people_and_teams_are_refused() -> None:
    """Ids are those of the plan, and languages those that have words."""
    with pytest.raises(UnknownNameError):
        june().rep("zoe")
    with pytest.raises(UnknownNameError):
        june().team("west")
    with pytest.raises(UnknownNameError):
        june().to_markdown("de")


def test_a_team_is_its_own_people_only() -> None:
    """A team's page speaks of its reps: alerts, deals, money."""
    part = june().team("north")
    assert set(part.opportunities["rep"]) == {"alice", "chloe"}
    assert {alert.rep for alert in part.alerts} <= {"alice", "chloe"}
    assert part.standing().to_dicts()[0]["quota"] == june().plan.team("north").quota


@pytest.mark.parametrize(
    "actuals", [Actuals(), Actuals(sales=[{"date": JUNE, "rep": "alice", "segment": "A", "amount": 9_999_999}])]
)
def test_pages_are_made_with_nothing_sold_and_all_sold(actuals: Actuals) -> None:
    """Where tables of events are missing, or the year is reached, the page leaves out what it has no word of."""
    found = review(simulated_plan(2), actuals, as_of=JUNE)
    for part in pages(found):
        assert "nan" not in part.to_markdown()
        assert "nan" not in part.to_html("fr")


def test_pages_of_a_large_company_show_those_who_stand_out() -> None:
    """Of forty reps, the company's page lists fifteen, and says so; a team's page lists its twenty."""
    plan = simulated_plan(40)
    found = review(plan, happened(plan, date(2027, 1, 31), 1), as_of=date(2027, 1, 31))
    assert "By rep: 15 of 40" in found.to_markdown()
    assert sum(f"| rep-{n:02d} |" in found.team("north").to_markdown().replace("\\", "") for n in range(6, 40, 2)) == 17


def test_a_revised_plan_adds_up_on_its_page() -> None:
    """Quota less what the revision settled is what is sold and still to sell; the gap is what came since."""
    plan = simulated_plan(3)
    told = happened(plan, JUNE, 3, sells={"bruno": 0.3})
    found = review(replan(plan, actuals=told, as_of=date(2027, 3, 31)), told, as_of=JUNE)
    page, wording = page_of(found.page, "en")
    grid = next(
        block for block in page.sections[0].blocks if isinstance(block, Grid) and block.fields[0].heading == "Rep"
    )
    at = {field.heading: n for n, field in enumerate(grid.fields)}
    names = ("Quota", wording["redistributed"], "Sold", "Still to sell", "Due to date", "Gap")
    quota, settled, sold, missing, due, gap = np.array([[row[at[one]] for one in names] for row in grid.given], float).T
    assert (np.abs(settled) > 1).any()
    assert np.allclose(quota - settled, sold + missing)
    assert np.allclose(gap, sold - due)
    assert (due < quota - settled).all()
    assert page.figures[1].value == pytest.approx(settled.sum())


def test_a_review_fits_on_a_screen() -> None:
    """The text of a review has at most sixty lines, whatever it is about."""
    assert all(len(str(part).splitlines()) <= 60 for part in pages(june()))


def test_an_overlay_s_page_says_why_it_is_empty() -> None:
    """A rep who only supports others has no numbers, and the page says where the sales count."""
    plan = allocate(simulated_plan(3).problem.add(Rep(id="olga", role="overlay")))
    page = review(plan, Actuals(), as_of=JUNE).rep("olga")
    assert "Overlay: without numbers of their own." in page.to_markdown()
    assert "Nothing differs" not in page.to_markdown()
    assert "An overlay's sales count with those that are covered." in str(page)

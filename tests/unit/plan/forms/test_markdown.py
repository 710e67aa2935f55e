"""Rules of the Markdown form: names stay names, tables stay tables."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.plan.forms.markdown import escaped

BARE_PIPE = re.compile(r"(?<!\\)\|")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("A|B", r"A\|B"),
        ("two\nlines", "two lines"),
        ("120\u202f000\xa0€", "120\u202f000\xa0€"),
        ("<script>", r"\<script\>"),
        ("*bold* _it_ `code` ~gone~", r"\*bold\* \_it\_ \`code\` \~gone\~"),
        ("[link](x)", r"\[link\](x)"),
        ("https://x.example", r"https\://x.example"),
        ("www.x.example", r"www\.x.example"),
        ("# 1", r"\# 1"),
        ("- item", r"\- item"),
        ("+ item", r"\+ item"),
        ("=1+1", r"\=1+1"),
        ("1. item", r"1\. item"),
        ("2) item", r"2\) item"),
        ("703.5", "703.5"),
        ("back\\slash", r"back\\slash"),
        ("plain Café & co", r"plain Café \& co"),
        ("", ""),
    ],
)
def test_signs_are_made_plain(name: str, text: str) -> None:
    """Each sign that Markdown would read as one, and no other."""
    assert escaped(name) == text


@given(st.text(max_size=60))
@settings(max_examples=50, deadline=None)
def test_unescaping_gives_the_text_back(text: str) -> None:
    """Nothing is lost but the shape of blanks."""
    assert re.sub(r"\\(.)", r"\1", escaped(text)).split() == text.split()


@pytest.mark.parametrize("period", [None, "2027-03", "2027-Q2"])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_row_of_a_table_has_as_many_cells_as_its_head(plan: pa.Plan, period: str | None, locale: str) -> None:
    """A pipe in a name does not make a column."""
    part = plan.rep("alice")
    text = (part if period is None else part.period(period)).to_markdown(locale)
    tables = [block.splitlines() for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)]
    assert len(tables) > 3
    for table in tables:
        assert len({len(BARE_PIPE.findall(row)) for row in table}) == 1
        assert re.fullmatch(r"\|( -{3}:? \|)+", table[1])


def test_no_name_opens_an_element(plan: pa.Plan) -> None:
    """All angle brackets of the page are escaped."""
    assert re.findall(r"(?<!\\)[<>]", plan.rep("alice").to_markdown()) == []


def test_lists_and_paragraphs_keep_their_lines(plan: pa.Plan) -> None:
    """A purpose of two lines is two paragraphs; each question is an entry."""
    text = plan.rep("alice").to_markdown()
    assert "Be heard.\n\nBe remembered." in text
    assert "**Questions**\n\n- Who else decides?\n- \\<script\\>alert(1)\\</script\\>\n" in text


def test_the_same_plan_gives_the_same_text(plan: pa.Plan) -> None:
    """Nothing of the clock or of memory is in it."""
    again = pa.Plan.from_json(plan.to_json())
    assert again.rep("alice").to_markdown("fr") == plan.rep("alice").to_markdown("fr")

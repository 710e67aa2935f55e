"""Rules of the HTML page: self-contained, well formed, and names are text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

import planalloc as pa

VOID = {"meta", "br"}
KNOWN = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "p", "dl", "div", "dt", "dd",
    "section", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "ul", "li",
}  # fmt: skip


class Reader(HTMLParser):
    """Reads a page: its elements, its texts by element, and whether each end has its beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be this one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if data.strip() and self.open:
            self.texts.append((self.open[-1], data.strip()))


def read(text: str) -> Reader:
    """Read a page to its end."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("period", [None, "2027-03"])
def test_the_page_is_well_formed_and_holds_no_other_element(plan: pa.Plan, locale: str, period: str | None) -> None:
    """No name becomes an element: no <b>, no <script>, no <i>."""
    part = plan.rep("alice") if period is None else plan.rep("alice").period(period)
    assert read(part.to_html(locale)).seen <= KNOWN


def test_names_are_text_on_the_page(plan: pa.Plan) -> None:
    """Exactly as they are written."""
    texts = {text for _, text in read(plan.rep("alice").to_html()).texts}
    assert {"<b>=1+1</b> | *A* & `x`", "=HYPERLINK(A1)", "Two|Three", "<script>alert(1)</script>"} <= texts


def test_the_page_needs_nothing_else(plan: pa.Plan) -> None:
    """No script, no file, no address, no handler."""
    text = plan.rep("alice").to_html()
    assert read(text).attributes <= {"lang", "charset", "name", "content", "class"}
    for outside in ("url(", "@import", "http://", "https://"):
        assert outside not in text


def test_the_page_says_its_language(plan: pa.Plan) -> None:
    """As browsers read it: with a hyphen before the region."""
    assert '<html lang="fr-CA">' in plan.rep("alice").to_html("fr_CA")


def test_the_page_has_the_numbers_of_the_plan(plan: pa.Plan) -> None:
    """The quota at the head, and as the last total of the year."""
    texts = read(plan.rep("alice").to_html()).texts
    assert ("dd", "€101,500.00") in texts
    assert texts.count(("td", "101,500.00")) == 3


def test_the_same_plan_gives_the_same_page(plan: pa.Plan) -> None:
    """Bytes do not change from one call to the next."""
    assert plan.rep("alice").to_html() == plan.rep("alice").to_html()


def test_tables_are_not_torn_apart_in_print(plan: pa.Plan) -> None:
    """Short ones stay on one sheet; of long ones the total keeps a row before it, as a heading keeps what follows."""
    text = plan.rep("alice").to_html()
    assert text.count('<div class="scroll whole">') == text.count('<div class="scroll')
    problem = plan.problem.but(calendar=plan.problem.calendar.but(grain="week"), limits=[])
    weekly = pa.allocate(problem).rep("alice").to_html()
    assert 0 < weekly.count('<div class="scroll whole">') < weekly.count('<div class="scroll')
    print_rules = weekly.split("@media print")[1].split("</style>")[0]
    assert ".whole { break-inside: avoid; }" in print_rules
    assert "tbody tr:last-child, tfoot, tfoot tr { break-before: avoid; }" in print_rules
    assert "p:has(+ .scroll), p:has(+ h4) { break-after: avoid; }" in print_rules
    assert "h2, h3, h4 { break-after: avoid; }" in weekly

"""A form as Markdown, with tables as GitHub and most others read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planalloc.plan.forms.page import Grid, Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.plan.forms.page import Block, Cell, Page
    from planalloc.plan.forms.wording import Wording

__all__ = ["as_markdown", "escaped"]

SIGNS = re.compile(r"[\\`*_\[\]<>|~&#$@]|:(?=//)|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
"""What Markdown would read as a sign wherever it stands."""
OPENINGS = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+=]))(.)")
"""What Markdown would read as a sign at the beginning of a line."""
BLANKS = re.compile("[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")
"""Blanks and breaks of lines; not those that keep a number together."""
BREAK = "\\\n  "
"""The end of a line within an entry of a list."""


def as_markdown(page: Page, wording: Wording) -> str:
    """Return a form as Markdown text."""
    lines = [f"# {escaped(page.title)}", "", escaped(page.subtitle), ""]
    for figure in page.figures:
        value = f"**{escaped(wording.cell(figure.value, figure.kind))}**"
        lines.append(f"- {wording.say('stated', label=escaped(figure.label), value=value)}")
    for section in page.sections:
        lines += ["", f"## {escaped(section.heading)}", ""]
        for block in section.blocks:
            lines += _block(block, wording)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def escaped(text: str) -> str:
    r"""Return a text on one line, with what Markdown would interpret made plain.

    Examples
    --------
    >>> print(escaped("A|B *and* <b>"), escaped("- 1\n2"))
    A\|B \*and\* \<b\> \- 1 2
    """
    plain = SIGNS.sub(r"\\\g<0>", BLANKS.sub(" ", text).strip(" "))
    return OPENINGS.sub(r"\1\\\2", plain)


def _block(block: Block, wording: Wording) -> Iterator[str]:
    if block.heading:
        yield from (
            f"**{escaped(block.heading)}**" if isinstance(block, Listing) else f"### {escaped(block.heading)}",
            "",
        )
    if isinstance(block, Grid):
        yield from _grid(block, wording)
    elif isinstance(block, Listing):
        yield from ("- " + BREAK.join(_lines(one)) for one in block.entries)
    else:
        yield "\n\n".join(_lines(block.text))
    yield ""


def _lines(text: str) -> list[str]:
    """Return the lines of a text that are not blank."""
    return [escaped(line) for line in text.splitlines() if line.strip()]


def _grid(grid: Grid, wording: Wording) -> Iterator[str]:
    yield _row([escaped(field.heading) for field in grid.fields])
    yield _row(["---" if field.kind in {"text", "day"} else "---:" for field in grid.fields])
    for row in grid.rows:
        yield _row(_cells(row, grid, wording))
    if grid.totals:
        yield _row([f"**{cell}**" if cell else "" for cell in _cells(grid.totals, grid, wording)])


def _cells(row: tuple[Cell, ...], grid: Grid, wording: Wording) -> list[str]:
    return [escaped(wording.cell(cell, field.kind)) for cell, field in zip(row, grid.fields, strict=True)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"

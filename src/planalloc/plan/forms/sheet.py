"""Blocks of a form on a sheet of a workbook: text as text, sums as formulas beside the values they have."""

from __future__ import annotations

import re
from datetime import date
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from planalloc.errors import require
from planalloc.plan.forms.page import Field, Grid, Listing, Passage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.plan.forms.page import Block, Cell, Kind, Section
    from planalloc.plan.forms.styles import Styles

__all__ = [
    "Placed",
    "clean",
    "fit_row",
    "pieces",
    "print_setup",
    "put_text",
    "sum_across",
    "write_grid",
    "write_head",
    "write_sections",
    "write_value",
]

LONGEST_CELL = 32_767
"""Characters that a cell of a workbook holds."""
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
REPLACEMENT = "\ufffd"
"""Stands where a text holds what no workbook can, so that it is seen to be missing."""
MISREAD = re.compile(r"_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_|^<r>.*</r>$", re.DOTALL)
"""What other programs read otherwise than XlsxWriter means it: two escapes that share a sign, and its own markup."""
NARROWEST, WIDEST = 9, 38
"""Widths of a column, in characters; what is longer wraps."""
TEXT_WIDTH = 80
"""How many characters of a text stand in a line."""
LONGEST_HEADING = 16
"""Headings of more characters wrap."""
LONGEST_PIECE = 1500
"""Characters of a text that the highest row shows in a wide column."""
LINE_HEIGHT, HIGHEST = 15, 400
"""Heights of rows, in points."""
LONGEST_FOOTER = 100
"""Characters of the title in a footer, of which a workbook takes 255 in all."""


class Placed(NamedTuple):
    """A grid on a sheet: its heading row, its rows (the last included), and how many columns it has."""

    grid: Grid
    head: int
    first: int
    last: int

    @property
    def below(self) -> int:
        """The first row after it and a blank one."""
        return self.last + 2 + bool(self.grid.totals)


def write_head(sheet: Any, head: tuple[str, str], *, styles: Styles) -> int:
    """Write title and subtitle; return the row below them."""
    title, subtitle = head
    put_text(sheet, (0, 0), title, look=styles.title)
    put_text(sheet, (1, 0), subtitle, look=styles.subtitle)
    sheet.set_row(0, 24)
    return 3


def write_sections(sheet: Any, sections: list[Section], *, row: int, styles: Styles, first: int = 0) -> list[Placed]:
    """Write sections one below the other, columns as wide as what stands in them; return where their grids are.

    Parameters
    ----------
    sheet : xlsxwriter.Worksheet
        Where.
    sections : list of Section
        What.
    row : int
        Where to begin.
    styles : Styles
        How it looks.
    first : int
        Least width of the first column, in characters.
    """
    grids = [block for section in sections for block in section.blocks if isinstance(block, Grid)]
    widths = fit_columns(sheet, grids, styles=styles, first=first)
    placed: list[Placed] = []
    for section in sections:
        put_text(sheet, (row, 0), section.heading, look=styles.section)
        row += 1
        for block in section.blocks:
            for text, look in _texts(block, styles):
                write_text(sheet, text, row=row, widths=widths, look=look)
                row += 1
            if isinstance(block, Grid):
                placed.append(write_grid(sheet, block, row=row, widths=widths, styles=styles))
                row = placed[-1].below
        row += 1
    return placed


def _texts(block: Block, styles: Styles) -> list[tuple[str, Any]]:
    """Return what stands in lines of its own: the heading, and the texts below it."""
    entries = block.entries if isinstance(block, Listing) else (block.text,) if isinstance(block, Passage) else ()
    return [(block.heading, styles.heading)] * bool(block.heading) + [(text, styles.text) for text in entries if text]


def put_text(sheet: Any, place: tuple[int, int], text: str, *, look: Any) -> None:
    """Write a text that is read back letter by letter, and never as a formula, an escape or markup."""
    text = clean(text)
    if not MISREAD.search(text):
        sheet.write_string(*place, text, look)
        return
    parts = [text[:1], *(part for part in re.split("(?=_)", text[1:]) if part)]
    sheet.write_rich_string(*place, *(one for part in parts for one in (look, part)), look)


def write_text(sheet: Any, text: str, *, row: int, widths: Sequence[int], look: Any) -> None:
    """Write a text over as many columns as make a line of it, wrapped where it is longer."""
    if len(text) <= widths[0]:
        put_text(sheet, (row, 0), text, look=look)
        return
    across = [*widths, *[NARROWEST] * TEXT_WIDTH]
    last = next(i for i in range(len(across)) if sum(across[: i + 1]) >= TEXT_WIDTH)
    sheet.merge_range(row, 0, row, max(last, 1), "", look)
    put_text(sheet, (row, 0), text, look=look)
    fit_row(sheet, row, cells=[text], widths=[sum(across[: last + 1])])


def write_grid(sheet: Any, grid: Grid, *, row: int, widths: list[int], styles: Styles) -> Placed:
    """Write a grid with its heading row at `row`: what follows from other cells as formulas with their values."""
    placed = Placed(grid, row, row + 1, row + len(grid.rows))
    for column, field in enumerate(grid.fields):
        put_text(sheet, (row, column), field.heading, look=styles.cell(field.kind, "head", inner=column > 0))
    fit_row(sheet, row, cells=[field.heading for field in grid.fields], widths=[width - 2 for width in widths])
    looks = [styles.cell(field.kind, inner=column > 0) for column, field in enumerate(grid.fields)]
    derived = [field.derived for field in grid.fields]
    for r, cells in enumerate(grid.rows, start=placed.first):
        for column, value in enumerate(cells):
            formula = _formula(placed, grid.fields[column], row=r) if derived[column] else ""
            _write(sheet, (r, column), value, look=looks[column], formula=formula)
        fit_row(sheet, r, cells=cells, widths=widths)
    for column, value in enumerate(grid.totals or ()):
        field, below = grid.fields[column], placed.last + 1
        formula = _formula(placed, field, row=below) or (_sum(placed, column) if field.adds else "")
        place = (below, column)
        kind = field.kind if column else "text"
        write_value(sheet, place, value, kind=kind, styles=styles, formula=formula, role="total")
    return placed


def pieces(text: str) -> list[str]:
    r"""Cut a text into its lines, and lines that no row is high enough for into parts.

    Examples
    --------
    >>> pieces("one\ntwo")
    ['one', 'two']
    """
    return [part for line in text.splitlines() for part in wrap(line, LONGEST_PIECE)]


def fit_row(sheet: Any, row: int, *, cells: Sequence[Cell], widths: Sequence[int], line: int = LINE_HEIGHT) -> None:
    """Make a row as high as its texts, wrapped, need; not every program does so by itself."""
    lines = 1
    for cell, width in zip(cells, widths, strict=False):
        if isinstance(cell, str) and (len(cell) > width or "\n" in cell):
            lines = max(lines, sum(len(wrap(one, width)) or 1 for one in cell.splitlines()))
    if lines > 1 or line > LINE_HEIGHT:
        sheet.set_row(row, min(line * lines, HIGHEST))


def write_value(
    sheet: Any,
    place: tuple[int, int],
    value: Cell,
    *,
    kind: Kind,
    styles: Styles,
    formula: str = "",
    role: str = "body",
) -> None:
    """Write one cell: a formula with the value it has, a number, a day, or a text that is never read as a formula."""
    _write(sheet, place, value, look=styles.cell(kind, role, inner=place[1] > 0), formula=formula)


def _write(sheet: Any, place: tuple[int, int], value: Cell, *, look: Any, formula: str) -> None:
    if formula:
        sheet.write_formula(*place, formula, look, "" if value is None else value)
    elif value is None or value != value:  # noqa: PLR0124 -- NaN is missing
        sheet.write_blank(*place, None, look)
    elif isinstance(value, date):
        sheet.write_datetime(*place, value, look)
    elif isinstance(value, str):
        put_text(sheet, place, value, look=look)
    else:
        sheet.write_number(*place, value, look)


def clean(text: str) -> str:
    r"""Return a text that a cell can hold: without what XML does not know, and no longer than a cell.

    Examples
    --------
    >>> clean("a\x0bb")
    'a�b'
    """
    return (text if text.isprintable() else NO_XML.sub(REPLACEMENT, text))[:LONGEST_CELL]


def _formula(placed: Placed, field: Field, *, row: int) -> str:
    """Return the formula of a derived cell; empty for one that is given."""
    if field.across:
        return sum_across(row, min(field.across), max(field.across))
    if field.ratio:
        part, whole = (_at(row, column) for column in field.ratio)
        return f'=IF({whole}=0,"",{part}/{whole})'
    if field.of_all is not None:
        whole = _range(placed, field.of_all, fixed=True)
        return f'=IF(SUM({whole})=0,"",{_at(row, field.of_all)}/SUM({whole}))'
    return ""


def sum_across(row: int, first: int, last: int) -> str:
    """Return the formula of a sum over columns, the last included."""
    return f"=SUM({_at(row, first)}:{_at(row, last)})"


def _sum(placed: Placed, column: int) -> str:
    return f"=SUM({_range(placed, column)})"


def _range(placed: Placed, column: int, *, fixed: bool = False) -> str:
    name: str = require("xlsxwriter.utility", "forms").xl_range(placed.first, column, placed.last, column)
    return re.sub(r"(\d+)", r"$\1", name) if fixed else name


def _at(row: int, column: int) -> str:
    name: str = require("xlsxwriter.utility", "forms").xl_rowcol_to_cell(row, column)
    return name


def fit_columns(sheet: Any, grids: list[Grid], *, styles: Styles, first: int) -> list[int]:
    """Make each column as wide as its longest cell, within bounds; return the widths, in characters."""
    widths: dict[int, int] = {0: max(first, NARROWEST)}
    for grid in grids:
        for column, field in enumerate(grid.fields):
            cells = [row[column] for row in (*grid.rows, *([grid.totals] if grid.totals else []))]
            widths[column] = max(widths.get(column, NARROWEST), _width(field, cells, styles=styles))
    for column, width in widths.items():
        sheet.set_column(column, column, width)
    return [widths[column] for column in sorted(widths)]


def _width(field: Field, cells: list[Cell], *, styles: Styles) -> int:
    """Return a column's width: its longest cell, and the longest line of its heading."""
    kind = "amount" if field.kind == "money" else field.kind
    if kind == "text":
        longest = max((len(one) for one in cells if isinstance(one, str)), default=0)
    elif kind == "day":
        longest = 18
    else:
        extremes = [one for one in cells if isinstance(one, int | float)]
        longest = len(styles.wording.cell(max(extremes, default=0, key=abs), kind)) + 2
    heading = max((len(one) for one in wrap(field.heading, LONGEST_HEADING, break_long_words=False)), default=0)
    return min(max(longest + 2, heading + 3, NARROWEST), WIDEST)


def print_setup(sheet: Any, *, title: str, styles: Styles, repeat: int, pages: int = 0, upright: bool = False) -> None:
    """Print on A4, one page wide, with title and page number below and the first rows on each page.

    Parameters
    ----------
    sheet : xlsxwriter.Worksheet
        Which.
    title : str
        What stands below.
    styles : Styles
        Whose words.
    repeat : int
        The last row that is printed on every page.
    pages : int
        How many pages it may be long; 0: as many as it needs.
    upright : bool
        Portrait rather than landscape.
    """
    if not upright:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, pages)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.repeat_rows(0, repeat)
    numbered = styles.wording.say("page_of", page="&P", pages="&N")
    sheet.set_footer(f"&L{clean(title)[:LONGEST_FOOTER].replace('&', '&&')}&R{numbered}")
    sheet.hide_gridlines(2)

"""A form as a workbook: cover, quotas with a chart of the year, activities, accounts, playbook, review points."""

from __future__ import annotations

from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any, get_args

from planalloc.errors import require
from planalloc.plan.forms.page import Grid, Listing, Sheet, added
from planalloc.plan.forms.sheet import (
    clean,
    fit_row,
    pieces,
    print_setup,
    put_text,
    sum_across,
    write_head,
    write_sections,
    write_value,
)
from planalloc.plan.forms.styles import PALETTE, Styles

if TYPE_CHECKING:
    from datetime import date

    from planalloc.plan.forms.page import Page, Section
    from planalloc.plan.forms.sheet import Placed
    from planalloc.plan.forms.wording import Wording

__all__ = ["as_workbook", "new_book"]

LABEL_WIDTH, TEXT_WIDTH = 24, 96
"""Columns of the playbook, in characters."""
STAGE_WIDTH, STAGE_HEIGHT = 80, 19
"""Characters of a stage's heading in a line over both columns, and its height in points."""
MOST_SERIES = 255
"""Series that a chart of a workbook has at most; more are summed as the others."""
OTHERS = "#DDDDDD"
MOST_UPRIGHT = 8
"""Columns of a grid up to which a cover is printed upright."""
ONE_PAGE, FEW_ROWS = 45, 13
"""Rows of grids that are still readable on one upright page; and beside a chart on one that lies."""


def as_workbook(page: Page, wording: Wording, *, made: date) -> bytes:
    """Return a form as the bytes of an XLSX file, the same bytes for the same form.

    Parameters
    ----------
    page : Page
        The form.
    wording : Wording
        Its language.
    made : date
        The day that the file says it was made on.

    Raises
    ------
    BackendUnavailableError
        When XlsxWriter is not installed.
    """
    file = BytesIO()
    book = new_book(file, page.title, made=made)
    styles = Styles(book, wording)
    for key in get_args(Sheet):
        sections = [section for section in page.sections if section.sheet == key]
        if sections or key == "cover":
            sheet = book.add_worksheet(wording[key])
            _SHEETS.get(key, _stacked)(sheet, page, sections=sections, styles=styles)
    book.close()
    return file.getvalue()


def new_book(file: BytesIO, title: str, *, made: date) -> Any:
    """Return an empty workbook that says nothing of the clock and reads no text as formula, number or address."""
    plain = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "in_memory": True}
    book = require("xlsxwriter", "forms").Workbook(file, plain)
    book.set_properties({"title": clean(title), "created": datetime.combine(made, time())})
    return book


def _cover(sheet: Any, page: Page, *, sections: list[Section], styles: Styles) -> None:
    row = write_head(sheet, (page.title, page.subtitle), styles=styles)
    for figure in page.figures:
        sheet.write_string(row, 0, figure.label, styles.plain)
        write_value(sheet, (row, 1), figure.value, kind=figure.kind, styles=styles, role="figure")
        row += 1
    labels = max((len(figure.label) for figure in page.figures), default=0)
    placed = write_sections(sheet, sections, row=row + 1, styles=styles, first=labels + 2)
    rows = sum(len(one.grid.rows) for one in placed)
    upright = all(len(one.grid.fields) <= MOST_UPRIGHT for one in placed)
    print_setup(sheet, title=page.title, styles=styles, repeat=1, pages=int(rows <= ONE_PAGE), upright=upright)


def _stacked(sheet: Any, page: Page, *, sections: list[Section], styles: Styles) -> None:
    """Write sections one below the other; a lone grid keeps its heading in sight."""
    row = write_head(sheet, (page.title, page.subtitle), styles=styles)
    placed = write_sections(sheet, sections, row=row, styles=styles)
    head = placed[0].head if len(placed) == 1 else 1
    sheet.freeze_panes(head + 1, 1)
    print_setup(sheet, title=page.title, styles=styles, repeat=head)


def _quotas(sheet: Any, page: Page, *, sections: list[Section], styles: Styles) -> None:
    """Write the quota of each period, and a chart of it."""
    row = write_head(sheet, (page.title, page.subtitle), styles=styles)
    (placed,) = write_sections(sheet, sections, row=row, styles=styles)
    sheet.freeze_panes(placed.head + 1, 1)
    _add_chart(sheet, placed, styles=styles, heading=sections[0].heading)
    few = int(len(placed.grid.rows) <= FEW_ROWS)
    print_setup(sheet, title=page.title, styles=styles, repeat=placed.head, pages=few)


def _add_others(sheet: Any, placed: Placed, columns: list[int], *, styles: Styles) -> None:
    """Write the sum of the columns that a chart has no series for, in a column of its own beside the grid."""
    grid, beside = placed.grid, len(placed.grid.fields) + 1
    put_text(sheet, (placed.head, beside), styles.wording["others"], look=styles.cell("amount", "head"))
    first, last = columns[0], columns[-1]
    for row, cells in enumerate(grid.rows, start=placed.first):
        value, formula = added([*cells[first : last + 1]], "amount"), sum_across(row, first, last)
        write_value(sheet, (row, beside), value, kind="amount", styles=styles, formula=formula)


def _add_chart(sheet: Any, placed: Placed, *, styles: Styles, heading: str) -> None:
    """Draw a grid of amounts by period below itself: a column for each period, its segments on top of each other."""
    name = sheet.get_name()
    chart = styles.book.add_chart({"type": "column", "subtype": "stacked"})
    drawn = [i for i, field in enumerate(placed.grid.fields) if field.kind == "amount" and not field.across]
    if len(drawn) > MOST_SERIES:
        _add_others(sheet, placed, drawn[MOST_SERIES - 1 :], styles=styles)
        drawn = [*drawn[: MOST_SERIES - 1], len(placed.grid.fields) + 1]
    for column in drawn:
        field = placed.grid.fields[column] if column < len(placed.grid.fields) else None
        fill = PALETTE[(field.place or 0) % len(PALETTE)] if field else OTHERS
        chart.add_series(
            {
                "name": [name, placed.head, column],
                "categories": [name, placed.first, 0, placed.last, 0],
                "values": [name, placed.first, column, placed.last, column],
                "fill": {"color": fill},
                "border": {"color": "white", "width": 0.5},
                "gap": 60,
            }
        )
    chart.set_title({"name": clean(heading), "overlay": False, "name_font": {"size": 11, "bold": True}})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D5DAE0"}}})
    chart.set_x_axis({"num_font": {"rotation": -45 if len(placed.grid.rows) > 6 else 0}})
    chart.set_legend({"position": "bottom"} if len(drawn) > 1 else {"none": True})
    chart.set_size({"width": 820, "height": 400})
    sheet.insert_chart(placed.below, 0, chart, {"object_position": 2})


def _playbook(sheet: Any, page: Page, *, sections: list[Section], styles: Styles) -> None:
    """Write the method in two columns: what it is, and what it says."""
    row = write_head(sheet, (page.title, page.subtitle), styles=styles)
    sheet.set_column(0, 0, LABEL_WIDTH)
    sheet.set_column(1, 1, TEXT_WIDTH)
    for block in (block for section in sections for block in section.blocks if not isinstance(block, Grid)):
        label, texts = (block.heading, block.entries) if isinstance(block, Listing) else ("", (block.text,))
        if not isinstance(block, Listing):
            row += 1
            sheet.merge_range(row, 0, row, 1, clean(block.heading), styles.stage)
            fit_row(sheet, row, cells=[block.heading], widths=[STAGE_WIDTH], line=STAGE_HEIGHT)
            row += 1
        for number, line in enumerate(piece for text in texts for piece in pieces(text)):
            said = "" if number else label
            put_text(sheet, (row, 0), said, look=styles.heading)
            put_text(sheet, (row, 1), line, look=styles.text)
            fit_row(sheet, row, cells=[said, line], widths=[LABEL_WIDTH, TEXT_WIDTH])
            row += 1
    sheet.freeze_panes(2, 0)
    print_setup(sheet, title=page.title, styles=styles, repeat=1)


_SHEETS = {"cover": _cover, "quotas": _quotas, "playbook": _playbook}

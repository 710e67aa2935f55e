"""A table on paper: the same cells as aligned text and as static HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import combining, east_asian_width

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.plan.columns import Kind
    from planalloc.plan.table import Table

__all__ = ["as_html", "as_text", "kind_of", "size_of"]

ROWS_SHOWN = 20
COLUMNS_SHOWN = 20
LONGEST_CELL = 40
MONEY_DECIMALS = 2

INHERIT = "color:inherit;background:transparent"
TABLE_STYLE = f"border-collapse:collapse;font-variant-numeric:tabular-nums;{INHERIT}"
LINE_STYLE = "padding:2px 8px;text-align:left;white-space:nowrap;color:inherit"
CELL_STYLE = f"padding:2px 8px;white-space:nowrap;border:0;border-bottom:1px solid rgba(128,128,128,.4);{INHERIT}"


class _Shown(NamedTuple):
    """One column as it is shown."""

    heading: str
    cells: list[str]
    numeric: bool


def size_of(table: Table) -> str:
    """Return the size in words.

    Examples
    --------
    >>> import numpy as np
    >>> from planalloc.plan.table import Table
    >>> size_of(Table({"base": np.arange(1200)}))
    '1,200 rows, 1 column'
    """
    return f"{_count(len(table), 'row')}, {_count(len(table.columns), 'column')}"


def kind_of(table: Table, column: str) -> Kind:
    """Return how a column of numbers is shown: as stated, a ratio as share, else by its name."""
    if column in table.kinds:
        return table.kinds[column]
    if column in table.ratios:
        return "share"
    return "hours" if "hours" in column.split("_") else "amount"


def as_text(table: Table, *, rows: int = ROWS_SHOWN) -> str:
    """Return an aligned table of the first rows, numbers to the right, under a line with its name and size."""
    lines = [f"{table.name}: {size_of(table)}"]
    blocks = []
    for heading, cells, numeric in _shown(table, rows):
        width = max(map(_width, [heading, *cells]))
        blocks.append([_padded(cell, width, right=numeric) for cell in [heading, *cells]])
    lines += ["  ".join(row).rstrip() for row in zip(*blocks, strict=True)]
    return "\n".join([*lines, *_left_out(table, rows)])


def as_html(table: Table, *, rows: int = ROWS_SHOWN) -> str:
    """Return the cells of `as_text` as HTML: no scripts, no style sheet, colors of the page around it."""
    columns = _shown(table, rows)
    head = _html_row("th", [column.heading for column in columns], columns)
    body = "".join(_html_row("td", cells, columns) for cells in zip(*(column.cells for column in columns), strict=True))
    title = f'<caption style="caption-side:top;{LINE_STYLE}"><b>{escape(table.name)}</b>: {size_of(table)}</caption>'
    notes = "".join(f'<div style="{LINE_STYLE}">{note}</div>' for note in _left_out(table, rows))
    grid = f'<table style="{TABLE_STYLE}">{title}<thead>{head}</thead><tbody>{body}</tbody></table>'
    return f'<div style="overflow-x:auto;color:inherit">{grid}{notes}</div>'


def _shown(table: Table, rows: int) -> list[_Shown]:
    top = table.head(rows)
    return [_column(top, name) for name in table.columns[:COLUMNS_SHOWN]]


def _left_out(table: Table, rows: int) -> list[str]:
    left = {"row": len(table) - rows, "column": len(table.columns) - COLUMNS_SHOWN}
    return [f"... {_count(number, f'more {noun}')}" for noun, number in left.items() if number > 0]


def _column(table: Table, name: str) -> _Shown:
    values = table[name]
    if values.dtype.kind in "if":
        return _Shown(name, _numbers(table, name), numeric=True)
    if values.dtype.kind == "M":
        values = np.datetime_as_string(values).astype(object)
        values[values == "NaT"] = None
    return _Shown(name, [_word(value) for value in values.tolist()], numeric=False)


def _numbers(table: Table, name: str) -> list[str]:
    values = table[name]
    given = values[~np.isnan(values)]
    kind = kind_of(table, name)
    if kind == "amount":
        whole = bool((given == np.rint(given)).all())
        layout = f"z,.{0 if whole else table.decimals.get(name, MONEY_DECIMALS)}f"
    else:
        layout = "z,.1%" if kind == "share" else "z,.1f"
    return ["" if value != value else format(value, layout) for value in values.tolist()]  # noqa: PLR0124 -- NaN is missing


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "".join(character if character.isprintable() else " " for character in value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _width(text: str) -> int:
    """Count the columns a terminal gives to a text: two for a wide letter, none for an accent of its own."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text if not combining(one))


def _padded(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _html_row(tag: str, cells: Sequence[str], columns: Sequence[_Shown]) -> str:
    aligned = zip(cells, ("right" if column.numeric else "left" for column in columns), strict=True)
    styled = (f'<{tag} style="text-align:{side};{CELL_STYLE}">{escape(cell)}</{tag}>' for cell, side in aligned)
    return f'<tr style="{INHERIT}">{"".join(styled)}</tr>'

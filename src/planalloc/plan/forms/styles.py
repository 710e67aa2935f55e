"""How cells of a workbook look: number formats, headings, totals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planalloc.plan.forms.page import Kind
    from planalloc.plan.forms.wording import Wording

__all__ = ["PALETTE", "Styles"]

ACCENT, LINE, TINT, SOFT = "#1F5F99", "#C9D0D8", "#E9EEF4", "#5B6570"
PALETTE = ("#1F5F99", "#8FBBE0", "#4A4F55", "#B8BEC5", "#D98E32", "#7A9E5F", "#6B5B95", "#E0C068")
"""Fills of a chart, one after another: dark and light in turn, so that they differ in grayscale too."""
NUMBERS: dict[Kind, str] = {"count": "#,##0", "number": "#,##0.0", "hours": "#,##0.0", "share": "0.0%"}
DAYS = {"fr": "[$-40C]ddd d mmm yyyy", "en": "[$-809]ddd d mmm yyyy", "en_US": "[$-409]ddd, mmm d, yyyy"}
"""Days with the names of the form's language, whatever the reader's own."""


@dataclass(frozen=True)
class Styles:
    """The formats of one workbook, each made once.

    Attributes
    ----------
    book : xlsxwriter.Workbook
        Whose formats.
    wording : Wording
        For what language and money.
    """

    book: Any
    wording: Wording

    @cached_property
    def title(self) -> Any:
        """The title of a sheet."""
        return self.book.add_format({"bold": True, "font_size": 16, "font_color": ACCENT})

    @cached_property
    def subtitle(self) -> Any:
        """The line below a title."""
        return self.book.add_format({"font_color": SOFT})

    @cached_property
    def section(self) -> Any:
        """The heading of a section."""
        return self.book.add_format({"bold": True, "font_size": 13, "font_color": ACCENT})

    @cached_property
    def stage(self) -> Any:
        """The heading of a section that wraps."""
        return self.book.add_format(
            {"bold": True, "font_size": 13, "font_color": ACCENT, "text_wrap": True, "valign": "top"}
        )

    @cached_property
    def heading(self) -> Any:
        """The heading of a grid or a listing."""
        return self.book.add_format({"bold": True, "valign": "top"})

    @cached_property
    def text(self) -> Any:
        """A text that wraps."""
        return self.book.add_format({"text_wrap": True, "valign": "top"})

    @cached_property
    def plain(self) -> Any:
        """A text that runs over the cells to its right."""
        return self.book.add_format({"valign": "top"})

    @cached_property
    def link(self) -> Any:
        """A text that leads to another sheet."""
        return self.book.add_format(
            {"font_color": ACCENT, "underline": 1, "valign": "top", "bottom": 1, "bottom_color": LINE}
        )

    @cached_property
    def _cells(self) -> dict[tuple[Kind, str, bool], Any]:
        return {}

    def cell(self, kind: Kind, role: str = "body", *, inner: bool = False) -> Any:
        """Return the format of a cell.

        Parameters
        ----------
        kind : Kind
            What it holds.
        role : {"body", "head", "total", "figure"}
            Where it stands.
        inner : bool
            Whether there is a column to its left, from whose numbers a text keeps apart.
        """
        key = (kind, role, inner)
        if key not in self._cells:
            self._cells[key] = self.book.add_format(self._properties(kind, role, inner=inner))
        return self._cells[key]

    def _properties(self, kind: Kind, role: str, *, inner: bool) -> dict[str, Any]:
        is_text = kind in {"text", "day"}
        found: dict[str, Any] = {"align": "left" if is_text or role == "figure" else "right", "valign": "top"}
        if is_text and inner and role != "figure":
            found["indent"] = 1
        if kind == "text" or role == "head":
            found["text_wrap"] = True
        else:
            found["num_format"] = self._number(kind)
        if role == "body":
            found |= {"bottom": 1, "bottom_color": LINE}
        if role == "head":
            found |= {"bold": True, "bg_color": TINT, "bottom": 1, "valign": "bottom"}
        if role == "total":
            found |= {"bold": True, "top": 1, "text_wrap": False}
        if role == "figure":
            found |= {"bold": True, "text_wrap": False}
        return found

    def _number(self, kind: Kind) -> str:
        amount = "#,##0" + ("." + "0" * self.wording.digits if self.wording.digits else "")
        if kind == "money":
            return f'{amount}\\ "{self.wording.currency}"'
        if kind == "day":
            locale = self.wording.locale
            american = locale.language == "en" and locale.territory in {None, "US"}
            return DAYS["en_US" if american else locale.language]
        return amount if kind == "amount" else NUMBERS[kind]

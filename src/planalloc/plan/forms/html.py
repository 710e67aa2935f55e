"""A form as one HTML page of its own: printable, without scripts, readable on dark and on light."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from planalloc.errors import require
from planalloc.plan.forms.page import Grid, Listing

if TYPE_CHECKING:
    from planalloc.plan.forms.page import Page
    from planalloc.plan.forms.wording import Wording

__all__ = ["as_html"]

WIDE = 8
"""A grid of more columns is set in smaller type, so that it fits a sheet of paper."""
WHOLE = 16
"""A grid of so many rows is not torn apart between two sheets of paper."""
SHORT = 24
"""Texts of so many characters stay on one line."""


def as_html(page: Page, wording: Wording) -> str:
    """Return a form as the text of an HTML file; every name on it is escaped.

    Raises
    ------
    BackendUnavailableError
        When Jinja2 is not installed.
    """
    text: str = _template().render(
        page=page,
        cell=wording.cell,
        language=str(wording.locale).replace("_", "-"),
        shape=_shape,
        wide=WIDE,
        short=SHORT,
        whole=WHOLE,
    )
    return text


def _shape(block: object) -> str:
    return "grid" if isinstance(block, Grid) else "listing" if isinstance(block, Listing) else "passage"


@lru_cache(maxsize=1)
def _template() -> Any:
    jinja = require("jinja2", "forms")
    source = files("planalloc.plan.forms").joinpath("page.html").read_text(encoding="utf-8")
    environment = jinja.Environment(
        autoescape=True, undefined=jinja.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source)

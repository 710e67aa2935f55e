"""What `RepPlan` and `Plan` ask for: each form, made and written."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from planalloc.errors import InputError
from planalloc.model.base import brief
from planalloc.plan.forms.contents import form_of, subject_of
from planalloc.plan.forms.files import require_folder, write_file
from planalloc.plan.forms.force import force_workbook
from planalloc.plan.forms.html import as_html
from planalloc.plan.forms.markdown import as_markdown
from planalloc.plan.forms.meetings import as_meetings
from planalloc.plan.forms.team_contents import team_form_of
from planalloc.plan.forms.workbook import as_workbook
from planalloc.plan.part import RepPlan

if TYPE_CHECKING:
    from os import PathLike

    from planalloc.plan.forms.page import Page
    from planalloc.plan.forms.wording import Wording
    from planalloc.plan.part import TeamPlan
    from planalloc.plan.plan import Plan

__all__ = ["html_of", "markdown_of", "write_force", "write_meetings", "write_workbook"]


def _form(part: RepPlan | TeamPlan, locale: str, *, on: date | None) -> tuple[Page, Wording]:
    day = _day(on)
    return form_of(part, locale, on=day) if isinstance(part, RepPlan) else team_form_of(part, locale, on=day)


def _day(on: Any) -> date | None:
    """Return the day of a version, or refuse what is none.

    Raises
    ------
    InputError
        When it is anything but a date or None.
    """
    if on is None or (isinstance(on, date) and not isinstance(on, datetime)):
        return on
    raise InputError(
        f"on must be a date, not {brief(repr(on))}", hint="Give date(2027, 1, 31), or leave it out to state no day."
    )


def markdown_of(part: RepPlan | TeamPlan, locale: str, *, on: date | None) -> str:
    """Return a form as Markdown; see `RepPlan.to_markdown`."""
    return as_markdown(*_form(part, locale, on=on))


def html_of(part: RepPlan | TeamPlan, locale: str, *, on: date | None) -> str:
    """Return a form as HTML; see `RepPlan.to_html`."""
    return as_html(*_form(part, locale, on=on))


def write_workbook(part: RepPlan | TeamPlan, path: str | PathLike[str], *, locale: str, on: date | None) -> None:
    """Write a workbook; see `RepPlan.to_workbook`."""
    file, made = require_folder(path), _day(on) or part.plan.problem.calendar.start
    write_file(file, as_workbook(*_form(part, locale, on=on), made=made))


def write_meetings(part: RepPlan, path: str | PathLike[str], *, locale: str, on: date | None) -> None:
    """Write a rep's review points; see `RepPlan.to_ics`."""
    file = require_folder(path)
    write_file(file, as_meetings(subject_of(part, locale), on=_day(on)))


def write_force(plan: Plan, path: str | PathLike[str], *, locale: str, on: date | None) -> None:
    """Write the workbook of the whole sales force; see `Plan.to_workbook`."""
    file = require_folder(path)
    write_file(file, force_workbook(plan, locale, on=_day(on)))

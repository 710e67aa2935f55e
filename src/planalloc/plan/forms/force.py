"""The whole sales force as one workbook: a summary, and a sheet for each rep."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from planalloc.plan.forms import account_sections, customer_sections, method_sections
from planalloc.plan.forms.contents import page_about, subtitle
from planalloc.plan.forms.page import Field, Grid, Section
from planalloc.plan.forms.rep_columns import Columns, account_columns, grid_of_reps, hours_columns, money_columns
from planalloc.plan.forms.sheet import clean, print_setup, put_text, write_head, write_sections
from planalloc.plan.forms.styles import Styles
from planalloc.plan.forms.subject import Customers, RepSubject, names_in
from planalloc.plan.forms.wording import wording_of
from planalloc.plan.forms.workbook import new_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from planalloc.plan.forms.page import Page
    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table

__all__ = ["force_workbook", "sheet_names"]

LONGEST_NAME = 31
"""Characters of a sheet's name, as a workbook counts them."""
ELSEWHERE = (
    method_sections.playbook,
    account_sections.visits,
    customer_sections.known,
    customer_sections.contacts,
)
"""Sections that stand in each rep's own workbook only: the method is the same for many, the others are long."""


def force_workbook(plan: Plan, locale: str, *, on: date | None) -> bytes:
    """Return a plan as the bytes of one workbook, the same bytes for the same plan.

    Raises
    ------
    UnknownNameError
        When there are no words for the locale.
    BackendUnavailableError
        When Babel or XlsxWriter is not installed.
    """
    problem, file = plan.problem, BytesIO()
    wording, names = wording_of(problem, locale), names_in(problem)
    accounts, customers = _accounts(plan), Customers(plan)
    subjects = [
        RepSubject(plan.rep(rep.id), wording, names, customers, listed=accounts.get(rep.id, []))
        for rep in problem.sales_force.reps
    ]
    book = new_book(file, problem.strategy.name, made=on or problem.calendar.start)
    styles = Styles(book, wording)
    first, *others = sheet_names([wording["summary"], *(subject.part.who for subject in subjects)])
    head = (f"{wording['summary']} · {problem.strategy.name}", subtitle(plan, wording, period_id=None, on=on))
    links = dict(zip((rep.id for rep in problem.sales_force.reps), others, strict=True))
    _write_summary(book.add_worksheet(first), head, sections=_summary(subjects, accounts), links=links, styles=styles)
    for name, subject in zip(others, subjects, strict=True):
        _write_rep(book.add_worksheet(name), page_about(subject, on=on, without=ELSEWHERE), styles=styles)
    book.close()
    return file.getvalue()


def _accounts(plan: Plan) -> dict[str | None, list[dict[str, Any]]]:
    """Return the rows of the accounts by rep: one pass over them all, however many reps there are."""
    found: dict[str | None, list[dict[str, Any]]] = {}
    for row in plan.accounts.to_dicts():
        found.setdefault(row["rep"], []).append(row)
    return found


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Return names that a workbook takes for its sheets, near the wanted ones: short, without signs, each only once.

    Examples
    --------
    >>> sheet_names(["A/B", "a b", "x" * 40])
    ['A B', 'a b (2)', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx']
    """
    taken: dict[str, int] = {"history": 0}  # a name that Excel keeps for itself
    found = []
    for one in wanted:
        plain = " ".join(re.sub(r"[\[\]:*?/\\]", " ", clean(one)).split()).strip("' ")
        name = _cut(plain, LONGEST_NAME) or "-"
        number = taken.get(name.casefold(), 1)
        while name.casefold() in taken:
            number += 1
            name = f"{_cut(plain, LONGEST_NAME - len(f' ({number})'))} ({number})".strip()
        taken[_cut(plain, LONGEST_NAME).casefold()] = number
        taken.setdefault(name.casefold(), 1)
        found.append(name)
    return found


def _cut(text: str, length: int) -> str:
    """Cut a text to so many units of UTF-16, which is how a workbook counts."""
    while len(text.encode("utf-16-le")) > 2 * length:
        text = text[:-1]
    return text.strip("' ")


def _summary(
    subjects: Sequence[RepSubject], accounts: dict[str | None, list[dict[str, Any]]]
) -> dict[tuple[str, ...], Section]:
    """Return who carries what, and apart from them the overlay reps: sections by the reps in their rows."""
    found = {}
    for role, key in (("primary", "quotas"), ("overlay", "overlay_quotas")):
        chosen = [one for one in subjects if one.part.rep.role == role]
        if chosen:
            plan = chosen[0].part.plan
            table = plan.quotas if role == "primary" else plan.overlay_quotas
            grid = _carried(chosen, table, accounts)
            found[tuple(one.part.rep.id for one in chosen)] = Section(chosen[0].wording[key], "cover", (grid,))
    return found


def _carried(subjects: Sequence[RepSubject], quotas: Table, accounts: dict[str | None, list[dict[str, Any]]]) -> Grid:
    """Return a row for each rep: team, quota by period and in all, hours, accounts."""
    subject, reps = subjects[0], [one.part.rep for one in subjects]
    plan = subject.part.plan
    periods = [period.id for period in subject.problem.calendar.periods()]
    teams = {rep.id: (subject.called("team", rep.team),) for rep in reps}
    columns = [Columns((Field(subject.wording["team"]),), teams, ("",))]
    columns.append(money_columns(subject, quotas, periods, at=2))
    capacity = plan.capacity.where(rep=[rep.id for rep in reps if rep.role == "primary"])
    if len(capacity) and len(plan.activities):
        columns.append(hours_columns(subject, capacity, at=2 + len(columns[-1].fields)))
    if any(accounts.get(rep.id) for rep in reps):
        columns.append(account_columns(subject, accounts))
    return replace(grid_of_reps(subject, [rep.id for rep in reps], columns), total=subject.total)


def _write_summary(
    sheet: Any,
    head: tuple[str, str],
    *,
    sections: dict[tuple[str, ...], Section],
    links: dict[str, str],
    styles: Styles,
) -> None:
    row = write_head(sheet, head, styles=styles)
    placed = write_sections(sheet, list(sections.values()), row=row, styles=styles)
    for reps, one in zip(sections, placed, strict=True):
        for r, (rep, cells) in enumerate(zip(reps, one.grid.rows, strict=True), start=one.first):
            target = links[rep].replace("'", "''")
            sheet.write_url(r, 0, f"internal:'{target}'!A1", styles.link)
            put_text(sheet, (r, 0), str(cells[0]), look=styles.link)
    sheet.freeze_panes(placed[0].head + 1 if placed else 2, 1)
    print_setup(sheet, title=head[0], styles=styles, repeat=placed[0].head if placed else 1)


def _write_rep(sheet: Any, page: Page, *, styles: Styles) -> None:
    row = write_head(sheet, (page.title, page.subtitle), styles=styles)
    write_sections(sheet, list(page.sections), row=row, styles=styles)
    sheet.freeze_panes(2, 1)
    print_setup(sheet, title=page.title, styles=styles, repeat=1, upright=True)

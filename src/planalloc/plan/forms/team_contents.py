"""From a team's plan to the form that its manager reads: who carries what, with which hours, and what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planalloc.plan.forms import method_sections, money_sections, work_sections
from planalloc.plan.forms.account_sections import is_given
from planalloc.plan.forms.contents import subtitle
from planalloc.plan.forms.page import Field, Figure, Grid, Page, Passage, Section
from planalloc.plan.forms.rep_columns import account_columns, grid_of_reps, hours_columns, money_columns
from planalloc.plan.forms.subject import Customers, Subject, names_in
from planalloc.plan.forms.wording import wording_of

if TYPE_CHECKING:
    from datetime import date

    from planalloc.plan.forms.page import Cell
    from planalloc.plan.forms.wording import Wording
    from planalloc.plan.part import TeamPlan

__all__ = ["team_form_of"]

MOST_LEFT_OUT = 40
"""Up to so many of the accounts that are left out are named."""


def team_form_of(part: TeamPlan, locale: str, *, on: date | None) -> tuple[Page, Wording]:
    """Return a team's form and the wording of its language.

    Raises
    ------
    UnknownNameError
        When there are no words for the locale.
    BackendUnavailableError
        When Babel is not installed.
    """
    problem = part.plan.problem
    subject = Subject(part, wording_of(problem, locale), names_in(problem), Customers(part.plan))
    found = (section(subject) for section in SECTIONS)
    manager = [Figure(subject.wording["manager"], part.team.manager)] if part.team.manager else []
    page = Page(
        title=f"{part.team.name or part.team.id} · {problem.strategy.name}",
        subtitle=subtitle(part.plan, subject.wording, period_id=part.period_id, on=on),
        figures=(*money_sections.number_figures(subject), *work_sections.hours_figures(subject), *manager),
        sections=tuple(section for section in found if section is not None),
    )
    return page, subject.wording


def _money(subject: Subject) -> Section | None:
    """Return the quota of each rep, by period where there are several."""
    part, wording = subject.part, subject.wording
    held = set(part.quotas["period"])
    periods = [one.id for one in subject.problem.calendar.periods() if one.id in held]
    if not part.reps:
        return None
    grid = grid_of_reps(subject, part.reps, [money_columns(subject, part.quotas, periods, at=1)])
    return Section(wording.say("quotas_by_rep", currency=subject.currency), "cover", (grid,))


def _hours(subject: Subject) -> Section | None:
    """Return the hours of each rep; None where no activities are planned."""
    if not len(subject.part.activities):
        return None
    grid = grid_of_reps(subject, subject.part.reps, [hours_columns(subject, subject.part.capacity, at=1)])
    return Section(subject.wording["hours_by_rep"], "cover", (grid,))


def _accounts(subject: Subject) -> Section | None:
    """Return how many accounts each rep has, and which of them the plan leaves out, the largest first."""
    wording = subject.wording
    if not subject.accounts or subject.part.period_id is not None:
        return None
    by_rep: dict[str | None, list[dict[str, Any]]] = {}
    for row in subject.accounts:
        by_rep.setdefault(row["rep"], []).append(row)
    counted = grid_of_reps(subject, subject.part.reps, [account_columns(subject, by_rep)])
    left_out = [row for row in subject.accounts if row["status"] == "left out"]
    left_out.sort(key=lambda row: row["potential"] if is_given(row["potential"]) else 0, reverse=True)
    if not left_out:
        return Section(wording["accounts"], "accounts", (counted,))
    many = {"shown": min(len(left_out), MOST_LEFT_OUT), "all": len(left_out)}
    text = "left_out_all" if len(left_out) <= MOST_LEFT_OUT else "left_out_first"
    said = wording.say(text, **{key: wording.cell(one, "count") for key, one in many.items()})
    return Section(wording["accounts"], "accounts", (counted, Passage(said), _named(subject, left_out)))


def _named(subject: Subject, rows: list[dict[str, Any]]) -> Grid:
    keys = ("account", "rep", "segment", "potential")
    fields = tuple(Field(subject.wording[key], "amount" if key == "potential" else "text") for key in keys)
    given: list[tuple[Cell, ...]] = [
        (
            row["name"] or row["account"],
            *(subject.called(key, row[key]) for key in ("rep", "segment")),
            row["potential"] if is_given(row["potential"]) else None,
        )
        for row in rows[:MOST_LEFT_OUT]
    ]
    return Grid("", fields, tuple(given))


SECTIONS = (
    _money,
    _hours,
    money_sections.number,
    money_sections.year,
    money_sections.agreements,
    _accounts,
    method_sections.review_points,
)
"""In the order in which a manager needs them. One without content returns None and is left out."""

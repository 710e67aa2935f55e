"""From a rep's plan to the form that a rep reads on Monday: what it says, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.plan.forms import account_sections, customer_sections, method_sections, money_sections, work_sections
from planalloc.plan.forms.page import Figure, Page
from planalloc.plan.forms.presence import presence
from planalloc.plan.forms.subject import Customers, RepSubject, names_in
from planalloc.plan.forms.wording import wording_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from datetime import date

    from planalloc.plan.forms.wording import Wording
    from planalloc.plan.part import RepPlan
    from planalloc.plan.plan import Plan

__all__ = ["form_of", "page_about", "subject_of", "subtitle", "title"]

SECTIONS = (
    money_sections.number,
    money_sections.year,
    money_sections.agreements,
    work_sections.activities,
    work_sections.pipeline,
    account_sections.accounts,
    account_sections.visits,
    customer_sections.known,
    customer_sections.contacts,
    method_sections.playbook,
    method_sections.review_points,
    work_sections.unscheduled,
    work_sections.earlier_work,
)
"""In the order in which a rep needs them. One without content returns None and is left out."""
MONEY = (money_sections.number, money_sections.year)


def form_of(part: RepPlan, locale: str, *, on: date | None) -> tuple[Page, Wording]:
    """Return a rep's form and the wording of its language.

    Raises
    ------
    UnknownNameError
        When there are no words for the locale.
    BackendUnavailableError
        When Babel is not installed.
    """
    subject = subject_of(part, locale)
    return page_about(subject, on=on), subject.wording


def subject_of(part: RepPlan, locale: str) -> RepSubject:
    """Return what a form is about, in a language.

    Raises
    ------
    UnknownNameError
        When there are no words for the locale.
    BackendUnavailableError
        When Babel is not installed.
    """
    problem = part.plan.problem
    return RepSubject(part, wording_of(problem, locale), names_in(problem), Customers(part.plan))


def page_about(subject: RepSubject, *, on: date | None, without: Container[Callable[..., object]] = ()) -> Page:
    """Return the form about a subject, without some of `SECTIONS`.

    Of somebody who is not at work in its time, it says so, rather than numbers of zero and how to sell.
    """
    part, away = subject.part, presence(subject)
    left_out = (method_sections.playbook, *MONEY) if away else ()
    found = (section(subject) for section in SECTIONS if section not in without and section not in left_out)
    numbers = [] if away else [*money_sections.number_figures(subject), *work_sections.hours_figures(subject)]
    return Page(
        title=title(subject),
        subtitle=subtitle(part.plan, subject.wording, period_id=part.period_id, on=on),
        figures=(*numbers, *_person(subject)),
        sections=tuple(section for section in (away, *found) if section is not None),
    )


def title(subject: RepSubject) -> str:
    """Return whose form it is, of which plan."""
    return f"{subject.part.who} · {subject.problem.strategy.name}"


def subtitle(plan: Plan, wording: Wording, *, period_id: str | None, on: date | None) -> str:
    """Return period, version and date of a form; no date where none is given."""
    said = [wording.span(plan.problem.calendar, period_id), wording.say("version", version=plan.version)]
    return " · ".join([*said, *([wording.day(on)] if on else [])])


def _person(subject: RepSubject) -> list[Figure]:
    rep, wording = subject.part.rep, subject.wording
    team = next((one for one in subject.problem.sales_force.teams if one.id == rep.team), None)
    facts = {
        "team": team and (team.name or team.id),
        "manager": team and team.manager,
        "seniority": rep.seniority,
        "role": wording["overlay"] if rep.role == "overlay" else None,
    }
    return [Figure(wording[key], value) for key, value in facts.items() if value]

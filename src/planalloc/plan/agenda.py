"""Agendas of review points: what rep and manager speak about, and what stays open until the next time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias, get_args

import numpy as np
from pydantic import AfterValidator

from planalloc.errors import InputError
from planalloc.model.base import Day, Id, Name, Record
from planalloc.model.playbook import Prose
from planalloc.plan.languages import language_of

if TYPE_CHECKING:
    from datetime import date

    from planalloc.plan.languages import Language
    from planalloc.plan.part import RepPlan

__all__ = ["Agenda", "AgendaItem", "agenda_of"]

Topic: TypeAlias = Literal["gaps", "difficulties", "tools", "commitments"]
TOPICS: tuple[Topic, ...] = get_args(Topic)


class AgendaItem(Record):
    """One point of an agenda.

    Examples
    --------
    >>> AgendaItem(topic="commitments", text="Call the five largest prospects.", owner="alice").done
    False
    """

    topic: Topic
    """Gaps between plan and reality, difficulties met, tools to refine, or what somebody commits to."""
    text: Prose
    """What it is about."""
    owner: Name | None = None
    """Who sees to it."""
    due: Day | None = None
    """Until when; of a point carried over, this may have passed."""
    done: bool = False
    """Whether it is settled; what is, is not carried over."""


def _by_topic(items: tuple[AgendaItem, ...]) -> tuple[AgendaItem, ...]:
    return tuple(sorted(items, key=lambda item: TOPICS.index(item.topic)))


class Agenda(Record):
    """What rep and manager speak about on a day.

    Examples
    --------
    >>> agenda = Agenda(rep="alice", date="2027-03-01", items=[
    ...     AgendaItem(topic="tools", text="A shorter demonstration", done=True),
    ...     AgendaItem(topic="difficulties", text="Nobody answers on Mondays"),
    ... ])
    >>> [item.text for item in agenda.next("2027-04-01").items]
    ['Nobody answers on Mondays']
    """

    rep: Id
    """Whose plan it is."""
    date: Day
    """Day of the review point."""
    items: Annotated[tuple[AgendaItem, ...], AfterValidator(_by_topic)] = ()
    """Gaps, then difficulties, then tools, then commitments; within each as given."""

    def next(self, date: Day | str) -> Self:
        """Return the agenda of a later day, with the points that are still open, in their order.

        Raises
        ------
        InputError
            When the day is not later.
        pydantic.ValidationError
            When it is no date.
        """
        later = self.but(date=date, items=tuple(item for item in self.items if not item.done))
        if later.date <= self.date:
            raise InputError(
                f"the next agenda is for {later.date}, and this one for {self.date}", hint="Give a later day."
            )
        return later

    def to_text(self, locale: str = "en") -> str:
        """Return whose and when it is, and a line for each point; topics in a language, points as they were written.

        Parameters
        ----------
        locale : str
            Language of the words and signs: ``"en"`` or ``"fr"``, alone or with a region.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.

        Examples
        --------
        >>> print(Agenda(rep="alice", date="2027-03-01", items=[AgendaItem(topic="tools", text="Démo")]).to_text("fr"))
        alice, 01/03/2027
          outils : Démo
        """
        language = language_of(locale)
        lines = [f"{self.rep}, {language.on(self.date)}"]
        for item in self.items:
            due = item.due and language.say("by_day", day=language.on(item.due))
            told = ", ".join(part for part in (item.owner, due, language["done"] if item.done else None) if part)
            said = language.say("stated", whose=language[item.topic], what=item.text)
            lines.append(f"  {said}" + (f" ({told})" if told else ""))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.to_text()


def agenda_of(part: RepPlan, day: date | str, *, locale: str) -> Agenda:
    """Return an agenda that says what the plan asks for until a day: see `RepPlan.agenda`."""
    whole, problem, language = replace(part, period_id=None), part.plan.problem, language_of(locale)
    agenda, calendar = Agenda(rep=part.rep.id, date=day), problem.calendar
    if not calendar.start <= agenda.date <= calendar.end:
        raise InputError(
            f"the agenda is for {agenda.date}, and the plan runs from {calendar.start} to {calendar.end}",
            hint="Give a day of the plan, such as one of its review points.",
        )
    texts = _due(whole, agenda.date, language)
    return agenda.but(items=tuple(AgendaItem(topic="gaps", text=text) for text in texts))


def _due(part: RepPlan, day: date, language: Language) -> list[str]:
    """Return in words what is due before a day: quotas of the periods that are over, and work since the last point."""
    problem, today = part.plan.problem, np.datetime64(day)
    segments = {one.id: one.name or one.id for one in problem.strategy.segments}
    kinds = {one.id: one.name or one.id for one in problem.playbook.activities}
    ends = np.unique(part.quotas["end"])
    quotas = part.quotas.where(end=list(ends[ends < today])).by("segment")
    found = [
        language.say(
            "quota_to_date",
            segment=segments[row["segment"]],
            amount=f"{language.number(row['quota'])} {problem.strategy.currency}",
        )
        for row in quotas.to_dicts()
        if row["quota"]
    ]
    if not len(part.activities):
        return found
    points = part.review_points["date"]
    since = max(points[points < today], default=np.datetime64(problem.calendar.start))
    work = part.schedule("week")
    ends = np.unique(work["end"])
    due = work.where(end=list(ends[(ends >= since) & (ends < today)])).by("segment", "activity")
    return found + [
        language.say(
            "due_since",
            segment=segments[row["segment"]],
            activity=kinds[row["activity"]],
            many=row["count"],
            day=language.on(since.item()),
        )
        for row in due.to_dicts()
    ]

"""A part of a review and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planalloc.plan.forms.page import Cell
    from planalloc.plan.forms.wording import Wording
    from planalloc.reviewing.agenda_page import ReviewPage

__all__ = ["Spoken"]

COMPANY_PEOPLE, TEAM_PEOPLE = 15, 60
"""People on the company's page, and on a team's: all of them up to here, else those who stand out."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """A part of a review, in a language.

    Attributes
    ----------
    part : ReviewPage
        What it is about.
    wording : Wording
        In which language.
    names : Mapping
        How ids are called, by kind of id.
    """

    part: ReviewPage
    wording: Wording
    names: Mapping[str, Mapping[str, str]]

    @property
    def currency(self) -> str:
        """Code of the plan's money."""
        return self.wording.currency

    @property
    def total(self) -> str:
        """The word before a total row."""
        return self.wording["total"]

    @property
    def most_people(self) -> int:
        """How many people are read one by one: all of a team, those who stand out of the company."""
        return COMPANY_PEOPLE if self.part.reps is None else TEAM_PEOPLE

    def settled(self, *by: str) -> dict[tuple[Any, ...], float]:
        """Return what of the closed numbers a revised plan redistributed or wrote off, by some labels."""
        table = self.part.only(self.part.review.attainment)
        if not by:
            return {(): table.total("quota") - table.total("whole_quota")}
        rows = table.by(*by).to_dicts()
        return {tuple(row[one] for one in by): row["quota"] - row["whole_quota"] for row in rows}

    def few_of(self, heading: str, few: int, many: int) -> str:
        """Return the heading of a table that shows some of its rows."""
        shown, whole = (self.wording.cell(one, "count") for one in (few, many))
        return self.wording.say("few_of", heading=heading, few=shown, many=whole)

    def called(self, kind: str, value: str | None) -> str:
        """Return how people call what an id stands for; empty where it is missing."""
        if value is None:
            return ""
        known = self.names.get(kind)
        return self.wording.word(value) if known is None else known.get(value, value)

    def step(self, value: str | None) -> str:
        """Return how people call a step of the sale or an activity."""
        if value is None:
            return ""
        if value in self.names["stage"]:
            return self.called("stage", value)
        return self.wording["won_step"] if value == "won" else self.called("activity", value)

    def line(self, row: Mapping[str, Any]) -> str:
        """Return how people call a line."""
        said = (self.called(name, row.get(name)) for name in ("segment", "product", "business"))
        return " / ".join(one for one in said if one)

    def known(self, value: Any) -> Cell:
        """Return a number, or nothing where it is missing."""
        return None if value is None or value != value else value  # noqa: PLR0124 -- NaN is missing

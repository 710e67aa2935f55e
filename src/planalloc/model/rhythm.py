"""How often rep and manager meet, and how often plans are revised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias, get_args

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Id, Name, Number, Record, Within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.model.calendar import Calendar, Period
    from planalloc.model.salesforce import Rep

__all__ = ["MEETINGS", "REVISIONS", "ReviewRhythm", "days_between", "meeting_periods", "rhythms_of"]

Meet: TypeAlias = Literal["week", "two_weeks", "month", "quarter"]
Revise: TypeAlias = Literal["month", "quarter", "quadrimester", "semester", "year"]

MEETINGS: tuple[Meet, ...] = get_args(Meet)
"""How often people can meet, the shortest interval first."""
REVISIONS: tuple[Revise, ...] = get_args(Revise)
"""How often plans can be revised, the shortest interval first."""


def _whole(value: float) -> float:
    if value != int(value):
        raise PydanticCustomError("not_whole", f"is {value:g}, which is no whole number; round it")
    return value


class ReviewRhythm(Record):
    """When plans are looked at together, for one rep, for a seniority, or for all others.

    The one that says most about a rep holds: the rep's own, then the seniority's, then the one for all.

    Examples
    --------
    >>> ReviewRhythm(meet="week", seniority="junior").revise
    'quarter'
    """

    meet: Meet = "month"
    """How often rep and manager meet."""
    revise: Revise = "quarter"
    """How often the plan is revised; a revision takes the place of that week's meeting. The plan is new in the first of
    these periods, so that revisions begin with the second."""
    formality: Literal["informal", "formal"] = "formal"
    """How formal the meetings are; only shown."""
    minutes: Annotated[Number, Within("[1, 1440]", "give the minutes that a meeting takes"), AfterValidator(_whole)] = (
        60.0
    )
    """How long a meeting or a revision takes, in whole minutes."""
    seniority: Name | None = None
    """Only reps of this seniority; None: any."""
    rep: Id | None = None
    """Only this rep; None: any."""

    @property
    def label(self) -> str:
        """Whom it is for."""
        return f"rep {self.rep}" if self.rep else f"seniority {self.seniority}" if self.seniority else "all"

    @model_validator(mode="after")
    def _check_one_scope(self) -> Self:
        if self.rep is not None and self.seniority is not None:
            raise PydanticCustomError("two_scopes", "names a rep and a seniority; one of them says whom it is for")
        return self


def rhythms_of(rhythms: Sequence[ReviewRhythm], reps: Sequence[Rep]) -> list[ReviewRhythm | None]:
    """Return the rhythm that holds for each rep: the rep's own, the seniority's, or the one for all; None without one.

    Examples
    --------
    >>> from planalloc.model.salesforce import Rep
    >>> rhythms = [ReviewRhythm(), ReviewRhythm(seniority="junior", meet="week")]
    >>> [one.meet for one in rhythms_of(rhythms, [Rep(id="alice"), Rep(id="bruno", seniority="junior")])]
    ['month', 'week']
    """
    of_rep = {one.rep: one for one in rhythms if one.rep is not None}
    of_seniority = {one.seniority: one for one in rhythms if one.rep is None}
    common = of_seniority.get(None)
    return [of_rep.get(rep.id) or of_seniority.get(rep.seniority) or common for rep in reps]


def meeting_periods(meet: Meet | Revise, calendar: Calendar) -> tuple[Period, ...]:
    """Return the periods of the horizon in each of which people meet once, or revise the plan once.

    Two weeks are counted from the first week of the horizon, and bear the id of the first of the two.

    Examples
    --------
    >>> from datetime import date
    >>> from planalloc.model.calendar import Calendar
    >>> calendar = Calendar(start=date(2027, 1, 4), end=date(2027, 1, 24))
    >>> [(one.id, one.end.day) for one in meeting_periods("two_weeks", calendar)]
    [('2027-W01', 17), ('2027-W03', 24)]
    """
    if meet != "two_weeks":
        return calendar.periods(meet)
    weeks = calendar.periods("week")
    return tuple(
        first._replace(end=second.end) for first, second in zip(weeks[::2], (*weeks[1::2], weeks[-1]), strict=False)
    )


def days_between(meet: Meet | Revise, calendar: Calendar) -> int:
    """Return the most days from one meeting, or one revision, to the next: the length of the longest such period.

    Examples
    --------
    >>> from datetime import date
    >>> from planalloc.model.calendar import Calendar
    >>> days_between("quarter", Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31)))
    92
    """
    return max((one.end - one.start).days + 1 for one in meeting_periods(meet, calendar))

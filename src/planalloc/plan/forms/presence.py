"""What a form says of somebody who is not at work in the time it speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.plan.forms.page import Passage, Section
from planalloc.plan.review_points import days_at_work

if TYPE_CHECKING:
    from planalloc.plan.forms.subject import RepSubject

__all__ = ["presence"]


def presence(subject: RepSubject) -> Section | None:
    """Return why there is neither quota nor work; None where there is some, or the rep is at work on some day."""
    part, calendar, wording = subject.part, subject.problem.calendar, subject.wording
    if part.quota or len(part.activities):
        return None
    first, last = calendar.start, calendar.end
    if part.period_id is not None:
        grain, position = calendar.find(part.period_id)
        period = calendar.periods(grain)[position]
        first, last = period.start, period.end
    within = slice((first - calendar.start).days, (last - calendar.start).days + 1)
    if days_at_work(calendar, [part.rep])[0, within].any():
        return None
    text = wording["away"]
    if part.rep.start and part.rep.start > last:
        text = wording.say("not_yet", day=wording.day(part.rep.start))
    elif part.rep.end and part.rep.end < first:
        text = wording.say("no_more", day=wording.day(part.rep.end))
    return Section(wording["presence"], "cover", (Passage(text),))

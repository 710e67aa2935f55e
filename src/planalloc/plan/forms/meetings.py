"""Review points as calendar entries: the same ids in every version, so that a new version moves the meeting."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from planalloc.errors import require
from planalloc.plan.forms.contents import title

if TYPE_CHECKING:
    from planalloc.plan.forms.subject import RepSubject

__all__ = ["as_meetings"]

DAY_ZERO = date(2000, 1, 1)
"""SEQUENCE counts the days from here, so that a plan of a later day replaces the entries of an earlier one."""


def as_meetings(subject: RepSubject, *, on: date | None) -> bytes:
    """Return the review points of a form as the bytes of an iCalendar file (RFC 5545).

    A calendar without any component is not allowed there. Where there are no review points, the file holds the
    definition of a time zone and no entry, so that it can be opened, and shows nothing.

    An entry takes the whole day: the plan knows the day, and rep and manager agree on the hour. Its UID is the review
    point's id and the fingerprint of the strategy's name, so that entries of two strategies stand side by side; DTSTAMP
    and SEQUENCE follow from the day of the version and never from the clock.

    Parameters
    ----------
    subject : Subject
        Whose review points.
    on : date, optional
        Day of this version; None: the first day of the horizon, and SEQUENCE 0.

    Raises
    ------
    BackendUnavailableError
        When icalendar is not installed.
    """
    icalendar = require("icalendar", "forms")
    wording, part = subject.wording, subject.part
    stamp = datetime.combine(on or subject.problem.calendar.start, time(), tzinfo=UTC)
    entries = icalendar.Calendar()
    entries.add("prodid", "-//planalloc//planalloc//EN")
    entries.add("version", "2.0")
    entries.add("method", "PUBLISH")
    entries.add("x-wr-calname", title(subject))
    version = wording.say("version", version=part.plan.version)
    strategy = sha256(subject.problem.strategy.name.encode()).hexdigest()[:8]
    for row in part.review_points.to_dicts():
        entry = icalendar.Event()
        said = wording.word(row["formality"])
        entry.add("uid", f"{row['id']}-{strategy}@planalloc")
        entry.add("dtstamp", stamp)
        entry.add("sequence", max(0, (on - DAY_ZERO).days) if on else 0)
        entry.add("summary", wording.say("meeting_with", kind=wording.word(row["kind"]), rep=part.who))
        entry.add("dtstart", row["date"])
        entry.add("dtend", row["date"] + timedelta(days=1))
        entry.add("transp", "TRANSPARENT")
        text = {
            "plan": subject.problem.strategy.name,
            "minutes": wording.cell(row["minutes"], "number"),
            "formality": said,
            "version": version,
        }
        entry.add("description", wording.say("meeting_text", **text))
        entries.add_component(entry)
    if not entries.subcomponents:
        entries.add_component(_time_zone(icalendar))
    return bytes(entries.to_ical())


def _time_zone(icalendar: Any) -> Any:
    """Return the definition of UTC."""
    zone, standard = icalendar.Timezone(), icalendar.TimezoneStandard()
    zone.add("tzid", "Etc/UTC")
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 -- RFC 5545 wants the local time of the zone
    standard.add("tzoffsetfrom", timedelta(0))
    standard.add("tzoffsetto", timedelta(0))
    zone.add_component(standard)
    return zone

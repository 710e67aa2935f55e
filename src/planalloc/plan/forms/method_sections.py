"""The parts of a form that speak of how: the method of each stage, and when rep and manager meet."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from planalloc.plan.forms.page import Block, Field, Grid, Listing, Passage, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.playbook import Method
    from planalloc.plan.forms.page import Kind
    from planalloc.plan.forms.subject import RepSubject, Subject

__all__ = ["playbook", "review_points"]

KINDS: dict[str, Kind] = {"date": "day", "minutes": "count"}
"""How columns of review points are written that are no text."""
SAME = ("kind", "formality", "minutes", "manager")
"""What review points of several reps on one day share, to stand in one row."""
VALUES = {"kind", "formality"}
"""Columns of review points that hold values of ours."""


def playbook(subject: RepSubject) -> Section | None:
    """Return the method of each stage: purpose, pitch, questions, tools, people, facts, and when it is done.

    Segments that share a method stand together above it.
    """
    shared: dict[Method, list[str]] = {}
    for method in subject.part.playbook:
        named = [] if method.segment is None else [subject.called("segment", method.segment)]
        shared.setdefault(method.but(segment=None), []).extend(named)
    blocks = [block for method, segments in shared.items() for block in _method(subject, method, segments)]
    return Section(subject.wording["playbook"], "playbook", tuple(blocks)) if blocks else None


def _method(subject: RepSubject, method: Method, segments: list[str]) -> Iterator[Block]:
    wording, stage = subject.wording, subject.called("stage", method.stage)
    if segments:
        stage = wording.say("stage_for", stage=stage, segments=", ".join(segments))
    yield Passage(method.purpose or "", heading=stage)
    facts = [one.question if one.required else wording.say("optional", fact=one.question) for one in method.facts]
    listings = {
        "pitch": [method.pitch] if method.pitch else [],
        "questions": method.questions,
        "roles": method.roles,
        "tools": method.tools,
        "facts": facts,
        "exit_criteria": [one.statement for one in method.exit_criteria],
    }
    yield from (Listing(wording[key], tuple(entries)) for key, entries in listings.items() if entries)


def review_points(subject: Subject) -> Section | None:
    """Return the days on which rep and manager meet or the plan is revised; of several reps, with whom."""
    wording, rows = subject.wording, subject.part.review_points.to_dicts()
    if not rows:
        return None
    kept = {"rep": len(subject.part.reps) > 1, "manager": any(row["manager"] for row in rows)}
    shown = [key for key in ("date", "rep", *SAME) if kept.get(key, True)]
    fields = tuple(Field(wording[key], KINDS.get(key, "text")) for key in shown)
    people: dict[tuple[Any, ...], list[str]] = {}
    for row in sorted(rows, key=itemgetter("date")):
        people.setdefault((row["date"], *(row[key] for key in SAME)), []).append(subject.called("rep", row["rep"]))
    given = []
    for (day, *same), reps in people.items():
        row = {"date": day, "rep": ", ".join(reps), **dict(zip(SAME, same, strict=True))}
        given.append(tuple(wording.word(row[key]) if key in VALUES else row[key] for key in shown))
    return Section(wording["review_points"], "review_points", (Grid("", fields, tuple(given)),))

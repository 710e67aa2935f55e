"""The parts of a form that speak of how: the method of each stage, and when rep and manager meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.plan.forms.page import Block, Field, Grid, Listing, Passage, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.playbook import Method
    from planalloc.plan.forms.page import Kind
    from planalloc.plan.forms.subject import Subject

__all__ = ["playbook", "review_points"]

KINDS: dict[str, Kind] = {"date": "day", "minutes": "count"}
"""How columns of review points are written that are no text."""


def playbook(subject: Subject) -> Section | None:
    """Return the method of each stage: purpose, pitch, questions, tools, people, facts, and when it is done."""
    blocks = [block for method in subject.part.playbook for block in _method(subject, method)]
    return Section(subject.wording["playbook"], "playbook", tuple(blocks)) if blocks else None


def _method(subject: Subject, method: Method) -> Iterator[Block]:
    wording, stage = subject.wording, subject.called("stage", method.stage)
    if method.segment is not None:
        stage = wording.say("stage_for", stage=stage, segment=subject.called("segment", method.segment))
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
    """Return the days on which rep and manager meet or the plan is revised."""
    wording, rows = subject.wording, subject.part.review_points.to_dicts()
    if not rows:
        return None
    shown = ["date", "kind", "formality", "minutes", *(["manager"] if any(row["manager"] for row in rows) else [])]
    fields = tuple(Field(wording[key], KINDS.get(key, "text")) for key in shown)
    given = tuple(
        tuple(wording.word(row[key]) if key in {"kind", "formality"} else row[key] for key in shown) for row in rows
    )
    return Section(wording["review_points"], "review_points", (Grid("", fields, given),))

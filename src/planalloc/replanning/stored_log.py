"""A log as JSON text and back, without loss."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from planalloc.errors import InputError
from planalloc.model.base import brief, suggest
from planalloc.model.problem import PlanningProblem
from planalloc.replanning.log_events import KINDS, Event

__all__ = ["read_log", "write_log"]

FORMAT = "planalloc.log"
VERSION = 1
"""Raised whenever what is written changes its meaning or its shape."""


def write_log(problem: PlanningProblem, events: tuple[Event, ...]) -> str:
    """Return a problem and what happened to its plan as JSON text, the same text for the same log."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "problem": problem.model_dump(mode="json"),
        "events": [one.model_dump(mode="json") for one in events],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def read_log(text: str) -> tuple[PlanningProblem, tuple[Event, ...]]:
    """Return the problem and the events of a log from its JSON text.

    Raises
    ------
    InputError
        When the text is no log of this version.
    """
    remedy = "Give the text that PlanLog.to_json() returned."
    try:
        content = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"this is no JSON text: {error}", hint=remedy) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
        raise InputError(f"this JSON is no log of version {VERSION}", hint=remedy)
    _refuse_unknown_events(content.get("events"))
    try:
        events: tuple[Event, ...] = TypeAdapter(tuple[Event, ...]).validate_python(content.get("events"))
        return PlanningProblem.model_validate(content.get("problem")), events
    except ValidationError as error:
        raise InputError(f"this log is damaged: {error}", hint=remedy) from error


def _refuse_unknown_events(events: Any) -> None:
    """Refuse an event of a kind that there is not, by its place, with the kinds that there are."""
    for place, one in enumerate(events if isinstance(events, list) else ()):
        kind = one.get("event") if isinstance(one, dict) else None
        if kind not in KINDS:
            raise InputError(
                f"event {place} of this log is {brief(repr(kind))}: no kind of event.{suggest(str(kind), KINDS)}",
                hint=f"Kinds are: {', '.join(KINDS)}.",
            )

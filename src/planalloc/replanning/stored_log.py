"""A log as JSON text and back, without loss."""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError

from planalloc.errors import InputError
from planalloc.model.problem import PlanningProblem
from planalloc.replanning.log_events import Event

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
    try:
        events: tuple[Event, ...] = TypeAdapter(tuple[Event, ...]).validate_python(content.get("events"))
        return PlanningProblem.model_validate(content.get("problem")), events
    except ValidationError as error:
        raise InputError(f"this log is damaged: {error}", hint=remedy) from error

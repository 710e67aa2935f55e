"""Where a log stands after its events: the state of the plan and of each rep's part, and what may happen next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from planalloc.errors import InputError, TransitionError
from planalloc.replanning.carriers import carriers, require_carrier
from planalloc.replanning.log_events import (
    Accepted,
    Agreed,
    Countered,
    Edited,
    MetHalfway,
    Proposed,
    Published,
    Refused,
    Replanned,
    Superseded,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from planalloc.model.problem import PlanningProblem
    from planalloc.replanning.log_events import LogEvent

__all__ = ["Course", "State", "after_event"]

State: TypeAlias = Literal["draft", "proposed", "countered", "agreed", "published", "superseded"]

DECISIONS = ("accepted", "refused", "met_halfway")
FREE = ("proposed", "edited", "replanned", "superseded")

POSSIBLE: dict[State, tuple[str, ...]] = {
    "draft": FREE,
    "proposed": (*FREE, "countered", "agreed", "published"),
    "countered": (*FREE, "countered", "agreed", *DECISIONS, "published"),
    "agreed": (*FREE, *DECISIONS, "published"),
    "published": (*FREE, "countered", "agreed", *DECISIONS),
    "superseded": (),
}
"""What may happen to a plan in each state. Once a version is published, what changes the plan opens the next one."""

POSSIBLE_OF_REP: dict[State, tuple[str, ...]] = {
    "draft": ("proposed",),
    "proposed": ("proposed", "countered", "agreed"),
    "countered": ("proposed", *DECISIONS),
    "agreed": ("proposed",),
}
"""What may happen to one rep's part of it."""

NOTHING = "nothing: it has ended"


@dataclass(frozen=True)
class Course:
    """Where a log stands, without the plan itself.

    Attributes
    ----------
    parts : Mapping of str to State
        State of each rep's part: draft, proposed, countered or agreed.
    open : Mapping of int to str
        Whose counter-proposals nobody has decided, by their number.
    version : int
        How many versions have been published.
    in_force : bool
        Whether the plan is the one that was published last.
    ended : bool
        Whether another plan took its place.
    day : date or None
        Day of the last event.
    last : int
        Number of the last counter-proposal; 0 where there was none.
    """

    parts: Mapping[str, State]
    open: Mapping[int, str] = field(default_factory=dict)
    version: int = 0
    in_force: bool = False
    ended: bool = False
    day: date | None = None
    last: int = 0

    @property
    def state(self) -> State:
        """State of the plan as a whole."""
        if self.ended or self.in_force:
            return "superseded" if self.ended else "published"
        states = set(self.parts.values())
        if self.open:
            return "countered"
        if states == {"agreed"}:
            return "agreed"
        return "draft" if states <= {"draft"} else "proposed"

    def possible(self, rep: str | None = None) -> tuple[str, ...]:
        """Return what may happen next, to the plan or to one rep's part of it."""
        whole = POSSIBLE[self.state]
        if rep is None:
            return tuple(one for one in whole if one not in DECISIONS or self.open)
        return tuple(one for one in POSSIBLE_OF_REP[self.parts[rep]] if one in whole)


def after_event(course: Course, event: LogEvent, problem: PlanningProblem) -> Course:
    """Return where a log stands after one more event.

    Parameters
    ----------
    course : Course
        Before it.
    event : LogEvent
        The event.
    problem : PlanningProblem
        Of the plan after the event.

    Raises
    ------
    TransitionError
        When the plan, or the rep's part of it, is in a state in which this cannot happen.
    UnknownNameError
        When it names a rep who is not there.
    InputError
        When its day lies before that of an earlier event.
    """
    if course.day is not None and event.on < course.day:
        raise InputError(
            f"this event is of {event.on}, and the log has come to {course.day}",
            hint="Events follow one another; give the day on which it is recorded.",
        )
    if isinstance(event, Replanned) and event.on < event.as_of:
        raise InputError(
            f"this event is of {event.on}, and closes days up to {event.as_of}",
            hint="What is closed has passed: give a day that is not before as_of.",
        )
    kind = str(getattr(event, "event", ""))
    if kind not in course.possible():
        raise _impossible(kind, "the plan", course.state, course.possible())
    for rep in _people(event):
        require_carrier(problem, rep)
    parts = {rep: course.parts.get(rep, "draft") for rep in carriers(problem)}
    found = replace(_after(course, event, parts), day=event.on)
    changes = isinstance(event, Accepted | MetHalfway | Edited | Replanned)
    return replace(found, in_force=False) if changes else found


def _after(course: Course, event: LogEvent, parts: dict[str, State]) -> Course:
    pending = dict(course.open)
    match event:
        case Proposed():
            return replace(course, parts=parts | _shown(event, parts, pending), in_force=False)
        case Countered():
            return _countered(course, event, parts)
        case Accepted() | Refused() | MetHalfway():
            return _decided(course, event, parts)
        case Agreed():
            _require(course, event.rep, "agreed")
            return replace(course, parts=parts | {event.rep: "agreed"})
        case Replanned():
            parts = {rep: "countered" if rep in pending.values() else "draft" for rep in parts}
        case Published():
            _require_equal("open", event.open, tuple(pending))
            _require_equal("version", event.version, course.version + 1)
            course = replace(course, in_force=True, version=event.version)
        case Superseded():
            _require_equal("open", event.open, tuple(pending))
            course = replace(course, ended=True)
    return replace(course, parts=parts)


def _shown(event: Proposed, parts: dict[str, State], pending: dict[int, str]) -> dict[str, State]:
    """Return the states of those who are shown their numbers; whose counter-proposal is open waits for an answer."""
    return {rep: "countered" if rep in pending.values() else "proposed" for rep in event.reps or tuple(parts)}


def _countered(course: Course, event: Countered, parts: dict[str, State]) -> Course:
    rep = event.counter.rep
    _require(course, rep, "countered")
    if event.number <= course.last:
        raise InputError(f"counter-proposal {event.number} comes after {course.last}", hint="Let the log number it.")
    return replace(course, parts=parts | {rep: "countered"}, open={**course.open, event.number: rep}, last=event.number)


def _decided(course: Course, event: Accepted | Refused | MetHalfway, parts: dict[str, State]) -> Course:
    pending = dict(course.open)
    if event.number not in pending:
        raise InputError(
            f"there is no open counter-proposal {event.number}",
            hint=f"Open are: {', '.join(map(str, pending)) or 'none'}.",
        )
    rep = pending.pop(event.number)
    state: State = "proposed" if isinstance(event, Refused) else "agreed"
    return replace(course, parts=parts | ({rep: state} if rep in parts else {}), open=pending)


def _people(event: LogEvent) -> tuple[str, ...]:
    """Return whose numbers an event speaks of by name."""
    if isinstance(event, Proposed):
        return event.reps
    if isinstance(event, Countered):
        return (event.counter.rep,)
    return (event.rep,) if isinstance(event, Agreed) else ()


def _require(course: Course, rep: str, kind: str) -> None:
    if kind not in course.possible(rep):
        raise _impossible(kind, f"the part of {rep}", course.parts[rep], course.possible(rep))


def _require_equal(name: str, given: object, expected: object) -> None:
    if given != expected:
        raise InputError(f"{name} is {given}, and the log has come to {expected}", hint="Let the log write the event.")


def _impossible(kind: str, what: str, state: str, possible: tuple[str, ...]) -> TransitionError:
    return TransitionError(
        f"{what} is {state}, and cannot be {kind.replace('_', ' ')} now",
        hint=f"Possible: {', '.join(one.replace('_', ' ') for one in possible) or NOTHING}.",
        state=state,
        possible=possible,
    )

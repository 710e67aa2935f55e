"""Where each kind of record lives inside a problem, and how it is found there."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.base import Record, suggest
from planalloc.model.calendar import Calendar
from planalloc.model.limits import Bound, MixBand, OvertimeLimit, Pin, QuotaRange, TeamTarget
from planalloc.model.playbook import Activity, Cadence, Funnel, Method, Playbook
from planalloc.model.policy import Policy
from planalloc.model.portfolio import Account, Contact, Portfolio
from planalloc.model.rhythm import ReviewRhythm
from planalloc.model.salesforce import Rep, SalesForce, Team
from planalloc.model.strategy import Product, Seasonality, Segment, Strategy, Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planalloc.model.problem import PlanningProblem

__all__ = [
    "DROPPABLE",
    "HOMES",
    "WHOLES",
    "Path",
    "all_at",
    "by_key",
    "home_of",
    "position_of",
    "record_key",
    "with_all",
    "with_homes",
]

Path: TypeAlias = tuple[str, str]

HOMES: dict[type[Record], Path] = {
    Segment: ("strategy", "segments"),
    Product: ("strategy", "products"),
    Target: ("strategy", "targets"),
    Seasonality: ("strategy", "seasonalities"),
    Team: ("sales_force", "teams"),
    Rep: ("sales_force", "reps"),
    Activity: ("playbook", "activities"),
    Funnel: ("playbook", "funnels"),
    Cadence: ("playbook", "cadences"),
    Method: ("playbook", "methods"),
    ReviewRhythm: ("", "rhythms"),
    Account: ("portfolio", "accounts"),
    Contact: ("portfolio", "contacts"),
    Pin: ("", "limits"),
    Bound: ("", "limits"),
    QuotaRange: ("", "limits"),
    MixBand: ("", "limits"),
    TeamTarget: ("", "limits"),
    OvertimeLimit: ("", "limits"),
}
"""Where each kind of record lives inside a problem."""

WHOLES: dict[type[Record], str] = {
    Calendar: "calendar",
    Strategy: "strategy",
    SalesForce: "sales_force",
    Playbook: "playbook",
    Policy: "policy",
    Portfolio: "portfolio",
}
"""Records of which a problem has exactly one."""

DROPPABLE: dict[str, Path] = {
    "segment": HOMES[Segment],
    "product": HOMES[Product],
    "seasonality": HOMES[Seasonality],
    "team": HOMES[Team],
    "rep": HOMES[Rep],
    "activity": HOMES[Activity],
    "account": HOMES[Account],
    "contact": HOMES[Contact],
    "limit": HOMES[Pin],
}


def record_key(record: Record) -> str:
    """Return what tells a record from its likes: its id, its label, or the parts that name it.

    Examples
    --------
    >>> record_key(Target(segment="A", business="new", share=1.0))
    'A / new'
    """
    name: str | None = getattr(record, "id", None)
    if name is not None:
        return name
    if isinstance(record, Cadence):
        parts = [record.segment, record.activity, record.business]
    elif isinstance(record, Target | Funnel):
        parts = [record.segment, record.product, record.business]
    else:
        return str(getattr(record, "label"))  # noqa: B009 -- Record itself has no label
    return " / ".join(part for part in parts if part) or "all"


Problem = TypeVar("Problem", bound="PlanningProblem")


def all_at(problem: PlanningProblem, path: Path) -> tuple[Any, ...]:
    """Return all records of a problem that live in one place."""
    found: tuple[Any, ...] = getattr(getattr(problem, path[0]) if path[0] else problem, path[1])
    return found


def with_all(problem: Problem, path: Path, records: tuple[Record, ...]) -> Problem:
    """Return a problem with other records in one place."""
    outer, inner = path
    if not outer:
        return problem.but(**{inner: records})
    return problem.but(**{outer: getattr(problem, outer).but(**{inner: records})})


def with_homes(problem: Problem, homes: Mapping[Path, tuple[Sequence[Record], Any]]) -> Problem:
    """Return a problem with other records, the first of each pair, in several places."""
    for path, (records, _) in homes.items():
        problem = with_all(problem, path, tuple(records))
    return problem


def by_key(records: tuple[Record, ...]) -> tuple[Record, ...]:
    """Return records in the order of their keys, and those of one key in the order of what they hold."""
    keys = list(map(record_key, records))
    if keys == sorted(keys) and len(set(keys)) == len(keys):
        return records
    if len(set(keys)) == len(keys):
        return tuple(record for _, record in sorted(zip(keys, records, strict=True), key=itemgetter(0)))
    held = [record.model_dump_json() for record in records]
    return tuple(record for _, _, record in sorted(zip(keys, held, records, strict=True), key=itemgetter(0, 1)))


def home_of(record: Record) -> Path:
    """Return where records of a kind live.

    Raises
    ------
    InputError
        When the kind has no place in a problem.
    """
    if type(record) not in HOMES:
        kinds = ", ".join(kind.__name__ for kind in HOMES)
        raise InputError(f"a {type(record).__name__} has no place in a problem", hint=f"These have: {kinds}.")
    return HOMES[type(record)]


def _for_a_new_one(where: str) -> str:
    if where == "limits":
        return (
            "A limit without a name is found by its parts and amounts: to change one, drop(limit=...) it by the label "
            "it has and add(...) the new one, or give it a name. Use add(...) for a new one."
        )
    return "Use add(...) for a new one."


def position_of(key: str, records: tuple[Record, ...], where: str) -> int:
    """Return the position of the record with a key.

    Raises
    ------
    UnknownNameError
        When no record has it.
    """
    keys = [record_key(record) for record in records]
    if key not in keys:
        raise UnknownNameError(
            f"{where} has no {key!r}.{suggest(key, keys)}",
            hint=_for_a_new_one(where) if keys else f"There are no {where}.",
            name=key,
            candidates=tuple(keys[:3]),
        )
    return keys.index(key)

"""Everything one plan answers to, in one record, and how it is changed."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from pydantic import Field

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.base import Record, suggest
from planalloc.model.calendar import Calendar
from planalloc.model.limits import Bound, Limit, MixBand, OvertimeLimit, Pin, QuotaRange, TeamTarget
from planalloc.model.playbook import Activity, Cadence, Funnel, Playbook
from planalloc.model.policy import Policy
from planalloc.model.salesforce import Rep, SalesForce, Team
from planalloc.model.strategy import Product, Seasonality, Segment, Strategy, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["PlanningProblem", "record_key"]

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
}
"""Records of which a problem has exactly one."""

DROPPABLE: dict[str, Path] = {
    "segment": HOMES[Segment],
    "product": HOMES[Product],
    "seasonality": HOMES[Seasonality],
    "team": HOMES[Team],
    "rep": HOMES[Rep],
    "activity": HOMES[Activity],
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


class PlanningProblem(Record):
    """A strategy, the people who carry it out, how they sell, and what was agreed.

    Making one checks each record by itself; `planalloc.check` finds what contradicts what between them.

    Examples
    --------
    >>> problem = PlanningProblem.simple(year=2027, revenue=1000, currency="EUR",
    ...                                  shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"])
    >>> [rep.id for rep in problem.drop(rep="bruno").sales_force.reps]
    ['alice']
    """

    calendar: Calendar
    """The horizon and its periods."""
    strategy: Strategy
    """Where revenue must come from, and when."""
    sales_force: SalesForce
    """Who sells."""
    playbook: Playbook = Field(default_factory=Playbook)
    """How selling is done; empty: money is planned without activities."""
    limits: tuple[Limit, ...] = ()
    """Numbers that must not move."""
    policy: Policy = Field(default_factory=Policy)
    """How the engine decides where there is a choice."""

    @classmethod
    def simple(
        cls, *, year: int, revenue: float, currency: str, shares: Mapping[str, float], reps: Iterable[str]
    ) -> Self:
        """Make a problem of one calendar year, monthly, in which everyone covers everything.

        Parameters
        ----------
        year : int
            Calendar year.
        revenue : float
            Target of the company, in `currency`.
        currency : str
            Three capital letters.
        shares : Mapping[str, float]
            Part of the revenue by segment; they sum to 1.
        reps : Iterable[str]
            Ids of the reps.

        Raises
        ------
        pydantic.ValidationError
            When a value is out of its range.

        Examples
        --------
        >>> problem = PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice"])
        >>> problem.calendar.grain
        'month'
        """
        return cls(
            calendar=Calendar.model_validate({"start": f"{year:04d}-01-01", "end": f"{year:04d}-12-31"}),
            strategy=Strategy(
                name=f"Strategy {year}",
                currency=currency,
                revenue=revenue,
                segments=tuple(Segment(id=name) for name in shares),
                targets=tuple(Target(segment=name, share=share) for name, share in shares.items()),
            ),
            sales_force=SalesForce(reps=tuple(Rep(id=name) for name in reps)),
        )

    def rep(self, rep_id: str) -> Rep:
        """Return a rep by id, to be changed and put back: ``problem.replace(problem.rep("bruno").but(fte=0.8))``.

        Raises
        ------
        UnknownNameError
            When there is no such rep.
        """
        reps = self.sales_force.reps
        return reps[_position(rep_id, reps, "reps")]

    def add(self, *records: Record) -> Self:
        """Return the problem with more records, each put where its kind lives.

        Raises
        ------
        InputError
            When a record of the same id is there already, or the kind has no place in a problem.

        Examples
        --------
        >>> problem = PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice"])
        >>> len(problem.add(Rep(id="chloe"), Pin(rep="alice", quota=6)).sales_force.reps)
        2
        """
        problem = self
        for record in records:
            path = _home(record)
            there = _all(problem, path)
            if record_key(record) in map(record_key, there):
                raise InputError(
                    f"{path[1]} has {record_key(record)!r} already",
                    hint="Use replace(...) to change it.",
                )
            problem = _with(problem, path, (*there, record))
        return problem

    def replace(self, *records: Record) -> Self:
        """Return the problem with each record in the place of the one that has the same id.

        A `Calendar`, `Strategy`, `SalesForce`, `Playbook` or `Policy` replaces the whole.

        Raises
        ------
        UnknownNameError
            When no record of that id is there.

        Examples
        --------
        >>> problem = PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice"])
        >>> problem.replace(Rep(id="alice", fte=0.5)).sales_force.reps[0].fte
        0.5
        """
        problem = self
        for record in records:
            if type(record) in WHOLES:
                problem = problem.but(**{WHOLES[type(record)]: record})
                continue
            path = _home(record)
            there = _all(problem, path)
            position = _position(record_key(record), there, path[1])
            problem = _with(problem, path, (*there[:position], record, *there[position + 1 :]))
        return problem

    def drop(self, **ids: str) -> Self:
        """Return the problem without some records: ``drop(rep="bruno", limit="pin: ...")``.

        What refers to a dropped record stays and is found by `planalloc.check`.

        Parameters
        ----------
        **ids
            By kind: segment, product, seasonality, team, rep, activity, or limit (by its label).

        Raises
        ------
        UnknownNameError
            When the kind or the id is unknown.
        """
        problem = self
        for kind, name in ids.items():
            if kind not in DROPPABLE:
                raise UnknownNameError(
                    f"cannot drop {kind!r}.{suggest(kind, list(DROPPABLE))}",
                    hint=f"Can be dropped: {', '.join(DROPPABLE)}.",
                    name=kind,
                    candidates=tuple(DROPPABLE),
                )
            path = DROPPABLE[kind]
            there = _all(problem, path)
            position = _position(name, there, path[1])
            problem = _with(problem, path, there[:position] + there[position + 1 :])
        return problem

    def canonical(self) -> Self:
        """Return the same problem with its records in the order of their ids, so that input order cannot matter.

        What is in order already is kept as it is.
        """
        problem = _in_order(self)
        for path in dict.fromkeys(HOMES.values()):
            records = _all(problem, path)
            ordered = _by_key(records)
            if any(one is not other for one, other in zip(records, ordered, strict=True)):
                problem = _with(problem, path, ordered)
        return problem


Problem = TypeVar("Problem", bound=PlanningProblem)
AnyRecord = TypeVar("AnyRecord", bound=Record)


def _all(problem: PlanningProblem, path: Path) -> tuple[Any, ...]:
    found: tuple[Any, ...] = getattr(getattr(problem, path[0]) if path[0] else problem, path[1])
    return found


def _with(problem: Problem, path: Path, records: tuple[Record, ...]) -> Problem:
    outer, inner = path
    if not outer:
        return problem.but(**{inner: records})
    return problem.but(**{outer: getattr(problem, outer).but(**{inner: records})})


def _in_order(record: AnyRecord) -> AnyRecord:
    """Return a record with what it holds in no particular order put in order; itself, where all is in order."""
    if isinstance(record, Rep) and not (
        record.covers or record.accounts or record.last_year or record.potential or record.absences
    ):
        return record
    found = {name: _ordered(value) for name, value in record.__dict__.items() if isinstance(value, CONTAINERS)}
    if isinstance(record, Rep):
        found["covers"] = record.covers if record.covers is None else _sorted(record.covers, key=repr)
        found["absences"] = _sorted(found["absences"], key=lambda one: (one.start, one.end))
    changed = {name: value for name, value in found.items() if value is not getattr(record, name)}
    return record.but(**changed) if changed else record


CONTAINERS = (dict, tuple, Record)


def _ordered(value: Any) -> Any:
    """Return a value with the keys of its dicts in order; itself, where they are."""
    if isinstance(value, Record):
        return _in_order(value)
    if isinstance(value, dict):
        inside = {key: _ordered(value[key]) for key in sorted(value)}
        same = all(a == b and inside[a] is value[b] for a, b in zip(inside, value, strict=True))
        return value if same else inside
    if isinstance(value, tuple):
        items = tuple(map(_ordered, value))
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    return value


def _sorted(values: tuple[Any, ...], *, key: Callable[[Any], Any]) -> tuple[Any, ...]:
    ordered = tuple(sorted(values, key=key))
    return ordered if any(a is not b for a, b in zip(ordered, values, strict=True)) else values


def _by_key(records: tuple[Record, ...]) -> tuple[Record, ...]:
    """Return records in the order of their keys, and those of one key in the order of what they hold."""
    keys = list(map(record_key, records))
    if keys == sorted(keys) and len(set(keys)) == len(keys):
        return records
    if len(set(keys)) == len(keys):
        return tuple(record for _, record in sorted(zip(keys, records, strict=True), key=itemgetter(0)))
    held = [record.model_dump_json() for record in records]
    return tuple(record for _, _, record in sorted(zip(keys, held, records, strict=True), key=itemgetter(0, 1)))


def _home(record: Record) -> Path:
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


def _position(key: str, records: tuple[Record, ...], where: str) -> int:
    keys = [record_key(record) for record in records]
    if key not in keys:
        raise UnknownNameError(
            f"{where} has no {key!r}.{suggest(key, keys)}",
            hint=_for_a_new_one(where) if keys else f"There are no {where}.",
            name=key,
            candidates=tuple(keys[:3]),
        )
    return keys.index(key)

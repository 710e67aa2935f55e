"""Everything one plan answers to, in one record, and how it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, Unpack

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.base import Record, suggest
from planalloc.model.calendar import Calendar
from planalloc.model.homes import (
    DROPPABLE,
    HOMES,
    WHOLES,
    Path,
    all_at,
    by_key,
    home_of,
    position_of,
    record_key,
    with_all,
    with_homes,
)
from planalloc.model.limits import Limit
from planalloc.model.ordering import in_order
from planalloc.model.playbook import Playbook, Targeting
from planalloc.model.policy import Policy
from planalloc.model.portfolio import Portfolio
from planalloc.model.rhythm import ReviewRhythm
from planalloc.model.salesforce import Rep, SalesForce
from planalloc.model.strategy import Segment, Strategy, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planalloc.model.frame_types import Frames

__all__ = ["SCHEMA_VERSION", "PlanningProblem", "record_key"]

SCHEMA_VERSION: Final = 1
"""Raised whenever the JSON of a problem changes its meaning or its shape."""


def _known_version(value: Any) -> Any:
    if type(value) is not int or value != SCHEMA_VERSION:
        raise PydanticCustomError(
            "schema_version",
            f"is {str(value)[:40]!r}, and version {SCHEMA_VERSION} is read here; read it with the release of planalloc "
            "that wrote it",
        )
    return value


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

    schema_version: Annotated[Literal[1], BeforeValidator(_known_version)] = SCHEMA_VERSION
    """Version of the JSON schema that a stored problem follows; one that does not say follows the present one."""
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
    portfolio: Portfolio = Field(default_factory=Portfolio)
    """Whom the reps sell to, by name; empty: reps say how many accounts they have."""
    rhythms: tuple[ReviewRhythm, ...] = ()
    """When plans are looked at together; empty: no review points."""

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

    @classmethod
    def from_frames(
        cls,
        *,
        calendar: Calendar | None = None,
        name: str | None = None,
        currency: str | None = None,
        measure: Literal["bookings", "invoices"] | None = None,
        revenue: float | None = None,
        hours_per_week: float | None = None,
        selling_share: float | None = None,
        leave_days: float | None = None,
        leave_seasonality: str | None = None,
        targeting: Targeting | None = None,
        policy: Policy | None = None,
        columns: Mapping[str, Mapping[str, str]] | None = None,
        separator: str = ";",
        extra: Literal["refuse", "ignore", "attributes"] = "refuse",
        numbers: Iterable[str] = (),
        **tables: Unpack[Frames],
    ) -> Self:
        """Read a whole problem from tables, and from arguments what is no table.

        Tables and their cells are as `SalesForce.from_frame` says; yes and no are a bool, 1 or 0, or such a word.
        Several entries of one cell have the separator between them, or are a list, or a JSON list.

        Parameters
        ----------
        calendar : Calendar, optional
            The horizon; needed, as are `name` and `currency`, unless a table of settings gives them. Arguments come
            first where both do.
        name, currency, measure, revenue : optional
            Fields of `Strategy`.
        hours_per_week, selling_share, leave_days, leave_seasonality : optional
            Fields of `SalesForce`.
        targeting : Targeting, optional
            Which accounts come first.
        policy : Policy, optional
            How the engine decides.
        columns : Mapping of str to Mapping, optional
            By table, its headers by our names: ``{"reps": {"id": "Matricule"}}``.
        separator : str
            What stands between entries of one cell. Not a slash.
        extra : {"refuse", "ignore", "attributes"}
            What happens to columns with other names: refused, since most are misspelled, or ignored; or those of the
            portfolio become attributes, and the others are refused.
        numbers : iterable of str
            Headers of attributes that are read as numbers where a file has them as text.
        **tables : dataframe or iterable of dict
            ``segments`` and ``targets``, and optionally ``settings``, ``products``, ``seasonalities``, ``teams``,
            ``reps``, ``absences``, ``accounts``, ``portfolio``, ``contacts``, ``activities``, ``funnels``, ``stages``,
            ``stage_activities``, ``cadences``, ``methods``, ``limits`` and ``rhythms``. Their columns mean what the
            fields of the records mean; ``docs/reference/tables.md`` lists them.

        Raises
        ------
        UnknownNameError
            When a table, a column, a setting, or the row of another table that a row belongs to is not known.
        InputError
            When anything else in a table or a setting is wrong. Either error has all findings of all tables, by table
            and row, counted from 1 without the header. What contradicts what between records, `check` finds.

        Examples
        --------
        >>> problem = PlanningProblem.from_frames(
        ...     segments=[{"id": "A"}, {"id": "B"}],
        ...     targets=[{"segment": "A", "share": "0.6"}, {"segment": "B", "rest": "yes"}],
        ...     reps=[{"Matricule": 1042, "covers": "A;B"}],
        ...     calendar=Calendar.model_validate({"start": "2027-01-01", "end": "2027-12-31"}),
        ...     name="Strategy 2027", currency="EUR", revenue=1000,
        ...     columns={"reps": {"id": "Matricule"}},
        ... )
        >>> [(rep.id, rep.covers) for rep in problem.sales_force.reps]
        [('1042', ('A', 'B'))]
        """
        from planalloc.model.problem_frames import read_problem  # noqa: PLC0415 -- loaded only where tables are read

        strategy = {"name": name, "currency": currency, "measure": measure, "revenue": revenue}
        force = {
            "hours_per_week": hours_per_week,
            "selling_share": selling_share,
            "leave_days": leave_days,
            "leave_seasonality": leave_seasonality,
        }
        found = read_problem(
            tables,
            given={
                "calendar": calendar,
                "strategy": strategy,
                "sales_force": force,
                "targeting": targeting,
                "policy": policy,
            },
            columns={} if columns is None else columns,
            separator=separator,
            extra=extra,
            numbers=numbers,
        )
        return cls.model_validate(found)

    def to_frames(self) -> Frames:
        """Return the problem as a dict of tables that `from_frames` reads back: ``from_frames(**tables) == problem``.

        Each table is a list of rows as dicts that all have the same keys, which ``pandas.DataFrame``,
        ``polars.DataFrame`` and `csv.DictWriter` take as it is. Cells are text, numbers, bools, dates or None (not
        given), one kind in a column; what holds several things is text, with ``;`` between them or as JSON. Empty
        tables, and columns that say nothing, are left out.

        A problem in which an id stands twice, which `check` refuses, is not read back; and a reason of blanks alone
        comes back empty.

        Examples
        --------
        >>> problem = PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice"])
        >>> tables = problem.to_frames()
        >>> tables["targets"], tables["settings"][0]
        ([{'segment': 'A', 'share': 1.0}], {'setting': 'calendar.start', 'value': '2027-01-01'})
        >>> PlanningProblem.from_frames(**tables) == problem
        True
        """
        from planalloc.model.written_tables import written_tables  # noqa: PLC0415 -- only where tables are written

        return written_tables(self)

    def rep(self, rep_id: str) -> Rep:
        """Return a rep by id, to be changed and put back: ``problem.replace(problem.rep("bruno").but(fte=0.8))``.

        Raises
        ------
        UnknownNameError
            When there is no such rep.
        """
        reps = self.sales_force.reps
        return reps[position_of(rep_id, reps, "reps")]

    def add(self, *records: Record) -> Self:
        """Return the problem with more records, each put where its kind lives.

        Raises
        ------
        InputError
            When a record of the same id is there already, or the kind has no place in a problem.

        Examples
        --------
        >>> problem = PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice"])
        >>> from planalloc.model.limits import Pin
        >>> len(problem.add(Rep(id="chloe"), Pin(rep="alice", quota=6)).sales_force.reps)
        2
        """
        homes: dict[Path, tuple[list[Record], set[str]]] = {}
        for record in records:
            path, key = home_of(record), record_key(record)
            if path not in homes:
                there = all_at(self, path)
                homes[path] = [*there], set(map(record_key, there))
            held, keys = homes[path]
            if key in keys:
                raise InputError(f"{path[1]} has {key!r} already", hint="Use replace(...) to change it.")
            held.append(record)
            keys.add(key)
        return with_homes(self, homes)

    def replace(self, *records: Record) -> Self:
        """Return the problem with each record in the place of the one that has the same id.

        A `Calendar`, `Strategy`, `SalesForce`, `Playbook`, `Policy` or `Portfolio` replaces the whole.

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
        problem, homes = self, dict[Path, tuple[list[Record], dict[str, int]]]()
        for record in records:
            if type(record) in WHOLES:
                problem = with_homes(problem, homes).but(**{WHOLES[type(record)]: record})
                homes = {}
                continue
            path, key = home_of(record), record_key(record)
            if path not in homes:
                there = all_at(problem, path)
                homes[path] = [*there], {record_key(one): i for i, one in reversed([*enumerate(there)])}
            held, positions = homes[path]
            held[positions[key] if key in positions else position_of(key, tuple(held), path[1])] = record
        return with_homes(problem, homes)

    def drop(self, **ids: str) -> Self:
        """Return the problem without some records: ``drop(rep="bruno", limit="pin: ...")``.

        What refers to a dropped record stays and is found by `planalloc.check`.

        Parameters
        ----------
        **ids
            By kind: segment, product, seasonality, team, rep, activity, account, contact, or limit (by its label).

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
            there = all_at(problem, path)
            position = position_of(name, there, path[1])
            problem = with_all(problem, path, there[:position] + there[position + 1 :])
        return problem

    def canonical(self) -> Self:
        """Return the same problem with its records in the order of their ids, so that input order cannot matter.

        What is in order already is kept as it is.
        """
        problem = in_order(self)
        for path in dict.fromkeys(HOMES.values()):
            records = all_at(problem, path)
            ordered = by_key(records)
            if any(one is not other for one, other in zip(records, ordered, strict=True)):
                problem = with_all(problem, path, ordered)
        return problem

    def counted(self) -> Self:
        """Return the problem whose reps have as many accounts as the portfolio says; itself, where that is empty.

        A count tells new from existing business where every account of that rep and segment does; where one does not,
        it tells them apart as the rep's own count does, if that is given.

        Examples
        --------
        >>> problem = PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice"])
        >>> from planalloc.model.portfolio import Account
        >>> problem = problem.add(Account(id="a1", segment="A", owner="alice"))
        >>> dict(problem.counted().sales_force.reps[0].accounts)
        {'A': 1.0}
        """
        if not self.portfolio.accounts:
            return self
        segments, reps = self.strategy.segments, self.sales_force.reps
        found = self.portfolio.counts(segments, reps).tolist()
        staff = [
            rep.but(
                accounts={
                    segment.id: _count(rep.accounts.get(segment.id), *numbers)
                    for segment, numbers in zip(segments, row, strict=True)
                    if any(numbers)
                }
            )
            for rep, row in zip(reps, found, strict=True)
        ]
        return self.but(sales_force=self.sales_force.but(reps=staff))


def _count(told: Any, unknown: int, new: int, existing: int) -> Any:
    if unknown:
        return told if isinstance(told, dict) else unknown + new + existing
    return {"new": new, "existing": existing}

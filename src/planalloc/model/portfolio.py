"""Whom the reps sell to: accounts, the people met there, and what segment and rep each account belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from planalloc.model.base import Amount, Day, Frozen, Id, Name, Record
from planalloc.model.criteria import Column, Value, conditions, meets
from planalloc.model.strategy import Business

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from planalloc.model.salesforce import Rep
    from planalloc.model.strategy import Segment
    from planalloc.types import Bools, Ints

__all__ = ["FIELDS", "UNKNOWN", "Account", "Classification", "Contact", "Portfolio"]

UNKNOWN = -2
"""Position of what an account names and nobody defined; -1 is that of what it does not name."""


def _attributes(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse attributes that have the name of a field, and put the others in order: a record has one way to be."""
    for name in value:
        if name in Account.model_fields:
            raise PydanticCustomError("attribute_is_field", f"has {name!r}, a field of its own; give it there")
    return {name: value[name] for name in sorted(value)}


class Account(Record):
    """A company or a person that one sells to, or wants to.

    Examples
    --------
    >>> account = Account(id="a1", name="Hotel du Lac", owner="alice", potential=90_000, attributes={"rooms": 80})
    >>> account.attributes["rooms"]
    80.0
    """

    id: Id
    """How contacts and tables name it."""
    name: Name | None = None
    """How people call it; the id where none is given."""
    segment: Id | None = None
    """The segment it belongs to, whatever the criteria say; None: the one whose criteria it meets."""
    owner: Id | None = None
    """The rep who works it; None: nobody does."""
    team: Id | None = None
    """The team it belongs to; for criteria, and shown."""
    region: Name | None = None
    """Where it is; for criteria, and shown."""
    business: Business | None = None
    """``new`` for a prospect, ``existing`` for a customer; None: not known."""
    potential: Amount | None = None
    """What it could buy in a year, in money; None: not known."""
    last_year: Amount | None = None
    """What it bought last year, in money; None: not known."""
    last_contact: Day | None = None
    """When somebody last spoke with it; None: not known."""
    attributes: Frozen[Annotated[dict[Id, Value], AfterValidator(_attributes)]] = Field(default_factory=dict)
    """What else is known of it, by name: text, numbers, True or False. Criteria may speak of them."""


class Contact(Record):
    """A person met at an account.

    Examples
    --------
    >>> Contact(id="p1", account="a1", name="Dana", role="buyer").role
    'buyer'
    """

    id: Id
    """How tables name the person."""
    account: Id
    """Where they work."""
    name: Name | None = None
    """How people call them; the id where none is given."""
    role: Name
    """What they decide or do, such as "buyer"; stages of the sale name roles to meet."""


FIELDS = tuple(name for name in Account.model_fields if name not in {"segment", "attributes"})
"""Fields that criteria may speak of, beside attributes; a segment is what they decide."""


@dataclass(frozen=True)
class Classification:
    """What segment each of N accounts belongs to, of G segments, one at least.

    Parameters
    ----------
    given : Ints
        Position of the segment that an account names itself, -1 for none, `UNKNOWN` for one that is none of them,
        shape (N,).
    meets : Bools
        Whether an account meets a segment's criteria, shape (N, G); False for segments without criteria.
    asks : Bools
        Whether a segment has criteria, shape (G,).
    """

    given: Ints
    meets: Bools
    asks: Bools

    @cached_property
    def segment(self) -> Ints:
        """Position of the one segment an account is planned in, -1 where there is none, shape (N,)."""
        by_criteria = np.where(self.meets.sum(axis=1) == 1, self.meets.argmax(axis=1), -1)
        found: Ints = np.where(self.given == -1, by_criteria, np.maximum(self.given, -1))
        return found

    @property
    def several(self) -> Bools:
        """Whether an account names no segment and meets the criteria of several, shape (N,)."""
        found: Bools = (self.given == -1) & (self.meets.sum(axis=1) > 1)
        return found

    @property
    def nowhere(self) -> Bools:
        """Whether an account names no segment and meets the criteria of none, shape (N,)."""
        found: Bools = (self.given == -1) & ~self.meets.any(axis=1)
        return found

    @property
    def contradicts(self) -> Bools:
        """Whether an account names one segment and meets only another's criteria, or not those of its own, (N,)."""
        named = np.maximum(self.given, 0)
        own = self.meets[np.arange(len(named)), named]
        found: Bools = (self.given >= 0) & ((self.asks[named] & ~own) | (self.meets.sum(axis=1) > own))
        return found


class Portfolio(Record):
    """All accounts and contacts. Empty: reps say how many accounts they have, `Rep.accounts`.

    Examples
    --------
    >>> portfolio = Portfolio(accounts=[Account(id="a1", segment="A", owner="alice")])
    >>> portfolio.accounts[0].owner
    'alice'
    """

    accounts: tuple[Account, ...] = ()
    """Whom one sells to."""
    contacts: tuple[Contact, ...] = ()
    """Whom one meets there."""

    @classmethod
    def from_frame(
        cls,
        accounts: Any,
        *,
        contacts: Any = None,
        columns: Mapping[str, str] | None = None,
        contact_columns: Mapping[str, str] | None = None,
        extra: Literal["refuse", "ignore", "attributes"] = "refuse",
        numbers: Iterable[str] = (),
    ) -> Self:
        """Read accounts and contacts from tables.

        A table is any dataframe that narwhals knows, or the rows as dicts, and its cells are read, as
        `SalesForce.from_frame` says.

        Parameters
        ----------
        accounts : dataframe or iterable of dict
            A row per account: ``id``, and optionally ``name``, ``segment``, ``owner``, ``team``, ``region``,
            ``business`` (new or existing), ``potential`` and ``last_year`` (money) and ``last_contact`` (a day).
        contacts : dataframe or iterable of dict, optional
            A row per person: ``id``, ``account``, ``role``, and optionally ``name``.
        columns : Mapping[str, str], optional
            Headers of the tables by the names above: ``{"owner": "Commercial"}``. One that both tables have may be the
            header of either, where `contact_columns` is not given.
        contact_columns : Mapping[str, str], optional
            Headers of the contacts by the names above, where they are others than those of the accounts; `columns` is
            then about the accounts alone.
        extra : {"refuse", "ignore", "attributes"}
            What happens to other columns. ``attributes`` makes each column of the accounts an attribute under its own
            header; those of the contacts are refused.
        numbers : iterable of str
            Headers of attributes that are read as numbers where a file has them as text. A postal code is none.

        Raises
        ------
        UnknownNameError
            When a column is not known.
        InputError
            When anything else in a table is wrong; all findings of both tables, by row, counted from 1.

        Examples
        --------
        >>> rows = [{"id": 1042, "owner": "alice", "rooms": "80"}, {"id": 7, "owner": "", "rooms": ""}]
        >>> portfolio = Portfolio.from_frame(rows, extra="attributes", numbers=["rooms"])
        >>> [(one.id, one.owner, dict(one.attributes)) for one in portfolio.accounts]
        [('1042', 'alice', {'rooms': 80.0}), ('7', None, {})]
        """
        from planalloc.model.portfolio_frames import read_portfolio  # noqa: PLC0415 -- it makes the records of this module

        found, people = read_portfolio(
            accounts,
            contacts=contacts,
            columns=columns or {},
            contact_columns=contact_columns,
            extra=extra,
            numbers=numbers,
        )
        return cls(accounts=found, contacts=people)

    def __hash__(self) -> int:
        return hash((tuple(one.id for one in self.accounts), len(self.contacts)))

    def column(self, field: str) -> Column:
        """Return what the accounts hold in a field or an attribute, N accounts.

        Examples
        --------
        >>> Portfolio(accounts=[Account(id="a1", region="north"), Account(id="a2")]).column("region").codes.tolist()
        [0, -1]
        """
        if field in FIELDS:
            held = [getattr(one, field) for one in self.accounts]
        else:
            held = [one.attributes.get(field) for one in self.accounts]
        # True and 1.0 are one key of a dict, and two values here
        code: dict[tuple[type, Any], int] = {}
        codes = [-1 if one is None else code.setdefault((type(one), one), len(code)) for one in held]
        return Column(tuple(value for _, value in code), np.array(codes, dtype=np.int64))

    def positions(self, field: Literal["segment", "owner", "team"], ids: Sequence[str]) -> Ints:
        """Return the position among ids of what each account names, -1 for nothing, `UNKNOWN` for none of them, (N,).

        Examples
        --------
        >>> accounts = [Account(id="a1", owner="alice"), Account(id="a2"), Account(id="a3", owner="nobody")]
        >>> Portfolio(accounts=accounts).positions("owner", ["alice"]).tolist()
        [0, -1, -2]
        """
        position: dict[str | None, int] = {name: i for i, name in enumerate(ids)}
        position[None] = -1
        return np.array([position.get(getattr(one, field), UNKNOWN) for one in self.accounts], dtype=np.int64)

    @property
    def attribute_names(self) -> Collection[str]:
        """Names of the attributes that any account has."""
        return {name for one in self.accounts for name in one.attributes}

    def segment_of(self, segments: Sequence[Segment]) -> Classification:
        """Return what segment each account belongs to: the one it names, else the one whose criteria it meets.

        Parameters
        ----------
        segments : sequence of Segment
            Those of the strategy.

        Examples
        --------
        >>> from planalloc.model.strategy import Segment
        >>> big = Segment(id="A", criteria={"field": "potential", "at_least": 50_000})
        >>> accounts = [Account(id="a1", potential=90_000), Account(id="a2", potential=10_000)]
        >>> Portfolio(accounts=accounts).segment_of([big]).segment.tolist()
        [0, -1]
        """
        asked = {one.field for segment in segments if segment.criteria for one in conditions(segment.criteria)}
        columns = {field: self.column(field) for field in sorted(asked)}
        size = len(self.accounts)
        met = np.zeros((size, len(segments)), dtype=bool)
        for g, segment in enumerate(segments):
            if segment.criteria is not None:
                met[:, g] = meets(segment.criteria, columns, size=size)
        asks = np.array([segment.criteria is not None for segment in segments], dtype=bool)
        return Classification(self.positions("segment", [one.id for one in segments]), met, asks)

    def counts(self, segments: Sequence[Segment], reps: Sequence[Rep]) -> Ints:
        """Return how many accounts each rep owns: business not known, new, and existing, shape (R, G, 3).

        Accounts in no segment, or in several, and those of nobody count nowhere.

        Examples
        --------
        >>> from planalloc.model.salesforce import Rep
        >>> from planalloc.model.strategy import Segment
        >>> accounts = [Account(id="a1", segment="A", owner="alice", business="new")]
        >>> Portfolio(accounts=accounts).counts([Segment(id="A")], [Rep(id="alice")]).tolist()
        [[[0, 1, 0]]]
        """
        code = {None: 0, "new": 1, "existing": 2}
        segment, owner = self.segment_of(segments).segment, self.positions("owner", [one.id for one in reps])
        business = np.array([code[one.business] for one in self.accounts], dtype=np.int64)
        counted = (segment >= 0) & (owner >= 0)
        found = np.zeros((len(reps), len(segments), 3), dtype=np.int64)
        np.add.at(found, (owner[counted], segment[counted], business[counted]), 1)
        return found

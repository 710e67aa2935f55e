"""Who sells: reps, their teams, what they cover and how much time they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Amount, Count, Day, Frozen, Id, Name, NotEmpty, Number, Record, Share, Within
from planalloc.model.strategy import Business, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Absence", "Ramp", "Rep", "SalesForce", "Scope", "Team"]

Hours = Annotated[Number, Within("(0, 168]", "a week has 168 hours; use an absence for a week off")]


def _count_or_split(value: Any) -> str:
    return "by business" if isinstance(value, dict) else "count"


Accounts = Annotated[
    Annotated[Count, Tag("count")] | Annotated[Frozen[dict[Business, Count]], Tag("by business")],
    Discriminator(_count_or_split),
]


class Team(Record):
    """A node of the organization.

    Examples
    --------
    >>> Team(id="paris", parent="north", manager="marie").hedge
    0.0
    """

    id: Id
    """How reps and limits name it."""
    name: Name | None = None
    """How people call it; the id where none is given."""
    parent: Id | None = None
    """The team it belongs to; None: directly under the company."""
    manager: Name | None = None
    """Who leads it; only shown."""
    hedge: Annotated[Number, Within("(-1, 5]", "write 5 % more than the target as 0.05")] = 0.0
    """Over-assignment of this level: its reps' quotas are their base x (1 + hedge), times that of the levels above.
    0 because quota and target are one number until somebody decides otherwise."""


class Ramp(Record):
    """How a new rep grows into full productivity.

    Examples
    --------
    >>> Ramp(months=[0.25, 0.5, 0.75]).months
    (0.25, 0.5, 0.75)
    """

    months: Annotated[
        tuple[
            Annotated[Number, Within("(0, 1]", "full productivity is 1; a month without selling is an absence")], ...
        ],
        NotEmpty,
    ]
    """Productivity in the first, second, ... month after `Rep.start`; 1 from then on."""


class Absence(Record):
    """Days on which a rep does not work.

    Examples
    --------
    >>> from datetime import date
    >>> Absence(start=date(2027, 8, 2), end=date(2027, 8, 20), reason="leave").reason
    'leave'
    """

    start: Day
    """First day away."""
    end: Day
    """Last day away, included."""
    reason: str = Field(default="", max_length=500)
    """Why; only shown."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end < self.start:
            raise PydanticCustomError(
                "absence_reversed", f"ends on {self.end}, before it starts on {self.start}; swap the two dates"
            )
        return self


class Scope(Record):
    """Some of the lines: those that agree with every part that is given.

    Examples
    --------
    >>> Scope(segment="A", business="new").product is None
    True
    """

    segment: Id | None = None
    """Only this segment; None: any."""
    product: Id | None = None
    """Only this product; None: any."""
    business: Business | None = None
    """Only new or only existing business; None: both."""

    @model_validator(mode="after")
    def _check_some_part(self) -> Self:
        if self.segment is None and self.product is None and self.business is None:
            raise PydanticCustomError("scope_empty", "names nothing; leave covers out for a rep who covers everything")
        return self


def _segment_or_scope(value: Any) -> str:
    return "scope" if isinstance(value, Scope | dict) else "segment"


Line = Annotated[
    Annotated[Id, Tag("segment")] | Annotated[Scope, Tag("scope")],
    Discriminator(_segment_or_scope),
]


class Rep(Record):
    """One person who sells.

    Examples
    --------
    >>> Rep(id="bruno", team="north", fte=0.8, covers=["B", "C"]).covers
    ('B', 'C')
    """

    id: Id
    """How limits and tables name the rep."""
    name: Name | None = None
    """How people call the rep; the id where none is given."""
    team: Id | None = None
    """The team the rep belongs to; None: directly under the company."""
    role: Literal["primary", "overlay"] = "primary"
    """``overlay``: carries a second quota on revenue that others book (`Plan.overlay_quotas`), without hours of its own
    and never counted in the base."""
    seniority: Name | None = None
    """A label such as "junior", by which a `ReviewRhythm` may speak of several reps; no number depends on it."""
    covers: tuple[Line, ...] | None = None
    """The segments, or finer scopes, the rep may sell in; None: all of them."""
    accounts: Frozen[dict[Id, Accounts]] = Field(default_factory=dict)
    """Accounts by segment: a number, or one each for ``new`` (prospects) and ``existing`` (customers). Where the
    portfolio names them, it counts them, and what is given here must agree."""
    last_year: Frozen[dict[Id, Amount]] | None = None
    """Last year's sales by segment, in money; None: not known. A segment left out sold nothing."""
    potential: Frozen[dict[Id, Amount]] | None = None
    """What the rep's accounts could buy, by segment, in money; None: not known."""
    fte: Annotated[Number, Within("(0, 2]", "a full-time rep is 1, one on four days of five 0.8")] = 1.0
    """Full-time equivalent: scales the hours."""
    start: Day | None = None
    """First day of employment; the ramp counts from it. None: there since before the horizon, fully productive."""
    end: Day | None = None
    """Last day of employment, included; None: stays beyond the horizon."""
    ramp: Ramp | None = None
    """How a new rep grows into the job; needs `start`. None: fully productive from the first day."""
    absences: tuple[Absence, ...] = ()
    """Dated absences. One that fills a whole period means that the rep carries no number in it."""
    hedge: Annotated[Number, Within("(-1, 5]", "write 5 % more than the target as 0.05")] = 0.0
    """Over-assignment of this rep alone, on top of that of the teams above."""
    hours_per_week: Hours | None = None
    """Contract hours of a full-time week; None: the sales force's."""
    selling_share: Share | None = None
    """Part of the hours that goes to selling activities; None: the sales force's."""

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise PydanticCustomError(
                "rep_reversed", f"ends on {self.end}, before the start on {self.start}; swap the two dates"
            )
        if self.ramp and not self.start:
            raise PydanticCustomError("ramp_without_start", "has a ramp and no start; give the first day of employment")
        return self

    def may_carry(self, line: Target) -> bool:
        """Return whether the rep covers a line of the strategy.

        Examples
        --------
        >>> Rep(id="bruno", covers=["B"]).may_carry(Target(segment="A", share=1.0))
        False
        """
        return self.covers is None or any(
            one == line.segment
            if isinstance(one, str)
            else one.segment in {None, line.segment}
            and one.product in {None, line.product}
            and one.business in {None, line.business}
            for one in self.covers
        )

    def count(self, segment: str, business: Business | None = None) -> float:
        """Return how many accounts of a segment the rep has; of one business, where the count is split by it.

        Examples
        --------
        >>> Rep(id="alice", accounts={"A": {"new": 12, "existing": 8}}).count("A")
        20.0
        """
        accounts = self.accounts.get(segment, 0.0)
        if isinstance(accounts, dict):
            return sum(accounts.values()) if business is None else accounts.get(business, 0.0)
        return accounts


class SalesForce(Record):
    """All reps and teams, and what holds for everyone unless a rep says otherwise.

    Examples
    --------
    >>> SalesForce(reps=[Rep(id="alice")], hours_per_week=35, selling_share=0.7).leave_days
    0.0
    """

    teams: tuple[Team, ...] = ()
    """The organization; empty for one company without levels."""
    reps: tuple[Rep, ...]
    """Everyone who carries a number."""
    hours_per_week: Hours = 40.0
    """Contract hours of a full-time week, over Monday to Friday."""
    selling_share: Share = 1.0
    """Part of the hours that goes to selling activities; 1 takes nothing off that was not given."""
    leave_days: Annotated[Number, Within("[0, 366]", "give days of leave a year")] = 0.0
    """Days of paid leave a year that have no date yet. They are spread over the year in proportion to working days, and
    a rep's dated absences count against them. 0 takes nothing off that was not given."""
    leave_seasonality: Id | None = None
    """A seasonality of the strategy by which undated leave is taken; None: in proportion to working days."""

    @classmethod
    def from_frame(
        cls,
        reps: Any,
        *,
        accounts: Any = None,
        teams: Any = (),
        columns: Mapping[str, str] | None = None,
        separator: str = ";",
        extra: Literal["refuse", "ignore"] = "refuse",
        **defaults: Any,
    ) -> Self:
        """Read reps, their accounts and their teams from tables.

        A table is any dataframe that narwhals knows (pandas, polars, pyarrow, ...; a lazy one is collected; an index is
        not read), or the rows as dicts, as from `csv.DictReader`. A cell that is empty, None, NaN or NaT is not given.
        Numbers may be text (``"0.8"``); dates are dates, time stamps at midnight or ISO text; a whole number where text
        belongs becomes its digits (1042.0 is ``"1042"``). The order of the rows is kept and no row is dropped.

        Parameters
        ----------
        reps : dataframe or iterable of dict
            A row per rep: ``id``, and optionally ``name``, ``team``, ``role``, ``seniority``, ``fte``, ``start``,
            ``end``, ``hours_per_week``, ``selling_share``, ``covers`` and ``ramp``, which mean what they mean on `Rep`.
            Several entries in one cell have the separator between them: ``"A;B"``, ``"0.25;0.5;0.75"``. An entry of
            ``covers`` is a segment, or segment/product/business with an empty part for any: ``"A//new"``; a slash in a
            name cannot be told from that.
        accounts : dataframe or iterable of dict, optional
            A row per rep and segment, or per rep, segment and business: ``rep``, ``segment``, optionally ``business``
            (new or existing), ``accounts`` (how many), and optionally ``last_year`` and ``potential`` (money, added up
            over the two businesses). As on `Rep`, a segment for which a rep's last year is not given, beside
            others for which it is, sold nothing.
        teams : sequence of Team, dataframe or iterable of dict
            Records, or a row per team: ``id``, and optionally ``name``, ``parent``, ``manager`` and ``hedge``.
        columns : Mapping[str, str], optional
            Headers of the tables by the names above: ``{"id": "Matricule"}``. One that several tables share may be
            the header of either.
        separator : str
            What stands between entries of one cell. Not a slash.
        extra : {"refuse", "ignore"}
            What happens to columns with other names. Refused unless said otherwise, since most are misspelled.
        **defaults
            The other fields of the sales force, such as ``hours_per_week``.

        Raises
        ------
        UnknownNameError
            When a column, or a rep of the accounts, is not known.
        InputError
            When anything else in a table is wrong. Either error has all findings of all tables, by row, counted from 1
            without the header.
        pydantic.ValidationError
            When one of the defaults is wrong.

        Examples
        --------
        >>> rows = [{"Matricule": 1042, "fte": "0.8", "covers": "A;B"}, {"Matricule": 7, "fte": "", "covers": ""}]
        >>> force = SalesForce.from_frame(rows, columns={"id": "Matricule"}, hours_per_week=35)
        >>> [(rep.id, rep.fte, rep.covers) for rep in force.reps]
        [('1042', 0.8, ('A', 'B')), ('7', 1.0, None)]
        """
        from planalloc.model.frames import read_reps_and_teams  # noqa: PLC0415 -- it makes the records of this module

        staff, organisation = read_reps_and_teams(
            reps, accounts=accounts, teams=teams, columns=columns or {}, separator=separator, extra=extra
        )
        return cls(reps=staff, teams=organisation, **defaults)

"""What differs between two plans of the same horizon: for the director, and for each rep."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.base import nearest, suggest
from planalloc.plan.plan import Plan
from planalloc.plan.table import Column, Table, Text
from planalloc.replanning.diff_display import difference_html, difference_text
from planalloc.replanning.editing import EDITED
from planalloc.replanning.facts import Fact, edit_fact, facts_between
from planalloc.replanning.pairing import changed_rows, moved, paired, reps_in, rows_at, rows_where
from planalloc.replanning.rep_diff import RepDifference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.portfolio import Account

__all__ = ["Difference", "Summary", "diff"]

LINE = ("segment", "product", "business")


@dataclass(frozen=True)
class Summary:
    """A change in figures, for the director.

    Attributes
    ----------
    people : int
        Reps whose number changes in some period.
    others : int
        Reps whose number stays, and whose activities, accounts or overlay quota change.
    moved : int or float
        Money that changes hands, line or period, each move counted once: half the sum of all changes, and what the
        plan gains or loses in all.
    change : int or float
        What all reps carry now, less what they carried.
    accounts : int
        Accounts that change hands.
    """

    people: int
    others: int
    moved: int | float
    change: int | float
    accounts: int


@dataclass(frozen=True)
class Difference:
    """What differs between two plans.

    Attributes
    ----------
    before, after : Plan
        The two.
    """

    before: Plan = field(repr=False)
    after: Plan = field(repr=False)

    @cached_property
    def numbers(self) -> Table:
        """Every number of both plans, changed or not: team, rep, segment, product, business, period, before, after.

        They are quotas, as people carry them, in money; also change, and of it what rises and what falls. A rep's team
        is the one after the change.
        """
        both = paired(
            self.before.quotas, self.after.quotas, ("rep", *LINE, "period"), amount="quota", name="what people carry"
        )
        teams = {one.id: one.team for plan in (self.before, self.after) for one in plan.problem.sales_force.reps}
        rep = both.contents["rep"]
        assert isinstance(rep, Text)  # noqa: S101 -- ids are text
        of_rep = Text.of([teams[one] for one in rep.categories])
        codes = of_rep.codes[rep.codes]
        return replace(both, contents={"team": Text(codes, of_rep.categories), **both.contents})

    @cached_property
    def overlay_numbers(self) -> Table:
        """Likewise of overlay reps, on revenue that stands in `numbers` already, without team."""
        tables = self.before.overlay_quotas, self.after.overlay_quotas
        return paired(*tables, ("rep", *LINE, "period"), amount="quota", name="what overlay reps carry")

    @cached_property
    def quotas(self) -> Table:
        """Rows of `numbers` that change: team, rep, segment, product, business, period, before, after, change."""
        return changed_rows(self.numbers)

    @cached_property
    def activities(self) -> Table:
        """Activities that change: rep, segment, activity, period, before, after, change, in counts."""
        return changed_rows(self.all_activities)

    @cached_property
    def all_activities(self) -> Table:
        """Every activity of both plans, changed or not, with the columns of `activities`, and what rises and falls."""
        keys = ("rep", "segment", "activity", "period")
        return paired(self.before.activities, self.after.activities, keys, amount="count", name="what people do")

    @cached_property
    def hours(self) -> Table:
        """Planned hours that change: rep, period, before, after, change."""
        return rows_at(self.all_hours, np.flatnonzero(np.abs(self.all_hours["change"]) > 1e-6))

    @cached_property
    def all_hours(self) -> Table:
        """Every planned hour of both plans, changed or not, with the columns of `hours`, and what rises and falls."""
        keys = ("rep", "period")
        return paired(self.before.capacity, self.after.capacity, keys, amount="planned_hours", name="hours")

    @cached_property
    def shortfall(self) -> Table:
        """Lines whose shortfall changes: segment, product, business, before, after, change, in money."""
        return changed_rows(
            paired(self.before.shortfall, self.after.shortfall, LINE, amount="revenue", name="shortfall by line")
        )

    @cached_property
    def accounts(self) -> Table:
        """Accounts that change hands, come or go: account, name, segment, before, after (their owners)."""
        old, new = (_owned(plan) for plan in (self.before, self.after))
        rows = [
            (key, _of(old, new, key, "name"), _of(old, new, key, "segment"), was, now)
            for key in sorted(old.keys() | new.keys())
            if (was := _owner(old.get(key))) != (now := _owner(new.get(key)))
        ]
        columns = list(zip(*rows, strict=True)) or [()] * 5
        names = ("account", "name", "segment", "before", "after")
        return Table(
            {name: Text.of(column) for name, column in zip(names, columns, strict=True)}, name="accounts that move"
        )

    @cached_property
    def by_line(self) -> Table:
        """Lines: segment, product, business, before, after, change, moved (each move counted once), in money."""
        return replace(moved(self.numbers, *LINE), name="by line")

    @cached_property
    def by_team(self) -> Table:
        """Teams: team, before, after, change, moved (each move counted once), in money; by the team after the change.

        What moves between two reps of a team is moved within it.
        """
        return replace(moved(self.numbers, "team"), name="by team")

    @cached_property
    def by_rep(self) -> Table:
        """Reps whose number changes in some period: rep, before, after, change, moved, in money."""
        found = moved(self.numbers, "rep")
        return replace(rows_where(found, found["moved"] > 0), name="by rep")

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What differs between the problems, edits by hand, and what was missed or exceeded in time closed since."""
        return (
            *facts_between(self.before.problem, self.after.problem),
            *(
                edit_fact(one, self.before.problem, self.after.problem)
                for one in self.after.findings
                if one.code == EDITED and one not in self.before.findings
            ),
            *_sold_facts(self.sold),
        )

    @cached_property
    def sold(self) -> Table:
        """Time closed since `before`: rep, segment, product, business, before (planned), after (sold), change.

        In money, by base; empty where `after` is no revision of `before`, and without what sold exactly its plan.
        """
        planned, done = (_newly_closed(self.before, self.after, name) for name in ("base", "revenue"))
        return changed_rows(paired(planned, done, ("rep", *LINE), amount="amount", name="planned and sold"))

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Ids of the reps whose number changes in some period."""
        return reps_in(self.quotas)

    @cached_property
    def gave(self) -> tuple[str, ...]:
        """Ids of the reps who carry less in all, on some line: the sources of a move."""
        return self._on_a_line("change", -1)

    @cached_property
    def got(self) -> tuple[str, ...]:
        """Ids of the reps who carry more in all, on some line: its destinations."""
        return self._on_a_line("change", 1)

    @cached_property
    def bystanders(self) -> tuple[str, ...]:
        """Ids of the reps for whom no number, no activity and no account changes."""
        everyone = [one.id for plan in (self.before, self.after) for one in plan.problem.sales_force.reps]
        touched = {*self.people, *self.others}
        return tuple(sorted(set(everyone) - touched))

    @cached_property
    def others(self) -> tuple[str, ...]:
        """Ids of the reps whose number stays, and whose activities, accounts or overlay quota change."""
        overlay = {*reps_in(changed_rows(self.overlay_numbers))}
        owners = {one for name in ("before", "after") for one in self.accounts[name] if one is not None}
        return tuple(sorted(({*reps_in(self.activities)} | owners | overlay) - {*self.people}))

    @cached_property
    def summary(self) -> Summary:
        """The change in figures."""
        return Summary(
            people=len(self.people),
            others=len(self.others),
            moved=max(self.numbers.total("rise"), self.numbers.total("fall")),
            change=self.numbers.total("change"),
            accounts=len(self.accounts),
        )

    def rep(self, rep_id: str) -> RepDifference:
        """Return what changes for one person.

        Raises
        ------
        UnknownNameError
            When neither plan has such a rep.

        Examples
        --------
        >>> import planalloc as pa
        >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
        ...                                     reps=["alice", "bruno"])
        >>> change = diff(pa.allocate(problem), pa.allocate(problem.add(pa.Pin(rep="alice", quota=500))))
        >>> change.rep("bruno").change, [fact.about for fact in change.rep("bruno").indirect]
        (100, ['somebody else'])
        """
        known = sorted({one.id for plan in (self.before, self.after) for one in plan.problem.sales_force.reps})
        if rep_id not in known:
            raise UnknownNameError(
                f"rep {rep_id!r} is in neither plan.{suggest(rep_id, known)}",
                hint=f"Known are: {', '.join(known[:8])}{' ...' if len(known) > 8 else ''}.",
                name=str(rep_id),
                candidates=nearest(rep_id, known),
            )
        return RepDifference(self, rep_id)

    def _on_a_line(self, column: str, sign: int) -> tuple[str, ...]:
        if not len(self.quotas):
            return ()
        by_line = self.quotas.by("rep", *LINE)
        return reps_in(rows_where(by_line, sign * by_line[column] > 0))

    def __bool__(self) -> bool:
        return bool(self.people or self.others or self.facts or len(self.shortfall))

    def __str__(self) -> str:
        return difference_text(self)

    def _repr_html_(self) -> str:
        return difference_html(self)


def diff(before: Plan, after: Plan) -> Difference:
    """Compare two plans of the same horizon, whatever reps, lines and limits they have.

    Parameters
    ----------
    before, after : Plan
        The plan as it was and as it is.

    Returns
    -------
    Difference
        Tables by rep, line and period, a summary for the director, and a page for each rep.

    Raises
    ------
    InputError
        When one of them is no plan, or their horizons, currencies or measures differ.

    Examples
    --------
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                     reps=["alice", "bruno"])
    >>> change = diff(pa.allocate(problem), pa.allocate(problem.add(pa.Pin(rep="alice", quota=500))))
    >>> change.summary.people, change.summary.moved, change.gave, change.got
    (2, 100, ('alice',), ('bruno',))
    """
    for plan in (before, after):
        if not isinstance(plan, Plan):
            raise InputError(f"diff compares two plans, not a {type(plan).__name__}", hint="Give two plans.")
    one, other = before.problem, after.problem
    wrong = [
        f"the {what} is {was} in one and {now} in the other"
        for what, was, now in (
            ("currency", one.strategy.currency, other.strategy.currency),
            ("measure", one.strategy.measure, other.strategy.measure),
        )
        if was != now
    ]
    if one.calendar.periods() != other.calendar.periods():
        said = [f"{c.start} to {c.end} by {c.grain}" for c in (one.calendar, other.calendar)]
        wrong.append(f"the horizon is {said[0]} in one and {said[1]} in the other")
    if wrong:
        raise InputError(
            "these two plans cannot be compared: " + "; ".join(wrong),
            hint="Compare plans of one horizon, currency and measure.",
        )
    return Difference(before, after)


def _owned(plan: Plan) -> dict[str, Account]:
    return {one.id: one for one in plan.problem.portfolio.accounts}


def _owner(account: Account | None) -> str | None:
    return None if account is None else account.owner


def _of(old: dict[str, Account], new: dict[str, Account], key: str, name: str) -> str | None:
    found: str | None = getattr(new.get(key, old.get(key)), name)
    return found


def _newly_closed(before: Plan, after: Plan, name: str) -> Table:
    """Return by rep and line what of a column of `credited` came since; nothing where `after` is no later revision."""
    tables = (after.credited, before.credited if before.as_of is not None else after.credited.head(0))
    if after.as_of is None or after.as_of == before.as_of:
        tables = (after.credited.head(0), after.credited.head(0))
    keys = ("rep", *LINE)
    both = paired(tables[1], tables[0], keys, amount=name, name="closed")
    contents: dict[str, Column] = {one: both.contents[one] for one in keys}
    return Table({**contents, "amount": both["change"]}, measures=("amount",), decimals=_decimals(both))


def _decimals(table: Table) -> dict[str, int]:
    return {"amount": table.decimals["change"]} if "change" in table.decimals else {}


def _sold_facts(sold: Table) -> Iterator[Fact]:
    """Yield for each line what was planned and what was sold, and who it was that missed or exceeded."""
    if not len(sold):
        return
    for row in sold.by(*LINE).to_dicts():
        key = " / ".join(row[name] for name in LINE if row[name])
        at = [one for one in sold.to_dicts() if all(one[name] == row[name] for name in LINE)]
        yield Fact("sold", key, "", row["before"], row["after"], tuple(one["rep"] for one in at), (key,))

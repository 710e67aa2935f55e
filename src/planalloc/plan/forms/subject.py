"""What a form is about: one rep's part of a plan, and how it is put in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from planalloc.plan.columns import Text, listed
from planalloc.plan.forms.page import Field, Grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planalloc.model.portfolio import Account, Contact
    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.forms.page import Cell, Kind
    from planalloc.plan.forms.wording import Wording
    from planalloc.plan.part import PlanPart, RepPlan
    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table

__all__ = ["Customers", "RepSubject", "Subject", "Wide", "names_in"]


def names_in(problem: PlanningProblem) -> dict[str, dict[str, str]]:
    """Return how people call what a problem has ids for, by kind of id.

    Examples
    --------
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1, currency="EUR", shares={"A": 1}, reps=["alice"])
    >>> names_in(problem)["segment"]
    {'A': 'A'}
    """
    strategy, force, playbook = problem.strategy, problem.sales_force, problem.playbook
    stages = [stage for funnel in playbook.funnels for stage in funnel.stages]
    kinds: dict[str, Any] = {
        "segment": strategy.segments,
        "product": strategy.products,
        "activity": playbook.activities,
        "stage": sorted(stages, key=lambda stage: stage.name is not None),  # one stage of several funnels: a name wins
        "team": force.teams,
        "rep": force.reps,
    }
    return {kind: {one.id: one.name or one.id for one in records} for kind, records in kinds.items()}


class Wide(NamedTuple):
    """A grid and the ids that its rows stand for, whose names need not differ."""

    keys: tuple[str, ...]
    grid: Grid


class Customers:
    """What forms read of a portfolio and of the numbers spread over it, sorted once for however many forms.

    Parameters
    ----------
    plan : Plan
        Whose portfolio.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """The accounts by id."""
        return {one.id: one for one in self._plan.problem.portfolio.accounts}

    @cached_property
    def contacts(self) -> dict[str, list[Contact]]:
        """The people by account."""
        found: dict[str, list[Contact]] = {}
        for one in self._plan.problem.portfolio.contacts:
            found.setdefault(one.account, []).append(one)
        return found

    @cached_property
    def quotas(self) -> dict[str, dict[str, int | float]]:
        """What each account stands for of its rep's number, by rep and account; by potential, else by last year."""
        potential = any(one.potential for one in self.accounts.values())
        table = self._plan.account_quotas("potential" if potential else "last_year")
        found: dict[str, dict[str, int | float]] = {}
        for row in table.by("rep", "account").to_dicts() if len(table) else []:
            if row["account"] is not None:
                found.setdefault(row["rep"], {})[row["account"]] = row["quota"]
        return found


@dataclass(frozen=True)
class Subject:
    """A part of a plan, for the whole horizon or one period, and the words for it.

    Attributes
    ----------
    part : PlanPart
        Whose numbers.
    wording : Wording
        In which language.
    names : Mapping
        How ids are called, from `names_in`.
    customers : Customers
        The accounts and the people there.
    listed : list of dict, optional
        The rows of the part's accounts, where somebody has sorted those of all reps at once; None: read them.
    """

    part: PlanPart
    wording: Wording
    names: Mapping[str, Mapping[str, str]]
    customers: Customers
    listed: list[dict[str, Any]] | None = None

    @cached_property
    def accounts(self) -> list[dict[str, Any]]:
        """The rows of the part's accounts."""
        return self.part.accounts.to_dicts() if self.listed is None else self.listed

    def account(self, account_id: str) -> Account:
        """Return an account."""
        return self.customers.accounts[account_id]

    @property
    def contacts(self) -> Mapping[str, list[Contact]]:
        """The people by account."""
        return self.customers.contacts

    @cached_property
    def quota_of_account(self) -> Mapping[str, int | float]:
        """What each account stands for of the numbers of the whole horizon; empty where none stands for any."""
        if not self.accounts:
            return {}
        return {
            account: quota for rep in self.part.reps for account, quota in self.customers.quotas.get(rep, {}).items()
        }

    @cached_property
    def schedule(self) -> Table:
        """The activities by week."""
        return self.part.schedule("week")

    @cached_property
    def _weeks(self) -> dict[str, dict[str, Any]]:
        return {row["week"]: row for row in self.schedule.by("week").to_dicts()}

    @property
    def weeks(self) -> list[str]:
        """The weeks that have activities."""
        return list(self._weeks)

    def days_of(self, week: str) -> str:
        """Return the days of a week that lie in the time of the form."""
        return self.wording.days(self._weeks[week]["start"], self._weeks[week]["end"])

    @property
    def problem(self) -> PlanningProblem:
        """What the plan answers to."""
        return self.part.plan.problem

    @cached_property
    def several(self) -> bool:
        """Whether the form spans more than one period of the plan."""
        calendar = self.problem.calendar
        if self.part.period_id is None:
            return len(calendar.periods()) > 1
        grain, position = calendar.find(self.part.period_id)
        return calendar.nest(calendar.grain, grain).count(position) > 1

    @property
    def grain(self) -> str:
        """The word for the plan's periods."""
        return self.wording[self.problem.calendar.grain]

    @property
    def total(self) -> str:
        """The word before a total row."""
        return self.wording["total"]

    @property
    def currency(self) -> str:
        """Code of the plan's money."""
        return self.wording.currency

    def called(self, kind: str, value: str | None) -> str:
        """Return how people call what an id stands for: its name, a period's, or the word for one of our own values."""
        if value is None:
            return ""
        if kind == "period":
            return self.wording.period(self.problem.calendar, value)
        known = self.names.get(kind)
        return self.wording.word(value) if known is None else known.get(value, value)

    def heads(self, kind: str, value: str) -> str:
        """Return how an id is called at the head of a column."""
        if kind == "period":
            return self.wording.short_period(self.problem.calendar, value)
        return self.called(kind, value)

    def crossed(self, table: Table, over: str, *, columns: str, values: str, kind: Kind) -> Wide | None:
        """Lay a table out wide, what is zero throughout left out; None where nothing is left."""
        table = table.where(**{columns: [one for one in _known(table, columns) if one is not None]})
        cells = [one for one in _triples(table, over, columns, values) if one[2]]
        if not cells:
            return None
        order = {name: i for i, name in enumerate(_known(table, columns))}
        across = sorted({column for _, column, _ in cells}, key=order.__getitem__)
        found = {(row, column): value for row, column, value in cells}
        down = _by(table, over) if over == "period" else list(dict.fromkeys(row for row, _, _ in cells))
        rows = tuple((self.called(over, row), *(found.get((row, column), 0) for column in across)) for row in down)
        fields = (
            Field(self.wording["week"].capitalize() if over == "week" else self.wording[over]),
            *(Field(self.heads(columns, column), kind, adds=True, place=order[column]) for column in across),
        )
        return Wide(tuple(down), Grid("", fields, rows, self.total if len(rows) > 1 else ""))


@dataclass(frozen=True)
class RepSubject(Subject):
    """A rep's plan and the words for it."""

    part: RepPlan


def _known(table: Table, column: str) -> list[str | None]:
    held = table.contents[column]
    return list(held.categories) if isinstance(held, Text) else []


def _by(table: Table, key: str) -> list[Any]:
    return listed(table.by(key).contents[key]) if len(table) else []


def _triples(table: Table, over: str, columns: str, values: str) -> list[tuple[str, str, Any]]:
    """Sum a table by two keys: row, column, value; in the order of the keys."""
    if not len(table):
        return []
    summed = table.by(over, columns)
    held: list[Cell] = np.asarray(summed[values]).tolist()
    return list(zip(listed(summed.contents[over]), listed(summed.contents[columns]), held, strict=True))

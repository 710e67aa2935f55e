"""The accounts of a plan: which are worked, and what each stands for of the rep's number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from planalloc.model.base import named_among
from planalloc.numerics.apportion import grouped_largest_remainder
from planalloc.plan.columns import taken
from planalloc.plan.table import Table, Text
from planalloc.plan.targeting import BUSINESSES
from planalloc.plan.visits import positions

if TYPE_CHECKING:
    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.targeting import AccountList
    from planalloc.plan.visits import VisitPlan
    from planalloc.types import Bools, Floats, Ints

__all__ = ["STATUSES", "Weighing", "account_quotas", "account_table"]

Weighing: TypeAlias = Literal["potential", "last_year"]
"""What a rep's number is spread over accounts by."""

STATUSES = ("worked", "partly worked", "not due", "left out", "not planned")
"""All visits, some, none as less than one is wanted in the horizon, none though more is wanted, and no cadence."""

_NOISE = 1e-9
"""What floating point may add to a number of visits without meaning anything."""

LINE = ("segment", "product", "business")


def _status(visits: VisitPlan) -> Ints:
    """Return the position of each account's status, shape (N,)."""
    wanted, planned = visits.wanted, visits.planned
    short = (planned < np.floor(wanted + _NOISE)).any(axis=1)
    short |= planned.sum(axis=1) < np.floor(wanted.sum(axis=1) + _NOISE)
    got = np.where(short, STATUSES.index("partly worked"), STATUSES.index("worked"))
    reached = (visits.part > _NOISE) & ~short
    none = np.where(reached, STATUSES.index("not due"), STATUSES.index("left out"))
    none = np.where(wanted.any(axis=1), none, STATUSES.index("not planned"))
    return np.where(planned.any(axis=1), got, none)


def account_table(visits: VisitPlan) -> Table:
    """Return one row for each account, best first in each rep's list of each segment; nobody's accounts come last."""
    listed = visits.listed
    names = {one.id: one.name or one.id for one in visits.problem.portfolio.accounts}
    return Table(
        {
            "rep": Text(listed.rep, listed.reps),
            "segment": Text(listed.segment, listed.segments),
            "account": Text(listed.account, listed.ids),
            "name": taken(Text.of([names[one] for one in listed.ids]), listed.account),
            "business": Text(listed.business, BUSINESSES),
            "rank": listed.rank,
            "score": listed.score,
            "potential": listed.potential,
            "last_year": listed.last_year,
            "status": Text(_status(visits), STATUSES),
            "accounts": np.ones(len(listed.account), dtype=np.int64),
            "visits_wanted": visits.wanted.sum(axis=1),
            "visits_planned": visits.planned.sum(axis=1),
        },
        name="accounts",
        measures=("potential", "last_year", "accounts", "visits_wanted", "visits_planned"),
        kinds={"score": "share"},
    )


def account_quotas(visits: VisitPlan, quotas: Table, *, by: Weighing) -> Table:
    """Return each number of a rep on a line spread over accounts: see `Plan.account_quotas`.

    Parameters
    ----------
    visits : VisitPlan
        The plan's visits, which say who is left out.
    quotas : Table
        `Plan.quotas`.
    by : {"potential", "last_year"}
        What it goes by.

    Raises
    ------
    UnknownNameError
        When `by` is neither.
    """
    named_among("by", by, ("potential", "last_year"))
    listed, lines = visits.listed, quotas.by("rep", *LINE)
    units = _units(visits.problem, lines)
    rep, segment = positions(lines.contents["rep"], listed.reps), positions(lines.contents["segment"], listed.segments)
    line, account = _shares(listed, rep, segment, positions(lines.contents["business"], BUSINESSES))
    kept = (_status(visits) != STATUSES.index("left out"))[account] & (units[line] > 0)
    line, account = line[kept], account[kept]
    weights = _or_evenly(np.nan_to_num(getattr(listed, by)[account]), line, len(lines))
    alone = np.setdiff1d(np.flatnonzero(units), line)
    spread = grouped_largest_remainder(np.where(np.isin(np.arange(len(lines)), line), units, 0), weights, groups=line)
    rows, whom = np.append(line, alone), np.append(listed.account[account], np.full(len(alone), -1))
    order = np.argsort(rows, kind="stable")
    labels = {name: taken(lines.contents[name], rows[order]) for name in ("rep", *LINE)}
    quota = np.append(spread, units[alone])[order]
    numerator, denominator = visits.problem.policy.step.as_integer_ratio()
    return Table(
        {
            **labels,
            "account": Text(whom[order], listed.ids),
            "quota": quota * numerator if denominator == 1 else quota * numerator / denominator,
        },
        name="account quotas",
        measures=("quota",),
        decimals={"quota": lines.decimals["quota"]} if "quota" in lines.decimals else {},
    )


def _units(problem: PlanningProblem, lines: Table) -> Ints:
    """Return quotas in rounding units, shape (rows,)."""
    numerator, denominator = problem.policy.step.as_integer_ratio()
    quota = lines["quota"]
    if denominator == 1:
        return np.asarray(quota // numerator, dtype=np.int64)
    units: Ints = np.rint(quota * denominator / numerator).astype(np.int64)
    return units


def _shares(listed: AccountList, rep: Ints, segment: Ints, business: Ints) -> tuple[Ints, Ints]:
    """Return all pairs of a line of a rep and an account it may be spread over, by line, in the order of the list."""
    many = len(listed.segments) + 1
    sought = rep * many + segment
    first = np.searchsorted(listed.list_number, sought)
    size = np.searchsorted(listed.list_number, sought, side="right") - first
    line = np.repeat(np.arange(len(rep)), size)
    account = np.arange(len(line)) - np.repeat(np.cumsum(size) - size - first, size)
    of_account = listed.business[account]
    fits: Bools = (business[line] < 0) | (of_account < 0) | (of_account == business[line])
    return line[fits], account[fits]


def _or_evenly(weights: Floats, groups: Ints, many: int) -> Floats:
    """Return the weights, or ones for a group in which all are zero."""
    some = np.bincount(groups, weights=weights, minlength=many) > 0
    return np.where(some[groups], weights, 1.0)

"""F-19: how many of which activity each account gets, and when: the rep's cadence work, account by account.

Cadence work of `Plan.activities` is handed out whole, so that the accounts' visits add up to it by rep, segment,
activity and period. Of funnel work that a cadence counts as its own (source ``both``), accounts get what their cadence
asks for beyond it; the rest is work on opportunities that no list of accounts can name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.capacity import capacity
from planalloc.formulate.index import Index
from planalloc.numerics.apportion import cumulative_round, grouped_largest_remainder
from planalloc.numerics.spacing import spread_evenly, staggered_phases
from planalloc.plan.labels import horizon_axis
from planalloc.plan.table import Column, Table, Text
from planalloc.plan.targeting import BUSINESSES, AccountList, account_list, places_within
from planalloc.plan.visit_weeks import WeeklyVisits

if TYPE_CHECKING:
    from planalloc.formulate.capacity import Capacity
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Handed", "VisitPlan", "positions"]

_NOISE = 1e-9
"""What floating point may add to a number of visits without meaning anything."""


def positions(column: Column, known: tuple[str, ...]) -> Ints:
    """Return the position of each row's text among known ones, -1 where it is none of them or missing, shape (rows,).

    Examples
    --------
    >>> positions(Text.of(["bruno", None, "alice"]), ("bruno", "chloe")).tolist()
    [0, -1, -1]
    """
    assert isinstance(column, Text)  # noqa: S101 -- for the type checker: labels are text
    position = {name: i for i, name in enumerate(known)}
    of_code = np.array([*(position.get(name, -1) for name in column.categories), -1], dtype=np.int64)
    found: Ints = of_code[column.codes]
    return found


@dataclass(frozen=True)
class Handed:
    """Whole visits before they have a date: E pairs of account and activity, in G groups of rep, segment and activity.

    Places are visits by group and period, shape (G, T): of named accounts, and of none. A shared group also has funnel
    work that a cadence counts as its own, shape (G,).
    """

    account: Ints
    kind: Ints
    group: Ints
    visits: Ints
    number: Ints
    named: Ints
    nameless: Ints
    shared: Bools


def _tables(row: Ints, column: Ints, counts: Ints, *, shape: tuple[int, int]) -> list[Floats]:
    """Return counts added up by row and column, a table of this shape for each kind of count."""
    at, size = row * shape[1] + column, shape[0] * shape[1]
    return [np.bincount(at, weights=one, minlength=size).reshape(shape).astype(np.float64) for one in counts]


@dataclass(frozen=True)
class VisitPlan:
    """The visits of all accounts, worked out on demand from a plan's tables.

    Parameters
    ----------
    problem : PlanningProblem
        What the plan answers to.
    activities, coverage : Table
        `Plan.activities` and `Plan.coverage`.
    """

    problem: PlanningProblem
    activities: Table
    coverage: Table

    @cached_property
    def listed(self) -> AccountList:
        """The accounts, N of them, by rep, segment and rank."""
        return account_list(self.problem)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The activities that cadences ask for, K of them."""
        asked = {cadence.activity for cadence in self.problem.playbook.cadences}
        return tuple(one.id for one in self.problem.playbook.activities if one.id in asked)

    @cached_property
    def _speaks(self) -> Bools:
        """Which accounts each cadence speaks of, shape (cadences, N).

        One for new or existing business speaks of the accounts that are, and of those that do not say, where the rep's
        own count tells how many there are of each.
        """
        listed = self.listed
        owned = (listed.rep >= 0) & (listed.segment >= 0)
        found = np.zeros((len(self.problem.playbook.cadences), len(owned)), dtype=np.bool_)
        for i, cadence in enumerate(self.problem.playbook.cadences):
            found[i] = owned & (listed.segment == listed.segments.index(cadence.segment))
            if cadence.business is not None:
                found[i] &= (listed.business < 0) | (listed.business == BUSINESSES.index(cadence.business))
        return found

    @cached_property
    def index(self) -> Index:
        """Names and positions of those who carry a number."""
        return Index(self.problem)

    @cached_property
    def time(self) -> Capacity:
        """Who is there when."""
        return capacity(self.index)

    @cached_property
    def wanted(self) -> Floats:
        """Visits that cadences ask for at full coverage in the time the rep is employed, shape (N, K)."""
        index, listed = self.index, self.listed
        years = np.zeros(len(listed.reps) + 1)  # the last one is nobody
        employed = self.time.employed_part * self.problem.calendar.years
        years[[listed.reps.index(rep.id) for rep in index.reps]] = employed
        found = np.zeros((len(listed.account), len(self.kinds)))
        for cadence, speaks in zip(self.problem.playbook.cadences, self._speaks, strict=True):
            found[:, self.kinds.index(cadence.activity)] += speaks * cadence.per_account_per_year
        wanted: Floats = found * years[listed.rep][:, None]
        return wanted

    @cached_property
    def part(self) -> Floats:
        """Part of its visits that the plan's coverage leaves each account, shape (N,).

        Accounts of a rep and segment of which the same cadences speak are one list. Coverage goes down it, best first,
        and the last one reached may get a part; frequency then holds for all that are reached.
        """
        listed, many = self.listed, len(self.listed.segments)
        by_list = np.zeros((2, len(listed.reps) * many))
        rep, segment = (positions(self.coverage.contents[name], getattr(listed, f"{name}s")) for name in LIST)
        for row, name in enumerate(("coverage", "frequency")):
            by_list[row, rep * many + segment] = np.nan_to_num(self.coverage[name])
        telling = {cadence.segment for cadence in self.problem.playbook.cadences if cadence.business is not None}
        told = np.array([*(segment in telling for segment in listed.segments), False])
        kind = np.where(told[listed.segment], listed.business + 1, 0)
        place = places_within(kind, listed.list_number)
        number = listed.list_number * (len(BUSINESSES) + 1) + kind
        _, which, size = np.unique(number, return_inverse=True, return_counts=True)
        placed = (listed.rep >= 0) & (listed.segment >= 0)
        coverage, frequency = by_list[:, np.where(placed, listed.rep * many + listed.segment, 0)]
        reached: Floats = np.clip(coverage * size[which] - place, 0.0, 1.0) * frequency
        return np.where(placed, reached, 0.0)

    @cached_property
    def planned(self) -> Ints:
        """Whole visits of each account in the horizon, shape (N, K)."""
        handed = self.handed
        found = np.zeros(self.wanted.shape, dtype=np.int64)
        found[handed.account, handed.kind] = handed.visits
        return found

    def counted(self, table: Table) -> tuple[Ints, Ints, Ints]:
        """Rows of work that cadences count, their numbers (see `_number`), and their counts: of care, and of both."""
        listed = self.listed
        rep, segment = (positions(table.contents[name], getattr(listed, f"{name}s")) for name in LIST)
        kind = positions(table.contents["activity"], self.kinds)
        source = positions(table.contents["source"], ("cadence", "both"))
        used = np.flatnonzero((kind >= 0) & (source >= 0))
        counts = np.stack([table["count"][used] * (source[used] == which) for which in (0, 1)])
        return used, self._number(rep[used], segment[used], kind[used]), counts

    def periods_of(self, table: Table) -> Ints:
        """Return the position of each row's period in the horizon, shape (rows,)."""
        return positions(table.contents["period"], horizon_axis(self.problem.calendar).ids)

    def _number(self, rep: Ints, segment: Ints, kind: Ints) -> Ints:
        """One number for each rep, segment and activity."""
        return (rep * len(self.listed.segments) + segment) * len(self.kinds) + kind

    @cached_property
    def handed(self) -> Handed:
        """Whole visits of every account, and the periods in which each group has places for its own."""
        asked = self.wanted * self.part[:, None]
        account, kind = np.nonzero(asked)
        of_account = self._number(self.listed.rep[account], self.listed.segment[account], kind)
        used, of_row, counts = self.counted(self.activities)
        numbers = np.unique(np.concatenate([of_account, of_row]))
        group, row = np.searchsorted(numbers, of_account), np.searchsorted(numbers, of_row)
        period, axis = self.periods_of(self.activities)[used], horizon_axis(self.problem.calendar).ids
        care, both = _tables(row, period, counts, shape=(len(numbers), len(axis)))
        weight = np.bincount(group, weights=asked[account, kind], minlength=len(numbers)).astype(np.float64)
        lacking = np.maximum(np.floor(weight + 0.5 + _NOISE) - care.sum(axis=1), 0.0)
        shared = np.minimum(lacking, both.sum(axis=1)) / np.maximum(both.sum(axis=1), 1.0)
        places = cumulative_round(care + both * shared[:, None])
        named = places * (weight > 0)[:, None]
        visits = self._dealt(named.sum(axis=1), weight, asked[account, kind], account=account, kind=kind, group=group)
        return Handed(account, kind, group, visits, numbers, named, places - named, both.sum(axis=1) > 0)

    def _dealt(self, totals: Ints, due: Floats, asked: Floats, *, account: Ints, kind: Ints, group: Ints) -> Ints:
        """Return whole visits of each pair: where not all that is due found a place in time, the last ones go without.

        Where frequency gives way, all have fewer instead.
        """
        if self.problem.policy.when_short == "frequency":
            return self._in_turn(totals, asked, account, kind, group)
        whole = np.where(due > 0, np.maximum(totals, np.floor(due + 0.5 + _NOISE)), 0).astype(np.int64)
        visits = self._in_turn(whole, asked, account, kind, group)
        order = np.argsort(group, kind="stable")  # pairs come in the order of the list
        before = np.cumsum(visits[order]) - visits[order]
        start = np.cumsum(whole) - whole
        visits[order] = np.clip(totals[group[order]] - (before - start[group[order]]), 0, visits[order])
        return visits

    def _in_turn(self, totals: Ints, asked: Floats, account: Ints, kind: Ints, group: Ints) -> Ints:
        """Split each group's visits by largest remainder; of equal ones, who got less of another activity is first."""
        visits = np.zeros(len(asked), dtype=np.int64)
        kind_of_group = np.zeros(len(totals), dtype=np.int64)
        kind_of_group[group] = kind
        ahead = np.zeros(len(self.listed.account))
        many = np.bincount(kind, weights=asked, minlength=len(self.kinds))
        for one in np.argsort(-many, kind="stable").tolist():
            at = np.flatnonzero(kind == one)
            at = at[np.argsort(np.round(ahead[account[at]], _DIGITS), kind="stable")]
            whole = np.where(kind_of_group == one, totals, 0)
            visits[at] = grouped_largest_remainder(whole, asked[at], groups=group[at])
            ahead[account[at]] += visits[at] - asked[at]
        return visits

    @cached_property
    def phases(self) -> Floats:
        """Where each pair of account and activity begins: the most frequent activity first, others beside it."""
        handed = self.handed
        phases = np.zeros(len(handed.account))
        beside, beside_phases = np.zeros(len(self.listed.account), dtype=np.int64), np.zeros(len(self.listed.account))
        often = np.argsort(-self.planned.sum(axis=0), kind="stable")
        for turn, kind in enumerate(often.tolist()):
            at = np.flatnonzero(handed.kind == kind)
            who, visits, group = handed.account[at], handed.visits[at], handed.group[at]
            phases[at] = staggered_phases(visits, groups=group, beside=beside[who], beside_phases=beside_phases[who])
            if not turn:
                beside[who], beside_phases[who] = visits, phases[at]
        return phases

    @cached_property
    def spread(self) -> tuple[Ints, Ints]:
        """Pair and period of every visit, in order of groups and time."""
        handed, places = self.handed, self.handed.named
        pair, at = spread_evenly(
            handed.visits,
            self.phases,
            groups=handed.group,
            places=places.ravel(),
            place_groups=np.repeat(np.arange(len(places)), places.shape[1]),
        )
        return pair, at % places.shape[1]

    @cached_property
    def by_period(self) -> Table:
        """One row for each account, activity and period in which it is visited, with how often."""
        nameless = self.handed.nameless
        pair, period = self.spread
        group, when = np.nonzero(nameless)
        return self._table(pair, {"period": period}, group, {"period": when}, nameless[group, when])

    @cached_property
    def weekly(self) -> WeeklyVisits:
        """The same visits by week."""
        return WeeklyVisits(self)

    @cached_property
    def by_week(self) -> Table:
        """The same by week within each period."""
        pair, period, week = self.weekly.dated
        group, when, week_of_group, count = self.weekly.nameless
        other = {"period": when, "week": week_of_group}
        return self._table(pair, {"period": period, "week": week}, group, other, count)

    def _table(self, pair: Ints, time: dict[str, Ints], group: Ints, other: dict[str, Ints], count: Ints) -> Table:
        """Return visits, and rows of groups without accounts, as a table in the order of the list."""
        handed, listed = self.handed, self.listed
        keys = [handed.account[pair], handed.kind[pair], *time.values()]
        sizes = [int(key.max(initial=-1)) + 1 for key in keys]
        one_number, counts = np.unique(np.ravel_multi_index(keys, sizes), return_counts=True) if len(pair) else _NONE
        account, kind, *when = np.unravel_index(one_number, sizes) if len(pair) else (one_number for _ in keys)
        list_of_group, kind_of_group = np.divmod(handed.number[group], max(len(self.kinds), 1))
        rep_of_group, segment_of_group = np.divmod(list_of_group, max(len(listed.segments), 1))
        rep, segment = (
            np.append(listed.rep[account], rep_of_group),
            np.append(listed.segment[account], segment_of_group),
        )
        place = np.append(account, np.full(len(group), len(listed.account)))
        of_kind = np.append(kind, kind_of_group)
        of_time = [np.append(one, two) for one, two in zip(when, other.values(), strict=True)]
        order = np.lexsort((*reversed(of_time), of_kind, place, segment, rep))
        axis = horizon_axis(self.problem.calendar)
        names = {"period": axis.ids, "week": tuple(one.id for one in self.problem.calendar.periods("week"))}
        whom = np.append(listed.account, -1)
        columns: dict[str, Column] = {
            "rep": Text(rep[order], listed.reps),
            "segment": Text(segment[order], listed.segments),
            "account": Text(whom[place[order]], listed.ids),
            "activity": Text(of_kind[order], self.kinds),
            **{name: Text(one[order], names[name]) for name, one in zip(time, of_time, strict=True)},
            "count": np.append(counts, count)[order],
        }
        return Table(columns, name="visits", measures=("count",), calendar=axis)


_DIGITS = 6
"""Digits of a number of visits that mean anything when two are compared."""

LIST = ("rep", "segment")

_NONE = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))

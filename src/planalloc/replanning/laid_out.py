"""A revised plan as tables: closed periods as they were, a cut period from both, the rest anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from planalloc.allocation import allocate
from planalloc.formulate.overlay import overlay_problem
from planalloc.formulate.rounding import whole_reference
from planalloc.plan.columns import Text
from planalloc.plan.coverage_table import coverage_table
from planalloc.plan.labels import Labels
from planalloc.plan.money_tables import MoneyTables
from planalloc.plan.plan import Plan
from planalloc.plan.report import Report
from planalloc.plan.settled import beyond_table, credited_table
from planalloc.plan.work_tables import WorkTables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from planalloc.formulate.answering import Answered
    from planalloc.formulate.formulation import Formulation
    from planalloc.model.finding import Finding
    from planalloc.plan.table import Column, Table
    from planalloc.replanning.carrying import Rest
    from planalloc.replanning.deciding import Decided
    from planalloc.replanning.standing import Standing
    from planalloc.types import Bools, Floats, Ints

__all__ = ["UNCHANGED", "Revised", "laid_out"]

UNCHANGED = "nothing has changed"
"""The path of a plan that stays as it is."""

LATE = "before the revision"
"""Why work is not planned: it would have been due in periods that are closed."""

HOURS_NOISE = 1e-9
"""Hours that are a sum's rounding error."""

MOST_KEYS = 2**62
"""Combinations of labels that one whole number can tell apart."""

ORDER = ("period", "booked_in", "source", "activity", "stage", "business", "product", "segment", "rep")
"""By what rows are sorted, the last one first."""


@dataclass(frozen=True, eq=False)
class Revised:
    """All that a revision came to.

    Attributes
    ----------
    plan : Plan
        The plan before.
    formulation : Formulation
        Of the changed problem, whole horizon.
    decided : Decided
        What was decided of the rest.
    at : Standing
        Where the plan stood.
    simply_kept : Ints
        What closed and frozen periods hold, before anybody was set apart, shape (R, S, T).
    fixed : Bools
        Periods that did not move, shape (T,).
    base, quota : Ints
        The rest in rounding units, shape (R, S, T).
    shortfall : Ints
        Of the rest, shape (S, T).
    """

    plan: Plan
    formulation: Formulation
    decided: Decided
    at: Standing
    simply_kept: Ints
    fixed: Bools
    base: Ints
    quota: Ints
    shortfall: Ints

    @property
    def whole(self) -> Formulation:
        """The whole horizon with the time that is left."""
        return self.decided.whole

    @property
    def rest(self) -> Rest:
        """What was left to decide, and what was kept."""
        return self.decided.rest

    @property
    def answered(self) -> Answered:
        """The rest in floats."""
        return self.decided.answered

    @property
    def settled(self) -> Ints:
        """Numbers of those who were set apart, shape (R, S, T)."""
        return self.rest.kept_base - self.simply_kept

    @property
    def closed(self) -> Bools:
        """Periods that are closed from their first day to their last, shape (T,)."""
        return self.at.fixed


def laid_out(found: Revised, *, as_of: date, findings: tuple[Finding, ...]) -> Plan:
    """Return the revised plan."""
    plan, rest, whole = found.plan, found.rest, found.whole
    base, quota = found.base + rest.kept_base, found.quota + rest.kept_quota
    total = replace(found.answered, base=base.astype(float))
    shortfall = found.shortfall + rest.kept_shortfall
    money = MoneyTables(found.formulation, total, base, quota, _reference(found), shortfall)
    ahead = base - np.where(found.closed, 0, found.at.closed_base)  # of a cut period: what is closed needs no more work
    work = WorkTables(whole, replace(found.answered, base=ahead.astype(float)), ahead)
    labels, closed = Labels(whole), found.closed
    worked = _worked_on(found, work, labels)
    overlay = overlay_problem(whole.index.problem, base.sum(axis=0))
    second = plan.overlay_quotas.head(0) if overlay is None else allocate(overlay).quotas
    overlaid = _joined(_rows_of(plan.overlay_quotas, closed), _rows_of(second, ~closed), None)
    return Plan(
        problem=whole.ground.problem,
        quotas=_joined(_rows_of(plan.quotas, closed), _rows_of(money.quotas(), ~closed), labels),
        overlay_quotas=replace(overlaid, name="overlay quotas"),
        activities=worked["activities"],
        unscheduled=worked["unscheduled"],
        pipeline=worked["pipeline"],
        capacity=worked["capacity"],
        shortfall=money.shortfalls(),
        earlier_work=_earlier_work(found, work, labels),
        coverage=coverage_table(whole, found.answered),
        report=Report(
            termination="optimal",
            path=found.answered.path,
            solvers=found.answered.solvers,
            tiers=found.answered.tiers,
            residuals=found.answered.residuals,
            working_days=plan.report.working_days,
            phasing_gap=money.phasing_gap().head(0),
            seconds={},
        ),
        findings=findings,
        as_of=as_of,
        credited=_credited(found, labels, money),
        beyond=_beyond(found, labels, money),
    )


def _worked_on(found: Revised, work: WorkTables, labels: Labels) -> dict[str, Table]:
    """Return the tables of work and hours; where nothing is new they are those of the plan before."""
    names = ("activities", "unscheduled", "pipeline", "capacity")
    if found.answered.path == UNCHANGED:
        return {name: getattr(found.plan, name) for name in names}
    plan, fresh = found.plan, work.activities()
    activities = _with_closed(found, plan.activities, fresh, labels)
    capacity = _worked(_with_closed(found, plan.capacity, work.capacity(fresh), labels), activities)
    pipeline = _with_closed(found, plan.pipeline, work.pipeline(), labels)
    return dict(zip(names, (activities, work.unscheduled(), pipeline, capacity), strict=True))


def _earlier_work(found: Revised, work: WorkTables, labels: Labels) -> Table:
    """Return the earlier work of the plan before, of those who are new, and of what the others got on top.

    Work for numbers that rose, which would have fallen into closed periods, cannot be done any more: it is told as work
    "before the revision".
    """
    before, at = found.plan.earlier_work, found.at
    if found.answered.path == UNCHANGED:
        joined = _joined(before, work.earlier_work().head(0), labels)
        return _with_reasons(joined, (*_text(joined.contents["reason"]).categories, LATE))
    rise = np.where(found.fixed, 0, np.maximum(found.base + found.rest.kept_base - at.base, 0))
    rise[~at.known] = 0
    late = WorkTables(found.whole, replace(found.answered, base=rise.astype(float)), rise).earlier_work()
    new = late.head(0)
    if not at.known.all():
        new = work.earlier_work()
        new = _taken(new, np.flatnonzero(~at.known[_codes(new, "rep")]))
    reason = _text(late.contents["reason"])
    late = _like(late, {**late.contents, "reason": Text(np.zeros_like(reason.codes), (LATE,))})
    joined = _joined(before, new, labels)
    known = (*_text(joined.contents["reason"]).categories, LATE)
    return _joined(_with_reasons(joined, known), _with_reasons(_summed_up(late), known), labels)


def _with_reasons(table: Table, known: tuple[str, ...]) -> Table:
    """Return the same rows with the reasons of both tables as categories."""
    reason = _text(table.contents["reason"])
    unique = tuple(dict.fromkeys(known))
    place = np.array([*(unique.index(one) for one in reason.categories), -1], dtype=np.int64)
    return _like(table, {**table.contents, "reason": Text(place[reason.codes], unique)})


def _summed_up(table: Table) -> Table:
    """Add up rows that have become alike."""
    return _summed(table, [name for name in table.columns if name not in table.measures])


def _worked(capacity: Table, activities: Table) -> Table:
    """Return hours as the activities of each rep and period take them."""
    rep, period = (_text(activities.contents[name]) for name in ("rep", "period"))
    shape = (len(rep.categories), len(period.categories))
    at = np.ravel_multi_index((rep.codes, period.codes), shape)
    hours = np.bincount(at, weights=np.asarray(activities["hours"], dtype=float), minlength=shape[0] * shape[1])
    places = np.ravel_multi_index((_codes(capacity, "rep"), _codes(capacity, "period")), shape)
    planned, there = hours[places], np.asarray(capacity["available_hours"], dtype=float)
    same = np.isclose(planned, np.asarray(capacity["planned_hours"], dtype=float), rtol=1e-9, atol=1e-9)
    planned = np.where(same, np.asarray(capacity["planned_hours"], dtype=float), planned)
    used = np.divide(planned, there, out=np.full(len(there), np.nan), where=there != 0)
    return _like(capacity, {**capacity.contents, "planned_hours": planned, "utilization": used})


def _reference(found: Revised) -> Ints:
    """Return the simple answer, shape (R, S, T): as it was where periods are closed or nothing has changed."""
    at = found.at
    if found.answered.path == UNCHANGED:
        return at.reference
    fresh = whole_reference(found.whole, found.answered, base=found.base)
    part = np.where(found.fixed, 1.0, at.closed)
    return fresh + np.rint(at.reference * part).astype(np.int64) + found.settled


def _credited(found: Revised, labels: Labels, money: MoneyTables) -> Table:
    at = found.at
    r, s, t = np.nonzero((at.credited != 0) | (at.closed_base != 0) | (at.closed_quota != 0))
    columns: dict[str, Column] = {
        "rep": Text(r, labels.reps),
        **labels.lines(s),
        "period": Text(t, labels.axis.ids),
    }
    amounts = {"revenue": at.credited, "base": at.closed_base, "quota": at.closed_quota}
    columns |= {name: money.money(units[r, s, t]) for name, units in amounts.items()}
    return credited_table(columns, calendar=labels.axis, decimals=_decimals(money, *amounts))


def _beyond(found: Revised, labels: Labels, money: MoneyTables) -> Table:
    rest = found.rest
    s = np.flatnonzero((rest.surplus != 0) | (rest.written_off != 0))
    amounts = {"surplus": rest.surplus, "written_off": rest.written_off}
    columns = {**labels.lines(s), **{name: money.money(units[s]) for name, units in amounts.items()}}
    return beyond_table(columns, decimals=_decimals(money, *amounts))


def _decimals(money: MoneyTables, *names: str) -> dict[str, int]:
    digits = -int(money.formulation.index.problem.policy.step.as_tuple().exponent)
    return dict.fromkeys(names, digits) if digits > 0 else {}


def _codes(table: Table, name: str) -> Ints:
    column = table.contents[name]
    assert isinstance(column, Text)  # noqa: S101 -- labels are text
    return column.codes.astype(np.int64)


def _rows_of(table: Table, periods: Bools) -> Table:
    """Return the rows whose period is one of these, shape (T,)."""
    return _taken(table, np.flatnonzero(periods[_codes(table, "period")])) if len(table) else table


def _taken(table: Table, rows: Ints) -> Table:
    contents = {
        name: Text(column.codes[rows], column.categories) if isinstance(column, Text) else column[rows]
        for name, column in table.contents.items()
    }
    return _like(table, contents)


def _like(table: Table, contents: Mapping[str, Column]) -> Table:
    return replace(table, contents=contents)


def _joined(first: Table, second: Table, labels: Labels | None) -> Table:
    """Return the rows of two tables of the same columns, sorted by what they are of."""
    contents: dict[str, Column] = {}
    for name, after in second.contents.items():
        before = first.contents[name]
        if isinstance(after, Text):
            known = after.categories
            if labels is None:
                known = tuple(dict.fromkeys((*after.categories, *_text(before).categories)))
            place = {one: i for i, one in enumerate(known)}
            moved = np.array([*(place.get(one, -1) for one in _text(before).categories), -1], dtype=np.int64)
            late = np.array([*(place[one] for one in after.categories), -1], dtype=np.int64)
            contents[name] = Text(np.concatenate([moved[_text(before).codes], late[after.codes]]), known)
        else:
            contents[name] = np.concatenate([np.asarray(before), np.asarray(after)])
    joined = _like(second, contents)
    if not len(joined):
        return joined
    return _taken(joined, _sorted([_codes(joined, name) for name in ORDER if name in joined.contents]))


def _sorted(keys: list[Ints]) -> Ints:
    """Return the order of rows by several keys, the last one first; quick where two sorted tables follow each other."""
    sizes = [int(one.max()) + 2 for one in keys]
    if prod(sizes) > MOST_KEYS:
        return np.lexsort(keys)
    combined = np.zeros(len(keys[0]), dtype=np.int64)
    for one, size in zip(reversed(keys), reversed(sizes), strict=True):
        combined = combined * size + (one + 1)
    return np.argsort(combined, kind="stable")


def _text(column: Column) -> Text:
    assert isinstance(column, Text)  # noqa: S101 -- the same columns in both
    return column


def _with_closed(found: Revised, before: Table, after: Table, labels: Labels) -> Table:
    """Return closed rows as they were, and those of a cut period from what is closed of it and what is new."""
    closed, part = found.closed, found.at.closed
    cut = (part > 0) & ~closed
    table = _joined(_rows_of(before, closed), _rows_of(after, ~closed), labels)
    if not cut.any():
        return table
    was = _rows_of(before, cut)
    share = part[_codes(was, "period")] if len(was) else np.zeros(0)
    both = _joined(_shared(was, share), _rows_of(after, cut), labels)
    keys = [name for name in both.columns if name not in both.measures and name not in both.ratios]
    summed = _summed(both, keys)
    return _joined(_rows_of(table, ~cut), summed, labels)


def _shared(table: Table, share: Floats) -> Table:
    """Return a part of each row's amounts; what is counted in wholes takes its hours and values along."""
    wholes = [name for name in table.measures if np.asarray(table.contents[name]).dtype.kind == "i"]
    contents = dict(table.contents)
    if wholes:
        counted = np.asarray(table.contents[wholes[0]])
        kept = np.rint(counted * share).astype(np.int64)
        if "hours" in table.measures:
            over = _takes_more_hours(table, kept, counted * share)
            kept = np.where(over, np.floor(counted * share), kept).astype(np.int64)
        share = kept / np.where(counted > 0, counted, 1)
        contents[wholes[0]] = kept
    for name in set(table.measures) - set(wholes):
        contents[name] = np.asarray(table.contents[name]) * share
    scaled = _like(table, contents)
    return _taken(scaled, np.flatnonzero(kept)) if wholes else scaled


def _takes_more_hours(table: Table, kept: Ints, exact: Floats) -> Bools:
    """Tell of each row whether its rep's whole activities of its period take more hours than the exact ones."""
    hours, count = (np.asarray(table.contents[name], dtype=float) for name in ("hours", "count"))
    rep, period = _codes(table, "rep"), _codes(table, "period")
    group = rep * (period.max(initial=0) + 1) + period
    more = np.bincount(group, weights=(kept - exact) * hours / np.where(count > 0, count, 1.0))
    found: Bools = more[group] > HOURS_NOISE
    return found


def _summed(table: Table, keys: list[str]) -> Table:
    """Add up the rows that have the same keys; ratios are worked out again."""
    if not len(table):
        return table
    columns = [table.contents[name] for name in keys]
    codes = [one.codes if isinstance(one, Text) else one.astype(np.int64) for one in columns]
    _, first, which = np.unique(np.stack(codes, axis=1), axis=0, return_index=True, return_inverse=True)
    contents = dict(_taken(table, first).contents)
    for name in table.measures:
        amounts = np.asarray(table.contents[name])
        total = np.zeros(len(first), dtype=amounts.dtype)
        np.add.at(total, which.ravel(), amounts)
        contents[name] = total
    for name, (above, below) in table.ratios.items():
        whole = np.asarray(contents[below], dtype=float)
        ratio = np.full(len(first), np.nan)
        contents[name] = np.divide(np.asarray(contents[above], dtype=float), whole, out=ratio, where=whole != 0)
    return _like(table, contents)

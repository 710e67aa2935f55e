"""Where a plan stands: its numbers as arrays, what of them is closed, and what was sold in the closed time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from planalloc.events.matching import matched_sales
from planalloc.formulate.ground import Ground
from planalloc.model.grouping import PARTS
from planalloc.numerics.apportion import largest_remainder
from planalloc.plan.columns import Text

if TYPE_CHECKING:
    from datetime import date

    from planalloc.events.actuals import Actuals
    from planalloc.formulate.index import Index
    from planalloc.model.grouping import SetAside
    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Standing", "cells_of", "closed_part", "credited_cells", "standing"]

LINE = ("segment", "product", "business")

NOISE = 1e-9
"""Relative difference of hours that is rounding error."""

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Standing:
    """A plan in rounding units, by the reps and lines of the problem that follows it.

    Attributes
    ----------
    might : Bools
        Whether a rep could carry a line in a period in the plan's own problem, shape (R, S, T).
    weight : Floats
        What each rep weighs in the fair split of the plan's own problem, shape (R, T).
    same_hours : Bools
        Whether a rep has as many hours as in the plan's own problem, for the same work, shape (R, T).
    base, quota, reference : Ints
        The plan's numbers, shape (R, S, T).
    shortfall : Ints
        Shape (S, T).
    coverage : Floats
        Part of the accounts worked, shape (R, segments).
    closed : Floats
        Part of each period that is closed, shape (T,): 1, 0, or by working days where the day cuts it.
    closed_base, closed_quota : Ints
        Of the numbers, what is closed, shape (R, S, T).
    closed_shortfall : Ints
        Of the shortfall, shape (S, T).
    credited : Ints
        What was sold in the closed time, shape (R, S, T).
    missed : Ints
        What each rep missed of a line since the plan in force was made, below zero where exceeded, shape (R, S).
    targets : Ints
        Line targets of the plan in force, shape (S,).
    written_off : Ints
        What it has written off already, shape (S,).
    set_aside : tuple of SetAside
        Sales that were not counted.
    """

    might: Bools
    weight: Floats
    same_hours: Bools
    base: Ints
    quota: Ints
    reference: Ints
    shortfall: Ints
    coverage: Floats
    closed: Floats
    closed_base: Ints
    closed_quota: Ints
    closed_shortfall: Ints
    credited: Ints
    missed: Ints
    targets: Ints
    written_off: Ints
    set_aside: tuple[SetAside, ...]

    @property
    def known(self) -> Bools:
        """Whether the plan is of a rep too, shape (R,)."""
        found: Bools = np.asarray(self.might.any(axis=(1, 2)) | self.base.any(axis=(1, 2)))
        return found

    @property
    def fixed(self) -> Bools:
        """Whether a period is closed from its first day to its last, shape (T,)."""
        return self.closed >= 1.0


def standing(plan: Plan, ground: Ground, actuals: Actuals, *, as_of: date) -> Standing:
    """Return where a plan stands on a day.

    Parameters
    ----------
    plan : Plan
        The plan in force.
    ground : Ground
        Of the problem that follows it: the same lines and periods; its reps, and perhaps more.
    actuals : Actuals
        What was sold.
    as_of : date
        Last day that is closed.
    """
    index = ground.index
    base, quota, reference = _several(index, plan.quotas, "base", "quota", "reference")
    shortfall = np.zeros(base.shape[1:], dtype=np.int64)
    lines, periods = _lines(index, plan.shortfall), _codes(plan.shortfall, "period")
    np.add.at(shortfall, (lines, periods), _units(index, plan.shortfall, "revenue"))
    closed = closed_part(ground, as_of)
    before = np.zeros(len(closed)) if plan.as_of is None else closed_part(ground, plan.as_of)
    was_base, was_quota, was_sold = np.zeros_like(base), np.zeros_like(base), np.zeros_like(base)
    written_off = np.zeros(base.shape[1], dtype=np.int64)
    if plan.as_of is not None:
        was_base, was_quota, was_sold = _several(index, plan.credited, "base", "quota", "revenue")
        np.add.at(written_off, _lines(index, plan.beyond), _units(index, plan.beyond, "written_off"))
    closed_base = _closed(base, was_base, closed, before)
    credited, told = credited_cells(index, actuals, as_of=as_of)
    own = _ground_of(plan, ground)
    return Standing(
        _of_reps(own, own.may_carry, index),
        _of_reps(own, own.time.weight, index),
        _same_hours(own, ground),
        base,
        quota,
        reference,
        shortfall,
        _coverage(index, plan.coverage),
        closed,
        closed_base,
        _closed(quota, was_quota, closed, before),
        _closed(shortfall, np.zeros_like(shortfall), closed, before),
        credited,
        (closed_base - credited - (was_base - was_sold)).sum(axis=2),
        own.targets,
        written_off,
        told,
    )


def _ground_of(plan: Plan, ground: Ground) -> Ground:
    """Return the ground of a plan's own problem, where it can be from what has been worked out already."""
    if plan.formulation is not None:
        return plan.formulation.ground
    return ground if ground.carries(plan.problem) else Ground(plan.problem)


def _of_reps(before: Ground, values: np.ndarray[Any, np.dtype[Kind]], index: Index) -> np.ndarray[Any, np.dtype[Kind]]:
    """Return what belongs to the reps of a plan's own problem by the reps of the one that follows; zero for others."""
    found = np.zeros_like(values, shape=(len(index.reps), *values.shape[1:]))
    found[[index.rep_position[rep.id] for rep in before.index.reps]] = values
    return found


def _same_hours(own: Ground, ground: Ground) -> Bools:
    """Return whether reps have at least the hours that they had, for the same work, shape (R, T)."""
    had = _of_reps(own, own.time.hours * own.time.productivity, ground.index)
    same: Bools = ground.time.hours * ground.time.productivity >= had * (1.0 - NOISE)
    return same & (own.problem.playbook == ground.problem.playbook)


def _closed(whole: Ints, was: Ints, closed: Floats, before: Floats) -> Ints:
    """Return what is closed of whole numbers, given what was closed of them before."""
    part = np.where(before < 1.0, (closed - before) / np.where(before < 1.0, 1.0 - before, 1.0), 0.0)
    found: Ints = np.where(before >= 1.0, whole, was + np.rint((whole - was) * part).astype(np.int64))
    return found


def closed_part(ground: Ground, as_of: date) -> Floats:
    """Return the part of each period that is closed, by its working days, shape (T,)."""
    calendar = ground.problem.calendar
    worked = np.concatenate([[0], np.cumsum(calendar.worked_days())])
    done = min(max((as_of - calendar.start).days + 1, 0), calendar.days)
    first = np.array([(one.start - calendar.start).days for one in ground.index.periods])
    last = np.array([(one.end - calendar.start).days + 1 for one in ground.index.periods])
    days = (worked[last] - worked[first]).astype(float)
    reached = np.clip(done, first, last)
    part = (worked[reached] - worked[first]) / np.where(days > 0, days, 1.0)
    found: Floats = np.where(done >= last, 1.0, np.where(done <= first, 0.0, part))
    return found


def credited_cells(index: Index, actuals: Actuals, *, as_of: date) -> tuple[Ints, tuple[SetAside, ...]]:
    """Return what was sold up to a day in rounding units, shape (R, S, T), and the sales that were not counted.

    Each line's total is its sales to the nearest unit; cells go to their floor or ceiling, by largest remainder.
    Credit notes may take a cell below zero.
    """
    shape = (len(index.reps), len(index.lines), len(index.periods))
    if "sales" not in actuals.tables:
        return np.zeros(shape, dtype=np.int64), ()
    sales = matched_sales(actuals.tables["sales"], index.problem, as_of=as_of)
    first = np.array([(one.start - index.problem.calendar.start).days for one in index.periods])
    period = np.searchsorted(first, sales.day, side="right") - 1
    parts = np.zeros(shape, dtype=np.int64)
    np.add.at(parts, (sales.rep, sales.line, period), sales.sums["amount"])
    exact = parts / (PARTS * float(index.problem.policy.step))
    whole = np.floor(exact)
    left = np.rint(exact.sum(axis=(0, 2)) - whole.sum(axis=(0, 2))).astype(np.int64)
    found = whole.astype(np.int64)
    for s in np.flatnonzero(left):
        weights = (exact - whole)[:, s].ravel()
        found[:, s] += largest_remainder(int(left[s]), weights).reshape(shape[0], shape[2])
    return found, sales.set_aside


def cells_of(index: Index, table: Table, name: str) -> Ints:
    """Return a column of a table by rep, line and period in rounding units, shape (R, S, T)."""
    return _several(index, table, name)[0]


def _several(index: Index, table: Table, *names: str) -> list[Ints]:
    """Return columns of a table by rep, line and period in rounding units, shape (R, S, T) each."""
    shape = (len(index.reps), len(index.lines), len(index.periods))
    rep = table.contents["rep"]
    assert isinstance(rep, Text)  # noqa: S101 -- labels are text
    place = np.array([index.rep_position[one] for one in rep.categories], dtype=np.int64)
    at = np.ravel_multi_index((place[rep.codes], _lines(index, table), _codes(table, "period")), shape)
    found = []
    for name in names:
        cells = np.zeros(shape, dtype=np.int64)
        np.add.at(cells.ravel(), at, _units(index, table, name))
        found.append(cells)
    return found


def _lines(index: Index, table: Table) -> Ints:
    """Return the position of the line of each row, shape (rows,)."""
    position: dict[tuple[str | None, str | None, str | None], int] = {
        (line.segment, line.product, line.business): s for s, line in enumerate(index.lines)
    }
    columns = [one for one in (table.contents[name] for name in LINE) if isinstance(one, Text)]
    shape = tuple(len(one.categories) + 1 for one in columns)
    combined = np.ravel_multi_index([one.codes.astype(np.int64) + 1 for one in columns], shape)
    kinds = np.flatnonzero(np.bincount(combined, minlength=int(np.prod(shape))))
    places = np.zeros(int(np.prod(shape)), dtype=np.int64)
    for kind in kinds.tolist():
        codes = np.unravel_index(kind, shape)
        names = [one.categories[code - 1] if code else None for one, code in zip(columns, codes, strict=True)]
        places[kind] = position[names[0], names[1], names[2]]
    found: Ints = places[combined]
    return found


def _codes(table: Table, name: str) -> Ints:
    column = table.contents[name]
    assert isinstance(column, Text)  # noqa: S101 -- labels are text
    return column.codes.astype(np.int64)


def _units(index: Index, table: Table, name: str) -> Ints:
    found: Ints = np.rint(np.asarray(table[name], dtype=float) / float(index.problem.policy.step)).astype(np.int64)
    return found


def _coverage(index: Index, table: Table) -> Floats:
    found = np.tile([one.coverage for one in index.segments], (len(index.reps), 1)).astype(float)
    rep, segment = table.contents["rep"], _codes(table, "segment")
    assert isinstance(rep, Text)  # noqa: S101 -- labels are text
    place = np.array([index.rep_position[one] for one in rep.categories], dtype=np.int64)
    accounts = np.asarray(table["accounts"], dtype=float)
    worked = np.asarray(table["cadence_accounts"], dtype=float)
    found[place[rep.codes], segment] = worked / np.where(accounts > 0, accounts, 1.0)
    return found

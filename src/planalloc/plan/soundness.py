"""Whether what was read back is a plan: its tables have their columns, and its numbers keep its problem's rules."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.checks.checking import check_canonical
from planalloc.errors import InputError
from planalloc.formulate.formulation import formulate
from planalloc.formulate.verification import broken_rules
from planalloc.plan.labels import Labels
from planalloc.plan.table import Table, Text

if TYPE_CHECKING:
    from planalloc.formulate.capacity import Capacity
    from planalloc.formulate.formulation import Formulation
    from planalloc.types import Ints

__all__ = ["require_numbers", "require_sound"]

_NOISE = 1e-6
"""What floating point may add to hours, or to a part of a whole, without meaning anything."""

LINE = ("segment", "product", "business")
QUOTAS = ("rep", "team", *LINE, "period", "start", "end", "reference", "base", "quota")

COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "quotas": (QUOTAS, ("reference", "base", "quota")),
    "overlay_quotas": (QUOTAS, ("reference", "base", "quota")),
    "activities": (
        ("rep", "segment", "stage", "activity", "channel", "period", "source", "booked_in", "count", "hours"),
        ("count", "hours"),
    ),
    "unscheduled": (
        ("rep", "segment", "stage", "activity", "source", "booked_in", "count", "hours"),
        ("count", "hours"),
    ),
    "pipeline": (
        ("rep", "segment", "stage", "period", "booked_in", "opportunities", "value"),
        ("opportunities", "value"),
    ),
    "capacity": (
        ("rep", "period", "start", "end", "available_hours", "planned_hours", "overtime_hours", "utilization"),
        ("available_hours", "planned_hours", "overtime_hours"),
    ),
    "shortfall": ((*LINE, "period", "revenue"), ("revenue",)),
    "earlier_work": (
        ("rep", "segment", "stage", "activity", "channel", "period", "reason", "count", "hours"),
        ("count", "hours"),
    ),
    "coverage": (
        (
            "rep",
            "segment",
            "accounts",
            "wanted_accounts",
            "covered_accounts",
            "cadence_accounts",
            "coverage",
            "frequency",
        ),
        ("accounts", "wanted_accounts", "covered_accounts", "cadence_accounts"),
    ),
}
"""Columns and measures of each table; quotas also have ``units`` where products have a price."""

SETTLED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "credited": (("rep", *LINE, "period", "revenue", "base", "quota"), ("revenue", "base", "quota")),
    "beyond": ((*LINE, "surplus", "written_off"), ("surplus", "written_off")),
}
"""Columns and measures of what only a revised plan has."""

WHOLE = {"activities": "count", "unscheduled": "count", "earlier_work": "count", "pipeline": "opportunities"}
"""Tables of whole things, none of which is fewer than none."""
NEVER_NEGATIVE = {
    "activities": ("hours",),
    "unscheduled": ("hours",),
    "earlier_work": ("hours",),
    "pipeline": ("value",),
    "capacity": ("available_hours", "planned_hours", "overtime_hours"),
    "shortfall": ("revenue",),
    "coverage": ("accounts", "wanted_accounts", "covered_accounts", "cadence_accounts", "coverage", "frequency"),
}

ALWAYS_THERE = ("rep", "segment", "period")
"""Labels that no row lacks."""


def require_numbers(report: dict[str, Any], *names: str) -> None:
    """Refuse a report in which one of these is no mapping of names to finite numbers.

    Raises
    ------
    ValueError
        When it is not.
    """
    for name in names:
        values = report[name].values()
        if not all(isinstance(one, int | float) and math.isfinite(one) for one in values):
            raise ValueError(f"{name} of the report must be numbers")


def require_sound(parts: dict[str, Any]) -> None:
    """Refuse parts that are no plan: of a problem with errors, without a column, or breaking a rule of the problem.

    Parameters
    ----------
    parts : dict
        The problem and the tables, by the name of the plan's field.

    Raises
    ------
    InputError
        When they are not; it says what is wrong.
    """
    check_canonical(parts["problem"]).refuse_errors()
    formulation = formulate(parts["problem"])
    for name, (columns, measures) in COLUMNS.items():
        _require_columns(name, parts[name], columns, measures)
        if name != "overlay_quotas":
            _require_labels(name, parts[name], Labels(formulation))
    _require_work(parts)
    base, quota = (_cells(formulation, parts["quotas"], name) for name in ("base", "quota"))
    shortfall = _by_line(formulation, parts["shortfall"])
    mixes = None
    if "as_of" in parts:
        _require_settled(formulation, parts, base, shortfall)
        mixes = _mixes(base, _cells(formulation, parts["credited"], "base"))
        formulation = replace(
            formulation,
            targets=base.sum(axis=(0, 2)) + shortfall.sum(axis=1),
            time=_with_closed(formulation.time, _cells(formulation, parts["credited"], "base")),
        )
    broken = broken_rules(formulation, base, quota, shortfall, mixes=mixes)
    if broken:
        raise InputError("; ".join(broken[:5]))


def _mixes(base: Ints, closed: Ints) -> list[Ints]:
    """Return the parts of a revised year of which one keeps the bands on mixes: the year, or what is open of it.

    Which of the open periods a revision left frozen is not stored: its bands were for those that come later.
    """
    still = base - closed
    first = int(np.flatnonzero(np.append(still.any(axis=(0, 1)), True))[0])
    after = np.arange(still.shape[2])
    return [base, *(np.where(after >= start, still, 0) for start in range(first, still.shape[2]))]


def _require_work(parts: dict[str, Any]) -> None:
    """Require work in whole activities whose hours are those of the capacity, and coverage that is part of a whole."""
    for name, column in WHOLE.items():
        counts = np.asarray(parts[name][column], dtype=float)
        if (counts != np.rint(counts)).any() or (counts < 0).any():
            raise InputError(f"{column} of {name} must be whole numbers of at least 0")
    for name, columns in NEVER_NEGATIVE.items():
        for column in columns:
            if (np.asarray(parts[name][column], dtype=float) < 0).any():
                raise InputError(f"{column} of {name} must be at least 0")
    for name in ("activities", "unscheduled"):
        if ((parts[name]["hours"] > 0) & (parts[name]["count"] == 0)).any():
            raise InputError(f"{name} has hours of no activity")
    if (parts["coverage"]["coverage"] > 1 + _NOISE).any():
        raise InputError("coverage is more than the whole")
    capacity, activities = parts["capacity"], parts["activities"]
    shape = tuple(len(_categories(capacity, label)) for label in ("rep", "period"))
    planned, done = np.zeros(shape), np.zeros(shape)
    np.add.at(planned, (_codes(capacity, "rep"), _codes(capacity, "period")), capacity["planned_hours"])
    np.add.at(done, (_codes(activities, "rep"), _codes(activities, "period")), activities["hours"])
    if not np.allclose(planned, done, rtol=_NOISE, atol=_NOISE):
        raise InputError("the planned hours are not those of the activities")


def _with_closed(time: Capacity, closed: Ints) -> Capacity:
    """Count as there, in a period, who has closed numbers in it: what is closed stands, whoever is there now."""
    return replace(time, weight=np.where(closed.any(axis=1) & (time.weight <= 0), 1e-9, time.weight))


def _require_settled(formulation: Formulation, parts: dict[str, Any], base: Ints, shortfall: Ints) -> None:
    """Require that what was credited, what is open, the shortfall and what lies beyond make each target (S-1, S-12)."""
    for name, (columns, measures) in SETTLED.items():
        _require_columns(name, parts[name], columns, measures)
    _require_labels("credited", parts["credited"], Labels(formulation))
    sold, closed = (_cells(formulation, parts["credited"], name) for name in ("revenue", "base"))
    beyond = np.zeros(len(formulation.targets), dtype=np.int64)
    lines = _lines(formulation, parts["beyond"])
    np.add.at(beyond, lines, _units(formulation, parts["beyond"], "written_off"))
    np.add.at(beyond, lines, -_units(formulation, parts["beyond"], "surplus"))
    made = (sold + base - closed).sum(axis=(0, 2)) + shortfall.sum(axis=1) + beyond
    if (made != formulation.targets).any():
        raise InputError("what was credited, what is open and the shortfall do not make the targets")


def _require_columns(name: str, table: Table, columns: tuple[str, ...], measures: tuple[str, ...]) -> None:
    extra = ("units",) if "units" in table.columns else ()
    if table.columns != (*columns, *extra) or table.measures != (*measures, *extra):
        raise InputError(f"{name} has other columns than a plan has: {', '.join(table.columns)}")
    for measure in measures:
        if not np.isfinite(np.asarray(table[measure], dtype=float)).all():
            raise InputError(f"{measure} of {name} has a number missing")


def _require_labels(name: str, table: Table, labels: Labels) -> None:
    known = {"rep": labels.reps, "segment": labels.segments, "period": labels.axis.ids}
    for label in ALWAYS_THERE:
        column = table.contents.get(label)
        if not isinstance(column, Text):
            continue
        own_axis = label == "period" and name == "earlier_work"
        if not own_axis and column.categories != known[label]:
            raise InputError(f"{label} of {name} does not name what its problem has")
        if (column.codes < 0).any():
            raise InputError(f"{name} has a number of nobody: a {label} is missing")


def _lines(formulation: Formulation, table: Table) -> Ints:
    """Position of the line of each row, shape (rows,)."""
    index = formulation.index
    position = {(line.segment, line.product, line.business): s for s, line in enumerate(index.lines)}
    keys = zip(*(table[name] for name in LINE), strict=True)
    found = np.array([position.get(key, -1) for key in keys], dtype=np.int64)
    if (found < 0).any():
        raise InputError("numbers stand on lines that its problem does not have")
    return found


def _units(formulation: Formulation, table: Table, name: str) -> Ints:
    exact = np.asarray(table[name], dtype=float) / float(formulation.index.problem.policy.step)
    units: Ints = np.rint(exact).astype(np.int64)
    if (np.abs(exact - units) > 1e-6 * np.maximum(np.abs(exact), 1.0)).any():
        raise InputError(f"{name} holds an amount that is no multiple of the rounding unit")
    return units


def _categories(table: Table, name: str) -> tuple[str, ...]:
    column = table.contents[name]
    assert isinstance(column, Text)  # noqa: S101 -- its columns have been checked
    return column.categories


def _codes(table: Table, name: str) -> Ints:
    column = table.contents[name]
    assert isinstance(column, Text)  # noqa: S101 -- its columns have been checked
    return column.codes.astype(np.int64)


def _cells(formulation: Formulation, table: Table, name: str) -> Ints:
    """Return a column of quotas as cells, shape (R, S, T)."""
    found = np.zeros(formulation.reference.shape, dtype=np.int64)
    at = (_codes(table, "rep"), _lines(formulation, table), _codes(table, "period"))
    np.add.at(found, at, _units(formulation, table, name))
    return found


def _by_line(formulation: Formulation, table: Table) -> Ints:
    """Return the shortfall, shape (S, T)."""
    found = np.zeros(formulation.season.shape, dtype=np.int64)
    np.add.at(found, (_lines(formulation, table), _codes(table, "period")), _units(formulation, table, "revenue"))
    return found

"""Why a number is what it is, and what the limits on it cost (F-15).

The last tier minimizes sum of (x - ref)^2 / ref, so at its optimum each x stands off its reference by ref / 2 times the
sum of what the rows that hold it pull: the multipliers split the difference into its causes without a remainder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.reference import reference
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from planalloc.formulate.answering import Solved
    from planalloc.formulate.columns import Layout
    from planalloc.formulate.compile import Compiled
    from planalloc.formulate.formulation import Formulation
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Box", "Price", "parts_of", "prices_of", "reference_parts"]

BINDING = 1e-7
"""Slack, relative to the size of a row, below which a limit binds."""


@dataclass(frozen=True)
class Box:
    """Some reps x some lines x some periods, shapes (R,), (S,), (T,)."""

    reps: Bools
    lines: Bools
    periods: Bools

    def total(self, cells: Floats | Ints) -> float:
        """Return the sum over the box of an array of shape (R, S, T)."""
        return float(cells[self.reps][:, self.lines][:, :, self.periods].sum())


@dataclass(frozen=True)
class Price:
    """A limit, the room it leaves, and what one more unit of it is worth where it leaves none (F-15).

    Parameters
    ----------
    label : str
        Name of the limit, or whose hours when.
    unit : str
        What it is measured in: the currency, or ``"h"``.
    tier : str
        The first tier that one more unit changes; empty where there is room.
    worth : float
        By how much it changes it, never negative: shortfall in money and coverage in accounts, each weighted by
        priority, overtime in hours, distance in money.
    slack : float
        The room that is left, in the limit's unit; 0 where it binds.
    """

    label: str
    unit: str
    tier: str
    worth: float
    slack: float = 0.0


def reference_parts(formulation: Formulation, box: Box) -> list[tuple[str, float]]:
    """Return what makes the reference of a box: the split of hours by contract, who is there when, ramps.

    Each is the change of the fair split when it is taken into account, in rounding units; they sum to the reference.
    """
    time, index = formulation.time, formulation.index
    contract = time.full_weight[:, None] * np.ones(time.weight.shape) / time.weight.shape[1]
    whole = replace(time, weight=contract)
    unramped = replace(time, weight=time.weight / time.productivity)
    everyone = box.total(reference(index, formulation.season * formulation.targets[:, None], time=whole))
    there = box.total(reference(index, formulation.weights * formulation.targets[:, None], time=unramped))
    fair = box.total(formulation.reference)
    return [
        ("fair share, were everybody there all the time", everyone),
        ("who is there when", there - everyone),
        ("ramp of new reps", fair - there),
    ]


def parts_of(formulation: Formulation, solved: Solved, box: Box) -> list[tuple[str, float]]:
    """Return what moved a box from its reference to its base before rounding, in rounding units, by cause."""
    program, last = solved.program, solved.solutions[-1]
    layout, tier = program.layout, program.tiers[-1]
    curve = np.zeros(layout.n_columns) if tier.quadratic is None else tier.quadratic
    pull = np.divide(1.0, curve, out=np.zeros(layout.n_columns), where=curve > 0)
    share = _in_box(layout, solved, box) * pull * layout.money
    by_row = (program.program.matrix @ share) * last.row_duals
    causes: dict[str, float] = {}
    for row in np.flatnonzero(by_row):
        name = _cause(formulation, program, int(row))
        causes[name] = causes.get(name, 0.0) + float(by_row[row])
    floor = float(share @ last.reduced_costs)
    if floor:
        causes["nothing falls below zero, and what matters more comes first"] = floor
    return list(causes.items())


def _in_box(layout: Layout, solved: Solved, box: Box) -> Floats:
    """Return how much of the box's sum one unit of each money column makes, shape (n,)."""
    members = np.bincount(solved.alike.which, weights=box.reps, minlength=len(solved.alike.size))
    steady, cell = layout.groups["steady"], layout.groups["cell"]
    found = np.zeros(layout.n_columns)
    part = layout.question.weights @ box.periods
    found[steady.columns] = members[steady.at[0]] * box.lines[steady.at[1]] * part[steady.at[1]]
    found[cell.columns] = members[cell.at[0]] * box.lines[cell.at[1]] * box.periods[cell.at[2]]
    return found


def _cause(formulation: Formulation, program: Compiled, row: int) -> str:
    """Name what a row stands for, in people's words."""
    layout, index = program.layout, formulation.index
    at = int(np.searchsorted(program.limit_rows, row))
    if at < len(program.limit_rows) and program.limit_rows[at] == row:
        return program.owners[at].label
    hours = np.argwhere(program.hours_rows == row)
    if len(hours):
        c, t = hours[0]
        who = index.reps[layout.question.alike.first[c]]
        return f"hours of {who.id} in {index.periods[t].id}"
    line = program.season_lines[row] if row < len(program.season_lines) else -1
    return (
        f"the target of {record_key(index.lines[line])} has to be met" if line >= 0 else "visits that cadences ask for"
    )


def prices_of(formulation: Formulation, solved: Solved, box: Box) -> list[Price]:
    """Return the limits that touch a box: those that bind with what one more unit is worth, the others with their room.

    A price is found by solving again with one more unit. Of hours only those that bind are told.
    """
    program = solved.program
    matrix, x = program.program.matrix, solved.solutions[-1].x
    touched = np.abs(matrix) @ (_in_box(program.layout, solved, box) > 0)
    value = matrix @ x
    found: list[Price] = []
    for row in np.concatenate([program.limit_rows, program.hours_rows.ravel()]):
        for side, end in ((-1.0, program.program.row_lower[row]), (1.0, program.program.row_upper[row])):
            if not touched[row] or not np.isfinite(end):
                continue
            slack = abs(float(value[row] - end))
            if slack <= BINDING * max(1.0, abs(end)):
                price = _price(formulation, solved, int(row), side)
                if price is not None:
                    found.append(price)
            elif row in program.limit_rows:
                money = slack * program.layout.money * float(formulation.index.problem.policy.step)
                currency = formulation.index.problem.strategy.currency
                found.append(Price(_cause(formulation, program, int(row)), currency, "", 0.0, round(money, 4)))
    return sorted(found, key=lambda one: (_TIERS.index(one.tier), -one.worth, one.slack, one.label))


_TIERS = ("shortfall", "coverage", "overtime", "distance", "")


def _price(formulation: Formulation, solved: Solved, row: int, side: float) -> Price | None:
    """Solve again with one more unit of a limit, and return what that changes first; None where it changes nothing."""
    from planalloc.lp.lexicographic import lexicographic  # noqa: PLC0415 -- loaded only when a price is asked for
    from planalloc.lp.solvers.highs import Highs  # noqa: PLC0415
    from planalloc.lp.solvers.interior import InteriorPoint  # noqa: PLC0415

    program = solved.program
    hours = np.argwhere(program.hours_rows == row)
    if len(hours):
        c, t = hours[0]
        available = formulation.time.hours[solved.alike.first[c], t]
        step, unit = 1.0 / max(available, 1.0), "h"
        more = 1.0
    else:
        more = max(1.0, 1e-6 * float(formulation.targets.sum()))
        step, unit = more / program.layout.money, formulation.index.problem.strategy.currency
        more *= float(formulation.index.problem.policy.step)
    ends = {"row_lower": program.program.row_lower.copy(), "row_upper": program.program.row_upper.copy()}
    ends["row_lower" if side < 0 else "row_upper"][row] += side * step
    wider = lexicographic(program.program.but(**ends), program.tiers, linear=Highs(), convex=InteriorPoint())
    if not wider[-1].ok:
        return None
    for tier, before, after in zip(program.tiers, solved.solutions, wider, strict=True):
        gain = before.objective - after.objective
        scale = max(abs(before.objective), 1.0)
        if gain > 1e-9 * scale:
            worth = gain * _tier_unit(formulation, program, tier.name) / more
            return Price(_cause(formulation, program, row), unit, tier.name, worth)
    return None


def _tier_unit(formulation: Formulation, program: Compiled, name: str) -> float:
    """Return what one unit of a tier's normalized objective stands for."""
    step, segments = float(formulation.index.problem.policy.step), formulation.index.segments
    priority = np.array([one.priority for one in segments])
    question = program.layout.question
    if name == "shortfall":
        return float(priority[formulation.index.line_segment].max()) * program.layout.money * step
    if name == "coverage":
        group = program.layout.groups["coverage"]
        accounts = question.work.cadence_accounts[question.alike.first][group.at]
        return float((priority[group.at[1]] * accounts * question.alike.size[group.at[0]]).max())
    if name == "overtime":
        return float(question.alike.size[program.layout.groups["overtime"].at[0]].max())
    return program.layout.money * step

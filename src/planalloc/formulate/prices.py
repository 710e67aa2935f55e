"""F-15: what one more unit of each limit on a number is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planalloc.formulate.explaining import Cause, cause_of, in_words, members
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from planalloc.formulate.explaining import Box, Held
    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solution import Solution
    from planalloc.types import Floats

__all__ = ["Price", "prices_of", "rooms_of"]

BINDING = 1e-7
"""Slack, relative to the size of a row, below which a limit binds."""

SMALLEST_GAIN = 1e-9
"""A tier that gains less than this share of its value, or of one, has gained nothing."""

MOST_PRICES = 12
"""How many limits are told with their price; those that may be worth most."""

MOST_TRIED = 3 * MOST_PRICES
"""How many are tried: at a corner, some turn out to be worth nothing."""


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
    names : tuple of str
        Whose hours; any one of them, where they are alike.
    period : str
        When the hours are.
    """

    label: str
    unit: str
    tier: str
    worth: float
    slack: float = 0.0
    names: tuple[str, ...] = ()
    period: str = ""


class _Candidate(NamedTuple):
    """A row that one more unit may be worth something of: at most `bound`, in tier number `tier`."""

    tier: int
    bound: float
    row: int
    side: float
    step: float
    units: float


def prices_of(standing: Held, box: Box) -> tuple[list[Price], int]:
    """Return the limits that bind on a box with what one more unit is worth, and how many more bind.

    By convexity no unit is worth more than the multiplier of any optimum says, so a tier in which it is zero does not
    change. The first in which it is not is solved again with one more unit, from the plan, which is an optimum of every
    tier; where that turns out not to change either, at a corner, the next ones are.

    Parameters
    ----------
    standing : Held
        A solved program.
    box : Box
        Whose limits: those that speak of some cell in it.
    """
    program = standing.solved.program
    touched = np.abs(program.program.matrix) @ (standing.share(box) > 0)
    held = np.any([duals != 0 for duals in _multipliers(standing)], axis=0) & (touched > 0)
    rows = np.concatenate([program.limit_rows, program.hours_rows.ravel()])
    candidates = [one for row in rows[held[rows]] if (one := _candidate(standing, int(row))) is not None]
    candidates.sort(key=lambda one: (one.tier, -one.bound, one.row))
    found: list[Price] = []
    tried = 0
    for one in candidates[:MOST_TRIED]:
        if len(found) == MOST_PRICES:
            break
        tried += 1
        price = _price(standing, one, box)
        found += [] if price is None else [price]
    order = [tier.name for tier in program.tiers]
    found.sort(key=lambda one: (order.index(one.tier), -float(f"{one.worth:.6g}"), one.label))
    return found, len(candidates) - tried


def _candidate(standing: Held, row: int) -> _Candidate | None:
    """Return what one more unit may be worth, None where no tier can change."""
    original = standing.solved.program.program
    step, units = _unit(standing, row)
    for k, duals in enumerate(_multipliers(standing)):
        gain = abs(duals[row]) * step
        if gain <= _least_gain(standing.solved.solutions[k]):
            continue
        side = -1.0 if duals[row] > 0 else 1.0
        end = original.row_lower[row] if side < 0 else original.row_upper[row]
        if np.isfinite(end):
            worth = gain * _tier_unit(standing, k) / units
            return _Candidate(k, worth, row, side, step, units)
    return None


def _multipliers(standing: Held) -> list[Floats]:
    return [*(one.row_duals for one in standing.solved.solutions[:-1]), standing.multipliers]


def _least_gain(solution: Solution) -> float:
    return SMALLEST_GAIN * max(abs(solution.objective), 1.0)


def _price(standing: Held, one: _Candidate, box: Box) -> Price | None:
    """Solve again with one more unit of a limit, and return what that changes first; None where it changes nothing."""
    from planalloc.lp.lexicographic import narrowed  # noqa: PLC0415 -- loaded only when a price is asked for

    program, solutions, duals = standing.solved.program, standing.solved.solutions, _multipliers(standing)
    end = "row_lower" if one.side < 0 else "row_upper"
    ends = getattr(standing.faces[one.tier], end).copy()
    ends[one.row] += one.side * one.step
    ground = standing.faces[one.tier].but(**{end: ends})
    for k in range(one.tier, len(program.tiers)):
        goal = ground.but(cost=program.tiers[k].cost, quadratic=program.tiers[k].quadratic)
        wider = _again(goal, solutions[-1].x, duals[k])
        if not wider.ok:
            return None
        gain = solutions[k].objective - wider.objective
        if gain > _least_gain(solutions[k]):
            label, cause = _label(standing, one.row, box)
            currency = standing.formulation.index.problem.strategy.currency
            return Price(
                label,
                "h" if cause.kind == "hours" else currency,
                program.tiers[k].name,
                gain * _tier_unit(standing, k) / one.units,
                names=cause.names,
                period=cause.period,
            )
        ground = narrowed(goal, wider) if goal.linear else goal
    return None


def _again(program: LinearProgram, x: Floats, row_duals: Floats) -> Solution:
    """Solve a program from the answer of one that is nearly the same, or from nothing where that is in vain."""
    from planalloc.lp.polish import polish  # noqa: PLC0415 -- loaded only when a price is asked for
    from planalloc.lp.residuals import checked  # noqa: PLC0415
    from planalloc.lp.solvers.highs import Highs  # noqa: PLC0415
    from planalloc.lp.solvers.interior import InteriorPoint  # noqa: PLC0415

    near = checked(program, *polish(program, x, row_duals), solver="polish")
    if near.ok:
        return near
    return Highs().solve(program) if program.linear else InteriorPoint().solve(program)


def _unit(standing: Held, row: int) -> tuple[float, float]:
    """Return by how much the end of a row moves for one more unit of its limit, and how many units that is.

    One hour; one rounding unit of money, or a millionth of all where that is more. Reps who are alike share it.
    """
    program, alike, formulation = standing.solved.program, standing.solved.alike, standing.formulation
    at = row - len(program.season_lines)
    if at < len(program.owners):
        owner = program.owners[at]
        sharing = 1.0 if owner.rep_class is None else float(alike.size[owner.rep_class])
        more = max(1.0, 1e-6 * float(formulation.targets.sum()))
        return more / program.layout.money / sharing, more * float(formulation.index.problem.policy.step)
    which, when = divmod(at - len(program.owners), program.hours_rows.shape[1])
    available = float(formulation.time.hours[alike.first[which], when])
    return 1.0 / max(available, 1.0) / float(alike.size[which]), 1.0


def _tier_unit(standing: Held, k: int) -> float:
    """Return what one unit of a tier's normalized objective stands for."""
    formulation, program = standing.formulation, standing.solved.program
    name, groups, question = program.tiers[k].name, program.layout.groups, program.layout.question
    step, segments = float(formulation.index.problem.policy.step), formulation.index.segments
    priority = np.array([one.priority for one in segments])
    if name == "shortfall":
        return float(priority[formulation.index.line_segment].max()) * program.layout.money * step
    if name == "coverage":
        at = groups["coverage"].at
        accounts = question.work.cadence_accounts[question.alike.first][at]
        return float((priority[at[1]] * accounts * question.alike.size[at[0]]).max())
    if name == "overtime":
        return float(question.alike.size[groups["overtime"].at[0]].max())
    return program.layout.money * step


def _label(standing: Held, row: int, box: Box) -> tuple[str, Cause]:
    """Return the name of a limit; where it holds for each of several by themselves, also for whom and where."""
    cause, program = cause_of(standing, row, box), standing.solved.program
    if cause.kind != "limit":
        return cause.label, cause
    owner = program.owners[row - len(program.season_lines)]
    for_many = len({one.rep_class for one in program.owners if one.label == owner.label}) > 1
    details: list[str] = []
    if owner.rep_class is not None and for_many and box.reps.sum() > 1:
        details.append(in_words(members(standing, owner.rep_class, box)))
    if owner.line is not None:
        details.append(record_key(standing.formulation.index.lines[owner.line]))
    return " for ".join([cause.label, *([", ".join(details)] if details else [])]), cause


def rooms_of(standing: Held, box: Box) -> list[Price]:
    """Return the agreed limits on a box that leave room, each with the least that it leaves in whole rounding units."""
    program = standing.solved.program
    rows = program.limit_rows
    touched = np.abs(program.program.matrix[rows]) @ (standing.share(box) > 0) > 0
    value = program.program.matrix[rows] @ standing.solved.solutions[-1].x
    least: dict[str, tuple[float, int]] = {}
    for ends in (program.program.row_lower[rows], program.program.row_upper[rows]):
        for at in np.flatnonzero(touched & np.isfinite(ends)):
            slack = abs(float(value[at] - ends[at]))
            room = 0.0 if slack <= BINDING * max(1.0, abs(ends[at])) else slack
            label = program.owners[at].label
            least[label] = min(least.get(label, (np.inf, 0)), (room, int(rows[at])))
    step = float(standing.formulation.index.problem.policy.step)
    found = []
    for room, row in least.values():
        whole = float(np.floor(round(room * program.layout.money, 4))) * step
        if whole > 0:
            label, _ = _label(standing, row, box)
            found.append(Price(label, standing.formulation.index.problem.strategy.currency, "", 0.0, whole))
    return sorted(found, key=lambda one: (one.slack, one.label))

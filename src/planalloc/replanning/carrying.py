"""What is left to sell, and how what was missed or exceeded is carried: the simple answer, before any limit.

All in rounding units, for R reps, S lines, T periods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from planalloc.formulate.phasing import without_gaps
from planalloc.numerics.apportion import cumulative_round

if TYPE_CHECKING:
    from collections.abc import Callable

    from planalloc.formulate.formulation import Formulation
    from planalloc.replanning.standing import Standing
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Carry", "Rest", "rest_of"]

Carry: TypeAlias = Literal["spread", "next_period", "same_rep", "same_team", "write_off"]


@dataclass(frozen=True, eq=False)
class Rest:
    """What is left of a year.

    Attributes
    ----------
    targets : Ints
        What is left to sell of each line, shape (S,).
    due : Floats
        The same by period, shape (S, T); zero in fixed periods.
    wish : Floats
        The simple answer, shape (R, S, T): who would carry it, limits and hours left aside. What the plan in force
        leaves unmet stays unmet in it.
    kept_base, kept_quota : Ints
        Numbers that stay: the closed ones, and those of frozen periods whose reps are there, shape (R, S, T).
    kept_shortfall : Ints
        Shortfall of frozen periods, shape (S, T).
    surplus : Ints
        Sold beyond the target, shape (S,).
    written_off : Ints
        Missed and not carried, shape (S,); negative where it was exceeded and the rest stays as it is.
    """

    targets: Ints
    due: Floats
    wish: Floats
    kept_base: Ints
    kept_quota: Ints
    kept_shortfall: Ints
    surplus: Ints
    written_off: Ints


def rest_of(
    formulation: Formulation,
    at: Standing,
    *,
    moved: Floats,
    fixed: Bools,
    carry: Carry,
    season_changed: Bools,
    fair: Callable[[], Floats],
) -> Rest:
    """Return what is left, and who would carry it if nothing stood in the way.

    What was missed is added to the open periods of its line and what was exceeded is taken from them, in proportion to
    what they hold (`carry` says how); whoever carries a part of a line in a period keeps their part of it. Whose time
    has changed carries as much more or less; what those carried who are not there any more, or for less time, goes to
    the others in the same way; who is new takes the fair split's part.

    Parameters
    ----------
    formulation : Formulation
        Of the changed problem, whole horizon.
    at : Standing
        Where the plan stands.
    moved : Floats
        Numbers that go from one rep to another with an account, shape (R, S); rows sum to zero.
    fixed : Bools
        Periods that must not move, closed ones and frozen ones, shape (T,).
    carry : Carry
        What happens to the gap.
    season_changed : Bools
        Lines whose rest is phased by their new season, shape (S,).
    fair : callable
        Returns the fair split of the changed problem, shape (R, S, T); called only where somebody is new.
    """
    there = fixed & formulation.may_carry
    kept_base = np.where(there, at.base, at.closed_base)
    kept_quota = np.where(there, at.quota, at.closed_quota)
    kept_shortfall = np.where(fixed, at.shortfall - at.closed_shortfall, 0)
    open_base = np.where(fixed, 0, at.base - at.closed_base).astype(float)
    unmet = np.where(fixed, 0, at.shortfall - at.closed_shortfall)
    was_unmet = unmet.sum(axis=1) + np.where(fixed.all(), 0, at.closed_shortfall.sum(axis=1))
    planned = open_base.sum(axis=0)
    held = (kept_base - at.closed_base).sum(axis=(0, 2)) + kept_shortfall.sum(axis=1)
    sold = at.credited.sum(axis=(0, 2))
    left = formulation.targets - sold - held - at.written_off
    surplus, targets = np.maximum(-left, 0), np.maximum(left, 0)
    written_off = at.written_off
    if carry == "write_off":
        planned_all = planned.sum(axis=1).astype(np.int64) + was_unmet
        targets = np.maximum(planned_all + formulation.targets - at.targets, 0)
        written_off, surplus = formulation.targets - sold - held - targets, np.zeros_like(targets)
    stays = np.clip(targets - planned.sum(axis=1).astype(np.int64), 0, was_unmet)
    carried = _due(formulation, planned, targets - stays, fixed=fixed, carry=carry, season_changed=season_changed)
    due = carried + _unmet(formulation, unmet, planned, stays, fixed=fixed, season_changed=season_changed)
    orphaned = _orphaned(formulation, due, fixed=fixed)
    kept_shortfall = kept_shortfall + cumulative_round(np.where(orphaned[:, None], due, 0.0))
    due, carried = (
        np.where(orphaned[:, None], 0.0, _within_reach(formulation, one, whole, fixed=fixed))
        for one, whole in ((due, targets), (carried, targets - stays))
    )
    too_late = (due.sum(axis=1) <= 0) & ~orphaned
    written_off = written_off + np.where(too_late, targets, 0)
    targets = np.where(too_late | orphaned, 0, targets)
    part = np.repeat(_still_there(formulation, at)[:, None, :], len(stays), axis=1)
    part = np.where((stays > 0)[:, None], np.minimum(part, 1.0), part)  # who has more time takes of what is unmet first
    wish = _wish(formulation, at, open_base, moved, fixed=fixed, due=carried, carry=carry, fair=fair, part=part)
    return Rest(targets, due, wish, kept_base, kept_quota, kept_shortfall, surplus, written_off)


def _due(
    formulation: Formulation, planned: Floats, targets: Ints, *, fixed: Bools, carry: Carry, season_changed: Bools
) -> Floats:
    """Return what is due in each open period, shape (S, T): rows sum to the targets."""
    season = np.where(fixed, 0.0, formulation.weights)
    planned = np.where(season_changed[:, None], season * planned.sum(axis=1, keepdims=True), planned)
    empty = planned.sum(axis=1) <= 0
    planned = np.where(empty[:, None], season, planned)
    gap = targets - np.where(empty, 0.0, planned.sum(axis=1))
    if carry == "next_period" and not fixed.all():
        first = int(np.flatnonzero(~fixed)[0])
        due = np.where(empty[:, None], 0.0, planned)
        due[:, first] += gap
        for t in range(first, len(fixed) - 1):  # what was exceeded by more than a period holds goes on to the next one
            below = np.minimum(due[:, t], 0.0)
            due[:, t] -= below
            due[:, t + 1] += below
        due = np.maximum(due, 0.0)
    else:
        due = planned * _ratio(targets.astype(float), planned.sum(axis=1))[:, None]
    return due


def _unmet(
    formulation: Formulation, unmet: Ints, planned: Floats, stays: Ints, *, fixed: Bools, season_changed: Bools
) -> Floats:
    """Return in which open periods what the plan in force leaves unmet stays so, shape (S, T): rows sum to `stays`."""
    season = np.where(fixed, 0.0, formulation.weights)
    shape = np.where(unmet.any(axis=1, keepdims=True), unmet, planned)
    shape = np.where(season_changed[:, None] | ~shape.any(axis=1, keepdims=True), season, shape)
    return shape * _ratio(stays.astype(float), shape.sum(axis=1))[:, None]


def _carriers(formulation: Formulation, fixed: Bools) -> Bools:
    """Whether somebody who covers the line is there in an open period, shape (S, T)."""
    found: Bools = np.einsum("rs,rt->st", formulation.index.eligible, formulation.time.weight > 0) & ~fixed
    return found


def _orphaned(formulation: Formulation, due: Floats, *, fixed: Bools) -> Bools:
    """Return the lines of which something is due, and which nobody will carry any more, shape (S,)."""
    found: Bools = (due.sum(axis=1) > 0) & ~_carriers(formulation, fixed).any(axis=1)
    return found


def _within_reach(formulation: Formulation, due: Floats, targets: Ints, *, fixed: Bools) -> Floats:
    """Move what is due where nobody can carry it to the line's other open periods, in proportion, shape (S, T)."""
    there = _carriers(formulation, fixed)
    shares = due / np.maximum(targets, 1)[:, None]
    return without_gaps(shares, carried=there) * targets[:, None] if np.any((shares > 0) & ~there) else due


def _wish(
    formulation: Formulation,
    at: Standing,
    open_base: Floats,
    moved: Floats,
    *,
    fixed: Bools,
    due: Floats,
    carry: Carry,
    fair: Callable[[], Floats],
    part: Floats,
) -> Floats:
    """Return who would carry what is due, shape (R, S, T)."""
    may = formulation.may_carry & ~fixed
    cells = np.where(may, open_base, 0.0)
    cells = np.where(may, _with_moves(cells, moved), 0.0)
    cells += _own_gaps(formulation, at, cells, carry)
    new = may & ~at.might
    first = np.zeros_like(cells)
    if new.any():
        first = np.where(new, fair() + cells, 0.0)
        first *= np.minimum(1.0, _ratio(due, formulation.weights * formulation.targets[:, None]))[None]
        first *= np.minimum(1.0, _ratio(due, first.sum(axis=0)))[None]
    rest = np.maximum(due - first.sum(axis=0), 0.0)
    others = np.where(new, 0.0, cells)
    nobody = (others.sum(axis=0) <= 0) & (rest > 0)
    if nobody.any():
        others = np.where(nobody[None] & may, fair(), others)
        still = (others.sum(axis=0) <= 0) & (rest > 0)
        others = np.where(still[None] & may, formulation.time.weight[:, None, :], others)
    scaled = others * _ratio(rest, others.sum(axis=0))[None]
    return _by_time(scaled, part) + first


def _by_time(cells: Floats, part: Floats) -> Floats:
    """Return the cells with those whose time has changed by part, and the rest among the others; all (R, S, T)."""
    changed = part != 1.0
    if not changed.any():
        return cells
    now = cells * part
    others = np.where(changed, 0.0, cells)
    due, theirs = cells.sum(axis=0), others.sum(axis=0)
    left = due - np.where(changed, now, 0.0).sum(axis=0)
    by_others = np.where(changed, now, others * _ratio(left, theirs)[None])
    found: Floats = np.where((left >= 0) & (theirs > 0), by_others, now * _ratio(due, now.sum(axis=0))[None])
    return np.where(now.sum(axis=0) > 0, found, cells)


def _still_there(formulation: Formulation, at: Standing) -> Floats:
    """Return the part of what is open of each period that a rep weighs now of what they weighed, shape (R, T).

    One, unless they come, go or work more or less than the plan had it.
    """
    was = at.weight * (1.0 - at.closed)
    now = np.maximum(formulation.time.weight - at.weight * at.closed, 0.0)
    return np.where((formulation.time.weight == at.weight) | (was <= 0), 1.0, _ratio(now, was))


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0)


def _with_moves(cells: Floats, moved: Floats) -> Floats:
    """Let numbers go along with accounts: in each rep's own proportions over the periods, shape (R, S, T)."""
    total = cells.sum(axis=2)
    season = cells.sum(axis=0)
    own = np.where(total[:, :, None] > 0, cells, season[None])
    found: Floats = np.maximum(cells + own * _ratio(moved, own.sum(axis=2))[:, :, None], 0.0)
    return found


def _own_gaps(formulation: Formulation, at: Standing, cells: Floats, carry: Carry) -> Floats:
    """Return what each rep, or each team, has to make good of its own, in proportion to what it still carries."""
    if carry not in {"same_rep", "same_team"}:
        return np.zeros_like(cells)
    gap = at.missed.astype(float)
    if carry == "same_team":
        teams = [rep.team or "" for rep in formulation.index.reps]
        _, which = np.unique(teams, return_inverse=True)
        by_team = np.zeros((int(which.max()) + 1, gap.shape[1]))
        held = np.zeros_like(by_team)
        np.add.at(by_team, which, gap)
        np.add.at(held, which, cells.sum(axis=2))
        gap = by_team[which] * _ratio(cells.sum(axis=2), held[which])
    return np.maximum(cells * _ratio(gap, cells.sum(axis=2))[:, :, None], -cells)

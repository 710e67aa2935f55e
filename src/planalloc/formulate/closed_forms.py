"""The plans that need no program: one level for all, and one rep who is short of hours.

Each solves the question without the limits and hours that it leaves out, and its answer is the plan only where it keeps
these as well: what is best among more is best among fewer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planalloc.formulate.columns import MONEY_PARTS, steady_lines
from planalloc.formulate.objective import SMALLEST_REFERENCE
from planalloc.numerics.clipping import clipped_level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.formulate.formulation import Formulation
    from planalloc.types import Bools, Floats, Ints

__all__ = ["one_level", "one_short_of_hours"]

ONE_MIX = 1e-12
"""References are each a share of one whole where none of their cells is off by more than this part of it."""


class _Held(NamedTuple):
    """What limits say of one number: whose it is, of which line and period (None: all), and its ends for the base."""

    rep: int
    line: int | None
    period: int | None
    lower: float
    upper: float


def one_level(formulation: Formulation) -> Floats | None:
    """Return the plan in which single numbers are held and all others keep their proportions (F-3, F-5, F-10).

    Where the limits that bind hold single numbers of reps, and these share one total with others (a line, a period of
    a line; or the whole, where all have the same mix), the least distance from the reference is one level for all.

    Returns
    -------
    Floats or None
        Base in rounding units, shape (R, S, T); None where a limit speaks of more than single numbers. Hours, bands and
        whatever else was left out are the caller's to check.
    """
    held = _held(formulation)
    if not held:
        return None
    if all(one.line is None for one in held):
        return _by_totals(formulation, held)
    if all(one.line is not None for one in held):
        return _by_nodes(formulation, held)
    return None


def _held(formulation: Formulation) -> list[_Held] | None:
    """Return what sums and ranges hold, each a single number; None where one of them holds more."""
    found: list[_Held] = []
    may_carry = formulation.may_carry
    for one in formulation.limits.sums:
        who = np.flatnonzero(one.reps)
        if len(who) > 1:
            who = who[may_carry[who][:, one.lines][:, :, one.periods].any(axis=(1, 2))]
        if len(who) != 1:
            return None
        rep = int(who[0])
        lines = np.flatnonzero(one.lines & formulation.index.eligible[rep] & (formulation.targets > 0))
        everything = len(lines) == np.count_nonzero(formulation.index.eligible[rep] & (formulation.targets > 0))
        if not len(lines) or not (everything or len(lines) == 1):
            return None
        periods = np.flatnonzero(one.periods)
        if one.cuts_periods and (len(lines) > 1 or len(periods) > 1):
            return None
        factor = formulation.index.hedge[rep] if one.of_quota else 1.0
        line = int(lines[0]) if len(lines) == 1 else None
        period = int(periods[0]) if one.cuts_periods else None
        found.append(_Held(rep, line, period, one.lower / factor, one.upper / factor))
    for span in formulation.limits.ranges:
        factors = formulation.index.hedge if span.of_quota else np.ones(len(may_carry))
        for rep in np.flatnonzero(np.isfinite(span.lower) | np.isfinite(span.upper)).tolist():
            lines = np.flatnonzero(formulation.index.eligible[rep] & (formulation.targets > 0))
            line = int(lines[0]) if len(lines) == 1 else None
            low, high = span.lower[rep] / factors[rep], span.upper[rep] / factors[rep]
            found.append(_Held(rep, line, None, float(low), float(high)))
    return found


def _by_totals(formulation: Formulation, held: list[_Held]) -> Floats | None:
    """Hold totals of reps, all of whom have one mix."""
    reference = formulation.reference
    totals, whole = reference.sum(axis=(1, 2)), reference.sum(axis=0)
    one_mix = totals[:, None, None] * (whole / whole.sum())
    if np.abs(reference - one_mix).max() > ONE_MIX * totals.max():
        return None
    level = _levels(formulation, totals, np.array([one.rep for one in held]), held)
    return None if level is None else reference * level[:, None, None]


def _by_nodes(formulation: Formulation, held: list[_Held]) -> Floats | None:
    """Hold single numbers, line by line; of lines that are cut by the period, period by period."""
    cells = formulation.reference.copy()
    steady = steady_lines(formulation.work, formulation.index.eligible, formulation.limits)
    nodes: dict[tuple[int, int | None], list[_Held]] = {}
    for one in held:
        assert one.line is not None  # noqa: S101 -- the caller has looked
        if (one.period is None) != bool(steady[one.line]) and cells.shape[2] > 1:
            return None
        nodes.setdefault((one.line, None if steady[one.line] else one.period), []).append(one)
    for (line, period), members in nodes.items():
        own = cells[:, line].sum(axis=1) if period is None else cells[:, line, period]
        level = _levels(formulation, own, np.array([one.rep for one in members]), members)
        if level is None:
            return None
        if period is None:
            cells[:, line] *= level[:, None]
        else:
            cells[:, line, period] *= level
    return cells


def _levels(formulation: Formulation, amounts: Floats, who: Ints, held: list[_Held]) -> Floats | None:
    """Return by what each rep's amount, shape (R,), is multiplied when some are held and the total stays."""
    floors, caps = np.zeros(len(amounts)), np.full(len(amounts), np.inf)
    np.maximum.at(floors, who, [one.lower for one in held])
    np.minimum.at(caps, who, [one.upper for one in held])
    known = _known(formulation, amounts)
    if (floors > caps).any() or (floors[~known] > 0).any() or not known.any():
        return None
    total = float(amounts[known].sum())
    level = clipped_level(total, weights=amounts[known], floors=floors[known], caps=caps[known])
    if level is None or (level > 1.0 and not known.all()):
        return None  # those without a reference would carry some of it
    factors = np.ones(len(amounts))
    factors[known] = np.clip(level * amounts[known], floors[known], caps[known]) / amounts[known]
    return factors


def _known(formulation: Formulation, amounts: Floats) -> Bools:
    """Whether an amount is no zero in the eyes of the distance."""
    smallest = SMALLEST_REFERENCE / MONEY_PARTS * float(formulation.targets.sum())
    known: Bools = amounts > smallest
    return known


def one_short_of_hours(formulation: Formulation, over: Ints) -> Floats | None:
    """Return the plan in which one rep does less, and the others share it in proportion (F-2, F-10).

    Parameters
    ----------
    formulation : Formulation
        A problem as arrays.
    over : Ints
        The reps whose reference takes more hours than they have.

    Returns
    -------
    Floats or None
        Base in rounding units, shape (R, S, T); None where more than one rep is short, or feeding cadences bend what
        the hours depend on. Whether the others have the hours is the caller's to check.

    References
    ----------
    .. [1] C. L. Lawson, R. J. Hanson, "Solving Least Squares Problems", Prentice-Hall 1974, chapter 23: least distance
           programming by non-negative least squares.
    """
    if len(over) != 1 or any(asked[over[0]] > 0 for asked in formulation.work.feeding.values()):
        return None
    rep = int(over[0])
    steady = steady_lines(formulation.work, formulation.index.eligible, formulation.limits)
    nodes = [node for node in _nodes(formulation, rep, steady) if node.whole - node.own > ONE_MIX * node.whole]
    if not nodes:
        return None
    own, whole = np.array([node.own for node in nodes]), np.array([node.whole for node in nodes])
    hours = np.stack([node.hours for node in nodes], axis=1)
    bend = 1.0 / own + 1.0 / (whole - own)
    left = formulation.time.hours[rep] - _hours_of(formulation, rep)
    less = _least_distance(bend, hours, left, own)
    if less is None:
        return None
    cells = formulation.reference.copy()
    for node, taken in zip(nodes, less, strict=True):
        part = cells[:, node.line, :] if node.period is None else cells[:, node.line, [node.period]]
        others = np.delete(part.sum(axis=1), rep)
        if (
            taken > 0
            and not _known(formulation, others[np.delete(formulation.index.eligible[:, node.line], rep)]).all()
        ):
            return None
        factors = np.full(len(cells), 1.0 + taken / (node.whole - node.own))
        factors[rep] = 1.0 - taken / node.own
        part = part * factors[:, None]
        if node.period is None:
            cells[:, node.line] = part
        else:
            cells[:, node.line, node.period] = part[:, 0]
    return cells


class _Node(NamedTuple):
    """A line of one rep, or a period of it: their reference, everybody's, and hours in each period for one unit."""

    line: int
    period: int | None
    own: float
    whole: float
    hours: Floats


def _nodes(formulation: Formulation, rep: int, steady: Bools) -> Iterator[_Node]:
    work, reference = formulation.work, formulation.reference
    kernel = work.hours_per_unit[work.pattern[2][rep]] / formulation.time.productivity[rep]
    for s in np.flatnonzero(reference[rep].sum(axis=1) > 0):
        if steady[s]:
            own, whole = reference[rep, s].sum(), reference[:, s].sum()
            yield _Node(int(s), None, float(own), float(whole), formulation.weights[s] @ kernel[s])
        else:
            for t in np.flatnonzero(reference[rep, s] > 0):
                yield _Node(int(s), int(t), float(reference[rep, s, t]), float(reference[:, s, t].sum()), kernel[s, t])


def _hours_of(formulation: Formulation, rep: int) -> Floats:
    hours: Floats = formulation.work.hours(formulation.reference, formulation.full_coverage)[rep]
    return hours


def _least_distance(bend: Floats, hours: Floats, left: Floats, own: Floats) -> Floats | None:
    """Return how much less of each node leaves no period over its hours, at the least sum of bend x less^2."""
    from scipy.optimize import nnls  # noqa: PLC0415 -- loaded only when somebody is short of hours

    root = 1.0 / np.sqrt(bend)
    sides = np.concatenate([hours * root, np.diag(-root)])  # sides @ z >= ends
    ends = np.concatenate([-left, -own])
    size = np.abs(sides).max(axis=1)
    if (ends[size == 0] > 0).any():
        return None
    sides, ends = sides[size > 0] / size[size > 0, None], ends[size > 0] / size[size > 0]
    scale = max(float(np.abs(ends).max()), np.finfo(float).tiny)
    dual, _ = nnls(np.vstack([sides.T, ends / scale]), np.append(np.zeros(len(bend)), 1.0))
    rest = np.append(-sides.T @ dual, 1.0 - ends @ dual / scale)
    if rest[-1] <= ONE_MIX:
        return None
    less: Floats = np.clip(-rest[:-1] / rest[-1] * scale * root, 0.0, own)
    return less

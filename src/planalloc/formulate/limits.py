"""F-3 to F-6: what may not move, or only so far, as arrays over reps, lines and periods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.index import Index, units
from planalloc.model.limits import Bound, MixBand, OvertimeLimit, Pin, QuotaRange, TeamTarget

if TYPE_CHECKING:
    from planalloc.formulate.capacity import Capacity
    from planalloc.types import Bools, Floats

__all__ = ["LimitSum", "Limits", "MixLimit", "RangeLimit", "box_of", "limits_in_force"]

WHOLE_NOISE = 1e-6
"""What a multiple of a float may be off a whole number of rounding units and still be meant as that number."""


@dataclass(frozen=True)
class LimitSum:
    """A limit on a box of cells: some reps x some lines x some periods (F-5, F-6).

    Parameters
    ----------
    label : str
        Name by which people find it again.
    reps, lines, periods : Bools
        What it sums over, shapes (R,), (S,), (T,).
    of_quota : bool
        Whether it speaks of the quota (base x hedge) or of the base.
    lower, upper : float
        Ends in rounding units; infinite where there is none.
    """

    label: str
    reps: Bools
    lines: Bools
    periods: Bools
    of_quota: bool
    lower: float
    upper: float

    @cached_property
    def cuts_periods(self) -> bool:
        """Whether it speaks of a part of the horizon only."""
        return not bool(self.periods.all())

    def total(self, cells: Floats) -> float:
        """Sum of its box of an array of shape (R, S, T)."""
        return float(cells[self.reps][:, self.lines][:, :, self.periods].sum())

    def excess(self, cells: Floats) -> float:
        """By how much the sum leaves the limit: negative below, positive above, 0 within."""
        total = self.total(cells)
        return min(total - self.lower, 0.0) + max(total - self.upper, 0.0)


@dataclass(frozen=True)
class RangeLimit:
    """A floor and a cap for each rep's total (F-3).

    Parameters
    ----------
    label : str
        Name by which people find it again.
    of_quota : bool
        Whether it speaks of the quota or of the base.
    lower, upper : Floats
        Ends in rounding units, shape (R,); infinite where there is none.
    """

    label: str
    of_quota: bool
    lower: Floats
    upper: Floats

    def excess(self, cells: Floats) -> Floats:
        """By how much each rep's total of an array of shape (R, S, T) leaves the range, shape (R,)."""
        total = cells.sum(axis=(1, 2))
        beyond: Floats = np.minimum(total - self.lower, 0.0) + np.maximum(total - self.upper, 0.0)
        return beyond


@dataclass(frozen=True)
class MixLimit:
    """How near the mix of some reps stays to the strategy's (F-4).

    Parameters
    ----------
    label : str
        Name by which people find it again.
    reps : Bools
        For whom it holds, shape (R,).
    tolerance : float
        By what part of itself a line's share may leave the strategy's.
    """

    label: str
    reps: Bools
    tolerance: float

    def excess(self, cells: Floats, *, mix: Floats) -> Floats:
        """By how much each rep's lines leave the band, shape (R, S); `mix` is the strategy's, shape (R, S)."""
        lines, total = cells.sum(axis=2), cells.sum(axis=(1, 2))[:, None]
        low, high = (1 - self.tolerance) * mix * total, (1 + self.tolerance) * mix * total
        beyond: Floats = np.minimum(lines - low, 0.0) + np.maximum(lines - high, 0.0)
        return beyond * (self.reps[:, None] & (mix > 0))


@dataclass(frozen=True)
class Limits:
    """All limits in force.

    Parameters
    ----------
    sums : tuple of LimitSum
        Pins, bounds and team targets.
    ranges : tuple of RangeLimit
        Floors and caps of reps.
    bands : tuple of MixLimit
        Bands around the strategy's mix.
    mix : Floats
        The strategy's mix over the lines each rep covers, shape (R, S).
    overtime : Floats
        Hours that may be worked on top, shape (R, T).
    """

    sums: tuple[LimitSum, ...]
    ranges: tuple[RangeLimit, ...]
    bands: tuple[MixLimit, ...]
    mix: Floats
    overtime: Floats

    def __bool__(self) -> bool:
        return bool(self.sums or self.ranges or self.bands)

    @property
    def features(self) -> list[Floats | Bools]:
        """What tells reps apart in the eyes of the limits, each of shape (R,) or (R, anything)."""
        found: list[Floats | Bools] = [
            self.overtime,
            *(one.reps for one in self.sums),
            *(one.reps for one in self.bands),
        ]
        for one in self.ranges:
            found += [np.nan_to_num(one.lower, neginf=-1.0), np.nan_to_num(one.upper, posinf=-1.0)]
        return found

    def largest_excess(self, base: Floats, quota: Floats) -> float:
        """Return the most by which any limit but overtime is left, in rounding units; bands in those of a line."""
        found = [0.0]
        found += [abs(one.excess(quota if one.of_quota else base)) for one in self.sums]
        found += [float(np.abs(one.excess(quota if one.of_quota else base)).max()) for one in self.ranges]
        found += [float(np.abs(one.excess(base, mix=self.mix)).max()) for one in self.bands]
        return max(found)


def limits_in_force(index: Index, *, time: Capacity, reference: Floats, targets: Floats) -> Limits:
    """Return the limits that have not expired, each kind in the order of labels.

    Parameters
    ----------
    index : Index
        Of a problem whose limits name what exists.
    time : Capacity
        Who is there when.
    reference : Floats
        Fair split, in rounding units, shape (R, S, T).
    targets : Floats
        Line targets in rounding units, shape (S,).
    """
    start = index.problem.calendar.start
    in_force = [one for one in index.problem.limits if one.expires is None or one.expires >= start]
    sums = [_sum(index, one) for one in in_force if isinstance(one, Pin | Bound | TeamTarget)]
    presence = time.presence
    ranges = [_range(index, one, reference, presence) for one in in_force if isinstance(one, QuotaRange)]
    bands = [MixLimit(one.label, _reps(index, one), one.tolerance) for one in in_force if isinstance(one, MixBand)]
    covered = index.eligible * targets
    mix = covered / np.maximum(covered.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    overtime = _overtime(index, time, [one for one in in_force if isinstance(one, OvertimeLimit)])
    return Limits(tuple(sums), tuple(ranges), tuple(bands), mix, overtime)


def _reps(index: Index, limit: Pin | Bound | TeamTarget | QuotaRange | MixBand | OvertimeLimit) -> Bools:
    """Whom a limit speaks of, shape (R,)."""
    reps = np.ones(len(index.reps), dtype=bool)
    rep, team = getattr(limit, "rep", None), limit.team
    if rep is not None:
        reps = np.arange(len(index.reps)) == index.rep_position.get(rep, -1)
    for other in getattr(limit, "but_not", ()):
        reps = reps & (np.arange(len(index.reps)) != index.rep_position.get(other, -1))
    return reps & index.in_team[team] if team is not None else reps


def box_of(index: Index, limit: Pin | Bound | TeamTarget) -> tuple[Bools, Bools, Bools]:
    """Return the reps, lines and periods that a limit sums over, shapes (R,), (S,), (T,)."""
    parts = ("segment", "product", "business")
    lines = np.array(
        [all(getattr(limit, p) in {None, getattr(line, p)} for p in parts) for line in index.lines], dtype=bool
    )
    return _reps(index, limit), lines, _periods(index, getattr(limit, "period", None))


def _sum(index: Index, limit: Pin | Bound | TeamTarget) -> LimitSum:
    step = index.problem.policy.step
    if isinstance(limit, Bound):
        of_quota = limit.of == "quota"
        lower = -np.inf if limit.at_least is None else float(units(limit.at_least, step))
        upper = np.inf if limit.at_most is None else float(units(limit.at_most, step))
    else:
        quota = limit.quota if isinstance(limit, Pin) else None
        amount = units(quota if quota is not None else limit.base or 0.0, step)
        of_quota, lower, upper = quota is not None, float(amount), float(amount)
    return LimitSum(limit.label, *box_of(index, limit), of_quota, lower, upper)


def _periods(index: Index, period: str | None) -> Bools:
    if period is None:
        return np.ones(len(index.periods), dtype=bool)
    calendar = index.problem.calendar
    grain, position = calendar.find(period)
    within: Bools = np.array(calendar.nest(calendar.grain, grain)) == position
    return within


def _range(index: Index, limit: QuotaRange, reference: Floats, presence: Floats) -> RangeLimit:
    """Return the ends of a range by rep, moved inwards to whole rounding units."""
    step = float(index.problem.policy.step)
    of_quota = limit.of == "quota"
    if limit.relative_to == "reference":
        unit = reference.sum(axis=(1, 2)) * (index.hedge if of_quota else 1.0)
    elif limit.relative_to == "last_year":
        unit = np.array([np.nan if rep.last_year is None else sum(rep.last_year.values()) for rep in index.reps]) / step
    else:
        unit = np.full(len(index.reps), 1.0 / step)
    if limit.prorated and limit.relative_to != "reference":
        unit = unit * presence
    known = _reps(index, limit) & ~np.isnan(unit)
    unit = np.nan_to_num(unit)
    lower = np.where(known, (limit.at_least or 0.0) * unit, -np.inf) if limit.at_least is not None else None
    upper = np.where(known, (limit.at_most or 0.0) * unit, np.inf) if limit.at_most is not None else None
    low = np.full(len(known), -np.inf) if lower is None else np.ceil(lower - WHOLE_NOISE)
    high = np.full(len(known), np.inf) if upper is None else np.floor(upper + WHOLE_NOISE)
    crossed = low > high  # no whole number between the ends: the nearest one to both
    if crossed.any() and lower is not None and upper is not None:
        middle = np.rint((np.where(crossed, lower, 0.0) + np.where(crossed, upper, 0.0)) / 2.0)
        low, high = np.where(crossed, middle, low), np.where(crossed, middle, high)
    return RangeLimit(limit.label, of_quota, low, high)


def _overtime(index: Index, time: Capacity, limits: list[OvertimeLimit]) -> Floats:
    """Hours that may be worked on top, shape (R, T): what limits say for those whom they name, the policy's else."""
    allowed = time.hours * index.problem.policy.overtime_limit_share
    named = np.full(allowed.shape, np.inf)
    for limit in limits:
        at = _reps(index, limit)[:, None] & _periods(index, limit.period)[None, :]
        named = np.where(at, np.minimum(named, limit.hours), named)
    return np.where(np.isfinite(named), np.where(time.hours > 0, named, 0.0), allowed)

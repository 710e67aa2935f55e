"""The rest of a year as a problem of its own, in arrays: what is closed is taken out of time, hours and limits.

The same engine answers it; only the reference is another one: where the plan stands, with what was missed or exceeded
carried, so that the distance of F-10 is the change that people see.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InfeasibleError
from planalloc.formulate.activities import Work
from planalloc.formulate.gives_way import Relaxation
from planalloc.formulate.limits import RangeLimit

if TYPE_CHECKING:
    from planalloc.formulate.capacity import Capacity
    from planalloc.formulate.formulation import Formulation
    from planalloc.formulate.limits import Limits
    from planalloc.replanning.carrying import Rest
    from planalloc.replanning.standing import Standing
    from planalloc.types import Bools, Floats, Ints

__all__ = ["open_formulation", "rest_formulation", "set_apart", "who_is_unsteady"]

NEAR = 2.0
"""Units by which a number may be off its line's season and still be that season, rounded."""

STANDING_HOURS = 1.02
"""Hours that the plan in force takes are there, up to this multiple of what there is, where a rep has other hours than
it was made for: whole units and activities took them. Who has the same hours keeps what it takes, whatever a day cuts
off: it was within their hours when it was made."""


def open_formulation(
    formulation: Formulation, at: Standing, rest: Rest, *, fixed: Bools, apart: Bools | None = None
) -> Formulation:
    """Return the whole horizon's arrays with the time that is left; parameters as for `rest_formulation`.

    Those set apart, shape (R,), carry nothing beyond what they keep.
    """
    sums = rest.due.sum(axis=1, keepdims=True)
    weights = np.divide(rest.due, sums, out=np.zeros_like(rest.due), where=sums > 0)
    time = _open_time(formulation, at, weights, rest.wish, fixed=fixed)
    if apart is not None:
        time = replace(time, weight=np.where(apart[:, None], 0.0, time.weight))
    return replace(
        formulation,
        time=time,
        work=Work(formulation.index, time, formulation.work.items, formulation.work.earlier),
        targets=rest.targets,
        season=weights,
        weights=weights,
        reference=rest.wish,
        whole_reference=None,
    )


def rest_formulation(
    whole: Formulation, at: Standing, rest: Rest, *, fixed: Bools, most_rise: float | None
) -> Formulation:
    """Return the rest of a year as arrays.

    Parameters
    ----------
    whole : Formulation
        From `open_formulation`.
    at : Standing
        Where the plan stands.
    rest : Rest
        What is left, and the simple answer.
    fixed : Bools
        Periods that must not move, shape (T,).
    most_rise : float or None
        By how much the rest of any rep's number may rise, as a part of it.
    """
    work, index = whole.work, whole.index
    taken = work.hours(rest.kept_base.astype(float), np.zeros_like(at.coverage))
    hours = np.maximum(whole.time.hours - taken, 0.0)
    standing = work.hours(np.where(fixed, 0, at.base - at.closed_base).astype(float), at.coverage)
    stands = at.same_hours & at.known[:, None] | (standing <= hours * STANDING_HOURS + 1.0)
    hours = np.where(stands, np.maximum(hours, standing * (1 + 1e-9)), hours)
    time = replace(whole.time, hours=hours)
    limits = _left_of(whole.limits, base=rest.kept_base, quota=rest.kept_quota)
    if most_rise is not None:
        carried = (at.quota - rest.kept_quota).sum(axis=(1, 2))
        limits = _with_most_rise(limits, carried, most_rise, known=at.known)
    return replace(whole, time=time, work=Work(index, time, work.items, work.earlier), limits=limits)


def who_is_unsteady(whole: Formulation) -> Bools:
    """Return who leaves, joins, ramps or is away for whole periods in what is left, shape (R,)."""
    carries = whole.time.weight > 0
    there = (carries & (whole.time.productivity == 1.0) | ~carries.any(axis=0)).all(axis=1)
    found: Bools = carries.any(axis=1) & ~there
    return found


def set_apart(whole: Formulation, rest: Rest, who: Bools, *, base: Ints, quota: Ints) -> Rest | None:
    """Let some reps carry given numbers, whatever the others do.

    Parameters
    ----------
    whole : Formulation
        From `open_formulation`.
    rest : Rest
        What is left, and the simple answer.
    who : Bools
        Who is set apart, shape (R,).
    base, quota : Ints
        Their numbers in open periods, shape (R, S, T); nothing for the others.

    Returns
    -------
    Rest or None
        What is left for the others. None where there is nobody, or the numbers take more hours than they have or more
        than is due.
    """
    if not who.any():
        return None
    hours = whole.work.hours((rest.kept_base + base).astype(float), np.zeros(whole.full_coverage.shape))
    room = whole.time.hours * STANDING_HOURS + 1.0
    left = rest.due - base.sum(axis=0)
    targets = rest.targets - base.sum(axis=(0, 2))
    if (hours > room)[who].any() or (left < -len(who)).any() or (targets < 0).any():
        return None
    left = np.maximum(left, 0.0)
    sums = left.sum(axis=1, keepdims=True)
    if (sums[:, 0] <= 0)[targets > 0].any():
        return None
    due = left * np.divide(targets[:, None], sums, out=np.zeros_like(sums), where=sums > 0)
    wish = np.where(who[:, None, None], 0.0, rest.wish)
    others = wish.sum(axis=0)
    if ((others <= 0) & (due > 1.0)).any():
        return None
    carried = np.maximum(due - np.maximum(rest.due - rest.wish.sum(axis=0), 0.0), 0.0)
    wish = wish * np.divide(carried, others, out=np.zeros_like(due), where=others > 0)[None]
    return replace(
        rest,
        targets=targets,
        due=due,
        wish=wish,
        kept_base=rest.kept_base + base,
        kept_quota=rest.kept_quota + quota,
    )


def _open_time(formulation: Formulation, at: Standing, weights: Floats, wish: Floats, *, fixed: Bools) -> Capacity:
    """Return everyone's time without what is closed; numbers in frozen periods are not for anybody to carry."""
    time, left = formulation.time, 1.0 - at.closed
    days = np.where(time.present, time.available_days, 0.0)
    part = (days * left).sum(axis=1) / np.maximum(days.sum(axis=1), np.finfo(float).tiny)
    seasonal = wish.sum(axis=2)[:, :, None] * weights[None]
    steady = (np.abs(wish - seasonal) <= NEAR).all(axis=(1, 2))
    there = ((time.weight > 0) & (time.productivity == 1.0) | fixed).all(axis=1)
    return replace(
        time,
        present=time.present & (left > 0),
        available_days=time.available_days * left,
        hours=time.hours * left,
        weight=np.where(fixed, 0.0, time.weight * left),
        steady=steady & there,
        employed_part=time.employed_part * part,
    )


def _left_of(limits: Limits, *, base: Ints, quota: Ints) -> Limits:
    """Return what limits leave to the rest, given what stays.

    Raises
    ------
    InfeasibleError
        When what stays is more than a limit allows; it names them all.
    """
    broken: list[str] = []
    sums = []
    for one in limits.sums:
        stays = one.total((quota if one.of_quota else base).astype(float))
        broken += [one.label] if stays > one.upper else []
        sums.append(replace(one, lower=one.lower - stays, upper=one.upper - stays))
    ranges = []
    for span in limits.ranges:
        each = (quota if span.of_quota else base).sum(axis=(1, 2)).astype(float)
        broken += [span.label] if (each > span.upper).any() else []
        ranges.append(replace(span, lower=np.maximum(span.lower - each, 0.0), upper=np.maximum(span.upper - each, 0.0)))
    if broken:
        raise InfeasibleError(
            f"closed and frozen periods hold more than these limits allow: {'; '.join(broken)}",
            hint="Raise them, or take them out: what is closed does not change.",
            relaxation=Relaxation(changes=()),
        )
    return replace(limits, sums=tuple(sums), ranges=tuple(ranges))


def _with_most_rise(limits: Limits, carried: Ints, most_rise: float, *, known: Bools) -> Limits:
    """Return the limits with a cap on what the rest of each rep's number may come to; who is new has none."""
    caps = np.floor(np.maximum(carried, 0) * (1.0 + most_rise) + 1e-9)
    upper = np.where(known, caps, np.inf)
    cap = RangeLimit(f"rise of at most {most_rise:.0%}", of_quota=True, lower=np.full(len(upper), -np.inf), upper=upper)
    return replace(limits, ranges=(*limits.ranges, cap))

"""The last look: a rounded plan keeps every rule that is not allowed to give way, or it does not become a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import VerificationError
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.formulate.answering import Answered
    from planalloc.formulate.formulation import Formulation
    from planalloc.types import Floats, Ints

__all__ = ["broken_rules", "verify", "verify_hours", "verify_rules"]

SEASON_UNITS = 1.0 + 1e-6
"""After rounding, a line's period, shortfall included, is within one unit of its season (F-13)."""


def verify(formulation: Formulation, answered: Answered, *, base: Ints, quota: Ints, shortfall: Ints) -> None:
    """Check a plan in whole units against S-1, coverage, presence, limits and season.

    Parameters
    ----------
    formulation : Formulation
        What the plan answers to.
    answered : Answered
        The plan before rounding.
    base, quota : Ints
        Shape (R, S, T).
    shortfall : Ints
        Shape (S, T).

    Raises
    ------
    VerificationError
        When any of them is broken; it says which, for whom and by how much.
    """
    broken = broken_rules(formulation, base, quota, shortfall)
    names = [record_key(line) for line in formulation.index.lines]
    for what, amounts, whole in (
        ("with its shortfall", base.sum(axis=0) + shortfall, formulation.targets.astype(float)),
        ("in its shortfall", shortfall, answered.shortfall),
    ):
        drift = np.abs(amounts - answered.weights * whole[:, None])
        broken += [
            f"{names[s]} {what} is {drift[s, t]:.3f} units off its season in {formulation.index.periods[t].id}"
            for s, t in np.argwhere(drift > SEASON_UNITS)
        ]
    _refuse(broken)


def verify_rules(formulation: Formulation, *, base: Ints, quota: Ints, shortfall: Ints) -> None:
    """Check a plan that stays as it is, as `verify` does, but for the season and for bands.

    Edits by hand may have left the season; a band that holds over the year need not hold over what is left of it.
    """
    _refuse(broken_rules(formulation, base, quota, shortfall, mixes=()))


def _refuse(broken: list[str]) -> None:
    if broken:
        raise VerificationError(
            f"the plan in whole units breaks {len(broken)} rules: " + "; ".join(broken[:5]),
            hint="This is a defect of planalloc: please report it with the problem's JSON.",
        )


HOURS_TOLERANCE = 1e-6
"""Relative excess of hours that is rounding error."""


def verify_hours(formulation: Formulation, *, planned: Floats, allowed: Floats) -> None:
    """Check that whole activities take no more hours than there are, overtime included (F-18).

    Parameters
    ----------
    formulation : Formulation
        What the plan answers to.
    planned, allowed : Floats
        Hours, shape (R, T).

    Raises
    ------
    VerificationError
        When somebody is planned for more; it says who, when and by how much.
    """
    over = planned - allowed
    index = formulation.index
    broken = [
        f"{index.reps[r].id} is planned for {over[r, t]:g} hours too many in {index.periods[t].id}"
        for r, t in np.argwhere(over > HOURS_TOLERANCE * np.maximum(allowed, 1.0))
    ]
    _refuse(broken)


def broken_rules(
    formulation: Formulation, base: Ints, quota: Ints, shortfall: Ints, *, mixes: Sequence[Ints] | None = None
) -> list[str]:
    """Return, in words, what a plan in whole units breaks of S-1, coverage, presence and limits.

    Parameters
    ----------
    formulation : Formulation
        What the plan answers to.
    base, quota : Ints
        Shape (R, S, T).
    shortfall : Ints
        Shape (S, T).
    mixes : sequence of Ints, optional
        Parts of the horizon, shape (R, S, T) each, of which one has to keep the bands on mixes; by default all of it.
        Where there is none, bands are not looked at.
    """
    broken: list[str] = []
    names = [record_key(line) for line in formulation.index.lines]
    off = base.sum(axis=(0, 2)) + shortfall.sum(axis=1) - formulation.targets
    broken += [f"{names[s]} misses its target by {off[s]} units" for s in np.flatnonzero(off)]
    if (base < 0).any() or (quota < 0).any() or (shortfall < 0).any():
        broken.append("a number is negative")
    strangers = (base > 0) & ~formulation.may_carry
    broken += [
        f"{formulation.index.reps[r].id} carries {names[s]} without covering it or without being there"
        for r, s in {(int(r), int(s)) for r, s, _ in np.argwhere(strangers)}
    ]
    broken += _broken_limits(formulation, base.astype(float), quota.astype(float))
    broken += _broken_bands(formulation, (base,) if mixes is None else mixes)
    return broken


def _broken_limits(formulation: Formulation, base: Floats, quota: Floats) -> list[str]:
    """Return what limits other than bands are missed by."""
    reps, limits, broken = formulation.index.reps, formulation.limits, []
    for one in limits.sums:
        off = one.excess(quota if one.of_quota else base)
        broken += [f"{one.label!r} is missed by {off:g} units"] if off else []
    for span in limits.ranges:
        each = span.excess(quota if span.of_quota else base)
        broken += [f"{span.label!r} is missed by {each[r]:g} units for {reps[r].id}" for r in np.flatnonzero(each)]
    return broken


def _broken_bands(formulation: Formulation, mixes: Sequence[Ints]) -> list[str]:
    """Return whose mix leaves a band in each of these parts of the horizon.

    Bands hold to what one unit of a line and of a total make (F-4).
    """
    reps, limits, broken = formulation.index.reps, formulation.limits, []
    for band in limits.bands if mixes else ():
        allowed = 1.0 + (1.0 + band.tolerance) * limits.mix
        missed = [(np.abs(band.excess(one.astype(float), mix=limits.mix)) > allowed).any(axis=1) for one in mixes]
        broken += [
            f"{band.label!r} is missed by more than a unit for {reps[r].id}"
            for r in np.flatnonzero(np.all(missed, axis=0))
        ]
    return broken

"""F-13: from floats to whole rounding units, limits included."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

from planalloc.errors import InfeasibleError
from planalloc.formulate.alike import Classes, classes
from planalloc.formulate.repairing import wider_by_a_unit
from planalloc.numerics.dealing import deal
from planalloc.numerics.rounding import controlled_round

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.formulate.answering import Answered
    from planalloc.formulate.formulation import Formulation
    from planalloc.formulate.limits import LimitSum
    from planalloc.types import Bools, Floats, Ints

__all__ = ["whole_base", "whole_quota", "whole_reference", "with_reference"]


def whole_base(formulation: Formulation, answered: Answered) -> tuple[Ints, Ints]:
    """Round the base and the shortfall together, so that each line still adds up to its target (S-1).

    Parameters
    ----------
    formulation : Formulation
        What the plan answers to.
    answered : Answered
        The plan in floats.

    Returns
    -------
    base : Ints
        Shape (R, S, T).
    shortfall : Ints
        Shape (S, T); it follows the season.

    Raises
    ------
    InfeasibleError
        When no whole-unit answer keeps all limits; it names those to blame.
    """
    unmet = answered.weights * answered.shortfall[:, None]
    limits = [one for one in formulation.limits.sums if not one.of_quota or _unhedged(formulation, one)]
    found = _rounded(formulation, np.concatenate([answered.base, unmet[None]]), limits)
    return found[:-1], found[-1]


def whole_quota(formulation: Formulation, answered: Answered, *, base: Ints) -> Ints:
    """Round what people carry, shape (R, S, T): the base, or base x hedge for those who are hedged (F-14).

    Raises
    ------
    InfeasibleError
        When no whole-unit answer keeps all limits on quotas; it names those to blame.
    """
    hedged = formulation.index.hedge != 1.0
    if not hedged.any():
        return base
    limits = [_of_some(one, base, hedged) for one in formulation.limits.sums if one.of_quota and one.reps[hedged].any()]
    carried = formulation.quota(answered.base)[hedged]
    if not limits and not any(one.of_quota for one in formulation.limits.ranges):
        carries = base[hedged].sum(axis=2, keepdims=True) > 0  # nothing is nothing, hedged or not
        carried = np.where(carries, carried, 0.0)
    quota = base.copy()
    quota[hedged] = _rounded(formulation, carried, limits)
    return quota


def _of_some(limit: LimitSum, base: Ints, hedged: Bools) -> LimitSum:
    """Return what a limit leaves to the reps who are hedged, the others' numbers being what they are."""
    others = limit.total(np.where(hedged[:, None, None], 0, base).astype(float))
    return replace(limit, reps=limit.reps[hedged], lower=limit.lower - others, upper=limit.upper - others)


def whole_reference(formulation: Formulation, answered: Answered, *, base: Ints) -> Ints:
    """Round the reference, shape (R, S, T); it is the base itself where it breaks no limit."""
    if answered.path == "reference":
        return base
    if formulation.whole_reference is not None:
        return formulation.whole_reference
    return _rounded(formulation, formulation.reference, [])


def with_reference(formulation: Formulation, answered: Answered, reference: Ints) -> Formulation:
    """Return a formulation that knows its reference in whole units, where no limit had a say in the rounding of it."""
    if answered.path == "reference" and formulation.limits:
        return formulation
    return replace(formulation, whole_reference=reference)


def _unhedged(formulation: Formulation, limit: LimitSum) -> bool:
    return bool((formulation.index.hedge[limit.reps] == 1.0).all())


def _rounded(formulation: Formulation, cells: Floats, limits: Sequence[LimitSum]) -> Ints:
    """Round class by class of reps who are alike, and deal each class's whole numbers out to its members (S-3)."""
    rows = cells.reshape(len(cells), -1)
    within = [np.append(one.reps, np.zeros(len(cells) - len(one.reps), dtype=bool)) for one in limits]
    alike = classes(rows, *within)
    order = np.argsort(alike.first)  # in the order of ids, the shortfall last
    alike = Classes(alike.first[order], np.argsort(order)[alike.which], alike.size[order])
    boxes = [_box(one, alike, cells.shape) for one in limits]
    found = _round(formulation, cells[alike.first] * alike.size[:, None, None], limits, boxes)
    whole = found[alike.which]
    for number in np.flatnonzero(alike.size > 1):
        members = np.flatnonzero(alike.which == number)
        whole[members] = deal(found[number], len(members))
    return whole


def _round(formulation: Formulation, cells: Floats, limits: Sequence[LimitSum], boxes: list[csr_array]) -> Ints:
    blocks, problem = formulation.blocks, formulation.ground.problem
    found = _try(cells, blocks, limits, boxes)
    if found is None:
        others = [([*limits[:i], *limits[i + 1 :]], boxes[:i] + boxes[i + 1 :]) for i in range(len(limits))]
        freed = [_try(cells, blocks, *without) is not None for without in others]
        blamed = [one for one, free in zip(limits, freed, strict=True) if free] or limits
        names = tuple(one.label for one in blamed)
        raise InfeasibleError(
            f"no plan in whole units keeps all of these limits: {'; '.join(names)}",
            hint="Widen one of them by a few units, or plan in a finer unit with Policy(round_to=...).",
            relaxation=wider_by_a_unit(problem, names),
        )
    return found


def _try(cells: Floats, blocks: Ints, limits: Sequence[LimitSum], boxes: Sequence[csr_array]) -> Ints | None:
    if not limits:
        return controlled_round(cells, blocks=blocks)
    lower, upper = np.array([one.lower for one in limits]), np.array([one.upper for one in limits])
    return controlled_round(cells, blocks=blocks, limits=csr_array(vstack(boxes)), lower=lower, upper=upper)


def _box(limit: LimitSum, alike: Classes, shape: tuple[int, ...]) -> csr_array:
    """Return the cells of a limit as one row over classes x lines x periods."""
    reps = np.append(limit.reps, np.zeros(shape[0] - len(limit.reps), dtype=bool))[alike.first]
    box = reps[:, None, None] & limit.lines[None, :, None] & limit.periods[None, None, :]
    return csr_array(box.reshape(1, -1).astype(float))

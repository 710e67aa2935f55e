"""A problem as arrays: everything the engine needs, computed once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.activities import work
from planalloc.formulate.ground import Ground
from planalloc.formulate.limits import limits_in_force
from planalloc.formulate.phasing import without_gaps
from planalloc.formulate.reference import reference

if TYPE_CHECKING:
    from planalloc.formulate.activities import Work
    from planalloc.formulate.capacity import Capacity
    from planalloc.formulate.index import Index
    from planalloc.formulate.limits import Limits
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Formulation", "fair_split", "formulate"]


@dataclass(frozen=True)
class Formulation:
    """One problem as arrays, for R reps, S lines, T periods. Money is in rounding units.

    Parameters
    ----------
    ground : Ground
        Names, people's time, targets and seasons.
    index : Index
        Names and positions.
    time : Capacity
        Who is there when.
    targets : Ints
        Line targets, shape (S,).
    season : Floats
        Season as the strategy asks for it, shape (S, T).
    weights : Floats
        Season as it can be carried: nothing in periods where nobody who covers the line is there, shape (S, T).
    blocks : Ints
        Season block of each period, shape (S, T).
    reference : Floats
        Fair split, shape (R, S, T).
    work : Work
        Activities and hours.
    limits : Limits
        What may not move, or only so far.
    whole_reference : Ints or None
        The fair split in whole units, shape (R, S, T), once it has been rounded.
    """

    ground: Ground
    index: Index
    time: Capacity
    targets: Ints
    season: Floats
    weights: Floats
    blocks: Ints
    reference: Floats
    work: Work
    limits: Limits
    whole_reference: Ints | None = None

    @property
    def may_carry(self) -> Bools:
        """Whether a rep covers a line and is there in a period, shape (R, S, T)."""
        return self.index.eligible[:, :, None] & (self.time.weight > 0)[:, None, :]

    @property
    def full_coverage(self) -> Floats:
        """Coverage that the strategy wants, of reps who are there to work accounts at all, shape (R, segments)."""
        return self.wanted_coverage * self.work.reachable[:, None]

    @property
    def wanted_coverage(self) -> Floats:
        """Coverage that the strategy wants, by rep and segment, shape (R, segments)."""
        return np.tile([one.coverage for one in self.index.segments], (len(self.index.reps), 1)).astype(float)

    def quota(self, base: Floats) -> Floats:
        """Return what people carry for a base of shape (R, S, T) (F-14)."""
        return base * self.index.hedge[:, None, None]


def formulate(
    problem: PlanningProblem,
    *,
    ground: Ground | None = None,
    known: Formulation | None = None,
    fair: Floats | None = None,
) -> Formulation:
    """Return a problem as arrays.

    Parameters
    ----------
    problem : PlanningProblem
        In canonical order, with no finding of level error.
    ground : Ground, optional
        The problem's, where it has been worked out already.
    known : Formulation, optional
        Of a problem whose ground carries this one, too: everything but the limits is taken from it.
    fair : Floats, optional
        The reference, shape (R, S, T), where it is another one than the fair split.
    """
    ground = Ground(problem) if ground is None else ground
    index, time, targets = ground.index, ground.time, ground.targets
    if known is not None:
        limits = limits_in_force(index, time=time, reference=known.reference, targets=targets.astype(float))
        return replace(known, ground=ground, index=index, limits=limits)
    season, blocks = ground.seasons
    weights = _carried_season(ground)
    fair = fair_split(ground) if fair is None else fair
    limits = limits_in_force(index, time=time, reference=fair, targets=targets.astype(float))
    return Formulation(ground, index, time, targets, season, weights, blocks, fair, work(index, time), limits)


def fair_split(ground: Ground) -> Floats:
    """Return the fair split of a problem (F-11), shape (R, S, T)."""
    return reference(ground.index, _carried_season(ground) * ground.targets[:, None], time=ground.time)


def _carried_season(ground: Ground) -> Floats:
    """Return the season as it can be carried, shape (S, T)."""
    carried = np.einsum("rs,rt->st", ground.index.eligible, ground.time.weight > 0)
    return without_gaps(ground.seasons[0], carried=carried)

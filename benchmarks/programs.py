"""The linear programs that peers are handed: the very arrays of ours, and the same question in absolute deviations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack

if TYPE_CHECKING:
    from planalloc.formulate.compile import Compiled
    from planalloc.lp.program import LinearProgram

__all__ = ["absolute_program", "first_program"]

FIRST_TIER_WEIGHT = 100.0
"""What a unit of the first tier costs in the absolute form, where a unit of distance costs one."""


def first_program(compiled: Compiled) -> LinearProgram:
    """Return the program of the first tier: the first that any solver is asked."""
    return compiled.program.but(cost=compiled.tiers[0].cost)


def absolute_program(compiled: Compiled) -> LinearProgram:
    """Return one linear program for all tiers: ``100 * first + others + sum |x - wish|``.

    The wish is where the last tier, strictly convex, is least: for money, the reference. Its columns are split into
    what is above and what is below it.
    """
    program, last = compiled.program, compiled.tiers[-1]
    assert last.quadratic is not None  # noqa: S101 -- the distance is strictly convex
    curved = np.flatnonzero(last.quadratic > 0)
    wish = np.zeros(program.n_columns)
    wish[curved] = np.clip(-last.cost[curved] / last.quadratic[curved], program.lower[curved], program.upper[curved])
    weights = [FIRST_TIER_WEIGHT, *np.ones(len(compiled.tiers) - 2)]
    cost = sum((weight * tier.cost for weight, tier in zip(weights, compiled.tiers[:-1], strict=True)), np.zeros(1))
    at_wish = program.matrix @ wish
    return program.but(
        cost=np.concatenate([cost + (last.quadratic > 0), 1.0 - cost[curved]]),
        matrix=csr_array(hstack([program.matrix, -program.matrix[:, curved]])),
        row_lower=program.row_lower - at_wish,
        row_upper=program.row_upper - at_wish,
        lower=np.concatenate([np.where(last.quadratic > 0, 0.0, program.lower), np.zeros(curved.size)]),
        upper=np.concatenate([program.upper - wish, (wish - program.lower)[curved]]),
    )

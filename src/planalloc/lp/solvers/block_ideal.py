"""Several objectives where all but the last can be as good as their columns' bounds allow: one path for all of them."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from planalloc.lp.residuals import checked
from planalloc.lp.solvers.block import Block, Reduced
from planalloc.lp.solvers.block_path import block_path
from planalloc.lp.solvers.block_polish import guesses
from planalloc.lp.solvers.rowless import solve_rowless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planalloc.lp.lexicographic import Tier
    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solution import Solution
    from planalloc.types import Floats

__all__ = ["solve_ideal"]

TOLD = "tiers before the last at their bounds"


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def solve_ideal(program: LinearProgram, tiers: Sequence[Tier], *, attempts: int = 12) -> list[Solution] | None:
    """Minimize all tiers, as `lexicographic` does, where each but the last is at the least that bounds allow.

    A column that costs something in a tier before the last is fixed where it costs least. If the rest has an answer,
    no answer is better in any of these tiers, and they need no program of their own.

    Parameters
    ----------
    program : LinearProgram
        The ranges of rows and columns; its own cost is not used.
    tiers : Sequence[Tier]
        In order of importance; only the last may have a quadratic term.
    attempts : int
        Guesses of what binds that are tried before it is given up.

    Returns
    -------
    list of Solution or None
        As from `lexicographic`. None where some tier cannot be at its least, or has none, where two tiers pull at a
        column in different directions, where the program has no shape, or where no answer was certified.

    Examples
    --------
    Nothing need be left of the ten units in the last column; the second tier wants the others even.

    >>> from planalloc.lp.lexicographic import Tier
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=np.zeros(3),
    ...     matrix=[[1.0, 1.0, 1.0]],
    ...     row_lower=[10.0],
    ...     row_upper=[10.0],
    ...     lower=np.zeros(3),
    ...     upper=np.full(3, np.inf),
    ... )
    >>> tiers = [Tier("left over", np.array([0.0, 0.0, 1.0])), Tier("evenness", np.zeros(3), np.ones(3))]
    >>> solve_ideal(program, tiers)[-1].x.round(9).tolist()
    [5.0, 5.0, 0.0]
    """
    face = _face(program, tiers)
    if face is None:
        return None
    for x, duals, iterations in islice(_answers(face), attempts):
        tell = partial(checked, solver=Block.name, iterations=iterations, raw_status=TOLD)
        last = tell(face, x, duals)
        if not last.ok:
            continue
        free = np.zeros(program.n_rows)
        found = [tell(program.but(cost=tier.cost, quadratic=tier.quadratic), x, free) for tier in tiers[:-1]]
        if all(one.ok for one in found):
            return [*found, last]
    return None


def _face(program: LinearProgram, tiers: Sequence[Tier]) -> LinearProgram | None:
    """Return the program of the last tier on what would be the optima of all others, None where there are none."""
    lower, upper = program.lower.copy(), program.upper.copy()
    for tier in tiers[:-1]:
        lower[tier.cost < 0] = upper[tier.cost < 0]
        upper[tier.cost > 0] = lower[tier.cost > 0]
        at = lower[tier.cost != 0]
        if not np.isfinite(at).all() or (at != upper[tier.cost != 0]).any():
            return None
    fits = (lower >= program.lower).all() and (upper <= program.upper).all() and (lower <= upper).all()
    last = tiers[-1]
    return program.but(cost=last.cost, quadratic=last.quadratic, lower=lower, upper=upper) if fits else None


def _answers(face: LinearProgram) -> Iterator[tuple[Floats, Floats, int]]:
    """Yield amounts and duals that may be optimal, with the steps they took."""
    if solve_rowless(face, solver=Block.name) is not None:
        return
    reduced = Reduced.of(face)
    if reduced is None or solve_rowless(reduced.program, solver=Block.name) is not None:
        return
    for near_x, near_y, iterations in block_path(reduced.program, reduced.system):
        for x, y in guesses(reduced.program, reduced.system, near_x, near_y):
            yield *reduced.back(x, y), iterations

"""Several objectives, strictly one after the other, from one path: all tiers at once, each with its own certificate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from planalloc.lp.lexicographic import narrowed
from planalloc.lp.residuals import checked
from planalloc.lp.solvers.block import Block, Reduced
from planalloc.lp.solvers.block_path import block_path
from planalloc.lp.solvers.block_polish import binding_at, guesses, solved
from planalloc.lp.solvers.rowless import solve_rowless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planalloc.lp.lexicographic import Tier
    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solution import Solution
    from planalloc.types import Floats

__all__ = ["solve_tiers"]

_DEARER = 1e3
"""How much dearer than the next tier each is made. Enough where no unit of it can be bought by that many of the next;
where it is not enough the certificates show it."""


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def solve_tiers(program: LinearProgram, tiers: Sequence[Tier], *, attempts: int = 20) -> list[Solution] | None:
    """Minimize the first tier, among its optima the second, and so on, as `lexicographic` does, but in one go.

    The tiers are weighted, each far dearer than the next, and one path is followed. At its end the sides that bind are
    known. The equations for what they bind are linear in the costs, so that each tier's own duals follow from them,
    however the weights were; and with its own duals each tier is checked on the optima of those before it.

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
        As from `lexicographic`. None where the program has no shape, or some tier is left without a certificate.

    Raises
    ------
    ValueError
        When a tier before the last has a quadratic term.

    References
    ----------
    .. [1] H. D. Sherali, A. L. Soyster, "Preemptive and nonpreemptive multi-objective programming: relationship and
           counterexamples", Journal of Optimization Theory and Applications 39 (1983) 173-186.

    Examples
    --------
    Ten units are cheapest in the last two columns, whatever their shares; the second tier wants these even.

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
    >>> tiers = [Tier("price", np.array([2.0, 1.0, 1.0])), Tier("evenness", np.zeros(3), np.ones(3))]
    >>> solve_tiers(program, tiers)[-1].x.round(9).tolist()
    [0.0, 5.0, 5.0]
    """
    if any(tier.quadratic is not None and np.any(tier.quadratic) for tier in tiers[:-1]):
        raise ValueError("only the last tier may have a quadratic term")
    for attempt in islice(_attempts(program, tiers), attempts):
        found = attempt.certified()
        if found is not None:
            return found
    return None


@dataclass(frozen=True, eq=False)
class _Attempt:
    """Amounts that may be optimal in all tiers, with duals for each of them."""

    program: LinearProgram
    tiers: Sequence[Tier]
    x: Floats
    row_duals: list[Floats]
    iterations: int

    def certified(self) -> list[Solution] | None:
        """Return the solutions if they pass our own check, tier after tier."""
        face, found = self.program, []
        for tier, duals in zip(self.tiers, self.row_duals, strict=True):
            current = face.but(cost=tier.cost, quadratic=tier.quadratic)
            solution = checked(
                current, self.x, duals, solver=Block.name, iterations=self.iterations, raw_status="all tiers at once"
            )
            if not solution.ok:
                return None
            found.append(solution)
            if current.linear:
                face = narrowed(current, solution)
        return found


def _attempts(program: LinearProgram, tiers: Sequence[Tier]) -> Iterator[_Attempt]:
    """Follow the path of the weighted tiers, and take them apart again where it is near its end."""
    weights = _weights(tiers)
    cost = sum(weight * tier.cost for weight, tier in zip(weights, tiers, strict=True))
    weighted = program.but(cost=cost, quadratic=tiers[-1].quadratic)
    if solve_rowless(weighted, solver=Block.name) is not None:
        return
    reduced = Reduced.of(weighted)
    if reduced is None or solve_rowless(reduced.program, solver=Block.name) is not None:
        return
    for near_x, near_y, iterations in block_path(reduced.program, reduced.system):
        for x, y in guesses(reduced.program, reduced.system, near_x, near_y):
            try:
                taken = _taken_apart(reduced, tiers, x, y, weights)
            except np.linalg.LinAlgError:
                continue
            yield _Attempt(program, tiers, *taken, iterations)


def _weights(tiers: Sequence[Tier]) -> Floats:
    """Return the weight of each tier, one for the last."""
    steepest = np.array([float(np.abs(tier.cost).max(initial=0.0)) or 1.0 for tier in tiers])
    weights: Floats = _DEARER ** np.arange(len(tiers) - 1, -1, -1.0) / steepest * steepest[-1]
    return weights


def _taken_apart(
    reduced: Reduced, tiers: Sequence[Tier], x: Floats, y: Floats, weights: Floats
) -> tuple[Floats, list[Floats]]:
    """Return the amounts of the last tier and the duals of each, from what binds at `x` and `y`."""
    binding = binding_at(reduced.program, reduced.system, x, y)
    columns = reduced.scaling.columns
    rest = y * reduced.scaling.price
    duals = []
    for weight, tier in zip(weights, tiers, strict=True):
        cost, curvature = tier.cost[reduced.free] * columns, np.zeros(x.size)
        if tier.quadratic is not None:
            curvature = tier.quadratic[reduced.free] * columns**2 * reduced.scaling.amount
        price = max(float(np.abs(cost).max(initial=0.0)), float(curvature.max(initial=0.0))) or 1.0
        own = reduced.program.but(cost=cost / price, quadratic=curvature / price)
        amounts, multipliers = solved(own, reduced.system, x, rest / (weight * price), binding=binding)
        rest = rest - weight * price * multipliers
        whole, row_duals = replace(reduced, scaling=replace(reduced.scaling, price=price)).back(amounts, multipliers)
        duals.append(row_duals)
    return whole, duals

"""Published cases of balance: the lexicographic engine on a classic, and what "even" is measured in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.sparse import csr_array

import planalloc as pa
from planalloc.lp.lexicographic import Tier, lexicographic
from planalloc.lp.program import LinearProgram
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

if TYPE_CHECKING:
    from planalloc.types import Floats


def ordered_worst(matrix: Floats, least: Floats) -> tuple[LinearProgram, list[Tier]]:
    """Return matrix @ x >= least and, for k = 1 ... n, the tier "sum of the k largest x is least".

    The sum of the k largest is the minimum of k t + sum of the excesses of x over t (Ogryczak and Sliwinski 2003).
    """
    rows, n = matrix.shape
    columns = n + n + n * n  # x, one t a tier, the excesses of each tier
    blocks = [np.hstack([matrix, np.zeros((rows, columns - n))])]
    tiers = []
    for k in range(1, n + 1):
        block = np.zeros((n, columns))
        own = slice(2 * n + (k - 1) * n, 2 * n + k * n)
        block[:, :n], block[:, n + k - 1], block[:, own] = -np.eye(n), 1.0, np.eye(n)
        blocks.append(block)
        cost = np.zeros(columns)
        cost[n + k - 1], cost[own] = k, 1.0
        tiers.append(Tier(f"{k} largest", cost))
    whole = np.vstack(blocks)
    lower = np.concatenate([least, np.zeros(n * n)])
    free = np.concatenate([np.zeros(n), np.full(n, -np.inf), np.zeros(n * n)])
    program = LinearProgram(
        cost=np.zeros(columns),
        matrix=csr_array(whole),
        row_lower=lower,
        row_upper=np.full(len(lower), np.inf),
        lower=free,
        upper=np.full(columns, np.inf),
    )
    return program, tiers


def test_the_least_worst_in_order_is_found_tier_by_tier() -> None:
    """LINDO Systems, "LexMinMax02": inputs as published, the sorted answer computed elsewhere."""
    matrix = np.array(
        [
            [1, 2, 4, 7, 0, 0],
            [2.5, 3.5, 0, 0, 5.2, 0],
            [0, 0.4, 0, 1.3, 0, 7.2],
            [0, 2.5, 3.5, 0, 5.2, 0],
            [3.5, 0, 0, 3.5, 0, 5.2],
        ]
    )
    program, tiers = ordered_worst(matrix, np.array([16, 17.5, 12, 13.1, 18.2]))
    solutions = lexicographic(program, tiers, linear=Highs(), convex=InteriorPoint())
    worst = np.sort(solutions[-1].x[:6])[::-1]
    assert worst == pytest.approx([1.5625, 1.5625, 1.5625, 1.46336, 1.46336, 0.30536], abs=5e-6)


def test_the_distance_is_measured_in_parts_and_not_in_units() -> None:
    """Williams, Model Building in Mathematical Programming, example 13: a balance must name its unit.

    His division with the least sum of absolute deviations is not the one with the least sum of percentages. Ours is by
    parts of each reference: who carries ten times as much gives ten times as much, whatever the currency.
    """
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=2_100_000, currency="EUR", shares={"A": 1}, reps=["alice", "bruno", "chloe"]
    )
    reps = [pa.Rep(id="alice"), pa.Rep(id="bruno", fte=0.1), pa.Rep(id="chloe")]
    pinned = problem.replace(*reps).add(pa.Pin(rep="chloe", quota=1_100_000, name="chloe"))
    quota = {row["rep"]: row for row in pa.allocate(pinned).quotas.by("rep").to_dicts()}
    given = {rep: quota[rep]["reference"] - quota[rep]["base"] for rep in ("alice", "bruno")}
    assert given == pytest.approx({"alice": 90_909, "bruno": 9_091}, abs=1)
    tenth = pinned.replace(
        pinned.strategy.but(revenue=21_000_000),
        pa.Pin(rep="chloe", quota=11_000_000, name="chloe"),
        pa.Policy(round_to=10),
    )
    again = {row["rep"]: row["base"] for row in pa.allocate(tenth).quotas.by("rep").to_dicts()}
    assert again == {rep: 10 * row["base"] for rep, row in quota.items()}

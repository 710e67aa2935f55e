"""The programs of random companies: solvers agree on every tier, and no dual promises more than a plan can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companies import companies
from planalloc.formulate.answering import program_of
from planalloc.formulate.formulation import formulate
from planalloc.lp.lexicographic import lexicographic
from planalloc.lp.residuals import objective_scale
from planalloc.lp.solvers import available, solver_named
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

if TYPE_CHECKING:
    from planalloc.formulate.compile import Compiled
    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def compiled(problem: object) -> Compiled:
    """Return the program of a company."""
    return program_of(formulate(problem.canonical()))  # type: ignore[attr-defined]


def promised(program: LinearProgram, duals: Floats) -> float:
    """Return the least that any plan costs, as any duals of the rows prove it (weak duality)."""
    slopes = program.cost - program.matrix.T @ duals
    total = 0.0
    for prices, low, high in ((duals, program.row_lower, program.row_upper), (slopes, program.lower, program.upper)):
        side = np.where(prices > 0, low, high)
        used = np.abs(prices) > 1e-9 * max(1.0, float(np.abs(prices).max(initial=0.0)))  # less is rounding error
        total += float(prices[used] @ side[used])
    return total


@pytest.mark.parametrize("name", available())
@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(companies(limits=False))
def test_solvers_agree_on_the_value_of_every_tier(name: str, problem: object) -> None:
    """Whoever solves the linear tiers, each comes to the same, one after the other."""
    program = compiled(problem)
    ours = lexicographic(program.program, program.tiers, linear=Highs(), convex=InteriorPoint())
    theirs = lexicographic(program.program, program.tiers, linear=solver_named(name), convex=InteriorPoint())
    for tier, one, other in zip(program.tiers, ours, theirs, strict=True):
        scale = objective_scale(program.program.but(cost=tier.cost, quadratic=tier.quadratic), one.x)
        assert abs(one.objective - other.objective) <= 1e-8 * max(scale, 1.0)


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(companies(limits=False), st.floats(0, 1))
def test_no_duals_promise_more_than_a_plan_costs(problem: object, part: float) -> None:
    """Weak duality: what duals prove is never above what a plan costs; the optimal ones prove all of it.

    Costs are not negative here, so that duals of nothing are feasible, and any part of the optimal ones with them.
    """
    program = compiled(problem)
    first = program.program.but(cost=program.tiers[0].cost)
    solution = Highs().solve(first)
    scale = max(objective_scale(first, solution.x), 1.0)
    assert promised(first, solution.row_duals) == pytest.approx(solution.objective, abs=1e-7 * scale)
    less = promised(first, part * solution.row_duals)
    assert np.isfinite(less)
    assert less <= solution.objective + 1e-7 * scale

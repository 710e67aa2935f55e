"""The solver for programs of blocks, against the general ones; what every solver must do is in the contract suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import block_diag, csr_array, hstack, random_array, vstack

from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import certified, residuals
from planalloc.lp.solution import Reason
from planalloc.lp.solvers.block import NO_SHAPE, Block
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

if TYPE_CHECKING:
    from planalloc.types import Floats

INF = np.inf
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def blocks(seed: int, *, curved: bool, most: int = 30) -> LinearProgram:
    """Make a feasible and bounded program of blocks of unequal size, some empty, with rows and columns that tie.

    Some rows are equations, some columns free or fixed; a linking row is there twice, and so is a row of the last
    block.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(int(rng.integers(2, most))):
        m, k = int(rng.integers(0, 5)), int(rng.integers(0, 6))
        parts.append(np.rint(rng.normal(size=(m, k)) * 2.0) * (rng.random((m, k)) < 0.8))
    local = csr_array(block_diag([*parts, np.ones((1, 2))], format="csr"))
    n_links = int(rng.integers(1, 4))
    ties = rng.random((n_links, local.shape[1])) * (rng.random((n_links, local.shape[1])) < 0.6)
    lone = np.vstack(
        [np.zeros((local.shape[0], n_links)), np.eye(n_links), np.eye(n_links)[:1], np.zeros((1, n_links))]
    )
    own = vstack([local, csr_array(ties), csr_array(ties[:1]), local[-1:]])
    matrix = csr_array(hstack([own, csr_array(lone)], format="csr"))
    m, n = matrix.shape
    inside = rng.normal(size=n)
    middle = matrix @ inside
    equal = rng.random(m) < 0.2
    room = np.where(equal, 0.0, rng.choice([0.0, 0.5, 2.0], m))
    lower = np.where(equal | (rng.random(m) < 0.5), middle - room, -INF)
    upper = np.where(equal | (rng.random(m) < 0.8), middle + room, INF)
    for twin, original in ((m - 2, m - 2 - n_links), (m - 1, local.shape[0] - 1)):
        lower[twin], upper[twin] = lower[original], upper[original]
    return LinearProgram(
        cost=rng.normal(size=n),
        quadratic=rng.random(n) * (rng.random(n) < 0.7) if curved else None,
        matrix=matrix,
        row_lower=lower,
        row_upper=upper,
        lower=inside - rng.choice([0.0, 0.5, 2.0], n),
        upper=inside + rng.choice([0.0, 0.5, 2.0], n),
    )


def sellers(many: int, *, hours: float = 10.0) -> LinearProgram:
    """Sell three units of each of two lines per seller, an hour a unit, as cheaply as the hours of each allow."""
    columns = 2 * many
    return LinearProgram(
        cost=np.random.default_rng(7).uniform(1.0, 2.0, columns),
        matrix=np.vstack([np.kron(np.eye(many), np.ones((1, 2))), np.tile(np.eye(2), many)]),
        row_lower=np.concatenate([np.full(many, -INF), np.full(2, 3.0 * many)]),
        row_upper=np.concatenate([np.full(many, hours), np.full(2, INF)]),
        lower=np.zeros(columns),
        upper=np.full(columns, INF),
    )


@given(SEEDS)
@settings(max_examples=50, deadline=None)
def test_linear_programs_of_blocks_have_the_optimum_that_highs_finds(seed: int) -> None:
    """Blocks of any size, ties, redundant equations: same objective as the simplex method."""
    program = blocks(seed, curved=False)
    solution, known = Block().solve(program), Highs().solve(program)
    assert solution.ok
    assert solution.objective == pytest.approx(known.objective, rel=1e-8, abs=1e-8)


@given(SEEDS)
@settings(max_examples=50, deadline=None)
def test_quadratic_programs_of_blocks_have_the_optimum_that_sparse_factors_find(seed: int) -> None:
    """With a quadratic term in some columns the objective is that of the other interior-point method."""
    program = blocks(seed, curved=True)
    solution, known = Block().solve(program), InteriorPoint().solve(program)
    assume(known.ok)
    assert solution.ok
    assert solution.objective == pytest.approx(known.objective, rel=1e-8, abs=1e-8)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_every_answer_is_certified_with_its_duals(seed: int) -> None:
    """What is called ok passes our own check when it is measured again."""
    program = blocks(seed, curved=bool(seed % 2))
    assert certified(residuals(program, Block().solve(program)))


def test_hundreds_of_blocks_give_the_duals_of_highs() -> None:
    """Where optimal duals are unique, they are the same as the simplex method's, and of the same sign."""
    program = sellers(300)
    solution, known = Block().solve(program), Highs().solve(program)
    np.testing.assert_allclose(solution.x, known.x, atol=1e-7)
    np.testing.assert_allclose(solution.objective, known.objective, rtol=1e-12)
    assert (solution.row_duals[:300] <= 1e-9).all()
    assert (solution.row_duals[300:] >= -1e-9).all()


def test_hundreds_of_blocks_that_cannot_do_it_together_are_infeasible() -> None:
    """Every block alone has an answer; only the linking rows, together, ask for too much."""
    solution = Block().solve(sellers(300, hours=5.9))
    assert solution.reason is Reason.infeasible


def test_one_block_without_end_makes_the_program_unbounded() -> None:
    """One column of three hundred sellers earns money without limit, since its block has no hours."""
    program = sellers(300)
    cost, row_upper = program.cost.copy(), program.row_upper.copy()
    cost[17], row_upper[8] = -1.0, INF
    assert Block().solve(program.but(cost=cost, row_upper=row_upper)).reason is Reason.unbounded


def test_a_dense_program_is_left_to_others() -> None:
    """Where no small blocks are found the solver says so, and claims nothing."""
    matrix = csr_array(random_array((4000, 4000), density=0.005, rng=np.random.default_rng(1)))
    zeros: Floats = np.zeros(4000)
    program = LinearProgram(
        cost=zeros + 1.0, matrix=matrix, row_lower=zeros, row_upper=zeros + INF, lower=zeros, upper=zeros + 1.0
    )
    solution = Block().solve(program)
    assert solution.reason is Reason.other
    assert solution.raw_status == NO_SHAPE

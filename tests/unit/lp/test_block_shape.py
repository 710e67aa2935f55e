"""The blocks of a program and the rows that tie them, told from the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import block_diag, csr_array, vstack

from planalloc.lp.solvers.block_newton import BlockEquations, BlockSystem
from planalloc.lp.solvers.block_shape import block_shape

if TYPE_CHECKING:
    from planalloc.types import Floats

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def tied(seed: int) -> csr_array:
    """Tie blocks of up to five rows and columns by two rows through all of them, and shuffle everything."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=rng.integers(1, 6, 2)) for _ in range(int(rng.integers(20, 60)))]
    own = csr_array(block_diag(parts, format="csr"))
    whole = csr_array(vstack([own, csr_array(rng.normal(size=(2, own.shape[1])))]))
    return csr_array(whole[rng.permutation(whole.shape[0])][:, rng.permutation(whole.shape[1])])


def rebuilt(matrix: csr_array, seed: int) -> Floats:
    """Put the stacks and the linking rows together again."""
    rng = np.random.default_rng(seed)
    shape = block_shape(matrix, equations=rng.random(matrix.shape[0]) < 0.3)
    assert shape is not None
    again = np.zeros((matrix.shape[0] + 1, matrix.shape[1] + 1))
    for stack in shape.stacks:
        again[stack.rows[:, :, None], stack.columns[:, None, :]] += stack.local
        linking = np.append(shape.linking, matrix.shape[0])
        again[linking[stack.links][:, :, None], stack.columns[:, None, :]] += stack.tie
    return again[:-1, :-1]


def test_rows_through_all_blocks_are_found() -> None:
    """Forty blocks of two rows and two columns, and a row through all of them."""
    own = np.kron(np.eye(40), np.ones((2, 2)))
    shape = block_shape(csr_array(np.vstack([np.ones((1, 80)), own])), equations=np.zeros(81, dtype=bool))
    assert shape is not None
    np.testing.assert_array_equal(shape.linking, [0])
    assert [stack.local.shape for stack in shape.stacks] == [(40, 2, 2)]


def test_blocks_with_an_equation_are_solved_by_rows() -> None:
    """By columns an equation would need an infinite weight."""
    own = np.kron(np.eye(40), np.ones((2, 2)))
    shape = block_shape(csr_array(own), equations=np.arange(80) == 5)
    assert shape is not None
    assert sorted((stack.by_column, stack.rows.shape[0]) for stack in shape.stacks) == [(False, 1), (True, 39)]


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_stacks_hold_every_entry_once(seed: int) -> None:
    """Put back in their places, the entries of all stacks are the matrix."""
    matrix = tied(seed)
    np.testing.assert_array_equal(rebuilt(matrix, seed), matrix.toarray())


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_the_equations_are_solved_as_the_whole_system_is(seed: int) -> None:
    """Blocks by rows and by columns, and their ties, give what a dense factorization of everything gives."""
    rng = np.random.default_rng(seed)
    matrix = tied(seed)
    m, n = matrix.shape
    equations = rng.random(m) < 0.1
    shape = block_shape(matrix, equations=equations)
    assert shape is not None
    d, e = rng.uniform(0.5, 2.0, n), np.where(equations, 0.1, rng.uniform(0.5, 2.0, m))
    g, r = rng.normal(size=n), rng.normal(size=m)
    dense = matrix.toarray()
    expected = np.linalg.solve(np.block([[np.diag(d), dense.T], [dense, -np.diag(e)]]), np.concatenate([g, r]))
    dx, du = BlockEquations(BlockSystem.of(matrix, shape), d, e).refined(g, r)
    np.testing.assert_allclose(np.concatenate([dx, du]), expected, atol=1e-9)

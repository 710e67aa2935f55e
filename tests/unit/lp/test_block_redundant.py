"""Rows that other rows imply change nothing, and are the only ones that are left out."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.lp.program import LinearProgram
from planalloc.lp.solvers.block_redundant import implied_rows
from planalloc.lp.solvers.block_shape import block_shape
from planalloc.lp.solvers.highs import Highs


def packing(seed: int, *, rows: int = 8, columns: int = 3) -> LinearProgram:
    """Return a program of hours: whole coefficients, so that many rows are equal to others or multiples of them."""
    numbers = np.random.default_rng(seed)
    return LinearProgram(
        cost=-numbers.integers(1, 5, columns).astype(float),
        matrix=numbers.integers(0, 3, (rows, columns)).astype(float) + np.eye(rows, columns),
        row_lower=np.full(rows, -np.inf),
        row_upper=numbers.integers(1, 4, rows).astype(float),
        lower=numbers.integers(-1, 1, columns).astype(float),
        upper=np.full(columns, 9.0),
    )


@given(st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_without_implied_rows_the_optimum_is_the_same(seed: int) -> None:
    """Every point that keeps the other rows keeps these."""
    program = packing(seed)
    shape = block_shape(program.matrix, equations=np.zeros(program.n_rows, dtype=bool))
    assert shape is not None
    kept = np.flatnonzero(~implied_rows(program, shape))
    assert kept.size
    fewer = program.but(
        matrix=program.matrix[kept], row_upper=program.row_upper[kept], row_lower=program.row_lower[kept]
    )
    both = [Highs().solve(one) for one in (program, fewer)]
    assert all(one.ok for one in both)
    assert np.isclose(both[0].objective, both[1].objective, rtol=1e-9, atol=1e-9)


def test_rows_with_a_lower_side_and_columns_without_end_are_kept() -> None:
    """A row that also asks for a least amount, or whose columns have no lower bound, is implied by nothing."""
    program = packing(1)
    shape = block_shape(program.matrix, equations=np.zeros(program.n_rows, dtype=bool))
    assert shape is not None
    assert implied_rows(program, shape).any()
    assert not implied_rows(program.but(row_lower=np.full(program.n_rows, -50.0)), shape).any()
    assert not implied_rows(program.but(lower=np.full(program.n_columns, -np.inf)), shape).any()

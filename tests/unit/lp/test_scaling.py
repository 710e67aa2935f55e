"""Scaling: exact, even, and without effect on what a program means."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from planalloc.lp.program import LinearProgram
from planalloc.lp.scaling import equilibrate, scaling_of


def random_program(seed: int) -> LinearProgram:
    """Make a quadratic program whose numbers span twelve magnitudes."""
    rng = np.random.default_rng(seed)
    m, n = rng.integers(1, 8, size=2)

    def numbers(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return rng.normal(size=shape) * np.power(10.0, rng.uniform(-6.0, 6.0, size=shape))

    middle_row, middle = numbers(m), numbers(n)
    return LinearProgram(
        cost=numbers(n),
        matrix=numbers(m, n) * (rng.random((m, n)) < 0.5),
        row_lower=middle_row - np.abs(numbers(m)),
        row_upper=middle_row + np.abs(numbers(m)),
        lower=middle - np.abs(numbers(n)),
        upper=middle + np.abs(numbers(n)),
        quadratic=np.abs(numbers(n)) * (rng.random(n) < 0.5),
    )


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_factors_are_powers_of_two(seed: int) -> None:
    """Scaling loses no digit: every factor has the mantissa one half."""
    scaling = scaling_of(random_program(seed))
    factors = np.concatenate([scaling.rows, scaling.columns, [scaling.amount, scaling.price]])
    np.testing.assert_array_equal(np.frexp(factors)[0], 0.5)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_largest_entries_are_near_one(seed: int) -> None:
    """After equilibration the largest entry of every row and column that has any is between a quarter and four."""
    matrix = random_program(seed).matrix
    rows, columns = equilibrate(matrix)
    sizes = np.abs(matrix.toarray()) * rows[:, None] * columns
    for largest in (sizes.max(axis=0), sizes.max(axis=1)):
        assert (largest[largest > 0] >= 0.25).all()
        assert (largest[largest > 0] <= 4.0).all()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_the_twin_is_the_same_program_in_other_units(seed: int) -> None:
    """Rows, slopes and bounds of program and twin agree at corresponding points."""
    program = random_program(seed)
    scaling = scaling_of(program)
    twin = scaling.apply(program)
    rng = np.random.default_rng(seed)
    x, row_duals = rng.normal(size=program.n_columns), rng.normal(size=program.n_rows)
    np.testing.assert_allclose(
        program.matrix @ scaling.x(x), twin.matrix @ x * scaling.amount / scaling.rows, rtol=1e-9, atol=1e-300
    )
    slopes = program.gradient(scaling.x(x)) - program.matrix.T @ scaling.row_duals(row_duals)
    terms = np.abs(program.cost) + np.abs(program.matrix.T) @ np.abs(scaling.row_duals(row_duals))
    twin_slopes = (twin.gradient(x) - twin.matrix.T @ row_duals) * scaling.price / scaling.columns
    assert (np.abs(slopes - twin_slopes) <= 1e-12 * (terms + np.abs(program.gradient(scaling.x(x))))).all()
    np.testing.assert_array_equal(scaling.x(twin.lower), program.lower)


def test_a_matrix_without_entries_is_left_alone() -> None:
    """Rows and columns without entries keep the factor one."""
    rows, columns = equilibrate(csr_array((2, 1)))
    assert rows.tolist() == [1.0, 1.0]
    assert columns.tolist() == [1.0]

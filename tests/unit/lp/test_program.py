"""The program as arrays: what it computes, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array, csr_array

from planalloc.lp.program import LinearProgram


def two_columns(**changes: object) -> LinearProgram:
    """Share ten units between two columns."""
    program = LinearProgram(
        cost=np.array([2.0, 1.0]),
        matrix=np.array([[1.0, 1.0]]),
        row_lower=np.array([10.0]),
        row_upper=np.array([10.0]),
        lower=np.zeros(2),
        upper=np.full(2, 9.0),
    )
    return program.but(**changes)


def test_objective_is_cost_and_half_the_quadratic_term() -> None:
    """2 * 3 + 1 * 4 + (5 * 9 + 6 * 16) / 2 is 80.5."""
    program = two_columns(quadratic=np.array([5.0, 6.0]))
    assert program.objective(np.array([3.0, 4.0])) == 80.5


def test_gradient_is_the_slope_of_the_objective() -> None:
    """The slope in the first column is 2 + 5 * 3."""
    program = two_columns(quadratic=np.array([5.0, 6.0]))
    np.testing.assert_array_equal(program.gradient(np.array([3.0, 4.0])), [17.0, 25.0])


def test_changes_make_a_new_program() -> None:
    """A changed program leaves the old one as it was."""
    program = two_columns()
    assert program.but(cost=np.zeros(2)).cost.tolist() == [0.0, 0.0]
    assert program.cost.tolist() == [2.0, 1.0]


def test_a_quadratic_term_of_zeros_is_none() -> None:
    """A program whose quadratic term vanishes is linear."""
    assert two_columns().linear
    assert two_columns(quadratic=np.zeros(2)).linear
    assert not two_columns(quadratic=np.array([0.0, 1.0])).linear


def test_entries_given_twice_are_summed() -> None:
    """The matrix holds one entry for each place, whatever came in."""
    twice = csr_array((np.array([1.0, 2.0]), np.array([1, 1]), np.array([0, 2])), shape=(1, 2))
    assert two_columns(matrix=twice).matrix.data.tolist() == [3.0]
    assert twice.nnz == 2


def test_any_sparse_matrix_is_taken() -> None:
    """A matrix in coordinates becomes one of compressed rows."""
    program = two_columns(matrix=coo_array(np.array([[1.0, 0.0]])))
    assert program.matrix.format == "csr"


def test_crossing_bounds_are_noticed() -> None:
    """Bounds that cross are no error here, but the program knows that it has them."""
    assert two_columns(lower=np.full(2, 9.5)).crossed
    assert two_columns(row_lower=np.array([11.0])).crossed
    assert not two_columns().crossed


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cost": np.zeros(3)}, "cost has shape"),
        ({"lower": np.zeros((2, 1))}, "lower has shape"),
        ({"row_upper": np.zeros(2)}, "row_upper has shape"),
        ({"quadratic": np.zeros(1)}, "quadratic has shape"),
        ({"cost": np.array([np.nan, 0.0])}, "cost must be finite"),
        ({"matrix": np.array([[np.inf, 1.0]])}, "matrix must be finite"),
        ({"quadratic": np.array([1.0, -1.0])}, "quadratic must not be negative"),
        ({"quadratic": np.array([1.0, np.inf])}, "quadratic must be finite"),
        ({"lower": np.array([0.0, np.inf])}, "lower must hold"),
        ({"upper": np.array([0.0, -np.inf])}, "upper must hold"),
        ({"row_lower": np.array([np.nan])}, "row_lower must hold"),
        ({"row_names": ("a", "b")}, "row_names holds 2 names for 1"),
        ({"column_names": ("a",)}, "column_names holds 1 names for 2"),
    ],
)
def test_arrays_that_make_no_program_are_refused(changes: dict[str, object], message: str) -> None:
    """Shapes that disagree and numbers that mean nothing raise where the program is made."""
    with pytest.raises(ValueError, match=message):
        two_columns(**changes)

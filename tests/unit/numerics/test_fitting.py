"""A fitted matrix has the given sums and keeps what the seed says about all else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from planalloc.numerics.fitting import proportional_fit
from planalloc.types import Floats

# The seeds and margins are published (README of the PyPI package ipfn 1.4.4, MIT; manual of the R package
# TeachingSampling, example of IPFP); the fitted cells are not: we computed them by plain sweeps, to 2 and 3 decimals.
Table = list[list[float]]

KNOWN: dict[str, tuple[Table, list[float], list[float], Table, float]] = {
    "ipfn": (
        [[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]],
        [150, 300, 400, 150],
        [200, 300, 400, 100],
        [
            [64.56, 46.23, 35.38, 3.82],
            [49.97, 68.16, 156.50, 25.37],
            [56.72, 144.43, 145.08, 53.77],
            [28.75, 41.18, 63.03, 17.03],
        ],
        0.0051,
    ),
    "TeachingSampling": (
        [[80, 170, 150], [90, 80, 210], [10, 80, 130]],
        [430, 360, 210],
        [150, 300, 550],
        [[73.008, 167.641, 189.351], [69.390, 66.649, 223.960], [7.601, 65.710, 136.688]],
        0.00051,
    ),
}


@st.composite
def fittable(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Draw a seed with zeros, and the margins of some matrix that is positive just where the seed is."""
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    there = draw(hnp.arrays(np.bool_, shape))
    there[:, 0] = True
    there[0, :] = True
    seed = there * draw(hnp.arrays(np.float64, shape, elements=st.floats(0.01, 100)))
    solution = there * draw(hnp.arrays(np.float64, shape, elements=st.floats(0.01, 100)))
    return seed, solution.sum(axis=1), solution.sum(axis=0)


@pytest.mark.parametrize(("seed", "rows", "columns", "cells", "error"), KNOWN.values(), ids=KNOWN.keys())
def test_known_tables_are_reproduced(
    seed: Table, rows: list[float], columns: list[float], cells: Table, error: float
) -> None:
    """F-11: tables from published inputs come out cell by cell, to the decimals they are given with."""
    fitted = proportional_fit(np.array(seed, dtype=np.float64), rows=np.array(rows), columns=np.array(columns))
    np.testing.assert_allclose(fitted, cells, rtol=0, atol=error)


@settings(max_examples=50, deadline=None)
@given(fittable())
def test_both_margins_are_met(problem: tuple[Floats, Floats, Floats]) -> None:
    """Row sums and column sums are the given ones wherever some matrix has both, and zeros of the seed stay."""
    seed, rows, columns = problem
    fitted = proportional_fit(seed, rows=rows, columns=columns)
    np.testing.assert_allclose(fitted.sum(axis=0), columns, rtol=1e-14)
    np.testing.assert_allclose(fitted.sum(axis=1), rows, rtol=1e-11)
    assert ((fitted > 0) == (seed > 0)).all()


@settings(max_examples=50, deadline=None)
@given(fittable())
def test_the_seed_is_only_scaled_by_rows_and_columns(problem: tuple[Floats, Floats, Floats]) -> None:
    """The logarithm of fitted / seed is a sum of a row's and a column's number, which makes it the nearest (KL)."""
    seed, rows, columns = problem
    fitted = proportional_fit(seed, rows=rows, columns=columns)
    row, column = np.nonzero(seed)
    design = np.hstack([np.eye(len(rows))[row], np.eye(len(columns))[column]])
    logs = np.log(fitted[row, column] / seed[row, column])
    explained = design @ np.linalg.lstsq(design, logs, rcond=None)[0]
    np.testing.assert_allclose(explained, logs, atol=1e-9)


@pytest.mark.parametrize("size", [1e-3, 1e9])
def test_the_unit_of_the_margins_does_not_matter(size: float) -> None:
    """Margins in thousandths or in billions give the same matrix in that unit."""
    seed, rows, columns, _, _ = KNOWN["TeachingSampling"]
    matrix, row_sums, column_sums = np.array(seed, dtype=np.float64), np.array(rows), np.array(columns)
    fitted = proportional_fit(matrix, rows=row_sums * size, columns=column_sums * size)
    expected = proportional_fit(matrix, rows=row_sums, columns=column_sums)
    np.testing.assert_allclose(fitted, expected * size, rtol=1e-11)


def test_rows_are_proportions_of_the_columns_total() -> None:
    """Rows of 1 and 3 share out columns of 20 and 60 as 20 and 60."""
    fitted = proportional_fit(np.ones((2, 2)), rows=np.array([1.0, 3.0]), columns=np.array([20.0, 60.0]))
    np.testing.assert_allclose(fitted, [[5, 15], [15, 45]], rtol=1e-14)


def test_zero_margins_and_empty_rows_give_zeros() -> None:
    """A row or column with sum zero, and a row without seed, hold nothing, and the others are fitted without them."""
    seed = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
    fitted = proportional_fit(seed, rows=np.array([1.0, 0.0, 1.0, 1.0]), columns=np.array([4.0, 2.0, 0.0]))
    np.testing.assert_allclose(fitted, [[2, 1, 0], [0, 0, 0], [0, 0, 0], [2, 1, 0]], rtol=1e-14)


def test_nothing_wanted_is_nothing_fitted() -> None:
    """Columns that all sum to zero give zeros."""
    assert not proportional_fit(np.ones((2, 2)), rows=np.ones(2), columns=np.zeros(2)).any()


@pytest.mark.parametrize("rest", [1e-2, 1e-5, 1e-8])
def test_a_cell_that_nearly_vanishes_is_found(rest: float) -> None:
    """Where sweeps alone would take about 1 / rest rounds, the cell that must shrink to rest still does."""
    seed = np.array([[50.0, 0.0], [50.0, 50.0]])
    fitted = proportional_fit(seed, rows=np.array([50.0, 50.0]), columns=np.array([50 + rest, 50 - rest]))
    np.testing.assert_allclose(fitted, [[50.0, 0.0], [rest, 50 - rest]], rtol=0, atol=1e-10)


def test_a_cell_that_must_vanish_does() -> None:
    """On the border of what is possible no such scaling exists; its limit is reached all the same."""
    seed = np.array([[50.0, 0.0], [50.0, 50.0]])
    fitted = proportional_fit(seed, rows=np.array([50.0, 50.0]), columns=np.array([50.0, 50.0]))
    np.testing.assert_allclose(fitted, [[50, 0], [0, 50]], atol=1e-10)


@pytest.mark.parametrize("world", [8, 15, 37, 58])  # of 60, those where a cruder step fails
def test_a_long_chain_is_fitted(world: int) -> None:
    """A band of overlapping neighbors, many digits apart in size, where sweeps alone get nowhere."""
    band = abs(np.arange(60)[:, None] / 2 - np.arange(30)) < 1.2
    solution = band * np.random.default_rng(world).lognormal(sigma=8, size=band.shape)
    fitted = proportional_fit(band.astype(np.float64), rows=solution.sum(axis=1), columns=solution.sum(axis=0))
    np.testing.assert_allclose(fitted.sum(axis=1), solution.sum(axis=1), rtol=1e-11)


@pytest.mark.parametrize(
    ("seed", "rows"),
    [
        ([[1.0, 0.0], [1.0, 1.0]], [6.0, 4.0]),  # the first row can have 5 at most
        ([[1.0, 0.0], [0.0, 1.0]], [9.0, 1.0]),  # two parts, neither of which adds up
    ],
)
def test_columns_hold_where_rows_cannot(seed: list[list[float]], rows: list[float]) -> None:
    """Margins that no matrix has give exact columns, and rows of 5 and 5, the nearest that columns of 5 allow."""
    fitted = proportional_fit(np.array(seed), rows=np.array(rows), columns=np.array([5.0, 5.0]))
    np.testing.assert_allclose(fitted.sum(axis=0), [5, 5], rtol=1e-15)
    np.testing.assert_allclose(fitted.sum(axis=1), [5, 5], rtol=1e-6)


def test_a_column_that_nobody_can_fill_is_refused() -> None:
    """A positive column whose only positive seed is in a row with sum zero raises, and is named."""
    with pytest.raises(ValueError, match=r"columns \[1\]"):
        proportional_fit(np.array([[1.0, 0.0], [1.0, 1.0]]), rows=np.array([1.0, 0.0]), columns=np.array([1.0, 1.0]))


@pytest.mark.parametrize("name", ["seed", "rows", "columns"])
@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_numbers_that_are_no_amounts_are_refused(name: str, wrong: float) -> None:
    """Negative, undefined and infinite inputs raise, each by name."""
    inputs = {"seed": np.ones((2, 2)), "rows": np.ones(2), "columns": np.ones(2)}
    inputs[name][0] = wrong
    with pytest.raises(ValueError, match=name):
        proportional_fit(inputs["seed"], rows=inputs["rows"], columns=inputs["columns"])

"""The linear systems of the interior-point method."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from planalloc.lp.solvers.newton import NormalEquations


@given(seed=st.integers(0, 2**32 - 1), spread=st.sampled_from([0.0, 2.0]))
@settings(max_examples=50, deadline=None)
def test_both_equations_hold(seed: int, spread: float) -> None:
    """The directions solve the system that they are meant for, with weights over many magnitudes."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(1, 6))
    n = m + int(rng.integers(0, 6))
    dense = rng.normal(size=(m, n)) + np.eye(m, n)
    matrix = csr_array(dense)
    diagonal = np.power(10.0, rng.uniform(-spread, spread, n))
    g, r = rng.normal(size=n), rng.normal(size=m)
    dw, dy = NormalEquations(matrix, csr_array(matrix.T), diagonal).solve(g, r)
    size = np.abs(diagonal * dw) + np.abs(dense.T) @ np.abs(dy) + np.abs(g)
    assert (np.abs(diagonal * dw - dense.T @ dy - g) <= 1e-6 * size.max()).all()
    assert (np.abs(dense @ dw - r) <= 1e-6 * (np.abs(dense) @ np.abs(dw) + np.abs(r)).max()).all()


def test_redundant_rows_do_no_harm() -> None:
    """A row given twice, with sides that agree, leaves the system solvable."""
    matrix = csr_array(np.array([[1.0, 1.0], [1.0, 1.0]]))
    dw, _ = NormalEquations(matrix, csr_array(matrix.T), np.array([1.0, 3.0])).solve(np.zeros(2), np.array([4.0, 4.0]))
    np.testing.assert_allclose(dw, [3.0, 1.0], rtol=1e-9)

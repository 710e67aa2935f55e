"""Polishing: near answers become exact ones, and nothing ever becomes worse."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.lp.polish import polish
from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import measure

INF = np.inf


def capped() -> LinearProgram:
    """Share 120 in proportion to 10, 30 and 60, no more than 10 to the first: its cap and the total bind."""
    return LinearProgram(
        cost=np.full(3, -2.0),
        quadratic=np.array([2.0 / 10.0, 2.0 / 30.0, 2.0 / 60.0]),
        matrix=np.ones((1, 3)),
        row_lower=np.array([120.0]),
        row_upper=np.array([120.0]),
        lower=np.zeros(3),
        upper=np.array([10.0, INF, INF]),
    )


OPTIMUM = np.array([10.0, 110.0 / 3.0, 220.0 / 3.0])
DUALS = np.array([2.0 * 110.0 / 90.0 - 2.0])


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_a_near_answer_becomes_exact(seed: int) -> None:
    """From three right digits come all of them."""
    rng = np.random.default_rng(seed)
    x, row_duals = polish(
        capped(), OPTIMUM * (1.0 + 1e-3 * rng.normal(size=3)), DUALS * (1.0 + 1e-3 * rng.normal(size=1))
    )
    np.testing.assert_allclose(x, OPTIMUM, rtol=1e-13)
    np.testing.assert_allclose(row_duals, DUALS, rtol=1e-12)


def test_a_wrong_guess_is_corrected() -> None:
    """A start from which nothing seems to bind still ends where the cap binds."""
    x, _ = polish(capped(), np.array([5.0, 40.0, 75.0]), np.zeros(1))
    np.testing.assert_allclose(x, OPTIMUM, rtol=1e-13)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_no_answer_becomes_worse(seed: int) -> None:
    """Whatever comes in, what goes out has no larger residuals."""
    rng = np.random.default_rng(seed)
    x, row_duals = 100.0 * rng.normal(size=3), rng.normal(size=1)
    program = capped()
    before = measure(program, np.clip(x, program.lower, program.upper), row_duals).worst
    assert measure(program, *polish(program, x, row_duals)).worst <= before


def test_numbers_that_are_none_are_left_alone() -> None:
    """There is nothing to polish about NaN."""
    x, _ = polish(capped(), np.full(3, np.nan), np.zeros(1))
    assert np.isnan(x).all()


def test_everything_fixed() -> None:
    """Where no column can move the amounts stay."""
    program = capped().but(lower=np.array([10.0, 40.0, 70.0]), upper=np.array([10.0, 40.0, 70.0]))
    x, _ = polish(program, np.array([10.0, 40.0, 70.0]), np.zeros(1))
    np.testing.assert_array_equal(x, [10.0, 40.0, 70.0])

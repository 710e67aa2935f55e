"""The least that must give way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.lp.elastic import elastic
from planalloc.lp.program import LinearProgram
from planalloc.lp.solution import Reason
from planalloc.lp.solvers.highs import Highs

INF = np.inf
NONE = np.array([], dtype=np.int64)


def collision(**changes: object) -> LinearProgram:
    """At least 10 of two columns, at most 4 of the first by a row and at most 5 of the second by its bound."""
    program = LinearProgram(
        cost=np.array([7.0, 7.0]),
        matrix=np.array([[1.0, 1.0], [1.0, 0.0]]),
        row_lower=np.array([10.0, -INF]),
        row_upper=np.array([INF, 4.0]),
        lower=np.zeros(2),
        upper=np.array([INF, 5.0]),
    )
    return program.but(**changes)


def test_a_row_gives_way_below_its_lower_side() -> None:
    """Where only the first row may give way it comes down by one."""
    relaxation = elastic(collision(), Highs(), soft_rows=np.array([0]), soft_columns=NONE)
    np.testing.assert_allclose(relaxation.rows, [-1.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(relaxation.columns, 0.0, atol=1e-9)


def test_a_row_gives_way_above_its_upper_side() -> None:
    """Where only the second row may give way it goes up by one."""
    relaxation = elastic(collision(), Highs(), soft_rows=np.array([1]), soft_columns=NONE)
    np.testing.assert_allclose(relaxation.rows, [0.0, 1.0], atol=1e-9)


def test_a_bound_gives_way() -> None:
    """Where only the second column may give way it goes to six."""
    relaxation = elastic(collision(), Highs(), soft_rows=NONE, soft_columns=np.array([1]))
    np.testing.assert_allclose(relaxation.columns, [0.0, 1.0], atol=1e-9)
    np.testing.assert_allclose(relaxation.solution.x, [4.0, 6.0], rtol=1e-9)


def test_a_bound_gives_way_downwards() -> None:
    """A column that must be at least three under a total of two is short of its bound by one."""
    program = collision(row_lower=np.full(2, -INF), row_upper=np.array([2.0, INF]), lower=np.array([3.0, 0.0]))
    relaxation = elastic(program, Highs(), soft_rows=NONE, soft_columns=np.array([0]))
    np.testing.assert_allclose(relaxation.columns, [-1.0, 0.0], atol=1e-9)


def test_the_cheapest_limit_gives_way() -> None:
    """Weights decide which of several limits is named, and the objective is the weighted amount."""
    relaxation = elastic(
        collision(),
        Highs(),
        soft_rows=np.array([1, 0]),
        soft_columns=np.array([1]),
        row_weights=np.array([2.0, 3.0]),
        column_weights=np.array([2.5]),
    )
    np.testing.assert_allclose(relaxation.rows, [0.0, 1.0], atol=1e-9)
    assert relaxation.solution.objective == pytest.approx(2.0)


def test_a_feasible_program_needs_nothing() -> None:
    """Where all limits agree nothing gives way, whatever the costs of the program itself."""
    relaxation = elastic(
        collision(row_lower=np.array([9.0, -INF])), Highs(), soft_rows=np.array([0, 1]), soft_columns=np.array([0, 1])
    )
    np.testing.assert_allclose(relaxation.rows, 0.0, atol=1e-9)
    np.testing.assert_allclose(relaxation.columns, 0.0, atol=1e-9)


def test_hard_limits_that_collide_are_told() -> None:
    """Where what may not give way has no answer either there is no relaxation, and the reason is passed on."""
    relaxation = elastic(collision(), Highs(), soft_rows=NONE, soft_columns=np.array([0]))
    assert relaxation.solution.reason is Reason.infeasible


def test_an_equation_gives_way_to_either_side() -> None:
    """Of two equations that disagree by three, one moves by three towards the other."""
    program = collision(
        matrix=np.array([[1.0, 1.0], [1.0, 1.0]]), row_lower=np.array([4.0, 7.0]), row_upper=np.array([4.0, 7.0])
    )
    assert elastic(program, Highs(), soft_rows=np.array([0]), soft_columns=NONE).rows[0] == pytest.approx(3.0)
    assert elastic(program, Highs(), soft_rows=np.array([1]), soft_columns=NONE).rows[1] == pytest.approx(-3.0)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_widening_by_the_amounts_makes_the_program_feasible(seed: int) -> None:
    """Whatever collides, the limits moved by what was named agree."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    sides, bounds = np.sort(rng.normal(size=(2, m)), axis=0), np.sort(rng.normal(size=(2, n)), axis=0)
    program = LinearProgram(
        cost=np.zeros(n),
        matrix=np.rint(2.0 * rng.normal(size=(m, n))),
        row_lower=sides[0],
        row_upper=sides[1],
        lower=bounds[0],
        upper=bounds[1],
    )
    relaxation = elastic(program, Highs(), soft_rows=np.arange(m), soft_columns=np.arange(n))
    widened = program.but(
        row_lower=sides[0] + np.minimum(relaxation.rows, 0.0) - 1e-9,
        row_upper=sides[1] + np.maximum(relaxation.rows, 0.0) + 1e-9,
        lower=bounds[0] + np.minimum(relaxation.columns, 0.0) - 1e-9,
        upper=bounds[1] + np.maximum(relaxation.columns, 0.0) + 1e-9,
    )
    assert Highs().solve(widened).ok

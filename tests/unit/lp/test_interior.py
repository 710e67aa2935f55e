"""The interior-point method on quadratic programs; the linear ones are in the contract suite."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize

from planalloc.lp.pieces import solve_by_pieces
from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import certified, residuals
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

INF = np.inf


def nearest(reference: list[float], total: float, **changes: object) -> LinearProgram:
    """Share `total` with the least sum of (x - reference)^2 / reference."""
    near = np.array(reference)
    program = LinearProgram(
        cost=np.full(near.size, -2.0),
        quadratic=2.0 / near,
        matrix=np.ones((1, near.size)),
        row_lower=np.array([total]),
        row_upper=np.array([total]),
        lower=np.zeros(near.size),
        upper=np.full(near.size, INF),
    )
    return program.but(**changes)


def random_program(seed: int) -> LinearProgram:
    """Make a small feasible convex program, some of its columns without curvature but bounded."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(1, 5)), int(rng.integers(2, 7))
    inside = rng.normal(size=n)
    matrix = np.rint(2.0 * rng.normal(size=(m, n)))
    middle = matrix @ inside
    equal = rng.random(m) < 0.3
    room = np.where(equal, 0.0, rng.choice([0.0, 0.5, 2.0], m))
    return LinearProgram(
        cost=rng.normal(size=n),
        quadratic=rng.random(n) * (rng.random(n) < 0.7),
        matrix=matrix,
        row_lower=np.where(equal | (rng.random(m) < 0.5), middle - room, -INF),
        row_upper=np.where(equal | (rng.random(m) < 0.8), middle + room, INF),
        lower=inside - rng.choice([0.0, 0.5, 2.0], n),
        upper=inside + rng.choice([0.0, 0.5, 2.0], n),
    )


def test_hock_schittkowski_21() -> None:
    """HS21: the least of 0.01 x^2 + y^2 with 10 x - y >= 10 is at (2, 0)."""
    program = LinearProgram(
        cost=np.zeros(2),
        quadratic=np.array([0.02, 2.0]),
        matrix=np.array([[10.0, -1.0]]),
        row_lower=np.array([10.0]),
        row_upper=np.array([INF]),
        lower=np.array([2.0, -50.0]),
        upper=np.array([50.0, 50.0]),
    )
    np.testing.assert_allclose(InteriorPoint().solve(program).x, [2.0, 0.0], atol=1e-9)


def test_hock_schittkowski_224() -> None:
    """HS224: 2 x^2 + y^2 - 48 x - 40 y is least at (4, 4), where it is -304."""
    program = LinearProgram(
        cost=np.array([-48.0, -40.0]),
        quadratic=np.array([4.0, 2.0]),
        matrix=np.array([[1.0, 3.0], [1.0, 1.0]]),
        row_lower=np.zeros(2),
        row_upper=np.array([18.0, 8.0]),
        lower=np.zeros(2),
        upper=np.full(2, 6.0),
    )
    solution = InteriorPoint().solve(program)
    np.testing.assert_allclose(solution.x, [4.0, 4.0], rtol=1e-9)
    assert solution.objective == pytest.approx(-304.0, rel=1e-9)


def test_a_change_is_shared_in_proportion() -> None:
    """Ten per cent less for all is ten per cent less for each, from the smallest to the largest."""
    solution = InteriorPoint().solve(nearest([1.0, 1e3, 1e6], 0.9 * 1_001_001.0))
    np.testing.assert_allclose(solution.x, [0.9, 900.0, 900_000.0], rtol=1e-12)


def test_what_is_capped_goes_to_the_others_in_proportion() -> None:
    """Of 120 where 100 were planned the first takes no more than its 10; the others share the rest 3 to 6."""
    program = nearest([10.0, 30.0, 60.0], 120.0, upper=np.array([10.0, INF, INF]))
    np.testing.assert_allclose(InteriorPoint().solve(program).x, [10.0, 110.0 / 3.0, 220.0 / 3.0], rtol=1e-12)


def test_a_reference_that_breaks_nothing_stays() -> None:
    """Where the reference is feasible the answer is the reference, with duals of zero."""
    solution = InteriorPoint().solve(nearest([10.0, 30.0, 60.0], 100.0))
    np.testing.assert_allclose(solution.x, [10.0, 30.0, 60.0], rtol=1e-12)
    np.testing.assert_allclose(solution.row_duals, [0.0], atol=1e-12)


def test_a_limit_that_is_met_exactly_has_no_price() -> None:
    """Limits equal to the reference bind without costing anything: the degenerate case, to full precision."""
    program = nearest(
        [10.0, 30.0, 60.0],
        100.0,
        matrix=np.vstack([np.ones((1, 3)), np.eye(3)]),
        row_lower=np.array([100.0, -INF, -INF, -INF]),
        row_upper=np.array([100.0, 10.0, 30.0, 60.0]),
    )
    np.testing.assert_allclose(InteriorPoint().solve(program).x, [10.0, 30.0, 60.0], rtol=1e-10)


@pytest.mark.parametrize("total", [1e-3, 1e10])
def test_amounts_keep_their_digits_whatever_their_size(total: float) -> None:
    """Twelve digits are right in cents and in billions."""
    solution = InteriorPoint().solve(nearest([0.25 * total, 0.75 * total], 0.5 * total))
    np.testing.assert_allclose(solution.x, [0.125 * total, 0.375 * total], rtol=1e-12)


def test_row_duals_are_slopes_of_the_objective() -> None:
    """Moving the total by a little changes the objective by the dual times that little, up to the curvature."""
    less, base, more = (InteriorPoint().solve(nearest([10.0, 30.0], total)) for total in (19.999, 20.0, 20.001))
    assert base.row_duals[0] == pytest.approx((more.objective - less.objective) / 0.002, rel=1e-6)


def test_free_columns_without_curvature() -> None:
    """A column that is free and costs nothing makes up the difference, and the others stay at their best."""
    program = nearest([10.0, 30.0], 100.0)
    program = program.but(
        cost=np.append(program.cost, 0.0),
        quadratic=np.append(program.curvature, 0.0),
        matrix=np.ones((1, 3)),
        lower=np.array([0.0, 0.0, -INF]),
        upper=np.full(3, INF),
    )
    np.testing.assert_allclose(InteriorPoint().solve(program).x, [10.0, 30.0, 60.0], rtol=1e-10)


@pytest.mark.parametrize(
    "program",
    [nearest([1.0, 2.0], 10.0, upper=np.full(2, 4.0)), nearest([1.0, 2.0], -1.0)],
    ids=["too much", "less than nothing"],
)
def test_infeasible_quadratic_programs_are_never_solved(program: LinearProgram) -> None:
    """Where nothing is feasible there is no answer, whatever the curvature."""
    assert not InteriorPoint().solve(program).ok


def test_unbounded_quadratic_programs_are_never_solved() -> None:
    """A column that earns without end and without curvature is not held back by that of another."""
    program = nearest([1.0, 2.0], 3.0, quadratic=np.array([1.0, 0.0]), row_upper=np.array([INF]))
    assert not InteriorPoint().solve(program).ok


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_agrees_with_pieces_on_a_linear_solver(seed: int) -> None:
    """Two ways that share no algorithm find the same objective, and the same amounts where the curvature is strict."""
    program = random_program(seed)
    solution, other = InteriorPoint().solve(program), solve_by_pieces(program, Highs())
    assert certified(residuals(program, solution))
    assert solution.objective == pytest.approx(other.objective, rel=1e-8, abs=1e-8)
    strict = program.curvature > 1e-2
    np.testing.assert_allclose(solution.x[strict], other.x[strict], rtol=1e-6, atol=1e-6)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_nobody_finds_a_lower_objective(seed: int) -> None:
    """SciPy's general minimizer, started at our answer, finds nothing feasible that is better."""
    program = random_program(seed)
    solution = InteriorPoint().solve(program)
    equal = program.row_lower == program.row_upper
    ranged = ~equal & (np.isfinite(program.row_lower) | np.isfinite(program.row_upper))
    constraints = [
        LinearConstraint(program.matrix[rows].toarray(), program.row_lower[rows], program.row_upper[rows])
        for rows in (np.flatnonzero(equal), np.flatnonzero(ranged))
        if rows.size
    ]
    found = minimize(
        program.objective,
        solution.x,
        jac=program.gradient,
        method="SLSQP",
        bounds=np.column_stack([program.lower, program.upper]),
        constraints=constraints,
    )
    missed = np.maximum(program.row_lower - program.matrix @ found.x, program.matrix @ found.x - program.row_upper)
    if missed.max() <= 1e-9:
        assert found.fun >= solution.objective - 1e-7

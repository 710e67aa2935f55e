"""What every solver must do, whichever it is. A new solver is added to `SOLVERS` and to nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import certified, residuals
from planalloc.lp.solution import Reason, Status
from planalloc.lp.solvers import Capability, Solver
from planalloc.lp.solvers.block import Block
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint
from planalloc.lp.solvers.pulp import Pulp, installed

SOLVERS: list[Solver] = [Highs(), InteriorPoint(), Block(), *(Pulp(name) for name in installed())]
INF = np.inf

pytestmark = pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)


def wyndor(**changes: object) -> LinearProgram:
    """Hillier and Lieberman, Introduction to Operations Research, section 3.1: doors and windows in three plants."""
    program = LinearProgram(
        cost=np.array([-3.0, -5.0]),
        matrix=np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 2.0]]),
        row_lower=np.full(3, -INF),
        row_upper=np.array([4.0, 12.0, 18.0]),
        lower=np.zeros(2),
        upper=np.full(2, INF),
    )
    return program.but(**changes)


def beale() -> LinearProgram:
    """E. M. L. Beale, Cycling in the dual simplex algorithm, 1955: careless pivoting goes round in circles here."""
    return LinearProgram(
        cost=np.array([-0.75, 150.0, -0.02, 6.0]),
        matrix=np.array([[0.25, -60.0, -0.04, 9.0], [0.5, -90.0, -0.02, 3.0], [0.0, 0.0, 1.0, 0.0]]),
        row_lower=np.full(3, -INF),
        row_upper=np.array([0.0, 0.0, 1.0]),
        lower=np.zeros(4),
        upper=np.full(4, INF),
    )


def klee_minty(n: int) -> LinearProgram:
    """V. Klee, G. J. Minty, How good is the simplex algorithm?, 1972: costs and bounds over many magnitudes."""
    i, j = np.indices((n, n))
    return LinearProgram(
        cost=-np.power(10.0, np.arange(n - 1, -1, -1)),
        matrix=np.where(i > j, 2.0 * np.power(10.0, np.maximum(i - j, 0)), np.eye(n)),
        row_lower=np.full(n, -INF),
        row_upper=np.power(100.0, np.arange(n)),
        lower=np.zeros(n),
        upper=np.full(n, INF),
    )


def every_kind_of_side() -> LinearProgram:
    """Have an equation, a range, an upper and a lower side, every kind of bound, and a unique optimum."""
    return LinearProgram(
        cost=np.array([1.0, 2.0, -1.0, 1.4]),
        matrix=np.array([[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.5], [1.0, 0.0, 1.0, 0.0]]),
        row_lower=np.array([10.0, -1.0, -INF, 7.6]),
        row_upper=np.array([10.0, 3.0, 5.0, INF]),
        lower=np.array([0.0, 0.0, 0.0, -INF]),
        upper=np.array([INF, INF, 4.0, INF]),
    )


# what is optimal


def test_published_optimum(solver: Solver) -> None:
    """Two doors and six windows earn 36, as the textbook says."""
    solution = solver.solve(wyndor())
    assert solution.status is Status.ok
    assert solution.reason is Reason.optimal
    np.testing.assert_allclose(solution.x, [2.0, 6.0], rtol=1e-9)
    assert solution.objective == pytest.approx(-36.0, rel=1e-9)


def test_published_shadow_prices(solver: Solver) -> None:
    """An hour more is worth 0 in plant 1, 1.5 in plant 2 and 1 in plant 3; costs are minimized, hence the sign."""
    np.testing.assert_allclose(solver.solve(wyndor()).row_duals, [0.0, -1.5, -1.0], atol=1e-9)


def test_degenerate_program(solver: Solver) -> None:
    """Beale's example ends at its optimum of -0.05 and not in a circle."""
    assert solver.solve(beale()).objective == pytest.approx(-0.05, rel=1e-9)


@pytest.mark.parametrize("n", [3, 6])
def test_badly_scaled_program(solver: Solver, n: int) -> None:
    """The cube of Klee and Minty has its optimum at 100^(n-1), to nine digits."""
    assert solver.solve(klee_minty(n)).objective == pytest.approx(-(100.0 ** (n - 1)), rel=1e-9)


def test_passes_our_own_check(solver: Solver) -> None:
    """An answer that is called ok is certified when it is measured again."""
    program = every_kind_of_side()
    assert certified(residuals(program, solver.solve(program)))


def test_same_input_same_output(solver: Solver) -> None:
    """Solving twice gives the same bytes."""
    first, second = solver.solve(every_kind_of_side()), solver.solve(every_kind_of_side())
    assert first.x.tobytes() == second.x.tobytes()
    assert first.row_duals.tobytes() == second.row_duals.tobytes()


@pytest.mark.parametrize("scale", [1e-6, 1e9])
def test_amounts_of_any_size(solver: Solver, scale: float) -> None:
    """A program in other units has the same answer in these units."""
    solution = solver.solve(wyndor(row_upper=np.array([4.0, 12.0, 18.0]) * scale))
    np.testing.assert_allclose(solution.x, np.array([2.0, 6.0]) * scale, rtol=1e-9)


@pytest.mark.parametrize("scale", [1e-6, 1e9])
def test_costs_of_any_size(solver: Solver, scale: float) -> None:
    """Costs in another currency scale the duals and leave the amounts."""
    solution = solver.solve(wyndor(cost=np.array([-3.0, -5.0]) * scale))
    np.testing.assert_allclose(solution.x, [2.0, 6.0], rtol=1e-9)
    np.testing.assert_allclose(solution.row_duals, np.array([0.0, -1.5, -1.0]) * scale, atol=1e-9 * scale)


def test_bounds_hold_exactly(solver: Solver) -> None:
    """No amount is outside its bounds, not even by a rounding error."""
    program = every_kind_of_side()
    x = solver.solve(program).x
    assert (x >= program.lower).all()
    assert (x <= program.upper).all()


# duals


@pytest.mark.parametrize("row", range(4))
def test_row_duals_are_slopes_of_the_objective(solver: Solver, row: int) -> None:
    """Moving a row up by a little changes the objective by its dual times that little."""
    program = every_kind_of_side()
    little = 1e-3 * (np.arange(4) == row)
    moved = program.but(row_lower=program.row_lower + little, row_upper=program.row_upper + little)
    base = solver.solve(program)
    slope = (solver.solve(moved).objective - base.objective) / 1e-3
    assert base.row_duals[row] == pytest.approx(slope, abs=1e-6)


def test_lower_sides_have_positive_and_upper_sides_negative_duals(solver: Solver) -> None:
    """At least ten from a dear and a cheap column, of which there is little."""
    program = LinearProgram(
        cost=np.array([3.0, 1.0]),
        matrix=np.array([[1.0, 1.0], [0.0, 1.0]]),
        row_lower=np.array([10.0, -INF]),
        row_upper=np.array([INF, 4.0]),
        lower=np.zeros(2),
        upper=np.full(2, INF),
    )
    np.testing.assert_allclose(solver.solve(program).row_duals, [3.0, -2.0], atol=1e-9)


@pytest.mark.parametrize(("cost", "expected", "dual"), [(1.0, 2.0, 1.0), (-1.0, 5.0, -1.0)])
def test_a_row_with_two_sides(solver: Solver, cost: float, expected: float, dual: float) -> None:
    """Of a row with two sides the one that binds gives the dual its sign."""
    program = LinearProgram(
        cost=np.array([cost]),
        matrix=np.array([[1.0]]),
        row_lower=np.array([2.0]),
        row_upper=np.array([5.0]),
        lower=np.array([-INF]),
        upper=np.array([INF]),
    )
    solution = solver.solve(program)
    np.testing.assert_allclose(solution.x, [expected], rtol=1e-9)
    np.testing.assert_allclose(solution.row_duals, [dual], rtol=1e-9)


def test_reduced_costs_complete_the_duals(solver: Solver) -> None:
    """Reduced costs are what row duals leave of the costs: positive at a lower, negative at an upper bound."""
    program = every_kind_of_side()
    solution = solver.solve(program)
    expected = program.cost - program.matrix.T @ solution.row_duals
    np.testing.assert_allclose(solution.reduced_costs, expected, atol=1e-12)
    assert (solution.reduced_costs[solution.x > program.lower] <= 1e-9).all()
    assert (solution.reduced_costs[solution.x < program.upper] >= -1e-9).all()


# no answer

INFEASIBLE = {
    "rows": wyndor(row_lower=np.array([-INF, -INF, 19.0]), row_upper=np.array([4.0, 12.0, 20.0]) - 10.0),
    "row against bound": wyndor(lower=np.array([5.0, 0.0])),
    "equations": LinearProgram(
        cost=np.zeros(2),
        matrix=np.array([[1.0, -1.0], [1.0, -1.0]]),
        row_lower=np.array([0.0, 1.0]),
        row_upper=np.array([0.0, 1.0]),
        lower=np.full(2, -INF),
        upper=np.full(2, INF),
    ),
    "and unbounded but for that": LinearProgram(
        cost=np.array([-1.0, -1.0]),
        matrix=np.array([[1.0, -1.0], [1.0, -1.0]]),
        row_lower=np.array([3.0, -INF]),
        row_upper=np.array([INF, 2.0]),
        lower=np.zeros(2),
        upper=np.full(2, INF),
    ),
    "bounds that cross": wyndor(lower=np.array([3.0, 0.0]), upper=np.array([2.0, 9.0])),
    "sides that cross": wyndor(row_lower=np.array([5.0, 0.0, 0.0])),
    "by little": wyndor(lower=np.array([4.0 + 1e-6, 0.0])),
}
UNBOUNDED = {
    "no rows in the way": wyndor(matrix=np.array([[1.0, 0.0], [0.0, 0.0], [3.0, 0.0]])),
    "along a ray": wyndor(matrix=np.array([[1.0, -1.0], [0.0, -2.0], [1.0, -1.0]])),
    "free column": LinearProgram(
        cost=np.array([1.0, 0.0]),
        matrix=np.array([[1.0, 1.0]]),
        row_lower=np.array([0.0]),
        row_upper=np.array([0.0]),
        lower=np.full(2, -INF),
        upper=np.full(2, INF),
    ),
}


@pytest.mark.parametrize("program", INFEASIBLE.values(), ids=INFEASIBLE.keys())
def test_infeasible_program(solver: Solver, program: LinearProgram) -> None:
    """Nobody calls an infeasible program solved, and who can tell says that it is infeasible."""
    solution = solver.solve(program)
    assert solution.status is Status.no_answer
    if Capability.tells_infeasible in solver.capabilities:
        assert solution.reason is Reason.infeasible
    assert solution.reason in {Reason.infeasible, Reason.numerical}


@pytest.mark.parametrize("program", UNBOUNDED.values(), ids=UNBOUNDED.keys())
def test_unbounded_program(solver: Solver, program: LinearProgram) -> None:
    """Nobody calls an unbounded program solved, and who can tell says that it is unbounded."""
    solution = solver.solve(program)
    assert solution.status is Status.no_answer
    if Capability.tells_infeasible in solver.capabilities:
        assert solution.reason is Reason.unbounded
    assert solution.reason in {Reason.unbounded, Reason.numerical}


def test_no_answer_has_no_numbers(solver: Solver) -> None:
    """Where there is no answer nobody can take one by mistake."""
    solution = solver.solve(wyndor(lower=np.array([5.0, 0.0])))
    assert np.isnan(solution.x).all()
    assert np.isnan(solution.objective)


# edges


def test_no_columns(solver: Solver) -> None:
    """A program without columns is solved where its rows allow zero, and infeasible elsewhere."""
    program = LinearProgram(
        cost=np.zeros(0),
        matrix=np.zeros((1, 0)),
        row_lower=np.array([-1.0]),
        row_upper=np.array([1.0]),
        lower=np.zeros(0),
        upper=np.zeros(0),
    )
    assert solver.solve(program).objective == 0.0
    assert solver.solve(program.but(row_lower=np.array([0.5]))).reason is Reason.infeasible


def test_no_rows(solver: Solver) -> None:
    """Without rows every column goes to its cheaper bound."""
    program = LinearProgram(
        cost=np.array([1.0, -1.0, 0.0]),
        matrix=np.zeros((0, 3)),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        lower=np.array([1.0, -INF, 2.0]),
        upper=np.array([INF, 7.0, 3.0]),
    )
    np.testing.assert_array_equal(solver.solve(program).x, [1.0, 7.0, 2.0])
    assert solver.solve(program.but(upper=np.full(3, INF))).reason is Reason.unbounded


def test_unused_column(solver: Solver) -> None:
    """A column in no row goes to its cheaper bound and disturbs nobody."""
    program = wyndor(
        cost=np.array([-3.0, -5.0, 2.0]),
        matrix=np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [3.0, 2.0, 0.0]]),
        lower=np.array([0.0, 0.0, 1.0]),
        upper=np.array([INF, INF, 2.0]),
    )
    np.testing.assert_allclose(solver.solve(program).x, [2.0, 6.0, 1.0], rtol=1e-9)


def test_empty_and_open_rows(solver: Solver) -> None:
    """A row without entries and one without sides have no dual and disturb nobody."""
    program = wyndor(
        matrix=np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 2.0], [0.0, 0.0], [1.0, 1.0]]),
        row_lower=np.full(5, -INF),
        row_upper=np.array([4.0, 12.0, 18.0, 1.0, INF]),
    )
    solution = solver.solve(program)
    np.testing.assert_allclose(solution.x, [2.0, 6.0], rtol=1e-9)
    np.testing.assert_array_equal(solution.row_duals[3:], 0.0)


def test_free_column(solver: Solver) -> None:
    """A column without bounds may be negative."""
    program = wyndor(lower=np.array([-INF, 8.0]), row_upper=np.array([4.0, 16.0, 10.0]))
    np.testing.assert_allclose(solver.solve(program).x, [-2.0, 8.0], rtol=1e-9)


def test_fixed_column(solver: Solver) -> None:
    """A column with equal bounds stays there, and its reduced cost is what moving it would cost."""
    solution = solver.solve(wyndor(lower=np.array([3.0, 0.0]), upper=np.array([3.0, INF])))
    np.testing.assert_allclose(solution.x, [3.0, 4.5], rtol=1e-9)
    np.testing.assert_allclose(solution.reduced_costs, [4.5, 0.0], atol=1e-9)


def test_everything_fixed(solver: Solver) -> None:
    """Where all columns are fixed there is one answer, or none."""
    fixed = np.array([2.0, 6.0])
    assert solver.solve(wyndor(lower=fixed, upper=fixed)).objective == pytest.approx(-36.0)
    assert not solver.solve(wyndor(lower=fixed + 1.0, upper=fixed + 1.0)).ok


def test_ties(solver: Solver) -> None:
    """Where many answers are optimal any of them will do."""
    solution = solver.solve(wyndor(cost=np.array([-3.0, -2.0])))
    assert solution.objective == pytest.approx(-18.0, rel=1e-9)


def test_no_cost(solver: Solver) -> None:
    """Where nothing costs anything a feasible point is found, and no dual."""
    solution = solver.solve(wyndor(cost=np.zeros(2), row_lower=np.array([1.0, 2.0, 3.0])))
    assert solution.status is Status.ok
    np.testing.assert_allclose(solution.row_duals, 0.0, atol=1e-9)


def test_redundant_equations(solver: Solver) -> None:
    """Equations that follow from others, doubled and summed, change nothing."""
    matrix = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
    sums = np.array([30.0, 70.0, 60.0, 40.0])
    program = LinearProgram(
        cost=np.array([1.0, 4.0, 3.0, 1.0]),
        matrix=np.vstack([matrix, 2.0 * matrix[:1], matrix[:2].sum(axis=0, keepdims=True)]),
        row_lower=np.concatenate([sums, [60.0, 100.0]]),
        row_upper=np.concatenate([sums, [60.0, 100.0]]),
        lower=np.zeros(4),
        upper=np.full(4, INF),
    )
    np.testing.assert_allclose(solver.solve(program).x, [30.0, 0.0, 30.0, 40.0], atol=1e-7)


def test_equations_that_disagree_by_a_rounding_error(solver: Solver) -> None:
    """Sums of decimal fractions are no contradiction: 0.1 + 0.2 = 0.3 has an answer."""
    sides = np.array([0.1, 0.2, 0.3])
    program = wyndor(matrix=np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), row_lower=sides, row_upper=sides)
    np.testing.assert_allclose(solver.solve(program).x, [0.1, 0.2], rtol=1e-9)


def test_no_interior(solver: Solver) -> None:
    """Inequalities that leave a single point are solved like any others."""
    program = wyndor(row_upper=np.array([0.0, 12.0, 0.0]))
    np.testing.assert_allclose(solver.solve(program).x, 0.0, atol=1e-9)


def test_quadratic_term(solver: Solver) -> None:
    """A quadratic term is minimized or refused, never ignored."""
    program = wyndor(quadratic=np.array([3.0, 1.0]))
    if Capability.quadratic in solver.capabilities:
        np.testing.assert_allclose(solver.solve(program).x, [1.0, 5.0], rtol=1e-9)
    else:
        with pytest.raises(ValueError, match="quadratic"):
            solver.solve(program)

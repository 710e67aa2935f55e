"""The check of an answer: what it finds, and in which units."""

from __future__ import annotations

import numpy as np
import pytest

from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import certified, checked, measure, objective_scale, residuals
from planalloc.lp.solution import Reason, Solution

INF = np.inf


def cheapest_ten(**changes: object) -> LinearProgram:
    """Buy ten units at two and at one, of the cheap ones nine at most: one and nine, and the tenth costs two."""
    program = LinearProgram(
        cost=np.array([2.0, 1.0]),
        matrix=np.array([[1.0, 1.0]]),
        row_lower=np.array([10.0]),
        row_upper=np.array([INF]),
        lower=np.zeros(2),
        upper=np.array([INF, 9.0]),
    )
    return program.but(**changes)


OPTIMUM, DUALS = np.array([1.0, 9.0]), np.array([2.0])


def test_the_optimum_has_no_residuals() -> None:
    """At the optimum with its duals all four figures are zero."""
    assert measure(cheapest_ten(), OPTIMUM, DUALS).worst == 0.0


def test_a_missed_row_is_a_primal_residual() -> None:
    """Nine units instead of ten miss the row by a tenth of it."""
    assert measure(cheapest_ten(), np.array([0.0, 9.0]), DUALS).primal == pytest.approx(0.1)


def test_a_missed_bound_is_a_primal_residual() -> None:
    """Eighteen units where nine are allowed miss the bound by once itself."""
    assert measure(cheapest_ten(), np.array([0.0, 18.0]), DUALS).primal == pytest.approx(1.0)


def test_a_slope_that_nothing_holds_is_a_dual_residual() -> None:
    """With a dual of three the first column would go up for ever: its slope of -1 is half its cost."""
    assert measure(cheapest_ten(), OPTIMUM, np.array([3.0])).dual == pytest.approx(0.5)


def test_a_dual_of_the_wrong_sign_is_a_dual_residual() -> None:
    """The row has no upper side, so its dual cannot be negative."""
    assert measure(cheapest_ten(), OPTIMUM, np.array([-2.0])).dual > 0.1


def test_a_point_off_the_optimum_breaks_complementarity() -> None:
    """Taking one cheap unit less than allowed shows in complementarity and in the gap."""
    measured = measure(cheapest_ten(), np.array([2.0, 8.0]), DUALS)
    assert measured.primal == 0.0
    assert measured.dual == 0.0
    assert measured.complementarity > 0.05
    assert measured.gap > 0.05


def test_quadratic_programs_are_measured_by_their_slopes() -> None:
    """Two columns with x squared share ten evenly, with a dual of ten; unevenly they do not pass."""
    program = cheapest_ten(cost=np.zeros(2), quadratic=np.full(2, 2.0))
    assert measure(program, np.array([5.0, 5.0]), np.array([10.0])).worst == 0.0
    assert not certified(measure(program, np.array([6.0, 4.0]), np.array([10.0])))


def test_numbers_that_are_not_finite_are_never_certified() -> None:
    """NaN compares with nothing, and must not slip through."""
    assert not certified(measure(cheapest_ten(), np.array([np.nan, 9.0]), DUALS))
    assert not certified(measure(cheapest_ten(), OPTIMUM, np.array([np.inf])))


@pytest.mark.parametrize("amount", [1e-6, 1.0, 1e9])
@pytest.mark.parametrize("price", [1e-6, 1.0, 1e9])
def test_figures_do_not_depend_on_units(amount: float, price: float) -> None:
    """The same point in other units of amount and money has the same residuals."""
    x, row_duals = np.array([1.1, 8.8]), np.array([1.9])
    here = measure(cheapest_ten(), x, row_duals)
    program = cheapest_ten()
    there = measure(
        program.but(cost=program.cost * price, row_lower=program.row_lower * amount, upper=program.upper * amount),
        x * amount,
        row_duals * price,
    )
    for name in ("primal", "dual", "complementarity", "gap"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), rel=1e-9)


def test_an_amount_on_its_way_to_infinity_excuses_nothing() -> None:
    """Contradicting rows are not certified by amounts so large that the difference looks small."""
    program = LinearProgram(
        cost=np.zeros(2),
        matrix=np.array([[1.0, -1.0], [1.0, -1.0]]),
        row_lower=np.array([0.0, 1.0]),
        row_upper=np.array([0.0, 1.0]),
        lower=np.full(2, -INF),
        upper=np.full(2, INF),
    )
    assert not certified(measure(program, np.array([1e15, 1e15]), np.zeros(2)))


def test_noise_on_an_answer_of_zeros_passes() -> None:
    """Where nothing can be had, a rounding error instead of a zero is no violation."""
    program = cheapest_ten(row_lower=np.array([-INF]), row_upper=np.array([0.0]))
    assert certified(measure(program, np.array([1e-17, 1e-17]), np.zeros(1)))


def test_checked_numbers_stay_within_their_bounds() -> None:
    """A rounding error past a bound is taken back."""
    assert checked(cheapest_ten(), np.array([1.0, 9.0 + 1e-12]), DUALS, solver="eye").x.tolist() == [1.0, 9.0]


def test_what_is_not_certified_is_no_answer() -> None:
    """Numbers that fail the check are withheld, and the reason says so."""
    solution = checked(cheapest_ten(), np.array([2.0, 8.0]), DUALS, solver="eye", raw_status="fine")
    assert not solution.ok
    assert solution.reason is Reason.numerical
    assert solution.raw_status.startswith("fine; not certified")
    assert np.isnan(solution.x).all()


def test_residuals_read_a_solution() -> None:
    """Measuring a solution is measuring its amounts and duals."""
    program = cheapest_ten()
    solution = checked(program, OPTIMUM, DUALS, solver="eye")
    assert residuals(program, solution) == measure(program, OPTIMUM, DUALS)
    assert not certified(residuals(program, Solution.none(program, Reason.infeasible, solver="eye")))


def test_objectives_are_compared_on_the_scale_of_their_terms() -> None:
    """Eleven is the size of 2 + 9; where all terms vanish it is what the largest amount would cost."""
    assert objective_scale(cheapest_ten(), OPTIMUM) >= 11.0
    assert objective_scale(cheapest_ten(), np.zeros(2)) > 0.0

"""Quadratic programs on a linear solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from planalloc.lp.pieces import refinements, solve_by_pieces
from planalloc.lp.program import LinearProgram
from planalloc.lp.solution import Reason, Solution
from planalloc.lp.solvers.highs import Highs

if TYPE_CHECKING:
    from planalloc.lp.solvers import Capability

INF = np.inf


def capped(**changes: object) -> LinearProgram:
    """Share 120 in proportion to 10, 30 and 60, no more than 10 to the first."""
    program = LinearProgram(
        cost=np.full(3, -2.0),
        quadratic=np.array([2.0 / 10.0, 2.0 / 30.0, 2.0 / 60.0]),
        matrix=np.ones((1, 3)),
        row_lower=np.array([120.0]),
        row_upper=np.array([120.0]),
        lower=np.zeros(3),
        upper=np.array([10.0, INF, INF]),
    )
    return program.but(**changes)


OPTIMUM = np.array([10.0, 110.0 / 3.0, 220.0 / 3.0])


@dataclass
class Clumsy:
    """Solve a number of programs, then give up."""

    answers: int

    name: str = "clumsy"
    capabilities: frozenset[Capability] = frozenset()

    def solve(self, program: LinearProgram) -> Solution:
        """Hand over to HiGHS as long as there are answers left."""
        self.answers -= 1
        if self.answers < 0:
            return Solution.none(program, Reason.time_limit, solver=self.name)
        return Highs().solve(program)


def test_the_answer_is_exact() -> None:
    """What the pieces come near to is polished to full precision."""
    solution = solve_by_pieces(capped(), Highs())
    assert solution.ok
    np.testing.assert_allclose(solution.x, OPTIMUM, rtol=1e-12)
    assert solution.solver == "highs in pieces"


@pytest.mark.parametrize("resolution", [1.0, 1e-2, 1e-4])
def test_pieces_settle_within_the_resolution(resolution: float) -> None:
    """Without any polish the last answer is as near as was asked for."""
    *_, (solution, settled) = refinements(capped(), Highs(), resolution=resolution)
    assert settled
    np.testing.assert_allclose(solution.x, OPTIMUM, atol=2.0 * resolution)


def test_the_resolution_may_be_given_by_column() -> None:
    """One number for all columns is the same as that number for each."""
    *_, (by_column, _) = refinements(capped(), Highs(), resolution=np.full(3, 1e-3))
    *_, (for_all, _) = refinements(capped(), Highs(), resolution=1e-3)
    np.testing.assert_array_equal(by_column.x, for_all.x)


def test_every_refinement_is_feasible() -> None:
    """From the first one on the answers of the pieces hold all limits."""
    for solution, _ in refinements(capped(), Highs(), resolution=1e-3):
        assert solution.x.sum() == pytest.approx(120.0, rel=1e-12)
        assert solution.x[0] <= 10.0


def test_a_linear_program_goes_straight_to_the_solver() -> None:
    """Without curvature there is nothing to cut."""
    solution = solve_by_pieces(capped(quadratic=None, cost=np.array([1.0, 2.0, 3.0])), Highs())
    np.testing.assert_allclose(solution.x, [10.0, 110.0, 0.0], rtol=1e-12)
    assert solution.solver == "highs"


def test_an_infeasible_program_is_called_so() -> None:
    """The linear solver tells that nothing is feasible, and its word is passed on."""
    assert solve_by_pieces(capped(upper=np.full(3, 10.0)), Highs()).reason is Reason.infeasible


def test_an_unbounded_program_is_called_so() -> None:
    """A column without curvature that earns without end is found while the others stand still."""
    program = capped(quadratic=np.array([0.2, 0.1, 0.0]), row_upper=np.array([INF]))
    assert solve_by_pieces(program, Highs()).reason is Reason.unbounded


def test_curvature_holds_what_has_no_bound() -> None:
    """A program bounded only by its curvature, far away from where it starts, is found."""
    program = capped(
        cost=np.full(3, -2e9), row_lower=np.array([-INF]), row_upper=np.array([INF]), lower=np.full(3, -INF)
    )
    np.testing.assert_allclose(solve_by_pieces(program, Highs()).x, [10.0, 3e10, 6e10], rtol=1e-9)


@pytest.mark.parametrize("answers", [0, 1])
def test_a_solver_that_gives_up_is_heard(answers: int) -> None:
    """Before there is any answer the solver's own reason is the reason."""
    assert solve_by_pieces(capped(), Clumsy(answers)).reason is Reason.time_limit


def test_what_was_found_before_the_solver_gave_up_counts() -> None:
    """A certified answer stands even when the linear solver fails later."""
    assert solve_by_pieces(capped(), Clumsy(12)).ok

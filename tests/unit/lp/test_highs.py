"""HiGHS through SciPy: what is particular to it. What it shares with all solvers is in the contract suite."""

from __future__ import annotations

import numpy as np

from planalloc.lp.program import LinearProgram
from planalloc.lp.solution import Reason
from planalloc.lp.solvers.highs import Highs


def assignment(n: int) -> LinearProgram:
    """Assign n to n at random costs: large enough that nothing is seen without solving."""
    rng = np.random.default_rng(1)
    rows = np.vstack([np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))])
    return LinearProgram(
        cost=rng.random(n * n),
        matrix=rows,
        row_lower=np.ones(2 * n),
        row_upper=np.ones(2 * n),
        lower=np.zeros(n * n),
        upper=np.full(n * n, np.inf),
    )


def test_a_time_limit_that_is_reached_is_the_reason() -> None:
    """With no time at all there is no answer, and the limit is named as the cause."""
    solution = Highs(time_limit=0.0).solve(assignment(20))
    assert not solution.ok
    assert solution.reason is Reason.time_limit


def test_a_time_limit_that_is_not_reached_changes_nothing() -> None:
    """With time enough the answer is the one without a limit."""
    np.testing.assert_array_equal(Highs(time_limit=1e6).solve(assignment(5)).x, Highs().solve(assignment(5)).x)


def test_iterations_are_reported() -> None:
    """A program that takes pivots reports how many."""
    assert Highs().solve(assignment(20)).iterations > 0

"""Every solver that PuLP finds on this machine agrees with our own, or says that it has no answer."""

from __future__ import annotations

import numpy as np
import pytest

from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import certified, residuals
from planalloc.lp.solution import Reason
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.pulp import Pulp, installed

pytestmark = [
    pytest.mark.skipif(not installed(), reason="PuLP finds no solver on this machine"),
    pytest.mark.parametrize("name", installed()),
]
INF = np.inf


def random_program(seed: int) -> LinearProgram:
    """Every kind of row and bound; many of these programs are infeasible, and some unbounded."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(1, 8)), int(rng.integers(1, 8))
    matrix = np.rint(3.0 * rng.normal(size=(m, n))) * (rng.random((m, n)) < 0.6)
    kind, column_kind = rng.integers(0, 5, m), rng.integers(0, 5, n)
    at = matrix @ rng.exponential(size=n) + rng.normal(size=m) * (rng.random() < 0.4)
    return LinearProgram(
        cost=rng.normal(size=n) + rng.integers(0, 2),
        matrix=matrix,
        row_lower=np.select([kind == 0, kind == 1], [-INF, at], at - 1.0),
        row_upper=np.select([kind == 2, kind == 1], [INF, at], at + 2.0),
        lower=np.where(column_kind == 0, -INF, 0.0),
        upper=np.where(column_kind == 1, 3.0, INF),
    )


def sharing(n_reps: int, n_lines: int) -> LinearProgram:
    """Targets of lines shared among people with limited hours, in amounts of millions; what is short is dear."""
    rng = np.random.default_rng(n_reps)
    cells = n_reps * n_lines
    hours = np.kron(np.eye(n_reps), rng.uniform(1e-4, 3e-4, n_lines))
    targets = np.kron(np.ones((1, n_reps)), np.eye(n_lines))
    matrix = np.block([[hours, np.zeros((n_reps, n_lines))], [targets, np.eye(n_lines)]])
    money = rng.uniform(1e6, 2e6, n_lines) * n_reps
    return LinearProgram(
        cost=np.concatenate([rng.uniform(0.0, 1.0, cells), np.full(n_lines, 50.0)]),
        matrix=matrix,
        row_lower=np.concatenate([np.full(n_reps, -INF), money]),
        row_upper=np.concatenate([rng.uniform(800.0, 1600.0, n_reps), money]),
        lower=np.zeros(cells + n_lines),
        upper=np.full(cells + n_lines, INF),
    )


@pytest.mark.parametrize("seed", range(40))
def test_agrees_with_highs(name: str, seed: int) -> None:
    """The same optimum, certified, or the same reason why there is none."""
    program = random_program(seed)
    expected, found = Highs().solve(program), Pulp(name).solve(program)
    assert found.reason is expected.reason
    if expected.ok:
        assert found.objective == pytest.approx(expected.objective, rel=1e-9, abs=1e-9)
        assert certified(residuals(program, found))


def test_agrees_on_a_program_of_some_size(name: str) -> None:
    """Twenty people and five lines: the same cost to nine digits, and duals that are certified."""
    program = sharing(20, 5)
    found = Pulp(name).solve(program)
    assert found.objective == pytest.approx(Highs().solve(program).objective, rel=1e-9)
    assert certified(residuals(program, found))


def test_says_nothing(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed while it solves, be there an answer or not, beyond a banner when it is loaded."""
    Pulp(name).solve(sharing(3, 2))
    capfd.readouterr()
    Pulp(name).solve(sharing(3, 2))
    Pulp(name).solve(sharing(3, 2).but(lower=np.full(8, 1e9)))
    assert capfd.readouterr() == ("", "")


def test_a_generous_time_limit_changes_nothing(name: str) -> None:
    """With more time than it needs a solver gives the answer that it gives without a limit."""
    program = sharing(3, 2)
    limited = Pulp(name, time_limit=60.0).solve(program)
    assert limited.ok
    np.testing.assert_array_equal(limited.x, Pulp(name).solve(program).x)


def test_out_of_time(name: str) -> None:
    """Without any time there is no answer, for that reason."""
    assert Pulp(name, time_limit=0.0).solve(sharing(3, 2)).reason is Reason.time_limit

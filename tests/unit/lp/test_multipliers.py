"""Of all multipliers that prove an answer optimal, those of least size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from planalloc.lp.multipliers import least_multipliers
from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import checked

if TYPE_CHECKING:
    from planalloc.lp.solution import Solution
    from planalloc.types import Floats

STIFF = 1e5
"""How much more a missed equation weighs than a multiplier, where least squares stand in for the program."""


@st.composite
def solved(draw: st.DrawFn) -> tuple[LinearProgram, Solution]:
    """Return a program made backwards from its answer: more rows bind than there are columns, some of them twice."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    matrix = generator.integers(-2, 3, (m, n)).astype(float)
    matrix[m // 2] = matrix[0]
    x = generator.integers(0, 4, n).astype(float)
    row_duals = generator.choice([-3.0, -1.0, 0.0, 0.0, 2.0, 40.0], m)
    reduced_costs = np.where(x == 0, generator.choice([0.0, 1.0], n), 0.0)
    curvature = generator.choice([0.5, 1.0, 2.0], n)
    at, binds = matrix @ x, generator.choice(["equal", "one side", "loose"], m)
    lower = np.where((row_duals > 0) | (binds == "equal"), at, at - 5.0)
    upper = np.where((row_duals < 0) | (binds == "equal"), at, at + 5.0)
    program = LinearProgram(
        cost=matrix.T @ row_duals + reduced_costs - curvature * x,
        matrix=matrix,
        row_lower=lower,
        row_upper=upper,
        lower=np.zeros(n),
        upper=np.full(n, np.inf),
        quadratic=curvature,
    )
    solution = checked(program, x, row_duals, solver="made")
    assert solution.ok
    return program, solution


def size(program: LinearProgram, solution: Solution, row_duals: Floats) -> float:
    """Return what is least: each multiplier squared, by what its row moves."""
    weights = 1.0 / program.curvature
    rows = program.matrix.multiply(program.matrix) @ weights
    slopes = program.gradient(solution.x) - program.matrix.T @ row_duals
    return float(rows @ row_duals**2 + weights @ slopes**2)


def least_squares(program: LinearProgram, solution: Solution) -> Floats:
    """Return the least multipliers by non-negative least squares over all sides that bind: an independent way."""
    x, weights, n = solution.x, 1.0 / program.curvature, program.n_columns
    held = np.vstack([program.matrix.toarray(), np.eye(n)])
    at = np.concatenate([program.matrix @ x, x])
    below = np.flatnonzero(at == np.concatenate([program.row_lower, program.lower]))
    above = np.flatnonzero(at == np.concatenate([program.row_upper, program.upper]))
    goal = np.vstack([STIFF * held.T, np.diag(np.sqrt(held**2 @ weights))])
    right = np.concatenate([STIFF * program.gradient(x), np.zeros(len(held))])
    found = np.zeros(len(held))
    if not len(below) + len(above):
        return found
    sides, _ = nnls(np.hstack([goal[:, below], -goal[:, above]]), right)
    found[below] += sides[: len(below)]
    found[above] -= sides[len(below) :]
    return found


@settings(max_examples=60, deadline=None)
@given(made=solved())
def test_they_prove_the_answer_and_are_least(made: tuple[LinearProgram, Solution]) -> None:
    """They are multipliers of the same answer, no larger than those it came with, nor than least squares finds."""
    program, solution = made
    found = least_multipliers(program, solution, weights=1.0 / program.curvature)
    proof = checked(program, solution.x, found, solver="least")
    own, known = size(program, solution, found), size(program, solution, solution.row_duals)
    other = size(program, solution, least_squares(program, solution)[: program.n_rows])
    assert proof.ok
    assert own <= known * (1 + 1e-7) + 1e-9
    assert own == pytest.approx(other, rel=1e-3, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(made=solved(), factor=st.sampled_from([1e-3, 0.25, 7.0, 1e3]))
def test_the_scale_of_a_row_changes_nothing(made: tuple[LinearProgram, Solution], factor: float) -> None:
    """What a row moves is the same in euros and in thousands of them."""
    program, solution = made
    scale = np.ones(program.n_rows)
    scale[0] = factor
    other = program.but(
        matrix=program.matrix.multiply(scale[:, None]),
        row_lower=program.row_lower * scale,
        row_upper=program.row_upper * scale,
    )
    weights = 1.0 / program.curvature
    found = least_multipliers(program, solution, weights=weights)
    scaled = least_multipliers(other, replace(solution, row_duals=solution.row_duals / scale), weights=weights)
    moved = np.abs(program.matrix) @ weights > 0
    np.testing.assert_allclose((scaled * scale)[moved], found[moved], rtol=1e-6, atol=1e-6)


def test_rows_that_say_the_same_pull_the_same() -> None:
    """A column of curvature 2 is held at 1 by three equal rows: its slope of 6 is 2 of each, whatever came in."""
    program = LinearProgram(
        cost=np.array([4.0]),
        matrix=np.ones((3, 1)),
        row_lower=np.ones(3),
        row_upper=np.array([9.0, 9.0, 1.0]),
        lower=np.zeros(1),
        upper=np.array([9.0]),
        quadratic=np.array([2.0]),
    )
    solution = checked(program, np.ones(1), np.array([906.0, 0.0, -900.0]), solver="made")
    assert solution.ok
    np.testing.assert_allclose(least_multipliers(program, solution, weights=np.array([0.5])), 2.0, rtol=1e-9)

"""All tiers but the last at what bounds allow, against one after the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies
from planalloc.formulate.answering import program_of
from planalloc.formulate.formulation import formulate
from planalloc.lp.lexicographic import Tier, lexicographic
from planalloc.lp.program import LinearProgram
from planalloc.lp.solvers.block_ideal import solve_ideal
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

INF = np.inf


def sellers(seed: int, *, hours: float) -> tuple[LinearProgram, list[Tier]]:
    """Let ten sellers carry two lines near a reference, with this part of the hours that the reference takes."""
    rng = np.random.default_rng(seed)
    many, lines = 10, 2
    reference = rng.uniform(1.0, 3.0, many * lines)
    each = np.kron(np.eye(many), np.ones(lines)) * rng.uniform(0.5, 1.5, many * lines)
    targets = reference.reshape(many, lines).sum(axis=0)
    matrix = np.block([[np.tile(np.eye(lines), many), np.eye(lines)], [each, np.zeros((many, lines))]])
    program = LinearProgram(
        cost=np.zeros(matrix.shape[1]),
        matrix=matrix,
        row_lower=np.concatenate([targets, np.full(many, -INF)]),
        row_upper=np.concatenate([targets, hours * each @ reference * rng.uniform(0.9, 1.1, many)]),
        lower=np.zeros(matrix.shape[1]),
        upper=np.concatenate([np.full(many * lines, INF), targets]),
    )
    nothing = np.zeros(many * lines)
    return program, [
        Tier("shortfall", np.concatenate([nothing, np.ones(lines)])),
        Tier("distance", np.concatenate([nothing - 2.0, np.zeros(lines)]), np.append(2.0 / reference, np.zeros(lines))),
    ]


@given(st.integers(min_value=0, max_value=2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_where_hours_suffice_the_answer_is_that_of_one_tier_after_the_other(seed: int) -> None:
    """Nothing is left unmet, and the money is where the general solvers put it."""
    program, tiers = sellers(seed, hours=1.2)
    found = solve_ideal(program, tiers)
    assert found is not None
    expected = lexicographic(program, tiers, linear=Highs(), convex=InteriorPoint())
    assert [one.objective for one in found] == pytest.approx([one.objective for one in expected], abs=1e-7)
    assert found[-1].x == pytest.approx(expected[-1].x, abs=1e-7)


def test_where_hours_are_short_there_is_no_answer() -> None:
    """A tier that cannot be at its least is left to those who solve it."""
    assert solve_ideal(*sellers(7, hours=0.5)) is None


def test_a_tier_without_a_least_has_no_answer() -> None:
    """A column that is the better the larger, and has no upper bound, cannot be fixed where it costs least."""
    program, tiers = sellers(7, hours=1.2)
    assert solve_ideal(program, [replace(tiers[0], cost=tiers[0].cost - 1.0), tiers[1]]) is None


def test_tiers_that_pull_apart_have_no_answer() -> None:
    """What one tier wants least of, another wants most of: they cannot both be at their best."""
    program, tiers = sellers(7, hours=1.2)
    against = Tier("against", -tiers[0].cost)
    assert solve_ideal(program, [tiers[0], against, tiers[1]]) is None


@given(companies())
@settings(max_examples=25, deadline=None)
def test_what_is_found_for_a_company_is_what_it_gets(problem: pa.PlanningProblem) -> None:
    """Pins, ranges, bands, coverage, overtime and changing seasons: never another answer, though maybe none."""
    try:
        program = program_of(formulate(problem.canonical()))
    except pa.InfeasibleError:
        return
    found = solve_ideal(program.program, program.tiers)
    if found is not None:
        expected = lexicographic(program.program, program.tiers, linear=Highs(), convex=InteriorPoint())
        told = [one.objective for one in expected]
        assert [one.objective for one in found] == pytest.approx(told, rel=1e-6, abs=1e-6)

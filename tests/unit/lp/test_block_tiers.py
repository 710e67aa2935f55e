"""All tiers at once, against one after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies
from planalloc.formulate.answering import program_of
from planalloc.formulate.formulation import formulate
from planalloc.lp.lexicographic import Tier, lexicographic, narrowed
from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import certified, residuals
from planalloc.lp.solvers.block_tiers import solve_tiers
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

INF = np.inf
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def short_of_hours(seed: int, *, many: int = 40, lines: int = 3) -> tuple[LinearProgram, list[Tier]]:
    """Let sellers with too few hours carry lines: least shortfall, then least overtime, then nearest to a reference."""
    rng = np.random.default_rng(seed)
    cells = many * lines
    reference = rng.uniform(1.0, 3.0, cells)
    hours = np.kron(np.eye(many), np.ones(lines)) * rng.uniform(0.5, 1.5, cells)
    matrix = np.block(
        [
            [np.tile(np.eye(lines), many), np.zeros((lines, many)), np.eye(lines)],
            [hours, -np.eye(many), np.zeros((many, lines))],
        ]
    )
    targets = reference.reshape(many, lines).sum(axis=0)
    program = LinearProgram(
        cost=np.zeros(matrix.shape[1]),
        matrix=matrix,
        row_lower=np.concatenate([targets, np.full(many, -INF)]),
        row_upper=np.concatenate([targets, hours @ reference * rng.uniform(0.6, 1.1, many)]),
        lower=np.zeros(matrix.shape[1]),
        upper=np.concatenate([np.full(cells, INF), np.full(many, 0.3), targets]),
    )
    none, cost = np.zeros(cells), np.concatenate([np.full(cells, -2.0), np.zeros(many + lines)])
    curve = np.concatenate([2.0 / reference, np.ones(many), np.zeros(lines)])
    return program, [
        Tier("shortfall", np.concatenate([none, np.zeros(many), np.arange(lines, 0.0, -1.0)])),
        Tier("overtime", np.concatenate([none, np.ones(many), np.zeros(lines)])),
        Tier("distance", cost, curve),
    ]


def one_after_the_other(program: LinearProgram, tiers: list[Tier]) -> list[float]:
    """Return the objective of each tier by general solvers."""
    solutions = lexicographic(program, tiers, linear=Highs(), convex=InteriorPoint())
    return [solution.objective for solution in solutions]


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_tiers_at_once_are_as_good_as_one_after_the_other(seed: int) -> None:
    """Every tier has the optimum that it has when the tiers before it are kept."""
    program, tiers = short_of_hours(seed)
    found = solve_tiers(program, tiers)
    assert found is not None
    assert [solution.objective for solution in found] == pytest.approx(one_after_the_other(program, tiers), abs=1e-6)


@given(companies())
@settings(max_examples=25, deadline=None)
def test_what_is_found_for_a_company_is_what_it_gets(problem: pa.PlanningProblem) -> None:
    """Pins, ranges, bands, coverage, overtime and changing seasons: never another answer, though maybe none."""
    try:
        program = program_of(formulate(problem.canonical()))
    except pa.InfeasibleError:
        return
    found = solve_tiers(program.program, program.tiers)
    expected = one_after_the_other(program.program, program.tiers)
    assert found is None or [one.objective for one in found] == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_each_tier_has_a_certificate_of_its_own(seed: int) -> None:
    """Each tier's amounts and duals pass our check on the optima of the tiers before it."""
    face, tiers = short_of_hours(seed)
    found = solve_tiers(face, tiers)
    assert found is not None
    for tier, solution in zip(tiers, found, strict=True):
        current = face.but(cost=tier.cost, quadratic=tier.quadratic)
        assert certified(residuals(current, solution))
        face = narrowed(current, solution) if current.linear else face


def test_duals_of_the_first_tier_are_the_prices_of_the_limits() -> None:
    """A tenth more hours for everybody make good what the first tier's duals say, as long as the same limits bind."""
    program, tiers = short_of_hours(1)
    more = np.append(np.zeros(3), np.full(40, 1e-4))
    first, second = solve_tiers(program, tiers), solve_tiers(program.but(row_upper=program.row_upper + more), tiers)
    assert first is not None
    assert second is not None
    assert second[0].objective - first[0].objective == pytest.approx(first[0].row_duals @ more, rel=1e-6)


def test_without_an_answer_there_is_none() -> None:
    """Where the program is infeasible the caller is told to find out himself."""
    program, tiers = short_of_hours(1)
    upper = program.upper.copy()
    upper[-3:] = 0.0
    upper[:-3] = 0.1
    assert solve_tiers(program.but(upper=upper), tiers) is None


def test_only_the_last_tier_may_be_quadratic() -> None:
    """Optima of a quadratic tier are not told by bounds alone."""
    program, tiers = short_of_hours(1)
    with pytest.raises(ValueError, match="last tier"):
        solve_tiers(program, tiers[::-1])

"""Objectives one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, vstack

from planalloc.lp.lexicographic import Tier, lexicographic, narrowed
from planalloc.lp.program import LinearProgram
from planalloc.lp.solution import Reason, Solution
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.lp.solvers import Capability

INF = np.inf


def short_of_hours(**changes: object) -> LinearProgram:
    """Share two targets of ten between two people, at one and at two hours a unit, with 12 hours for each of them.

    The columns are the two people's parts of the first line, those of the second, and the two shortfalls.
    """
    program = LinearProgram(
        cost=np.zeros(6),
        matrix=np.array(
            [
                [1.0, 1.0, 0.0, 0.0, 1.0, 0.0],
                [0.0, 0.0, 1.0, 1.0, 0.0, 1.0],
                [1.0, 0.0, 2.0, 0.0, 0.0, 0.0],
                [0.0, 1.0, 0.0, 2.0, 0.0, 0.0],
            ]
        ),
        row_lower=np.array([10.0, 10.0, -INF, -INF]),
        row_upper=np.array([10.0, 10.0, 12.0, 12.0]),
        lower=np.zeros(6),
        upper=np.full(6, INF),
    )
    return program.but(**changes)


SHORTFALL = Tier("shortfall", np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0]))
EVENNESS = Tier("evenness", np.zeros(6), np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0]))


@dataclass
class Forgetful:
    """Find the right amounts with duals of zero: what a solver does whose duals are too small to be told from noise."""

    name: str = "forgetful"
    capabilities: frozenset[Capability] = frozenset()

    def solve(self, program: LinearProgram) -> Solution:
        """Solve with HiGHS and drop the duals."""
        solution = Highs().solve(program)
        return replace(solution, row_duals=0.0 * solution.row_duals, reduced_costs=0.0 * solution.reduced_costs)


@dataclass
class Helpless:
    """Never find an answer."""

    name: str = "helpless"
    capabilities: frozenset[Capability] = frozenset()
    asked: list[LinearProgram] = field(default_factory=list)

    def solve(self, program: LinearProgram) -> Solution:
        """Remember the program and give up."""
        self.asked.append(program)
        return Solution.none(program, Reason.numerical, solver=self.name)


def test_the_first_objective_comes_first() -> None:
    """Of 20 units 24 hours carry 17: ten cheap ones and seven dear ones. Evenness decides only who carries what."""
    shortfall, evenness = lexicographic(short_of_hours(), [SHORTFALL, EVENNESS], linear=Highs(), convex=InteriorPoint())
    assert shortfall.objective == pytest.approx(3.0)
    np.testing.assert_allclose(evenness.x, [5.0, 5.0, 3.5, 3.5, 0.0, 3.0], atol=1e-9)


def test_the_order_matters() -> None:
    """With shares of the first line first, it is the hours of its carrier that decide the rest."""
    first_person = Tier("first person", np.array([-1.0, 0.0, 0.0, 0.0, 0.0, 0.0]))
    *_, answer = lexicographic(
        short_of_hours(), [first_person, SHORTFALL, EVENNESS], linear=Highs(), convex=InteriorPoint()
    )
    np.testing.assert_allclose(answer.x, [10.0, 0.0, 1.0, 6.0, 0.0, 3.0], atol=1e-9)


def test_duals_of_the_first_tier_are_the_prices_of_the_limits() -> None:
    """An hour more carries half a dear unit more."""
    first, _ = lexicographic(short_of_hours(), [SHORTFALL, EVENNESS], linear=Highs(), convex=InteriorPoint())
    np.testing.assert_allclose(first.row_duals[2:], [-0.5, -0.5], atol=1e-9)


def test_duals_too_small_to_be_seen_are_made_good() -> None:
    """Where the duals say nothing, a row keeps the first objective from getting worse."""
    shortfall, evenness = lexicographic(
        short_of_hours(), [SHORTFALL, EVENNESS], linear=Forgetful(), convex=InteriorPoint()
    )
    assert SHORTFALL.cost @ evenness.x == pytest.approx(shortfall.objective, rel=1e-9)
    np.testing.assert_allclose(evenness.x, [5.0, 5.0, 3.5, 3.5, 0.0, 3.0], atol=1e-7)
    assert evenness.row_duals.shape == (4,)


def test_the_linear_solver_helps_out() -> None:
    """Where the convex solver finds no answer the linear one finds it in pieces."""
    helpless = Helpless()
    *_, evenness = lexicographic(short_of_hours(), [SHORTFALL, EVENNESS], linear=Highs(), convex=helpless)
    assert helpless.asked
    assert evenness.solver == "highs in pieces"
    np.testing.assert_allclose(evenness.x, [5.0, 5.0, 3.5, 3.5, 0.0, 3.0], atol=1e-9)


def test_the_first_tier_without_an_answer_is_the_last_one_tried() -> None:
    """What is infeasible stays so whatever the objective; the list ends with the reason."""
    program = short_of_hours(upper=np.array([INF, INF, INF, INF, 0.0, 0.0]))
    solutions = lexicographic(program, [SHORTFALL, EVENNESS], linear=Highs(), convex=InteriorPoint())
    assert [solution.reason for solution in solutions] == [Reason.infeasible]


def test_a_reached_time_limit_ends_it() -> None:
    """Once time is up no other way is tried."""
    solutions = lexicographic(
        short_of_hours(), [SHORTFALL, EVENNESS], linear=Highs(time_limit=0.0), convex=InteriorPoint()
    )
    assert [solution.reason for solution in solutions] == [Reason.time_limit]


def test_a_tier_of_zeros_decides_nothing() -> None:
    """An objective that is the same everywhere leaves the answer to the others."""
    nothing = Tier("nothing", np.zeros(6))
    *_, answer = lexicographic(
        short_of_hours(), [nothing, SHORTFALL, nothing, EVENNESS], linear=Highs(), convex=InteriorPoint()
    )
    np.testing.assert_allclose(answer.x, [5.0, 5.0, 3.5, 3.5, 0.0, 3.0], atol=1e-9)


def test_only_the_last_tier_may_be_quadratic() -> None:
    """Nothing is narrowed to the optimum of a curve."""
    with pytest.raises(ValueError, match="only the last tier"):
        lexicographic(short_of_hours(), [EVENNESS, SHORTFALL], linear=Highs(), convex=InteriorPoint())


def test_the_linear_solver_is_never_given_a_curve() -> None:
    """A last tier whose quadratic term is all zeros is a linear one."""
    flat = Tier("flat", SHORTFALL.cost, np.zeros(6))
    solutions = lexicographic(short_of_hours(), [flat], linear=Highs(), convex=Helpless())
    assert solutions[-1].objective == pytest.approx(3.0)


def random_tiers(seed: int) -> tuple[LinearProgram, list[Tier]]:
    """Make a bounded feasible program with many ties, and three objectives of small whole numbers."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(1, 5)), int(rng.integers(3, 8))
    matrix = rng.integers(-1, 3, size=(m, n)).astype(np.float64)
    inside = rng.integers(0, 3, size=n)
    program = LinearProgram(
        cost=np.zeros(n),
        matrix=matrix,
        row_lower=np.where(rng.random(m) < 0.5, matrix @ inside, -INF),
        row_upper=matrix @ inside + rng.integers(0, 3, size=m),
        lower=np.zeros(n),
        upper=np.full(n, 3.0),
    )
    return program, [Tier(name, rng.integers(-1, 2, size=n).astype(np.float64)) for name in "abc"]


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_tiers_agree_with_rows_that_hold_the_objectives_before(seed: int) -> None:
    """Narrowing by duals loses nothing and gains nothing against holding each optimum by a row of its own."""
    program, tiers = random_tiers(seed)
    solutions = lexicographic(program, tiers, linear=Highs(), convex=InteriorPoint())
    for tier, solution in zip(tiers, solutions, strict=True):
        expected = Highs().solve(program.but(cost=tier.cost)).objective
        assert solution.objective == pytest.approx(expected, abs=1e-7)
        program = program.but(
            matrix=csr_array(vstack([program.matrix, csr_array(tier.cost[None])])),
            row_lower=np.append(program.row_lower, -INF),
            row_upper=np.append(program.row_upper, expected),
        )


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_the_narrowed_program_is_the_set_of_optima(seed: int) -> None:
    """Whatever is minimized on the narrowed program, the objective it was narrowed for stays at its optimum."""
    program, tiers = random_tiers(seed)
    program = program.but(cost=tiers[0].cost)
    solution = Highs().solve(program)
    face = narrowed(program, solution)
    for tier in tiers[1:]:
        for sign in (1.0, -1.0):
            other = Highs().solve(face.but(cost=sign * tier.cost))
            assert program.objective(other.x) == pytest.approx(solution.objective, abs=1e-9)


def test_tiers_that_are_left_may_be_answered_at_once() -> None:
    """What answers the rest is asked on the optima of the first tier, and not asked for the last tier alone."""
    program, tiers = random_tiers(7)
    asked: list[tuple[LinearProgram, int]] = []

    def rest(face: LinearProgram, left: Sequence[Tier]) -> list[Solution] | None:
        asked.append((face, len(left)))
        return lexicographic(face, left, linear=Highs(), convex=InteriorPoint())

    one_by_one = lexicographic(program, tiers, linear=Highs(), convex=InteriorPoint())
    at_once = lexicographic(program, tiers, linear=Highs(), convex=InteriorPoint(), rest=rest)
    assert [one.objective for one in at_once] == pytest.approx([one.objective for one in one_by_one], abs=1e-9)
    ((face, left),) = asked
    assert left == 2
    assert program.but(cost=tiers[0].cost).objective(Highs().solve(face.but(cost=-tiers[0].cost)).x) == pytest.approx(
        one_by_one[0].objective, abs=1e-9
    )

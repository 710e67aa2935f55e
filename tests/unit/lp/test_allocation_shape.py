"""Programs of the shape this floor is there for: shares of targets, hours that limit them, objectives in order.

Classes of people carry lines of business over twelve periods. Hours may be plenty, short, zero or equal to the need to
the last digit; amounts may be pinned, rows doubled, targets zero, and shares differ a million times in size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array, vstack

from planalloc.lp.lexicographic import Tier, lexicographic
from planalloc.lp.pieces import solve_by_pieces
from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import certified, objective_scale, residuals
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

if TYPE_CHECKING:
    from planalloc.lp.solution import Solution
    from planalloc.lp.solvers import Capability
    from planalloc.types import Floats

N_PERIODS = 12
INF = np.inf

HOURS = {"plenty": (1.0, 1.5), "tight": (0.95, 1.05), "exact": (1.0, 1.0), "short": (0.4, 1.0), "zero": (0.0, 0.0)}


@dataclass(frozen=True)
class Shape:
    """How many there are of what, and what is special about it."""

    n_classes: int
    n_lines: int
    hours: str
    others: str
    overtime: bool
    pinned: bool
    doubled: bool
    no_target: bool
    spread: float
    seed: int


shapes = st.builds(
    Shape,
    n_classes=st.integers(1, 12),
    n_lines=st.integers(1, 5),
    hours=st.sampled_from(sorted(HOURS)),
    others=st.sampled_from(sorted(HOURS)),
    overtime=st.booleans(),
    pinned=st.booleans(),
    doubled=st.booleans(),
    no_target=st.booleans(),
    spread=st.sampled_from([0.1, 1.0, 3.0]),
    seed=st.integers(0, 2**32 - 1),
)


@dataclass
class Recorder:
    """Solve with the interior-point method and remember what was asked and answered."""

    name: str = "recorder"
    capabilities: frozenset[Capability] = frozenset()

    def solve(self, program: LinearProgram) -> Solution:
        """Solve and remember."""
        self.program = program
        self.solution = InteriorPoint().solve(program)
        return self.solution


def reference_shares(shape: Shape, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the members of each class and their shares, the smallest a millionth of the largest; zero off limits."""
    size = (shape.n_classes, shape.n_lines)
    eligible = rng.random(size) < 0.8
    eligible[np.arange(shape.n_classes), rng.integers(0, shape.n_lines, shape.n_classes)] = True
    eligible[rng.integers(0, shape.n_classes, shape.n_lines), np.arange(shape.n_lines)] = True
    shares = np.exp(rng.normal(0.0, shape.spread, size))
    members = rng.integers(1, 30, shape.n_classes).astype(np.float64)
    shares = np.where(eligible, np.maximum(shares, 1e-6 * shares.max()), 0.0)
    return members, shares * np.power(10.0, rng.uniform(4.0, 9.5)) / (members[:, None] * shares).sum()


def allocation(shape: Shape) -> tuple[LinearProgram, list[Tier]]:
    """Build targets, hours and pins as rows, and shortfall, overtime and distance as tiers."""
    rng = np.random.default_rng(shape.seed)
    members, shares = reference_shares(shape, rng)
    of_class, of_line = np.nonzero(shares)
    n_shares, n_lines, n_hours = of_class.size, shape.n_lines, shape.n_classes * N_PERIODS
    target = (members[:, None] * shares).sum(axis=0) * rng.choice([0.9, 1.0, 1.1], n_lines)
    if shape.no_target:
        target[0] = 0.0
    season = rng.dirichlet(np.full(N_PERIODS, 5.0), n_lines)
    effort = np.power(10.0, rng.uniform(-4.0, -2.0)) * rng.uniform(0.5, 2.0, shares.shape)
    need = np.einsum("cs,cs,st->ct", effort, shares, season)
    low, high = np.array([HOURS[shape.hours if c % 2 else shape.others] for c in range(shape.n_classes)]).T
    hours = (need * rng.uniform(low[:, None], high[:, None], need.shape)).ravel()

    column = np.arange(n_shares)
    hour_rows = n_lines + of_class[:, None] * N_PERIODS + np.arange(N_PERIODS)
    blocks = [
        (of_line, column, members[of_class]),
        (np.arange(n_lines), n_shares + np.arange(n_lines), np.ones(n_lines)),
        (hour_rows, np.repeat(column, N_PERIODS), effort[of_class, of_line][:, None] * season[of_line]),
        (n_lines + np.arange(n_hours), n_shares + n_lines + np.arange(n_hours), -np.ones(n_hours)),
    ]
    row_lower = np.concatenate([target, np.full(n_hours, -INF)])
    row_upper = np.concatenate([target, hours])
    if shape.pinned:
        pin = int(rng.integers(n_shares))
        fits = (hours.reshape(shape.n_classes, N_PERIODS)[of_class[pin]] / blocks[2][2][pin]).min()
        amount = rng.choice([0.0, 0.3, 1.0]) * min(fits, target[of_line[pin]] / members[of_class[pin]])
        blocks.append((np.array([row_lower.size]), np.array([pin]), np.ones(1)))
        row_lower, row_upper = np.append(row_lower, amount), np.append(row_upper, amount)
    rows, columns, entries = (np.concatenate([np.ravel(block[k]) for block in blocks]) for k in range(3))
    n_columns = n_shares + n_lines + n_hours
    matrix = csr_array(coo_array((entries, (rows, columns)), shape=(row_lower.size, n_columns)))
    if shape.doubled:
        again = rng.integers(0, row_lower.size, 3)
        matrix = csr_array(vstack([matrix, 2.0 * matrix[again]]))
        row_lower, row_upper = (np.append(side, 2.0 * side[again]) for side in (row_lower, row_upper))
    program = LinearProgram(
        cost=np.zeros(n_columns),
        matrix=matrix,
        row_lower=row_lower,
        row_upper=row_upper,
        lower=np.zeros(n_columns),
        upper=np.concatenate([np.full(n_shares, INF), target, 0.1 * shape.overtime * hours]),
    )
    kind = np.repeat([0, 1, 2], [n_shares, n_lines, n_hours])
    weight = np.concatenate([np.zeros(n_shares), rng.choice([1.0, 2.0, 5.0], n_lines), np.zeros(n_hours)])
    overtime = np.where(kind == 2, np.append(np.zeros(n_shares + n_lines), np.repeat(members, N_PERIODS)), 0.0)
    near = np.append(members[of_class], np.zeros(n_lines + n_hours))
    pull = np.append(members[of_class] / shares[of_class, of_line], np.zeros(n_lines + n_hours))
    return program, [
        Tier("shortfall", weight),
        Tier("overtime", overtime),
        Tier("distance", -2.0 * near, 2.0 * pull),
    ]


def check(shape: Shape) -> bool:
    """Check every promise, and return whether the interior-point method kept it without help."""
    program, tiers = allocation(shape)
    recorder = Recorder()
    solutions = lexicographic(program, tiers, linear=Highs(), convex=recorder)
    assert [solution.ok for solution in solutions] == [True, True, True]
    assert recorder.solution.ok == certified(residuals(recorder.program, recorder.solution))
    x = solutions[-1].x
    for tier, solution in zip(tiers[:2], solutions[:2], strict=True):
        scale = objective_scale(program.but(cost=tier.cost), solution.x)
        assert tier.cost @ x <= solution.objective + 1e-9 * scale
    activity, size = program.matrix @ x, np.abs(program.matrix) @ np.abs(x)
    floor = 1e-12 * program.row_upper.max()
    assert (activity <= program.row_upper + 1e-9 * size + floor).all()
    assert (activity >= program.row_lower - 1e-9 * size - floor).all()
    return recorder.solution.ok


@given(shape=shapes)
@settings(max_examples=50, deadline=None)
def test_every_case_keeps_all_promises(shape: Shape) -> None:
    """However degenerate, an answer holds all limits, spoils no objective before, and is certified where it says so."""
    check(shape)


def random_shape(rng: np.random.Generator) -> Shape:
    """Draw a shape without looking for trouble, as hypothesis does."""
    flags = rng.random(4) < 0.5
    return Shape(
        n_classes=int(rng.integers(1, 13)),
        n_lines=int(rng.integers(1, 6)),
        hours=str(rng.choice(sorted(HOURS))),
        others=str(rng.choice(sorted(HOURS))),
        overtime=bool(flags[0]),
        pinned=bool(flags[1]),
        doubled=bool(flags[2]),
        no_target=bool(flags[3]),
        spread=float(rng.choice([0.1, 1.0, 3.0])),
        seed=int(rng.integers(2**32)),
    )


def test_the_fallback_is_hardly_ever_needed() -> None:
    """The interior-point method certifies all but one in a hundred by itself."""
    rng = np.random.default_rng(1)
    assert sum(check(random_shape(rng)) for _ in range(100)) >= 99


@pytest.mark.long
def test_the_fallback_is_needed_less_than_once_in_a_thousand() -> None:
    """The same, over thousands of cases."""
    rng = np.random.default_rng(2)
    assert sum(check(random_shape(rng)) for _ in range(3000)) >= 2997


@given(shape=shapes)
@settings(max_examples=20, deadline=None)
def test_pieces_find_the_same_shares(shape: Shape) -> None:
    """The fallback and the interior-point method agree to the last unit in ten million."""
    program, tiers = allocation(shape)
    recorder = Recorder()
    answer = lexicographic(program, tiers, linear=Highs(), convex=recorder)[-1]
    other = solve_by_pieces(recorder.program, Highs())
    assert other.ok
    np.testing.assert_allclose(other.x, answer.x, rtol=0.0, atol=5e-8 * program.row_upper.max() + 1e-12)

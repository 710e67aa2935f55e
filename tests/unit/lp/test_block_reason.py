"""Proofs that a program has no answer."""

from __future__ import annotations

import numpy as np
import pytest

from planalloc.lp.program import LinearProgram
from planalloc.lp.solvers.block_reason import impossible, without_end

INF = np.inf


def at_least(*, asked: float, upper: float) -> LinearProgram:
    """Ask two columns of at most `upper` for `asked` in all; either earns one a unit."""
    return LinearProgram(
        cost=np.array([-1.0, -1.0]),
        matrix=np.array([[1.0, 1.0]]),
        row_lower=np.array([asked]),
        row_upper=np.array([INF]),
        lower=np.zeros(2),
        upper=np.full(2, upper),
    )


@pytest.mark.parametrize(("upper", "proven"), [(4.999, True), (5.0, False), (INF, False)])
def test_a_sum_of_rows_proves_that_too_much_is_asked(upper: float, *, proven: bool) -> None:
    """Ten of two columns: a proof where they give less, none where they give it."""
    assert impossible(at_least(asked=10.0, upper=upper), np.array([1.0])) is proven


def test_weights_on_a_side_that_does_not_exist_prove_nothing() -> None:
    """The row has no upper side to contradict."""
    assert not impossible(at_least(asked=10.0, upper=4.0), np.array([-1.0]))


@pytest.mark.parametrize(("upper", "proven"), [(4.0, False), (INF, True)])
def test_a_way_without_bounds_proves_that_there_is_no_end(upper: float, *, proven: bool) -> None:
    """Both columns up: a proof where neither has an upper bound."""
    assert without_end(at_least(asked=1.0, upper=upper), np.array([1.0, 1.0])) is proven


def test_a_way_up_proves_nothing() -> None:
    """Along it the objective rises."""
    program = at_least(asked=1.0, upper=INF)
    assert not without_end(program.but(cost=-program.cost), np.array([1.0, 1.0]))


def test_a_curve_ends_every_way() -> None:
    """A quadratic term grows faster than any linear one falls."""
    program = at_least(asked=1.0, upper=INF).but(quadratic=np.array([0.0, 1e-9]))
    assert not without_end(program, np.array([1.0, 1.0]))
    assert without_end(program, np.array([1.0, 0.0]))

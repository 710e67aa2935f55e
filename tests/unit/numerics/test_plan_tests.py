"""Tests of sums of money and of missing work keep the rate they state."""

from __future__ import annotations

import numpy as np
import pytest

from planalloc.numerics.plan_tests import money_p_values, shortfall_p_values


@pytest.mark.parametrize(("deals", "size_cv"), [(3.0, 0.5), (30.0, 1.0), (900.0, 1.0)])
def test_p_values_of_money_keep_their_level(deals: float, size_cv: float) -> None:
    """Of 4000 sums drawn as planned, a tenth or less has a p-value of 10 % (and not much less than 8 %)."""
    draw, shape = np.random.default_rng(5), size_cv**-2
    number = draw.poisson(deals, 4000)
    amounts = np.where(number > 0, draw.gamma(np.maximum(number, 1) * shape, 100 / shape), 0.0)
    one = np.ones(4000)
    p_values = money_p_values(amounts, deals=deals * one, sizes=100 * one, size_cv=size_cv * one)
    assert 0.07 < np.mean(p_values <= 0.1) < 0.115


def test_ways_to_sum_agree_where_one_takes_over() -> None:
    """At 400 deals the sum over their number and the two moments give nearly the same."""
    amounts, one = np.array([36_000.0, 40_000.0, 44_000.0]), np.ones(3)
    below, above = (
        money_p_values(amounts, deals=deals * one, sizes=100 * one, size_cv=one) for deals in (400.0, 400.001)
    )
    assert below == pytest.approx(above, abs=0.01)


def test_credit_notes_beyond_sales_count_as_nothing_sold() -> None:
    """An amount below zero is no more extreme than zero; what is not planned has no p-value."""
    one = np.ones(3)
    p_values = money_p_values(np.array([-5.0, 0.0, 9.0]), deals=np.array([2.0, 2.0, 0.0]), sizes=one, size_cv=one)
    assert p_values[0] == p_values[1] == pytest.approx(2 * np.exp(-2))
    assert np.isnan(p_values[2])


def test_p_values_of_missing_work_keep_their_level() -> None:
    """Of 3000 units with six cells done at the planned rate, at most about a tenth has a p-value of 10 %."""
    draw = np.random.default_rng(6)
    due = np.tile([0.4, 1.0, 2.5, 6.0, 12.0, 40.0], 3000)
    p_values, least = shortfall_p_values(draw.poisson(due), due, unit=np.repeat(np.arange(3000), 6), n_units=3000)
    assert 0.06 < np.mean(p_values <= 0.1) < 0.12
    assert (least <= p_values).all()


def test_excess_in_one_cell_does_not_pay_for_another() -> None:
    """Nothing done where ten were due is as bad with a hundred done elsewhere as with ten."""
    unit = np.zeros(2, dtype=np.int64)
    some = [
        shortfall_p_values(np.array([0, done]), np.array([10.0, 10.0]), unit=unit, n_units=1)[0][0]
        for done in (10, 100)
    ]
    assert some[0] == some[1]

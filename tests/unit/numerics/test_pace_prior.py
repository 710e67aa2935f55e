"""Paces between the own and the common one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.pace_prior import paces


def test_how_units_differ_is_found() -> None:
    """Where paces vary by a tenth in variance around 0.9, a unit of 20 planned is drawn by 9 / (9 + 20)."""
    rng = np.random.default_rng(9)
    planned = np.append(rng.uniform(5, 50, 5000), 20.0)
    deals = rng.poisson(planned * 0.9 * rng.gamma(8.1, 1 / 8.1, 5001))
    found = paces(np.append(deals[:-1], 18.0), planned=planned)
    assert found.mean[-1] == pytest.approx(0.9, rel=0.02)
    assert found.pulled[-1] == pytest.approx(9 / 29, abs=0.06)


def test_units_that_are_alike_share_a_pace() -> None:
    """Of forty whose deals differ by chance alone, each is nearer to the common pace than to its own."""
    rng = np.random.default_rng(1)
    deals = rng.poisson(25.0, 40).astype(float)
    found = paces(deals, planned=np.full(40, 25.0))
    assert np.abs(found.mean - 1).mean() < 0.3 * np.abs(deals / 25 - 1).mean()


@pytest.mark.parametrize("many", [4, 8, 20])
def test_who_stands_out_is_not_drawn_to_the_others(many: int) -> None:
    """One sells half of what the others do: its pace is found within a seventh, over 200 made-up years."""
    rng, planned = np.random.default_rng(many), np.full(many, 100.0)
    true = np.where(np.arange(many) == 0, 0.5, 1.0)
    found = np.mean(
        [paces(rng.poisson(planned * true).astype(float), planned=planned).mean for _ in range(200)], axis=0
    )
    assert found[0] == pytest.approx(0.5, rel=1 / 7)
    assert found[1:] == pytest.approx(1.0, rel=0.05)


def test_without_plan_little_is_known() -> None:
    """Before anything was due, the pace is 1, and the common one is off by as much."""
    found = paces(np.zeros(1), planned=np.zeros(1))
    assert [found.mean[0], found.pulled[0], found.chance_error] == [1.0, 1.0, 1.0]


def test_no_deal_at_all_counts_as_half_a_one() -> None:
    """Two units of which ten deals were due and none came are thought to sell at a twentieth."""
    assert paces(np.zeros(2), planned=np.full(2, 5.0)).mean.tolist() == pytest.approx([0.05, 0.05], rel=0.5)


def test_one_unit_has_its_own_pace() -> None:
    """Nobody else tells anything of it, and its error is no less than that of its own deals."""
    found = paces(np.array([50.0]), planned=np.array([100.0]))
    assert found.mean[0] == pytest.approx(0.5)
    error = np.hypot(1 / np.sqrt(found.shape[0]), found.pulled[0] * np.hypot(found.chance_error, found.spread_error))
    assert 1 / np.sqrt(50) <= error <= 1.25 / np.sqrt(50)


@settings(max_examples=50, deadline=None)
@given(counts=st.lists(st.tuples(st.integers(0, 400), st.floats(0.0, 300.0)), min_size=1, max_size=8))
def test_a_pace_is_between_the_own_and_the_others(counts: list[tuple[int, float]]) -> None:
    """Never outside of what the units show, and always with an error."""
    deals, planned = np.array(counts, dtype=float).T
    deals = np.where(planned > 0.01, deals, 0.0)
    found = paces(deals, planned=planned)
    assert np.isfinite(found.mean).all()
    assert (found.shape > 0).all()
    assert ((found.pulled >= 0) & (found.pulled <= 1)).all()
    if planned.sum() > 0 and deals.sum() > 0:
        own = deals[planned > 0.01] / planned[planned > 0.01]
        assert found.mean.max() <= max(own.max(), 0.5 / planned.sum()) * (1 + 1e-9)


@settings(max_examples=50, deadline=None)
@given(deals=st.lists(st.integers(0, 200_000), min_size=1, max_size=4), each=st.floats(0.1, 1e5))
def test_units_however_far_apart_have_a_pace_and_errors(deals: list[int], each: float) -> None:
    """However many deals, and where no two are alike, every figure is a number."""
    found = paces(np.array(deals, dtype=float), planned=np.full(len(deals), each))
    for figures in (found.mean, found.shape, found.pulled, found.chance_error, found.spread_error):
        assert np.isfinite(figures).all()


def test_where_none_are_alike_each_has_its_own_pace() -> None:
    """One closes thousands of deals and the other none: neither is drawn to the other."""
    found = paces(np.array([5000.0, 0.0]), planned=np.array([2000.0, 2000.0]))
    assert found.mean == pytest.approx([2.5, 0.0], abs=0.01)
    assert found.pulled[0] < 0.01

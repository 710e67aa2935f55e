"""Gaps as sums of causes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.gap_split import gap_split, mixed_gap_split

counts = st.integers(0, 50)
chains = st.lists(st.tuples(counts, counts, counts, st.integers(-900, 900)), min_size=1, max_size=5)


def table(rows: list[tuple[int, int, int, int]], *, n: int) -> np.ndarray:
    """Stack chains of four quantities as columns, the last one repeated up to n."""
    return np.array((rows * n)[:n], dtype=float).T


@settings(max_examples=200, deadline=None)
@given(actual=chains, planned=chains)
def test_parts_add_up(actual: list[tuple[int, int, int, int]], planned: list[tuple[int, int, int, int]]) -> None:
    """Whatever the quantities, also nothing and negative money, the parts of each cell add up to its gap."""
    n = len(actual)
    now, then = table(actual, n=n), table(planned, n=n)
    for split in (gap_split(now, then), mixed_gap_split(now, then)):
        whole = split.effects.sum(axis=0) + split.unexplained
        assert whole == pytest.approx(now[-1] - then[-1], rel=1e-9, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(actual=chains, planned=chains)
def test_two_sides_are_each_others_mirror(
    actual: list[tuple[int, int, int, int]], planned: list[tuple[int, int, int, int]]
) -> None:
    """Actual against plan is the negative of plan against actual, cause by cause."""
    n = len(actual)
    now, then = table(actual, n=n), table(planned, n=n)
    assert gap_split(now, then).effects == pytest.approx(-gap_split(then, now).effects, rel=1e-9, abs=1e-9)


def test_one_cause_has_all_of_the_gap() -> None:
    """Half of the activities at the planned conversion and deal size is an effect of activity alone."""
    split = gap_split(np.array([50.0, 5.0, 500.0]), np.array([100.0, 10.0, 1000.0]))
    assert split.effects == pytest.approx(np.array([-500.0, 0.0, 0.0]))


def test_two_equal_causes_share() -> None:
    """Half of the activities at half of the conversion: each has half of the gap."""
    split = gap_split(np.array([50.0, 2.5, 250.0]), np.array([100.0, 10.0, 1000.0]))
    assert split.effects == pytest.approx(np.array([-375.0, -375.0, 0.0]))


def test_no_activity_is_no_fault_of_conversion() -> None:
    """Who did nothing has a gap of activity; who won nothing one of conversion, not of deal size."""
    planned = np.array([[10.0, 10.0], [2.0, 2.0], [200.0, 200.0]])
    actual = np.array([[0.0, 10.0], [0.0, 0.0], [0.0, 0.0]])
    assert gap_split(actual, planned).effects.T.tolist() == [[-200.0, 0.0, 0.0], [0.0, -200.0, 0.0]]


def test_money_without_activities_is_unexplained() -> None:
    """Deals that no activity led to are outside the chain, and their cell's gap with them."""
    split = gap_split(np.array([0.0, 3.0, 300.0]), np.array([10.0, 2.0, 200.0]))
    assert split.effects.tolist() == [0.0, 0.0, 0.0]
    assert split.unexplained == 100.0


def test_the_mix_is_told_from_the_volume() -> None:
    """Twenty calls instead of ten in the planned mix is volume; ten in another mix is mix."""
    planned = np.array([[5.0, 5.0], [50.0, 10.0]])
    more, other = np.array([[10.0, 10.0], [100.0, 20.0]]), np.array([[8.0, 2.0], [80.0, 4.0]])
    assert mixed_gap_split(more, planned).effects.sum(axis=1) == pytest.approx(np.array([60.0, 0.0, 0.0]))
    assert mixed_gap_split(other, planned).effects.sum(axis=1) == pytest.approx(np.array([0.0, 24.0, 0.0]))


def test_cells_beside_the_categories_are_apart() -> None:
    """Reps side by side have the split that each has alone."""
    rng = np.random.default_rng(3)
    actual, planned = rng.uniform(1, 9, (3, 4, 2)), rng.uniform(1, 9, (3, 4, 2))
    both = mixed_gap_split(actual, planned).effects
    for rep in range(2):
        assert both[..., rep] == pytest.approx(mixed_gap_split(actual[..., rep], planned[..., rep]).effects)

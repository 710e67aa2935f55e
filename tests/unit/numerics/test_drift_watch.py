"""The running watch over mixes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.drift_watch import drift_watch

MIX = np.array([0.5, 0.3, 0.2])


@settings(max_examples=50, deadline=None)
@given(
    shares=st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)),
    past=st.lists(st.integers(0, 4), min_size=2, max_size=2),
    number=st.integers(0, 6),
)
def test_every_bet_is_fair(shares: tuple[float, float], past: list[int], number: int) -> None:
    """Whatever was seen, the evidence expected after one more period that follows the plan is what it was before."""
    mix = np.array([[share, 1 - share] for share in shares])
    still = drift_watch(np.array([[past, [0, 0]]]), mix=mix).evidence[0]
    expected = 0.0
    for first in range(number + 1):
        chance = float(np.prod(np.arange(number - first + 1, number + 1) / np.arange(1, first + 1)))
        chance *= shares[1] ** first * (1 - shares[1]) ** (number - first)
        expected += chance * drift_watch(np.array([[past, [first, number - first]]]), mix=mix).evidence[0, -1]
    assert expected == pytest.approx(still[0], rel=1e-9)
    assert still[1] == pytest.approx(still[0], rel=1e-9)  # a period without events is no evidence


def test_one_period_is_a_dirichlet_multinomial() -> None:
    """Three of three events in a half: (5 x 6 x 7) / (10 x 11 x 12) against one eighth."""
    watch = drift_watch(np.array([[[3, 0]]]), mix=np.ones(2))
    assert watch.evidence[0, 0] == pytest.approx(8 * (5 * 6 * 7) / (10 * 11 * 12))


def test_evidence_does_not_depend_on_when_one_looks() -> None:
    """With one mix all year and the drift from its first day, events in one period or in three weigh the same."""
    once = drift_watch(np.array([[[9, 3]]]), mix=np.ones(2)).evidence[0, -1]
    thrice = drift_watch(np.array([[[9, 3], [0, 0], [0, 0]]]), mix=np.ones(2)).evidence[0, -1]
    # Half of the stake was on the first period; the other half waited for a drift that begins later.
    assert thrice == pytest.approx(0.5 * once + 0.5)


def test_a_mix_that_the_plan_foresees_is_no_drift() -> None:
    """A unit that follows a mix that turns over the year has no evidence against it; another mix has."""
    turning = np.array([[0.9, 0.1]] * 6 + [[0.1, 0.9]] * 6)
    counts = (10 * turning).astype(int)[None]
    assert drift_watch(counts, mix=turning).p_values[0, -1] == 1.0
    assert drift_watch(counts, mix=np.ones(2)).p_values[0, 5] < 1e-3


def test_unplanned_events_are_left_out() -> None:
    """Events of a category that is not planned for the period are no evidence, and a period without plan is none."""
    mix = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    plain, more = np.array([[[4, 6, 0], [0, 0, 0], [5, 5, 0]]]), np.array([[[4, 6, 9], [3, 0, 0], [5, 5, 1]]])
    assert drift_watch(more, mix=mix).evidence.tolist() == drift_watch(plain, mix=mix).evidence.tolist()


def test_who_is_found_stays_found() -> None:
    """After the alarm, a unit that comes back to its plan is still one that drifted this year."""
    counts = np.tile([10, 10], (1, 12, 1))
    counts[0, :4] = [20, 0]
    watch = drift_watch(counts, mix=np.ones(2))
    assert watch.alarms(1e-9)[0].tolist() == [False, False, *[True] * 10]
    assert watch.evidence[0, -1] < 1e-3 * watch.evidence[0].max()


def test_a_flood_of_evidence_is_finite() -> None:
    """Ten thousand events on one side are a p-value of nothing, not an overflow."""
    watch = drift_watch(np.array([[[10_000, 0]] * 3]), mix=np.ones(2))
    assert np.isfinite(watch.evidence).all()
    assert watch.p_values[0, -1] < 1e-100


@pytest.mark.parametrize("n_units", [10, 30, 100])
def test_false_alarms_over_a_year(n_units: int) -> None:
    """With all units on plan, the share of years with any alarm in any month is at most the stated rate."""
    rng, rate, n_years = np.random.default_rng(n_units), 0.1, 200
    counts = rng.multinomial(rng.integers(0, 20, (n_years * n_units, 12)), MIX)
    watched = drift_watch(counts, mix=MIX).p_values[:, -1].reshape(n_years, n_units)
    ranks = rate * np.arange(1, n_units + 1) / n_units
    assert (np.sort(watched, axis=1) <= ranks).any(axis=1).sum() <= n_years * rate


@pytest.mark.parametrize("n_units", [10, 100])
def test_a_drift_is_found_early(n_units: int) -> None:
    """Half of the largest line at 17 events a month: most are found by the seventh month, 95 % by the twelfth."""
    rng, n_years = np.random.default_rng(n_units), 100
    found = np.zeros(12)
    for _ in range(n_years):
        counts = rng.multinomial(17, MIX, (n_units, 12))
        counts[0] = rng.multinomial(17, [0.25, 0.45, 0.3], 12)
        found += drift_watch(counts, mix=MIX).alarms(0.05)[0]
    assert found[6] > 0.5 * n_years
    assert found[11] >= 0.95 * n_years


def test_a_drift_in_autumn_is_found() -> None:
    """A unit that leaves its plan after six good months, at 30 events a month, is found in nine years of ten."""
    rng = np.random.default_rng(6)
    counts = rng.multinomial(30, MIX, (200, 12))
    counts[:, 6:] = rng.multinomial(30, [0.3, 0.3, 0.4], (200, 6))
    assert (drift_watch(counts, mix=MIX).p_values[:, -1] <= 0.005).mean() > 0.9

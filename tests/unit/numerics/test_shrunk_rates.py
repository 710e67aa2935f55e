"""Conversion rates drawn to their mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from planalloc.numerics.shrunk_rates import shrink_rates

# Rat pups alive at 4 days and at 21 days in litters whose mother had the treated diet: Williams (1975), Biometrics 31,
# 949-952.
ALIVE = np.array([12, 11, 10, 9, 10, 9, 9, 8, 8, 4, 7, 4, 5, 3, 3, 0])
PUPS = np.array([12, 11, 10, 9, 11, 10, 10, 9, 9, 5, 9, 7, 10, 6, 10, 7])

# Tumors in 71 groups of rats: Tarone (1982), Biometrics 38, 215-220; Gelman et al., Bayesian Data Analysis, table 5.1.
GROUPS = """
    0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19 1/18 1/18
    2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50
    4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20
    16/52 15/47 15/46 9/24 4/14
"""
TUMORS, RATS = np.array([pair.split("/") for pair in GROUPS.split()]).astype(np.int64).T


@pytest.mark.parametrize(("successes", "trials"), [(ALIVE, PUPS), (TUMORS, RATS)])
def test_most_likely_beta(successes: np.ndarray, trials: np.ndarray) -> None:
    """No beta distribution near the fitted one makes the counts likelier, by scipy's beta-binomial."""
    shrunk = shrink_rates(successes, trials=trials)

    def likelihood(mean: float, prior: float) -> float:
        return float(betabinom.logpmf(successes, trials, mean * prior, (1 - mean) * prior).sum())

    best = likelihood(shrunk.mean, shrunk.prior_trials)
    for mean in (0.99, 1.01):
        for prior in (0.97, 1.03):
            assert likelihood(shrunk.mean * mean, shrunk.prior_trials) < best
            assert likelihood(shrunk.mean, shrunk.prior_trials * prior) < best


def test_williams_litters() -> None:
    """The treated litters survive at a mean rate of 0.740, with a scatter 1 / M of 0.465 (maximum likelihood)."""
    shrunk = shrink_rates(ALIVE, trials=PUPS)
    assert (round(shrunk.mean, 3), round(1 / shrunk.prior_trials, 3)) == (0.740, 0.465)


counts = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=10).filter(
    lambda pairs: any(sum(pair) for pair in pairs)
)


@settings(max_examples=50, deadline=None)
@given(pairs=counts)
def test_rates_lie_between_raw_and_mean(pairs: list[tuple[int, int]]) -> None:
    """A shrunk rate lies between the raw one and the mean, inside its interval, in (0, 1); more trials shrink less."""
    won, lost = np.array(pairs).T
    shrunk = shrink_rates(won, trials=won + lost)
    raw = np.where(won + lost > 0, np.nan_to_num(shrunk.raw), shrunk.mean)
    assert (shrunk.rates >= np.minimum(raw, shrunk.mean) - 1e-9).all()
    assert (shrunk.rates <= np.maximum(raw, shrunk.mean) + 1e-9).all()
    assert ((shrunk.low >= 0) & (shrunk.low <= shrunk.high) & (shrunk.high <= 1)).all()
    assert ((shrunk.rates > 0) & (shrunk.rates < 1) & (shrunk.standard_errors > 0)).all()
    assert (np.diff(shrunk.weights[np.argsort(won + lost)]) <= 1e-12).all()


@settings(max_examples=50, deadline=None)
@given(pairs=counts)
def test_success_and_failure_mirror(pairs: list[tuple[int, int]]) -> None:
    """Rates of failure are one less the rates of success."""
    won, lost = np.array(pairs).T
    rates = shrink_rates(won, trials=won + lost).rates
    np.testing.assert_allclose(shrink_rates(lost, trials=won + lost).rates, 1 - rates, atol=1e-4)


def test_alike_units_share_one_rate() -> None:
    """All have the common rate where counts scatter no more than by chance, and no less error than all trials."""
    shrunk = shrink_rates(np.array([5, 10, 15]), trials=np.array([10, 20, 30]))
    assert shrunk.rates.tolist() == [0.5] * 3
    assert shrunk.prior_trials == np.inf
    assert (shrunk.standard_errors > np.sqrt(0.25 / 60)).all()
    assert (shrunk.standard_errors < np.sqrt(0.25 / np.array([10, 20, 30]))).all()


def test_no_trial_gets_the_mean() -> None:
    """A unit without a trial gets the mean rate, with an interval as wide as units differ."""
    shrunk = shrink_rates(np.array([90, 10, 50, 0]), trials=np.array([100, 100, 100, 0]))
    assert shrunk.rates[3] == shrunk.mean
    assert shrunk.weights[3] == 1
    assert np.isnan(shrunk.raw[3])
    assert shrunk.high[3] - shrunk.low[3] > 2 * (shrunk.high - shrunk.low)[:3].max()


@pytest.mark.parametrize(("won", "rate"), [(0, 0.5 / 11), (10, 10.5 / 11)])
def test_nothing_won_is_no_certainty(won: int, rate: float) -> None:
    """Of ten trials that all failed or all succeeded, half a success and half a failure are added."""
    shrunk = shrink_rates(np.array([won]), trials=np.array([10]))
    assert shrunk.rates[0] == pytest.approx(rate)
    assert 0 < shrunk.low[0] < rate < shrunk.high[0] < 1


def test_intervals_hold_what_they_say() -> None:
    """Whatever units vary by, nine of ten intervals hold the true rate, and shrunk rates are nearer it than raw ones.

    The spread is drawn anew each time, so that the mean rate weighs anything from all to nothing.
    """
    rng = np.random.default_rng(2)
    held, raw_squares, squares = [], [], []
    for kept in np.linspace(0.01, 0.99, 99):
        trials = rng.integers(5, 60, size=20)
        prior = 32 * kept / (1 - kept)
        truth = rng.beta(0.3 * prior, 0.7 * prior, size=20)
        shrunk = shrink_rates(rng.binomial(trials, truth), trials=trials)
        held.append(((shrunk.low <= truth) & (truth <= shrunk.high)).mean())
        raw_squares.append(((shrunk.raw - truth) ** 2).mean())
        squares.append(((shrunk.rates - truth) ** 2).mean())
    assert np.mean(held) == pytest.approx(0.9, abs=0.03)
    assert np.mean(squares) < 0.8 * np.mean(raw_squares)


@pytest.mark.parametrize(
    ("won", "tried", "confidence", "match"),
    [([2], [1], 0.9, "successes"), ([-1], [1], 0.9, "successes"), ([0], [0], 0.9, "no trial"), ([0], [1], 1.0, "conf")],
)
def test_unusable_counts_are_refused(won: list[int], tried: list[int], confidence: float, match: str) -> None:
    """More successes than trials, no trial at all and an impossible confidence are refused."""
    with pytest.raises(ValueError, match=match):
        shrink_rates(np.array(won), trials=np.array(tried), confidence=confidence)

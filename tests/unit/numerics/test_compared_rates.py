"""Units against their colleagues on the same work."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from planalloc.numerics.compared_rates import compared_rates
from planalloc.numerics.discoveries import discoveries
from planalloc.numerics.hypergeometric import hypergeometric_tails

HITS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])
"""Hits of 18 players in their first 45 times at bat in 1970: Efron and Morris (1975), J. Am. Statist. Ass. 70, 311."""


@pytest.mark.parametrize("rate", [0.05, 0.1])
def test_the_batters_differ_by_chance(rate: float) -> None:
    """None of the eighteen batters is told from the others, though two sigma would have flagged the best.

    The best hit 0.400; a Wald score of his rate against all is above 2. The rest of the season he hit 0.346.
    """
    compared = compared_rates(HITS, np.full(18, 45))
    assert not discoveries(compared.p_values, rate=rate, least=compared.least).found.any()
    everyone = HITS.sum() / (18 * 45)
    assert (18 / 45 - everyone) / np.sqrt(everyone * (1 - everyone) / 45) > 2


tables = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=5)


@settings(max_examples=50, deadline=None)
@given(table=tables)
def test_with_one_stratum_it_is_fishers_test(table: list[tuple[int, int]]) -> None:
    """A unit's p-value is twice the smaller one-sided Fisher test of the unit against the rest."""
    won, lost = np.array(table).T
    compared = compared_rates(won, won + lost)
    for unit, p_value in enumerate(compared.p_values):
        cells = [[won[unit], lost[unit]], [won.sum() - won[unit], lost.sum() - lost[unit]]]
        sides = [fisher_exact(cells, alternative=side).pvalue for side in ("less", "greater")]
        if np.isnan(p_value):
            assert sides == pytest.approx([1.0, 1.0])
        else:
            assert p_value == pytest.approx(min(1.0, 2 * min(sides)), rel=1e-9)


@settings(max_examples=50, deadline=None)
@given(strata=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=4))
def test_tails_over_strata_are_exact(strata: list[tuple[int, int, int]]) -> None:
    """The law of the sum over strata is the convolution of the hypergeometric laws."""
    trials, more, some = np.array(strata).T
    tried = trials + more + 1
    wins = np.minimum(some, tried)
    law = np.array([1.0])
    for drawn, won, pool in zip(trials, wins, tried, strict=True):
        law = np.convolve(law, hypergeom(pool, won, drawn).pmf(np.arange(drawn + 1)))
    most = np.minimum(trials, wins)
    p_values, least = hypergeometric_tails(most[None], trials=trials[None], wins=wins, tried=tried)
    above = min(1.0, 2 * min(law[most.sum() :].sum(), law[: most.sum() + 1].sum()))
    assert p_values[0] == pytest.approx(above, abs=1e-12)
    assert least[0] <= p_values[0]


def test_a_unit_without_colleagues_is_not_compared() -> None:
    """Where a unit is alone on a product, or all of it was won, its trials there say nothing."""
    won = np.array([[5, 0, 6], [0, 8, 6], [0, 9, 6]])
    compared = compared_rates(won, np.array([[9, 0, 6], [0, 20, 6], [0, 20, 6]]))
    assert np.isnan(compared.p_values[0])
    assert compared.trials.tolist() == [0, 20, 20]
    assert compared.expected.tolist() == [0.0, 8.5, 8.5]


def test_only_the_same_work_is_compared() -> None:
    """Who wins little on a hard product, as everybody does, is not told from who wins much on an easy one."""
    trials = np.array([[100, 0], [100, 0], [0, 100], [0, 100]])
    won = np.array([[10, 0], [12, 0], [0, 60], [0, 58]])
    assert compared_rates(won, trials).p_values.min() > 0.5
    assert compared_rates(won.sum(axis=1), trials.sum(axis=1)).p_values.max() < 1e-4


def test_more_successes_than_trials_are_refused() -> None:
    """Successes are from 0 to the trials."""
    with pytest.raises(ValueError, match="from 0 to the number of trials"):
        compared_rates(np.array([3, 1]), np.array([2, 2]))


def test_order_of_units_does_not_matter() -> None:
    """Units in another order have the same evidence."""
    trials, turn = np.arange(40, 58), np.arange(18)[::-1]
    there, back = compared_rates(HITS, trials), compared_rates(HITS[turn], trials[turn])
    assert there.p_values == pytest.approx(back.p_values[turn], rel=1e-9)


@pytest.mark.parametrize(("n_units", "n_reviews"), [(10, 400), (30, 400), (100, 200)])
def test_no_alert_from_noise(n_units: int, n_reviews: int) -> None:
    """With all units alike, the share of reviews with any alert is at most the stated one (three sigma)."""
    rng, trials, rate = np.random.default_rng(n_units), np.full((n_units, 2), [80, 120]), 0.1
    alerts = 0
    for _ in range(n_reviews):
        compared = compared_rates(rng.binomial(trials, [0.2, 0.5]), trials)
        alerts += bool(discoveries(compared.p_values, rate=rate, least=compared.least).found.any())
    assert alerts <= n_reviews * rate + 3 * np.sqrt(n_reviews * rate * (1 - rate))


@pytest.mark.parametrize("n_units", [10, 30, 100])
def test_half_the_rate_is_found(n_units: int) -> None:
    """A unit that wins one of five where the others win two, over 200 trials, is found in at least 95 % of runs."""
    rng, trials = np.random.default_rng(n_units), np.full(n_units, 200)
    rates = np.where(np.arange(n_units) == 0, 0.2, 0.4)
    found = 0
    for _ in range(200):
        compared = compared_rates(rng.binomial(trials, rates), trials)
        found += bool(discoveries(compared.p_values, rate=0.05, least=compared.least).found[0])
    assert found >= 190


@pytest.mark.parametrize("allowing", ["additive", "multiplicative"])
def test_what_all_vary_by_is_no_news(allowing: str) -> None:
    """Units that all differ a little in truth are alerts by the exact test alone, and few once that is allowed for."""
    rng = np.random.default_rng(1)
    trials = np.full(200, 400)
    won = rng.binomial(trials, rng.beta(40, 60, 200))
    alone = compared_rates(won, trials)
    allowed = compared_rates(won, trials, allowing="additive" if allowing == "additive" else "multiplicative")
    assert discoveries(alone.p_values, rate=0.05).found.sum() > 20
    assert discoveries(allowed.p_values, rate=0.05, least=allowed.least).found.sum() <= 1
    assert (allowed.p_values >= alone.p_values).all()

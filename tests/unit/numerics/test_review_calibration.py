"""What one review says of conversion and of drift, taken together, is no noise."""

from __future__ import annotations

import numpy as np
import pytest

from planalloc.numerics.compared_rates import compared_rates
from planalloc.numerics.discoveries import discoveries
from planalloc.numerics.mix_tests import count_mix, money_mix

LINES = np.array([0.5, 0.3, 0.2])
"""Shares of opportunities by line, and of deals."""

SIZES = np.array([10.0, 30.0, 20.0])
"""Mean money per deal, by line."""

SIZE_CV = 0.7


def review(rng: np.random.Generator, *, n_units: int, rates: np.ndarray, rate: float) -> np.ndarray:
    """Review units with 200 opportunities each, and return which are found to convert, or to sell, otherwise."""
    opened = rng.multinomial(200, LINES, n_units)
    proposed = rng.binomial(opened, 0.6)
    won = rng.binomial(proposed, rates[:, None] / 0.6)
    spread = np.log(1 + SIZE_CV**2)
    money = rng.lognormal(np.log(SIZES)[None, :, None] - spread / 2, np.sqrt(spread), (*won.shape, int(won.max()) + 1))
    money *= np.arange(money.shape[2]) < won[..., None]
    steps = [compared_rates(proposed, opened), compared_rates(won, proposed)]
    mixes = [
        count_mix(opened, mix=LINES),
        money_mix(money.sum(axis=2), deals=won, mix=LINES * SIZES, sizes=SIZES, size_cv=SIZE_CV),
    ]
    p_values = np.hstack([*(step.p_values[:, None] for step in steps), *(mix.p_values for mix in mixes)])
    least = np.hstack([*(step.least[:, None] for step in steps), *(mix.least for mix in mixes)])
    return discoveries(p_values, rate=rate, least=least).found


@pytest.mark.parametrize("n_units", [10, 30, 100])
def test_no_alert_of_any_kind_from_noise(n_units: int) -> None:
    """With all units alike, the share of reviews with an alert of any kind is at most the stated one (three sigma)."""
    rng, rate, n_reviews = np.random.default_rng(n_units), 0.1, 100
    alike = np.full(n_units, 0.35)
    alerts = sum(bool(review(rng, n_units=n_units, rates=alike, rate=rate).any()) for _ in range(n_reviews))
    assert alerts <= n_reviews * rate + 3 * np.sqrt(n_reviews * rate * (1 - rate))


@pytest.mark.parametrize("n_units", [10, 30, 100])
def test_half_the_rate_is_found_among_all_tests(n_units: int) -> None:
    """A unit that wins half as often as the others over 200 opportunities is found in at least 95 % of reviews."""
    rng, n_reviews = np.random.default_rng(n_units), 100
    rates = np.where(np.arange(n_units) == 0, 0.175, 0.35)
    found = sum(bool(review(rng, n_units=n_units, rates=rates, rate=0.1)[0, 1]) for _ in range(n_reviews))
    assert found >= 0.95 * n_reviews

"""Sides of a funnel, and what units vary by beyond chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from planalloc.numerics.funnel_limits import arcsine_scores, exact_limits, funnel_limits
from planalloc.numerics.overdispersion import Overdispersion, overdispersion, winsorized

HITS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])
"""Hits of 18 players in their first 45 times at bat in 1970: Efron and Morris (1975), J. Am. Statist. Ass. 70, 311."""


def test_scores_of_the_batters() -> None:
    """On the arcsine scale the best of the batters is 1.925 standard errors above all, the last 1.822 below."""
    scores = arcsine_scores(HITS, np.full(18, 45), target=HITS.sum() / (18 * 45))
    assert scores[[0, 1, 17]].round(3).tolist() == [1.925, 1.619, -1.822]


@pytest.mark.parametrize("target", [0.05, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("coverage", [0.95, 0.998])
def test_exact_sides_keep_their_promise(target: float, coverage: float) -> None:
    """By chance no more than the stated share is beyond either side, and one more success inward would break that."""
    trials = np.array([5, 20, 100, 1000])
    sides, share = exact_limits(trials, target=target, coverage=coverage), (1 - coverage) / 2
    below, above = np.ceil(sides.low * trials - 1e-9) - 1, np.floor(sides.high * trials + 1e-9)
    assert (binom.cdf(below, trials, target) <= share + 1e-12).all()
    assert (binom.sf(above, trials, target) <= share + 1e-12).all()
    assert (binom.cdf(below + 1, trials, target) > share - 1e-12).all()


def test_sides_meet_at_the_target() -> None:
    """With ever more trials all sides come to the target; with none they are 0 and 1."""
    trials = np.array([0, 10**8])
    for sides in (funnel_limits(trials, target=0.3), exact_limits(trials, target=0.3)):
        assert sides.low[0] == 0
        assert sides.high[0] == 1
        assert [sides.low[1], sides.high[1]] == pytest.approx([0.3, 0.3], abs=1e-3)


def test_sides_widen_with_what_is_beyond_chance() -> None:
    """A ratio of four doubles the distance on the arcsine scale; variance between units stays with many trials."""
    trials = np.array([400])

    def reach(beyond: Overdispersion) -> float:
        high = funnel_limits(trials, target=0.5, beyond=beyond).high[0]
        return float(np.arcsin(np.sqrt(high)) - np.pi / 4)

    alone = reach(Overdispersion())
    assert alone == pytest.approx(1.959964 / 40, rel=1e-6)
    assert reach(Overdispersion(ratio=4.0)) == pytest.approx(2 * alone)
    assert reach(Overdispersion(between=3 / 1600)) == pytest.approx(2 * alone)


def test_winsorizing_pulls_in_the_ends() -> None:
    """The extreme tenth on each side is set to the quantile there, the rest stays."""
    values = np.arange(11.0)
    assert winsorized(values).tolist() == [1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 9.0]


def test_chance_alone_is_no_overdispersion() -> None:
    """Scores closer together than chance has them give a ratio of 1 and no variance between units."""
    assert overdispersion(np.linspace(-1, 1, 20), standard_errors=np.ones(20)) == Overdispersion(1.0, 0.0)


def test_variance_between_units_is_found() -> None:
    """Of 2,000 units with standard errors of one half that vary by one, the variance is found to be about 1."""
    rng = np.random.default_rng(5)
    values = rng.normal(0, 1, 2000) + rng.normal(0, 0.5, 2000)
    found = overdispersion(values / 0.5, standard_errors=np.full(2000, 0.5))
    assert found.between == pytest.approx(1.0, rel=0.1)
    assert found.ratio == pytest.approx(5.0, rel=0.1)


def test_one_gross_outlier_is_no_overdispersion() -> None:
    """One unit that is fifty standard errors away does not excuse itself."""
    scores = np.array([50.0, *np.linspace(-1.2, 1.2, 30)])
    assert overdispersion(scores, standard_errors=np.ones(31)).ratio < 1.5


def test_one_unit_has_nothing_to_vary_from() -> None:
    """With one unit, or none that is known, nothing is beyond chance."""
    assert overdispersion(np.array([9.0, np.nan]), standard_errors=np.ones(2)) == Overdispersion()

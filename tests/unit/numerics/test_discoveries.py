"""Which differences are told from noise."""

from __future__ import annotations

import numpy as np
import pytest

from planalloc.numerics.discoveries import discoveries, within_reach

BENJAMINI_HOCHBERG = np.array(
    [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]
)
"""Fifteen tests of a trial of thrombolysis: Benjamini and Hochberg (1995), J. R. Statist. Soc. B 57, 289-300."""


def test_the_published_case_gives_four_rejections() -> None:
    """At 5 % the first four of the fifteen published tests are rejected, where Bonferroni rejects three."""
    assert discoveries(BENJAMINI_HOCHBERG, rate=0.05).found.tolist() == [True] * 4 + [False] * 11
    assert (BENJAMINI_HOCHBERG <= 0.05 / 15).sum() == 3


def test_order_and_shape_do_not_matter() -> None:
    """The same p-values in another order and shape are found all the same."""
    turned = BENJAMINI_HOCHBERG[::-1].reshape(3, 5)
    assert discoveries(turned, rate=0.05).found.ravel()[::-1].tolist() == [True] * 4 + [False] * 11


def test_untested_ones_are_in_no_family() -> None:
    """Tests without a p-value are not found, not adjusted, and do not make the others harder to find."""
    found = discoveries(np.array([0.04, np.nan, np.nan]), rate=0.05)
    assert found.found.tolist() == [True, False, False]
    assert np.isnan(found.adjusted[1:]).all()


def test_nothing_tested_finds_nothing() -> None:
    """Where no test can be made there is no discovery."""
    assert not discoveries(np.full(3, np.nan), rate=0.05).found.any()


def test_tests_that_cannot_speak_do_not_silence_others() -> None:
    """A hundred tests whose least p-value is one half leave a p-value of 0.01 its own."""
    p_values, least = np.full(101, 0.6), np.full(101, 0.5)
    p_values[0], least[0] = 0.01, 0.0001
    assert not discoveries(p_values, rate=0.05).found.any()
    assert np.flatnonzero(discoveries(p_values, rate=0.05, least=least).found).tolist() == [0]


def test_the_family_is_cut_at_the_rate_over_its_size() -> None:
    """With two that can reach 0.05 / 2, one at 0.03 stays out; alone it would stay in."""
    assert within_reach(np.array([0.001, 0.02, 0.03]), rate=0.05).tolist() == [True, True, False]
    assert within_reach(np.array([0.03]), rate=0.05).tolist() == [True]
    assert within_reach(np.array([0.5, np.nan]), rate=0.05).tolist() == [False, False]


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_the_rate_is_a_share(rate: float) -> None:
    """A rate of nothing or of all is refused."""
    with pytest.raises(ValueError, match="rate of false discoveries"):
        discoveries(np.array([0.5]), rate=rate)

"""Noisy seasons drawn to a shared one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.shrunk_seasons import pooled_seasons, shrink_seasons

if TYPE_CHECKING:
    from planalloc.types import Floats

EVEN = np.array([[0.7, 0.8, 0.9, 1.1, 1.2, 1.3]])
DECEMBER = np.array([[0.95, 0.85, 0.9, 0.9, 0.85, 0.9, 0.95, 0.85, 0.9, 0.9, 0.85, 2.2]])


def noise(factors: Floats, error: float) -> Floats:
    """Give every factor the same error."""
    return np.full(factors.shape, error)


def test_james_stein_weight() -> None:
    """The weight of no season is (p - 3) / (p - 1) of the noise's part in the scatter (Miller and Williams 2003)."""
    shrunk = shrink_seasons(EVEN, standard_errors=noise(EVEN, 0.1))
    scatter = ((EVEN - 1) ** 2).sum() / 5
    assert shrunk.weights[0] == pytest.approx(3 / 5 * 0.01 / scatter)
    np.testing.assert_allclose(shrunk.factors, 1 + (1 - shrunk.weights[0]) * (EVEN - 1))
    assert shrunk.raw is EVEN


def test_all_noise() -> None:
    """Factors that scatter less than their noise keep 2 / (p - 1) of their season, no less."""
    shrunk = shrink_seasons(EVEN, standard_errors=noise(EVEN, 3.0))
    assert shrunk.weights.tolist() == [0.6]


def test_single_peak_is_left_alone() -> None:
    """A December that stands alone is skewed: Lemon and Krutchkoff keep it and bring the other months together."""
    shrunk = shrink_seasons(DECEMBER, standard_errors=noise(DECEMBER, 0.05))
    james_stein = shrink_seasons(DECEMBER, standard_errors=noise(DECEMBER, 0.25), method="james_stein")
    assert shrunk.lemon_krutchkoff.tolist() == [True]
    assert shrunk.factors[0, 11] == pytest.approx(2.2, rel=0.001)
    assert np.ptp(shrunk.factors[0, :11]) < np.ptp(DECEMBER[0, :11])
    assert james_stein.factors[0, 11] < 2.0


def test_lemon_krutchkoff_by_hand() -> None:
    """Each factor becomes the mean of all, weighed by the normal chance to be seen where it is (1969)."""
    factors = np.array([[0.8, 0.9, 1.3]])
    shrunk = shrink_seasons(factors, standard_errors=noise(factors, 0.2), method="lemon_krutchkoff")
    chances = np.exp([0.0, -0.125, -3.125]), np.exp([-0.125, 0.0, -2.0]), np.exp([-3.125, -2.0, 0.0])
    expected = np.array([chance @ factors[0] / chance.sum() for chance in chances])
    np.testing.assert_allclose(shrunk.factors[0], expected / expected.mean())


@pytest.mark.parametrize(("error", "chosen"), [(0.05, True), (1.0, False)])
def test_very_noisy_skewness_is_not_believed(error: float, chosen: bool) -> None:  # noqa: FBT001 -- a parameter
    """From a James-Stein weight of 0.5 on, that estimator is used whatever the skewness."""
    shrunk = shrink_seasons(DECEMBER, standard_errors=noise(DECEMBER, error))
    assert shrunk.lemon_krutchkoff[0] == chosen
    assert (shrunk.weights[0] < 0.5) == chosen


seasons = st.lists(st.lists(st.floats(0.0, 3.0), min_size=6, max_size=6), min_size=1, max_size=4)


@settings(max_examples=50, deadline=None)
@given(drawn=seasons, error=st.floats(0.001, 2), method=st.sampled_from(["auto", "james_stein", "lemon_krutchkoff"]))
def test_shrunk_seasons_are_seasons(
    drawn: list[list[float]], error: float, method: Literal["auto", "james_stein", "lemon_krutchkoff"]
) -> None:
    """Shrunk factors have a mean of 1, none is negative, weights are from 0 to 1, and series do not touch."""
    levels = np.array(drawn) + 0.01
    factors = levels / levels.mean(axis=1, keepdims=True)
    target = factors[::-1]
    shrunk = shrink_seasons(factors, standard_errors=noise(factors, error), target=target, method=method)
    alone = shrink_seasons(factors[:1], standard_errors=noise(factors[:1], error), target=target[:1], method=method)
    np.testing.assert_allclose(shrunk.factors.mean(axis=1), 1.0)
    assert (shrunk.factors >= 0).all()
    assert ((shrunk.weights >= 0) & (shrunk.weights <= 1)).all()
    np.testing.assert_allclose(alone.factors, shrunk.factors[:1])


def test_certain_seasons_are_kept() -> None:
    """Without noise nothing is shrunk, by either estimator."""
    for method in ("james_stein", "lemon_krutchkoff"):
        shrunk = shrink_seasons(DECEMBER, standard_errors=noise(DECEMBER, 0.0), method=method)
        np.testing.assert_allclose(shrunk.factors, DECEMBER)
        assert shrunk.weights[0] == pytest.approx(0)


def test_unknown_season_is_the_target() -> None:
    """A series without a profile gets the target; one of unknown noise is left as it is and says so."""
    factors = np.vstack([np.full((1, 6), np.nan), EVEN])
    shrunk = shrink_seasons(factors, standard_errors=np.full((2, 6), np.nan), target=EVEN[0, ::-1])
    assert shrunk.factors[0].tolist() == EVEN[0, ::-1].tolist()
    np.testing.assert_allclose(shrunk.factors[1], EVEN[0])
    np.testing.assert_array_equal(shrunk.weights, [1.0, np.nan])
    assert np.isnan(shrunk.standard_errors).all()


def test_three_periods_are_kept() -> None:
    """Three quadrimesters cannot be told from noise, and James-Stein leaves them as they are."""
    factors = np.array([[0.8, 0.9, 1.3]])
    shrunk = shrink_seasons(factors, standard_errors=noise(factors, 0.5), method="james_stein")
    np.testing.assert_allclose(shrunk.factors, factors)


def test_pool_leaves_a_series_out_of_its_own_target() -> None:
    """The target of a series does not depend on its own season, nor on series without one."""
    factors = np.array([[0.5, 1.5], [1.5, 0.5], [np.nan, np.nan]])
    targets = pooled_seasons(factors, sizes=np.array([5.0, 1.0, 9.0]))
    np.testing.assert_allclose(targets, [[1.5, 0.5], [0.5, 1.5], [4 / 6, 8 / 6]])


def test_pool_of_one_has_no_season() -> None:
    """A series without others is drawn to no season at all."""
    assert pooled_seasons(EVEN, sizes=np.array([5.0])).tolist() == [[1.0] * 6]


def test_pooling_helps_and_errors_are_safe() -> None:
    """Over many draws, pooled seasons are nearer the truth than raw ones, and err less than they say."""
    rng = np.random.default_rng(3)
    shared = 1 + 0.3 * np.sin(np.arange(12) * np.pi / 6)
    raw_squares, squares, claimed = [], [], []
    for _ in range(100):
        truth = shared + rng.normal(0, 0.05, size=(8, 12))
        truth /= truth.mean(axis=1, keepdims=True)
        raw = np.maximum(truth + rng.normal(0, 0.15, size=truth.shape), 0)
        raw /= raw.mean(axis=1, keepdims=True)
        shrunk = shrink_seasons(
            raw,
            standard_errors=noise(raw, 0.15),
            target=pooled_seasons(raw, sizes=np.ones(8)),
            method="james_stein",
        )
        raw_squares.append(((raw - truth) ** 2).mean())
        squares.append(((shrunk.factors - truth) ** 2).mean())
        claimed.append((shrunk.standard_errors**2).mean())
    assert np.mean(squares) < 0.5 * np.mean(raw_squares)
    assert np.mean(squares) < np.mean(claimed) < 0.6 * np.mean(raw_squares)


def test_negative_factors_are_refused() -> None:
    """A negative factor or error is no season."""
    with pytest.raises(ValueError, match="at least 0"):
        shrink_seasons(np.array([[-1.0, 3.0]]), standard_errors=np.ones((1, 2)))

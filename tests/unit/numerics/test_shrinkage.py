"""Noisy values drawn to their center."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.shrinkage import normal_shrinkage

# Hits in the first 45 at-bats of 18 players in 1970: Efron and Morris (1975), JASA 70, table 1.
HITS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])


def test_efron_morris_1977() -> None:
    """Batting averages keep 0.212 of their distance from the mean (Efron and Morris 1977, Sci. Am. 236(5), 119-127)."""
    averages = HITS / 45
    noise = averages.mean() * (1 - averages.mean()) / 45
    shrunk = normal_shrinkage(averages, variances=np.full(18, noise))
    assert (1 - shrunk.weights).round(3).tolist() == [0.212] * 18
    np.testing.assert_allclose(shrunk.values - shrunk.center, (1 - shrunk.weights) * (averages - averages.mean()))


def test_efron_morris_1975() -> None:
    """On the arcsine scale, where all variances are 1, the batters' estimates are those of table 1 of 1975."""
    scores = np.sqrt(45) * np.arcsin(2 * HITS / 45 - 1)
    shrunk = normal_shrinkage(scores, variances=np.ones(18))
    printed = [0.290, 0.286, 0.281, 0.277, 0.273, 0.273, 0.268, 0.264, 0.259, 0.259]
    printed += [0.254, 0.254, 0.254, 0.254, 0.254, 0.249, 0.244, 0.239]
    assert round(1 - shrunk.weights[0], 3) == 0.209
    np.testing.assert_allclose((np.sin(shrunk.values / np.sqrt(45)) + 1) / 2, printed, rtol=0, atol=0.0006)


def test_variance_between_trials_of_bcg() -> None:
    """The Paule-Mandel variance of the 13 trials of the BCG vaccine (log risk ratios) is metafor's, 0.3181.

    Trials: Colditz et al. (1994), JAMA 271, 698-702; cases and others, vaccinated and not.
    """
    trials = """
        4 119 11 128      6 300 29 274     3 228 11 209       62 13536 248 12619  33 5036 47 5761
        180 1361 372 1079 8 2537 10 619    505 87886 499 87892 29 7470 45 7232    17 1699 65 1600
        186 50448 141 27197  5 2493 3 2338 27 16886 29 17825
    """
    a, b, c, d = np.array(trials.split(), dtype=np.float64).reshape(-1, 4).T
    logs, noise = np.log(a / (a + b) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    assert round(normal_shrinkage(logs, variances=noise).between, 4) == 0.3181


values = st.lists(st.tuples(st.floats(-100, 100), st.floats(0.01, 100)), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(drawn=values, shift=st.floats(-100, 100))
def test_values_move_toward_the_center(drawn: list[tuple[float, float]], shift: float) -> None:
    """Each value moves toward the center and not beyond, noisier ones farther, and a shift of all shifts all."""
    raw, noise = (np.array(part) for part in zip(*drawn, strict=True))
    shrunk = normal_shrinkage(raw, variances=noise)
    assert ((shrunk.weights >= 0) & (shrunk.weights < 1)).all()
    assert (np.diff(shrunk.weights[np.argsort(noise)]) >= -1e-12).all()
    np.testing.assert_allclose(shrunk.values, raw + shrunk.weights * (shrunk.center - raw), atol=1e-9)
    np.testing.assert_allclose(
        normal_shrinkage(raw + shift, variances=noise).values, shrunk.values + shift, rtol=1e-6, atol=1e-6
    )


@settings(max_examples=50, deadline=None)
@given(drawn=values)
def test_variance_between_explains_the_scatter(drawn: list[tuple[float, float]]) -> None:
    """The squares around the center, each over its whole variance, add up to k - 1, or to less at none between."""
    raw, noise = (np.array(part) for part in zip(*drawn, strict=True))
    shrunk = normal_shrinkage(raw, variances=noise)
    squares = ((raw - shrunk.center) ** 2 / (noise + shrunk.between)).sum()
    if shrunk.between > 0:
        assert squares == pytest.approx(len(raw) - 1, rel=1e-6)
    else:
        assert squares <= len(raw) - 1 + 1e-9


def test_three_values_are_kept() -> None:
    """Of three values none is shrunk, and the errors stay those of the values."""
    shrunk = normal_shrinkage(np.array([1.0, 2.0, 4.0]), variances=np.array([1.0, 4.0, 9.0]))
    assert shrunk.values.tolist() == [1.0, 2.0, 4.0]
    np.testing.assert_allclose(shrunk.standard_errors, [1.0, 2.0, 3.0])


def test_errors_are_honest() -> None:
    """Over many draws the shrunk values are nearer the truth than the raw ones, and err as much as they say."""
    rng = np.random.default_rng(1)
    noise = np.tile([0.5, 1.0, 2.0], 5)
    raw_squares, squares, claimed = [], [], []
    for _ in range(400):
        truth = rng.normal(10.0, 1.0, size=15)
        shrunk = normal_shrinkage(truth + rng.normal(size=15) * np.sqrt(noise), variances=noise)
        raw_squares.append(((shrunk.raw - truth) ** 2).mean())
        squares.append(((shrunk.values - truth) ** 2).mean())
        claimed.append((shrunk.standard_errors**2).mean())
    assert np.mean(squares) < 0.7 * np.mean(raw_squares)
    assert np.mean(claimed) == pytest.approx(np.mean(squares), rel=0.15)


@pytest.mark.parametrize(("raw", "noise"), [([], []), ([np.nan], [1.0]), ([1.0], [0.0]), ([1.0], [np.inf])])
def test_unusable_values_are_refused(raw: list[float], noise: list[float]) -> None:
    """No value, an unknown one, and a noise of zero or without bound are refused."""
    with pytest.raises(ValueError, match="must be finite"):
        normal_shrinkage(np.array(raw), variances=np.array(noise))

"""Noisy seasons drawn to the season that others share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats

__all__ = ["ShrunkSeasons", "pooled_seasons", "shrink_seasons"]

_SKEWED = 0.5
_NOISY = 0.5
"""Lemon-Krutchkoff holds where the skewness of the factors reaches the one and the James-Stein weight not the other."""


@dataclass(frozen=True)
class ShrunkSeasons:
    """Seasons drawn to their targets, beside the raw ones.

    Attributes
    ----------
    factors, raw, target : Floats, shape (n_series, length)
        Shrunk, as they came in, and what they are drawn to; each with a mean of 1.
    weights : Floats, shape (n_series,)
        Weight of the target: the part of the way to it that the factors went, from 0 to 1. 1 where a series has no
        profile of its own, nan where its noise is unknown and it is left as it is.
    standard_errors : Floats, shape (n_series, length)
        Of the shrunk factors; on the safe side where there are few periods and the weight is large, and nan where the
        weight is nan or the profile is the target.
    skewness : Floats, shape (n_series,)
        Of the deviations from the target; nan where there are none.
    lemon_krutchkoff : Bools, shape (n_series,)
        Whether that estimator was used, rather than James-Stein's.
    """

    factors: Floats
    raw: Floats
    target: Floats
    weights: Floats
    standard_errors: Floats
    skewness: Floats
    lemon_krutchkoff: Bools


def pooled_seasons(factors: Floats, *, sizes: Floats) -> Floats:
    """Average, for each series, the seasons of all others.

    A series is left out of its own target, so that the noise of the two is independent and the James-Stein weight the
    right one; a large series would otherwise be drawn to itself.

    Parameters
    ----------
    factors : Floats, shape (n_series, length)
        With a mean of 1; nan throughout where a series has no profile.
    sizes : Floats, shape (n_series,)
        Weight of each series in the average, such as its sales; at least 0.

    Returns
    -------
    Floats, shape (n_series, length)
        Targets with a mean of 1; 1 throughout (no season) where there are no others.

    Examples
    --------
    >>> factors = np.array([[0.5, 1.5], [1.0, 1.0], [1.5, 0.5]])
    >>> pooled_seasons(factors, sizes=np.array([1.0, 1.0, 3.0])).tolist()
    [[1.375, 0.625], [1.25, 0.75], [0.75, 1.25]]
    """
    known = np.isfinite(factors.sum(axis=1))
    carried = np.where(known, sizes, 0.0)
    others = carried * (1 - np.eye(len(carried)))
    pooled = others @ np.where(known[:, None], factors, 0.0)
    sums = pooled.sum(axis=1, keepdims=True)
    targets: Floats = np.divide(pooled * factors.shape[1], sums, out=np.ones(factors.shape), where=sums > 0)
    return targets


def shrink_seasons(
    factors: Floats,
    *,
    standard_errors: Floats,
    target: Floats | None = None,
    method: Literal["auto", "james_stein", "lemon_krutchkoff"] = "auto",
) -> ShrunkSeasons:
    """Draw noisy seasons to a target, the more the noisier.

    James-Stein gives the target the weight ``(p - 3) / (p - 1) * V / (V + A)``, with `V` the mean noise variance of the
    `p` factors and `A` what they vary by beyond it. Lemon and Krutchkoff's estimator moves each factor to the mean of
    those it may have come from, each by its normal likelihood: a December that stands alone is left alone, and the
    eleven others come together. Miller and Williams choose the latter where the factors are skewed (0.5 or more) and
    the James-Stein weight is below 0.5. They shrink to 1, no season at all; here deviations from any target are shrunk
    in the same way. They leave factors alone where the weight is below 0.2 and no skewness shows; here such a small
    weight is used as it is, so that no threshold makes a step.

    With three periods or fewer nothing can be told from noise and James-Stein's weight is 0: shrink months, then add.

    Parameters
    ----------
    factors : Floats, shape (n_series, length)
        At least 0, with a mean of 1; nan throughout where a series has no profile: it gets the target.
    standard_errors : Floats, shape (n_series, length)
        Of the factors; nan where unknown: such a series is left as it is.
    target : Floats, optional
        Shape (length,) or that of the factors, at least 0, with a mean of 1: `pooled_seasons`. 1 throughout by default.
    method : {"auto", "james_stein", "lemon_krutchkoff"}, optional
        The one estimator, the other, or the choice above.

    Returns
    -------
    ShrunkSeasons
        Shrunk factors with a mean of 1, and their weights.

    Raises
    ------
    ValueError
        When factors, errors or targets are negative.

    References
    ----------
    Miller and Williams (2003), Shrinkage estimators of time series seasonal factors and their effect on forecasting
    accuracy, Int. J. Forecasting 19, 669-684; and (2004), Damping seasonal factors, 20, 529-549.
    Lemon and Krutchkoff (1969), An empirical Bayes smoothing technique, Biometrika 56, 361-365.

    Examples
    --------
    >>> shrunk = shrink_seasons(np.array([[0.8, 0.9, 1.0, 1.1, 1.2]]), standard_errors=np.full((1, 5), 0.1))
    >>> shrunk.weights.round(9).tolist(), shrunk.factors.round(9).tolist()
    ([0.2], [[0.84, 0.92, 1.0, 1.08, 1.16]])
    """
    goal = np.broadcast_to(np.ones(factors.shape[1]) if target is None else target, factors.shape)
    if (factors < 0).any() or (standard_errors < 0).any() or (goal < 0).any():
        raise ValueError("factors, their errors and their target must be at least 0")
    known = np.isfinite(factors.sum(axis=1))
    measured = known & np.isfinite(standard_errors.sum(axis=1))
    deviations = np.where(known[:, None], factors - goal, 0.0)
    noise = np.where(measured, (standard_errors**2).mean(axis=1), 0.0)
    weights = _james_stein_weights(deviations, noise=noise)
    skewness = _skewness(deviations)
    smoothing = np.full(len(factors), method == "lemon_krutchkoff")
    if method == "auto":
        smoothing = (np.abs(skewness) >= _SKEWED) & (weights < _NOISY)
    smoothing &= measured
    drawn, variances = _james_stein(deviations, noise=noise, weights=weights)
    smooth, smooth_variances = _lemon_krutchkoff(deviations, noise=noise)
    drawn = np.where(smoothing[:, None], smooth, drawn)
    shrunk = np.maximum(goal + drawn, 0.0)
    shrunk = shrunk / shrunk.mean(axis=1, keepdims=True)
    errors = np.sqrt(np.where(smoothing[:, None], smooth_variances, variances))
    return ShrunkSeasons(
        factors=shrunk,
        raw=factors,
        target=goal,
        weights=np.where(known, np.where(measured, _way_gone(deviations, drawn, weights=weights), np.nan), 1.0),
        standard_errors=np.where(measured[:, None], errors, np.nan),
        skewness=np.where(known, skewness, np.nan),
        lemon_krutchkoff=smoothing,
    )


def _james_stein_weights(deviations: Floats, *, noise: Floats) -> Floats:
    """Weights of the target, shape (n_series,)."""
    length = deviations.shape[1]
    scatter = (deviations**2).sum(axis=1) / max(length - 1, 1)
    beyond = np.maximum(scatter - noise, 0.0)
    part = np.divide(noise, noise + beyond, out=np.zeros(noise.shape), where=noise > 0)
    weights: Floats = max(0.0, (length - 3) / max(length - 1, 1)) * part
    return weights


def _james_stein(deviations: Floats, *, noise: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Shrunk deviations and their variances (Morris 1983)."""
    length = deviations.shape[1]
    left = noise * (1 - (length - 1) / length * weights)
    unsure = 2 / max(length - 3, 1) * (weights[:, None] * deviations) ** 2
    return (1 - weights)[:, None] * deviations, left[:, None] + unsure


def _lemon_krutchkoff(deviations: Floats, *, noise: Floats) -> tuple[Floats, Floats]:
    """Mean and variance, for each deviation, of those it may have come from."""
    apart = deviations[:, :, None] - deviations[:, None, :]
    with np.errstate(over="ignore"):
        distance = np.divide(
            apart**2, 2 * noise[:, None, None], out=np.where(apart == 0, 0.0, np.inf), where=noise[:, None, None] > 0
        )
    likelihood = np.exp(-distance)
    chances = likelihood / likelihood.sum(axis=2, keepdims=True)
    means = (chances * deviations[:, None, :]).sum(axis=2)
    variances = (chances * (deviations[:, None, :] - means[:, :, None]) ** 2).sum(axis=2)
    return means, variances


def _skewness(deviations: Floats) -> Floats:
    """Third standardized moment, shape (n_series,); 0 where nothing deviates."""
    around = deviations - deviations.mean(axis=1, keepdims=True)
    second, third = (around**2).mean(axis=1), (around**3).mean(axis=1)
    skewness: Floats = np.divide(third, second**1.5, out=np.zeros(third.shape), where=second > 1e-30)
    return skewness


def _way_gone(deviations: Floats, drawn: Floats, *, weights: Floats) -> Floats:
    """Part of the way to the target, by least squares; the James-Stein weight itself where that was used."""
    squares = (deviations**2).sum(axis=1)
    kept = np.divide((deviations * drawn).sum(axis=1), squares, out=1 - weights, where=squares > 0)
    gone: Floats = np.clip(1 - kept, 0.0, 1.0)
    return gone

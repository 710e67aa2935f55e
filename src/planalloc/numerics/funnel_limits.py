"""Limits between which a unit's rate stays by chance, by its number of trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.numerics.overdispersion import Overdispersion

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["FunnelLimits", "arcsine_scores", "exact_limits", "funnel_limits"]


@dataclass(frozen=True)
class FunnelLimits:
    """The two sides of a funnel plot.

    Attributes
    ----------
    low, high : Floats
        Rates from 0 to 1; shape of the trials. Without trials they are 0 and 1.
    """

    low: Floats
    high: Floats


def arcsine_scores(successes: Ints, trials: Ints, *, target: float) -> Floats:
    """Score rates against a target on the scale where their standard error is ``1 / (2 sqrt(trials))``.

    Parameters
    ----------
    successes, trials : Ints
        Same shape, any.
    target : float
        Rate from 0 to 1.

    Returns
    -------
    Floats
        z-scores, same shape; nan without trials.

    Examples
    --------
    >>> float((arcsine_scores(np.array([0]), np.array([25]), target=0.5)[0] / np.pi).round(9))
    -2.5
    """
    trials = np.asarray(trials)
    rates = np.divide(successes, trials, out=np.full(trials.shape, np.nan), where=trials > 0)
    scores: Floats = 2 * np.sqrt(trials) * (np.arcsin(np.sqrt(rates)) - np.arcsin(np.sqrt(target)))
    return scores


def funnel_limits(
    trials: Ints, *, target: float, coverage: float = 0.95, beyond: Overdispersion | None = None
) -> FunnelLimits:
    """Draw the sides of a funnel on the arcsine scale, wider where units vary beyond chance.

    ``sin(asin(sqrt(target)) +- z sqrt(ratio / (4 trials) + between))**2``, cut at rates of 0 and 1.

    Parameters
    ----------
    trials : Ints
        Any shape.
    target : float
        Rate in the middle, from 0 to 1.
    coverage : float
        Share of units between the sides by chance, usually 0.95 and 0.998.
    beyond : Overdispersion, optional
        What units vary by beyond chance, of arcsine scores with standard errors ``1 / (2 sqrt(trials))``. To use one
        form of it alone, leave the other at its default.

    Returns
    -------
    FunnelLimits
        Shape of `trials`.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statist. Med. 24, 1185-1202.

    Examples
    --------
    >>> sides = funnel_limits(np.array([20, 200]), target=0.5)
    >>> sides.low.round(3).tolist(), sides.high.round(3).tolist()
    ([0.288, 0.431], [0.712, 0.569])
    """
    from scipy.special import ndtri  # noqa: PLC0415 -- loaded only when needed

    beyond = beyond or Overdispersion()
    trials = np.asarray(trials)
    chance = np.divide(0.25, trials, out=np.full(trials.shape, np.inf), where=trials > 0)
    reach = ndtri((1 + coverage) / 2) * np.sqrt(beyond.ratio * chance + beyond.between)
    middle = np.arcsin(np.sqrt(target))
    return FunnelLimits(
        low=np.sin(np.clip(middle - reach, 0, np.pi / 2)) ** 2, high=np.sin(np.clip(middle + reach, 0, np.pi / 2)) ** 2
    )


def exact_limits(trials: Ints, *, target: float, coverage: float = 0.95) -> FunnelLimits:
    """Draw the sides of a funnel from the binomial distribution, interpolated between whole successes.

    With r the first number of successes whose cumulative probability passes p, the lower side is ``(r - a) / trials``,
    where ``a = (P(X <= r) - p) / P(X = r)``. The upper side is the lower one of the failures, so that by chance no more
    than the stated share is beyond either.

    Parameters
    ----------
    trials : Ints
        Any shape.
    target : float
        Rate in the middle, from 0 to 1.
    coverage : float
        Share of units between the sides by chance.

    Returns
    -------
    FunnelLimits
        Shape of `trials`.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statist. Med. 24, 1185-1202,
    appendix A.1.1.

    Examples
    --------
    Of ten throws of a coin, the side is at 1.47 heads: one or none has probability 0.011, two or fewer 0.055.

    >>> exact_limits(np.array([10]), target=0.5).low.round(3).tolist()
    [0.132]
    """
    from scipy.stats import binom  # noqa: PLC0415 -- loaded only when needed

    trials = np.asarray(trials)
    counts = np.maximum(trials, 1)

    def side(rate: float) -> Floats:
        share = (1 - coverage) / 2
        first = binom.ppf(share, counts, rate)
        back = (binom.cdf(first, counts, rate) - share) / binom.pmf(first, counts, rate)
        at: Floats = np.where(trials > 0, np.clip((first - back) / counts, 0, 1), 0.0)
        return at

    return FunnelLimits(low=side(target), high=1 - side(1 - target))

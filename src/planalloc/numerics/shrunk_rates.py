"""Conversion rates of few trials drawn to the rate of all, as far as units differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["ShrunkRates", "shrink_rates"]

_MOST_ALIKE = 0.999
"""Largest correlation between trials of a unit; at 1 each unit would win all or nothing."""

_LEAST_ALIKE = 1e-8
"""A fitted correlation below it is none at all."""

_SPREADS = 64
"""Spreads between units that the errors go over."""


@dataclass(frozen=True)
class ShrunkRates:
    """Rates drawn to their mean, beside the raw ones.

    Attributes
    ----------
    rates, raw : Floats, shape (n,)
        Shrunk, and successes over trials; the raw one is nan without trials.
    weights : Floats, shape (n,)
        Weight of the mean in each shrunk rate, from 0 to 1 (all alike, or no trial).
    standard_errors : Floats, shape (n,)
        Of the shrunk rates, with what is not known of the mean and of the spread between units.
    low, high : Floats, shape (n,)
        Ends of the interval that holds the rate with the chance asked for, half of the rest on each side.
    mean : float
        Rate of a unit of which nothing is known.
    prior_trials : float
        Trials that the mean weighs as much as; infinite where units do not differ beyond chance.
    """

    rates: Floats
    raw: Floats
    weights: Floats
    standard_errors: Floats
    low: Floats
    high: Floats
    mean: float
    prior_trials: float


def shrink_rates(successes: Ints, *, trials: Ints, confidence: float = 0.9) -> ShrunkRates:
    """Shrink each unit's rate to the mean of all by a beta-binomial model fitted by maximum likelihood.

    Units' rates are taken to follow a beta distribution with mean `m` and `M` prior trials; the shrunk rate is
    ``(successes + M m) / (trials + M)``. Where the counts scatter no more than chance makes them, `M` is infinite and
    each unit gets the common rate. A common rate of 0 or 1 is no certainty: half a success and half a failure are added
    to all trials (Jeffreys). Errors and intervals go over all spreads that the counts allow, each by its likelihood and
    a prior uniform in the weight of the mean for a unit of average size: with few units hardly any is ruled out.

    Parameters
    ----------
    successes, trials : Ints, shape (n,)
        Successes from 0 to trials; units without a trial get the mean.
    confidence : float, optional
        Chance with which an interval holds its rate, above 0 and below 1.

    Returns
    -------
    ShrunkRates
        Shrunk rates, their weights and intervals.

    Raises
    ------
    ValueError
        When successes are negative or more than the trials, there is no trial at all, or the confidence is not between
        0 and 1.

    References
    ----------
    Griffiths (1973), Maximum likelihood estimation for the beta-binomial distribution, Biometrics 29, 637-648; Kleinman
    (1973), Proportions with extraneous variance, JASA 68, 46-54, for the moments the search begins with; Christiansen
    and Morris (1997), Hierarchical Poisson regression modeling, JASA 92, 618-632, for the prior of the spread.

    Examples
    --------
    Two units that are alike share their rate, for all that one has a single trial.

    >>> shrunk = shrink_rates(np.array([30, 0]), trials=np.array([99, 1]))
    >>> shrunk.rates.round(9).tolist(), shrunk.prior_trials
    ([0.3, 0.3], inf)
    """
    if (successes < 0).any() or (successes > trials).any():
        raise ValueError("successes must be from 0 to the number of trials")
    if not trials.any():
        raise ValueError("there is no trial at all")
    if not 0 < confidence < 1:
        raise ValueError(f"the confidence must be above 0 and below 1, and is {confidence}")
    mean, alike = _fit(successes, trials)
    raw = np.divide(successes, trials, out=np.full(len(trials), np.nan), where=trials > 0)
    weights = 1 / (1 + alike / (1 - alike) * trials)
    rates = weights * mean + (1 - weights) * np.nan_to_num(raw)
    variances = np.minimum(_variances(successes, trials, rates=rates), 0.999 * rates * (1 - rates))
    low, high = _intervals(rates, variances=variances, confidence=confidence)
    return ShrunkRates(
        rates=rates,
        raw=raw,
        weights=weights,
        standard_errors=np.sqrt(variances),
        low=low,
        high=high,
        mean=mean,
        prior_trials=(1 - alike) / alike if alike > 0 else np.inf,
    )


def _fit(successes: Ints, trials: Ints) -> tuple[float, float]:
    """Mean rate, and correlation of two trials of a unit, ``1 / (M + 1)``, by maximum likelihood."""
    from scipy.optimize import minimize  # noqa: PLC0415 -- loaded only when needed

    won, tried = int(successes.sum()), int(trials.sum())
    pooled = won / tried
    if won in {0, tried}:
        return (won + 0.5) / (tried + 1), 0.0
    start = np.array([np.log(pooled / (1 - pooled)), max(_alike_by_moments(successes, trials), 0.01)])
    bounds = [(-30.0, 30.0), (0.0, _MOST_ALIKE)]
    counted = trials > 0
    at = (successes[counted], trials[counted])
    found = minimize(_unlikelihood, start, args=at, bounds=bounds, method="L-BFGS-B", tol=1e-13)
    none = np.array([start[0], 0.0])
    if found.x[1] <= _LEAST_ALIKE or found.fun >= _unlikelihood(none, *at):
        return pooled, 0.0
    return float(1 / (1 + np.exp(-found.x[0]))), float(found.x[1])


def _alike_by_moments(successes: Ints, trials: Ints) -> float:
    """Correlation of two trials of a unit that explains how rates scatter, from 0 to one half."""
    n = trials[trials > 0].astype(np.float64)
    rates = successes[trials > 0] / n
    pooled = (n @ rates) / n.sum()
    scatter = n @ (rates - pooled) ** 2 / (pooled * (1 - pooled))
    room = n.sum() - n @ n / n.sum() - (len(n) - 1)
    return float(np.clip((scatter - (len(n) - 1)) / room, 0.0, 0.5)) if room > 0 else 0.0


def _unlikelihood(at: Floats, successes: Ints, trials: Ints) -> float:
    """Minus the log-likelihood of the counts, the binomial coefficients left out.

    The rising products of the beta-binomial, one factor a trial, are sums of logarithms of ``m (1 - r) + r j`` at a
    correlation of `r`: they hold at zero correlation too, where the gamma functions of a beta prior do not.
    """
    mean, alike = 1 / (1 + np.exp(-at[0])), at[1]
    steps = alike * np.arange(int(trials.max()))
    total = 0.0
    for start, counts in ((mean, successes), (1 - mean, trials - successes), (1.0, trials)):
        running = np.append(0.0, np.cumsum(np.log(start * (1 - alike) + steps)))
        sign = -1.0 if counts is trials else 1.0
        total += sign * float(running[counts].sum())
    return -total


def _variances(successes: Ints, trials: Ints, *, rates: Floats) -> Floats:
    """Mean square of what each rate may be away from the one given, over the spreads that the counts allow."""
    counted = trials > 0
    n = trials[counted].astype(np.float64)
    # The weight of the mean for a unit of average size, in the middle of equal steps, and with it the correlation.
    kept = 1 - (np.arange(_SPREADS) + 0.5) / _SPREADS
    alike = (kept / (kept + (1 - kept) * n.mean()))[:, None]
    precision = n / (1 + (n - 1) * alike)
    most = n.sum() + 1
    means = (precision @ (successes[counted] / n) / precision.sum(axis=1)).clip(0.5 / most, 1 - 0.5 / most)
    at = (successes[counted], trials[counted])
    logits = np.log(means / (1 - means))
    unlikely = np.array([_unlikelihood(np.array(spread), *at) for spread in zip(logits, alike[:, 0], strict=True)])
    chances = np.exp(unlikely.min() - unlikely)
    weights = 1 / (1 + alike / (1 - alike) * trials)
    raw = np.divide(successes, trials, out=np.zeros(len(trials)), where=counted)
    shrunk = weights * means[:, None] + (1 - weights) * raw
    within = shrunk * (1 - shrunk) * alike / (1 + trials * alike)
    of_mean = weights**2 * (means * (1 - means) / precision.sum(axis=1))[:, None]
    squares: Floats = chances @ (within + of_mean + (shrunk - rates) ** 2) / chances.sum()
    return squares


def _intervals(rates: Floats, *, variances: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Quantiles of the beta distributions with these means and variances."""
    from scipy.special import betaincinv  # noqa: PLC0415 -- loaded only when needed

    size = rates * (1 - rates) / variances - 1
    tail = (1 - confidence) / 2
    shapes = rates * size, (1 - rates) * size
    return betaincinv(*shapes, tail), betaincinv(*shapes, 1 - tail)

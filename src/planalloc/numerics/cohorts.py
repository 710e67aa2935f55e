"""What became of opportunities: conversion of those old enough to have closed, and how long closing takes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats, Ints

__all__ = ["MatureCohorts", "Waits", "mature_cohorts", "waits"]


@dataclass(frozen=True)
class Waits:
    """Quantiles of a time to an event, with those still waiting taken into account.

    Attributes
    ----------
    days, low, high : Floats, shape (n_shares,)
        Time by which each share of all has had the event, and the ends of its interval; nan where the observations do
        not reach that far (of `high`: no upper end).
    """

    days: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class MatureCohorts:
    """Opportunities by group, of those old enough to have closed.

    Attributes
    ----------
    maturity_days : float
        Age from which an opportunity counts; infinite where none has ever closed.
    trials, won, open : Ints, shape (n_groups,)
        Of the old enough: all, the won ones and those still open, which count as not won. Many open ones are either
        forgotten, or a sign that history is shorter than the sale.
    too_young : Ints, shape (n_groups,)
        Left out, whatever became of them.
    """

    maturity_days: float
    trials: Ints
    won: Ints
    open: Ints
    too_young: Ints


def waits(days: Floats, *, happened: Bools, shares: Floats, confidence: float = 0.9) -> Waits:
    """Estimate how long an event takes, where some have not had it yet (Kaplan and Meier).

    Parameters
    ----------
    days : Floats, shape (n,)
        Days to the event, or so far where it has not happened; at least 0.
    happened : Bools, shape (n,)
        Whether the event was seen.
    shares : Floats, shape (n_shares,)
        Shares of all whose time is asked for, above 0 and below 1: 0.5 for the median.
    confidence : float, optional
        Chance with which an interval holds the quantile, above 0 and below 1.

    Returns
    -------
    Waits
        Quantiles with their intervals, from the log-log band of the survival curve.

    Raises
    ------
    ValueError
        When days are negative or not finite, or shares are not between 0 and 1.

    References
    ----------
    Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, JASA 53, 457-481; Brookmeyer and
    Crowley (1982), A confidence interval for the median survival time, Biometrics 38, 29-41.

    Examples
    --------
    Four deals closed after 10 to 40 days, a fifth is open since 50: the median of all five is the third.

    >>> days = np.array([10.0, 20.0, 30.0, 40.0, 50.0])
    >>> waits(days, happened=days < 50, shares=np.array([0.5])).days.tolist()
    [30.0]
    """
    if not ((shares > 0) & (shares < 1)).all():
        raise ValueError("shares must be above 0 and below 1")
    if not happened.any():
        nothing = np.full(len(shares), np.nan)
        return Waits(days=nothing, low=nothing, high=nothing)
    survival = _survival(days, happened=happened)
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the band is undefined where all or none are left
        band = survival.confidence_interval(confidence_level=confidence, method="log-log")
    at, left = survival.quantiles, survival.probabilities
    # Before the first event all are left for certain; after the last one, the upper end stays where it was.
    undefined = np.isnan(band.low.probabilities)
    low = np.where(undefined, left, band.low.probabilities)
    high = np.minimum.accumulate(np.where(undefined, 1.0, band.high.probabilities))
    return Waits(
        days=_first_below(left, at=at, shares=shares),
        low=_first_below(low, at=at, shares=shares),
        high=_first_below(high, at=at, shares=shares),
    )


def mature_cohorts(
    ages: Floats, *, won: Bools, closed: Bools, days: Floats, groups: Ints, closed_share: float = 0.9
) -> MatureCohorts:
    """Count what became of opportunities old enough for most to have closed.

    Wins over closed opportunities mislead while many are open: what closes fast is over-counted. Here the age by which
    most have closed that ever will is estimated first, the open ones taken into account, and every opportunity created
    at least that long ago counts, whatever became of it. What never closes is never waited for: the share that ever
    will is what Kaplan and Meier's curve has reached at its end.

    Parameters
    ----------
    ages : Floats, shape (n,)
        Days from creation to the day of the extract, at least 0.
    won, closed : Bools, shape (n,)
        Whether it is won, and whether it is won or lost.
    days : Floats, shape (n,)
        Days from creation to closing; not read where it is open.
    groups : Ints, shape (n,)
        Group of each, counted from 0.
    closed_share : float, optional
        Share that has closed at maturity, of those that ever will; above 0 and below 1.

    Returns
    -------
    MatureCohorts
        Counts for `planalloc.numerics.shrunk_rates.shrink_rates`. Groups up to the highest number given.

    Raises
    ------
    ValueError
        When an opportunity is won and not closed, days or ages are negative or not finite, or the share is not between
        0 and 1.

    Examples
    --------
    Deals close within 30 days; the two of last week say nothing yet, though one is won already.

    >>> found = mature_cohorts(
    ...     np.array([90.0, 80.0, 70.0, 60.0, 7.0, 7.0]),
    ...     won=np.array([True, False, False, True, True, False]),
    ...     closed=np.array([True, True, True, True, True, False]),
    ...     days=np.array([10.0, 20.0, 30.0, 20.0, 5.0, 0.0]),
    ...     groups=np.zeros(6, dtype=np.int64),
    ... )
    >>> found.maturity_days, found.trials.tolist(), found.won.tolist(), found.too_young.tolist()
    (30.0, [4], [2], [2])
    """
    if (won & ~closed).any():
        raise ValueError("an opportunity that is won must be closed")
    if not 0 < closed_share < 1:
        raise ValueError(f"the closed share must be above 0 and below 1, and is {closed_share}")
    maturity = np.inf
    if closed.any():
        survival = _survival(np.where(closed, days, ages), happened=closed)
        ever = 1 - survival.probabilities[-1]
        maturity = float(
            _first_below(survival.probabilities, at=survival.quantiles, shares=np.array([closed_share * ever]))[0]
        )
    mature = ages >= maturity
    many = int(groups.max(initial=-1)) + 1

    def count(which: Bools) -> Ints:
        return np.bincount(groups[which], minlength=many).astype(np.int64)

    return MatureCohorts(
        maturity_days=maturity,
        trials=count(mature),
        won=count(mature & won),
        open=count(mature & ~closed),
        too_young=count(~mature),
    )


def _survival(days: Floats, *, happened: Bools) -> Any:
    """Return scipy's Kaplan-Meier curve of those that have not had the event."""
    if not (np.isfinite(days) & (days >= 0)).all():
        raise ValueError("days must be finite and at least 0")
    from scipy.stats import CensoredData, ecdf  # noqa: PLC0415 -- loaded only when needed

    return ecdf(CensoredData(uncensored=days[happened], right=days[~happened])).sf


def _first_below(curve: Floats, *, at: Floats, shares: Floats) -> Floats:
    """First point at which a falling curve leaves no more than ``1 - share``; nan where it never does."""
    fallen = curve[None, :] <= (1 - shares)[:, None] + 1e-12
    return np.where(fallen.any(axis=1), at[np.argmax(fallen, axis=1)], np.nan)

"""A running watch over the mix, whose false alarms over the whole year are bounded by a theorem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats, Ints

__all__ = ["DriftWatch", "drift_watch"]

_STRENGTH = 10.0
"""Events the plan's mix is worth when a bet is placed: a drift of some tenths is told soonest."""

_STARTS = 12
"""Periods in which a drift may be thought to begin, besides the first: half of the stake is kept for them."""


@dataclass(frozen=True)
class DriftWatch:
    """Evidence of drift after each period.

    Attributes
    ----------
    evidence : Floats, shape (n_units, n_periods)
        What one unit of money would have become, bet at fair odds against the plan's mix up to the end of the period.
    p_values : Floats, shape (n_units, n_periods)
        One over the largest evidence so far, at most 1: valid whenever one looks and however often.
    """

    evidence: Floats
    p_values: Floats

    def alarms(self, rate: float) -> Bools:
        """Return whether each unit is found to drift by the end of each period, all units taken together.

        Benjamini and Hochberg's rule on the p-values so far. These only fall, so who is found stays found; and if all
        units follow their plan, the chance of any alarm, of any unit, in the whole year is at most the rate.

        Parameters
        ----------
        rate : float
            Chance of a false alarm, above 0 and below 1.

        Returns
        -------
        Bools
            Shape (n_units, n_periods).

        Raises
        ------
        ValueError
            When the rate is not between 0 and 1.

        Examples
        --------
        >>> counts = np.array([[[5, 5], [5, 5]], [[10, 0], [10, 0]]])
        >>> drift_watch(counts, mix=np.array([0.5, 0.5])).alarms(0.05).tolist()
        [[False, False], [False, True]]
        """
        from planalloc.numerics.discoveries import discoveries  # noqa: PLC0415 -- brings scipy.stats along

        each = [discoveries(column, rate=rate).found for column in self.p_values.T]
        return np.stack(each, axis=1)


def drift_watch(counts: Ints, *, mix: Floats) -> DriftWatch:
    """Watch each unit's mix of events, period after period.

    A likelihood ratio of the events seen so far, under mixes learned from the periods before, to the plan's. Under the
    plan it is a martingale that starts at 1, so by Ville's inequality the chance that it ever reaches ``1 / rate`` is
    at most the rate: nothing is simulated or tabulated, and the number of events may be anything, also zero. It is the
    average over when the drift may begin: half for the first period, half for later ones, so that a year that begins
    well does not use up what finds a drift in autumn.

    Within one start, a period's counts are Dirichlet-multinomial. The parameters begin as the plan's mix times a
    strength of ten events and grow by what is seen; where the plan's mix varies over the year, shares move by the
    ratios of seen to planned.

    Parameters
    ----------
    counts : Ints, shape (n_units, n_periods, n_categories)
        Events, of the periods so far, or of all with zeros to come.
    mix : Floats
        Planned weights, at least 0, broadcast to the shape of the counts; only proportions matter. Events of a category
        that is not planned for that unit and period are left out.

    Returns
    -------
    DriftWatch
        Evidence and p-values.

    References
    ----------
    Ville (1939), Etude critique de la notion de collectif; Ramdas, Gruenwald, Vovk and Shafer (2023), Game-theoretic
    statistics and safe anytime-valid inference, Statist. Sci. 38, 576-601.

    Examples
    --------
    Events as planned are evidence of nothing; twenty on one side of two are: one in a thousand.

    >>> drift_watch(np.array([[[5, 5]], [[20, 0]]]), mix=np.array([0.5, 0.5])).p_values.round(4).tolist()
    [[1.0], [0.0009]]
    """
    weights = np.broadcast_to(np.asarray(mix, dtype=np.float64), counts.shape)
    total = weights.sum(axis=2, keepdims=True)
    planned = np.divide(weights, total, out=np.zeros(counts.shape), where=total > 0)
    events = np.where(weights > 0, counts, 0).astype(np.float64)
    expected = events.sum(axis=2, keepdims=True) * planned
    n_periods = counts.shape[1]
    later = np.unique(np.linspace(1, n_periods - 1, _STARTS).round().astype(int))[: n_periods - 1]
    stakes = {0: 0.5 if later.size else 1.0} | {int(start): 0.5 / later.size for start in later}
    evidence = np.zeros(counts.shape[:2])
    for start, stake in stakes.items():
        gains = _log_gains(events[:, start:], planned=planned[:, start:], expected=expected[:, start:])
        evidence[:, :start] += stake
        evidence[:, start:] += stake * np.exp(np.minimum(np.cumsum(gains, axis=1), _MOST))
    return DriftWatch(evidence=evidence, p_values=np.minimum(1.0, 1 / np.maximum.accumulate(evidence, axis=1)))


_MOST = 600.0
"""Logarithm of evidence beyond which more says nothing, and a float ends."""


def _log_gains(events: Floats, *, planned: Floats, expected: Floats) -> Floats:
    """Return the logarithm of each period's likelihood ratio, shape (n_units, n_periods)."""
    from scipy.special import gammaln, xlogy  # noqa: PLC0415 -- loaded only when needed

    seen, due = np.cumsum(events, axis=1) - events, np.cumsum(expected, axis=1) - expected
    prior = _STRENGTH * planned
    tilted = planned * np.divide(prior + seen, prior + due, out=np.zeros(seen.shape), where=planned > 0)
    strength = _STRENGTH + seen.sum(axis=2, keepdims=True)
    sums = tilted.sum(axis=2, keepdims=True)
    shape = np.divide(strength * tilted, sums, out=np.ones(seen.shape), where=planned > 0)
    number = events.sum(axis=2)
    whole = np.where(number > 0, np.where(planned > 0, shape, 0.0).sum(axis=2), 1.0)
    likely = np.where(planned > 0, gammaln(shape + events) - gammaln(shape) - xlogy(events, planned), 0.0).sum(axis=2)
    gains: Floats = np.where(number > 0, gammaln(whole) - gammaln(whole + number) + likely, 0.0)
    return gains

"""Exact tails of sums of hypergeometric counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["hypergeometric_tails"]

_CELLS = 2_000_000
"""Probabilities held at a time: some 100 MB with what is computed from them."""


def hypergeometric_tails(successes: Ints, *, trials: Ints, wins: Ints, tried: Ints) -> tuple[Floats, Floats]:
    """Return twice the smaller tail of each unit's successes, summed over strata, were they drawn at random.

    In each stratum the unit draws its trials from all that were tried, so many of them wins. The law of the sum over
    the strata is the product of their discrete Fourier transforms: exact, to some 1e-15.

    Parameters
    ----------
    successes, trials : Ints, shape (n_units, n_strata)
        What each unit drew.
    wins, tried : Ints, shape (n_strata,)
        What it was drawn from.

    Returns
    -------
    p_values : Floats, shape (n_units,)
        Of the successes, at most 1; 1 without trials.
    least : Floats, shape (n_units,)
        The least one that any number of successes could have.

    Examples
    --------
    Three wins of four drawn, out of four wins in eight: 17 of 70 draws have as many.

    >>> wins, tried = np.array([4]), np.array([8])
    >>> p, least = hypergeometric_tails(np.array([[3]]), trials=np.array([[4]]), wins=wins, tried=tried)
    >>> [round(float(value) * 70, 9) for value in (*p, *least)]
    [34.0, 2.0]
    """
    drawn = trials.sum(axis=1)
    p_values, least = np.ones(len(trials)), np.ones(len(trials))
    order = np.argsort(drawn, kind="stable")
    costs = np.cumsum((drawn[order] + 1) * trials.shape[1])
    for block in np.split(order, np.flatnonzero(np.diff(costs // _CELLS)) + 1):
        if not block.size:
            continue
        law = _law_of_sum(trials[block], wins=wins, tried=tried)
        twice = np.minimum(1.0, 2 * np.minimum(law.cumsum(axis=1), law[:, ::-1].cumsum(axis=1)[:, ::-1]))
        p_values[block] = twice[np.arange(block.size), successes[block].sum(axis=1)]
        lowest = np.maximum(0, trials[block] - (tried - wins)).sum(axis=1)
        highest = np.minimum(trials[block], wins).sum(axis=1)
        least[block] = np.minimum(twice[np.arange(block.size), lowest], twice[np.arange(block.size), highest])
    return p_values, least


def _law_of_sum(trials: Ints, *, wins: Ints, tried: Ints) -> Floats:
    """Return the probabilities of each number of successes, shape (n_units, most trials + 1)."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, max(int(tried.max()), 1) + 1)))])
    length = int(trials.sum(axis=1).max()) + 1
    product = np.ones((len(trials), length // 2 + 1), dtype=np.complex128)
    for stratum in range(trials.shape[1]):
        n, won, lost = trials[:, stratum, None], int(wins[stratum]), int(tried[stratum] - wins[stratum])
        k = np.arange(int(n.max()) + 1)
        possible = (k <= np.minimum(n, won)) & (k >= n - lost)
        k = np.where(possible, k, np.minimum(n, won))
        chance = logs[won] - logs[k] - logs[won - k] + logs[lost] - logs[n - k] - logs[lost - (n - k)]
        chance -= logs[won + lost] - logs[n] - logs[won + lost - n]
        law = np.where(possible, np.exp(chance), 0.0)
        if trials.shape[1] == 1:
            return law
        product *= np.fft.rfft(law, length, axis=1)
    return np.maximum(np.fft.irfft(product, length, axis=1), 0.0)

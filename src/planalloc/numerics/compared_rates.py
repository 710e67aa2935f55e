"""Each unit's rate against its colleagues' on the same work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from planalloc.numerics.hypergeometric import hypergeometric_tails
from planalloc.numerics.overdispersion import overdispersion

if TYPE_CHECKING:
    from planalloc.numerics.overdispersion import Overdispersion
    from planalloc.types import Floats, Ints

__all__ = ["ComparedRates", "compared_rates"]


@dataclass(frozen=True)
class ComparedRates:
    """Each unit's rate against all units' rates on the same strata.

    Attributes
    ----------
    trials, successes : Ints, shape (n_units,)
        Of the strata where the unit has colleagues and the outcomes differ: all others say nothing.
    expected : Floats, shape (n_units,)
        Successes if the unit were like all, stratum by stratum.
    z_scores : Floats, shape (n_units,)
        Distance of the successes from the expected ones in standard errors, negative below; nan where there is nothing
        to compare.
    p_values : Floats, shape (n_units,)
        Two-sided; nan where there is nothing to compare.
    least : Floats, shape (n_units,)
        Least p-value any number of successes could have had, for `discoveries`.
    beyond : Overdispersion
        What units vary by beyond chance, on the scale of rates, whether or not it was allowed for.
    """

    trials: Ints
    successes: Ints
    expected: Floats
    z_scores: Floats
    p_values: Floats
    least: Floats
    beyond: Overdispersion


def compared_rates(
    successes: Ints, trials: Ints, *, allowing: Literal["nothing", "additive", "multiplicative"] = "nothing"
) -> ComparedRates:
    """Compare each unit's successes with what all units' rates make of its trials.

    Given all trials and all successes of a stratum (a product, a step, a segment), the successes of a unit that is like
    the others are hypergeometric, whatever the common rate: no rate is estimated. The p-value is twice the smaller
    tail of their sum over the strata, exactly; with one stratum it is Fisher's.

    Where units are known to vary beyond chance, the z-score is divided by what they vary by, and the p-value is the
    larger of the exact and the normal one. What all units share is then no news about any of them.

    Parameters
    ----------
    successes, trials : Ints
        Shape (n_units,) or (n_units, n_strata); successes from 0 to trials.
    allowing : {"nothing", "additive", "multiplicative"}
        How units may vary beyond chance without being of interest (`overdispersion`).

    Returns
    -------
    ComparedRates
        Evidence per unit; feed its p-values to `discoveries`.

    Raises
    ------
    ValueError
        When successes are negative or more than the trials.

    References
    ----------
    Mantel and Haenszel (1959), J. Natl. Cancer Inst. 22, 719-748; Spiegelhalter (2005), Statist. Med. 24, 1185-1202.

    Examples
    --------
    Three of four against one of four: so few say nothing, 34 of 70 pairs of results are as far apart.

    >>> found = compared_rates(np.array([3, 1]), np.array([4, 4]))
    >>> found.expected.tolist(), found.p_values.round(3).tolist()
    ([2.0, 2.0], [0.486, 0.486])
    """
    successes, trials = (np.asarray(counts).reshape(len(counts), -1) for counts in (successes, trials))
    if (successes < 0).any() or (successes > trials).any():
        raise ValueError("successes must be from 0 to the number of trials")
    wins, tried = successes.sum(axis=0), trials.sum(axis=0)
    rate = wins / np.maximum(tried, 1)
    variances = trials * rate * (1 - rate) * (tried - trials) / np.maximum(tried - 1, 1)
    speaks = variances > 0
    trials, successes = np.where(speaks, trials, 0), np.where(speaks, successes, 0)
    lowest = np.maximum(0, trials - (tried - wins)).sum(axis=1, where=speaks)
    highest = np.minimum(trials, wins).sum(axis=1, where=speaks)
    n, observed, mean, variance = (x.sum(axis=1) for x in (trials, successes, trials * rate, variances))
    compared = variance > 0
    error = np.sqrt(variance, out=np.full(variance.shape, np.nan), where=compared)
    scores = (observed - mean) / error
    beyond = overdispersion(scores, standard_errors=error / np.maximum(n, 1))
    inflation = np.ones(n.shape)
    if allowing == "multiplicative":
        inflation = np.full(n.shape, np.sqrt(beyond.ratio))
    elif allowing == "additive":
        inflation = np.sqrt(1 + beyond.between * (n / error) ** 2)

    p_values, least = hypergeometric_tails(successes, trials=trials, wins=wins, tried=tried)
    if allowing != "nothing":
        p_values = np.maximum(p_values, _normal((observed - mean) / error / inflation))
        farthest = np.maximum(mean - lowest, highest - mean)
        least = np.maximum(least, _normal(farthest / error / inflation))
    return ComparedRates(
        trials=n,
        successes=observed,
        expected=mean,
        z_scores=scores / inflation,
        p_values=np.where(compared, p_values, np.nan),
        least=np.where(compared, least, np.nan),
        beyond=beyond,
    )


def _normal(scores: Floats) -> Floats:
    """Return two-sided p-values of z-scores."""
    from scipy.special import ndtr  # noqa: PLC0415 -- loaded only when needed

    p_values: Floats = 2 * ndtr(-np.abs(scores))
    return p_values

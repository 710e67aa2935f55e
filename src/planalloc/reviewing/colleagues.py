"""Each rep's rate against the colleagues', what these vary by among themselves allowed for (F-24)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from planalloc.numerics.compared_rates import compared_rates
from planalloc.numerics.overdispersion import overdispersion

if TYPE_CHECKING:
    from planalloc.numerics.compared_rates import ComparedRates
    from planalloc.types import Floats, Ints

__all__ = ["compared_to_colleagues"]

MANY = 200
"""Units from which leaving one out no longer changes what the others vary by."""

USUAL = 0.1
"""Chance at which the others' scatter is taken to be more than chance."""


def compared_to_colleagues(successes: Ints, trials: Ints) -> ComparedRates:
    """Compare each unit's successes with what all units' rates make of its trials, given how the others differ.

    What all units vary by is no news about any of them. But one unit that stands out in a small team makes the whole
    team vary, and would hide itself: so its own part is left out, and each unit is measured by what the others vary by
    among themselves, where that is more than chance.

    Parameters
    ----------
    successes, trials : Ints
        Shape (n_units, n_strata); successes from 0 to trials.

    Returns
    -------
    ComparedRates
        As `planalloc.numerics.compared_rates.compared_rates` gives them.

    Examples
    --------
    Four are alike and one wins half as often: with all five in the sum, the fifth would be within what they vary by.

    >>> won, tried = np.array([[80], [82], [78], [81], [40]]), np.full((5, 1), 200)
    >>> alone = compared_to_colleagues(won, tried).p_values[-1]
    >>> bool(alone < 0.001 < compared_rates(won, tried, allowing="additive").p_values[-1])
    True
    """
    if len(trials) >= MANY:
        return compared_rates(successes, trials, allowing="additive")
    found = compared_rates(successes, trials)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(found.trials > 0, _errors(successes, trials), np.nan)
        wider = np.sqrt(1 + _between_others(successes, trials) * (found.trials / error) ** 2)
        scores = (found.successes - found.expected) / error / wider
    from scipy.special import ndtr  # noqa: PLC0415 -- loaded only when needed

    return replace(found, z_scores=scores, p_values=np.maximum(found.p_values, 2 * ndtr(-np.abs(scores))))


def _errors(successes: Ints, trials: Ints) -> Floats:
    """Return the standard error of each unit's successes by chance, given all that were tried and won, shape (n,)."""
    tried = trials.sum(axis=0)
    rate = successes.sum(axis=0) / np.maximum(tried, 1)
    variance = trials * rate * (1 - rate) * (tried - trials) / np.maximum(tried - 1, 1)
    found: Floats = np.sqrt(variance.sum(axis=1))
    return found


def _between_others(successes: Ints, trials: Ints) -> Floats:
    """Return the variance of rates between all other units, zero where it may be chance, shape (n,)."""
    from scipy.special import chdtri  # noqa: PLC0415 -- loaded only when needed

    found = np.zeros(len(trials))
    for i in range(len(trials)):
        won, tried = np.delete(successes, i, axis=0), np.delete(trials, i, axis=0)
        rate = won.sum(axis=0) / np.maximum(tried.sum(axis=0), 1)
        error = _errors(won, tried)
        some = error > 0
        scores = (won - tried * rate).sum(axis=1)[some] / error[some]
        beyond = overdispersion(scores, standard_errors=error[some] / tried.sum(axis=1)[some])
        if len(scores) > 1 and beyond.ratio * len(scores) > chdtri(len(scores) - 1, USUAL):
            found[i] = beyond.between
    return found

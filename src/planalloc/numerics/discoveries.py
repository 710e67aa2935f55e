"""Which of many differences are real, at a stated rate of false ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats

__all__ = ["Discoveries", "discoveries", "within_reach"]


@dataclass(frozen=True)
class Discoveries:
    """What is told from noise among many tests.

    Attributes
    ----------
    found : Bools
        Whether the test is among the discoveries; shape of the p-values.
    adjusted : Floats
        Least rate at which it would be, from 0 to 1; nan where it was not tested. Same shape.
    """

    found: Bools
    adjusted: Floats


def discoveries(p_values: Floats, *, rate: float, least: Floats | None = None) -> Discoveries:
    """Find the differences that are real by Benjamini and Hochberg's step-up rule.

    Where nothing differs, the chance of any discovery at all is at most the rate; where some differ, at most that share
    of the discoveries is expected to be false. Both hold for independent tests. All tests that one review makes belong
    in one call, of whatever kind: two calls at a rate each are wrong up to twice as often.

    Parameters
    ----------
    p_values : Floats
        Any shape; nan where there is nothing to test.
    rate : float
        Share of false discoveries that is accepted, above 0 and below 1.
    least : Floats, optional
        Least p-value each test could have reached, same shape. Tests that could never have spoken are then left out
        (`within_reach`), so that they do not silence the others.

    Returns
    -------
    Discoveries
        Found ones and adjusted p-values.

    Raises
    ------
    ValueError
        When the rate is not between 0 and 1, or a p-value is outside [0, 1].

    References
    ----------
    Benjamini and Hochberg (1995), Controlling the false discovery rate, J. R. Statist. Soc. B 57, 289-300.

    Examples
    --------
    >>> discoveries(np.array([0.001, 0.02, 0.04, 0.5]), rate=0.05).found.tolist()
    [True, True, False, False]
    """
    from scipy.stats import false_discovery_control  # noqa: PLC0415 -- loaded only when needed

    if not 0 < rate < 1:
        raise ValueError(f"the rate of false discoveries must be above 0 and below 1, and is {rate}")
    p_values = np.asarray(p_values, dtype=np.float64)
    tested = ~np.isnan(p_values)
    if least is not None:
        tested &= within_reach(least, rate=rate)
    adjusted = np.full(p_values.shape, np.nan)
    if tested.any():
        adjusted[tested] = false_discovery_control(p_values[tested], method="bh")
    return Discoveries(found=tested & (adjusted <= rate), adjusted=adjusted)


def within_reach(least: Floats, *, rate: float) -> Bools:
    """Leave out the tests of so few trials that no outcome could have been a discovery.

    The family is cut to the tests that could reach ``rate / k``, for the least k that keeps at most k of them. This
    looks at what the tests could have said and never at what they did say, so the rate still holds.

    Parameters
    ----------
    least : Floats
        Least p-value each test could have reached; nan where there is nothing to test.
    rate : float
        Share of false discoveries that is accepted.

    Returns
    -------
    Bools
        Whether the test stays in the family; shape of `least`.

    References
    ----------
    Tarone (1990), A modified Bonferroni method for discrete data, Biometrics 46, 515-522; Gilbert (2005), A modified
    false discovery rate multiple-comparisons procedure for discrete data, Appl. Statist. 54, 143-158.

    Examples
    --------
    The last two could not fall below one half, whatever happened.

    >>> within_reach(np.array([0.0001, 0.002, 0.5, 0.5]), rate=0.05).tolist()
    [True, True, False, False]
    """
    ordered = np.sort(least[~np.isnan(least)].ravel())
    sizes = np.arange(1, ordered.size + 1)
    kept = np.searchsorted(ordered, rate / sizes, side="right")
    enough = np.flatnonzero(kept <= sizes)
    if not enough.size:
        return np.zeros(least.shape, dtype=np.bool_)
    return np.asarray(least <= rate / sizes[enough[0]], dtype=np.bool_)

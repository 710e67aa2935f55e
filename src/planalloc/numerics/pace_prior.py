"""What a unit's pace is thought to be before its own deals speak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["PacePrior", "pace_prior"]


@dataclass(frozen=True)
class PacePrior:
    """A gamma distribution of pace: deals closed / deals planned to date.

    Attributes
    ----------
    mean : float
        Pace of all units together.
    deals : float
        Deals planned that the common pace is worth as evidence about one unit, positive: large where units are alike.
    error : float
        Standard error of the mean / the mean: all units are off by it together. What may turn for all of them, such as
        the market, can be added to it.
    """

    mean: float
    deals: float
    error: float = 0.0


def pace_prior(deals: Ints, *, planned: Floats) -> PacePrior:
    """Estimate the common pace, and how much units differ in it beyond chance, from their deals so far.

    If a unit's deals are Poisson with mean ``pace * planned`` and paces vary between units, then
    ``E[(deals - mean * planned)**2] = mean * planned + variance * planned**2``; summed over the units, that gives the
    variance, and ``deals = mean / variance``. Held between one deal and a thousand times all that is planned.

    Parameters
    ----------
    deals : Ints, shape (n_units,)
        Closed to date.
    planned : Floats, shape (n_units,)
        Planned to date, at least 0, on the season's curve.

    Returns
    -------
    PacePrior
        With nothing planned so far, a pace of 1, give or take 1, that is worth one deal. No deal at all counts as half
        a one.

    Examples
    --------
    Units that are more alike than chance would have them share one pace.

    >>> prior = pace_prior(np.array([9, 9]), planned=np.array([10.0, 10.0]))
    >>> prior.mean, prior.deals, round(prior.error, 3)
    (0.9, 20000.0, 0.236)
    """
    total = float(planned.sum())
    if total <= 0:
        return PacePrior(mean=1.0, deals=1.0, error=1.0)
    mean = max(float(deals.sum()), 0.5) / total
    excess = float(np.sum((deals - mean * planned) ** 2 - mean * planned))
    squares, most = float(np.sum(planned**2)), max(1.0, 1000 * total)
    worth = most if excess <= 0 else min(max(mean * squares / excess, 1.0), most)
    spread = total + squares / worth
    return PacePrior(mean=mean, deals=worth, error=float(np.sqrt(spread / mean)) / total)

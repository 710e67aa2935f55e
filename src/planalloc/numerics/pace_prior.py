"""Paces of units: between the own and the common one, unless a unit is of another kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats

__all__ = ["Paces", "paces"]

_SPREADS = 16
"""Spreads between units that the paces go over."""

_APART = 0.05
"""Part of the units that are thought to be of another kind before their deals speak."""

_WIDE = 1.0
"""Shape of the paces of those: half of the common one, or once and a half, is usual among them."""

_NOTHING = 1e-6
"""Deals planned to date that are none."""

_ROUNDS = 3
"""Times that the common pace is taken anew from the units that are found to be alike."""

_NONE_ALIKE = 0.01
"""Units found to be alike, in all, below which none are: the common pace is then that of all."""


@dataclass(frozen=True, eq=False)
class Paces:
    """What is thought of each unit's pace, deals closed / deals planned to date: a gamma distribution.

    Attributes
    ----------
    mean : Floats, shape (n,)
        Pace of each unit.
    shape : Floats, shape (n,)
        Of the gamma distribution: ``1 / shape`` is the variance over the mean squared, with the common pace given.
    pulled : Floats, shape (n,)
        Part of the common pace in that of each unit, from 0 to 1: by so much of its error each of them is off.
    chance_error, spread_error : float
        Standard error of the common pace / the pace, from the chance of deals, and from the units that it is taken
        from, which differ.
    """

    mean: Floats
    shape: Floats
    pulled: Floats
    chance_error: float
    spread_error: float


def paces(deals: Floats, *, planned: Floats) -> Paces:
    """Estimate each unit's pace from its deals, and from what all units' deals say of any of them.

    A unit's deals are Poisson with mean ``pace * planned``. Most paces are gamma distributed around the common one, and
    how far they vary is told by the deals of all: the answer goes over all spreads, each by its likelihood and a prior
    uniform in the weight of the common pace for a unit of average size. One in twenty is of another kind, whose paces
    vary by half: whose deals are out of reach of the others is left where it is, and neither drawn to them, nor they
    to it. The common pace is that of the units that are alike.

    Parameters
    ----------
    deals : Floats, shape (n,)
        Closed to date, at least 0; need not be whole.
    planned : Floats, shape (n,)
        Planned to date, at least 0, on the season's curve.

    Returns
    -------
    Paces
        With nothing planned so far, a pace of 1, give or take 1. No deal at all counts as half a one.

    References
    ----------
    Christiansen and Morris (1997), Hierarchical Poisson regression modeling, JASA 92, 618-632; Efron and Morris (1972),
    Limiting the risk of Bayes and empirical Bayes estimators, part II, JASA 67, 130-139, for why one that stands out
    must not be drawn to the others as they are to each other.

    Examples
    --------
    Five sell about as planned, and are drawn together; one sells half, and is believed.

    >>> found = paces(np.array([100, 104, 97, 102, 98, 50.0]), planned=np.full(6, 100.0))
    >>> found.mean.round(2).tolist()
    [1.0, 1.01, 0.99, 1.0, 0.99, 0.51]
    """
    total, many = float(planned.sum()), len(planned)
    if total <= _NOTHING:
        return Paces(np.ones(many), np.full(many, 4.0), np.ones(many), 1.0, 0.0)
    kept = 1 - (np.arange(_SPREADS) + 0.5) / _SPREADS
    worth = (total / np.count_nonzero(planned)) * kept / (1 - kept)
    alike = np.ones(many)
    for _ in range(_ROUNDS):
        most = float(alike @ planned)
        common = max(float(alike @ deals), 0.5) / most
        weights = _weights(deals, planned, common=common, worth=worth)
        alike = weights[:-1].sum(axis=0)
        if alike.sum() < _NONE_ALIKE:
            alike = np.ones(many)
    worth = np.append(worth, _WIDE / common)[:, None]
    mean = (common * worth + deals) / (worth + planned)
    square = (common * worth + deals + 1) * mean / (worth + planned)
    expected = (weights * mean).sum(axis=0)
    among = weights[:-1].sum(axis=1) / alike.sum()
    return Paces(
        mean=expected,
        shape=expected**2 / ((weights * square).sum(axis=0) - expected**2),
        pulled=np.minimum((weights * worth / (worth + planned)).sum(axis=0) * common / expected, 1.0),
        chance_error=float(1 / np.sqrt(common * most)),
        spread_error=float(np.sqrt((among / (common * worth[:-1, 0])).sum() * (alike * planned) @ planned)) / most,
    )


def _weights(deals: Floats, planned: Floats, *, common: float, worth: Floats) -> Floats:
    """Return how likely each unit is one of the others at each spread, or of another kind, shape (spreads + 1, n)."""
    likely = _log_likely(deals, planned, shape=common * worth[:, None], worth=worth[:, None])
    apart = _log_likely(deals, planned, shape=np.array([_WIDE]), worth=np.array([_WIDE / common]))
    own = np.logaddexp(np.log(1 - _APART) + likely, np.log(_APART) + apart)
    spread = own.sum(axis=1)
    spread = np.exp(spread - spread.max())
    spread /= spread.sum()
    found = spread[:, None] * np.exp(np.log(1 - _APART) + likely - own)
    weights: Floats = np.concatenate([found, 1 - found.sum(axis=0, keepdims=True)])
    return weights


def _log_likely(deals: Floats, planned: Floats, *, shape: Floats, worth: Floats) -> Floats:
    """Return the logarithm of the negative binomial likelihood, but for what all spreads share."""
    from scipy.special import gammaln, xlog1py  # noqa: PLC0415 -- loaded only when needed

    found: Floats = (
        gammaln(shape + deals) - gammaln(shape) - xlog1py(shape, planned / worth) - deals * np.log(worth + planned)
    )
    return found

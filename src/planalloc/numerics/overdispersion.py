"""How much units vary beyond chance, with the few extreme ones held back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats

__all__ = ["Overdispersion", "overdispersion", "winsorized"]


@dataclass(frozen=True)
class Overdispersion:
    """What all units vary by beyond chance.

    Attributes
    ----------
    ratio : float
        Multiplicative: the variance is this many times that of chance, at least 1.
    between : float
        Additive: variance between units, in the square of the unit of the standard errors, at least 0.
    """

    ratio: float = 1.0
    between: float = 0.0


def winsorized(values: Floats, *, share: float = 0.1) -> Floats:
    """Pull the extreme values in to the quantiles.

    Parameters
    ----------
    values : Floats
        Shape (n,).
    share : float
        Share at each end that is set to the quantile there.

    Returns
    -------
    Floats
        Shape (n,).

    Examples
    --------
    >>> winsorized(np.array([-9.0, -1.0, 0.0, 1.0, 9.0]), share=0.25).tolist()
    [-1.0, -1.0, 0.0, 1.0, 1.0]
    """
    low, high = np.quantile(values, [share, 1 - share])
    return np.clip(values, low, high)


def overdispersion(z_scores: Floats, *, standard_errors: Floats, share: float = 0.1) -> Overdispersion:
    """Estimate how much units vary beyond chance, from winsorized z-scores.

    The ratio is the mean square of the winsorized z-scores; the variance between units is the moment estimate of
    DerSimonian and Laird on the same scores. Squares are divided by what they would be for winsorized normal scores
    (0.68 for a tenth at each end): the source leaves them too small, and limits too tight where units do vary. The
    ratio is held at 1 at least, the variance at 0.

    Parameters
    ----------
    z_scores : Floats
        Shape (n,), naive ones: difference from the target / standard error. nan for units without trials.
    standard_errors : Floats
        Shape (n,), by chance alone, positive where the z-score is not nan.
    share : float
        Share of units held back at each end.

    Returns
    -------
    Overdispersion
        Both forms, for one or the other to be used; none with fewer than two units.

    References
    ----------
    Spiegelhalter (2005), Handling over-dispersion of performance indicators, Qual. Saf. Health Care 14, 347-351.

    Examples
    --------
    >>> overdispersion(np.array([-3.0, 0.0, 3.0]), standard_errors=np.ones(3), share=0.0)
    Overdispersion(ratio=6.0, between=8.0)
    """
    known = ~np.isnan(z_scores)
    if known.sum() < 2:
        return Overdispersion()
    squares = winsorized(z_scores[known], share=share) ** 2 / _normal_square(share)
    weights = standard_errors[known] ** -2.0
    spread = weights.sum() - (weights**2).sum() / weights.sum()
    return Overdispersion(
        ratio=max(1.0, float(squares.mean())),
        between=max(0.0, float((squares.sum() - (squares.size - 1)) / spread)),
    )


def _normal_square(share: float) -> float:
    """Return the mean square of a winsorized standard normal score."""
    from scipy.special import ndtri  # noqa: PLC0415 -- loaded only when needed

    if share == 0:
        return 1.0
    cut = -float(ndtri(share))
    density = np.exp(-(cut**2) / 2) / np.sqrt(2 * np.pi)
    return float(1 - 2 * share - 2 * cut * density + 2 * share * cut**2)

"""Noisy values drawn to their common center, as far as their noise says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats

__all__ = ["ShrunkValues", "normal_shrinkage"]

_MOST_STEPS = 100
"""Newton steps for the variance between units; from below they rise and never pass it, and 10 are many."""


@dataclass(frozen=True)
class ShrunkValues:
    """Values drawn to their center, beside the raw ones.

    Attributes
    ----------
    values, raw : Floats, shape (n,)
        Shrunk and as they came in, in the same unit.
    weights : Floats, shape (n,)
        Weight of the center in each shrunk value, from 0 (kept as it is) to below 1.
    standard_errors : Floats, shape (n,)
        Of the shrunk values, with what is not known of the center and of the spread.
    center : float
        What the values are drawn to: their mean, by precision.
    between : float
        Variance between units beyond their noise, at least 0.
    """

    values: Floats
    raw: Floats
    weights: Floats
    standard_errors: Floats
    center: float
    between: float


def normal_shrinkage(values: Floats, *, variances: Floats) -> ShrunkValues:
    """Shrink values with known noise to their mean (empirical Bayes with unequal variances).

    Each weight of the center is ``(k - 3) / (k - 1) * V / (V + A)``, where `A`, the variance between units, makes the
    weighted squares around the center add up to ``k - 1``. With equal variances this is the James-Stein estimator
    around the mean, held at or below a weight of ``(k - 3) / (k - 1)``. Of three values or fewer none is shrunk.

    Parameters
    ----------
    values : Floats, shape (n,)
        Any unit.
    variances : Floats, shape (n,)
        Of the noise in each value, in the square of the unit, above 0.

    Returns
    -------
    ShrunkValues
        Shrunk values, weights and standard errors.

    Raises
    ------
    ValueError
        When there is no value, a value is not finite, or a variance is not above 0.

    References
    ----------
    Efron and Morris (1975), Data analysis using Stein's estimator and its generalizations, JASA 70, 311-319; Morris
    (1983), Parametric empirical Bayes inference, JASA 78, 47-55; Paule and Mandel (1982), Consensus values and
    weighting factors, J. Res. Natl. Bur. Stand. 87, 377-385, for the variance between units.

    Examples
    --------
    Five values that scatter by a mean square of 2.5 where noise makes 1 of it.

    >>> shrunk = normal_shrinkage(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), variances=np.ones(5))
    >>> round(shrunk.between, 9), shrunk.weights[0].round(9).item(), shrunk.values.round(9).tolist()
    (1.5, 0.2, [0.4, 1.2, 2.0, 2.8, 3.6])
    """
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError("values must be finite, and at least one")
    if not (np.isfinite(variances) & (variances > 0)).all():
        raise ValueError("variances must be finite and above 0")
    many = len(values)
    between = _variance_between(values, variances)
    precision = 1 / (variances + between)
    center = float(precision @ values / precision.sum())
    shrinking = max(0.0, (many - 3) / max(many - 1, 1))
    weights = shrinking * variances * precision
    influence = many * precision / precision.sum()
    typical = precision @ variances / precision.sum()
    spread = 2 / max(many - 3, 1) * weights**2 * (typical + between) * precision * (values - center) ** 2
    return ShrunkValues(
        values=values + weights * (center - values),
        raw=values,
        weights=weights,
        standard_errors=np.sqrt(variances * (1 - (many - influence) / many * weights) + spread),
        center=center,
        between=between,
    )


def _variance_between(values: Floats, variances: Floats) -> float:
    """Solve ``sum((y - center)**2 / (V + A)) = k - 1`` for `A`; 0 where noise explains all."""
    between = 0.0
    for _ in range(_MOST_STEPS):
        precision = 1 / (variances + between)
        squares = (values - precision @ values / precision.sum()) ** 2 * precision
        excess = squares.sum() - (len(values) - 1)
        # The sum of squares falls convexly in A: a step never goes too far, and one back is rounding error.
        if excess <= 1e-14 * len(values):
            break
        between += float(excess / (squares @ precision))
    return between

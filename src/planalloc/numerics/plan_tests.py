"""Whether what came differs from what was planned by more than chance: money in deals, and work in many small cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["money_p_values", "shortfall_p_values"]

MANY = 400.0
"""Expected deals from which the sum is told by its first two moments alone."""

LEAST_CV = 0.05
"""Deals that vary less than this in size are taken to vary by this."""


def money_p_values(amounts: Floats, *, deals: Floats, sizes: Floats, size_cv: Floats) -> Floats:
    """Test sums of money against the plan's, of which each is so many deals of such a size.

    If the plan is right, deals are Poisson and their sizes gamma distributed: the tail is that of the compound sum,
    summed over the number of deals. The p-value is twice the smaller tail.

    Parameters
    ----------
    amounts : Floats, shape (n,)
        Money that came; below nothing counts as nothing.
    deals : Floats, shape (n,)
        Deals planned.
    sizes, size_cv : Floats, shape (n,)
        Mean money of a deal, positive, and its standard deviation over the mean.

    Returns
    -------
    Floats
        Shape (n,); nan where nothing was planned or a size is not known.

    Examples
    --------
    Nothing came, where two deals were due: twice ``exp(-2)``.

    >>> money_p_values(np.zeros(1), deals=np.array([2.0]), sizes=np.ones(1), size_cv=np.ones(1)).round(3).tolist()
    [0.271]
    """
    known = (deals > 0) & (sizes > 0) & np.isfinite(deals * sizes)
    found = np.full(len(amounts), np.nan)
    cv = np.maximum(np.nan_to_num(size_cv, nan=1.0), LEAST_CV)
    amounts = np.maximum(amounts, 0.0)
    for some, tail in ((known & (deals <= MANY), _summed_tail), (known & (deals > MANY), _gamma_tail)):
        if some.any():
            below = tail(amounts[some], deals[some], sizes[some], cv[some])
            above = np.where(amounts[some] > 0, 1.0 - below, 1.0)
            found[some] = np.clip(2 * np.minimum(below, above), 0.0, 1.0)
    return found


def _summed_tail(amounts: Floats, deals: Floats, sizes: Floats, cv: Floats) -> Floats:
    """Return the chance of no more money than came, summed over the number of deals."""
    from scipy.special import gammainc, gammaln, xlogy  # noqa: PLC0415 -- loaded only when needed

    most = int(np.ceil((deals + 9 * np.sqrt(deals)).max())) + 10
    number = np.arange(1, most + 1, dtype=np.float64)
    scaled = amounts / (sizes * cv**2)
    below = np.exp(-deals)
    for start in range(0, most, 64):  # some at a time: as many rows as reps, and hundreds of deals
        n = number[start : start + 64]
        chance = np.exp(xlogy(n, deals[:, None]) - deals[:, None] - gammaln(n + 1))
        below = below + (chance * gammainc(n / cv[:, None] ** 2, scaled[:, None])).sum(axis=1)
    return np.minimum(below, 1.0)


def _gamma_tail(amounts: Floats, deals: Floats, sizes: Floats, cv: Floats) -> Floats:
    from scipy.special import gammainc  # noqa: PLC0415 -- loaded only when needed

    shape = deals / (1 + cv**2)
    below: Floats = gammainc(shape, amounts / (sizes * (1 + cv**2)))
    return below


def shortfall_p_values(done: Ints, due: Floats, *, unit: Ints, n_units: int) -> tuple[Floats, Floats]:
    """Test the work that is missing in many cells, where excess in one does not pay for another.

    If what is done in each cell is Poisson with what is due, some of it is missing somewhere by chance. A unit's sum of
    what is missing, ``sum(max(due - done, 0))``, is given a gamma distribution with its mean and variance.

    Parameters
    ----------
    done : Ints, shape (n,)
        Done in each cell.
    due : Floats, shape (n,)
        Due in each cell.
    unit : Ints, shape (n,)
        Unit of each cell, from 0.
    n_units : int
        How many units.

    Returns
    -------
    tuple of Floats
        One-sided p-values, and the least each could have had, where nothing is done; shape (n_units,), nan where
        nothing is due.

    Examples
    --------
    >>> some, least = shortfall_p_values(np.array([0, 9]), np.array([6.0, 6.0]), unit=np.array([0, 1]), n_units=2)
    >>> bool(some[0] < 0.02), bool(some[1] > 0.9), bool(least[0] == some[0])
    (True, True, True)
    """
    from scipy.special import gammaincc, pdtr  # noqa: PLC0415 -- loaded only when needed

    due = np.asarray(due, dtype=np.float64)
    top = np.ceil(due) - 1

    def reached(below: Floats) -> Floats:
        found: Floats = np.where(below >= 0, pdtr(np.maximum(below, 0), due), 0.0)
        return found

    mean = due * (reached(top) - reached(top - 1))
    square = due**2 * reached(top) - 2 * due**2 * reached(top - 1) + due**2 * reached(top - 2) + due * reached(top - 1)
    missing = np.maximum(due - done, 0.0)
    sums = [np.bincount(unit, one, n_units) for one in (mean, square - mean**2, missing, due)]
    expected, variance, observed, most = (one.astype(np.float64) for one in sums)
    tested = (most > 0) & (variance > 0)
    shape, scale = np.ones(n_units), np.ones(n_units)
    shape[tested], scale[tested] = expected[tested] ** 2 / variance[tested], variance[tested] / expected[tested]
    return tuple(np.where(tested, gammaincc(shape, one / scale), np.nan) for one in (observed, most))  # type: ignore[return-value]

"""Series made to add up to totals, their movement kept: no step where one year meets the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["proportional_denton"]

_HELD = 1e5
"""Weight of a total beside that of a step of the scale, where both are least squares."""


def proportional_denton(indicator: Floats, *, totals: Floats, groups: Ints) -> Floats:
    """Scale a series to the totals of its years so that the scale moves as little as can be.

    Minimizes the sum over periods of ``(x[t] / i[t] - x[t-1] / i[t-1])**2`` with the sum of `x` over each group equal
    to its total, and no `x` below zero. Periods of no group, before the first total or after the last, carry the scale
    of their neighbor on: an extrapolation. A period whose figure is known is a group of its own with that figure as its
    total; years to come are then chained to it without a step.

    Parameters
    ----------
    indicator : Floats, shape (n_series, n_periods)
        Shape of the series, at least 0, in any unit; a zero stays zero.
    totals : Floats, shape (n_series, n_groups)
        What each group adds up to, at least 0.
    groups : Ints, shape (n_periods,)
        Group of each period (its year), counted from 0; -1 for none.

    Returns
    -------
    Floats, shape (n_series, n_periods)
        Unit of the totals; each group adds up to its total.

    Raises
    ------
    ValueError
        When an input is negative or not finite, there is no group, or a group has a total and no indicator above zero.

    References
    ----------
    Denton (1971), Adjustment of monthly or quarterly series to annual totals, JASA 66, 99-102; International Monetary
    Fund (2017), *Quarterly National Accounts Manual*, chapter 6.

    Examples
    --------
    Two years of 24 and 48, without a season: the series climbs within both.

    >>> years = np.array([0, 0, 1, 1])
    >>> proportional_denton(np.ones((1, 4)), totals=np.array([[24.0, 48.0]]), groups=years).round(9).tolist()
    [[10.0, 14.0, 22.0, 26.0]]
    """
    _refuse_unusable(indicator, totals=totals, groups=groups)
    many, periods = indicator.shape
    size = totals.shape[1]
    member = np.zeros((size, periods))
    member[groups[groups >= 0], np.flatnonzero(groups >= 0)] = 1.0
    shares = indicator[:, None, :] * member
    sums = shares.sum(axis=2)
    if ((sums == 0) & (totals > 0)).any():
        raise ValueError("a group has a total and no indicator above zero")
    empty = sums == 0
    # Equal scales hold the constraints near 1, and with them the system's condition.
    shares = shares / np.where(empty, 1.0, sums)[:, :, None]
    steps = np.diff(np.eye(periods), axis=0)
    system = np.zeros((many, periods + size, periods + size))
    system[:, :periods, :periods] = steps.T @ steps
    system[:, periods:, :periods] = shares
    system[:, :periods, periods:] = shares.swapaxes(1, 2)
    system[:, range(periods, periods + size), range(periods, periods + size)] = empty
    right = np.zeros((many, periods + size, 1))
    right[:, periods:, 0] = np.where(empty, 0.0, totals / np.where(empty, 1.0, sums))
    # With no group of any size in a series, nothing sets its scale, and all of it is zero.
    void = empty.all(axis=1)
    system[void] = np.eye(periods + size)
    scale = np.linalg.solve(system, right)[:, :periods, 0]
    for row in np.flatnonzero((scale < 0).any(axis=1)):
        scale[row] = _held_above_zero(steps, shares=shares[row], levels=right[row, periods:, 0])
    return _with_sums(indicator * scale, member=member, totals=totals)


def _held_above_zero(steps: Floats, *, shares: Floats, levels: Floats) -> Floats:
    """Solve for one series whose totals fall so sharply that a free scale would pass below zero.

    The totals are held by a weight so large that what it leaves of them is for `_with_sums` to take out.
    """
    from scipy.optimize import nnls  # noqa: PLC0415 -- loaded only when needed

    top = levels.max()
    scale, _ = nnls(np.vstack([steps, _HELD * shares]), np.append(np.zeros(len(steps)), _HELD * levels / top))
    held: Floats = scale * top
    return held


def _with_sums(series: Floats, *, member: Floats, totals: Floats) -> Floats:
    """Take rounding error out of the sums."""
    sums = series @ member.T
    factor = np.divide(totals, sums, out=np.ones(sums.shape), where=sums > 0)
    exact: Floats = series * (factor @ member + (1 - member.sum(axis=0)))
    return exact


def _refuse_unusable(indicator: Floats, *, totals: Floats, groups: Ints) -> None:
    for name, numbers in (("indicator", indicator), ("totals", totals)):
        if not (np.isfinite(numbers) & (numbers >= 0)).all():
            raise ValueError(f"{name} must be finite and at least 0")
    if totals.shape[1] == 0 or set(range(totals.shape[1])) != set(groups[groups >= 0].tolist()):
        raise ValueError("every total needs a group of periods, and every group a total")

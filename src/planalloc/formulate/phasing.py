"""F-8: the season of each line, on the plan's own periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.formulate.index import Index
    from planalloc.model.strategy import Seasonality
    from planalloc.types import Bools, Floats, Ints

__all__ = ["season_curve", "seasons", "without_gaps"]


def seasons(index: Index, *, working_days: Floats) -> tuple[Floats, Ints]:
    """Return the weights of each line's periods and the season block each period belongs to.

    Parameters
    ----------
    index : Index
        Of a problem whose seasonalities nest in its calendar.
    working_days : Floats
        Working days of each period, shape (T,).

    Returns
    -------
    weights : Floats
        Part of the line's year in each period, shape (S, T); rows sum to 1.
    blocks : Ints
        Number of the season's own period (its quadrimester, say) that holds each of the plan's periods, shape (S, T).
    """
    calendar = index.problem.calendar
    by_id = {one.id: one for one in index.problem.strategy.seasonalities}
    even = _default(index, working_days)
    weights = np.empty((len(index.lines), len(index.periods)))
    blocks = np.zeros(weights.shape, dtype=np.int64)
    for s, line in enumerate(index.lines):
        if line.seasonality is None:
            weights[s] = even
        else:
            season = by_id[line.seasonality]
            weights[s] = season_curve(index, season, working_days=working_days)
            blocks[s] = calendar.nest(calendar.grain, season.grain)
    return weights, blocks


def season_curve(index: Index, season: Seasonality, *, working_days: Floats) -> Floats:
    """Return a seasonality on the plan's own periods, shape (T,), summing to 1."""
    calendar = index.problem.calendar
    coarse: Floats = np.array(season.weights) / sum(season.weights)
    holder = np.array(calendar.nest(calendar.grain, season.grain))
    if season.inside is not None:
        by_id = {one.id: one for one in index.problem.strategy.seasonalities}
        fine = season_curve(index, by_id[season.inside], working_days=working_days)
    elif season.spread is not None:
        fine = working_days.astype(float) if season.spread == "working_days" else np.ones(len(holder))
    else:
        fine = _default(index, working_days)
    if len(coarse) == len(holder):  # the plan's own grain: nothing to spread
        return coarse
    inside = np.bincount(holder, fine, minlength=len(coarse))
    curve: Floats = coarse[holder] * fine / np.where(inside > 0, inside, 1.0)[holder]
    return curve


def _default(index: Index, working_days: Floats) -> Floats:
    by_days = index.problem.policy.default_phasing == "working_days" and working_days.sum() > 0
    days = working_days if by_days else np.ones(len(index.periods))
    curve: Floats = days / days.sum()
    return curve


def without_gaps(weights: Floats, *, carried: Bools) -> Floats:
    """Move what falls in periods where nobody can carry a line to its other periods, in proportion (F-8).

    This is the least deviation from the season, measured as sum of weight ((new - weight) / weight)^2.

    Parameters
    ----------
    weights : Floats
        Season of each line, shape (S, T).
    carried : Bools
        Whether somebody who covers the line is there, shape (S, T).

    Examples
    --------
    >>> without_gaps(np.array([[0.5, 0.25, 0.25]]), carried=np.array([[True, True, False]]))
    array([[0.66666667, 0.33333333, 0.        ]])
    """
    kept = np.where(carried, weights, 0.0)
    return kept / np.where(kept.sum(1) > 0, kept.sum(1), 1.0)[:, None]

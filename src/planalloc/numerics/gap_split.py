"""A gap in money as the sum of what each link of the chain from activity to money adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats

__all__ = ["GapSplit", "gap_split", "mixed_gap_split"]


@dataclass(frozen=True)
class GapSplit:
    """Parts that add up to a gap in money, actual - planned.

    Attributes
    ----------
    effects : Floats, shape (n_effects, ...)
        Money by cause and cell: of the first quantity, then (where asked for) of its mix, then of each ratio of a
        quantity to the one before it.
    unexplained : Floats, shape (...)
        Gap of the cells where the chain is broken: money without deals, or deals without activities.
    """

    effects: Floats
    unexplained: Floats


def gap_split(actual: Floats, planned: Floats) -> GapSplit:
    """Split each cell's gap in money along a chain of quantities, such as activities, deals, money.

    Money is the product of the first quantity and the ratios of each to the one before: activities x conversion x deal
    size. An effect is what changing that factor from planned to actual adds, averaged over all orders in which the
    factors may be changed (Shapley): no order is preferred, the effects add up to the gap, and zeros and negative
    amounts need no care. A ratio of nothing to nothing is taken as the other side's, so that no activity at all is an
    effect of activity alone.

    Parameters
    ----------
    actual, planned : Floats, shape (n_quantities, ...)
        The quantities in the order of the chain, the last one money; to the same date.

    Returns
    -------
    GapSplit
        Effects in the order of the quantities. They may be summed over cells (by rep, segment, product, source).

    References
    ----------
    Shapley (1953), A value for n-person games; Sun (1998), Changes in energy consumption and energy intensity: a
    complete decomposition model, Energy Economics 20, 85-100; Ang (2004), Energy Policy 32, 1131-1139, compares.

    Examples
    --------
    Ten calls, two deals, 200 planned; five calls, two deals, 100 came: half the calls, twice the conversion, half the
    deal size.

    >>> split = gap_split(np.array([5.0, 2.0, 100.0]), np.array([10.0, 2.0, 200.0]))
    >>> split.effects.round(6).tolist(), float(split.effects.sum().round(6))
    ([-108.333333, 116.666667, -108.333333], -100.0)
    """
    gap = actual[-1] - planned[-1]
    broken = _broken(actual) | _broken(planned)
    before, after = _factors(planned), _factors(actual)
    effects = np.where(broken, 0.0, _shapley(*_completed(before, after)))
    return GapSplit(effects=effects, unexplained=np.where(broken, gap, 0.0))


def mixed_gap_split(actual: Floats, planned: Floats) -> GapSplit:
    """Split gaps as `gap_split` does, and the first effect in how much was done and in what.

    The first quantity of a cell is its total over the categories times the category's share of it. The effect of the
    mix says what money the shares moved; sum it over the categories to see what the mix as a whole cost.

    Parameters
    ----------
    actual, planned : Floats, shape (n_quantities, n_categories, ...)
        As in `gap_split`, by category (segment, product, source).

    Returns
    -------
    GapSplit
        Effects of the total of the first quantity, of its mix, then of the ratios.

    Examples
    --------
    Ten calls as planned, but none where each is worth 10, all where each is worth 2.

    >>> planned = np.array([[5.0, 5.0], [50.0, 10.0]])
    >>> actual = np.array([[0.0, 10.0], [0.0, 20.0]])
    >>> mixed_gap_split(actual, planned).effects.sum(axis=1).tolist()
    [0.0, -40.0, 0.0]
    """
    gap = actual[-1] - planned[-1]
    broken = _broken(actual) | _broken(planned)
    before, after = (_mixed_factors(np.where(broken, 0.0, side)) for side in (planned, actual))
    effects = np.where(broken, 0.0, _shapley(*_completed(before, after)))
    return GapSplit(effects=effects, unexplained=np.where(broken, gap, 0.0))


def _broken(chain: Floats) -> Bools:
    """Return where a quantity is nothing and the next one is something."""
    return np.asarray(((chain[:-1] == 0) & (chain[1:] != 0)).any(axis=0), dtype=np.bool_)


def _factors(chain: Floats) -> Floats:
    """Return the first quantity and the ratios of each to the one before, nan for nothing to nothing."""
    chain = np.asarray(chain, dtype=np.float64)
    ratios = np.divide(chain[1:], chain[:-1], out=np.full(chain[1:].shape, np.nan), where=chain[:-1] != 0)
    return np.concatenate([chain[:1], ratios])


def _mixed_factors(chain: Floats) -> Floats:
    """Return the first quantity's total over categories, the shares of it, and the ratios."""
    total = np.broadcast_to(chain[0].sum(axis=0, keepdims=True), chain[0].shape)
    return np.concatenate([total[None], _factors(np.stack([total, *chain]))[1:]])


def _completed(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Give a ratio that is unknown on one side the value of the other, and 0 where it is unknown on both."""
    return (
        np.nan_to_num(np.where(np.isnan(before), after, before), nan=0.0),
        np.nan_to_num(np.where(np.isnan(after), before, after), nan=0.0),
    )


def _shapley(before: Floats, after: Floats) -> Floats:
    """Return each factor's average effect on the product over all orders of change, shape of the factors."""
    n = len(before)
    effects = np.zeros(before.shape)
    for factor in range(n):
        others = [other for other in range(n) if other != factor]
        for size in range(n):
            for changed in combinations(others, size):
                sides = [after[other] if other in changed else before[other] for other in others]
                effects[factor] += np.prod(sides, axis=0) / (n * comb(n - 1, size))
        effects[factor] *= after[factor] - before[factor]
    return effects

"""Whether a mix differs from the planned one by more than chance at that volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats, Ints

__all__ = ["MixTest", "count_mix", "money_mix"]


@dataclass(frozen=True)
class MixTest:
    """Each unit's actual share of each category against the planned one.

    A category that is not planned for a unit is in no share and in no test: what was done there is a fact, not a
    fluctuation.

    Attributes
    ----------
    actual : Floats, shape (n_units, n_categories)
        Shares of what was done in the planned categories; nan where nothing was.
    planned : Floats, shape (n_units, n_categories)
        Planned shares; nan where nothing is planned.
    unplanned : Floats, shape (n_units,)
        What was done in categories that are not planned, as count or money.
    p_values : Floats, shape (n_units, n_categories)
        Two-sided, each category against the rest; nan where there is nothing to test.
    least : Floats, shape (n_units, n_categories)
        Least p-value the category could have had at this volume, for `discoveries`.
    p_unit : Floats, shape (n_units,)
        Of the whole mix: the least p-value times the number of categories (Bonferroni), at most 1; nan likewise.
    """

    actual: Floats
    planned: Floats
    unplanned: Floats
    p_values: Floats
    least: Floats
    p_unit: Floats


def count_mix(counts: Ints, *, mix: Floats) -> MixTest:
    """Test a mix of counts: deals, meetings, calls.

    If every event falls in a category with its planned share, independently, the count in a category is binomial given
    their number; the p-value is twice the smaller tail, exactly. Events that come in bunches (a tour of visits) vary
    more than that: count the bunches.

    Parameters
    ----------
    counts : Ints, shape (n_units, n_categories)
        Events.
    mix : Floats, shape (n_units, n_categories) or (n_categories,)
        Planned weights, at least 0; only their proportions matter.

    Returns
    -------
    MixTest
        Evidence per unit and category.

    References
    ----------
    Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the binomial,
    Biometrika 26, 404-413, for the doubled exact tail.

    Examples
    --------
    No deal of ten in a line with half of the plan: twice one in 1024.

    >>> float(count_mix(np.array([[0, 10]]), mix=np.array([1.0, 1.0])).p_values[0, 0]) * 1024
    2.0
    """
    mix, planned = _shares(mix, shape=counts.shape)
    done = np.where(planned, counts, 0)
    number = np.broadcast_to(done.sum(axis=1, keepdims=True), done.shape)
    testable = planned & (mix < 1) & (number > 0)
    p_values = _binomial(done, number=number, mix=mix)
    least = np.minimum(*(_binomial(ends, number=number, mix=mix) for ends in (np.zeros_like(done), number)))
    return _mix_test(
        done.astype(np.float64),
        mix=np.where(planned, mix, np.nan),
        unplanned=(counts - done).sum(axis=1).astype(np.float64),
        p_values=np.where(testable, p_values, np.nan),
        least=np.where(testable, least, np.nan),
    )


def money_mix(amounts: Floats, *, deals: Ints, mix: Floats, sizes: Floats, size_cv: Floats | float) -> MixTest:
    """Test a mix of money, which comes in deals.

    If the mix of money is as planned, deals fall in the categories as ``mix / sizes``, so the number in a category is
    binomial. Given that number, the category's money and the rest's are given gamma distributions with their means and
    variances, and the share's tail is that of a beta distribution; the tails are averaged over the number. Exact for
    gamma distributed sizes and two categories.

    Parameters
    ----------
    amounts : Floats, shape (n_units, n_categories)
        Money won. A category whose credit notes outweigh its sales has a share of nothing; a unit where they do so in
        all is not tested.
    deals : Ints, shape (n_units, n_categories)
        Number of deals it came in.
    mix : Floats, shape (n_units, n_categories) or (n_categories,)
        Planned weights of money, at least 0; only their proportions matter.
    sizes : Floats, shape (n_units, n_categories) or (n_categories,)
        Planned money per deal, positive.
    size_cv : Floats or float
        Standard deviation of a deal's size / its mean; shape of `sizes`, or one for all.

    Returns
    -------
    MixTest
        Evidence per unit and category. The least p-value is of a share of nothing or of all.

    Examples
    --------
    One deal in ten in a line with half of the plan, and it is a large one: no evidence.

    >>> won, deals = np.array([[50.0, 90.0]]), np.array([[1, 9]])
    >>> test = money_mix(won, deals=deals, mix=np.array([1.0, 1.0]), sizes=np.array([10.0, 10.0]), size_cv=1.0)
    >>> test.p_values.round(2).tolist()
    [[0.54, 0.54]]
    """
    mix, planned = _shares(mix, shape=amounts.shape)
    done, number = np.where(planned, amounts, 0.0), np.where(planned, deals, 0).sum(axis=1, keepdims=True)
    falls = np.where(planned, mix / sizes, 0.0)
    falls /= np.maximum(falls.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    money = done.sum(axis=1, keepdims=True)
    testable = planned & (mix < 1) & (number > 0) & (money > 0)
    falls, sizes = np.where(testable, falls, 0.5), np.broadcast_to(np.asarray(sizes, dtype=np.float64), mix.shape)
    scatter = np.maximum(np.broadcast_to(np.square(size_cv), mix.shape), _LEAST_SCATTER)
    rest_size, rest_scatter = _rest(falls, sizes=sizes, scatter=scatter, testable=testable)
    share = np.clip(np.divide(done, money, out=np.full(done.shape, 0.5), where=testable), 0.0, 1.0)
    # Money is shape x scale; the share is below x where the ratio of the shapes' gammas is below x / (1 - x) / scales.
    scales = rest_size * rest_scatter, sizes * scatter
    at = share * scales[0] / (share * scales[0] + (1 - share) * scales[1])
    # Whoever is not on a line is not looked at: that is most cells of a large company.
    here = np.nonzero(testable)
    some = _share_tails(
        at[here], falls=falls[here], number=number[here[0], 0], scatters=(scatter[here], rest_scatter[here])
    )
    p_values = np.ones(at.shape)
    p_values[here] = 2 * np.minimum(*some)
    extremes = 2 * np.minimum((1 - falls) ** number, falls**number)
    return _mix_test(
        done,
        mix=np.where(planned, mix, np.nan),
        unplanned=(amounts - done).sum(axis=1),
        p_values=np.where(testable, np.minimum(1.0, p_values), np.nan),
        least=np.where(testable, np.minimum(1.0, extremes), np.nan),
    )


_LEAST_SCATTER = 1e-4
"""Square of the least coefficient of variation of deal sizes: equal sizes are taken to differ by one percent."""

_NODES = 64
"""Numbers of deals, or bins of them, over which a tail is averaged."""


def _rest(falls: Floats, *, sizes: Floats, scatter: Floats, testable: Bools) -> tuple[Floats, Floats]:
    """Return the mean size of the deals of all other categories, and their squared coefficient of variation."""
    falls = np.where(testable, falls, 0.0)
    first, second = falls * sizes, falls * sizes**2 * (1 + scatter)
    others = np.where(testable, 1 - falls, 1.0)
    mean = np.where(testable, (first.sum(axis=1, keepdims=True) - first) / others, 1.0)
    square = np.where(testable, (second.sum(axis=1, keepdims=True) - second) / others, 2.0)
    return mean, np.maximum(square / mean**2 - 1, _LEAST_SCATTER)


def _share_tails(at: Floats, *, falls: Floats, number: Ints, scatters: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Average the tails of the share over the binomial number of deals in the category.

    The numbers are cut in bins from seven standard deviations below the mean to seven above.
    """
    from scipy.special import bdtr, betainc  # noqa: PLC0415 -- loaded only when needed

    middle, reach = number * falls, 7 * np.sqrt(number * falls * (1 - falls))
    cuts = [np.clip(np.floor(middle + reach * step), -1, number) for step in np.linspace(-1, 1, _NODES)]
    below = np.zeros(at.shape)
    for low, high in zip([np.full(at.shape, -1.0), *cuts], [*cuts, np.broadcast_to(number, at.shape)], strict=True):
        some = np.flatnonzero(high > low)
        first, last, n, x = low[some], high[some], number[some], at[some]
        chance = bdtr(last, n, falls[some]) - np.where(first >= 0, bdtr(np.maximum(first, 0), n, falls[some]), 0.0)
        here = (first + 1 + last) / 2
        won, rest = here / scatters[0][some], (n - here) / scatters[1][some]
        inner = (won > 0) & (rest > 0)
        won, rest = np.where(inner, won, 1.0), np.where(inner, rest, 1.0)
        below[some] += chance * np.where(inner, betainc(won, rest, x), (here <= 0) | (x >= 1))
    # The share is continuous, but for no deal at all in the category, or none elsewhere.
    return below, 1 - below + np.where(at <= 0, (1 - falls) ** number, np.where(at >= 1, falls**number, 0.0))


def _shares(mix: Floats, *, shape: tuple[int, ...]) -> tuple[Floats, Bools]:
    """Return the planned shares of each unit, 0 where nothing is planned, and where something is."""
    weights = np.broadcast_to(np.asarray(mix, dtype=np.float64), shape)
    total = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, total, out=np.zeros(shape), where=total > 0), weights > 0


def _binomial(counts: Ints, *, number: Ints, mix: Floats) -> Floats:
    """Return twice the smaller binomial tail, at most 1."""
    from scipy.special import bdtr, bdtrc  # noqa: PLC0415 -- loaded only when needed

    above = np.where(counts > 0, bdtrc(np.maximum(counts - 1, 0), number, mix), 1.0)
    twice: Floats = np.minimum(1.0, 2 * np.minimum(bdtr(counts, number, mix), above))
    return twice


def _mix_test(done: Floats, *, mix: Floats, unplanned: Floats, p_values: Floats, least: Floats) -> MixTest:
    """Add the shares and the p-value of the whole mix."""
    total = done.sum(axis=1, keepdims=True)
    tested = (~np.isnan(p_values)).sum(axis=1)
    smallest = np.min(np.where(np.isnan(p_values), 1.0, p_values), axis=1)
    actual = np.divide(done, total, out=np.full(done.shape, np.nan), where=(total > 0) & ~np.isnan(mix))
    return MixTest(
        actual=actual,
        planned=mix,
        unplanned=unplanned,
        p_values=p_values,
        least=least,
        # Two categories are two sides of one fact.
        p_unit=np.where(tested > 0, np.minimum(1.0, smallest * np.where(tested == 2, 1, tested)), np.nan),
    )

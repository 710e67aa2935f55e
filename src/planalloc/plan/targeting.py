"""F-17: which accounts to work first, by a stated score, as one list for each rep and segment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.model.playbook import Targeting
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Floats, Ints

__all__ = ["BUSINESSES", "AccountList", "account_list", "places_within", "target_scores"]

BUSINESSES = ("existing", "new")
"""Customers and prospects, in the order in which tables list them."""

_DIGITS = 12
"""Digits of a score that mean anything when two are compared."""


def target_scores(
    potential: Floats, last_year: Floats, idle_days: Floats, *, groups: Ints, targeting: Targeting
) -> Floats:
    """Return how much each account is worth working (F-17): potential, gap to last year and recency, weighted.

    Potential counts relative to the largest of its group; the gap, potential less last year's sales and never below
    zero, relative to the largest gap; days without contact relative to the most of those ever contacted, and an account
    never contacted counts in full. What is not known adds nothing, and the other weights stay as they are: of two
    accounts, the one that is known to be worth more comes first.

    Parameters
    ----------
    potential, last_year : Floats, shape (n,)
        Money; NaN where not known.
    idle_days : Floats, shape (n,)
        Days from the last contact to the horizon's start, below 0 for one after it; NaN where there never was one.
    groups : Ints, shape (n,)
        Number of the group, from 0, in which accounts are compared: the segment.
    targeting : Targeting
        The weights.

    Returns
    -------
    Floats, shape (n,)
        From 0 to the sum of the weights.

    Examples
    --------
    >>> from planalloc.model.playbook import Targeting
    >>> target_scores(np.array([100.0, 50.0]), np.array([60.0, 50.0]), np.array([np.nan, 30.0]),
    ...               groups=np.array([0, 0]), targeting=Targeting(potential=0.5, gap=0.3, recency=0.2)).tolist()
    [1.0, 0.45]
    """
    known = np.nan_to_num(potential)
    gap = np.nan_to_num(np.maximum(potential - last_year, 0.0))
    recency = np.where(np.isnan(idle_days), 1.0, _relative(np.maximum(np.nan_to_num(idle_days), 0.0), groups))
    parts = targeting.potential * _relative(known, groups) + targeting.gap * _relative(gap, groups)
    scores: Floats = np.round(parts + targeting.recency * recency, _DIGITS)
    return scores


def _relative(amounts: Floats, groups: Ints) -> Floats:
    """Return amounts of at least 0 as parts of the largest in their group; nothing of nothing is nothing."""
    largest = np.zeros(int(groups.max(initial=-1)) + 1)
    np.maximum.at(largest, groups, amounts)
    of = largest[groups]
    return np.divide(amounts, of, out=np.zeros(len(amounts)), where=of > 0)


def places_within(*keys: Ints) -> Ints:
    """Return the place of each row among the rows with its keys, from 0, in the order of the rows.

    Examples
    --------
    >>> places_within(np.array([7, 3, 7, 7, 3])).tolist()
    [0, 0, 1, 2, 1]
    """
    order = np.lexsort(keys)
    rows = np.arange(len(order))
    fresh = np.zeros(len(order), dtype=np.bool_)
    fresh[:1] = True
    for key in keys:
        fresh[1:] |= key[order][1:] != key[order][:-1]
    places = np.empty(len(order), dtype=np.int64)
    places[order] = rows - np.maximum.accumulate(np.where(fresh, rows, 0))
    return places


@dataclass(frozen=True)
class AccountList:
    """The accounts of a problem as arrays, by rep, segment and rank; those of no rep, or of no segment, last.

    Parameters
    ----------
    ids : tuple of str
        All accounts, N of them, sorted.
    reps, segments : tuple of str
        All reps and all segments, in the order of their ids.
    account : Ints
        Position in `ids`, shape (N,).
    rep, segment, business : Ints
        Position in `reps`, `segments` and `BUSINESSES`; -1 where there is none, shape (N,).
    rank : Ints
        From 1 in each list, by falling score; equal ones by id, shape (N,).
    score : Floats
        F-17, shape (N,).
    potential, last_year : Floats
        Money; NaN where not known, shape (N,).
    """

    ids: tuple[str, ...]
    reps: tuple[str, ...]
    segments: tuple[str, ...]
    account: Ints
    rep: Ints
    segment: Ints
    business: Ints
    rank: Ints
    score: Floats
    potential: Floats
    last_year: Floats

    @cached_property
    def list_number(self) -> Ints:
        """One number for each rep and segment, ascending, shape (N,); the last ones are of no rep or no segment."""
        many = len(self.segments) + 1
        return np.where(self.rep < 0, len(self.reps), self.rep) * many + _last(self.segment, len(self.segments))


def _last(codes: Ints, many: int) -> Ints:
    """Return codes with those that are missing after all others."""
    return np.where(codes < 0, many, codes)


def account_list(problem: PlanningProblem) -> AccountList:
    """Return the list of accounts of every rep and segment, best first (F-17).

    An account scores among those of its segment, whoever owns them. A prospect bought nothing last year, where nothing
    else is said of it.

    Parameters
    ----------
    problem : PlanningProblem
        In canonical order.
    """
    portfolio, accounts = problem.portfolio, problem.portfolio.accounts
    reps = tuple(rep.id for rep in problem.sales_force.reps)
    segments = tuple(segment.id for segment in problem.strategy.segments)
    rep = np.maximum(portfolio.positions("owner", reps), -1)
    segment = portfolio.segment_of(problem.strategy.segments).segment
    business = np.array([BUSINESSES.index(one.business) if one.business else -1 for one in accounts], dtype=np.int64)
    potential, last_year = _numbers([one.potential for one in accounts]), _numbers([one.last_year for one in accounts])
    sold = np.where(np.isnan(last_year) & (business == BUSINESSES.index("new")), 0.0, last_year)
    start = problem.calendar.start
    idle = _numbers([None if one.last_contact is None else (start - one.last_contact).days for one in accounts])
    by_segment = _last(segment, len(segments))
    score = target_scores(potential, sold, idle, groups=by_segment, targeting=problem.playbook.targeting)
    order = np.lexsort((-score, by_segment, _last(rep, len(reps))))
    return AccountList(
        ids=tuple(one.id for one in accounts),
        reps=reps,
        segments=segments,
        account=order,
        rep=rep[order],
        segment=segment[order],
        business=business[order],
        rank=places_within(by_segment[order], rep[order]) + 1,
        score=score[order],
        potential=potential[order],
        last_year=last_year[order],
    )


def _numbers(amounts: list[float | None]) -> Floats:
    return np.array([np.nan if amount is None else amount for amount in amounts], dtype=np.float64)

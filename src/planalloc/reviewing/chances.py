"""What open opportunities are worth (F-21): the chance to win them, and to win them within the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.sieve import NEVER
from planalloc.numerics.cohorts import mature_cohorts
from planalloc.reviewing.dealt import funnels_of

if TYPE_CHECKING:
    from planalloc.reviewing.dealt import Dealt
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Chances", "chances", "soon_enough"]

PLAN_WORTH = 10.0
"""Deals that the plan's word on a cycle or a rate is worth, beside those that were seen."""


@dataclass(frozen=True, eq=False)
class Chances:
    """What history says of winning, and what it makes of the open opportunities.

    Attributes
    ----------
    cycles : Ints
        Days from creation to the win, of every deal won, sorted, shape (deals,).
    planned_cycle : Floats
        Days from the first stage to the booking as planned, shape (S,); nan without a funnel.
    cycle : Floats
        Expected days of a deal that is won, from both, shape (S,); nan where neither says anything.
    win_rate : Floats
        Part of the opportunities that is won, shape (S,), as `cycle`.
    maturity_days : float
        Age by which nine tenths of what ever closes has closed; infinite where nothing has.
    amount : Floats
        Money of each opportunity, shape (N,): as its row says, else what a deal of its line usually brings.
    chance, within : Floats
        Chance of each opportunity to be won, and to be won within the horizon, shape (N,); 0 where it is closed.
    unknown : Bools
        Open opportunities of which nothing tells the chance, shape (N,).
    """

    cycles: Ints
    planned_cycle: Floats
    cycle: Floats
    win_rate: Floats
    maturity_days: float
    amount: Floats
    chance: Floats
    within: Floats
    unknown: Bools


def soon_enough(cycles: Ints, days: Floats, *, age: Floats, planned: Floats) -> Floats:
    """Return the chance that a deal which will be won is won within some days, given its age.

    Of the deals that took longer than `age`, the part that took no longer than ``age + days``; what the plan says, or
    the seller, counts as ten more.

    Parameters
    ----------
    cycles : Ints
        Days that won deals took, sorted, shape (deals,).
    days, age : Floats
        Days that are left, and days since creation, shape (n,).
    planned : Floats
        1 where it is expected in time, 0 where it is not, nan where nobody says, shape (n,).

    Returns
    -------
    Floats
        From 0 to 1, shape (n,); 1 where nothing is known.

    Examples
    --------
    Two of the four deals that took longer than 20 days took no more than 50.

    >>> soon_enough(np.array([10, 30, 50, 60, 90]), np.array([30.0]), age=np.array([20.0]), planned=np.array([np.nan]))
    array([0.5])
    """
    longer = len(cycles) - np.searchsorted(cycles, age, side="right")
    later = len(cycles) - np.searchsorted(cycles, age + days, side="right")
    worth = np.where(np.isnan(planned), 0.0, PLAN_WORTH)
    whole = longer + worth
    part = longer - later + worth * np.nan_to_num(planned)
    # Older than any that was won, and nobody says when: all that is known is that there are days left.
    found: Floats = np.divide(part, whole, out=np.where(days > 0, 1.0, 0.0), where=whole > 0)
    return np.where(days > 0, found, 0.0)


def chances(seen: Seen, deals: Dealt, *, sizes: Floats) -> Chances:
    """Return what history and plan say of the open opportunities.

    Parameters
    ----------
    seen, deals : Seen, Dealt
        The plan on its day, and the opportunities.
    sizes : Floats
        What a deal of each line usually brings, shape (S,).
    """
    funnels, n_lines = funnels_of(seen), seen.shape[1]
    planned_cycle = np.array([np.nan if f is None else f.stages[0].days_before_booking for f in funnels])
    through = [np.array([]) if f is None else np.cumprod([s.conversion for s in f.stages][::-1])[::-1] for f in funnels]
    planned_rate = np.array([one[0] if one.size else np.nan for one in through])
    closed = deals.closed != NEVER
    took = np.where(closed, deals.closed - deals.created, 0)
    cycles = np.sort(took[deals.won])
    cohort = mature_cohorts(
        (seen.today - deals.created).astype(float),
        won=deals.won,
        closed=closed,
        days=took.astype(float),
        groups=deals.line,
    )
    trials, won = (np.pad(one, (0, n_lines - len(one))).astype(float) for one in (cohort.trials, cohort.won))
    common = won.sum() / trials.sum() if trials.sum() else np.nan
    win_rate = _beside(won, trials, np.where(np.isnan(planned_rate), common, planned_rate))
    wins = np.bincount(deals.line[deals.won], minlength=n_lines).astype(float)
    days = np.bincount(deals.line[deals.won], took[deals.won], minlength=n_lines).astype(float)
    mean = float(cycles.mean()) if cycles.size else np.nan
    cycle = _beside(days, wins, np.where(np.isnan(planned_cycle), mean, planned_cycle))
    chance = np.where(deals.is_open, win_rate[deals.line], 0.0)
    for s, steps in enumerate(through):
        at = np.flatnonzero(deals.is_open & (deals.line == s) & (deals.stage >= 0))
        chance[at] = steps[deals.stage[at]]
    unknown = np.isnan(chance)
    ages = (seen.today - deals.created).astype(float)
    alive = _alive(ages, took=took, deals=deals, mature=ages >= cohort.maturity_days)
    chance = np.minimum(np.nan_to_num(chance) * alive, 1.0)
    return Chances(
        cycles,
        planned_cycle,
        cycle,
        win_rate,
        cohort.maturity_days,
        np.where(np.isnan(deals.amount), sizes[deals.line], deals.amount),
        chance,
        chance * _in_time(seen, deals, cycles),
        unknown,
    )


def _alive(ages: Floats, *, took: Ints, deals: Dealt, mature: Bools) -> Floats:
    """Return by what an opportunity's age changes the chance to win it, shape (N,).

    The part that is won of those still open at that age, over the part won of all; both of opportunities old enough.
    """
    won = np.sort(took[deals.won & mature])
    lost = np.sort(took[~deals.won & ~deals.is_open & mature])
    never = np.count_nonzero(deals.is_open & mature)
    if not won.size:
        return np.ones(len(ages))
    still_won = won.size - np.searchsorted(won, ages, side="right")
    still_open = still_won + lost.size - np.searchsorted(lost, ages, side="right") + never
    rate = won.size / (won.size + lost.size + never)
    found: Floats = (still_won + PLAN_WORTH * rate) / (still_open + PLAN_WORTH) / rate
    return found


def _beside(seen: Floats, many: Floats, planned: Floats) -> Floats:
    """Return a mean per line: what was seen, and the plan's or everybody's as so many more."""
    worth = np.where(np.isnan(planned), 0.0, PLAN_WORTH)
    whole = many + worth
    found: Floats = np.divide(
        seen + worth * np.nan_to_num(planned), whole, out=np.full(len(whole), np.nan), where=whole > 0
    )
    return found


def _in_time(seen: Seen, deals: Dealt, cycles: Ints) -> Floats:
    """Return the chance that an opportunity which will be won is won within the horizon, shape (N,)."""
    left = seen.problem.calendar.days - 1 - seen.today
    still = _still_to_go(seen, deals)
    said = np.where(deals.expected != NEVER, deals.expected - seen.today, still)
    # What should have closed by now says nothing of when it will.
    planned = np.where(np.isnan(said) | (said < 0), np.nan, said <= left)
    age = (seen.today - deals.created).astype(float)
    return soon_enough(cycles, np.full(len(deals), float(left)), age=age, planned=planned)


def _still_to_go(seen: Seen, deals: Dealt) -> Floats:
    """Return the days that the plan gives an opportunity at its stage until the booking, shape (N,)."""
    found = np.full(len(deals), np.nan)
    for s, funnel in enumerate(funnels_of(seen)):
        if funnel is not None:
            at = np.flatnonzero((deals.line == s) & (deals.stage >= 0))
            days = np.array([stage.days_before_booking for stage in funnel.stages])
            found[at] = days[deals.stage[at]]
    return found

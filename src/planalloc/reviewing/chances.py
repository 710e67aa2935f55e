"""What open opportunities are worth (F-21): the chance to win them, and to win them within the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.sieve import NEVER
from planalloc.numerics.pace_prior import Paces, paces
from planalloc.reviewing.dealt import funnels_of

if TYPE_CHECKING:
    from planalloc.model.playbook import Funnel
    from planalloc.reviewing.conversion import Spells, Steps
    from planalloc.reviewing.dealt import Dealt
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Chances", "chances", "soon_enough"]

PLAN_WORTH = 10.0
"""Deals that the plan's word on a cycle or a rate is worth, beside those that were seen."""

LEAST_SCATTER = 0.05
"""Variance of wins over that of deals that come at random, at least: where nearly all is won, some is luck still."""


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
        Part of the opportunities that each rep wins, shape (R, S), as `cycle`; drawn to everybody's.
    beside_all : Floats
        Win rate of each rep over everybody's on the same lines, drawn to 1, shape (R,).
    rep_error, line_error : Floats
        Standard error of the above, and of the line's rate, as parts of them, shapes (R,) and (S,).
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
    beside_all: Floats
    rep_error: Floats
    line_error: Floats
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


def chances(seen: Seen, deals: Dealt, counts: Steps, *, spells: tuple[Spells, ...], sizes: Floats) -> Chances:
    """Return what history and plan say of the open opportunities.

    Parameters
    ----------
    seen, deals, counts : Seen, Dealt, Steps
        The plan on its day, the opportunities, and what became of them.
    spells : tuple of Spells
        Their time at stages, of the steps that are counted after the first.
    sizes : Floats
        What a deal of each line usually brings, shape (S,).
    """
    funnels, n_lines = funnels_of(seen), seen.shape[1]
    planned_cycle = np.array([np.nan if f is None else f.stages[0].days_before_booking for f in funnels])
    planned_rate = np.array([np.nan if f is None else np.prod([one.conversion for one in f.stages]) for f in funnels])
    took = np.where(deals.closed != NEVER, deals.closed - deals.created, 0)
    cycles = np.sort(took[deals.won])
    tried, won = counts.trials[0].sum(), counts.won[0].sum()
    common = won / tried if tried else np.nan
    win_rate = _own_rates(counts.won[0], counts.trials[0], np.where(np.isnan(planned_rate), common, planned_rate))
    beside = _beside_all(counts.won[0], counts.trials[0])
    wins = np.bincount(deals.line[deals.won], minlength=n_lines).astype(float)
    days = np.bincount(deals.line[deals.won], took[deals.won], minlength=n_lines).astype(float)
    mean = float(cycles.mean()) if cycles.size else np.nan
    cycle = _beside(days, wins, np.where(np.isnan(planned_cycle), mean, planned_cycle))
    chance = np.where(deals.is_open, win_rate[deals.rep, deals.line], 0.0)
    through = _through(seen, counts, win_rate)
    at = np.flatnonzero(deals.is_open & (deals.stage >= 0))
    chance[at] = through[deals.rep[at], deals.line[at], deals.stage[at]]
    unknown = np.isnan(chance)
    alive = _alive(seen, deals, counts, spells=spells, took=took)
    chance = np.minimum(np.nan_to_num(chance) * alive, 1.0)
    return Chances(
        cycles,
        planned_cycle,
        cycle,
        win_rate,
        beside.mean,
        1 / np.sqrt(beside.shape),
        _rate_errors(counts.won[0], counts.trials[0]),
        float(counts.maturity[0]),
        np.where(np.isnan(deals.amount), sizes[deals.line], deals.amount),
        chance,
        chance * _in_time(seen, deals, cycles),
        unknown,
    )


def _own_rates(won: Ints, trials: Ints, planned: Floats) -> Floats:
    """Return each rep's rate by line, shape (R, S): the line's, times how the rep compares with it.

    The line's rate is what was seen of all reps, and the plan's as ten more.
    """
    many, wins = trials.sum(axis=0).astype(float), won.sum(axis=0).astype(float)
    return np.minimum(_beside(wins, many, planned) * _beside_all(won, trials).mean[:, None], 1.0)


def _beside_all(won: Ints, trials: Ints) -> Paces:
    """Return each rep's rate over what everybody's make of the same lines, drawn together as paces are, R of them.

    Wins vary less than deals that come at random, by 1 - rate: they are told as so many more of these.
    """
    many = trials.sum(axis=0)
    expected = (trials * np.divide(won.sum(axis=0), many, out=np.zeros(len(many)), where=many > 0)).sum(axis=1)
    if not expected.any():
        return Paces(np.ones(len(trials)), np.full(len(trials), np.inf), np.ones(len(trials)), 0.0, 0.0)
    calm = np.maximum(1 - expected / np.maximum(trials.sum(axis=1), 1), LEAST_SCATTER)
    return paces(won.sum(axis=1) / calm, planned=expected / calm)


def _rate_errors(won: Ints, trials: Ints) -> Floats:
    """Return the standard error of each line's rate over it, shape (S,); 0 where nothing was won."""
    many, wins = trials.sum(axis=0), won.sum(axis=0)
    left = 1 - wins / np.maximum(many, 1)
    found: Floats = np.sqrt(np.divide(left, wins, out=np.zeros(len(many)), where=wins > 0))
    return found


def _through(seen: Seen, counts: Steps, win_rate: Floats) -> Floats:
    """Return the chance to be won from each stage on, shape (R, S, stages); nan where there is no such stage.

    With stage history, each step has its rate. Without, what reps win more or less of than planned is taken to be so at
    all steps alike: the plan's chance, to the power that makes it the win rate at the first stage.
    """
    funnels = funnels_of(seen)
    found = np.full((*win_rate.shape, max((len(f.stages) for f in funnels if f is not None), default=0)), np.nan)
    planned = {
        name: np.array([np.nan if f is None else _conversion(f, name) for f in funnels]) for name in counts.names[1:]
    }
    own = {
        name: _own_rates(counts.won[k], counts.trials[k], planned[name]) for k, name in enumerate(counts.names) if k > 0
    }
    for s, funnel in enumerate(funnels):
        if funnel is None:
            continue
        rates = [
            own[one.id][:, s] if one.id in own else np.full(len(win_rate), one.conversion) for one in funnel.stages
        ]
        onward = np.cumprod(np.stack(rates)[::-1], axis=0)[::-1].T
        if not own and 0 < onward[0, 0] < 1:
            onward **= (np.log(np.maximum(win_rate[:, s], 1e-9)) / np.log(onward[:, 0]))[:, None]
        found[:, s, : len(funnel.stages)] = onward
    return found


def _conversion(funnel: Funnel, name: str) -> float:
    return next((one.conversion for one in funnel.stages if one.id == name), np.nan)


def _alive(seen: Seen, deals: Dealt, counts: Steps, *, spells: tuple[Spells, ...], took: Ints) -> Floats:
    """Return by what time changes the chance to win an opportunity, shape (N,).

    By the days at its stage where history tells them. By its age otherwise; which only lowers the chance of one that
    is at a stage among several, as most of those of its age that are won are further on.
    """
    ages = (seen.today - deals.created).astype(float)
    over = ~deals.is_open
    found = _still(ages, done=deals.won, over=over, took=took, maturity=float(counts.maturity[0]))
    several = np.array([f is not None and len(f.stages) > 1 for f in funnels_of(seen)], dtype=bool)
    found = np.where((deals.stage >= 0) & several[deals.line], np.minimum(found, 1.0), found)
    for one, maturity in zip(spells, counts.maturity[1:].tolist(), strict=True):
        place = np.array([-1 if f is None else _place(f, one.stage) for f in funnels_of(seen)])[deals.line[one.deal]]
        here = (seen.today - one.start).astype(float)
        changed = _still(here, done=one.done, over=one.over, took=one.took, maturity=maturity)
        now = ~one.over & (deals.stage[one.deal] == place)
        found[one.deal[now]] = changed[now]
    return found


def _place(funnel: Funnel, name: str) -> int:
    return next((i for i, one in enumerate(funnel.stages) if one.id == name), -1)


def _still(ages: Floats, *, done: Bools, over: Bools, took: Ints, maturity: float) -> Floats:
    """Return the part that gets done of those still waiting at each age, over the part of all, shape (n,).

    Both of those old enough.
    """
    mature = ages >= maturity
    good = np.sort(took[done & mature])
    bad = np.sort(took[over & ~done & mature])
    never = np.count_nonzero(~over & mature)
    if not good.size:
        return np.ones(len(ages))
    still_good = good.size - np.searchsorted(good, ages, side="right")
    still_open = still_good + bad.size - np.searchsorted(bad, ages, side="right") + never
    rate = good.size / (good.size + bad.size + never)
    found: Floats = (still_good + PLAN_WORTH * rate) / (still_open + PLAN_WORTH) / rate
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

"""Conversion (F-24): counts of old enough opportunities by rep, line and step, and each rep against the colleagues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.events.sieve import NEVER
from planalloc.model.asked import refuse_no_names
from planalloc.numerics.cohorts import mature_cohorts
from planalloc.numerics.funnel_limits import arcsine_scores, funnel_limits
from planalloc.numerics.overdispersion import overdispersion
from planalloc.numerics.shrunk_rates import shrink_rates
from planalloc.plan.grouping import groups, quotients
from planalloc.plan.table import Table, Text
from planalloc.reviewing.colleagues import compared_to_colleagues
from planalloc.reviewing.dealt import funnels_of

if TYPE_CHECKING:
    from planalloc.plan.columns import Column
    from planalloc.reviewing.dealt import Dealt, History
    from planalloc.reviewing.seen import Seen
    from planalloc.types import Bools, Floats, Ints

__all__ = [
    "WHOLE",
    "Compared",
    "Spells",
    "Steps",
    "compared",
    "comparison_table",
    "conversion_table",
    "rates_table",
    "stage_spells",
    "steps",
]

WHOLE = "won"
"""The step from the first stage to the deal."""


@dataclass(frozen=True, eq=False)
class Steps:
    """Counts of opportunities by step, rep and line.

    Attributes
    ----------
    names : tuple of str
        The steps: the whole sale, and with stage history each stage to the next.
    trials, won, left_open, too_young : Ints
        Shape (steps, R, S).
    maturity : Floats
        Age in days from which an opportunity counts, shape (steps,).
    """

    names: tuple[str, ...]
    trials: Ints
    won: Ints
    left_open: Ints
    too_young: Ints
    maturity: Floats


@dataclass(frozen=True, eq=False)
class Spells:
    """Time of n opportunities at one stage, shape (n,) each.

    Attributes
    ----------
    stage : str
        Its name.
    deal, start : Ints
        Position of the opportunity, and the day it came.
    done, over : Bools
        Whether it came to a later stage or was won; whether it did, or was lost.
    took : Ints
        Days until that; 0 where it is not over.
    """

    stage: str
    deal: Ints
    start: Ints
    done: Bools
    over: Bools
    took: Ints


@dataclass(frozen=True, eq=False)
class Compared:
    """Each rep's successes at each step against the colleagues' on the same lines, shape (steps, R) each.

    Attributes
    ----------
    trials, won : Ints
        Of the lines on which the rep has colleagues.
    expected, z_scores, p_values, least : Floats
        As `compared_to_colleagues` gives them.
    """

    trials: Ints
    won: Ints
    expected: Floats
    z_scores: Floats
    p_values: Floats
    least: Floats


def steps(seen: Seen, deals: Dealt, spells: tuple[Spells, ...]) -> Steps:
    """Count what became of opportunities at each step.

    The whole sale goes from creation to the deal. A stage's step goes from the day an opportunity came to it to the day
    it came to a later one, or was won.
    """
    n_reps, n_lines, _ = seen.shape
    closed = deals.closed != NEVER
    every = np.arange(len(deals))
    took = np.where(closed, deals.closed, deals.created) - deals.created
    found = [(WHOLE, _counted(seen, deals, every, start=deals.created, done=deals.won, over=closed, took=took))]
    found += [
        (one.stage, _counted(seen, deals, one.deal, start=one.start, done=one.done, over=one.over, took=one.took))
        for one in spells
    ]
    counts = [one.reshape(4, n_reps, n_lines) for _, (one, _) in found]
    stack = np.stack(counts)
    return Steps(
        tuple(name for name, _ in found),
        stack[:, 0],
        stack[:, 1],
        stack[:, 2],
        stack[:, 3],
        np.array([age for _, (_, age) in found]),
    )


def _counted(
    seen: Seen, deals: Dealt, at: Ints, *, start: Ints, done: Bools, over: Bools, took: Ints
) -> tuple[Ints, float]:
    n_reps, n_lines, _ = seen.shape
    cell = deals.rep[at] * n_lines + deals.line[at]
    cohort = mature_cohorts(
        (seen.today - start).astype(float), won=done, closed=over, days=took.astype(float), groups=cell
    )
    full = [
        np.pad(one, (0, n_reps * n_lines - len(one)))
        for one in (cohort.trials, cohort.won, cohort.open, cohort.too_young)
    ]
    return np.stack(full), cohort.maturity_days


def stage_spells(seen: Seen, deals: Dealt, past: History) -> tuple[Spells, ...]:
    """Return the time of opportunities at each stage that history knows of, by the names of the stages."""
    if not len(past.deal):
        return ()
    entered = np.full((len(deals), max(len(f.stages) for f in funnels_of(seen) if f is not None) + 1), NEVER)
    np.minimum.at(entered, (past.deal, past.stage), past.entered)
    depth = np.array([0 if f is None else len(f.stages) for f in funnels_of(seen)])[deals.line]
    entered[deals.won, depth[deals.won]] = deals.closed[deals.won]
    # Reaching a later stage first means that this one was passed by then.
    later = np.minimum.accumulate(entered[:, ::-1], axis=1)[:, ::-1]
    names = [[] if f is None else [one.id for one in f.stages] for f in funnels_of(seen)]
    order = list(dict.fromkeys(name for line in names for name in line))
    found = []
    for name in order:
        place = np.array([line.index(name) if name in line else -1 for line in names])[deals.line]
        here = (place >= 0) & (entered[np.arange(len(deals)), np.maximum(place, 0)] != NEVER)
        at = np.flatnonzero(here)
        if not at.size:
            continue
        start = entered[at, place[at]]
        after = later[at, place[at] + 1]
        done = after != NEVER
        lost = ~deals.is_open[at] & ~done
        took = np.maximum(np.where(done, after, np.where(lost, deals.closed[at], start)) - start, 0)
        found.append(Spells(name, at, start, done, done | lost, took))
    return tuple(found)


def compared(counts: Steps) -> Compared:
    """Compare each rep with the colleagues on the same lines, step by step, what reps usually vary by allowed for."""
    several = [compared_to_colleagues(won, trials) for won, trials in zip(counts.won, counts.trials, strict=True)]
    return Compared(
        np.stack([one.trials for one in several]),
        np.stack([one.successes for one in several]),
        np.stack([one.expected for one in several]),
        np.stack([one.z_scores for one in several]),
        np.stack([one.p_values for one in several]),
        np.stack([one.least for one in several]),
    )


def conversion_table(seen: Seen, counts: Steps) -> Table:
    """Return one row for each rep, line and step with an opportunity."""
    k, r, s = np.nonzero(counts.trials + counts.too_young)
    line_rate = counts.won.sum(axis=1) / np.maximum(counts.trials.sum(axis=1), 1)
    columns: dict[str, Column] = {**seen.rep_columns(r), **seen.line_columns(s), "step": Text(k, counts.names)}
    trials, won = counts.trials[k, r, s], counts.won[k, r, s]
    expected = trials * line_rate[k, s]
    columns |= {
        "trials": trials,
        "won": won,
        "left_open": counts.left_open[k, r, s],
        "too_young": counts.too_young[k, r, s],
        "expected": expected,
        "rate": quotients(won, trials),
        "rate_of_all": quotients(expected, trials),
    }
    return Table(
        columns,
        name="conversion",
        measures=("trials", "won", "left_open", "too_young", "expected"),
        ratios={"rate": ("won", "trials"), "rate_of_all": ("expected", "trials")},
    )


def rates_table(conversion: Table, by: tuple[str, ...]) -> Table:
    """Return rates by any key and step, drawn together for display, with the sides of a funnel: see `Review.rates`."""
    refuse_no_names("rates", by)
    summed = conversion.by(*dict.fromkeys((*by, "step")))
    keys = [*dict.fromkeys((*by, "step"))]
    step = summed.contents["step"]
    won, trials = (np.asarray(summed[name]) for name in ("won", "trials"))
    names = ("shrunk", "low", "high", "funnel_low", "funnel_high", "outer_low", "outer_high")
    extra = {name: np.full(len(summed), np.nan) for name in names}
    group, first = groups([step]) if len(summed) else (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    for one in range(len(first)):
        at = np.flatnonzero(group == one)
        if trials[at].any():
            for name, values in _shown(won[at], trials[at]).items():
                extra[name][at] = values
    kept = {name: summed.contents[name] for name in (*keys, "trials", "won", "too_young", "expected", "rate")}
    kinds = dict.fromkeys(names, "share")
    return Table(
        {**kept, **extra},
        name="rates",
        measures=("trials", "won", "too_young", "expected"),
        ratios={"rate": ("won", "trials")},
        kinds=kinds,  # type: ignore[arg-type]
    )


def _shown(won: Ints, trials: Ints) -> dict[str, Floats]:
    """Return shrunk rates and the sides of the funnel around the common rate, wider where units vary."""
    shrunk = shrink_rates(won, trials=trials)
    target = float(won.sum() / trials.sum())
    errors = 0.5 / np.sqrt(np.maximum(trials, 1))
    beyond = overdispersion(arcsine_scores(won, trials, target=target), standard_errors=errors)
    wider = type(beyond)(between=beyond.between)
    inner = funnel_limits(trials, target=target, coverage=0.95, beyond=wider)
    outer = funnel_limits(trials, target=target, coverage=0.998, beyond=wider)
    return {
        "shrunk": shrunk.rates,
        "low": shrunk.low,
        "high": shrunk.high,
        "funnel_low": inner.low,
        "funnel_high": inner.high,
        "outer_low": outer.low,
        "outer_high": outer.high,
    }


def comparison_table(seen: Seen, counts: Steps, found: Compared, *, adjusted: Floats, differs: Bools) -> Table:
    """Return one row for each rep and step with something to compare: whether the rep differs from the colleagues.

    Parameters
    ----------
    seen, counts, found : Seen, Steps, Compared
        Counts and their comparison.
    adjusted, differs : Floats, Bools
        Of `discoveries`, shape (steps, R).
    """
    k, r = np.nonzero(~np.isnan(found.p_values))
    trials = found.trials[k, r].astype(float)
    won, expected = found.won[k, r], found.expected[k, r]
    columns: dict[str, Column] = {**seen.rep_columns(r), "step": Text(k, counts.names)}
    columns |= {
        "trials": found.trials[k, r],
        "won": won,
        "expected": expected,
        "rate": won / trials,
        "rate_of_all": expected / trials,
        "z_score": found.z_scores[k, r],
        "p_value": found.p_values[k, r],
        "adjusted": adjusted[k, r],
        "differs": differs[k, r],
        "maturity_days": counts.maturity[k],
    }
    return Table(
        columns,
        name="comparisons",
        measures=("trials", "won", "expected"),
        ratios={"rate": ("won", "trials"), "rate_of_all": ("expected", "trials")},
        decimals={"p_value": 4, "adjusted": 4, "z_score": 2},
    )

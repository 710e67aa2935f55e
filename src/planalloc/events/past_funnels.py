"""Funnels from what became of opportunities: deal size, conversion by stage, lead times, each with how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.errors import InputError
from planalloc.events.past_deals import read_deals, read_stages
from planalloc.model.grouping import SetAside
from planalloc.model.playbook import Funnel, Stage
from planalloc.model.sieve import NEVER
from planalloc.model.strategy import Target
from planalloc.numerics.cohorts import waits
from planalloc.numerics.shrinkage import normal_shrinkage
from planalloc.numerics.shrunk_rates import shrink_rates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from planalloc.events.past_deals import PastDeals
    from planalloc.model.grouping import Source
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Bools, Floats, Ints

__all__ = ["PastFunnels", "read_funnels"]

FEW = 10
"""With fewer wins a segment's lead times are those of all segments."""

ONLY_STAGE = "opportunity"
"""The stage of a funnel, where nothing tells stages apart."""

LONGEST_LEAD = 3650.0

Figures = dict[str, list[Any]]


@dataclass(frozen=True, eq=False)
class PastFunnels:
    """Funnels and what they rest on.

    Attributes
    ----------
    funnels : tuple of Funnel
        One for each segment; none where no opportunity is old enough, or none was won.
    rows : tuple of dict
        Deal size, conversions and cycle of each segment, with counts and intervals.
    set_aside : tuple of SetAside
        What did not count.
    """

    funnels: tuple[Funnel, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    set_aside: tuple[SetAside, ...] = ()


def read_funnels(
    tables: Mapping[str, Source],
    problem: PlanningProblem,
    *,
    until: date,
    order: Sequence[str] | None,
    confidence: float,
) -> PastFunnels:
    """Read one funnel for each segment of a problem.

    Parameters
    ----------
    tables : mapping of str to Source
        Of `Actuals`, with ``opportunities``; where there are, ``stages``.
    problem : PlanningProblem
        In canonical order, its calendar that of the history.
    until : date
        Day of the extract.
    order : sequence of str, optional
        Stages in the order of the sale.
    confidence : float
        Chance with which an interval holds what it is about.

    Raises
    ------
    InputError
        When there are stages and nobody said in which order they come, or no opportunity old enough reached one.
    """
    deals = read_deals(tables["opportunities"], problem, until=until)
    told = deals.set_aside
    nothing = _no_funnel(deals)
    if nothing:
        many, amount = len(deals.ids), float(deals.amount.sum())
        note = SetAside("opportunities", nothing, many, amount, outside=True) if many else None
        return PastFunnels(set_aside=told if note is None else (*told, note))
    names: tuple[str, ...] = (ONLY_STAGE,)
    entered = np.column_stack([deals.created, np.where(deals.won, deals.closed, NEVER)])
    if "stages" in tables:
        names, entered, aside = read_stages(tables["stages"], deals, problem, until=until, order=order)
        told += aside
    segments = [one.id for one in problem.strategy.segments]
    sizes = _deal_sizes(deals, many=len(segments), confidence=confidence)
    leads = _lead_times(deals, entered, many=len(segments))
    steps = []
    for k, name in enumerate(names):
        reached = deals.mature & (entered[:, k] != NEVER)
        if not reached.any():
            raise InputError(
                f"no opportunity that is old enough reached {name!r}", hint="Leave it out of stages=[...]."
            )
        passed = reached & (entered[:, k + 1] != NEVER)
        steps.append(_conversions(deals, reached, passed, many=len(segments), confidence=confidence))
    funnels, rows = [], []
    for g, segment in enumerate(segments):
        stages = [
            Stage(id=name, conversion=step["value"][g], days_before_booking=days)
            for name, step, days in zip(names, steps, leads[g].tolist(), strict=True)
        ]
        funnels.append(_funnel(problem, segment, sizes["value"][g], stages, by_stage="stages" in tables))
        rows.append(_row(segment, "deal size", sizes, g))
        rows += [
            _row(segment, "conversion", step, g, stage=stage.id, days_before_booking=stage.days_before_booking)
            for stage, step in zip(stages, steps, strict=True)
        ]
        rows.append(_row(segment, "cycle in days", _cycle(deals, deals.segment == g, confidence=confidence), 0))
    return PastFunnels(tuple(funnels), tuple(rows), told)


def _no_funnel(deals: PastDeals) -> str:
    """Return why deals make no funnel, as the rule of a note; empty where they make one."""
    what = "makes no funnel, since none of them"
    if not (deals.closed != NEVER).any():
        return f"{what} is closed"
    if not deals.won.any():
        return f"{what} is won"
    if not (deals.won & (deals.amount > 0)).any():
        return f"{what} is won with an amount above 0"
    return "" if deals.mature.any() else f"{what} is old enough for its outcome to count"


def _row(segment: str, what: str, figures: Figures, g: int, **more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("stage", "count", "successes", "still_open", "raw", "value", "low", "high", "shrinkage"))
    found = {name: values[g] for name, values in figures.items()}
    return {"segment": segment, "what": what, **empty, "days_before_booking": None, **found, **more}


def _funnel(problem: PlanningProblem, segment: str, size: float, stages: list[Stage], *, by_stage: bool) -> Funnel:
    """Return a segment's funnel: stages that the playbook has keep their names and activities.

    Where history does not tell stages apart, those of the playbook stay as they are.
    """
    planned = problem.playbook.funnel_for(Target(segment=segment, rest=True))
    if planned is not None and not by_stage:
        return planned.but(segment=segment, deal_size=size)
    known = {} if planned is None else {stage.id: stage for stage in planned.stages}
    found = [
        known[one.id].but(conversion=one.conversion, days_before_booking=one.days_before_booking)
        if one.id in known
        else one
        for one in stages
    ]
    return Funnel(segment=segment, deal_size=size, stages=tuple(found))


def _deal_sizes(deals: PastDeals, *, many: int, confidence: float) -> Figures:
    """Mean amounts of won deals by segment; few of them are drawn to the mean of all, as far as they scatter."""
    counted = deals.won & (deals.amount > 0)
    segment, amount = deals.segment[counted], deals.amount[counted]
    counts = np.bincount(segment, minlength=many)
    sums = np.bincount(segment, amount, minlength=many)
    raw = np.divide(sums, counts, out=np.full(many, np.nan), where=counts > 0)
    # Deals scatter in proportion to their size: one coefficient of variation serves all, and single deals with them.
    relative = amount / raw[segment] - 1
    spare = max(len(amount) - int((counts > 0).sum()), 0)
    variation = float((relative**2).sum()) / spare if spare else 0.0
    known = counts > 0
    variances = np.where(known, variation * raw**2 / np.maximum(counts, 1), np.nan)
    value, weights = np.where(known, raw, amount.mean()), np.where(known, 0.0, 1.0)
    errors = np.sqrt(np.where(known, variances, variation * amount.mean() ** 2))
    if variation > 0 and known.any():
        shrunk = normal_shrinkage(raw[known], variances=variances[known])
        value[known], weights[known], errors[known] = shrunk.values, shrunk.weights, shrunk.standard_errors
        value[~known] = shrunk.center
        errors[~known] = np.sqrt(shrunk.between + variation * shrunk.center**2)
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * errors
    return {
        "count": counts.tolist(),
        "raw": _plain(raw),
        "value": value.tolist(),
        "low": np.maximum(value - reach, 0.0).tolist(),
        "high": (value + reach).tolist(),
        "shrinkage": weights.tolist(),
    }


def _conversions(deals: PastDeals, reached: Bools, passed: Bools, *, many: int, confidence: float) -> Figures:
    """Parts of the opportunities at a stage that went on, by segment, few of them drawn to the rate of all."""
    trials = np.bincount(deals.segment[reached], minlength=many)
    successes = np.bincount(deals.segment[passed], minlength=many)
    open_ones = np.bincount(deals.segment[reached & ~passed & (deals.closed == NEVER)], minlength=many)
    rates = shrink_rates(successes, trials=trials, confidence=confidence)
    return {
        "count": trials.tolist(),
        "successes": successes.tolist(),
        "still_open": open_ones.tolist(),
        "raw": _plain(rates.raw),
        "value": rates.rates.tolist(),
        "low": rates.low.tolist(),
        "high": rates.high.tolist(),
        "shrinkage": rates.weights.tolist(),
    }


def _lead_times(deals: PastDeals, entered: Ints, *, many: int) -> Floats:
    """Median days from each stage to the booking, of deals won by cohorts that are old enough, shape (many, stages).

    A stage is never nearer to the booking than a later one.
    """
    won = deals.mature & deals.won
    won = won if won.any() else deals.won
    waited = (entered[:, -1:] - entered[:, :-1])[won].astype(np.float64)
    found = np.tile(np.median(waited, axis=0), (many, 1))
    segment = deals.segment[won]
    for g in range(many):
        if (segment == g).sum() >= FEW:
            found[g] = np.median(waited[segment == g], axis=0)
    ordered: Floats = np.maximum.accumulate(found[:, ::-1], axis=1)[:, ::-1].clip(0.0, LONGEST_LEAD)
    return ordered


def _cycle(deals: PastDeals, these: Bools, *, confidence: float) -> Figures:
    """Median days to closing, won or lost, with those still open taken into account."""
    closed = deals.closed[these] != NEVER
    days = np.where(closed, deals.closed[these] - deals.created[these], deals.age[these]).astype(np.float64)
    found = waits(days, happened=closed, shares=np.array([0.5]), confidence=confidence)
    return {
        "count": [int(these.sum())],
        "still_open": [int((~closed).sum())],
        "value": _plain(found.days),
        "low": _plain(found.low),
        "high": _plain(found.high),
    }


def _plain(values: Floats) -> list[float | None]:
    """Return numbers, None where there is none."""
    return [None if one != one else one for one in values.tolist()]  # noqa: PLR0124 -- nan

"""What is measured of a review: half a year of events in data frames, seen against the plan."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from benchmarks.companies import company
from benchmarks.figures import OURS, Figure
from benchmarks.measuring import timed

import planalloc as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.sizes import Reviewed

    from planalloc.types import Ints

__all__ = ["REVIEW", "review_figures"]

REVIEW = "review"
LOAD = 0.8
BUDGET = 60.0
"""Seconds for all runs of a review."""
SALES, OPPORTUNITIES, ACTIVITIES = 40, 60, 120
"""Of each rep, on average."""
DAYS, CYCLE_DAYS = 181, 40
TODAY = date(2027, 6, 30)
WON = 0.3
DEAL = 10_000


def review_figures(size: Reviewed, *, times: int) -> Iterator[Figure]:
    """Yield the whole review of one company, every table made; the tables of events are ready before."""
    plan = pa.allocate(company(size.reps, size.lines, load=LOAD))
    actuals = _actuals(plan, np.random.default_rng(1))
    done = timed(lambda: pa.review(plan, actuals, as_of=TODAY), times=times, budget=BUDGET)
    counted = done.result.attainment.total("deals") + done.result.execution.total("done")
    events = (SALES + OPPORTUNITIES + ACTIVITIES) * size.reps
    off = counted - (SALES + ACTIVITIES) * size.reps
    yield Figure(size.name, size.reps, REVIEW, OURS, done.seconds, note=f"{events:,} events; off by {off:g} of them")


def _actuals(plan: pa.Plan, draw: np.random.Generator) -> pa.Actuals:
    """Return sales, opportunities and activities of reps on the lines that they have a quota on."""
    places = plan.quotas.where(period=plan.problem.calendar.periods()[0].id).to_polars().select("rep", "segment")
    reps = len(plan.problem.sales_force.reps)

    def drawn(per_rep: int, name: str) -> tuple[pl.DataFrame, Ints]:
        day = draw.integers(0, DAYS, per_rep * reps)
        rows = places[draw.integers(0, len(places), len(day))]
        return rows.with_columns(_days(day).alias(name)), day

    sales, _ = drawn(SALES, "date")
    opportunities, created = drawn(OPPORTUNITIES, "created")
    activities, _ = drawn(ACTIVITIES, "date")
    names: Any = [one.id for one in plan.problem.playbook.activities]
    over = created + CYCLE_DAYS < DAYS
    closed, won = _days(created + CYCLE_DAYS), pl.Series(draw.random(len(over)) < WON)
    return pa.Actuals(
        sales=sales.with_columns(pl.Series("amount", draw.gamma(2, DEAL / 2, len(sales)).round(2))),
        opportunities=opportunities.with_columns(
            pl.Series("id", [f"o{number}" for number in range(len(over))]),
            pl.Series("amount", draw.gamma(2, DEAL / 2, len(over)).round(2)),
            closed.set(~pl.Series(over), None).alias("closed"),
            won.set(~pl.Series(over), None).alias("won"),
        ),
        activities=activities.with_columns(
            pl.Series("activity", np.array(names)[draw.integers(0, len(names), len(activities))])
        ),
        measure=plan.problem.strategy.measure,
    )


def _days(day: Ints) -> pl.Series:
    return pl.Series(np.datetime64("2027-01-01") + day.astype("timedelta64[D]")).cast(pl.Date)

"""Companies of any size whose reps all differ, so that merging alike ones gains nothing; one company for each seed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

import planalloc as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.types import Floats

__all__ = ["company", "one_line_company"]

REVENUE_PER_REP = 1_000_000
WORKING_DAYS = 261
"""Mondays to Fridays of 2027."""
CALENDAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
CALL_HOURS, MEETING_HOURS = 0.3, 2.5
CALLS_PER_ACCOUNT, CALLS_PER_LEAD = 8, 2
LEAD_QUALIFIED, OFFER_WON = 0.1, 0.3
NEWCOMER: dict[str, Any] = {"start": date(2026, 11, 2), "ramp": pa.Ramp(months=[0.3, 0.5, 0.7, 0.9])}
COVERED = 0.6
"""Part of the segments that a rep covers, on average."""


def company(reps: int, segments: int, *, load: float, newcomers: float = 0.0, seed: int = 0) -> pa.PlanningProblem:
    """Return a company whose reps need hours for what they sell, each with hours, absences and coverage of their own.

    The fair split goes by contract hours. Absences, account care and segments that cost more hours than others are
    what it does not know, so that hours bind for many reps even where the company's hours suffice.

    Parameters
    ----------
    reps, segments : int
        How many.
    load : float
        Hours that the targets and the care of accounts need, as a part of all hours there are.
    newcomers : float
        Part of the reps who started in the autumn before and are still growing into the job. One of them is enough
        that no line is steady: the program then has a column for every rep, line and month.
    seed : int
        Of everything that is drawn.
    """
    draw = np.random.default_rng(seed)
    names = [f"s{number:02d}" for number in range(segments)]
    people, selling = _people(draw, reps, names, newcomers=newcomers)
    care = CALLS_PER_ACCOUNT * CALL_HOURS * sum(rep.count(names[0]) for rep in people)
    hours_per_deal = MEETING_HOURS / OFFER_WON + CALLS_PER_LEAD * CALL_HOURS / (OFFER_WON * LEAD_QUALIFIED)
    deal = REVENUE_PER_REP * reps * hours_per_deal / (load * selling - care)
    parts, ease = draw.dirichlet(np.full(segments, 8.0)), draw.uniform(0.7, 1.3, segments)
    ease *= (parts / ease).sum()  # so that the load is what was asked for
    seasons = draw.dirichlet(np.full(12, 150.0), segments)
    return pa.PlanningProblem(
        calendar=CALENDAR,
        strategy=_strategy(reps, names, parts, seasons),
        sales_force=pa.SalesForce(reps=people),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=CALL_HOURS), pa.Activity(id="meeting", hours=MEETING_HOURS)],
            funnels=[_funnel(name, deal * float(factor)) for name, factor in zip(names, ease, strict=True)],
            cadences=[
                pa.Cadence(
                    segment=names[0], activity="call", per_account_per_year=CALLS_PER_ACCOUNT, feeds_funnel=False
                )
            ],
        ),
    )


def one_line_company(reps: int, *, seed: int = 0) -> pa.PlanningProblem:
    """Return a company with one line, planned to the cent, in which nothing binds; all reps differ in hours."""
    draw = np.random.default_rng(seed)
    weekly = draw.uniform(20.0, 40.0, reps)
    return pa.PlanningProblem(
        calendar=CALENDAR,
        strategy=_strategy(reps, ["s00"], np.ones(1), draw.dirichlet(np.full(12, 150.0), 1)),
        sales_force=pa.SalesForce(
            reps=[pa.Rep(id=f"r{number:05d}", hours_per_week=float(weekly[number])) for number in range(reps)]
        ),
        policy=pa.Policy(round_to=0.01),
    )


def _people(
    draw: np.random.Generator, reps: int, names: Sequence[str], *, newcomers: float
) -> tuple[list[pa.Rep], float]:
    """Return the reps, no two of them alike, and about how many hours all of them have in the year."""
    covered = draw.random((reps, len(names))) < COVERED
    covered[np.arange(reps), draw.integers(0, len(names), reps)] = True
    weekly, share = draw.uniform(30.0, 40.0, reps), draw.uniform(0.6, 0.8, reps)
    fte = draw.choice([0.5, 0.8, 1.0, 1.0], reps)
    away_from, away = draw.integers(0, 340, reps), draw.integers(1, 15, reps)
    accounts = np.where(covered[:, 0], draw.integers(5, 30, reps), 0)
    new = draw.random(reps) < newcomers
    people = [
        pa.Rep(
            id=f"r{number:05d}",
            covers=[names[at] for at in np.flatnonzero(covered[number]).tolist()],
            fte=float(fte[number]),
            hours_per_week=float(weekly[number]),
            selling_share=float(share[number]),
            accounts={names[0]: int(accounts[number])} if accounts[number] else {},
            absences=[_absence(int(away_from[number]), int(away[number]))],
            **(NEWCOMER if new[number] else {}),
        )
        for number in range(reps)
    ]
    return people, float((weekly * share * fte / 5 * (WORKING_DAYS - away * 5 / 7)).sum())


def _strategy(reps: int, names: Sequence[str], parts: Floats, seasons: Floats) -> pa.Strategy:
    return pa.Strategy(
        name="Figures",
        currency="EUR",
        revenue=REVENUE_PER_REP * reps,
        segments=[pa.Segment(id=name) for name in names],
        seasonalities=[
            pa.Seasonality(id=f"season {name}", grain="month", weights=[float(weight) for weight in season])
            for name, season in zip(names, seasons, strict=True)
        ],
        targets=[
            *(
                pa.Target(segment=name, share=float(part), seasonality=f"season {name}")
                for name, part in zip(names[:-1], parts[:-1], strict=True)
            ),
            pa.Target(segment=names[-1], rest=True, seasonality=f"season {names[-1]}"),
        ],
    )


def _absence(first_day: int, days: int) -> pa.Absence:
    start = CALENDAR.start + timedelta(days=first_day)
    return pa.Absence(start=start, end=start + timedelta(days=days - 1), reason="leave")


def _funnel(segment: str, deal_size: float) -> pa.Funnel:
    return pa.Funnel(
        segment=segment,
        deal_size=deal_size,
        stages=[
            pa.Stage(id="lead", conversion=LEAD_QUALIFIED, days_before_booking=60, activities={"call": CALLS_PER_LEAD}),
            pa.Stage(id="offer", conversion=OFFER_WON, days_before_booking=20, activities={"meeting": 1}),
        ],
    )

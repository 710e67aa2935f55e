"""A company whose accounts are known one by one; one company for each seed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.companies import CALENDAR, CALL_HOURS, company

import planalloc as pa

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats, Ints

__all__ = ["company_with_accounts"]

LOAD = 0.6
"""Hours that the targets need: the care of accounts comes on top."""
CALLS_A_YEAR = (2, 4, 6, 12)
"""To an account of each segment, the one of the smallest accounts first."""
REGIONS = ("north", "east", "south", "west")


def company_with_accounts(accounts: int, reps: int, *, seed: int = 0) -> pa.PlanningProblem:
    """Return a company of four segments by size of account, in which every other account names its own.

    Sizes are spread as in any market: few accounts are large. The others belong where the criteria put them, and what
    an account names agrees with the criteria. Each has an owner who covers its segment.

    Parameters
    ----------
    accounts, reps : int
        How many.
    seed : int
        Of everything that is drawn.
    """
    base = company(reps, len(CALLS_A_YEAR), load=LOAD, seed=seed)
    draw = np.random.default_rng(seed + 1)
    potential = np.round(draw.lognormal(10.0, 1.2, accounts), -2) + 100
    edges = np.round(np.quantile(potential, (0.4, 0.7, 0.9)), -2) + 50  # between the steps of the amounts
    names = [one.id for one in base.strategy.segments]
    segments = [
        pa.Segment(id=name, criteria=pa.Condition(field="potential", at_least=low, at_most=high))
        for name, low, high in zip(names, [None, *edges.tolist()], [*edges.tolist(), None], strict=True)
    ]
    people = [one.but(accounts={}) for one in base.sales_force.reps]
    covers = np.array([[name in (one.covers or ()) for name in names] for one in people])
    return base.but(
        strategy=base.strategy.but(segments=segments),
        sales_force=base.sales_force.but(reps=people),
        playbook=base.playbook.but(
            activities=[pa.Activity(id="visit", hours=CALL_HOURS), *base.playbook.activities],
            cadences=[
                pa.Cadence(segment=name, activity="visit", per_account_per_year=calls, feeds_funnel=False)
                for name, calls in zip(names, CALLS_A_YEAR, strict=True)
            ],
        ),
        portfolio=_portfolio(draw, potential, np.searchsorted(edges, potential), covers=covers),
    )


def _portfolio(draw: np.random.Generator, potential: Floats, segment: Ints, *, covers: Bools) -> pa.Portfolio:
    """Return the accounts, no two of them alike, and one contact for each."""
    many = potential.size
    owner = np.empty(many, dtype=np.int64)
    for at in range(covers.shape[1]):
        mine = np.flatnonzero(segment == at)
        owner[mine] = draw.choice(np.flatnonzero(covers[:, at]), mine.size)
    sold = np.round(potential * draw.uniform(0.0, 0.9, many), 2)
    days, new = draw.integers(1, 700, many), draw.random(many) < 0.3
    region = draw.integers(0, len(REGIONS), many)
    made = [
        pa.Account(
            id=f"a{number:06d}",
            name=f"Account {number}",
            segment=f"s{segment[number]:02d}" if number % 2 else None,
            owner=f"r{owner[number]:05d}",
            region=REGIONS[region[number]],
            business="new" if new[number] else "existing",
            potential=float(potential[number]),
            last_year=None if new[number] else float(sold[number]),
            last_contact=CALENDAR.start - timedelta(days=int(days[number])),
        )
        for number in range(many)
    ]
    people = [pa.Contact(id=f"p{number:06d}", account=f"a{number:06d}", role="buyer") for number in range(many)]
    return pa.Portfolio(accounts=made, contacts=people)

"""Companies with named accounts, for the tests of what a plan says of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

import planalloc as pa

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
CALL, MEETING = pa.Activity(id="call", hours=0.5), pa.Activity(id="meeting", hours=2)


def cadence(activity: str, many: float, *, segment: str = "A", feeds_funnel: bool = False, **fields: Any) -> pa.Cadence:
    """Return a cadence, of care unless told otherwise."""
    return pa.Cadence(
        segment=segment, activity=activity, per_account_per_year=many, feeds_funnel=feeds_funnel, **fields
    )


def company(
    *accounts: pa.Account,
    cadences: tuple[pa.Cadence, ...] = (cadence("call", 8), cadence("meeting", 3)),
    reps: tuple[pa.Rep, ...] = (pa.Rep(id="alice"),),
    revenue: float = 1_000,
    shares: dict[str, float] | None = None,
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a company by months whose reps work these accounts."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=revenue, currency="EUR", shares=shares or {"A": 1}, reps=["alice"]
    )
    return problem.but(
        sales_force=pa.SalesForce(reps=reps),
        playbook=pa.Playbook(activities=[CALL, MEETING], cadences=cadences),
        portfolio=pa.Portfolio(accounts=accounts),
        policy=pa.Policy(**policy),
    )


def account(account_id: str, potential: float | None = None, **fields: Any) -> pa.Account:
    """Return an account of alice in segment A, unless told otherwise."""
    return pa.Account(id=account_id, potential=potential, **{"segment": "A", "owner": "alice", **fields})


def forty() -> list[pa.Account]:
    """Return forty accounts, the first ones worth most."""
    return [account(f"a{number:02d}", 1_000 - number) for number in range(40)]


@st.composite
def portfolios(draw: st.DrawFn) -> pa.PlanningProblem:
    """Draw a company of two reps and two segments, with accounts of all kinds and perhaps too few hours."""
    told = draw(st.booleans())  # new from existing business
    accounts = [
        pa.Account(
            id=f"a{number:02d}",
            segment=draw(st.sampled_from(["A", "A", "B", None])) if number else "A",
            owner=draw(st.sampled_from(["alice", "alice", "bruno", None])),
            business=draw(st.sampled_from(["new", "existing"] if told else ["new", "existing", None])),
            potential=draw(st.none() | st.integers(0, 5)),
            last_year=draw(st.none() | st.integers(0, 5)),
            last_contact=draw(st.none() | st.integers(-5, 400).map(lambda days: date(2027, 1, 1) - timedelta(days))),
        )
        for number in range(draw(st.integers(0, 14)))
    ]
    away = pa.Absence(start=date(2027, 3, 1), end=date(2027, 4, draw(st.integers(1, 30))))
    bruno = pa.Rep(id="bruno", start=draw(st.sampled_from([None, date(2027, 5, 17)])))
    cadences = [
        cadence("call", draw(st.sampled_from([4, 8])), feeds_funnel=draw(st.booleans())),
        cadence("meeting", draw(st.sampled_from([0.5, 3])), business="new" if told else None),
        cadence("call", 5, segment="B", business="existing" if told else None),
    ]
    funnel = pa.Funnel(deal_size=100, stages=[pa.Stage(id="lead", conversion=0.5, activities={"call": 1})])
    problem = company(
        *accounts,
        reps=(pa.Rep(id="alice", absences=[away]), bruno),
        shares={"A": 0.6, "B": 0.4},
        revenue=draw(st.sampled_from([1_000, 10_001])),
        when_short=draw(st.sampled_from(["coverage", "frequency"])),
    )
    problem = problem.but(
        playbook=problem.playbook.but(cadences=cadences, funnels=draw(st.sampled_from([(), (funnel,)])))
    )
    hours = draw(st.sampled_from([40, 1]))
    return problem.but(sales_force=problem.sales_force.but(hours_per_week=hours))

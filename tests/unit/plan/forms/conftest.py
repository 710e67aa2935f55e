"""An invented company in which names are as hostile as names can be."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

import planalloc as pa

HOSTILE = "<b>=1+1</b> | *A* & `x`"
"""A name that HTML, Markdown and workbooks would each read as something else than a name."""


@cache
def hostile_plan(grain: str = "month") -> pa.Plan:
    """Return the plan of two reps and an overlay, over two segments whose first has a hostile name."""
    stages = [
        pa.Stage(id="lead", name="First | talk", conversion=0.5, days_before_booking=40, activities={"call": 2}),
        pa.Stage(id="offer", conversion=0.5, days_before_booking=10, activities={"visit": 1}),
    ]
    problem = pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), grain=grain),
        strategy=pa.Strategy(
            name="Strategy & <i>2027</i>",
            currency="EUR",
            segments=[pa.Segment(id="A", name=HOSTILE), pa.Segment(id="B")],
            targets=[
                pa.Target(segment="A", business="new", revenue=40_000),
                pa.Target(segment="A", business="existing", revenue=80_000.4),
                pa.Target(segment="B", revenue=60_000),
            ],
        ),
        sales_force=pa.SalesForce(
            teams=[pa.Team(id="north", name="North", manager="=2+2", hedge=0.05)],
            reps=[
                pa.Rep(id="alice", name="=1+1", team="north", seniority="senior"),
                pa.Rep(id="bruno", name="Bruno"),
                pa.Rep(id="olga", name="Olga", role="overlay", covers=["A"]),
            ],
        ),
        portfolio=pa.Portfolio(
            accounts=[
                pa.Account(id="one", name="=HYPERLINK(A1)", segment="A", owner="alice", potential=900, last_year=100),
                pa.Account(id="two", name="Two|Three", segment="A", owner="alice", potential=500),
                pa.Account(id="four", segment="A", owner="alice"),
            ]
        ),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=0.5), pa.Activity(id="visit", hours=2)],
            funnels=[pa.Funnel(deal_size=5_000, stages=stages)],
            cadences=[pa.Cadence(segment="A", activity="visit", per_account_per_year=4, feeds_funnel=False)],
            methods=[
                pa.Method(
                    stage="lead",
                    purpose="Be heard.\nBe remembered.",
                    pitch="=we save you money",
                    questions=["Who else decides?", "<script>alert(1)</script>"],
                    tools=["reference list"],
                    roles=["buyer"],
                    facts=[
                        pa.Fact(id="budget", question="Which budget is set aside?"),
                        pa.Fact(id="rival", question="Who else is asked?", required=False),
                    ],
                    exit_criteria=[pa.ExitCriterion(id="met", statement="A meeting is agreed.")],
                )
            ],
        ),
        limits=[
            pa.Pin(rep="alice", segment="A", quota=70_000, reason="agreed | in November", agreed_with="alice"),
            pa.Bound(rep="alice", at_least=80_000, at_most=110_000),
            pa.OvertimeLimit(rep="alice", period="2027-Q1", hours=3),
            pa.MixBand(rep="alice", tolerance=0.9),
        ],
        policy=pa.Policy(round_to=0.01),
        rhythms=[pa.ReviewRhythm(meet="month", revise="quarter")],
    )
    return pa.allocate(problem)


@pytest.fixture(scope="session")
def plan() -> pa.Plan:
    """Return the hostile company's plan by month, in cents."""
    return hostile_plan()

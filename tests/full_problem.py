"""A problem in which every field of every record is given somewhere, to be stored and read back."""

from __future__ import annotations

from datetime import date

import planalloc as pa

FULL = pa.PlanningProblem(
    calendar=pa.Calendar(
        start=date(2026, 12, 28), end=date(2027, 12, 26), pattern="4-4-5", country="US", subdivision="CA"
    ),
    strategy=pa.Strategy(
        name="2027",
        currency="USD",
        measure="invoices",
        revenue=1234.5,
        segments=[
            pa.Segment(id="A", name="First", priority=2, coverage=0.9, coverage_min=0.1),
            pa.Segment(
                id="B",
                criteria=pa.AllOf(
                    all_of=[
                        pa.Condition(field="potential", at_least=5e4),
                        pa.NotOf(not_of=pa.Condition(field="last_contact", at_most=date(2026, 1, 31))),
                        pa.AnyOf(any_of=[pa.Condition(field="chain", one_of=[True, 1.0, "1"])]),
                    ]
                ),
            ),
        ],
        products=[pa.Product(id="suite", name="Suite", unit_price=12.5), pa.Product(id="care")],
        targets=[
            pa.Target(segment="A", product="suite", business="new", share=0.1, seasonality="closing"),
            pa.Target(segment="A", product="care", revenue=100.25),
            pa.Target(segment="B", rest=True),
        ],
        seasonalities=[
            pa.Seasonality(id="closing", grain="quarter", weights=[0.1, 0.2, 0.3, 0.4], inside="months"),
            pa.Seasonality(id="months", grain="month", weights=range(1, 13), normalize=True),
            pa.Seasonality(id="halves", grain="semester", weights=[1, 0], spread="equal"),
        ],
    ),
    sales_force=pa.SalesForce(
        teams=[pa.Team(id="north", name="North", manager="marie", hedge=0.05), pa.Team(id="lille", parent="north")],
        reps=[
            pa.Rep(
                id="alice",
                name="Alice",
                team="lille",
                seniority="senior",
                covers=["A", pa.Scope(segment="B", business="new"), pa.Scope(product="care")],
                accounts={"A": {"new": 3, "existing": 4}, "B": 5},
                last_year={"A": 10.1, "B": 0, "C": 7},
                potential={"B": 33.3},
                hedge=0.01,
                hours_per_week=35,
                selling_share=0.5,
                absences=[
                    pa.Absence(start=date(2027, 3, 1), end=date(2027, 3, 5), reason="training; Lyon"),
                    pa.Absence(start=date(2027, 8, 2), end=date(2027, 8, 20)),
                ],
            ),
            pa.Rep(
                id="bruno", fte=0.8, start=date(2027, 2, 1), end=date(2027, 11, 30), ramp=pa.Ramp(months=[0.1, 1 / 3])
            ),
            pa.Rep(id="olga", role="overlay"),
        ],
        hours_per_week=38.5,
        selling_share=0.6,
        leave_days=25,
        leave_seasonality="months",
    ),
    playbook=pa.Playbook(
        activities=[
            pa.Activity(id="call", hours=0.3, channel="back_office"),
            pa.Activity(id="visit", name="Visit", hours=3),
        ],
        funnels=[
            pa.Funnel(
                segment=segment,
                deal_size=size,
                stages=[
                    pa.Stage(id="lead", name="Lead", conversion=0.1, days_before_booking=60, activities={"call": 2.5}),
                    pa.Stage(id="offer", conversion=0.5, activities={"call": 1, "visit": 1}),
                ],
            )
            for segment, size in (("A", 1000), ("B", 20.5))
        ]
        + [
            pa.Funnel(product="care", business="existing", deal_size=7, stages=[pa.Stage(id="renewal", conversion=0.9)])
        ],
        cadences=[
            pa.Cadence(segment="A", activity="call", per_account_per_year=8, business="new"),
            pa.Cadence(segment="B", activity="visit", per_account_per_year=0.5, feeds_funnel=False),
        ],
        methods=[
            pa.Method(
                stage="lead",
                purpose="Find out\nwhether to meet.",
                pitch="A tenth.",
                questions=["Who?", "When?"],
                tools=["guide"],
                roles=["buyer", "director"],
                facts=[
                    pa.Fact(id="rivals", question="Who else?", required=False),
                    pa.Fact(id="budget", question="Which budget?"),
                ],
                exit_criteria=[pa.ExitCriterion(id="met", statement="They met.")],
            ),
            pa.Method(stage="offer"),
            pa.Method(stage="lead", segment="A", tools=["demo"]),
        ],
        targeting=pa.Targeting(potential=1, gap=0, recency=0.25),
    ),
    limits=[
        pa.Pin(rep="alice", segment="A", quota=10, reason="agreed", agreed_with="Alice", expires=date(2027, 6, 30)),
        pa.Pin(name="of the base", team="lille", product="suite", business="new", period="2027-Q1", base=2),
        pa.Bound(team="north", at_most=900, of="base"),
        pa.Bound(rep="bruno", at_least=1, at_most=2),
        pa.QuotaRange(at_least=0.5, relative_to="last_year", prorated=False, but_not=["bruno", "olga"]),
        pa.MixBand(team="north", tolerance=0.5, but_not=["olga"]),
        pa.TeamTarget(team="north", segment="A", base=3),
        pa.OvertimeLimit(period="2027-03", hours=10),
    ],
    policy=pa.Policy(
        round_to=0.01,
        basis={"capacity": 0.5, "potential": 0.5},
        basis_scope="line",
        default_phasing="equal",
        overtime_limit_share=0.1,
        after_horizon="nothing",
        when_short="frequency",
        on_missing_funnel="refuse",
        tiers=["coverage", "shortfall", "overtime"],
        unmet="refuse",
    ),
    portfolio=pa.Portfolio(
        accounts=[
            pa.Account(
                id="a1",
                name="Hotel du Lac",
                segment="A",
                owner="alice",
                team="lille",
                region="north",
                business="existing",
                potential=9e4,
                last_year=0,
                last_contact=date(2026, 11, 3),
                attributes={"rooms": 80, "chain": True, "zip": "01234", "opened": "1999-01-01"},
            ),
            pa.Account(id="a2", attributes={"rooms": "unknown"}),
            pa.Account(id="a3"),
        ],
        contacts=[
            pa.Contact(id="p1", account="a1", name="Dana", role="buyer"),
            pa.Contact(id="p2", account="a1", role="b"),
        ],
    ),
    rhythms=[
        pa.ReviewRhythm(),
        pa.ReviewRhythm(meet="week", revise="month", formality="informal", minutes=45, rep="alice"),
    ],
)
"""A problem in which every field of every record is given somewhere."""

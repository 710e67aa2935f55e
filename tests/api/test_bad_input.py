"""Wrong input is refused before anything is planned, with where it is, what was given, the rule, and what to do.

Each line of the three tables below is one mistake: what makes it, and a word or two of the four things its message
must say, "path | value | rule | remedy".
"""

from __future__ import annotations

import pickle
import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

import planalloc as pa

if TYPE_CHECKING:
    from collections.abc import Callable

    from planalloc.model.base import Record

NAN, INFINITY = float("nan"), float("inf")
LONG = "x" * 10_000_000
"""A whole file pasted into one cell: 10 MB."""

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
STRATEGY = pa.Strategy(
    name="Plan 2027",
    currency="EUR",
    revenue=1_000_000,
    segments=[pa.Segment(id="Gold"), pa.Segment(id="Silver")],
    products=[pa.Product(id="suite")],
    targets=[pa.Target(segment="Gold", share=0.6, seasonality="spring"), pa.Target(segment="Silver", rest=True)],
    seasonalities=[pa.Seasonality(id="spring", grain="quarter", weights=[0.4, 0.3, 0.2, 0.1])],
)
ALICE = pa.Rep(id="alice", team="north", accounts={"Gold": {"new": 5, "existing": 15}}, last_year={"Gold": 100_000})
BRUNO = pa.Rep(id="bruno", team="south", covers=["Silver"])
FORCE = pa.SalesForce(teams=[pa.Team(id="north"), pa.Team(id="south")], reps=[ALICE, BRUNO])
STAGE = pa.Stage(id="offer", conversion=0.5, days_before_booking=30, activities={"meeting": 1})
FUNNEL = pa.Funnel(deal_size=50_000, stages=[STAGE])
CADENCE = pa.Cadence(segment="Gold", activity="call", per_account_per_year=6)
PLAYBOOK = pa.Playbook(
    activities=[pa.Activity(id="call", hours=0.3), pa.Activity(id="meeting", hours=2)],
    funnels=[FUNNEL],
    cadences=[CADENCE],
)
COMPANY = pa.PlanningProblem(calendar=YEAR, strategy=STRATEGY, sales_force=FORCE, playbook=PLAYBOOK)
"""Free of mistakes; every line of the tables changes one thing in it."""


def aims(*targets: pa.Target, **changes: Any) -> pa.PlanningProblem:
    """Give the company other targets."""
    return COMPANY.replace(STRATEGY.but(targets=targets, **changes))


def gold(**amount: Any) -> pa.Target:
    """Target the first segment."""
    return pa.Target(segment="Gold", **amount)


def silver(**amount: Any) -> pa.Target:
    """Target the second segment."""
    return pa.Target(segment="Silver", **amount)


def season(grain: str, *weights: float, **changes: Any) -> pa.PlanningProblem:
    """Give the company another seasonality."""
    return COMPANY.replace(STRATEGY.seasonalities[0].but(grain=grain, weights=weights, **changes))


def twice(whole: Record, field: str) -> pa.PlanningProblem:
    """Write the first record of one kind a second time."""
    records = getattr(whole, field)
    return COMPANY.replace(whole.but(**{field: (*records, records[0])}))


def horizon(start: date, end: date, **changes: Any) -> pa.PlanningProblem:
    """Plan another time, without a season of its own."""
    no_season = STRATEGY.but(targets=[gold(share=0.6), silver(rest=True)], seasonalities=())
    return COMPANY.replace(no_season, pa.Calendar(start=start, end=end, **changes))


IN_ONE_RECORD: dict[str, tuple[Callable[[], object], str]] = {
    # numbers
    "fte is NaN": (lambda: ALICE.but(fte=NAN), "Rep.fte | nan | must be finite | leave it out"),
    "revenue is infinite": (lambda: gold(revenue=INFINITY), "Target.revenue | inf | must be finite | leave it out"),
    "hours are minus infinite": (lambda: pa.Activity(id="call", hours=-INFINITY), "Activity.hours | -inf | finite | "),
    "share is a decimal NaN": (lambda: gold(share=Decimal("NaN")), "Target.share | NaN | must be finite | leave it"),
    "revenue is True": (lambda: STRATEGY.but(revenue=True), "Strategy.revenue | True | not bool | give it as 12.5"),
    "fte is text": (lambda: ALICE.but(fte="0.8"), "Rep.fte | '0.8' | must be a number, not str | without quotes"),
    "fte is missing": (lambda: ALICE.but(fte=None), "Rep.fte | None | must be a number, not NoneType | give it as"),
    # money
    "revenue below 0": (lambda: STRATEGY.but(revenue=-1), "Strategy.revenue | -1 | allowed is [0, inf) | not negative"),
    "target below 0": (lambda: gold(revenue=-0.01), "Target.revenue | -0.01 | allowed is [0, inf) | not negative"),
    "pin below 0": (lambda: pa.Pin(rep="alice", quota=-5), "Pin.quota | -5 | allowed is [0, inf) | not negative"),
    "bound below 0": (lambda: pa.Bound(rep="alice", at_most=-5), "Bound.at_most | -5 | allowed is [0, inf) | negative"),
    "last year below 0": (lambda: ALICE.but(last_year={"Gold": -1}), "Rep.last_year.Gold | -1 | [0, inf) | negative"),
    "potential is NaN": (
        lambda: ALICE.but(potential={"Gold": NAN}),
        "Rep.potential.Gold | nan | finite | leave it out",
    ),
    "price of 0": (lambda: pa.Product(id="suite", unit_price=0), "Product.unit_price | 0 | (0, inf) | leave it out"),
    "deal size of 0": (lambda: FUNNEL.but(deal_size=0), "Funnel.deal_size | 0 | (0, inf) | money an average deal"),
    "rounding to 0": (lambda: pa.Policy(round_to=0), "Policy.round_to | 0 | [0.0001, 1e9] | 0.01 in cents"),
    # shares and weights
    "share below 0": (lambda: gold(share=-0.1), "Target.share | -0.1 | allowed is [0, 1] | write 35 % as 0.35"),
    "share in percent": (lambda: gold(share=35), "Target.share | 35 | allowed is [0, 1] | write 35 % as 0.35"),
    "selling share of 1.5": (lambda: FORCE.but(selling_share=1.5), "SalesForce.selling_share | 1.5 | [0, 1] | 0.35"),
    "overtime in percent": (lambda: pa.Policy(overtime_limit_share=10), "overtime_limit_share | 10 | [0, 1] | 0.35"),
    "conversion of 0": (lambda: STAGE.but(conversion=0), "Stage.conversion | 0 | (0, 1] | write 35 % as 0.35"),
    "conversion above 1": (lambda: STAGE.but(conversion=1.2), "Stage.conversion | 1.2 | (0, 1] | write 35 % as 0.35"),
    "hedge of -1": (lambda: pa.Team(id="north", hedge=-1), "Team.hedge | -1 | (-1, 5] | write 5 % more"),
    "priority of 0": (
        lambda: pa.Segment(id="Gold", priority=0),
        "Segment.priority | 0 | (0, 1000] | usual segment has 1",
    ),
    "least coverage above coverage": (
        lambda: pa.Segment(id="Gold", coverage=0.5, coverage_min=0.6),
        "Segment | 0.5 | coverage_min 0.6 above coverage 0.5 | correct one of them",
    ),
    "weight below 0": (
        lambda: pa.Seasonality(id="spring", grain="semester", weights=[1.5, -0.5]),
        "Seasonality.weights.1 | -0.5 | [0, inf) | a period without sales has 0",
    ),
    "weights short of 1": (
        lambda: pa.Seasonality(id="spring", grain="semester", weights=[0.5, 0.4]),
        "Seasonality | [0.5, 0.4] | sum to 0.9, 0.1 short of 1 | normalize=True",
    ),
    "weights above 1": (
        lambda: pa.Seasonality(id="spring", grain="semester", weights=[0.5, 0.75]),
        "Seasonality | [0.5, 0.75] | sum to 1.25, 0.25 above 1 | normalize=True",
    ),
    "weights all 0": (
        lambda: pa.Seasonality(id="spring", grain="semester", weights=[0, 0], normalize=True),
        "Seasonality | [0, 0] | all 0 | at least one period must sell",
    ),
    "no weights": (
        lambda: pa.Seasonality(id="spring", grain="semester", weights=[]),
        "Seasonality.weights | [] | is empty | give at least one",
    ),
    "two ways to spread a weight": (
        lambda: pa.Seasonality(id="spring", grain="year", weights=[1], spread="equal", inside="months"),
        "Seasonality | 'months' | both spread and inside | keep one of them",
    ),
    "basis short of 1": (
        lambda: pa.Policy(basis={"capacity": 0.5, "last_year": 0.3}),
        "Policy | 0.3 | sums to 0.8 | correct them",
    ),
    "basis nobody knows": (
        lambda: pa.Policy(basis={"seniority": 1}),
        "Policy.basis.seniority | seniority | must be | ",
    ),
    # time
    "fte of 0": (lambda: ALICE.but(fte=0), "Rep.fte | 0 | allowed is (0, 2] | a full-time rep is 1"),
    "fte of 3": (lambda: ALICE.but(fte=3), "Rep.fte | 3 | allowed is (0, 2] | one on four days of five 0.8"),
    "a week of 0 hours": (lambda: FORCE.but(hours_per_week=0), "hours_per_week | 0 | (0, 168] | use an absence"),
    "a week of 200 hours": (lambda: FORCE.but(hours_per_week=200), "hours_per_week | 200 | (0, 168] | 168 hours"),
    "a rep's week of 169 hours": (lambda: ALICE.but(hours_per_week=169), "Rep.hours_per_week | 169 | (0, 168] | 168"),
    "activity below 0 hours": (
        lambda: pa.Activity(id="call", hours=-1),
        "Activity.hours | -1 | [0, 1000] | give the hours",
    ),
    "leave below 0 days": (lambda: FORCE.but(leave_days=-1), "SalesForce.leave_days | -1 | [0, 366] | days of leave"),
    "leave above a year": (lambda: FORCE.but(leave_days=400), "SalesForce.leave_days | 400 | [0, 366] | days of leave"),
    "stage after its booking": (
        lambda: STAGE.but(days_before_booking=-1),
        "days_before_booking | -1 | [0, 3650] | days",
    ),
    "cadence of 0": (
        lambda: CADENCE.but(per_account_per_year=0),
        "per_account_per_year | 0 | (0, 1000] | leave the cad",
    ),
    "ramp of 0": (lambda: pa.Ramp(months=[0, 0.5]), "Ramp.months.0 | 0 | (0, 1] | without selling is an absence"),
    "ramp without a first day": (
        lambda: ALICE.but(ramp=pa.Ramp(months=[0.5])),
        "Rep | Ramp(months=(0.5,)) | has a ramp and no start | give the first day of employment",
    ),
    # counts
    "accounts below 0": (lambda: ALICE.but(accounts={"Gold": -3}), "Rep.accounts.Gold | -3 | [0, inf) | not negative"),
    "new accounts below 0": (
        lambda: ALICE.but(accounts={"Gold": {"new": -3}}),
        "Gold.by business.new | -3 | [0, inf) | ",
    ),
    "accounts of a third kind": (lambda: ALICE.but(accounts={"Gold": {"lost": 3}}), "lost | 'lost' | 'existing' | "),
    "activities below 0": (
        lambda: STAGE.but(activities={"call": -1}),
        "Stage.activities.call | -1 | [0, inf) | negative",
    ),
    # ids and names
    "id is a number": (lambda: pa.Rep(id=1042), "Rep.id | 1042 | must be text, not int | '1042'"),
    "id is empty": (lambda: pa.Rep(id=""), "Rep.id | '' | must not be empty | a name that people recognize"),
    "id has blanks around it": (
        lambda: pa.Rep(id=" alice"),
        "Rep.id | ' alice' | has blanks around it | write 'alice'",
    ),
    "id has a line break": (lambda: pa.Rep(id="ali\nce"), "Rep.id | 'ali\\nce' | control characters | take them out"),
    "name of 10 MB": (
        lambda: pa.Rep(id="alice", name=LONG),
        "Rep.name | x | 10,000,000 characters, at most 200 | shorten",
    ),
    "segment of 10 MB": (lambda: ALICE.but(covers=[LONG]), "Rep.covers.0 | x | 10,000,000 characters | shorten it"),
    "segment is a number": (lambda: BRUNO.but(covers=[7]), "Rep.covers.0 | 7 | must be text, not int | '7'"),
    "currency in small letters": (
        lambda: STRATEGY.but(currency="eur"),
        "currency | 'eur' | three capital letters | 'EUR'",
    ),
    # dates
    "date with a time": (lambda: ALICE.but(start=datetime(2027, 1, 1)), "Rep.start | 2027 | must be a date | date("),  # noqa: DTZ001 -- the mistake itself
    "date as people write it": (
        lambda: ALICE.but(start="01/02/2027"),
        "Rep.start | 01/02/2027 | must be a date | date(",
    ),
    "rep ends before the start": (
        lambda: ALICE.but(start=date(2027, 3, 1), end=date(2027, 2, 1)),
        "Rep | 'alice' | ends on 2027-02-01, before the start on 2027-03-01 | swap the two dates",
    ),
    "absence ends before it starts": (
        lambda: pa.Absence(start=date(2027, 8, 20), end=date(2027, 8, 2)),
        "Absence | 2027 | ends on 2027-08-02, before it starts on 2027-08-20 | swap the two dates",
    ),
    "horizon ends before it starts": (
        lambda: pa.Calendar(start=date(2027, 12, 31), end=date(2027, 1, 1)),
        "Calendar | 2027 | ends on 2027-01-01, before it starts on 2027-12-31 | swap the two dates",
    ),
    "horizon of 30 years": (
        lambda: YEAR.but(end=date(2056, 12, 31)),
        "Calendar | 2056 | runs from 2027-01-01 | at most 20",
    ),
    "4-4-5 without whole weeks": (
        lambda: YEAR.but(pattern="4-4-5"),
        "Calendar | 4-4-5 | is 365 days, no whole number of weeks | end it on 2027-12-30 or 2028-01-06",
    ),
    "region without a country": (
        lambda: YEAR.but(subdivision="BY"),
        "Calendar | 'BY' | no country | give country as well",
    ),
    # targets, stages, limits
    "target without an amount": (gold, "Target | 'Gold' | gives no amount | exactly one of share, revenue"),
    "target with two amounts": (
        lambda: gold(share=0.1, revenue=5),
        "Target | 0.1 | gives share and revenue | exactly one of share, revenue or rest=True",
    ),
    "the rest and a share": (
        lambda: gold(share=0.1, rest=True),
        "Target | 0.1 | gives share and rest | exactly one of",
    ),
    "no target": (lambda: STRATEGY.but(targets=[]), "Strategy.targets | [] | is empty | give at least one"),
    "no segment": (lambda: STRATEGY.but(segments=[]), "Strategy.segments | [] | is empty | give at least one"),
    "funnel without stages": (lambda: FUNNEL.but(stages=[]), "Funnel.stages | [] | is empty | give at least one"),
    "stage twice": (lambda: FUNNEL.but(stages=[STAGE, STAGE]), "Funnel | 50000 | the stage 'offer' twice | its own id"),
    "early stage nearer to the booking": (
        lambda: FUNNEL.but(stages=[STAGE.but(id="lead", days_before_booking=7), STAGE]),
        "Funnel | 50000 | stage 'lead' 7 days before the booking and the later stage 'offer' 30 | order of the sale",
    ),
    "pin without an amount": (
        lambda: pa.Pin(rep="alice"),
        "Pin | 'alice' | neither of quota and base | give exactly one",
    ),
    "pin of both amounts": (lambda: pa.Pin(rep="alice", quota=1, base=1), "Pin | 'alice' | both | give exactly one"),
    "pin on everything": (
        lambda: pa.Pin(quota=5),
        "Pin | 5 | names no rep, team, line or period | what the targets say",
    ),
    "bound without an end": (
        lambda: pa.Bound(rep="alice"),
        "Bound | 'alice' | has no end | give at_least, at_most or both",
    ),
    "bound reversed": (
        lambda: pa.Bound(rep="alice", at_least=3_000, at_most=2_000),
        "Bound | 3000 | at_least 3,000 above at_most 2,000 | swap the two",
    ),
    "scope of nothing": (pa.Scope, "Scope | {} | names nothing | leave covers out"),
    # fields and choices
    "field misspelled": (lambda: ALICE.but(ftee=0.8), "Rep.ftee | 0.8 | has no field 'ftee' | Did you mean 'fte'?"),
    "field of another record": (
        lambda: pa.Segment(id="Gold").but(fte=1),
        "Segment.fte | 1 | has no field 'fte' | It has:",
    ),
    "channel nobody knows": (
        lambda: PLAYBOOK.activities[0].but(channel="phone"),
        "channel | 'phone' | must be | 'remote'",
    ),
    "grain nobody knows": (lambda: YEAR.but(grain="day"), "Calendar.grain | 'day' | must be | 'week', 'month'"),
}

BETWEEN_RECORDS: dict[str, tuple[Callable[[], pa.PlanningProblem], str]] = {
    # two of the same
    "segment twice": (
        lambda: twice(STRATEGY, "segments"),
        "segments[Gold] | 'Gold' | stands 2 times | Rename or remove",
    ),
    "product twice": (lambda: twice(STRATEGY, "products"), "products[suite] | 'suite' | stands 2 times | Rename"),
    "target twice": (
        lambda: aims(gold(share=0.5), gold(share=0.5)),
        "targets[Gold] | 'Gold' | stands 2 times | Rename",
    ),
    "seasonality twice": (
        lambda: twice(STRATEGY, "seasonalities"),
        "seasonalities[spring] | 'spring' | 2 times | Rename",
    ),
    "team twice": (lambda: twice(FORCE, "teams"), "sales_force.teams[north] | 'north' | stands 2 times | Rename"),
    "rep twice": (
        lambda: twice(FORCE, "reps"),
        "sales_force.reps[alice] | 'alice' | stands 2 times | Rename or remove",
    ),
    "activity twice": (lambda: twice(PLAYBOOK, "activities"), "playbook.activities[call] | 'call' | 2 times | Rename"),
    "funnel twice": (lambda: twice(PLAYBOOK, "funnels"), "playbook.funnels[all] | 'all' | stands 2 times | Rename"),
    "cadence twice": (lambda: twice(PLAYBOOK, "cadences"), "cadences[Gold / call] | 'Gold / call' | 2 times | Rename"),
    # the whole
    "shares short of the whole": (
        lambda: aims(gold(share=0.6), silver(share=0.35)),
        "strategy.targets | 950,000.00 | 50,000.00 short of the revenue of 1,000,000.00 | rest=True",
    ),
    "shares above the whole": (
        lambda: aims(gold(share=0.6), silver(share=0.45)),
        "strategy.targets | 1,050,000.00 | 50,000.00 more than the revenue of 1,000,000.00 | Lower some of them",
    ),
    "amounts short by a cent": (
        lambda: aims(gold(revenue=600_000), silver(revenue=399_999.99)).replace(pa.Policy(round_to=0.01)),
        "strategy.targets | 999,999.99 | 0.01 short of the revenue | rest=True",
    ),
    "nothing left for the rest": (
        lambda: aims(gold(revenue=1_100_000), silver(rest=True)),
        "strategy.targets | 1,100,000.00 | 100,000.00 more than the revenue | Lower some of them",
    ),
    "the rest twice": (
        lambda: aims(gold(rest=True), silver(rest=True)),
        "strategy.targets | Gold, Silver | only one can be | Give the others a share",
    ),
    "shares of no revenue": (
        lambda: COMPANY.replace(STRATEGY.but(revenue=None)),
        "strategy.revenue | not given | is needed where a target is a share | Give the revenue",
    ),
    "revenue of 0": (
        lambda: COMPANY.replace(STRATEGY.but(revenue=0)),
        "strategy.revenue | 0 | leaves nothing to plan | at least one target an amount",
    ),
    "all targets 0": (
        lambda: aims(gold(revenue=0), silver(revenue=0), revenue=None),
        "strategy.targets | 0 | leaves nothing to plan | at least one target an amount",
    ),
    "targets overlap": (
        lambda: aims(gold(share=0.5), gold(business="new", share=0.1), silver(rest=True)),
        "strategy.targets[Gold] | 'Gold' | and 'Gold / new' speak of the same revenue | Cut both equally fine",
    ),
    # rounding
    "revenue between two units": (
        lambda: COMPANY.replace(STRATEGY.but(revenue=1_000_000.6)),
        "strategy.revenue | 1,000,000.6 | no multiple of round_to = 1 | nearest is 1,000,001",
    ),
    "target between two units": (
        lambda: aims(gold(revenue=600_499), silver(rest=True)).replace(pa.Policy(round_to=1_000)),
        "strategy.targets[Gold].revenue | 600,499 | no multiple of round_to = 1000 | nearest is 600,000",
    ),
    "pin between two units": (
        lambda: COMPANY.add(pa.Pin(rep="alice", quota=70_000.2)),
        "limits[pin: alice = 70,000.2].quota | 70,000.2 | no multiple of round_to = 1 | nearest is 70,000",
    ),
    "bound between two units": (
        lambda: COMPANY.add(pa.Bound(rep="alice", at_most=70_000)).replace(pa.Policy(round_to=50_000)),
        "limits[bound: alice <= 70,000].at_most | 70,000 | no multiple of round_to = 50000 | nearest is 50,000",
    ),
    "more units than can be told apart": (
        lambda: COMPANY.replace(STRATEGY.but(revenue=1e17)),
        "strategy.revenue | 100,000,000,000,000,000 | could not all be told apart | Plan in a larger unit",
    ),
    # the calendar
    "a weekend": (
        lambda: horizon(date(2027, 1, 2), date(2027, 1, 3)),
        "calendar | 2027-01-02 to 2027-01-03 | holds no working day | Choose a longer horizon",
    ),
    "a weight too few": (
        lambda: season("quarter", 0.5, 0.3, 0.2),
        "seasonalities[spring].weights | 3 weights | must be 4, one for each quarter from 2027-Q1 to 2027-Q4 | Add or",
    ),
    "a weight too many": (
        lambda: season("semester", 0.5, 0.3, 0.2),
        "seasonalities[spring].weights | 3 weights | must be 2, one for each semester | remove weights",
    ),
    "weeks in a season by quarter": (
        lambda: COMPANY.replace(YEAR.but(grain="week")),
        "seasonalities[spring].grain | 'quarter' | weeks do not nest in quarters | pattern='4-4-5'",
    ),
    "season finer than the plan": (
        lambda: COMPANY.replace(YEAR.but(grain="year")),
        "seasonalities[spring].grain | 'quarter' | years do not nest in quarters | Use a grain that nests",
    ),
    "season inside a coarser one": (
        lambda: season("quarter", 0.4, 0.3, 0.2, 0.1, inside="all").add(
            pa.Seasonality(id="all", grain="year", weights=[1])
        ),
        "seasonalities[spring].inside | 'all' | years do not nest in quarters | Use a grain that nests",
    ),
    "weight with nothing inside": (
        lambda: season("semester", 0.5, 0.5, inside="early").add(
            pa.Seasonality(id="early", grain="quarter", weights=[0.5, 0.5, 0, 0])
        ),
        "seasonalities[spring].weights | 0.5 in 2027-H2 | no weight in 'early' | Give that period the weight 0",
    ),
    "seasonalities in a circle": (
        lambda: season("quarter", 0.4, 0.3, 0.2, 0.1, inside="spring"),
        "seasonalities[spring].inside | 'spring' | in a circle: spring > spring | Take one inside out",
    ),
    # people
    "nobody sells": (
        lambda: COMPANY.replace(FORCE.but(reps=())),
        "sales_force.reps | empty | a plan needs at least one | Add the reps",
    ),
    "rep starts after the horizon": (
        lambda: COMPANY.replace(BRUNO.but(start=date(2028, 1, 1))),
        "sales_force.reps[bruno] | 2028-01-01 to ... | never there between 2027-01-01 and 2027-12-31 | Correct start",
    ),
    "rep left before the horizon": (
        lambda: COMPANY.replace(BRUNO.but(end=date(2026, 12, 31))),
        "sales_force.reps[bruno] | ... to 2026-12-31 | never there between 2027-01-01 | leave the rep out",
    ),
    "rep covers nothing": (
        lambda: COMPANY.replace(BRUNO.but(covers=[])),
        "sales_force.reps[bruno].covers | empty | covers something | Leave covers out",
    ),
    "accounts in a segment not covered": (
        lambda: COMPANY.replace(BRUNO.but(accounts={"Gold": 4})),
        "sales_force.reps[bruno].accounts | 'Gold' | that the rep does not cover | Add the segment to covers",
    ),
    "accounts not split by business": (
        lambda: COMPANY.replace(ALICE.but(accounts={"Gold": 20})).add(CADENCE.but(business="new")),
        "sales_force.reps[alice].accounts | Gold: 20 | new from existing | Write {'Gold': {'new': ...",
    ),
    "teams in a circle": (
        lambda: COMPANY.replace(pa.Team(id="north", parent="south"), pa.Team(id="south", parent="north")),
        "sales_force.teams[north].parent | 'north' | circle: north > south > north | Take one parent out",
    ),
    "target nobody covers": (
        lambda: COMPANY.replace(ALICE.but(covers=["Silver"], accounts={})),
        "strategy.targets[Gold] | 'Gold' | nobody who covers it is there | Add it to somebody's covers",
    ),
    "target only for reps who do not sell": (
        lambda: COMPANY.replace(ALICE.but(selling_share=0)),
        "strategy.targets[Gold] | 'Gold' | (alice) never have time to sell | Give one of them a selling share",
    ),
    "target only for reps who are away": (
        lambda: COMPANY.replace(ALICE.but(absences=[pa.Absence(start=date(2026, 7, 1), end=date(2028, 1, 1))])),
        "strategy.targets[Gold] | 'Gold' | (alice) never have time to sell | days of presence",
    ),
    # limits
    "pin above its target": (
        lambda: COMPANY.add(pa.Pin(rep="alice", segment="Gold", quota=600_001)),
        "limits[pin: alice, Gold = 600,001] | 600,001 | more than the 600,000.00 | Lower it, or raise the target",
    ),
    "two pins that disagree": (
        lambda: COMPANY.add(pa.Pin(rep="bruno", quota=100), pa.Pin(rep="bruno", quota=200)),
        "limits[pin: bruno = 200] | pin: bruno = 200 | and 'pin: bruno = 100' | Keep the one that was agreed last",
    ),
    "pin and bound that disagree": (
        lambda: COMPANY.add(pa.Pin(rep="bruno", quota=300), pa.Bound(rep="bruno", at_most=200)),
        "limits[pin: bruno = 300] | pin: bruno = 300 | and 'bound: bruno <= 200' | Keep the one that was agreed last",
    ),
    "pin on an overlay rep": (
        lambda: COMPANY.add(pa.Rep(id="zoe", role="overlay"), pa.Pin(rep="zoe", quota=100)),
        "limits[pin: zoe = 100].rep | 'zoe' | is an overlay rep | Put the limit on those who book the revenue",
    ),
    "growth of a rep whose last year is not known": (
        lambda: COMPANY.add(pa.QuotaRange(rep="bruno", at_most=1.2, relative_to="last_year")),
        "limits[range: bruno <= 1.2 x last year].relative_to | bruno | without last_year | Give them last_year",
    ),
    "pin on a segment the rep does not cover": (
        lambda: COMPANY.add(pa.Pin(rep="bruno", segment="Gold", quota=100)),
        "limits[pin: bruno, Gold = 100] | bruno, Gold | nobody in it covers any line of it | Correct its parts",
    ),
    "pin on a week of a monthly plan": (
        lambda: COMPANY.add(pa.Pin(rep="bruno", period="2027-W05", quota=100)),
        "limits[pin: bruno, 2027-W05 = 100].period | '2027-W05' | months do not nest in weeks | the plan's grain",
    ),
    # policy
    "last year as basis, known of nobody": (
        lambda: COMPANY.replace(ALICE.but(last_year=None), pa.Policy(basis={"last_year": 1})),
        "policy.basis[last_year] | 1 | no rep has last year | Give the reps last_year, or use capacity",
    ),
    "last year as basis, 0 for all who cover a line": (
        lambda: COMPANY.replace(
            ALICE.but(last_year={}), BRUNO.but(last_year={"Silver": 5}), pa.Policy(basis={"last_year": 1})
        ),
        "strategy.targets[Gold] | 'Gold' | everyone who covers it has 0 in last_year | Blend in capacity",
    ),
    "line without the funnel that the policy asks for": (
        lambda: COMPANY.replace(
            PLAYBOOK.but(funnels=[FUNNEL.but(segment="Gold")]), pa.Policy(on_missing_funnel="refuse")
        ),
        "strategy.targets[Silver] | 'Silver' | has no funnel | Add a Funnel for it",
    ),
}

UNKNOWN_NAMES: dict[str, tuple[Callable[[], pa.PlanningProblem], str]] = {
    "segment of a target": (lambda: aims(gold(share=0.6), pa.Target(segment="Silvr", rest=True)), "Silvr > Silver"),
    "product of a target": (lambda: aims(gold(share=0.6), silver(product="suit", rest=True)), "suit > suite"),
    "season of a target": (lambda: aims(gold(share=0.6), silver(seasonality="Sprng", rest=True)), "Sprng > spring"),
    "season inside a season": (lambda: season("year", 1, inside="month"), "month > "),
    "season of leave": (lambda: COMPANY.replace(FORCE.but(leave_seasonality="sprin")), "sprin > spring"),
    "segment in covers": (lambda: COMPANY.replace(BRUNO.but(covers=["Siver"])), "Siver > Silver"),
    "product in covers": (lambda: COMPANY.replace(BRUNO.but(covers=[pa.Scope(product="suites")])), "suites > suite"),
    "segment of accounts": (lambda: COMPANY.replace(ALICE.but(accounts={"gold": 3})), "gold > Gold"),
    "segment of last year": (lambda: COMPANY.replace(ALICE.but(last_year={"Gld": 3})), "Gld > Gold"),
    "segment of potential": (lambda: COMPANY.replace(ALICE.but(potential={"Golden": 3})), "Golden > Gold"),
    "team of a rep": (lambda: COMPANY.replace(ALICE.but(team="nord")), "nord > north"),
    "parent of a team": (lambda: COMPANY.replace(pa.Team(id="north", parent="sout")), "sout > south"),
    "activity of a stage": (
        lambda: COMPANY.add(FUNNEL.but(segment="Gold", stages=[STAGE.but(activities={"cal": 1})])),
        "cal > call",
    ),
    "segment of a funnel": (lambda: COMPANY.add(FUNNEL.but(segment="Bronze")), "Bronze > "),
    "product of a funnel": (lambda: COMPANY.add(FUNNEL.but(product="Suite")), "Suite > suite"),
    "activity of a cadence": (lambda: COMPANY.add(CADENCE.but(activity="metting")), "metting > meeting"),
    "segment of a cadence": (lambda: COMPANY.add(CADENCE.but(segment="GOLD")), "GOLD > Gold"),
    "rep of a pin": (lambda: COMPANY.add(pa.Pin(rep="alise", quota=1)), "alise > alice"),
    "team of a bound": (lambda: COMPANY.add(pa.Bound(team="soth", at_most=1)), "soth > south"),
    "segment of a pin": (lambda: COMPANY.add(pa.Pin(segment="Silber", quota=1)), "Silber > Silver"),
    "product of a pin": (lambda: COMPANY.add(pa.Pin(product="site", quota=1)), "site > suite"),
}


def told(error: Exception) -> list[tuple[str, str, str, str]]:
    """Take an error apart into what it says of each mistake: path, value, rule, remedy."""
    if isinstance(error, pa.InputError):
        return [(one.path, one.value, one.rule, one.remedy) for one in error.findings]
    assert isinstance(error, ValidationError)
    return [
        (".".join(map(str, (error.title, *one["loc"]))), repr(one["input"]), one["msg"], one["msg"])
        for one in error.errors()
    ]


def says(error: Exception, expected: str) -> bool:
    """Whether one mistake among those told has all four parts."""
    parts = expected.split(" | ")
    assert len(parts) == 4
    return any(all(part in text for part, text in zip(parts, one, strict=True)) for one in told(error))


def refusal(make: Callable[[], object]) -> Exception:
    """Return the error that a mistake is answered with, where the record is made or before anything is planned."""
    with pytest.raises((ValidationError, pa.InputError)) as caught:
        pa.allocate(make())  # type: ignore[arg-type]
    return caught.value


def test_the_company_has_no_mistake() -> None:
    """What the tables change one thing in is itself free of findings, and can be planned."""
    assert pa.check(COMPANY) == ()
    assert pa.allocate(COMPANY).quotas.total("base") == 1_000_000


@pytest.mark.parametrize(("make", "expected"), IN_ONE_RECORD.values(), ids=IN_ONE_RECORD)
def test_a_mistake_inside_one_record(make: Callable[[], object], expected: str) -> None:
    """It is pydantic's ValidationError, raised where the record is made, before any problem exists."""
    with pytest.raises(ValidationError) as caught:
        make()
    assert says(caught.value, expected), caught.value


@pytest.mark.parametrize(("make", "expected"), BETWEEN_RECORDS.values(), ids=BETWEEN_RECORDS)
def test_a_mistake_between_records(make: Callable[[], pa.PlanningProblem], expected: str) -> None:
    """It is an InputError, raised before anything is solved; `check` finds the same without raising."""
    problem = make()
    with pytest.raises(pa.InputError) as caught:
        pa.allocate(problem)
    assert says(caught.value, expected), caught.value
    assert not isinstance(caught.value, pa.UnknownNameError)
    assert set(pa.check(problem).errors) == set(caught.value.findings)


@pytest.mark.parametrize(("make", "expected"), UNKNOWN_NAMES.values(), ids=UNKNOWN_NAMES)
def test_a_name_that_nobody_defined(make: Callable[[], pa.PlanningProblem], expected: str) -> None:
    """It is an UnknownNameError with the name and the nearest known one, wherever the name is used (S-4)."""
    with pytest.raises(pa.UnknownNameError) as caught:
        pa.allocate(make())
    name, near = expected.split(" > ")
    assert caught.value.name == name
    assert list(caught.value.candidates[:1]) == [near] * bool(near)
    assert (f"Did you mean '{near}'" if near else "Known are: ") in str(caught.value)


def test_a_period_that_is_not_in_the_horizon() -> None:
    """A period of another year is an unknown name, and the message shows what period ids look like."""
    with pytest.raises(
        pa.UnknownNameError, match=r"no period between 2027-01-01 and 2027-12-31.*like 2027-01"
    ) as caught:
        pa.allocate(COMPANY.add(pa.Pin(rep="alice", period="2028-01", quota=1)))
    assert caught.value.name == "2028-01"


def test_a_country_without_known_holidays() -> None:
    """A country that has no public holidays on file is an unknown name, not one without holidays."""
    with pytest.raises(pa.UnknownNameError, match="country 'FRANCE'") as caught:
        pa.allocate(COMPANY.replace(YEAR.but(country="FRANCE")))
    assert caught.value.name == "FRANCE"


def test_all_mistakes_are_told_at_once() -> None:
    """Six independent mistakes are six findings of one error, so that a file is corrected once."""
    problem = (
        aims(gold(share=0.6, seasonality="spring"), silver(share=0.3))
        .replace(STRATEGY.seasonalities[0].but(weights=[0.5, 0.5]), ALICE.but(team="nord"))
        .add(pa.Pin(rep="bruno", quota=0.5), pa.Rep(id="chloe", start=date(2030, 1, 1)))
        .add(CADENCE.but(activity="meet"))
    )
    error = refusal(lambda: problem)
    codes = {"not-the-whole", "weights-length", "unknown-name", "not-a-multiple", "rep-never-there"}
    assert isinstance(error, pa.UnknownNameError)
    assert {one.code for one in error.findings} == codes
    assert len(error.findings) == 6
    assert all(str(finding) in str(error) for finding in error.findings)


ALL = [make for table in (IN_ONE_RECORD, BETWEEN_RECORDS, UNKNOWN_NAMES) for make, _ in table.values()]


def test_the_tables_are_long() -> None:
    """Nobody thins them out by mistake."""
    assert len(ALL) >= 150


@pytest.mark.parametrize("make", ALL, ids=[*IN_ONE_RECORD, *BETWEEN_RECORDS, *UNKNOWN_NAMES])
def test_messages_speak_of_selling(make: Callable[[], object]) -> None:
    """A message speaks of reps, months, hours and money, never of the machinery (S-17), and is short enough to read."""
    text = str(refusal(make))
    assert not re.search(r"\b(rows?|columns?|constraints?|index|solvers?)\b", text, re.IGNORECASE)
    assert len(text) < 2_000


@pytest.mark.parametrize("make", [make for make, _ in [*BETWEEN_RECORDS.values(), *UNKNOWN_NAMES.values()]])
def test_findings_are_complete(make: Callable[[], pa.PlanningProblem]) -> None:
    """Every finding says where, what, which rule and what to do, and is a sentence and its remedy as text."""
    for finding in pa.check(make()):
        assert all((finding.code, finding.path, finding.value, finding.rule, finding.remedy))
        assert str(finding).startswith(f"{finding.path}: {finding.value} ")
        assert str(finding)[-1] in ".?"


@pytest.mark.parametrize("name", ["pin above its target", "team twice", "the rest twice"])
def test_input_errors_survive_pickling(name: str) -> None:
    """An error that comes back from another process still has its message and all its findings."""
    error = refusal(BETWEEN_RECORDS[name][0])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own bytes
    assert type(again) is pa.InputError
    assert (str(again), again.findings) == (str(error), error.findings)  # type: ignore[attr-defined]


def test_unknown_names_survive_pickling() -> None:
    """The name and its candidates come back from another process as well."""
    error = refusal(UNKNOWN_NAMES["rep of a pin"][0])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own bytes
    assert type(again) is pa.UnknownNameError
    assert (str(again), again.name, again.candidates) == (str(error), "alise", ("alice",))


@pytest.mark.parametrize(
    "number", [1, np.int64(1), np.int8(1), np.float64(1), np.float32(1), Decimal(1), Decimal("1.00")], ids=repr
)
def test_numbers_of_other_libraries_are_numbers(number: Any) -> None:
    """Scalars of numpy and Decimals are numbers, and the plan is the one of the plain number (S-5)."""
    plain = pa.allocate(COMPANY.replace(ALICE.but(fte=1), pa.Policy(round_to=1)))
    other = COMPANY.replace(ALICE.but(fte=number), pa.Policy(round_to=number))
    assert type(other.sales_force.reps[0].fte) is float
    assert pa.allocate(other).to_json() == plain.to_json()


def test_zero_is_a_number_and_missing_is_not() -> None:
    """A rep who sold nothing last year is not one of whom nothing is known (S-5)."""
    both = COMPANY.replace(pa.Policy(basis={"last_year": 0.5, "capacity": 0.5}))
    nothing = both.replace(BRUNO.but(last_year={"Silver": 0}))
    assert [one.code for one in pa.check(both)] == ["basis-stands-in"]
    assert pa.check(nothing) == ()

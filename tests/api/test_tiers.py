"""F-9, F-10: what gives way when hours are short, in the order of the policy, and how a change is shared out.

A full-time rep has 1,000 hours in a year of one period. A euro of revenue takes one hour, unless said otherwise.
"""

from __future__ import annotations

import random
from datetime import date
from itertools import permutations
from typing import Any, Literal, get_args

import pytest

import planalloc as pa

Tier = Literal["shortfall", "coverage", "overtime"]
ORDERS = tuple(permutations(get_args(Tier)))
YEAR = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="year")


def problem_of(
    *reps: pa.Rep,
    targets: dict[str, float] | None = None,
    segments: tuple[pa.Segment, ...] = (),
    visits: float = 0.0,
    hours: dict[str, float] | None = None,
    calendar: pa.Calendar = YEAR,
    limits: tuple[Any, ...] = (),
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a problem with visits of one hour to every account beside the funnel."""
    lines = {"A": 900.0} if targets is None else targets
    known = {one.id: one for one in segments}
    return pa.PlanningProblem(
        calendar=calendar,
        strategy=pa.Strategy(
            name="Tiers",
            currency="EUR",
            segments=[known.get(name, pa.Segment(id=name)) for name in lines],
            targets=[pa.Target(segment=name, revenue=amount) for name, amount in lines.items()],
        ),
        sales_force=pa.SalesForce(reps=reps or (pa.Rep(id="alice"),), hours_per_week=1000 / 52),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=1), pa.Activity(id="visit", hours=1)],
            funnels=[
                pa.Funnel(
                    segment=name,
                    deal_size=1,
                    stages=[pa.Stage(id="deal", conversion=1, activities={"call": (hours or {}).get(name, 1)})],
                )
                for name in lines
            ],
            cadences=[
                pa.Cadence(segment=name, activity="visit", per_account_per_year=visits, feeds_funnel=False)
                for name in lines
                if visits
            ],
        ),
        limits=limits,
        policy=pa.Policy(default_phasing="equal", **policy),
    )


def given_up(plan: pa.Plan) -> dict[str, float]:
    """Return what a finished plan gives up: money, accounts not worked and hours on top."""
    return {
        "shortfall": plan.shortfall.total("revenue"),
        "coverage": plan.coverage.total("wanted_accounts") - plan.coverage.total("covered_accounts"),
        "overtime": plan.capacity.total("overtime_hours"),
    }


def by_rep(plan: pa.Plan) -> dict[str, float]:
    """Return the base of each rep."""
    return {row["rep"]: row["base"] for row in plan.quotas.by("rep").to_dicts()}


# -- the order --------------------------------------------------------------------------------------------------------


SHORT: dict[str, Any] = {"visits": 5, "overtime_limit_share": 0.1}
ALICE = pa.Rep(id="alice", accounts={"A": 80})
"""900 of revenue and 5 hours for each of 80 accounts are 1,300 hours; she has 1,000, and 100 on top."""


@pytest.mark.parametrize(
    ("tiers", "shortfall", "accounts", "overtime"),
    [
        (("shortfall", "coverage", "overtime"), 0, 40, 100),
        (("shortfall", "overtime", "coverage"), 0, 60, 0),
        (("coverage", "shortfall", "overtime"), 200, 0, 100),
        (("coverage", "overtime", "shortfall"), 300, 0, 0),
        (("overtime", "shortfall", "coverage"), 0, 60, 0),
        (("overtime", "coverage", "shortfall"), 300, 0, 0),
    ],
)
def test_what_gives_way_first_is_what_the_policy_names_last(
    tiers: Any, shortfall: float, accounts: float, overtime: float
) -> None:
    """The revenue leaves 100 hours, or 200 with overtime, for 400 hours of visits; these leave 600 or 700 for it."""
    plan = pa.allocate(problem_of(ALICE, tiers=tiers, **SHORT))
    expected = {"shortfall": shortfall, "coverage": accounts, "overtime": overtime}
    assert given_up(plan) == pytest.approx(expected, abs=1e-6)
    assert {name: plan.report.tiers[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_targets_come_first_by_default() -> None:
    """They are what the strategy promises; then accounts, then evenings."""
    plan = pa.allocate(problem_of(ALICE, **SHORT))
    assert plan.problem.policy.tiers == ("shortfall", "coverage", "overtime")
    assert given_up(plan) == pytest.approx({"shortfall": 0, "coverage": 40, "overtime": 100})


def test_no_overtime_though_a_shortfall_stays_where_overtime_comes_first() -> None:
    """1,500 hours of work in 1,000: the target gives way by 500, and the 100 hours allowed on top stay unused."""
    options: dict[str, Any] = {"targets": {"A": 1500}, "overtime_limit_share": 0.1}
    first = pa.allocate(problem_of(tiers=("overtime", "shortfall", "coverage"), **options))
    last = pa.allocate(problem_of(**options))
    assert given_up(first) == {"shortfall": 500, "coverage": 0, "overtime": 0}
    assert given_up(last) == pytest.approx({"shortfall": 400, "coverage": 0, "overtime": 100})


def test_accounts_are_worked_and_money_is_short_where_coverage_comes_first() -> None:
    """Of two, the one with accounts works them all; the other takes over the target as far as hours go."""
    people = (ALICE, pa.Rep(id="bruno"))
    problem = problem_of(*people, targets={"A": 2000}, visits=5, tiers=("coverage", "shortfall", "overtime"))
    plan = pa.allocate(problem)
    assert given_up(plan) == {"shortfall": 400, "coverage": 0, "overtime": 0}
    assert by_rep(plan) == {"alice": 600, "bruno": 1000}


def test_least_coverage_holds_whatever_the_order() -> None:
    """S-9: half of the 80 accounts must be worked, 200 hours of it, which leave 800 of 900."""
    segments = (pa.Segment(id="A", coverage_min=0.5),)
    plan = pa.allocate(problem_of(ALICE, segments=segments, visits=5))
    assert given_up(plan) == pytest.approx({"shortfall": 100, "coverage": 40, "overtime": 0})


@pytest.mark.parametrize(("priorities", "short"), [((2, 1), {"B": 500}), ((1, 2), {"A": 500})])
def test_the_segment_of_less_priority_is_short(priorities: tuple[float, float], short: dict[str, float]) -> None:
    """Of 750 and 750 with 1,000 hours, the one that matters more is met."""
    segments = tuple(pa.Segment(id=name, priority=one) for name, one in zip("AB", priorities, strict=True))
    plan = pa.allocate(problem_of(segments=segments, targets={"A": 750, "B": 750}))
    assert {row["segment"]: row["revenue"] for row in plan.shortfall.by("segment").to_dicts()} == short


def test_less_money_is_short_where_it_takes_fewer_hours() -> None:
    """That whose euro takes two hours is short: 250 of it, and not 500 of the other."""
    plan = pa.allocate(problem_of(targets={"A": 500, "B": 500}, hours={"B": 2}))
    assert {row["segment"]: row["revenue"] for row in plan.shortfall.by("segment").to_dicts()} == {"B": 250}


def test_accounts_of_less_priority_are_given_up() -> None:
    """800 of revenue leave 200 hours for the visits of 40 accounts, 200 hours in A or in B: those in A are worked."""
    segments = (pa.Segment(id="A", priority=2), pa.Segment(id="B"))
    alice = pa.Rep(id="alice", accounts={"A": 40, "B": 40})
    plan = pa.allocate(problem_of(alice, segments=segments, targets={"A": 400, "B": 400}, visits=5))
    rows = {row["segment"]: row["covered_accounts"] for row in plan.coverage.to_dicts()}
    assert rows == pytest.approx({"A": 40, "B": 0}, abs=1e-6)


def company(seed: int) -> dict[str, Any]:
    """Return a random company that is short of hours, with limits or without."""
    draw = random.Random(seed)  # noqa: S311 -- not for cryptography
    names = "ABC"[: draw.randint(1, 3)]
    people = tuple(
        pa.Rep(
            id=f"r{number}",
            fte=draw.choice([1, 0.8, 0.5]),
            covers=None if number == 0 else draw.sample(names, draw.randint(1, len(names))),
            accounts={name: draw.randint(0, 30) for name in names},
        )
        for number in range(draw.randint(1, 4))
    )
    people = tuple(
        rep.but(accounts={name: one for name, one in rep.accounts.items() if rep.covers is None or name in rep.covers})
        for rep in people
    )
    return {
        "reps": people,
        "targets": {name: float(draw.randint(100, 1500)) for name in names},
        "segments": tuple(pa.Segment(id=name, priority=draw.choice([1, 1, 3])) for name in names),
        "visits": draw.choice([2, 6, 12]),
        "hours": {name: draw.choice([0.5, 1, 2]) for name in names},
        "limits": (pa.Bound(rep="r0", at_most=draw.randint(200, 900)),) if draw.random() < 0.5 else (),
        "overtime_limit_share": 0.1,
    }


@pytest.mark.parametrize("seed", range(6))
def test_a_lower_tier_never_spoils_a_higher_one(seed: int) -> None:
    """In its own order every plan is at least as good, tier by tier, as those made in any other order."""
    fields = company(seed)
    people = fields.pop("reps")
    found = {order: pa.allocate(problem_of(*people, tiers=order, **fields)).report.tiers for order in ORDERS}
    for order, own in found.items():
        for other in found.values():
            for tier in order:
                slack = 1e-6 * (1 + own[tier])
                assert own[tier] <= other[tier] + slack
                if own[tier] < other[tier] - slack:
                    break


# -- the distance (F-10) ----------------------------------------------------------------------------------------------

THREE = (pa.Rep(id="a", fte=0.5), pa.Rep(id="b", fte=0.5), pa.Rep(id="c"))
"""The fair split of 400 is 100, 100 and 200."""


@pytest.mark.parametrize(
    ("limits", "plan"),
    [
        ((pa.Pin(rep="a", quota=40),), {"a": 40, "b": 120, "c": 240}),
        ((pa.Pin(rep="a", quota=160),), {"a": 160, "b": 80, "c": 160}),
        ((pa.Bound(rep="c", at_most=50),), {"a": 175, "b": 175, "c": 50}),
        ((pa.Bound(rep="c", at_least=300),), {"a": 50, "b": 50, "c": 300}),
        ((pa.Pin(rep="a", quota=40), pa.Bound(rep="b", at_most=110)), {"a": 40, "b": 110, "c": 250}),
    ],
)
def test_a_change_is_shared_out_in_proportion(limits: Any, plan: dict[str, float]) -> None:
    """What one gives up, the others take by what they carry already, not all on one of them."""
    assert by_rep(pa.allocate(problem_of(*THREE, targets={"A": 400}, limits=limits))) == plan


def test_a_change_is_shared_out_in_proportion_within_every_line() -> None:
    """Of A and B at 3 : 1, what somebody loses of their total they lose at 3 : 1, and so the others take it."""
    targets = {"A": 3000.0, "B": 1000.0}
    plan = pa.allocate(
        problem_of(*THREE, targets=targets, hours=dict.fromkeys(targets, 0.1), limits=(pa.Bound(rep="a", at_most=400),))
    )
    rows = {(row["rep"], row["segment"]): row["base"] for row in plan.quotas.by("rep", "segment").to_dicts()}
    expected = {("a", "A"): 300, ("a", "B"): 100, ("b", "A"): 900, ("b", "B"): 300, ("c", "A"): 1800, ("c", "B"): 600}
    assert rows == expected


def test_the_answer_is_one_however_the_limit_is_said() -> None:
    """S-3: a cap that binds, the same as a pin, as a range or for a team of one, gives the same plan."""
    ways = (
        pa.Bound(rep="a", at_most=40),
        pa.Pin(rep="a", quota=40),
        pa.Pin(rep="a", base=40),
        pa.QuotaRange(rep="a", at_most=40),
        pa.Bound(rep="a", segment="A", period="2027", at_most=40),
    )
    plans = [pa.allocate(problem_of(*THREE, targets={"A": 400}, limits=(one,))).quotas.to_dicts() for one in ways]
    assert plans.count(plans[0]) == len(ways)


def test_what_tiers_leave_open_is_shared_evenly() -> None:
    """2,100 hours of work for two with 1,000 each: 50 hours on top for each, not 100 for one of them."""
    people = (pa.Rep(id="a", accounts={"A": 1}), pa.Rep(id="b"))  # not alike, or they would be even by that alone
    plan = pa.allocate(problem_of(*people, targets={"A": 2100}, overtime_limit_share=0.1))
    assert [row["overtime_hours"] for row in plan.capacity.to_dicts()] == pytest.approx([50, 50], abs=1e-3)


def test_accounts_given_up_are_shared_evenly() -> None:
    """1,800 of revenue leave 200 hours for 400 hours of visits of two with 40 accounts each: half of each."""
    people = (pa.Rep(id="a", accounts={"A": 40}), pa.Rep(id="b", accounts={"A": 40}, last_year={"A": 7}))
    plan = pa.allocate(problem_of(*people, targets={"A": 1800}, visits=5))
    assert [row["covered_accounts"] for row in plan.coverage.to_dicts()] == pytest.approx([20, 20], abs=1e-3)


def test_the_distance_is_relative_to_the_fair_split() -> None:
    """What the report calls distance: 60 of 100, then 20 of 100 and 40 of 200, are 36 + 4 + 8 = 48."""
    plan = pa.allocate(problem_of(*THREE, targets={"A": 400}, limits=(pa.Pin(rep="a", quota=40),)))
    assert plan.report.tiers["distance"] == pytest.approx(48, rel=1e-6)

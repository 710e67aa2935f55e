"""F-15: where a number comes from, without a remainder, and what one more unit of each limit on it is worth.

A full-time rep has 1,000 hours in a year, 250 in each quarter. A euro of revenue takes one hour, unless said otherwise.
"""

from __future__ import annotations

import random
import re
from datetime import date
from functools import cache
from typing import Any

import pytest

import planalloc as pa

QUARTERS = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="quarter")
YEAR = QUARTERS.but(grain="year")


def problem_of(
    *reps: pa.Rep,
    targets: dict[str, float] | None = None,
    segments: tuple[pa.Segment, ...] = (),
    visits: float = 0.0,
    hours: float = 1.0,
    calendar: pa.Calendar = YEAR,
    teams: tuple[pa.Team, ...] = (),
    limits: tuple[Any, ...] = (),
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a problem with visits of one hour to every account beside the funnel."""
    lines = {"A": 1200.0} if targets is None else targets
    known = {one.id: one for one in segments}
    deal = pa.Stage(id="deal", conversion=1, activities={"call": hours})
    return pa.PlanningProblem(
        calendar=calendar,
        strategy=pa.Strategy(
            name="Explained",
            currency="EUR",
            segments=[known.get(name, pa.Segment(id=name)) for name in lines],
            targets=[pa.Target(segment=name, revenue=amount) for name, amount in lines.items()],
        ),
        sales_force=pa.SalesForce(reps=reps or (pa.Rep(id="alice"),), teams=teams, hours_per_week=1000 / 52),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=1), pa.Activity(id="visit", hours=1)],
            funnels=[pa.Funnel(deal_size=1, stages=[deal])],
            cadences=[
                pa.Cadence(segment=name, activity="visit", per_account_per_year=visits, feeds_funnel=False)
                for name in lines
                if visits
            ],
        ),
        limits=limits,
        policy=pa.Policy(default_phasing="equal", **policy),
    )


def amounts(explanation: Any, what: str = "parts") -> dict[str, float]:
    """Return causes and what each adds or takes away."""
    return {one.cause: one.amount for one in getattr(explanation, what) if one.amount}


def price_of(explanation: Any, label: str) -> Any:
    """Return the price of one limit."""
    (found,) = [one for one in explanation.binding if one.label == label]
    return found


# -- numbers add up ---------------------------------------------------------------------------------------------------

RICH = problem_of(
    pa.Rep(id="alice", team="paris", accounts={"A": 10}),
    pa.Rep(id="bruno", team="north", fte=0.8, covers=["B", "C"]),
    pa.Rep(id="chloe", team="south", start=date(2027, 3, 1), ramp=pa.Ramp(months=[0.25, 0.5, 0.75])),
    pa.Rep(id="dario", hedge=0.07),
    targets={"A": 1201, "B": 803, "C": 597},
    visits=10,
    calendar=QUARTERS,
    teams=(pa.Team(id="north", hedge=0.1), pa.Team(id="paris", parent="north"), pa.Team(id="south")),
)
LIMITS = (
    pa.Pin(rep="alice", segment="A", quota=501),
    pa.Bound(rep="bruno", at_most=520),
    pa.TeamTarget(team="south", base=451),
    pa.Bound(rep="dario", period="2027-Q3", at_least=211, of="base"),
    pa.MixBand(rep="dario", tolerance=0.1),
)
HELD = RICH.add(*LIMITS)
ROOMY = RICH.but(playbook=pa.Playbook())
NUMBERS: list[dict[str, str]] = [
    {"rep": "alice", "segment": "A", "period": "2027-Q2"},
    {"rep": "bruno", "segment": "A"},
    {"rep": "alice"},
    {"rep": "chloe"},
    {"rep": "dario", "period": "2027-Q3"},
    {"segment": "A"},
    {"segment": "B", "period": "2027-Q1"},
    {"team": "north"},
    {"team": "paris", "segment": "C"},
    {"period": "2027-Q1"},
    {"period": "2027-H2", "team": "south"},
    {},
]


@cache
def plan_of(problem: pa.PlanningProblem) -> pa.Plan:
    """Return the plan, made once."""
    return pa.allocate(problem)


@cache
def explained(problem: pa.PlanningProblem, **number: str) -> Any:
    """Return the explanation of a number of its plan, made once."""
    return plan_of(problem).explain(**number)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda parts: " ".join(parts.values()) or "the whole")
@pytest.mark.parametrize(
    ("problem", "path"),
    [(ROOMY, "reference"), (HELD, "program")],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_parts_add_up_without_a_remainder(problem: pa.PlanningProblem, path: str, number: dict[str, str]) -> None:
    """To the unit: what makes the reference, and what moved the plan from there to the base."""
    plan = plan_of(problem)
    found = explained(problem, **number)
    rows = plan.quotas
    if "team" in number:
        rows = rows.where(rep=list(plan.team(number["team"]).reps))
    if "period" in number:
        rows = rows.where(**{"semester" if "-H" in number["period"] else "quarter": number["period"]})
    rows = rows.where(**{name: one for name, one in number.items() if name in {"rep", "segment"}})
    assert plan.report.path == path
    assert (found.reference, found.base, found.quota) == tuple(map(rows.total, ("reference", "base", "quota")))
    assert sum(amounts(found, "reference_parts").values()) == found.reference
    assert sum(amounts(found).values()) == found.base - found.reference
    assert len({one.cause for one in found.parts}) == len(found.parts)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda parts: " ".join(parts.values()) or "the whole")
def test_only_what_is_rounded_is_called_rounding(number: dict[str, str]) -> None:
    """Every cause is rounded to the unit, and so are the two ends: more than that has a name."""
    found = explained(HELD, **number)
    cells = 3  # what the whole numbers of reference and base may be off, in a sum of the two families of F-13
    assert abs(amounts(found).get("rounding", 0)) <= cells + len(found.parts) / 2
    assert abs(amounts(found, "reference_parts").get("rounding", 0)) <= cells


def test_amounts_are_multiples_of_the_rounding_unit() -> None:
    """In hundreds, every part is hundreds."""
    people = (pa.Rep(id="a"), pa.Rep(id="b", fte=0.7), pa.Rep(id="c"))
    problem = problem_of(*people, targets={"A": 100_000}, hours=0.001, limits=(pa.Bound(rep="a", at_most=20_000),))
    plan = pa.allocate(problem.but(policy=problem.policy.but(round_to=100)))
    found = plan.explain(rep="b")
    assert found.reference == pytest.approx(100_000 * 0.7 / 2.7, abs=100)
    assert found.base == pytest.approx(80_000 * 0.7 / 1.7, abs=100)
    for one in (*found.parts, *found.reference_parts):
        assert one.amount % 100 == 0
    assert sum(amounts(found).values()) == found.base - found.reference


# -- what makes the reference -----------------------------------------------------------------------------------------


def test_a_reference_says_who_is_there_when_and_who_ramps() -> None:
    """Chloe would share 1,200 evenly; she is there for half of the year, and grows into it."""
    chloe = pa.Rep(id="chloe", start=date(2027, 7, 5), ramp=pa.Ramp(months=[0.5, 0.5, 0.5]))
    plan = pa.allocate(problem_of(pa.Rep(id="alice"), chloe, calendar=QUARTERS, hours=0.1))
    found = amounts(plan.explain(rep="chloe"), "reference_parts")
    assert found["fair share, were everybody there all the time"] == 600
    assert found["who is there when"] == -200
    assert found["ramp of new reps"] == pytest.approx(plan.rep("chloe").base - 400, abs=1)
    assert found["ramp of new reps"] < -50


def test_what_somebody_leaves_the_others_take() -> None:
    """The same causes with the opposite sign: who is there all year takes over what a joiner cannot carry."""
    chloe = pa.Rep(id="chloe", start=date(2027, 7, 5))
    plan = pa.allocate(problem_of(pa.Rep(id="alice"), chloe, calendar=QUARTERS, hours=0.1))
    found = amounts(plan.explain(rep="alice"), "reference_parts")
    assert found["who is there when"] == 200


def test_where_the_reference_is_the_plan_nothing_moved_it() -> None:
    """Nothing binds: no parts, no prices, and the text says where the number comes from."""
    found = pa.allocate(problem_of(pa.Rep(id="alice"), pa.Rep(id="bruno"))).explain(rep="alice")
    assert (found.parts, found.binding) == ((), ())
    assert "fair split" in str(found)


# -- what moved the plan ----------------------------------------------------------------------------------------------

PAIR = (pa.Rep(id="alice"), pa.Rep(id="bruno", accounts={"A": 1}))
"""Each would carry 600 of 1,200; not alike, so that each is spoken of by name."""


@pytest.mark.parametrize(
    ("limit", "by"),
    [
        (pa.Bound(rep="alice", at_most=500), -100),
        (pa.Bound(rep="alice", at_least=700), 100),
        (pa.Pin(rep="alice", quota=650, name="agreed in November"), 50),
        (pa.Pin(rep="alice", base=400), -200),
        (pa.QuotaRange(rep="alice", at_most=480), -120),
        (pa.QuotaRange(rep="alice", at_least=1.25, relative_to="reference"), 150),
        (pa.TeamTarget(team="north", base=330), -270),
    ],
    ids=lambda one: one.kind if not isinstance(one, int) else "",
)
def test_a_binding_limit_is_named_with_what_it_moves(limit: Any, by: float) -> None:
    """Alice's difference from 600 is the limit's and the target's, which pulls the other way; Bruno's the target's."""
    people = (PAIR[0].but(team="north"), PAIR[1])
    plan = pa.allocate(problem_of(*people, teams=(pa.Team(id="north"),), hours=0.1, limits=(limit,)))
    hers, his = plan.explain(rep="alice"), plan.explain(rep="bruno")
    target = "the target of A has to be met"
    assert set(amounts(hers)) <= {limit.label, target, "rounding"}
    assert amounts(hers)[limit.label] + amounts(hers)[target] == pytest.approx(by, abs=1)
    assert amounts(his)[target] == pytest.approx(-by, abs=1)
    assert [one.label for one in hers.binding] == [limit.label]
    assert his.binding == ()
    assert limit.label in str(hers)


def test_hours_that_bind_are_named_with_what_they_take_away() -> None:
    """Of 1,500 that one rep would carry alone, 500 are beyond the hours."""
    found = pa.allocate(problem_of(targets={"A": 1500})).explain(rep="alice")
    assert amounts(found) == {"hours of alice in 2027": -500}
    assert [one.label for one in found.binding] == ["hours of alice in 2027"]


def test_a_limit_that_does_not_bind_has_room_and_no_price() -> None:
    """A cap of 900 above the 700 that a floor asks for leaves 200."""
    limits = (pa.Bound(rep="alice", at_least=700), pa.Bound(rep="alice", at_most=900, name="the cap"))
    found = pa.allocate(problem_of(*PAIR, hours=0.1, limits=limits)).explain(rep="alice")
    assert "the cap" not in {one.label for one in found.binding}
    assert [(one.label, one.slack) for one in found.loose] == [("the cap", 200)]
    assert "the cap leaves 200 EUR of room" in str(found)


def test_a_limit_on_others_is_not_binding_on_a_number() -> None:
    """Chloe's cap moves what Alice carries, by way of the target; it is Chloe's to widen."""
    people = (*PAIR, pa.Rep(id="chloe"))
    plan = pa.allocate(problem_of(*people, hours=0.1, limits=(pa.Bound(rep="chloe", at_most=100),)))
    assert plan.explain(rep="alice").binding == ()
    assert amounts(plan.explain(rep="alice"))["the target of A has to be met"] == 150


def test_what_matters_more_is_a_cause() -> None:
    """Alice's 1,000 hours all go to B, which has priority and is short all the same: that keeps her from A."""
    people = (pa.Rep(id="alice"), pa.Rep(id="bruno", covers=["A"], fte=0.5))
    segments = (pa.Segment(id="B", priority=3),)
    plan = pa.allocate(problem_of(*people, targets={"A": 1500, "B": 1100}, segments=segments))
    found = plan.explain(rep="alice", segment="A")
    kinds = {one.kind: one.amount for one in found.parts}
    assert found.base == 0
    assert kinds["order"] < 0
    assert abs(kinds.get("rounding", 0)) <= 1


def test_over_assignment_stands_apart() -> None:
    """Base, what is laid on top, and quota, in this order."""
    text = str(pa.allocate(problem_of(pa.Rep(id="alice", hedge=0.25), targets={"A": 800})).explain(rep="alice"))
    assert re.search(r"800\s+base\n\s+\+200\s+over-assignment\n\s+1,000\s+quota", text)


# -- prices -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "worth"), [(1, 1), (2, 0.5), (0.5, 2)])
def test_an_hour_is_worth_the_revenue_it_makes(hours: float, worth: float) -> None:
    """Where the hours are short, what one more reaches of the target."""
    found = pa.allocate(problem_of(targets={"A": 3000}, hours=hours)).explain(rep="alice")
    price = price_of(found, "hours of alice in 2027")
    assert (price.unit, price.tier, price.worth) == ("h", "shortfall", pytest.approx(worth, rel=1e-6))


def test_an_hour_for_the_segment_of_priority_counts_its_priority() -> None:
    """All of A is short, and weighs three times."""
    segments = (pa.Segment(id="A", priority=3),)
    found = pa.allocate(problem_of(targets={"A": 3000}, segments=segments)).explain(rep="alice")
    assert price_of(found, "hours of alice in 2027").worth == pytest.approx(3, rel=1e-6)


def test_an_hour_is_worth_accounts_where_only_they_are_given_up() -> None:
    """Nothing is short and 40 of 80 accounts of 5 hours are worked: an hour works a fifth of one."""
    found = pa.allocate(problem_of(pa.Rep(id="alice", accounts={"A": 80}), targets={"A": 800}, visits=5))
    price = price_of(found.explain(rep="alice"), "hours of alice in 2027")
    assert (price.tier, price.worth) == ("coverage", pytest.approx(0.2, rel=1e-6))
    assert "0.2 more accounts" in str(found.explain(rep="alice"))


def test_an_hour_is_worth_an_hour_less_of_overtime() -> None:
    """1,050 hours of work in 1,000, with overtime allowed."""
    found = pa.allocate(problem_of(targets={"A": 1050}, overtime_limit_share=0.1)).explain(rep="alice")
    price = price_of(found, "hours of alice in 2027")
    assert (price.tier, price.worth) == ("overtime", pytest.approx(1, rel=1e-6))


def test_an_hour_is_worth_some_distance_where_another_takes_over() -> None:
    """Alice has 500 hours for the 600 that are her fair share, and Bruno all he needs: it only makes things fairer.

    The distance is 2 x 100^2 / 600 = 33.33, and with 501 hours 2 x 99^2 / 600 = 32.67.
    """
    people = (PAIR[0].but(absences=[pa.Absence(start=date(2027, 1, 4), end=date(2027, 7, 4))]), PAIR[1])
    found = pa.allocate(problem_of(*people)).explain(rep="alice")
    price = price_of(found, "hours of alice in 2027")
    assert (price.tier, price.worth) == ("distance", pytest.approx(2 * (100**2 - 99**2) / 600, rel=1e-5))


def with_hours(problem: pa.PlanningProblem, rep_id: str, hours: float) -> pa.PlanningProblem:
    """Return the problem with other hours a year for one rep, from 1,000."""
    return problem.replace(problem.rep(rep_id).but(hours_per_week=hours / 52))


@pytest.mark.parametrize("rep", ["a", "b", "c"])
def test_the_price_of_an_hour_is_what_one_more_hour_changes(rep: str) -> None:
    """Give one rep one more hour of the year: the shortfall, weighted by priority, is less by the price."""
    people = (
        pa.Rep(id="a", covers=["A"], accounts={"A": 7}),
        pa.Rep(id="b", covers=["B"]),
        pa.Rep(id="c", accounts={"B": 11}),
    )
    segments = (pa.Segment(id="A", priority=2), pa.Segment(id="B", coverage_min=0.5))
    problem = problem_of(*people, targets={"A": 2500, "B": 1500}, segments=segments, visits=20, hours=1.25)
    plan = pa.allocate(problem)
    price = price_of(plan.explain(rep=rep), f"hours of {rep} in 2027")
    more = pa.allocate(with_hours(problem, rep, 1001))
    gain = plan.report.tiers["shortfall"] - more.report.tiers["shortfall"]
    assert (price.tier, price.worth) == ("shortfall", pytest.approx(gain, rel=1e-5))
    assert gain > 0.5


def test_the_price_of_an_hour_in_the_tightest_month_holds_for_a_day() -> None:
    """One day of an absence less: a season makes one hour in March worth those of all other months with it."""
    away = pa.Absence(start=date(2027, 3, 1), end=date(2027, 3, 10))
    calendar = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
    problem = problem_of(pa.Rep(id="alice", absences=[away]), targets={"A": 2000}, calendar=calendar)
    plan = pa.allocate(problem)
    price = price_of(plan.explain(rep="alice", period="2027-03"), "hours of alice in 2027-03")
    assert (price.tier, price.worth) == ("shortfall", pytest.approx(12, rel=1e-6))
    shorter = pa.allocate(problem.replace(pa.Rep(id="alice", absences=[away.but(end=date(2027, 3, 9))])))
    gain = plan.report.tiers["shortfall"] - shorter.report.tiers["shortfall"]
    day = shorter.capacity.total("available_hours") - plan.capacity.total("available_hours")
    assert gain == pytest.approx(price.worth * day, rel=1e-6)


@pytest.mark.parametrize("at_most", [500, 300])
def test_the_price_of_a_cap_is_what_one_unit_more_changes(at_most: float) -> None:
    """The distance between the two plans, per euro, as the report tells it."""
    problem = problem_of(*PAIR, hours=0.1, limits=(pa.Bound(rep="alice", at_most=at_most, name="cap"),))
    plan = pa.allocate(problem)
    price = price_of(plan.explain(rep="alice"), "cap")
    wider = pa.allocate(problem.replace(pa.Bound(rep="alice", at_most=at_most + 1, name="cap")))
    gain = plan.report.tiers["distance"] - wider.report.tiers["distance"]
    assert (price.unit, price.tier, price.worth) == ("EUR", "distance", pytest.approx(gain, rel=1e-4))


def test_a_cap_that_makes_a_shortfall_is_priced_in_target_reached() -> None:
    """Nobody else may carry it: one euro more room is one euro of target."""
    found = pa.allocate(problem_of(hours=0.1, limits=(pa.Bound(rep="alice", at_most=800),))).explain(rep="alice")
    price = price_of(found, "bound: alice <= 800")
    assert (price.tier, price.worth) == ("shortfall", pytest.approx(1, rel=1e-6))
    assert "One EUR more room (bound: alice <= 800) is worth 1 EUR of target reached." in str(found)


def test_at_a_corner_a_cap_is_priced_in_what_it_still_changes() -> None:
    """Both caps and the team's hold 1,000 of 1,200: Alice's alone lets her take from Bruno, which is fairer.

    She is to carry 800, and he 400: (300^2 - 299^2) / 800 + (100^2 - 99^2) / 400 is nearer by one euro.
    """
    people = (pa.Rep(id="alice", team="north"), pa.Rep(id="bruno", team="north", fte=0.5))
    caps = [
        *(pa.Bound(rep=name, at_most=500, name=f"cap of {name}") for name in ("alice", "bruno")),
        pa.Bound(team="north", at_most=1000, name="cap of north"),
    ]
    for order in (caps, caps[::-1]):
        found = pa.allocate(problem_of(*people, teams=(pa.Team(id="north"),), hours=0.1, limits=tuple(order)))
        price = price_of(found.explain(rep="alice"), "cap of alice")
        worth = (300**2 - 299**2) / 800 + (100**2 - 99**2) / 400
        assert (price.tier, price.worth) == ("distance", pytest.approx(worth, rel=1e-5))


def test_prices_come_in_the_order_in_which_they_matter() -> None:
    """What reaches targets before what makes a plan fairer, and the dearest first."""
    order = ["shortfall", "coverage", "overtime", "distance"]
    found = explained(HELD)
    ranks = [(order.index(one.tier), -one.worth) for one in found.binding]
    assert ranks == sorted(ranks)
    assert len(ranks) > 2


@pytest.mark.parametrize("seed", range(5))
def test_no_price_is_negative_and_all_parts_add_up(seed: int) -> None:
    """Of random companies: more room never makes anything worse, and what has a price changes something."""
    draw = random.Random(seed)  # noqa: S311 -- not for cryptography
    people = [pa.Rep(id=f"r{one}", fte=draw.choice([1, 0.8, 0.5]), hedge=draw.choice([0, 0.1])) for one in range(3)]
    cap = pa.Bound(rep="r0", at_most=draw.randint(100, 150))
    others: list[Any] = [
        pa.Bound(rep="r1", period="2027-Q2", at_least=draw.randint(50, 150), of="base"),
        pa.Pin(rep="r2", segment="A", quota=draw.randint(100, 300)),
        pa.MixBand(rep="r0", tolerance=draw.choice([0.05, 0.2])),
    ]
    targets = {name: float(draw.randint(300, 900)) for name in "AB"}
    options: dict[str, Any] = {
        "hours": draw.choice([0.5, 1, 2]),
        "limits": [cap, draw.choice(others)],
        "calendar": QUARTERS,
    }
    found = pa.allocate(problem_of(*people, targets=targets, **options)).explain(segment="A")
    assert found.binding
    assert all(one.worth > 0 for one in found.binding)
    assert sum(amounts(found).values()) == found.base - found.reference


# -- names and words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "known"),
    [
        ({"rep": "alic"}, "alice"),
        ({"team": "nort"}, "north"),
        ({"segment": "Z"}, "A"),
        ({"product": "suite"}, "product"),
        ({"business": "old"}, "business"),
        ({"period": "2027-Q5"}, "2027-Q"),
        ({"rep": "alice", "segment": "Z"}, "A"),
    ],
)
def test_unknown_names_raise(parts: dict[str, Any], known: str) -> None:
    """S-4: a number that does not exist is no zero; the nearest known name is told."""
    with pytest.raises(pa.UnknownNameError) as caught:
        plan_of(HELD).explain(**parts)
    assert known in str(caught.value)


def test_a_number_has_no_other_parts() -> None:
    """A misspelled part is a mistake in the program."""
    with pytest.raises(TypeError):
        plan_of(RICH).explain(reps="alice")  # type: ignore[call-arg]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda parts: " ".join(parts.values()) or "the whole")
def test_an_explanation_speaks_of_people_and_money(number: dict[str, str]) -> None:
    """S-17: no word of how it was computed."""
    text = str(explained(HELD, **number)).lower()
    assert not re.findall(r"row|column|constraint|solver|dual|matrix|infeasib|tier|variable|nan|inf\b", text)
    assert " ".join(number.values()).split(" ")[0].lower() in text


def test_a_plan_read_back_explains_itself_alike() -> None:
    """An explanation needs nothing but what a plan's JSON holds."""
    plan = plan_of(HELD)
    assert pa.Plan.from_json(plan.to_json()).explain(rep="alice") == plan.explain(rep="alice")


def test_a_month_in_which_nothing_may_be_booked_is_named() -> None:
    """What the fair split had where a pin leaves no season is the pin's part, and not a matter of rounding."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=120_000, currency="EUR", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"]
    )
    found = pa.allocate(problem.add(pa.Pin(period="2027-Q1", quota=0))).explain(rep="alice")
    by_cause = {part.cause: part.amount for part in found.parts}
    assert by_cause["nothing may be booked then: pin: 2027-Q1 = 0"] < -10_000
    assert abs(by_cause.get("rounding", 0)) <= 5
    assert sum(by_cause.values()) == found.base - found.reference

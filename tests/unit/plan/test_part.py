"""Rules of one person's and one team's part of a plan: the same rows as the whole, and no others."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

import planalloc as pa

if TYPE_CHECKING:
    from collections.abc import Callable

    from planalloc.plan.part import PlanPart

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))


def plan_of(*records: Any, **changes: Any) -> pa.Plan:
    """Return a plan of 4,800 a month for four reps: one in Paris, two in the north, one in no team."""
    problem = pa.PlanningProblem(
        calendar=YEAR,
        strategy=pa.Strategy(
            name="Parts",
            currency="EUR",
            segments=[pa.Segment(id="A"), pa.Segment(id="B")],
            targets=[pa.Target(segment="A", revenue=48_000), pa.Target(segment="B", revenue=9_600)],
        ),
        sales_force=pa.SalesForce(
            teams=[
                pa.Team(id="north", name="The North", manager="marie"),
                pa.Team(id="paris", parent="north"),
                pa.Team(id="rouen", parent="paris"),
                pa.Team(id="south", hedge=0.25),
            ],
            reps=[
                pa.Rep(id="alice", name="Alice B.", team="rouen", accounts={"A": 12}),
                pa.Rep(id="bruno", team="paris"),
                pa.Rep(id="chloe", team="north"),
                pa.Rep(id="dario"),
            ],
        ),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=0.5)],
            funnels=[
                pa.Funnel(
                    deal_size=100,
                    stages=[pa.Stage(id="lead", conversion=1, days_before_booking=31, activities={"call": 1})],
                )
            ],
            cadences=[pa.Cadence(segment="A", activity="call", per_account_per_year=2, feeds_funnel=False)],
        ),
        policy=pa.Policy(default_phasing="equal"),
    )
    return pa.allocate(problem.but(**changes).add(*records))


@cache
def plan() -> pa.Plan:
    """Return the plan without more records."""
    return plan_of()


TABLES = ("quotas", "activities", "pipeline", "capacity", "earlier_work", "coverage")


@pytest.mark.parametrize("name", TABLES)
def test_a_reps_rows_are_those_of_the_plan(name: str) -> None:
    """Each table of a rep's plan is the plan's table, that rep's rows alone; all reps' together are the plan's."""
    whole = getattr(plan(), name)
    assert getattr(plan().rep("alice"), name) == whole.where(rep="alice")
    rows = [row for rep in ("alice", "bruno", "chloe", "dario") for row in getattr(plan().rep(rep), name).to_dicts()]
    assert rows == whole.to_dicts()


@pytest.mark.parametrize(
    ("team", "reps"),
    [
        ("north", ("alice", "bruno", "chloe")),
        ("paris", ("alice", "bruno")),
        ("rouen", ("alice",)),
        ("south", ()),
    ],
)
def test_a_team_holds_the_teams_below_it(team: str, reps: tuple[str, ...]) -> None:
    """The roll-up of a team is its reps and those of all teams below, at any depth; who is in no team is in none."""
    part = plan().team(team)
    assert part.reps == reps
    assert part.base == part.quota == 14_400 * len(reps)
    assert part.activities == plan().activities.where(rep=list(reps))


def test_a_month_of_a_plan() -> None:
    """March of Alice is 1,200: 1,000 of A and 200 of B, and its own rows in every table."""
    march = plan().rep("alice").period("2027-03")
    assert march.quotas.by("segment").to_dicts() == [
        {"segment": "A", "reference": 1000, "base": 1000, "quota": 1000},
        {"segment": "B", "reference": 200, "base": 200, "quota": 200},
    ]
    for name in TABLES[:4]:
        assert getattr(march, name) == getattr(plan(), name).where(rep="alice", period="2027-03")


@pytest.mark.parametrize(
    ("period", "months"), [("2027-Q2", 3), ("2027-4M3", 4), ("2027-H1", 6), ("2027", 12), ("2027-12", 1)]
)
def test_a_coarser_period_is_the_sum_of_its_months(period: str, months: int) -> None:
    """A quarter, four months, a half or the year: so many months of 1,200."""
    part = plan().rep("bruno").period(period)
    assert part.quota == 1200 * months
    assert len(part.capacity) == months
    assert part.period_id == period


def test_another_period_takes_the_place_of_the_one_before() -> None:
    """March of the plan for the second quarter is March: periods are chosen, not cut out of each other."""
    assert plan().rep("alice").period("2027-Q2").period("2027-03").quota == 1200


def test_a_part_of_a_team_stays_one() -> None:
    """The quarter of a team is a team's plan, and of a rep a rep's."""
    team, rep = plan().team("paris").period("2027-Q1"), plan().rep("alice").period("2027-Q1")
    assert (type(team), team.team.id, team.quota) == (pa.TeamPlan, "paris", 7200)
    assert (type(rep), rep.rep.id, rep.quota) == (pa.RepPlan, "alice", 3600)


def test_what_lies_before_a_period_is_shown_with_any() -> None:
    """Earlier work and coverage speak of the whole horizon, whatever the period."""
    whole, june = plan().rep("alice"), plan().rep("alice").period("2027-06")
    assert len(whole.earlier_work) > 0
    assert june.earlier_work == whole.earlier_work
    assert june.coverage == whole.coverage
    assert len(whole.coverage) == 1


@pytest.mark.parametrize("period", ["2028-01", "2027-13", "march", "2027-Q5"])
def test_an_unknown_period_is_refused(period: str) -> None:
    """A period that the horizon does not have raises, with those that come near."""
    with pytest.raises(pa.UnknownNameError) as caught:
        plan().rep("alice").period(period)
    assert caught.value.name == period


def test_a_period_in_which_the_plans_do_not_nest_is_refused() -> None:
    """A plan by weeks cannot tell a month; it says which week lies in two."""
    weekly = plan_of(calendar=YEAR.but(grain="week"))
    with pytest.raises(pa.InputError, match="weeks do not nest in months"):
        weekly.rep("alice").period("2027-03")
    assert weekly.rep("alice").period("2027-W05").quota == weekly.quotas.where(rep="alice", period="2027-W05").total(
        "quota"
    )


def test_base_and_quota_of_a_part() -> None:
    """With a hedge of 25 % in the south, its base is a quarter of the whole, and its quota a quarter more."""
    hedged = plan_of(pa.Rep(id="elsa", team="south"))
    part = hedged.team("south")
    assert (part.base, part.quota) == (57_600 / 5, 57_600 / 5 * 1.25)
    assert hedged.rep("elsa").quota == part.quota


@pytest.mark.parametrize(
    ("part", "title"),
    [
        (lambda: plan().rep("alice"), "Parts, Alice B., 2027-01-01 to 2027-12-31"),
        (lambda: plan().rep("bruno").period("2027-03"), "Parts, bruno, 2027-03"),
        (lambda: plan().team("north"), "Parts, The North (marie), 2027-01-01 to 2027-12-31"),
        (lambda: plan().team("paris").period("2027-Q1"), "Parts, paris, 2027-Q1"),
    ],
)
def test_a_title_says_who_and_when(part: Callable[[], PlanPart], title: str) -> None:
    """The plan, the name or else the id, the manager where there is one, and the time."""
    assert part().title == title


def test_what_was_agreed_is_what_names_the_part() -> None:
    """A rep's limits name the rep, a team's the team; a month's name the month as well."""
    limits = (
        pa.Pin(rep="alice", quota=14_000),
        pa.Pin(rep="alice", period="2027-03", quota=1_000),
        pa.Bound(rep="bruno", at_most=20_000),
        pa.Bound(team="north", at_most=50_000),
        pa.Bound(segment="A", at_most=48_000),
    )
    limited = plan_of(*limits)
    assert set(limited.rep("alice").agreed) == set(limits[:2])
    assert limited.rep("alice").period("2027-03").agreed == (limits[1],)
    assert limited.rep("alice").period("2027-04").agreed == ()
    assert limited.rep("chloe").agreed == ()
    assert limited.team("north").agreed == (limits[3],)


def test_an_overlay_rep_carries_what_others_book() -> None:
    """A second quota on all of A from July on: half of 48,000, which stays out of the plan's and the team's totals."""
    overlay = pa.Rep(id="zoe", role="overlay", team="north", covers=["A"], start=date(2027, 7, 1))
    doubled = plan_of(overlay)
    assert doubled.rep("zoe").quota == 24_000
    assert doubled.rep("zoe").period("2027-Q3").quota == 12_000
    assert doubled.quotas.total("quota") == 57_600
    assert doubled.team("north").quota == plan().team("north").quota
    assert doubled.rep("alice").quota == plan().rep("alice").quota

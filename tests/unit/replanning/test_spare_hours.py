"""Revisions where hours are full: who has hours to spare takes more, and nobody gives up a number for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import planalloc as pa

JUNE = date(2027, 6, 30)
MARCH = date(2027, 3, 31)


def firm(revenue: float, *, away: int | None = None, reps: tuple[str, ...] = ("alice", "bruno")) -> pa.PlanningProblem:
    """Return a firm of which each unit takes an hour; Alice may be away for two weeks of a month.

    Everybody has 20 hours a week, so that February, with its 20 days, has 80.
    """
    absences = [] if away is None else [pa.Absence(start=date(2027, away, 1), end=date(2027, away, 14), reason="leave")]
    people = [
        pa.Rep(id=name, hours_per_week=20, selling_share=1.0, absences=absences if name == "alice" else [])
        for name in reps
    ]
    playbook = pa.Playbook(
        activities=[pa.Activity(id="meeting", hours=1)],
        funnels=[pa.Funnel(deal_size=1, stages=[pa.Stage(id="offer", conversion=1, activities={"meeting": 1})])],
    )
    problem = pa.PlanningProblem.simple(year=2027, revenue=revenue, currency="EUR", shares={"A": 1.0}, reps=reps)
    problem = problem.but(playbook=playbook, sales_force=pa.SalesForce(reps=people))
    return problem.replace(pa.Policy(default_phasing="equal"))


def sold_as_planned(plan: pa.Plan, as_of: date) -> pa.Actuals:
    """Return each number of closed months as one sale."""
    rows: list[dict[str, Any]] = [row for row in plan.quotas.to_dicts() if row["end"] <= as_of]
    return pa.Actuals(
        sales=[{"date": row["start"], "rep": row["rep"], "segment": "A", "amount": row["base"]} for row in rows]
    )


def numbers(plan: pa.Plan, rep: str) -> list[int]:
    """Return what somebody carries in each month."""
    found: list[int] = plan.quotas.where(rep=rep).by("period")["base"].tolist()
    return found


def test_who_is_full_takes_what_fits_and_who_has_hours_the_rest() -> None:
    """Chloé leaves 40 to each December: Alice has 52 hours of it left for her 40, and Bruno takes the other 28."""
    plan = pa.allocate(firm(1440, away=12, reps=("alice", "bruno", "chloe")))
    leave = pa.Leave(rep="chloe", on=date(2027, 11, 30))
    revised = pa.replan(plan, sold_as_planned(plan, JUNE), as_of=JUNE, changes=[leave])
    assert not len(revised.shortfall)
    assert [numbers(revised, rep)[11] for rep in ("alice", "bruno")] == [52, 68]
    assert all(numbers(revised, rep)[:11] == numbers(plan, rep)[:11] for rep in ("alice", "bruno"))


def test_sold_as_planned_nothing_moves_though_there_is_a_shortfall() -> None:
    """February is over, and no longer sets what all months can hold; but nothing is new, and nothing is asked."""
    plan = pa.allocate(firm(2400))
    revised = pa.replan(plan, sold_as_planned(plan, MARCH), as_of=MARCH)
    assert numbers(revised, "alice") == [80] * 12
    assert revised.shortfall.total("revenue") == plan.shortfall.total("revenue")


def test_who_comes_takes_what_nobody_could_carry() -> None:
    """Chloé has the hours for all that is unmet, and nobody else moves."""
    plan = pa.allocate(firm(2400))
    chloe = pa.Rep(id="chloe", hours_per_week=20, selling_share=1.0, start=date(2027, 7, 1))
    revised = pa.replan(plan, sold_as_planned(plan, JUNE), as_of=JUNE, changes=[pa.Join(rep=chloe)])
    assert plan.shortfall.total("revenue") == 480
    assert all(numbers(revised, rep)[:6] == [80] * 6 for rep in ("alice", "bruno"))
    assert sum(sum(numbers(revised, rep)) for rep in ("alice", "bruno", "chloe")) > 2400 - 480
    assert revised.shortfall.total("revenue") < 480


def test_a_small_miss_moves_no_more_than_what_was_missed() -> None:
    """Alice sold 10 less than planned: 10 rise in all, whatever the plan left unmet before."""
    plan = pa.allocate(firm(2400))
    sold = sold_as_planned(plan, MARCH)
    missed = [{"date": MARCH, "rep": "alice", "segment": "A", "amount": -10}]
    revised = pa.replan(plan, pa.Actuals(sales=[*sold.sales, *missed]), as_of=MARCH)
    assert sum(numbers(revised, rep)[month] for rep in ("alice", "bruno") for month in range(3, 12)) == 2 * 9 * 80 + 10
    assert revised.shortfall.total("revenue") == plan.shortfall.total("revenue")


def test_a_target_that_falls_lowers_the_shortfall_first() -> None:
    """What nobody carries goes first: no number falls."""
    plan = pa.allocate(firm(2400))
    short = plan.shortfall.total("revenue")
    assert short > 50
    cut = pa.Retarget(segment="A", revenue=2350)
    revised = pa.replan(plan, sold_as_planned(plan, JUNE), as_of=JUNE, changes=[cut], most_rise=0.0)
    assert all(numbers(revised, rep) == numbers(plan, rep) for rep in ("alice", "bruno"))
    assert revised.shortfall.total("revenue") == short - 50


def test_who_leaves_within_a_month_keeps_the_part_of_it_that_they_are_there_for() -> None:
    """Of July, Chloé is there for 12 of 22 working days; the others carry the rest of it in equal parts."""
    plan = pa.allocate(firm(1440, reps=("alice", "bruno", "chloe")))
    leave = pa.Leave(rep="chloe", on=date(2027, 7, 16))
    revised = pa.replan(plan, sold_as_planned(plan, JUNE), as_of=JUNE, changes=[leave])
    assert [numbers(revised, rep)[6] for rep in ("alice", "bruno", "chloe")] == [49, 49, 22]


def test_who_works_half_the_time_carries_half_as_much_as_before() -> None:
    """Of her 50 a month 25 stay with Alice; Bruno takes the others."""
    plan = pa.allocate(firm(1200, reps=("alice", "bruno")))
    half = pa.WorkTime(rep="alice", fte=0.5)
    revised = pa.replan(plan, sold_as_planned(plan, JUNE), as_of=JUNE, changes=[half])
    assert [sum(numbers(revised, rep)[6:]) for rep in ("alice", "bruno")] == [150, 450]


def test_a_miss_late_in_a_month_is_carried_by_the_months_that_follow() -> None:
    """July is nearly over: August and later take all of the 8 that were missed."""
    plan = pa.allocate(firm(1200))
    day = date(2027, 7, 29)
    sold = [
        *sold_as_planned(plan, JUNE).sales,
        *({"date": day, "rep": rep, "segment": "A", "amount": 44} for rep in ("alice", "bruno")),
    ]
    revised = pa.replan(plan, pa.Actuals(sales=sold), as_of=day)
    assert not len(revised.shortfall)
    assert sum(sum(numbers(revised, rep)[7:]) for rep in ("alice", "bruno")) == 500 + 8


def test_no_news_within_a_month_changes_no_work() -> None:
    """Of July, 12 of 22 days are over, and 12 parts of 22 were sold: every table of the plan stays as it is."""
    plan = pa.allocate(firm(1320))
    day = date(2027, 7, 16)
    part = [{"date": day, "rep": rep, "segment": "A", "amount": 30} for rep in ("alice", "bruno")]
    revised = pa.replan(plan, pa.Actuals(sales=[*sold_as_planned(plan, JUNE).sales, *part]), as_of=day)
    assert numbers(revised, "alice") == numbers(plan, "alice")
    assert revised.activities.to_dicts() == plan.activities.to_dicts()
    assert revised.capacity.to_dicts() == plan.capacity.to_dicts()

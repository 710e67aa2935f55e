"""Revisions that can be checked in the head: twelve even months of 100, two people who carry half each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import planalloc as pa

JUNE = date(2027, 6, 30)


def firm(*, reps: tuple[str, ...] = ("alice", "bruno"), revenue: float = 1200, **policy: Any) -> pa.PlanningProblem:
    """Return a firm that wants 1,200, or as much as is said, in even months."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=revenue, currency="EUR", shares={"A": 1.0}, reps=reps)
    return problem.replace(pa.Policy(default_phasing="equal", **policy))


def sold(amount: float, *, months: range = range(1, 7), reps: tuple[str, ...] = ("alice", "bruno")) -> pa.Actuals:
    """Return sales of so much a month by each rep."""
    return pa.Actuals(
        sales=[{"date": date(2027, m, 9), "rep": r, "segment": "A", "amount": amount} for m in months for r in reps]
    )


def by_rep(plan: pa.Plan, month: str) -> dict[str, int]:
    """Return who carries what in a month."""
    return {row["rep"]: row["base"] for row in plan.quotas.where(period=month).to_dicts()}


def month(plan: pa.Plan, name: str) -> int:
    """Return what all carry in a month."""
    return int(plan.quotas.where(period=name).total("base"))


def test_what_was_missed_is_spread_over_the_rest() -> None:
    """60 of 600 missed: six months of 100 become six of 110."""
    revised = pa.replan(pa.allocate(firm()), sold(45), as_of=JUNE)
    assert [month(revised, f"2027-{m:02}") for m in (6, 7, 12)] == [100, 110, 110]
    assert revised.credited.total("revenue") == 540


def test_what_was_exceeded_is_taken_from_the_rest() -> None:
    """60 more than planned: six months of 100 become six of 90."""
    revised = pa.replan(pa.allocate(firm()), sold(55), as_of=JUNE)
    assert [month(revised, f"2027-{m:02}") for m in (7, 12)] == [90, 90]


def test_what_was_missed_may_fall_into_the_next_month() -> None:
    """60 missed: July carries 160, the others what they carried."""
    revised = pa.replan(pa.allocate(firm()), sold(45), as_of=JUNE, carry="next_period")
    assert [month(revised, f"2027-{m:02}") for m in (7, 8)] == [160, 100]


def test_what_was_missed_may_stay_with_the_rep() -> None:
    """Alice missed 60, Bruno nothing: only Alice's months rise, by 10 each."""
    sales = [*sold(40, reps=("alice",)).sales, *sold(50, reps=("bruno",)).sales]
    revised = pa.replan(pa.allocate(firm()), pa.Actuals(sales=sales), as_of=JUNE, carry="same_rep")
    assert by_rep(revised, "2027-09") == {"alice": 60, "bruno": 50}


def test_what_was_missed_may_stay_with_the_team() -> None:
    """The north missed 60: its two people share it, the south keeps its number."""
    teams = (pa.Team(id="north"), pa.Team(id="south"))
    reps = [pa.Rep(id=name, team=team) for name, team in (("alice", "north"), ("bruno", "north"), ("chloe", "south"))]
    problem = firm(revenue=1800).but(sales_force=pa.SalesForce(teams=teams, reps=tuple(reps)))
    actuals = pa.Actuals(sales=[*sold(50, reps=("bruno", "chloe")).sales, *sold(40, reps=("alice",)).sales])
    revised = pa.replan(pa.allocate(problem), actuals, as_of=JUNE, carry="same_team")
    rest = {
        row["rep"]: row["base"] for row in revised.quotas.by("rep", "semester").to_dicts() if row["semester"][-1] == "2"
    }
    assert rest == {"alice": 330, "bruno": 330, "chloe": 300}


def test_what_was_missed_may_be_written_off() -> None:
    """Nobody's number moves, and what is not carried is named."""
    plan = pa.allocate(firm())
    revised = pa.replan(plan, sold(45), as_of=JUNE, carry="write_off")
    assert revised.quotas == plan.quotas
    assert revised.beyond.to_dicts() == [
        {"segment": "A", "product": None, "business": None, "surplus": 0, "written_off": 60}
    ]


def test_more_than_the_target_sold_leaves_nothing_and_names_the_rest() -> None:
    """1,500 sold of 1,200: nothing is left to carry, and 300 lie beyond."""
    revised = pa.replan(pa.allocate(firm()), sold(125), as_of=JUNE)
    assert month(revised, "2027-07") == 0
    assert revised.beyond.total("surplus") == 300


def test_frozen_months_do_not_move() -> None:
    """60 missed and July frozen: five months share it, by 12 each."""
    revised = pa.replan(pa.allocate(firm()), sold(45), as_of=JUNE, freeze=1)
    assert [month(revised, f"2027-{m:02}") for m in (7, 8, 12)] == [100, 112, 112]


def test_nobody_rises_by_more_than_the_cap_and_the_rest_is_shortfall() -> None:
    """300 missed, and everyone's 300 may rise by a tenth: 60 are carried, 240 are short."""
    revised = pa.replan(pa.allocate(firm()), sold(25), as_of=JUNE, most_rise=0.1)
    assert int(revised.quotas.where(semester="2027-H2").total("base")) == 660
    assert revised.shortfall.total("revenue") == 240


def test_a_period_that_the_day_cuts_is_split_by_its_working_days() -> None:
    """Of April 2027's 22 working days, 11 are over on the 15th: half of what it holds is closed."""
    revised = pa.replan(pa.allocate(firm()), sold(50, months=range(1, 4)), as_of=date(2027, 4, 15))
    april = revised.credited.where(period="2027-04")
    assert april.total("base") == 50
    assert april.total("revenue") == 0
    assert month(revised, "2027-05") == 106


def test_a_leaver_s_number_goes_to_those_who_carry_the_line() -> None:
    """From October on Alice carries all."""
    plan = pa.allocate(firm())
    revised = pa.replan(plan, sold(50), as_of=JUNE, changes=[pa.Leave(rep="bruno", on=date(2027, 9, 30))])
    assert by_rep(revised, "2027-09") == {"alice": 50, "bruno": 50}
    assert by_rep(revised, "2027-10") == {"alice": 100}


def test_the_last_one_leaves_and_the_rest_is_shortfall() -> None:
    """Nobody carries October to December: 300 are short, in their months, and nothing breaks."""
    plan = pa.allocate(firm(reps=("alice",)))
    leave = pa.Leave(rep="alice", on=date(2027, 6, 30))
    revised = pa.replan(plan, sold(100, reps=("alice",)), as_of=JUNE, changes=[leave])
    assert revised.shortfall.total("revenue") == 600
    assert len(revised.shortfall) == 6


def test_who_joins_takes_the_fair_part() -> None:
    """Three people share from October on what two shared before."""
    join = pa.Join(rep=pa.Rep(id="chloe", start=date(2027, 10, 1)))
    revised = pa.replan(pa.allocate(firm()), sold(50), as_of=JUNE, changes=[join])
    assert by_rep(revised, "2027-09") == {"alice": 50, "bruno": 50}
    whole = {rep: sum(by_rep(revised, f"2027-{m}")[rep] for m in (10, 11, 12)) for rep in ("alice", "bruno", "chloe")}
    assert sum(whole.values()) == 300
    assert whole["alice"] == pytest.approx(whole["bruno"], abs=1)
    assert 0 < whole["chloe"] <= 300


def test_a_target_that_falls_lowers_the_rest_only() -> None:
    """From 1,200 to 960: six months of 100 become six of 60."""
    revised = pa.replan(pa.allocate(firm()), sold(50), as_of=JUNE, changes=[pa.Retarget(segment="A", revenue=960)])
    assert [month(revised, f"2027-{m:02}") for m in (6, 7)] == [100, 60]
    assert revised.problem.strategy.revenue == 960


def test_a_new_season_phases_the_rest() -> None:
    """Of the rest, a third lies in the third quarter and two thirds in the fourth."""
    season = pa.Seasonality(id="late", grain="quarter", weights=[0.25, 0.25, 1 / 6, 1 / 3], spread="equal")
    revised = pa.replan(
        pa.allocate(firm()), sold(50), as_of=JUNE, changes=[pa.Reseason(segment="A", seasonality=season)]
    )
    quarters = {row["quarter"]: row["base"] for row in revised.quotas.by("quarter").to_dicts()}
    assert quarters == {"2027-Q1": 300, "2027-Q2": 300, "2027-Q3": 200, "2027-Q4": 400}


def test_an_account_takes_its_part_of_the_number_along() -> None:
    """Acme is a quarter of Alice's potential: a quarter of her rest goes with it to Bruno."""
    accounts = [
        pa.Account(id="acme", segment="A", owner="alice", potential=100),
        pa.Account(id="bolt", segment="A", owner="alice", potential=300),
    ]
    problem = firm().but(portfolio=pa.Portfolio(accounts=accounts))
    plan, move = pa.allocate(problem), pa.MoveAccount(account="acme", to="bruno")
    revised = pa.replan(plan, sold(50), as_of=JUNE, changes=[move])
    rest = {
        row["rep"]: row["base"] for row in revised.quotas.by("rep", "semester").to_dicts() if row["semester"][-1] == "2"
    }
    assert rest == {"alice": 225, "bruno": 375}
    still = pa.replan(plan, sold(50), as_of=JUNE, changes=[move.but(quota="none")])
    assert still.quotas.by("rep").to_dicts() == plan.quotas.by("rep").to_dicts()
    assert {one.id: one.owner for one in still.problem.portfolio.accounts} == {"acme": "bruno", "bolt": "alice"}


def test_a_pin_on_the_year_holds_whatever_was_sold() -> None:
    """Alice agreed to 500: what is not closed of it is left, and Bruno carries the 60 that were missed."""
    plan = pa.allocate(firm().add(pa.Pin(rep="alice", quota=500)))
    revised = pa.replan(plan, sold(45), as_of=JUNE)
    assert revised.quotas.where(rep="alice").total("quota") == 500
    left = 500 - revised.credited.where(rep="alice").total("quota")
    assert revised.quotas.where(rep="bruno", semester="2027-H2").total("quota") == 660 - left


def test_a_limit_below_what_is_closed_is_named() -> None:
    """No plan can take back what is closed."""
    plan = pa.allocate(firm())
    tightened = plan.problem.add(pa.Bound(rep="alice", at_most=200))
    with pytest.raises(pa.InfeasibleError, match="alice <= 200"):
        pa.replan(replace(plan, problem=tightened), sold(50), as_of=JUNE)


def test_few_people_move_where_moving_little_is_not_worth_it() -> None:
    """Six are missed: Alice or Bruno takes them all, not both three."""
    sales = sold(49.5)
    revised = pa.replan(pa.allocate(firm()), sales, as_of=JUNE, least_move=5)
    rest = {
        row["rep"]: row["base"] for row in revised.quotas.by("rep", "semester").to_dicts() if row["semester"][-1] == "2"
    }
    assert sorted(rest.values()) == [300, 306]


def test_hours_that_do_not_suffice_leave_a_shortfall() -> None:
    """Half the people and hours for barely the old number: what they cannot do is short, not planned."""
    playbook = pa.Playbook(
        activities=[pa.Activity(id="meeting", hours=2.2)],
        funnels=[pa.Funnel(deal_size=1, stages=[pa.Stage(id="offer", conversion=1, activities={"meeting": 1})])],
    )
    problem = firm().but(playbook=playbook)
    plan = pa.allocate(problem)
    assert not len(plan.shortfall)
    revised = pa.replan(plan, sold(50), as_of=JUNE, changes=[pa.Leave(rep="bruno", on=JUNE)])
    assert len(revised.shortfall)
    used = revised.capacity.where(rep="alice", semester="2027-H2")
    assert (used["planned_hours"] <= used["available_hours"] + 1e-6).all()


def test_everything_wrong_with_a_call_is_said_at_once() -> None:
    """A day outside the horizon, another measure, a negative cap: one error."""
    with pytest.raises(pa.InputError) as raised:
        pa.replan(
            pa.allocate(firm()), pa.Actuals(measure="invoices"), as_of=date(2028, 3, 1), most_rise=-0.1, least_move=-1
        )
    assert all(word in str(raised.value) for word in ("as_of", "invoices", "most_rise", "least_move"))


def test_changes_of_the_past_and_contradictions_are_refused_together() -> None:
    """A leave that is over, and two last days for one person."""
    changes = [
        pa.Leave(rep="alice", on=date(2027, 3, 1)),
        pa.Leave(rep="bruno", on=date(2027, 8, 1)),
        pa.Leave(rep="bruno", on=date(2027, 9, 1)),
    ]
    with pytest.raises(pa.InputError) as raised:
        pa.replan(pa.allocate(firm()), sold(50), as_of=JUNE, changes=changes)
    assert "2027-03-01" in str(raised.value)
    assert "bruno" in str(raised.value)


def test_names_that_nobody_knows_are_told_with_the_nearest() -> None:
    """A typo in a rep's name, a line's, a policy's."""
    plan = pa.allocate(firm())
    cases: list[tuple[list[pa.Change], Any, str]] = [
        ([pa.Leave(rep="alise", on=date(2027, 8, 1))], "spread", "alice"),
        ([pa.Retarget(segment="a", revenue=1)], "spread", "A"),
        ([], "spraed", "spread"),
    ]
    for changes, carry, near in cases:
        with pytest.raises(pa.UnknownNameError, match=f"Did you mean '{near}'"):
            pa.replan(plan, sold(50), as_of=JUNE, changes=changes, carry=carry)


def test_a_plan_is_not_closed_again_before_it_was_closed() -> None:
    """A revision as of May of one as of June is refused."""
    revised = pa.replan(pa.allocate(firm()), sold(45), as_of=JUNE)
    with pytest.raises(pa.InputError, match="closed up to 2027-06-30"):
        pa.replan(revised, sold(45), as_of=date(2027, 5, 31))


def test_a_revision_of_a_revision_goes_on_from_there() -> None:
    """Missed in the first half, exceeded in July: the closed months keep both numbers."""
    first = pa.replan(pa.allocate(firm()), sold(45), as_of=JUNE)
    sales = [*sold(45).sales, *sold(80, months=range(7, 8)).sales]
    second = pa.replan(first, pa.Actuals(sales=sales), as_of=date(2027, 7, 31))
    assert [month(second, f"2027-{m:02}") for m in (6, 7, 8)] == [100, 110, 100]
    assert second.credited.total("revenue") == 700


def test_the_trade_off_goes_from_no_change_to_the_whole_target() -> None:
    """60 missed: nobody moves and 60 are short, or everybody does and nothing is."""
    front = pa.trade_off(pa.allocate(firm()), sold(45), as_of=JUNE, rises=[None, 0.0, 0.05])
    assert [(one.people, one.moved, one.shortfall) for one in front] == [(0, 0, 60), (2, 30, 30), (2, 60, 0)]


def test_sales_that_do_not_count_are_told() -> None:
    """An unknown rep's million, and a date that is none: no total holds them, and the plan says so."""
    rows = [
        {"date": "15/01/2027", "rep": "alice", "segment": "A", "amount": 5},
        {"date": "2027-01-15", "rep": "zoe", "segment": "A", "amount": 1_000_000},
    ]
    revised = pa.replan(pa.allocate(firm()), pa.Actuals(sales=rows), as_of=JUNE)
    assert revised.credited.total("revenue") == 0
    told = [str(one) for one in revised.findings if one.code == "sales-set-aside"]
    assert len(told) == 2
    assert "1,000,000 EUR" in told[1]


def test_changes_may_come_from_anything_that_can_be_looped_over() -> None:
    """A generator is used up once, and is heard."""
    plan, leave = pa.allocate(firm()), pa.Leave(rep="bruno", on=JUNE)
    assert pa.replan(plan, sold(50), as_of=JUNE, changes=iter([leave])) == pa.replan(
        plan, sold(50), as_of=JUNE, changes=[leave, leave]
    )


def test_an_account_never_brings_numbers_to_days_before_the_first() -> None:
    """Dora starts in October and takes Acme over: nothing before that."""
    accounts = [pa.Account(id="acme", segment="A", owner="alice", potential=100)]
    plan = pa.allocate(firm().but(portfolio=pa.Portfolio(accounts=accounts)))
    changes: list[pa.Change] = [
        pa.MoveAccount(account="acme", to="dora"),
        pa.Join(rep=pa.Rep(id="dora", start=date(2027, 10, 1))),
    ]
    revised = pa.replan(plan, sold(50), as_of=JUNE, changes=changes)
    assert not revised.quotas.where(rep="dora", quarter="2027-Q3").total("base")
    assert revised.quotas.where(rep="dora").total("base")
    assert pa.Plan.from_json(revised.to_json()) == revised


def test_an_account_does_not_go_to_who_is_gone() -> None:
    """Nor to who leaves with the same revision."""
    accounts = [pa.Account(id="acme", segment="A", owner="alice", potential=100)]
    plan = pa.allocate(firm().but(portfolio=pa.Portfolio(accounts=accounts)))
    changes: list[pa.Change] = [pa.MoveAccount(account="acme", to="bruno"), pa.Leave(rep="bruno", on=JUNE)]
    with pytest.raises(pa.InputError, match="'acme' cannot go to 'bruno'"):
        pa.replan(plan, sold(50), as_of=JUNE, changes=changes)


def test_a_pin_that_takes_a_rest_of_its_own_keeps_the_season() -> None:
    """A's target falls to what is sold: Alice's pin is met out of B, in B's months."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=2400, currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=["alice", "bruno"]
    ).replace(pa.Policy(default_phasing="equal"))
    plan = pa.allocate(problem.add(pa.Pin(rep="alice", quota=1100)))
    sales = [{"date": date(2027, 3, 1), "rep": "alice", "segment": one, "amount": 600} for one in ("A", "B")]
    revised = pa.replan(plan, pa.Actuals(sales=sales), as_of=JUNE, changes=[pa.Retarget(segment="A", revenue=600)])
    assert revised.quotas.where(rep="alice").total("quota") == 1100
    months = [row["base"] for row in revised.quotas.where(segment="B", semester="2027-H2").by("period").to_dicts()]
    assert months == [100] * 6


def test_a_leave_that_is_put_off_gives_the_rep_numbers_again() -> None:
    """Bruno stays until November after all: he carries October."""
    first = pa.replan(pa.allocate(firm()), sold(50), as_of=JUNE, changes=[pa.Leave(rep="bruno", on=date(2027, 9, 30))])
    later = pa.replan(first, sold(50), as_of=JUNE, changes=[pa.Leave(rep="bruno", on=date(2027, 11, 30))])
    assert by_rep(later, "2027-10")["bruno"] > 0
    assert by_rep(later, "2027-12") == {"alice": 100}


def test_who_has_left_does_not_come_back_by_a_change() -> None:
    """A leave after a closed leave is refused: it would reopen the past."""
    first = pa.replan(pa.allocate(firm()), sold(50), as_of=JUNE, changes=[pa.Leave(rep="bruno", on=JUNE)])
    with pytest.raises(pa.InputError, match="bruno left on 2027-06-30"):
        pa.replan(first, sold(50), as_of=date(2027, 7, 31), changes=[pa.Leave(rep="bruno", on=date(2027, 9, 30))])


def test_a_limit_on_who_leaves_lapses_and_is_told() -> None:
    """Bruno's pin cannot be held any more; the plan says that it lapsed."""
    plan = pa.allocate(firm().add(pa.Pin(rep="bruno", quota=700)))
    revised = pa.replan(plan, sold(50), as_of=JUNE, changes=[pa.Leave(rep="bruno", on=JUNE)])
    assert [one.code for one in revised.findings] == ["limit-lapsed"]
    assert revised.problem.limits == ()


def test_a_season_without_weight_in_what_is_open_is_refused() -> None:
    """All of the new season lies in the closed half."""
    season = pa.Seasonality(id="early", grain="semester", weights=[1.0, 0.0])
    with pytest.raises(pa.InputError, match="no weight in what is open"):
        pa.replan(pa.allocate(firm()), sold(50), as_of=JUNE, changes=[pa.Reseason(segment="A", seasonality=season)])


def test_amounts_in_cents_add_up_to_the_revenue() -> None:
    """Three lines in cents, one of them changed: no dust of floats is left over."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=100.3, currency="EUR", shares={"A": 0.1, "B": 0.2, "C": 0.7}, reps=["alice"]
    ).replace(pa.Policy(round_to=0.01))
    revised = pa.replan(
        pa.allocate(problem), pa.Actuals(sales=[]), as_of=JUNE, changes=[pa.Retarget(segment="A", revenue=0.1)]
    )
    assert revised.problem.strategy.revenue == pytest.approx(90.37)


def test_a_gap_that_a_rep_carries_already_is_not_charged_again() -> None:
    """Alice missed 60 and got 10 more a month; July sold as revised, and nothing more is asked of her."""
    sales = [*sold(40, reps=("alice",)).sales, *sold(50, reps=("bruno",)).sales]
    first = pa.replan(pa.allocate(firm()), pa.Actuals(sales=sales), as_of=JUNE, carry="same_rep")
    again = pa.replan(first, pa.Actuals(sales=sales), as_of=JUNE, carry="same_rep")
    assert again.quotas == first.quotas
    july = [
        {"date": date(2027, 7, 5), "rep": r, "segment": "A", "amount": a} for r, a in (("alice", 60), ("bruno", 50))
    ]
    later = pa.replan(first, pa.Actuals(sales=[*sales, *july]), as_of=date(2027, 7, 31), carry="same_rep")
    assert later.quotas == first.quotas


def test_what_was_written_off_does_not_come_back() -> None:
    """60 written off in June; in July all goes as planned, and the number stays what it was."""
    plan = pa.allocate(firm())
    first = pa.replan(plan, sold(45), as_of=JUNE, carry="write_off")
    sales = [*sold(45).sales, *sold(50, months=range(7, 8)).sales]
    later = pa.replan(first, pa.Actuals(sales=sales), as_of=date(2027, 7, 31))
    assert later.quotas == plan.quotas
    assert later.beyond.total("written_off") == 60


def test_sales_of_other_days_are_no_mistake() -> None:
    """What is sold after the day is not counted yet, and nothing has to be corrected."""
    assert pa.replan(pa.allocate(firm()), sold(50, months=range(1, 13)), as_of=JUNE).findings == ()


def test_a_second_revision_within_a_month_loses_no_shortfall() -> None:
    """What is open of a cut month's shortfall is open still: the same revision again is the same plan."""
    first = pa.replan(pa.allocate(firm()), sold(25), as_of=date(2027, 6, 16), most_rise=0.0)
    assert len(first.shortfall)
    again = pa.replan(first, sold(25), as_of=date(2027, 6, 16), most_rise=0.0)
    assert again.shortfall.total("revenue") == first.shortfall.total("revenue")
    assert pa.Plan.from_json(again.to_json()) == again

"""Rules of edits: totals stay, limits and hours hold, the past is closed, and bystanders do not notice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
BY_REP = ("quotas", "activities", "unscheduled", "pipeline", "capacity", "earlier_work", "coverage")


def plan_of(*limits: Any, reps: tuple[str, ...] = ("alice", "bruno", "chloe"), revenue: int = 3600) -> pa.Plan:
    """Return a plan of two segments with even months, 100 EUR for each rep and month."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=revenue, currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=reps
    ).replace(pa.Policy(default_phasing="equal"))
    return pa.allocate(problem.add(*limits))


def busy_plan() -> pa.Plan:
    """Return a plan in which each rep has two thirds of their hours full."""
    stage = pa.Stage(id="offer", conversion=1, activities={"call": 1})
    playbook = pa.Playbook(
        activities=[pa.Activity(id="call", hours=1)], funnels=[pa.Funnel(deal_size=1, stages=[stage])]
    )
    plan = plan_of()
    return pa.allocate(plan.problem.replace(playbook))


def months(plan: pa.Plan, rep: str) -> list[int]:
    """Return a rep's number by month."""
    found: list[int] = plan.rep(rep).quotas.by("period")["base"].tolist()
    return found


def test_a_transfer_takes_from_each_line_and_month_alike() -> None:
    """What one rep gives, the other gets on the same lines in the same months, in proportion."""
    edited = pa.transfer(plan_of(), from_rep="alice", to_rep="bruno", amount=120)
    assert months(edited, "alice") == [90] * 12
    assert months(edited, "bruno") == [110] * 12
    assert edited.rep("bruno").quotas.by("segment")["base"].tolist() == [660, 660]


def test_a_transfer_keeps_to_its_part() -> None:
    """A transfer of one segment in one quarter touches nothing else."""
    edited = pa.transfer(plan_of(), from_rep="alice", to_rep="bruno", amount=60, segment="A", period="2027-Q2")
    assert months(edited, "alice") == [100] * 3 + [80] * 3 + [100] * 6
    assert edited.rep("alice").quotas.by("segment")["base"].tolist() == [540, 600]


def test_a_transfer_without_amount_gives_all() -> None:
    """Without an amount, everything open of the part goes."""
    assert pa.transfer(plan_of(), from_rep="alice", to_rep="bruno", segment="A").rep("alice").quota == 600


def test_a_move_shifts_one_month() -> None:
    """A move takes a rep's number out of one month and into another, and the year stays."""
    edited = pa.move(plan_of(), rep="alice", from_period="2027-08", to_period="2027-09", amount=40)
    assert months(edited, "alice")[7:9] == [60, 140]
    assert edited.rep("alice").quota == 1200


def test_spread_undoes_concentrate() -> None:
    """Concentrated into a quarter and spread by working time again, a rep's lines carry what they carried."""
    late = pa.concentrate(plan_of(), rep="alice", periods=["2027-Q4"], segment="A")
    assert months(late, "alice") == [50] * 9 + [250] * 3
    again = pa.spread(late, rep="alice", segment="A")
    assert max(months(again, "alice")) - min(months(again, "alice")) < 10
    assert again.rep("alice").quotas.by("segment")["base"].tolist() == [600, 600]


def test_hold_moves_nothing_and_promises() -> None:
    """A number that is held is a pin of the problem, with its reason, and a new allocation keeps it."""
    plan = pa.transfer(plan_of(), from_rep="alice", to_rep="bruno", amount=100)
    held = pa.hold(plan, rep="bruno", reason="agreed in June", agreed_with="bruno")
    assert held.quotas == plan.quotas
    (pin,) = held.problem.limits
    assert (pin.label, pin.reason, pin.agreed_with) == ("pin: bruno = 1,300", "agreed in June", "bruno")
    assert pa.allocate(held.problem).rep("bruno").quota == 1300
    assert pa.hold(held, rep="bruno").problem == held.problem


def test_swapped_accounts_take_their_part_along() -> None:
    """Two accounts change hands; each takes its part, by potential, of its owner's number; the others stay."""
    accounts = (("acme", "alice", 30), ("zest", "alice", 30), ("hotel", "bruno", 50))
    problem = plan_of(reps=("alice", "bruno"), revenue=2400).problem.add(
        *(pa.Account(id=one, segment="A", owner=who, potential=money) for one, who, money in accounts)
    )
    plan = pa.allocate(problem)
    edited = pa.swap_accounts(plan, one="acme", other="hotel")
    owners = {one.id: one.owner for one in edited.problem.portfolio.accounts}
    assert owners == {"acme": "bruno", "hotel": "alice", "zest": "alice"}
    assert edited.rep("alice").quotas.by("segment")["base"].tolist() == [900, 600]
    assert pa.swap_accounts(plan, one="acme", other="hotel", quota="none").quotas == plan.quotas


def test_an_account_that_takes_hours_goes_to_nobody_without_them() -> None:
    """A swap that gives somebody visits for which they have no hours is refused, though no number moves."""
    problem = plan_of(reps=("alice", "bruno"), revenue=2400).problem.replace(pa.Rep(id="bruno", fte=0.01))
    problem = problem.add(
        pa.Activity(id="visit", hours=20),
        pa.Cadence(segment="A", activity="visit", per_account_per_year=12),
        pa.Account(id="acme", segment="A", owner="alice"),
        pa.Account(id="zest", segment="B", owner="bruno"),
    )
    with pytest.raises(pa.InputError, match="bruno would need"):
        pa.swap_accounts(pa.allocate(problem), one="acme", other="zest", quota="none")


def test_swapping_needs_two_owners() -> None:
    """Accounts of one rep, or of nobody, cannot be swapped."""
    problem = plan_of().problem.add(
        pa.Account(id="acme", segment="A", owner="alice"), pa.Account(id="zest", segment="A", owner="alice")
    )
    with pytest.raises(pa.InputError, match="Swap accounts of two reps"):
        pa.swap_accounts(pa.allocate(problem), one="acme", other="zest")


def test_an_edit_that_breaks_a_limit_is_refused_by_name_and_amount() -> None:
    """What a limit forbids does not happen by hand either; the refusal names it and by how much."""
    plan = plan_of(pa.Bound(rep="bruno", at_most=1250))
    with pytest.raises(pa.InputError, match=r"bound: bruno <= 1,250' is missed by 50 units"):
        pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=100)
    assert pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=50).rep("bruno").quota == 1250


def test_an_edit_for_which_there_are_no_hours_is_refused() -> None:
    """Nobody is given more than their hours; the refusal says who, when and by how many."""
    plan = busy_plan()
    with pytest.raises(pa.InputError, match=r"bruno would need [\d.]+ hours too many in 2027-01"):
        pa.transfer(plan, from_rep="alice", to_rep="bruno")
    edited = pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=12)
    assert edited.rep("bruno").activities.total("count") == plan.rep("bruno").activities.total("count") + 12


def test_nobody_gets_what_they_do_not_cover() -> None:
    """A line that the other rep does not cover stays where it is."""
    problem = plan_of().problem.replace(pa.Rep(id="bruno", covers=["A"]))
    plan = pa.allocate(problem)
    edited = pa.transfer(plan, from_rep="alice", to_rep="bruno")
    assert set(edited.rep("bruno").quotas["segment"]) == {"A"}
    with pytest.raises(pa.InputError, match="bruno covers nothing of what alice has open"):
        pa.transfer(plan, from_rep="alice", to_rep="bruno", segment="B")


@pytest.mark.parametrize("amount", [0.0, -5.0, 0.5])
def test_amounts_are_whole_units(amount: float) -> None:
    """An amount is above zero, in whole rounding units."""
    with pytest.raises(pa.InputError, match="in whole units of 1"):
        pa.transfer(plan_of(), from_rep="alice", to_rep="bruno", amount=amount)


def test_unknown_names_are_refused() -> None:
    """A rep, a segment or a period that is not there is named, with the nearest one."""
    plan = plan_of()
    with pytest.raises(pa.UnknownNameError, match="alice"):
        pa.transfer(plan, from_rep="alise", to_rep="bruno", amount=1)
    with pytest.raises(pa.UnknownNameError, match="segment"):
        pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=1, segment="C")
    with pytest.raises(pa.UnknownNameError):
        pa.move(plan, rep="alice", from_period="2027-13", to_period="2027-01")


def test_hedged_reps_carry_the_hedge_of_what_they_get() -> None:
    """The base moves to the unit, and what people carry on top follows it (F-14)."""
    problem = plan_of().problem.replace(pa.Rep(id="bruno", hedge=0.1))
    plan = pa.allocate(problem)
    edited = pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=100)
    assert edited.rep("bruno").base - plan.rep("bruno").base == 100
    assert edited.rep("bruno").quota - plan.rep("bruno").quota == 110


def test_closed_periods_refuse_edits() -> None:
    """What is closed is not edited; what is left open still is, and the credit stays."""
    sold = [{"date": date(2027, 1, 15), "rep": "alice", "segment": "A", "amount": 50}]
    plan = pa.replan(plan_of(), pa.Actuals(sales=sold), as_of=date(2027, 3, 31))
    with pytest.raises(pa.InputError, match="2027-02 is closed"):
        pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=10, period="2027-02")
    with pytest.raises(pa.InputError, match="2027-01 is closed"):
        pa.move(plan, rep="alice", from_period="2027-04", to_period="2027-01", amount=10)
    with pytest.raises(pa.InputError, match="2027-Q1 is closed"):
        pa.concentrate(plan, rep="alice", periods=["2027-Q1"])
    edited = pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=90)
    assert (edited.as_of, edited.credited, edited.beyond) == (plan.as_of, plan.credited, plan.beyond)


def test_an_edited_plan_says_so() -> None:
    """The plan keeps a note of what was done by hand and why, and a difference gives it as the reason."""
    plan = plan_of()
    edited = pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=90, reason="a big deal")
    assert "90 EUR went to bruno by hand (a big deal)" in str(edited)
    (fact,) = pa.diff(plan, edited).rep("bruno").own
    assert (fact.kind, fact.about) == ("edit", "quotas[alice]")
    with pytest.raises(pa.InputError, match="changed by hand"):
        edited.explain(rep="alice")


def test_replanning_starts_from_an_edit() -> None:
    """A revision without news keeps what was done by hand."""
    edited = pa.transfer(plan_of(), from_rep="alice", to_rep="bruno", amount=120)
    sold = [
        {"date": row["start"], "rep": row["rep"], "segment": row["segment"], "amount": row["base"]}
        for row in edited.quotas.where(quarter="2027-Q1").to_dicts()
    ]
    revised = pa.replan(edited, pa.Actuals(sales=sold), as_of=date(2027, 3, 31))
    assert revised.quotas == edited.quotas


def test_a_period_that_the_day_cuts_takes_no_more_hours_than_there_are() -> None:
    """What is closed of a month is told in whole activities, and these never take the hours of what is left of it."""
    stages = [
        pa.Stage(id="lead", conversion=0.2, activities={"call": 2}),
        pa.Stage(id="offer", conversion=0.5, activities={"call": 1, "meeting": 1}),
    ]
    playbook = pa.Playbook(
        activities=[pa.Activity(id="call", hours=0.5), pa.Activity(id="meeting", hours=4)],
        funnels=[pa.Funnel(deal_size=6, stages=stages)],
    )
    problem = pa.PlanningProblem.simple(year=2027, revenue=2400, currency="EUR", shares={"A": 1}, reps=["alice"])
    plan = pa.allocate(problem.replace(playbook))
    capacity = pa.replan(plan, pa.Actuals(), as_of=date(2027, 2, 1)).capacity.where(period="2027-02")
    (row,) = capacity.to_dicts()
    assert 150 < row["planned_hours"] <= row["available_hours"] == 160


@dataclass(frozen=True)
class Edit:
    """A plan, new or revised, and the same after an edit; who was edited, and whether by period."""

    before: pa.Plan = field(repr=False)
    after: pa.Plan = field(repr=False)
    what: str
    who: tuple[str, ...]
    by_period: bool


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Draw a plan, new or revised, and an edit of it."""
    plan = draw(companies().map(_allocated).filter(lambda one: one is not None))
    assert plan is not None
    calendar = plan.problem.calendar
    if draw(st.booleans()):
        as_of = calendar.start + timedelta(days=draw(st.integers(0, calendar.days // 2)))
        part = draw(st.sampled_from([0.5, 1, 1.5]))
        sales = [
            {"date": row["start"], "amount": row["base"] * part, **{one: row[one] for one in ("rep", "segment")}}
            | {"business": row["business"]}
            for row in plan.quotas.to_dicts()
            if row["start"] <= as_of
        ]
        try:
            plan = pa.replan(plan, pa.Actuals(sales=sales), as_of=as_of)
        except pa.InfeasibleError:
            assume(False)
    reps = sorted(one.id for one in plan.problem.sales_force.reps)
    one, other = draw(st.permutations([*reps, *reps]))[:2]
    periods = [period.id for period in calendar.periods()]
    what = draw(st.sampled_from(["transfer", "move", "concentrate", "spread"]))
    try:
        match what:
            case "transfer":
                return Edit(plan, pa.transfer(plan, from_rep=one, to_rep=other), what, (one, other), by_period=False)
            case "move":
                first, second = draw(st.permutations(periods))[:2]
                edited = pa.move(plan, rep=one, from_period=first, to_period=second)
            case "concentrate":
                edited = pa.concentrate(plan, rep=one, periods=[draw(st.sampled_from(periods))])
            case _:
                edited = pa.spread(plan, rep=one)
    except pa.InputError:
        assume(False)
    return Edit(plan, edited, what, (one,), by_period=True)


def _allocated(problem: pa.PlanningProblem) -> pa.Plan | None:
    try:
        return pa.allocate(problem)
    except pa.InfeasibleError:
        return None


def check_edit(edit: Edit) -> None:
    """Totals, bystanders, hours and the past of a plan and the same after an edit."""
    before, after = edit.before, edit.after
    keys = ("segment", "business") if edit.by_period else ("segment", "business", "period")
    assert before.quotas.by(*keys)["base"].tolist() == after.quotas.by(*keys)["base"].tolist()
    assert (before.shortfall, before.credited) == (after.shortfall, after.credited)
    for name in BY_REP:
        was, now = getattr(before, name), getattr(after, name)
        others = [one for one in was.contents["rep"].categories if one not in edit.who]
        assert was.where(rep=others) == now.where(rep=others)
    closed = [one.id for one in before.problem.calendar.periods() if before.as_of and one.end <= before.as_of]
    for name in ("quotas", "activities", "pipeline", "capacity"):
        assert getattr(before, name).where(period=closed) == getattr(after, name).where(period=closed)
    over = [one["planned_hours"] - one["available_hours"] - one["overtime_hours"] for one in after.capacity.to_dicts()]
    assert max(over, default=0.0) < 1e-6
    assert pa.Plan.from_json(after.to_json()) == after


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(edits())
def test_any_edit_keeps_totals_bystanders_and_the_past(edit: Edit) -> None:
    """Totals of lines stay, and of their periods unless the edit is about these; others' rows stay byte for byte.

    So are closed periods for everyone; nobody is planned for more hours than there are; the plan is sound when read.
    """
    check_edit(edit)


@pytest.mark.long
@settings(max_examples=1000, deadline=None, suppress_health_check=SLOW)
@given(edits())
def test_a_thousand_edits_keep_them_too(edit: Edit) -> None:
    """The same for a thousand companies."""
    check_edit(edit)

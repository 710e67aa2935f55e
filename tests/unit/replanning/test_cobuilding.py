"""Rules of co-construction: only what is legal happens, agreements hold, nothing is lost, and the log is the plan."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies
from planalloc.replanning.log_events import Countered, Published

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def november(day: int) -> date:
    """Return a day of the November before the plan's year."""
    return date(2026, 11, day)


def draft(*reps: str) -> pa.PlanLog:
    """Return the log of a plan of 100 EUR for each rep and month, before anybody saw it."""
    names = reps or ("alice", "bruno", "chloe")
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1200 * len(names), currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=names
    )
    return pa.PlanLog(problem.replace(pa.Policy(default_phasing="equal")))


def countered(quota: float = 900) -> pa.PlanLog:
    """Return a log in which alice asks for another number."""
    log = draft().propose(on=november(2), who="diana")
    return log.counter("alice", limits=[pa.Pin(rep="alice", quota=quota)], on=november(5), reason="two customers left")


def sold(amount: float) -> pa.Actuals:
    """Return what everyone sold of A in each month of the first quarter."""
    return pa.Actuals(
        sales=[
            {"date": date(2027, month, 15), "rep": rep, "segment": "A", "amount": amount}
            for month in (1, 2, 3)
            for rep in ("alice", "bruno", "chloe")
        ]
    )


def test_states_follow_one_another() -> None:
    """Draft, proposed, countered, agreed, published, superseded: each by its own event."""
    log = draft()
    assert log.state == "draft"
    log = log.propose(on=november(2), who="diana")
    assert (log.state, log.state_of("alice")) == ("proposed", "proposed")
    log = log.counter("alice", limits=[pa.Pin(rep="alice", quota=900)], on=november(3))
    assert (log.state, log.state_of("alice"), log.state_of("bruno")) == ("countered", "countered", "proposed")
    log = log.accept(1, on=november(4), who="diana").agree("bruno", on=november(5)).agree("chloe", on=november(5))
    assert log.state == "agreed"
    log = log.publish(on=november(6), who="diana")
    assert log.state == "published"
    log = log.supersede(by="Strategy 2027, second half", on=november(9), who="diana")
    assert (log.state, log.possible()) == ("superseded", ())


def test_only_what_is_legal_happens() -> None:
    """What cannot happen now is refused with the state and what is possible."""
    with pytest.raises(pa.TransitionError, match="the plan is draft, and cannot be published") as caught:
        draft().publish(on=november(2), who="diana")
    assert caught.value.state == "draft"
    assert caught.value.possible == ("proposed", "edited", "replanned", "superseded")
    log = draft().propose(on=november(2), who="diana", reps=["alice"])
    with pytest.raises(pa.TransitionError, match="the part of bruno is draft, and cannot be agreed"):
        log.agree("bruno", on=november(3))
    with pytest.raises(pa.TransitionError, match="the part of alice is countered"):
        countered().agree("alice", on=november(6))
    ended = log.supersede(by="another", on=november(4), who="diana")
    with pytest.raises(pa.TransitionError, match="it has ended"):
        ended.propose(on=november(5), who="diana")


def test_a_decision_needs_an_open_counter() -> None:
    """Nothing is decided twice, and no number of a counter-proposal is made up."""
    log = countered().refuse(1, on=november(6), who="diana")
    assert log.state_of("alice") == "proposed"
    with pytest.raises(pa.TransitionError):
        log.accept(1, on=november(7), who="diana")
    with pytest.raises(pa.InputError, match="no open counter-proposal 2"):
        countered().accept(2, on=november(7), who="diana")


def test_events_follow_the_calendar() -> None:
    """An event is never of an earlier day than the one before."""
    with pytest.raises(pa.InputError, match="has come to 2026-11-05"):
        countered().refuse(1, on=november(4), who="diana")


def test_what_is_accepted_holds_and_the_rest_is_shared() -> None:
    """An accepted number is a pin with owner, day and reason; others take what is left, and totals stay."""
    log = countered().accept(1, on=november(6), who="diana", reason="it is so")
    assert log.plan.quotas.by("rep")["quota"].tolist() == [900, 1350, 1350]
    (pin,) = log.plan.problem.limits
    assert (pin.agreed_with, pin.reason) == ("alice", "agreed on 2026-11-06: it is so")
    assert log.plan == pa.allocate(log.plan.problem)


def test_who_agrees_is_held() -> None:
    """A number that was agreed to does not move when others settle theirs."""
    log = draft().propose(on=november(2), who="diana").agree("bruno", on=november(3), reason="fair")
    log = log.counter("alice", limits=[pa.Pin(rep="alice", quota=900)], on=november(4))
    log = log.accept(1, on=november(5), who="diana")
    assert log.plan.quotas.by("rep")["quota"].tolist() == [900, 1200, 1500]


def test_a_counter_is_priced_for_the_others() -> None:
    """The price says who takes how much, and the hours that it takes them."""
    stage = pa.Stage(id="offer", conversion=1, activities={"call": 1})
    playbook = pa.Playbook(
        activities=[pa.Activity(id="call", hours=0.5)], funnels=[pa.Funnel(deal_size=1, stages=[stage])]
    )
    log = pa.PlanLog(draft().problem.replace(playbook)).propose(on=november(2), who="diana")
    log = log.counter("alice", limits=[pa.Pin(rep="alice", quota=900)], on=november(3))
    price = log.price(1)
    assert (price.money, price.hours, price.shortfall) == (300, 150.0, 0)
    assert price.takes is not None
    assert {row["rep"]: row["change"] for row in price.takes.to_dicts()} == {"bruno": 150, "chloe": 150}
    assert price.explanation is not None
    assert price.explanation.base == 900
    assert log.plan.rep("alice").quota == 1200


def test_a_counter_that_nobody_can_carry_is_priced_as_impossible() -> None:
    """Where hard limits leave no plan, the price says which; no rule accepts it, and the plan stays."""
    problem = draft("alice", "bruno").problem.add(
        pa.Team(id="all"), pa.TeamTarget(team="all", base=2400), pa.Bound(rep="bruno", at_most=1200)
    )
    problem = problem.replace(pa.Rep(id="alice", team="all"), pa.Rep(id="bruno", team="all"))
    log = pa.PlanLog(problem).propose(on=november(2), who="diana")
    log = log.counter("alice", limits=[pa.Bound(rep="alice", at_most=900)], on=november(3))
    price = log.price(1)
    assert price.plan is None
    assert "bruno <= 1,200" in price.impossible
    assert not price.within(pa.Approval(part=1))
    with pytest.raises(pa.InfeasibleError):
        log.accept(1, on=november(4), who="diana")


@pytest.mark.parametrize(
    ("approval", "state", "numbers"),
    [
        (pa.Approval(money=300), "agreed", [900, 1350, 1350]),
        (pa.Approval(part=0.25), "agreed", [900, 1350, 1350]),
        (pa.Approval(money=200), "agreed", [1050, 1275, 1275]),
        (pa.Approval(money=200, halfway=False), "countered", [1200, 1200, 1200]),
        (pa.Approval(part=0.1), "countered", [1200, 1200, 1200]),
        (pa.Approval(part=0.1, otherwise="refuse"), "proposed", [1200, 1200, 1200]),
    ],
)
def test_a_rule_decides_within_its_bounds(approval: pa.Approval, state: str, numbers: list[int]) -> None:
    """300 EUR on others are accepted within 300; half of it within 200; else they wait for somebody, or are refused."""
    log = countered().settle(1, approval, on=november(6))
    assert log.state_of("alice") == state
    assert log.plan.quotas.by("rep")["quota"].tolist() == numbers


def test_a_rule_adds_no_shortfall() -> None:
    """A proposal that leaves money to nobody is not approved, whatever its price for the others."""
    problem = draft("alice", "bruno").problem.add(pa.Bound(rep="bruno", at_most=1200))
    log = pa.PlanLog(problem).propose(on=november(2), who="diana")
    log = log.counter("alice", limits=[pa.Bound(rep="alice", at_most=900)], on=november(3))
    assert log.price(1).shortfall == 300
    assert log.settle(1, pa.Approval(part=1), on=november(4)) == log
    assert log.settle(1, pa.Approval(shortfall=300), on=november(4)).plan.shortfall.total("revenue") == 300


def test_both_can_settle_on_something_else() -> None:
    """What both sides settled on holds, whatever was asked."""
    log = countered().meet(1, on=november(6), who="diana", limits=[pa.Pin(rep="alice", segment="A", quota=500)])
    assert log.state_of("alice") == "agreed"
    assert log.plan.rep("alice").quotas.by("segment")["quota"].tolist()[0] == 500


def test_fewer_visits_here_more_there() -> None:
    """A counter-proposal may speak of accounts: fewer of one segment, more of another."""
    problem = draft("alice", "bruno").problem.replace(pa.Rep(id="alice", accounts={"A": 10, "B": 10}))
    problem = problem.add(
        pa.Activity(id="visit", hours=1),
        *(pa.Cadence(segment=one, activity="visit", per_account_per_year=6) for one in ("A", "B")),
    )
    log = pa.PlanLog(problem).propose(on=november(2), who="diana")
    log = log.counter("alice", accounts={"A": 6, "B": 14}, on=november(3))
    log = log.accept(1, on=november(4), who="diana")
    assert log.plan.rep("alice").activities.by("segment")["count"].tolist() == [36, 84]


def test_a_counter_speaks_of_its_rep_alone() -> None:
    """Nobody proposes numbers of others, or nothing at all."""
    log = draft().propose(on=november(2), who="diana")
    with pytest.raises(pa.InputError, match="does not name alice"):
        log.counter("alice", limits=[pa.Pin(rep="bruno", quota=900)], on=november(3))
    with pytest.raises(pa.InputError, match="asks for nothing"):
        log.counter("alice", on=november(3))


def test_a_newer_agreement_takes_the_place_of_an_older_one() -> None:
    """Proposed again, a rep may ask again; what is accepted then replaces what was agreed before."""
    log = countered().accept(1, on=november(6), who="diana").propose(on=november(7), who="diana")
    log = log.counter("alice", limits=[pa.Pin(rep="alice", quota=1000)], on=november(8))
    log = log.accept(2, on=november(9), who="diana")
    assert [one.label for one in log.plan.problem.limits] == ["pin: alice = 1,000"]


def test_pending_counters_are_never_lost() -> None:
    """A plan that is published or superseded names what nobody had decided, and it can still be decided."""
    log = countered().publish(on=november(6), who="diana")
    event = log.events[-1]
    assert isinstance(event, Published)
    assert (event.open, list(log.open), log.state) == ((1,), [1], "published")
    assert "1 of alice is open" in str(log)
    revised = log.replan(sold(50), as_of=date(2027, 3, 31), on=date(2027, 4, 1), who="diana")
    assert (list(revised.open), revised.state_of("alice")) == ([1], "countered")
    assert log.accept(1, on=november(7), who="diana").state != "published"
    assert list(log.supersede(by="another", on=november(8), who="diana").open) == [1]


def test_versions_keep_the_plan_that_was_in_force() -> None:
    """Each published version has its plan; a later one supersedes it."""
    log = draft().propose(on=november(2), who="diana").publish(on=november(3), who="diana")
    log = log.edit("transfer", on=november(4), who="diana", from_rep="alice", to_rep="bruno", amount=120)
    assert log.state == "proposed"
    log = log.publish(on=november(5), who="diana")
    assert [(one.number, one.state) for one in log.versions] == [(1, "superseded"), (2, "published")]
    assert [one.plan.rep("alice").quota for one in log.versions] == [1200, 1080]


def test_edits_survive_agreements() -> None:
    """What was changed by hand stays as it is, but for what a later agreement moves."""
    log = draft().propose(on=november(2), who="diana")
    log = log.edit("transfer", on=november(3), who="diana", from_rep="alice", to_rep="bruno", amount=600)
    log = log.counter("chloe", limits=[pa.Pin(rep="chloe", quota=1500)], on=november(4))
    log = log.accept(1, on=november(5), who="diana")
    assert log.plan.quotas.by("rep")["quota"].tolist() == [525, 1575, 1500]


def test_a_revision_is_an_event() -> None:
    """The log keeps what was credited, not the sales, and gives the plan that `replan` gave."""
    log = draft().propose(on=november(2), who="diana").publish(on=november(3), who="diana")
    revised = log.replan(sold(40), as_of=date(2027, 3, 31), on=date(2027, 4, 2), who="diana")
    assert revised.plan == pa.replan(log.plan, sold(40), as_of=date(2027, 3, 31))
    again = pa.PlanLog.from_json(revised.to_json())
    assert again.plan.to_json() == revised.plan.to_json()
    assert again.plan_on(november(30)) == log.plan


def test_leaving_out_an_event_restores_the_plan() -> None:
    """Without the event, the plan is what it was; an event that others rest on cannot be left out."""
    log = countered()
    accepted = log.accept(1, on=november(6), who="diana")
    assert accepted.without(2).plan.to_json() == log.plan.to_json()
    with pytest.raises(pa.InputError):
        accepted.without(1)


def test_what_is_left_out_changes_what_is_named_as_open() -> None:
    """Without the decision, the publication that came after it names the counter-proposal as open."""
    log = countered().accept(1, on=november(6), who="diana").publish(on=november(7), who="diana")
    event = log.without(2).events[-1]
    assert isinstance(event, Published)
    assert (event.version, event.open) == (1, (1,))


def test_a_log_is_read_back_or_refused() -> None:
    """JSON comes back without loss, and what is no log is refused with a reason."""
    log = countered().accept(1, on=november(6), who="diana")
    assert pa.PlanLog.from_json(log.to_json()) == log
    assert isinstance(pa.PlanLog.from_json(log.to_json()).events[1], Countered)
    for text in ("{", "[]", "{}", log.to_json().replace("accepted", "swallowed")):
        with pytest.raises(pa.InputError):
            pa.PlanLog.from_json(text)


def agreed_of(event: Any) -> dict[str, float]:
    """Return what each rep carries in all by what an event says was agreed."""
    found: dict[str, float] = {}
    for line in getattr(event, "agreed", ()):
        found[line.rep] = found.get(line.rep, 0.0) + sum(line.quotas)
    return found


def test_agreed_numbers_are_in_the_log() -> None:
    """Whatever is agreed or published stands in its event by rep, line and period, read without any solver."""
    log = draft().propose(on=november(2), who="diana").agree("bruno", on=november(3))
    event: Any = log.events[-1]
    assert [(one.segment, one.quotas) for one in event.agreed] == [("A", (50.0,) * 12), ("B", (50.0,) * 12)]
    assert log.history["about"].tolist()[-1] == "bruno: 1,200"
    log = log.counter("alice", limits=[pa.Bound(rep="alice", at_most=900)], on=november(4))
    log = log.accept(1, on=november(5), who="diana").edit("hold", on=november(6), who="diana", rep="chloe")
    log = log.publish(on=november(7), who="diana")
    whole = {"alice": 900, "bruno": 1200, "chloe": 1500}
    assert [agreed_of(one) for one in log.events[3:]] == [{"alice": 900}, {"chloe": 1500}, whole]


def test_a_log_whose_plan_is_not_what_was_agreed_is_refused() -> None:
    """Where another number follows from a log than was agreed, reading its plan names the cell and both numbers."""
    log = draft().propose(on=november(2), who="diana").agree("bruno", on=november(3))
    text = log.to_json().replace(
        '"segment":"B","product":null,"business":null,"quotas":[50.0,50.0,',
        '"segment":"B","product":null,"business":null,"quotas":[50.0,51.0,',
    )
    assert text != log.to_json()
    with pytest.raises(pa.InputError, match=r"bruno carries 51 of B in 2027-02, and the plan .* says 50"):
        _ = pa.PlanLog.from_json(text).plan


def test_the_history_is_shown() -> None:
    """Who did what, when and why is a table, in text and in HTML, escaped."""
    log = countered().refuse(1, on=november(6), who="diana", reason="<no>")
    assert log.history["event"].tolist() == ["proposed", "countered", "refused"]
    assert "1 of alice: pin: alice = 900" in str(log)
    assert "&lt;no&gt;" in log._repr_html_()


@st.composite
def logs(draw: st.DrawFn) -> pa.PlanLog:
    """Draw a company and what happened to its plan; what is refused did not happen."""
    log = pa.PlanLog(draw(companies(most_reps=4, limits=False)))
    calendar, day = log.problem.calendar, log.problem.calendar.start - timedelta(days=60)
    log = log.propose(on=day, who="diana")
    reps, step = sorted(one.id for one in log.problem.sales_force.reps), float(log.problem.policy.step)
    as_of = calendar.start
    for _ in range(draw(st.integers(1, 6))):
        day += timedelta(days=1)
        rep, other = draw(st.sampled_from(reps)), draw(st.sampled_from(reps))
        part = draw(st.sampled_from([0.5, 0.9, 1.0, 1.1]))
        as_of = min(as_of + timedelta(days=draw(st.integers(0, 40))), calendar.end - timedelta(days=1))
        number = next(iter(log.open), 1)
        quota = round(round(log.plan.rep(rep).quota * part / step) * step, 2)
        verb = draw(st.sampled_from(["counter", "accept", "settle", "agree", "publish", "edit", "replan"]))
        arguments: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
            "counter": ((rep,), {"limits": [pa.Pin(rep=rep, quota=quota)]}),
            "accept": ((number,), {"who": "diana"}),
            "settle": ((number, pa.Approval(part=0.2)), {}),
            "agree": ((rep,), {}),
            "publish": ((), {"who": "diana"}),
            "edit": (("transfer",), {"who": "diana", "from_rep": rep, "to_rep": other, "amount": 5 * step}),
            "replan": ((sold_by(log.plan, as_of, part),), {"as_of": as_of, "who": "diana"}),
        }
        given_first, named = arguments[verb]
        day = max(day, as_of) if verb == "replan" else day
        try:
            log = getattr(log, verb)(*given_first, on=day, **named)
        except (pa.InputError, pa.InfeasibleError):
            continue
    return log


def sold_by(plan: pa.Plan, as_of: date, part: float) -> pa.Actuals:
    """Return a part of what a plan asks for in periods that have begun by a day."""
    names = ("rep", "segment", "product", "business")
    sales = [
        {"date": row["start"], "amount": row["base"] * part, **{name: row[name] for name in names}}
        for row in plan.quotas.to_dicts()
        if row["start"] <= as_of
    ]
    return pa.Actuals(sales=sales) if sales else pa.Actuals()


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(logs())
def test_the_log_is_the_plan(log: pa.PlanLog) -> None:
    """Read back and replayed, any log gives the same bytes; without its last event, the plan before it.

    Whatever was agreed holds to the unit.
    """
    again = pa.PlanLog.from_json(log.to_json())
    assert again.plan.to_json() == log.plan.to_json()
    assert (again.state, again.open) == (log.state, log.open)
    before = pa.PlanLog(log.problem, log.events[:-1])
    assert log.without(len(log.events) - 1).plan.to_json() == before.plan.to_json()
    for limit in log.plan.problem.limits:
        assert isinstance(limit, pa.Pin)
        assert log.plan.quotas.where(**limit.parts).total("quota") == limit.quota

"""Rules of what is refused: by a typed error, all that is wrong at once, each with what to do about it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

import planalloc as pa

MARCH = date(2027, 3, 31)


def plan() -> pa.Plan:
    """Return a plan of three reps with even months, and two accounts."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=3600, currency="EUR", shares={"hotels": 0.5, "offices": 0.5}, reps=["alice", "bruno", "cleo"]
    ).replace(pa.Policy(default_phasing="equal"))
    return pa.allocate(
        problem.add(
            pa.Account(id="acme", segment="hotels", owner="alice", potential=10),
            pa.Account(id="beta", segment="hotels", owner="bruno", potential=5),
        )
    )


def refused(verb: Any, *given: Any, **options: Any) -> str:
    """Return what the typed error says with which a verb refuses its arguments."""
    with pytest.raises(pa.InputError) as raised:
        verb(*given, **options)
    assert raised.value.hint
    return str(raised.value)


@pytest.mark.parametrize("changes", [None, 5, "Leave", pa.Leave(rep="bruno", on=MARCH), [None, 1]])
def test_changes_that_are_none_are_named(changes: Any) -> None:
    """What is no list of changes is refused as changes, with its value and the kinds that there are."""
    told = refused(pa.replan, plan(), pa.Actuals(), as_of=MARCH, changes=changes)
    assert "changes" in told
    assert "Retarget" in told


def test_all_options_of_a_revision_are_told_at_once() -> None:
    """A wrong carry does not hide the other options, the day or the changes."""
    told = refused(
        pa.replan,
        plan(),
        pa.Actuals(),
        as_of=date(2030, 1, 1),
        changes=[pa.Leave(rep="brno", on=date(2031, 1, 1))],
        carry="spred",
        most_rise=-1,
        freeze="1",
        least_move=float("nan"),
    )
    for word in (
        "'spred'",
        "Did you mean 'spread'",
        "most_rise is -1",
        "freeze is '1'",
        "nan",
        "2030-01-01",
        "'bruno'",
    ):
        assert word in told


def test_yes_and_no_are_no_numbers() -> None:
    """True is neither a part, nor a number of periods, nor money."""
    told = refused(pa.replan, plan(), pa.Actuals(), as_of=MARCH, most_rise=True, freeze=True, least_move=True)
    assert told.count("True") == 3


def test_who_joins_cannot_leave_before() -> None:
    """A Leave before the first day of somebody who joins is refused as two changes that contradict each other."""
    changes = [pa.Join(rep=pa.Rep(id="dora", start=date(2027, 7, 1))), pa.Leave(rep="dora", on=date(2027, 6, 1))]
    told = refused(pa.replan, plan(), pa.Actuals(), as_of=MARCH, changes=changes)
    assert "dora cannot leave on 2027-06-01, before they start on 2027-07-01" in told


@pytest.mark.parametrize("verb", [pa.hold, pa.transfer, pa.move, pa.concentrate, pa.spread, pa.swap_accounts])
@pytest.mark.parametrize("given", [None, "x"])
def test_an_edit_takes_a_plan(verb: Any, given: Any) -> None:
    """Whatever is no plan is refused by each edit."""
    every: dict[Any, dict[str, Any]] = {
        pa.hold: {"rep": "alice"},
        pa.transfer: {"from_rep": "alice", "to_rep": "bruno"},
        pa.move: {"rep": "alice", "from_period": "2027-01", "to_period": "2027-02"},
        pa.concentrate: {"rep": "alice", "periods": ["2027-01"]},
        pa.spread: {"rep": "alice"},
        pa.swap_accounts: {"one": "acme", "other": "beta"},
    }
    assert "takes a plan" in refused(verb, given, **every[verb])


def test_a_reason_is_text() -> None:
    """A reason, and with whom it was agreed, are texts; both are named."""
    told = refused(pa.hold, plan(), rep="alice", reason=5, agreed_with=float("nan"))
    assert "reason is 5" in told
    assert "agreed_with is nan" in told
    assert "reason is 5" in refused(pa.transfer, plan(), from_rep="alice", to_rep="bruno", reason=5)


@pytest.mark.parametrize("verb", [pa.spread, pa.concentrate])
@pytest.mark.parametrize("periods", [5, "2027-Q4", None])
def test_periods_are_a_list(verb: Any, periods: Any) -> None:
    """One period alone, or a number, is no list of periods."""
    assert f"periods is {periods!r}" in refused(verb, plan(), rep="alice", periods=periods)


@pytest.mark.parametrize(
    ("verb", "options", "names"),
    [
        (pa.hold, {"rep": "alic", "segment": "hotel", "period": "2027-13"}, ("'alice'", "'hotels'", "'2027-13'")),
        (
            pa.transfer,
            {"from_rep": "alic", "to_rep": "brun", "segment": "hotel", "period": "2027-1", "amount": -5},
            ("'alice'", "'bruno'", "'hotels'", "'2027-1'", "-5"),
        ),
        (
            pa.move,
            {"rep": "alic", "from_period": "2027-5", "to_period": "2027-99", "product": "x", "amount": "4"},
            ("'alice'", "'2027-5'", "'2027-99'", "'x'", "'4'"),
        ),
        (pa.concentrate, {"rep": "alic", "periods": ["2027-Q5", "2028"]}, ("'alice'", "'2027-Q5'", "'2028'")),
        (pa.spread, {"rep": "alic", "periods": ["2027-Q5", "2028"]}, ("'alice'", "'2027-Q5'", "'2028'")),
        (pa.swap_accounts, {"one": "acmee", "other": "betta", "quota": "all"}, ("'acme'", "'beta'", "prorated")),
    ],
)
def test_an_edit_names_all_that_it_does_not_know(verb: Any, options: Any, names: tuple[str, ...]) -> None:
    """The first unknown name of an edit does not hide the others, nor an amount that is none."""
    told = refused(verb, plan(), **options)
    assert [one for one in names if one not in told] == []


def test_unknown_names_alone_are_an_unknown_name() -> None:
    """Several unknown names are the error of one, with the first of them."""
    with pytest.raises(pa.UnknownNameError) as raised:
        pa.transfer(plan(), from_rep="alic", to_rep="brun")
    assert (raised.value.name, raised.value.candidates[0]) == ("alic", "alice")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rises": 0.1}, "rises is 0.1"),
        ({"rises": None}, "rises is None"),
        ({"rises": "0.1"}, "rises is '0.1'"),
        ({"rises": [-1, "x"]}, "most_rise is 'x'"),
        ({"most_rise": 0.1}, "rises=[0.1]"),
        ({"carrry": "spread"}, "Did you mean 'carry'"),
    ],
)
def test_a_front_names_wrong_options(options: Any, said: str) -> None:
    """What is no list of rises, and an option that a revision does not have, are refused with what to write."""
    assert said in refused(pa.trade_off, plan(), pa.Actuals(), as_of=MARCH, **options)


def test_a_front_hears_changes_from_anything_that_can_be_looped_over() -> None:
    """A generator of changes holds for each of the revisions, not for the first alone."""
    leave = pa.Leave(rep="bruno", on=MARCH)
    front = pa.trade_off(plan(), pa.Actuals(), as_of=MARCH, changes=iter([leave]), rises=[0.0, None])
    assert [one.plan.problem.rep("bruno").end for one in front] == [MARCH, MARCH]


def test_to_meet_says_on_what() -> None:
    """To meet a rep needs what both settle on: it is said what to give, and what the rep asked for."""
    log = pa.PlanLog(plan().problem).propose(on=date(2026, 11, 2), who="diana")
    log = log.counter("alice", limits=[pa.Pin(rep="alice", quota=900)], on=date(2026, 11, 3))
    told = refused(log.meet, 1, on=date(2026, 11, 4), who="diana")
    assert "pin: alice = 900" in told
    assert "limits=" in told
    assert "no counter-proposal" not in told


def test_a_rule_that_leaves_a_proposal_open_says_why() -> None:
    """A proposal out of a rule's bounds stays open, and the log says which bound it passes, and by what."""
    log = pa.PlanLog(plan().problem).propose(on=date(2026, 11, 2), who="diana")
    log = log.counter("alice", limits=[pa.Pin(rep="alice", quota=900)], on=date(2026, 11, 3))
    left = log.settle(1, pa.Approval(money=10), on=date(2026, 11, 4))
    assert (left, list(left.open)) == (log, [1])
    assert left.undecided == "others carry 300 EUR more, above the 10 EUR of the rule"
    assert left.undecided in str(left)
    assert log.undecided == left.refuse(1, on=date(2026, 11, 5), who="diana").undecided == ""


def test_a_credit_of_no_period_is_a_damaged_log() -> None:
    """A stored revision that credits a period which the plan does not have is refused by name."""
    log = pa.PlanLog(plan().problem).propose(on=date(2026, 11, 2), who="diana").publish(on=date(2026, 12, 1), who="d")
    sold = [{"date": date(2027, 1, 5), "rep": "alice", "segment": "hotels", "amount": 40}]
    log = log.replan(pa.Actuals(sales=sold), as_of=MARCH, on=date(2027, 4, 2), who="diana")
    text = re.sub('("period": ?)"2027-01"', r'\1"2027-1x"', log.to_json())
    told = refused(lambda: pa.PlanLog.from_json(text).plan)
    assert "'2027-1x'" in told


def test_an_unknown_rep_of_sales_is_told_with_the_nearest() -> None:
    """The finding of sales of a rep whom nobody defined names whom it may mean."""
    sold = [{"date": date(2027, 1, 5), "rep": "alic", "segment": "hotels", "amount": 40}]
    revised = pa.replan(plan(), pa.Actuals(sales=sold), as_of=MARCH)
    (told,) = [str(one) for one in revised.findings if one.code == "sales-set-aside"]
    assert "Did you mean 'alice'?" in told


@pytest.mark.parametrize(("verb", "name"), [("propose", "reps"), ("counter", "limits"), ("meet", "moves")])
def test_a_log_takes_lists(verb: str, name: str) -> None:
    """Text in the place of a list is not read letter by letter."""
    log = pa.PlanLog(plan().problem).propose(on=date(2026, 11, 2), who="diana")
    log = log.counter("alice", limits=[pa.Pin(rep="alice", quota=900)], on=date(2026, 11, 3))
    first: dict[str, tuple[Any, ...]] = {"propose": (), "counter": ("alice",), "meet": (1,)}
    who = {} if verb == "counter" else {"who": "diana"}
    told = refused(getattr(log, verb), *first[verb], on=date(2026, 11, 4), **who, **{name: "alice"})
    assert f"{name} is 'alice'" in told

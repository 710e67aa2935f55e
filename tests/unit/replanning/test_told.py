"""Rules of what a revision, an agreement or a page tells, and to whom."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest

import planalloc as pa

JUNE = date(2027, 6, 30)


def firm(*reps: str) -> pa.PlanningProblem:
    """Return a problem of 100 EUR for each rep and month, half of it on each of two lines."""
    names = reps or ("alice", "bruno", "chloe")
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1200 * len(names), currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=names
    )
    return problem.replace(pa.Policy(default_phasing="equal"))


def sold(plan: pa.Plan, *, until: str = "2027-06", part: float = 1.0) -> pa.Actuals:
    """Return a part of what was planned for each month up to one, as sold."""
    rows = [
        {"date": row["start"], "rep": row["rep"], "segment": row["segment"], "amount": round(row["quota"] * part)}
        for row in plan.quotas.to_dicts()
        if row["period"] <= until and row["quota"]
    ]
    return pa.Actuals(sales=rows)


def proposed(problem: pa.PlanningProblem) -> pa.PlanLog:
    """Return a log in which everyone has seen their numbers."""
    return pa.PlanLog(problem).propose(on=date(2026, 11, 2), who="diana")


def test_a_log_tells_of_sales_that_did_not_count() -> None:
    """The plan that a log rebuilds says what `replan` says, also from JSON."""
    rows = [{"date": "2027-01-15", "rep": "zoe", "segment": "A", "amount": 50_000}]
    log = proposed(firm())
    direct = pa.replan(log.plan, pa.Actuals(sales=rows), as_of=JUNE)
    revised = log.replan(pa.Actuals(sales=rows), as_of=JUNE, on=JUNE, who="diana")
    assert [one.code for one in direct.findings] == ["sales-set-aside"]
    assert revised.plan.findings == direct.findings
    assert pa.PlanLog.from_json(revised.to_json()).plan.findings == direct.findings


def test_a_band_that_is_agreed_after_a_revision_holds_for_what_is_open() -> None:
    """The closed months keep their mix, the open ones obey, and the plan is read back."""
    log = proposed(firm()).edit(
        "transfer", on=date(2026, 11, 3), who="diana", from_rep="alice", to_rep="bruno", amount=300, segment="A"
    )
    log = log.replan(sold(log.plan), as_of=JUNE, on=JUNE, who="diana").propose(on=JUNE, who="diana")
    log = log.counter("alice", limits=[pa.MixBand(rep="alice", tolerance=0.05)], on=JUNE).accept(
        1, on=JUNE, who="diana"
    )
    late = [row for row in log.plan.rep("alice").quotas.to_dicts() if row["period"] > "2027-06"]
    first, second = (sum(row["base"] for row in late if row["segment"] == name) for name in ("A", "B"))
    assert abs(first / (first + second) - 0.5) <= 0.5 * 0.05 + 2 / (first + second)
    assert pa.Plan.from_json(log.plan.to_json()) == log.plan


def test_a_band_holds_for_one_who_leaves_within_the_year() -> None:
    """Whose mix is held is never set apart with the numbers as they stand."""
    problem = firm().replace(pa.Rep(id="alice", end=date(2027, 11, 9)), pa.Rep(id="chloe", covers=["B"]))
    log = proposed(problem).edit(
        "move", on=date(2026, 11, 3), who="diana", rep="bruno", from_period="2027-12", to_period="2027-11", amount=5
    )
    log = log.counter("alice", limits=[pa.MixBand(rep="alice", tolerance=0.1)], on=date(2026, 11, 4))
    plan = log.accept(1, on=date(2026, 11, 5), who="diana").plan
    first, second = (row["base"] for row in plan.rep("alice").quotas.by("segment").to_dicts())
    assert abs(first / (first + second) - 0.5) <= 0.5 * 0.1 + 2 / (first + second)
    assert pa.Plan.from_json(plan.to_json()) == plan


def test_a_band_of_the_year_does_not_stop_a_revision_that_changes_nothing() -> None:
    """Lines of other seasons leave another mix to the rest; sold as planned, the plan stays, and is read back."""
    front = pa.Seasonality(id="front", grain="quarter", weights=[0.7, 0.1, 0.1, 0.1])
    problem = firm().add(front, pa.MixBand(rep="alice", tolerance=0.02))
    plan = pa.allocate(problem.replace(pa.Target(segment="A", share=0.5, seasonality="front")))
    revised = pa.replan(plan, sold(plan), as_of=JUNE)
    assert revised.quotas == plan.quotas
    assert pa.Plan.from_json(revised.to_json()) == revised


def test_who_has_agreed_on_everything_is_shown_the_way_out() -> None:
    """All agreed, and more was sold: nothing fits but to carry nothing, and the error says so."""
    log = proposed(firm())
    for rep in ("alice", "bruno", "chloe"):
        log = log.agree(rep, on=date(2026, 11, 3))
    more = sold(log.plan, part=1.4)
    with pytest.raises(pa.InfeasibleError, match='carry="write_off"'):
        log.replan(more, as_of=JUNE, on=JUNE, who="diana")
    plan = log.replan(more, as_of=JUNE, on=JUNE, who="diana", carry="write_off").plan
    assert plan.quotas.total("quota") == log.plan.quotas.total("quota")


def test_accounts_of_who_leaves_are_told() -> None:
    """With how many and which; who owns none, or left before, is not told again."""
    accounts = [pa.Account(id=f"acme{i}", segment="A", owner="alice", potential=100) for i in range(7)]
    plan = pa.allocate(firm().add(*accounts))
    gone = pa.replan(plan, sold(plan), as_of=JUNE, changes=[pa.Leave(rep="alice", on=date(2027, 8, 31))])
    told = [str(one) for one in gone.findings if one.code == "account-of-leaver"]
    assert len(told) == 1
    assert "7 accounts (acme0, acme1, acme2, acme3, acme4 and 2 more)" in told[0]
    later = pa.replan(gone, sold(plan), as_of=date(2027, 7, 31))
    assert not [one for one in later.findings if one.code == "account-of-leaver"]


@pytest.mark.parametrize("quota", ["none", "prorated"])
def test_no_account_goes_to_who_leaves(quota: Literal["none", "prorated"]) -> None:
    """Neither with its number nor without."""
    plan = pa.allocate(firm().add(pa.Account(id="acme", segment="A", owner="alice", potential=100)))
    changes: list[pa.Change] = [pa.MoveAccount(account="acme", to="bruno", quota=quota), pa.Leave(rep="bruno", on=JUNE)]
    with pytest.raises(pa.InputError, match="'acme' cannot go to 'bruno'"):
        pa.replan(plan, sold(plan), as_of=JUNE, changes=changes)


def test_a_page_gives_the_whole_of_each_activity() -> None:
    """Before and after are those of the year, also where one month changes; so are the hours in all."""
    visit = pa.Activity(id="visit", hours=2)
    funnel = pa.Funnel(deal_size=10, stages=[pa.Stage(id="offer", conversion=0.5, activities={"visit": 1})])
    plan = pa.allocate(firm().replace(pa.Playbook(activities=[visit], funnels=[funnel])))
    after = pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=20, period="2027-08", segment="A")
    page = pa.diff(plan, after).rep("alice")
    (row,) = page.by_activity.to_dicts()
    assert (row["before"], row["after"]) == tuple(one.rep("alice").activities.total("count") for one in (plan, after))
    assert row["change"] == row["after"] - row["before"] == page.activities.total("change")
    assert page.all_hours == tuple(one.rep("alice").capacity.total("planned_hours") for one in (plan, after))
    assert "In all" in page.to_markdown()


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_why_a_limit_holds_is_told_to_whom_it_concerns(locale: str) -> None:
    """The reason and the name stand on the own page and on the director's, and on no colleague's."""
    plan = proposed(firm()).plan
    log = proposed(firm()).counter(
        "alice", limits=[pa.Pin(rep="alice", quota=900)], on=date(2026, 11, 3), reason="illness"
    )
    change = pa.diff(plan, log.accept(1, on=date(2026, 11, 4), who="diana", reason="illness of alice").plan)
    assert "illness of alice" in str(change)
    assert "illness of alice" in change.rep("alice").to_markdown(locale)
    for text in (change.rep("bruno").to_markdown(locale), str(change.rep("bruno")), change.rep("bruno")._repr_html_()):
        assert "illness" not in text
        assert "alice" not in text


def test_a_transfer_is_about_who_gave_and_who_got() -> None:
    """It stands on the page of both as their own, with its reason."""
    plan = pa.allocate(firm())
    change = pa.diff(plan, pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=100, reason="a (short) leave"))
    for rep in ("alice", "bruno"):
        (own,) = change.rep(rep).own
        assert (own.reps, own.reason) == (("alice", "bruno"), "a (short) leave")


def test_a_page_is_written_in_its_language() -> None:
    """Days, numbers, names of fields and the words of the log: none of them stays English."""
    log = proposed(
        pa.PlanningProblem.simple(year=2027, revenue=24_000, currency="EUR", shares={"A": 1}, reps=["a", "b"])
    )
    after = log.counter("a", limits=[pa.Pin(rep="a", quota=10_500)], on=date(2026, 11, 3)).accept(
        1, on=date(2026, 11, 4), who="diana"
    )
    page = pa.diff(log.plan, after.plan).rep("a").to_markdown("fr")
    assert "convenu le 4 novembre 2026" in page
    assert "10,500" not in page
    named = pa.allocate(log.problem.replace(pa.Rep(id="a", name="Anne", end=date(2027, 12, 30))))
    page = pa.diff(log.plan, named).rep("a").to_markdown("fr")
    assert "nom" in page
    assert "30 décembre 2027" in page


def test_an_overlay_rep_has_no_number_to_agree_on() -> None:
    """Whatever is asked of one says so; the comparison names them apart from other work."""
    problem = firm().add(pa.Rep(id="olga", role="overlay", covers=["A"]))
    log = proposed(problem)
    for asked in (
        lambda: log.state_of("olga"),
        lambda: log.possible("olga"),
        lambda: log.agree("olga", on=date(2026, 11, 3)),
        lambda: log.counter("olga", limits=[pa.Pin(rep="olga", quota=5)], on=date(2026, 11, 3)),
        lambda: pa.hold(log.plan, rep="olga"),
        lambda: pa.transfer(log.plan, from_rep="olga", to_rep="alice", amount=5),
    ):
        with pytest.raises(pa.InputError, match="'olga' is an overlay rep"):
            asked()
    more = pa.allocate(problem.replace(pa.Target(segment="A", share=0.6), pa.Target(segment="B", share=0.4)))
    assert "1 overlay rep with another quota" in str(pa.diff(log.plan, more))


def test_what_cannot_be_read_is_refused_as_input() -> None:
    """Amounts that are none, edits of nothing, unknown arguments, days that are text: no other kind of error."""
    log = proposed(firm())
    plan = log.plan
    wrong: list[tuple[str, Any]] = [
        *(
            ("amount is", lambda amount=amount: pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=amount))
            for amount in (float("inf"), float("nan"), "12", True)
        ),
        ("no part is given", lambda: pa.hold(plan)),
        ("Did you mean 'from_rep'", lambda: log.edit("transfer", on=JUNE, who="d", from_repp="alice", to_rep="bruno")),
        ("does not say to_rep", lambda: log.edit("transfer", on=JUNE, who="d", from_rep="alice")),
        ("must be a date", lambda: log.plan_on("2026-11-05")),  # type: ignore[arg-type]
        ("not a NoneType", lambda: pa.diff(plan, None)),  # type: ignore[arg-type]
        ("no kind of event", lambda: pa.PlanLog.from_json(log.to_json().replace('"proposed"', '"propsed"'))),
    ]
    for said, call in wrong:
        with pytest.raises(pa.InputError, match=said):
            call()
    late = pa.allocate(firm().replace(pa.Rep(id="alice", start=date(2027, 9, 1))))
    with pytest.raises(pa.InputError, match="before they start on 2027-09-01"):
        pa.replan(late, sold(late), as_of=date(2027, 3, 31), changes=[pa.Leave(rep="alice", on=JUNE)])


def test_a_move_within_one_period_says_what_is_wrong() -> None:
    """Nothing moves into the same month, or into a period that has it."""
    plan = pa.allocate(firm())
    for period in ("2027-12", "2027-Q4"):
        with pytest.raises(pa.InputError, match="nothing would move"):
            pa.move(plan, rep="alice", from_period="2027-12", to_period=period, amount=5)


def test_what_had_ended_does_not_change_after_its_days() -> None:
    """An agreement in June first needs the revision that closes May; no event closes days that are to come."""
    log = proposed(firm()).counter("alice", limits=[pa.Pin(rep="alice", quota=900)], on=date(2026, 11, 3))
    with pytest.raises(pa.InputError, match="had ended by then: 2027-01 to 2027-05"):
        log.accept(1, on=date(2027, 6, 6), who="diana")
    actuals, may = sold(log.plan, until="2027-05"), date(2027, 5, 31)
    revised = log.replan(actuals, as_of=may, on=date(2027, 6, 5), who="diana")
    assert revised.accept(1, on=date(2027, 6, 6), who="diana").plan.rep("alice").quota == 900
    with pytest.raises(pa.InputError, match="closes days up to 2027-05-31"):
        log.replan(actuals, as_of=may, on=date(2027, 5, 30), who="diana")


def test_an_approval_has_a_bound() -> None:
    """One without any would accept everything."""
    with pytest.raises(ValueError, match="has no bound"):
        pa.Approval()


def test_dust_is_shown_where_rounding_would_hide_it() -> None:
    """What differs from the nearest multiple in its last digits is not shown as that multiple."""
    problem = firm().replace(pa.Policy(round_to=0.01)).but(strategy=firm().strategy.but(revenue=0.1 + 0.2))
    told = [str(one) for one in pa.check(problem) if one.code == "not-a-multiple"]
    assert "0.30000000000000004" in told[0]

"""Rules of a difference: every move is counted once, nothing is told of whom nothing changed, and the why is data."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

import planalloc as pa
from companies import companies

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def problem_of(*reps: str, **shares: float) -> pa.PlanningProblem:
    """Return a problem of 1,200 EUR with even months."""
    return pa.PlanningProblem.simple(
        year=2027, revenue=1200, currency="EUR", shares=shares or {"A": 0.5, "B": 0.5}, reps=reps
    ).replace(pa.Policy(default_phasing="equal"))


def sold(amount: float) -> pa.Actuals:
    """Return what alice and bruno sold of A in each month of the first quarter."""
    rows = [
        {"date": date(2027, month, 15), "rep": rep, "segment": "A", "amount": amount}
        for month in (1, 2, 3)
        for rep in ("alice", "bruno")
    ]
    return pa.Actuals(sales=rows)


def test_a_move_between_two_people_is_counted_once() -> None:
    """100 EUR that go from one rep to another are 100 EUR moved, and two people."""
    plan = pa.allocate(problem_of("alice", "bruno", "chloe"))
    change = pa.diff(plan, pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=100))
    assert (change.summary.moved, change.summary.people, change.summary.change) == (100, 2, 0)
    assert (change.gave, change.got, change.bystanders) == (("alice",), ("bruno",), ("chloe",))


def test_what_enters_is_moved_once() -> None:
    """A target that rises by 120 EUR moves 120 EUR, not 60 and not 240."""
    plan = pa.allocate(problem_of("alice", "bruno"))
    more = plan.problem.but(strategy=plan.problem.strategy.but(revenue=1320))
    change = pa.diff(plan, pa.allocate(more))
    assert (change.summary.moved, change.summary.change) == (120, 120)
    assert change.by_line["moved"].tolist() == [60, 60]
    assert [(one.about, one.before, one.after) for one in change.facts] == [("A", 600, 660), ("B", 600, 660)]


def test_people_who_come_and_go_are_in_it() -> None:
    """Plans of different reps are compared: who is in one only has nothing in the other."""
    change = pa.diff(pa.allocate(problem_of("alice", "bruno")), pa.allocate(problem_of("bruno", "chloe")))
    by_rep = {row["rep"]: (row["before"], row["after"]) for row in change.by_rep.to_dicts()}
    assert by_rep == {"alice": (600, 0), "chloe": (0, 600)}
    assert change.bystanders == ("bruno",)


def test_a_move_within_a_team_is_no_change_of_it() -> None:
    """By team, what two of its reps exchange is moved, and the team's number is what it was."""
    teams = pa.SalesForce(
        teams=[pa.Team(id="north"), pa.Team(id="south")],
        reps=[pa.Rep(id=one, team="south" if one == "chloe" else "north") for one in ("alice", "bruno", "chloe")],
    )
    plan = pa.allocate(problem_of("alice", "bruno", "chloe").replace(teams))
    change = pa.diff(plan, pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=90))
    rows = {row["team"]: (row["change"], row["moved"]) for row in change.by_team.to_dicts()}
    assert rows == {"north": (0, 90), "south": (0, 0)}


def test_accounts_that_change_hands_are_named() -> None:
    """An account with another owner is listed with both; one with the same owner is not."""
    problem = problem_of("alice", "bruno").add(
        pa.Account(id="acme", segment="A", owner="alice"), pa.Account(id="zest", segment="A", owner="bruno")
    )
    moved = problem.replace(pa.Account(id="acme", segment="A", owner="bruno"))
    change = pa.diff(pa.allocate(problem), pa.allocate(moved))
    assert change.accounts.to_dicts() == [
        {"account": "acme", "name": None, "segment": "A", "before": "alice", "after": "bruno"}
    ]
    assert change.summary.accounts == 1
    assert len(change.rep("alice").accounts) == len(change.rep("bruno").accounts) == 1


def test_a_limit_says_why_and_with_whom() -> None:
    """A limit that is new is a fact for the rep whom it names, with its reason, and for others on the same lines."""
    plan = pa.allocate(problem_of("alice", "bruno"))
    pin = pa.Pin(rep="alice", quota=500, reason="half a territory", agreed_with="alice")
    change = pa.diff(plan, pa.allocate(plan.problem.add(pin)))
    (own,) = change.rep("alice").own
    assert (own.kind, own.reason, own.agreed_with, own.reps) == ("limit", "half a territory", "alice", ("alice",))
    assert change.rep("bruno").own == ()
    (told,) = change.rep("bruno").indirect
    assert (told.about, told.before, told.after, told.reason) == ("somebody else", None, "there", "")


def test_who_is_not_touched_is_told_nothing() -> None:
    """The page of a rep whose numbers stay has no fact about others."""
    plan = pa.allocate(problem_of("alice", "bruno", "chloe"))
    page = pa.diff(plan, pa.transfer(plan, from_rep="alice", to_rep="bruno", amount=100)).rep("chloe")
    assert (page.change, len(page.quotas), page.own, page.indirect) == (0, 0, (), ())


def test_what_was_missed_is_why_a_revision_changes() -> None:
    """Of a revision, what was planned and what was sold since are told by rep and line, with the targets untouched."""
    plan = pa.allocate(problem_of("alice", "bruno", A=1.0))
    revised = pa.replan(plan, sold(40), as_of=date(2027, 3, 31))
    change = pa.diff(plan, revised)
    assert [(one.kind, one.about, one.before, one.after) for one in change.facts] == [("sold", "A", 300, 240)]
    page = change.rep("alice")
    assert page.sold.to_dicts() == [
        {"rep": "alice", "segment": "A", "product": None, "business": None, "before": 150, "after": 120, "change": -30}
    ]
    assert (page.before, page.change, page.by_line["before"].tolist()) == (600, 30, [600])
    assert len(pa.diff(revised, pa.replan(revised, sold(40), as_of=date(2027, 3, 31))).sold) == 0


def test_an_overlay_rep_sees_their_own_number() -> None:
    """The page of an overlay rep speaks of the second quota, which no total of the plan holds."""
    problem = problem_of("alice", "bruno").add(pa.Rep(id="olga", role="overlay", covers=["A"]))
    more = problem.but(strategy=problem.strategy.but(revenue=2400))
    change = pa.diff(pa.allocate(problem), pa.allocate(more))
    assert (change.rep("olga").before, change.rep("olga").after) == (600, 1200)
    assert change.others == ("olga",)
    assert change.summary.moved == 1200


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (problem_of("alice").but(calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 6, 30))), "the horizon"),
        (pa.PlanningProblem.simple(year=2027, revenue=1, currency="CHF", shares={"A": 1}, reps=["a"]), "the currency"),
    ],
)
def test_what_has_no_common_measure_is_refused(other: pa.PlanningProblem, said: str) -> None:
    """Plans of another horizon or currency are not compared."""
    with pytest.raises(pa.InputError, match=said):
        pa.diff(pa.allocate(problem_of("alice")), pa.allocate(other))


def test_an_unknown_rep_is_named() -> None:
    """Who is in neither plan has no page; the nearest name is suggested."""
    plan = pa.allocate(problem_of("alice"))
    with pytest.raises(pa.UnknownNameError) as caught:
        pa.diff(plan, plan).rep("alise")
    assert caught.value.candidates == ("alice",)


def test_nothing_is_no_difference() -> None:
    """A plan beside itself differs in nothing, and says so."""
    plan = pa.allocate(problem_of("alice", "bruno"))
    change = pa.diff(plan, plan)
    assert not change
    assert (change.people, change.facts, change.summary.moved) == ((), (), 0)
    assert "nothing changes" in str(change)


def test_screen_and_form_show_the_same_number() -> None:
    """Text, HTML and the page in both languages show the change in money."""
    plan = pa.allocate(problem_of("alice", "bruno"))
    pin = pa.Pin(rep="alice", quota=500, reason="<half> a territory", agreed_with="alice")
    change = pa.diff(plan, pa.allocate(plan.problem.add(pin)))
    page = change.rep("alice")
    assert "-100 EUR" in str(page)
    assert "-100 EUR" in page._repr_html_()
    assert "&lt;half&gt;" in page._repr_html_()
    assert "100 EUR moved" in str(change)
    assert "100 EUR moved" in change._repr_html_()
    assert "Now: **€500**" in page.to_markdown()
    assert "Désormais : **500 €**" in page.to_markdown("fr").replace("\u00a0", " ")
    assert "convenu avec alice" in page.to_markdown("fr")


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(companies(), companies())
def test_changes_add_up(one: pa.PlanningProblem, other: pa.PlanningProblem) -> None:
    """Of any two plans of a horizon, the changes sum to the difference of the totals, and back it is the opposite."""
    other = other.but(calendar=one.calendar, policy=one.policy)
    try:
        before, after = pa.allocate(one), pa.allocate(other)
    except pa.PlanallocError:  # another calendar has other grains, and limits may not fit: it is no plan
        return
    change, back = pa.diff(before, after), pa.diff(after, before)
    total = after.quotas.total("quota") - before.quotas.total("quota")
    assert change.quotas.total("change") == pytest.approx(total, abs=1e-6)
    assert change.summary.moved == back.summary.moved
    assert change.activities.total("change") == after.activities.total("count") - before.activities.total("count")
    assert (change.gave, change.got) == (back.got, back.gave)


def test_edits_and_limits_are_told_in_the_language_of_the_page() -> None:
    """On a French page no note of an edit and no label of a limit is in English."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=2400, currency="EUR", shares={"A": 1}, reps=["alice", "bruno"]
    ).add(pa.Team(id="north"))
    plan = pa.allocate(problem)
    edited = pa.move(plan, rep="bruno", from_period="2027-08", to_period="2027-Q4", amount=40)
    edited = pa.spread(
        pa.transfer(edited, from_rep="bruno", to_rep="alice", amount=120, reason="un départ"), rep="bruno"
    )
    held = pa.hold(edited, rep="bruno", agreed_with="bruno")
    text = pa.diff(plan, held).rep("bruno").to_markdown("fr").replace("\xa0", " ").replace("\u202f", " ")
    assert "Modification à la main, bruno : 120 € vers alice (un départ)" in text
    assert "Modification à la main, bruno, août 2027 : 40 € vers T4 2027" in text
    assert "répartis sur les périodes ouvertes" in text
    assert "Nouvelle limite, bruno : Objectif de 1 080 €, convenu avec bruno" in text
    assert not [one for one in ("went to", "by hand", "pin:", "quotas") if one in text]


def test_what_a_page_says_is_in_words() -> None:
    """Absences, a ramp and coverage are told in words, in English and French, and not as records of Python."""
    before = pa.allocate(problem_of("alice", "bruno"))
    alice = before.problem.rep("alice").but(
        absences=(pa.Absence(start=date(2027, 6, 1), end=date(2027, 6, 30), reason="leave"),),
        start=date(2027, 1, 1),
        ramp=pa.Ramp(months=[0.5, 0.75]),
        covers=("A", pa.Scope(segment="B", business="new")),
        accounts={"A": 20},
    )
    change = pa.diff(before, pa.allocate(before.problem.replace(alice)))
    page = change.rep("alice")
    for text in (str(change), str(page), page.to_markdown(), page.to_markdown("fr")):
        assert not [sign for sign in ("datetime", "Absence(", "months=", "Scope(", "()", "{'") if sign in text]
    assert "absent from 2027-06-01 to 2027-06-30 (leave)" in str(change)
    assert "50 %, 75 %" in str(change)
    assert "A; B / new" in str(change)
    assert "to June 30, 2027 (leave)" in page.to_markdown()
    assert "au 30 juin 2027 (leave)" in page.to_markdown("fr")


def test_why_somebody_is_away_is_not_for_colleagues() -> None:
    """The page of a colleague says that somebody is away and when, and not why; the whole difference says why."""
    before = pa.allocate(problem_of("alice", "bruno"))
    away = pa.Absence(start=date(2027, 6, 1), end=date(2027, 6, 30), reason="surgery")
    after = pa.allocate(before.problem.replace(before.problem.rep("alice").but(absences=(away,))))
    change = pa.diff(before, after)
    page = change.rep("bruno")
    assert "absent from 2027-06-01" in str(page)
    assert "surgery" in str(change)
    assert not [text for text in (str(page), page.to_markdown(), page.to_markdown("fr")) if "surgery" in text]


def test_a_page_gives_what_the_rep_sold_and_not_the_firm() -> None:
    """What is about the rep is their own: what all planned and sold on the line stands with what is about others."""
    plan = pa.allocate(problem_of("alice", "bruno"))
    page = pa.diff(plan, pa.replan(plan, sold(10), as_of=date(2027, 3, 31))).rep("alice")
    (own,) = [one for one in page.own if (one.kind, one.about) == ("sold", "A")]
    (firm,) = [one for one in page.indirect if (one.kind, one.about) == ("sold", "A")]
    assert (own.before, own.after) == (75, 30)
    assert (firm.before, firm.after) == (150, 60)
    assert "Planned and sold by you, A: €75 → €30" in page.to_markdown()
    assert "Planned and sold by all who are not on plan, A: €150 → €60" in page.to_markdown()
    assert "Prévu et vendu par vous, A" in page.to_markdown("fr")


def test_who_joins_is_told_that_they_join() -> None:
    """On the page of who is new, and on that of a colleague, it is said in words."""
    plan = pa.allocate(problem_of("alice", "bruno"))
    joins = pa.Join(rep=pa.Rep(id="kim", start=date(2027, 7, 1)))
    change = pa.diff(plan, pa.replan(plan, pa.Actuals(), as_of=date(2027, 3, 31), changes=[joins]))
    assert "You join" in change.rep("kim").to_markdown()
    assert "Vous rejoignez l'équipe" in change.rep("kim").to_markdown("fr")
    assert "kim joins" in change.rep("alice").to_markdown()
    assert "rep kim: new" in str(change)
    assert "none →" not in change.rep("kim").to_markdown()

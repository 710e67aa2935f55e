"""Rules of agendas: what a plan puts on them, and what stays open."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import planalloc as pa

TOPICS = ("gaps", "difficulties", "tools", "commitments")


def item(topic: Any = "gaps", text: str = "x", **fields: Any) -> pa.AgendaItem:
    """Return a point of an agenda."""
    return pa.AgendaItem(topic=topic, text=text, **fields)


def agenda(*items: pa.AgendaItem) -> pa.Agenda:
    """Return Alice's agenda for 1 March."""
    return pa.Agenda(rep="alice", date=date(2027, 3, 1), items=items)


ITEMS = st.lists(
    st.builds(item, st.sampled_from(TOPICS), st.sampled_from(["a", "b", "c"]), done=st.booleans()), max_size=8
)


@given(items=ITEMS)
@settings(max_examples=50, deadline=None)
def test_open_points_are_carried_over_and_no_others(items: list[pa.AgendaItem]) -> None:
    """The next agenda holds the open points in their order, unchanged; the one after that holds the same again."""
    first = agenda(*items)
    second = first.next(date(2027, 4, 1))
    assert second.items == tuple(one for one in first.items if not one.done)
    assert second.next(date(2027, 5, 3)).items == second.items


@given(items=ITEMS)
@settings(max_examples=50, deadline=None)
def test_points_are_ordered_by_topic(items: list[pa.AgendaItem]) -> None:
    """Gaps come first and commitments last, and within a topic the given order stays."""
    assert agenda(*items).items == tuple(one for topic in TOPICS for one in items if one.topic == topic)


def test_a_commitment_keeps_its_owner_and_its_day() -> None:
    """What is overdue is carried over as it was agreed: nobody moves the day."""
    late = item("commitments", owner="alice", due=date(2027, 3, 15))
    assert agenda(late).next("2027-04-01").items == (late,)


def test_an_agenda_reads_as_a_list() -> None:
    """Printed, it says whose and when it is, then a line for each point, with what is known of it."""
    points = item(text="Inns are late", done=True), item("commitments", "Call", owner="alice", due=date(2027, 3, 15))
    assert str(agenda(*points)) == (
        "alice, 2027-03-01\n  gaps: Inns are late (done)\n  commitments: Call (alice, by 2027-03-15)"
    )


@pytest.mark.parametrize("day", [date(2027, 3, 1), date(2027, 2, 28)])
def test_the_next_agenda_is_of_a_later_day(day: date) -> None:
    """The same day or an earlier one is refused."""
    with pytest.raises(pa.InputError, match="the next agenda is for"):
        agenda().next(day)


def test_a_day_is_a_date() -> None:
    """What is no date is refused, in an agenda, in the next one and in a point."""
    for wrong in (lambda: agenda().next("soon"), lambda: item(due="soon"), lambda: plan().rep("alice").agenda("soon")):
        with pytest.raises(ValidationError, match="must be a date"):
            wrong()


@cache
def plan() -> pa.Plan:
    """Return Alice's plan of 1,200 in A and 2,400 in B, of which each month brings as much; 12 calls a month in B."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=3_600, currency="EUR", shares={"A": 1 / 3, "B": 2 / 3}, reps=["alice"]
    )
    stage = pa.Stage(id="lead", conversion=1, activities={"call": 12})
    return pa.allocate(
        problem.replace(
            pa.Policy(default_phasing="equal"),
            problem.strategy.segments[1].but(name="Small ones"),
            pa.Rep(id="alice", absences=[pa.Absence(start=date(2027, 6, 1), end=date(2027, 6, 30))]),
        ).add(
            pa.Activity(id="call", hours=0.5, name="Phone call"),
            pa.Funnel(segment="B", deal_size=200, stages=[stage]),
            pa.ReviewRhythm(meet="month"),
        )
    )


def texts(day: str) -> list[str]:
    """Return what the plan puts on Alice's agenda of a day."""
    return [one.text for one in plan().rep("alice").agenda(day).items]


def test_a_plan_puts_what_is_due_on_the_agenda() -> None:
    """Quotas of the months that are over and calls since the last meeting, by segment; nothing about the rest."""
    quota = plan().rep("alice").quotas
    until = {name: quota.where(segment=name, period=["2027-01", "2027-02"]).total("quota") for name in "AB"}
    calls = plan().rep("alice").activities.where(period="2027-02").total("count")
    assert calls > 0
    assert texts("2027-03-01") == [
        f"A: quota to date {until['A']} EUR",
        f"Small ones: quota to date {until['B']} EUR",
        f"Small ones, Phone call: {calls} due since 2027-02-01",
    ]
    assert {one.topic for one in plan().rep("alice").agenda("2027-03-01").items} == {"gaps"}


def test_on_the_first_day_nothing_is_due() -> None:
    """The agenda of the first day is left empty."""
    assert texts("2027-01-01") == []


def test_each_call_is_on_one_agenda() -> None:
    """The agendas of all review points list, together, every activity scheduled before the last of them."""
    alice = plan().rep("alice")
    when = alice.review_points["date"]
    listed = [text for day in when for text in texts(str(day)) if "Phone" in text]
    schedule = alice.schedule("week")
    assert sum(int(text.split(": ")[1].split()[0]) for text in listed) == sum(
        schedule["count"][schedule["end"] < when[-1]]
    )


def test_a_month_of_the_plan_has_the_agenda_of_the_whole() -> None:
    """Quota to date counts the year so far, from whichever part of the plan it is asked."""
    assert plan().rep("alice").period("2027-03").agenda("2027-03-01") == plan().rep("alice").agenda("2027-03-01")


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2028, 1, 1)])
def test_an_agenda_is_for_a_day_of_the_plan(day: date) -> None:
    """A day before or after the horizon is refused."""
    with pytest.raises(pa.InputError, match="the plan runs from 2027-01-01 to 2027-12-31"):
        plan().rep("alice").agenda(day)


def test_an_overlay_rep_has_an_agenda() -> None:
    """What an overlay rep carries is due as well, without any activities."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=1_200, currency="EUR", shares={"A": 1}, reps=["alice"])
    problem = problem.replace(pa.Policy(default_phasing="equal")).add(pa.Rep(id="olga", role="overlay"))
    assert [one.text for one in pa.allocate(problem).rep("olga").agenda("2027-03-01").items] == [
        "A: quota to date 200 EUR"
    ]


def test_an_agenda_speaks_french() -> None:
    """Points and topics, numbers and days; an unknown language is refused."""
    french = plan().rep("alice").agenda("2027-03-01", locale="fr_CA")
    assert [one.text.split(" : ")[0] for one in french.items] == ["A", "Small ones", "Small ones, Phone call"]
    until = plan().rep("alice").quotas.where(segment="A", period=["2027-01", "2027-02"]).total("quota")
    assert french.items[0].text == f"A : objectif à ce jour {until} EUR"
    assert french.items[2].text.endswith(" à faire depuis le 01/02/2027")
    late = agenda(item("commitments", "Appeler", owner="alice", due=date(2027, 3, 15), done=True))
    assert late.to_text("fr") == "alice, 01/03/2027\n  engagements : Appeler (alice, pour le 15/03/2027, fait)"
    for wrong in (lambda: agenda().to_text("de"), lambda: plan().rep("alice").agenda("2027-03-01", locale="de")):
        with pytest.raises(pa.UnknownNameError, match="locale cannot be 'de'"):
            wrong()

"""Rules of what a form says of accounts and people: what for, when, what is known, and whom to meet."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest

import planalloc as pa
from planalloc.plan.forms.contents import form_of
from planalloc.plan.forms.page import Grid, Page, Passage, Section


@cache
def plan(attributes: int = 2, **changes: Any) -> pa.Plan:
    """Return alice's plan of 1,200 in hotels and inns; both have visits of a cadence, and calls of a funnel."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1_200, currency="EUR", shares={"hotels": 0.5, "inns": 0.5}, reps=["alice"]
    )
    more = {f"fact{number}": number for number in range(attributes - 2)}
    stages = [
        pa.Stage(id="talk", name="Talk", conversion=0.5, activities={"call": 10}),
        pa.Stage(id="offer", name="Offer", conversion=0.5, activities={"call": 5}),
    ]
    return pa.allocate(
        problem.replace(
            pa.Policy(default_phasing="equal"),
            pa.Playbook(
                activities=[pa.Activity(id="call", name="Call", hours=0.5), pa.Activity(id="visit", hours=1)],
                funnels=[pa.Funnel(deal_size=100, stages=stages)],
                cadences=[pa.Cadence(segment="hotels", activity="visit", per_account_per_year=24, feeds_funnel=False)],
                methods=[
                    pa.Method(stage="talk", roles=["buyer"]),
                    pa.Method(stage="offer", roles=["Director"]),
                    pa.Method(stage="offer", segment="inns", roles=["buyer"]),
                ],
            ),
        )
        .add(
            pa.Account(
                id="lac",
                name="Hotel du Lac",
                segment="hotels",
                owner="alice",
                potential=300,
                region="North",
                last_contact=date(2026, 11, 1),
                attributes={"industry": "leisure", "chain": True, **more},
            ),
            pa.Account(id="gare", segment="hotels", owner="alice", potential=100, attributes={"industry": "travel"}),
            pa.Contact(id="p1", account="lac", name="Dana", role="buyer"),
            pa.Contact(id="p2", account="lac", role="director"),
            pa.Contact(id="p3", account="lac", name="Marc", role="porter"),
        )
        .but(**changes)
    )


def section(heading: str, *, of: pa.Plan | None = None, period: str | None = None, locale: str = "en") -> Section:
    """Return a section of alice's form."""
    form = page(of=of, period=period, locale=locale)
    return next(one for one in form.sections if one.heading == heading)


def page(*, of: pa.Plan | None = None, period: str | None = None, locale: str = "en") -> Page:
    """Return alice's form."""
    alice = (of or plan()).rep("alice")
    return form_of(alice if period is None else alice.period(period), locale, on=None)[0]


def grid(of: Section) -> Grid:
    """Return the only grid of a section."""
    (found,) = (block for block in of.blocks if isinstance(block, Grid))
    return found


def column(of: Grid, heading: str) -> list[Any]:
    """Return the cells of a column."""
    place = [field.heading for field in of.fields].index(heading)
    return [row[place] for row in of.rows]


def said(of: Section) -> str:
    """Return the texts of a section."""
    return " ".join(block.text for block in of.blocks if isinstance(block, Passage))


def test_each_account_has_its_part_of_the_quota() -> None:
    """Quota by account is that of the plan's account quotas, exact, and what falls to no account is told."""
    accounts = section("Accounts")
    assert column(grid(accounts), "Quota") == [450, 150]
    assert said(accounts).endswith("Part of the quota without an account: €600.")


def test_where_no_potential_is_known_quotas_go_by_last_year() -> None:
    """A portfolio that says only what was bought spreads the number by that."""
    problem = plan().problem
    accounts = [
        one.but(potential=None, last_year=money)
        for one, money in zip(problem.portfolio.accounts, (100, 500), strict=True)
    ]
    spread = plan(portfolio=pa.Portfolio(accounts=accounts))
    shown = grid(section("Accounts", of=spread))
    assert dict(zip(column(shown, "Account"), column(shown, "Quota"), strict=True)) == {
        "gare": 100,
        "Hotel du Lac": 500,
    }


def test_a_month_says_that_account_quotas_are_of_the_whole_plan() -> None:
    """Account quotas speak of the horizon, whatever period the form is about."""
    assert column(grid(section("Accounts", period="2027-03")), "Quota of the whole plan") == [450, 150]


def test_a_month_has_the_visits_of_each_account_by_week() -> None:
    """A row for each account and activity, a column for each week as in the activities; sums are those of the plan."""
    shown = grid(section("Visits by week", period="2027-03"))
    weeks = plan().rep("alice").period("2027-03").visits("week")
    named = {row["week"]: row["count"] for row in weeks.where(account=["lac", "gare"]).by("week").to_dicts()}
    assert [row[:2] for row in shown.rows] == [("Hotel du Lac", "visit"), ("gare", "visit")]
    assert [row[-1] for row in shown.rows] == [2, 2]
    assert shown.totals is not None
    assert list(shown.totals[2:-1]) == [named.get(f"2027-W{week:02d}", 0) for week in range(9, 14)]
    assert shown.fields[2].heading == "Mar 1\u2009\u2013\u20097"


def test_a_plan_by_week_has_the_visits_of_a_week_by_activity() -> None:
    """One week is not cut into weeks."""
    weekly = plan(calendar=pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), grain="week"))
    table = weekly.rep("alice").visits()
    period = next(row["period"] for row in table.to_dicts() if row["account"] == "lac")
    shown = grid(section("Visits by activity", of=weekly, period=period))
    assert [field.heading for field in shown.fields] == ["Account", "Activity", "Total"]
    assert ("Hotel du Lac", "visit", 1) in shown.rows


@pytest.mark.parametrize("period", [None, "2027-03"])
def test_what_tells_visits_from_activities_is_said(period: str | None) -> None:
    """The activities of the form are those with an account and those without, and both numbers stand there."""
    alice = plan().rep("alice")
    part = alice if period is None else alice.period(period)
    every, named = part.activities.total("count"), part.visits().where(account=["lac", "gare"]).total("count")
    text = said(section("Visits by month" if period is None else "Visits by week", period=period))
    assert 0 < named < every
    assert text == (
        f"With a named account, and listed here: {named} of {every} activities. "
        f"Without a named account, as work of the funnel is: {every - named}."
    )


def test_where_every_activity_has_an_account_nothing_is_said() -> None:
    """Without funnel work, visits and activities are the same."""
    playbook = plan().problem.playbook.but(funnels=[], methods=[])
    assert said(section("Visits by month", of=plan(playbook=playbook))) == ""


def test_what_is_known_of_accounts_has_columns() -> None:
    """Region, last contact and attributes; truth is put in words, what is not known left empty."""
    shown = grid(section("About the accounts"))
    assert [field.heading for field in shown.fields] == ["Account", "Region", "Last contact", "chain", "industry"]
    assert shown.rows == (
        ("Hotel du Lac", "North", date(2026, 11, 1), "yes", "leisure"),
        ("gare", None, None, None, "travel"),
    )


def test_many_attributes_stand_in_one_column() -> None:
    """More than six are listed, each with its name."""
    shown = grid(section("About the accounts", of=plan(9)))
    assert [field.heading for field in shown.fields][-1] == "What is known"
    assert column(shown, "What is known")[0].startswith("chain: yes; fact0: 0; fact1: 1; ")
    assert column(shown, "What is known")[1] == "industry: travel"


def test_attributes_that_are_numbers_are_written_as_numbers() -> None:
    """Whole ones without decimals."""
    shown = grid(section("About the accounts", of=plan(3)))
    assert [field.kind for field in shown.fields if field.heading == "fact0"] == ["count"]


def test_contacts_say_for_which_stage_to_meet_them() -> None:
    """Name and role of each person, and the stages whose method, for that account's segment, names the role."""
    assert grid(section("Contacts")).rows == (
        ("Hotel du Lac", "Dana", "buyer", "Talk"),
        ("Hotel du Lac", "p2", "director", "Offer"),
        ("Hotel du Lac", "Marc", "porter", ""),
    )


def test_contacts_without_a_method_are_a_list_of_people() -> None:
    """No column stays empty for want of roles to meet."""
    bare = plan(playbook=plan().problem.playbook.but(methods=[]))
    assert [field.heading for field in grid(section("Contacts", of=bare)).fields] == ["Account", "Name", "Role"]
    assert said(section("Contacts", of=bare)) == ""


def test_a_company_without_accounts_has_none_of_it() -> None:
    """No portfolio, no sections about it."""
    sheets = {one.sheet for one in page(of=plan(portfolio=pa.Portfolio())).sections}
    assert sheets.isdisjoint({"accounts", "known", "contacts", "visits"})

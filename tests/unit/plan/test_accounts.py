"""A rep's number on a line, spread over named accounts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import planalloc as pa
from portfolios import account, cadence, company, forty, portfolios

LINE = ("rep", "segment", "product", "business")


def quotas(plan: pa.Plan, by: Any = "potential") -> dict[str | None, float]:
    """Return what each account stands for, all lines together."""
    found: Counter[str | None] = Counter()
    for row in plan.account_quotas(by).to_dicts():
        found[row["account"]] += row["quota"]
    return dict(found)


def test_a_number_is_spread_by_potential() -> None:
    """1,000 over potentials of 3, 2 and 1: 500, 333 and 167, by largest remainder."""
    plan = pa.allocate(company(account("a", 3), account("b", 2), account("c", 1)))
    assert quotas(plan) == {"a": 500, "b": 333, "c": 167}


def test_a_number_is_spread_by_last_year() -> None:
    """Last year's 1 and 3 make 250 and 750, whatever the potential."""
    plan = pa.allocate(company(account("a", 9, last_year=1), account("b", 1, last_year=3)))
    assert quotas(plan, "last_year") == {"a": 250, "b": 750}


def test_nothing_known_is_spread_evenly() -> None:
    """Three accounts without potential take 334, 333 and 333."""
    assert quotas(pa.allocate(company(account("a"), account("b"), account("c", 0)))) == {"a": 334, "b": 333, "c": 333}


def test_an_account_without_weight_beside_others_gets_nothing() -> None:
    """It keeps its row, with zero."""
    assert quotas(pa.allocate(company(account("a", 5), account("b")))) == {"a": 1_000, "b": 0}


def test_accounts_left_out_have_no_part() -> None:
    """Two of four accounts are worked, and these two share the number."""
    problem = company(*forty()[:4])
    assert quotas(pa.allocate(problem.replace(pa.Segment(id="A", coverage=0.5)))) == {"a00": 500, "a01": 500}


def test_a_number_without_accounts_keeps_its_row() -> None:
    """Bruno carries half and owns nothing: his 500 stand without an account."""
    reps = (pa.Rep(id="alice"), pa.Rep(id="bruno"))
    found = pa.allocate(company(account("a", 5), reps=reps)).account_quotas().where(account=None)
    assert found.to_dicts() == [
        {"rep": "bruno", "segment": "A", "product": None, "business": None, "account": None, "quota": 500}
    ]


def test_lines_of_one_business_go_to_its_accounts() -> None:
    """600 of new business to the prospect and 400 of existing to the customer; who does not say takes part in both."""
    problem = company(account("old", 1, business="existing"), account("new", 1, business="new"), account("open", 1))
    targets = [
        pa.Target(segment="A", business="new", share=0.6),
        pa.Target(segment="A", business="existing", share=0.4),
    ]
    plan = pa.allocate(problem.but(strategy=problem.strategy.but(targets=targets)))
    assert quotas(plan) == {"new": 300, "old": 200, "open": 500}


def test_quotas_in_cents_are_exact() -> None:
    """100.01 over three accounts alike, in cents: 33.34, 33.34 and 33.33."""
    problem = company(account("a", 1), account("b", 1), account("c", 1), revenue=100.01, round_to=0.01)
    table = pa.allocate(problem).account_quotas()
    assert table["quota"].tolist() == [33.34, 33.34, 33.33]
    assert table.total("quota") == 100.01


def test_quotas_in_hundreds_are_multiples() -> None:
    """1,000 over three accounts in hundreds: 400, 300 and 300."""
    plan = pa.allocate(company(account("a", 1), account("b", 1), account("c", 1), round_to=100))
    assert quotas(plan) == {"a": 400, "b": 300, "c": 300}


def test_an_unknown_way_to_spread_is_refused() -> None:
    """Numbers go by potential or by last year."""
    with pytest.raises(pa.UnknownNameError, match="by cannot be 'size'"):
        pa.allocate(company(account("a"))).account_quotas("size")  # type: ignore[arg-type]


def test_a_cadence_is_not_needed() -> None:
    """Where no cadence speaks of accounts, nobody is left out."""
    assert quotas(pa.allocate(company(account("a", 1), account("b", 1), cadences=()))) == {"a": 500, "b": 500}


@settings(max_examples=50, deadline=None)
@given(problem=portfolios())
def test_accounts_add_up_to_every_number(problem: pa.PlanningProblem) -> None:
    """By rep and line, the parts of accounts and what has none add up to the quota of the horizon, to the unit."""
    plan = pa.allocate(problem)
    whole = {tuple(row[key] for key in LINE): row["quota"] for row in plan.quotas.by(*LINE).to_dicts()}
    for by in ("potential", "last_year"):
        found: Counter[Any] = Counter()
        for row in plan.account_quotas(by).to_dicts():
            found[tuple(row[key] for key in LINE)] += row["quota"]
        assert {key: found[key] for key in whole} == whole


def test_names_and_numbers_of_accounts_are_shown() -> None:
    """A row has the name where there is one, the business, and money as it was given."""
    plan = pa.allocate(company(account("a", 5, name="Hotel du Lac", business="existing", last_year=2), account("b")))
    table = plan.accounts
    assert table["name"].tolist() == ["Hotel du Lac", "b"]
    assert table["business"].tolist() == ["existing", None]
    assert table["potential"][0] == 5
    assert np.isnan(table["potential"][1])
    assert table["visits_wanted"].tolist() == [11, 11]


def test_visits_that_come_less_than_once_a_year_are_named() -> None:
    """One meeting every two years for three accounts is two this year, for the best ones; the third is not due."""
    plan = pa.allocate(company(*forty()[:3], cadences=(cadence("meeting", 0.5),)))
    assert plan.accounts["visits_planned"].tolist() == [1, 1, 0]
    assert plan.accounts["status"].tolist() == ["worked", "worked", "not due"]


def test_parts_have_their_own_accounts_and_quotas() -> None:
    """Each rep sees what is theirs."""
    reps = (pa.Rep(id="alice"), pa.Rep(id="bruno"))
    plan = pa.allocate(company(account("a", 1), account("b", 1, owner="bruno"), reps=reps))
    assert plan.rep("bruno").accounts["account"].tolist() == ["b"]
    assert plan.rep("bruno").account_quotas()["account"].tolist() == ["b"]


def test_a_period_has_its_own_number_spread() -> None:
    """A month's 100 or so, and a quarter's three of these, over the accounts of the rep, exact to the unit."""
    reps = (pa.Rep(id="alice"), pa.Rep(id="bruno"))
    plan = pa.allocate(company(account("a", 3), account("b", 1), reps=reps, revenue=1_001))
    for part in (plan.rep("alice"), plan.rep("bruno")):
        for period in ("2027-03", "2027-Q2"):
            assert part.period(period).account_quotas().total("quota") == part.period(period).quota
    march = plan.rep("alice").period("2027-03")
    whole = dict(zip(*(march.account_quotas()[one] for one in ("account", "quota")), strict=True))
    assert abs(whole["a"] - march.quota * 0.75) < 1


def test_periods_of_an_account_add_up_to_its_year_but_for_parts_of_a_unit() -> None:
    """Twelve months, each less than a unit off: less than twelve in all."""
    plan = pa.allocate(company(account("a", 5), account("b", 2), account("c", 2), revenue=10_007))
    alice, months = plan.rep("alice"), [f"2027-{month:02d}" for month in range(1, 13)]
    year = quotas(plan)
    for name, number in year.items():
        parts = [alice.period(one).account_quotas().where(account=name).total("quota") for one in months]
        assert abs(sum(parts) - number) < 12


def test_an_overlay_rep_has_no_accounts_in_any_period() -> None:
    """Somebody who carries a second quota owns nobody, whatever the period."""
    plan = pa.allocate(company(account("a", 5)).add(pa.Rep(id="zoe", role="overlay", covers=["A"])))
    assert len(plan.rep("zoe").account_quotas()) == len(plan.rep("zoe").period("2027-03").account_quotas()) == 0


def test_groups_count_their_accounts() -> None:
    """Half of four accounts are worked: two by each status."""
    plan = pa.allocate(company(*forty()[:4]).replace(pa.Segment(id="A", coverage=0.5)))
    by_status = plan.accounts.by("status")
    assert dict(zip(by_status["status"], by_status["accounts"], strict=True)) == {"worked": 2, "left out": 2}

"""F-17: accounts are ranked by a stated score, in lists of a rep and a segment."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.model.playbook import Targeting
from planalloc.plan.targeting import account_list, target_scores
from portfolios import account, company, portfolios

HALF = Targeting(potential=0.5, gap=0.3, recency=0.2)


def scores(*accounts: pa.Account, targeting: Targeting = HALF) -> dict[str, float]:
    """Return the score of each account of a company."""
    problem = company(*accounts)
    listed = account_list(problem.but(playbook=problem.playbook.but(targeting=targeting)).canonical())
    return dict(zip([listed.ids[i] for i in listed.account], listed.score.tolist(), strict=True))


def ranked(*accounts: pa.Account, **options: Any) -> list[str]:
    """Return the accounts of a company in the order of the list."""
    problem = company(*accounts, **options)
    listed = account_list(problem.canonical())
    return [listed.ids[i] for i in listed.account]


def test_the_parts_of_a_score_add_up() -> None:
    """Half the potential, 40 of a gap of 60 at most, 30 of 90 days: 0.5 / 2 + 0.3 x 2 / 3 + 0.2 / 3."""
    found = scores(
        account("best", 100, last_year=40, last_contact=date(2026, 10, 3)),
        account("half", 50, last_year=10, last_contact=date(2026, 12, 2)),
    )
    assert found["best"] == pytest.approx(1.0)
    assert found["half"] == pytest.approx(0.25 + 0.2 + 0.2 / 3)


def test_never_contacted_counts_like_the_longest_ago() -> None:
    """An account that nobody ever spoke with has the whole part of recency, one contacted after the start none."""
    found = scores(account("never"), account("later", last_contact=date(2027, 1, 5)))
    assert found == {"never": 0.2, "later": 0.0}


def test_what_is_not_known_adds_nothing() -> None:
    """Without potential there is no gap either, and the weight of recency stays 0.2."""
    found = scores(account("known", 10, last_year=0), account("unknown", last_year=5, business="existing"))
    assert found["unknown"] == 0.2


def test_a_customer_without_last_year_has_no_gap_and_a_prospect_has_its_whole_potential() -> None:
    """A prospect bought nothing last year, whether or not somebody wrote that down."""
    found = scores(account("customer", 10, business="existing"), account("prospect", 10, business="new"))
    assert found == {"customer": 0.7, "prospect": 1.0}


def test_selling_more_than_the_potential_is_no_gap() -> None:
    """A gap is never below zero."""
    assert scores(account("over", 10, last_year=25), account("other", 10, last_year=5))["over"] == 0.7


def test_accounts_compare_within_their_segment() -> None:
    """The largest of each segment has the whole part, however small it is in another."""
    found = target_scores(
        np.array([1_000.0, 10.0]), np.array([0.0, 0.0]), np.array([0.0, 0.0]), groups=np.array([0, 1]), targeting=HALF
    )
    assert found.tolist() == [0.8, 0.8]


def test_weights_are_the_playbooks() -> None:
    """Where only recency counts, who was not seen for longest comes first."""
    accounts = (account("rich", 100, last_contact=date(2026, 12, 1)), account("old", 1, last_contact=date(2025, 12, 1)))
    assert scores(*accounts, targeting=Targeting(potential=0, gap=0, recency=1))["old"] == 1.0


def test_equal_scores_come_in_the_order_of_ids() -> None:
    """Three accounts that are alike: by id."""
    assert ranked(account("c", 5), account("a", 5), account("b", 5)) == ["a", "b", "c"]


def test_nobodys_accounts_come_last_and_are_ranked() -> None:
    """Lists of reps first, then those without a segment, then those without an owner, each with ranks of its own."""
    found = pa.allocate(
        company(account("free", 9, owner=None), account("mine", 1), account("top", 99, owner=None))
    ).accounts
    assert found["account"].tolist() == ["mine", "top", "free"]
    assert found["rank"].tolist() == [1, 1, 2]
    assert found["rep"].tolist() == ["alice", None, None]
    assert found["status"].tolist() == ["worked", "not planned", "not planned"]


@settings(max_examples=50, deadline=None)
@given(problem=portfolios(), seed=st.randoms(use_true_random=False))
def test_the_order_of_input_is_irrelevant(problem: pa.PlanningProblem, seed: Any) -> None:
    """Accounts in any order give the same lists."""
    shuffled = list(problem.portfolio.accounts)
    seed.shuffle(shuffled)
    one, other = (
        account_list(each.canonical())
        for each in (problem, problem.but(portfolio=problem.portfolio.but(accounts=shuffled)))
    )
    assert one.ids == other.ids
    assert np.array_equal(one.account, other.account)
    assert np.array_equal(one.score, other.score)


@settings(max_examples=50, deadline=None)
@given(problem=portfolios())
def test_ranks_count_down_the_scores_of_each_list(problem: pa.PlanningProblem) -> None:
    """In each list, ranks are 1, 2, 3, ... and scores never rise."""
    listed = account_list(problem.canonical())
    for number in np.unique(listed.list_number):
        inside = listed.list_number == number
        assert listed.rank[inside].tolist() == list(range(1, int(inside.sum()) + 1))
        assert (np.diff(listed.score[inside]) <= 0).all()

"""What an account is, what segment and rep it belongs to, and how accounts are counted."""

from __future__ import annotations

import pickle
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import planalloc as pa
from planalloc.model.portfolio import UNKNOWN

if TYPE_CHECKING:
    from random import Random

NORTH = pa.Condition(field="region", equals="north")
RICH = pa.Condition(field="potential", at_least=50)
SEGMENTS = (pa.Segment(id="A", criteria=NORTH), pa.Segment(id="B", criteria=RICH), pa.Segment(id="C"))
"""A is the north, B are the rich, and C those that say so themselves."""


def portfolio(*accounts: dict[str, Any]) -> pa.Portfolio:
    """Make accounts a0, a1, ..."""
    return pa.Portfolio(accounts=[pa.Account(id=f"a{i}", **fields) for i, fields in enumerate(accounts)])


def test_an_account_is_in_the_segment_whose_criteria_it_meets() -> None:
    """One segment by criteria is its segment; none or several are none, and told apart."""
    found = portfolio({"region": "north"}, {"potential": 50}, {}, {"region": "north", "potential": 60}).segment_of(
        SEGMENTS
    )
    assert found.segment.tolist() == [0, 1, -1, -1]
    assert found.nowhere.tolist() == [False, False, True, False]
    assert found.several.tolist() == [False, False, False, True]
    assert not found.contradicts.any()


def test_the_segment_that_an_account_names_wins() -> None:
    """Criteria do not move an account that names its segment; where they disagree, it is told."""
    found = portfolio(
        {"segment": "A", "region": "north"},
        {"segment": "C", "region": "north"},
        {"segment": "A"},
        {"segment": "A", "region": "north", "potential": 60},
        {"segment": "C"},
    ).segment_of(SEGMENTS)
    assert found.segment.tolist() == [0, 2, 0, 0, 2]
    assert found.contradicts.tolist() == [False, True, True, True, False]
    assert not found.several.any()
    assert not found.nowhere.any()


def test_a_segment_that_nobody_defined_is_no_segment() -> None:
    """What an account names and nobody defined is neither nothing nor a segment."""
    found = portfolio({"segment": "a"}).segment_of(SEGMENTS[:1])
    assert found.given.tolist() == [UNKNOWN]
    assert found.segment.tolist() == [-1]
    assert not (found.nowhere | found.several | found.contradicts).any()


def test_accounts_are_counted_by_owner_segment_and_business() -> None:
    """Accounts of nobody, and those in no segment, count nowhere."""
    counts = portfolio(
        {"segment": "A", "owner": "alice", "business": "new"},
        {"segment": "A", "owner": "alice", "business": "existing"},
        {"segment": "A", "owner": "alice", "business": "existing"},
        {"segment": "B", "owner": "bruno"},
        {"segment": "B"},
        {"owner": "bruno"},
        {"segment": "B", "owner": "zoe"},
    ).counts(SEGMENTS, [pa.Rep(id="alice"), pa.Rep(id="bruno")])
    assert counts.tolist() == [[[0, 1, 2], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [1, 0, 0], [0, 0, 0]]]


def test_a_column_keeps_true_and_one_apart() -> None:
    """Values that Python calls equal, and people do not, are two values."""
    found = portfolio({"attributes": {"x": True}}, {"attributes": {"x": 1}}, {"attributes": {"x": True}}).column("x")
    assert (found.values, found.codes.tolist()) == ((True, 1.0), [0, 1, 0])
    assert isinstance(found.values[0], bool)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "x" * 10_000_000}, "has 10,000,000 characters"),
        ({"region": "x" * 201}, "has 201 characters"),
        ({"attributes": {"note": "x" * 10_000_000}}, "has 10,000,000 characters"),
        ({"attributes": {"x" * 10_000_000: 1}}, "has 10,000,000 characters"),
        ({"attributes": {"region": "north"}}, "a field of its own"),
        ({"attributes": {"rooms": None}}, "what is not known is left out"),
        ({"attributes": {"rooms": float("nan")}}, "must be finite"),
        ({"attributes": {"opened": date(2020, 1, 1)}}, "a date is text"),
        ({"potential": -1}, "money is not negative here"),
        ({"business": "prospect"}, "must be 'new' or 'existing'"),
        ({"last_contact": "yesterday"}, "must be a date"),
        ({"ownr": "alice"}, "Did you mean 'owner'?"),
    ],
)
def test_accounts_that_are_refused(fields: dict[str, Any], said: str) -> None:
    """A wrong value is refused where the account is made, with what to do and without showing all of it."""
    with pytest.raises(ValidationError) as error:
        pa.Account(id="a1", **fields)
    assert said in str(error.value)
    assert len(str(error.value)) < 1_000


def test_attributes_keep_their_kind() -> None:
    """Text stays text, numbers become floats, and what numpy calls a bool is one."""
    held = pa.Account(id="a1", attributes={"zip": "01234", "rooms": np.int64(80), "chain": np.bool_(True)}).attributes
    assert dict(held) == {"chain": True, "rooms": 80.0, "zip": "01234"}
    assert [type(value) for value in held.values()] == [bool, float, str]


def test_the_order_of_attributes_plays_no_part() -> None:
    """Two accounts that hold the same are the same, and are stored as the same text."""
    one, other = (pa.Account(id="a1", attributes=dict(pairs)) for pairs in ([("x", 1), ("y", 2)], [("y", 2), ("x", 1)]))
    assert one == other
    assert one.model_dump_json() == other.model_dump_json()


def test_a_portfolio_is_hashable_and_pickles() -> None:
    """Equal portfolios have equal hashes, also after a pickle."""
    one = portfolio({"attributes": {"x": True}}, {"owner": "alice"})
    again = pickle.loads(pickle.dumps(one))  # noqa: S301 -- our own bytes
    assert again == one
    assert hash(again) == hash(one)


PROBLEM = pa.PlanningProblem.simple(
    year=2027, revenue=1_000, currency="EUR", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"]
)


def counted(*accounts: dict[str, Any], **rep: Any) -> dict[str, Any]:
    """Return what Alice has where the portfolio has been counted."""
    problem = PROBLEM.replace(portfolio(*accounts), pa.Rep(id="alice", **rep))
    return dict(problem.counted().rep("alice").accounts)


def test_counts_stand_in_the_place_of_the_reps_own() -> None:
    """A segment in which a rep owns nothing is not there; one in which all say their business is split by it."""
    a = {"segment": "A", "owner": "alice"}
    assert counted(a, a, {"segment": "B", "owner": "bruno"}) == {"A": 2}
    assert counted({**a, "business": "new"}, {**a, "business": "new"}) == {"A": {"new": 2, "existing": 0}}
    assert counted({**a, "business": "new"}, a) == {"A": 2}


def test_a_split_of_the_reps_own_stays_where_accounts_do_not_say() -> None:
    """Where the accounts do not say which business they are and the rep does, the rep is asked."""
    a = {"segment": "A", "owner": "alice"}
    assert counted(a, a, accounts={"A": {"new": 1, "existing": 1}}) == {"A": {"new": 1, "existing": 1}}
    assert counted(a, a, accounts={"A": 2}) == {"A": 2}


def test_without_a_portfolio_nothing_is_counted() -> None:
    """A problem without accounts is its own counted problem."""
    assert PROBLEM.counted() is PROBLEM


def test_accounts_are_added_replaced_and_dropped() -> None:
    """Accounts and contacts have a place in a problem like other records, and a portfolio replaces the whole."""
    account, contact = pa.Account(id="a1", segment="A"), pa.Contact(id="p1", account="a1", role="buyer")
    problem = PROBLEM.add(account, contact).replace(account.but(owner="alice"))
    assert problem.portfolio == pa.Portfolio(accounts=[account.but(owner="alice")], contacts=[contact])
    assert problem.drop(account="a1", contact="p1") == PROBLEM
    assert PROBLEM.replace(problem.portfolio) == problem
    with pytest.raises(pa.UnknownNameError, match="Did you mean 'a1'"):
        problem.drop(account="a1x")


ACCOUNTS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.builds(
        dict,
        segment=st.sampled_from([None, "A", "B"]),
        owner=st.sampled_from([None, "alice", "bruno"]),
        region=st.sampled_from([None, "north", "south"]),
        potential=st.sampled_from([None, 10, 60]),
        business=st.sampled_from([None, "new", "existing"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=50, deadline=None)
@given(accounts=ACCOUNTS)
def test_every_account_is_counted_once_or_told(accounts: list[dict[str, Any]]) -> None:
    """Accounts counted, of nobody, in no segment and in several are all accounts, none of them twice."""
    held = portfolio(*accounts)
    found = held.segment_of(SEGMENTS)
    nobody = np.array([one["owner"] is None for one in accounts])
    left = nobody | found.nowhere | found.several
    counts = held.counts(SEGMENTS, [pa.Rep(id="alice"), pa.Rep(id="bruno")])
    assert counts.sum() + left.sum() == len(accounts)
    assert not (found.nowhere & found.several).any()


@settings(max_examples=50, deadline=None)
@given(accounts=ACCOUNTS, chance=st.randoms())
def test_the_order_of_accounts_plays_no_part(accounts: list[dict[str, Any]], chance: Random) -> None:
    """In canonical order a problem is the same whatever order its accounts were given in; once in order, it is kept."""
    held = portfolio(*accounts)
    mixed = chance.sample(held.accounts, len(held.accounts))
    problem = PROBLEM.replace(held).canonical()
    assert PROBLEM.replace(pa.Portfolio(accounts=mixed)).canonical() == problem
    assert problem.canonical().portfolio is problem.portfolio

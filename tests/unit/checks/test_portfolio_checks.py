"""One rule of the checks of accounts per test."""

from __future__ import annotations

from typing import Any

import pytest

import planalloc as pa

TWO_REPS = pa.PlanningProblem.simple(
    year=2027, revenue=1_000, currency="EUR", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"]
)
NORTH = pa.Segment(id="A", criteria=pa.Condition(field="region", equals="north"))
RICH = pa.Segment(id="B", criteria=pa.Condition(field="potential", at_least=50))


def account(number: int = 1, **fields: Any) -> pa.Account:
    """Make an account of Alice in A, unless said otherwise."""
    return pa.Account(id=f"a{number}", **{"segment": "A", "owner": "alice", **fields})


def problem(*accounts: pa.Account, contacts: tuple[pa.Contact, ...] = ()) -> pa.PlanningProblem:
    """Give the two reps accounts."""
    return TWO_REPS.replace(pa.Portfolio(accounts=accounts, contacts=contacts))


def found(asked: pa.PlanningProblem) -> list[tuple[str, str, str]]:
    """Return code, level and path of all findings."""
    return [(one.code, one.level, one.path) for one in pa.check(asked)]


def said(asked: pa.PlanningProblem) -> str:
    """Return the one finding as text."""
    (one,) = pa.check(asked)
    return str(one)


def test_accounts_in_order_give_no_finding() -> None:
    """A portfolio in which every account has a segment and an owner is fine."""
    assert found(problem(account(1), account(2, segment="B", owner="bruno"))) == []


@pytest.mark.parametrize(("field", "known"), [("owner", "a rep"), ("segment", "a segment"), ("team", "a team")])
def test_what_an_account_names_exists(field: str, known: str) -> None:
    """A rep, a segment or a team that nobody defined is refused at the account that names it first."""
    text = said(problem(account(2, **{field: "alicia"}), account(3, **{field: "alicia"})))
    assert text.startswith(
        f"portfolio.accounts[a2].{field}: 'alicia' is unknown; must be the id of {known} (2 name it)"
    )


def test_the_nearest_name_is_offered() -> None:
    """An unknown owner is answered with the rep that was probably meant."""
    with pytest.raises(pa.UnknownNameError) as error:
        pa.allocate(problem(account(owner="alise")))
    assert (error.value.name, error.value.candidates) == ("alise", ("alice",))


def test_a_contact_works_at_a_known_account() -> None:
    """A contact of an account that is not there is refused."""
    dana = pa.Contact(id="p1", account="a11", role="buyer")
    assert "portfolio.contacts[p1].account: 'a11' is unknown; must be the id of an account. Did you mean 'a1'?" in said(
        problem(account(), contacts=(dana,))
    )


@pytest.mark.parametrize("field", ["owner", "segment", "team"])
def test_a_wrong_column_is_a_few_findings(field: str) -> None:
    """Where a thousand accounts name what is not there, five are told and the others counted."""
    asked = problem(*(account(number, **{field: f"x{number}"}) for number in range(1_000)))
    findings = pa.check(asked)
    assert len(findings) == 6
    assert str(findings[-1]).startswith("portfolio.accounts: 995 more names are unknown")


def test_the_same_account_twice_is_refused() -> None:
    """An id names one account; two owners of it are told as such."""
    assert "'a1' stands 2 times; an id names one record" in said(problem(account(), account()))
    text = said(problem(account(), account(owner="bruno")))
    assert "'a1' stands 2 times, with two owners: alice, bruno" in text
    many = [account(number) for number in range(20)]
    assert len(pa.check(problem(*many, *many))) == 6


def test_a_condition_speaks_of_a_known_field() -> None:
    """A field that accounts do not have, and no attribute of any, is refused with the nearest."""
    asked = problem(account(segment=None, attributes={"rooms": 80}))
    for wrong, near in (("romms", "rooms"), ("potentail", "potential")):
        odd = pa.Segment(id="A", criteria=pa.Condition(field=wrong, at_least=1))
        assert f"strategy.segments[A].criteria: '{wrong}' is unknown" in said(asked.replace(odd))
        assert f"Did you mean '{near}'?" in said(asked.replace(odd))


@pytest.mark.parametrize(
    ("value", "asked", "words"),
    [
        ("many", {"at_least": 50}, "'rooms' is compared with a number and is text in 1 account, a2 first: 'many'"),
        (True, {"at_most": 50}, "'rooms' is compared with a number and is yes or no in 1 account, a2 first: True"),
        (80, {"at_least": "2027-01-01"}, "'rooms' is compared with a day and is a number in 2 accounts"),
        (80, {"equals": "80"}, "'80' is text, and 'rooms' holds a number"),
        (80, {"one_of": [80, True]}, "True is yes or no, and 'rooms' holds a number"),
    ],
)
def test_a_condition_compares_what_is_of_one_kind(value: Any, asked: dict[str, Any], words: str) -> None:
    """Text against a number is an error of the inputs that says what to do, and no crash."""
    odd = pa.Segment(id="A", criteria=pa.Condition(field="rooms", **asked))
    accounts = [account(number, attributes={"rooms": one}) for number, one in ((1, 80), (2, value))]
    first = pa.check(problem(*accounts).replace(odd))[0]
    assert (first.code, first.level) == ("not-comparable", "error")
    assert words in str(first)


def test_an_account_in_several_segments_is_refused() -> None:
    """How many they are, and the first five by name with their segments."""
    both = [account(number, segment=None, name=f"Inn {number}", region="north", potential=60) for number in range(7)]
    text = said(problem(*both).replace(NORTH, RICH))
    assert "7 accounts in several segments at once by their criteria: a0 (Inn 0): A and B, a1 (Inn 1): A and B" in text
    assert "and 2 more" in text
    assert found(problem(*both).replace(NORTH, RICH)) == [
        ("account-in-several-segments", "error", "portfolio.accounts")
    ]


def test_an_account_in_no_segment_is_told() -> None:
    """It is planned nowhere, which is a warning."""
    asked = problem(account(1, segment=None, region="south"), account(2)).replace(NORTH)
    assert ("account-in-no-segment", "warning", "portfolio.accounts") in found(asked)
    assert "1 account in no segment, planned nowhere: a1" in str(pa.check(asked))


def test_a_segment_against_criteria_is_told() -> None:
    """The segment that an account names holds, and where criteria say otherwise it is a warning."""
    asked = problem(account(1, region="north"), account(2, segment="B", region="north", potential=60)).replace(
        NORTH, RICH
    )
    assert found(asked) == [("segment-against-criteria", "warning", "portfolio.accounts")]
    assert "a2: B, by criteria A and B" in said(asked)


def test_an_account_of_nobody_is_told() -> None:
    """Without an owner an account is in nobody's plan."""
    assert "2 accounts without owner, in nobody's plan: a1, a2" in said(
        problem(account(1, owner=None), account(2, owner=None), account(3))
    )


def test_an_account_of_an_overlay_rep_is_told() -> None:
    """Overlay reps have no hours to work accounts."""
    asked = problem(account(owner="zoe")).add(pa.Rep(id="zoe", role="overlay"))
    assert found(asked) == [("account-of-overlay", "warning", "portfolio.accounts")]


def test_an_owner_covers_the_segment() -> None:
    """An account in a segment that its owner may not sell in is refused; the reps beyond five are counted."""
    asked = problem(account(1), account(2)).replace(pa.Rep(id="alice", covers=["B"]))
    assert found(asked) == [("accounts-not-covered", "error", "sales_force.reps[alice].covers")]
    assert "2 accounts in 'A', a segment that alice does not cover: a1, a2" in said(asked)
    others = [pa.Rep(id=f"r{i}", covers=["B"]) for i in range(8)]
    many = problem(*(account(i, owner=f"r{i}") for i in range(8))).add(*others)
    assert len(pa.check(many)) == 6


def test_counts_that_disagree_are_refused() -> None:
    """A rep's own number must be what the portfolio counts, split by business where both split it."""
    one = account(business="new")
    for own in ({"A": 1}, {"A": {"new": 1}}, {"A": {"new": 1, "existing": 0}}, {"A": 1, "B": 0}):
        assert found(problem(one).replace(pa.Rep(id="alice", accounts=own))) == []
    for own, words in (
        ({"A": 20}, "A: 20 is said of alice, and 1 are counted in the portfolio"),
        ({"B": 3}, "B: 3 is said of alice, and 0 are counted"),
        ({"A": {"existing": 1, "new": 1}}, "A, existing: 1 is said of alice, and 0 are counted"),
    ):
        text = said(problem(one).replace(pa.Rep(id="alice", accounts=own)))
        assert text.startswith("sales_force.reps[alice].accounts: ")
        assert words in text


def test_a_split_is_held_against_what_is_known() -> None:
    """Accounts whose business is not known may be either, but those that say theirs are counted against the rep's."""
    asked = problem(account(1, business="new"), account(2, business="new"), account(3))
    for own, words in (
        ({"A": {"new": 2, "existing": 1}}, None),
        ({"A": {"new": 3}}, None),
        ({"A": {"new": 1, "existing": 2}}, "A, new: 1 is said of alice, and 2 are counted"),
        ({"A": {"new": 4}}, "A: 4 is said of alice, and 3 are counted"),
    ):
        told = asked.replace(pa.Rep(id="alice", accounts=own))
        assert words is None or words in said(told)
        assert (words is None) == (not pa.check(told))


def test_business_is_said_where_a_cadence_asks() -> None:
    """A cadence for prospects alone needs to know who is one; the accounts that do not say are refused together."""
    call = pa.Activity(id="call", hours=1)
    funnel = pa.Funnel(deal_size=100, stages=[pa.Stage(id="offer", conversion=0.5)])
    prospects = pa.Cadence(segment="A", activity="call", per_account_per_year=4, business="new")
    silent = problem(account(1), account(2), account(3, business="new")).add(call, funnel, prospects)
    assert found(silent) == [("accounts-not-split", "error", "portfolio.accounts")]
    assert "2 accounts in 'A' without business" in said(silent)
    split = silent.replace(pa.Rep(id="alice", accounts={"A": {"new": 2, "existing": 1}}))
    assert found(split) == []
    told = silent.replace(account(1, business="new"), account(2, business="existing"))
    assert found(told.replace(pa.Rep(id="alice", accounts={"A": 3}))) == []


def test_long_names_are_cut() -> None:
    """A finding shows the beginning of a name, and no finding is a page long."""
    text = said(problem(*(account(number, name="x" * 200, owner=None) for number in range(50))))
    assert "and 45 more" in text
    assert len(text) < 600


CALLS = pa.Cadence(segment="A", activity="appel", per_account_per_year=8)
CALLED = problem(account(1)).add(
    pa.Activity(id="appel", hours=0.5), CALLS, pa.Funnel(deal_size=10, stages=[pa.Stage(id="offer", conversion=0.5)])
)
"""One account of Alice, with calls."""


@pytest.mark.parametrize(
    "asked",
    [
        CALLED.replace(account(1, owner="alise")),
        CALLED.replace(pa.Segment(id="A", criteria=pa.Condition(field="regoin", equals="north"))),
        CALLED.add(pa.ReviewRhythm(seniority="junoir")),
        CALLED.replace(account(1, segment=None, potential=60, region="north"), NORTH, RICH),
        CALLED.drop(account="a1").replace(pa.Rep(id="alice", accounts={"a": 4})),
    ],
)
def test_what_follows_from_an_error_is_not_told(asked: pa.PlanningProblem) -> None:
    """While accounts cannot be counted, nothing is said of cadences that would meet none: one mistake, one finding."""
    assert [one.level for one in pa.check(asked)] == ["error"]


@pytest.mark.parametrize("wrong", ["segment", "product"])
def test_a_misspelled_funnel_is_one_finding(wrong: str) -> None:
    """Lines that have no funnel since its segment or product is misspelled have none for that reason alone."""
    funnel = pa.Funnel(deal_size=10, stages=[pa.Stage(id="offer", conversion=0.5)], **{wrong: "AA"})
    assert [one.level for one in pa.check(TWO_REPS.add(funnel))] == ["error"]


def test_a_misspelled_cadence_is_one_finding() -> None:
    """A cadence for a segment that is not there meets nobody for that reason alone."""
    asked = CALLED.add(pa.Cadence(segment="AA", activity="appel", per_account_per_year=1))
    assert [one.level for one in pa.check(asked)] == ["error"]


def test_a_role_that_no_contact_has_is_doubtful() -> None:
    """A method that names a role nobody has is answered with the nearest one, where contacts are listed."""
    method = pa.Method(stage="offer", roles=["byer", "buyer"])
    with_contact = CALLED.add(pa.Contact(id="p1", account="a1", role="buyer"), method)
    assert said(with_contact) == (
        "playbook.methods[offer].roles: 'byer' is the role of no contact. Did you mean 'buyer'?"
    )
    assert found(CALLED.add(method)) == []

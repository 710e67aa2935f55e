"""One rule of what checks say of slips of the pen per test."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

import planalloc as pa

PROBLEM = pa.PlanningProblem.simple(
    year=2027, revenue=1_000, currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=["alice", "bruno"]
)
HOTEL = pa.Account(id="hotel", segment="A", owner="alice", business="new")


def codes(problem: pa.PlanningProblem) -> list[tuple[str, str]]:
    """Return code and path of all findings."""
    return [(one.code, one.path) for one in pa.check(problem)]


def asking(**condition: Any) -> pa.PlanningProblem:
    """Return a problem whose segment A has a condition, with one account."""
    return PROBLEM.replace(pa.Segment(id="A", criteria=pa.Condition(**condition))).add(HOTEL)


def test_what_does_not_follow_from_an_unknown_owner_is_told_with_it() -> None:
    """A person corrects all at once: the typing error, the rep who does not cover the account, the line of nobody."""
    wrong = PROBLEM.add(HOTEL, HOTEL.but(id="inn", owner="alise"))
    wrong = wrong.replace(*(pa.Rep(id=one, covers=["B"]) for one in ("alice", "bruno")))
    assert codes(wrong) == [
        ("unknown-name", "portfolio.accounts[inn].owner"),
        ("accounts-not-covered", "sales_force.reps[alice].covers"),
        ("nobody-covers", "strategy.targets[A]"),
    ]


def test_counts_wait_until_owners_are_known() -> None:
    """That the account of an unknown owner is missing in a count is no error of its own."""
    wrong = PROBLEM.replace(pa.Rep(id="alice", accounts={"A": 2})).add(HOTEL, HOTEL.but(id="inn", owner="alise"))
    assert codes(wrong) == [("unknown-name", "portfolio.accounts[inn].owner")]


def test_the_remedy_for_a_cadence_speaks_of_its_own_segment() -> None:
    """Accounts in another segment would not help."""
    call = pa.Activity(id="call", hours=1)
    found = pa.check(
        PROBLEM.add(pa.Segment(id="Z"), call, pa.Cadence(segment="Z", activity="call", per_account_per_year=1))
    )
    assert found[-1].remedy == "Give the reps accounts, as Rep(accounts={'Z': 20})."


@pytest.mark.parametrize(
    ("field", "value", "meant"), [("business", "nwe", ("new",)), ("owner", "alise", ("alice",)), ("team", "north", ())]
)
@pytest.mark.parametrize("several", [True, False])
def test_criteria_ask_for_what_there_can_be(field: str, value: str, meant: tuple[str, ...], several: bool) -> None:  # noqa: FBT001 -- a case
    """A business, a rep or a team that there is not is never met."""
    problem = asking(field=field, **({"one_of": [value]} if several else {"equals": value}))
    (found,) = pa.check(problem).errors
    assert (found.code, found.name, found.candidates) == ("unknown-name", value, meant)


def test_criteria_on_unknown_fields_are_told_without_accounts_too() -> None:
    """As a warning: accounts may still come that have such an attribute."""
    problem = PROBLEM.replace(pa.Segment(id="A", criteria=pa.Condition(field="potental", at_least=1)))
    (found,) = pa.check(problem)
    assert (found.code, found.level, found.candidates) == ("field-of-none", "warning", ("potential",))


def test_a_method_is_for_a_stage_that_its_segment_has() -> None:
    """One for a stage of other segments' funnels is read by nobody."""
    own = pa.Funnel(segment="A", deal_size=1, stages=[pa.Stage(id="offer", conversion=1)])
    common = pa.Funnel(deal_size=1, stages=[pa.Stage(id="demo", conversion=1)])
    problem = PROBLEM.add(own, common, pa.Method(stage="demo"), pa.Method(stage="offer", segment="A"))
    assert codes(problem) == []
    assert codes(problem.add(pa.Method(stage="demo", segment="A"))) == [
        ("method-without-stage", "playbook.methods[demo / A].stage")
    ]


@pytest.mark.parametrize(("written", "meant"), [("allof", "all_of"), ("any", "any_of"), ("notOf", "not_of")])
def test_the_name_of_criteria_that_is_nearly_right_is_offered(written: str, meant: str) -> None:
    """Rather than the fields of a condition."""
    with pytest.raises(ValidationError, match=f"Did you mean '{meant}'"):
        pa.Segment(id="A", criteria={written: [{"field": "owner", "equals": "alice"}]})


def test_counts_that_disagree_are_shown_with_all_their_digits() -> None:
    """So that the two are never the same."""
    (found,) = pa.check(PROBLEM.add(HOTEL).replace(pa.Rep(id="alice", accounts={"A": 1.0000001})))
    assert found.value == "A: 1.0000001"


@pytest.mark.parametrize("record", [pa.Rep(id="x"), HOTEL])
def test_ids_that_look_the_same_are_told(record: Any) -> None:
    """One accent written as one character and as two makes two ids."""
    one, other = (record.but(id=name) for name in ("chlo\u00e9", "chloe\u0301"))
    assert codes(PROBLEM.add(one)) == []
    found = pa.check(PROBLEM.add(one, other))
    assert [(one.code, one.level) for one in found] == [("look-alike", "warning")]


def test_many_unknown_fields_are_a_few_findings_with_a_count() -> None:
    """Of two thousand conditions on fields that no account has, five are told, with a few of the known names."""
    many = [pa.Condition(field=f"f{number}", equals=1) for number in range(2_000)]
    known = {f"k{number}": 1 for number in range(1_000)}
    problem = PROBLEM.replace(pa.Segment(id="A", criteria=pa.AllOf(all_of=many))).add(HOTEL.but(attributes=known))
    found = pa.check(problem)
    assert len(found) == 6
    assert found[-1].value == "1,995 more fields"
    assert len(str(found)) < 4_000


def test_a_long_list_of_findings_is_cut_where_it_is_printed() -> None:
    """All of them are there to loop over."""
    found = pa.check(PROBLEM.add(*(pa.Pin(rep=f"rep {number}", quota=1) for number in range(100))))
    assert len(found) == 100
    assert str(found).splitlines()[-1] == "  and 80 more; the findings can be looped over"


def test_a_portfolio_of_wrong_accounts_is_a_short_message() -> None:
    """The first ten, and how many more there are, whatever they are nested in."""
    accounts = [{"id": 5}] * 5_000
    with pytest.raises(ValidationError) as alone:
        pa.Portfolio(accounts=accounts)
    assert [one["msg"] for one in alone.value.errors()][-1] == "and 4,990 more"
    with pytest.raises(ValidationError) as nested:
        PROBLEM.but(portfolio={"accounts": accounts, "contacts": [{}] * 20})
    assert len(nested.value.errors()) == 11
    assert nested.value.errors()[-1]["msg"] == "and 5,050 more"


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u202e\u2069", "\u202c", "\ufffe", "\uffff"])
def test_names_do_not_disturb_what_stands_beside_them(sign: str) -> None:
    """A name that turns the direction of writing turns it back; signs that no file holds are refused."""
    assert pa.Account(id="a", name="\u2067\u05d0\u202eb\u202c\u2069").name
    with pytest.raises(ValidationError, match="take"):
        pa.Account(id="a", name=f"Hotel{sign} du Lac")


def test_accounts_are_frozen_in_all_their_parts() -> None:
    """Their attributes too, so that they can be members of a set."""
    one, same = (pa.Account(id="a", attributes={"rooms": 80}) for _ in range(2))
    with pytest.raises(TypeError, match="frozen"):
        one.attributes["id"] = float("nan")
    assert len({one, same, one.but(attributes={"rooms": 81})}) == 2


@pytest.mark.parametrize("columns", [["owner"], None.__class__, 5])
def test_columns_map_names_to_headers(columns: Any) -> None:
    """Anything else is refused in words."""
    with pytest.raises(pa.InputError, match="maps no names to headers"):
        pa.Portfolio.from_frame([{"id": "a"}], columns=columns)


@pytest.mark.parametrize("numbers", [None, "rooms", 5, [["rooms"]]])
def test_numbers_are_a_list_of_headers(numbers: Any) -> None:
    """A text is none, though its letters could be looped over."""
    with pytest.raises(pa.InputError, match="is no list of headers"):
        pa.Portfolio.from_frame([{"id": "a", "rooms": "5"}], extra="attributes", numbers=numbers)

"""Rules of the whole problem: how it is changed, put in order, and kept."""

from __future__ import annotations

import pickle
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

import planalloc as pa
from planalloc.errors import InputError, UnknownNameError
from planalloc.model.homes import with_all
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from planalloc.model.base import Record

STAGE = pa.Stage(id="lead", conversion=1, activities={"call": 1})

PROBLEM = pa.PlanningProblem(
    calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31)),
    strategy=pa.Strategy(
        name="2027",
        currency="EUR",
        revenue=1000,
        segments=[pa.Segment(id="B"), pa.Segment(id="A")],
        products=[pa.Product(id="suite"), pa.Product(id="box")],
        targets=[
            pa.Target(segment="B", rest=True),
            pa.Target(segment="A", product="suite", business="new", share=0.3, seasonality="s"),
            pa.Target(segment="A", product="box", share=0.2),
        ],
        seasonalities=[pa.Seasonality(id="s", grain="semester", weights=[0.7, 0.3])],
    ),
    sales_force=pa.SalesForce(
        teams=[pa.Team(id="south"), pa.Team(id="north")],
        reps=[
            pa.Rep(id="bruno", team="south", accounts={"B": 3, "A": {"new": 1, "existing": 2}}),
            pa.Rep(id="alice", team="north", covers=["A", pa.Scope(segment="B", business="new")]),
        ],
    ),
    playbook=pa.Playbook(
        activities=[pa.Activity(id="meeting", hours=2), pa.Activity(id="call", hours=0.3)],
        funnels=[pa.Funnel(segment="B", deal_size=10, stages=[STAGE]), pa.Funnel(deal_size=20, stages=[STAGE])],
        cadences=[
            pa.Cadence(segment="B", activity="call", per_account_per_year=8),
            pa.Cadence(segment="A", activity="call", per_account_per_year=3, business="new"),
        ],
    ),
    limits=[
        pa.Pin(rep="bruno", quota=100),
        pa.Bound(rep="alice", at_most=900, of="base"),
        pa.Bound(name="a cap", segment="B", at_most=900),
    ],
)
"""Every kind of record, none in the order of its ids."""

ADDED: list[tuple[Record, str, str]] = [
    (pa.Segment(id="C"), "strategy", "segments"),
    (pa.Product(id="cloud"), "strategy", "products"),
    (pa.Target(segment="A", product="box", business="new", share=0.1), "strategy", "targets"),
    (pa.Seasonality(id="t", grain="year", weights=[1]), "strategy", "seasonalities"),
    (pa.Team(id="west"), "sales_force", "teams"),
    (pa.Rep(id="chloe"), "sales_force", "reps"),
    (pa.Activity(id="mail", hours=0), "playbook", "activities"),
    (pa.Funnel(segment="A", deal_size=1, stages=[STAGE]), "playbook", "funnels"),
    (pa.Cadence(segment="A", activity="call", per_account_per_year=1), "playbook", "cadences"),
    (pa.Pin(rep="alice", quota=100), "", "limits"),
    (pa.Bound(rep="alice", at_least=100), "", "limits"),
]


def records(problem: pa.PlanningProblem, outer: str, inner: str) -> tuple[Any, ...]:
    """Return the records of a kind."""
    found: tuple[Any, ...] = getattr(getattr(problem, outer) if outer else problem, inner)
    return found


@pytest.mark.parametrize(("record", "outer", "inner"), ADDED)
def test_add_puts_each_kind_where_it_lives(record: Record, outer: str, inner: str) -> None:
    """A record is added after the others of its kind, and nothing else changes."""
    more = PROBLEM.add(record)
    assert records(more, outer, inner) == (*records(PROBLEM, outer, inner), record)
    other = [pair for _, *pair in ADDED if pair != [outer, inner]]
    assert all(records(more, *pair) == records(PROBLEM, *pair) for pair in other)


@pytest.mark.parametrize(("record", "outer", "inner"), ADDED)
def test_add_refuses_what_is_there(record: Record, outer: str, inner: str) -> None:
    """A second record of the same id, label or parts is refused; replace is named as the way."""
    with pytest.raises(InputError, match=f"{inner} has .* already") as caught:
        PROBLEM.add(record, record)
    assert "replace" in caught.value.hint
    assert outer in {"strategy", "sales_force", "playbook", ""}


@pytest.mark.parametrize("record", [pa.Ramp(months=[1]), STAGE, pa.Policy(), PROBLEM])
def test_add_refuses_what_has_no_place(record: Record) -> None:
    """A ramp belongs to a rep, a stage to a funnel; a problem has one policy."""
    with pytest.raises(InputError, match=f"a {type(record).__name__} has no place in a problem"):
        PROBLEM.add(record)


@pytest.mark.parametrize(
    ("record", "outer", "inner", "position"),
    [
        (pa.Segment(id="B", priority=2), "strategy", "segments", 0),
        (pa.Target(segment="A", product="box", revenue=7), "strategy", "targets", 2),
        (pa.Rep(id="alice", fte=0.5), "sales_force", "reps", 1),
        (pa.Funnel(deal_size=7, stages=[STAGE]), "playbook", "funnels", 1),
        (pa.Cadence(segment="A", activity="call", per_account_per_year=7, business="new"), "playbook", "cadences", 1),
        (pa.Bound(name="a cap", segment="B", at_most=7), "", "limits", 2),
    ],
)
def test_replace_keeps_the_place(record: Record, outer: str, inner: str, position: int) -> None:
    """The new record stands where the old one of the same id stood, and the others stay."""
    before, after = records(PROBLEM, outer, inner), records(PROBLEM.replace(record), outer, inner)
    assert after[position] == record != before[position]
    assert [one for i, one in enumerate(after) if i != position] == [
        one for i, one in enumerate(before) if i != position
    ]


@pytest.mark.parametrize(
    "whole",
    [
        pa.Calendar(start=date(2028, 1, 1), end=date(2028, 12, 31)),
        PROBLEM.strategy.but(name="other"),
        PROBLEM.sales_force.but(leave_days=25),
        pa.Playbook(),
        pa.Policy(round_to=100),
    ],
)
def test_replace_of_a_whole(whole: Record) -> None:
    """A calendar, strategy, sales force, playbook or policy takes the place of the one there is."""
    name = {"SalesForce": "sales_force"}.get(type(whole).__name__, type(whole).__name__.lower())
    assert getattr(PROBLEM.replace(whole), name) == whole


def test_replace_refuses_what_is_not_there() -> None:
    """An unknown id is refused with the nearest known one; nothing is added silently."""
    with pytest.raises(UnknownNameError, match=r"reps has no 'alicia'. Did you mean 'alice'\?") as caught:
        PROBLEM.replace(pa.Rep(id="alicia"))
    assert caught.value.name == "alicia"
    with pytest.raises(UnknownNameError, match="There are no seasonalities"):
        PROBLEM.drop(seasonality="s").replace(pa.Seasonality(id="s", grain="year", weights=[1]))


@pytest.mark.parametrize(
    ("kind", "name", "outer", "inner"),
    [
        ("segment", "A", "strategy", "segments"),
        ("product", "box", "strategy", "products"),
        ("seasonality", "s", "strategy", "seasonalities"),
        ("team", "south", "sales_force", "teams"),
        ("rep", "bruno", "sales_force", "reps"),
        ("activity", "call", "playbook", "activities"),
        ("limit", "pin: bruno = 100", "", "limits"),
        ("limit", "a cap", "", "limits"),
    ],
)
def test_drop_takes_out_one_record(kind: str, name: str, outer: str, inner: str) -> None:
    """By kind and id, or by the label of a limit."""
    before, after = records(PROBLEM, outer, inner), records(PROBLEM.drop(**{kind: name}), outer, inner)
    assert after == tuple(one for one in before if record_key(one) != name)
    assert len(after) == len(before) - 1


def test_drop_refuses_unknown_kinds_and_names() -> None:
    """A kind or an id that is not there is refused with what was probably meant."""
    with pytest.raises(UnknownNameError, match=r"cannot drop 'reps'. Did you mean 'rep'") as caught:
        PROBLEM.drop(reps="bruno")
    assert caught.value.name == "reps"
    with pytest.raises(UnknownNameError, match=r"reps has no 'brumo'. Did you mean 'bruno'"):
        PROBLEM.drop(rep="brumo")


def test_what_is_changed_is_checked_again() -> None:
    """A change that breaks a record's own rule is refused where it is made."""
    with pytest.raises(ValidationError, match="is empty; give at least one"):
        PROBLEM.drop(segment="A").drop(segment="B")


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (pa.Rep(id="alice", name="Alice"), "alice"),
        (pa.Target(segment="A", product="box", business="new", share=1), "A / box / new"),
        (pa.Funnel(deal_size=1, stages=[STAGE]), "all"),
        (pa.Funnel(business="new", deal_size=1, stages=[STAGE]), "new"),
        (pa.Cadence(segment="A", activity="call", per_account_per_year=1), "A / call"),
        (pa.Pin(rep="alice", quota=1), "pin: alice = 1"),
    ],
)
def test_what_tells_a_record_from_its_likes(record: Record, key: str) -> None:
    """An id, the parts that name it, or a limit's label."""
    assert record_key(record) == key


def test_canonical_puts_records_in_order() -> None:
    """Every kind of record comes in the order of its ids, whatever the order it was given in (S-3)."""
    ordered = PROBLEM.canonical()
    for outer, inner in {(outer, inner) for _, outer, inner in ADDED}:
        keys = [record_key(one) for one in records(ordered, outer, inner)]
        assert keys == sorted(keys)
        assert {record_key(one) for one in records(PROBLEM, outer, inner)} == set(keys)


def test_canonical_is_one_text_for_all_orders() -> None:
    """Reversing all records, and the keys of all dicts, gives the same JSON text."""
    reversed_ = PROBLEM.but(
        strategy=PROBLEM.strategy.but(
            segments=PROBLEM.strategy.segments[::-1],
            products=PROBLEM.strategy.products[::-1],
            targets=PROBLEM.strategy.targets[::-1],
        ),
        sales_force=PROBLEM.sales_force.but(
            teams=PROBLEM.sales_force.teams[::-1],
            reps=[rep.but(accounts=dict(reversed(rep.accounts.items()))) for rep in reversed(PROBLEM.sales_force.reps)],
        ),
        playbook=PROBLEM.playbook.but(
            activities=PROBLEM.playbook.activities[::-1],
            funnels=PROBLEM.playbook.funnels[::-1],
            cadences=PROBLEM.playbook.cadences[::-1],
        ),
        limits=PROBLEM.limits[::-1],
    )
    assert reversed_.model_dump_json() != PROBLEM.model_dump_json()
    assert reversed_.canonical().model_dump_json() == PROBLEM.canonical().model_dump_json()


def test_canonical_changes_nothing_but_the_order() -> None:
    """Weights and stages keep their order, which means something; doing it twice is doing it once."""
    ordered = PROBLEM.canonical()
    assert ordered.strategy.seasonalities[0].weights == (0.7, 0.3)
    assert set(ordered.sales_force.reps) == set(PROBLEM.sales_force.reps)
    assert set(ordered.limits) == set(PROBLEM.limits)
    assert ordered.canonical() == ordered


def test_a_problem_survives_json_and_pickling() -> None:
    """JSON text and pickle give back an equal problem with an equal hash."""
    for back in (
        pa.PlanningProblem.model_validate_json(PROBLEM.model_dump_json()),
        pickle.loads(pickle.dumps(PROBLEM)),  # noqa: S301 -- our own bytes
    ):
        assert back == PROBLEM
        assert hash(back) == hash(PROBLEM)


def test_simple_is_a_monthly_calendar_year() -> None:
    """The shortest problem: a year by months, everyone covers everything, no activities, no limits."""
    problem = pa.PlanningProblem.simple(
        year=2028, revenue=100, currency="USD", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"]
    )
    assert (problem.calendar.start, problem.calendar.end) == (date(2028, 1, 1), date(2028, 12, 31))
    assert [(one.segment, one.share) for one in problem.strategy.targets] == [("A", 0.6), ("B", 0.4)]
    assert (problem.strategy.currency, problem.strategy.revenue) == ("USD", 100)
    assert problem.sales_force.reps == (pa.Rep(id="alice"), pa.Rep(id="bruno"))
    assert (problem.playbook, problem.limits, problem.policy) == (pa.Playbook(), (), pa.Policy())


def test_many_records_are_put_in_place_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many accounts are added or replaced, the portfolio is made once; twice the same one is refused."""
    made: list[object] = []

    def counting(*parts: Any) -> Any:
        made.append(parts[1])
        return with_all(*parts)

    monkeypatch.setattr("planalloc.model.homes.with_all", counting)
    problem = pa.PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice"])
    accounts = [pa.Account(id=f"a{number}") for number in range(20)]
    added = problem.add(*accounts[:10], pa.Rep(id="bruno"), *accounts[10:])
    assert [one.id for one in added.portfolio.accounts] == [one.id for one in accounts]
    assert [rep.id for rep in added.sales_force.reps] == ["alice", "bruno"]
    assert len(made) == 2
    changed = added.replace(*(one.but(owner="bruno") for one in accounts), pa.Policy(round_to=10))
    assert {one.owner for one in changed.portfolio.accounts} == {"bruno"}
    assert len(made) == 3
    with pytest.raises(pa.InputError, match="accounts has 'a3' already"):
        problem.add(*accounts, accounts[3])

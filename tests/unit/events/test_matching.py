"""What happened, matched with a problem: names become positions, and what does not fit is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from engines import ENGINES, held_by
from planalloc.events.actuals import Actuals
from planalloc.events.matching import matched_activities, matched_opportunities, matched_sales
from planalloc.events.sieve import NEVER, Events
from planalloc.model.sieve import Sieve

engines = pytest.mark.parametrize("engine", ENGINES)

PROBLEM = (
    pa.PlanningProblem.simple(
        year=2027, revenue=100, currency="EUR", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"]
    )
    .add(
        pa.Rep(id="olga", role="overlay"),
        pa.Product(id="suite"),
        pa.Target(segment="A", product="suite", revenue=10),
        pa.Account(id="a1", segment="B"),
        pa.Account(id="a2"),
        pa.Activity(id="call", hours=1),
    )
    .canonical()
)
"""Lines in order: A, A / suite, B."""

SALE: dict[str, Any] = {"date": "2027-03-01", "rep": "alice", "segment": "A", "amount": 10.0}


def sold(engine: str, *changes: dict[str, Any], **options: Any) -> Events:
    """Match one good sale, and changed ones."""
    rows = [SALE | change for change in ({}, *changes)]
    columns = {name: None for row in rows for name in row}
    actuals = Actuals(sales=held_by(engine, [columns | row for row in rows]))
    return matched_sales(actuals.tables["sales"], PROBLEM, **options)


def told(events: Events) -> list[tuple[str, int, float]]:
    """Give rule, rows and amount of what was set aside."""
    return [(one.rule, one.rows, one.amount) for one in events.set_aside]


@engines
def test_names_become_positions_and_dates_days(engine: str) -> None:
    """A sale of alice in A on the first of March is of rep 0, line 0, segment 0, on day 59."""
    events = sold(engine)
    assert (events.rep.tolist(), events.line.tolist(), events.segment.tolist()) == ([0], [0], [0])
    assert (events.day.tolist(), events.money().tolist(), len(events)) == ([59], [10.0], 1)
    assert events.set_aside == ()


@engines
def test_a_sale_is_of_the_line_that_says_most(engine: str) -> None:
    """With the product it is of the finer line, with another segment of that."""
    events = sold(engine, {"product": "suite"}, {"segment": "B", "product": "suite"})
    assert sorted(events.line.tolist()) == [0, 1, 2]


@engines
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"rep": "zoe"}, "names a rep that nobody defined"),
        ({"rep": None}, "has no rep"),
        ({"rep": "olga"}, "names an overlay rep, whose quota is on what others book"),
        ({"segment": "C"}, "names a segment that nobody defined"),
        ({"product": "Suite"}, "names a product that nobody defined"),
        ({"segment": None}, "has neither a segment nor an account"),
        ({"segment": None, "account": "a2"}, "is of an account without a segment, and names none"),
        ({"currency": "USD"}, "is not in EUR"),
        ({"date": None}, "has no date"),
        ({"date": "2026-12-31"}, "is dated before the horizon"),
        ({"date": "2028-01-01"}, "is dated after the horizon"),
        ({"date": "1/3/2027"}, "has a date that is no date"),
    ],
)
def test_each_row_that_does_not_fit_is_told(engine: str, change: dict[str, Any], rule: str) -> None:
    """One rule for what is wrong with it, and the amount that is missing for it."""
    events = sold(engine, change)
    assert told(events) == [(rule, 1, 10.0)]
    assert events.rows.tolist() == [1]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "date": st.sampled_from(["2027-03-01", "2026-03-01", "2028-03-01", "soon", None]),
                "rep": st.sampled_from(["alice", "bruno", "olga", "zoe", None]),
                "segment": st.sampled_from(["A", "B", "C", None]),
                "account": st.sampled_from(["a1", "a2", "a9", None]),
                "product": st.sampled_from(["suite", "Suite", None]),
                "currency": st.sampled_from(["EUR", "USD", None]),
                "amount": st.integers(-(10**6), 10**6).map(lambda cents: cents / 100),
            }
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(ENGINES),
)
def test_every_row_counts_or_is_told_once(rows: list[dict[str, Any]], engine: str) -> None:
    """Whatever is wrong, rows and amounts that count and those set aside are together all that there was."""
    filled = [*rows, SALE | dict.fromkeys(("account", "product", "currency"))]
    events = matched_sales(Actuals(sales=held_by(engine, filled)).tables["sales"], PROBLEM)
    assert events.rows.sum() + sum(one.rows for one in events.set_aside) == len(filled)
    amount = events.money().sum() + sum(one.amount for one in events.set_aside)
    assert round(100 * amount) == round(100 * sum(row["amount"] for row in filled))


@engines
def test_a_row_outside_of_the_horizon_is_not_blamed_for_more(engine: str) -> None:
    """A sale of another year by a rep of then is outside, and nothing else."""
    events = sold(engine, {"date": "2026-03-01", "rep": "zoe"})
    assert [(one.rule, one.outside) for one in events.set_aside] == [("is dated before the horizon", True)]


@engines
def test_an_account_says_the_segment_where_the_row_does_not(engine: str) -> None:
    """A sale to an account of B without a segment of its own is of B."""
    events = sold(engine, {"segment": None, "account": "a1", "amount": 7.0})
    assert dict(zip(events.segment.tolist(), events.money().tolist(), strict=True)) == {0: 10.0, 1: 7.0}


@engines
def test_an_amount_that_is_none_is_told(engine: str) -> None:
    """A row without an amount counts as a row, and is told."""
    events = sold(engine, {"amount": None})
    assert told(events) == [("has no amount, or none that is a number", 1, 0.0)]
    assert events.money().sum() == 10.0


@engines
def test_nothing_after_the_day_counts(engine: str) -> None:
    """With `as_of`, later sales of the horizon are told."""
    events = sold(engine, {"date": "2027-03-02"}, as_of=date(2027, 3, 1))
    assert told(events) == [("is dated after 2027-03-01", 1, 10.0)]


@engines
def test_a_share_that_is_not_given_is_the_whole(engine: str) -> None:
    """Half of a sale and the whole of it are more than it: neither counts."""
    events = sold(
        engine,
        {"id": "s0", "credit": 1.0},
        {"id": "s1", "credit": 0.5},
        {"id": "s1", "rep": "bruno", "credit": None},
    )
    assert events.money().sum() == 10.0
    assert told(events)[-1] == ("is credited in shares that do not add up to 1", 2, 20.0)


@engines
def test_what_shares_leave_of_a_sale_is_told(engine: str) -> None:
    """Twice .49999 of 90,000 is 1.80 less than it; two halves are all of it."""
    shares = [
        {"id": name, "rep": rep, "amount": 90_000, "credit": share}
        for name, share in (("s1", 0.49999), ("s2", 0.5))
        for rep in ("alice", "bruno")
    ]
    events = sold(engine, *shares)
    assert round(float(events.money().sum()), 4) == 2 * 90_000 - 1.8
    assert [(one.rule, one.rows, round(one.amount, 4), one.counted) for one in events.set_aside if one.counted] == [
        ("is credited in shares that add up to nearly 1; what they leave is nobody's", 2, 1.8, True)
    ]


@engines
def test_a_sale_is_shared_by_credit(engine: str) -> None:
    """Two reps share one sale; shares that do not add up to the whole are told, all of them."""
    shares = [
        {"id": "s1", "credit": 0.7},
        {"id": "s1", "rep": "bruno", "credit": 0.3},
        {"id": "s2", "credit": 0.7},
        {"id": "s2", "rep": "bruno", "credit": 0.7},
    ]
    events = sold(engine, *shares)
    by_rep = {rep: round(events.money()[events.rep == rep].sum(), 9) for rep in (0, 1)}
    assert by_rep == {0: 7.0, 1: 3.0}
    assert [(one.rule, one.rows) for one in events.set_aside] == [
        ("has no id", 1),
        ("is credited in shares that do not add up to 1", 2),
    ]


def test_a_label_that_is_no_text_takes_its_row_out() -> None:
    """An account that is no name is told, and its sale does not count twice: neither here nor there."""
    events = sold("dicts", {"account": 1.5, "amount": 3.0}, by=("account",))
    assert told(events) == [("has an account that is no whole number where a name belongs", 1, 3.0)]
    assert events.money().tolist() == [10.0]


def test_names_are_numbers_and_have_blanks_around_them() -> None:
    """1042 is the rep 1042, and ' alice ' is alice."""
    problem = PROBLEM.add(pa.Rep(id="1042")).canonical()
    rows = [SALE | {"rep": 1042.0}, SALE | {"rep": " alice "}]
    events = matched_sales(Actuals(sales=rows).tables["sales"], problem)
    assert sorted(events.rep.tolist()) == [0, 1]


@engines
def test_activities(engine: str) -> None:
    """An activity is of a rep, a day and a kind; what is none of the playbook's is told."""
    rows: list[dict[str, Any]] = [
        {"date": "2027-01-04", "rep": "bruno", "activity": "call", "account": "a1"},
        {"date": "2027-01-04", "rep": "bruno", "activity": "visit", "account": None},
        {"date": "2027-01-04", "rep": "bruno", "activity": None, "account": None},
    ]
    events = matched_activities(Actuals(activities=held_by(engine, rows)).tables["activities"], PROBLEM)
    assert (events.rep.tolist(), events.segment.tolist(), events.day.tolist()) == ([1], [1], [3])
    assert [one.rule for one in events.set_aside] == [
        "names an activity that nobody defined",
        "does not say what was done",
    ]


@engines
def test_opportunities(engine: str) -> None:
    """Created before the horizon counts, created after the day does not; closed after it is open as of it."""
    deal: dict[str, Any] = {
        "rep": "alice",
        "segment": "A",
        "created": "2026-12-30",
        "closed": "2027-02-01",
        "won": "true",
    }
    rows = [
        deal | {"id": "o1"},
        deal | {"id": "o2", "created": "2027-01-16", "closed": None, "won": None},
        deal | {"id": "o3", "closed": "2026-12-29"},
        deal | {"id": "o4", "closed": "2027-01-04", "won": None},
        deal | {"id": "o5", "created": None},
    ]
    source = Actuals(opportunities=held_by(engine, rows)).tables["opportunities"]
    events = matched_opportunities(source, PROBLEM, as_of=date(2027, 1, 15), by=("id",))
    assert (list(events.labels["id"]), events.day.tolist(), events.days["closed"].tolist()) == (["o1"], [-2], [NEVER])
    assert sorted(one.rule for one in events.set_aside) == [
        "has no date of creation",
        "is closed before it was created",
        "is closed, but neither won nor lost",
        "is created after 2027-01-15",
    ]


def test_actuals_are_read_when_they_are_asked_for() -> None:
    """Making them reads nothing; a missing column is told on first use."""
    actuals = Actuals(sales=[{"date": "2027-01-01"}])
    with pytest.raises(pa.InputError, match="2 things to correct"):
        _ = actuals.tables
    assert Actuals().tables == {}


def test_actuals_tell_all_that_they_do_not_know_at_once() -> None:
    """Measure, and each table in the mapping of columns."""
    with pytest.raises(pa.UnknownNameError, match=r"(?s)3 things.*'x'.*'sale'.*'opps'"):
        pa.Actuals(measure="x", columns={"sale": {}, "opps": {}})  # type: ignore[arg-type]


def test_no_columns_are_no_mapping() -> None:
    """None says that every header is ours."""
    assert pa.Actuals(sales=[{"date": "2027-01-04", "rep": "alice", "amount": 1}], columns=None).tables


@pytest.mark.parametrize("wrong", [{"measure": "orders"}, {"columns": {"sale": {}}}])
def test_actuals_refuse_what_they_do_not_know(wrong: dict[str, Any]) -> None:
    """A measure, or a table in the mapping of columns, that is none."""
    with pytest.raises(pa.UnknownNameError, match="is none of the choices"):
        Actuals(**wrong)


@engines
def test_blanks_around_text_make_no_other_row(engine: str) -> None:
    """The same sale with a blank after its id, or after its rep, is the same sale in every engine."""
    rows = [SALE | {"id": "s1"}, SALE | {"id": "s1 "}, SALE | {"id": " s1", "rep": SALE["rep"] + " "}]
    source = Actuals(sales=held_by(engine, rows)).tables["sales"]
    assert matched_sales(source, PROBLEM).rows.sum() == 1


@engines
def test_ids_count_once(engine: str) -> None:
    """A sale that stands twice is one; two reps of one sale are two rows of it."""
    rows = [SALE | {"id": "s1"}, SALE | {"id": "s1"}, SALE | {"id": "s1", "rep": "bruno"}]
    source = Actuals(sales=held_by(engine, rows)).tables["sales"]
    assert matched_sales(source, PROBLEM).rows.sum() == 2
    assert [(one.rule, one.rows) for one in source.set_aside] == [("repeats a row with the same id and rep", 1)]


def test_the_sieve_shows_the_most_frequent_values() -> None:
    """Five values of a kind at most, the most frequent first, and of those that come equally often by name."""
    rows = [SALE | {"rep": name} for name in "zzyyxwvutsr"]
    sieve = Sieve.of(Actuals(sales=rows).tables["sales"], ["rep"], ("amount",))
    sieve.positions("rep", {}, "rep")
    (one,) = sieve.told
    assert (one.rows, one.amount, one.examples) == (11, 110.0, ("'y'", "'z'", "'r'", "'s'", "'t'"))


def test_a_time_stamp_is_its_day() -> None:
    """The time of a day and a time zone are left out."""
    events = matched_sales(
        Actuals(sales=[SALE | {"date": datetime(2027, 3, 1, 23, 59, tzinfo=UTC)}]).tables["sales"],
        PROBLEM,
    )
    assert events.day.tolist() == [59]


def test_a_missing_column_is_mapped_by_table() -> None:
    """The message writes the mapping in the shape that `Actuals` reads."""
    with pytest.raises(pa.InputError, match=r"columns=\{'sales': \{'date': \.\.\.\}\}"):
        _ = Actuals(sales=[{"day": "2027-01-05", "rep": "alice", "amount": 1.0}]).tables
    with pytest.raises(pa.InputError, match=r"columns\['sales'\]\['units'\]: 'pieces' is no header"):
        _ = Actuals(sales=[SALE], columns={"sales": {"units": "pieces"}}).tables

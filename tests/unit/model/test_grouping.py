"""Tables of events added up where they are: the same sums from any engine, and nothing lost in silence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from engines import ENGINES, held_by
from planalloc.model.grouping import PARTS, Source, open_source

engines = pytest.mark.parametrize("engine", ENGINES)

KNOWN = ("id", "date", "rep", "amount", "credit")


def opened(engine: str, rows: list[dict[str, Any]], *, required: tuple[str, ...] = (), **columns: str) -> Source:
    """Open rows held by an engine."""
    return open_source(held_by(engine, rows), table="sales", known=KNOWN, required=required, columns=columns)


def sums(source: Source, key: str) -> dict[Any, tuple[int, int, int]]:
    """Return amount, rows and rows without an amount by a key."""
    found = source.group(key, numbers=["amount"])
    figures = zip(found.sums["amount"].tolist(), found.rows.tolist(), found.missing["amount"].tolist(), strict=True)
    return dict(zip(found.keys[key], figures, strict=True))


@engines
def test_sums_are_whole_ten_thousandths(engine: str) -> None:
    """Ten times 0.1 is 1 exactly, whatever engine adds up."""
    rows = [{"rep": "alice", "amount": 0.1} for _ in range(10)] + [{"rep": "bruno", "amount": -0.00005}]
    assert sums(opened(engine, rows), "rep") == {"alice": (10_000, 10, 0), "bruno": (0, 1, 0)}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(-(10**9), 10**9)), min_size=1, max_size=30))
def test_no_order_of_rows_changes_a_sum(sold: list[tuple[str, int]]) -> None:
    """Sums of amounts in cents are the sums of the cents, forwards and backwards, in Python and in an engine."""
    rows = [{"rep": rep, "amount": cents / 100} for rep, cents in sold]
    truth = {rep: sum(cents for who, cents in sold if who == rep) * PARTS // 100 for rep in {rep for rep, _ in sold}}
    for engine in ("dicts", "polars"):
        for ordered in (rows, rows[::-1]):
            assert {rep: found[0] for rep, found in sums(opened(engine, ordered), "rep").items()} == truth


@engines
def test_what_is_no_number_is_counted(engine: str) -> None:
    """Nothing, infinity and an amount beyond any sale are not added, and counted."""
    rows = [{"rep": "alice", "amount": one} for one in (5.0, None, float("inf"), -2e12)]
    assert sums(opened(engine, rows), "rep") == {"alice": (50_000, 4, 3)}


@engines
def test_text_that_is_a_number_is_one(engine: str) -> None:
    """A column of text is read cell by cell: what is no number is counted, and shown, the most frequent first."""
    rows = [{"rep": "alice", "amount": one} for one in ("12.5", " 1e2 ", "n/a", "n/a", "12,5", None, "")]
    source = opened(engine, rows)
    assert sums(source, "rep") == {"alice": (1_125_000, 7, 5)}
    assert source.group("rep", numbers=["amount"]).wrong == {"amount": ("'n/a'", "'12,5'")}


@engines
def test_a_missing_key_is_a_group(engine: str) -> None:
    """Rows whose key is empty or blank are kept together under None; blank text is nothing, too."""
    rows: list[dict[str, Any]] = [{"rep": one, "amount": 1.0} for one in ("alice", None, None)]
    assert sums(opened(engine, rows), "rep") == {"alice": (10_000, 1, 0), None: (20_000, 2, 0)}


@engines
def test_a_column_that_is_not_there_is_not_given(engine: str) -> None:
    """Keys that a table lacks are None, and numbers that it lacks are missing in every row."""
    found = opened(engine, [{"rep": "alice"}]).group("rep", "date", numbers=["amount"])
    assert (list(found.keys["date"]), found.sums["amount"].tolist(), found.missing["amount"].tolist()) == (
        [None],
        [0],
        [1],
    )


@pytest.mark.parametrize("engine", [one for one in ENGINES if one != "dicts"])
def test_the_time_of_a_day_tells_nothing_apart(engine: str) -> None:
    """Time stamps of one day are one group, those with a time zone by the day that they show."""
    for zone in (None, UTC):
        rows: list[dict[str, Any]] = [
            {"date": datetime(2027, 1, 5, hour, tzinfo=zone), "amount": 1.0} for hour in (0, 9, 23)
        ]
        groups = opened(engine, rows).group("date", numbers=["amount"])
        assert groups.rows.tolist() == [3]
        assert groups.keys["date"][0].date() == date(2027, 1, 5)


@engines
def test_a_row_that_comes_twice_counts_once(engine: str) -> None:
    """Repeats of an id are told; rows that share an id and differ do not count at all; nor does one without an id."""
    rows: list[dict[str, Any]] = [
        {"id": "s1", "rep": "alice", "amount": 1.0},
        {"id": "s1", "rep": "alice", "amount": 1.0},
        {"id": "s2", "rep": "alice", "amount": 2.0},
        {"id": "s2", "rep": "bruno", "amount": 2.0},
        {"id": None, "rep": "bruno", "amount": 4.0},
        {"id": "s3", "rep": "bruno", "amount": 8.0},
    ]
    once = opened(engine, rows).once("id")
    assert sums(once, "rep") == {"alice": (10_000, 1, 0), "bruno": (80_000, 1, 0)}
    assert [(one.rule, one.rows, one.amount, one.examples) for one in once.set_aside] == [
        ("has no id", 1, 4.0, ()),
        ("repeats a row with the same id", 1, 1.0, ()),
        ("shares its id with a row that says something else", 2, 4.0, ("'s2'",)),
    ]


@engines
def test_ids_of_orders_are_told_from_those_of_lines(engine: str) -> None:
    """Where most rows share an id and differ, the id is no row's: what to do is told, with the money at stake."""
    rows: list[dict[str, Any]] = [{"id": f"o{i // 3}", "rep": "alice", "amount": float(i)} for i in range(9)]
    (told,) = opened(engine, rows).once("id").set_aside
    assert (told.rows, told.amount) == (9, 36.0)
    assert "the id looks like that of an order, not of its lines: leave it out with {'id': None}" in told.rule


@pytest.mark.parametrize(
    "alike",
    [
        ({"amount": 100}, {"amount": 100.0}),
        ({"amount": "100"}, {"amount": "100.00"}),
        ({"amount": 0.1}, {"amount": "0.10"}),
        ({"id": 7}, {"id": "7"}),
        ({"rep": 1042}, {"rep": 1042.0}),
        ({"date": "2027-01-05"}, {"date": date(2027, 1, 5)}),
        ({"rep": None}, {"rep": " "}),
    ],
)
def test_the_same_written_otherwise_is_a_repeat(alike: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Rows of dicts are the same where numbers, names and days are, however they are written."""
    row = {"id": "s1", "rep": "alice", "amount": 1.0, "date": None}
    (told,) = opened("dicts", [row | one for one in alike]).once("id").set_aside
    assert (told.rule, told.rows) == ("repeats a row with the same id", 1)


def test_names_that_look_like_numbers_differ() -> None:
    """Text is told apart by its letters: 007 is not 7."""
    rows = [{"id": "s1", "rep": rep, "amount": 1.0} for rep in ("007", "7")]
    (told,) = opened("dicts", rows).once("id").set_aside
    assert told.rule.startswith("shares its id")


def test_an_amount_that_is_text_among_numbers_is_told() -> None:
    """A column of pandas may hold cells of any kind: each is read as a cell of a dict is."""
    cells: list[Any] = [1.5, "n/a", "2.5", None, Decimal("3.25"), 4]
    frame = pd.DataFrame(
        {"id": list(range(6)), "rep": ["alice"] * 6, "amount": cells, "credit": [0.5, "1", 1, 1, 1, 1]}
    )
    source = open_source(frame, table="sales", known=KNOWN, required=(), columns={}).once("id")
    assert sums(source, "rep") == {"alice": (112_500, 6, 2)}
    assert source.group("rep", numbers=["amount"]).wrong == {"amount": ("'n/a'",)}
    assert sums(source.times("amount", "credit"), "rep") == {"alice": (105_000, 6, 2)}


@engines
def test_a_column_that_is_mapped_to_none_is_not_read(engine: str) -> None:
    """None says that their column of this name is not ours; a column that must be there cannot be left out."""
    rows = [{"rep": "alice", "amount": 3.0, "credit": 0.5}]
    assert open_source(
        held_by(engine, rows), table="sales", known=KNOWN, required=(), columns={"credit": None}
    ).names == ("rep", "amount")
    with pytest.raises(pa.InputError, match="'rep': \\.\\.\\."):
        open_source(held_by(engine, rows), table="sales", known=KNOWN, required=("rep",), columns={"rep": None})


@engines
def test_a_clean_table_is_left_as_it_is(engine: str) -> None:
    """Where ids are all there and differ, nothing is told; without the column, nothing can be."""
    rows = [{"id": "s1", "amount": 1.0}, {"id": "s2", "amount": 1.0}]
    assert opened(engine, rows).once("id").set_aside == ()
    source = opened(engine, [{"rep": "alice"}, {"rep": "alice"}])
    assert source.once("id") is source


@engines
def test_an_amount_times_a_share(engine: str) -> None:
    """An amount is multiplied by the share of its row, and left alone where none is given."""
    rows = [{"rep": "alice", "amount": 10.0, "credit": 0.25}, {"rep": "bruno", "amount": 10.0, "credit": None}]
    found = sums(opened(engine, rows).times("amount", "credit"), "rep")
    assert found == {"alice": (25_000, 1, 0), "bruno": (100_000, 1, 0)}


@pytest.mark.parametrize("engine", [one for one in ENGINES if one != "dicts"])
def test_a_window_of_dates(engine: str) -> None:
    """Rows outside are told with their amounts, those inside group as one, and those without a date stay."""
    days = (datetime(2025, 12, 31), datetime(2026, 1, 1), datetime(2026, 12, 31, 23), datetime(2027, 1, 1), None)  # noqa: DTZ001 -- tables hold such
    rows: list[dict[str, Any]] = [{"date": day, "amount": 10.0**i} for i, day in enumerate(days)]
    found = opened(engine, rows).within("date", date(2026, 1, 1), date(2026, 12, 31))
    groups = found.group("date", numbers=["amount"])
    amounts = {str(day)[:10]: amount for day, amount in zip(groups.keys["date"], groups.sums["amount"], strict=True)}
    assert amounts == {"2026-01-01": 110 * PARTS, "None": 10_000 * PARTS}
    assert [(one.rule, one.rows, one.amount, one.outside) for one in found.set_aside] == [
        ("is dated before 2026-01-01", 1, 1.0, True),
        ("is dated after 2026-12-31", 1, 1000.0, True),
    ]


@engines
def test_rows_of_some_columns(engine: str) -> None:
    """Columns come back row by row, of the rows in which another one is empty."""
    rows: list[dict[str, Any]] = [
        {"rep": "alice", "date": None, "amount": 1.0},
        {"rep": "bruno", "date": date(2027, 1, 1), "amount": 2.0},
    ]
    source = opened(engine, rows)
    assert source.rows("rep", "credit", without="date") == {"rep": ["alice"], "credit": [None]}
    assert sums(source.without("rep", ["alice"]), "rep") == {"bruno": (20_000, 1, 0)}


@engines
def test_columns_by_other_headers(engine: str) -> None:
    """A mapping names their header for our column; other columns are left alone."""
    source = opened(engine, [{"Owner": "alice", "amount": 3.0, "note": "x"}], required=("rep",), rep="Owner")
    assert source.names == ("rep", "amount")
    assert sums(source, "rep") == {"alice": (30_000, 1, 0)}


@engines
def test_all_that_is_wrong_with_the_columns_is_said_at_once(engine: str) -> None:
    """A missing column, a mapping that leads nowhere, and a name that is no column of ours, in one message."""
    with pytest.raises(pa.InputError, match="3 things to correct") as told:
        opened(engine, [{"Owner": "alice"}], required=("date",), rep="Ovner", quantity="Owner")
    assert [finding.code for finding in told.value.findings] == ["unknown-column", "unknown-column", "missing-column"]
    assert "Did you mean 'Owner'?" in str(told.value)


@pytest.mark.parametrize("nothing", ["text", 3, [1, 2]])
def test_what_is_no_table_is_refused(nothing: Any) -> None:
    """Text, a number and a list of numbers hold no rows."""
    with pytest.raises(pa.InputError, match="is no table"):
        open_source(nothing, table="sales", known=KNOWN, required=(), columns={})


def test_categories_are_text() -> None:
    """A column of categories groups as the text that it shows."""
    for frame in (
        pd.DataFrame({"rep": pd.Categorical(["alice", "alice"])}),
        pl.DataFrame({"rep": ["alice", "alice"]}, schema={"rep": pl.Categorical}),
    ):
        source = open_source(frame, table="sales", known=KNOWN, required=(), columns={})
        assert list(source.group("rep").keys["rep"]) == ["alice"]


@engines
def test_an_empty_table_has_no_groups(engine: str) -> None:
    """Without a row there is no group, and nothing to tell."""
    rows = [{"rep": "alice", "amount": 1.0}]
    assert len(opened(engine, rows).without("rep", ["alice"]).group("rep", numbers=["amount"])) == 0

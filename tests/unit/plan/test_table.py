"""Rules of `Table`: nothing vanishes in a sum, unknown names raise, and every way out keeps the values."""

from __future__ import annotations

import copy
import json
import pickle
import re
import sys
from collections import Counter
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.errors import BackendUnavailableError, InputError, UnknownNameError
from planalloc.plan import table as module
from planalloc.plan.table import Column, Periods, Table, Text

MONTHS = ("2027-01", "2027-02", "2027-03", "2027-04")
CALENDAR = Periods(
    "month",
    MONTHS,
    {
        "week": "Weeks run over the ends of months.",
        "quarter": ("2027-Q1", "2027-Q1", "2027-Q1", "2027-Q2"),
        "quadrimester": ("2027-4M1",) * 4,
        "year": ("2027",) * 4,
    },
)
YEAR = Periods(
    "month",
    tuple(f"2027-{month:02d}" for month in range(1, 13)),
    {
        "quarter": tuple(f"2027-Q{month // 3 + 1}" for month in range(12)),
        "quadrimester": tuple(f"2027-4M{month // 4 + 1}" for month in range(12)),
        "semester": tuple(f"2027-H{month // 6 + 1}" for month in range(12)),
    },
)
STARTS = np.array(["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"], dtype="datetime64[D]")
ENDS = np.array(["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"], dtype="datetime64[D]")


@pytest.fixture
def quotas() -> Table:
    """Alice sells 1, 2, 3, 4 from January to April; Bruno 10, 20, 30, 40; Chloe is known and has no row."""
    month = np.arange(8) % 4
    return Table(
        {
            "rep": Text(np.arange(8) // 4, ("alice", "bruno", "chloe")),
            "team": Text.of(["north"] * 4 + [None] * 4, ["south", "north"]),
            "period": Text(month, MONTHS),
            "start": STARTS[month],
            "end": ENDS[month],
            "base": np.array([1, 2, 3, 4, 10, 20, 30, 40]),
            "planned_hours": np.array([1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]),
            "available_hours": np.array([4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 0.0]),
            "utilization": np.array([0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, np.nan]),
            "repeat": month == 3,
        },
        name="quotas",
        measures=("base", "planned_hours", "available_hours"),
        ratios={"utilization": ("planned_hours", "available_hours")},
        calendar=CALENDAR,
    )


row = st.tuples(
    st.integers(-1, 2),
    st.integers(-1, 3),
    st.integers(-(2**62), 2**62),
    st.integers(-(10**9), 10**9),
    st.one_of(st.none(), st.floats(allow_infinity=False)),
    st.booleans(),
    st.one_of(st.none(), st.dates()),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Return up to a dozen rows with missing texts, huge whole numbers, cents, dates and booleans."""
    rows = draw(st.lists(row, max_size=12))
    rep, period, base, cents, score, flag, start = zip(*rows, strict=True) if rows else ((),) * 7
    return Table(
        {
            "rep": Text(np.array(rep, dtype=np.int32), ("zoe", "alice", "bruno")),
            "period": Text(np.array(period, dtype=np.int32), MONTHS),
            "start": np.array(start, dtype="datetime64[D]"),
            "flag": np.array(flag, dtype=np.bool_),
            "base": np.array(base, dtype=np.int64),
            "money": np.array(cents, dtype=np.float64) / 100,
            "score": np.array(score, dtype=np.float64),
        },
        measures=("base", "money"),
        decimals={"money": 2},
        calendar=CALENDAR,
    )


def exact_sums(table: Table, *keys: str) -> dict[tuple[Any, ...], int]:
    """Sum ``base`` by keys with Python's own integers."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for entry in table.to_dicts():
        sums[tuple(entry[key] for key in keys)] += entry["base"]
    return {key: sums[key] for key in {tuple(entry[key] for key in keys) for entry in table.to_dicts()}}


# --- text ---------------------------------------------------------------------------------------------------------


def test_text_decodes_to_categories_and_none() -> None:
    """A code of -1 is a missing text, not the last category."""
    assert Text(np.array([1, -1, 0]), ("b", "a")).decoded().tolist() == ["a", None, "b"]


def test_text_keeps_the_given_order_of_categories() -> None:
    """Given categories are not sorted, and those without rows stay."""
    assert Text.of(["a"], ["z", "a"]) == Text(np.array([1]), ("z", "a"))


def test_text_without_categories_sorts_them() -> None:
    """The same texts in another order give the same categories."""
    assert Text.of(["b", None, "a", "b"]).categories == Text.of(["a", "b", "b"]).categories == ("a", "b")


def test_text_refuses_a_value_outside_its_categories() -> None:
    """An unknown text names itself and the nearest known one."""
    with pytest.raises(UnknownNameError) as caught:
        Text.of(["alise"], ["alice", "bruno"])
    assert (caught.value.name, caught.value.candidates) == ("alise", ("alice",))


@pytest.mark.parametrize(
    ("codes", "categories", "words"),
    [
        ([0, 2], ("a", "b"), "between -1 and 1; found 0 to 2"),
        ([-2], ("a",), "between -1 and 0"),
        ([0.0], ("a",), "whole numbers"),
        ([[0]], ("a",), "whole numbers"),
        ([0], ("a", "b", "a"), "'a' appears twice"),
        ([0], (1042,), "1042 is no text"),
    ],
)
def test_text_refuses_codes_and_categories_that_do_not_fit(codes: Any, categories: Any, words: str) -> None:
    """Codes point at categories, and categories are distinct texts."""
    with pytest.raises(InputError, match=words):
        Text(np.array(codes), categories)


# --- periods ------------------------------------------------------------------------------------------------------


def test_periods_at_a_coarser_grain_keep_what_still_nests() -> None:
    """Quarters nest in semesters; a quarter may lie across two quadrimesters, and then it says so."""
    coarse = YEAR.at("quarter")
    assert coarse.ids == ("2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4")
    assert coarse.within("semester") == ("2027-H1", "2027-H1", "2027-H2", "2027-H2")
    with pytest.raises(InputError, match="does not always lie within one quadrimester"):
        coarse.within("quadrimester")


@pytest.mark.parametrize("coarser", [{"year": ("2027",)}, {}])
def test_periods_refuse_ids_that_do_not_match(coarser: Any) -> None:
    """Each period has one id of its own and one holder per grain."""
    with pytest.raises(InputError):
        Periods("month", ("2027-01", "2027-02") if coarser else ("2027-01", "2027-01"), coarser)


# --- making a table -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contents", "roles", "words"),
    [
        ({"a": np.arange(2), "b": np.arange(3)}, {}, "differ in length"),
        ({"a": np.array([1.0, np.inf])}, {}, "infinite"),
        ({"a": np.arange(2, dtype=np.int32)}, {}, "int32"),
        ({"a": np.zeros((2, 2))}, {}, "2-d"),
        ({"a": [1, 2]}, {}, "list"),
        ({"": np.arange(2)}, {}, "cannot name a column"),
        ({"a": Text.of(["x"])}, {"measures": ("a",)}, "measure 'a' is no column of numbers"),
        ({"a": np.arange(2)}, {"measures": ("b",)}, "measure 'b'"),
        ({"a": np.arange(2.0)}, {"ratios": {"a": ("b", "c")}}, "ratio 'a'"),
        ({"a": np.arange(2.0)}, {"measures": ("a",), "ratios": {"a": ("a", "a")}}, "ratio 'a'"),
        ({"a": np.arange(2.0), "b": np.arange(2)}, {"measures": ("b",), "ratios": {"a": ("b",) * 3}}, "ratio 'a'"),
        ({"a": np.arange(2)}, {"decimals": {"a": 2}}, "decimals of 'a'"),
        ({"a": np.arange(2.0)}, {"decimals": {"a": -1}}, "decimals of 'a'"),
        ({"a": np.arange(2)}, {"kinds": {"a": "money"}}, "kind of 'a'"),
    ],
)
def test_table_refuses_what_does_not_fit(contents: Any, roles: Any, words: str) -> None:
    """Lengths, dtypes, finite amounts and the roles of columns are checked where the table is made."""
    with pytest.raises(InputError, match=words):
        Table(contents, **roles)


def test_table_refuses_a_period_that_its_calendar_does_not_know() -> None:
    """A period outside the calendar would vanish from sums by quarter."""
    with pytest.raises(UnknownNameError, match="2026-12"):
        Table({"period": Text.of(["2026-12"])}, calendar=CALENDAR)


def test_table_does_not_share_memory_with_its_maker() -> None:
    """Writing to the array that a table was made from, also through a read-only view, leaves the table alone."""
    amounts = np.array([1, 2, 3])
    view = amounts[:]
    view.flags.writeable = False
    tables = [Table({"base": amounts}), Table({"base": view})]
    amounts[:] = 0
    assert [table["base"].tolist() for table in tables] == [[1, 2, 3], [1, 2, 3]]


@pytest.mark.parametrize("remade", [copy.copy, copy.deepcopy, lambda table: pickle.loads(pickle.dumps(table))])  # noqa: S301 -- our own bytes
def test_copies_are_equal_and_read_only(quotas: Table, remade: Any) -> None:
    """Pickle and copy give the same table with the same roles, which is as immutable as the first."""
    again = remade(quotas)
    assert again == quotas
    assert again.by("quarter") == quotas.by("quarter")
    for name in ("base", "start"):
        with pytest.raises(ValueError, match="read-only"):
            again[name][0] = again[name][1]
    with pytest.raises(ValueError, match="read-only"):
        again.contents["rep"].codes[0] = 1


def test_columns_and_length(quotas: Table) -> None:
    """`columns` names the columns in order, and the length is the number of rows."""
    assert quotas.columns[:3] == ("rep", "team", "period")
    assert (len(quotas), len(Table({}))) == (8, 0)


def test_unknown_column_raises_with_the_nearest(quotas: Table) -> None:
    """Asking for a column that is not there suggests the one that was meant."""
    with pytest.raises(UnknownNameError) as caught:
        quotas["bas"]
    assert caught.value.candidates == ("base",)


def test_table_is_not_iterated(quotas: Table) -> None:
    """A loop over a table says what to loop over instead of guessing rows or columns."""
    with pytest.raises(TypeError, match="to_dicts"):
        list(quotas)


# --- equality -----------------------------------------------------------------------------------------------------

LIKE: dict[str, Column] = {
    "rep": Text.of(["a", None]),
    "score": np.array([1.0, np.nan]),
    "on": np.array(["2027-01-01", "NaT"], "M8[D]"),
    "n": np.array([1, 2]),
}


def test_equality_takes_missing_for_missing() -> None:
    """Tables made apart from equal values are equal, missing cells included, and are not hashable."""
    again = {name: copy.deepcopy(column) for name, column in LIKE.items()}
    assert Table(LIKE) == Table(again)
    with pytest.raises(TypeError):
        hash(Table(LIKE))


@pytest.mark.parametrize(
    "other",
    [
        Table(LIKE, name="other"),
        Table(dict(reversed(LIKE.items()))),
        Table({**LIKE, "rep": Text.of(["a", "a"])}),
        Table({**LIKE, "rep": Text.of(["a", None], ["a", "b"])}),
        Table({**LIKE, "n": np.array([1.0, 2.0])}),
        Table({**LIKE, "score": np.array([2.0, np.nan])}),
        Table({name: LIKE[name] for name in ("rep", "score", "on")}),
        "table",
    ],
)
def test_equality_sees_every_difference(other: Any) -> None:
    """Name, columns, their order, dtypes, categories and values all count."""
    assert Table(LIKE) != other


# --- by -----------------------------------------------------------------------------------------------------------


def test_by_sums_measures_and_drops_other_labels(quotas: Table) -> None:
    """What remains is the key, the sums and the ratios, in the order of the columns."""
    by_rep = quotas.by("rep")
    assert by_rep.columns == ("rep", "base", "planned_hours", "available_hours", "utilization")
    assert by_rep["base"].tolist() == [10, 100]


def test_by_divides_ratios_anew(quotas: Table) -> None:
    """Bruno's ratio of the year is 8 hours of 12, not the mean of his months."""
    assert quotas.by("rep")["utilization"].tolist() == [0.25, pytest.approx(8 / 12)]


def test_by_gives_no_ratio_over_zero(quotas: Table) -> None:
    """Hours planned where none are available have no utilization; it is missing, not infinite."""
    april = quotas.where(rep="bruno", period="2027-04").by("rep")
    assert april.to_dicts()[0]["utilization"] is None


def test_by_orders_rows_by_category_and_missing_last() -> None:
    """Text comes in the order of its categories, not of the alphabet or of the rows."""
    table = Table({"team": Text.of(["north", None, "south", "north"], ["south", "north"]), "n": np.arange(4)})
    assert table.by("team")["team"].tolist() == ["south", "north", None]


def test_by_keeps_start_and_end_with_time_only(quotas: Table) -> None:
    """A quarter runs from its first period's first day to its last period's last day; a rep has no such days."""
    first = quotas.by("quarter").to_dicts()[0]
    assert (first["start"], first["end"]) == (date(2027, 1, 1), date(2027, 3, 31))
    assert quotas.by("quarter").columns[:3] == ("quarter", "start", "end")
    assert "start" not in quotas.by("rep").columns


def test_by_ignores_missing_dates_among_others() -> None:
    """The first and last day are of the dates that are known; without any, they are missing."""
    days = np.array(["2027-01-05", "NaT", "NaT"], dtype="datetime64[D]")
    table = Table({"period": Text.of(["a", "a", "b"]), "start": days, "end": days})
    assert table.by("period").to_dicts() == [
        {"period": "a", "start": date(2027, 1, 5), "end": date(2027, 1, 5)},
        {"period": "b", "start": None, "end": None},
    ]


def test_by_own_grain_is_the_period_itself(quotas: Table) -> None:
    """In a plan by month, asking for months gives the periods under that name."""
    assert quotas.by("month")["month"].tolist() == list(MONTHS)
    assert quotas.by("month")["base"].tolist() == quotas.by("period")["base"].tolist() == [11, 22, 33, 44]


def test_by_coarser_after_coarse(quotas: Table) -> None:
    """Quarters add up to the year as the months did."""
    assert quotas.by("rep", "quarter").by("year") == quotas.by("year")


def test_by_two_grains_keeps_the_finer_axis() -> None:
    """Months laid out by quarter and quadrimester still add up to semesters, in which only the quarters nest."""
    table = Table({"period": Text.of(YEAR.ids), "base": np.ones(12)}, measures=("base",), calendar=YEAR)
    assert table.by("quadrimester", "quarter").by("semester")["base"].tolist() == [6.0, 6.0]


def test_by_missing_period_stays_missing() -> None:
    """A row without a period is in no quarter, and its amount stays in the table."""
    table = Table(
        {"period": Text.of(["2027-04", None], MONTHS), "base": np.array([1, 2])}, measures=("base",), calendar=CALENDAR
    )
    assert table.by("quarter").to_dicts() == [{"quarter": "2027-Q2", "base": 1}, {"quarter": None, "base": 2}]


def test_by_a_grain_that_does_not_nest_gives_the_reason(quotas: Table) -> None:
    """The reason of the calendar reaches the one who asks."""
    with pytest.raises(InputError, match="Weeks run over the ends of months"):
        quotas.by("week")
    with pytest.raises(InputError, match="cannot be told by semester"):
        quotas.by("semester")


def test_by_a_grain_without_calendar(quotas: Table) -> None:
    """A table that has lost its periods has no quarters."""
    with pytest.raises(InputError, match="no periods that tell the quarter"):
        quotas.by("rep").by("quarter")


@pytest.mark.parametrize("keys", [(), ("base",), ("utilization",), ("rep", "planned_hours")])
def test_by_refuses_amounts_and_nothing(quotas: Table, keys: tuple[str, ...]) -> None:
    """Keys are labels, and there is at least one; the hint lists them."""
    with pytest.raises(InputError, match="Labels of quotas: rep, team, period, start, end, repeat"):
        quotas.by(*keys)


def test_by_unknown_key(quotas: Table) -> None:
    """A misspelt grain is found among columns and grains."""
    with pytest.raises(UnknownNameError) as caught:
        quotas.by("quater")
    assert caught.value.candidates[0] == "quarter"


@pytest.mark.parametrize(("key", "sums"), [("repeat", [66, 44]), ("start", [11, 22, 33, 44])])
def test_by_dates_and_booleans(quotas: Table, key: str, sums: list[int]) -> None:
    """Labels that are no text group as well, in their natural order."""
    assert quotas.by(key)["base"].tolist() == sums


def test_by_sums_whole_numbers_beyond_the_precision_of_floats() -> None:
    """2**53 + 1 has no float of its own; its sum is exact."""
    table = Table({"rep": Text.of(["a", "a"]), "base": np.array([2**53, 1])}, measures=("base",))
    assert table.by("rep")["base"].tolist() == [2**53 + 1]


def test_by_refuses_a_sum_that_overflows() -> None:
    """A sum beyond 64 bits raises, and never wraps around; one that comes back within them is exact."""
    rep = Text.of(["a", "a", "a"])
    with pytest.raises(InputError, match="a sum of base exceeds"):
        Table({"rep": rep, "base": np.array([2**62, 2**62, 0])}, measures=("base",)).by("rep")
    with pytest.raises(InputError, match="a sum of base exceeds"):
        Table({"rep": rep, "base": np.array([-(2**62), -(2**62), -1])}, measures=("base",)).by("rep")
    with pytest.raises(InputError, match="a sum of base exceeds"):
        Table({"rep": rep, "base": np.array([1e18, 0.0, 0.0])}, measures=("base",), decimals={"base": 2}).by("rep")
    back = Table({"rep": rep, "base": np.array([2**62, 2**62, -(2**62)])}, measures=("base",))
    assert back.by("rep")["base"].tolist() == [2**62]


def test_by_orders_more_combinations_than_64_bits_can_number() -> None:
    """Five keys of 10,000 ids each have 10**20 combinations, and rows still come in the order of the keys."""
    ids = tuple(f"{number:04d}" for number in range(10_000))
    contents: dict[str, Column] = {name: Text(np.array([5000, 0]), ids) for name in "abcde"}
    assert Table(contents).by(*"abcde")["a"].tolist() == ["0000", "5000"]


def test_by_drops_how_other_labels_are_shown() -> None:
    """A rate that does not add up goes, with its decimals and its kind."""
    table = Table({"rep": Text.of(["a"]), "rate": np.array([0.5])}, decimals={"rate": 2}, kinds={"rate": "share"}).by(
        "rep"
    )
    assert (table.columns, table.decimals, table.kinds) == (("rep",), {}, {})


def test_by_sums_money_in_cents() -> None:
    """Ten times 0.10 is 1.00, where floats would give 0.9999999999999999."""
    table = Table(
        {"rep": Text.of(["a"] * 10 + ["b"]), "base": np.array([0.1] * 10 + [np.nan])},
        measures=("base",),
        decimals={"base": 2},
    )
    assert table.by("rep").to_dicts() == [{"rep": "a", "base": 1.0}, {"rep": "b", "base": None}]
    assert table.where(rep="a").total("base") == 1.0


@settings(max_examples=50, deadline=None)
@given(table=tables(), keys=st.sampled_from([("rep",), ("period", "rep"), ("flag", "rep"), ("rep", "start", "period")]))
def test_by_gives_the_sums_of_python_integers(table: Table, keys: tuple[str, ...]) -> None:
    """Every group and no other appears, with the sum that unlimited integers give, or the call raises."""
    expected = exact_sums(table, *keys)
    if any(not -(2**63) <= value < 2**63 for value in expected.values()):
        with pytest.raises(InputError, match="exceeds"):
            table.by(*keys)
        return
    found = table.by(*keys).to_dicts()
    assert {tuple(entry[key] for key in keys): entry["base"] for entry in found} == expected
    assert len(found) == len(expected)


@settings(max_examples=50, deadline=None)
@given(table=tables(), seed=st.randoms(use_true_random=False))
def test_by_does_not_depend_on_the_order_of_rows(table: Table, seed: Any) -> None:
    """Rows in another order give the same sums in the same order."""
    small = Table({**table.contents, "base": table["base"] // 2**10}, measures=table.measures, decimals=table.decimals)
    order = np.array(seed.sample(range(len(small)), len(small)), dtype=np.int64)
    shuffled = small._rows(order)
    assert shuffled.by("rep", "flag") == small.by("rep", "flag")


@settings(max_examples=50, deadline=None)
@given(table=tables())
def test_by_in_two_steps_is_by_in_one(table: Table) -> None:
    """Summing by rep and quarter and then by quarter is summing by quarter."""
    small = Table(
        {name: table.contents[name] for name in ("rep", "period", "money")},
        measures=("money",),
        decimals=table.decimals,
        calendar=CALENDAR,
    )
    assert small.by("rep", "quarter").by("quarter") == small.by("quarter")
    assert small.by("quarter").by("quarter") == small.by("quarter")


@settings(max_examples=50, deadline=None)
@given(table=tables())
def test_by_sorting_or_counting_is_the_same(table: Table) -> None:
    """Few combinations of keys are counted and many are sorted; the answer does not tell which."""
    keys = ("rep", "period", "flag", "start")
    small = Table({**table.contents, "base": table["base"] // 2**10}, measures=("base",))
    expected = small.by(*keys)
    with pytest.MonkeyPatch.context() as patch:
        for factor, limit in ((0, 2**62), (10**6, 2**62), (0, 4)):
            patch.setattr(module, "DENSE_FACTOR", factor)
            patch.setattr(module, "CODE_LIMIT", limit)
            assert small.by(*keys) == expected


# --- where --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "bases"),
    [
        ({"rep": "alice"}, [1, 2, 3, 4]),
        ({"rep": ["bruno", "chloe"]}, [10, 20, 30, 40]),
        ({"rep": {"alice"}, "period": ("2027-01", "2027-03")}, [1, 3]),
        ({"rep": "chloe"}, []),
        ({"rep": []}, []),
        ({"team": None}, [10, 20, 30, 40]),
        ({"team": [None, "north"]}, [1, 2, 3, 4, 10, 20, 30, 40]),
        ({"quarter": "2027-Q2"}, [4, 40]),
        ({"month": "2027-02"}, [2, 20]),
        ({"year": ["2027"]}, [1, 2, 3, 4, 10, 20, 30, 40]),
        ({"start": date(2027, 2, 1)}, [2, 20]),
        ({"start": np.datetime64("2027-02-01")}, [2, 20]),
        ({"repeat": True}, [4, 40]),
        ({"base": np.array([3, 30])}, [3, 30]),
        ({"planned_hours": 1}, [1, 2, 3, 4]),
        ({"utilization": None}, [40]),
        ({"base": None}, []),
        ({}, [1, 2, 3, 4, 10, 20, 30, 40]),
    ],
)
def test_where_keeps_the_rows_that_meet_all_conditions(quotas: Table, conditions: Any, bases: list[int]) -> None:
    """A condition is a value or a collection of them; None is missing; a known rep without rows gives no rows."""
    kept = quotas.where(**conditions)
    assert kept["base"].tolist() == bases
    assert kept.columns == quotas.columns


@pytest.mark.parametrize(
    ("conditions", "name", "candidates"),
    [
        ({"rep": "alise"}, "alise", ("alice",)),
        ({"rep": ["alice", 1042]}, "1042", ()),
        ({"rep": [["alice"]]}, "['alice']", ("alice",)),
        ({"quarter": "2027-Q3"}, "2027-Q3", ("2027-Q2", "2027-Q1")),
        ({"reps": "alice"}, "reps", ("rep", "repeat")),
    ],
)
def test_where_unknown_names_raise(quotas: Table, conditions: Any, name: str, candidates: tuple[str, ...]) -> None:
    """A name that nobody defined raises with the nearest known ones, and never gives an empty table."""
    with pytest.raises(UnknownNameError) as caught:
        quotas.where(**conditions)
    assert (caught.value.name, caught.value.candidates) == (name, candidates)


@pytest.mark.parametrize(
    "conditions",
    [
        {"base": 1.0},
        {"base": True},
        {"base": 2**70},
        {"repeat": 1},
        {"start": "2027-02-01"},
        {"start": datetime(2027, 2, 1, 9)},  # noqa: DTZ001 -- a time of day is what is refused
        {"planned_hours": "1"},
    ],
)
def test_where_refuses_values_of_another_kind(quotas: Table, conditions: Any) -> None:
    """A value that such a column can never hold is a mistake, not a condition that nothing meets."""
    with pytest.raises(InputError, match="holds"):
        quotas.where(**conditions)


def test_head_is_the_first_rows(quotas: Table) -> None:
    """More rows than there are give all; a negative number is refused."""
    assert quotas.head(2)["base"].tolist() == [1, 2]
    assert quotas.head(100) == quotas
    with pytest.raises(InputError, match="-1"):
        quotas.head(-1)


# --- pivot and total ----------------------------------------------------------------------------------------------


def test_pivot_has_a_column_for_every_category(quotas: Table) -> None:
    """Periods and reps without rows are columns of zeros; rows are those that occur."""
    wide = quotas.where(rep="alice").pivot("quarter", "rep", "base")
    assert wide.to_dicts() == [
        {"quarter": "2027-Q1", "alice": 6, "bruno": 0, "chloe": 0},
        {"quarter": "2027-Q2", "alice": 4, "bruno": 0, "chloe": 0},
    ]


def test_pivot_keeps_what_has_no_key(quotas: Table) -> None:
    """Amounts whose column key is missing stand in a column of their own."""
    assert quotas.pivot("month", "team", "base").columns == ("month", "south", "north", "missing")
    assert quotas.pivot("rep", "team", "base").total("missing") == 100


def test_pivot_of_a_ratio_is_missing_without_rows(quotas: Table) -> None:
    """A ratio that does not exist is not zero percent."""
    wide = quotas.where(rep="alice").pivot("rep", "repeat", "utilization")
    assert wide.to_dicts() == [{"rep": "alice", "False": 0.25, "True": 0.25}]
    assert quotas.where(rep="alice").pivot("year", "rep", "utilization").to_dicts() == [
        {"year": "2027", "alice": 0.25, "bruno": None, "chloe": None}
    ]


def test_pivot_sums_further_by_time(quotas: Table) -> None:
    """A pivot by month still knows its quarters, and its columns add up."""
    assert quotas.pivot("month", "rep", "base").by("quarter")["bruno"].tolist() == [60, 40]


def test_pivot_refuses_labels_and_two_columns_of_one_name(quotas: Table) -> None:
    """Only amounts fill cells, and no column may hide another."""
    with pytest.raises(InputError, match="Measures of quotas: base, planned_hours, available_hours, utilization"):
        quotas.pivot("rep", "month", "start")
    clash = Table({"a": Text.of(["x"]), "b": Text.of(["a"]), "n": np.array([1])}, measures=("n",))
    with pytest.raises(InputError, match="same name"):
        clash.pivot("a", "b", "n")


@settings(max_examples=50, deadline=None)
@given(table=tables(), keys=st.permutations(["rep", "period", "flag"]))
def test_pivot_loses_nothing(table: Table, keys: list[str]) -> None:
    """The columns of a pivot sum to the total of the measure."""
    small = Table({**table.contents, "base": table["base"] // 2**10}, measures=("base",))
    wide = small.pivot(keys[0], keys[1], "base")
    assert sum(wide.total(name) for name in wide.columns[1:]) == small.total("base")


def test_total_is_a_plain_number(quotas: Table) -> None:
    """Whole numbers give int and floats float, not numpy scalars, with rows or without."""
    assert (type(quotas.total("base")), quotas.total("base")) == (int, 110)
    assert (type(quotas.total("planned_hours")), quotas.total("planned_hours")) == (float, 12.0)
    assert (quotas.head(0).total("base"), quotas.head(0).total("planned_hours")) == (0, 0.0)


def test_total_of_a_ratio_is_the_ratio_of_totals(quotas: Table) -> None:
    """12 hours planned of 28; over nothing there is no number."""
    assert quotas.total("utilization") == pytest.approx(12 / 28)
    assert np.isnan(quotas.head(0).total("utilization"))


def test_total_refuses_labels_and_unknown_columns(quotas: Table) -> None:
    """A date does not add up, and a misspelt measure is suggested."""
    with pytest.raises(InputError, match="start is a label"):
        quotas.total("start")
    with pytest.raises(UnknownNameError, match="Did you mean 'base'"):
        quotas.total("bases")


# --- ways out -----------------------------------------------------------------------------------------------------


@pytest.fixture
def mixed() -> Table:
    """One row with every kind of value and one with every kind of missing."""
    return Table(
        {
            "rep": Text.of(["bruno", None], ["chloe", "bruno"]),
            "on": np.array(["2027-01-31", "NaT"], dtype="datetime64[D]"),
            "base": np.array([2**53 + 1, 0]),
            "score": np.array([0.1, np.nan]),
            "flag": np.array([True, False]),
        }
    )


ROWS = [
    {"rep": "bruno", "on": date(2027, 1, 31), "base": 2**53 + 1, "score": 0.1, "flag": True},
    {"rep": None, "on": None, "base": 0, "score": None, "flag": False},
]


def test_to_dicts_holds_python_values(mixed: Table) -> None:
    """Rows hold str, int, float, bool, date and None, and nothing of numpy."""
    assert mixed.to_dicts() == ROWS
    assert [type(value) for value in mixed.to_dicts()[0].values()] == [str, date, int, float, bool]


def test_to_pandas(mixed: Table) -> None:
    """Text is an ordered Categorical with all categories; the frame is the caller's to change."""
    frame = mixed.to_pandas()
    assert frame["rep"].cat.categories.tolist() == ["chloe", "bruno"]
    assert frame["rep"].cat.ordered
    assert frame["rep"].tolist()[0] == "bruno"
    assert frame["on"].dt.date.tolist()[0] == date(2027, 1, 31)
    assert frame["base"].tolist() == [2**53 + 1, 0]
    assert frame.isna().to_numpy().tolist() == [[False] * 5, [True, True, False, True, False]]
    frame.loc[0, "base"] = 1
    assert mixed["base"][0] == 2**53 + 1


def test_to_polars(mixed: Table) -> None:
    """Text is an Enum with all categories in order, and the rows are those of `to_dicts`."""
    frame = mixed.to_polars()
    assert frame.schema == {
        "rep": pl.Enum(["chloe", "bruno"]),
        "on": pl.Date,
        "base": pl.Int64,
        "score": pl.Float64,
        "flag": pl.Boolean,
    }
    assert frame.to_dicts() == ROWS


def test_to_arrow(mixed: Table) -> None:
    """Text is a dictionary with all categories in order, dates are date32, and the rows are those of `to_dicts`."""
    arrow = mixed.to_arrow()
    assert [str(kind) for kind in arrow.schema.types] == [
        "dictionary<values=string, indices=int32, ordered=1>",
        "date32[day]",
        "int64",
        "double",
        "bool",
    ]
    assert arrow.column("rep").chunk(0).dictionary.to_pylist() == ["chloe", "bruno"]
    assert arrow.to_pylist() == ROWS


def test_arrow_stream_through_pyarrow(mixed: Table) -> None:
    """Any library that reads the Arrow stream protocol takes a table as it is."""
    assert pa.table(mixed).to_pylist() == ROWS
    assert pl.DataFrame(mixed).to_dicts() == ROWS


def test_arrow_stream_through_polars(mixed: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyarrow, polars provides the stream."""
    monkeypatch.setattr(module, "find_spec", lambda package: None if package == "pyarrow" else package)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert pl.DataFrame(mixed).to_dicts() == ROWS


@pytest.mark.parametrize(
    ("method", "package", "extra"),
    [
        ("to_pandas", "pandas", "pandas"),
        ("to_polars", "polars", "polars"),
        ("to_arrow", "pyarrow", "arrow"),
        ("__arrow_c_stream__", "pyarrow", "arrow"),
    ],
)
def test_a_missing_package_names_its_extra(
    mixed: Table, monkeypatch: pytest.MonkeyPatch, method: str, package: str, extra: str
) -> None:
    """Each way out that needs a package says how to install it."""
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(BackendUnavailableError, match=f"planalloc\\[{extra}\\]"):
        getattr(mixed, method)()


@pytest.mark.parametrize("method", ["to_pandas", "to_polars", "to_arrow"])
def test_empty_tables_go_out_too(method: str) -> None:
    """A table without rows keeps its columns, even where no category is known."""
    frame = getattr(Table({"rep": Text.of([]), "base": np.arange(0)}), method)()
    assert frame.shape == (0, 2)


def test_a_text_column_may_be_all_missing() -> None:
    """Without any category, every row is missing in every way out."""
    table = Table({"product": Text.of([None, None])})
    assert table.to_polars().to_dicts() == table.to_arrow().to_pylist() == table.to_dicts() == [{"product": None}] * 2
    assert table.to_pandas()["product"].isna().all()


# --- JSON ---------------------------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(table=tables())
def test_json_is_lossless(table: Table) -> None:
    """Through strict JSON text with sorted keys, a table comes back equal, with its roles."""
    text = json.dumps(table.to_json_data(), sort_keys=True, allow_nan=False)
    again = Table.from_json_data(json.loads(text), calendar=CALENDAR)
    assert again == table
    assert again._roles() == table._roles()


def test_json_keeps_ratios_and_kinds(quotas: Table) -> None:
    """A table read back sums and divides as before."""
    again = Table.from_json_data(json.loads(json.dumps(quotas.to_json_data())), calendar=CALENDAR)
    assert again.by("quarter") == quotas.by("quarter")
    wide = quotas.pivot("rep", "month", "utilization")
    assert Table.from_json_data(wide.to_json_data()).kinds == dict.fromkeys(MONTHS, "share")


def _changed(**changes: Any) -> dict[str, Any]:
    column = {"name": "base", "type": "int64", "values": [1]}
    table = {"name": "t", "columns": [column], "measures": [], "ratios": {}, "decimals": {}, "kinds": {}}
    return {**table, **changes}


TEXT = {"name": "rep", "type": "text", "categories": ["a"], "codes": [0]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "found: list"),
        ({"name": "t"}, "found: name"),
        (_changed(more=1), "found: .*more"),
        (_changed(name=1), "'name' of a table in JSON must be str, not 1"),
        (_changed(columns={}), "'columns' of a table in JSON must be list"),
        (_changed(columns=[1]), "a column in JSON is an object"),
        (_changed(columns=[{"name": "a", "type": "int64"}]), "found: name, type"),
        (_changed(columns=[{"name": "a", "type": "int8", "values": []}]), "type 'int8'"),
        (_changed(columns=[{"name": "a", "type": "int64", "values": [1, 2.5]}]), "'a' holds whole numbers, not 2.5"),
        (_changed(columns=[{"name": "a", "type": "int64", "values": [1, None]}]), "'a' holds whole numbers, not None"),
        (_changed(columns=[{"name": "a", "type": "int64", "values": [True]}]), "'a' holds whole numbers, not True"),
        (_changed(columns=[{"name": "a", "type": "int64", "values": [2**63]}]), "column 'a'"),
        (_changed(columns=[{"name": "a", "type": "bool", "values": [1]}]), "'a' holds True or False, not 1"),
        (_changed(columns=[{"name": "a", "type": "float64", "values": ["1"]}]), "'a' holds numbers, not '1'"),
        (_changed(columns=[{"name": "a", "type": "float64", "values": [float("inf")]}]), "infinite"),
        (_changed(columns=[{"name": "a", "type": "date", "values": ["2027-02-30"]}]), "column 'a'"),
        (_changed(columns=[{"name": "a", "type": "date", "values": ["2027"]}]), "written as 2027-01-31"),
        (_changed(columns=[{**TEXT, "codes": [1]}]), "between -1 and 0"),
        (_changed(columns=[{**TEXT, "codes": [0.5]}]), "'rep' holds codes, not 0.5"),
        (_changed(columns=[{**TEXT, "categories": [1]}]), "1 is no text"),
        (_changed(columns=[TEXT, TEXT]), "same name"),
        (_changed(columns=[TEXT, {"name": "a", "type": "bool", "values": []}]), "differ in length"),
        (_changed(measures=["quota"]), "measure 'quota'"),
        (_changed(measures=[["base"]]), "are not names"),
        (_changed(ratios={"base": 1}), "are not names"),
        (_changed(decimals={"base": "2"}), "decimals of 'base'"),
    ],
)
def test_json_that_is_no_table_is_refused(content: Any, words: str) -> None:
    """Bad content raises a ValueError that says what is wrong with which column."""
    with pytest.raises(ValueError, match=words):
        Table.from_json_data(content)


# --- display ------------------------------------------------------------------------------------------------------


@pytest.fixture
def shown() -> Table:
    """Two rows with a name to escape, money in cents, hours, a ratio, a date, a flag, and missing cells."""
    return Table(
        {
            "rep": Text.of(["<alice> & co", None]),
            "on": np.array(["2027-01-31", "NaT"], dtype="datetime64[D]"),
            "base": np.array([1234567, -5]),
            "money": np.array([1234.5, np.nan]),
            "whole": np.array([1000.0, 2.0]),
            "planned_hours": np.array([1234.56, -0.01]),
            "available_hours": np.array([2469.12, 0.0]),
            "utilization": np.array([0.5, np.nan]),
            "flag": np.array([True, False]),
        },
        name="<quotas>",
        measures=("base", "money", "planned_hours", "available_hours"),
        ratios={"utilization": ("planned_hours", "available_hours")},
        decimals={"money": 2},
    )


def test_text_shows_aligned_numbers(shown: Table) -> None:
    """Numbers stand to the right with commas, hours with one decimal, ratios as percent, missing as blank."""
    assert str(shown).splitlines() == [
        "<quotas>: 2 rows, 9 columns",
        "rep           on               base     money  whole  planned_hours  available_hours  utilization  flag",
        "<alice> & co  2027-01-31  1,234,567  1,234.50  1,000        1,234.6          2,469.1        50.0%  yes",
        "                                 -5                2            0.0              0.0               no",
    ]
    assert repr(shown) == "<Table <quotas>: 2 rows, 9 columns>"


def test_html_shows_the_cells_of_the_text(shown: Table) -> None:
    """Both displays hold the same headings and cells, and HTML escapes them."""
    html = shown._repr_html_()
    rows = [re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", line) for line in re.findall(r"<tr.*?</tr>", html)]
    assert rows == [
        list(shown.columns),
        [
            "&lt;alice&gt; &amp; co",
            "2027-01-31",
            "1,234,567",
            "1,234.50",
            "1,000",
            "1,234.6",
            "2,469.1",
            "50.0%",
            "yes",
        ],
        ["", "", "-5", "", "2", "0.0", "0.0", "", "no"],
    ]
    sides = re.findall(r"<td style=\"text-align:(\w+)", html)
    assert sides[:9] == sides[9:] == ["left"] * 2 + ["right"] * 6 + ["left"]
    assert "&lt;quotas&gt;</b>: 2 rows, 9 columns" in html
    assert "<quotas>" not in html


def test_html_takes_its_colors_from_the_page(shown: Table) -> None:
    """Nothing but the gray of the rules has a color of its own, so that dark and light pages both work."""
    style = shown._repr_html_().replace("rgba(128,128,128,.4)", "")
    assert set(re.findall(r"(?:color|background):([^;\"]+)", style)) == {"inherit", "transparent"}
    assert not re.search(r"<(script|style|link)|#[0-9a-f]{3}", style)


def test_long_tables_are_cut_and_say_so() -> None:
    """Twenty rows and twenty columns are shown, and the rest is counted, in text and in HTML."""
    long = Table({f"c{number}": np.arange(1300) for number in range(22)})
    lines = str(long).splitlines()
    assert len(lines) == 1 + 1 + 20 + 2
    assert lines[-2:] == ["... 1,280 more rows", "... 2 more columns"]
    assert lines[1].split() == [f"c{number}" for number in range(20)]
    assert str(Table({"n": np.arange(21)})).endswith("... 1 more row")
    assert "more" not in str(Table({"n": np.arange(20)}))
    html = long._repr_html_()
    assert html.count("<tr") == 21
    assert "... 1,280 more rows" in html


def test_zero_is_shown_without_a_sign() -> None:
    """What rounds to nothing shows as 0 in every kind of number."""
    tiny = Table({name: np.array([-0.0]) for name in ("money", "hours", "rate")}, kinds={"rate": "share"})
    assert str(tiny).splitlines()[2].split() == ["0", "0.0", "0.0%"]


def test_wide_letters_and_accents_keep_columns_aligned() -> None:
    """A letter that takes two columns counts as two and a lone accent as none; long names are cut."""
    names = ["山田", "e\u0301a", "x" * 60, "line\nbreak"]
    lines = str(Table({"rep": Text.of(names, names), "n": np.arange(4)})).splitlines()
    assert lines[2:] == [
        "山田" + " " * 36 + "  0",
        "e\u0301a" + " " * 38 + "  1",
        "x" * 39 + "…" + "  2",
        "line break" + " " * 30 + "  3",
    ]


def test_pivot_shows_as_its_values_do(quotas: Table) -> None:
    """Hours and ratios laid out wide are still hours and percent."""
    assert str(quotas.pivot("rep", "quarter", "planned_hours")).splitlines()[2] == "alice      3.0      1.0"
    assert str(quotas.pivot("rep", "quarter", "utilization")).splitlines()[2] == "alice    25.0%    25.0%"


def test_an_empty_table_shows_its_columns(quotas: Table) -> None:
    """Without rows the headings remain, and a table without columns is a title."""
    assert str(quotas.head(0)).splitlines()[0] == "quotas: 0 rows, 10 columns"
    assert len(str(quotas.head(0)).splitlines()) == 2
    assert str(Table({})) == "table: 0 rows, 0 columns"
    assert Table({})._repr_html_().count("<td") == 0

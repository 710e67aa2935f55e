"""Rules of `Table`: it never changes, unknown names raise, and every sum is of all the rows that it names."""

from __future__ import annotations

import copy
import pickle
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from planalloc.errors import InputError, UnknownNameError
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


# --- making a table -------------------------------------------------------------------------------------------------


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


# --- equality -------------------------------------------------------------------------------------------------------

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


# --- by -------------------------------------------------------------------------------------------------------------


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


def test_by_keeps_start_and_end_with_time_only(quotas: Table) -> None:
    """A quarter runs from its first period's first day to its last period's last day; a rep has no such days."""
    first = quotas.by("quarter").to_dicts()[0]
    assert (first["start"], first["end"]) == (date(2027, 1, 1), date(2027, 3, 31))
    assert quotas.by("quarter").columns[:3] == ("quarter", "start", "end")
    assert "start" not in quotas.by("rep").columns


def test_by_own_grain_is_the_period_itself(quotas: Table) -> None:
    """In a plan by month, asking for months gives the periods under that name."""
    assert quotas.by("month")["month"].tolist() == list(MONTHS)
    assert quotas.by("month")["base"].tolist() == quotas.by("period")["base"].tolist() == [11, 22, 33, 44]


def test_by_coarser_after_coarse(quotas: Table) -> None:
    """Quarters add up to the year as the months did."""
    assert quotas.by("rep", "quarter").by("year") == quotas.by("year")


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


def test_by_drops_how_other_labels_are_shown() -> None:
    """A rate that does not add up goes, with its decimals and its kind."""
    table = Table({"rep": Text.of(["a"]), "rate": np.array([0.5])}, decimals={"rate": 2}, kinds={"rate": "share"}).by(
        "rep"
    )
    assert (table.columns, table.decimals, table.kinds) == (("rep",), {}, {})


# --- where ----------------------------------------------------------------------------------------------------------


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


# --- pivot and total ------------------------------------------------------------------------------------------------


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


def test_pivot_shows_as_its_values_do(quotas: Table) -> None:
    """Hours and ratios laid out wide are still hours and percent."""
    assert str(quotas.pivot("rep", "quarter", "planned_hours")).splitlines()[2] == "alice      3.0      1.0"
    assert str(quotas.pivot("rep", "quarter", "utilization")).splitlines()[2] == "alice    25.0%    25.0%"


def test_pivot_refuses_labels_and_two_columns_of_one_name(quotas: Table) -> None:
    """Only amounts fill cells, and no column may hide another."""
    with pytest.raises(InputError, match="Measures of quotas: base, planned_hours, available_hours, utilization"):
        quotas.pivot("rep", "month", "start")
    clash = Table({"a": Text.of(["x"]), "b": Text.of(["a"]), "n": np.array([1])}, measures=("n",))
    with pytest.raises(InputError, match="same name"):
        clash.pivot("a", "b", "n")


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

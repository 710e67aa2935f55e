"""Rules of `SalesForce.from_frame`: nothing is dropped or guessed, and everything wrong is said at once."""

from __future__ import annotations

import csv
import io
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.salesforce import Ramp, Rep, SalesForce, Scope, Team

ALICE = [{"id": "alice"}]


def findings(*tables: Any, **options: Any) -> list[str]:
    """Return what from_frame refuses, each finding as text."""
    with pytest.raises(InputError) as refusal:
        SalesForce.from_frame(*tables, **options)
    return [str(one) for one in refusal.value.findings]


def only(*tables: Any, **options: Any) -> str:
    """Return the one finding there is, as text."""
    (one,) = findings(*tables, **options)
    return one


def rep(**cells: Any) -> Rep:
    """Return the rep that one row makes."""
    (one,) = SalesForce.from_frame([{"id": "alice", **cells}]).reps
    return one


def test_every_column_is_read() -> None:
    """Each column of the three tables ends in the field of its name."""
    force = SalesForce.from_frame(
        [
            {
                "id": "chloe",
                "name": "Chloe B.",
                "team": "north",
                "fte": "0.8",
                "covers": "A; B//new",
                "start": "2027-04-01",
                "end": "2027-11-30",
                "role": "primary",
                "seniority": "junior",
                "hours_per_week": "35",
                "selling_share": "0.7",
                "ramp": "0.25;0.5;0.75",
            }
        ],
        accounts=[
            {"rep": "chloe", "segment": "A", "accounts": "20", "last_year": "1200000", "potential": "2e6"},
            {"rep": "chloe", "segment": "B", "accounts": "0", "last_year": "", "potential": ""},
        ],
        teams=[{"id": "north", "name": "North", "parent": "france", "manager": "marie", "hedge": "0.05"}],
        leave_days=25,
    )
    assert force == SalesForce(
        teams=(Team(id="north", name="North", parent="france", manager="marie", hedge=0.05),),
        reps=(
            Rep(
                id="chloe",
                name="Chloe B.",
                team="north",
                fte=0.8,
                covers=("A", Scope(segment="B", business="new")),
                start=date(2027, 4, 1),
                end=date(2027, 11, 30),
                seniority="junior",
                hours_per_week=35,
                selling_share=0.7,
                ramp=Ramp(months=(0.25, 0.5, 0.75)),
                accounts={"A": 20, "B": 0},
                last_year={"A": 1_200_000},
                potential={"A": 2_000_000},
            ),
        ),
        leave_days=25,
    )


@given(
    st.lists(
        st.tuples(
            st.integers(1, 99999),
            st.none() | st.floats(0.1, 2.0),
            st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
            st.none() | st.sampled_from(["A", "A;B", "//existing"]),
        ),
        max_size=6,
        unique_by=lambda row: row[0],
    )
)
@settings(max_examples=50, deadline=None)
def test_all_libraries_give_the_same_sales_force(rows: Any) -> None:
    """Pandas, polars (also lazy), pyarrow, dicts and a CSV file of one table make equal reps, in its order."""
    table = pa.table(
        {
            "id": pa.array([row[0] for row in rows], pa.int64()),
            "fte": pa.array([row[1] for row in rows], pa.float64()),
            "start": pa.array([row[2] for row in rows], pa.date32()),
            "covers": pa.array([row[3] for row in rows], pa.string()),
        }
    )
    frame = table.to_pandas()
    stamped = frame.assign(start=pd.to_datetime(frame["start"]), id=frame["id"].astype(float))
    text = io.StringIO(frame.to_csv(index=False))
    sources = [
        frame,
        stamped,
        frame.convert_dtypes(),
        pl.DataFrame(table),
        pl.DataFrame(table).lazy(),
        table.to_pylist(),
        csv.DictReader(text),
    ]
    expected = SalesForce.from_frame(table)
    assert [one.id for one in expected.reps] == [str(row[0]) for row in rows]
    assert [one.fte for one in expected.reps] == [1.0 if row[1] is None else row[1] for row in rows]
    assert [SalesForce.from_frame(source) for source in sources] == [expected] * len(sources)


@pytest.mark.parametrize("value", [1042, 1042.0, np.int64(1042), np.float32(1042), Decimal("1042.00"), "1042"])
def test_numeric_ids_become_digits(value: Any) -> None:
    """A whole number is an id without decimals, in every table and column of names, so that tables meet."""
    force = SalesForce.from_frame(
        [{"id": value, "team": value, "covers": value}], accounts=[{"rep": value, "segment": value, "accounts": 3}]
    )
    assert force.reps == (Rep(id="1042", team="1042", covers=("1042",), accounts={"1042": 3}),)


def test_ids_that_are_text_keep_their_zeros() -> None:
    """Text is left as it is: "007" and "7" are two reps."""
    assert [one.id for one in SalesForce.from_frame([{"id": "007"}, {"id": 7}]).reps] == ["007", "7"]


@pytest.mark.parametrize("value", [10.5, float("inf"), float(2**53), True, np.True_, date(2027, 1, 1), ["a"]])
def test_ids_that_may_be_wrong_are_refused(value: Any) -> None:
    """A number with decimals or lost digits, a boolean, a date or a list is no id."""
    assert only([{"id": value}]).startswith("reps row 1, id: ")


@pytest.mark.parametrize("empty", [None, "", "  ", float("nan"), np.float32("nan"), Decimal("nan"), pd.NA, pd.NaT])
def test_empty_cells_are_not_given(empty: Any) -> None:
    """However a library writes a missing value, the field keeps its default."""
    columns = ("name", "team", "fte", "covers", "start", "end", "role", "seniority", "hours_per_week", "ramp")
    assert rep(**dict.fromkeys(columns, empty)) == Rep(id="alice")


def test_zero_is_a_number() -> None:
    """A selling share of 0 is 0, not the default."""
    assert rep(selling_share="0").selling_share == 0.0


@pytest.mark.parametrize("value", [0.8, "0.8", " 0.8 ", "8E-1", np.float64(0.8), Decimal("0.8")])
def test_numbers_may_be_text(value: Any) -> None:
    """Text that is a number with a decimal point is that number."""
    assert rep(fte=value).fte == 0.8


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("0,8", "Write 0.8."),
        ("1,000", "Write 1.000, or 1000 if the comma marks thousands."),
        ("80 %", "Write it in digits, such as 12.5, without unit or separators."),
        ("nan", "Write it in digits, such as 12.5, without unit or separators."),
        ("1_0", "Write it in digits, such as 12.5, without unit or separators."),
    ],
)
def test_text_that_is_no_number_is_refused(value: Any, remedy: Any) -> None:
    """Nothing is guessed about commas, units and separators; the remedy says how to write it."""
    assert only([{"id": "alice", "fte": value}]) == f"reps row 1, fte: {value!r} is no number. {remedy}"


@pytest.mark.parametrize("value", [True, np.True_])
def test_booleans_are_not_numbers(value: Any) -> None:
    """True is not 1."""
    assert "must be a number, not bool" in only([{"id": "alice", "fte": value}])


@pytest.mark.parametrize(
    "value",
    [date(2027, 4, 1), datetime(2027, 4, 1), pd.Timestamp("2027-04-01"), "2027-04-01"],  # noqa: DTZ001 -- S-13
)
def test_dates(value: Any) -> None:
    """Dates, time stamps at midnight and ISO text are dates."""
    assert rep(start=value).start == date(2027, 4, 1)


@pytest.mark.parametrize(
    "value",
    [
        "01/04/2027",
        "20270401",
        "2027-02-30",
        "2027-04-01 00:00",
        46113,
        True,
        pd.Timestamp("2027-04-01 08:00"),
        datetime(2027, 4, 1, tzinfo=UTC),
    ],
)
def test_anything_else_is_no_date(value: Any) -> None:
    """Other ways to write a date, serial numbers, times and time zones are refused with the remedy."""
    (one,) = findings([{"id": "alice", "start": value}])
    assert one.startswith("reps row 1, start: ")
    assert one.endswith("as 2027-01-31.")


@pytest.mark.parametrize(
    ("cell", "covers"),
    [
        ("A", ("A",)),
        ("A;B", ("A", "B")),
        ("A/suite/new", (Scope(segment="A", product="suite", business="new"),)),
        ("/suite", (Scope(product="suite"),)),
        ("//existing; B", (Scope(business="existing"), "B")),
    ],
)
def test_covers(cell: Any, covers: Any) -> None:
    """A cell holds segments and scopes, segment/product/business, an empty part for any."""
    assert rep(covers=cell).covers == covers


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("A;;B", "has nothing between two ';' or beside one"),
        ("A;", "has nothing between two ';' or beside one"),
        ("//", "names nothing"),
        ("A//neu", "must be 'new' or 'existing'"),
        ("A/b/new/x", "has a scope of more than 3 parts"),
    ],
)
def test_covers_that_say_nothing_are_refused(cell: Any, rule: Any) -> None:
    """An entry without content, with an unknown business or with too many parts is refused."""
    assert only([{"id": "alice", "covers": cell}]).startswith(f"reps row 1, covers: {cell!r} {rule}. ")


def test_separator() -> None:
    """The separator applies to covers and ramp alike."""
    (one,) = SalesForce.from_frame(
        [{"id": "alice", "start": "2027-01-01", "covers": "A|B", "ramp": "0.5|1"}], separator="|"
    ).reps
    assert (one.covers, one.ramp) == (("A", "B"), Ramp(months=(0.5, 1)))


def test_accounts_by_business_add_up_in_money() -> None:
    """Counts stay apart by business; last year's sales and potential are those of the segment."""
    rows = [
        {"rep": "alice", "segment": "A", "business": "new", "accounts": 12, "last_year": None, "potential": 5},
        {"rep": "alice", "segment": "A", "business": "existing", "accounts": 8, "last_year": 3, "potential": 2},
    ]
    assert SalesForce.from_frame(ALICE, accounts=rows).reps == (
        Rep(id="alice", accounts={"A": {"new": 12, "existing": 8}}, last_year={"A": 3}, potential={"A": 7}),
    )


def test_an_empty_count_beside_money_is_not_given() -> None:
    """A row may give sales without a count, and the count is then missing, not 0."""
    rows = [{"rep": "alice", "segment": "A", "accounts": "", "last_year": "3"}]
    assert SalesForce.from_frame(ALICE, accounts=rows).reps == (Rep(id="alice", last_year={"A": 3}),)


def test_teams_may_be_records() -> None:
    """Team records are taken as they are."""
    north = Team(id="north", hedge=0.1)
    assert SalesForce.from_frame(ALICE, teams=[north]).teams == (north,)


def test_everything_wrong_is_said_at_once() -> None:
    """All bad cells of all tables are findings of one error, in the order of tables and rows."""
    found = findings(
        [
            {"id": "alice", "fte": 3, "start": "1/4/2027", "role": "boss"},
            {"id": "bruno", "start": "2027-04-01", "end": "2027-03-01"},
            {"id": "chloe", "ramp": "0.5"},
            {"id": "alice"},
            {"id": " dan"},
        ],
        teams=[{"id": "north", "hedge": -1}],
        accounts=[{"rep": "alice", "segment": "A", "business": "neu", "accounts": -1}],
    )
    assert found == [
        "reps row 1, start: '1/4/2027' is no date. Write it year first, as 2027-01-31.",
        "reps row 1, role: 'boss' must be 'primary' or 'overlay'. Write it exactly so.",
        "reps row 1, fte: 3 is outside (0, 2]. A full-time rep is 1, one on four days of five 0.8.",
        "reps row 2: 'bruno' ends on 2027-03-01, before the start on 2027-04-01. Swap the two dates.",
        "reps row 3: 'chloe' has a ramp and no start. Give the first day of employment.",
        "reps row 4: 'alice' stands in reps row 1 already, and an id names one. Rename or remove one of them.",
        "reps row 5, id: ' dan' has blanks around it. Write 'dan'.",
        "teams row 1, hedge: -1 is outside (-1, 5]. Write 5 % more than the target as 0.05.",
        "accounts row 1, business: 'neu' must be 'new' or 'existing'. The nearest is 'new'.",
        "accounts row 1, accounts: -1 is outside [0, inf). A count is not negative.",
    ]


def test_one_cell_is_one_finding() -> None:
    """A cell that cannot be read is not reported again for what its absence would mean."""
    found = findings([{"id": True, "fte": "x"}, {"id": "chloe", "start": "tomorrow", "ramp": "0.5"}])
    assert [one.partition(";")[0].partition(". ")[0] for one in found] == [
        "reps row 1, id: True must be text, not bool",
        "reps row 1, fte: 'x' is no number",
        "reps row 2, start: 'tomorrow' is no date",
    ]


def test_a_row_without_id_is_refused() -> None:
    """No row is dropped, not even an empty one."""
    assert only([{"id": "alice", "fte": 1}, {"id": "", "fte": ""}]).startswith("reps row 2, id: nothing is given")


def test_a_row_of_accounts_without_a_number_is_refused() -> None:
    """A row that says nothing is not dropped."""
    (one,) = findings(ALICE, accounts=[{"rep": "alice", "segment": "A", "accounts": None}])
    assert one == "accounts row 1: 'alice' has a row without any number. Fill it in, or take the row out."


def test_cells_beyond_the_header_are_refused() -> None:
    """A row of a CSV file with more cells than the header has a separator too many, even with extra="ignore"."""
    rows = csv.DictReader(io.StringIO("id,fte\nalice,1,5\nbruno,1,\n"))
    assert only(rows, extra="ignore").startswith("reps row 1: '5' stands beyond the last header.")


def test_ids_name_one_row() -> None:
    """The same id twice is refused, in reps and in teams, also where one is a number."""
    assert findings([{"id": 7}, {"id": "8"}, {"id": "7"}], teams=[{"id": "n"}, {"id": "n"}]) == [
        "reps row 3: '7' stands in reps row 1 already, and an id names one. Rename or remove one of them.",
        "teams row 2: 'n' stands in teams row 1 already, and an id names one. Rename or remove one of them.",
    ]


def test_the_same_accounts_twice_are_refused() -> None:
    """A rep's segment and business stand in one row; they are not added up."""
    row = {"rep": "alice", "segment": "A", "business": "new", "accounts": 3}
    assert only(ALICE, accounts=[row, {**row, "accounts": 4}]) == (
        "accounts row 2: 'alice, A, new' stands in accounts row 1 already. Put both into one row, or correct one."
    )


@pytest.mark.parametrize("businesses", [("", "new"), ("existing", "")])
def test_accounts_with_and_without_business_are_refused(businesses: Any) -> None:
    """Whether the total includes the part cannot be known."""
    rows = [{"rep": "alice", "segment": "A", "business": one, "accounts": 3} for one in businesses]
    assert "one with and one without business" in only(ALICE, accounts=rows)


def test_accounts_of_an_unknown_rep_are_refused() -> None:
    """A row of accounts for nobody is an unknown name, with the nearest rep."""
    with pytest.raises(UnknownNameError) as refusal:
        SalesForce.from_frame(ALICE, accounts=[{"rep": "alise", "segment": "A", "accounts": 3}])
    assert (refusal.value.name, refusal.value.candidates) == ("alise", ("alice",))
    assert str(refusal.value) == (
        "1 thing to correct:\n1. accounts row 1: 'alise' is no id in the table of reps. Did you mean 'alice'?"
    )


def test_columns_are_mapped_in_every_table_that_has_them() -> None:
    """A header is found by our name for it, and findings use the header; a table may also use our name itself."""
    columns = {"id": "Matricule", "fte": "ETP", "rep": "Vendeur"}
    force = SalesForce.from_frame(
        pl.DataFrame({"Matricule": [7], "ETP": [0.5]}),
        accounts=pd.DataFrame({"Vendeur": [7.0], "segment": ["A"], "accounts": [2]}),
        teams=[{"id": "north"}],
        columns=columns,
    )
    assert force.reps == (Rep(id="7", fte=0.5, accounts={"A": 2}),)
    assert only([{"Matricule": 7, "ETP": 5}], columns={"id": "Matricule", "fte": "ETP"}).startswith(
        "reps row 1, ETP: 5"
    )


@pytest.mark.parametrize(
    ("columns", "name", "candidates"),
    [
        ({"fte": "ETPP"}, "ETPP", ("ETP",)),
        ({"ftee": "ETP"}, "ftee", ("fte",)),
        ({"segment": "ETP"}, "ETP", ()),
    ],
)
def test_mapped_columns_exist(columns: Any, name: Any, candidates: Any) -> None:
    """A mapped header that no table has, and a column that is not ours, are unknown names."""
    with pytest.raises(UnknownNameError) as refusal:
        SalesForce.from_frame([{"id": "alice", "ETP": 1, "fte": 1}], columns=columns, extra="ignore")
    assert (refusal.value.name, refusal.value.candidates) == (name, candidates)


def test_a_mapped_header_comes_before_our_own_name() -> None:
    """Where a table has both, the mapped header is read and the other is an unknown column."""
    rows = [{"id": 1, "Matricule": "alice"}]
    assert SalesForce.from_frame(rows, columns={"id": "Matricule"}, extra="ignore").reps == (Rep(id="alice"),)
    assert only(rows, columns={"id": "Matricule"}).startswith("reps: 'id' is no column that is read")


def test_columns_that_must_be_there() -> None:
    """Each missing column is one finding, however many rows lack it, and the other cells are still read."""
    found = findings(
        pd.DataFrame({"Id": ["alice", "bruno"], "fte": [1, 9]}), accounts=[{"rep": "alice", "segment": "A"}]
    )
    assert [one.partition(";")[0] for one in found] == [
        "reps: 'id' is a column that must be there",
        "reps: 'Id' is no column that is read",
        "accounts: 'accounts' is a column that must be there",
        "reps row 2, fte: 9 is outside (0, 2]. A full-time rep is 1, one on four days of five 0.8.",
        "accounts row 1: 'alice' has a row without any number. Fill it in, or take the row out.",
    ]


def test_a_missing_column_of_the_second_table_is_found_although_the_first_maps_it() -> None:
    """A mapping that holds for the reps does not excuse the teams."""
    (one,) = findings([{"Matricule": 1}], teams=[{"name": "North"}], columns={"id": "Matricule"})
    assert one.startswith("teams: 'id' is a column that must be there")


def test_unknown_columns_are_refused_unless_ignored() -> None:
    """A misspelled column is not lost: it is refused, or ignored where the caller says so."""
    rows = [{"id": "alice", "ftee": 0.5}]
    with pytest.raises(UnknownNameError) as refusal:
        SalesForce.from_frame(rows)
    assert (refusal.value.name, refusal.value.candidates) == ("ftee", ("fte",))
    assert SalesForce.from_frame(rows, extra="ignore").reps == (Rep(id="alice"),)


@pytest.mark.parametrize("source", [{"id": ["alice"]}, ["alice"], "alice", 7, pl.Series(["alice"])])
def test_what_is_no_table_is_refused(source: Any) -> None:
    """A dict of columns, a list of ids or a single column is refused in words."""
    assert only(source) == (
        f"reps: {type(source).__name__} is no table. Give a dataframe, or a list with one dict for each row."
    )


def test_headers_are_unique() -> None:
    """Two columns with one header are refused: which one is meant cannot be known."""
    assert only(pd.DataFrame([[1, 2]], columns=["id", "id"])).startswith("reps: one header names several columns")


@pytest.mark.parametrize("source", [[], pd.DataFrame({"id": []}), pl.DataFrame(schema={"id": pl.String})])
def test_an_empty_table_has_no_reps(source: Any) -> None:
    """No row, no rep: whether that can be planned is for `check` to say."""
    assert SalesForce.from_frame(source).reps == ()


def test_defaults_are_checked_by_the_record() -> None:
    """What is wrong with the sales force itself is the record's to say."""
    with pytest.raises(ValidationError, match="Did you mean 'hours_per_week'"):
        SalesForce.from_frame(ALICE, hours_per_weak=35)


def test_a_long_list_is_cut_in_the_message_only() -> None:
    """The message of a wholly wrong column stays readable; the findings are complete and survive pickling."""
    with pytest.raises(InputError) as refusal:
        SalesForce.from_frame(pd.DataFrame({"id": range(150), "fte": 3.0}))
    lines = str(refusal.value).splitlines()
    assert (lines[0], len(lines)) == ("150 things to correct:", 12)
    assert lines[-1] == "and 140 more, all of them in .findings"
    assert pickle.loads(pickle.dumps(refusal.value)).findings == refusal.value.findings  # noqa: S301 -- our own bytes
    assert len(refusal.value.findings) == 150

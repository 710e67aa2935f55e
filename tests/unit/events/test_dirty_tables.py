"""What no table should hold, and no argument should be: told alike whatever engine holds it, never a raw error."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from pyarrow import Table as ArrowTable
from pyarrow import table as arrow_table

import planalloc as pa
from engines import ENGINES, held_by

if TYPE_CHECKING:
    from collections.abc import Callable

engines = pytest.mark.parametrize("engine", ENGINES)

START, END = date(2026, 1, 1), date(2026, 12, 31)
PROBLEM = pa.PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice", "bruno"])
SALE: dict[str, Any] = {"id": "s1", "date": date(2026, 3, 1), "rep": "alice", "segment": "A", "amount": 100.0}


def based(sales: Any, **more: Any) -> pa.Baseline:
    """Read a baseline of 2026."""
    return pa.baseline(pa.Actuals(sales=sales), PROBLEM, start=START, end=END, **more)


@engines
@pytest.mark.parametrize("credit", [float("inf"), 1e30, -3.0, 5.0, "50%", "x"])
def test_a_credit_that_is_no_share_sets_its_row_aside(engine: str, credit: Any) -> None:
    """A share is a number from 0 to 1, with ids and without."""
    good: Any = "1" if isinstance(credit, str) else 1.0
    rows = [SALE | {"credit": good}, SALE | {"id": "s2", "amount": 7.0, "credit": credit}]
    for sales in (rows, [{name: row[name] for name in row if name != "id"} for row in rows]):
        found = based(held_by(engine, sales))
        assert found.by_rep == {"alice": {"A": 100.0}}
        assert [(one.rule, one.rows, one.amount) for one in found.set_aside] == [
            ("has a credit that is no number from 0 to 1", 1, 7.0)
        ]


@engines
@pytest.mark.parametrize("credit", [None, float("nan"), "0.5", ""])
def test_a_credit_is_read_alike_by_every_engine(engine: str, credit: Any) -> None:
    """Nothing counts in full, and text that is a number is one."""
    full: Any = "1" if isinstance(credit, str) else 1.0
    rows = [{"date": date(2026, 3, 1), "rep": rep, "segment": "A", "amount": 100.0} for rep in ("alice", "bruno")]
    found = based(held_by(engine, [rows[0] | {"credit": credit}, rows[1] | {"credit": full}]))
    assert found.by_rep == {"alice": {"A": 50.0 if credit == "0.5" else 100.0}, "bruno": {"A": 100.0}}


@engines
def test_sums_beyond_whole_numbers_are_refused(engine: str) -> None:
    """Where whole ten-thousandths would not fit into 64 bits, nothing is added up."""
    row = {name: SALE[name] for name in SALE if name != "id"}
    with pytest.raises(pa.InputError, match=r"sales.amount: a sum of 990,000,000,000,000 .* in thousands"):
        based(held_by(engine, [row | {"amount": 9.9e10}] * 10_000))
    assert based(held_by(engine, [row | {"amount": 9.9e10}] * 9_000)).by_rep["alice"]["A"] == 9.9e10 * 9_000


@engines
def test_what_does_not_count_is_told_alike(engine: str) -> None:
    """Rules, rows, amounts and examples are the same from every engine."""
    rows = [
        SALE | change
        for change in (
            {"credit": 1.0},
            {"id": "s2", "date": date(2028, 1, 5), "credit": 1.0},
            {"id": "s3", "credit": 1.0},
            {"id": "s3", "credit": 1.0},
            {"id": "s4", "amount": 5.0, "credit": 1.0},
            {"id": "s4", "amount": 6.0, "credit": 1.0},
            {"id": "s5", "amount": 8.0, "credit": 0.5},
            {"id": "s6", "amount": 2e11, "credit": 1.0},
            {"id": "s7", "amount": None, "credit": 1.0},
        )
    ]
    assert sorted(map(str, based(held_by(engine, rows)).set_aside)) == [
        "sales: each of 2 rows shares its id and rep with a row that says something else: 's4'; 11.00 in all",
        "sales: one row has an amount of 100,000,000,000 or more, too large for one row",
        "sales: one row has no amount, or none that is a number",
        "sales: one row is credited in shares that do not add up to 1: 's5'; 8.00 in all",
        "sales: one row is dated after 2026-12-31: 2028-01-05; 100.00 in all",
        "sales: one row repeats a row with the same id and rep; 100.00 in all",
    ]


def _closed() -> Any:
    connection = duckdb.connect()
    relation = connection.from_arrow(ArrowTable.from_pylist([SALE]))
    connection.close()
    return relation


RAW: dict[str, Any] = {
    "duplicate headers of pandas": lambda: pd.DataFrame([[*SALE.values(), 1.0]], columns=[*SALE, "amount"]),
    "duplicate headers of pyarrow": lambda: arrow_table([[1], [2]], names=["amount", "amount"]),
    "headers that are numbers": lambda: pd.DataFrame([SALE]).rename(columns={"amount": 0}),
    "headers that are tuples": lambda: pd.DataFrame([SALE]).rename(columns={"amount": ("amount", "EUR")}),
    "lists": lambda: pl.DataFrame([SALE | {"rep": ["alice"]}]),
    "lists in pyarrow": lambda: ArrowTable.from_pylist([SALE | {"amount": [1.0]}]),
    "structs": lambda: pl.DataFrame([SALE | {"amount": {"a": 1}}]),
    "times": lambda: pd.DataFrame([SALE | {"amount": datetime(2026, 1, 1)}]),  # noqa: DTZ001 -- tables hold such
    "durations": lambda: pl.DataFrame([SALE | {"amount": timedelta(1)}]),
    "objects": lambda: pl.DataFrame([SALE]).with_columns(pl.Series("amount", [object()], dtype=pl.Object)),
    "signaling NaN": lambda: [SALE | {"amount": Decimal("sNaN")}],
    "signaling NaN in pandas": lambda: pd.DataFrame([SALE | {"amount": Decimal("sNaN")}]),
    "a name of 5,000 digits": lambda: [SALE | {"rep": 10**5000}],
    "400 digits": lambda: [SALE | {"amount": 10**400}],
    "a lazy frame that fails": lambda: pl.LazyFrame([SALE]).with_columns(pl.col("rep").str.to_integer()),
    "a closed connection": _closed,
}


@pytest.mark.parametrize("kind", RAW)
def test_whatever_is_wrong_with_a_table_is_one_typed_error(kind: str) -> None:
    """The error names the table or its rows, whatever the engine raises."""
    with pytest.raises(pa.InputError, match="sales"):
        based(RAW[kind]())


@pytest.mark.parametrize(
    "made",
    [
        lambda: [{"id": Decimal("sNaN")}],
        lambda: [{"id": 10**5000}],
        lambda: pl.LazyFrame({"id": ["alice"]}).with_columns(pl.col("id").str.to_integer()),
        _closed,
    ],
)
def test_tables_of_problems_raise_nothing_else(made: Callable[[], Any]) -> None:
    """What cannot be read names the table of the problem."""
    table = made()
    with pytest.raises(pa.InputError, match="reps"):
        pa.PlanningProblem.from_frames(
            segments=[{"id": "A"}],
            targets=[{"segment": "A", "revenue": 1}],
            reps=table,
            calendar=PROBLEM.calendar,
            name="2027",
            currency="EUR",
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"calendar": "2027"},
        {"policy": 5},
        {"targeting": "x"},
        {"columns": "id"},
        {"numbers": 5},
        {"numbers": "size"},
        {"separator": "/"},
        {"separator": ""},
        {"separator": 5},
    ],
)
def test_arguments_of_problems_are_checked(wrong: dict[str, Any]) -> None:
    """An argument of the wrong kind is named, even where no cell needs it."""
    tables: dict[str, Any] = {"segments": [{"id": "A"}], "targets": [{"segment": "A", "revenue": 1}]}
    settings: dict[str, Any] = {"calendar": PROBLEM.calendar, "name": "2027", "currency": "EUR"} | wrong
    with pytest.raises(pa.InputError, match=f"1\\. {next(iter(wrong))}: "):
        pa.PlanningProblem.from_frames(**tables, **settings)


@pytest.mark.parametrize("wrong", [5, ["sales"], {"sales": 5}, {"sales": "rep"}])
def test_a_mapping_of_columns_is_one(wrong: Any) -> None:
    """Columns map tables to mappings."""
    with pytest.raises(pa.InputError, match="maps no names to headers"):
        pa.Actuals(sales=[SALE], columns=wrong)


def test_all_arguments_of_a_baseline_are_told_at_once() -> None:
    """Days, stages, confidence and the option."""
    wrong: dict[str, Any] = {"start": "2026", "end": 5, "stages": "lead", "confidence": "x", "on_dirty": "drop"}
    with pytest.raises(pa.InputError) as told:
        pa.baseline(pa.Actuals(sales=[SALE]), PROBLEM, **wrong)
    assert sorted(one.path for one in told.value.findings) == ["confidence", "end", "on_dirty", "stages", "start"]


@pytest.mark.parametrize("stages", [[], ["lead", "lead"], [5], [["lead"]], 5])
def test_stages_are_names_that_differ(stages: Any) -> None:
    """No stage, one twice, and what is no name."""
    with pytest.raises(pa.InputError, match="stages: "):
        based([SALE], stages=stages)


DEALS = [
    {"id": f"o{i}", "rep": "alice", "segment": "A", "created": START, "closed": date(2026, 3, 1 + i), "won": True}
    for i in range(20)
]


def test_a_misspelled_stage_is_told_with_the_right_one() -> None:
    """A stage of which no row is, where one of nearly that name has rows."""
    entered = [{"opportunity": one["id"], "stage": "lead", "entered": date(2026, 1, 5)} for one in DEALS]
    actuals = pa.Actuals(sales=[SALE], opportunities=[one | {"amount": 5} for one in DEALS], stages=entered)
    with pytest.raises(pa.UnknownNameError, match="Did you mean 'lead'"):
        pa.baseline(actuals, PROBLEM, start=START, end=END, stages=["laed"])
    assert pa.baseline(actuals, PROBLEM, start=START, end=END, stages=iter(["lead"])).funnels  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"won": False, "amount": 5}, "is won"),
        ({"amount": 0}, "is won with an amount above 0"),
        ({"closed": None, "won": None, "amount": 5}, "is closed"),
    ],
)
def test_why_there_is_no_funnel_is_noted(change: dict[str, Any], why: str) -> None:
    """Deals that are all lost, all free or all open make none, and that is said."""
    actuals = pa.Actuals(opportunities=[one | change for one in DEALS])
    found = pa.baseline(actuals, PROBLEM, start=START, end=END)
    assert (found.funnels, found.set_aside[-1].rule, found.set_aside[-1].rows) == (
        (),
        f"makes no funnel, since none of them {why}",
        20,
    )

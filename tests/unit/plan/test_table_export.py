"""Every way out of a table keeps the values, and one whose package is missing says how to install it."""

from __future__ import annotations

import sys
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from planalloc.errors import BackendUnavailableError
from planalloc.plan import table_export
from planalloc.plan.table import Table, Text


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
    monkeypatch.setattr(table_export, "find_spec", lambda package: None if package == "pyarrow" else package)
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
    monkeypatch.setattr(table_export, "find_spec", lambda _: None)
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

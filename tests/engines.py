"""The same rows as each engine holds them."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

__all__ = ["ENGINES", "held_by"]

ENGINES = ("dicts", "pandas", "polars", "lazy polars", "pyarrow", "duckdb")


def held_by(engine: str, rows: list[dict[str, Any]]) -> Any:
    """Return rows, all with the same columns, as a table of an engine."""
    match engine:
        case "dicts":
            return rows
        case "pandas":
            return pd.DataFrame(rows)
        case "polars":
            return pl.DataFrame(rows, infer_schema_length=None)
        case "lazy polars":
            return pl.LazyFrame(rows, infer_schema_length=None)
        case "pyarrow":
            return pa.Table.from_pylist(rows)
        case _:
            connection = duckdb.connect()
            connection.register("held", pa.Table.from_pylist(rows))
            return connection.table("held")

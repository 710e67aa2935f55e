"""The contents of a `Table` as a pandas or polars data frame, as an Arrow table and as an Arrow stream."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from planalloc.errors import require
from planalloc.plan.columns import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planalloc.plan.columns import Column

__all__ = ["arrow_stream", "to_arrow", "to_pandas", "to_polars"]


def to_pandas(contents: Mapping[str, Column]) -> Any:
    """Return a ``pandas.DataFrame``; text as ordered ``Categorical``, missing as NaN and NaT.

    Raises
    ------
    BackendUnavailableError
        When pandas is not installed.

    Examples
    --------
    >>> to_pandas({"rep": Text.of(["alice"], ["alice", "bruno"])})["rep"].cat.categories.tolist()
    ['alice', 'bruno']
    """
    pandas = require("pandas", "pandas")

    def series(column: Column) -> Any:
        if not isinstance(column, Text):
            return column
        return pandas.Categorical.from_codes(column.codes, categories=list(column.categories), ordered=True)

    return pandas.DataFrame({name: series(column) for name, column in contents.items()})


def to_polars(contents: Mapping[str, Column]) -> Any:
    """Return a ``polars.DataFrame``; text as ``Enum``, which keeps the order and all categories; missing as null.

    Raises
    ------
    BackendUnavailableError
        When polars is not installed.

    Examples
    --------
    >>> to_polars({"rep": Text.of(["alice", None])}).to_dicts()
    [{'rep': 'alice'}, {'rep': None}]
    """
    polars = require("polars", "polars")

    def series(name: str, column: Column) -> Any:
        if not isinstance(column, Text):
            return polars.Series(name, column, nan_to_null=True)
        known = polars.Series(name, column.categories, dtype=polars.Enum(column.categories))
        codes = polars.Series(column.codes)
        return known.gather(codes.set(codes < 0, None))

    return polars.DataFrame([series(name, column) for name, column in contents.items()])


def to_arrow(contents: Mapping[str, Column]) -> Any:
    """Return a ``pyarrow.Table``; text as ordered dictionary, dates as date32, missing as null.

    Raises
    ------
    BackendUnavailableError
        When pyarrow is not installed.

    Examples
    --------
    >>> to_arrow({"rep": Text.of(["alice", None])}).to_pylist()
    [{'rep': 'alice'}, {'rep': None}]
    """
    arrow = require("pyarrow", "arrow")

    def array(column: Column) -> Any:
        if not isinstance(column, Text):
            return arrow.array(column, from_pandas=True)
        codes = arrow.array(column.codes, mask=column.codes < 0)
        return arrow.DictionaryArray.from_arrays(codes, arrow.array(column.categories, arrow.string()), ordered=True)

    return arrow.table({name: array(column) for name, column in contents.items()})


def arrow_stream(contents: Mapping[str, Column], requested_schema: object = None) -> object:
    """Return the capsule of an Arrow stream, from pyarrow or else from polars.

    Raises
    ------
    BackendUnavailableError
        When neither is installed.

    Examples
    --------
    >>> type(arrow_stream({"rep": Text.of(["alice"])})).__name__
    'PyCapsule'
    """
    only_polars = find_spec("pyarrow") is None and find_spec("polars") is not None
    frame = to_polars(contents) if only_polars else to_arrow(contents)
    return frame.__arrow_c_stream__(requested_schema)

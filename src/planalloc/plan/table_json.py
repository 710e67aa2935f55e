"""The contents and the roles of a `Table` as JSON data, and back without loss."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from planalloc.errors import InputError
from planalloc.plan.columns import DTYPES, Column, Text, listed, missing

__all__ = ["from_json", "to_json"]


class _JsonType(NamedTuple):
    """How a column of one dtype is written: its dtype, and the Python types of its values."""

    dtype: np.dtype[Any]
    values: frozenset[type]


JSON_TYPES = {
    "int64": _JsonType(np.dtype(np.int64), frozenset({int})),
    "float64": _JsonType(np.dtype(np.float64), frozenset({float, int, NoneType})),
    "bool": _JsonType(np.dtype(np.bool_), frozenset({bool})),
    "date": _JsonType(np.dtype("datetime64[D]"), frozenset({str, NoneType})),
}
"""By name, every type of column besides text."""
NAME_OF_DTYPE = {written.dtype: name for name, written in JSON_TYPES.items()}
FIELDS = {"name": str, "columns": list, "measures": list, "ratios": dict, "decimals": dict, "kinds": dict}


def to_json(contents: Mapping[str, Column], roles: Mapping[str, Any], *, name: str) -> dict[str, Any]:
    """Return dicts, lists and plain values that hold a table's name, columns and roles.

    Parameters
    ----------
    contents : Mapping of str to column
        The columns, in order.
    roles : Mapping
        ``measures``, ``ratios``, ``decimals`` and ``kinds``, as `Table` takes them.
    name : str
        What the table holds.

    Examples
    --------
    >>> roles = {"measures": ("base",), "ratios": {}, "decimals": {}, "kinds": {}}
    >>> to_json({"base": np.array([1])}, roles, name="quotas")["columns"]
    [{'name': 'base', 'type': 'int64', 'values': [1]}]
    """
    columns = [{"name": one, **_column_to_json(column)} for one, column in contents.items()]
    lists = {"measures": list(roles["measures"]), "ratios": {one: list(pair) for one, pair in roles["ratios"].items()}}
    return {"name": name, "columns": columns, **roles, **lists}


def from_json(content: Any) -> tuple[dict[str, Column], dict[str, Any]]:
    """Read back what `to_json` wrote: the columns, and the name and the roles, these as they are written.

    Raises
    ------
    InputError
        When fields are missing, unknown or of the wrong type, a column is none, or two bear the same name.

    Examples
    --------
    >>> column = {"name": "base", "type": "int64", "values": [1]}
    >>> contents, options = from_json({"name": "quotas", "columns": [column], "measures": ["base"], "ratios": {},
    ...                                "decimals": {}, "kinds": {}})
    >>> contents, options["measures"]
    ({'base': array([1])}, ['base'])
    """
    _require_fields(content, FIELDS, "a table")
    columns = [_column_from_json(entry) for entry in content["columns"]]
    if len(dict(columns)) < len(columns):
        raise InputError(f"two columns of {content['name']!r} bear the same name")
    return dict(columns), {field: content[field] for field in FIELDS if field != "columns"}


def _column_to_json(column: Column) -> dict[str, Any]:
    if isinstance(column, Text):
        return {"type": "text", "categories": list(column.categories), "codes": column.codes.tolist()}
    values = _iso_dates(column) if column.dtype.kind == "M" else listed(column)
    return {"type": NAME_OF_DTYPE[column.dtype], "values": values}


def _iso_dates(days: npt.NDArray[Any]) -> list[str | None]:
    texts = np.datetime_as_string(days).astype(object)
    texts[missing(days)] = None
    dates: list[str | None] = texts.tolist()
    return dates


def _column_from_json(entry: Any) -> tuple[str, Column]:
    kind = entry.get("type") if isinstance(entry, Mapping) else None
    lists = {"categories": list, "codes": list} if kind == "text" else {"values": list}
    _require_fields(entry, {"name": str, "type": str, **lists}, "a column")
    name = entry["name"]
    if kind == "text":
        _require_types(name, entry["codes"], frozenset({int}), "codes")
        return name, Text(np.array(entry["codes"], dtype=np.int64), tuple(entry["categories"]))
    if kind not in JSON_TYPES:
        raise InputError(f"column {name!r} is of type {kind!r}, none of text, {', '.join(JSON_TYPES)}")
    written = JSON_TYPES[kind]
    _require_types(name, entry["values"], written.values, DTYPES[written.dtype].words)
    try:
        values = np.array(entry["values"], dtype=written.dtype)
    except (ValueError, OverflowError) as error:
        raise InputError(f"column {name!r}: {error}") from error
    if kind == "date" and _iso_dates(values) != entry["values"]:
        raise InputError(f"column {name!r}: dates are written as 2027-01-31")
    return name, values


def _require_fields(content: Any, types: Mapping[str, type], what: str) -> None:
    if not isinstance(content, Mapping) or set(content) != set(types):
        found = ", ".join(map(str, content)) if isinstance(content, Mapping) else type(content).__name__
        raise InputError(f"{what} in JSON is an object with the fields {', '.join(types)}; found: {found}")
    for name, kind in types.items():
        if not isinstance(content[name], kind):
            raise InputError(f"{name!r} of {what} in JSON must be {kind.__name__}, not {content[name]!r}")


def _require_types(name: str, values: list[Any], allowed: frozenset[type], words: str) -> None:
    if odd := set(map(type, values)) - allowed:
        first = next(value for value in values if type(value) in odd)
        raise InputError(f"column {name!r} holds {words}, not {first!r}")

"""Cells that hold more than one thing, or yes and no: how they are read, and how they are written to read the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic_core import PydanticCustomError

from planalloc.model.base import Record
from planalloc.model.cells import number, parts, text

if TYPE_CHECKING:
    from planalloc.model.salesforce import Scope

__all__ = ["as_covers", "as_json", "as_names", "as_numbers", "covers", "flag", "mapping", "names", "numbers"]

ANSWERS = {"yes": True, "true": True, "1": True, "1.0": True, "no": False, "false": False, "0": False, "0.0": False}
SEPARATOR = ";"
"""What stands between entries where planalloc writes them."""
PARTS = ("segment", "product", "business")


def flag(value: Any, _: str) -> bool:
    """Return yes or no: a bool, 1 or 0, or such a word.

    Examples
    --------
    >>> flag("Yes", ";"), flag(0.0, ";")
    (True, False)
    """
    word = str(value).strip().lower()
    if word not in ANSWERS:
        raise PydanticCustomError("not_yes_or_no", "is neither yes nor no; write yes or no, true or false, 1 or 0")
    return ANSWERS[word]


def _from_json(value: str, kind: type, what: str) -> Any:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, kind):
        raise PydanticCustomError("not_json", f"is no JSON {what}; write it as JSON does, with double quotes")
    return found


def _listed(value: Any) -> list[Any] | None:
    """Return the entries of a list, or of text that is a JSON list; None for what is neither."""
    if isinstance(value, list | tuple | np.ndarray):
        return [*value]
    if isinstance(value, str) and value.lstrip().startswith("["):
        found: list[Any] = _from_json(value, list, "list")
        return found
    return None


def names(value: Any, separator: str) -> list[str]:
    """Return names: a list, a JSON list, or text with the separator between them.

    Examples
    --------
    >>> names("alice; bruno", ";"), names('["a;b"]', ";")
    (['alice', 'bruno'], ['a;b'])
    """
    listed = _listed(value)
    return [text(one, separator) for one in (parts(value, separator) if listed is None else listed)]


def numbers(value: Any, separator: str) -> list[Any]:
    """Return numbers: a list, a JSON list, or text with the separator between them.

    Examples
    --------
    >>> numbers("0.5; 0.2;0.3", ";"), numbers(0.5, ";")
    ([0.5, 0.2, 0.3], [0.5])
    """
    listed = _listed(value)
    return [number(one, separator) for one in (parts(value, separator) if listed is None else listed)]


def covers(value: Any, separator: str) -> list[Any]:
    """Return segments and scopes: a list or JSON list of ids and dicts, or text such as ``"A;B//new"``.

    Examples
    --------
    >>> covers("A; B//new", ";")
    ['A', {'segment': 'B', 'business': 'new'}]
    >>> covers('["A/B"]', ";")
    ['A/B']
    """
    listed = _listed(value)
    if listed is not None:
        return listed
    return [_scope(part) for part in parts(text(value, separator), separator)]


def _scope(part: str) -> str | dict[str, str]:
    if "/" not in part:
        return part
    found = [name.strip() for name in part.split("/")]
    if len(found) > len(PARTS):
        raise PydanticCustomError("not_a_scope", "has a scope of more than 3 parts; write segment/product/business")
    return {field: name for field, name in zip(PARTS, found, strict=False) if name}


def mapping(value: Any, _: str) -> dict[str, Any]:
    """Return what a dict, a struct or a JSON object holds; what is null is not given.

    Examples
    --------
    >>> mapping('{"rooms": 80, "chain": null}', ";")
    {'rooms': 80}
    """
    if isinstance(value, Record):
        return {name: getattr(value, name) for name in type(value).model_fields}
    found = value
    if isinstance(value, str):
        found = _from_json(value, dict, "object")
    if not isinstance(found, Mapping):
        raise PydanticCustomError("not_json", 'must be a JSON object, as {"a": 1}; write it as JSON does')
    return {name: one for name, one in found.items() if one is not None}


def as_json(value: Any) -> str:
    """Return a value, or records in it, as one line of JSON without what is not given.

    Examples
    --------
    >>> from planalloc.model.salesforce import Scope
    >>> as_json(("A", Scope(business="new")))
    '["A", {"business": "new"}]'
    """
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def as_names(value: Sequence[str]) -> str:
    """Return names with the separator between them, or a JSON list where that would read as others.

    Examples
    --------
    >>> as_names(["alice", "bruno"]), as_names(["a;b"]), as_names([])
    ('alice;bruno', '["a;b"]', '[]')
    """
    joined = SEPARATOR.join(value)
    safe = bool(value) and not joined.startswith("[") and joined.split(SEPARATOR) == [*value]
    return joined if safe else as_json(value)


def as_numbers(value: Iterable[float]) -> str:
    """Return numbers with the separator between them, with all their digits.

    Examples
    --------
    >>> as_numbers([0.5, 0.25])
    '0.5;0.25'
    """
    return SEPARATOR.join(map(repr, value))


def as_covers(value: Sequence[str | Scope]) -> str:
    """Return segments and scopes as one cell that reads the same: ``"A;B//new"``, or else JSON.

    Examples
    --------
    >>> from planalloc.model.salesforce import Scope
    >>> as_covers(["A", Scope(segment="B", business="new")]), as_covers(["A/B"])
    ('A;B//new', '["A/B"]')
    """
    if not value:
        return as_json(value)
    cells = [one if isinstance(one, str) else "/".join(getattr(one, part) or "" for part in PARTS) for one in value]
    joined = SEPARATOR.join(cells)
    slashes = [0 if isinstance(one, str) else 2 for one in value]
    whole = [cell.count("/") for cell in cells] == slashes
    safe = whole and not joined.startswith("[") and joined.split(SEPARATOR) == cells
    return joined if safe else as_json(value)

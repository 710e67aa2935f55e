"""What a record holds in no particular order, put in order: two problems that say the same are then the same text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from planalloc.model.base import Record
from planalloc.model.portfolio import Account, Contact
from planalloc.model.salesforce import Rep

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_order"]

AnyRecord = TypeVar("AnyRecord", bound=Record)
CONTAINERS = (dict, tuple, Record)
OWN_ORDER = (Account, Contact)
"""Records whose own making puts what they hold in order."""


def in_order(record: AnyRecord) -> AnyRecord:
    """Return a record with what it holds in no particular order put in order; itself, where all is in order.

    Examples
    --------
    >>> list(in_order(Rep(id="alice", accounts={"B": 1, "A": 2})).accounts)
    ['A', 'B']
    """
    if isinstance(record, Rep):  # the most there are, and most of them say little
        if not (record.covers or record.accounts or record.last_year or record.potential or record.absences):
            return record
    elif isinstance(record, OWN_ORDER):
        return record
    found = {name: _ordered(value) for name, value in record.__dict__.items() if isinstance(value, CONTAINERS)}
    if isinstance(record, Rep):
        found["covers"] = record.covers if record.covers is None else _sorted(record.covers, key=repr)
        found["absences"] = _sorted(found["absences"], key=lambda one: (one.start, one.end))
    changed = {name: value for name, value in found.items() if value is not getattr(record, name)}
    return record.but(**changed) if changed else record


def _ordered(value: Any) -> Any:
    """Return a value with the keys of its dicts in order; itself, where they are."""
    if isinstance(value, Record):
        return in_order(value)
    if isinstance(value, dict):
        inside = {key: _ordered(value[key]) for key in sorted(value)}
        same = all(a == b and inside[a] is value[b] for a, b in zip(inside, value, strict=True))
        return value if same else inside
    if isinstance(value, tuple):
        items = tuple(map(_ordered, value))
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    return value


def _sorted(values: tuple[Any, ...], *, key: Callable[[Any], Any]) -> tuple[Any, ...]:
    ordered = tuple(sorted(values, key=key))
    return ordered if any(a is not b for a, b in zip(ordered, values, strict=True)) else values

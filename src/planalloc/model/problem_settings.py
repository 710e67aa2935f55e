"""What a problem says once, as a table of names and values, as arguments, or as both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from planalloc.model.base import Record, nearest
from planalloc.model.calendar import Calendar
from planalloc.model.cells import missing, shown
from planalloc.model.finding import Finding
from planalloc.model.playbook import Targeting
from planalloc.model.policy import Policy
from planalloc.model.problem_tables import SETTING_READERS
from planalloc.model.rows import cell_finding, unknown
from planalloc.model.salesforce import SalesForce
from planalloc.model.strategy import Segment, Strategy, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from planalloc.model.rows import Row

__all__ = ["Settings", "read_settings"]

KNOWN = [f"{holder}.{field}" for holder, readers in SETTING_READERS.items() for field in readers]

HOLDERS: dict[str, tuple[type[Record], dict[str, Any]]] = {
    "calendar": (Calendar, {}),
    "strategy": (Strategy, {"segments": (Segment(id="any"),), "targets": (Target(segment="any", share=1),)}),
    "sales_force": (SalesForce, {"reps": ()}),
    "targeting": (Targeting, {}),
    "policy": (Policy, {}),
}
"""The record that holds each group of settings, and what stands for its tables while the settings are checked."""


@dataclass(frozen=True)
class Settings:
    """The settings of a problem by the record that holds them, and what is wrong with them.

    Parameters
    ----------
    values : dict of str to dict
        By holder, the fields that are given.
    found : tuple of Finding
        What is wrong; where anything is, the values are not to be used.
    """

    values: dict[str, dict[str, Any]]
    found: tuple[Finding, ...]


def read_settings(rows: Sequence[Row], given: Mapping[str, Record | Mapping[str, Any] | None]) -> Settings:
    """Return the settings of a table, and those given as arguments, which come first.

    Parameters
    ----------
    rows : sequence of Row
        Those of the table; empty where there is none.
    given : Mapping
        By holder: a whole record, which takes the place of all that the table says of it, fields, or None.

    Examples
    --------
    >>> from datetime import date
    >>> given = {"calendar": Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31)),
    ...          "strategy": {"name": "2027", "currency": "euro"}}
    >>> print(read_settings([], given).found[0])
    currency: 'euro' must be three capital letters (ISO 4217), such as 'EUR'. Write it exactly so.
    """
    values: dict[str, dict[str, Any]] = {holder: {} for holder in HOLDERS}
    places: dict[tuple[str, str], Row] = {}
    found = [*_read(rows, values, places)]
    for holder in HOLDERS:
        one = given.get(holder)
        if isinstance(one, Record):
            values[holder] = {name: getattr(one, name) for name in type(one).model_fields}
        else:
            told = {name: value for name, value in (one or {}).items() if value is not None}
            values[holder] |= told
            for name in told:
                places.pop((holder, name), None)
            found += _objections(holder, values[holder], places)
    return Settings(values, tuple(found))


def _read(
    rows: Sequence[Row], values: dict[str, dict[str, Any]], places: dict[tuple[str, str], Row]
) -> Iterator[Finding]:
    """Put what the rows say into `values`, and where it stands into `places`; yield what cannot be read."""
    for row in rows:
        name, value = row.cells.get("setting"), row.cells.get("value")
        if name is None or missing(value):
            continue
        holder, _, field = name.strip().partition(".")
        if field not in SETTING_READERS.get(holder, {}):
            near = nearest(field, [one.partition(".")[2] for one in KNOWN])
            known = [one for one in KNOWN if one.partition(".")[2] in near] or KNOWN
            yield unknown(row.path, name, "is no setting", known, f"Settings are: {', '.join(KNOWN)}.")
        elif (holder, field) in places:
            rule = f"stands in {places[holder, field].path} already"
            yield Finding("duplicate", "error", row.path, shown(name), rule, "Keep one of the two.")
        else:
            places[holder, field] = row
            try:
                values[holder][field] = SETTING_READERS[holder][field](value, ";")
            except PydanticCustomError as error:
                yield cell_finding(f"{row.path}, {name}", value, error.type, error.message())


def _objections(holder: str, values: Mapping[str, Any], places: Mapping[tuple[str, str], Row]) -> Iterator[Finding]:
    """Yield what the record objects to in its settings; a value that could not be read was told already."""
    record, tables = HOLDERS[holder]
    try:
        record.model_validate({**values, **tables})
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False):
            field = str(one["loc"][0]) if one["loc"] else ""
            row = places.get((holder, field))
            if one["type"] == "missing":
                if row is None:
                    remedy = "Give it as an argument, or in a table of settings."
                    yield Finding("missing", "error", "settings", repr(f"{holder}.{field}"), "is not given", remedy)
                continue
            path = f"{row.path}, {holder}.{field}" if row else field or holder
            value = row.cells["value"] if row else values.get(field, "together it")
            yield cell_finding(path, value, one["type"], one["msg"])

"""A problem out of tables: any dataframe, or the rows of CSV files as dicts of text.

Every cell of every table is read before anything is refused, so that a person corrects a set of files once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from planalloc.model.asked import asked_kind, asked_mapping, asked_names
from planalloc.model.base import named_among
from planalloc.model.calendar import Calendar
from planalloc.model.cells import number, shown
from planalloc.model.engine_tables import engine_errors
from planalloc.model.finding import Finding, refuse
from planalloc.model.frames import held_by_rep, several
from planalloc.model.grouped_rows import read_funnels, read_methods, read_seasonalities
from planalloc.model.playbook import Targeting
from planalloc.model.policy import Policy
from planalloc.model.portfolio_frames import with_attributes
from planalloc.model.problem_settings import read_settings
from planalloc.model.problem_tables import KINDS
from planalloc.model.rows import (
    Kind,
    Opened,
    Row,
    SourceTable,
    findings_of,
    read_rows,
    read_table,
    refuse_in_order,
    strangers,
    twice,
    unknown,
)
from planalloc.model.salesforce import Absence, Rep

__all__ = ["read_problem"]

WITH_IDS = ("segments", "products", "teams", "reps", "portfolio", "contacts", "activities")
"""Tables in which an id stands once."""
NEEDED = ("segments", "targets")
"""Tables without a row of which there is nothing to plan."""
HELD = ("accounts", "last_year", "potential")
"""What a rep holds by segment: rows of the accounts, or a cell of the reps."""


def read_problem(
    tables: Mapping[str, Any],
    *,
    given: Mapping[str, Any],
    columns: Mapping[str, Mapping[str, str]],
    separator: str,
    extra: str,
    numbers: Iterable[str],
) -> dict[str, Any]:
    """Return the fields of a problem out of the tables of `PlanningProblem.from_frames`, which documents them.

    Parameters
    ----------
    tables : Mapping of str to table
        By name.
    given : Mapping
        Settings given as arguments, by the record that holds them.
    columns, separator, extra, numbers
        As `PlanningProblem.from_frames` takes them.

    Raises
    ------
    InputError
        When anything in any of the tables is wrong; its findings are all that is.
    """
    named_among("extra", extra, ("refuse", "ignore", "attributes"))
    wrong = [*_asked(given, columns=columns, separator=separator, numbers=numbers)]
    if wrong:
        refuse(wrong)
    numbers = tuple(numbers)
    opened = _opened(tables, columns=columns, separator=separator, extra=extra, numbers=numbers)
    nothing = Opened(SourceTable(KINDS["settings"], (), (), {}), ())
    read = {name: opened.get(name, nothing) for name in KINDS}
    settings = read_settings(read["settings"].rows, given)
    found = [*_names(tables), *_headers(opened, columns, extra=extra, numbers=numbers), *settings.found]
    found += [one for table in opened.values() for row in table.rows for one in row.found]
    found += [one for name in WITH_IDS for one in twice(read[name].rows)]
    found += [*_nothing(read), *several(read["accounts"].rows), *_homeless(opened), *_held_twice(read)]
    made = {
        "seasonalities": read_seasonalities(read["seasonalities"].table, read["seasonalities"].rows, found),
        "funnels": read_funnels(*(read[name] for name in ("funnels", "stages", "stage_activities")), found=found),
        "methods": read_methods(read["methods"].table, read["methods"].rows, found),
    }
    refuse_in_order(found, chain(*(table.rows for table in opened.values())))
    return _fields({**{name: table.records for name, table in read.items()}, **made}, settings.values)


def _asked(given: Mapping[str, Any], *, columns: Any, separator: Any, numbers: Any) -> Iterator[Finding]:
    """Yield the arguments that are none of what they may be."""
    for name, kind in (("calendar", Calendar), ("targeting", Targeting), ("policy", Policy)):
        yield from asked_kind(name, given.get(name), (kind, Mapping), f"a {kind.__name__}")
    yield from asked_mapping("columns", columns, "columns={'reps': {'id': 'Matricule'}}")
    if not isinstance(separator, str) or not separator or "/" in separator:
        rule = "cannot stand between entries"
        remedy = "Give text, such as ';'; the slash stands between the parts of an entry."
        yield Finding("wrong-kind", "error", "separator", shown(separator), rule, remedy)
    yield from asked_names("numbers", numbers, "numbers=['employees']")


def _fields(records: Mapping[str, Sequence[Any]], settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the fields of the problem that records and settings make."""
    strategy = {name: records[name] for name in ("segments", "products", "targets", "seasonalities")}
    playbook = {name: records[name] for name in ("activities", "funnels", "cadences", "methods")}
    return {
        "calendar": settings["calendar"],
        "strategy": {**settings["strategy"], **strategy},
        "sales_force": {**settings["sales_force"], "teams": records["teams"], "reps": _staff(records)},
        "playbook": {**playbook, "targeting": settings["targeting"]},
        "limits": records["limits"],
        "policy": settings["policy"],
        "portfolio": {"accounts": records["portfolio"], "contacts": records["contacts"]},
        "rhythms": records["rhythms"],
    }


def _names(tables: Mapping[str, Any]) -> Iterator[Finding]:
    for name in tables:
        if name not in KINDS:
            yield unknown("from_frames", name, "is no table", list(KINDS), f"Tables are: {', '.join(KINDS)}.")


def _opened(
    tables: Mapping[str, Any], *, columns: Mapping[str, Any], separator: str, extra: str, numbers: Sequence[str]
) -> dict[str, Opened]:
    opened: dict[str, Opened] = {}
    for name, kind in KINDS.items():
        if tables.get(name) is None:
            continue
        own = _with_activities(kind, opened["activities"].rows) if name == "stages" and "activities" in opened else kind
        mapped = columns.get(name, {})
        with engine_errors(name):
            table = read_table(own, tables[name], mapped if isinstance(mapped, Mapping) else {})
        if name == "portfolio" and extra == "attributes":
            table = with_attributes(table, numbers)
        opened[name] = Opened(table, read_rows(table, separator=separator))
    return opened


def _with_activities(stages: Kind, activities: Iterable[Row]) -> Kind:
    """Return the kind of the stages with a column for each activity, in which its count may stand."""
    ids = [row.cells["id"] for row in activities if "id" in row.cells]
    return replace(stages, readers={**dict.fromkeys(ids, number), **stages.readers})


def _headers(
    opened: Mapping[str, Opened], columns: Mapping[str, Any], *, extra: str, numbers: Sequence[str]
) -> Iterator[Finding]:
    """Yield what is wrong with headers, and with what `columns` and `numbers` say of them."""
    for name, mapped in columns.items():
        if name not in KINDS:
            remedy = "Give a mapping for each table: columns={'reps': {'id': 'Matricule'}}."
            yield unknown("columns", name, "is no table", list(KINDS), remedy)
        elif name not in opened or not isinstance(mapped, Mapping):
            rule = "is a table that is not given" if name not in opened else "has no mapping from our names to headers"
            yield Finding("unknown-column", "error", "columns", shown(name), rule, "Correct it, or take it out.")
    for name, read in opened.items():
        plain = replace(read.table.kind, others="") if name == "stages" else read.table.kind
        table, mapped = replace(read.table, kind=plain), columns.get(name, {})
        strict = "ignore" if extra == "ignore" else "refuse"
        for one in findings_of(
            [table], mapped if isinstance(mapped, Mapping) else {}, kinds=(table.kind,), extra=strict
        ):
            rule = re.sub(r"columns=(\{.*?\})", rf"columns={{{name!r}: \1}}", one.rule)
            yield replace(one, path=one.path.replace("columns[", f"columns[{name!r}][", 1), rule=rule)
    known = opened["portfolio"].table if "portfolio" in opened else None
    for name in numbers:
        if known is None or name not in known.headers:
            rule, remedy = "is the header of no attribute", "Write the header as the table does, or take it out."
            yield unknown("numbers", name, rule, known.header if known else (), remedy)


def _nothing(read: Mapping[str, Opened]) -> Iterator[Finding]:
    for name in NEEDED:
        if not read[name].rows:
            yield Finding("no-row", "error", name, "no row", "is there to plan", f"Add the {name}.")


def _homeless(opened: Mapping[str, Opened]) -> Iterator[Finding]:
    """Yield rows that belong to a row of another table which is not there."""
    for name, names, home, theirs in (
        ("accounts", ("rep",), "reps", ("id",)),
        ("absences", ("rep",), "reps", ("id",)),
        ("funnels", ("process",), "stages", ("process",)),
        ("stages", ("process",), "funnels", ("process",)),
        ("stage_activities", ("process", "stage"), "stages", ("process", "stage")),
    ):
        if name not in opened or (home in opened and not {*theirs} <= {*opened[home].table.headers}):
            continue
        rows = opened[home].rows if home in opened else ()
        known = [tuple(row.cells[one] for one in theirs) for row in rows if {*theirs} <= {*row.cells}]
        yield from strangers(opened[name].rows, names, known=known, home=home)


def _held_twice(rows: Mapping[str, Opened]) -> Iterator[Finding]:
    """Yield cells of the reps that say by segment what rows of the accounts say, too."""
    told: dict[tuple[str, str], str] = {}
    for row in rows["accounts"].rows:
        for name in HELD:
            if name in row.cells and "rep" in row.cells:
                told.setdefault((row.cells["rep"], name), row.path)
    for row in rows["reps"].rows:
        for name in HELD:
            if name in row.cells and (path := told.get((row.cells.get("id", ""), name))):
                rule = f"is given, and {path} gives it too"
                yield Finding("duplicate", "error", row.path, shown(name), rule, "Keep one of the two.")


def _staff(records: Mapping[str, Sequence[Any]]) -> tuple[Rep, ...]:
    """Return the reps with what they hold and when they are away."""
    changes = held_by_rep(records["accounts"])
    for row in records["absences"]:
        away = Absence(start=row.start, end=row.end, reason=row.reason)
        changes.setdefault(row.rep, {}).setdefault("absences", []).append(away)
    return tuple(rep.but(**changes[rep.id]) if rep.id in changes else rep for rep in records["reps"])

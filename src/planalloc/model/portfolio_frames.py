"""The portfolio out of tables: accounts, with as many attributes as a table has columns for, and contacts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

from planalloc.model.base import named_among
from planalloc.model.cells import day, number, shown, text
from planalloc.model.finding import Finding, refuse
from planalloc.model.portfolio import Account, Contact
from planalloc.model.rows import Kind, SourceTable, findings_of, read_rows, read_table, refuse_in_order, twice, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ACCOUNTS", "CONTACTS", "read_portfolio", "with_attributes"]

ACCOUNTS = Kind(
    "accounts",
    Account,
    {
        **dict.fromkeys(("id", "name", "segment", "owner", "team", "region", "business"), text),
        **dict.fromkeys(("potential", "last_year"), number),
        "last_contact": day,
    },
    ("id",),
    others="attributes",
)
CONTACTS = Kind("contacts", Contact, dict.fromkeys(("id", "account", "name", "role"), text), ("id", "account", "role"))


def _attribute(value: Any, separator: str) -> Any:
    """Return a value as an attribute holds it: a date as ISO text, all else as it is."""
    return day(value, separator).isoformat() if isinstance(value, date) else value


def read_portfolio(
    accounts: Any,
    *,
    contacts: Any,
    columns: Mapping[str, str],
    contact_columns: Mapping[str, str] | None,
    extra: str,
    numbers: Iterable[str],
) -> tuple[tuple[Account, ...], tuple[Contact, ...]]:
    """Read the tables of `Portfolio.from_frame`, which documents the parameters.

    Raises
    ------
    InputError
        When anything in either table is wrong; its findings are all that is.

    Examples
    --------
    >>> found, _ = read_portfolio([{"id": 7, "rooms": 12}], contacts=None, columns={}, contact_columns=None,
    ...                           extra="attributes", numbers=())
    >>> dict(found[0].attributes)
    {'rooms': 12.0}
    """
    named_among("extra", extra, ("refuse", "ignore", "attributes"))
    numbers = _headers(numbers)
    table = read_table(ACCOUNTS, accounts, columns)
    if extra == "attributes":
        table = with_attributes(table, numbers)
    of_contacts = columns if contact_columns is None else contact_columns
    tables = [table] if contacts is None else [table, read_table(CONTACTS, contacts, of_contacts)]
    found = [*_header_findings(tables, columns, contact_columns, extra="ignore" if extra == "ignore" else "refuse")]
    for name in numbers:
        if name not in table.headers:
            rule, remedy = "is the header of no attribute", "Write the header as the table does, or take it out."
            found.append(unknown("numbers", name, rule, table.header, remedy))
    read = [read_rows(one) for one in tables]
    found += [one for row in chain(*read) for one in row.found]
    for rows in read:
        found += twice(rows)
    refuse_in_order(found, chain(*read))
    people = tuple(row.record for row in read[1]) if len(read) > 1 else ()
    return tuple(row.record for row in read[0]), people


def _headers(numbers: Any) -> tuple[str, ...]:
    """Return the headers that are read as numbers, or refuse what is no list of texts."""
    found = None if isinstance(numbers, str) or not isinstance(numbers, Iterable) else tuple(numbers)
    if found is None or not all(isinstance(one, str) for one in found):
        rule, remedy = "is no list of headers", "Write numbers=['rooms'], or leave it out."
        refuse([Finding("not-readable", "error", "numbers", shown(numbers), rule, remedy)])
    return found


def _header_findings(
    tables: Sequence[SourceTable], columns: Mapping[str, str], contact_columns: Mapping[str, str] | None, *, extra: str
) -> Iterator[Finding]:
    """Yield what is wrong with the headers of accounts and contacts, each with the argument that maps them."""
    if contact_columns is None:
        for one in findings_of(tables, columns, kinds=(ACCOUNTS, CONTACTS), extra=extra):
            yield _of_contacts(one) if one.path == CONTACTS.table else one
        return
    yield from findings_of(tables[:1], columns, kinds=(ACCOUNTS,), extra=extra)
    for one in findings_of(tables[1:], contact_columns, kinds=(CONTACTS,), extra=extra):
        yield _of_contacts(one)


def _of_contacts(finding: Finding) -> Finding:
    """Return a finding about the headers of contacts that names the argument by which these alone are mapped."""
    path, rule = finding.path, finding.rule.replace("columns={", "contact_columns={")
    return replace(finding, path=f"contact_{path}" if path.startswith("columns[") else path, rule=rule)


def with_attributes(table: SourceTable, numbers: Sequence[str]) -> SourceTable:
    """Return a table of accounts that also reads each column that is no field, under its own header."""
    used = {*table.headers.values(), *Account.model_fields}
    others = {str(header).strip(): header for header in table.header if header not in used}
    readers = {name: number if header in numbers else _attribute for name, header in others.items()}
    kind = replace(table.kind, readers={**table.kind.readers, **readers})
    return replace(table, kind=kind, headers={**table.headers, **others})

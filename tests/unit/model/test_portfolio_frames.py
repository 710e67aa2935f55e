"""Accounts and contacts out of tables."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import polars as pl
import pytest

import planalloc as pa

pyarrow = pytest.importorskip("pyarrow")

ROWS: list[dict[str, Any]] = [
    {"id": "a1", "owner": "alice", "business": "new", "potential": 90_000.0, "rooms": 80, "chain": True},
    {"id": "a2", "owner": None, "business": "existing", "potential": None, "rooms": None, "chain": False},
]
SAME = pa.Portfolio(
    accounts=[
        pa.Account(id="a1", owner="alice", business="new", potential=90_000, attributes={"rooms": 80, "chain": True}),
        pa.Account(id="a2", business="existing", attributes={"chain": False}),
    ]
)


@pytest.mark.parametrize("table", [list, pd.DataFrame, pl.DataFrame, pyarrow.Table.from_pylist, pl.LazyFrame])
def test_any_table_reads_the_same(table: Any) -> None:
    """Rows as dicts and every kind of dataframe give the same accounts, a missing cell being one not given."""
    assert pa.Portfolio.from_frame(table(ROWS), extra="attributes") == SAME


def test_a_file_of_text() -> None:
    """Numbers and days of fields are read out of text, those of attributes where they are named, and no others."""
    text = "id,potential,last_contact,rooms,zip\n1,90000,2026-11-03,80,01234\n2,,,,\n"
    read = pa.Portfolio.from_frame(csv.DictReader(io.StringIO(text)), extra="attributes", numbers=["rooms"])
    first, second = read.accounts
    assert (first.potential, first.last_contact) == (90_000, date(2026, 11, 3))
    assert dict(first.attributes) == {"rooms": 80, "zip": "01234"}
    assert second == pa.Account(id="2")


def test_columns_are_mapped_in_both_tables() -> None:
    """A header may be the one of either table; contacts come with accounts."""
    read = pa.Portfolio.from_frame(
        [{"Nr": 7, "Rep": "alice"}],
        contacts=[{"id": 1, "account": 7.0, "role": "buyer", "Person": "Dana"}],
        columns={"id": "Nr", "owner": "Rep", "name": "Person"},
    )
    assert read.accounts == (pa.Account(id="7", owner="alice"),)
    assert read.contacts == (pa.Contact(id="1", account="7", name="Dana", role="buyer"),)


def test_dates_of_attributes_become_text() -> None:
    """An attribute is text, a number or a bool: a date is kept as ISO text."""
    read = pa.Portfolio.from_frame([{"id": 1, "opened": datetime(2020, 3, 1)}], extra="attributes")  # noqa: DTZ001 -- no time zone
    assert dict(read.accounts[0].attributes) == {"opened": "2020-03-01"}


def test_other_columns_are_refused_or_left_out() -> None:
    """A column that nobody asked for is refused with the nearest known one, unless it is to be ignored."""
    with pytest.raises(pa.UnknownNameError, match="Did you mean 'owner'"):
        pa.Portfolio.from_frame([{"id": 1, "ownr": "alice"}])
    with pytest.raises(pa.UnknownNameError, match="extra='attributes' keeps it"):
        pa.Portfolio.from_frame([{"id": 1, "rooms": 80}])
    assert pa.Portfolio.from_frame([{"id": 1, "rooms": 80}], extra="ignore").accounts == (pa.Account(id="1"),)


def test_a_field_under_another_header_is_no_attribute() -> None:
    """Where a field is mapped to one column, a second column of its own name is refused."""
    with pytest.raises(pa.UnknownNameError, match="'name' is no column that is read"):
        pa.Portfolio.from_frame([{"id": 1, "name": "x", "Label": "y"}], columns={"name": "Label"}, extra="attributes")


def test_everything_wrong_is_said_at_once() -> None:
    """Findings of headers come first, then those of the rows in order; what is wrong in an attribute is told there."""
    rows = [
        {"id": 1, "potential": "much", "rooms": "many", "note": "x" * 10_000_000},
        {"id": 2, "potential": "-1", "since": datetime(2020, 3, 1, 12, tzinfo=UTC)},
    ]
    with pytest.raises(pa.UnknownNameError) as error:
        pa.Portfolio.from_frame(
            rows, contacts=[{"id": 1, "account": 1}], extra="attributes", numbers=["rooms", "stars"]
        )
    assert [(one.code, one.path) for one in error.value.findings] == [
        ("unknown-name", "contacts"),
        ("unknown-name", "numbers"),
        ("not-a-number", "accounts row 1, potential"),
        ("not-a-number", "accounts row 1, rooms"),
        ("long-text", "accounts row 1, note"),
        ("not-a-date", "accounts row 2, since"),
        ("out-of-range", "accounts row 2, potential"),
    ]
    assert len(str(error.value)) < 2_000


def test_two_owners_are_told() -> None:
    """The same id twice is refused, and where the rows have two owners that is what is said."""
    with pytest.raises(pa.InputError, match="row 2: '1' has two owners: 'alice' in accounts row 1, and 'bruno' here"):
        pa.Portfolio.from_frame([{"id": 1, "owner": "alice"}, {"id": 1, "owner": "bruno"}])
    with pytest.raises(pa.InputError, match="row 2: '1' stands in accounts row 1 already"):
        pa.Portfolio.from_frame([{"id": 1, "owner": "alice"}, {"id": 1, "owner": "alice"}])


CODED = [{"code": "a1", "client": "Hotel du Lac"}]
PEOPLE = [{"no": "p1", "code": "a1", "who": "Dana", "role": "buyer"}]


def test_columns_of_contacts_are_mapped_apart() -> None:
    """Both tables have an id and a name, each under headers of its own."""
    read = pa.Portfolio.from_frame(
        CODED,
        contacts=PEOPLE,
        columns={"id": "code", "name": "client"},
        contact_columns={"id": "no", "account": "code", "name": "who"},
    )
    assert read.accounts == (pa.Account(id="a1", name="Hotel du Lac"),)
    assert read.contacts == (pa.Contact(id="p1", account="a1", name="Dana", role="buyer"),)


def test_a_column_of_contacts_that_is_missing_names_its_mapping() -> None:
    """Whoever maps the columns of both tables at once is told how to map those of the contacts."""
    with pytest.raises(pa.InputError, match=r"contacts: 'account' .* mapped by contact_columns=\{'account': ...\}"):
        pa.Portfolio.from_frame(CODED, contacts=PEOPLE, columns={"id": "code", "name": "client"})
    with pytest.raises(pa.InputError, match=r"contact_columns\['name'\]: 'whom' is no header of the table. Did you"):
        pa.Portfolio.from_frame(
            CODED,
            contacts=PEOPLE,
            columns={"id": "code", "name": "client"},
            contact_columns={"id": "no", "account": "code", "name": "whom"},
        )

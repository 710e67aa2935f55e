"""The sales force out of tables: any dataframe, or the rows of a CSV file as dicts of text.

Every cell of every table is read before anything is refused, so that a person corrects a file once. Rows are counted
from 1, the header left out, and columns are named as the table names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Amount, Count, Id, Record
from planalloc.model.cells import day, number, shown, text
from planalloc.model.finding import Finding
from planalloc.model.packed_cells import covers, numbers
from planalloc.model.rows import Kind, Row, findings_of, read_rows, read_table, refuse_in_order, strangers, twice
from planalloc.model.salesforce import Rep, Team
from planalloc.model.strategy import Business

__all__ = ["ACCOUNTS", "REPS", "TEAMS", "held_by_rep", "read_reps_and_teams", "several"]


class _Holding(Record):
    """One row of the table of accounts: what a rep has in a segment, or in one business of it."""

    rep: Id
    segment: Id
    business: Business | None = None
    accounts: Count | None = None
    last_year: Amount | None = None
    potential: Amount | None = None

    @model_validator(mode="after")
    def _check_some_number(self) -> Self:
        if self.accounts is None and self.last_year is None and self.potential is None:
            raise PydanticCustomError("no_number", "has a row without any number; fill it in, or take the row out")
        return self


def _ramp(value: Any, separator: str) -> dict[str, Any]:
    return {"months": numbers(value, separator)}


REPS = Kind(
    "reps",
    Rep,
    {
        **dict.fromkeys(("id", "name", "team", "role", "seniority"), text),
        **dict.fromkeys(("fte", "hours_per_week", "selling_share"), number),
        **dict.fromkeys(("start", "end"), day),
        "covers": covers,
        "ramp": _ramp,
    },
    ("id",),
)
TEAMS = Kind("teams", Team, {**dict.fromkeys(("id", "name", "parent", "manager"), text), "hedge": number}, ("id",))
ACCOUNTS = Kind(
    "accounts",
    _Holding,
    {
        **dict.fromkeys(("rep", "segment", "business"), text),
        **dict.fromkeys(("accounts", "last_year", "potential"), number),
    },
    ("rep", "segment", "accounts"),
)


def read_reps_and_teams(
    reps: Any, *, accounts: Any, teams: Any, columns: Mapping[str, str], separator: str, extra: str
) -> tuple[tuple[Rep, ...], tuple[Team, ...]]:
    """Read the tables of `SalesForce.from_frame`, which documents the parameters.

    Raises
    ------
    InputError
        When anything in any of the tables is wrong; its findings are all that is.

    Examples
    --------
    >>> reps, teams = read_reps_and_teams([{"id": 1042.0, "covers": "A;B//new"}], accounts=None, teams=(), columns={},
    ...                                   separator=";", extra="refuse")
    >>> reps[0].id, reps[0].covers[1].business
    ('1042', 'new')
    """
    records = tuple(teams) if isinstance(teams, Sequence) and all(isinstance(one, Team) for one in teams) else None
    sources = [(REPS, reps), (TEAMS, teams if records is None else None), (ACCOUNTS, accounts)]
    tables = [read_table(kind, source, columns) for kind, source in sources if source is not None]
    read = {table.kind.table: read_rows(table, separator=separator) for table in tables}
    team_rows, holdings = read.get("teams", []), read.get("accounts", [])
    found = [*findings_of(tables, columns, kinds=(REPS, TEAMS, ACCOUNTS), extra=extra)]
    found += [one for row in chain(*read.values()) for one in row.found]
    found += [*twice(read["reps"]), *twice(team_rows), *several(holdings)]
    if "id" in tables[0].headers:
        ids = [(row.cells["id"],) for row in read["reps"] if "id" in row.cells]
        found += strangers(holdings, ("rep",), known=ids, home="reps")
    refuse_in_order(found, chain(*read.values()))
    held = held_by_rep(row.record for row in holdings)
    staff = tuple(row.record.but(**held.get(row.record.id, {})) for row in read["reps"])
    return staff, tuple(row.record for row in team_rows) if records is None else records


def several(rows: Iterable[Row]) -> Iterator[Finding]:
    """Yield rows that say again, or at another level, what a row before them says of a rep's segment."""
    seen: dict[tuple[str, str], dict[str | None, str]] = {}
    for row in rows:
        rep, segment, business = (row.cells.get(ours) for ours in ("rep", "segment", "business"))
        if rep is None or segment is None:
            continue
        before = seen.setdefault((rep, segment), {})
        what = shown(", ".join(part for part in (rep, segment, business) if part))
        if business in before:
            rule = f"stands in {before[business]} already"
            yield Finding("duplicate", "error", row.path, what, rule, "Put both into one row, or correct one.")
        elif None in before or (before and business is None):
            rule = f"is in {next(iter(before.values()))} too, one with and one without business"
            remedy = "Give new and existing in a row each, or one row without business."
            yield Finding("business-mixed", "error", row.path, what, rule, remedy)
        before.setdefault(business, row.path)


def held_by_rep(holdings: Iterable[_Holding]) -> dict[str, dict[str, Any]]:
    """Return accounts, last year's sales and potential by segment for each rep; money of both businesses adds up."""
    held: dict[str, dict[str, Any]] = {}
    for one in holdings:
        rep = held.setdefault(one.rep, {})
        if one.accounts is not None and one.business is None:
            rep.setdefault("accounts", {})[one.segment] = one.accounts
        elif one.accounts is not None:
            rep.setdefault("accounts", {}).setdefault(one.segment, {})[one.business] = one.accounts
        for name, amount in (("last_year", one.last_year), ("potential", one.potential)):
            if amount is not None:
                money = rep.setdefault(name, {})
                money[one.segment] = money.get(one.segment, 0.0) + amount
    return held

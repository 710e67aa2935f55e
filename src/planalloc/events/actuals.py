"""`Actuals`: the tables of what happened, opened once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from planalloc.model.asked import asked_choice, asked_mapping
from planalloc.model.finding import refuse
from planalloc.model.grouping import open_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planalloc.model.grouping import Source

__all__ = ["Actuals"]

KNOWN = {
    "sales": (
        ("id", "date", "rep", "segment", "product", "business", "account", "amount", "units", "currency", "credit"),
        ("date", "rep", "amount"),
    ),
    "activities": (
        ("id", "date", "rep", "segment", "account", "activity", "outcome", "facts"),
        ("date", "rep", "activity"),
    ),
    "opportunities": (
        (
            "id",
            "rep",
            "segment",
            "product",
            "business",
            "account",
            "amount",
            "currency",
            "stage",
            "source",
            "created",
            "expected_close",
            "closed",
            "won",
            "facts",
        ),
        ("id", "rep", "created"),
    ),
    "stages": (("opportunity", "stage", "entered"), ("opportunity", "stage", "entered")),
}
"""Columns that each table may have, and those that it must have."""

ALONE = {"sales": ("id", "rep"), "activities": ("id",), "opportunities": ("id",)}
"""What tells two rows of a table apart, where it is given. One sale may be credited to several reps."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Actuals:
    """What happened, as tables: any dataframe, lazy ones too, a DuckDB relation, or a list of dicts.

    Nothing is read before it is asked for, and what can be added up is added up where the table is. Other columns than
    those named here are left alone. Ids are text; numbers become text (1042, never 1042.0). Dates are dates, time
    stamps (their time and time zone left out) or ISO text. Rows with an id count once.

    Attributes
    ----------
    sales : table, optional
        date, rep, amount (money, credit notes below zero); where there are: id, segment, product, business ("new" or
        "existing"), account, units, currency, credit (the rep's share of a sale; the shares of one id add up to 1).
    activities : table, optional
        date, rep, activity; where there are: id, segment, account, outcome, facts (how many were brought back).
    opportunities : table, optional
        id, rep, created (date); where there are: segment, product, business, account, amount, currency, stage (where it
        is now), source, expected_close, closed (date, nothing while it is open), won (true, false), facts.
    stages : table, optional
        opportunity, stage, entered (date): when each opportunity came to each stage.
    measure : {"bookings", "invoices"}
        What the amounts are; a plan of the other measure refuses them.
    columns : mapping of str to mapping of str to str or None
        By table, their name for our columns, where it is another: ``{"sales": {"rep": "OwnerId"}}``; None leaves a
        column out.

    Raises
    ------
    UnknownNameError
        When `measure` or a table in `columns` is none of the known.
    InputError
        When `columns` is no mapping of mappings; on first use, when a table is none or lacks a column it must have.

    Examples
    --------
    >>> from datetime import date
    >>> actuals = Actuals(sales=[{"date": date(2027, 1, 5), "rep": "alice", "segment": "A", "amount": 900}])
    >>> actuals.tables["sales"].names
    ('date', 'rep', 'segment', 'amount')
    """

    sales: Any = None
    activities: Any = None
    opportunities: Any = None
    stages: Any = None
    measure: Literal["bookings", "invoices"] = "bookings"
    columns: Mapping[str, Mapping[str, str | None]] | None = None

    def __post_init__(self) -> None:
        found = [*asked_choice("measure", self.measure, ("bookings", "invoices"))]
        found += (unmapped := [*asked_mapping("columns", self.columns, "columns={'sales': {'rep': 'OwnerId'}}")])
        for table, mapped in () if unmapped else (self.columns or {}).items():
            found += asked_choice("columns", table, tuple(KNOWN))
            found += asked_mapping(f"columns[{table!r}]", mapped, f"columns={{{table!r}: {{'rep': 'OwnerId'}}}}")
        if found:
            refuse(found)

    @cached_property
    def tables(self) -> dict[str, Source]:
        """The tables that are given, opened, each row once."""
        found = {}
        for table, (known, required) in KNOWN.items():
            source = getattr(self, table)
            if source is not None:
                opened = open_source(
                    source,
                    table=table,
                    known=known,
                    required=required,
                    columns=(self.columns or {}).get(table, {}),
                    by_table=True,
                )
                key = [one for one in ALONE.get(table, ()) if one in opened.names]
                found[table] = opened.once(*key) if "id" in key else opened
        return found

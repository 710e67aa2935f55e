"""The part of a form that names accounts: whom to work, in which order, and how often."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from planalloc.plan.forms.page import Field, Grid, Passage, Section

if TYPE_CHECKING:
    from planalloc.plan.forms.page import Kind
    from planalloc.plan.forms.subject import Subject

__all__ = ["accounts", "visits"]

MOST_PERIODS = 13
"""A grid of accounts by period is as wide as a sheet of paper up to here."""
SHOWN: dict[str, Kind] = {
    "account": "text",
    "segment": "text",
    "rank": "count",
    "business": "text",
    "potential": "amount",
    "last_year": "amount",
    "score": "share",
    "status": "text",
    "visits_wanted": "number",
    "visits_planned": "count",
}
"""Columns of `Plan.accounts` that a rep reads."""


def accounts(subject: Subject) -> Section | None:
    """Return the accounts in the order in which to work them: all of them; of a shorter time, those seen in it."""
    wording = subject.wording
    grid = _listed(subject)
    if grid is None:
        return None
    return Section(wording["accounts"], "accounts", (Passage(wording["accounts_text"]), grid))


def visits(subject: Subject) -> Section | None:
    """Return how often each account is seen: by period, for one period by activity."""
    over = "period" if subject.several else "activity"
    wide = subject.crossed(subject.part.visits(), "account", columns=over, values="count", kind="count")
    if wide is None or len(wide.grid.fields) > MOST_PERIODS + 1:
        return None
    row_of = dict(zip(wide.keys, wide.grid.given, strict=True))
    order = [row for row in subject.accounts if row["account"] in row_of]
    if not order:
        return None
    across = tuple(range(1, len(wide.grid.fields)))
    fields = (*wide.grid.fields, Field(subject.total, "count", adds=True, across=across))
    given = tuple(
        (_cell(subject, row, "account"), *(many or None for many in row_of[row["account"]][1:]), None) for row in order
    )
    heading = subject.wording.say(f"visits_by_{over}", grain=subject.grain)
    return Section(heading, "visits", (replace(wide.grid, fields=fields, given=given),))


def _listed(subject: Subject) -> Grid | None:
    rows = subject.accounts
    if not rows:
        return None
    whole = subject.part.period_id is None
    shown = {key: kind for key, kind in SHOWN.items() if whole or not key.startswith("visits")}
    used = {key: kind for key, kind in shown.items() if any(_is_given(row[key]) for row in rows)}
    if all(float(row["visits_wanted"]).is_integer() for row in rows) and "visits_wanted" in used:
        used["visits_wanted"] = "count"
    fields = tuple(
        Field(subject.wording[key], kind, adds=key in {"potential", "last_year", "visits_wanted", "visits_planned"})
        for key, kind in used.items()
    )
    given = tuple(tuple(_cell(subject, row, key) for key in used) for row in rows)
    return Grid("", fields, given, subject.total if len(rows) > 1 and any(field.adds for field in fields) else "")


def _cell(subject: Subject, row: dict[str, Any], key: str) -> Any:
    if key == "account":
        return row["name"] or row["account"]
    value = row[key]
    if not _is_given(value):
        return None
    return subject.called(key, value) if isinstance(value, str) else value


def _is_given(value: Any) -> bool:
    return value is not None and value == value  # noqa: PLR0124 -- NaN is missing

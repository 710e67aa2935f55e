"""Columns of tables that have a row for each rep: money, hours, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from planalloc.plan.forms.page import Field, Grid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from planalloc.plan.forms.page import Cell
    from planalloc.plan.forms.subject import Subject
    from planalloc.plan.table import Table

__all__ = ["Columns", "account_columns", "grid_of_reps", "hours_columns", "money_columns"]

MOST_PERIODS = 13
"""Money has a column for each period up to here."""
HOURS = ("planned_hours", "available_hours")


class Columns(NamedTuple):
    """Some columns: their fields, the cells of each rep who has any, and those of everybody else."""

    fields: tuple[Field, ...]
    cells: Mapping[str, tuple[Cell, ...]]
    otherwise: tuple[Cell, ...]


def grid_of_reps(subject: Subject, reps: Iterable[str], columns: Sequence[Columns]) -> Grid:
    """Return a row for each rep: the name, then these columns."""
    fields = (Field(subject.wording["rep"]), *(field for one in columns for field in one.fields))
    given = tuple(
        (subject.called("rep", rep), *(cell for one in columns for cell in one.cells.get(rep, one.otherwise)))
        for rep in reps
    )
    return Grid("", fields, given, subject.total if len(given) > 1 else "")


def money_columns(subject: Subject, quotas: Table, periods: Sequence[str], *, at: int) -> Columns:
    """Return the quota of each period and the whole; the whole alone of one period, or of more than fit.

    Parameters
    ----------
    subject : Subject
        For the words.
    quotas : Table
        Of whom.
    periods : Sequence of str
        The periods in their time.
    at : int
        How many columns stand to their left.
    """
    shown = periods if 1 < len(periods) <= MOST_PERIODS else []
    rows = quotas.by("rep", "period").to_dicts() if len(quotas) and shown else []
    cells = {(row["rep"], row["period"]): row["quota"] for row in rows}
    whole = {row["rep"]: row["quota"] for row in quotas.by("rep").to_dicts()} if len(quotas) else {}
    fields = (
        *(Field(subject.heads("period", one), "amount", adds=True) for one in shown),
        Field(subject.wording["quota"], "amount", adds=True, across=tuple(range(at, at + len(shown)))),
    )
    held = {
        rep: (*(cells.get((rep, one), 0) for one in shown), None if shown else quota) for rep, quota in whole.items()
    }
    return Columns(fields, held, (*[0] * len(shown), None if shown else 0))


def hours_columns(subject: Subject, capacity: Table, *, at: int) -> Columns:
    """Return hours planned, those there are, and how full they are."""
    wording = subject.wording
    rows = capacity.by("rep").to_dicts() if len(capacity) else []
    fields = (
        *(Field(wording[one], "hours", adds=True) for one in HOURS),
        Field(wording["utilization"], "share", ratio=(at, at + 1)),
    )
    return Columns(fields, {row["rep"]: (*(row[one] for one in HOURS), None) for row in rows}, (0.0, 0.0, None))


def account_columns(subject: Subject, accounts: Mapping[str | None, Sequence[Mapping[str, Any]]]) -> Columns:
    """Return how many accounts each rep has, and how many of them the plan leaves out.

    Parameters
    ----------
    subject : Subject
        For the words.
    accounts : Mapping
        Rows of `Plan.accounts` by rep.
    """
    fields = tuple(Field(subject.wording[one], "count", adds=True) for one in ("accounts", "accounts_left_out"))
    cells: dict[str, tuple[Cell, ...]] = {
        rep: (len(rows), sum(row["status"] == "left out" for row in rows))
        for rep, rows in accounts.items()
        if rep is not None
    }
    return Columns(fields, cells, (0, 0))

"""What a revised plan has behind it: sales credited in closed periods, and what was sold beyond or written off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.plan.table import Column, Periods, Table, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["beyond_table", "credited_table"]

NONE = Text(np.zeros(0, dtype=np.int64), ())
NOTHING = np.zeros(0, dtype=np.int64)


def credited_table(
    columns: Mapping[str, Column] | None = None,
    *,
    calendar: Periods | None = None,
    decimals: Mapping[str, int] | None = None,
) -> Table:
    """Return the table of what was sold in the closed time beside what was planned for it; empty by default."""
    names = ("rep", "segment", "product", "business", "period")
    amounts = ("revenue", "base", "quota")
    empty: dict[str, Column] = {**dict.fromkeys(names, NONE), **dict.fromkeys(amounts, NOTHING)}
    return Table(columns or empty, name="credited", measures=amounts, calendar=calendar, decimals=dict(decimals or {}))


def beyond_table(columns: Mapping[str, Column] | None = None, *, decimals: Mapping[str, int] | None = None) -> Table:
    """Return the table of what was sold beyond a line's target, and what was missed and is not carried."""
    amounts = ("surplus", "written_off")
    names = ("segment", "product", "business")
    empty: dict[str, Column] = {**dict.fromkeys(names, NONE), **dict.fromkeys(amounts, NOTHING)}
    return Table(columns or empty, name="beyond", measures=amounts, decimals=dict(decimals or {}))

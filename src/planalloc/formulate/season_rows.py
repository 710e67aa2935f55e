"""F-1 and F-8: each line reaches its target, shortfall included, in its season."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.columns import Rows

if TYPE_CHECKING:
    from planalloc.formulate.columns import Layout
    from planalloc.types import Ints

__all__ = ["season_lines", "season_rows"]


def season_rows(layout: Layout) -> Rows:
    """Return a row for each steady line, and for any other line one for each period; all are equations.

    Where the season is free, what leaves a period of a line enters another one: a row a line says so.
    """
    q, groups = layout.question, layout.groups
    size, lines = q.alike.size, len(q.targets)
    due = q.weights * q.targets[:, None] / layout.money
    in_periods = ~q.steady[:, None] & ((due > 0) | q.season_is_free)
    at = np.cumsum(in_periods).reshape(in_periods.shape) - 1
    whole = int(in_periods.sum()) + np.cumsum(q.steady) - 1
    n_rows = int(in_periods.sum() + q.steady.sum())
    balance = n_rows + np.arange(lines)
    steady, cell, short = groups["steady"], groups["cell"], groups["shortfall"].columns
    s, t = np.nonzero(in_periods)
    parts = [
        (whole[steady.at[1]], steady.columns, size[steady.at[0]]),
        (at[cell.at[1], cell.at[2]], cell.columns, size[cell.at[0]]),
        (at[s, t], short[s], q.weights[s, t]),
        (whole[q.steady], short[q.steady], np.ones(int(q.steady.sum()))),
    ]
    for name, sign in (("gap_up", -1.0), ("gap_down", 1.0)):
        gap = groups[name]
        signs = np.full(len(gap), sign)
        parts += [(at[gap.at], gap.columns, signs), (balance[gap.at[0]], gap.columns, signs)]
    n_rows += lines * q.season_is_free
    right = np.zeros(n_rows)
    right[at[s, t]] = due[s, t]
    right[whole[q.steady]] = q.targets[q.steady] / layout.money
    return Rows(layout.matrix(n_rows, *parts), right, right)


def season_lines(layout: Layout) -> Ints:
    """Return the line of each of `season_rows`, shape (number of rows,)."""
    q = layout.question
    due = q.weights * q.targets[:, None]
    in_periods, _ = np.nonzero(~q.steady[:, None] & ((due > 0) | q.season_is_free))
    balance = np.arange(len(q.targets)) if q.season_is_free else np.zeros(0, dtype=np.int64)
    return np.concatenate([in_periods, np.flatnonzero(q.steady), balance])

"""F-2 and F-7: nobody works more than their hours and what overtime allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from planalloc.formulate.columns import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.formulate.columns import Group, Layout
    from planalloc.types import Floats, Ints

__all__ = ["excess_rows", "hours_rows"]


def hours_rows(layout: Layout) -> Rows:
    """Return a row for each class and period: funnel and cadence work less overtime, in parts of the hours."""
    q, groups = layout.question, layout.groups
    work, first = q.work, q.alike.first
    classes, length = len(first), q.weights.shape[1]
    n_rows = classes * length
    slow = 1.0 / work.time.productivity[first]
    visits = work.profile[first] * slow
    each = np.array([work.activity_hours[fed.activity] for fed in work.feeding])
    overtime = groups["overtime"]
    matrix = layout.matrix(
        n_rows,
        *_funnel_work(layout, slow * layout.money),
        _spread_over_periods(groups["coverage"], work.care_hours[first], visits),
        _spread_over_periods(groups["excess"], np.tile(each, (classes, 1)), visits),
        (overtime.at[0] * length + overtime.at[1], overtime.columns, -np.ones(len(overtime))),
    )
    available = work.time.hours[first].ravel()
    scale = 1.0 / np.maximum(available, 1.0)
    matrix.data *= np.repeat(scale, np.diff(matrix.indptr))
    return Rows(matrix, np.full(n_rows, -np.inf), available * scale)


def _funnel_work(layout: Layout, slow: Floats) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield (rows, columns, hours) of money, of steady lines and of cells; `slow` by class and period, shape (C, T).

    What one unit costs depends on the rep's pattern of presence only, and there are few of those.
    """
    q, length = layout.question, layout.question.weights.shape[1]
    pattern = q.work.pattern[2][q.alike.first]
    kernel = q.work.hours_per_unit
    for name, (c, *where) in ((name, layout.groups[name].at) for name in ("steady", "cell")):
        of_unit = np.einsum("pstd,st->psd", kernel, q.weights) if name == "steady" else kernel
        at = np.ravel_multi_index((pattern[c], *where), of_unit.shape[:-1])
        hours = csr_array(of_unit.reshape(-1, length))[at].tocoo()
        column, done = hours.coords
        yield c[column] * length + done, layout.groups[name].start + column, hours.data * slow[c[column], done]


def _spread_over_periods(group: Group, hours: Floats, visits: Floats) -> tuple[Ints, Ints, Floats]:
    """Return cadence hours: `hours` of each column of a group, shape (C, kinds), spread by `visits`, shape (C, T)."""
    length = visits.shape[1]
    rows = (group.at[0][:, None] * length + np.arange(length)).ravel()
    return rows, np.repeat(group.columns, length), (hours[group.at][:, None] * visits[group.at[0]]).ravel()


def excess_rows(layout: Layout) -> Rows:
    """Return a row for each feeding cadence of a class: excess + funnel work of the year >= asked x coverage (F-2)."""
    q, group = layout.question, layout.groups["excess"]
    work, first = q.work, q.alike.first
    parts = [(np.arange(len(group)), group.columns, np.ones(len(group)))]
    coverage = np.full((len(first), len(work.index.segments)), -1)
    coverage[layout.groups["coverage"].at] = layout.groups["coverage"].columns
    row_of = np.full((len(first), max(len(work.feeding), 1)), -1)
    row_of[group.at] = np.arange(len(group))
    pattern = work.pattern[2][first]
    for number, (fed, many) in enumerate(work.feeding.items()):
        counts = work.funnel_counts(fed) * layout.money
        for name, (c, *where) in ((name, layout.groups[name].at) for name in ("steady", "cell")):
            of_unit = np.einsum("pst,st->ps", counts, q.weights) if name == "steady" else counts
            values, rows = of_unit[(pattern[c], *where)], row_of[c, number]
            own = (values != 0) & (rows >= 0)
            parts.append((rows[own], layout.groups[name].columns[own], values[own]))
        who = group.at[0][group.at[1] == number]
        parts.append((row_of[who, number], coverage[who, fed.segment], -many[first[who]]))
    return Rows(layout.matrix(len(group), *parts), np.zeros(len(group)), np.full(len(group), np.inf))

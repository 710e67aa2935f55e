"""F-2 and F-7: nobody works more than their hours and what overtime allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from planalloc.formulate.columns import Rows

if TYPE_CHECKING:
    from planalloc.formulate.columns import Group, Layout
    from planalloc.types import Floats

__all__ = ["excess_rows", "hours_rows"]


def hours_rows(layout: Layout) -> Rows:
    """Return a row for each class and period: funnel and cadence work less overtime, in parts of the hours."""
    q, groups = layout.question, layout.groups
    work, first = q.work, q.alike.first
    classes, length = len(first), q.weights.shape[1]
    n_rows = classes * length
    slow = 1.0 / work.time.productivity[first]
    per_unit = work.hours_per_unit[work.pattern[2][first]]
    c, s, t, done = np.nonzero(per_unit)
    values = per_unit[c, s, t, done] * slow[c, done] * layout.money
    matrix = layout.of_cells(n_rows, c * length + done, (c, s, t), values)
    visits = work.profile[first] * slow
    each = np.array([work.activity_hours[fed.activity] for fed in work.feeding])
    for group, hours in (
        (groups["coverage"], work.care_hours[first]),
        (groups["excess"], np.tile(each, (classes, 1))),
    ):
        matrix = matrix + _spread_over_periods(layout, group, hours, visits)
    overtime = groups["overtime"]
    rows = overtime.at[0] * length + overtime.at[1]
    matrix = matrix + layout.matrix(n_rows, (rows, overtime.columns, -np.ones(len(overtime))))
    available = work.time.hours[first].ravel()
    scale = 1.0 / np.maximum(available, 1.0)
    return Rows(csr_array(matrix.multiply(scale[:, None])), np.full(n_rows, -np.inf), available * scale)


def _spread_over_periods(layout: Layout, group: Group, hours: Floats, visits: Floats) -> csr_array:
    """Return cadence hours: `hours` of each column of a group, shape (C, kinds), spread by `visits`, shape (C, T)."""
    length = visits.shape[1]
    rows = (group.at[0][:, None] * length + np.arange(length)).ravel()
    values = (hours[group.at][:, None] * visits[group.at[0]]).ravel()
    return layout.matrix(visits.size, (rows, np.repeat(group.columns, length), values))


def excess_rows(layout: Layout) -> Rows:
    """Return a row for each feeding cadence of a class: excess + funnel work of the year >= asked x coverage (F-2)."""
    q, group = layout.question, layout.groups["excess"]
    work, first = q.work, q.alike.first
    n_rows = len(group)
    matrix = layout.matrix(n_rows, (np.arange(n_rows), group.columns, np.ones(n_rows)))
    coverage = np.full((len(first), len(work.index.segments)), -1)
    coverage[layout.groups["coverage"].at] = layout.groups["coverage"].columns
    for number, (fed, many) in enumerate(work.feeding.items()):
        own = np.flatnonzero(group.at[1] == number)
        who = group.at[0][own]
        counts = work.funnel_counts(fed)[work.pattern[2][first[who]]] * layout.money
        i, s, t = np.nonzero(counts)
        matrix = matrix + layout.of_cells(n_rows, own[i], (who[i], s, t), counts[i, s, t])
        matrix = matrix + layout.matrix(n_rows, (own, coverage[who, fed.segment], -many[first[who]]))
    return Rows(csr_array(matrix), np.zeros(n_rows), np.full(n_rows, np.inf))

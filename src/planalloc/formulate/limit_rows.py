"""F-3 to F-6 as rows: pins, bounds and team targets, ranges, bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from planalloc.formulate.columns import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.formulate.columns import Layout
    from planalloc.types import Floats

__all__ = ["LimitRows", "Owner", "limit_rows"]


@dataclass(frozen=True)
class Owner:
    """Whose a row is: the limit's name, and the class of reps and the line where it holds for each by themselves."""

    label: str
    rep_class: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class LimitRows:
    """The rows of all limits, and whose each is."""

    rows: Rows
    owners: tuple[Owner, ...]


class _Said(NamedTuple):
    """One row, said of cells: a factor for each, shape (C, S, T), and its ends in rounding units."""

    owner: Owner
    factors: Floats
    lower: float
    upper: float


def limit_rows(layout: Layout) -> LimitRows:
    """Return a row for each sum, for each class within a range, and two for each class and line within a band."""
    rows, cells, values, lower, upper = [], [], [], [], []
    owners: list[Owner] = []
    for said in (*_sums(layout), *_ranges(layout), *_bands(layout)):
        at = np.flatnonzero(said.factors)
        rows.append(np.full(len(at), len(owners)))
        cells.append(at)
        values.append(said.factors.ravel()[at])
        lower.append(said.lower / layout.money)
        upper.append(said.upper / layout.money)
        owners.append(said.owner)
    if not owners:
        return LimitRows(Rows(csr_array((0, layout.n_columns)), np.zeros(0), np.zeros(0)), ())
    where = np.unravel_index(np.concatenate(cells), layout.question.reference.shape)
    matrix = layout.of_cells(len(owners), np.concatenate(rows), where, np.concatenate(values))
    return LimitRows(Rows(matrix, np.array(lower), np.array(upper)), tuple(owners))


def _sums(layout: Layout) -> Iterator[_Said]:
    """Yield pins, bounds and team targets (F-5, F-6)."""
    question = layout.question
    first, size = question.alike.first, question.alike.size
    for one in question.limits.sums:
        each = one.reps[first] * size * (question.work.index.hedge[first] if one.of_quota else 1.0)
        box = each[:, None, None] * one.lines[None, :, None] * one.periods[None, None, :]
        yield _Said(Owner(one.label), box, one.lower, one.upper)


def _ranges(layout: Layout) -> Iterator[_Said]:
    """Yield a class's total between its floor and its cap (F-3)."""
    question = layout.question
    first = question.alike.first
    for one in question.limits.ranges:
        low, high = one.lower[first], one.upper[first]
        for c in np.flatnonzero(np.isfinite(low) | np.isfinite(high)):
            factors = np.zeros(question.reference.shape)
            factors[c] = question.work.index.hedge[first[c]] if one.of_quota else 1.0
            yield _Said(Owner(one.label, int(c)), factors, float(low[c]), float(high[c]))


def _bands(layout: Layout) -> Iterator[_Said]:
    """Yield x - (1 - tau) m X >= 0 and x - (1 + tau) m X <= 0 (F-4), but for a line that is all a class has."""
    question = layout.question
    mix = question.limits.mix[question.alike.first]
    for one in question.limits.bands:
        held = one.reps[question.alike.first][:, None] & (mix > 0) & (mix < 1)
        for c, line in zip(*np.nonzero(held), strict=True):
            for tilt, lower, upper in ((1 - one.tolerance, 0.0, np.inf), (1 + one.tolerance, -np.inf, 0.0)):
                factors = np.zeros(question.reference.shape)
                factors[c] -= tilt * mix[c, line]
                factors[c, line] += 1.0
                yield _Said(Owner(one.label, int(c), int(line)), factors, lower, upper)

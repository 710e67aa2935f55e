"""F-3 to F-6 as rows: pins, bounds and team targets, ranges, bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.columns import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.formulate.columns import Layout
    from planalloc.types import Bools, Floats, Ints

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


@dataclass(frozen=True)
class _Said:
    """Some rows: whose they are, what each says of columns, as (row, column, factor), and ends in rounding units."""

    owners: list[Owner]
    entries: tuple[Ints, Ints, Floats]
    lower: Floats
    upper: Floats


def limit_rows(layout: Layout) -> LimitRows:
    """Return a row for each sum, for each class within a range, and two for each class and line within a band."""
    owners: list[Owner] = []
    parts, lower, upper = [], [np.zeros(0)], [np.zeros(0)]
    money = _Money(layout)
    for said in (*_sums(money), *_ranges(money), *_bands(money)):
        rows, columns, factors = said.entries
        parts.append((len(owners) + rows, columns, factors))
        owners += said.owners
        lower.append(said.lower / layout.money)
        upper.append(said.upper / layout.money)
    nothing = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    matrix = layout.matrix(len(owners), *parts, nothing)
    matrix.eliminate_zeros()
    return LimitRows(Rows(matrix, np.concatenate(lower), np.concatenate(upper)), tuple(owners))


class _Money:
    """The columns of money in the order of classes: class and line of each, and the season that it has inside it."""

    def __init__(self, layout: Layout) -> None:
        self.question = layout.question
        steady, cell = layout.groups["steady"], layout.groups["cell"]
        columns, rep_class, line = (
            np.concatenate(both)
            for both in ((steady.columns, cell.columns), (steady.at[0], cell.at[0]), (steady.at[1], cell.at[1]))
        )
        order = np.argsort(rep_class, kind="stable")
        self.columns, self.rep_class, self.line = columns[order], rep_class[order], line[order]
        self.period = np.concatenate([np.full(len(steady), -1), cell.at[2]])[order]
        self.starts = np.searchsorted(self.rep_class, np.arange(len(self.question.alike.first) + 1))

    def of(self, rep_classes: Ints) -> tuple[Ints, Ints]:
        """Return the positions in this order of the columns of some classes, and to which of these each belongs."""
        counts = self.starts[rep_classes + 1] - self.starts[rep_classes]
        which = np.repeat(np.arange(len(rep_classes)), counts)
        return np.arange(counts.sum()) + np.repeat(self.starts[rep_classes] - np.cumsum(counts) + counts, counts), which

    def part(self, at: Ints, periods: Bools) -> Floats:
        """Return what part of each column falls into some periods."""
        spread = self.question.weights @ periods
        inside: Floats = np.where(self.period[at] < 0, spread[self.line[at]], periods[self.period[at]])
        return inside


def _sums(money: _Money) -> Iterator[_Said]:
    """Yield pins, bounds and team targets (F-5, F-6)."""
    question = money.question
    first, size = question.alike.first, question.alike.size
    for one in question.limits.sums:
        at, _ = money.of(np.flatnonzero(one.reps[first]))
        at = at[one.lines[money.line[at]]]
        each = size * (question.work.index.hedge[first] if one.of_quota else 1.0)
        factors = each[money.rep_class[at]] * money.part(at, one.periods)
        entries = (np.zeros(len(at), dtype=np.int64), money.columns[at], factors)
        yield _Said([Owner(one.label)], entries, np.array([one.lower]), np.array([one.upper]))


def _ranges(money: _Money) -> Iterator[_Said]:
    """Yield a class's total between its floor and its cap (F-3)."""
    question = money.question
    first = question.alike.first
    for one in question.limits.ranges:
        low, high = one.lower[first], one.upper[first]
        held = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
        at, rows = money.of(held)
        factors = question.work.index.hedge[first[held]][rows] if one.of_quota else np.ones(len(rows))
        owners = [Owner(one.label, int(c)) for c in held]
        yield _Said(owners, (rows, money.columns[at], factors), low[held], high[held])


def _bands(money: _Money) -> Iterator[_Said]:
    """Yield x - (1 - tau) m X >= 0 and x - (1 + tau) m X <= 0 (F-4), but for a line that is all a class has."""
    question = money.question
    first = question.alike.first
    mix = question.limits.mix[first]
    for one in question.limits.bands:
        held = one.reps[first][:, None] & (mix > 0) & (mix < 1)
        c, line = np.nonzero(held)
        at, row = money.of(c)
        parts = [
            (2 * row + side, money.columns[at], (money.line[at] == line[row]) - tilt * mix[c, line][row])
            for side, tilt in enumerate((1 - one.tolerance, 1 + one.tolerance))
        ]
        rows, columns, factors = (np.concatenate(both) for both in zip(*parts, strict=True))
        owners = [Owner(one.label, int(i), int(s)) for i, s in zip(c, line, strict=True) for _ in range(2)]
        yield _Said(owners, (rows, columns, factors), np.tile([0.0, -np.inf], len(c)), np.tile([np.inf, 0.0], len(c)))

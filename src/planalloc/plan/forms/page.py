"""A form as data: what every rendering shows, in order, with numbers as numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, TypeAlias

__all__ = [
    "Block",
    "Cell",
    "Field",
    "Figure",
    "Grid",
    "Kind",
    "Listing",
    "Page",
    "Passage",
    "Section",
    "Sheet",
    "added",
]

Kind: TypeAlias = Literal["text", "amount", "money", "count", "number", "hours", "share", "day"]
"""How a value is written: money without and with its currency, whole numbers, numbers with what decimals they have,
hours with one decimal, percent with one decimal."""
Sheet: TypeAlias = Literal[
    "cover",
    "quotas",
    "activities",
    "pipeline",
    "accounts",
    "visits",
    "known",
    "contacts",
    "playbook",
    "review_points",
    "unscheduled",
    "earlier_work",
]
"""Where a workbook puts a section; also the key of the sheet's name."""
Cell: TypeAlias = str | int | float | date | None

FINEST_STEP = 4
"""Decimals of the finest amount of money that a plan is rounded to."""


@dataclass(frozen=True)
class Field:
    """A column of a grid.

    Attributes
    ----------
    heading : str
        What stands above it.
    kind : Kind
        How its values are written.
    adds : bool
        Whether the total row sums it.
    across : tuple of int
        Its cells are the sums of these other columns.
    ratio : pair of int, optional
        Its cells are one other column divided by another, in the total row as well.
    of_all : int, optional
        Its cells are parts of the total of this other column.
    place : int, optional
        Where what it stands for comes among its like, shown or not: its color in a chart, the same in every form.
    """

    heading: str
    kind: Kind = "text"
    adds: bool = False
    across: tuple[int, ...] = ()
    ratio: tuple[int, int] | None = None
    of_all: int | None = None
    place: int | None = None

    @property
    def derived(self) -> bool:
        """Whether its cells follow from other columns."""
        return bool(self.across) or self.ratio is not None or self.of_all is not None


@dataclass(frozen=True)
class Grid:
    """A table of a form.

    Attributes
    ----------
    heading : str
        What it shows; may be empty.
    fields : tuple of Field
        Its columns.
    given : tuple of tuple
        Its rows, None where a column is derived from others.
    total : str
        What stands before the total row; empty for a grid without one.

    Examples
    --------
    >>> grid = Grid("", (Field("Segment"), Field("Quota", "amount", adds=True)), (("A", 20), ("B", 10)), "Total")
    >>> grid.totals
    ('Total', 30)
    """

    heading: str
    fields: tuple[Field, ...]
    given: tuple[tuple[Cell, ...], ...]
    total: str = ""

    @cached_property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows with what is derived."""
        if not any(field.derived for field in self.fields):
            return self.given
        return tuple(self._completed(row) for row in self.given)

    @cached_property
    def totals(self) -> tuple[Cell, ...] | None:
        """The total row; None where the grid has none."""
        if not self.total:
            return None
        last: list[Cell] = [self.total, *(self._sum(i) for i in range(1, len(self.fields)))]
        return self._completed(tuple(last))

    def _sum(self, column: int) -> Cell:
        field = self.fields[column]
        return added([row[column] for row in self.given], field.kind) if field.adds and not field.derived else None

    def _completed(self, row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        found = list(row)
        for i, field in enumerate(self.fields):
            if field.across:
                found[i] = added([row[other] for other in field.across], field.kind)
        for i, field in enumerate(self.fields):
            if field.ratio:
                part, whole = (found[other] for other in field.ratio)
                found[i] = _quotient(part, whole)
            if field.of_all is not None:
                found[i] = _quotient(found[field.of_all], self._sum(field.of_all))
        return tuple(found)


@dataclass(frozen=True)
class Listing:
    """A heading and what it lists, one text each."""

    heading: str
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """A text, or a heading of its own, or both."""

    text: str
    heading: str = ""


Block: TypeAlias = Grid | Listing | Passage


@dataclass(frozen=True)
class Section:
    """One subject of a form: its heading, where a workbook puts it, and what it holds."""

    heading: str
    sheet: Sheet
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Figure:
    """One fact at the head of a form."""

    label: str
    value: Cell
    kind: Kind = "text"


@dataclass(frozen=True)
class Page:
    """A form: who and what it is about, its leading facts, and its sections."""

    title: str
    subtitle: str
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]


def added(values: list[Cell], kind: Kind) -> int | float:
    """Add numbers up, money exactly; what is no number counts as nothing.

    Examples
    --------
    >>> added([0.1] * 3, "amount"), added([1, None, 2], "count")
    (0.3, 3)
    """
    numbers = [one for one in values if isinstance(one, int | float)]
    if all(isinstance(one, int) for one in numbers):
        return sum(int(one) for one in numbers)
    return round(math.fsum(numbers), FINEST_STEP) if kind == "amount" else math.fsum(numbers)


def _quotient(part: Cell, whole: Cell) -> float | None:
    if not isinstance(part, int | float) or not isinstance(whole, int | float) or not whole:
        return None
    return part / whole

"""`Periods`: the time axis of a table, the column that holds it, and the coarser periods in which it nests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

import numpy as np

from planalloc.errors import InputError
from planalloc.plan.columns import Text
from planalloc.types import Grain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from planalloc.plan.columns import Column

__all__ = ["GRAINS", "Periods", "calendar_left", "time_column"]

GRAINS: tuple[str, ...] = get_args(Grain)
"""Every grain, the finest first."""


@dataclass(frozen=True)
class Periods:
    """The periods of a plan and the coarser periods that hold them.

    Parameters
    ----------
    grain : Grain
        The grain of `ids`.
    ids : tuple of str
        The periods, in order of time.
    coarser : Mapping
        For each grain that can be asked for: the id of the coarse period that holds each of `ids`, in the same order;
        or, where the grain does not nest, the reason in a sentence.

    Raises
    ------
    InputError
        When an id appears twice, or when a grain does not give one coarse period for each period.

    Examples
    --------
    >>> Periods("quarter", ("2027-Q1", "2027-Q2"), {"year": ("2027", "2027")}).within("year")
    ('2027', '2027')
    """

    grain: Grain
    ids: tuple[str, ...]
    coarser: Mapping[Grain, tuple[str, ...] | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(set(self.ids)) < len(self.ids):
            raise InputError(f"{max(self.ids, key=self.ids.count)!r} appears twice among the periods")
        for grain, holders in self.coarser.items():
            if not isinstance(holders, str) and len(holders) != len(self.ids):
                raise InputError(f"{len(holders)} ids by {grain} are given for {len(self.ids)} periods")

    def within(self, grain: Grain) -> tuple[str, ...]:
        """Return the id of the coarse period that holds each of `ids`.

        Raises
        ------
        InputError
            When the periods do not nest in this grain.
        """
        if grain == self.grain:
            return self.ids
        holders = self.coarser.get(grain, f"A {self.grain} cannot be told by {grain}.")
        if isinstance(holders, str):
            raise InputError(f"numbers by {self.grain} cannot be summed by {grain}", hint=holders)
        return tuple(holders)

    def holders(self, periods: Text, grain: Grain) -> Text:
        """Return the coarse period that holds each row's period, shape (n_rows,); missing where that is missing.

        Raises
        ------
        InputError
            When the periods do not nest in this grain.

        Examples
        --------
        >>> axis = Periods("quarter", ("2027-Q1", "2027-Q2"), {"year": ("2027", "2027")})
        >>> axis.holders(Text.of(["2027-Q2", None]), "year").decoded().tolist()
        ['2027', None]
        """
        holder_of = dict(zip(self.ids, self.within(grain), strict=True))
        coarse = Text.of([holder_of[one] for one in periods.categories], dict.fromkeys(holder_of.values()))
        return Text(np.append(coarse.codes, np.int32(-1))[periods.codes], coarse.categories)

    def at(self, grain: Grain) -> Periods:
        """Return the same axis at a coarser grain, with the grains in which its periods nest.

        Raises
        ------
        InputError
            When the periods do not nest in this grain.
        """
        inner = self.within(grain)
        coarser: dict[Grain, tuple[str, ...] | str] = {}
        for other in self.coarser.keys() - {grain}:
            outer = self.coarser[other]
            if not isinstance(outer, str):
                holder = dict(zip(inner, outer, strict=True))
                nests = tuple(holder[one] for one in inner) == tuple(outer)
                outer = tuple(holder.values()) if nests else f"A {grain} does not always lie within one {other}."
            coarser[other] = outer
        return Periods(grain, tuple(dict.fromkeys(inner)), coarser)


def time_column(contents: Mapping[str, Column], calendar: Periods | None) -> tuple[str, Text | None]:
    """Return the name of the column of periods, ``period`` or the calendar's grain, and the column if there is one.

    Examples
    --------
    >>> time_column({"year": Text.of(["2027"])}, Periods("year", ("2027",)))[0]
    'year'
    """
    for name in ("period", calendar.grain if calendar else "period"):
        column = contents.get(name)
        if isinstance(column, Text):
            return name, column
    return "period", None


def calendar_left(contents: Mapping[str, Column], calendar: Periods | None, *, keys: Collection[str]) -> Periods | None:
    """Return the calendar of the periods that are left when rows are told apart by these columns and grains only.

    Examples
    --------
    >>> axis = Periods("quarter", ("2027-Q1", "2027-Q2"), {"year": ("2027", "2027")})
    >>> calendar_left({"period": Text.of(axis.ids)}, axis, keys=["year"])
    Periods(grain='year', ids=('2027',), coarser={})
    """
    time, _ = time_column(contents, calendar)
    derived = [key for key in keys if key not in contents]
    if calendar is None or time in keys or not derived:
        return calendar
    return calendar.at(min(derived, key=GRAINS.index))  # type: ignore[arg-type]

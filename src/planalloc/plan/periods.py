"""`Periods`: the time axis of a table, and the coarser periods in which its periods nest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from planalloc.errors import InputError
from planalloc.types import Grain

__all__ = ["GRAINS", "Periods"]

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

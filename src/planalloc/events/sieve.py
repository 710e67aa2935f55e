"""Groups of events, and the sieve through which they go: what does not fit is told, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.cells import text
from planalloc.model.grouping import PARTS
from planalloc.model.sieve import NEVER, NOWHERE
from planalloc.model.sieve import Sieve as Sifted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.model.coded import Coded
    from planalloc.model.grouping import SetAside
    from planalloc.types import Floats, Ints

__all__ = ["NEVER", "NOWHERE", "Events", "Sieve"]


@dataclass(frozen=True, eq=False)
class Events:
    """Groups of alike events, n of them, with their places in a problem.

    Attributes
    ----------
    rep, line, segment, day : Ints
        Shape (n,): positions of the rep among the primary reps in the order of ids, of the line as `Index.lines` has
        it, of the segment in the order of ids (-1 where none is known or needed), and days since the first day of the
        horizon (negative before it).
    labels : dict of str to Coded
        What else tells them apart, such as account, activity or stage; None where it is not given.
    days : dict of str to Ints
        Further dates, as days since the first day of the horizon; ``NEVER`` where there is none.
    sums : dict of str to Ints
        Ten-thousandths of money or units, shape (n,).
    rows : Ints
        Events in each group, shape (n,).
    missing, large : dict of str to Ints
        Those of them without a number that counts, and those of these whose number is too large, shape (n,).
    set_aside : tuple of SetAside
        What did not fit, by rule.
    """

    rep: Ints
    line: Ints
    segment: Ints
    day: Ints
    labels: dict[str, Coded]
    days: dict[str, Ints]
    sums: dict[str, Ints]
    rows: Ints
    missing: dict[str, Ints]
    large: dict[str, Ints]
    set_aside: tuple[SetAside, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, rows: Ints, *told: SetAside) -> Events:
        """Return some of them, with more told of what was set aside."""
        return Events(
            self.rep[rows],
            self.line[rows],
            self.segment[rows],
            self.day[rows],
            {name: values.at(rows) for name, values in self.labels.items()},
            {name: days[rows] for name, days in self.days.items()},
            {name: sums[rows] for name, sums in self.sums.items()},
            self.rows[rows],
            {name: many[rows] for name, many in self.missing.items()},
            {name: many[rows] for name, many in self.large.items()},
            (*self.set_aside, *told),
        )

    def money(self, name: str = "amount") -> Floats:
        """Return sums in money or units, shape (n,)."""
        found: Floats = self.sums[name] / PARTS
        return found


class Sieve(Sifted):
    """A sieve whose groups become events."""

    def events(
        self, *, places: tuple[Ints, Ints, Ints], when: Ints, days: dict[str, Ints], labels: Sequence[str]
    ) -> Events:
        """Return what is left: places are rep, line and segment, shape (groups,) each."""
        named = {name: self.groups.keys[name] if name == "won" else self.cells(name, text) for name in labels}
        sums, rows = self.groups.sums, self.groups.rows
        without = self.groups.missing, self.groups.large
        found = Events(*places, when, named, days, sums, rows, *without, tuple(self.told))
        return found.at(np.flatnonzero(self.kept))

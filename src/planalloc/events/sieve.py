"""Groups of events, and the sieve through which they go: what does not fit is told, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.model.cells import text
from planalloc.model.grouping import PARTS
from planalloc.model.sieve import NEVER, NOWHERE
from planalloc.model.sieve import Sieve as Sifted

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    labels : dict of str to list
        What else tells them apart, such as account, activity or stage; None where it is not given.
    days : dict of str to Ints
        Further dates, as days since the first day of the horizon; ``NEVER`` where there is none.
    sums : dict of str to Ints
        Ten-thousandths of money or units, shape (n,).
    rows : Ints
        Events in each group, shape (n,).
    set_aside : tuple of SetAside
        What did not fit, by rule.
    """

    rep: Ints
    line: Ints
    segment: Ints
    day: Ints
    labels: dict[str, list[Any]]
    days: dict[str, Ints]
    sums: dict[str, Ints]
    rows: Ints
    set_aside: tuple[SetAside, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

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
        at = np.flatnonzero(self.kept)
        rep, line, segment = (one[at] for one in places)
        return Events(
            rep,
            line,
            segment,
            when[at],
            {name: [values[i] for i in at.tolist()] for name, values in named.items()},
            {name: found[at] for name, found in days.items()},
            {name: found[at] for name, found in self.groups.sums.items()},
            self.groups.rows[at],
            tuple(self.told),
        )

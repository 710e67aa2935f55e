"""What the tables of a plan have in common: known names, the time axis, and how lines are labeled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, get_args

import numpy as np

from planalloc.errors import InputError
from planalloc.plan.table import Column, Periods, Text
from planalloc.types import Grain

if TYPE_CHECKING:
    from planalloc.formulate.formulation import Formulation
    from planalloc.model.calendar import Calendar, Period
    from planalloc.types import Ints

__all__ = ["Labels", "earlier_axis", "horizon_axis"]


def horizon_axis(calendar: Calendar) -> Periods:
    """Return the plan's periods and all the coarser ones in which they nest."""
    coarser: dict[Grain, tuple[str, ...] | str] = {}
    for grain in get_args(Grain):
        try:
            holder = calendar.nest(calendar.grain, grain)
        except InputError as error:
            coarser[grain] = error.message
        else:
            ids = [period.id for period in calendar.periods(grain)]
            coarser[grain] = tuple(ids[i] for i in holder)
    return Periods(calendar.grain, tuple(period.id for period in calendar.periods()), coarser)


def earlier_axis(calendar: Calendar, earlier: tuple[Period, ...]) -> Periods:
    """Return the periods in which earlier work may fall: those before the horizon, then those of the horizon."""
    before = [period.id for period in earlier]
    within = [period.id for period in calendar.periods()]
    return Periods(calendar.grain, tuple(dict.fromkeys(before + within)))


@dataclass(frozen=True)
class Labels:
    """Known names of one problem, in the order in which tables list them.

    Parameters
    ----------
    formulation : Formulation
        The problem as arrays.
    """

    formulation: Formulation

    @cached_property
    def axis(self) -> Periods:
        """The periods of the horizon."""
        return horizon_axis(self.formulation.index.problem.calendar)

    @cached_property
    def reps(self) -> tuple[str, ...]:
        """Ids of the reps."""
        return tuple(rep.id for rep in self.formulation.index.reps)

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """Ids of the segments."""
        return tuple(segment.id for segment in self.formulation.index.segments)

    def lines(self, lines: Ints) -> dict[str, Column]:
        """Return segment, product and business of rows that speak of lines, by position."""
        index = self.formulation.index
        products = tuple(one.id for one in index.problem.strategy.products)
        segment = Text.of([line.segment for line in index.lines], self.segments)
        product = Text.of([line.product for line in index.lines], products)
        business = Text.of([line.business for line in index.lines], ("existing", "new"))
        whole = {"segment": segment, "product": product, "business": business}
        return {name: Text(column.codes[lines], column.categories) for name, column in whole.items()}

    def dates(self, periods: Ints) -> dict[str, Column]:
        """Return first and last day of rows that speak of periods, by position."""
        edges = np.array([(p.start, p.end) for p in self.formulation.index.periods], dtype="datetime64[D]")
        return {"start": edges[periods, 0], "end": edges[periods, 1]}

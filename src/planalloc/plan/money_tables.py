"""The tables of a plan that speak of money."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.plan.labels import Labels
from planalloc.plan.table import Column, Table, Text

if TYPE_CHECKING:
    from planalloc.formulate.answering import Answered
    from planalloc.formulate.formulation import Formulation
    from planalloc.types import Ints

__all__ = ["MoneyTables"]


@dataclass(frozen=True)
class MoneyTables:
    """Quotas, shortfall and the season's gap.

    Parameters
    ----------
    formulation : Formulation
        What the plan answers to.
    answered : Answered
        The plan in floats.
    base, quota, reference : Ints
        In rounding units, shape (R, S, T).
    shortfall : Ints
        In rounding units, shape (S, T).
    """

    formulation: Formulation
    answered: Answered
    base: Ints
    quota: Ints
    reference: Ints
    shortfall: Ints

    @cached_property
    def labels(self) -> Labels:
        """Known names."""
        return Labels(self.formulation)

    def money(self, units: Ints) -> Any:
        """Return rounding units as money: int64 where the step is whole, else float64 of so many decimals."""
        numerator, denominator = self.formulation.index.problem.policy.step.as_integer_ratio()
        scaled = units.astype(np.int64) * numerator
        return scaled if denominator == 1 else scaled / denominator

    def _decimals(self, *names: str) -> dict[str, int]:
        digits = -int(self.formulation.index.problem.policy.step.as_tuple().exponent)
        return dict.fromkeys(names, digits) if digits > 0 else {}

    def quotas(self) -> Table:
        """One row for each rep, line that the rep covers and period in which the rep is there."""
        index = self.formulation.index
        r, s, t = np.nonzero(self.formulation.may_carry | (self.base > 0) | (self.reference > 0))
        teams = Text.of([rep.team for rep in index.reps], index.team_ids)
        columns: dict[str, Column] = {
            "rep": Text(r, self.labels.reps),
            "team": Text(teams.codes[r], teams.categories),
            **self.labels.lines(s),
            "period": Text(t, self.labels.axis.ids),
            **self.labels.dates(t),
        }
        amounts = {"reference": self.reference, "base": self.base, "quota": self.quota}
        columns |= {name: self.money(units[r, s, t]) for name, units in amounts.items()}
        measures = ["reference", "base", "quota"]
        prices = {one.id: one.unit_price for one in index.problem.strategy.products}
        if any(prices.values()):
            price = np.array([prices.get(line.product or "") or np.nan for line in index.lines])
            columns["units"] = columns["quota"] / price[s]
            measures.append("units")
        return Table(
            columns,
            name="quotas",
            measures=tuple(measures),
            decimals=self._decimals("reference", "base", "quota"),
            calendar=self.labels.axis,
        )

    def shortfalls(self) -> Table:
        """One row for each line and period whose target is not met; empty where every target is."""
        s, t = np.nonzero(self.shortfall)
        columns = {
            **self.labels.lines(s),
            "period": Text(t, self.labels.axis.ids),
            "revenue": self.money(self.shortfall[s, t]),
        }
        return Table(
            columns,
            name="shortfall",
            measures=("revenue",),
            decimals=self._decimals("revenue"),
            calendar=self.labels.axis,
        )

    def phasing_gap(self) -> Table:
        """One row for each line and period that cannot follow its season: asked, planned, and the difference."""
        planned = self.answered.weights - self.formulation.season
        asked = self.formulation.season * self.formulation.targets[:, None]
        gap = planned * self.formulation.targets[:, None]
        s, t = np.nonzero(np.abs(gap) > 0.5)
        step = float(self.formulation.index.problem.policy.step)
        return Table(
            {
                **self.labels.lines(s),
                "period": Text(t, self.labels.axis.ids),
                "season": asked[s, t] * step,
                "gap": gap[s, t] * step,
            },
            name="phasing gap",
            measures=("season", "gap"),
            calendar=self.labels.axis,
        )

"""How a plan was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planalloc.formulate.gives_way import GivesWay
    from planalloc.plan.table import Table

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """How a plan was found, and what it rests on.

    Attributes
    ----------
    termination : str
        Why the search stopped: ``optimal``.
    path : str
        ``reference``: the fair split breaks no limit and is the plan. ``program``: something binds, and linear
        programs, tier by tier, and a strictly convex last one found it.
    solvers : Mapping
        Which solver answered each tier; empty on the path ``reference``.
    tiers : Mapping
        What each tier came to: ``shortfall`` in money and ``coverage`` in accounts not worked, each weighted by
        priority, ``overtime`` in hours, ``distance`` as sum of (plan - reference)^2 / reference, in money.
    residuals : Mapping
        Largest relative violation that the solution left, before rounding. After rounding there is none.
    working_days : str
        Which days count as worked (S-13).
    phasing_gap : Table
        Lines and periods that cannot follow their season, because nobody may carry them or limits forbid it.
    relaxed : tuple of GivesWay
        What gave way so that there is a plan, where `allocate` was told ``on_infeasible="relax"``; else empty.
    seconds : Mapping
        Wall-clock seconds by phase. Not part of equality and of JSON.
    """

    termination: str
    path: str
    solvers: Mapping[str, str]
    tiers: Mapping[str, float]
    residuals: Mapping[str, float]
    working_days: str
    phasing_gap: Table
    relaxed: tuple[GivesWay, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        tiers = ", ".join(f"{name} {value:,.6g}" for name, value in self.tiers.items())
        how = ", ".join(f"{tier} by {solver}" for tier, solver in self.solvers.items())
        lines = [
            f"{self.termination}, by {self.path}" + (f" ({how})" if how else ""),
            f"tiers: {tiers}",
            f"working days: {self.working_days}",
        ]
        if self.relaxed:
            lines.append("gave way: " + "; ".join(map(str, self.relaxed)))
        if len(self.phasing_gap):
            lines.append(str(self.phasing_gap))
        if self.seconds:
            lines.append("seconds: " + ", ".join(f"{name} {value:.3f}" for name, value in self.seconds.items()))
        return "\n".join(lines)

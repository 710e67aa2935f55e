"""The only owner of the maps between names and positions in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.model.calendar import Period
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.salesforce import Rep
    from planalloc.model.strategy import Segment, Target
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Index", "units"]


def units(amount: float, step: Decimal) -> int:
    """Return an amount of money as a whole number of rounding steps; it must be a multiple.

    Examples
    --------
    >>> units(12.5, Decimal("0.5"))
    25
    """
    return int(Decimal(repr(amount)) / step)


@dataclass(frozen=True)
class Index:
    """Names and positions of one problem, in the order of ids: R reps, S lines, T periods, G teams.

    Parameters
    ----------
    problem : PlanningProblem
        In canonical order and free of findings of level error.
    """

    problem: PlanningProblem

    def under(self, problem: PlanningProblem) -> Index:
        """Return the index of a problem that differs in its limits only, without working it out again."""
        other = Index(problem)
        vars(other).update({name: value for name, value in vars(self).items() if name != "problem"})
        return other

    @cached_property
    def reps(self) -> tuple[Rep, ...]:
        """The primary reps, R of them; overlay reps share what these book, in a problem of their own."""
        return tuple(rep for rep in self.problem.sales_force.reps if rep.role == "primary")

    @cached_property
    def lines(self) -> tuple[Target, ...]:
        """The lines, S of them: one per target, ordered by segment, product and business."""
        return tuple(
            sorted(self.problem.strategy.targets, key=lambda t: (t.segment, t.product or "", t.business or ""))
        )

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The periods of the plan's own grain, T of them."""
        return self.problem.calendar.periods()

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The segments, in the order of their ids."""
        return self.problem.strategy.segments

    @cached_property
    def rep_position(self) -> dict[str, int]:
        """Position of each rep by id."""
        return {rep.id: i for i, rep in enumerate(self.reps)}

    @cached_property
    def segment_position(self) -> dict[str, int]:
        """Position of each segment by id."""
        return {segment.id: i for i, segment in enumerate(self.segments)}

    @cached_property
    def line_segment(self) -> Ints:
        """Position of each line's segment, shape (S,)."""
        return np.array([self.segment_position[line.segment] for line in self.lines], dtype=np.int64)

    @cached_property
    def eligible(self) -> Bools:
        """Whether a rep may carry a line, shape (R, S)."""
        example = {rep.covers: rep for rep in self.reps}
        rows = {covers: [rep.may_carry(line) for line in self.lines] for covers, rep in example.items()}
        return np.array([rows[rep.covers] for rep in self.reps])

    @cached_property
    def team_ids(self) -> tuple[str, ...]:
        """The teams, G of them."""
        return tuple(team.id for team in self.problem.sales_force.teams)

    @cached_property
    def in_team(self) -> dict[str, Bools]:
        """Whether a rep belongs to a team or to one below it, by team id, each of shape (R,)."""
        chains = {team_id: set(self.chain(team_id)) for team_id in self.team_ids}
        chain_of_rep = [chains.get(rep.team or "", set()) for rep in self.reps]
        return {team_id: np.array([team_id in chain for chain in chain_of_rep]) for team_id in self.team_ids}

    def chain(self, team_id: str | None) -> tuple[str, ...]:
        """Return a team and the teams above it, nearest first."""
        parents = {team.id: team.parent for team in self.problem.sales_force.teams}
        found = []
        while team_id is not None:
            found.append(team_id)
            team_id = parents[team_id]
        return tuple(found)

    @cached_property
    def hedge(self) -> Floats:
        """Quota per unit of base (F-14): product of (1 + hedge) down the tree, the rep's own included, shape (R,)."""
        own = {team.id: 1.0 + team.hedge for team in self.problem.sales_force.teams}
        factor = {team_id: float(np.prod([own[one] for one in self.chain(team_id)])) for team_id in self.team_ids}
        return np.array([factor.get(rep.team or "", 1.0) * (1.0 + rep.hedge) for rep in self.reps])

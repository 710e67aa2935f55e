"""What a problem says of time and targets before anything is decided: who is there, what is due, in which season.

Each part is worked out when it is first asked for, so that checks can look at those that the problem allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from planalloc.formulate.capacity import capacity
from planalloc.formulate.index import Index
from planalloc.formulate.phasing import seasons
from planalloc.formulate.targets import line_targets

if TYPE_CHECKING:
    from planalloc.formulate.capacity import Capacity
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Ground"]


@dataclass(frozen=True)
class Ground:
    """The ground of one problem, for R reps, S lines, T periods.

    Parameters
    ----------
    problem : PlanningProblem
        In canonical order.
    """

    problem: PlanningProblem

    def under(self, problem: PlanningProblem) -> Ground:
        """Return the ground of another problem: this one's, where the two differ in nothing but limits."""
        other = Ground(problem)
        if self.carries(problem):
            parts = {name: value for name, value in vars(self).items() if name not in {"problem", "index"}}
            vars(other).update(parts, index=self.index.under(self.index.problem.but(limits=problem.limits)))
        return other

    def carries(self, problem: PlanningProblem) -> bool:
        """Return whether a problem has the very records of this one, limits aside."""
        names = [name for name in type(problem).model_fields if name != "limits"]
        return all(getattr(problem, name) is getattr(self.problem, name) for name in names)

    @cached_property
    def index(self) -> Index:
        """Names and positions, of the problem in which the portfolio has been counted."""
        return Index(self.problem.counted())

    @cached_property
    def time(self) -> Capacity:
        """Who is there when."""
        return capacity(self.index)

    @cached_property
    def targets(self) -> Ints:
        """Line targets in rounding units, shape (S,)."""
        return line_targets(self.index)

    @cached_property
    def seasons(self) -> tuple[Floats, Ints]:
        """Season as the strategy asks for it, and the season block of each period, shape (S, T) each."""
        return seasons(self.index, working_days=self.time.working_days)

    @property
    def may_carry(self) -> Bools:
        """Whether a rep covers a line and is there in a period, shape (R, S, T)."""
        return self.index.eligible[:, :, None] & (self.time.weight > 0)[:, None, :]

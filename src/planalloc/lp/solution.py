"""What a solver hands back: whether it worked, why it stopped, and the numbers with their duals."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats

__all__ = ["Reason", "Solution", "Status"]


class Status(StrEnum):
    """Did it work: the only thing a caller has to ask before using the numbers."""

    ok = "ok"
    no_answer = "no_answer"


class Reason(StrEnum):
    """Why did it stop."""

    optimal = "optimal"
    infeasible = "infeasible"
    unbounded = "unbounded"
    time_limit = "time_limit"
    iteration_limit = "iteration_limit"
    numerical = "numerical"
    other = "other"


@dataclass(frozen=True, eq=False)
class Solution:
    """An answer that passed our own check, or the reason why there is none.

    Attributes
    ----------
    status : Status
        ``ok`` only for numbers that were checked against the program.
    reason : Reason
        Why the solver stopped.
    x : Floats
        Shape (n,), within its bounds exactly. NaN throughout when there is no answer, so that nobody uses it.
    row_duals : Floats
        Shape (m,): the change of the objective per unit by which the active side of a row is moved up. Positive
        at a lower side that binds, negative at an upper one.
    reduced_costs : Floats
        Shape (n,): ``cost + quadratic * x - matrix.T @ row_duals``. Positive at a lower bound that binds, negative
        at an upper one.
    objective : float
        Objective at `x`.
    iterations : int
        Iterations of the solver.
    solver : str
        Name of the solver.
    raw_status : str
        What the solver said in its own words; for a report, never to decide on.
    """

    status: Status
    reason: Reason
    x: Floats = field(repr=False)
    row_duals: Floats = field(repr=False)
    reduced_costs: Floats = field(repr=False)
    objective: float
    iterations: int
    solver: str
    raw_status: str

    @property
    def ok(self) -> bool:
        """Whether the numbers may be used."""
        return self.status is Status.ok

    @classmethod
    def none(
        cls, program: LinearProgram, reason: Reason, *, solver: str, raw_status: str = "", iterations: int = 0
    ) -> Solution:
        """Return the solution that says why there is no answer.

        Examples
        --------
        >>> from planalloc.lp.program import LinearProgram
        >>> crossed = LinearProgram(
        ...     cost=[1.0], matrix=[[1.0]], row_lower=[2.0], row_upper=[1.0], lower=[0.0], upper=[9.0]
        ... )
        >>> Solution.none(crossed, Reason.infeasible, solver="eye").ok
        False
        """
        return cls(
            status=Status.no_answer,
            reason=reason,
            x=np.full(program.n_columns, np.nan),
            row_duals=np.full(program.n_rows, np.nan),
            reduced_costs=np.full(program.n_columns, np.nan),
            objective=float("nan"),
            iterations=iterations,
            solver=solver,
            raw_status=raw_status,
        )

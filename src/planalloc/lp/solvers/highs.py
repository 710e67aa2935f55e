"""HiGHS, the linear solver inside SciPy."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from scipy.sparse import vstack

from planalloc.lp.polish import polish
from planalloc.lp.residuals import checked
from planalloc.lp.scaling import scaling_of
from planalloc.lp.solution import Reason, Solution
from planalloc.lp.solvers import Capability
from planalloc.lp.solvers.rowless import solve_rowless

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats

__all__ = ["Highs"]


class _Attempt(NamedTuple):
    method: str
    tolerance: float
    presolve: bool
    magnified: float


_ATTEMPTS = (
    _Attempt("highs-ds", 1e-10, presolve=True, magnified=1024.0),
    _Attempt("highs-ds", 1e-9, presolve=False, magnified=1.0),
    _Attempt("highs-ipm", 1e-10, presolve=True, magnified=1024.0),
)
"""Sharpest first. HiGHS takes no tolerance below 1e-10, absolute; where amounts are a thousand instead of one this
comes to 1e-13. The second is there so that a program whose own numbers are off by a rounding error is not called
infeasible (two attempts must agree on it), the third for what the simplex method finds hard."""

_STATUS = {0: Reason.optimal, 1: Reason.iteration_limit, 2: Reason.infeasible, 3: Reason.unbounded, 4: Reason.numerical}
"""The status codes of `scipy.optimize.linprog`."""


@dataclass(frozen=True)
class Highs:
    """The simplex method of HiGHS, with its interior-point method in reserve, through `scipy.optimize.linprog`.

    Parameters
    ----------
    time_limit : float or None
        Seconds for one call of `solve`; none by default.

    References
    ----------
    .. [1] Q. Huangfu, J. A. J. Hall, "Parallelizing the dual revised simplex method", Mathematical Programming
           Computation 10 (2018) 119-142.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[2.0, 1.0], matrix=[[1.0, 1.0]], row_lower=[10.0], row_upper=[10.0], lower=[0.0, 0.0], upper=[9.0, 9.0]
    ... )
    >>> solution = Highs().solve(program)
    >>> solution.x.tolist(), solution.row_duals.tolist(), solution.reduced_costs.tolist()
    ([1.0, 9.0], [2.0], [0.0, -1.0])
    """

    time_limit: float | None = None

    name: ClassVar[str] = "highs"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.tells_infeasible})

    def solve(self, program: LinearProgram) -> Solution:
        """Return the minimum of a linear program, or the reason why there is none.

        Raises
        ------
        ValueError
            When the program has a quadratic term.
        """
        if not program.linear:
            raise ValueError("HiGHS is used for linear programs only; this one has a quadratic term")
        known = solve_rowless(program, solver=self.name)
        if known is not None:
            return known
        deadline = None if self.time_limit is None else time.monotonic() + self.time_limit
        refused: list[Reason] = []
        for attempt in _ATTEMPTS:
            solution = _try(program, attempt, deadline=deadline)
            agreed = solution.reason in refused and solution.reason is not Reason.numerical
            if solution.ok or agreed or solution.reason is Reason.time_limit:
                return solution
            refused.append(solution.reason)
        return replace(solution, reason=Reason.numerical)


def _try(program: LinearProgram, attempt: _Attempt, *, deadline: float | None) -> Solution:
    scaling = scaling_of(program)
    scaling = replace(scaling, amount=scaling.amount / attempt.magnified, price=scaling.price / attempt.magnified)
    scaled = scaling.apply(program)
    raw = _linprog(scaled, attempt, deadline=deadline)
    told = {"solver": Highs.name, "iterations": int(raw.nit), "raw_status": raw.message}
    reason = _reason(scaled, raw, attempt, deadline=deadline)
    if reason is not Reason.optimal:
        return Solution.none(program, reason, **told)
    answer = polish(program, scaling.x(raw.x), scaling.row_duals(_row_duals(scaled, raw)))
    return checked(program, *answer, **told)


def _linprog(program: LinearProgram, attempt: _Attempt, *, deadline: float | None) -> Any:
    """Hand over the rows in the two kinds that SciPy knows."""
    from scipy.optimize import linprog  # noqa: PLC0415 -- loaded only when needed

    equal, below, above = _kinds(program)
    options = {
        "presolve": attempt.presolve,
        "primal_feasibility_tolerance": attempt.tolerance,
        "dual_feasibility_tolerance": attempt.tolerance,
    }
    if deadline is not None:
        options["time_limit"] = max(deadline - time.monotonic(), 0.0)
    if attempt.method == "highs-ipm":
        options["ipm_optimality_tolerance"] = attempt.tolerance
    return linprog(
        program.cost,
        A_ub=vstack([program.matrix[below], -program.matrix[above]], format="csr"),
        b_ub=np.concatenate([program.row_upper[below], -program.row_lower[above]]),
        A_eq=program.matrix[equal],
        b_eq=program.row_lower[equal],
        bounds=np.column_stack([program.lower, program.upper]),
        method=attempt.method,
        options=options,
    )


def _kinds(program: LinearProgram) -> tuple[Any, Any, Any]:
    """Return the rows that are equations, those with an upper and those with a lower side."""
    equal = program.row_lower == program.row_upper
    below = np.flatnonzero(~equal & np.isfinite(program.row_upper))
    above = np.flatnonzero(~equal & np.isfinite(program.row_lower))
    return np.flatnonzero(equal), below, above


def _row_duals(program: LinearProgram, raw: Any) -> Floats:
    """Put the marginals back on the rows: SciPy's are per unit of its own right-hand sides, some of them negated."""
    equal, below, above = _kinds(program)
    duals = np.zeros(program.n_rows)
    duals[equal] = raw.eqlin.marginals
    duals[below] += raw.ineqlin.marginals[: below.size]
    duals[above] -= raw.ineqlin.marginals[below.size :]
    return duals


def _reason(program: LinearProgram, raw: Any, attempt: _Attempt, *, deadline: float | None) -> Reason:
    """Read the status; where HiGHS leaves open whether infeasible or unbounded, ask again without a cost."""
    if "ime limit" in raw.message:
        return Reason.time_limit
    reason = _STATUS[raw.status]
    if reason is Reason.unbounded or "unbounded or infeasible" in raw.message.lower():
        feasible = _linprog(program.but(cost=np.zeros(program.n_columns)), attempt, deadline=deadline)
        if "ime limit" in feasible.message:
            return Reason.time_limit
        return {0: Reason.unbounded, 2: Reason.infeasible}.get(feasible.status, Reason.numerical)
    return reason

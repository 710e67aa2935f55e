"""Other people's solvers on our finished programs: HiGHS through SciPy, and CBC through PuLP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from scipy.sparse import vstack

from planalloc.lp.solvers.pulp import installed

if TYPE_CHECKING:
    from collections.abc import Callable

    from planalloc.lp.program import LinearProgram

__all__ = ["INTERIOR_POINT", "PEERS", "Peer", "Told"]

INTERIOR_POINT = "HiGHS interior point"
LIMIT = 45.0
"""Seconds after which a solver is told to stop."""


class Told(NamedTuple):
    """What a solver said: its optimum, None where it has none, and what there is to note."""

    optimum: float | None
    note: str = ""


@dataclass(frozen=True)
class Peer:
    """A solver and how far it is followed.

    Parameters
    ----------
    name : str
        How tables call it.
    prepare : callable
        Takes a program and returns the call that is timed, or None where the solver is not installed.
    budget : float
        Seconds for all runs on one program.
    slow : bool
        Whether it is left out where only quick peers are asked.
    """

    name: str
    prepare: Callable[[LinearProgram], Callable[[], Told] | None]
    budget: float
    slow: bool


@dataclass(frozen=True)
class _Linprog:
    """HiGHS as `scipy.optimize.linprog` calls it; its interior point always ends with a crossover there."""

    program: LinearProgram
    method: Literal["highs-ipm", "highs-ds"]

    def __call__(self) -> Told:
        from scipy.optimize import linprog  # noqa: PLC0415 -- loaded in the first run, which is not counted

        answer = linprog(**self.arguments, method=self.method, options={"time_limit": LIMIT})
        return Told(float(answer.fun)) if answer.status == 0 else Told(None, f"stopped: {answer.message.split('.')[0]}")

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """Rows in the two kinds that SciPy knows; put together before any time is taken."""
        p = self.program
        equal = p.row_lower == p.row_upper
        below, above = ~equal & np.isfinite(p.row_upper), ~equal & np.isfinite(p.row_lower)
        return {
            "c": p.cost,
            "A_ub": vstack([p.matrix[below], -p.matrix[above]], format="csc"),
            "b_ub": np.concatenate([p.row_upper[below], -p.row_lower[above]]),
            "A_eq": p.matrix[equal].tocsc(),
            "b_eq": p.row_lower[equal],
            "bounds": np.column_stack([p.lower, p.upper]),
        }


def _simplex(program: LinearProgram) -> Callable[[], Told]:
    call = _Linprog(program, "highs-ds")
    call.arguments  # noqa: B018 -- prepared here
    return call


def _interior_point(program: LinearProgram) -> Callable[[], Told]:
    call = _Linprog(program, "highs-ipm")
    call.arguments  # noqa: B018 -- prepared here
    return call


def _without_crossover(program: LinearProgram) -> Callable[[], Told] | None:
    """Hand the program to the HiGHS inside SciPy directly, since `linprog` does not let the crossover be left out."""
    try:
        core = import_module("scipy.optimize._highspy._core")
    except ImportError:  # it is SciPy's own and may move
        return None
    matrix = program.matrix.tocsc()
    lp = core.HighsLp()
    lp.num_row_, lp.num_col_ = lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = program.n_rows, program.n_columns
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = core.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data

    def call() -> Told:
        highs = core._Highs()  # noqa: SLF001 -- SciPy offers no other way
        options = {"output_flag": False, "solver": "ipm", "run_crossover": "off", "time_limit": LIMIT}
        for option, value in options.items():
            highs.setOptionValue(option, value)
        highs.passModel(lp)
        highs.run()
        status = highs.modelStatusToString(highs.getModelStatus())
        return Told(float(highs.getInfo().objective_function_value), "" if status == "Optimal" else f"status {status}")

    return call


def _cbc(program: LinearProgram) -> Callable[[], Told] | None:
    """Build the program in PuLP from finished arrays, in the form that it reads fastest, and solve it with CBC."""
    if "PULP_CBC_CMD" not in installed():
        return None
    pulp = import_module("pulp")

    def call() -> Told:
        _, problem = pulp.LpProblem.fromDict(_pulp_record(program, pulp))
        problem.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=LIMIT))
        if problem.sol_status != pulp.LpSolutionOptimal:
            return Told(None, f"stopped: {pulp.LpStatus[problem.status]}")
        return Told(float(pulp.value(problem.objective)))

    return call


def _pulp_record(program: LinearProgram, pulp: Any) -> dict[str, Any]:
    indices, values = program.matrix.indices.tolist(), program.matrix.data.tolist()
    terms = [
        [{"name": f"x{indices[at]}", "value": values[at]} for at in range(start, end)]
        for start, end in pairwise(program.matrix.indptr.tolist())
    ]
    equal = program.row_lower == program.row_upper
    sides = (
        (pulp.LpConstraintEQ, program.row_upper, equal),
        (pulp.LpConstraintLE, program.row_upper, ~equal & np.isfinite(program.row_upper)),
        (pulp.LpConstraintGE, program.row_lower, ~equal & np.isfinite(program.row_lower)),
    )
    rows = [(sense, row, float(-bound[row])) for sense, bound, there in sides for row in np.flatnonzero(there).tolist()]
    return {
        "parameters": {"name": "program", "sense": pulp.LpMinimize, "status": 0, "sol_status": 0},
        "objective": {
            "name": "cost",
            "coefficients": [
                {"name": f"x{at}", "value": float(program.cost[at])} for at in np.flatnonzero(program.cost)
            ],
        },
        "variables": [
            {
                "name": f"x{at}",
                "cat": pulp.LpContinuous,
                "lowBound": float(lower) if np.isfinite(lower) else None,
                "upBound": float(upper) if np.isfinite(upper) else None,
            }
            for at, (lower, upper) in enumerate(zip(program.lower, program.upper, strict=True))
        ],
        "constraints": [
            {"name": f"r{at}", "sense": sense, "coefficients": terms[row], "constant": constant, "pi": None}
            for at, (sense, row, constant) in enumerate(rows)
        ],
        "sos1": [],
        "sos2": [],
    }


PEERS = (
    Peer(INTERIOR_POINT, _interior_point, budget=70.0, slow=False),
    Peer("HiGHS interior point, no crossover", _without_crossover, budget=10.0, slow=False),
    Peer("HiGHS simplex", _simplex, budget=10.0, slow=True),
    Peer("PuLP + CBC", _cbc, budget=10.0, slow=True),
)

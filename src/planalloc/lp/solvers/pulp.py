"""Any solver that PuLP knows (CBC, GLPK, HiGHS, Gurobi, CPLEX, Xpress, ...), through PuLP's public interface."""

from __future__ import annotations

import io
import math
import time
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack

from planalloc.errors import BackendUnavailableError
from planalloc.lp.elastic import elastic
from planalloc.lp.polish import polish
from planalloc.lp.residuals import GAP_TOLERANCE, checked, objective_scale
from planalloc.lp.scaling import scaling_of
from planalloc.lp.solution import Reason, Solution
from planalloc.lp.solvers import Capability
from planalloc.lp.solvers.rowless import solve_rowless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats, Ints

__all__ = ["PREFIX", "Pulp", "installed"]

PREFIX = "pulp:"
"""Stands before PuLP's own name of a solver."""

_MAGNIFIED = 1024.0
"""The largest amount and the largest cost that a solver sees. Tolerances are absolute and their options differ: with a
thousand instead of one, CBC's 1e-7 comes to 1e-10."""

_STATUS = {
    1: Reason.optimal,
    -1: Reason.infeasible,
    -2: Reason.unbounded,
    -4: Reason.time_limit,
    -8: Reason.iteration_limit,
    -12: Reason.numerical,
}
"""PuLP's codes; 3.x has the first three only."""

_TO_PROVE = frozenset({Reason.infeasible, Reason.unbounded})


@dataclass(frozen=True, init=False)
class Pulp:
    """A solver behind PuLP, for linear programs.

    What it says is a hint. Its numbers are polished and then certified by our own check, with duals from the dual
    program where it gives none or none that hold. A program is infeasible when the least that must give way is
    certified and not nothing, and unbounded when it is not infeasible and has a ray that goes down forever. Ranges
    become two rows, since PuLP has none. Rows and columns are named by position: no two names can fall together.

    Parameters
    ----------
    name : str or None
        PuLP's name of a solver, such as ``"HiGHS"``, with or without ``"pulp:"`` before it. By default the one that
        PuLP prefers, or else the first that is installed.
    time_limit : float or None
        Seconds for one call of `solve`; none by default. The solver is told the next whole second, as some take
        nothing else.

    Raises
    ------
    BackendUnavailableError
        When PuLP or the solver is not installed.

    Examples
    --------
    Whatever is installed finds the same.

    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[2.0, 1.0], matrix=[[1.0, 1.0]], row_lower=[10.0], row_upper=[10.0], lower=[0.0, 0.0], upper=[9.0, 9.0]
    ... )
    >>> {tuple(Pulp(name).solve(program).x.tolist()) for name in installed()} <= {(1.0, 9.0)}
    True
    """

    name: str
    time_limit: float | None

    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.tells_infeasible})

    def __init__(self, name: str | None = None, time_limit: float | None = None) -> None:
        object.__setattr__(self, "name", PREFIX + _present(name.removeprefix(PREFIX) if name else None))
        object.__setattr__(self, "time_limit", time_limit)

    def solve(self, program: LinearProgram) -> Solution:
        """Return the minimum of a linear program, or the reason why there is none.

        Raises
        ------
        ValueError
            When the program has a quadratic term.
        """
        if not program.linear:
            raise ValueError("PuLP is used for linear programs only; this one has a quadratic term")
        known = solve_rowless(program, solver=self.name)
        if known is not None:
            return known
        deadline = None if self.time_limit is None else time.monotonic() + self.time_limit
        backend = _Backend(self.name, deadline)
        solution = backend.solve(program)
        if solution.ok:
            return solution
        proven = None if backend.late else _proven(program, backend)
        open_question = Reason.numerical if solution.reason in _TO_PROVE else solution.reason
        return replace(solution, reason=proven or (Reason.time_limit if backend.late else open_question))


def installed() -> tuple[str, ...]:
    """Return PuLP's names of the solvers on this machine; empty where PuLP itself is missing."""
    if find_spec("pulp") is None:
        return ()
    with _quiet():
        return tuple(import_module("pulp").listSolvers(onlyAvailable=True))


def _present(name: str | None) -> str:
    """Return the name of a solver that is there: `name`, or the default.

    Raises
    ------
    BackendUnavailableError
        When PuLP or the solver is not installed.
    """
    if find_spec("pulp") is None:
        raise BackendUnavailableError(
            "PuLP is needed here and is not installed", hint="Install it with: pip install pulp", package="pulp"
        )
    pulp = import_module("pulp")
    if name is None and pulp.LpSolverDefault is not None:
        return str(pulp.LpSolverDefault.name)
    there = installed()
    if there and name in {None, *there}:
        return name or there[0]
    what = f"the solver {name!r}" if name else "any solver"
    hint = f"There are: {', '.join(there)}" if there else "Install one, for instance with: pip install highspy"
    raise BackendUnavailableError(f"PuLP does not find {what} on this machine", hint=hint, package="pulp")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what PuLP says about licenses, versions and missing solvers from the caller."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True, eq=False)
class _Answer:
    """What a solver said: numbers to be checked, NaN where it gave none, and a reason not to be trusted."""

    reason: Reason
    x: Floats
    row_duals: Floats
    raw_status: str

    @classmethod
    def none(cls, program: LinearProgram, reason: Reason, *, raw_status: str) -> _Answer:
        return cls(reason, np.full(program.n_columns, np.nan), np.full(program.n_rows, np.nan), raw_status)


@dataclass(frozen=True)
class _Backend:
    """One of PuLP's solvers taken at its word, except that what it calls optimal is certified."""

    name: str
    deadline: float | None
    capabilities: ClassVar[frozenset[Capability]] = frozenset()

    @property
    def late(self) -> bool:
        return self.deadline is not None and time.monotonic() >= self.deadline

    def solve(self, program: LinearProgram) -> Solution:
        """Return the certified minimum, or what the solver said; ask for the duals where none came that hold."""
        answer = self.ask(program)
        if answer.reason is not Reason.optimal:
            return Solution.none(program, answer.reason, solver=self.name, raw_status=answer.raw_status)
        solution = self._certified(program, answer)
        if solution.ok or self.late or not np.isfinite(answer.x).all():
            return solution
        up, down = self.ask(_dual(program)).x[: 2 * program.n_rows].reshape(2, -1)
        return self._certified(program, replace(answer, row_duals=up - down))

    def _certified(self, program: LinearProgram, answer: _Answer) -> Solution:
        x, row_duals = answer.x, answer.row_duals
        if not self.late:
            x, row_duals = polish(program, x, row_duals)
        return checked(program, x, row_duals, solver=self.name, raw_status=answer.raw_status)

    def ask(self, program: LinearProgram) -> _Answer:
        """Hand over the program in scaled numbers and return what comes back in its own."""
        scaling = scaling_of(program)
        scaling = replace(scaling, amount=scaling.amount / _MAGNIFIED, price=scaling.price / _MAGNIFIED)
        handed = _Handed.over(scaling.apply(program))
        if self.late:
            return _Answer.none(program, Reason.time_limit, raw_status="no time was left")
        try:
            outcome = handed.problem.solve(self._solver())
        except Exception as error:  # noqa: BLE001 -- each interface raises what it likes, and there is no answer
            return _Answer.none(program, Reason.other, raw_status=f"{type(error).__name__}: {error}")
        x, row_duals = handed.back()
        code = int(getattr(outcome, "status", outcome))
        words = getattr(outcome, "status_str", None) or import_module("pulp").LpStatus[code]
        return _Answer(_STATUS.get(code, Reason.other), scaling.x(x), scaling.row_duals(row_duals), raw_status=words)

    def _solver(self) -> Any:
        options: dict[str, Any] = {"msg": False}
        if self.deadline is not None:
            options["timeLimit"] = max(math.ceil(self.deadline - time.monotonic()), 1)
        with _quiet():
            return import_module("pulp").getSolver(self.name.removeprefix(PREFIX), **options)


@dataclass(frozen=True, eq=False)
class _Handed:
    """A program in PuLP's hands, and which of its rows is which of ours."""

    program: LinearProgram
    problem: Any
    sides: Ints

    @classmethod
    def over(cls, program: LinearProgram) -> _Handed:
        """Hand over the program in the form that PuLP writes and reads: the same in 3.x and 4.x."""
        pulp = import_module("pulp")
        equal = program.row_lower == program.row_upper
        kinds = (
            (pulp.LpConstraintEQ, program.row_upper, equal),
            (pulp.LpConstraintLE, program.row_upper, ~equal & np.isfinite(program.row_upper)),
            (pulp.LpConstraintGE, program.row_lower, ~equal & np.isfinite(program.row_lower)),
        )
        terms = _terms(program.matrix)
        sides: list[int] = []
        constraints = []
        for sense, bound, there in kinds:
            rows = np.flatnonzero(there).tolist()
            for row, constant in zip(rows, (-bound[there]).tolist(), strict=True):
                name = f"r{len(sides)}"
                sides.append(row)
                constraints.append(
                    {"name": name, "sense": sense, "coefficients": terms[row], "constant": constant, "pi": None}
                )
        record = {
            "parameters": {"name": "program", "sense": pulp.LpMinimize, "status": 0, "sol_status": 0},
            "objective": {"name": "cost", "coefficients": _terms(csr_array(program.cost[None]))[0]},
            "variables": [
                {"name": f"x{column}", "cat": pulp.LpContinuous, "lowBound": lower, "upBound": upper}
                for column, (lower, upper) in enumerate(
                    zip(_finite_or_none(program.lower), _finite_or_none(program.upper), strict=True)
                )
            ],
            "constraints": constraints,
            "sos1": [],
            "sos2": [],
        }
        _, problem = pulp.LpProblem.fromDict(record)
        return cls(program, problem, np.array(sides, dtype=np.int64))

    def back(self) -> tuple[Floats, Floats]:
        """Return amounts and row duals as the solver left them; columns that nothing asks for are put within bounds."""
        record = self.problem.toDataclass()
        amounts = {variable.name: variable.varValue for variable in record.variables}
        prices = {constraint.name: constraint.pi for constraint in record.constraints}
        program = self.program
        x = np.array([amounts.get(f"x{column}") for column in range(program.n_columns)], dtype=np.float64)
        idle = (program.cost == 0) & (np.abs(program.matrix).sum(axis=0) == 0)
        x = np.where(idle, np.clip(0.0, program.lower, program.upper), x)
        pi = np.array([prices.get(f"r{side}") for side in range(self.sides.size)], dtype=np.float64)
        row_duals = np.zeros(program.n_rows)
        np.add.at(row_duals, self.sides, pi)
        return x, row_duals


def _terms(matrix: csr_array) -> list[list[dict[str, Any]]]:
    """Return the entries of each row, by the names of their columns."""
    matrix = matrix.copy()
    matrix.eliminate_zeros()
    entries = [
        {"name": f"x{column}", "value": value}
        for column, value in zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True)
    ]
    ends = matrix.indptr.tolist()
    return [entries[start:end] for start, end in pairwise(ends)]


def _finite_or_none(bounds: Floats) -> list[float | None]:
    return [bound if math.isfinite(bound) else None for bound in bounds.tolist()]


def _dual(program: LinearProgram) -> LinearProgram:
    """Return the dual program, as a minimum: a column for each side of each row, then of each column."""
    n = program.n_columns
    sides = np.concatenate([program.row_lower, program.row_upper, program.lower, program.upper])
    signs = np.repeat([1.0, -1.0, 1.0, -1.0], [program.n_rows, program.n_rows, n, n])
    there = np.isfinite(sides)
    transposed, each = csr_array(program.matrix.T), eye_array(n, format="csr")
    return program.but(
        cost=np.where(there, -signs * sides, 0.0),
        matrix=csr_array(hstack([transposed, -transposed, each, -each])),
        row_lower=program.cost,
        row_upper=program.cost,
        lower=np.zeros(sides.size),
        upper=np.where(there, np.inf, 0.0),
        quadratic=None,
        row_names=(),
        column_names=(),
    )


def _proven(program: LinearProgram, backend: _Backend) -> Reason | None:
    """Return why there is no optimum where that can be proven, whatever was said: PuLP and solvers mix up reasons."""
    scaled = scaling_of(program).apply(program)
    none = np.zeros(0, dtype=np.int64)
    least = elastic(scaled, backend, soft_rows=np.arange(program.n_rows), soft_columns=none).solution
    if not least.ok:
        return None
    if least.objective > GAP_TOLERANCE * (1.0 + float(np.abs(least.x).max(initial=0.0))):
        return Reason.infeasible
    rays = program.but(
        row_lower=np.where(np.isfinite(program.row_lower), 0.0, -np.inf),
        row_upper=np.where(np.isfinite(program.row_upper), 0.0, np.inf),
        lower=np.where(np.isfinite(program.lower), 0.0, -1.0),
        upper=np.where(np.isfinite(program.upper), 0.0, 1.0),
    )
    ray = backend.solve(rays)
    endless = ray.ok and ray.objective < -GAP_TOLERANCE * objective_scale(rays, ray.x)
    return Reason.unbounded if endless else None

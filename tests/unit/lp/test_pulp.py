"""PuLP's solvers: what is done about what they say, whichever are installed."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pulp
import pytest
from scipy.sparse import csr_array

from planalloc.errors import BackendUnavailableError
from planalloc.lp.program import LinearProgram
from planalloc.lp.residuals import certified, residuals
from planalloc.lp.solution import Reason, Solution
from planalloc.lp.solvers import available
from planalloc.lp.solvers import pulp as ours
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.pulp import Pulp, installed

if TYPE_CHECKING:
    from collections.abc import Callable

    Tell = Callable[["Stand", Solution], tuple[int, str]]
    Put = Callable[[Tell], "Stand"]

INF = np.inf


def wyndor(**changes: object) -> LinearProgram:
    """Hillier and Lieberman, Introduction to Operations Research, section 3.1: 2 doors and 6 windows earn 36."""
    program = LinearProgram(
        cost=np.array([-3.0, -5.0]),
        matrix=np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 2.0]]),
        row_lower=np.full(3, -INF),
        row_upper=np.array([4.0, 12.0, 18.0]),
        lower=np.zeros(2),
        upper=np.full(2, INF),
    )
    return program.but(**changes)


class Stand:
    """In place of a solver behind PuLP: finds the answer with HiGHS and then tells what it is told to tell."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.asked: list[LinearProgram] = []
        self.options: dict[str, Any] = {}
        self.columns: list[Any] = []
        self.rows: list[Any] = []

    def __call__(self, name: str, **options: Any) -> Stand:
        """Be the solver that PuLP makes from a name."""
        self.options = {"name": name, **options}
        return self

    def actualSolve(self, problem: Any, **_: Any) -> SimpleNamespace:  # noqa: N802 -- PuLP's name
        """Solve as PuLP 3 asks for it."""
        return self.solve(problem)

    def solve(self, problem: Any, **_: Any) -> SimpleNamespace:
        """Solve as PuLP 4 asks for it."""
        rows = problem.constraints
        self.columns, self.rows = list(problem.variables()), list(rows() if callable(rows) else rows.values())
        program = self.program(problem)
        self.asked.append(program)
        status, words = self.tell(self, Highs().solve(program))
        return SimpleNamespace(status=status, status_str=words)

    def program(self, problem: Any) -> LinearProgram:
        """Return the program that was handed over."""
        place = {column.name: position for position, column in enumerate(self.columns)}
        matrix = np.zeros((len(self.rows), len(self.columns)))
        for position, row in enumerate(self.rows):
            for column, value in row.items():
                matrix[position, place[column.name]] = value
        cost = np.zeros(len(self.columns))
        for column, value in problem.objective.items():
            cost[place[column.name]] = value
        sides = np.array([-row.constant for row in self.rows])
        sense = np.array([row.sense for row in self.rows])
        return LinearProgram(
            cost=cost,
            matrix=csr_array(matrix),
            row_lower=np.where(sense >= 0, sides, -INF),
            row_upper=np.where(sense <= 0, sides, INF),
            lower=np.array([-INF if column.lowBound is None else column.lowBound for column in self.columns]),
            upper=np.array([INF if column.upBound is None else column.upBound for column in self.columns]),
        )

    def say(self, x: np.ndarray | None = None, row_duals: np.ndarray | None = None) -> None:
        """Put numbers where PuLP looks for them."""
        for column, value in zip(self.columns, [] if x is None else x.tolist(), strict=x is not None):
            column.varValue = value
        for row, value in zip(self.rows, [] if row_duals is None else row_duals.tolist(), strict=row_duals is not None):
            row.pi = value


def honest(stand: Stand, found: Solution) -> tuple[int, str]:
    """Tell what was found, with duals."""
    if found.ok:
        stand.say(found.x, found.row_duals)
    return {Reason.optimal: 1, Reason.infeasible: -1, Reason.unbounded: -2}[found.reason], str(found.reason)


def without_duals(stand: Stand, found: Solution) -> tuple[int, str]:
    """Tell the amounts and no duals."""
    if found.ok:
        stand.say(found.x)
    return {Reason.optimal: 1, Reason.infeasible: -1, Reason.unbounded: -2}[found.reason], str(found.reason)


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Put a stand-in of a given character behind PuLP, under the name of STAND."""

    def put(tell: Tell) -> Stand:
        made = Stand(tell)
        monkeypatch.setattr(pulp, "getSolver", made)
        monkeypatch.setattr(pulp, "listSolvers", lambda **_: ["STAND"])
        monkeypatch.setattr(pulp, "LpSolverDefault", None)
        return made

    return put


# which solver


def test_our_own_solvers_are_always_available() -> None:
    """Three are part of the package; those of PuLP follow by their names there."""
    assert available() == ("highs", "interior-point", "block", *(f"pulp:{name}" for name in installed()))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Looking for solvers says nothing, whatever PuLP has to say about licenses."""
    available()
    assert capfd.readouterr() == ("", "")


def test_without_pulp_there_are_our_own_solvers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PuLP is missing it is not looked for, and asking for one of its solvers says what to install."""
    monkeypatch.setattr(ours, "find_spec", lambda _: None)
    assert available() == ("highs", "interior-point", "block")
    with pytest.raises(BackendUnavailableError, match="pip install pulp"):
        Pulp("PULP_CBC_CMD")


def test_a_solver_that_is_missing(stand: Put) -> None:
    """Asking for a solver that is not installed names those that are."""
    stand(honest)
    with pytest.raises(BackendUnavailableError, match=r"'CPLEX_PY'.*\n.*STAND"):
        Pulp("CPLEX_PY")


def test_no_solver_at_all(stand: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """PuLP 4 brings no solver along: where there is none the error says how to get one."""
    stand(honest)
    monkeypatch.setattr(pulp, "listSolvers", lambda **_: [])
    with pytest.raises(BackendUnavailableError, match="pip install highspy"):
        Pulp()


def test_the_name_with_and_without_its_prefix(stand: Put) -> None:
    """What `available` names can be asked for, as can the name that PuLP uses; by default it is the one there is."""
    stand(honest)
    assert Pulp("STAND") == Pulp("pulp:STAND") == Pulp()
    assert Pulp().name == "pulp:STAND"


def test_the_default_of_pulp_is_ours(stand: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name it is the solver that PuLP would take."""
    stand(honest)
    monkeypatch.setattr(pulp, "LpSolverDefault", SimpleNamespace(name="COIN_CMD"))
    assert Pulp().name == "pulp:COIN_CMD"


# how the program is handed over


def test_names_that_fall_together(stand: Put) -> None:
    """Columns and rows whose names PuLP would write alike keep apart."""
    stand(honest)
    program = wyndor(column_names=("North East", "North_East"), row_names=("a-b", "a_b", "a b"))
    np.testing.assert_allclose(Pulp().solve(program).x, [2.0, 6.0], rtol=1e-9)


def test_more_than_ten_columns_keep_their_order(stand: Put) -> None:
    """PuLP sorts columns by name, x10 before x2; each amount comes back in its place."""
    stand(honest)
    program = LinearProgram(
        cost=np.ones(12),
        matrix=np.eye(12),
        row_lower=np.arange(12.0),
        row_upper=np.full(12, INF),
        lower=np.zeros(12),
        upper=np.full(12, INF),
    )
    np.testing.assert_allclose(Pulp().solve(program).x, np.arange(12.0), atol=1e-12)


def test_a_range_has_one_dual(stand: Put) -> None:
    """A row with two sides is two rows for PuLP; the one that binds gives the dual, with its sign."""
    stand(honest)
    program = wyndor(row_lower=np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(Pulp().solve(program).row_duals, [0.0, -1.5, -1.0], atol=1e-12)


def test_numbers_near_a_thousand_are_handed_over(stand: Put) -> None:
    """Tolerances of solvers are absolute, so amounts and costs are scaled to the same size, whatever their unit."""
    behind = stand(honest)
    Pulp().solve(wyndor(row_upper=np.array([4.0, 12.0, 18.0]) * 1e9, cost=np.array([-3.0, -5.0]) * 1e-9))
    assert 256.0 <= np.abs(behind.asked[0].row_upper).max() <= 4096.0
    assert 256.0 <= np.abs(behind.asked[0].cost).max() <= 4096.0


def test_the_solver_is_silent(stand: Put) -> None:
    """No solver is asked to talk."""
    behind = stand(honest)
    Pulp().solve(wyndor())
    assert behind.options == {"name": "STAND", "msg": False}


def test_a_column_in_no_row_and_without_cost_is_within_its_bounds(stand: Put) -> None:
    """PuLP leaves such a column without a value; it gets the one nearest to zero."""
    stand(honest)
    program = wyndor(
        cost=np.array([-3.0, -5.0, 0.0, 0.0]),
        matrix=np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [3.0, 2.0, 0.0, 0.0]]),
        lower=np.array([0.0, 0.0, 3.0, -INF]),
        upper=np.array([INF, INF, 7.0, -2.0]),
    )
    np.testing.assert_allclose(Pulp().solve(program).x, [2.0, 6.0, 3.0, -2.0], rtol=1e-9)


# what is done about what it says


def test_rough_numbers_are_polished(stand: Put) -> None:
    """Amounts and duals with seven digits, as CBC writes them, come out with all of them."""

    def roughly(behind: Stand, found: Solution) -> tuple[int, str]:
        behind.say(found.x * (1.0 + 1e-7), found.row_duals * (1.0 - 1e-7))
        return 1, "Optimal"

    stand(roughly)
    solution = Pulp().solve(wyndor())
    np.testing.assert_allclose(solution.x, [2.0, 6.0], rtol=1e-14)
    np.testing.assert_allclose(solution.row_duals, [0.0, -1.5, -1.0], rtol=1e-14, atol=1e-14)


def test_a_solver_without_duals_is_asked_for_the_dual_program(stand: Put) -> None:
    """An answer without duals is certified by those of the dual program, solved the same way."""
    behind = stand(without_duals)
    solution = Pulp().solve(wyndor())
    assert solution.ok
    np.testing.assert_allclose(solution.row_duals, [0.0, -1.5, -1.0], atol=1e-9)
    assert len(behind.asked) == 2


@pytest.mark.parametrize("seed", range(20))
def test_duals_from_the_dual_program_are_right(stand: Put, seed: int) -> None:
    """With every kind of side and bound, the duals that were not told complete a certificate."""
    stand(without_duals)
    rng = np.random.default_rng(seed)
    matrix, x = rng.normal(size=(4, 5)), rng.normal(size=5)
    kind, column_kind = rng.integers(0, 4, 4), rng.integers(0, 3, 5)
    program = LinearProgram(
        cost=rng.normal(size=5),
        matrix=matrix,
        row_lower=np.select([kind == 0, kind == 1], [-INF, matrix @ x], matrix @ x - 1.0),
        row_upper=np.select([kind == 2, kind == 1], [INF, matrix @ x], matrix @ x + 2.0),
        lower=np.where(column_kind == 0, x, x - 3.0),
        upper=np.where(column_kind == 0, x, x + 3.0),
    )
    solution = Pulp().solve(program)
    assert solution.ok
    assert certified(residuals(program, solution))
    assert solution.objective == pytest.approx(Highs().solve(program).objective, rel=1e-9)


def test_optimal_is_not_believed(stand: Put) -> None:
    """A point that breaks a row is no answer, whatever the solver calls it; its words are kept."""

    def boast(behind: Stand, _: Solution) -> tuple[int, str]:
        behind.say(np.full(len(behind.columns), 1e4))
        return 1, "Optimal"

    stand(boast)
    solution = Pulp().solve(wyndor())
    assert solution.reason is Reason.numerical
    assert np.isnan(solution.x).all()
    assert solution.raw_status.startswith("Optimal; not certified")


def test_optimal_without_numbers_is_not_believed(stand: Put) -> None:
    """A solver that says optimal and hands over nothing has no answer."""
    stand(lambda _behind, _found: (1, "Optimal"))
    assert Pulp().solve(wyndor()).reason is Reason.numerical


def test_a_feasible_point_is_not_taken_for_the_optimum(stand: Put) -> None:
    """Zero is feasible and earns nothing; called optimal it is refused, or made optimal, but never passed on."""

    def lazy(behind: Stand, _: Solution) -> tuple[int, str]:
        behind.say(np.zeros(len(behind.columns)), np.zeros(len(behind.rows)))
        return 1, "Optimal"

    stand(lazy)
    solution = Pulp().solve(wyndor())
    assert not solution.ok or solution.objective == pytest.approx(-36.0, rel=1e-9)


@pytest.mark.parametrize("code", [0, -1, -2, -3])
@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (wyndor(lower=np.array([5.0, 0.0])), Reason.infeasible),
        (wyndor(matrix=np.array([[1.0, -1.0], [0.0, -2.0], [1.0, -1.0]])), Reason.unbounded),
    ],
    ids=["infeasible", "unbounded"],
)
def test_infeasible_and_unbounded_are_proven(stand: Put, code: int, program: LinearProgram, reason: Reason) -> None:
    """Whichever of the two a solver calls it, or undefined or not solved, what is told has been proven."""

    def confuse(behind: Stand, found: Solution) -> tuple[int, str]:
        return honest(behind, found) if found.ok else (code, "Something")

    stand(confuse)
    solution = Pulp().solve(program)
    assert solution.reason is reason
    assert solution.raw_status == "Something"


@pytest.mark.parametrize("code", [-1, -2])
def test_infeasible_and_unbounded_are_not_believed(stand: Put, code: int) -> None:
    """A program that has an answer is neither infeasible nor unbounded because a solver says so."""
    stand(lambda _behind, _found: (code, "Something"))
    assert Pulp().solve(wyndor()).reason is Reason.numerical


def test_a_solver_that_breaks(stand: Put) -> None:
    """An error inside a solver's interface is no answer, with the error in its words."""

    def break_down(_behind: Stand, _found: Solution) -> tuple[int, str]:
        raise OSError("no license")

    stand(break_down)
    solution = Pulp().solve(wyndor())
    assert solution.reason is Reason.other
    assert solution.raw_status == "OSError: no license"


# under a time limit


def test_no_time_at_all(stand: Put) -> None:
    """Where the time is up before the solver starts it is not started."""
    behind = stand(honest)
    assert Pulp(time_limit=0.0).solve(wyndor()).reason is Reason.time_limit
    assert behind.asked == []


@pytest.mark.parametrize(("limit", "told"), [(0.25, 1), (7.0, 7), (59.5, 60)])
def test_the_solver_is_told_whole_seconds(stand: Put, limit: float, told: int) -> None:
    """Some solvers refuse fractions and some take zero for no limit: it is the next whole second."""
    behind = stand(honest)
    assert Pulp(time_limit=limit).solve(wyndor()).ok
    assert behind.options["timeLimit"] == told
    assert isinstance(behind.options["timeLimit"], int)


@pytest.mark.parametrize("code", [0, 1, -1, -4])
def test_out_of_time_with_a_bad_point(stand: Put, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """PuLP calls a run that was cut short optimal, with a point that breaks a row: the reason is the time limit."""
    clock = itertools.count(step=0.01)

    def cut_short(behind: Stand, _: Solution) -> tuple[int, str]:
        behind.say(np.full(len(behind.columns), 1e4), np.zeros(len(behind.rows)))
        monkeypatch.setattr(ours, "time", SimpleNamespace(monotonic=lambda: 1e9))
        return code, "Optimal"

    stand(cut_short)
    monkeypatch.setattr(ours, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    solution = Pulp(time_limit=60.0).solve(wyndor())
    assert solution.reason is Reason.time_limit
    assert np.isnan(solution.x).all()

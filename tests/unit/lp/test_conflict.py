"""Limits that collide, and none too many of them."""

from __future__ import annotations

import numpy as np
import pytest

from planalloc.errors import LimitReachedError, SolveError
from planalloc.lp.conflict import irreducible
from planalloc.lp.elastic import elastic
from planalloc.lp.program import LinearProgram
from planalloc.lp.solution import Reason, Solution
from planalloc.lp.solvers import Capability
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

INF = np.inf
NONE = np.array([], dtype=np.int64)


def ranges(*rows: tuple[float, float]) -> LinearProgram:
    """One column, and rows that each say between what it has to be; any two that do not overlap collide."""
    lower, upper = np.array(rows).T
    return LinearProgram(
        cost=np.array([1.0]),
        matrix=np.ones((len(rows), 1)),
        row_lower=lower,
        row_upper=upper,
        lower=np.array([-INF]),
        upper=np.array([INF]),
    )


def random_program(seed: int) -> LinearProgram:
    """Rows and bounds that ask for more than there is, with others among them that do no harm."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(2, 9)), int(rng.integers(2, 7))
    matrix = np.rint(2.0 * rng.normal(size=(m, n))) * (rng.random((m, n)) < 0.7)
    middle = 3.0 * rng.normal(size=m)
    width = rng.exponential(size=m) * rng.integers(0, 2, size=m)
    low = rng.normal(size=n)
    return LinearProgram(
        cost=rng.normal(size=n),
        matrix=matrix,
        row_lower=np.where(rng.random(m) < 0.3, -INF, middle - width),
        row_upper=np.where(rng.random(m) < 0.3, INF, middle + width),
        lower=np.where(rng.random(n) < 0.2, -INF, low),
        upper=low + rng.exponential(size=n),
    )


def infeasible_programs(n_programs: int) -> list[LinearProgram]:
    """Return the first infeasible ones of the random programs."""
    found: list[LinearProgram] = []
    seed = 0
    while len(found) < n_programs:
        program = random_program(seed)
        if Highs().solve(program.but(cost=np.zeros(program.n_columns))).reason is Reason.infeasible:
            found.append(program)
        seed += 1
    return found


def with_only(program: LinearProgram, *, rows: np.ndarray, columns: np.ndarray) -> LinearProgram:
    """Return the program without a cost and with these rows and bounds only."""
    free_rows, free_columns = np.ones(program.n_rows, dtype=bool), np.ones(program.n_columns, dtype=bool)
    free_rows[rows], free_columns[columns] = False, False
    return program.but(
        cost=np.zeros(program.n_columns),
        row_lower=np.where(free_rows, -INF, program.row_lower),
        row_upper=np.where(free_rows, INF, program.row_upper),
        lower=np.where(free_columns, -INF, program.lower),
        upper=np.where(free_columns, INF, program.upper),
    )


@pytest.mark.parametrize("program", infeasible_programs(30))
def test_the_set_is_infeasible_and_each_member_necessary(program: LinearProgram) -> None:
    """Together the members have no answer; without any one of them they have."""
    found = irreducible(
        program, Highs(), soft_rows=np.arange(program.n_rows), soft_columns=np.arange(program.n_columns)
    )
    together = with_only(program, rows=found.rows, columns=found.columns)
    assert Highs().solve(together).reason is Reason.infeasible
    for row in found.rows:
        rest = with_only(program, rows=found.rows[found.rows != row], columns=found.columns)
        assert Highs().solve(rest).ok
    for column in found.columns:
        rest = with_only(program, rows=found.rows, columns=found.columns[found.columns != column])
        assert Highs().solve(rest).ok


@pytest.mark.parametrize("program", infeasible_programs(5))
def test_what_is_not_soft_holds_throughout(program: LinearProgram) -> None:
    """With bounds that may not give way the rows found collide under these bounds, each necessarily."""
    found = irreducible(program, Highs(), soft_rows=np.arange(program.n_rows), soft_columns=NONE)
    hard = np.arange(program.n_columns)
    assert found.columns.size == 0
    assert Highs().solve(with_only(program, rows=found.rows, columns=hard)).reason is Reason.infeasible
    for row in found.rows:
        assert Highs().solve(with_only(program, rows=found.rows[found.rows != row], columns=hard)).ok


def test_bystanders_are_left_out() -> None:
    """Between 0 and 9, at most 4 and at least 5: only the last two collide."""
    found = irreducible(ranges((0, 9), (-INF, 4), (5, INF)), Highs(), soft_rows=np.arange(3), soft_columns=NONE)
    assert found.rows.tolist() == [1, 2]


def test_of_equal_sets_the_first_limits_stay() -> None:
    """The same limit twice is named by its first row, whatever the order in which the rows are given."""
    program = ranges((5, INF), (5, INF), (-INF, 4), (-INF, 4))
    for order in ([0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 0, 1]):
        found = irreducible(program, Highs(), soft_rows=np.array(order), soft_columns=NONE)
        assert found.rows.tolist() == [0, 2]


def test_rows_of_a_group_stay_together() -> None:
    """A limit of three rows is named with all of them, though one would do, and the other limit with its one."""
    program = ranges((0, 9), (-INF, 4), (0, 8), (5, INF), (1, 7))
    found = irreducible(
        program, Highs(), soft_rows=np.arange(5), soft_columns=NONE, groups=np.array([7, 3, 3, 5, 3], dtype=np.int64)
    )
    assert found.rows.tolist() == [1, 2, 3, 4]


def test_a_group_may_collide_within_itself() -> None:
    """Rows of one limit that exclude each other are a set of one limit."""
    found = irreducible(
        ranges((0, 9), (-INF, 4), (5, INF)),
        Highs(),
        soft_rows=np.arange(3),
        soft_columns=NONE,
        groups=np.array([0, 1, 1]),
    )
    assert found.rows.tolist() == [1, 2]


def test_bounds_of_a_column_take_part() -> None:
    """At least 5 by a row and at most 4 by the column's bound."""
    program = ranges((5, INF)).but(upper=np.array([4.0]))
    found = irreducible(program, Highs(), soft_rows=np.array([0]), soft_columns=np.array([0]))
    assert (found.rows.tolist(), found.columns.tolist()) == ([0], [0])


@pytest.mark.parametrize(
    ("program", "rows", "columns"),
    [
        (ranges((0, 1), (5, 4), (2, 3)), [1], []),
        (ranges((0, 1)).but(lower=np.array([3.0]), upper=np.array([2.0])), [], [0]),
    ],
    ids=["row", "column"],
)
def test_sides_that_cross_collide_alone(program: LinearProgram, rows: list[int], columns: list[int]) -> None:
    """A range whose lower side lies above its upper one is a set by itself."""
    found = irreducible(program, Highs(), soft_rows=np.arange(program.n_rows), soft_columns=np.array([0]))
    assert (found.rows.tolist(), found.columns.tolist()) == (rows, columns)


def test_nothing_is_named_where_the_rest_collides_by_itself() -> None:
    """What is not soft has no answer: no soft limit is to blame."""
    found = irreducible(ranges((0, 1), (2, 3), (4, 5)), Highs(), soft_rows=np.array([2]), soft_columns=NONE)
    assert found.rows.size == 0
    assert found.columns.size == 0


def test_units_do_not_matter() -> None:
    """The same limits in millions and in millionths are found all the same."""
    program = ranges((0, 9), (-INF, 4), (5, INF))
    factors = np.array([1e6, 1e-6, 1e3])
    scaled = program.but(
        matrix=program.matrix.toarray() * factors[:, None],
        row_lower=program.row_lower * factors,
        row_upper=program.row_upper * factors,
    )
    found = irreducible(scaled, Highs(), soft_rows=np.arange(3), soft_columns=NONE)
    assert found.rows.tolist() == [1, 2]


def test_a_feasible_program_is_refused() -> None:
    """Where nothing collides there is nothing to find."""
    with pytest.raises(ValueError, match="feasible"):
        irreducible(ranges((0, 1), (1, 2)), Highs(), soft_rows=np.arange(2), soft_columns=NONE)


def test_a_solver_that_cannot_tell_is_refused() -> None:
    """A solver that only finds no answer is no judge of what collides."""
    with pytest.raises(ValueError, match="interior-point"):
        irreducible(ranges((0, 1), (2, 3)), InteriorPoint(), soft_rows=np.arange(2), soft_columns=NONE)


def test_groups_must_match() -> None:
    """A number for each soft row, no more and no less."""
    with pytest.raises(ValueError, match="groups"):
        irreducible(
            ranges((0, 1), (2, 3)), Highs(), soft_rows=np.arange(2), soft_columns=NONE, groups=np.array([1, 2, 3])
        )


class Undecided:
    """Says that it does not know, for a reason of its own."""

    name = "undecided"
    capabilities = frozenset({Capability.tells_infeasible})

    def __init__(self, reason: Reason) -> None:
        self.reason = reason

    def solve(self, program: LinearProgram) -> Solution:
        """Return no answer."""
        return Solution.none(program, self.reason, solver=self.name)


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        (Reason.time_limit, LimitReachedError),
        (Reason.iteration_limit, LimitReachedError),
        (Reason.numerical, SolveError),
        (Reason.unbounded, SolveError),
    ],
)
def test_no_guessing(reason: Reason, error: type[SolveError]) -> None:
    """Where the solver does not find out whether limits collide the call raises, and says why."""
    with pytest.raises(error, match="undecided"):
        irreducible(ranges((0, 1), (2, 3)), Undecided(reason), soft_rows=np.arange(2), soft_columns=NONE)


# the workforce example of Gurobi's documentation

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHIFTS = [f"{WEEK[day % 7]}{day + 1}" for day in range(14)]
REQUIRED = np.array([3.0, 2.0, 4.0, 4.0, 5.0, 6.0, 5.0, 2.0, 2.0, 3.0, 4.0, 6.0, 7.0, 5.0])
AVAILABLE = {
    "Amy": "01101010111111",
    "Bob": "11001101001010",
    "Cathy": "00111011111111",
    "Dan": "01101101111111",
    "Ed": "11111011101011",
    "Fred": "11100101100111",
    "Gu": "11101111111111",
}


def workforce() -> LinearProgram:
    """Return the staffing of 14 shifts by 7 people: Gurobi documentation, examples workforce1 to workforce5."""
    available = np.array([[float(letter) for letter in days] for days in AVAILABLE.values()])
    people, shifts = available.shape
    return LinearProgram(
        cost=np.repeat([10.0, 12.0, 10.0, 8.0, 8.0, 9.0, 11.0], shifts),
        matrix=np.tile(np.eye(shifts), people),
        row_lower=REQUIRED,
        row_upper=REQUIRED,
        lower=np.zeros(available.size),
        upper=available.ravel(),
    )


def test_published_least_slacks() -> None:
    """Two are missing on Thu4 and on Sat6, one on Sun7 and on Fri12, six in all, as the example prints."""
    relaxation = elastic(workforce(), Highs(), soft_rows=np.arange(len(SHIFTS)), soft_columns=NONE)
    missing = {shift: -amount for shift, amount in zip(SHIFTS, relaxation.rows.tolist(), strict=True) if amount}
    assert missing == pytest.approx({"Thu4": 2.0, "Sat6": 2.0, "Sun7": 1.0, "Fri12": 1.0})
    assert relaxation.solution.objective == pytest.approx(6.0)


def test_published_conflict() -> None:
    """One of the four short shifts, with the availability that is hard, is a conflict: the first of them."""
    found = irreducible(workforce(), Highs(), soft_rows=np.arange(len(SHIFTS)), soft_columns=NONE)
    assert [SHIFTS[row] for row in found.rows] == ["Thu4"]


def test_published_conflict_with_its_bounds() -> None:
    """Where availability may give way too all seven people are in it, as any one of them without bounds would do."""
    program = workforce()
    columns = np.arange(program.n_columns)
    found = irreducible(program, Highs(), soft_rows=np.arange(len(SHIFTS)), soft_columns=columns)
    assert [SHIFTS[row] for row in found.rows] == ["Thu4"]
    assert found.columns.tolist() == [person * len(SHIFTS) + SHIFTS.index("Thu4") for person in range(len(AVAILABLE))]

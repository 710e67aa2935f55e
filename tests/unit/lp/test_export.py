"""Programs as text, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from planalloc.lp.export import write_lp, write_mps
from planalloc.lp.program import LinearProgram
from planalloc.lp.solvers.highs import Highs

if TYPE_CHECKING:
    from pathlib import Path

INF = np.inf


def every_kind(**changes: object) -> LinearProgram:
    """Have an equation, a range, sides and bounds of every kind, a row that says nothing and a column in no row."""
    program = LinearProgram(
        cost=np.array([1.0, -2.5, 0.0, 1.0 / 3.0, 0.0, 4.0]),
        matrix=np.array(
            [
                [1.0, 1.0, 1.0, 0.0, 0.0, 0.0],
                [1.0, -1.0, 0.0, 0.0, 0.0, 2.0],
                [0.0, 0.0, 1e7, 0.5, 0.0, 0.0],
                [0.0, 3.0, 0.0, -1.0, 0.0, 0.0],
                [0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
                [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            ]
        ),
        row_lower=np.array([10.0, -1.0, -INF, 1e-6, -INF, -1.0]),
        row_upper=np.array([10.0, 3.0, 5e16, INF, INF, INF]),
        lower=np.array([0.0, -INF, -INF, 2.0, 1.5, -4.0]),
        upper=np.array([INF, INF, -1.0, 2.0, INF, 7.0]),
    )
    return program.but(**changes)


def test_lp_text() -> None:
    """Each kind of row and bound is written as the format has it, and one of each as one would write it by hand."""
    assert write_lp(every_kind()) == (
        "Minimize\n"
        " cost: x0 - 2.5 x1 + 0.333333333333 x3 + 4 x5 + 0 x4\n"
        "Subject To\n"
        " r0: x0 + x1 + x2 = 10\n"
        " r1_lower: x0 - x1 + 2 x5 >= -1\n"
        " r1_upper: x0 - x1 + 2 x5 <= 3\n"
        " r2: 10000000 x2 + 0.5 x3 <= 5e+16\n"
        " r3: 3 x1 - x3 >= 1e-06\n"
        " r5: 0 x0 >= -1\n"
        "Bounds\n"
        " x1 free\n"
        " -inf <= x2 <= -1\n"
        " x3 = 2\n"
        " x4 >= 1.5\n"
        " -4 <= x5 <= 7\n"
        "End\n"
    )


def test_mps_text() -> None:
    """Each kind of row and bound is written as the format has it; a column in no row is there with its cost of zero."""
    assert write_mps(every_kind(quadratic=np.array([0.0, 6.0, 0.0, 0.0, 0.0, 0.1]))) == (
        "NAME          program\n"
        "ROWS\n"
        " N  cost\n"
        " E  r0\n"
        " G  r1_lower\n"
        " L  r1_upper\n"
        " L  r2\n"
        " G  r3\n"
        " G  r5\n"
        "COLUMNS\n"
        "    x0        cost      1\n"
        "    x0        r0        1\n"
        "    x0        r1_lower  1\n"
        "    x0        r1_upper  1\n"
        "    x1        cost      -2.5\n"
        "    x1        r0        1\n"
        "    x1        r1_lower  -1\n"
        "    x1        r1_upper  -1\n"
        "    x1        r3        3\n"
        "    x2        r0        1\n"
        "    x2        r2        10000000\n"
        "    x3        cost      0.333333333333\n"
        "    x3        r2        0.5\n"
        "    x3        r3        -1\n"
        "    x4        cost      0\n"
        "    x5        cost      4\n"
        "    x5        r1_lower  2\n"
        "    x5        r1_upper  2\n"
        "RHS\n"
        "    RHS       r0        10\n"
        "    RHS       r1_lower  -1\n"
        "    RHS       r1_upper  3\n"
        "    RHS       r2        5e+16\n"
        "    RHS       r3        1e-06\n"
        "    RHS       r5        -1\n"
        "BOUNDS\n"
        " FR BND       x1\n"
        " MI BND       x2\n"
        " UP BND       x2        -1\n"
        " FX BND       x3        2\n"
        " LO BND       x4        1.5\n"
        " LO BND       x5        -4\n"
        " UP BND       x5        7\n"
        "QUADOBJ\n"
        "    x1        x1        6\n"
        "    x5        x5        0.1\n"
        "ENDATA\n"
    )


@pytest.mark.parametrize(
    ("cost", "objective"),
    [
        ([2.0, -1.0], "2 x0 - x1 + [ 4 x0^2 ] / 2"),
        ([0.0, 0.0], "0 x1 + [ 4 x0^2 ] / 2"),
        ([0.0, 1.0], "x1 + [ 4 x0^2 ] / 2"),
    ],
)
def test_quadratic_objective_in_lp(cost: list[float], objective: str) -> None:
    """The quadratic part stands in brackets that are halved, as the coefficients are those of half the square."""
    program = LinearProgram(
        cost=np.array(cost),
        quadratic=np.array([4.0, 0.0]),
        matrix=np.zeros((0, 2)),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        lower=np.zeros(2),
        upper=np.full(2, INF),
    )
    assert write_lp(program).splitlines()[1] == f" cost: {objective}"


def test_negative_upper_bound_keeps_its_lower_one_in_mps() -> None:
    """Some readers take an upper bound below zero for a column without a lower bound: it is written, zero or not."""
    program = every_kind(lower=np.zeros(6), upper=np.array([-1.0, 0.0, 1.0, INF, INF, INF]))
    bounds = write_mps(program).split("BOUNDS\n")[1].splitlines()
    assert bounds[:4] == [
        " LO BND       x0        0",
        " UP BND       x0        -1",
        " FX BND       x1        0",
        " UP BND       x2        1",
    ]


def names_of(program: LinearProgram) -> tuple[list[str], list[str]]:
    """Return the names of rows and columns in the text, in order."""
    rows = re.findall(r"^ [NEGL]  (\S+)$", write_mps(program), flags=re.MULTILINE)
    columns = re.findall(r"^    (\S+) +\S+ +\S+$", write_mps(program).split("RHS\n")[0], flags=re.MULTILINE)
    return rows, list(dict.fromkeys(columns))


def test_names_that_would_fall_together_are_told_apart() -> None:
    """The second of a kind has a number, and one that has that number already gets another."""
    names = ("North East", "North-East", "North_East_2", "Île", "Ile", "North East")
    _, columns = names_of(every_kind(column_names=names))
    assert columns == ["North_East", "North_East_2", "North_East_2_2", "Ile", "Ile_2", "North_East_3"]


@pytest.mark.parametrize(
    "name", ["1st", "e5", "E", "ee2", "free", "Infinity", "st", "End", "bounds", "_", "", "東京", ".5", "+", "nan"]
)
def test_names_that_a_reader_would_misread_are_changed(name: str) -> None:
    """What looks like a number, an exponent or a word of the format gets a letter in front."""
    rows, columns = names_of(every_kind(column_names=(name, "b", "c", "d", "e", "f"), row_names=(name, *"abcde")))
    assert re.fullmatch(r"x_[A-Za-z0-9_.]*", columns[0])
    assert re.fullmatch(r"r_[A-Za-z0-9_.]*", rows[1])


def test_a_row_called_like_the_objective_is_told_apart() -> None:
    """Rows and the objective share their names."""
    rows, _ = names_of(every_kind(row_names=("cost", "a", "b", "c", "d", "f")))
    assert rows[:2] == ["cost", "cost_2"]


def test_long_names_stay_unique() -> None:
    """Names are cut to what readers take, and those that begin alike are told apart."""
    _, columns = names_of(every_kind(column_names=tuple("a" * 300 + letter for letter in "abcdef")))
    assert len(set(columns)) == 6
    assert max(map(len, columns)) < 255


def test_long_rows_are_broken_between_terms() -> None:
    """No line is longer than a hundred characters, and no number stands without its column."""
    program = LinearProgram(
        cost=np.linspace(-1.0, 1.0, 101),
        matrix=np.linspace(1.0, 2.0, 101)[None],
        row_lower=np.array([1.0]),
        row_upper=np.array([INF]),
        lower=np.zeros(101),
        upper=np.full(101, INF),
    )
    lines = write_lp(program).splitlines()
    assert max(map(len, lines)) <= 100
    assert all(re.search(r"(x\d+|>= 1)$", line) for line in lines if "x" in line)


def test_no_columns() -> None:
    """A program without columns is refused where the format has no way to write it."""
    empty = LinearProgram(
        cost=np.zeros(0),
        matrix=np.zeros((1, 0)),
        row_lower=np.zeros(1),
        row_upper=np.ones(1),
        lower=np.zeros(0),
        upper=np.zeros(0),
    )
    with pytest.raises(ValueError, match="without columns"):
        write_lp(empty)
    assert " G  r0_lower" in write_mps(empty)


def read_back(text: str, folder: Path) -> LinearProgram:
    """Return the program that PuLP reads from an MPS text."""
    path = folder / "program.mps"
    path.write_text(text, encoding="ascii")
    in_order, problem = pulp.LpProblem.fromMPS(str(path))
    place = {name: column for column, name in enumerate(in_order)}
    record = problem.toDataclass()
    record.variables.sort(key=lambda variable: place[variable.name])
    cost, matrix = np.zeros(len(place)), np.zeros((len(record.constraints), len(place)))
    for term in record.objective.coefficients:
        cost[place[term.name]] = term.value
    for row, constraint in enumerate(record.constraints):
        for term in constraint.coefficients:
            matrix[row, place[term.name]] = term.value
    sides = np.array([-constraint.constant for constraint in record.constraints])
    sense = np.array([constraint.sense for constraint in record.constraints])
    lower = [-INF if variable.lowBound is None else variable.lowBound for variable in record.variables]
    upper = [INF if variable.upBound is None else variable.upBound for variable in record.variables]
    return LinearProgram(
        cost=cost,
        matrix=csr_array(matrix),
        row_lower=np.where(sense >= 0, sides, -INF),
        row_upper=np.where(sense <= 0, sides, INF),
        lower=np.array(lower),
        upper=np.array(upper),
        row_names=tuple(constraint.name for constraint in record.constraints),
        column_names=tuple(in_order),
    )


def random_program(seed: int) -> LinearProgram:
    """Around a feasible point, with every kind of side and bound; each column has a row and a cost."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(1, 7)), int(rng.integers(1, 7))
    matrix = np.where(rng.random((m, n)) < 0.7, rng.normal(size=(m, n)), 0.0)
    x = rng.normal(size=n)
    at, row_kind, kind = matrix @ x, rng.integers(0, 5, m), rng.integers(0, 5, n)
    below, above = rng.exponential(size=(2, m))
    down, up = rng.exponential(size=(2, n))
    return LinearProgram(
        cost=rng.normal(size=n),
        matrix=matrix,
        row_lower=np.select([row_kind == 0, row_kind == 1], [-INF, at], at - below),
        row_upper=np.select([row_kind == 2, row_kind == 1], [INF, at], at + above),
        lower=np.select([kind == 0, kind == 1], [-INF, x], x - down),
        upper=np.select([kind == 2, kind == 1], [INF, x], x + up),
        row_names=tuple(rng.choice(["total", "cost", "a b", "a-b", "e1"], size=m)),
        column_names=tuple(rng.choice(["Ana", "north east", "north_east", "9"], size=n)),
    )


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_mps_round_trip(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What another reader makes of the text has the same optimum, or none.

    A program may have no feasible point and a ray at once; which of the two is said then is the solver's choice.
    """
    program = random_program(seed)
    back = read_back(write_mps(program), tmp_path_factory.mktemp("mps"))
    expected, found = Highs().solve(program), Highs().solve(back)
    assert found.ok is expected.ok
    if expected.ok:
        assert found.objective == pytest.approx(expected.objective, rel=1e-9, abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_written_again_it_is_the_same(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Text that was read and written again has changed in nothing, rows without sides aside."""
    text = write_mps(random_program(seed))
    assert write_mps(read_back(text, tmp_path_factory.mktemp("mps"))) == text

"""Totals are as even as coverage allows, and the cells that can be positive are known."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog
from scipy.sparse import coo_array

from planalloc.errors import SolveError
from planalloc.numerics import fairness
from planalloc.numerics.fairness import even_totals
from planalloc.numerics.fitting import proportional_fit
from planalloc.types import Bools, Floats

STRATEGY = np.array([35.0, 25.0, 40.0])
SPECIALIST = [True, False, False]
GENERALIST = [True, True, True]


@st.composite
def coverages(draw: st.DrawFn) -> tuple[Floats, Floats, Bools]:
    """Draw demand, capacity and who serves what, in small whole numbers so that ties are frequent."""
    shape = draw(st.tuples(st.integers(1, 7), st.integers(1, 6)))
    serves = draw(hnp.arrays(np.bool_, shape))
    capacity = draw(hnp.arrays(np.float64, shape[0], elements=st.integers(0, 3)))
    demand = draw(hnp.arrays(np.float64, shape[1], elements=st.integers(0, 4)))
    demand[~serves[capacity > 0].any(axis=0)] = 0
    return demand, capacity, serves


def most_on_cell(demand: Floats, totals: Floats, cells: Bools, cell: tuple[int, int]) -> float | None:
    """Find the most that one cell can hold in a plan with these margins and cells; None where there is no plan."""
    row, column = np.nonzero(cells)
    edge = np.arange(len(row))
    sums = coo_array(
        (np.ones(2 * len(edge)), (np.concatenate([row, len(totals) + column]), np.tile(edge, 2))),
        shape=(len(totals) + len(demand), len(edge)),
    )
    result = linprog(
        -1.0 * ((row == cell[0]) & (column == cell[1])),
        A_eq=sums.tocsr(),
        b_eq=np.concatenate([totals, demand]),
        method="highs",
    )
    return -float(result.fun) if result.status == 0 else None


@pytest.mark.parametrize(
    ("capacity", "serves", "expected"),
    [
        pytest.param([1, 1], [SPECIALIST, GENERALIST], [35, 65], id="a specialist and a generalist"),
        pytest.param([1, 1, 1], np.eye(3) > 0, [35, 25, 40], id="three specialists"),
        pytest.param([1, 1, 1, 0.5], [GENERALIST] * 4, [200 / 7] * 3 + [100 / 7], id="four generalists, one half-time"),
        pytest.param([1] * 5, [SPECIALIST] + [GENERALIST] * 4, [20] * 5, id="a specialist and four generalists"),
        pytest.param(
            [1] * 5,
            [SPECIALIST] * 2 + [GENERALIST] * 3,
            [17.5] * 2 + [65 / 3] * 3,
            id="two specialists, who have no more than A, and three generalists",
        ),
    ],
)
def test_small_forces_get_their_known_totals(
    capacity: list[float], serves: list[list[bool]], expected: list[float]
) -> None:
    """F-11: totals that can be found in the head."""
    totals, _ = even_totals(STRATEGY, capacity=np.array(capacity, dtype=np.float64), serves=np.array(serves))
    np.testing.assert_allclose(totals, expected, rtol=1e-14)


def test_a_late_joiner_serves_only_the_periods_of_presence() -> None:
    """Two periods of 60 and 20: the joiner, half the capacity, is only there in the second and takes all of it."""
    totals, carries = even_totals(
        np.array([60.0, 20.0]), capacity=np.array([2.0, 1.0]), serves=np.array([[True, True], [False, True]])
    )
    np.testing.assert_allclose(totals, [60, 20], rtol=1e-14)
    assert carries.tolist() == [[True, False], [False, True]]


def test_a_tie_leaves_nothing_of_the_line_to_the_generalist() -> None:
    """A is half of all and its specialist half of the capacity: 50 and 50, and no plan gives the generalist any A."""
    demand, serves = np.array([50.0, 20.0, 30.0]), np.array([SPECIALIST, GENERALIST])
    totals, carries = even_totals(demand, capacity=np.ones(2), serves=serves)
    np.testing.assert_allclose(totals, [50, 50], rtol=1e-14)
    assert carries.tolist() == [SPECIALIST, [False, True, True]]


def test_rounding_error_makes_no_levels() -> None:
    """An excess of one part in 10**13 is what long sums leave: both carry the same, to the last bit."""
    demand = np.array([50 * (1 + 1e-13), 20.0, 30.0])
    totals, _ = even_totals(demand, capacity=np.ones(2), serves=np.array([SPECIALIST, GENERALIST]))
    assert totals[0] == totals[1]


def test_rounding_error_makes_no_cells() -> None:
    """The first two lines take up their two specialists but for rounding error, which gives the generalist nothing."""
    capacity = np.array([1.6, 0.3, 0.7])
    demand = np.array([(1.6 + 0.3) * 0.3, (1.6 + 0.3) * 0.7, 0.3, 0.4])
    serves = np.array([[True, True, False, False], [True, False, False, False], [True, True, True, True]])
    _, carries = even_totals(demand, capacity=capacity, serves=serves)
    assert carries[2].tolist() == [False, False, True, True]


@pytest.mark.parametrize("excess", [1e-3, 1e-6, 1e-9])
def test_a_near_tie_is_told_from_a_tie(excess: float) -> None:
    """The least bit more of A than its specialist's even share goes to the generalist, and is fitted."""
    demand, serves = np.array([50 + excess, 20 - excess, 30.0]), np.array([SPECIALIST, GENERALIST])
    totals, carries = even_totals(demand, capacity=np.ones(2), serves=serves)
    assert carries.tolist() == serves.tolist()
    fitted = proportional_fit(carries * demand, rows=totals, columns=demand)
    np.testing.assert_allclose(fitted[1, 0], excess, atol=1e-10)


def test_ends_too_small_to_see_keep_their_cells() -> None:
    """A demand and a capacity far below rounding error of the whole still have where to go, so a fit goes through."""
    demand = np.array([1.0, 1.0, 1e-20])
    serves = np.array([[True, False, True], [True, True, False], [False, True, True], [True, False, False]])
    totals, carries = even_totals(demand, capacity=np.array([1.0, 1.0, 1.0, 1e-20]), serves=serves)
    assert carries[:, 2].any()
    assert carries[3].any()
    np.testing.assert_allclose(proportional_fit(carries * demand, rows=totals, columns=demand).sum(axis=0), demand)


@settings(max_examples=100, deadline=None)
@given(coverages())
def test_demand_goes_only_to_the_least_loaded_who_serve_it(problem: tuple[Floats, Floats, Bools]) -> None:
    """Some plan with these totals uses no row while a less loaded one serves the column: that proves them optimal."""
    demand, capacity, serves = problem
    totals, _ = even_totals(demand, capacity=capacity, serves=serves)
    load = np.divide(totals, capacity, out=np.full(len(totals), np.inf), where=capacity > 0)
    least = np.where(serves, load[:, None], np.inf).min(axis=0)
    cells = serves & (load[:, None] <= least + 1e-9) & (capacity > 0)[:, None] & (demand > 0)
    assert not totals[capacity == 0].any()
    assert totals.sum() == pytest.approx(demand.sum(), rel=1e-14)
    if demand.any():
        assert most_on_cell(demand, totals, cells, (0, 0)) is not None


@settings(max_examples=50, deadline=None)
@given(coverages(), st.data())
def test_a_cell_is_usable_just_when_some_plan_uses_it(
    problem: tuple[Floats, Floats, Bools], data: st.DataObject
) -> None:
    """The most that a plan with these totals can hold on a cell is positive where it is marked, and zero elsewhere."""
    demand, capacity, serves = problem
    totals, carries = even_totals(demand, capacity=capacity, serves=serves)
    assert not (carries & ~serves).any()
    if demand.any():
        row, column = np.nonzero(serves)
        cell = data.draw(st.sampled_from(list(zip(row.tolist(), column.tolist(), strict=True))))
        most = most_on_cell(demand, totals, serves, cell)
        assert most is not None
        assert (most > 1e-6) == carries[cell]


@settings(max_examples=50, deadline=None)
@given(coverages())
def test_the_usable_cells_can_be_fitted_to_the_totals(problem: tuple[Floats, Floats, Bools]) -> None:
    """Proportional fitting on the usable cells meets totals and demand."""
    demand, capacity, serves = problem
    totals, carries = even_totals(demand, capacity=capacity, serves=serves)
    fitted = proportional_fit(carries * np.outer(capacity, demand), rows=totals, columns=demand)
    np.testing.assert_allclose(fitted.sum(axis=1), totals, rtol=1e-8)
    np.testing.assert_allclose(fitted.sum(axis=0), demand, rtol=1e-14)
    assert ((fitted > 0) == carries).all()


@settings(max_examples=50, deadline=None)
@given(coverages(), st.randoms(use_true_random=False))
def test_order_does_not_matter(problem: tuple[Floats, Floats, Bools], random: Any) -> None:
    """Shuffled rows and columns have the same totals and usable cells, shuffled."""
    demand, capacity, serves = problem
    row, column = list(range(len(capacity))), list(range(len(demand)))
    random.shuffle(row)
    random.shuffle(column)
    totals, carries = even_totals(demand, capacity=capacity, serves=serves)
    shuffled, usable = even_totals(demand[column], capacity=capacity[row], serves=serves[np.ix_(row, column)])
    np.testing.assert_allclose(shuffled, totals[row], rtol=1e-12)
    assert (usable == carries[np.ix_(row, column)]).all()


@settings(max_examples=50, deadline=None)
@given(coverages(), st.floats(1e-6, 1e9), st.floats(1e-6, 1e9))
def test_units_do_not_matter(problem: tuple[Floats, Floats, Bools], money: float, hours: float) -> None:
    """Totals are in the unit of demand, whatever that of capacity."""
    demand, capacity, serves = problem
    totals, carries = even_totals(demand, capacity=capacity, serves=serves)
    scaled, usable = even_totals(demand * money, capacity=capacity * hours, serves=serves)
    np.testing.assert_allclose(scaled, totals * money, rtol=1e-11)
    assert (usable == carries).all()


def test_rows_and_columns_that_are_alike_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand rows of two kinds and four columns of two kinds make a flow problem of two by two."""
    shapes = []
    flow = fairness._greatest_flow

    def recorded(demand: Floats, room: Floats, edges: Bools) -> tuple[Floats, Bools]:
        shapes.append(edges.shape)
        return flow(demand, room, edges)

    monkeypatch.setattr(fairness, "_greatest_flow", recorded)
    serves = np.array([[True, False, True, False], [True, True, True, True]])[np.arange(1000) % 2]
    totals, _ = even_totals(np.array([10.0, 40.0, 10.0, 40.0]), capacity=np.ones(1000), serves=serves)
    assert shapes == [(2, 2)]
    np.testing.assert_allclose(totals[:2], [0.04, 0.16], rtol=1e-13)


def test_a_column_without_anyone_is_refused() -> None:
    """Demand that only a row without capacity serves raises, and the column is named."""
    with pytest.raises(ValueError, match=r"columns \[1\] have demand"):
        even_totals(np.ones(2), capacity=np.array([1.0, 0.0]), serves=np.array([[True, False], [True, True]]))


@pytest.mark.parametrize("name", ["demand", "capacity"])
@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_numbers_that_are_no_amounts_are_refused(name: str, wrong: float) -> None:
    """Negative, undefined and infinite inputs raise, each by name."""
    inputs = {"demand": np.ones(2), "capacity": np.ones(2)}
    inputs[name][0] = wrong
    with pytest.raises(ValueError, match=name):
        even_totals(inputs["demand"], capacity=inputs["capacity"], serves=np.ones((2, 2), dtype=np.bool_))


def test_a_flow_that_is_not_found_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever HiGHS returns without calling it optimal is not used."""
    monkeypatch.setattr("scipy.optimize.linprog", lambda *_, **__: SimpleNamespace(status=4, message="numbers"))
    with pytest.raises(SolveError, match="numbers"):
        even_totals(STRATEGY, capacity=np.ones(2), serves=np.array([SPECIALIST, GENERALIST]))

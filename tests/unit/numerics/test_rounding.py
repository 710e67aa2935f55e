"""Whole plans add up on every margin, stay next to their fractions, and keep the limits that whole numbers can keep."""

import math
from collections.abc import Callable
from itertools import pairwise, product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_array

from planalloc.errors import InputError, LimitReachedError, VerificationError
from planalloc.numerics import rounding
from planalloc.numerics.rounding import controlled_round
from planalloc.numerics.rounding_network import Network, build_network, nearby_flow
from planalloc.numerics.rounding_program import Limits, nearest_whole
from planalloc.types import Floats, Ints

# Balinski, M. L. and Young, H. P. (1975), American Mathematical Monthly 82(7); Wikipedia, "Largest remainder method".
HAMILTON = [
    ([5117, 4400, 162, 161, 160], 100, [51, 44, 2, 2, 1]),
    ([9061, 7179, 5259, 3319, 1182], 26, [9, 7, 5, 4, 1]),
    ([47000, 16000, 15800, 12000, 6100, 3100], 10, [5, 2, 1, 1, 1, 0]),
]

# Statistics Canada, Real Time Remote Access, "Controlled rounding", http://www.statcan.gc.ca/eng/rtra/controlled:
# a table and its rounding to base 100.
STATCAN = np.array([[361.5, 120.5, 120.5], [361.5, 0.0, 241.0]]) / 100
STATCAN_ROUNDED = np.array([[4, 1, 1], [3, 0, 3]])


def families(cells: Floats, blocks: Ints) -> dict[str, list[Ints]]:
    """List the cells of every sum of both families, by their number in C order."""
    n_reps, n_lines, n_periods = cells.shape
    number = np.arange(cells.size).reshape(cells.shape)
    lines = range(n_lines)
    return {
        "cell": [number[cell] for cell in product(range(n_reps), lines, range(n_periods))],
        "rep x line": [number[r, s] for r, s in product(range(n_reps), lines)],
        "rep": [number[r] for r in range(n_reps)],
        "line x period": [number[:, s, t] for s, t in product(lines, range(n_periods))],
        "line x block": [number[:, s, blocks[s] == block] for s in lines for block in np.unique(blocks[s])],
        "line": [number[:, s] for s in lines],
        "total": [number],
    }


def broken(cells: Floats, blocks: Ints, whole: Ints) -> list[str]:
    """Name the sums that are at neither neighbor of what they were."""
    found = []
    for name, members in families(cells, blocks).items():
        for member in members:
            exact, rounded = math.fsum(cells.ravel()[member].ravel()), int(whole.ravel()[member].sum())
            noise = 1e-6 + 1e-9 * max(1.0, exact)
            nearest = round(exact)
            allowed = {nearest} if abs(exact - nearest) <= noise else {math.floor(exact), math.ceil(exact)}
            if rounded not in allowed:
                found.append(f"{name}: {exact} became {rounded}")
    return found


def rounded(cells: Floats, blocks: Ints) -> Ints:
    """Round, where an answer is certain."""
    whole = controlled_round(cells, blocks=blocks)
    assert whole is not None
    return whole


def rounded_by_flow(cells: Floats, blocks: Ints) -> Ints:
    """Round as large plans are rounded."""
    return nearby_flow(build_network(cells, blocks))[: cells.size].reshape(cells.shape)


def quarters(n_lines: int, n_periods: int) -> Ints:
    """Put three periods of each line into a block."""
    return np.tile(np.arange(n_periods) // 3, (n_lines, 1))


def limit_rows(cells: Floats, *members: Ints) -> csr_array:
    """Write sets of cells as rows of 0 and 1."""
    rows = np.zeros((len(members), cells.size))
    for row, member in zip(rows, members, strict=True):
        row[member.ravel()] = 1.0
    return csr_array(rows)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Floats, Ints]:
    """Draw a plan of ninety-sixths, many zero or whole, some with noise, and blocks of its periods."""
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 6)))
    parts = st.one_of(st.just(0), st.integers(0, 96 * 3), st.integers(0, 6).map(lambda part: 16 * part))
    cells = draw(hnp.arrays(np.int64, shape, elements=parts)) / 96
    noise = draw(st.sampled_from([0.0, 1e-9]))
    signs = draw(hnp.arrays(np.int64, shape, elements=st.integers(-1, 1)))
    blocks = np.sort(draw(hnp.arrays(np.int64, shape[1:], elements=st.integers(0, 3))), axis=1)
    return np.where(cells > 0, cells + noise * signs, 0.0), blocks


@st.composite
def plans_of_whole_lines(draw: st.DrawFn) -> tuple[Floats, Ints]:
    """Draw whole line totals, shared out over reps and periods by whole weights."""
    n_reps, n_lines, n_periods = draw(st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 6)))
    totals = draw(hnp.arrays(np.float64, n_lines, elements=st.integers(0, 40)))
    weights = st.integers(1, 9)
    by_rep = draw(hnp.arrays(np.float64, (n_reps, n_lines), elements=weights))
    by_period = draw(hnp.arrays(np.float64, (n_lines, n_periods), elements=weights))
    by_period *= (totals / by_period.sum(axis=1))[:, None]
    return (by_rep / by_rep.sum(axis=0))[:, :, None] * by_period, quarters(n_lines, n_periods)


@given(plan=st.one_of(plans(), plans_of_whole_lines()))
@settings(max_examples=100, deadline=None)
def test_every_sum_goes_to_its_floor_or_ceiling(plan: tuple[Floats, Ints]) -> None:
    """Every sum of both families is at a neighbor of what it was, at itself where it was whole (F-13)."""
    assert broken(*plan, rounded(*plan)) == []


@given(plan=st.one_of(plans(), plans_of_whole_lines()))
@settings(max_examples=100, deadline=None)
def test_flows_keep_what_the_program_keeps(plan: tuple[Floats, Ints]) -> None:
    """The way of large plans keeps all floors and ceilings, and no rounding is nearer than the program's."""
    cells, blocks = plan
    by_flow = rounded_by_flow(cells, blocks)
    assert broken(cells, blocks, by_flow) == []
    assert np.abs(rounded(cells, blocks) - cells).sum() <= np.abs(by_flow - cells).sum() + 1e-3


def test_a_large_plan_is_rounded_near_its_cells() -> None:
    """Beyond the program's size every sum still is at a neighbor, and cells move a tenth further at most."""
    random = np.random.default_rng(7)
    cells = random.gamma(2.0, size=(34, 1, 1)) * random.dirichlet(np.ones(13))[:, None] * random.dirichlet(np.ones(12))
    assert cells.size > rounding._PROGRAM_CELLS
    cells, blocks = 300 * cells, quarters(13, 12)
    network = build_network(cells, blocks)
    nearest = nearest_whole(network, low=network.low, high=network.high)
    assert nearest is not None
    whole = rounded(cells, blocks)
    assert broken(cells, blocks, whole) == []
    assert np.abs(whole - cells).sum() <= 1.1 * np.abs(nearest - cells.ravel()).sum()


@pytest.mark.parametrize(("votes", "seats", "published"), HAMILTON)
def test_one_line_in_one_period_is_largest_remainder(votes: list[int], seats: int, published: list[int]) -> None:
    """Where only one total is whole, the nearest cells are those of Hamilton's method."""
    cells = seats * np.array(votes, dtype=np.float64).reshape(-1, 1, 1) / sum(votes)
    assert rounded(cells, np.array([[0]])).ravel().tolist() == published


@pytest.mark.parametrize("how", [rounded, rounded_by_flow])
def test_the_published_table_is_rounded_with_the_same_properties(how: Callable[[Floats, Ints], Ints]) -> None:
    """Our roundings of Statistics Canada's table, like their own, have every margin at a multiple next to it."""
    cells, blocks = STATCAN[:, :, None], np.zeros((3, 1), dtype=np.int64)
    assert broken(cells, blocks, STATCAN_ROUNDED) == []
    assert broken(cells, blocks, how(cells, blocks)) == []


def test_equal_fractions_go_to_the_earlier_cells() -> None:
    """Of four halves that make two units the first two get them."""
    assert rounded(np.full((4, 1, 1), 0.5), np.array([[0]])).ravel().tolist() == [1, 1, 0, 0]


@given(plan=plans_of_whole_lines(), random=st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_any_order_of_reps_has_an_answer(plan: tuple[Floats, Ints], random: Random) -> None:
    """Reps in another order are rounded as near, with every sum at a neighbor."""
    cells, blocks = plan
    shuffled = cells[random.sample(range(len(cells)), len(cells))]
    whole = rounded(shuffled, blocks)
    assert broken(shuffled, blocks, whole) == []
    assert np.abs(whole - shuffled).sum() == pytest.approx(np.abs(rounded(cells, blocks) - cells).sum(), abs=1e-3)


@given(plan=plans(), copies=st.integers(2, 6))
@settings(max_examples=50, deadline=None)
def test_reps_who_are_alike_differ_by_one_unit_at_most(plan: tuple[Floats, Ints], copies: int) -> None:
    """Equal rows get equal totals, lines and cells but for one unit (S-3)."""
    whole = rounded(np.repeat(plan[0][:1], copies, axis=0), plan[1])
    assert np.ptp(whole, axis=0).max() <= 1
    assert np.ptp(whole.sum(axis=2), axis=0).max() <= 1
    assert np.ptp(whole.sum(axis=(1, 2))) <= 1


@given(whole=hnp.arrays(np.int64, (3, 2, 4), elements=st.integers(0, 50)), sign=st.sampled_from([-1.0, 0.0, 1.0]))
@settings(max_examples=50, deadline=None)
def test_whole_plans_stay(whole: Ints, sign: float) -> None:
    """A plan that is whole but for noise is its own rounding (idempotence)."""
    noisy = np.where(whole > 0, whole + sign * 1e-9, 0.0)
    assert (rounded(noisy, quarters(2, 4)) == whole).all()


@pytest.mark.parametrize("error", [-8e-4, 8e-4])
def test_errors_that_add_up_to_a_unit_move_their_sum(error: float) -> None:
    """2,000 cells that look like a million each, but add up to 1.6 units off, stay next to the truth in every sum."""
    cells = np.full((2000, 1, 1), 1e6 + error)
    whole = rounded(cells, np.array([[0]]))
    assert abs(whole - cells).max() <= 1
    assert abs(whole.sum() - cells.sum()) < 1


@pytest.mark.parametrize("shape", [(0, 2, 3), (2, 0, 3), (2, 2, 0)])
def test_an_empty_plan_is_whole(shape: tuple[int, int, int]) -> None:
    """A plan without reps, lines or periods is returned as it is, and keeps no limit that asks for something."""
    cells, blocks = np.zeros(shape), np.zeros(shape[1:], dtype=np.int64)
    assert rounded(cells, blocks).shape == shape
    nothing = csr_array((1, 0))
    assert controlled_round(cells, blocks=blocks, limits=nothing, lower=np.array([1.0])) is None


@pytest.mark.parametrize("amount", [-1.0, np.nan, np.inf])
def test_amounts_that_no_plan_has_are_refused(amount: float) -> None:
    """Amounts below zero and amounts that are not finite raise (S-5)."""
    with pytest.raises(InputError, match="finite and at least zero"):
        controlled_round(np.array([[[1.0, amount]]]), blocks=np.array([[0, 0]]))


def test_an_answer_that_does_not_add_up_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever rounds is checked again in whole numbers (S-8)."""
    monkeypatch.setattr(rounding, "nearest_whole", lambda network, **_: network.high[: network.n_cells])
    with pytest.raises(VerificationError, match="does not add up"):
        controlled_round(np.full((4, 1, 1), 0.5), blocks=np.array([[0]]))


@given(plan=st.one_of(plans(), plans_of_whole_lines()))
@settings(max_examples=50, deadline=None)
def test_limits_within_the_families_are_implied(plan: tuple[Floats, Ints]) -> None:
    """A limit on every sum of both families, at its floor and ceiling, leaves the answer as it is."""
    cells, blocks = plan
    limits = limit_rows(cells, *(member for members in families(cells, blocks).values() for member in members))
    sums = limits @ cells.ravel()
    lower, upper = np.floor(sums + 1e-6), np.ceil(sums - 1e-6)
    whole = controlled_round(cells, blocks=blocks, limits=limits, lower=lower, upper=upper)
    assert whole is not None
    assert (whole == rounded(cells, blocks)).all()


@given(plan=plans_of_whole_lines(), data=st.data())
@settings(max_examples=50, deadline=None)
def test_totals_of_teams_are_kept_without_loosening(plan: tuple[Floats, Ints], data: st.DataObject) -> None:
    """Teams that nest extend the first family, so that their floors and ceilings hold beside all others (F-6)."""
    cells, blocks = plan
    cuts = sorted(data.draw(st.sets(st.integers(0, len(cells)), min_size=2)))
    number = np.arange(cells.size).reshape(cells.shape)
    teams = [number[start:stop] for start, stop in pairwise(cuts)]
    limits = limit_rows(cells, *teams, number[cuts[0] : cuts[-1]])
    sums = limits @ cells.ravel()
    lower, upper = np.floor(sums + 1e-6), np.ceil(sums - 1e-6)
    whole = controlled_round(cells, blocks=blocks, limits=limits, lower=lower, upper=upper)
    assert whole is not None
    assert broken(cells, blocks, whole) == []
    assert ((limits @ whole.ravel() >= lower) & (limits @ whole.ravel() <= upper)).all()


def test_a_month_over_all_lines_is_kept() -> None:
    """Two lines of two halves go to the same month by themselves, and to one month each where a limit says so."""
    cells, blocks = np.full((1, 2, 2), 0.5), np.zeros((2, 2), dtype=np.int64)
    first_month = limit_rows(cells, np.array([0, 2]))
    one = np.array([1.0])
    assert rounded(cells, blocks).tolist() == [[[1, 0], [1, 0]]]
    limited = controlled_round(cells, blocks=blocks, limits=first_month, lower=one, upper=one)
    assert limited is not None
    assert limited.tolist() == [[[1, 0], [0, 1]]]


def test_limits_that_no_whole_numbers_keep_have_no_answer() -> None:
    """Three halves that pairwise make one unit would be halves (parity): the answer is None."""
    cells = np.full((3, 1, 1), 0.5)
    pairs = limit_rows(cells, np.array([0, 1]), np.array([1, 2]), np.array([0, 2]))
    ones = np.ones(3)
    assert controlled_round(cells, blocks=np.array([[0]]), limits=pairs, lower=ones, upper=ones) is None


def test_a_cell_leaves_its_ceiling_for_a_limit_alone() -> None:
    """A half that must be two becomes two, as nothing else would do, and the whole line total stays."""
    cells = np.full((4, 1, 1), 0.5)
    two = np.array([2.0])
    whole = controlled_round(cells, blocks=np.array([[0]]), limits=limit_rows(cells, np.array([0])), lower=two)
    assert whole is not None
    assert whole.ravel().tolist() == [2, 0, 0, 0]


@pytest.mark.parametrize("members", [[0, 4], [0, 1, 4, 5], [2], [0, 1, 2, 3, 4, 5, 6, 7]])
def test_seasons_whole_lines_and_zeros_give_way_to_no_limit(members: list[int]) -> None:
    """A line's period, block or whole total that must be one unit off, or a zero that must be one, has no answer."""
    cells = np.array([[[0.5, 1.0, 0.0, 0.5]], [[0.5, 1.0, 0.0, 0.5]]])
    target = np.array([cells.ravel()[members].sum() + 1])
    limits = limit_rows(cells, np.array(members))
    assert controlled_round(cells, blocks=np.array([[0, 0, 1, 1]]), limits=limits, lower=target, upper=target) is None


def test_a_limit_across_a_large_plan_moves_few_reps() -> None:
    """A third of 900 reps make their whole sum on one line, and most reps keep the cells they had."""
    random = np.random.default_rng(3)
    cells = random.uniform(0.0, 2.0, size=(900, 2, 4))
    blocks = quarters(2, 4)
    part = np.arange(cells.size).reshape(cells.shape)[::3, 0]
    limits = limit_rows(cells, part)
    free = rounded(cells, blocks)
    target = np.array([float(free[::3, 0].sum() + 4)])
    whole = controlled_round(cells, blocks=blocks, limits=limits, lower=target, upper=target)
    assert whole is not None
    assert broken(cells, blocks, whole) == []
    assert whole[::3, 0].sum() == target
    assert np.count_nonzero((whole != free).any(axis=(1, 2))) < 450


def test_a_search_given_up_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the solver gives up, it is not said that there are no whole numbers."""

    def give_up(_: Network, *, limits: Limits | None = None, **_bounds: Ints) -> None:
        if limits is not None:
            raise LimitReachedError("given up")

    monkeypatch.setattr(rounding, "nearest_whole", give_up)
    cells, two = np.full((4, 1, 1), 0.5), np.array([2.0])
    with pytest.raises(LimitReachedError, match="given up"):
        controlled_round(cells, blocks=np.array([[0]]), limits=limit_rows(cells, np.array([0])), lower=two)

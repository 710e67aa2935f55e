"""Shares add up, caps hold, and ties are broken in one way only."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from planalloc.numerics.apportion import capped_split, cumulative_round, grouped_largest_remainder, largest_remainder
from planalloc.types import Floats

PUBLISHED = {
    # Balinski, M. L. and Young, H. P. (1975), American Mathematical Monthly 82(7), as in the tests of
    # github.com/martinlackner/apportionment (MIT).
    "Balinski and Young, 100 seats": ([5117, 4400, 162, 161, 160], 100, [51, 44, 2, 2, 1]),
    "Balinski and Young, 26 seats": ([9061, 7179, 5259, 3319, 1182], 26, [9, 7, 5, 4, 1]),
    # Wikipedia, "Quota method" and "Largest remainder method", as in the tests of github.com/polettif/proporz.
    "Wikipedia, 60 seats": ([216, 310, 22, 32], 60, [23, 32, 2, 3]),
    "Wikipedia, 10 seats": ([47000, 16000, 15800, 12000, 6100, 3100], 10, [5, 2, 1, 1, 1, 0]),
}

amounts = st.floats(0, 1e6)
some_weights = hnp.arrays(np.float64, st.integers(1, 12), elements=amounts).filter(lambda w: w.max() > 1e-3)


@st.composite
def split_rows(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Draw totals, weights and caps of a few rows, some weights zero, some caps zero or infinite."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 6)))
    weight = st.just(0.0) | st.floats(0.01, 100)
    cap = st.just(np.inf) | st.just(0.0) | st.floats(0.01, 100)
    return (
        draw(hnp.arrays(np.float64, shape[0], elements=st.floats(0, 300))),
        draw(hnp.arrays(np.float64, shape, elements=weight)),
        draw(hnp.arrays(np.float64, shape, elements=cap)),
    )


@pytest.mark.parametrize(("votes", "seats", "published"), PUBLISHED.values(), ids=PUBLISHED.keys())
def test_largest_remainder_gives_the_published_seats(votes: list[int], seats: int, published: list[int]) -> None:
    """Published apportionments by Hamilton's method come out seat by seat."""
    assert largest_remainder(seats, np.array(votes, dtype=np.float64)).tolist() == published


def test_a_tie_goes_to_the_earlier_position() -> None:
    """Equal fractions are served from the first position on."""
    assert largest_remainder(5, np.array([1.0, 2.0, 1.0, 2.0])).tolist() == [1, 2, 1, 1]


def test_rounding_error_does_not_break_a_tie() -> None:
    """0.1 + 0.2 is more than 0.3 in floating point and still only ties with it."""
    assert largest_remainder(1, np.array([0.3, 0.1 + 0.2])).tolist() == [1, 0]


def test_a_whole_share_survives_rounding_error() -> None:
    """Tenths of 30 are 3 each, although 30 * 0.1 / (ten times 0.1) may fall short of 3."""
    assert largest_remainder(30, np.full(10, 0.1) * np.pi).tolist() == [3] * 10


@settings(max_examples=50, deadline=None)
@given(total=st.integers(0, 2**48), weights=some_weights)
def test_units_add_up_and_stay_within_one_of_the_exact_share(total: int, weights: Floats) -> None:
    """The sum is the total, no position is a whole unit off its share, and zero weight gets zero."""
    units = largest_remainder(total, weights)
    assert units.sum() == total
    assert (abs(units - weights / weights.sum() * total) < 1 + 1e-15 * total + 1e-9).all()
    assert not units[weights == 0].any()


@settings(max_examples=50, deadline=None)
@given(total=st.integers(0, 10_000), weights=some_weights)
def test_more_weight_never_gets_fewer_units(total: int, weights: Floats) -> None:
    """Sorted by weight, units never fall by more than the one unit that a tie may cost."""
    units = largest_remainder(total, np.sort(weights))
    assert (np.diff(units) >= np.where(np.diff(np.sort(weights)) > 1e-7 * weights.sum(), 0, -1)).all()


@settings(max_examples=50, deadline=None)
@given(total=st.integers(0, 10_000), weights=some_weights)
def test_units_do_not_depend_on_the_unit_of_the_weights(total: int, weights: Floats) -> None:
    """A change of unit by a power of two, which is exact, changes nothing."""
    assert largest_remainder(total, weights * 2.0**-30).tolist() == largest_remainder(total, weights).tolist()


def test_nothing_to_split_needs_no_weight() -> None:
    """A total of zero is zero everywhere, even where no weight is above zero."""
    assert largest_remainder(0, np.zeros(3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("total", "weights", "message"),
    [
        (1, [0.0, 0.0], "no weight above zero"),
        (1, [], "no weight above zero"),
        (1, [1.0, -1.0], "weights"),
        (0, [1.0, np.nan], "weights"),
        (1, [1.0, np.inf], "weights"),
        (-1, [1.0], "total is -1"),
        (2**48 + 1, [1.0], "between 0 and"),
    ],
)
def test_what_cannot_be_apportioned_is_refused(total: int, weights: list[float], message: str) -> None:
    """Unusable weights and totals raise, and say what is wrong."""
    with pytest.raises(ValueError, match=message):
        largest_remainder(total, np.array(weights))


@settings(max_examples=50, deadline=None)
@given(values=hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 12)), elements=st.floats(0, 50)))
def test_the_running_count_stays_within_one_half(values: Floats) -> None:
    """F-13: the count so far is never more than one half from the plan so far, and no count is negative."""
    counts = cumulative_round(values)
    assert (abs(np.cumsum(counts, axis=-1) - np.cumsum(values, axis=-1)) <= 0.5 + 1e-8).all()
    assert (counts >= 0).all()


def test_half_a_unit_rounds_up_in_spite_of_rounding_error() -> None:
    """0.6 + 0.7 + 0.2 is a little less than 1.5 in floating point and counts as 2."""
    assert cumulative_round(np.array([0.6, 0.7, 0.2])).tolist() == [1, 0, 1]


def test_each_series_is_rounded_by_itself() -> None:
    """Series along the last axis do not see each other, whatever the leading shape."""
    values = np.array([[[0.5, 0.5], [0.25, 0.25]], [[1.0, 2.0], [0.0, 0.0]]])
    assert cumulative_round(values).tolist() == [[[1, 0], [0, 1]], [[1, 2], [0, 0]]]


def test_a_count_of_something_unknown_is_refused() -> None:
    """NaN in a series raises instead of becoming some integer."""
    with pytest.raises(ValueError, match="finite"):
        cumulative_round(np.array([1.0, np.nan]))


def test_without_caps_the_split_is_proportional() -> None:
    """With no cap in the way, a row is split by its weights alone."""
    split = capped_split(np.array([12.0]), weights=np.array([[1.0, 2.0, 3.0]]), caps=np.full((1, 3), np.inf))
    assert split.tolist() == [[2.0, 4.0, 6.0]]


def test_the_excess_over_one_cap_may_fill_another() -> None:
    """Of 12 the first column keeps 1; of the 11 left the second may keep 3, so that the third gets 8."""
    split = capped_split(np.array([12.0]), weights=np.array([[1.0, 1.0, 1.0]]), caps=np.array([[1.0, 3.0, np.inf]]))
    assert split.tolist() == [[1.0, 3.0, 8.0]]


def test_what_does_not_fit_is_not_placed() -> None:
    """Caps of 1 and 2 take 3 of 10; a column without weight takes nothing, whatever its cap."""
    split = capped_split(np.array([10.0]), weights=np.array([[1.0, 1.0, 0.0]]), caps=np.array([[1.0, 2.0, 50.0]]))
    assert split.tolist() == [[1.0, 2.0, 0.0]]


def test_a_small_column_does_not_blur_a_large_one() -> None:
    """Columns that fill up together, eleven digits apart in size, still place all but one part in 10**15."""
    weights = np.array([[4e-6, 2e-9, 42.0, 3e-6]])
    caps = weights / 3
    split = capped_split(caps.sum(axis=1) * (1 - 1e-13), weights=weights, caps=caps)
    np.testing.assert_allclose(split.sum(), caps.sum() * (1 - 1e-13), rtol=1e-15)


def test_no_columns_take_nothing() -> None:
    """A split over no columns has no cells."""
    assert capped_split(np.array([1.0]), weights=np.empty((1, 0)), caps=np.empty((1, 0))).shape == (1, 0)


@settings(max_examples=100, deadline=None)
@given(split_rows())
def test_a_capped_row_places_all_that_fits(rows: tuple[Floats, Floats, Floats]) -> None:
    """A row sums to its total, or to its usable caps where these are less, and no cell is above its cap."""
    totals, weights, caps = rows
    split = capped_split(totals, weights=weights, caps=caps)
    placed = np.minimum(totals, np.where(weights > 0, caps, 0.0).sum(axis=1))
    np.testing.assert_allclose(split.sum(axis=1), placed, rtol=1e-12, atol=1e-12)
    assert (split >= 0).all()
    assert (split <= caps).all()
    assert not split[weights == 0].any()


@settings(max_examples=100, deadline=None)
@given(split_rows())
def test_only_a_cap_keeps_a_column_below_the_common_level(rows: tuple[Floats, Floats, Floats]) -> None:
    """Per unit of weight, every column below its cap has the most that any column of its row has."""
    totals, weights, caps = rows
    split = capped_split(totals, weights=weights, caps=caps)
    level = np.divide(split, weights, out=np.zeros_like(split), where=weights > 0)
    below = (weights > 0) & (split < caps * (1 - 1e-9))
    highest = np.broadcast_to(level.max(axis=1)[:, None], level.shape)
    np.testing.assert_allclose(level[below], highest[below], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("total", "weight", "cap", "message"),
    [(-1.0, 1.0, 1.0, "totals"), (1.0, np.inf, 1.0, "weights"), (1.0, 1.0, -1.0, "caps"), (1.0, 1.0, np.nan, "caps")],
)
def test_what_cannot_be_split_is_refused(total: float, weight: float, cap: float, message: str) -> None:
    """Negative or undefined totals, weights and caps raise, each by name."""
    with pytest.raises(ValueError, match=message):
        capped_split(np.array([total]), weights=np.array([[weight]]), caps=np.array([[cap]]))


@settings(max_examples=50, deadline=None)
@given(
    totals=st.lists(st.integers(0, 2**48), min_size=1, max_size=4),
    members=st.lists(st.tuples(st.integers(0, 3), st.floats(0.01, 1e6)), max_size=20),
)
def test_many_groups_are_split_like_each_by_itself(totals: list[int], members: list[tuple[int, float]]) -> None:
    """Groups of any order and size get what largest remainder gives each of them alone."""
    members = [one for one in members if one[0] < len(totals)]
    groups = np.array([one[0] for one in members], dtype=np.int64)
    weights = np.array([one[1] for one in members])
    whole = np.array([total if i in groups else 0 for i, total in enumerate(totals)])
    units = grouped_largest_remainder(whole, weights, groups=groups)
    for i, total in enumerate(whole.tolist()):
        alone = largest_remainder(total, weights[groups == i])
        assert units[groups == i].sum() == total
        assert abs(units[groups == i] - alone).max(initial=0) <= 1
        if total < 2**30:  # beyond, the two may round a tie's shares differently
            assert np.array_equal(units[groups == i], alone)


@pytest.mark.parametrize(("votes", "seats", "published"), PUBLISHED.values(), ids=PUBLISHED.keys())
def test_groups_give_the_published_seats(votes: list[int], seats: int, published: list[int]) -> None:
    """Two parliaments with the same votes, their parties in turn, both have the published seats."""
    units = grouped_largest_remainder(
        np.array([seats, seats]), np.repeat(votes, 2).astype(float), groups=np.tile([0, 1], len(votes))
    )
    assert units.tolist() == np.repeat(published, 2).tolist()


def test_a_group_without_weight_is_refused() -> None:
    """Units of a group that nobody can take are not lost in silence."""
    with pytest.raises(ValueError, match="no weight above zero"):
        grouped_largest_remainder(np.array([1, 1]), np.array([1.0, 0.0]), groups=np.array([0, 1]))
    with pytest.raises(ValueError, match="between 0 and"):
        grouped_largest_remainder(np.array([-1]), np.array([1.0]), groups=np.array([0]))

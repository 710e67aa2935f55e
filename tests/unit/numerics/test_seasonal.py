"""Seasons read from past sales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.seasonal import errors_from_sales, moving_average, season_weights, seasonal_profiles

if TYPE_CHECKING:
    from planalloc.types import Floats

# Monthly totals of international airline passengers in thousands, 1949 to 1960: Box and Jenkins (1976), series G; R,
# datasets::AirPassengers.
PASSENGERS = """
    112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140
    145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194
    196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229
    242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306
    315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337
    360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432
"""
# Quarterly series of the tests of statsmodels' seasonal_decompose (BSD-3), whose figures were checked against R's
# decompose.
QUARTERS = """
    -50 175 149 214 247 237 225 329 729 809 530 489 540 457 195 176
    337 239 128 102 232 429 3 98 43 -141 -77 -13 125 361 -45 184
"""


def series(text: str) -> Floats:
    """Read one series, shape (1, n)."""
    return np.array([text.split()], dtype=np.float64)


AIR = seasonal_profiles(series(PASSENGERS), length=12)


def test_airline_seasons() -> None:
    """The seasonal figures of the airline passengers are those R's decompose prints, to seven digits."""
    printed = [0.9102304, 0.8836253, 1.0073663, 0.9759060, 0.9813780, 1.1127758]
    printed += [1.2265555, 1.2199110, 1.0604919, 0.9217572, 0.8011781, 0.8988244]
    assert AIR.factors[0].round(7).tolist() == printed
    assert AIR.counts.tolist() == [[11] * 12]


def test_airline_trend() -> None:
    """A line through the trend is the one R prints: 84.64827 + 2.66694 t."""
    inside = np.isfinite(AIR.trend[0])
    slope, level = np.polyfit(np.arange(1, 145)[inside], AIR.trend[0, inside], 1)
    assert (round(level, 5), round(slope, 5)) == (84.64827, 2.66694)


def test_airline_remainder() -> None:
    """What trend and season leave has the mean 0.9982357 and the standard deviation 0.0333884 that R prints."""
    left = AIR.ratios[0, 6:-6] / np.tile(AIR.factors[0], 12)[6:-6]
    assert (left.mean().round(7), left.std(ddof=1).round(7)) == (0.9982357, 0.0333884)


def test_airline_plan() -> None:
    """The published plan for 1961 is the rounded trend line times the seasons, to four digits."""
    printed = [429.0489, 418.8649, 480.2085, 467.8142, 473.0546, 539.3602]
    printed += [597.7802, 597.7954, 522.5033, 456.6072, 399.0131, 450.0414]
    plan = (2.667 * np.arange(145, 157) + 84.648) * AIR.factors[0]
    np.testing.assert_allclose(plan, printed, rtol=0, atol=0.00006)


def test_quarterly_multiplicative() -> None:
    """The multiplicative figures of the quarterly case (of its absolute values) are the published ones."""
    found = seasonal_profiles(np.abs(series(QUARTERS)), length=4)
    assert found.factors[0].round(4).tolist() == [1.0815, 1.5538, 0.6716, 0.6931]


def test_quarterly_additive() -> None:
    """The moving average of the quarterly case leaves the published additive figures."""
    left = (series(QUARTERS) - moving_average(series(QUARTERS), length=4)).reshape(8, 4)
    figures = np.nanmean(left, axis=0)
    assert (figures - figures.mean()).round(2).tolist() == [62.46, 86.17, -88.38, -60.25]


def test_odd_year_averages_whole_periods() -> None:
    """A year of three periods is averaged over three whole ones."""
    assert moving_average(np.array([[1.0, 2.0, 6.0, 4.0]]), length=3)[0, 1:3].tolist() == [3.0, 4.0]


@settings(max_examples=50, deadline=None)
@given(
    sales=st.lists(st.floats(0.01, 1000), min_size=8, max_size=30),
    first=st.integers(0, 3),
    scale=st.floats(0.01, 100),
    center=st.sampled_from(["mean", "median"]),
)
def test_factors_average_one_at_any_scale(
    sales: list[float], first: int, scale: float, center: Literal["mean", "median"]
) -> None:
    """Factors have a mean of 1, and neither money's unit nor another series beside them matters."""
    alone = np.array([sales])
    factors = seasonal_profiles(alone, length=4, first=first, center=center).factors
    both = seasonal_profiles(np.vstack([scale * alone, alone**0.5]), length=4, first=first, center=center).factors
    assert factors.mean() == pytest.approx(1)
    np.testing.assert_allclose(both[0], factors[0], rtol=1e-9)


@settings(max_examples=50, deadline=None)
@given(season=st.lists(st.floats(0.2, 5), min_size=4, max_size=4), first=st.integers(0, 3), periods=st.integers(4, 20))
def test_known_season_is_found(season: list[float], first: int, periods: int) -> None:
    """A steady series with a season gives that season, however many whole or partial years there are."""
    expected = np.array(season) / np.mean(season)
    sales = expected[(first + np.arange(periods)) % 4][None]
    found = seasonal_profiles(sales, length=4, first=first)
    np.testing.assert_allclose(found.factors[0], expected, rtol=1e-9)


def test_series_begin_and_end_where_they_do() -> None:
    """Unknown periods at both ends of a series are as if they were not there."""
    inner = np.arange(1.0, 12.0) + np.array([0, 3, 0, 1, 0, 3, 0, 1, 0, 3, 0])
    outer = np.concatenate([[np.nan] * 3, inner, [np.nan] * 2])[None]
    expected = seasonal_profiles(inner[None], length=4, first=3)
    found = seasonal_profiles(outer, length=4)
    np.testing.assert_allclose(found.factors, expected.factors)
    np.testing.assert_allclose(found.standard_errors, expected.standard_errors)


def test_short_history_is_shared_out() -> None:
    """Below two years the shares of the full calendar year speak, and the partial one beside it does not."""
    found = seasonal_profiles(np.array([[9.0, 9.0, 10.0, 20.0, 30.0, 20.0, 5.0]]), length=4, first=2)
    assert found.factors.tolist() == [[0.5, 1.0, 1.5, 1.0]]
    assert found.basis == ("shares",)
    assert np.isnan(found.standard_errors).all()


def test_year_across_new_year() -> None:
    """Where no calendar year is full, the latest periods that make up a year speak, each in its place."""
    found = seasonal_profiles(np.array([[7.0, 10.0, 20.0, 30.0, 20.0]]), length=4, first=2)
    assert found.factors.tolist() == [[1.0, 1.5, 1.0, 0.5]]
    assert found.counts.tolist() == [[1, 1, 1, 1]]


def test_less_than_a_year_has_no_profile() -> None:
    """With three of four quarters, or with no sales at all, there is no profile, and other series keep theirs."""
    sales = np.array([[np.nan, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    found = seasonal_profiles(sales, length=4)
    assert found.basis == ("none", "none", "shares")
    assert np.isnan(found.factors[:2]).all()
    assert found.counts[:2].sum() == 0


def test_empty_months_are_zero() -> None:
    """A month that never sells gets a factor of 0 and the others share the year."""
    assert seasonal_profiles(np.array([[0.0, 10.0] * 4]), length=2).factors.tolist() == [[0.0, 2.0]]


def test_working_days_are_no_season() -> None:
    """Sales in proportion to the working days have no season, with two years or with one."""
    days = np.array([20.0, 22.0, 18.0, 21.0, 19.0, 23.0, 20.0, 17.0, 22.0])
    for periods in (9, 5):
        found = seasonal_profiles(100 * days[None, :periods], length=4, working_days=days[:periods])
        np.testing.assert_allclose(found.factors, 1.0)


def test_closed_every_summer() -> None:
    """A period without a working day in any year gets 0, and its neighbors keep their ratios."""
    days = np.array([20.0, 20.0, 0.0, 20.0] * 3)
    found = seasonal_profiles(days[None] * np.tile([1.0, 2.0, 1.0, 3.0], 3), length=4, working_days=days)
    np.testing.assert_allclose(found.factors[0], np.array([1.0, 2.0, 0.0, 3.0]) / 1.5)
    assert found.basis == ("moving average",)
    assert found.standard_errors[0, 2] == 0


def test_standard_errors_of_ratios() -> None:
    """Three ratios of a period have the textbook standard error of their mean, scaled as the factors are."""
    found = seasonal_profiles(np.array([[4.0, 6.0, 5.0, 5.0, 3.0, 8.0, 4.0, 7.0]]), length=2)
    at = found.ratios[0, 1::2][:3], found.ratios[0, 2::2]
    means = np.array([at[1].mean(), at[0].mean()])
    expected = np.array([at[1].std(ddof=1), at[0].std(ddof=1)]) / np.sqrt(3) / means.mean()
    np.testing.assert_allclose(found.standard_errors[0], expected)


def test_two_years_scatter_as_they_differ() -> None:
    """With two years exactly there is one ratio a period, which scatters as the two years' shares differ."""
    found = seasonal_profiles(np.array([[8.0, 12.0, 8.0, 12.0, 12.0, 8.0, 12.0, 8.0]]), length=4)
    scale = found.ratios[0, 2:6].mean()
    np.testing.assert_allclose(found.standard_errors[0] * scale, np.sqrt(0.4**2 / 2))


def test_median_holds_one_large_sale_back() -> None:
    """One year's large sale moves the mean of the ratios and hardly their median."""
    sales = np.full((1, 28), 10.0)
    sales[0, 13] = 100.0
    moved = [seasonal_profiles(sales, length=4, center=center).factors[0, 1] for center in ("mean", "median")]
    assert moved[0] > 1.3
    assert moved[1] == pytest.approx(1)


def test_errors_from_sales() -> None:
    """The error of a factor is that of a binomial share of so many sales."""
    errors = errors_from_sales(np.array([[2.0, 1.0, 1.0, 0.0]]), effective_sales=np.array([25.0]))
    np.testing.assert_allclose(errors, 4 * np.sqrt(np.array([[0.25, 0.1875, 0.1875, 0.0]]) / 25))


def test_weights_follow_the_days_to_come() -> None:
    """A year's shares are its levels per day times its days, and nothing where there is no level."""
    weights = season_weights(np.array([[1.5, 0.5], [0.0, 0.0]]), working_days=np.array([10.0, 30.0]))
    assert weights[0].tolist() == [0.5, 0.5]
    assert np.isnan(weights[1]).all()


@pytest.mark.parametrize(
    ("sales", "days", "length", "first"),
    [
        ([1.0, -1.0], [1.0, 1.0], 2, 0),
        ([1.0, np.inf], [1.0, 1.0], 2, 0),
        ([1.0, 1.0], [1.0, 0.0], 2, 0),
        ([1.0, 1.0], [1.0, np.nan], 2, 0),
        ([1.0, 1.0], [1.0, 1.0], 1, 0),
        ([1.0, 1.0], [1.0, 1.0], 2, 2),
    ],
)
def test_unusable_history_is_refused(sales: list[float], days: list[float], length: int, first: int) -> None:
    """Negative or infinite sales, sales without a working day, unknown days and impossible years are refused."""
    with pytest.raises(ValueError, match=r"must be|cannot begin|without a working day"):
        seasonal_profiles(np.array([sales]), length=length, first=first, working_days=np.array(days))

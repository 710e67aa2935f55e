"""Seasons of a year from past sales: ratio to moving average, or shares of the year where history is short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["SeasonalProfiles", "errors_from_sales", "moving_average", "season_weights", "seasonal_profiles"]


@dataclass(frozen=True)
class SeasonalProfiles:
    """Seasons of several series, with what they rest on.

    Attributes
    ----------
    factors : Floats, shape (n_series, length)
        Level of each period of the year, with a mean of 1 over the year; per working day where working days were
        given. nan throughout where there is no full year.
    standard_errors : Floats, shape (n_series, length)
        Of the factors, from how the ratios scatter between years; nan where there are no two years to compare.
    counts : Ints, shape (n_series, length)
        Ratios, or shares, behind each factor.
    basis : tuple of {"moving average", "shares", "none"}
        How each series was read; `n_series` of them.
    trend : Floats, shape (n_series, n_periods)
        Centered moving average, in the unit of the sales (per working day where these were given); nan at both ends.
    ratios : Floats, shape (n_series, n_periods)
        Sales over trend; nan where there is none.
    """

    factors: Floats
    standard_errors: Floats
    counts: Ints
    basis: tuple[Literal["moving average", "shares", "none"], ...]
    trend: Floats
    ratios: Floats


def moving_average(series: Floats, *, length: int) -> Floats:
    """Average each period with its neighbors over one full year, the period in the middle.

    An even year takes half of the period at each end, so that each period of the year weighs the same.

    Parameters
    ----------
    series : Floats, shape (n_series, n_periods)
        Any unit; nan where nothing is known.
    length : int
        Periods a year, at least 1.

    Returns
    -------
    Floats, shape (n_series, n_periods)
        Unit of the series; nan where the window leaves the series or meets a nan.

    Examples
    --------
    >>> moving_average(np.array([[1.0, 2.0, 3.0, 4.0, 9.0]]), length=4).tolist()
    [[nan, nan, 3.5, nan, nan]]
    """
    kernel = np.ones(length + 1 - length % 2)
    if length % 2 == 0:
        kernel[[0, -1]] = 0.5
    averages = np.full(series.shape, np.nan)
    reach = len(kernel) // 2
    if series.shape[1] >= len(kernel):
        windows = np.lib.stride_tricks.sliding_window_view(series, len(kernel), axis=1)
        averages[:, reach : series.shape[1] - reach] = windows @ (kernel / length)
    return averages


def seasonal_profiles(
    sales: Floats,
    *,
    length: int,
    first: int = 0,
    working_days: Floats | None = None,
    center: Literal["mean", "median"] = "mean",
) -> SeasonalProfiles:
    """Read the season of each series from its past (classical multiplicative decomposition).

    With at least two full years, each period's sales are divided by their centered moving average, the ratios of the
    same period of the year are averaged, and the averages scaled to a mean of 1. Partial years at either end count as
    far as the moving average reaches. With less, the shares of the year speak: of the full years of the calendar, or
    where none is full, of the latest periods that make up a year (a trend then shows as a step). With less than
    a year there is no profile.

    Working days turn sales into sales per working day first. A period of the year that never has a working day gets a
    factor of 0.

    Parameters
    ----------
    sales : Floats, shape (n_series, n_periods)
        Sales per period, in any unit, at least 0; nan where a series has not begun or has ended.
    length : int
        Periods a year, at least 2.
    first : int, optional
        Place in the year of the first period, from 0.
    working_days : Floats, optional
        Days per period, shape (n_periods,) or that of the sales, at least 0.
    center : {"mean", "median"}, optional
        How the ratios of a period of the year are averaged. The median holds single large sales back, and needs three
        ratios or more to differ.

    Returns
    -------
    SeasonalProfiles
        Factors, their standard errors, and the trend and ratios behind them.

    Raises
    ------
    ValueError
        When sales are negative or infinite, days are negative or not finite, a period without a working day has sales,
        the length is below 2, or `first` is not a place of the year.

    References
    ----------
    Makridakis, Wheelwright and Hyndman (1998), *Forecasting: Methods and Applications*, Wiley, chapter 3.

    Examples
    --------
    Two years at a steady level.

    >>> found = seasonal_profiles(np.array([[8.0, 10.0, 12.0, 10.0] * 2]), length=4)
    >>> found.factors.tolist(), found.basis
    ([[0.8, 1.0, 1.2, 1.0]], ('moving average',))
    """
    days = np.ones(sales.shape) if working_days is None else np.broadcast_to(working_days, sales.shape)
    _refuse_unusable(sales, days=days, length=length, first=first)
    level = moving_average(days, length=length)
    trend = _ratio(moving_average(sales, length=length), level)
    rates = _ratio(sales, days)
    ratios = _ratio(rates, trend)
    by_year = _by_year(ratios, length=length, first=first)
    closed = ~(_by_year(days, length=length, first=first) > 0).any(axis=1)
    counts = np.isfinite(by_year).sum(axis=1)
    long = (np.isfinite(sales).sum(axis=1) >= 2 * length) & ((counts > 0) | closed).all(axis=1)
    shares, share_counts = _shares_of_the_year(sales, days=days, length=length, first=first)
    factors = np.where(long[:, None], _centers(by_year, counts, center=center), shares)
    factors[closed] = 0.0
    scale = _ratio(np.ones(len(sales)), factors.mean(axis=1))[:, None]
    known = np.isfinite(scale[:, 0])
    errors = _scatter(by_year, counts=counts, two_years=_latest_two(sales, days=days, length=length))
    if center == "median":
        errors = np.where(counts > 2, np.sqrt(np.pi / 2) * errors, errors)
    errors[closed] = 0.0
    return SeasonalProfiles(
        factors=factors * scale,
        standard_errors=np.where(long[:, None] & known[:, None], errors * scale, np.nan),
        counts=np.where(known[:, None], np.where(long[:, None], counts, share_counts), 0),
        basis=tuple(
            "none" if not is_known else "moving average" if is_long else "shares"
            for is_known, is_long in zip(known.tolist(), long.tolist(), strict=True)
        ),
        trend=trend,
        ratios=ratios,
    )


def errors_from_sales(factors: Floats, *, effective_sales: Floats) -> Floats:
    """Tell how far chance moves the shares of one year, from the number of sales behind them.

    A year's sales that fall into the periods independently have shares with the variance ``s (1 - s) / n``, where `n`
    is the effective number of sales: ``(sum of amounts)**2 / (sum of squared amounts)``, their number where all are
    equally large and fewer otherwise.

    Parameters
    ----------
    factors : Floats, shape (n_series, length)
        With a mean of 1.
    effective_sales : Floats, shape (n_series,)
        Effective number of sales behind each profile, above 0.

    Returns
    -------
    Floats, shape (n_series, length)
        Standard errors of the factors.

    Examples
    --------
    >>> errors_from_sales(np.array([[1.0, 1.0]]), effective_sales=np.array([100.0])).round(12).tolist()
    [[0.1, 0.1]]
    """
    length = factors.shape[1]
    errors: Floats = np.sqrt(factors * np.maximum(length - factors, 0.0) / effective_sales[:, None])
    return errors


def season_weights(factors: Floats, *, working_days: Floats | None = None) -> Floats:
    """Turn factors into shares of a year to come.

    Parameters
    ----------
    factors : Floats, shape (n_series, length)
        Levels, per working day where `working_days` is given; at least 0.
    working_days : Floats, optional
        Days per period of the year to come, shape (length,) or that of the factors.

    Returns
    -------
    Floats, shape (n_series, length)
        Shares with a sum of 1; nan where no period has a level.

    Examples
    --------
    >>> season_weights(np.array([[1.0, 1.0]]), working_days=np.array([15.0, 5.0])).tolist()
    [[0.75, 0.25]]
    """
    weights: Floats = factors if working_days is None else factors * working_days
    return _ratio(weights, weights.sum(axis=1, keepdims=True))


def _refuse_unusable(sales: Floats, *, days: Floats, length: int, first: int) -> None:
    if length < 2 or not 0 <= first < length:
        raise ValueError(f"a year of {length} periods cannot begin at place {first}")
    if (sales < 0).any() or np.isinf(sales).any():
        raise ValueError("sales must be finite and at least 0, or nan where nothing is known")
    if not (np.isfinite(days) & (days >= 0)).all():
        raise ValueError("working days must be finite and at least 0")
    if ((days == 0) & (sales > 0)).any():
        raise ValueError("a period without a working day has sales")


def _ratio(above: Floats, below: Floats) -> Floats:
    """Divide; nan where there is nothing to divide by."""
    quotient: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return quotient


def _by_year(series: Floats, *, length: int, first: int) -> Floats:
    """Lay each series out by year and period of the year, shape (n_series, n_years, length), nan around it."""
    behind = -(first + series.shape[1]) % length
    padded = np.pad(series, ((0, 0), (first, behind)), constant_values=np.nan)
    return padded.reshape(len(series), -1, length)


def _centers(by_year: Floats, counts: Ints, *, center: Literal["mean", "median"]) -> Floats:
    """Average over the years where anything is known."""
    if center == "mean":
        return _ratio(np.nansum(by_year, axis=1), counts.astype(np.float64))
    ordered = np.sort(by_year, axis=1)  # nan last
    last = np.maximum(counts - 1, 0)
    middle = [np.take_along_axis(ordered, place[:, None], axis=1)[:, 0] for place in (last // 2, (last + 1) // 2)]
    centers: Floats = (middle[0] + middle[1]) / 2
    return centers


def _shares_of_the_year(sales: Floats, *, days: Floats, length: int, first: int) -> tuple[Floats, Ints]:
    """Level of each period against its year's: mean over full calendar years, else of the latest full year."""
    years, year_days = (_by_year(series, length=length, first=first) for series in (sales, days))
    year_levels = _ratio(years.sum(axis=2, keepdims=True), year_days.sum(axis=2, keepdims=True))
    levels = _ratio(_ratio(years, year_days), year_levels)
    full = np.isfinite(year_levels)
    counts = np.broadcast_to(full.sum(axis=1), (len(sales), length))
    shares = _ratio(np.where(full, np.nan_to_num(levels), 0.0).sum(axis=1), counts.astype(np.float64))
    sold, worked, columns = _latest(sales, days=days, many=length)
    relative = _ratio(_ratio(sold, worked), _ratio(sold.sum(axis=1, keepdims=True), worked.sum(axis=1, keepdims=True)))
    rolled = np.full(shares.shape, np.nan)
    np.put_along_axis(rolled, (columns + first) % length, relative, axis=1)
    return np.where(counts > 0, shares, rolled), np.where(counts > 0, counts, 1)


def _latest(sales: Floats, *, days: Floats, many: int) -> tuple[Floats, Floats, Ints]:
    """Return sales, days and columns of the last periods up to the end of each series; nan before its beginning."""
    ends = sales.shape[1] - np.argmax(np.isfinite(sales)[:, ::-1], axis=1)
    columns = ends[:, None] + np.arange(-many, 0)
    sold, worked = (np.take_along_axis(series, np.maximum(columns, 0), axis=1) for series in (sales, days))
    return np.where(columns >= 0, sold, np.nan), worked, columns


def _latest_two(sales: Floats, *, days: Floats, length: int) -> Floats:
    """Levels of the latest two years, each against its own year's, shape (n_series, 2, length)."""
    sold, worked = (x.reshape(-1, 2, length) for x in _latest(sales, days=days, many=2 * length)[:2])
    return _ratio(_ratio(sold, worked), _ratio(sold.sum(axis=2, keepdims=True), worked.sum(axis=2, keepdims=True)))


def _scatter(by_year: Floats, *, counts: Ints, two_years: Floats) -> Floats:
    """Work out standard errors of mean ratios; where a period has a single one, it scatters as the others do.

    Where every period has a single one, it scatters as the same periods of the latest two years differ.
    """
    means = _ratio(np.nansum(by_year, axis=1), counts.astype(np.float64))
    squares = np.nansum((by_year - means[:, None]) ** 2, axis=1)
    spare = np.maximum(counts - 1, 0).astype(np.float64)
    pooled = _ratio(squares.sum(axis=1), spare.sum(axis=1))
    differences = two_years[:, 1] - two_years[:, 0]
    compared = np.isfinite(differences).sum(axis=1).astype(np.float64)
    halved = _ratio(np.nansum(differences**2, axis=1), 2 * compared)
    single = np.where(np.isfinite(pooled), pooled, halved)[:, None]
    variances = np.where(counts > 1, _ratio(squares, spare), single)
    errors: Floats = np.sqrt(_ratio(variances, counts.astype(np.float64)))
    return errors

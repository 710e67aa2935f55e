"""Seasons of a horizon, read from past sales."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from engines import ENGINES, held_by

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
# decompose; its absolute values.
QUARTERS = """
    50 175 149 214 247 237 225 329 729 809 530 489 540 457 195 176
    337 239 128 102 232 429 3 98 43 141 77 13 125 361 45 184
"""


def monthly(numbers: list[float], *, year: int, step: int = 1, **more: Any) -> list[dict[str, Any]]:
    """Give one row for each period, dated on its first day."""
    return [
        {"date": date(year + i * step // 12, i * step % 12 + 1, 1), "amount": float(one), **more}
        for i, one in enumerate(numbers)
    ]


def daily(levels: list[float], *, start: date, days: int, **more: Any) -> list[dict[str, Any]]:
    """Give one row a day, of an amount that depends on the month."""
    dates = (start + timedelta(days=i) for i in range(days))
    return [{"date": day, "amount": levels[day.month - 1], **more} for day in dates]


AIR = monthly([float(one) for one in PASSENGERS.split()], year=1949)


def column(history: pa.SeasonalHistory, name: str) -> list[float]:
    """Give one column of the rows."""
    return [row[name] for row in history.rows()]


def test_airline_indices_and_the_year_1961() -> None:
    """Indices are those that R's decompose prints, and with its trend they give the printed plan of 1961."""
    history = pa.Seasonality.from_history(AIR)
    printed = [0.9102304, 0.8836253, 1.0073663, 0.9759060, 0.9813780, 1.1127758]
    printed += [1.2265555, 1.2199110, 1.0604919, 0.9217572, 0.8011781, 0.8988244]
    indices = column(history, "index")
    assert np.round(indices, 7).tolist() == printed
    # "2.667 t + 84.648" for t = 145 to 156, times the seasons.
    plan = (2.667 * np.arange(145, 157) + 84.648) * np.array(indices)
    printed = [429.0489, 418.8649, 480.2085, 467.8142, 473.0546, 539.3602]
    printed += [597.7802, 597.7954, 522.5033, 456.6072, 399.0131, 450.0414]
    assert plan.round(4).tolist() == pytest.approx(printed, abs=1e-4)
    assert history.periods[0] == "1961-01"


def test_the_airline_season_is_hardly_damped() -> None:
    """Twelve years leave little noise: the season is drawn toward a flat year by half a percent, as is told."""
    (season,) = pa.Seasonality.from_history(AIR).seasons
    assert (season.basis, season.years, season.estimator) == ("moving average", 12.0, "James-Stein")
    assert 0.004 < season.shrinkage < 0.007


def test_quarterly_seasons() -> None:
    """Rows of quarters give the multiplicative quarters that R's decompose gives, to the printed digits."""
    rows = monthly([float(one) for one in QUARTERS.split()], year=2001, step=3)
    history = pa.Seasonality.from_history(rows, grain="quarter", method="none")
    assert np.round(column(history, "index"), 4).tolist() == [1.0815, 1.5538, 0.6716, 0.6931]
    assert column(history, "weight") == pytest.approx([one / 4 for one in column(history, "index")], rel=1e-12)


def test_benchmarking_of_the_manual() -> None:
    """Quarters chained to two annual totals are those of the IMF's *Quarterly National Accounts Manual*, chapter 6.

    Its table prints 1042.9 where the exact solution is 1042.85.
    """
    indicator = [98.2, 100.8, 102.2, 100.8, 99.0, 101.6, 102.7, 101.5, 100.5, 103.0, 103.5, 101.5]
    season = pa.Seasonality(id="gdp", grain="quarter", weights=indicator, normalize=True)
    weights = np.array(season.chained([4000.0, 4161.4]).weights)
    printed = [969.8, 998.4, 1018.3, 1013.4, 1007.2, 1042.9, 1060.3, 1051.0, 1040.6, 1066.5, 1071.7, 1051.0]
    assert weights / weights[:4].sum() * 4000 == pytest.approx(printed, abs=0.06)


def test_a_chained_year_begins_where_the_last_one_ended() -> None:
    """After a flat year of 100 a month, a year of 1800 climbs from there, instead of stepping up to 150."""
    flat = pa.Seasonality(id="flat", grain="month", weights=[1 / 12] * 12)
    year = [1800 * weight for weight in flat.chained([1800], before=[100] * 12).weights]
    assert sum(year) == pytest.approx(1800, rel=1e-12)
    assert 100 < year[0] < 112
    assert year == sorted(year)


def test_chained_years_have_their_parts_of_the_total() -> None:
    """Each year's weights are its part of the totals, and a month without a season stays empty."""
    weights = [0.0, *[1 / 11] * 11]
    chained = pa.Seasonality(id="no January", grain="month", weights=weights).chained([100, 200, 100])
    years = np.array(chained.weights).reshape(3, 12)
    assert years.sum(axis=1) == pytest.approx([0.25, 0.5, 0.25], rel=1e-12)
    assert years[:, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("totals", "before"), [([], []), ([100, -1], []), ([0.0], []), ([100], [1] * 13), ([float("nan")], [])]
)
def test_what_cannot_be_chained_is_refused(totals: list[float], before: list[float]) -> None:
    """No total, one below zero, nothing at all, more than a year before: each is an error that says so."""
    with pytest.raises(pa.InputError):
        pa.Seasonality(id="flat", grain="month", weights=[1 / 12] * 12).chained(totals, before=before)


def test_weeks_cannot_be_chained() -> None:
    """A year of weeks has 52 of them or 53."""
    with pytest.raises(pa.InputError, match="by week cannot be chained"):
        pa.Seasonality(id="weeks", grain="week", weights=[1 / 52] * 52).chained([1, 2])


@pytest.mark.parametrize("engine", ENGINES)
def test_any_table_gives_the_same_bytes(engine: str) -> None:
    """Seasonalities from any engine are those from rows of dicts, bit by bit."""
    rows = [row | {"amount": row["amount"] / 7, "segment": "AB"[i % 2]} for i, row in enumerate(AIR + AIR)]
    first, second = (pa.Seasonality.from_history(one, by="segment") for one in (rows, held_by(engine, rows)))
    assert first.seasonalities == second.seasonalities
    assert first.seasons == second.seasons


@pytest.mark.parametrize(("grain", "step"), [("quarter", 3), ("quadrimester", 4), ("semester", 6)])
def test_coarse_weights_are_sums_of_months(grain: Any, step: int) -> None:
    """A coarser season is read and shrunk by months, then added up."""
    months = np.array(column(pa.Seasonality.from_history(AIR), "weight"))
    coarse = pa.Seasonality.from_history(AIR, grain=grain).seasonalities[0]
    assert coarse.weights == pytest.approx(months.reshape(-1, step).sum(axis=1), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 10_000), min_size=12, max_size=30).filter(lambda sold: sum(sold[:12]) * sum(sold[-12:]) > 0)
)
def test_weights_are_shares(sold: list[int]) -> None:
    """Whatever was sold, weights are at least 0 and sum to 1, so that a strategy takes them."""
    history = pa.Seasonality.from_history(monthly([float(one) for one in sold], year=2020))
    weights = np.array(history.seasonalities[0].weights)
    assert (weights >= 0).all()
    assert abs(weights.sum() - 1) < 1e-12


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 10_000), min_size=12, max_size=12), st.integers(1, 2))
def test_a_year_alone_gives_its_shares(sold: list[int], years: int) -> None:
    """The shares of one year, and of two alike, are the weights, where nothing is shrunk."""
    history = pa.Seasonality.from_history(monthly([float(one) for one in sold] * years, year=2020), method="none")
    assert history.seasons[0].basis == ("shares" if years == 1 else "moving average")
    assert history.seasonalities[0].weights == pytest.approx(np.array(sold) / sum(sold), rel=1e-9)


def test_a_fiscal_year_begins_where_the_calendar_does() -> None:
    """A horizon from April takes the season from April on."""
    calendar = pa.Calendar(start=date(1961, 4, 1), end=date(1962, 3, 31))
    fiscal = pa.Seasonality.from_history(AIR, calendar=calendar)
    assert fiscal.periods[0] == "1961-04"
    by_month = {row["period"][-2:]: row["index"] for row in pa.Seasonality.from_history(AIR).rows()}
    assert {row["period"][-2:]: row["index"] for row in fiscal.rows()} == pytest.approx(by_month, rel=1e-12)


def test_a_horizon_of_two_years_repeats_the_season() -> None:
    """Two years have 24 weights, half of the whole in each."""
    calendar = pa.Calendar(start=date(1961, 1, 1), end=date(1962, 12, 31))
    weights = pa.Seasonality.from_history(AIR, calendar=calendar).seasonalities[0].weights
    assert weights[:12] == weights[12:]
    assert sum(weights) == pytest.approx(1, rel=1e-12)


def test_a_horizon_cut_short_takes_a_part_of_its_last_month() -> None:
    """Ten days of February weigh 10 of 28."""
    calendar = pa.Calendar(start=date(1961, 1, 1), end=date(1961, 2, 10))
    january, february = pa.Seasonality.from_history(AIR, calendar=calendar).seasonalities[0].weights
    whole = pa.Seasonality.from_history(AIR).seasonalities[0].weights
    assert february / january == pytest.approx(whole[1] / whole[0] * 10 / 28, rel=1e-12)


def test_working_days_are_taken_out_and_put_back() -> None:
    """Sales of 1 a working day have no season, and weights follow the working days of the horizon."""
    days = [date(2025, 1, 1) + timedelta(days=i) for i in range(730)]
    rows = [{"date": day, "amount": 1.0} for day in days if day.weekday() < 5]
    calendar = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
    history = pa.Seasonality.from_history(rows, calendar=calendar, working_days=True)
    assert column(history, "index") == pytest.approx([1.0] * 12, rel=1e-12)
    # Monday to Friday by month of 2027
    truth = np.array([21, 20, 23, 22, 21, 22, 22, 22, 22, 21, 22, 23])
    assert column(history, "weight") == pytest.approx(truth / 261, rel=1e-12)


def test_partial_months_at_either_end_do_not_count() -> None:
    """Sales from mid-December to mid-January of the third year: both halves are told, and 24 months are left."""
    rows = daily([1.0] * 12, start=date(2023, 12, 15), days=17 + 731 + 15)
    history = pa.Seasonality.from_history(rows)
    (told,) = history.set_aside
    assert (told.rule, told.rows, told.outside) == (
        "lies in a period of which the table holds only a part",
        17 + 15,
        True,
    )
    assert history.seasons[0].years == 2.0


def test_a_period_that_lacks_no_more_than_the_usual_wait_counts() -> None:
    """Who sells from Monday to Friday has sold all of May when it ends on a Sunday; that it counts is told."""
    rows = [row for row in daily([1.0] * 12, start=date(2025, 6, 2), days=363) if row["date"].weekday() < 5]
    calendar = pa.Calendar(start=date(2026, 6, 1), end=date(2027, 5, 31))
    history = pa.Seasonality.from_history(rows, calendar=calendar, on_dirty="refuse")
    assert [(one.rule, one.counted, one.outside) for one in history.set_aside] == [
        ("is in 2025-06, whose first day has no sale: read as complete; say since=... if not", True, True),
        ("is in 2026-05, whose last 2 days have no sale: read as complete; say until=... if not", True, True),
    ]
    assert [one.rows for one in history.set_aside] == [21, 21]
    assert history.seasons[0].years == 1.0


def test_an_unfinished_month_is_none() -> None:
    """A daily seller's December that ends on the 26th is not over; who knows that nothing follows says so."""
    rows = daily([1.0] * 12, start=date(2024, 1, 1), days=366 + 360)
    (told,) = pa.Seasonality.from_history(rows).set_aside
    assert (told.rule, told.rows) == ("lies in a period of which the table holds only a part", 26)
    assert pa.Seasonality.from_history(rows, until=date(2025, 12, 31)).set_aside == ()
    with pytest.raises(pa.InputError, match=r"say since=\.\.\. and until=\.\.\."):
        pa.Seasonality.from_history(rows[366:])


def test_more_than_a_week_is_lacking_whatever_the_rhythm() -> None:
    """Of sales on the 15th of each month ten months are whole; who knows that the year is over says so."""
    rows = [{"date": date(2026, month, 15), "amount": 1.0} for month in range(1, 13)]
    with pytest.raises(pa.InputError, match="10 months are known and 12 are needed"):
        pa.Seasonality.from_history(rows)
    history = pa.Seasonality.from_history(rows, since=date(2026, 1, 1), until=date(2026, 12, 31))
    assert (history.seasons[0].years, history.set_aside) == (1.0, ())


@pytest.mark.parametrize(("since", "until"), [(None, date(2026, 11, 12)), (date(2024, 1, 2), date(2026, 10, 31))])
def test_a_period_that_the_user_cuts_is_none_even_where_rows_stand_for_periods(since: date | None, until: date) -> None:
    """A November of which twelve days are complete does not count, though its row is dated on its first day."""
    history = pa.Seasonality.from_history(monthly([1.0] * 35, year=2024), since=since, until=until)
    assert history.seasons[0].years == round((34 if since is None else 33) / 12, 2)


def test_what_is_not_sold_while_the_table_is_complete_is_zero() -> None:
    """A year counted from `since` is full though its first sale comes in its fourth month."""
    rows = [row for row in daily([1.0] * 12, start=date(2025, 7, 1), days=365) if row["date"] >= date(2025, 10, 1)]
    rows += daily([1.0] * 12, start=date(2026, 7, 1), days=31)
    calendar = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
    with pytest.raises(pa.InputError, match=r"10 months are known and 12 are needed(.|\n)*say since="):
        pa.Seasonality.from_history(rows, calendar=calendar)
    history = pa.Seasonality.from_history(
        rows, calendar=calendar, method="none", since=date(2025, 7, 1), until=date(2026, 7, 31)
    )
    assert history.seasons[0].years == 1.08
    assert [i for i, weight in enumerate(history.seasonalities[0].weights) if weight == 0] == [7, 8]


def test_a_product_launched_in_a_complete_table_has_no_empty_months_before() -> None:
    """That the table is complete says nothing of when a product began: the others sold before it did."""
    rows = monthly([1.0] * 36, year=2023, product="old") + monthly([1.0] * 36, year=2023, product="new")[7:]
    history = pa.Seasonality.from_history(rows, by="product", since=date(2023, 1, 1), method="none")
    assert history.seasons[0].years == 2.42


def test_the_user_says_from_when_to_when_a_table_is_complete() -> None:
    """With `since` and `until`, months without a sale at either end are empty, not unknown; what is outside is told."""
    rows = daily([0, 0, 1.0, 1, 1, 1, 1, 1, 1, 0, 0, 0], start=date(2024, 1, 1), days=800)
    rows = [row for row in rows if row["amount"]]
    history = pa.Seasonality.from_history(rows, since=date(2024, 1, 1), until=date(2025, 12, 31), method="none")
    weights = history.seasonalities[0].weights
    assert [i for i, weight in enumerate(weights) if weight == 0] == [0, 1, 9, 10, 11]
    assert [one.rule for one in history.set_aside] == ["is dated after 2025-12-31"]


def test_a_product_launched_in_mid_year_has_no_empty_months_before() -> None:
    """Months before the first sale are unknown where later years sell in them: an even seller stays even."""
    rows = monthly([1.0] * 36, year=2023, product="old") + monthly([1.0] * 36, year=2023, product="new")[7:]
    history = pa.Seasonality.from_history(rows, by="product", method="none")
    new = history.seasons[0]
    assert (new.key, new.years) == ("new", 2.42)
    assert history.seasonalities[0].weights == pytest.approx([1 / 12] * 12, rel=1e-12)


def test_a_product_without_a_full_year_takes_the_season_of_the_others() -> None:
    """Three months tell no season: the weight of the others is 1, and the basis none."""
    rows = monthly([1.0, 3.0] * 12, year=2025, product="old") + monthly([5.0] * 24, year=2025, product="new")[21:]
    history = pa.Seasonality.from_history(rows, by="product", method="none")
    new, old = history.seasons
    assert (new.basis, new.shrinkage, isnan(new.indices[0])) == ("none", 1.0, True)
    assert history.seasonalities[0].weights == pytest.approx(history.seasonalities[1].weights, rel=1e-12)
    assert (old.basis, old.shrinkage) == ("moving average", 0.0)


def test_a_month_in_which_nobody_ever_sells_stays_empty() -> None:
    """August is empty in every year and for every key: its weight is 0, shrunk or not."""
    levels = [4.0, 5, 6, 5, 4, 5, 6, 0, 5, 6, 4, 5]
    rows = []
    for key in "ABC":
        rows += [row for row in daily(levels, start=date(2024, 1, 1), days=731, segment=key) if row["amount"]]
    history = pa.Seasonality.from_history(rows, by="segment", since=date(2024, 1, 1), until=date(2025, 12, 31))
    assert [one.weights[7] for one in history.seasonalities] == [0, 0, 0]


def test_a_small_seller_with_an_empty_month_by_chance_does_not_keep_it() -> None:
    """Two sales in a year say nothing of the ten other months: the others' season fills them, as far as it can.

    James-Stein's weight of the target is at most (p - 3) / (p - 1) for p periods.
    """
    busy = [row for key in "ABC" for row in daily([1.0] * 12, start=date(2026, 1, 1), days=365, segment=key)]
    small = [{"date": day, "amount": 5.0, "segment": "D"} for day in (date(2026, 3, 3), date(2026, 9, 9))]
    history = pa.Seasonality.from_history([*busy, *small], by="segment")
    few = history.seasonalities[3].weights
    assert all(weight > 0 for weight in few)
    assert history.seasons[3].shrinkage == pytest.approx(9 / 11, rel=1e-12)


def test_months_below_zero_are_told_and_count_as_zero() -> None:
    """A month of more credits than sales is 0, and what it lacks is told."""
    sold = [10.0] * 12
    sold[4] = -30.0
    history = pa.Seasonality.from_history(monthly(sold, year=2026), method="none")
    (told,) = history.set_aside
    assert (told.rule, told.rows, told.amount) == (
        "is in a period that credits bring below zero, which counts as 0",
        1,
        -30.0,
    )
    assert history.seasonalities[0].weights[4] == 0


def dirty() -> list[dict[str, Any]]:
    """Give a clean year, and five rows that cannot be used."""
    clean = [row | {"segment": "A", "cur": "EUR", "date": str(row["date"])} for row in monthly([1.0] * 12, year=2026)]
    wrong: list[dict[str, Any]] = [
        {"segment": None},
        {"date": "31/12/2026"},
        {"date": None},
        {"amount": float("nan")},
        {"cur": "USD"},
    ]
    return clean + [clean[0] | one for one in wrong]


@pytest.mark.parametrize("engine", ENGINES)
def test_dirty_rows_are_told(engine: str) -> None:
    """A missing key, dates that are none, an amount that is none and another currency: each told, none lost."""
    history = pa.Seasonality.from_history(
        held_by(engine, dirty()), by="segment", columns={"currency": "cur"}, currency="EUR", method="none"
    )
    assert [(one.rule.split(";")[0], one.rows) for one in history.set_aside] == [
        ("has no segment", 1),
        ("is not in EUR", 1),
        ("has a date that is no date", 1),
        ("has no date", 1),
        ("has no amount, or none that is a number", 1),
    ]
    assert history.seasonalities[0].weights == pytest.approx([1 / 12] * 12, rel=1e-12)


def test_dirty_rows_are_refused_where_that_is_asked_for() -> None:
    """All that is wrong is in one error, with counts."""
    with pytest.raises(pa.InputError, match="5 things to correct") as told:
        pa.Seasonality.from_history(
            dirty(), by="segment", columns={"currency": "cur"}, currency="EUR", on_dirty="refuse"
        )
    assert {finding.code for finding in told.value.findings} == {"dirty-rows"}
    assert "history: one row is not in EUR: 'USD'." in str(told.value)


def test_what_is_only_outside_is_not_refused() -> None:
    """Sales after the day asked for are no dirt."""
    rows = monthly([1.0] * 24, year=2025)
    history = pa.Seasonality.from_history(rows, until=date(2025, 12, 31), on_dirty="refuse")
    assert [one.outside for one in history.set_aside] == [True]


def test_currencies_that_are_mixed_are_refused() -> None:
    """Amounts of several currencies have no sum, and nobody guesses which counts."""
    with pytest.raises(pa.InputError, match="amounts in EUR, USD") as told:
        pa.Seasonality.from_history(dirty(), by="segment", columns={"currency": "cur"})
    assert "currency='EUR'" in str(told.value)


@pytest.mark.parametrize("asked", ["eur", None])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_blank_currency_is_told(engine: str, asked: str | None) -> None:
    """An amount without a currency counts as one of those that are read, which is told, and refused where asked for."""
    rows = [row | {"currency": None if i == 3 else "EUR"} for i, row in enumerate(monthly([5.0] * 12, year=2026))]
    history = pa.Seasonality.from_history(held_by(engine, rows), currency=asked)
    assert [(one.rule, one.rows, one.amount, one.counted) for one in history.set_aside] == [
        ("has no currency, taken as EUR", 1, 5.0, True)
    ]
    assert history.seasons[0].amount == 60
    with pytest.raises(pa.InputError, match="one row has no currency, taken as EUR"):
        pa.Seasonality.from_history(held_by(engine, rows), currency=asked, on_dirty="refuse")


@pytest.mark.parametrize(
    ("other", "hint"), [("USD", "Amounts are in USD"), (None, "The column of currencies is blank")]
)
def test_blank_currencies_alone_are_no_season(other: str | None, hint: str) -> None:
    """Where no row is in the currency asked for, those without one do not stand in; without the column, all do."""
    rows = [row | {"currency": other if i % 2 else None} for i, row in enumerate(monthly([5.0] * 24, year=2025))]
    with pytest.raises(pa.InputError, match=f"no amount in EUR\n{hint}"):
        pa.Seasonality.from_history(rows, currency="EUR")
    assert pa.Seasonality.from_history(rows, currency="EUR", columns={"currency": None}).seasons[0].amount == 120


def test_rows_of_one_id_count_once_where_ids_are_named() -> None:
    """A sale that stands twice counts once; without a mapping a column called id is another's."""
    rows = [row | {"id": str(i)} for i, row in enumerate(monthly([1.0] * 12, year=2026))]
    history = pa.Seasonality.from_history([*rows, rows[0]], columns={"id": "id"}, method="none")
    assert [(one.rule, one.rows) for one in history.set_aside] == [("repeats a row with the same id", 1)]
    assert history.seasons[0].amount == 12
    assert pa.Seasonality.from_history([*rows, rows[0]], method="none").seasons[0].amount == 13


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no sale that counts"),
        (monthly([1.0] * 11, year=2026), "no full year"),
        ([{"date": None, "amount": 1.0}], "no sale that counts"),
        ([{"date": date(2026, 5, 13), "amount": 1.0}], "no whole month"),
    ],
)
def test_too_little_history_is_refused(rows: list[dict[str, Any]], message: str) -> None:
    """An empty table, less than a year, and dates that are none say nothing of a season."""
    with pytest.raises(pa.InputError, match=message):
        pa.Seasonality.from_history(rows)


@pytest.mark.parametrize("option", ["grain", "center", "method", "on_dirty"])
def test_an_unknown_option_is_refused(option: str) -> None:
    """What is none of an option's values is named."""
    with pytest.raises(pa.UnknownNameError, match=f"{option}: 'week' is none of the choices"):
        pa.Seasonality.from_history(AIR, **{option: "week"})  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["id", "date", "amount", "currency"])
def test_seasons_are_told_apart_by_something_else(by: str) -> None:
    """A column that is read anyway tells no seasons apart."""
    with pytest.raises(pa.InputError, match=f"told apart by {by}"):
        pa.Seasonality.from_history(AIR, by=by)


@pytest.mark.parametrize("pattern", [None, "4-4-5"])
@pytest.mark.parametrize("start", [date(2027, 1, 4), date(2026, 7, 20)])
def test_any_fiscal_year_cuts_history_as_it_cuts_the_horizon(pattern: Any, start: date) -> None:
    """Even sales of four years have an even season per day, in months of the calendar and of whole weeks."""
    calendar = pa.Calendar(start=start, end=start + timedelta(days=363), pattern=pattern)
    rows = daily([1.0] * 12, start=start - timedelta(days=1461), days=1461)
    history = pa.Seasonality.from_history(rows, calendar=calendar, method="none")
    lengths = [(period.end - period.start).days + 1 for period in calendar.periods("month")]
    for weight, length in zip(history.seasonalities[0].weights, lengths, strict=True):
        assert weight == pytest.approx(length / 364, rel=0.02)


def test_a_cell_that_is_a_list_is_told_as_it_is() -> None:
    """A list where a date belongs is no date, and nothing breaks."""
    history = pa.Seasonality.from_history([*AIR, {"date": [1], "amount": 1.0}])
    assert [(one.rule, one.examples) for one in history.set_aside] == [("has a date that is no date", ("'[1]'",))]


def test_dates_out_of_range_are_told() -> None:
    """A year of 4 digits that nobody plans in, and sales long before the horizon, are set aside."""
    rows = [
        *monthly([1.0] * 24, year=2025),
        {"date": "9999-12-31", "amount": 7.0},
        {"date": "1995-01-01", "amount": 5.0},
    ]
    calendar = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
    history = pa.Seasonality.from_history(rows, calendar=calendar, method="none")
    assert [(one.rule.split(",")[0], one.amount) for one in history.set_aside] == [
        ("is dated before 1900 or after 2199", 7.0),
        ("is dated before 2008-01-01", 5.0),
    ]


def test_a_plan_follows_what_history_says() -> None:
    """Seasonalities go into a strategy as they are, and the plan's months have the weights."""
    history = pa.Seasonality.from_history([row | {"segment": "A"} for row in AIR], by="segment")
    problem = pa.PlanningProblem.simple(year=1961, revenue=5_712_000, currency="EUR", shares={"A": 1}, reps=["alice"])
    target = pa.Target(segment="A", share=1.0, seasonality="A")
    strategy = problem.strategy.but(targets=[target], seasonalities=history.seasonalities)
    months = pa.allocate(problem.but(strategy=strategy)).quotas.by("period").to_dicts()
    for row, weight in zip(months, history.seasonalities[0].weights, strict=True):
        assert abs(row["base"] - 5_712_000 * weight) < 1


def test_what_would_be_planned_without_shrinking_stands_beside_the_weight() -> None:
    """Unshrunk weights are those of no method, on the same horizon and working days; raw shares have growth in them."""
    rows = monthly([100.0 * 1.05**i * (1 + i % 2 / 5) for i in range(36)], year=2024)
    calendar = pa.Calendar(start=date(2027, 1, 1), end=date(2028, 12, 31))
    options: dict[str, Any] = {"calendar": calendar, "working_days": True}
    shrunk, plain = (pa.Seasonality.from_history(rows, **more) for more in (options, options | {"method": "none"}))
    assert column(shrunk, "unshrunk_weight") == column(plain, "unshrunk_weight")
    assert column(plain, "weight") == pytest.approx(column(plain, "unshrunk_weight"), rel=1e-12)
    assert column(shrunk, "weight") != column(plain, "weight")
    assert sum(column(shrunk, "unshrunk_weight")) == pytest.approx(1, rel=1e-12)
    assert sum(column(shrunk, "raw_share")) == pytest.approx(2, rel=1e-12)


def test_a_picture_says_how_a_season_was_read() -> None:
    """Nothing is shrunk by 0% where nobody shrinks, and who has no year has the season of the others."""
    rows = monthly([1.0, 3.0] * 12, year=2025, product="old") + monthly([5.0] * 24, year=2025, product="new")[21:]
    fields = pa.Seasonality.from_history(rows, by="product", method="none").plot().axes
    assert [field.get_title(loc="left") for field in fields] == [
        "new: 0.25 years, the season of the others",
        "old: 2 years, moving average",
    ]
    (field,) = pa.Seasonality.from_history(AIR).plot().axes
    assert field.get_title(loc="left") == "season: 12 years, moving average, shrunk by 1%"


def test_seasons_go_into_the_tables_of_a_problem() -> None:
    """The table of seasons is one that a problem is read from."""
    history = pa.Seasonality.from_history(
        [row | {"segment": "AB"[i % 7 > 2]} for i, row in enumerate(AIR)], by="segment"
    )
    problem = pa.PlanningProblem.from_frames(
        calendar=pa.Calendar(start=date(1961, 1, 1), end=date(1961, 12, 31)),
        name="1961",
        currency="EUR",
        reps=[{"id": "alice"}],
        segments=[{"id": "A"}],
        targets=[{"segment": "A", "revenue": 10, "seasonality": "A"}],
        seasonalities=history.frame(),
    )
    assert problem.strategy.seasonalities == history.seasonalities


@pytest.mark.parametrize("written", ["{}T00:00:00", "{} 10:00", "{}T23:59:59.123Z", "{} 10:00:00+02:00"])
def test_a_time_stamp_as_text_is_its_day(written: str) -> None:
    """The day stands first, and nobody asked for the rest."""
    rows = [row | {"date": written.format(row["date"])} for row in AIR]
    assert pa.Seasonality.from_history(rows).seasons == pa.Seasonality.from_history(AIR).seasons


def test_the_picture_shows_the_largest_keys() -> None:
    """One field a key, twelve at most; a single key by its name, and one that is none is named."""
    rows = [row for i in range(14) for row in monthly([i + 1.0] * 12, year=2026, key=f"k{i:02d}$")]
    history = pa.Seasonality.from_history(rows, by="key")
    assert len(history.plot().axes) == 12
    assert [field.get_title(loc="left")[:4] for field in history.plot("k13$").axes] == ["k13\\"]
    with pytest.raises(pa.UnknownNameError, match="Did you mean"):
        history.plot("k13")


def test_all_wrong_arguments_are_told_at_once() -> None:
    """Days, calendar, columns and options."""
    wrong: dict[str, Any] = {
        "since": "2026-01-01",
        "until": datetime(2026, 1, 1),  # noqa: DTZ001 -- a time is what is wrong
        "calendar": "2027",
        "columns": ["date"],
        "grain": "weak",
        "currency": 5,
    }
    with pytest.raises(pa.InputError) as told:
        pa.Seasonality.from_history(AIR, **wrong)
    assert sorted(one.path for one in told.value.findings) == sorted(wrong)


@pytest.mark.parametrize("totals", ["15", 5, [1, "x"], [1, None], {1: 2}, [[1]]])
def test_totals_of_years_are_numbers(totals: Any) -> None:
    """A text is no list of its digits."""
    with pytest.raises(pa.InputError, match=r"totals: .* is no "):
        pa.Seasonality(id="even", grain="semester", weights=[0.5, 0.5]).chained(totals)


def test_rows_of_quarters_read_by_month_are_noted() -> None:
    """Sales on only four months of the year, evenly apart, may be those of quarters."""
    rows = monthly([1, 2, 3, 4] * 3, year=2024, step=3)
    (note,) = pa.Seasonality.from_history(rows).set_aside
    assert (note.rows, note.counted, "grain='quarter'" in note.rule) == (12, True, True)
    assert pa.Seasonality.from_history(rows, grain="quarter").set_aside == ()


def test_a_month_without_any_amount_is_unknown() -> None:
    """It is no month without sales: with the others even, the season is even."""
    rows = monthly([float("nan") if i == 28 else 100.0 for i in range(36)], year=2024)
    history = pa.Seasonality.from_history(rows)
    assert history.seasonalities[0].weights == pytest.approx([1 / 12] * 12)

"""From past sales to seasonalities: profiles of months, noisy ones shrunk, then the weights of a horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from planalloc.errors import InputError
from planalloc.model.asked import asked_choice, asked_day, asked_kind, asked_mapping
from planalloc.model.calendar import MONTHS, Calendar, add_months
from planalloc.model.finding import refuse
from planalloc.model.grouping import SetAside
from planalloc.model.history import KeySeason, SeasonalHistory
from planalloc.model.past_sales import read_past_sales
from planalloc.model.sieve import DIRTY, refuse_dirty
from planalloc.model.strategy import Seasonality
from planalloc.numerics.seasonal import errors_from_sales, season_weights, seasonal_profiles
from planalloc.numerics.shrunk_seasons import pooled_seasons, shrink_seasons

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from planalloc.model.past_sales import PastSales
    from planalloc.numerics.seasonal import SeasonalProfiles
    from planalloc.numerics.shrunk_seasons import ShrunkSeasons
    from planalloc.types import Bools, Floats, Grain, Ints

__all__ = ["read_seasons"]

GRAINS = ("month", "quarter", "quadrimester", "semester")
METHODS = ("auto", "james_stein", "lemon_krutchkoff", "none")
NONE_IN_TWENTY = 3.0
"""Sales expected where none came that chance explains in 5 of 100 cases (Hanley and Lippman-Hand 1983, JAMA 249)."""


def read_seasons(
    frame: Any,
    *,
    grain: Grain,
    by: str | None,
    columns: Mapping[str, str | None],
    calendar: Calendar | None,
    currency: str | None,
    since: date | None,
    until: date | None,
    working_days: bool,
    center: Literal["mean", "median"],
    method: Literal["auto", "james_stein", "lemon_krutchkoff", "none"],
    on_dirty: Literal["set_aside", "refuse"],
) -> SeasonalHistory:
    """Read seasons from past sales; parameters and errors as `Seasonality.from_history` says."""
    found = [
        *asked_choice("grain", grain, GRAINS),
        *asked_kind("by", by, str, "the name of a column"),
        *asked_mapping("columns", columns, "columns={'date': 'OrderDate'}, ours first"),
        *asked_kind("calendar", calendar, Calendar, "a Calendar"),
        *asked_kind("currency", currency, str, "the name of a currency"),
        *asked_day("since", since),
        *asked_day("until", until),
        *asked_choice("center", center, ("mean", "median")),
        *asked_choice("method", method, METHODS),
        *asked_choice("on_dirty", on_dirty, DIRTY),
    ]
    if found:
        refuse(found)
    past = read_past_sales(
        frame,
        grain=grain,
        by=by,
        columns=columns,
        calendar=calendar,
        currency=currency,
        since=since,
        until=until,
    )
    days = past.working_days().astype(np.float64) if working_days else np.ones(len(past.periods))
    amounts, told = _on_working_days(past.amounts, days)
    set_aside = (*past.set_aside, *told)
    refuse_dirty(set_aside, on_dirty=on_dirty)
    profiles = seasonal_profiles(amounts, length=past.length, first=past.first, working_days=days, center=center)
    if set(profiles.basis) == {"none"}:
        raise _no_year(amounts, past, said=since is not None and until is not None)
    by_place = _by_place(amounts, past)
    shrunk = _shrunk(profiles, past, sizes=np.nansum(amounts, axis=1), method=method)
    factors = _kept_empty(shrunk, by_place[1], past.effective_sales)
    weights = _weights(factors, past, grain, working_days=working_days)
    unshrunk = _weights(profiles.factors, past, grain, working_days=working_days)
    per_year = 12 // MONTHS[grain]
    return SeasonalHistory(
        grain=grain,
        periods=tuple(period.id for period in past.calendar.periods(grain)),
        seasonalities=tuple(
            Seasonality(id=key, grain=grain, weights=tuple(row))
            for key, row in zip(past.keys, weights.tolist(), strict=True)
        ),
        seasons=tuple(
            KeySeason(
                key=key,
                basis=profiles.basis[i],
                years=round(float(np.isfinite(amounts[i]).sum()) / past.length, 2),
                amount=float(np.nansum(amounts[i])),
                shrinkage=0.0 if method == "none" and profiles.basis[i] != "none" else float(shrunk.weights[i]),
                estimator=_estimator(shrunk, i, method),
                raw_shares=tuple(by_place[0][i].reshape(per_year, -1).sum(axis=1).tolist()),
                indices=tuple(profiles.factors[i].reshape(per_year, -1).mean(axis=1).tolist()),
                unshrunk_weights=tuple(unshrunk[i].tolist()),
            )
            for i, key in enumerate(past.keys)
        ),
        set_aside=set_aside,
    )


def _on_working_days(amounts: Floats, days: Floats) -> tuple[Floats, tuple[SetAside, ...]]:
    """Return amounts without those of periods in which nobody works, and the latter told."""
    idle = (days == 0) & (np.nan_to_num(amounts) > 0)
    if not idle.any():
        return amounts, ()
    told = SetAside("history", "lies in a period without a working day", int(idle.sum()), float(amounts[idle].sum()))
    return np.where(idle, 0.0, amounts), (told,)


def _no_year(amounts: Floats, past: PastSales, *, said: bool) -> InputError:
    """Return the error of a history in which no key is known for a year."""
    known = int(np.isfinite(amounts).sum(axis=1).max())
    first, last = past.periods[0], past.periods[-1]
    if not said:
        hint = (
            "Give a year at least, or say since=... and until=..., where the table is complete: nothing sold is 0 then."
        )
    elif len(past.periods) < past.length:
        hint = "Give a year at least, from since=... to until=...."
    else:
        hint = "A key that begins after all others, or ends before, is unknown before and after: leave by=... out."
    return InputError(
        f"history holds no full year: of {first.start} to {last.end}, {known} {past.grain}s are known and "
        f"{past.length} are needed; those before the first sale, after the last and without any amount are unknown",
        hint=hint,
    )


def _by_place(amounts: Floats, past: PastSales) -> tuple[Floats, Bools]:
    """Return each period's part in the sales of full fiscal years (else of all), and whether it was always empty."""
    length, many = past.length, len(past.keys)
    behind = -(past.first + amounts.shape[1]) % length
    years = np.pad(amounts, ((0, 0), (past.first, behind)), constant_values=np.nan).reshape(many, -1, length)
    known: Bools = np.isfinite(years)
    full = np.all(known, axis=2, keepdims=True)
    counted = known & (full | ~np.any(full, axis=1, keepdims=True))
    sums = np.where(counted, years, 0.0).sum(axis=1)
    totals = sums.sum(axis=1, keepdims=True)
    shares = np.divide(sums, totals, out=np.full(sums.shape, np.nan), where=totals > 0)
    return shares, np.any(known, axis=1) & ~np.any(np.where(known, years, 0.0) > 0, axis=1)


def _shrunk(
    profiles: SeasonalProfiles,
    past: PastSales,
    *,
    sizes: Floats,
    method: Literal["auto", "james_stein", "lemon_krutchkoff", "none"],
) -> ShrunkSeasons:
    """Draw noisy profiles to that of the others; where years do not tell the noise, the number of sales does.

    It is the noise that so many sales have in the season of the others: a month that has none by chance shows no noise.
    """
    target = pooled_seasons(profiles.factors, sizes=sizes)
    known = np.isfinite(profiles.factors)
    by_sales = errors_from_sales(target, effective_sales=past.effective_sales)
    errors = np.where(known & np.isnan(profiles.standard_errors), by_sales, profiles.standard_errors)
    return shrink_seasons(
        profiles.factors,
        standard_errors=np.zeros_like(errors) if method == "none" else errors,
        target=target,
        method="james_stein" if method == "none" else method,
    )


def _kept_empty(shrunk: ShrunkSeasons, empty: Bools, effective_sales: Floats) -> Floats:
    """Return the factors with 0 where no year had a sale and the season of the others would have brought some."""
    length = shrunk.factors.shape[1]
    expected = effective_sales[:, None] * shrunk.target / length
    by_chance = (expected <= NONE_IN_TWENTY) & (shrunk.target > 0)
    none = empty & np.isfinite(shrunk.raw) & ~by_chance
    factors = np.where(none, 0.0, shrunk.factors)
    found: Floats = factors / factors.mean(axis=1, keepdims=True)
    return found


def _weights(factors: Floats, past: PastSales, grain: Grain, *, working_days: bool) -> Floats:
    """Return the weights of the horizon's periods of a grain, shape (n_keys, n_periods)."""
    calendar, fine = past.calendar, past.grain
    periods = calendar.periods(fine)
    if working_days:
        worked = np.cumsum([0, *calendar.worked_days()])
        edges = [((one.start - calendar.start).days, (one.end - calendar.start).days + 1) for one in periods]
        size = np.array([worked[end] - worked[start] for start, end in edges], dtype=np.float64)
    else:
        size = np.ones(len(periods))
        after = add_months(calendar.start, len(periods) * MONTHS[fine])
        if calendar.pattern is None and periods:
            last = periods[-1]
            size[-1] = ((last.end - last.start).days + 1) / (after - last.start).days
    fine_weights = season_weights(factors[:, np.arange(len(periods)) % past.length], working_days=size)
    nest: Ints = np.array(calendar.nest(fine, grain), dtype=np.int64)
    found: Floats = fine_weights @ (nest[:, None] == np.arange(int(nest.max()) + 1)).astype(np.float64)
    return found


def _estimator(shrunk: ShrunkSeasons, i: int, method: str) -> Literal["James-Stein", "Lemon-Krutchkoff", "none"]:
    if method == "none" or not shrunk.weights[i] > 0:
        return "none"
    return "Lemon-Krutchkoff" if shrunk.lemon_krutchkoff[i] else "James-Stein"

"""Years chained without a step at New Year: one season, several totals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.errors import InputError
from planalloc.model.adding import any_number
from planalloc.model.asked import asked_names
from planalloc.model.calendar import MONTHS
from planalloc.model.cells import shown
from planalloc.model.finding import Finding, refuse
from planalloc.numerics.denton import proportional_denton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.model.strategy import Seasonality

__all__ = ["chained_weights"]


def chained_weights(season: Seasonality, *, totals: Sequence[float], before: Sequence[float]) -> tuple[float, ...]:
    """Return the weights of several years; parameters and errors as `Seasonality.chained` says."""
    if season.grain not in MONTHS or season.grain == "year":
        raise InputError(
            f"a seasonality by {season.grain} cannot be chained",
            hint="Use one by month, quarter, 4 months or semester.",
        )
    totals, before = (_money(name, figures) for name, figures in (("totals", totals), ("before", before)))
    length = 12 // MONTHS[season.grain]
    year = np.array(season.weights)
    periods = np.tile(year, len(totals)) if len(year) == length else year
    if len(periods) < length * len(totals) or not totals or len(before) > length:
        raise InputError(
            f"{len(year)} weights, {len(totals)} totals and {len(before)} figures before them do not fit a year of "
            f"{length} periods",
            hint="Give the weights of one year, or of all the years that have a total, and at most one year before.",
        )
    figures = np.array([*before, *totals], dtype=np.float64)
    if not (np.isfinite(figures).all() and (figures >= 0).all() and sum(totals) > 0):
        raise InputError("totals and figures before them must be money, at least 0", hint="Net out credits first.")
    known = len(before)
    tail = periods[:length][length - known :]
    usable = tail > 0  # a period without a season has no scale to carry on
    year_of = np.arange(len(periods)) // length
    groups = np.concatenate([np.arange(int(usable.sum())), np.where(year_of < len(totals), year_of + usable.sum(), -1)])
    skipped = int(usable.sum())
    try:
        series = proportional_denton(
            np.concatenate([tail[usable], periods])[None],
            totals=np.concatenate([np.array(before, dtype=np.float64)[usable], totals])[None],
            groups=groups.astype(np.int64),
        )[0, skipped:]
    except ValueError as error:
        raise InputError(f"years cannot be chained: {error}", hint="Each year with a total needs weights.") from error
    return tuple((series / series.sum()).tolist())


def _money(name: str, figures: Any) -> list[float]:
    """Return figures as floats."""
    found = [*asked_names(name, figures, f"{name}=[24_000, 48_000]")]
    if found:
        refuse([replace(one, rule="is no list of numbers") for one in found])
    read = [(one, None if isinstance(one, str) else any_number(one)) for one in figures]
    wrong = [one for one, number in read if number is None]
    if wrong:
        rule, remedy = "is no number", "Give money, at least 0."
        refuse([Finding("not-a-number", "error", name, shown(one), rule, remedy) for one in wrong])
    return [number for _, number in read if number is not None]

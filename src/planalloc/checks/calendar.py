"""The horizon has working days, and seasonalities fit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.problem import PlanningProblem
    from planalloc.model.strategy import Seasonality

__all__ = ["findings"]


def findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield what the calendar cannot do: count days, hold a seasonality's weights, spread them."""
    calendar = problem.calendar
    try:
        worked = calendar.worked_days()
    except UnknownNameError as error:
        yield Finding(
            "unknown-name",
            "error",
            "calendar.country",
            repr(error.name),
            error.message,
            error.hint,
            name=error.name,
            candidates=tuple(error.candidates),
        )
        worked = ()
    if worked and not any(worked):
        yield Finding(
            "no-working-day",
            "error",
            "calendar",
            f"{calendar.start} to {calendar.end}",
            "holds no working day; a plan needs days to work on",
            "Choose a longer horizon.",
        )
    by_id = {one.id: one for one in problem.strategy.seasonalities}
    for season in problem.strategy.seasonalities:
        yield from _season(problem, season, by_id, worked)


def _season(
    problem: PlanningProblem, season: Seasonality, by_id: dict[str, Seasonality], worked: tuple[bool, ...]
) -> Iterator[Finding]:
    calendar, at = problem.calendar, f"strategy.seasonalities[{season.id}]"
    coarse = calendar.periods(season.grain)
    try:
        calendar.nest(calendar.grain, season.grain)
    except InputError as error:
        yield Finding("nesting", "error", f"{at}.grain", repr(season.grain), error.message, error.hint)
        return
    if len(season.weights) != len(coarse):
        yield Finding(
            "weights-length",
            "error",
            f"{at}.weights",
            f"{len(season.weights)} weights",
            f"must be {len(coarse)}, one for each {season.grain} from {coarse[0].id} to {coarse[-1].id}",
            "Add or remove weights, or change the grain.",
        )
        return
    inner = by_id.get(season.inside) if season.inside else None
    if inner is not None:
        try:
            calendar.nest(inner.grain, season.grain)
        except InputError as error:
            yield Finding("nesting", "error", f"{at}.inside", repr(season.inside), error.message, error.hint)
            return
        if len(inner.weights) != len(calendar.periods(inner.grain)):
            return  # that seasonality has its own finding
    yield from _spreads(problem, season, inner, worked)


def _spreads(
    problem: PlanningProblem, season: Seasonality, inner: Seasonality | None, worked: tuple[bool, ...]
) -> Iterator[Finding]:
    """Yield periods that carry a weight and hold nothing to spread it over."""
    calendar, at = problem.calendar, f"strategy.seasonalities[{season.id}]"
    spread = season.spread or problem.policy.default_phasing
    for period, weight in zip(calendar.periods(season.grain), season.weights, strict=True):
        if weight == 0 or season.grain == calendar.grain:
            continue
        if inner is not None:
            inside = zip(calendar.periods(inner.grain), inner.weights, strict=True)
            empty = not sum(w for p, w in inside if period.start <= p.start <= period.end)
            what = f"no weight in {inner.id!r}"
        else:
            days = slice((period.start - calendar.start).days, (period.end - calendar.start).days + 1)
            empty = spread == "working_days" and bool(worked) and not any(worked[days])
            what = "no working day"
        if empty:
            yield Finding(
                "weight-on-nothing",
                "error",
                f"{at}.weights",
                f"{weight:g} in {period.id}",
                f"cannot be spread: {period.id} has {what}",
                "Give that period the weight 0, or spread='equal'.",
            )

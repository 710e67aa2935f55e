"""The year's end: what is closed, what the pipeline holds, and what is still to be found on the season's curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from planalloc.numerics.pace_prior import PacePrior
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Pipeline", "RunRate", "YearEnd", "year_end"]

_POINTS = 512
"""Points of the grid of money on which a distribution is computed."""

_REACH = 8.0
"""How far the grid reaches from the mean to either side, in standard deviations; below zero only for a normal error."""

_BLOCK = 2000
"""Cells or opportunities whose characteristic functions are held at a time: some tens of MB."""


@dataclass(frozen=True)
class RunRate:
    """Deals still to be found and closed, per cell (say rep x line).

    Attributes
    ----------
    unit : Ints, shape (n_cells,)
        Unit of the forecast (say rep, line, or company) that the cell is part of, from 0.
    deals : Ints, shape (n_cells,)
        Deals closed to date.
    planned : Floats, shape (n_cells,)
        Deals planned to date, on the season's curve.
    remaining : Floats, shape (n_cells,)
        Deals planned for the rest of the year that today's pipeline cannot be: those of the periods later than one
        sales cycle from now, and of earlier ones the part that starts and closes within.
    sizes : Floats, shape (n_cells,)
        Expected money per deal, positive.
    size_cv : Floats, shape (n_cells,)
        Standard deviation of a deal's size / its mean; below a hundredth it is taken as that.
    """

    unit: Ints
    deals: Ints
    planned: Floats
    remaining: Floats
    sizes: Floats
    size_cv: Floats


@dataclass(frozen=True)
class Pipeline:
    """Open opportunities that may close within the year.

    Attributes
    ----------
    unit : Ints, shape (n_opportunities,)
        Unit of the forecast, from 0.
    amounts : Floats, shape (n_opportunities,)
        Money if won, at least 0.
    chances : Floats, shape (n_opportunities,)
        Chance to be won within the year, from 0 to 1.
    """

    unit: Ints
    amounts: Floats
    chances: Floats


@dataclass(frozen=True)
class YearEnd:
    """A forecast per unit, in money.

    Attributes
    ----------
    closed, pipeline, run_rate : Floats, shape (n_units,)
        Parts of the expected year's end, which they add up to.
    low, high : Floats, shape (n_units,)
        Sides of the interval, as many cases below as above it.
    chance : Floats, shape (n_units,)
        Chance of reaching the target.
    variance : Floats, shape (n_units,)
        Of the year's end, in money squared.
    """

    closed: Floats
    pipeline: Floats
    run_rate: Floats
    low: Floats
    high: Floats
    chance: Floats
    variance: Floats

    @property
    def expected(self) -> Floats:
        """Expected year's end, shape (n_units,)."""
        return self.closed + self.pipeline + self.run_rate


def year_end(
    closed: Floats, target: Floats, *, run_rate: RunRate, pipeline: Pipeline, prior: PacePrior, coverage: float = 0.8
) -> YearEnd:
    """Forecast each unit's year: closed + weighted pipeline + run rate on the season's curve.

    A cell's pace has the prior of all units and its own deals N of L planned to date, a gamma distribution with mean
    ``pace = (mean * k + N) / (k + L)``, where k is what the prior is worth. Deals still to be found are then negative
    binomial with mean ``pace * remaining`` and variance ``mean * (1 + remaining / (k + L))``; their sizes are gamma
    distributed. Each opportunity is won or not on its own. The law of the sum is the product of the characteristic
    functions, inverted on a grid of money: one deal that decides the year is seen as such, where a bell curve would
    blur it. Amounts count to the grid's step, a twenty-fifth of a standard deviation at most.

    The prior's error is shared by all cells of a unit, and normal. Other than that, cells are independent: a market
    that may turn is in the interval only if the prior's error says so.

    Parameters
    ----------
    closed : Floats, shape (n_units,)
        Money closed to date.
    target : Floats, shape (n_units,)
        Money wanted at the year's end.
    run_rate : RunRate
        Deals still to be found, by cell.
    pipeline : Pipeline
        Open opportunities.
    prior : PacePrior
        What a cell's pace is thought to be (`pace_prior`).
    coverage : float
        Chance that the year ends in the interval.

    Returns
    -------
    YearEnd
        Expected parts, interval and chance of reaching the target.

    References
    ----------
    Embrechts and Frei (2009), Panjer recursion versus FFT for compound distributions, Math. Meth. Oper. Res. 69,
    497-508.

    Examples
    --------
    All hangs on one deal of 40 with even chances.

    >>> from planalloc.numerics.pace_prior import PacePrior
    >>> none = np.array([], dtype=int)
    >>> ends = year_end(
    ...     np.array([70.0]),
    ...     np.array([100.0]),
    ...     run_rate=RunRate(none, none, none * 1.0, none * 1.0, none * 1.0, none * 1.0),
    ...     pipeline=Pipeline(unit=np.array([0]), amounts=np.array([40.0]), chances=np.array([0.5])),
    ...     prior=PacePrior(mean=1.0, deals=10.0),
    ... )
    >>> [float(values[0].round(6)) for values in (ends.expected, ends.low, ends.high, ends.chance)]
    [90.0, 70.0, 110.0, 0.5]
    """
    n_units = len(closed)
    weight = prior.deals + run_rate.planned
    shape = np.asarray(prior.mean * prior.deals + run_rate.deals, dtype=np.float64)
    odds = run_rate.remaining / weight
    money = shape * odds * run_rate.sizes
    to_find = _summed(money, run_rate.unit, n_units)
    variance = _summed(money * run_rate.sizes * (1 + run_rate.size_cv**2 + odds), run_rate.unit, n_units)
    weighted = _summed(pipeline.chances * pipeline.amounts, pipeline.unit, n_units)
    uncertain = pipeline.chances * (1 - pipeline.chances)
    variance += _summed(uncertain * pipeline.amounts**2, pipeline.unit, n_units)
    shared = _summed(prior.error * prior.mean * prior.deals * odds * run_rate.sizes, run_rate.unit, n_units)
    variance += shared**2
    grid = _Grid.around(to_find + weighted, np.sqrt(variance), shared=shared, pipeline=pipeline)
    logs = _found(run_rate, grid=grid, shape=shape, odds=odds)
    logs += _won(pipeline, grid=grid)
    logs -= 0.5 * np.outer(shared / grid.step, _ANGLES) ** 2
    logs -= 1j * np.outer(grid.start, _ANGLES)
    law = np.fft.irfft(np.exp(logs), _POINTS, axis=1)  # amounts between points ripple around zero, and cancel in sums
    low, high, chance = _read(law, grid=grid, missing=target - closed, coverage=coverage)
    return YearEnd(
        closed=closed,
        pipeline=weighted,
        run_rate=to_find,
        low=closed + low,
        high=closed + high,
        chance=chance,
        variance=variance,
    )


@dataclass(frozen=True)
class _Grid:
    """Each unit's grid of money still to come: ``start * step``, ``(start + 1) * step``, ...

    The step is made such that the largest opportunity is a point of the grid. Others are put on one, so that sums of a
    few are points too; what that moves the mean by is `moved`. Small ones among many are left where they are, as their
    sum is smooth and errors would add up.
    """

    step: Floats
    start: Ints
    places: Floats
    moved: Floats

    @classmethod
    def around(cls, mean: Floats, deviation: Floats, *, shared: Floats, pipeline: Pipeline) -> _Grid:
        below = np.minimum(mean + _REACH * shared, _REACH * deviation)  # the shared error is normal: some is below zero
        reach = below + _REACH * deviation
        step = np.where(reach > 0, reach, 1.0) / (_POINTS - 2)
        largest = np.zeros(len(mean))
        undecided = (pipeline.chances > 0) & (pipeline.chances < 1)
        np.maximum.at(largest, pipeline.unit, np.where(undecided, pipeline.amounts, 0.0))
        step = np.where(largest >= _LARGE * step, largest / np.maximum(np.floor(largest / step), 1.0), step)
        places = pipeline.amounts / step[pipeline.unit]
        few = np.bincount(pipeline.unit[undecided], minlength=len(mean)) <= _FEW
        near = np.where((places >= _LARGE) | few[pipeline.unit], np.rint(places), places)
        return cls(
            step=step,
            start=np.floor((mean - below) / step).astype(np.int64),
            places=near,
            moved=_summed(pipeline.chances * (near - places), pipeline.unit, len(mean)) * step,
        )


_FEW = 64
"""Undecided opportunities of a unit up to which all are put on the grid."""

_LARGE = 8
"""Steps of the grid from which an opportunity is large: at most a dozen such are truly uncertain at a time."""


def _summed(values: Floats, unit: Ints, n_units: int) -> Floats:
    """Sum values by unit."""
    return np.bincount(unit, values, n_units).astype(np.float64)


_ANGLES = -2 * np.pi * np.arange(_POINTS // 2 + 1) / _POINTS
"""Arguments of the characteristic functions, per step of the grid."""


def _found(run_rate: RunRate, *, grid: _Grid, shape: Floats, odds: Floats) -> npt.NDArray[np.complex128]:
    """Return the log characteristic functions of deals still to be found, shape (n_units, n_angles)."""
    logs = np.zeros((len(grid.step), _ANGLES.size), dtype=np.complex128)
    scatter = np.maximum(run_rate.size_cv, 0.01) ** 2
    for some, starts in _blocks(run_rate.unit):
        scale = run_rate.sizes[some] * scatter[some] / grid.step[run_rate.unit[some]]
        size = (1 - 1j * np.outer(scale, _ANGLES)) ** (-1 / scatter[some])[:, None]
        found = -shape[some, None] * np.log(1 - odds[some, None] * (size - 1))
        logs[run_rate.unit[some[starts]]] += np.add.reduceat(found, starts, axis=0)
    return logs


def _won(pipeline: Pipeline, *, grid: _Grid) -> npt.NDArray[np.complex128]:
    """Return the log characteristic functions of open opportunities, shape (n_units, n_angles)."""
    logs = np.zeros((len(grid.step), _ANGLES.size), dtype=np.complex128)
    for some, starts in _blocks(pipeline.unit):
        won = 1 + pipeline.chances[some, None] * (np.exp(1j * np.outer(grid.places[some], _ANGLES)) - 1)
        with np.errstate(divide="ignore"):  # a chance of one half cancels at some angles: their logarithm is -inf
            logs[pipeline.unit[some[starts]]] += np.add.reduceat(np.log(won), starts, axis=0)
    return logs


def _blocks(unit: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Give the rows by unit, in blocks whose characteristic functions fit in memory, and where each unit starts."""
    order = np.argsort(unit, kind="stable")
    for at in range(0, order.size, _BLOCK):
        some = order[at : at + _BLOCK]
        yield some, np.flatnonzero(np.diff(unit[some], prepend=-1))


def _read(law: Floats, *, grid: _Grid, missing: Floats, coverage: float) -> tuple[Floats, Floats, Floats]:
    """Return the interval's sides of what is to come, and the chance that it is at least what is missing."""
    below = np.cumsum(law, axis=1)
    below /= below[:, -1:]

    def quantile(share: float) -> Floats:
        at: Bools = below >= share - 1e-9
        at_least: Floats = np.maximum((grid.start + np.argmax(at, axis=1)) * grid.step - grid.moved, 0.0)
        return at_least

    need = np.maximum(np.rint((missing + grid.moved) / grid.step), 1) - grid.start
    last = np.clip(need - 1, 0, _POINTS - 1).astype(np.int64)
    short = np.where((missing > 0) & (need > 0), np.take_along_axis(below, last[:, None], axis=1)[:, 0], 0.0)
    return quantile((1 - coverage) / 2), quantile((1 + coverage) / 2), np.clip(1 - short, 0.0, 1.0)

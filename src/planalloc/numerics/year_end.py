"""The year's end: what is closed, what the pipeline holds, and what is still to be found on the season's curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from planalloc.types import Bools, Floats, Ints

__all__ = ["Pipeline", "RunRate", "YearEnd", "year_end"]

_POINTS = 512
"""Points of the grid of money on which a distribution is computed."""

_REACH = 8.0
"""How far the grid reaches from the mean to either side, in standard deviations; below zero only for a normal error."""

_BLOCK = 250
"""Cells or opportunities whose characteristic functions are held at a time: a MB, which stays in the cache."""


@dataclass(frozen=True)
class RunRate:
    """Deals still to be found and closed, per cell: what shares one pace (say a rep, or a rep on a line).

    Attributes
    ----------
    unit : Ints, shape (n_cells,)
        Unit of the forecast (say rep, line, or company) that the cell is part of, from 0.
    deals : Floats, shape (n_cells,)
        Deals expected for the rest of the year that today's pipeline cannot be: those of the periods later than one
        sales cycle from now, and of earlier ones the part that starts and closes within.
    shape : Floats, shape (n_cells,)
        Of the gamma distribution of the cell's pace: one over its squared relative error.
    sizes : Floats, shape (n_cells,)
        Expected money per deal, positive.
    size_cv : Floats, shape (n_cells,)
        Standard deviation of a deal's size / its mean; below a hundredth it is taken as that.
    """

    unit: Ints
    deals: Floats
    shape: Floats
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
    closed: Floats, target: Floats, *, run_rate: RunRate, pipeline: Pipeline, shared: Floats, coverage: float = 0.8
) -> YearEnd:
    """Forecast each unit's year: closed + weighted pipeline + run rate on the season's curve.

    A cell's pace is gamma distributed, and its deals Poisson given that, so deals still to be found are negative
    binomial with variance ``deals * (1 + deals / shape)``; their sizes are gamma distributed. Each opportunity is won
    or not on its own. The law of the sum is the product of the characteristic functions, inverted on a grid of money:
    one deal that decides the year is seen as such, where a bell curve would blur it. Amounts count to the grid's step,
    a twenty-fifth of a standard deviation at most.

    The shared error is normal. Other than that, cells are independent: a market that may turn is in the interval only
    if the shared error says so.

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
    shared : Floats, shape (n_units,)
        Standard error in money that all cells of a unit share, as their paces were drawn to a common one.
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

    >>> none = np.array([], dtype=int)
    >>> ends = year_end(
    ...     np.array([70.0]),
    ...     np.array([100.0]),
    ...     run_rate=RunRate(none, none * 1.0, none * 1.0, none * 1.0, none * 1.0),
    ...     pipeline=Pipeline(unit=np.array([0]), amounts=np.array([40.0]), chances=np.array([0.5])),
    ...     shared=np.zeros(1),
    ... )
    >>> [float(values[0].round(6)) for values in (ends.expected, ends.low, ends.high, ends.chance)]
    [90.0, 70.0, 110.0, 0.5]
    """
    n_units = len(closed)
    shape = np.asarray(run_rate.shape, dtype=np.float64)
    odds = run_rate.deals / shape
    money = run_rate.deals * run_rate.sizes
    to_find = _summed(money, run_rate.unit, n_units)
    variance = _summed(money * run_rate.sizes * (1 + run_rate.size_cv**2 + odds), run_rate.unit, n_units)
    weighted = _summed(pipeline.chances * pipeline.amounts, pipeline.unit, n_units)
    uncertain = pipeline.chances * (1 - pipeline.chances)
    variance += _summed(uncertain * pipeline.amounts**2, pipeline.unit, n_units)
    variance += shared**2
    grid = _Grid.around(to_find + weighted, np.sqrt(variance), shared=shared, pipeline=pipeline)
    logs = _found(run_rate, grid=grid, shape=shape, odds=odds)
    logs -= 0.5 * np.outer(shared / grid.step, _ANGLES) ** 2
    logs -= 1j * np.outer(grid.start, _ANGLES)
    # Amounts between points ripple around zero, and cancel in sums.
    law = np.fft.irfft(np.exp(logs) * _won(pipeline, grid=grid), _POINTS, axis=1)
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
    scale = run_rate.sizes * scatter / grid.step[run_rate.unit]
    for some, starts in _blocks(run_rate.unit):
        alike, which = np.unique(np.stack([scale[some], scatter[some]]), axis=1, return_inverse=True)
        size = np.exp(_log(1 - 1j * np.outer(alike[0], _ANGLES)) / -alike[1][:, None])
        found = _log(1 - odds[some, None] * (size - 1)[which])
        found *= -shape[some, None]
        logs[run_rate.unit[some[starts]]] += np.add.reduceat(found, starts, axis=0)
    return logs


def _log(values: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    """Return logarithms of numbers with a real part of 1 or more; functions of real numbers are many times as fast."""
    found = np.empty_like(values)
    found.real = 0.5 * np.log(values.real**2 + values.imag**2)
    found.imag = np.arctan(values.imag / values.real)
    return found


def _won(pipeline: Pipeline, *, grid: _Grid) -> npt.NDArray[np.complex128]:
    """Return the characteristic functions of open opportunities, shape (n_units, n_angles).

    Their product, not the sum of their logarithms: none is above 1, and what is too small for a float is nothing.
    """
    product = np.ones((len(grid.step), _ANGLES.size), dtype=np.complex128)
    for some, starts in _blocks(pipeline.unit):
        won = _turns(grid.places[some])
        won *= pipeline.chances[some, None]
        won += 1 - pipeline.chances[some, None]
        # A block of one unit is multiplied several times as fast as parts of a block.
        whole = np.multiply.reduceat(won, starts, axis=0) if len(starts) > 1 else won.prod(axis=0)
        product[pipeline.unit[some[starts]]] *= whole
    return product


def _turns(places: Floats) -> npt.NDArray[np.complex128]:
    """Return ``exp(1j * place * angle)``, shape (n, n_angles); each angle is so many times the first, so powers do."""
    found = np.ones((len(places), _ANGLES.size), dtype=np.complex128)
    power = np.exp(1j * _ANGLES[1] * places)[:, None]
    done = 1
    while done < _ANGLES.size:
        more = found[:, done : 2 * done]
        np.multiply(found[:, : more.shape[1]], power, out=more)
        power, done = power**2, 2 * done
    return found


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

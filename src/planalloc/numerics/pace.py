"""Actual against the phased plan to date, and what is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats

__all__ = ["Pace", "pace"]


@dataclass(frozen=True)
class Pace:
    """Where units stand after the periods so far.

    Attributes
    ----------
    attainment : Floats, shape (...)
        Actual / planned, to date; nan where nothing was planned so far.
    linearity : Floats, shape (...)
        How far the money came when it was planned, from 0 to 1: the part of it that is in its own period, both sides
        taken as shares of what they are to date. nan where there is none.
    required : Floats, shape (...)
        What the rest of the plan must be multiplied by for the whole to be reached, 0 where it is reached; inf where
        something is missing and nothing more is planned.
    """

    attainment: Floats
    linearity: Floats
    required: Floats


def pace(actual: Floats, planned: Floats, *, elapsed: Floats) -> Pace:
    """Measure units against the plan on its own curve, never the calendar's.

    Parameters
    ----------
    actual, planned : Floats, shape (..., n_periods)
        Money or counts by period; actual ones of later periods are left out.
    elapsed : Floats, shape (n_periods,)
        Part of the period that is over, from 0 to 1: of working days, in the period under way.

    Returns
    -------
    Pace
        Attainment, linearity and required rate.

    Examples
    --------
    Half of the year's 120 was due by June, 45 of 60 came: the rest must go 1.25 times as fast as planned.

    >>> now = pace(np.array([15.0, 30.0, 0.0]), np.array([30.0, 30.0, 60.0]), elapsed=np.array([1.0, 1.0, 0.0]))
    >>> [round(float(value), 4) for value in (now.attainment, now.linearity, now.required)]
    [0.75, 0.8333, 1.25]
    """
    actual, planned = np.broadcast_arrays(actual, planned)
    so_far, due = np.where(elapsed > 0, actual, 0.0), planned * elapsed
    done, total = so_far.sum(axis=-1), due.sum(axis=-1)
    shares = [
        np.divide(side, whole[..., None], out=np.full(side.shape, np.nan), where=whole[..., None] > 0)
        for side, whole in ((so_far, done), (due, total))
    ]
    missing = np.maximum(planned.sum(axis=-1) - done, 0.0)
    rest = planned.sum(axis=-1) - total
    return Pace(
        attainment=np.divide(done, total, out=np.full(total.shape, np.nan), where=total > 0),
        linearity=np.minimum(*shares).sum(axis=-1),
        required=np.divide(missing, rest, out=np.where(missing > 0, np.inf, 0.0), where=rest > 0),
    )

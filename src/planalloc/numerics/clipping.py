"""One level for all: amounts in proportion to weights, kept between floors and caps, with a given total."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Floats

__all__ = ["clipped_level"]


def clipped_level(total: float, *, weights: Floats, floors: Floats, caps: Floats) -> float | None:
    """Return the level at which ``clip(level * weights, floors, caps)`` adds up to a total.

    The sum grows with the level along straight pieces, so the level is found by sorting where they meet: no iteration.

    Parameters
    ----------
    total : float
        What the amounts add up to.
    weights : Floats
        Shape (n,), positive.
    floors, caps : Floats
        Shape (n,), in the unit of the total; floors from 0 up, caps not below them, inf where there is none.

    Returns
    -------
    float or None
        None where the floors are above the total, or the caps below it.

    Examples
    --------
    Of twelve, the first may have two at most; the others share the rest as 1 to 4.

    >>> clipped_level(12.0, weights=np.array([5.0, 1.0, 4.0]), floors=np.zeros(3), caps=np.array([2.0, 9.0, 9.0]))
    2.0
    """
    starts, ends = floors / weights, caps / weights
    bends = np.concatenate([starts, ends[np.isfinite(ends)]])
    turns = np.concatenate([weights, -weights[np.isfinite(ends)]])
    order = np.argsort(bends, kind="stable")
    bends, slopes = bends[order], np.cumsum(turns[order])
    sums = floors.sum() + np.concatenate([[0.0], np.cumsum(slopes[:-1] * np.diff(bends))])
    piece = int(np.searchsorted(sums, total, side="right")) - 1
    if piece < 0:
        return None
    at = float(bends[piece])
    if slopes[piece] > 0:
        at += (total - float(sums[piece])) / float(slopes[piece])
    free = (starts < at) & (at < ends)
    if free.any():  # once more from the amounts themselves, without the rounding errors of the running sums
        held = np.where(at <= starts, floors, caps)[~free].sum()
        return float((total - held) / weights[free].sum())
    return at if abs(np.clip(at * weights, floors, caps).sum() - total) <= NOISE * max(total, 1.0) else None


NOISE = 1e-12
"""What sums of amounts lose, relative to the total."""

"""F-1: what each line must reach, in whole rounding units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.index import Index, units
from planalloc.numerics.apportion import largest_remainder

if TYPE_CHECKING:
    from planalloc.types import Ints

__all__ = ["line_targets"]


def line_targets(index: Index) -> Ints:
    """Return the target of each line in whole rounding units, shape (S,).

    Amounts stand as they are; what shares and the rest make is rounded together by largest remainder, so that the
    targets are exactly the strategy's revenue (S-6, S-7).

    Parameters
    ----------
    index : Index
        Of a problem whose targets make a whole.
    """
    strategy, step = index.problem.strategy, index.problem.policy.step
    targets = np.array([units(line.revenue or 0.0, step) for line in index.lines], dtype=np.int64)
    open_lines = np.array([line.revenue is None for line in index.lines])
    if not open_lines.any():
        return targets
    whole = units(strategy.revenue or 0.0, step)
    weights = np.array([float(line.share or 0.0) * whole for line in index.lines])
    resting = np.array([line.rest for line in index.lines])
    left = int(whole - targets.sum())
    weights[resting] = max(left - weights.sum(), 0.0)
    targets[open_lines] = largest_remainder(left, weights[open_lines])
    return targets

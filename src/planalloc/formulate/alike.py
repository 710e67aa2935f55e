"""Reps who are alike in everything that matters are one class: solved once, shared evenly.

By convexity nothing is lost, the program follows the number of different reps, and alike reps get alike plans (S-3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Classes", "classes"]


@dataclass(frozen=True)
class Classes:
    """A partition of R reps into C classes.

    Parameters
    ----------
    first : Ints
        Position of one member of each class, shape (C,).
    which : Ints
        Class of each rep, shape (R,).
    size : Floats
        Number of members, shape (C,).
    """

    first: Ints
    which: Ints
    size: Floats


def classes(*features: Floats | Bools) -> Classes:
    """Return the classes of equal rows over all features, each of shape (R,) or (R, anything).

    Examples
    --------
    >>> classes(np.array([1.0, 0.5, 1.0])).which
    array([1, 0, 1])
    """
    rows = np.column_stack([np.asarray(feature, dtype=float) for feature in features])
    _, first, which, size = np.unique(rows, axis=0, return_index=True, return_inverse=True, return_counts=True)
    return Classes(first, which.reshape(-1), size.astype(float))

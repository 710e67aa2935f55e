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
    """Return the classes of equal rows over all features, each of shape (R,) or (R, anything), by their first members.

    Examples
    --------
    >>> classes(np.array([1.0, 0.5, 1.0])).which
    array([0, 1, 0])
    """
    rows = np.column_stack([np.asarray(feature, dtype=float) for feature in features])
    first, which, size = _by_one_number(rows)
    order = np.argsort(first)
    return Classes(first[order], np.argsort(order)[which], size[order].astype(float))


def _by_one_number(rows: Floats) -> tuple[Ints, Ints, Ints]:
    """Return first member, class and size of equal rows: one number for each row tells most of them apart."""
    factors = np.sqrt(np.arange(2.0, 2.0 + rows.shape[1]))
    key = (rows * factors).sum(axis=1)
    order = np.argsort(key, kind="stable")
    at = order[1:][key[order[1:]] == key[order[:-1]]], order[:-1][key[order[1:]] == key[order[:-1]]]
    if not (rows[at[0]] == rows[at[1]]).all():  # rows that differ share a number
        found = np.unique(rows, axis=0, return_index=True, return_inverse=True, return_counts=True)
        return found[1], found[2].reshape(-1), found[3]
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = key[order[1:]] != key[order[:-1]]
    which = np.empty(len(rows), dtype=np.int64)
    which[order] = np.cumsum(fresh) - 1
    return order[fresh], which, np.bincount(which)

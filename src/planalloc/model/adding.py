"""Rows added up one by one, in whole numbers: what an engine does with numbers, done with whatever a cell holds."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from math import floor, inf
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic_core import PydanticCustomError

from planalloc.model.cells import missing, number, shown

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping

__all__ = [
    "LARGEST",
    "MOST",
    "NO_FLAGS",
    "PARTS",
    "SHOWN",
    "added_up",
    "any_number",
    "is_flag",
    "most_frequent",
    "read_number",
]

PARTS = 10_000
"""Sums are whole numbers of this part of a unit: a hundredth of a cent."""

LARGEST = 1e11
"""An amount from here on is no amount of one event."""

MOST = 9e18
"""Whole numbers from here on, in sum and whatever their sign, do not fit into 64 bits."""

NO_FLAGS = frozenset({"amount", "units", "quota"})
"""Columns of numbers in which true and false say nothing; elsewhere they are one and none."""

SHOWN = 5
"""Values of a kind that are shown by name; the rest is counted."""


def added_up(
    rows: Iterable[tuple[Mapping[str, Any], int]],
    *,
    keys: list[str],
    numbers: list[str],
    wrong: dict[str, Counter[str]],
) -> dict[str, list[Any]]:
    """Add up rows, each so many times, by their keys.

    Parameters
    ----------
    rows : iterable of (row, int)
        Rows as dicts, and how many times each counts.
    keys, numbers : list of str
        Columns that are told apart, and those that are added up.
    wrong : dict of str to Counter
        By column of numbers; what is no number is counted there.

    Returns
    -------
    dict of str to list
        Keys, ``"sum of"``, ``"no"``, ``"large"`` and ``"size of"`` (sum without signs) each number, and ``"rows"``, one
        entry for each group.
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    for row, times in rows:
        key = tuple(_told_apart(row.get(one)) for one in keys)
        total = groups.setdefault(key, [0] * (4 * len(numbers) + 1))
        for i, one in enumerate(numbers):
            cell = row.get(one)
            value = None if is_flag(cell, one) else any_number(cell)
            large = value is not None and abs(value) >= LARGEST
            if value is None and not missing(cell):
                wrong[one][shown(cell)] += times
            parts = 0 if value is None or large else times * floor(value * PARTS + 0.5)
            for at, more in enumerate((parts, times * (value is None or large), times * large, abs(parts))):
                total[4 * i + at] += more
        total[-1] += times
    names = [f"{what} {one}" for one in numbers for what in ("sum of", "no", "large", "size of")] + ["rows"]
    found: dict[str, list[Any]] = {one: [key[i] for key in groups] for i, one in enumerate(keys)}
    return found | {name: [total[i] for total in groups.values()] for i, name in enumerate(names)}


def is_flag(value: Any, column: str) -> bool:
    """Return whether a cell is true or false in a column in which that is no number."""
    return isinstance(value, bool | np.bool_) and column in NO_FLAGS


def any_number(value: Any) -> float | None:
    """Return a cell as a number of whatever size, infinity included; None where it is none."""
    try:
        return None if missing(value) else float(number(value, ""))
    except OverflowError:
        return inf
    except (ArithmeticError, PydanticCustomError, TypeError, ValueError):
        return None


def read_number(value: Any) -> float | None:
    """Return a cell as a number, None where it is none of a size that one event may have."""
    read = any_number(value)
    return read if read is not None and abs(read) < LARGEST else None


def most_frequent(values: Counter[str]) -> tuple[str, ...]:
    """Return the values that come most often, five at most, and those that come equally often by name."""
    return tuple(name for name, _ in sorted(values.items(), key=lambda one: (-one[1], one[0]))[:SHOWN])


def _told_apart(value: Any) -> Any:
    """Return a key as the engines tell keys apart: a time stamp by its day, and what cannot be a key as its text."""
    if missing(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, Hashable) else repr(value)

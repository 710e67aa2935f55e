"""Groups of rows that share their keys, and what is summed over each: exact sums, ratios, first and last days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from planalloc.errors import InputError
from planalloc.plan.columns import Column, Text, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planalloc.types import Floats, Ints

__all__ = ["first_and_last_days", "group_sums", "groups", "pivot_headings", "quotients"]

CODE_LIMIT = 2**62
"""Keys are packed into one number per row as long as it stays below this."""
DENSE_FACTOR = 4
"""Keys with at most this many combinations per row are counted; with more, they are sorted."""
LOW_HALF = 2**32 - 1
"""The lower 32 bits of a whole number, which is summed in two halves."""


def groups(keys: Sequence[Column]) -> tuple[Ints, Ints]:
    """Find the distinct combinations of keys, in order: text in that of its categories, missing last.

    Parameters
    ----------
    keys : sequence of column
        At least one, each of shape (n_rows,).

    Returns
    -------
    group_of_row : array of int, shape (n_rows,)
        The group of each row, counted from zero in the order of the keys.
    row_of_group : array of int, shape (n_groups,)
        A row of each group.

    Examples
    --------
    >>> group_of_row, row_of_group = groups([Text.of(["bruno", "alice", "bruno"])])
    >>> group_of_row.tolist(), row_of_group.tolist()
    ([1, 0, 1], [1, 2])
    """
    code: Ints = np.zeros(len(keys[0]), dtype=np.int64)
    size = 1
    for key in keys:
        ranks, count = _ranks(key)
        if size * count > CODE_LIMIT:
            code, size = _ranks(code)
        code = code * count + ranks
        size *= count
    if size <= DENSE_FACTOR * len(code):
        occurs = np.bincount(code, minlength=size) > 0
        n_groups, group_of_row = int(occurs.sum()), (np.cumsum(occurs) - 1)[code]
    else:
        group_of_row, n_groups = _ranks(code)
    row_of_group = np.empty(n_groups, dtype=np.int64)
    row_of_group[group_of_row] = np.arange(len(code))
    return group_of_row, row_of_group


def _ranks(column: Column) -> tuple[Ints, int]:
    """Rank the values in their order, missing last, and count the ranks."""
    if isinstance(column, Text):
        last = len(column.categories)
        return np.where(column.codes < 0, last, column.codes).astype(np.int64), last + 1
    values, ranks = np.unique(column, return_inverse=True)
    return ranks, len(values)


def pivot_headings(key: Column) -> tuple[tuple[str, ...], Ints]:
    """Name the columns of a pivot, and tell which of them each row belongs to: -1, the last, where it is missing.

    Examples
    --------
    >>> names, column_of_row = pivot_headings(Text.of(["south", None], ["north", "south"]))
    >>> names, column_of_row.tolist()
    (('north', 'south', 'missing'), [1, -1])
    """
    if isinstance(key, Text):
        missing = ("missing",) if (key.codes < 0).any() else ()
        return key.categories + missing, key.codes.astype(np.int64)
    values, ranks = np.unique(key, return_inverse=True)
    return tuple("missing" if value is None else str(value) for value in listed(values)), ranks


def group_sums(
    values: npt.NDArray[Any], group_of_row: Ints, *, n_groups: int, column: str, decimals: int | None = None
) -> npt.NDArray[Any]:
    """Sum a column of numbers by group, shape (n_groups,): whole numbers and money exactly.

    Parameters
    ----------
    values : array of int or float, shape (n_rows,)
        The amounts; one that is missing makes the sum of its group missing.
    group_of_row : array of int, shape (n_rows,)
        The group of each row.
    n_groups : int
        How many groups there are; one without rows sums to zero.
    column : str
        The column's name, for the error.
    decimals : int, optional
        For money in floats: how many decimals it has. It is summed as whole numbers of that unit.

    Raises
    ------
    InputError
        When a sum exceeds 64 bits.

    Examples
    --------
    >>> group_sums(np.full(10, 0.1), np.zeros(10, dtype=np.int64), n_groups=1, column="base", decimals=2).tolist()
    [1.0]
    """
    if values.dtype.kind == "i":
        return _exact_sums(values, group_of_row, n_groups=n_groups, column=column)
    if decimals is None:
        return np.bincount(group_of_row, weights=values, minlength=n_groups)
    scale, missing = 10.0**decimals, np.isnan(values)
    units = np.rint(np.where(missing, 0.0, values) * scale)
    if (np.abs(units) >= CODE_LIMIT).any():
        raise _overflow(column)
    sums = _exact_sums(units.astype(np.int64), group_of_row, n_groups=n_groups, column=column) / scale
    sums[group_of_row[missing]] = np.nan
    return sums


def _exact_sums(values: Ints, group_of_row: Ints, *, n_groups: int, column: str) -> Ints:
    """Sum by group in two halves of 32 bits, neither of which can overflow, and refuse what the whole cannot hold."""
    high, low = np.zeros(n_groups, dtype=np.int64), np.zeros(n_groups, dtype=np.int64)
    np.add.at(high, group_of_row, values >> 32)
    np.add.at(low, group_of_row, values & LOW_HALF)
    high += low >> 32
    if ((high < -(2**31)) | (high >= 2**31)).any():
        raise _overflow(column)
    return (high << 32) | (low & LOW_HALF)


def _overflow(column: str) -> InputError:
    return InputError(f"a sum of {column} exceeds {2**63 - 1:,}", hint="Give amounts in thousands or in millions.")


def quotients(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Floats:
    """Divide one by the other, each of shape (n_groups,); NaN where the whole is zero.

    Examples
    --------
    >>> quotients(np.array([8.0, 8.0]), np.array([16.0, 0.0])).tolist()
    [0.5, nan]
    """
    ratio: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole != 0)
    return ratio


def first_and_last_days(contents: Mapping[str, Column], group_of_row: Ints, *, n_groups: int) -> dict[str, Column]:
    """Return the first ``start`` and the last ``end`` of each group, shape (n_groups,), where these are dates.

    Examples
    --------
    >>> days = np.array(["2027-01-31", "NaT", "2027-01-01"], dtype="datetime64[D]")
    >>> first_and_last_days({"start": days}, np.array([0, 0, 0]), n_groups=1)["start"].tolist()
    [datetime.date(2027, 1, 1)]
    """
    found: dict[str, Column] = {}
    for name, sign in (("start", -1), ("end", 1)):
        days = contents.get(name)
        if isinstance(days, np.ndarray) and days.dtype.kind == "M":
            # NaT is the least int64 and its own negative, so that any day is later.
            latest = np.full(n_groups, np.iinfo(np.int64).min)
            np.maximum.at(latest, group_of_row, sign * days.astype(np.int64))
            found[name] = (sign * latest).astype(days.dtype)
    return found

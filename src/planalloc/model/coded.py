"""A column of which alike values are held once: what is done to each of them is done once, however many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from planalloc.model.cells import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy.typing as npt

    from planalloc.types import Bools, Ints

    Kind = TypeVar("Kind", bound=np.generic)

__all__ = ["NOTHING", "Coded", "order_of", "together"]

NOTHING = -1
"""The code of what is not given."""

MOST_CODES = 2**62
"""Combinations of codes up to which one whole number tells them all apart."""


@dataclass(frozen=True, eq=False)
class Coded(Sequence[Any]):
    """One value a row, n of them, None where it is not given; it can be read as any sequence, too.

    Attributes
    ----------
    values : tuple
        What is given; None is none of it.
    codes : Ints
        Position of each row's value, -1 where it is not given, shape (n,).
    """

    values: tuple[Any, ...]
    codes: Ints

    @classmethod
    def of(cls, column: Iterable[Any]) -> Coded:
        """Return a column whose values are sorted, each there once; what is missing is not given.

        Examples
        --------
        >>> Coded.of(["bruno", "alice", "", "bruno"])
        Coded(values=('alice', 'bruno'), codes=array([ 1,  0, -1,  1]))
        """
        rows = column if isinstance(column, list) else list(column)
        code_of = dict.fromkeys(rows, NOTHING)
        known = tuple(_sorted([one for one in code_of if not missing(one)]))
        code_of.update(zip(known, range(len(known)), strict=True))
        return cls(known, np.fromiter(map(code_of.__getitem__, rows), np.int64, len(rows)))

    @classmethod
    def nothing(cls, rows: int) -> Coded:
        """Return a column in which nothing is given."""
        return cls((), np.full(rows, NOTHING, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, row: int) -> Any: ...
    @overload
    def __getitem__(self, row: slice) -> Coded: ...
    def __getitem__(self, row: int | slice) -> Any:
        if isinstance(row, slice):
            return Coded(self.values, self.codes[row])
        code = self.codes[row]
        return None if code == NOTHING else self.values[code]

    def __iter__(self) -> Iterator[Any]:
        return map((*self.values, None).__getitem__, self.codes.tolist())

    @property
    def given(self) -> Bools:
        """Where a value is given, shape (n,)."""
        found: Bools = self.codes != NOTHING
        return found

    def at(self, rows: Ints) -> Coded:
        """Return some rows, with all values."""
        return Coded(self.values, self.codes[rows])

    def read(self, reader: Callable[[Any], Any]) -> Coded:
        """Return what a reader makes of each value; where it returns None, nothing is given.

        Examples
        --------
        >>> list(Coded.of([" a", "a", "-"]).read(lambda one: None if one == "-" else one.strip()))
        ['a', 'a', None]
        """
        found = [reader(one) for one in self.values]
        given = np.array([*(one is not None for one in found), False], dtype=bool)
        places = np.where(given, np.cumsum(given) - 1, NOTHING)
        return Coded(tuple(one for one in found if one is not None), places[self.codes])

    def each(self, reader: Callable[[Any], Any], *, nothing: Any, kind: type[Kind]) -> npt.NDArray[Kind]:
        """Return what a reader makes of each value as an array, and `nothing` where none is given, shape (n,).

        Examples
        --------
        >>> Coded.of(["bruno", None, "eve"]).each(len, nothing=0, kind=np.int64).tolist()
        [5, 0, 3]
        """
        found: npt.NDArray[Kind] = np.array([*map(reader, self.values), nothing], dtype=kind)[self.codes]
        return found

    def filled(self, other: Coded) -> Coded:
        """Return the same column with the rows of another where nothing is given."""
        codes = np.where(other.given, other.codes + len(self.values), NOTHING)
        return Coded((*self.values, *other.values), np.where(self.given, self.codes, codes))


def together(*columns: Coded) -> Coded:
    """Return rows of several columns as one column of tuples, each there once.

    Examples
    --------
    >>> together(Coded.of(["a", "b", "a"]), Coded.of([None, 1, None])).values
    (('a', None), ('b', 1))
    """
    _, first, codes = np.unique(_combined(columns), return_index=True, return_inverse=True)
    return Coded(tuple(zip(*(one.at(first) for one in columns), strict=True)), codes.astype(np.int64))


def order_of(columns: Sequence[Coded]) -> Ints:
    """Return the rows in the order of their values, the first column first; shape (n,)."""
    return np.argsort(_combined(columns), kind="stable")


def _combined(columns: Sequence[Coded]) -> Ints:
    """Return one number a row that is the same where all columns are, and in their order, shape (n,)."""
    combined, many = columns[0].codes + 1, len(columns[0].values) + 1
    for one in columns[1:]:
        if many * (len(one.values) + 1) > MOST_CODES:
            there, combined = np.unique(combined, return_inverse=True)
            many = len(there)
        combined, many = combined * (len(one.values) + 1) + one.codes + 1, many * (len(one.values) + 1)
    return combined


def _sorted(values: list[Any]) -> list[Any]:
    """Return values in an order that does not depend on theirs, of several kinds too."""
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=lambda one: (type(one).__name__, str(one)))

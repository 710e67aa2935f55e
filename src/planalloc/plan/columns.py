"""A column of a `Table`: its dtypes, text as codes into categories, and the rules that it has to meet.

Missing is None in text, NaN in a float column and NaT in a column of dates; whole numbers and booleans are never
missing. No column can be written to, so that tables may share it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date, datetime
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.base import brief

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planalloc.types import Bools, Ints

__all__ = [
    "DTYPES",
    "Column",
    "Kind",
    "Text",
    "alike",
    "checked",
    "listed",
    "matches",
    "missing",
    "taken",
    "unknown_name",
    "wrong_roles",
]


class _Dtype(NamedTuple):
    """What a column of one dtype holds: in words, and as a condition of `Table.where`."""

    words: str
    conditions: tuple[type, ...]


DTYPES: dict[np.dtype[Any], _Dtype] = {
    np.dtype(np.int64): _Dtype("whole numbers", (Integral,)),
    np.dtype(np.float64): _Dtype("numbers", (Real,)),
    np.dtype(np.bool_): _Dtype("True or False", (bool, np.bool_)),
    np.dtype("datetime64[D]"): _Dtype("dates", (date, np.datetime64)),
}
"""Every dtype that a column may have, besides text."""

Kind: TypeAlias = Literal["amount", "hours", "share"]
"""How numbers are shown: whole or with their decimals; with one decimal; as percent with one decimal."""


@dataclass(frozen=True, eq=False)
class Text:
    """A column of text.

    Parameters
    ----------
    codes : array of int, shape (n_rows,)
        Position of each row's text in `categories`; -1 where it is missing. Held as int32.
    categories : tuple of str
        All known values, without duplicates, in the order in which results list them; some may have no row.

    Raises
    ------
    InputError
        When a category is no text or appears twice, or when a code points outside the categories.

    Examples
    --------
    >>> Text(np.array([1, -1, 0]), ("alice", "bruno")).decoded().tolist()
    ['bruno', None, 'alice']
    """

    codes: npt.NDArray[np.signedinteger[Any]]
    categories: tuple[str, ...]

    def __post_init__(self) -> None:
        codes = np.asarray(self.codes)
        categories: tuple[Any, ...] = tuple(self.categories)
        try:
            "".join(categories)
        except TypeError:
            wrong = next(name for name in categories if not isinstance(name, str))
            raise InputError(f"{wrong!r} is no text", hint="Ids are text; write them in quotes.") from None
        if len(set(categories)) < len(categories):
            raise InputError(f"{max(categories, key=categories.count)!r} appears twice among the categories")
        if codes.ndim != 1 or (codes.size and codes.dtype.kind != "i"):
            raise InputError("codes are a list of whole numbers, one per row")
        if codes.size and not -1 <= int(codes.min()) <= int(codes.max()) < len(categories):
            raise InputError(f"codes lie between -1 and {len(categories) - 1}; found {codes.min()} to {codes.max()}")
        object.__setattr__(self, "codes", _sealed(codes.astype(np.int32, copy=False)))
        object.__setattr__(self, "categories", categories)

    @classmethod
    def of(cls, values: Iterable[str | None], categories: Iterable[str] | None = None) -> Text:
        """Encode texts; None is missing. Without `categories`, these are the values that occur, sorted.

        Raises
        ------
        UnknownNameError
            When a value is not among the given categories.

        Examples
        --------
        >>> Text.of(["bruno", "alice", None]).codes.tolist()
        [1, 0, -1]
        """
        texts = list(values)
        known = tuple(
            sorted({text for text in texts if text is not None}, key=str) if categories is None else categories
        )
        code_of: dict[str | None, int] = {name: code for code, name in enumerate(known)}
        code_of[None] = -1
        if unknown := set(texts) - code_of.keys():
            raise unknown_name(min(unknown, key=str), known, kind="category")
        return cls(np.fromiter(map(code_of.__getitem__, texts), np.int32, len(texts)), known)

    def __len__(self) -> int:
        return len(self.codes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Text):
            return NotImplemented
        return self.categories == other.categories and np.array_equal(self.codes, other.codes)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle through the constructor, so that the codes stay read-only."""
        return Text, (self.codes, self.categories)

    def decoded(self) -> npt.NDArray[np.object_]:
        """Return the texts, shape (n_rows,); None where missing."""
        texts: npt.NDArray[np.object_] = np.array([*self.categories, None], dtype=object)[self.codes]
        return texts


Column: TypeAlias = Text | npt.NDArray[Any]
"""One value per row, shape (n_rows,)."""


def checked(name: Any, column: Any) -> Column:
    """Return a column that nobody can write to, or refuse what is none.

    Raises
    ------
    InputError
        When the name is no text or is empty, when the column is neither text nor an array of one of `DTYPES` of shape
        (n_rows,), or when an amount is infinite.

    Examples
    --------
    >>> checked("base", np.array([20, 10])).flags.writeable
    False
    """
    if not isinstance(name, str) or not name:
        raise InputError(f"{name!r} cannot name a column; give it some text")
    if isinstance(column, Text):
        return column
    if not isinstance(column, np.ndarray) or column.ndim != 1 or column.dtype not in DTYPES:
        found = f"{column.ndim}-d {column.dtype}" if isinstance(column, np.ndarray) else type(column).__name__
        raise InputError(
            f"{name!r} is {found}", hint="Columns are Text, or int64, float64, bool, datetime64[D] arrays."
        )
    if column.dtype.kind == "f" and np.isinf(column).any():
        raise InputError(f"{name!r} holds an infinite amount", hint="Write NaN where there is no number.")
    return _sealed(column)


def wrong_roles(
    contents: Mapping[str, Column],
    *,
    measures: tuple[str, ...],
    ratios: Mapping[str, tuple[str, ...]],
    decimals: Mapping[str, Any],
    kinds: Mapping[str, Any],
) -> list[str]:
    """Tell in words which columns have a role that they cannot have; the roles are those of `Table`.

    Examples
    --------
    >>> wrong_roles({"rep": Text.of(["alice"])}, measures=("rep",), ratios={}, decimals={}, kinds={})
    ["measure 'rep' is no column of numbers"]
    """
    dtypes = {name: column.dtype.kind for name, column in contents.items() if isinstance(column, np.ndarray)}
    numeric = {name for name, kind in dtypes.items() if kind in "if"}
    floats = {name for name, kind in dtypes.items() if kind == "f"}
    divisible = {*measures} & numeric
    return [
        *(f"measure {one!r} is no column of numbers" for one in measures if one not in numeric),
        *(
            f"ratio {one!r} is no float column that divides two measures"
            for one, parts in ratios.items()
            if one not in floats - divisible or len(parts) != 2 or not {*parts} <= divisible
        ),
        *(
            f"decimals of {one!r}: {digits!r}, where a float column has a whole number of them"
            for one, digits in decimals.items()
            if one not in floats or not isinstance(digits, int) or digits < 0
        ),
        *(
            f"kind of {one!r}: {kind!r}, where a column of numbers has one of {', '.join(get_args(Kind))}"
            for one, kind in kinds.items()
            if one not in numeric or kind not in get_args(Kind)
        ),
    ]


def alike(one: Column, other: Column) -> bool:
    """Tell whether two columns have the same dtype (for text: the same categories) and values; missing equals missing.

    Examples
    --------
    >>> alike(np.array([1.0, np.nan]), np.array([1.0, np.nan])), alike(np.array([1.0]), np.array([1]))
    (True, False)
    """
    if isinstance(one, Text) or isinstance(other, Text):
        return isinstance(one, Text) and one == other
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)


def missing(values: npt.NDArray[Any]) -> Bools:
    """Tell which values of an array are missing, shape (n_rows,).

    Examples
    --------
    >>> missing(np.array(["2027-01-31", "NaT"], dtype="datetime64[D]")).tolist()
    [False, True]
    """
    return np.isnan(values) if values.dtype.kind in "fM" else np.zeros(len(values), dtype=np.bool_)


def matches(column: Column, wanted: list[Any], *, name: str) -> Bools:
    """Tell which rows hold one of the wanted values, shape (n_rows,); None is missing.

    Raises
    ------
    UnknownNameError
        When a text is not among the categories.
    InputError
        When a column of this dtype can never hold a value.

    Examples
    --------
    >>> matches(Text.of(["alice", "bruno", None]), ["bruno", None], name="rep").tolist()
    [False, True, True]
    """
    if isinstance(column, Text):
        code_of: dict[str | None, int] = {category: code for code, category in enumerate(column.categories)}
        code_of[None] = -1
        for value in wanted:
            if not isinstance(value, str | None) or value not in code_of:
                raise unknown_name(value, column.categories, kind=name)
        chosen = np.zeros(len(code_of), dtype=np.bool_)
        chosen[[code_of[value] for value in wanted]] = True
        return np.asarray(chosen[column.codes])
    about = DTYPES[column.dtype]
    given = [value for value in wanted if value is not None]
    for value in given:
        strange = isinstance(value, datetime) or (isinstance(value, bool) and column.dtype.kind != "b")
        if strange or not isinstance(value, about.conditions):
            raise InputError(f"{name} holds {about.words}, not {value!r}")
    try:
        found = np.isin(column, np.array(given, dtype=column.dtype))
    except OverflowError as error:
        raise InputError(f"{name} holds {about.words} of 64 bits, not {given!r}") from error
    return found | missing(column) if len(given) < len(wanted) else found


def taken(column: Column, rows: Ints | slice) -> Column:
    """Return the column's values at some rows, read-only, with all its categories.

    Examples
    --------
    >>> taken(Text.of(["alice", "bruno"]), slice(1)).categories
    ('alice', 'bruno')
    """
    values = _read_only(column.codes[rows] if isinstance(column, Text) else column[rows])
    return Text(values, column.categories) if isinstance(column, Text) else values


def listed(column: Column) -> list[Any]:
    """Return the values as a list of str, int, float, bool and `datetime.date`, and None for missing.

    Examples
    --------
    >>> listed(np.array([0.5, np.nan]))
    [0.5, None]
    """
    values = column.decoded() if isinstance(column, Text) else column
    if not isinstance(column, Text) and (absent := missing(column)).any():
        values = column.astype(object)
        values[absent] = None
    natives: list[Any] = values.tolist()
    return natives


def _read_only(fresh: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return an array that only the caller holds, closed to writing."""
    fresh.flags.writeable = False
    return fresh


def _sealed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array if nobody can write to it, else a read-only copy."""
    return _read_only(array.copy()) if array.flags.writeable or array.base is not None else array


def unknown_name(value: object, known: Iterable[str], *, kind: str) -> UnknownNameError:
    """Return the error for a name that nobody defined, with the nearest known ones.

    Examples
    --------
    >>> unknown_name("alise", ["alice", "bruno"], kind="rep").hint
    "Did you mean 'alice'?"
    """
    names = list(known)
    near = tuple(difflib.get_close_matches(str(value), names, n=3))
    others = (
        f"Known are {', '.join(names[:8])}{' and others' if len(names) > 8 else ''}." if names else "None is known."
    )
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else others
    return UnknownNameError(f"{brief(repr(value))} is no known {kind}", hint=hint, name=str(value), candidates=near)

"""`Table`: named columns of equal length, the one shape in which results come out.

Text is held as codes into categories, whose order is the order of every result. Measures add up; ratios are divided
anew after a sum; every other column is a label, by which rows are told apart. Missing is None in text, NaN in a
float column and NaT in a column of dates; whole numbers and booleans are never missing.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date, datetime
from importlib.util import find_spec
from numbers import Integral, Real
from types import MappingProxyType, NoneType
from typing import Any, NoReturn, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from planalloc.errors import InputError, UnknownNameError, require
from planalloc.plan.table_display import Kind, as_html, as_text, kind_of, size_of
from planalloc.types import Bools, Floats, Grain, Ints

__all__ = ["Column", "Periods", "Table", "Text"]

GRAINS: tuple[str, ...] = get_args(Grain)
CODE_LIMIT = 2**62
"""Keys are packed into one number per row as long as it stays below this."""
DENSE_FACTOR = 4
"""Keys with at most this many combinations per row are counted; with more, they are sorted."""
LOW_HALF = 2**32 - 1
"""The lower 32 bits of a whole number, which is summed in two halves."""


@dataclass(frozen=True)
class _Dtype:
    """What a column of one dtype may hold: in words, as a condition of `Table.where`, and in JSON."""

    json: str
    words: str
    conditions: tuple[type, ...]
    json_values: frozenset[type]


DTYPES: dict[np.dtype[Any], _Dtype] = {
    np.dtype(np.int64): _Dtype("int64", "whole numbers", (Integral,), frozenset({int})),
    np.dtype(np.float64): _Dtype("float64", "numbers", (Real,), frozenset({float, int, NoneType})),
    np.dtype(np.bool_): _Dtype("bool", "True or False", (bool, np.bool_), frozenset({bool})),
    np.dtype("datetime64[D]"): _Dtype("date", "dates", (date, np.datetime64), frozenset({str, NoneType})),
}
JSON_DTYPES = {about.json: dtype for dtype, about in DTYPES.items()}


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
        if wrong := [name for name in categories if not isinstance(name, str)]:
            raise InputError(f"{wrong[0]!r} is no text", hint="Ids are text; write them in quotes.")
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
            raise _unknown(min(unknown, key=str), known, "category")
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


@dataclass(frozen=True)
class Periods:
    """The periods of a plan and the coarser periods that hold them.

    Parameters
    ----------
    grain : Grain
        The grain of `ids`.
    ids : tuple of str
        The periods, in order of time.
    coarser : Mapping
        For each grain that can be asked for: the id of the coarse period that holds each of `ids`, in the same order;
        or, where the grain does not nest, the reason in a sentence.

    Raises
    ------
    InputError
        When an id appears twice, or when a grain does not give one coarse period for each period.

    Examples
    --------
    >>> Periods("quarter", ("2027-Q1", "2027-Q2"), {"year": ("2027", "2027")}).within("year")
    ('2027', '2027')
    """

    grain: Grain
    ids: tuple[str, ...]
    coarser: Mapping[Grain, tuple[str, ...] | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(set(self.ids)) < len(self.ids):
            raise InputError(f"{max(self.ids, key=self.ids.count)!r} appears twice among the periods")
        for grain, holders in self.coarser.items():
            if not isinstance(holders, str) and len(holders) != len(self.ids):
                raise InputError(f"{len(holders)} ids by {grain} are given for {len(self.ids)} periods")

    def within(self, grain: Grain) -> tuple[str, ...]:
        """Return the id of the coarse period that holds each of `ids`.

        Raises
        ------
        InputError
            When the periods do not nest in this grain.
        """
        if grain == self.grain:
            return self.ids
        holders = self.coarser.get(grain, f"A {self.grain} cannot be told by {grain}.")
        if isinstance(holders, str):
            raise InputError(f"numbers by {self.grain} cannot be summed by {grain}", hint=holders)
        return tuple(holders)

    def at(self, grain: Grain) -> Periods:
        """Return the same axis at a coarser grain, with the grains in which its periods nest.

        Raises
        ------
        InputError
            When the periods do not nest in this grain.
        """
        inner = self.within(grain)
        coarser: dict[Grain, tuple[str, ...] | str] = {}
        for other in self.coarser.keys() - {grain}:
            outer = self.coarser[other]
            if not isinstance(outer, str):
                holder = dict(zip(inner, outer, strict=True))
                nests = tuple(holder[one] for one in inner) == tuple(outer)
                outer = tuple(holder.values()) if nests else f"A {grain} does not always lie within one {other}."
            coarser[other] = outer
        return Periods(grain, tuple(dict.fromkeys(inner)), coarser)


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Named columns of equal length that never change.

    Two tables are equal when their names, columns, order of columns, dtypes (for text: the categories) and values are;
    missing equals missing.

    Parameters
    ----------
    contents : Mapping of str to Text or array
        The columns, in order, each of shape (n_rows,): text, int64, float64, bool or datetime64[D].
    name : str
        What the table holds; its title when it is shown.
    measures : tuple of str
        The columns that add up.
    ratios : Mapping of str to pair of str
        Columns that are one measure divided by another, NaN where that is zero.
    decimals : Mapping of str to int
        For float columns of money: how many decimals it has. Sums are exact to that.
    kinds : Mapping of str to {"amount", "hours", "share"}
        How to show a column of numbers, where ratios and its name do not tell.
    calendar : Periods, optional
        What the column ``period`` (or one named as the calendar's grain) nests in.

    Raises
    ------
    InputError
        When columns differ in length or hold something else, an amount is infinite, or a role names no fit column.
    UnknownNameError
        When the calendar does not know a period.

    Examples
    --------
    >>> table = Table({"rep": Text.of(["bruno", "alice", "bruno"]), "base": np.array([20, 10, 5])}, measures=("base",))
    >>> table.by("rep").to_dicts()
    [{'rep': 'alice', 'base': 10}, {'rep': 'bruno', 'base': 25}]
    """

    contents: Mapping[str, Column]
    _: KW_ONLY
    name: str = "table"
    measures: tuple[str, ...] = ()
    ratios: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    decimals: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    calendar: Periods | None = None

    def __post_init__(self) -> None:
        contents = {name: _checked(name, column) for name, column in self.contents.items()}
        lengths = {name: len(column) for name, column in contents.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(f"the columns of {self.name!r} differ in length: {lengths}")
        object.__setattr__(self, "contents", MappingProxyType(contents))
        object.__setattr__(self, "measures", tuple(self.measures))
        object.__setattr__(self, "ratios", MappingProxyType({name: tuple(pair) for name, pair in self.ratios.items()}))
        object.__setattr__(self, "decimals", MappingProxyType(dict(self.decimals)))
        object.__setattr__(self, "kinds", MappingProxyType(dict(self.kinds)))
        if wrong := _wrong_roles(self):
            raise InputError(f"{self.name!r} gives a column a role it cannot have: {'; '.join(wrong)}")
        _, period = self._time()
        if self.calendar and period and (strange := set(period.categories) - set(self.calendar.ids)):
            raise _unknown(min(strange), self.calendar.ids, "period of the calendar")

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.contents)

    def __len__(self) -> int:
        return len(next(iter(self.contents.values()), ()))

    def __getitem__(self, column: str) -> npt.NDArray[Any]:
        """Return a column's values, shape (n_rows,), read-only; text as an array of objects, None where missing."""
        if column not in self.contents:
            raise _unknown(column, self.columns, f"column of {self.name}")
        found = self.contents[column]
        return found.decoded() if isinstance(found, Text) else found

    def __iter__(self) -> NoReturn:
        raise TypeError("a table is not a list; loop over .columns or over .to_dicts()")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        return (
            self.name == other.name
            and self.columns == other.columns
            and all(map(_alike, self.contents.values(), other.contents.values()))
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle through the constructor, so that the arrays stay read-only."""
        return _rebuilt, (dict(self.contents), {"name": self.name, "calendar": self.calendar, **self._roles()})

    def __repr__(self) -> str:
        return f"<Table {self.name}: {size_of(self)}>"

    def __str__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def head(self, rows: int = 20) -> Table:
        """Return the first rows.

        Raises
        ------
        InputError
            When `rows` is negative.
        """
        if rows < 0:
            raise InputError(f"rows is {rows}; it must be zero or more")
        return self._rows(slice(rows))

    def where(self, /, **conditions: Any) -> Table:
        """Return the rows that meet every condition, in their order.

        Parameters
        ----------
        **conditions
            For a column, or a grain in which the periods nest (``quarter="2027-Q1"``): the value, or a collection of
            values, of which one must hold. None is missing.

        Raises
        ------
        UnknownNameError
            When there is no such column, or when a text is not among the known ones. One that is known and has no
            row is fine: the answer is an empty table.
        InputError
            When a value cannot be in such a column, or when the periods do not nest in the grain.

        Examples
        --------
        >>> table = Table({"rep": Text.of(["bruno", "alice", "bruno"]), "base": np.array([20, 10, 5])})
        >>> table.where(rep="bruno")["base"].tolist()
        [20, 5]
        """
        kept: Bools = np.ones(len(self), dtype=np.bool_)
        for name, wanted in conditions.items():
            several = isinstance(wanted, Iterable) and not isinstance(wanted, str)
            kept &= _matches(self._label(name), list(wanted) if several else [wanted], name)
        return self._rows(np.flatnonzero(kept))

    def by(self, *keys: str) -> Table:
        """Sum over everything but the keys.

        The rows come in the order of the keys: text in the order of its categories, missing last. Measures are
        summed, whole numbers and money exactly; ratios are divided anew. With time among the keys, ``start`` and
        ``end`` are kept as the first and the last day. All other columns are dropped.

        Parameters
        ----------
        *keys : str
            Labels, or grains in which the periods nest: ``"quarter"``. The plan's own grain stands for its periods.

        Raises
        ------
        UnknownNameError
            When there is no such column or grain.
        InputError
            When no key is given, a key is an amount, the periods do not nest in a grain, or a sum exceeds 64 bits.

        Examples
        --------
        >>> year = Periods("quarter", ("2027-Q1", "2027-Q2"), {"year": ("2027", "2027")})
        >>> quotas = Table({"period": Text.of(year.ids), "base": np.array([10, 20])}, measures=("base",), calendar=year)
        >>> quotas.by("year").to_dicts()
        [{'year': '2027', 'base': 30}]
        """
        if not keys:
            raise InputError("by() needs a key; total() sums a whole column", hint=self._hint(labels=True))
        labels = {key: self._label(key) for key in keys}
        for key, label in labels.items():
            if key in self.measures or (not isinstance(label, Text) and label.dtype.kind == "f"):
                raise InputError(f"{key} is an amount, by which nothing is grouped", hint=self._hint(labels=True))
        group_of_row, row_of_group = _groups(list(labels.values()))
        contents = {key: _taken(label, row_of_group) for key, label in labels.items()}
        if any(key == "period" or key in GRAINS for key in labels):
            contents |= self._dates(group_of_row, len(row_of_group))
        sums = {name: self._sums(name, group_of_row, len(row_of_group)) for name in self.measures}
        sums |= {name: _ratio(sums[part], sums[whole]) for name, (part, whole) in self.ratios.items()}
        contents |= {name: _read_only(sums[name]) for name in self.columns if name in sums}
        return replace(
            self,
            contents=contents,
            decimals={name: digits for name, digits in self.decimals.items() if name in contents},
            kinds={name: kind for name, kind in self.kinds.items() if name in contents},
            calendar=self._calendar_at(labels),
        )

    def pivot(self, rows: str, columns: str, values: str) -> Table:
        """Lay sums out wide: a row for each value of one key, a column for each value of another.

        The columns follow the order of the categories, with or without rows; a column ``missing`` comes last where
        the second key is missing in some rows. A cell without rows holds zero; NaN for a ratio.

        Parameters
        ----------
        rows, columns : str
            Two keys, as for `by`.
        values : str
            The measure or the ratio that fills the cells.

        Raises
        ------
        UnknownNameError
            When there is no such column or grain.
        InputError
            When `values` is a label, or two columns would bear the same name; and as `by` raises it.

        Examples
        --------
        >>> table = Table({"rep": Text.of(["bruno", "alice"]), "line": Text.of(["A", "B"]), "base": np.array([20, 10])},
        ...               measures=("base",))
        >>> table.pivot("rep", "line", "base").to_dicts()
        [{'rep': 'alice', 'A': 0, 'B': 10}, {'rep': 'bruno', 'A': 20, 'B': 0}]
        """
        self._require_amount(values)
        summed = self.by(rows, columns)
        names, column_of_group = _headings(summed.contents[columns])
        if len({rows, *names}) <= len(names):
            raise InputError(f"two columns would bear the same name, among {rows!r} and the values of {columns!r}")
        row_of_group, sample = _groups([summed.contents[rows]])
        wide = np.full((len(names), len(sample)), np.nan if values in self.ratios else 0, summed[values].dtype)
        wide[column_of_group, row_of_group] = summed[values]
        return Table(
            {rows: _taken(summed.contents[rows], sample), **dict(zip(names, wide, strict=True))},
            name=f"{values} of {self.name}",
            measures=names if values in self.measures else (),
            decimals=dict.fromkeys(names, self.decimals[values]) if values in self.decimals else {},
            kinds=dict.fromkeys(names, kind_of(self, values)),
            calendar=summed.calendar,
        )

    def total(self, column: str) -> int | float:
        """Return the sum of a measure over all rows, exact as in `by`; for a ratio, the ratio of the sums.

        Raises
        ------
        UnknownNameError
            When there is no such column.
        InputError
            When the column is a label, or the sum exceeds 64 bits.

        Examples
        --------
        >>> Table({"base": np.array([2**60, 1])}, measures=("base",)).total("base") - 2**60
        1
        """
        self._require_amount(column)
        if column in self.ratios:
            part, whole = (self.total(name) for name in self.ratios[column])
            return part / whole if whole else math.nan
        total: int | float = self._sums(column, np.zeros(len(self), dtype=np.int64), 1)[0].item()
        return total

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dicts of str, int, float, bool, `datetime.date`, and None for missing."""
        lists = [_natives(column) for column in self.contents.values()]
        return [dict(zip(self.contents, row, strict=True)) for row in zip(*lists, strict=True)]

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame``; text as ordered ``Categorical``, missing as NaN and NaT.

        Raises
        ------
        BackendUnavailableError
            When pandas is not installed.
        """
        pandas = require("pandas", "pandas")

        def series(column: Column) -> Any:
            if not isinstance(column, Text):
                return column
            return pandas.Categorical.from_codes(column.codes, categories=list(column.categories), ordered=True)

        return pandas.DataFrame({name: series(column) for name, column in self.contents.items()})

    def to_polars(self) -> Any:
        """Return a ``polars.DataFrame``; text as ``Enum``, which keeps the order and all categories; missing as null.

        Raises
        ------
        BackendUnavailableError
            When polars is not installed.
        """
        polars = require("polars", "polars")

        def series(name: str, column: Column) -> Any:
            if not isinstance(column, Text):
                return polars.Series(name, column, nan_to_null=True)
            known = polars.Series(name, column.categories, dtype=polars.Enum(column.categories))
            codes = polars.Series(column.codes)
            return known.gather(codes.set(codes < 0, None))

        return polars.DataFrame([series(name, column) for name, column in self.contents.items()])

    def to_arrow(self) -> Any:
        """Return a ``pyarrow.Table``; text as ordered dictionary, dates as date32, missing as null.

        Raises
        ------
        BackendUnavailableError
            When pyarrow is not installed.
        """
        arrow = require("pyarrow", "arrow")

        def array(column: Column) -> Any:
            if not isinstance(column, Text):
                return arrow.array(column, from_pandas=True)
            codes = arrow.array(column.codes, mask=column.codes < 0)
            return arrow.DictionaryArray.from_arrays(
                codes, arrow.array(column.categories, arrow.string()), ordered=True
            )

        return arrow.table({name: array(column) for name, column in self.contents.items()})

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the rows to a library that speaks the Arrow stream protocol, through pyarrow or polars.

        Raises
        ------
        BackendUnavailableError
            When neither is installed.
        """
        only_polars = find_spec("pyarrow") is None and find_spec("polars") is not None
        return (self.to_polars() if only_polars else self.to_arrow()).__arrow_c_stream__(requested_schema)

    def to_json_data(self) -> dict[str, Any]:
        """Return dicts, lists and plain values that `from_json_data` reads back without loss, but for the calendar.

        Examples
        --------
        >>> Table({"rep": Text.of(["alice"])}, name="reps").to_json_data()["columns"]
        [{'name': 'rep', 'type': 'text', 'categories': ['alice'], 'codes': [0]}]
        """
        columns = [{"name": name, **_column_to_json(column)} for name, column in self.contents.items()]
        roles = {**self._roles(), "ratios": {name: list(pair) for name, pair in self.ratios.items()}}
        return {"name": self.name, "columns": columns, **roles, "measures": list(self.measures)}

    @classmethod
    def from_json_data(cls, content: Mapping[str, Any], *, calendar: Periods | None = None) -> Table:
        """Read back what `to_json_data` wrote.

        Raises
        ------
        InputError
            When fields are missing, unknown or of the wrong type, or when they do not make a table.
        """
        types = {"name": str, "columns": list, "measures": list, "ratios": dict, "decimals": dict, "kinds": dict}
        _require_fields(content, types, "a table")
        columns = [_column_from_json(entry) for entry in content["columns"]]
        if len(dict(columns)) < len(columns):
            raise InputError(f"two columns of {content['name']!r} bear the same name")
        roles = {role: content[role] for role in types if role != "columns"}
        try:
            return cls(dict(columns), calendar=calendar, **roles)
        except TypeError as error:
            raise InputError(f"the roles of the columns of {content['name']!r} are not names: {error}") from error

    def _roles(self) -> dict[str, Any]:
        mappings = {"ratios": dict(self.ratios), "decimals": dict(self.decimals), "kinds": dict(self.kinds)}
        return {"measures": self.measures, **mappings}

    def _rows(self, rows: Ints | slice) -> Table:
        return replace(self, contents={name: _taken(column, rows) for name, column in self.contents.items()})

    def _time(self) -> tuple[str, Text | None]:
        """Return the name of the column of periods, and the column."""
        for name in ("period", self.calendar.grain if self.calendar else "period"):
            column = self.contents.get(name)
            if isinstance(column, Text):
                return name, column
        return "period", None

    def _label(self, name: str) -> Column:
        """Return a column, or the coarse periods that hold the rows' periods."""
        if name in self.contents:
            return self.contents[name]
        _, period = self._time()
        if name not in GRAINS:
            raise _unknown(name, self.columns + (GRAINS if period else ()), f"column of {self.name}")
        if self.calendar is None or period is None:
            raise InputError(f"{self.name} has no periods that tell the {name}", hint=self._hint(labels=True))
        holders = dict(zip(self.calendar.ids, self.calendar.within(name), strict=True))  # type: ignore[arg-type]
        coarse = Text.of([holders[one] for one in period.categories], dict.fromkeys(holders.values()))
        return Text(np.append(coarse.codes, np.int32(-1))[period.codes], coarse.categories)

    def _calendar_at(self, keys: Iterable[str]) -> Periods | None:
        """Return the calendar of the periods that are left when only these keys are."""
        time, _ = self._time()
        derived = [key for key in keys if key not in self.contents]
        if self.calendar is None or time in keys or not derived:
            return self.calendar
        return self.calendar.at(min(derived, key=GRAINS.index))  # type: ignore[arg-type]

    def _hint(self, *, labels: bool) -> str:
        amounts = (*self.measures, *self.ratios)
        names = [name for name in self.columns if (name not in amounts) == labels]
        return f"{'Labels' if labels else 'Measures'} of {self.name}: {', '.join(names) or 'none'}."

    def _require_amount(self, column: str) -> None:
        if column not in self.contents:
            raise _unknown(column, (*self.measures, *self.ratios), f"measure of {self.name}")
        if column not in self.measures and column not in self.ratios:
            raise InputError(f"{column} is a label and does not add up", hint=self._hint(labels=False))

    def _dates(self, group_of_row: Ints, n_groups: int) -> dict[str, Column]:
        """Return the first and the last day of each group; NaT is the least int64, so that any day is later."""
        found: dict[str, Column] = {}
        for name, sign in (("start", -1), ("end", 1)):
            days = self.contents.get(name)
            if isinstance(days, np.ndarray) and days.dtype.kind == "M":
                latest = np.full(n_groups, np.iinfo(np.int64).min)
                np.maximum.at(latest, group_of_row, sign * days.astype(np.int64))
                found[name] = (sign * latest).astype(days.dtype)
        return found

    def _sums(self, name: str, group_of_row: Ints, n_groups: int) -> npt.NDArray[Any]:
        values = self[name]
        if values.dtype.kind == "i":
            return _exact_sums(values, group_of_row, n_groups, name)
        if name not in self.decimals:
            return np.bincount(group_of_row, weights=values, minlength=n_groups)
        scale, missing = 10.0 ** self.decimals[name], np.isnan(values)
        units = np.rint(np.where(missing, 0.0, values) * scale)
        if (np.abs(units) >= CODE_LIMIT).any():
            raise _overflow(name)
        sums = _exact_sums(units.astype(np.int64), group_of_row, n_groups, name) / scale
        sums[group_of_row[missing]] = np.nan
        return sums


def _rebuilt(contents: dict[str, Column], options: dict[str, Any]) -> Table:
    return Table(contents, **options)


def _unknown(value: object, known: Iterable[str], kind: str) -> UnknownNameError:
    names = list(known)
    near = tuple(difflib.get_close_matches(str(value), names, n=3))
    listed = (
        f"Known are {', '.join(names[:8])}{' and others' if len(names) > 8 else ''}." if names else "None is known."
    )
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else listed
    return UnknownNameError(f"{value!r} is no known {kind}", hint=hint, name=str(value), candidates=near)


def _overflow(column: str) -> InputError:
    return InputError(f"a sum of {column} exceeds {2**63 - 1:,}", hint="Give amounts in thousands or in millions.")


def _sealed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array if nobody can write to it, else a read-only copy."""
    return _read_only(array.copy()) if array.flags.writeable or array.base is not None else array


def _read_only(fresh: npt.NDArray[Any]) -> npt.NDArray[Any]:
    fresh.flags.writeable = False
    return fresh


def _taken(column: Column, rows: Ints | slice) -> Column:
    values = _read_only(column.codes[rows] if isinstance(column, Text) else column[rows])
    return Text(values, column.categories) if isinstance(column, Text) else values


def _missing(values: npt.NDArray[Any]) -> Bools:
    return np.isnan(values) if values.dtype.kind in "fM" else np.zeros(len(values), dtype=np.bool_)


def _alike(one: Column, other: Column) -> bool:
    if isinstance(one, Text) or isinstance(other, Text):
        return isinstance(one, Text) and one == other
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)


def _checked(name: Any, column: Any) -> Column:
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


def _wrong_roles(table: Table) -> list[str]:
    dtypes = {name: column.dtype.kind for name, column in table.contents.items() if isinstance(column, np.ndarray)}
    numeric = {name for name, kind in dtypes.items() if kind in "if"}
    floats = {name for name, kind in dtypes.items() if kind == "f"}
    measures = {*table.measures} & numeric
    ratios: Mapping[str, tuple[str, ...]] = table.ratios
    decimals: Mapping[str, Any] = table.decimals
    return [
        *(f"measure {one!r} is no column of numbers" for one in table.measures if one not in numeric),
        *(
            f"ratio {one!r} is no float column that divides two measures"
            for one, parts in ratios.items()
            if one not in floats - measures or len(parts) != 2 or not {*parts} <= measures
        ),
        *(
            f"decimals of {one!r}: {digits!r}, where a float column has a whole number of them"
            for one, digits in decimals.items()
            if one not in floats or not isinstance(digits, int) or digits < 0
        ),
        *(
            f"kind of {one!r}: {kind!r}, where a column of numbers has one of {', '.join(get_args(Kind))}"
            for one, kind in table.kinds.items()
            if one not in numeric or kind not in get_args(Kind)
        ),
    ]


def _matches(column: Column, wanted: list[Any], name: str) -> Bools:
    """Tell which rows hold one of the wanted values, shape (n_rows,)."""
    if isinstance(column, Text):
        code_of: dict[str | None, int] = {category: code for code, category in enumerate(column.categories)}
        code_of[None] = -1
        for value in wanted:
            if not isinstance(value, str | None) or value not in code_of:
                raise _unknown(value, column.categories, name)
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
    return found | _missing(column) if len(given) < len(wanted) else found


def _ranks(column: Column) -> tuple[Ints, int]:
    """Rank the values in their order, missing last, and count the ranks."""
    if isinstance(column, Text):
        last = len(column.categories)
        return np.where(column.codes < 0, last, column.codes).astype(np.int64), last + 1
    values, ranks = np.unique(column, return_inverse=True)
    return ranks, len(values)


def _groups(keys: Sequence[Column]) -> tuple[Ints, Ints]:
    """Find the distinct combinations of keys, in order: the group of each row, and a row of each group."""
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


def _headings(key: Column) -> tuple[tuple[str, ...], Ints]:
    """Name the columns of a pivot, and tell which of them each group belongs to: -1, the last, where it is missing."""
    if isinstance(key, Text):
        missing = ("missing",) if (key.codes < 0).any() else ()
        return key.categories + missing, key.codes.astype(np.int64)
    values, ranks = np.unique(key, return_inverse=True)
    return tuple("missing" if value is None else str(value) for value in _natives(values)), ranks


def _exact_sums(values: Ints, group_of_row: Ints, n_groups: int, name: str) -> Ints:
    """Sum by group in two halves of 32 bits, neither of which can overflow, and refuse what the whole cannot hold."""
    high, low = np.zeros(n_groups, dtype=np.int64), np.zeros(n_groups, dtype=np.int64)
    np.add.at(high, group_of_row, values >> 32)
    np.add.at(low, group_of_row, values & LOW_HALF)
    high += low >> 32
    if ((high < -(2**31)) | (high >= 2**31)).any():
        raise _overflow(name)
    return (high << 32) | (low & LOW_HALF)


def _ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole != 0)
    return ratio


def _natives(column: Column) -> list[Any]:
    values = column.decoded() if isinstance(column, Text) else column
    if not isinstance(column, Text) and (missing := _missing(column)).any():
        values = column.astype(object)
        values[missing] = None
    natives: list[Any] = values.tolist()
    return natives


def _column_to_json(column: Column) -> dict[str, Any]:
    if isinstance(column, Text):
        return {"type": "text", "categories": list(column.categories), "codes": column.codes.tolist()}
    if column.dtype.kind == "M":
        return {"type": "date", "values": _iso_dates(column)}
    return {"type": DTYPES[column.dtype].json, "values": _natives(column)}


def _iso_dates(days: npt.NDArray[Any]) -> list[str | None]:
    texts = np.datetime_as_string(days).astype(object)
    texts[_missing(days)] = None
    dates: list[str | None] = texts.tolist()
    return dates


def _require_fields(content: Any, types: Mapping[str, type], what: str) -> None:
    if not isinstance(content, Mapping) or set(content) != set(types):
        found = ", ".join(map(str, content)) if isinstance(content, Mapping) else type(content).__name__
        raise InputError(f"{what} in JSON is an object with the fields {', '.join(types)}; found: {found}")
    for name, kind in types.items():
        if not isinstance(content[name], kind):
            raise InputError(f"{name!r} of {what} in JSON must be {kind.__name__}, not {content[name]!r}")


def _column_from_json(entry: Any) -> tuple[str, Column]:
    kind = entry.get("type") if isinstance(entry, Mapping) else None
    lists = {"categories": list, "codes": list} if kind == "text" else {"values": list}
    _require_fields(entry, {"name": str, "type": str, **lists}, "a column")
    name = entry["name"]
    if kind == "text":
        _require_types(name, entry["codes"], frozenset({int}), "codes")
        return name, Text(np.array(entry["codes"], dtype=np.int64), tuple(entry["categories"]))
    if kind not in JSON_DTYPES:
        raise InputError(f"column {name!r} is of type {kind!r}, none of text, {', '.join(JSON_DTYPES)}")
    dtype = JSON_DTYPES[kind]
    _require_types(name, entry["values"], DTYPES[dtype].json_values, DTYPES[dtype].words)
    try:
        values = np.array(entry["values"], dtype=dtype)
    except (ValueError, OverflowError) as error:
        raise InputError(f"column {name!r}: {error}") from error
    if kind == "date" and _iso_dates(values) != entry["values"]:
        raise InputError(f"column {name!r}: dates are written as 2027-01-31")
    return name, values


def _require_types(name: str, values: list[Any], allowed: frozenset[type], words: str) -> None:
    if odd := set(map(type, values)) - allowed:
        first = next(value for value in values if type(value) in odd)
        raise InputError(f"column {name!r} holds {words}, not {first!r}")

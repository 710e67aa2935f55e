"""`Table`: named columns of equal length, the one shape in which results come out.

Text is held as codes into categories, whose order is the order of every result. Measures add up; ratios are divided
anew after a sum; every other column is a label, by which rows are told apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from planalloc.errors import InputError
from planalloc.plan import table_export
from planalloc.plan.columns import Column, Kind, Text, alike, checked, listed, matches, taken, unknown_name, wrong_roles
from planalloc.plan.grouping import first_and_last_days, group_sums, groups, pivot_headings, quotients
from planalloc.plan.periods import GRAINS, Periods, calendar_left, time_column
from planalloc.plan.table_display import as_html, as_text, kind_of, size_of
from planalloc.plan.table_json import from_json, to_json

if TYPE_CHECKING:
    import numpy.typing as npt

    from planalloc.types import Bools, Ints

__all__ = ["Column", "Periods", "Table", "Text"]


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
        contents = {name: checked(name, column) for name, column in self.contents.items()}
        lengths = {name: len(column) for name, column in contents.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(f"the columns of {self.name!r} differ in length: {lengths}")
        object.__setattr__(self, "contents", MappingProxyType(contents))
        object.__setattr__(self, "measures", tuple(self.measures))
        object.__setattr__(self, "ratios", MappingProxyType({name: tuple(pair) for name, pair in self.ratios.items()}))
        object.__setattr__(self, "decimals", MappingProxyType(dict(self.decimals)))
        object.__setattr__(self, "kinds", MappingProxyType(dict(self.kinds)))
        if wrong := wrong_roles(self.contents, **self._roles()):
            raise InputError(f"{self.name!r} gives a column a role it cannot have: {'; '.join(wrong)}")
        _, period = time_column(self.contents, self.calendar)
        if self.calendar and period and (strange := set(period.categories) - set(self.calendar.ids)):
            raise unknown_name(min(strange), self.calendar.ids, kind="period of the calendar")

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.contents)

    def __len__(self) -> int:
        return len(next(iter(self.contents.values()), ()))

    def __getitem__(self, column: str) -> npt.NDArray[Any]:
        """Return a column's values, shape (n_rows,), read-only; text as an array of objects, None where missing."""
        if column not in self.contents:
            raise unknown_name(column, self.columns, kind=f"column of {self.name}")
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
            and all(map(alike, self.contents.values(), other.contents.values()))
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
            kept &= matches(self._label(name), list(wanted) if several else [wanted], name=name)
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
        group_of_row, row_of_group = groups(list(labels.values()))
        contents = {key: taken(label, row_of_group) for key, label in labels.items()}
        if any(key == "period" or key in GRAINS for key in labels):
            contents |= first_and_last_days(self.contents, group_of_row, n_groups=len(row_of_group))
        sums = {name: self._sums(name, group_of_row, len(row_of_group)) for name in self.measures}
        sums |= {name: quotients(sums[part], sums[whole]) for name, (part, whole) in self.ratios.items()}
        contents |= {name: sums[name] for name in self.columns if name in sums}
        return replace(
            self,
            contents=contents,
            decimals={name: digits for name, digits in self.decimals.items() if name in contents},
            kinds={name: kind for name, kind in self.kinds.items() if name in contents},
            calendar=calendar_left(self.contents, self.calendar, keys=labels),
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
        names, column_of_group = pivot_headings(summed.contents[columns])
        if len({rows, *names}) <= len(names):
            raise InputError(f"two columns would bear the same name, among {rows!r} and the values of {columns!r}")
        row_of_group, sample = groups([summed.contents[rows]])
        wide = np.full((len(names), len(sample)), np.nan if values in self.ratios else 0, summed[values].dtype)
        wide[column_of_group, row_of_group] = summed[values]
        return Table(
            {rows: taken(summed.contents[rows], sample), **dict(zip(names, wide, strict=True))},
            name=f"{values} by {rows} and {columns}",
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
        lists = [listed(column) for column in self.contents.values()]
        return [dict(zip(self.contents, row, strict=True)) for row in zip(*lists, strict=True)]

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame``; text as ordered ``Categorical``, missing as NaN and NaT.

        Raises
        ------
        BackendUnavailableError
            When pandas is not installed.
        """
        return table_export.to_pandas(self.contents)

    def to_polars(self) -> Any:
        """Return a ``polars.DataFrame``; text as ``Enum``, which keeps the order and all categories; missing as null.

        Raises
        ------
        BackendUnavailableError
            When polars is not installed.
        """
        return table_export.to_polars(self.contents)

    def to_arrow(self) -> Any:
        """Return a ``pyarrow.Table``; text as ordered dictionary, dates as date32, missing as null.

        Raises
        ------
        BackendUnavailableError
            When pyarrow is not installed.
        """
        return table_export.to_arrow(self.contents)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the rows to a library that speaks the Arrow stream protocol, through pyarrow or polars.

        Raises
        ------
        BackendUnavailableError
            When neither is installed.
        """
        return table_export.arrow_stream(self.contents, requested_schema)

    def to_json_data(self) -> dict[str, Any]:
        """Return dicts, lists and plain values that `from_json_data` reads back without loss, but for the calendar.

        Examples
        --------
        >>> Table({"rep": Text.of(["alice"])}, name="reps").to_json_data()["columns"]
        [{'name': 'rep', 'type': 'text', 'categories': ['alice'], 'codes': [0]}]
        """
        return to_json(self.contents, self._roles(), name=self.name)

    @classmethod
    def from_json_data(cls, content: Mapping[str, Any], *, calendar: Periods | None = None) -> Table:
        """Read back what `to_json_data` wrote.

        Raises
        ------
        InputError
            When fields are missing, unknown or of the wrong type, or when they do not make a table.
        """
        contents, options = from_json(content)
        try:
            return cls(contents, calendar=calendar, **options)
        except TypeError as error:
            raise InputError(f"the roles of the columns of {content['name']!r} are not names: {error}") from error

    def _roles(self) -> dict[str, Any]:
        mappings = {"ratios": dict(self.ratios), "decimals": dict(self.decimals), "kinds": dict(self.kinds)}
        return {"measures": self.measures, **mappings}

    def _rows(self, rows: Ints | slice) -> Table:
        return replace(self, contents={name: taken(column, rows) for name, column in self.contents.items()})

    def _label(self, name: str) -> Column:
        """Return a column, or the coarse periods that hold the rows' periods."""
        if name in self.contents:
            return self.contents[name]
        _, period = time_column(self.contents, self.calendar)
        if name not in GRAINS:
            raise unknown_name(name, self.columns + (GRAINS if period else ()), kind=f"column of {self.name}")
        if self.calendar is None or period is None:
            raise InputError(f"{self.name} has no periods that tell the {name}", hint=self._hint(labels=True))
        return self.calendar.holders(period, name)  # type: ignore[arg-type]

    def _hint(self, *, labels: bool) -> str:
        amounts = (*self.measures, *self.ratios)
        names = [name for name in self.columns if (name not in amounts) == labels]
        return f"{'Labels' if labels else 'Measures'} of {self.name}: {', '.join(names) or 'none'}."

    def _require_amount(self, column: str) -> None:
        if column not in self.contents:
            raise unknown_name(column, (*self.measures, *self.ratios), kind=f"measure of {self.name}")
        if column not in self.measures and column not in self.ratios:
            raise InputError(f"{column} is a label and does not add up", hint=self._hint(labels=False))

    def _sums(self, name: str, group_of_row: Ints, n_groups: int) -> npt.NDArray[Any]:
        decimals = self.decimals.get(name)
        return group_sums(self[name], group_of_row, n_groups=n_groups, column=name, decimals=decimals)


def _rebuilt(contents: dict[str, Column], options: dict[str, Any]) -> Table:
    return Table(contents, **options)

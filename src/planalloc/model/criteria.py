"""Criteria: what an account must hold to belong to a segment, as data that is stored and compared, never as code."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias

import numpy as np
from pydantic import BeforeValidator, Discriminator, StrictBool, Tag, model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import NUMBERS, Day, Id, Name, NotEmpty, Number, Record, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from planalloc.types import Bools, Ints

__all__ = ["AllOf", "AnyOf", "Column", "Condition", "Criteria", "NotOf", "Value", "conditions", "kind_of", "meets"]

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DEEPEST = 50
"""Criteria nested deeper than this were made by a program that went astray."""


def _kind_of_value(value: Any) -> str | None:
    if isinstance(value, bool | np.bool_):
        return "yes or no"
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, NUMBERS) else None


Value: TypeAlias = Annotated[
    Annotated[Name, Tag("text")]
    | Annotated[bool, BeforeValidator(bool), Tag("yes or no")]
    | Annotated[Number, Tag("number")],
    Discriminator(
        _kind_of_value,
        custom_error_type="not_a_value",
        custom_error_message="must be text, a number, True or False; a date is text, and what is not known is left out",
    ),
]
"""What an attribute of an account may hold: text, a number, or True or False. A bool is no number, nor the reverse."""


def _number_or_day(value: Any) -> str | None:
    if isinstance(value, str):
        return "day" if DAY.fullmatch(value) else None
    return "day" if isinstance(value, date) else "number"


Limit = Annotated[
    Annotated[Number, Tag("number")] | Annotated[Day, Tag("day")],
    Discriminator(
        _number_or_day,
        custom_error_type="not_an_end",
        custom_error_message="must be a number, without quotes, or a day such as '2027-01-31'",
    ),
]


class Condition(Record):
    """A condition on one field of an account; all that is given in it must hold.

    An account in which the field is not given meets none but ``missing=True``.

    Examples
    --------
    >>> Condition(field="potential", at_least=50_000).at_least
    50000.0
    >>> Condition(field="region", one_of=["north", "east"]).one_of
    ('north', 'east')
    """

    field: Id
    """A field of `Account`, or one of its attributes."""
    equals: Value | None = None
    """The field holds exactly this; texts differ by the case of their letters, too."""
    one_of: Annotated[tuple[Value, ...], NotEmpty] | None = None
    """The field holds one of these."""
    at_least: Limit | None = None
    """A number, or a day for ``last_contact``: the field holds this or more."""
    at_most: Limit | None = None
    """A number, or a day for ``last_contact``: the field holds this or less."""
    missing: StrictBool | None = None
    """True: the field is not given; False: it is, whatever it holds."""

    @model_validator(mode="after")
    def _check_some_test(self) -> Self:
        tests = [self.equals, self.one_of, self.at_least, self.at_most]
        if self.missing is None and not any(one is not None for one in tests):
            raise PydanticCustomError(
                "condition_empty", "asks for nothing; give equals, one_of, at_least, at_most or missing"
            )
        if self.missing and any(one is not None for one in tests):
            raise PydanticCustomError(
                "condition_never", "asks for a value and for none (missing=True); use AnyOf for one or the other"
            )
        low: Any = self.at_least
        high: Any = self.at_most
        if low is not None and high is not None:
            if kind_of(low) != kind_of(high):
                raise PydanticCustomError("ends_unlike", "has a number at one end and a day at the other; use one kind")
            if high < low:
                raise PydanticCustomError("ends_reversed", f"has at_least {low} above at_most {high}; swap the two")
        return self


class AllOf(Record):
    """Criteria all of which must be met.

    Examples
    --------
    >>> rich = Condition(field="potential", at_least=50_000)
    >>> len(AllOf(all_of=[rich, Condition(field="business", equals="new")]).all_of)
    2
    """

    all_of: Annotated[tuple[Criteria, ...], NotEmpty]
    """Conditions, or further criteria."""

    @model_validator(mode="after")
    def _check_depth(self) -> Self:
        _refuse_too_deep(self)
        return self


class AnyOf(Record):
    """Criteria at least one of which must be met.

    Examples
    --------
    >>> len(AnyOf(any_of=[Condition(field="region", equals=name) for name in ("north", "east")]).any_of)
    2
    """

    any_of: Annotated[tuple[Criteria, ...], NotEmpty]
    """Conditions, or further criteria."""

    @model_validator(mode="after")
    def _check_depth(self) -> Self:
        _refuse_too_deep(self)
        return self


class NotOf(Record):
    """Criteria that must not be met: an account in which the field is not given does not meet a condition on it.

    Examples
    --------
    >>> NotOf(not_of=Condition(field="region", equals="north")).not_of.equals
    'north'
    """

    not_of: Criteria
    """A condition, or further criteria."""

    @model_validator(mode="after")
    def _check_depth(self) -> Self:
        _refuse_too_deep(self)
        return self


def _kind(value: Any) -> str:
    """Return which criteria are meant; a name that is nearly right is of those which then say how it is written."""
    kinds: dict[str, Any] = {"all_of": AllOf, "any_of": AnyOf, "not_of": NotOf}
    for name, kind in kinds.items():
        if isinstance(value, kind) or (isinstance(value, dict) and name in value):
            return name
    if isinstance(value, dict) and not any(name in value for name in Condition.model_fields):
        meant = (near[0] for name in value if (near := nearest(str(name), list(kinds))))
        return next(meant, "condition")
    return "condition"


Criteria: TypeAlias = Annotated[
    Annotated[Condition, Tag("condition")]
    | Annotated[AllOf, Tag("all_of")]
    | Annotated[AnyOf, Tag("any_of")]
    | Annotated[NotOf, Tag("not_of")],
    Discriminator(_kind),
]
"""A condition, or several joined by `AllOf`, `AnyOf` and `NotOf`."""


def _parts(criteria: Criteria) -> tuple[Criteria, ...]:
    if isinstance(criteria, AllOf):
        return criteria.all_of
    if isinstance(criteria, AnyOf):
        return criteria.any_of
    return (criteria.not_of,) if isinstance(criteria, NotOf) else ()


def _refuse_too_deep(criteria: Criteria) -> None:
    level: list[Criteria] = [criteria]
    deep = 0
    while level:
        level, deep = [part for one in level for part in _parts(one)], deep + 1
    if deep > DEEPEST:
        raise PydanticCustomError("too_deep", f"nests criteria {deep} deep, at most {DEEPEST}; write them flat")


def conditions(criteria: Criteria) -> Iterator[Condition]:
    """Yield the conditions that criteria are made of, in the order in which they are written.

    Examples
    --------
    >>> [one.field for one in conditions(NotOf(not_of=Condition(field="region", missing=True)))]
    ['region']
    """
    if isinstance(criteria, Condition):
        yield criteria
    for part in _parts(criteria):
        yield from conditions(part)


@dataclass(frozen=True)
class Column:
    """What N accounts hold in one field.

    Parameters
    ----------
    values : tuple
        The distinct values: texts, numbers, bools or dates.
    codes : Ints
        Position of each account's value, -1 where it is not given, shape (N,).
    """

    values: tuple[Any, ...]
    codes: Ints


def kind_of(value: Any) -> str:
    """Return what kind of value it is, in words.

    Examples
    --------
    >>> kind_of(True), kind_of(1.0), kind_of("1")
    ('yes or no', 'a number', 'text')
    """
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, date):
        return "a day"
    return "text" if isinstance(value, str) else "a number"


def meets(criteria: Criteria, columns: Mapping[str, Column], *, size: int) -> Bools:
    """Return which accounts meet criteria, shape (N,).

    Parameters
    ----------
    criteria : Criteria
        Any.
    columns : Mapping of str to Column
        What the accounts hold, by field; a field that is not there is given by none.
    size : int
        Number of accounts N.

    Examples
    --------
    >>> rooms = Column((80.0, 12.0), np.array([0, 1, -1]))
    >>> meets(NotOf(not_of=Condition(field="rooms", at_least=50)), {"rooms": rooms}, size=3).tolist()
    [False, True, True]
    """
    if isinstance(criteria, Condition):
        return _met(criteria, columns.get(criteria.field), size)
    inside = [meets(part, columns, size=size) for part in _parts(criteria)]
    if isinstance(criteria, NotOf):
        return ~inside[0]
    found: Bools = np.all(inside, axis=0) if isinstance(criteria, AllOf) else np.any(inside, axis=0)
    return found


def _met(condition: Condition, column: Column | None, size: int) -> Bools:
    if column is None:
        return np.full(size, bool(condition.missing))
    if condition.missing is True:
        return column.codes < 0
    passing = np.ones(len(column.values) + 1, dtype=bool)
    passing[-1] = False  # where the code -1 of what is not given leads
    for test in _tests(condition):
        passing[:-1] &= np.array([test(value) for value in column.values], dtype=bool)
    found: Bools = passing[column.codes]
    return found


def _tests(condition: Condition) -> Iterator[Callable[[Any], bool]]:
    """Yield the tests of a condition; a value of another kind than a test speaks of does not pass it."""
    if condition.equals is not None:
        yield partial(_is_among, {(kind_of(condition.equals), condition.equals)})
    if condition.one_of is not None:
        yield partial(_is_among, {(kind_of(one), one) for one in condition.one_of})
    if condition.at_least is not None:
        yield partial(_is_beyond, condition.at_least, operator.ge)
    if condition.at_most is not None:
        yield partial(_is_beyond, condition.at_most, operator.le)


def _is_among(wanted: set[tuple[str, Any]], value: Any) -> bool:
    return (kind_of(value), value) in wanted


def _is_beyond(end: Any, beyond: Callable[[Any, Any], bool], value: Any) -> bool:
    return kind_of(value) == kind_of(end) and beyond(value, end)

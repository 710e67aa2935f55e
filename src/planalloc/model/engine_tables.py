"""Tables that an engine holds: what it cannot add up or tell apart, and its errors as ours."""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from planalloc.errors import PlanallocError
from planalloc.model.base import brief
from planalloc.model.finding import Finding, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["NUMBERS", "as_float", "as_rows", "engine_errors", "guarded", "is_number", "objections"]

NUMBERS = frozenset({"amount", "units", "credit", "facts", "quota"})
"""Columns that hold numbers, in which text is one, so that 100 and 100.00 say the same."""


class _Held(Protocol):
    @property
    def table(self) -> str: ...
    @property
    def in_engine(self) -> bool: ...


Given = ParamSpec("Given")
Holder = TypeVar("Holder", bound=_Held)
Found = TypeVar("Found")


@contextmanager
def engine_errors(table: str) -> Iterator[None]:
    """Turn whatever an engine raises into one error that names the table, with the engine's words cut short.

    Raises
    ------
    InputError
        When anything but our own errors is raised inside.

    Examples
    --------
    >>> with engine_errors("sales"):
    ...     raise RuntimeError("connection closed")
    Traceback (most recent call last):
    planalloc.errors.InputError: 1 thing to correct:
    1. sales: its engine says: connection closed (RuntimeError). Correct the table, or how it is made.
    """
    try:
        yield
    except PlanallocError:
        raise
    except Exception as error:  # noqa: BLE001 -- each engine has errors of its own
        said = brief(" ".join(str(error).split()) or "nothing")
        rule = f"says: {said} ({type(error).__name__})"
        finding = Finding("not-readable", "error", table, "its engine", rule, "Correct the table, or how it is made.")
        try:
            refuse([finding])
        except PlanallocError as ours:
            raise ours from error


def guarded(method: Callable[Concatenate[Holder, Given], Found]) -> Callable[Concatenate[Holder, Given], Found]:
    """Return a method of a `Source` that raises an engine's errors as ours, where an engine holds the rows."""

    @wraps(method)
    def within(source: Holder, /, *args: Given.args, **kwargs: Given.kwargs) -> Found:
        if not source.in_engine:
            return method(source, *args, **kwargs)
        with engine_errors(source.table):
            return method(source, *args, **kwargs)

    return within


def is_number(dtype: Any) -> bool:
    """Return whether an engine can add up a column of this type as it is."""
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

    return bool(dtype.is_numeric()) or dtype == nw.Boolean


def objections(table: str, schema: Mapping[str, Any], places: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the columns that are of a kind of which nothing can be read, however the cells look.

    Parameters
    ----------
    table : str
        Its name in messages.
    schema : mapping of str to dtype
        By their headers.
    places : mapping of str to header
        Header of each of our columns.
    """
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

    readable = {nw.String, nw.Categorical, nw.Enum, nw.Object, nw.Unknown}
    for ours, theirs in places.items():
        dtype = schema[theirs]
        if dtype.is_nested():
            rule, remedy = "holds several things in one cell", "Give one in each row."
        elif ours in NUMBERS and not is_number(dtype) and dtype not in readable:
            rule, remedy = "holds no numbers", "Give numbers."
        else:
            continue
        yield Finding("not-readable", "error", f"{table}.{ours}", f"a column of {brief(str(dtype))}", rule, remedy)


def as_rows(frame: Any) -> list[dict[str, Any]]:
    """Return a lazy frame as dicts."""
    read = frame.collect()
    columns = [read[one].to_list() for one in read.columns]
    return [dict(zip(read.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def as_float(name: str) -> Any:
    """Return a column of numbers as floats, null where it is not a number."""
    import narwhals as nw  # noqa: PLC0415 -- loaded only when a table is read

    number = nw.col(name).cast(nw.Float64)
    return nw.when(~number.is_nan()).then(number)

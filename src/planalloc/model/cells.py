"""What one cell of a table says: text, a number, a day, or nothing, from whatever a dataframe or a file holds."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from pydantic_core import PydanticCustomError

__all__ = ["LONGEST_WHOLE", "day", "missing", "number", "parts", "shown", "text"]

LONGEST_VALUE = 60
"""Characters of an offending value that a finding shows."""
EXACT_WHOLES = 2**53
"""Floats from here on skip whole numbers, so that an id among them may have lost digits."""
LONGEST_WHOLE = 10**60
"""A whole number from here on names nothing."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
COMPARED = (float, int, Real, Decimal, date)
"""What may be unequal to itself, the usual kinds first."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def text(value: Any, _: str) -> str:
    """Return text as it is and a whole number as its digits: ``"1042"``, never ``"1042.0"``."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, Real | Decimal) and not isinstance(value, bool)
    if not is_number:
        raise PydanticCustomError("not_text", f"must be text, not {type(value).__name__}; write it out as text")
    if isinstance(value, Integral):
        if abs(int(value)) >= LONGEST_WHOLE:
            raise PydanticCustomError("too_long", "is too long for a name")
        return str(int(value))
    if not math.isfinite(value) or value != int(value):
        raise PydanticCustomError("not_whole", "is no whole number where a name belongs; read the column as text")
    if not isinstance(value, Decimal) and abs(value) >= EXACT_WHOLES:
        raise PydanticCustomError("digits_lost", "is too long for a float, digits may be lost; read the column as text")
    return str(int(value))


def number(value: Any, _: str) -> Any:
    """Return text that is a number as one; what else is no number the record refuses."""
    if not isinstance(value, str):
        return value
    written = value.strip()
    if NUMBER.fullmatch(written):
        return float(written)
    remedy = "write it in digits, such as 12.5, without unit or separators"
    if written.count(",") == 1 and NUMBER.fullmatch(dotted := written.replace(",", ".")):
        thousands = re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", written, re.ASCII)
        whole = written.replace(",", "")
        remedy = f"write {dotted}" + (f", or {whole} if the comma marks thousands" if thousands else "")
    raise PydanticCustomError("not_a_number", f"is no number; {remedy}")


def day(value: Any, _: str) -> date:
    """Return a date, a time stamp at midnight without time zone, or ISO text as a date."""
    if isinstance(value, datetime):
        if value.tzinfo is None and value.time() == time(0):
            return value.date()
        raise PydanticCustomError("not_a_date", "has a time or a time zone; give the date alone, as 2027-01-31")
    if isinstance(value, date):
        return value
    if isinstance(value, str) and DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise PydanticCustomError("not_a_date", "is no date; write it year first, as 2027-01-31")


def parts(value: Any, separator: str) -> list[Any]:
    """Return the entries of one cell."""
    found = [part.strip() for part in value.split(separator)] if isinstance(value, str) else [value]
    if "" in found:
        raise PydanticCustomError("empty_part", f"has nothing between two {separator!r} or beside one; take it out")
    return found


def missing(value: Any) -> bool:
    """Return whether a cell is not given: None, empty text, NaN, NaT or NA, whose very comparison fails."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Decimal):
        return value.is_nan()  # a signaling one cannot even be compared
    unequal = isinstance(value, COMPARED) and value != value  # noqa: PLR0124 -- NaN and NaT only
    return unequal or type(value).__name__ == "NAType"


def shown(value: Any) -> str:
    """Return a value as a finding shows it: the beginning of what is long."""
    if isinstance(value, int) and abs(value) >= LONGEST_WHOLE:
        return "a number of more than 60 digits"
    written = repr(value) if isinstance(value, str) else str(value)
    return written if len(written) <= LONGEST_VALUE else f"{written[: LONGEST_VALUE - 3]}..."

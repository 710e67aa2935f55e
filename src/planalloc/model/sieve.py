"""The sieve through which groups of events go: what does not fit is told, rule by rule, and never lost in silence."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic_core import PydanticCustomError

from planalloc.model.adding import LARGEST
from planalloc.model.base import named_among
from planalloc.model.cells import day, shown, text
from planalloc.model.coded import Coded
from planalloc.model.finding import Finding, refuse
from planalloc.model.grouping import PARTS, SetAside, most_frequent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from typing import Self

    from planalloc.model.grouping import Groups, Source
    from planalloc.types import Bools, Ints

__all__ = ["DIRTY", "NEVER", "NOWHERE", "Sieve", "refuse_dirty"]

DIRTY = ("set_aside", "refuse")
"""What may happen where rows cannot be used."""

NOWHERE = -1
"""The position of what has none."""

STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:?\d{2}(:?\d{2}([.,]\d+)?)? ?(Z|UTC|[+-]\d{2}:?(\d{2})?)?", re.ASCII)
"""A time stamp as ISO text, of which the day is read as it is written."""

NEVER = np.iinfo(np.int64).max
"""The day of what has not happened."""


@dataclass
class Sieve:
    """Groups of one table, from which what does not fit is taken out, rule by rule."""

    source: Source
    groups: Groups
    amount: str | None
    kept: Bools
    told: list[SetAside] = field(default_factory=list)

    @classmethod
    def of(cls, source: Source, keys: Sequence[str], numbers: Sequence[str]) -> Self:
        """Group a table; what was set aside when it was opened is told first."""
        groups = source.group(*keys, numbers=numbers)
        amount = "amount" if "amount" in numbers else None
        return cls(source, groups, amount, np.ones(len(groups), dtype=bool), [*source.set_aside])

    def out(
        self, wrong: Bools, rule: str, values: Sequence[Any], *, outside: bool = False, written: bool = False
    ) -> None:
        """Set groups aside; `outside` where nothing is wrong with them, `written` where values are text to be shown."""
        wrong = wrong & self.kept
        if not wrong.any():
            return
        self.kept &= ~wrong
        at = np.flatnonzero(wrong)
        those = values.at(at) if isinstance(values, Coded) else Coded.of([values[i] for i in at.tolist()])
        rows = np.zeros(len(those.values) + 1, dtype=np.int64)
        np.add.at(rows, those.codes, self.groups.rows[at])
        often: Counter[str] = Counter()
        for value, many in zip((*those.values, None), rows.tolist(), strict=True):
            if many:
                often[str(value) if written else shown(value)] += many
        examples = most_frequent(often)
        amount = 0.0 if self.amount is None else float(self.groups.sums[self.amount][at].sum()) / PARTS
        examples = () if examples == ("None",) else examples
        self.told.append(SetAside(self.source.table, rule, int(self.groups.rows[at].sum()), amount, examples, outside))

    def note(self, these: Bools, rule: str, *, outside: bool = False) -> None:
        """Tell something of groups that count all the same; `outside` where nothing is wrong with them."""
        at = np.flatnonzero(these & self.kept)
        if len(at):
            amount = 0.0 if self.amount is None else float(self.groups.sums[self.amount][at].sum()) / PARTS
            rows = int(self.groups.rows[at].sum())
            self.told.append(SetAside(self.source.table, rule, rows, amount, outside=outside, counted=True))

    def cells(self, name: str, read: Callable[[Any, str], Any]) -> Coded:
        """Return a column as `read` understands it; what it does not is set aside."""
        values = self.groups.keys[name]
        known: dict[Any, Any] = {}
        wrong: dict[Any, str] = {}
        for value in values.values:
            try:
                known[value] = read(value, "")
            except PydanticCustomError as error:
                wrong[value] = error.message().split(";")[0]
        for rule in sorted(set(wrong.values())):
            those = values.each(lambda value: wrong.get(value) == rule, nothing=False, kind=np.bool_)  # noqa: B023
            self.out(those, f"has {_with_article(name)} that {rule}", values)
        return values.read(known.get)

    def names(self, name: str) -> Coded:
        """Return a column of names, without the blanks around them."""
        return self.cells(name, text).read(str.strip)

    def positions(self, name: str, places: dict[str, int], what: str) -> Ints:
        """Return the positions of a column of names; names that nobody defined are set aside."""
        found = self.names(name)
        at = found.each(lambda one: places.get(one, NOWHERE), nothing=NOWHERE, kind=np.int64)
        self.out(found.given & (at == NOWHERE), f"names {_with_article(what)} that nobody defined", found)
        return at

    def days(self, name: str, start: date) -> Ints:
        """Return a column of dates as days since `start`; no date is `NEVER`."""
        return self.cells(name, _day).each(lambda one: (one - start).days, nothing=NEVER, kind=np.int64)

    def uncounted(self, name: str) -> None:
        """Tell how many of the rows that are left have no number to add up."""
        large = int(self.groups.large[name][self.kept].sum())
        rows = int(self.groups.missing[name][self.kept].sum()) - large
        if large:
            rule = f"has {_with_article(name)} of {LARGEST:,.0f} or more, too large for one row"
            self.told.append(SetAside(self.source.table, rule, large))
        if rows:
            rule = f"has no {name}, or none that is a number"
            self.told.append(SetAside(self.source.table, rule, rows, examples=self.groups.wrong.get(name, ())))


def refuse_dirty(set_aside: Sequence[SetAside], *, on_dirty: Literal["set_aside", "refuse"]) -> None:
    """Refuse a table of which rows were set aside because they are wrong, where that is asked for.

    Parameters
    ----------
    set_aside : sequence of SetAside
        What was set aside.
    on_dirty : {"set_aside", "refuse"}
        What to do about it.

    Raises
    ------
    UnknownNameError
        When `on_dirty` is neither.
    InputError
        When anything is wrong and `on_dirty` is ``"refuse"``.

    Examples
    --------
    >>> refuse_dirty([SetAside("sales", "has no rep", 2)], on_dirty="refuse")
    Traceback (most recent call last):
    planalloc.errors.InputError: 1 thing to correct:
    1. sales: each of 2 rows has no rep. Correct the table, or say on_dirty='set_aside'.
    """
    named_among("on_dirty", on_dirty, DIRTY)
    wrong = [one for one in set_aside if not one.outside]
    if on_dirty == "refuse" and wrong:
        remedy = "Correct the table, or say on_dirty='set_aside'."
        told = [(one.table, one.subject, one.rule + one.shown) for one in wrong]
        refuse([Finding("dirty-rows", "error", *where, remedy) for where in told])


def _with_article(word: str) -> str:
    return f"{'an' if word[0] in 'aeio' else 'a'} {word}"


def _day(value: Any, _: str) -> date:
    """Return a date from a time stamp too, ISO text included: the table gave a time, and nobody asked for it."""
    if isinstance(value, str) and (stamp := STAMP.fullmatch(value.strip())):
        return day(stamp[1], "")
    return value.date() if hasattr(value, "date") and callable(value.date) else day(value, "")

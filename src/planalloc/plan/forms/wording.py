"""How a language writes: its words, and numbers, money, days and periods the way its readers expect them."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from planalloc.errors import UnknownNameError, require
from planalloc.model.base import nearest, suggest
from planalloc.plan.forms.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planalloc.model.calendar import Calendar
    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.forms.page import Cell, Kind

__all__ = ["Wording", "wording_of"]

PATTERNS: dict[Kind, str] = {"count": "#,##0", "number": "#,##0.##", "hours": "#,##0.0"}
"""How numbers other than money are written, in the locale's own signs."""
FIRST = re.compile(r"(?<!\d)1(?!\d|er)")
"""The first of a month, which French writes as an ordinal and Babel as a number."""


@dataclass(frozen=True)
class Wording:
    """The words and signs of one locale.

    Attributes
    ----------
    locale : babel.Locale
        Whose signs.
    words : Mapping of str to str
        One language of `WORDS`.
    currency : str
        ISO 4217 code of the plan's money.
    digits : int
        Decimals of the plan's money.
    """

    locale: Any
    words: Mapping[str, str]
    currency: str
    digits: int

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def say(self, key: str, **parts: str) -> str:
        """Return a word with its braces filled in."""
        return self.words[key].format(**parts)

    def word(self, value: str | None) -> str:
        """Return the word for one of the plan's own values, such as "partly worked"; empty where it is missing."""
        return "" if value is None else self.words.get(value, value)

    def cell(self, value: Cell, kind: Kind) -> str:
        """Return a value as text; empty where it is missing."""
        if value is None or value != value:  # noqa: PLR0124 -- NaN is missing
            return ""
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, str):
            return value
        if kind == "money":
            return self.money(value)
        if kind == "share":
            return self._decimal(value, _percent(self.locale))
        pattern = f"#,##0{'.' + '0' * self.digits if self.digits else ''}" if kind == "amount" else PATTERNS[kind]
        return self._decimal(value, pattern)

    def _decimal(self, value: float, pattern: str) -> str:
        with localcontext(rounding=ROUND_HALF_UP):  # as workbooks round, so that no form differs from another
            text: str = require("babel.numbers", "forms").format_decimal(value, pattern, self.locale)
        return text

    def money(self, amount: float) -> str:
        """Return an amount with its currency."""
        pattern = copy(self.locale.currency_formats["standard"])
        pattern.frac_prec = (self.digits, self.digits)
        with localcontext(rounding=ROUND_HALF_UP):
            text: str = pattern.apply(amount, self.locale, currency=self.currency, currency_digits=False)
        return text

    def number(self, value: float) -> str:
        """Return a plain number with the decimals that it has, four at most."""
        return self._decimal(value, "#,##0.####")

    def day(self, day: date) -> str:
        """Return a day in full, such as "March 5, 2027"."""
        return self._ordinal(require("babel.dates", "forms").format_date(day, "long", self.locale))

    def _ordinal(self, text: str) -> str:
        """Return a text of days with the first of a month as the language writes it."""
        return FIRST.sub("1er", text) if self.locale.language == "fr" else text

    def days(self, start: date, end: date) -> str:
        """Return a stretch of days, short and without the year, such as "Feb 1-7"."""
        return self._ordinal(require("babel.dates", "forms").format_interval(start, end, "MMMd", locale=self.locale))

    def period(self, calendar: Calendar, period_id: str) -> str:
        """Return a period as people call it; by its id where no calendar on a wall has it."""
        return _period(self, calendar, period_id)

    def short_period(self, calendar: Calendar, period_id: str) -> str:
        """Return a period for the head of a narrow column: a month without the year where there is only one."""
        grain, position = calendar.find(period_id)
        if grain != "month" or calendar.pattern or calendar.start.day > 1:
            return self.period(calendar, period_id)
        skeleton = "MMM" if calendar.start.year == calendar.end.year else "yMMM"
        start = calendar.periods(grain)[position].start
        text: str = require("babel.dates", "forms").format_skeleton(skeleton, start, locale=self.locale)
        return text

    def span(self, calendar: Calendar, period_id: str | None) -> str:
        """Return the time a form speaks of."""
        if period_id is not None:
            return self.period(calendar, period_id)
        dates = require("babel.dates", "forms")
        return self._ordinal(dates.format_interval(calendar.start, calendar.end, "yMMMd", locale=self.locale))


@lru_cache(maxsize=4096)
def _period(wording: Wording, calendar: Calendar, period_id: str) -> str:
    grain, position = calendar.find(period_id)
    if grain == "month":
        if calendar.pattern or calendar.start.day > 1:
            return period_id
        start = calendar.periods(grain)[position].start
        text: str = require("babel.dates", "forms").format_skeleton("yMMMM", start, locale=wording.locale)
        return text
    if grain == "year":
        return period_id
    year, part = period_id.split("-")
    number = part.removeprefix("4M").lstrip("QHW")
    return wording.say(f"{grain}_short", number=number, year=year)


@lru_cache(maxsize=16)
def _percent(locale: Any) -> str:
    """Return the locale's pattern of percent with one decimal."""
    return str(locale.percent_formats[None].pattern).replace("0", "0.0", 1)


def wording_of(problem: PlanningProblem, locale: str) -> Wording:
    """Return the words and signs of a locale for the money of a problem.

    Parameters
    ----------
    problem : PlanningProblem
        Whose currency and rounding unit.
    locale : str
        A language that has words here, ``"en"`` or ``"fr"``, alone or with a region that Babel knows: ``"fr_CA"``.

    Raises
    ------
    UnknownNameError
        When there are no words for the language, or no such region.
    BackendUnavailableError
        When Babel is not installed.
    """
    babel = require("babel", "forms")
    found = _locale(babel, locale)
    step = problem.policy.step
    digits = max(0, -int(step.as_tuple().exponent))
    if digits:
        digits = max(digits, require("babel.numbers", "forms").get_currency_precision(problem.strategy.currency))
    return Wording(found, _Words(WORDS[found.language]), problem.strategy.currency, digits)


class _Words(dict[str, str]):
    """Words that can be part of a key of a cache."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self["total"])


def _locale(babel: Any, locale: str) -> Any:
    name = str(locale).replace("-", "_")
    if name in WORDS:
        return babel.Locale.parse(name)
    known = require("babel.localedata", "forms").locale_identifiers()
    choices = [*WORDS, *sorted(one for one in known if one.split("_")[0] in WORDS and one not in WORDS)]
    if name not in choices:
        raise UnknownNameError(
            f"locale cannot be {str(locale)[:40]!r}.{suggest(name, choices)}",
            hint=f"It may be: {', '.join(WORDS)}, alone or with a region that Babel knows, such as en_GB or fr_CA.",
            name=str(locale),
            candidates=nearest(name, choices),
        )
    return babel.Locale.parse(name)

"""Rules of how a language writes numbers, money, days and periods."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

import planalloc as pa
from planalloc.plan.forms.wording import Wording, wording_of

if TYPE_CHECKING:
    from planalloc.types import Grain

NARROW = "\u202f"
WIDE = "\xa0"


def wording(locale: str = "en", *, currency: str = "EUR", round_to: float = 1) -> Wording:
    """Return the wording of a locale for a plan in some currency, rounded to so much."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency=currency, shares={"A": 1}, reps=["alice"])
    return wording_of(problem.replace(pa.Policy(round_to=round_to)), locale)


def year(grain: Grain = "month", start: date = date(2027, 1, 1)) -> pa.Calendar:
    """Return a calendar of a year."""
    return pa.Calendar(
        start=start, end=start.replace(year=start.year + 1) - (date(2027, 1, 2) - date(2027, 1, 1)), grain=grain
    )


@pytest.mark.parametrize(
    ("locale", "money"),
    [
        ("en", "€1,234,567"),
        ("fr", f"1{NARROW}234{NARROW}567{WIDE}€"),
        ("en_GB", "€1,234,567"),
        ("en-GB", "€1,234,567"),
    ],
)
def test_money_is_written_as_the_locale_writes_it(locale: str, money: str) -> None:
    """French groups by narrow blanks and puts the sign behind; a hyphen will do between language and region."""
    assert wording(locale).money(1_234_567) == money


@pytest.mark.parametrize(
    ("currency", "round_to", "money"),
    [
        ("EUR", 1, "€1,200"),
        ("EUR", 100, "€1,200"),
        ("EUR", 0.01, "€1,200.00"),
        ("EUR", 0.5, "€1,200.00"),
        ("EUR", 0.001, "€1,200.000"),
        ("JPY", 1, "¥1,200"),
        ("JPY", 0.5, "¥1,200.0"),
        ("XTS", 1, "XTS1,200"),
    ],
)
def test_money_has_the_decimals_that_the_plan_and_the_currency_ask_for(
    currency: str, round_to: float, money: str
) -> None:
    """Whole where the plan is whole; else as many as the rounding unit or the currency has, whichever is more."""
    assert wording("en", currency=currency, round_to=round_to).money(1200).replace(WIDE, "") == money


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("count", 1234, "1,234"),
        ("hours", 12.25, "12.3"),
        ("hours", 0.05, "0.1"),
        ("share", 0.1235, "12.4%"),
        ("number", 3.5, "3.5"),
        ("number", 3.0, "3"),
        ("day", date(2027, 3, 5), "March 5, 2027"),
        ("amount", float("nan"), ""),
        ("amount", None, ""),
        ("text", "1e3", "1e3"),
    ],
)
def test_values_are_written_by_their_kind(kind: str, value: object, text: str) -> None:
    """Halves go up, as in workbooks; what is missing is empty; text stays what it is."""
    assert wording().cell(value, kind) == text  # type: ignore[arg-type]


def test_french_percent_and_days() -> None:
    """Percent with a comma and a blank, days without capitals."""
    assert wording("fr").cell(0.1235, "share") == f"12,4{WIDE}%"
    assert wording("fr").day(date(2027, 3, 5)) == "5 mars 2027"


@pytest.mark.parametrize(
    ("grain", "period", "english", "french"),
    [
        ("month", "2027-03", "March 2027", "mars 2027"),
        ("quarter", "2027-Q2", "Q2 2027", "T2 2027"),
        ("quadrimester", "2027-4M3", "3/3 of 2027", "3/3 de 2027"),
        ("semester", "2027-H1", "H1 2027", "S1 2027"),
        ("year", "2027", "2027", "2027"),
        ("week", "2027-W05", "W05 2027", "Sem. 05 2027"),
    ],
)
def test_periods_are_called_as_people_call_them(grain: Grain, period: str, english: str, french: str) -> None:
    """Each grain in each language."""
    assert wording().period(year(grain), period) == english
    assert wording("fr").period(year(grain), period) == french


def test_a_month_that_is_none_of_the_wall_calendar_keeps_its_id() -> None:
    """January that begins in December or in its middle is not called January."""
    weeks = pa.Calendar(start=date(2026, 12, 28), end=date(2027, 12, 26), pattern="4-4-5")
    assert wording().period(weeks, "2027-01") == "2027-01"
    middle = pa.Calendar(start=date(2027, 1, 15), end=date(2027, 7, 14))
    assert wording().period(middle, middle.periods()[0].id) == middle.periods()[0].id


def test_narrow_heads_leave_the_year_out_where_there_is_only_one() -> None:
    """Two years of Aprils are told apart."""
    assert wording().short_period(year(), "2027-04") == "Apr"
    assert wording().short_period(year(start=date(2027, 4, 1)), "2027-04") == "Apr 2027"


@pytest.mark.parametrize(
    ("given", "near"), [("de", ()), ("fr_CAN", ("fr_CA",)), ("../../etc", ()), ("", ()), ("english", ())]
)
def test_a_language_without_words_is_refused(given: str, near: tuple[str, ...]) -> None:
    """The error lists what there is, and the nearest."""
    with pytest.raises(pa.UnknownNameError, match="locale cannot be") as caught:
        wording(given)
    assert "en, fr" in caught.value.hint
    assert set(near) <= set(caught.value.candidates)


@pytest.mark.parametrize(
    ("locale", "day", "said"),
    [
        ("fr", date(2027, 2, 1), "1er février 2027"),
        ("fr_CA", date(2027, 2, 1), "1er février 2027"),
        ("fr", date(2027, 2, 11), "11 février 2027"),
        ("fr", date(2027, 1, 31), "31 janvier 2027"),
        ("en", date(2027, 2, 1), "February 1, 2027"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_in_french(locale: str, day: date, said: str) -> None:
    """And no other day is."""
    assert wording(locale).day(day) == said


def test_stretches_of_days_begin_with_an_ordinal_in_french() -> None:
    """Short ones and a whole year too."""
    french = wording("fr")
    assert french.days(date(2027, 3, 1), date(2027, 3, 7)).startswith("1er")
    assert french.days(date(2027, 3, 11), date(2027, 3, 21)).startswith("11")
    assert french.span(year(), None).startswith("1er janv.")
    assert french.span(year(), None).endswith("31 déc. 2027")

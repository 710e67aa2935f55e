"""The languages of pictures and agendas, which need no package: words, months, and how numbers and days are written."""

# ruff: noqa: RUF001 -- French is written with these signs

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planalloc.errors import UnknownNameError
from planalloc.model.base import in_digits, nearest, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

__all__ = ["ENGLISH", "LANGUAGES", "Language", "language_of"]

LOCALE = re.compile(r"([A-Za-z]+)([_-][A-Za-z0-9]+)*")
"""A language, alone or with what else belongs to a locale."""


@dataclass(frozen=True)
class Language:
    """One language.

    Attributes
    ----------
    words : Mapping of str to str
        The words, by key; braces hold what is filled in.
    months : tuple of str
        January to December, short.
    decimal, thousands, percent, day : str
        The signs in numbers, the sign of percent with what stands before it, and the pattern of a day.
    """

    words: Mapping[str, str]
    months: tuple[str, ...]
    decimal: str = "."
    thousands: str = ","
    percent: str = "%"
    day: str = "%Y-%m-%d"

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def say(self, key: str, **parts: object) -> str:
        """Return a word with its braces filled in."""
        return self.words[key].format(**parts)

    def number(self, amount: float) -> str:
        """Return an amount with all its digits."""
        return self.signs(in_digits(amount))

    def signs(self, text: str) -> str:
        """Return a number as Python writes it with the signs of the language."""
        return "".join({",": self.thousands, ".": self.decimal}.get(one, one) for one in text)

    def share(self, share: float) -> str:
        """Return a share of one in whole percent."""
        return f"{share:.0%}".replace("%", self.percent)

    def on(self, day: date) -> str:
        """Return a day in figures."""
        return day.strftime(self.day)


LANGUAGES = {
    "en": Language(
        words={
            "money": "{currency} of {measure} a {grain}",
            "bookings": "bookings",
            "invoices": "invoices",
            "quota_by_grain": "quota by {grain}",
            "short": "short: nobody carries it",
            "reference": "reference",
            "load": "planned of available hours, {people}",
            "no_activities": "no activities are planned",
            "of_available_hours": "of available hours",
            "strategy": "the strategy",
            "of_quota": "of quota",
            "segments": "segments, {people}",
            "planned": "planned",
            "available": "available",
            "hours_by_grain": "hours a {grain}",
            "one_rep": "one rep",
            "reps": "{many} reps",
            "span": "{start} to {end}",
            "more_than_all": "dots: more than 100%",
            "everybody": "everybody",
            "most": "8 in 10",
            "half": "half",
            "median": "median",
            "all_hours": "all available hours",
            "nearly_all_reps": "9 reps in 10",
            "half_of_reps": "half of the reps",
            "thousand": " k",
            "million": " M",
            "billion": " bn",
            "week": "week",
            "month": "month",
            "quarter": "quarter",
            "quadrimester": "four months",
            "semester": "semester",
            "year": "year",
            "W": "W",
            "Q": "Q",
            "H": "H",
            "4M": "4M",
            "stated": "{whose}: {what}",
            "gaps": "gaps",
            "difficulties": "difficulties",
            "tools": "tools",
            "commitments": "commitments",
            "quota_to_date": "{segment}: quota to date {amount}",
            "due_since": "{segment}, {activity}: {many} due since {day}",
            "by_day": "by {day}",
            "done": "done",
        },
        months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ),
    "fr": Language(
        words={
            "money": "{currency} de {measure} par {grain}",
            "bookings": "commandes",
            "invoices": "factures",
            "quota_by_grain": "objectif par {grain}",
            "short": "porté par personne",
            "reference": "référence",
            "load": "heures prévues sur heures disponibles, {people}",
            "no_activities": "aucune activité n’est prévue",
            "of_available_hours": "des heures disponibles",
            "strategy": "la stratégie",
            "of_quota": "de l’objectif",
            "segments": "segments, {people}",
            "planned": "prévues",
            "available": "disponibles",
            "hours_by_grain": "heures par {grain}",
            "one_rep": "un commercial",
            "reps": "{many} commerciaux",
            "span": "du {start} au {end}",
            "more_than_all": "points : plus de 100\u202f%",
            "everybody": "tous",
            "most": "8 sur 10",
            "half": "la moitié",
            "median": "médiane",
            "all_hours": "toutes les heures disponibles",
            "nearly_all_reps": "9 commerciaux sur 10",
            "half_of_reps": "la moitié des commerciaux",
            "thousand": "\u202fk",
            "million": "\u202fM",
            "billion": "\u202fMd",
            "week": "semaine",
            "month": "mois",
            "quarter": "trimestre",
            "quadrimester": "quadrimestre",
            "semester": "semestre",
            "year": "année",
            "W": "S",
            "Q": "T",
            "H": "S",
            "4M": "4M",
            "stated": "{whose} : {what}",
            "gaps": "écarts",
            "difficulties": "difficultés",
            "tools": "outils",
            "commitments": "engagements",
            "quota_to_date": "{segment} : objectif à ce jour {amount}",
            "due_since": "{segment}, {activity} : {many} à faire depuis le {day}",
            "by_day": "pour le {day}",
            "done": "fait",
        },
        months=("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
        decimal=",",
        thousands="\u202f",
        percent="\u202f%",
        day="%d/%m/%Y",
    ),
}
"""The same words in each language."""
ENGLISH = LANGUAGES["en"]


def language_of(locale: str) -> Language:
    """Return the language of a locale, whatever its region.

    Raises
    ------
    UnknownNameError
        When there are no words for it.

    Examples
    --------
    >>> language_of("fr_CA").months[1], language_of("en").share(0.5)
    ('févr.', '50%')
    """
    found = LOCALE.fullmatch(str(locale))
    if found is not None and found[1] in LANGUAGES:
        return LANGUAGES[found[1]]
    name = str(locale)[:40]
    raise UnknownNameError(
        f"locale cannot be {name!r}.{suggest(name, list(LANGUAGES))}",
        hint=f"It may be: {', '.join(LANGUAGES)}, alone or with a region, such as en_GB or fr_CA.",
        name=str(locale),
        candidates=nearest(name, list(LANGUAGES)),
    )

"""Arguments that are none of what they may be, each as a finding, so that all of them are told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from planalloc.errors import UnknownNameError
from planalloc.model.base import named_among
from planalloc.model.cells import shown
from planalloc.model.finding import Finding, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["asked_choice", "asked_day", "asked_kind", "asked_mapping", "asked_names", "refuse_no_names"]


def asked_choice(name: str, value: Any, known: Sequence[str]) -> Iterator[Finding]:
    """Yield that an option is none of its values, with the nearest ones."""
    try:
        named_among(name, value, known)
    except UnknownNameError as error:
        remedy = f"It may be: {', '.join(known)}."
        yield Finding(
            "unknown-name",
            "error",
            name,
            shown(value),
            "is none of the choices",
            remedy,
            str(value),
            tuple(error.candidates),
        )


def asked_day(name: str, value: Any, *, needed: bool = False) -> Iterator[Finding]:
    """Yield that a day is none; it may be left out unless it is `needed`.

    Examples
    --------
    >>> print(*asked_day("since", "2026-01-01"))
    since: '2026-01-01' is no date. Write date(2026, 1, 31), without a time.
    """
    if (value is not None or needed) and (not isinstance(value, date) or isinstance(value, datetime)):
        remedy = "Write date(2026, 1, 31), without a time."
        yield Finding("not-a-date", "error", name, shown(value), "is no date", remedy)


def asked_kind(
    name: str, value: Any, kind: type[Any] | tuple[type[Any], ...], what: str, *, needed: bool = False
) -> Iterator[Finding]:
    """Yield that a value is of another kind than `what` says, with an article; it may be left out unless `needed`."""
    if (value is not None or needed) and not isinstance(value, kind):
        yield Finding("wrong-kind", "error", name, shown(value), f"is not {what}", f"Give {what}.")


def asked_mapping(name: str, value: Any, example: str) -> Iterator[Finding]:
    """Yield that a value is given and maps nothing."""
    if value is not None and not isinstance(value, Mapping):
        yield Finding("wrong-kind", "error", name, shown(value), "maps no names to headers", f"Write {example}.")


def asked_names(name: str, value: Any, example: str) -> Iterator[Finding]:
    """Yield that a value is given and is no list of names: a text alone would be taken letter by letter.

    Examples
    --------
    >>> print(*asked_names("stages", "lead", "stages=['lead', 'offer']"))
    stages: 'lead' is no list of names. Write stages=['lead', 'offer'].
    """
    several = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    if value is not None and not several:
        yield Finding("wrong-kind", "error", name, shown(value), "is no list of names", f"Write {example}.")


def refuse_no_names(verb: str, names: Sequence[Any]) -> None:
    """Refuse what is no text where names belong; all at once.

    Parameters
    ----------
    verb : str
        What was asked, as it is written.
    names : sequence
        What was given.

    Raises
    ------
    InputError
        When any of them is no text.

    Examples
    --------
    >>> refuse_no_names("rates", [["rep"]])
    Traceback (most recent call last):
    planalloc.errors.InputError: 1 thing to correct:
    1. rates: ['rep'] is no name. Write names one by one, without a list: rates('...', '...').
    """
    remedy = f"Write names one by one, without a list: {verb}('...', '...')."
    wrong = [one for one in names if not isinstance(one, str)]
    if wrong:
        refuse([Finding("wrong-kind", "error", verb, shown(one), "is no name", remedy) for one in wrong])

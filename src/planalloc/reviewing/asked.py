"""What a review is asked for by name: names one by one, and no list of them, and of `Actuals`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planalloc.events.actuals import Actuals
from planalloc.model.cells import shown
from planalloc.model.finding import Finding, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["asked_actuals", "refuse_no_names"]


def asked_actuals(value: Any) -> Iterator[Finding]:
    """Yield that what happened is no `Actuals`."""
    if not isinstance(value, Actuals):
        remedy = "Tables become Actuals by Actuals(sales=...)."
        yield Finding("wrong-kind", "error", "actuals", shown(value), "is no Actuals", remedy)


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

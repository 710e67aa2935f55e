"""All that is wrong with the arguments of one call, told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.base import Record

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["refuse_together", "require_list", "require_texts"]


def refuse_together(*checks: Callable[[], object]) -> None:
    """Run checks to the last one, and refuse what any of them refuses.

    Parameters
    ----------
    *checks : callable
        Each raises an `InputError` or one of its kinds, or nothing.

    Raises
    ------
    UnknownNameError
        When names alone are wrong; it is of the first.
    InputError
        When other things are; one that is alone is raised as it is.

    Examples
    --------
    >>> refuse_together(lambda: require_list("periods", ["2027-01"], of="ids"), lambda: require_texts(reason="moved"))
    """
    found: list[InputError] = []
    for check in checks:
        try:
            check()
        except InputError as error:
            found.append(error)
    if len(found) == 1:
        raise found[0]
    if not found:
        return
    told = "; ".join(one.message for one in found)
    hint = " ".join(dict.fromkeys(one.hint for one in found if one.hint))
    names = [one for one in found if isinstance(one, UnknownNameError)]
    if len(names) == len(found):
        raise UnknownNameError(told, hint=hint, name=names[0].name, candidates=names[0].candidates)
    raise InputError(told, hint=hint)


def require_list(name: str, given: Any, *, of: str) -> None:
    """Refuse what is no list: one thing alone, text, or nothing.

    Raises
    ------
    InputError
        When it is none.
    """
    if isinstance(given, str | bytes | Record) or not hasattr(given, "__iter__"):
        kind = type(given).__name__
        value = f"a {kind} alone" if isinstance(given, Record) else repr(given)
        raise InputError(f"{name} is {value}, and must be a list of {of}", hint=f"Write {name}=[...].")


def require_texts(**given: Any) -> None:
    """Refuse what is no text, by the names of the arguments; None is none that is given.

    Raises
    ------
    InputError
        When one is none; all of them are told.
    """
    wrong = [f"{name} is {one!r}" for name, one in given.items() if one is not None and not isinstance(one, str)]
    if wrong:
        raise InputError(f"{', '.join(wrong)}; this must be text", hint="Write it in quotes.")

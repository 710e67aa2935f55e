"""Every exception and warning of planalloc.

::

    PlanallocError                      .code, .hint
      InputError (ValueError)           .findings: all of them at once
        UnknownNameError (LookupError)  .name, .candidates
        TransitionError                 .state, .possible
      SolveError (RuntimeError)         .report
        InfeasibleError                 .relaxation
        LimitReachedError
        VerificationError
      BackendUnavailableError (ImportError)

A mistake inside one record is pydantic's ``ValidationError``, raised where the record is made.
Everything that only shows when records meet is an `InputError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BackendUnavailableError",
    "InfeasibleError",
    "InputError",
    "LimitReachedError",
    "PlanallocError",
    "SolveError",
    "TransitionError",
    "UnknownNameError",
    "VerificationError",
]


class PlanallocError(Exception):
    """Any error that planalloc raises by itself.

    Attributes
    ----------
    code : str
        Stable name of the kind of error; ``docs/errors/<code>.md`` explains it.
    hint : str
        What to do about it, in a sentence. May be empty.
    """

    code: ClassVar[str] = "planalloc"

    def __init__(self, message: str = "", *, hint: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self._details = details
        for name, value in details.items():
            setattr(self, name, value)

    def __str__(self) -> str:
        """Message, and the hint on a line of its own."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the keyword arguments, which plain exceptions lose."""
        return _rebuild, (type(self), self.message, {"hint": self.hint, **self._details})


def _rebuild(kind: type[PlanallocError], message: str, details: dict[str, Any]) -> PlanallocError:
    return kind(message, **details)


class InputError(PlanallocError, ValueError):
    """The inputs contradict each other; raised before anything is solved.

    Attributes
    ----------
    findings : Sequence
        All the errors at once, each with its path, value, rule and remedy.
    """

    code = "input"
    findings: Sequence[Any] = ()


class UnknownNameError(InputError, LookupError):
    """An id that nobody defined was used.

    Attributes
    ----------
    name : str
        The first unknown id.
    candidates : Sequence[str]
        The nearest known ids, best first. May be empty.
    """

    code = "unknown-name"
    name: str = ""
    candidates: Sequence[str] = ()


class TransitionError(InputError):
    """What was asked for cannot happen to a plan in the state in which it is.

    Attributes
    ----------
    state : str
        The state of the plan, or of one rep's part of it.
    possible : Sequence[str]
        What can happen now. Empty where it has ended.
    """

    code = "transition"
    state: str = ""
    possible: Sequence[str] = ()


class SolveError(PlanallocError, RuntimeError):
    """No plan came out, although the inputs do not contradict each other on their face.

    Attributes
    ----------
    report : Any
        How far the solve came, or None.
    """

    code = "solve"
    report: Any = None


class InfeasibleError(SolveError):
    """The hard limits cannot hold together.

    Attributes
    ----------
    relaxation : Relaxation
        Which limits collide, by name, the least change that lets a plan exist, and other ways out.
    """

    code = "infeasible"
    relaxation: Any = ()


class LimitReachedError(SolveError):
    """Time or iterations ran out before an answer was certain."""

    code = "limit-reached"


class VerificationError(SolveError):
    """A solver called its answer right and our own check of it did not."""

    code = "verification"


class BackendUnavailableError(PlanallocError, ImportError):
    """An optional package is missing.

    Attributes
    ----------
    package : str
        The package that could not be imported.
    extra : str
        The extra of planalloc that installs it.
    """

    code = "backend-unavailable"
    package: str = ""
    extra: str = ""


def require(package: str, extra: str) -> Any:
    """Import an optional package where it is used, or say which extra brings it.

    Parameters
    ----------
    package : str
        Name to import.
    extra : str
        Extra of planalloc that installs it.

    Raises
    ------
    BackendUnavailableError
        When the package is not installed.

    Examples
    --------
    >>> require("json", "none").dumps([1])
    '[1]'
    """
    from importlib import import_module  # noqa: PLC0415 -- keeps the module's own namespace free of it

    try:
        return import_module(package)
    except ImportError as error:
        raise BackendUnavailableError(
            f"{package!r} is needed here and is not installed",
            hint=f"Install it with: pip install 'planalloc[{extra}]'",
            package=package,
            extra=extra,
        ) from error

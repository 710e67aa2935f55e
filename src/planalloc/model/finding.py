"""What is wrong with the inputs, as data: where, what, which rule, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn

from planalloc.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Finding", "refuse"]

MOST_LINES = 10
"""A message lists this many findings, so that a wrong file does not flood the screen; `findings` has them all."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth a second look.

    As text it is one sentence and its remedy: path, value and rule are written so that they read as such.

    Parameters
    ----------
    code : str
        Stable name of the kind of finding, such as ``"unknown-name"``.
    level : {"error", "warning"}
        Whether it must be corrected before anything can be planned.
    path : str
        Where it is, such as ``"sales_force.reps[alice].fte"`` or ``"reps row 7, fte"``.
    value : str
        The value that is objected to, shortened: the subject of the sentence.
    rule : str
        What is wrong with it, without a full stop: the rest of the sentence.
    remedy : str
        What to do, as a sentence of its own. May be empty.
    name : str
        The name that nobody defined, where that is what is wrong; else empty.
    candidates : tuple of str
        The known names nearest to `name`, best first. May be empty.

    Examples
    --------
    >>> print(Finding("out-of-range", "error", "reps row 7, fte", "3", "is outside (0, 2]", "A full-time rep is 1."))
    reps row 7, fte: 3 is outside (0, 2]. A full-time rep is 1.
    """

    code: str
    level: Literal["error", "warning"]
    path: str
    value: str
    rule: str
    remedy: str
    name: str = ""
    candidates: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.value} {self.rule}. {self.remedy}".rstrip()


def refuse(findings: Sequence[Finding]) -> NoReturn:
    """Raise all findings as one error whose message numbers them.

    Parameters
    ----------
    findings : Sequence[Finding]
        At least one.

    Raises
    ------
    UnknownNameError
        When a finding is about a name that nobody defined; it gives the first such name and its candidates.
    InputError
        Otherwise. Either carries all the findings.

    Examples
    --------
    >>> refuse([Finding("no-rep", "error", "reps", "no row", "is there to plan", "Add the reps.")])
    Traceback (most recent call last):
    planalloc.errors.InputError: 1 thing to correct:
    1. reps: no row is there to plan. Add the reps.
    """
    lines = [f"{len(findings):,} thing{'s' if len(findings) > 1 else ''} to correct:"]
    lines += [f"{number}. {finding}" for number, finding in enumerate(findings[:MOST_LINES], 1)]
    if len(findings) > MOST_LINES:
        lines.append(f"and {len(findings) - MOST_LINES:,} more, all of them in .findings")
    message = "\n".join(lines)
    for finding in findings:
        if finding.name:
            raise UnknownNameError(message, findings=tuple(findings), name=finding.name, candidates=finding.candidates)
    raise InputError(message, findings=tuple(findings))

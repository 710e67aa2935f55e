"""An explanation of one number, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planalloc.plan.reasons import explanation_text

if TYPE_CHECKING:
    from planalloc.formulate.prices import Price

__all__ = ["Explanation", "Part"]


@dataclass(frozen=True)
class Part:
    """One thing that makes a number.

    Parameters
    ----------
    cause : str
        What it is.
    amount : float
        What it adds or takes away, in money, a multiple of the plan's rounding unit; never 0.
    kind : str
        ``reference``, ``hours``, ``limit``, ``target``, ``visits``, ``zero`` (nothing falls below it), ``order`` (what
        comes before the fair split), or ``rounding``.
    names : tuple of str
        Whose hours (all of those who are alike), or which line's target.
    period : str
        When the hours are.
    """

    cause: str
    amount: float
    kind: str = ""
    names: tuple[str, ...] = ()
    period: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why one number of a plan is what it is; as text, what is alike stands together, the largest first.

    Attributes
    ----------
    about : str
        Which number.
    currency : str
        Of all amounts.
    reference : float
        The simple answer, in money.
    reference_parts : tuple of Part
        What makes the reference; they sum to it.
    parts : tuple of Part
        What moved the plan from the reference to the base; they sum to the difference, to the unit.
    base, quota : float
        The number, before and after over-assignment.
    binding : tuple of Price
        The limits that bind on it, and what one more unit of each is worth: a dozen at most.
    untold : int
        How many more limits bind on it.
    loose : tuple of Price
        The agreed limits on it that leave room, and how much; none where the reference itself is the plan.
    """

    about: str
    currency: str
    reference: float
    reference_parts: tuple[Part, ...]
    parts: tuple[Part, ...]
    base: float
    quota: float
    binding: tuple[Price, ...]
    untold: int = 0
    loose: tuple[Price, ...] = ()

    def __str__(self) -> str:
        return explanation_text(self)

"""What would have to move before a plan exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planalloc.model.base import in_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planalloc.model.problem import PlanningProblem

__all__ = ["GivesWay", "Relaxation", "in_short"]

MOST_TOLD = 12
"""How many limits a sentence names before it only counts them."""


def in_short(told: Sequence[str]) -> str:
    """Return the first of many, and how many more there are.

    Examples
    --------
    >>> in_short(["a", "b"])
    'a; b'
    """
    more = f"; and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    return "; ".join(told[:MOST_TOLD]) + more


@dataclass(frozen=True)
class GivesWay:
    """A limit that has to move, and by how much.

    Parameters
    ----------
    label : str
        The limit's name.
    amount : float
        How far it has to move: negative downwards, positive upwards.
    unit : str
        Currency, ``"accounts"`` or ``"h"``.

    Examples
    --------
    >>> print(GivesWay("pin: alice, A = 2,000,000", -300_000, "EUR"))
    'pin: alice, A = 2,000,000' down by 300,000 EUR
    """

    label: str
    amount: float
    unit: str

    def __str__(self) -> str:
        return f"{self.label!r} {'down' if self.amount < 0 else 'up'} by {in_digits(abs(self.amount))} {self.unit}"


@dataclass(frozen=True)
class Relaxation:
    """Why no plan exists, and the ways out (F-16). Iterating over it goes through `changes`.

    Attributes
    ----------
    conflict : tuple of str
        One set of limits that cannot hold together, by name; without any one of them the others can.
    changes : tuple of GivesWay
        The least total change of agreed numbers and of least coverage that lets a plan exist.
    alternatives : tuple of (str, tuple of GivesWay)
        Ways out of one kind alone, where that is enough: more hours first, then less coverage, then agreed numbers, so
        that what loads nobody comes before what does.
    problem : PlanningProblem or None
        The problem with `changes` made; None where they cannot be made to it.
    """

    conflict: tuple[str, ...] = ()
    changes: tuple[GivesWay, ...] = ()
    alternatives: tuple[tuple[str, tuple[GivesWay, ...]], ...] = ()
    problem: PlanningProblem | None = None

    @property
    def gap(self) -> dict[str, float]:
        """Total of the changes, by unit."""
        found: dict[str, float] = {}
        for one in self.changes:
            found[one.unit] = found.get(one.unit, 0.0) + abs(one.amount)
        return found

    def __iter__(self) -> Iterator[GivesWay]:
        return iter(self.changes)

    def __getitem__(self, position: int) -> GivesWay:
        return self.changes[position]

    def __len__(self) -> int:
        return len(self.changes)

    def __str__(self) -> str:
        """Return it in words, long lists in short."""
        if not self.changes and not self.conflict:
            return "nothing has to give way"
        lines = ["cannot hold together: " + in_short(self.conflict)] if self.conflict else []
        lines += ["the least change: " + in_short(list(map(str, self.changes)))] if self.changes else []
        lines += [f"or {kind}: {in_short(list(map(str, ways)))}" for kind, ways in self.alternatives]
        return "\n".join(lines)

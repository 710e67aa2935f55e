"""A limit that would have to move."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GivesWay"]


@dataclass(frozen=True)
class GivesWay:
    """A limit that has to move before a plan exists, and by how much.

    Parameters
    ----------
    label : str
        The limit's name.
    amount : float
        How far it has to move: negative downwards, positive upwards.
    unit : str
        Currency, or ``"h"``.
    """

    label: str
    amount: float
    unit: str

    def __str__(self) -> str:
        direction = "below" if self.amount < 0 else "above"
        return f"{self.label!r} would have to end {abs(self.amount):,.0f} {self.unit} {direction} what it says"

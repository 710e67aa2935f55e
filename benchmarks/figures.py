"""One measured figure, and how figures are found again."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Literal

__all__ = ["OURS", "Figure", "Figures"]

OURS = "planalloc"


@dataclass(frozen=True)
class Figure:
    """What one side needed for one phase at one size.

    Parameters
    ----------
    size : str
        Name of the company, empty for what has none.
    reps : int
        How many it has.
    phase : str
        What was done.
    who : str
        Who did it.
    runs : tuple of float
        One number for each run; empty where there was none.
    unit : {"s", "MB"}
        Of the runs.
    optimum : float or None
        Where a program was solved: what it came to, in thousandths of the revenue.
    note : str
        What the numbers do not say.
    """

    size: str
    reps: int
    phase: str
    who: str
    runs: tuple[float, ...]
    unit: Literal["s", "MB"] = "s"
    optimum: float | None = None
    note: str = ""

    @property
    def value(self) -> float | None:
        """Median of the runs; None where there was none."""
        return median(self.runs) if self.runs else None

    def off(self, sure: Figure) -> float | None:
        """Return by how much the optimum differs from that of another figure; None where one has none.

        Relative to the optimum or, where this is less, to a thousandth of the revenue.
        """
        if self.optimum is None or sure.optimum is None:
            return None
        return abs(self.optimum - sure.optimum) / max(abs(sure.optimum), 1.0)


class Figures(list[Figure]):
    """All figures of a run, in the order in which they were measured."""

    def find(self, *, size: str, phase: str, who: str = OURS) -> Figure | None:
        """Return the figure of one side, or None where it was not measured."""
        return next((one for one in self if (one.size, one.phase, one.who) == (size, phase, who)), None)

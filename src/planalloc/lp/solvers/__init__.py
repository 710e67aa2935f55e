"""Solvers: each takes a finished program and returns a checked solution, or the reason why there is none."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solution import Solution

__all__ = ["Capability", "Solver", "available"]


class Capability(StrEnum):
    """What a solver can do beyond solving a feasible linear program."""

    quadratic = "quadratic"
    """Takes programs with a quadratic term."""

    tells_infeasible = "tells_infeasible"
    """Says whether a program is infeasible or unbounded; others only say that they found no answer."""


class Solver(Protocol):
    """What every solver offers. Options are fields of the solver, not arguments of `solve`."""

    @property
    def name(self) -> str:
        """Name of the solver in reports."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do beyond solving a feasible linear program."""
        ...

    def solve(self, program: LinearProgram) -> Solution:
        """Return the minimum of `program`, checked, or the reason why there is none.

        Raises
        ------
        ValueError
            When the program needs a capability that the solver lacks.
        """
        ...


def available() -> tuple[str, ...]:
    """Return the names of the solvers on this machine: our own two, and those that PuLP finds, after ``"pulp:"``.

    Examples
    --------
    >>> available()[:2]
    ('highs', 'interior-point')
    """
    from planalloc.lp.solvers.highs import Highs  # noqa: PLC0415 -- they import this module
    from planalloc.lp.solvers.interior import InteriorPoint  # noqa: PLC0415
    from planalloc.lp.solvers.pulp import PREFIX, installed  # noqa: PLC0415

    return (Highs.name, InteriorPoint.name, *(PREFIX + name for name in installed()))

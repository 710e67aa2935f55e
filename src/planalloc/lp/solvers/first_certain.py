"""Several solvers as one: the first that is certain has the word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planalloc.lp.solution import Reason

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solution import Solution
    from planalloc.lp.solvers import Capability, Solver

__all__ = ["FirstCertain"]

CERTAIN = {Reason.optimal, Reason.infeasible, Reason.unbounded}


@dataclass(frozen=True)
class FirstCertain:
    """Ask one solver after the other until one has an answer, or knows that there is none.

    Attributes
    ----------
    solvers : tuple of Solver
        The one that is asked first comes first.

    Examples
    --------
    >>> from planalloc.lp.solvers.block import Block
    >>> from planalloc.lp.solvers.highs import Highs
    >>> FirstCertain((Block(), Highs())).name
    'block, highs'
    """

    solvers: tuple[Solver, ...]

    @property
    def name(self) -> str:
        """Their names; a solution says whose it is."""
        return ", ".join(solver.name for solver in self.solvers)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What all of them can do."""
        return frozenset.intersection(*(solver.capabilities for solver in self.solvers))

    def solve(self, program: LinearProgram) -> Solution:
        """Return the first certain solution, or what the last solver says.

        Raises
        ------
        ValueError
            When the program needs a capability that one of them lacks.
        """
        solution = self.solvers[0].solve(program)
        for solver in self.solvers[1:]:
            if solution.reason in CERTAIN:
                break
            solution = solver.solve(program)
        return solution

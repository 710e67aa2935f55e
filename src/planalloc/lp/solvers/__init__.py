"""Solvers: each takes a finished program and returns a checked solution, or the reason why there is none."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from planalloc.errors import UnknownNameError

if TYPE_CHECKING:
    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solution import Solution

__all__ = ["Capability", "Solver", "available", "solver_named"]


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
    """Return the names of the solvers on this machine: our own three, and those that PuLP finds, after ``"pulp:"``.

    Examples
    --------
    >>> available()[:3]
    ('highs', 'interior-point', 'block')
    """
    from planalloc.lp.solvers.block import Block  # noqa: PLC0415 -- they import this module
    from planalloc.lp.solvers.highs import Highs  # noqa: PLC0415
    from planalloc.lp.solvers.interior import InteriorPoint  # noqa: PLC0415
    from planalloc.lp.solvers.pulp import PREFIX, installed  # noqa: PLC0415

    return (Highs.name, InteriorPoint.name, Block.name, *(PREFIX + name for name in installed()))


def solver_named(name: str) -> Solver:
    """Return a solver by its name in `available`.

    Raises
    ------
    UnknownNameError
        When no solver of that name is on this machine.

    Examples
    --------
    >>> solver_named("highs").name
    'highs'
    """
    from planalloc.lp.solvers.block import Block  # noqa: PLC0415 -- they import this module
    from planalloc.lp.solvers.highs import Highs  # noqa: PLC0415
    from planalloc.lp.solvers.interior import InteriorPoint  # noqa: PLC0415
    from planalloc.lp.solvers.pulp import PREFIX, Pulp  # noqa: PLC0415

    own: dict[str, Solver] = {Highs.name: Highs(), InteriorPoint.name: InteriorPoint(), Block.name: Block()}
    if name in own:
        return own[name]
    present = available()
    if name not in present:
        raise UnknownNameError(
            f"solver {name!r} is not on this machine",
            hint=f"These are: {', '.join(present)}.",
            name=name,
            candidates=tuple(get_close_matches(name, present)),
        )
    return Pulp(name.removeprefix(PREFIX))

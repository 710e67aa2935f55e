"""The registry: which companies are planned, and how far each is followed."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SUITES", "Accounts", "Binding", "OneLine", "Reviewed", "Suite"]


@dataclass(frozen=True)
class Binding:
    """A company in which hours bind.

    Parameters
    ----------
    reps, lines : int
        How many; always over twelve months.
    load : float
        Part of all hours that the targets and the care of accounts need.
    newcomers : float
        Part of the reps who are still growing into the job.
    quick : bool
        Leave out the peers that take long, where another company of the same size shows how long.
    """

    reps: int
    lines: int
    load: float
    newcomers: float = 0.0
    quick: bool = False

    @property
    def name(self) -> str:
        """How tables call it."""
        newcomers = ", newcomers" if self.newcomers else ""
        return f"{self.reps:,} x {self.lines} x 12, hours at {self.load:.0%}{newcomers}"


@dataclass(frozen=True)
class OneLine:
    """A company with one line, planned to the cent, in which nothing binds.

    Parameters
    ----------
    reps : int
        How many; always over twelve months.
    """

    reps: int

    @property
    def name(self) -> str:
        """How tables call it."""
        return f"{self.reps:,} x 1 x 12, nothing binds"


@dataclass(frozen=True)
class Accounts:
    """A company whose accounts are known one by one, in four segments.

    Parameters
    ----------
    accounts, reps : int
        How many; always over twelve months.
    """

    accounts: int
    reps: int

    @property
    def name(self) -> str:
        """How tables call it."""
        return f"{self.accounts:,} accounts, {self.reps:,} x 4 x 12"


@dataclass(frozen=True)
class Reviewed:
    """A company whose plan is reviewed after half a year.

    Parameters
    ----------
    reps, lines : int
        How many; always over twelve months.
    """

    reps: int
    lines: int

    @property
    def name(self) -> str:
        """How tables call it."""
        return f"{self.reps:,} x {self.lines} x 12, reviewed"


@dataclass(frozen=True)
class Suite:
    """What one run measures.

    Parameters
    ----------
    times : int
        Runs whose median is taken, where they fit the budget.
    binding : tuple of Binding
        Companies in which hours bind.
    one_line : tuple of OneLine
        Companies in which nothing does.
    memory : tuple of Binding
        Companies whose plan is made once in a process of its own, for its peak memory.
    accounts : tuple of Accounts
        Companies whose accounts are known.
    reviewed : tuple of Reviewed
        Companies whose plan is reviewed.
    """

    times: int
    binding: tuple[Binding, ...]
    one_line: tuple[OneLine, ...]
    memory: tuple[Binding, ...]
    accounts: tuple[Accounts, ...]
    reviewed: tuple[Reviewed, ...]


REACHABLE, SHORT = 0.8, 0.95
"""At the first load a half of all reps lack hours in some month and every target is met nevertheless; at the second
nine in ten do, and a part of the targets is not."""

SUITES = {
    "full": Suite(
        times=5,
        binding=(
            Binding(20, 5, REACHABLE),
            Binding(100, 10, REACHABLE),
            Binding(300, 10, REACHABLE),
            Binding(300, 10, REACHABLE, newcomers=0.05),
            Binding(1_000, 10, REACHABLE),
            Binding(1_000, 10, SHORT),
            Binding(3_000, 10, REACHABLE),
            Binding(10_000, 10, REACHABLE),
            Binding(10_000, 10, SHORT, quick=True),
        ),
        one_line=(OneLine(100), OneLine(1_000), OneLine(10_000)),
        memory=(Binding(10_000, 10, REACHABLE), Binding(10_000, 10, SHORT)),
        accounts=(Accounts(50_000, 500),),
        reviewed=(Reviewed(1_000, 10), Reviewed(10_000, 10)),
    ),
    "smoke": Suite(
        times=2,
        binding=(Binding(20, 5, REACHABLE), Binding(20, 5, SHORT)),
        one_line=(OneLine(20),),
        memory=(Binding(20, 5, REACHABLE),),
        accounts=(Accounts(200, 5),),
        reviewed=(Reviewed(20, 5),),
    ),
}

"""All checks of a problem at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from planalloc.checks import (
    calendar,
    coverage,
    limits,
    names,
    playbook,
    portfolio,
    presence,
    reviews,
    sales_force,
    strategy,
)
from planalloc.formulate.ground import Ground
from planalloc.model.finding import Finding, refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planalloc.model.problem import PlanningProblem

__all__ = ["Findings", "check", "check_canonical", "check_limits"]


MOST_LINES = 20
"""Findings that are printed, so that a wrong file does not flood the screen."""


class Findings(tuple[Finding, ...]):
    """All findings of a problem, errors first, each kind in a fixed order; empty where there is nothing to say.

    Examples
    --------
    >>> print(Findings([]))
    nothing to correct
    """

    __slots__ = ()

    def __new__(cls, findings: Iterable[Finding] = ()) -> Self:
        """Put errors first and drop what was found twice."""
        distinct = dict.fromkeys(findings)
        return super().__new__(cls, sorted(distinct, key=lambda one: one.level))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be corrected before anything can be planned."""
        return tuple(one for one in self if one.level == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is worth a second look."""
        return tuple(one for one in self if one.level == "warning")

    def refuse_errors(self) -> None:
        """Raise if there is an error among them.

        Raises
        ------
        UnknownNameError
            When an error among them is an id that nobody defined.
        InputError
            When there are other errors. Either carries all of them.
        """
        if self.errors:
            refuse(self.errors)

    def __str__(self) -> str:
        counts = [
            f"{len(group)} {word}{'s' if len(group) > 1 else ''}"
            for word, group in (("error", self.errors), ("warning", self.warnings))
            if group
        ]
        mixed = bool(self.errors and self.warnings)
        lines = [f"  {one.level}: {one}" if mixed else f"  {one}" for one in self[:MOST_LINES]]
        if len(self) > MOST_LINES:
            lines.append(f"  and {len(self) - MOST_LINES:,} more; the findings can be looped over")
        return "\n".join([", ".join(counts), *lines]) if self else "nothing to correct"


def check(problem: PlanningProblem) -> Findings:
    """Return everything in a problem that contradicts something else, and what is worth a second look.

    Nothing is solved. Checks that need names to be known wait until they are, so that one typo is one finding.

    Parameters
    ----------
    problem : PlanningProblem
        Any problem; each record has been checked by itself already.

    Returns
    -------
    Findings
        Of level error (`planalloc.allocate` refuses the problem) and warning, in a fixed order.

    Raises
    ------
    BackendUnavailableError
        When the calendar names a country and the package ``holidays`` is missing.

    Examples
    --------
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1}, reps=["alice"])
    >>> print(pa.check(problem.replace(pa.Rep(id="alice", covers=["a"]))))
    1 error
      sales_force.reps[alice].covers: 'a' is unknown; must be the id of a segment. Did you mean 'A'?
    """
    return check_canonical(problem.canonical())


def check_canonical(problem: PlanningProblem, *, ground: Ground | None = None) -> Findings:
    """Return the findings of a problem in canonical order, see `check`; `ground` where it is worked out already."""
    ground = Ground(problem) if ground is None else ground
    misnamed = [*names.findings(problem)]
    of_accounts = [*portfolio.name_findings(problem)]
    unknown = [*misnamed, *of_accounts, *reviews.name_findings(problem)]
    found: list[Finding] = [*unknown, *names.look_alikes(problem)]
    if not misnamed:
        found += portfolio.findings(problem, named=not of_accounts)
    if not unknown:
        problem = ground.index.problem
    for part in (calendar, strategy, sales_force):
        found += part.findings(problem)
    found += playbook.findings(problem, counted=_counted(problem, found))
    if not misnamed:
        found += [*coverage.findings(problem), *limits.findings(problem)]
    if not unknown:
        found += reviews.findings(problem)
    if not any(one.level == "error" for one in found):
        found += presence.findings(ground)
        found += [*limits.season_findings(ground), *limits.together_findings(ground)]
    return Findings(found)


def _counted(problem: PlanningProblem, found: Iterable[Finding]) -> bool:
    """Whether the accounts of reps are what is meant: none of what is found stands in the way of counting them."""
    errors = [one for one in found if one.level == "error"]
    return not (problem.portfolio.accounts and errors) and not any(one.path.endswith(".accounts") for one in errors)


def check_limits(problem: PlanningProblem, *, ground: Ground, settled: Iterable[Finding]) -> Findings:
    """Return the findings of a problem of which all but the limits has been checked, with what is `settled`."""
    found = [one for one in settled if not one.path.startswith("limits[")]
    unknown = [*names.limit_findings(problem)]
    found += [*unknown, *strategy.limit_amounts(problem)]
    if not unknown:
        found += limits.findings(problem)
    if not any(one.level == "error" for one in found):
        found += presence.findings(ground)
        found += [*limits.season_findings(ground), *limits.together_findings(ground)]
    return Findings(found)

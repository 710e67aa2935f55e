"""People: what is said of a rep does not contradict the calendar or the strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.problem import PlanningProblem
    from planalloc.model.salesforce import Rep

__all__ = ["findings", "is_there", "selling_share"]


def findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield reps who cannot be planned, and what is odd about the others."""
    if not any(rep.role == "primary" for rep in problem.sales_force.reps):
        yield Finding(
            "no-rep",
            "error",
            "sales_force.reps",
            "empty",
            "where a plan needs at least one primary rep",
            "Add the reps, with their ids.",
        )
        return
    nobody_sells = problem.sales_force.selling_share == 0
    for rep in problem.sales_force.reps:
        if nobody_sells or not _plain(rep):
            yield from _rep(problem, rep)


def _plain(rep: Rep) -> bool:
    """Whether nothing is said of a rep that could contradict anything."""
    always = rep.start is None and rep.end is None and not rep.absences
    return always and rep.covers is None and not rep.accounts and rep.selling_share is None


def is_there(problem: PlanningProblem, rep: Rep) -> bool:
    """Return whether a rep is employed at any time of the horizon."""
    if rep.start is None and rep.end is None:
        return True
    calendar = problem.calendar
    return (rep.start or calendar.start) <= calendar.end and (rep.end or calendar.end) >= calendar.start


def selling_share(problem: PlanningProblem, rep: Rep) -> float:
    """Return the part of a rep's hours that goes to selling."""
    return problem.sales_force.selling_share if rep.selling_share is None else rep.selling_share


def _rep(problem: PlanningProblem, rep: Rep) -> Iterator[Finding]:
    at, calendar = f"sales_force.reps[{rep.id}]", problem.calendar
    if not is_there(problem, rep):
        value = f"{rep.start or '...'} to {rep.end or '...'}"
        rule = f"is never there between {calendar.start} and {calendar.end}"
        yield Finding("rep-never-there", "error", at, value, rule, "Correct start and end, or leave the rep out.")
        return
    if rep.covers == ():
        yield Finding(
            "covers-nothing",
            "error",
            f"{at}.covers",
            "empty",
            "where a rep who carries a number covers something",
            "Leave covers out for a rep who covers everything, or drop the rep.",
        )
    if selling_share(problem, rep) == 0:
        yield Finding(
            "no-selling-time",
            "warning",
            f"{at}.selling_share",
            "0",
            "leaves no time to sell; the rep carries no number",
            "Raise it, or leave the rep out.",
        )
    if not problem.portfolio.accounts:  # they are what counts, and are checked by name
        yield from _accounts(problem, rep)
    for absence in rep.absences:
        first, last = max(rep.start or calendar.start, calendar.start), min(rep.end or calendar.end, calendar.end)
        if absence.start > last or absence.end < first:
            yield Finding(
                "absence-outside",
                "warning",
                f"{at}.absences",
                f"{absence.start} to {absence.end}",
                f"lies outside {first} to {last}, when the rep is there",
                "Check its year.",
            )


def _accounts(problem: PlanningProblem, rep: Rep) -> Iterator[Finding]:
    at, targets = f"sales_force.reps[{rep.id}]", problem.strategy.targets
    by_business = {one.segment for one in problem.playbook.cadences if one.business is not None}
    for segment, accounts in rep.accounts.items():
        lines = [target for target in targets if target.segment == segment]
        if lines and rep.covers and not any(rep.may_carry(target) for target in lines):
            yield Finding(
                "accounts-not-covered",
                "error",
                f"{at}.accounts",
                repr(segment),
                "has accounts in a segment that the rep does not cover",
                "Add the segment to covers, or give the accounts to somebody else.",
            )
        if segment in by_business and not isinstance(accounts, dict):
            yield Finding(
                "accounts-not-split",
                "error",
                f"{at}.accounts",
                f"{segment}: {accounts:g}",
                "is one number where a cadence tells new from existing accounts",
                f"Write {{{segment!r}: {{'new': ..., 'existing': ...}}}}.",
            )

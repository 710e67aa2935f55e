"""Lines: somebody covers each, and the basis of the split weighs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planalloc.checks.sales_force import is_there
from planalloc.model.finding import Finding
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.problem import PlanningProblem
    from planalloc.model.salesforce import Rep
    from planalloc.model.strategy import Target

__all__ = ["findings"]


def findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield lines that nobody can carry, and a basis that nobody has."""
    there = [rep for rep in problem.sales_force.reps if is_there(problem, rep) and rep.role == "primary"]
    if not there:
        return
    for target in problem.strategy.targets:
        yield from _line(target, there)
    for rep in there:
        if rep.covers and not any(rep.may_carry(target) for target in problem.strategy.targets):
            yield Finding(
                "no-line",
                "warning",
                f"sales_force.reps[{rep.id}].covers",
                repr(rep.id),
                "covers no line that has a target, and will carry no number",
                "Add a target, or widen covers.",
            )
    yield from _basis(problem)


def _line(target: Target, there: list[Rep]) -> Iterator[Finding]:
    if target.share == 0 or target.revenue == 0:
        return
    at = f"strategy.targets[{record_key(target)}]"
    if not any(rep.may_carry(target) for rep in there):
        yield Finding(
            "nobody-covers",
            "error",
            at,
            repr(record_key(target)),
            "has a target and nobody who covers it is there in the horizon",
            "Add it to somebody's covers, or set its target to 0.",
        )


def _basis(problem: PlanningProblem) -> Iterator[Finding]:
    reps = [rep for rep in problem.sales_force.reps if rep.role == "primary"]
    for basis, part in problem.policy.basis.items():
        if part == 0 or basis == "capacity":
            continue
        unknown = [rep.id for rep in reps if getattr(rep, basis) is None]
        path, words = f"policy.basis[{basis}]", basis.replace("_", " ")
        if len(unknown) == len(reps):
            yield Finding(
                "basis-unknown",
                "error",
                path,
                f"{part:g}",
                f"cannot set the split: no rep has {words}",
                f"Give the reps {basis}, or use capacity.",
            )
        elif unknown:
            yield Finding(
                "basis-stands-in",
                "warning",
                path,
                ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""),
                f"without {words} stand in by capacity, at the others' average",
                f"Give them {basis}; 0 means that they had none.",
            )
    if not problem.policy.basis.get("capacity"):
        yield from _unweighted_lines(problem, [rep for rep in reps if is_there(problem, rep)])


def _unweighted_lines(problem: PlanningProblem, there: list[Rep]) -> Iterator[Finding]:
    """Yield lines whose carriers all weigh nothing in the basis, and last year's sales on lines no longer covered."""
    basis = {name for name, part in problem.policy.basis.items() if part > 0}
    for target in problem.strategy.targets:
        carriers = [rep for rep in there if rep.may_carry(target)]
        known = [getattr(rep, name) for rep in carriers for name in sorted(basis)]
        by_line = problem.policy.basis_scope == "line"
        weighs = [one is None or (one.get(target.segment, 0.0) if by_line else sum(one.values())) for one in known]
        if carriers and not any(weighs) and target.share != 0 and target.revenue != 0:
            yield Finding(
                "basis-zero",
                "error",
                f"strategy.targets[{record_key(target)}]",
                repr(record_key(target)),
                f"cannot be split: everyone who covers it has 0 in {' and '.join(sorted(basis))}",
                "Blend in capacity, as Policy(basis={'last_year': 0.9, 'capacity': 0.1}).",
            )

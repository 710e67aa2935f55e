"""Targets make a whole, in whole rounding units (S-6, S-7)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from planalloc.model.base import in_digits
from planalloc.model.finding import Finding
from planalloc.model.problem import record_key
from planalloc.model.strategy import WEIGHTS_TOLERANCE, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.problem import PlanningProblem

__all__ = ["amount_findings", "findings", "limit_amounts"]

MOST_UNITS = 2**48
"""Beyond this many rounding units the arithmetic of shares no longer tells all whole numbers apart."""


def findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield what is wrong between the targets and with amounts of money."""
    yield from amount_findings(problem)
    yield from _overlaps(problem)
    used = {target.segment for target in problem.strategy.targets}
    used |= {cadence.segment for cadence in problem.playbook.cadences}
    for segment in problem.strategy.segments:
        if segment.id not in used:
            yield Finding(
                "segment-unused",
                "warning",
                f"strategy.segments[{segment.id}]",
                repr(segment.id),
                "has neither a target nor a cadence",
                "Give it a target, or drop it.",
            )


def amount_findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield amounts that are no multiple of the rounding unit, and targets that do not make the whole."""
    multiples = [*_multiples(problem)]
    yield from multiples
    yield from _whole(problem)


def _multiples(problem: PlanningProblem) -> Iterator[Finding]:
    step = problem.policy.step
    amounts: list[tuple[str, float | None]] = [("strategy.revenue", problem.strategy.revenue)]
    amounts += [(f"strategy.targets[{record_key(one)}].revenue", one.revenue) for one in problem.strategy.targets]
    yield from _no_multiples(step, amounts)
    yield from limit_amounts(problem)


def limit_amounts(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield amounts of limits that are no multiple of the rounding unit."""
    amounts: list[tuple[str, float | None]] = []
    for limit in problem.limits:
        if getattr(limit, "relative_to", None) is None:
            fields = ("quota", "base", "at_least", "at_most")
            amounts += [(f"limits[{limit.label}].{field}", getattr(limit, field, None)) for field in fields]
    yield from _no_multiples(problem.policy.step, amounts)


def _no_multiples(step: Decimal, amounts: list[tuple[str, float | None]]) -> Iterator[Finding]:
    for path, amount in amounts:
        if amount is None:
            continue
        many = Decimal(repr(amount)) / step
        if many > MOST_UNITS:
            yield Finding(
                "amount-too-large",
                "error",
                path,
                in_digits(amount),
                f"is more than {MOST_UNITS:,} units of {step:f}; they could not all be told apart",
                "Plan in a larger unit, with Policy(round_to=...).",
            )
        elif many != many.to_integral_value():
            nearest = many.to_integral_value() * step
            yield Finding(
                "not-a-multiple",
                "error",
                path,
                repr(amount) if in_digits(amount) == in_digits(float(nearest)) else in_digits(amount),
                f"is no multiple of round_to = {step:f}",
                f"The nearest is {nearest:,f}; or plan in a finer unit, with Policy(round_to=...).",
            )


def _whole(problem: PlanningProblem) -> Iterator[Finding]:
    strategy, path = problem.strategy, "strategy.targets"
    targets = strategy.targets
    rests = [target for target in targets if target.rest]
    shares = [target.share for target in targets if target.share is not None]
    amounts = sum(Decimal(repr(target.revenue)) for target in targets if target.revenue is not None)
    if len(rests) > 1:
        named = ", ".join(record_key(target) for target in rests)
        yield Finding(
            "two-rests", "error", path, named, "are all the rest; only one can be", "Give the others a share."
        )
        return
    if strategy.revenue is None:
        if rests or shares:
            yield Finding(
                "revenue-missing",
                "error",
                "strategy.revenue",
                "not given",
                "is needed where a target is a share or the rest",
                "Give the revenue of the whole.",
            )
        elif amounts == 0:
            yield _nothing(path)
        return
    whole = Decimal(repr(strategy.revenue))
    if whole == 0:
        yield _nothing("strategy.revenue")
        return
    given = amounts + sum(Decimal(repr(share)) for share in shares) * whole
    elastic = any(shares) and amounts <= whole  # shares are rounded to what amounts leave; amounts are exact
    tolerance = Decimal(repr(WEIGHTS_TOLERANCE)) * whole if elastic else Decimal(0)
    off = given - whole
    if off > tolerance or (off < -tolerance and not rests):
        word = "more than" if off > 0 else "short of"
        yield Finding(
            "not-the-whole",
            "error",
            path,
            f"{given:,.2f}",
            f"together are {abs(off):,.2f} {word} the revenue of {whole:,.2f}; they must be exactly that",
            "Correct them, or let one be rest=True." if off < 0 else "Lower some of them.",
        )


def _nothing(path: str) -> Finding:
    return Finding(
        "nothing-to-plan", "error", path, "0", "leaves nothing to plan", "Give at least one target an amount."
    )


def _overlaps(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield pairs of targets that speak of the same revenue."""
    targets = sorted(problem.strategy.targets, key=record_key)
    for i, one in enumerate(targets):
        for other in targets[i + 1 :]:
            if _same_revenue(one, other):
                yield Finding(
                    "targets-overlap",
                    "error",
                    f"strategy.targets[{record_key(one)}]",
                    repr(record_key(one)),
                    f"and {record_key(other)!r} speak of the same revenue, which would count twice",
                    "Cut both equally fine: name product and business on both, or on neither.",
                )


def _same_revenue(one: Target, other: Target) -> bool:
    return one.segment == other.segment and all(
        getattr(one, part) is None or getattr(other, part) is None or getattr(one, part) == getattr(other, part)
        for part in ("product", "business")
    )

"""F-16: the problem with the least change made to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planalloc.formulate.gives_way import GivesWay, Relaxation
from planalloc.model.limits import AnyLimit, Bound, MixBand, Pin, QuotaRange, TeamTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.formulate.limit_rows import Owner
    from planalloc.formulate.relaxing import Ways
    from planalloc.lp import elastic as elastic_module
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Floats

__all__ = ["NOISE_UNITS", "Repair", "wider_by_a_unit"]

NOISE_UNITS = 1e-6
"""A relaxation of less of a rounding unit, of an account or of an hour is a solver's rounding error."""


def wider_by_a_unit(problem: PlanningProblem, labels: Sequence[str]) -> Relaxation:
    """Return what lets limits hold that hold only in fractions of a rounding unit: each is widened by one, both ways.

    Parameters
    ----------
    problem : PlanningProblem
        Whose limits they are.
    labels : Sequence of str
        Pins, bounds and team targets.
    """
    step, currency = float(problem.policy.step), problem.strategy.currency
    limits = [_wider(one, step) if one.label in labels else one for one in problem.limits]
    changes = tuple(GivesWay(label, step, currency) for label in labels)
    return Relaxation(conflict=tuple(labels), changes=changes, problem=problem.but(limits=limits))


def _wider(limit: AnyLimit, step: float) -> AnyLimit:
    if isinstance(limit, Bound):
        low, high, of = limit.at_least, limit.at_most, limit.of
    elif isinstance(limit, Pin | TeamTarget):
        of = "quota" if isinstance(limit, Pin) and limit.quota is not None else "base"
        low = high = getattr(limit, of)
    else:
        return limit
    return Bound(
        **limit.parts,
        name=limit.label,
        reason=limit.reason,
        agreed_with=limit.agreed_with,
        expires=limit.expires,
        at_least=None if low is None else round(max(low - step, 0.0), 10),
        at_most=None if high is None else round(high + step, 10),
        of=of,
    )


@dataclass(frozen=True)
class Repair:
    """A problem with the least change made to its limits and least coverages."""

    ways: Ways
    least: elastic_module.Relaxation

    def problem(self) -> PlanningProblem:
        """Return the changed problem."""
        program, problem = self.ways.program, self.ways.formulation.ground.problem
        units: dict[str, list[tuple[Owner, float]]] = {}
        for owner, row in zip(program.owners, program.limit_rows, strict=True):
            amount = float(self.least.rows[row]) * program.layout.money
            if abs(amount) > NOISE_UNITS:
                units.setdefault(owner.label, []).append((owner, amount))
        kept = [self._moved(limit, units.get(limit.label, [])) for limit in problem.limits]
        repaired = problem.but(limits=[limit for limits in kept for limit in limits])
        first, least = program.layout.question.alike.first, dict.fromkeys(range(len(problem.strategy.segments)), 1.0)
        for c, g, row in self.ways.coverages():
            accounts = float(self.ways.formulation.work.cadence_accounts[first[c], g])
            fewer = math.ceil(-float(self.least.rows[row]) * accounts - NOISE_UNITS)
            if fewer > 0:
                least[g] = min(least[g], max(problem.strategy.segments[g].coverage_min - fewer / accounts, 0.0))
        for g, segment in enumerate(problem.strategy.segments):
            if least[g] < segment.coverage_min:
                repaired = repaired.replace(segment.but(coverage_min=least[g]))
        return repaired

    def _moved(self, limit: AnyLimit, amounts: list[tuple[Owner, float]]) -> list[AnyLimit]:
        """Return a limit that has given way: for those only for whom it must, where it holds for many."""
        if not amounts or not isinstance(limit, QuotaRange | MixBand):
            return [self._shifted(limit, amounts)]
        by_rep: dict[str, list[tuple[Owner, float]]] = {}
        for owner, amount in amounts:
            for rep in self.ways.reps(owner.rep_class):
                by_rep.setdefault(rep, []).append((owner, amount))
        if limit.rep is not None:
            return [one for one in [self._loosened(limit, amounts)] if one is not None]
        left_out = tuple(sorted({*limit.but_not, *by_rep}))
        found: list[AnyLimit] = [limit.but(name=limit.label, but_not=left_out)]
        for rep, of_rep in by_rep.items():
            loosened = self._loosened(limit, of_rep)
            if loosened is not None:
                found.append(loosened.but(name=f"{limit.label} ({rep})", rep=rep, but_not=()))
        return found

    def _loosened(self, limit: QuotaRange | MixBand, amounts: list[tuple[Owner, float]]) -> QuotaRange | MixBand | None:
        return self._range(limit, amounts) if isinstance(limit, QuotaRange) else self._band(limit, amounts)

    def _shifted(self, limit: AnyLimit, amounts: list[tuple[Owner, float]]) -> AnyLimit:
        step = float(self.ways.formulation.index.problem.policy.step)
        if not amounts:
            return limit
        low = min(amount for _, amount in amounts)
        high = max(amount for _, amount in amounts)
        down = math.ceil(max(-low, 0.0) - NOISE_UNITS) * step
        up = math.ceil(max(high, 0.0) - NOISE_UNITS) * step
        if isinstance(limit, Pin):
            field = "quota" if limit.quota is not None else "base"
            return limit.but(name=limit.label, **{field: round(max(getattr(limit, field) + up - down, 0.0), 10)})
        if isinstance(limit, TeamTarget):
            return limit.but(name=limit.label, base=round(max(limit.base + up - down, 0.0), 10))
        if isinstance(limit, Bound):
            return limit.but(
                name=limit.label,
                at_least=None if limit.at_least is None else round(max(limit.at_least - down, 0.0), 10),
                at_most=None if limit.at_most is None else round(limit.at_most + up, 10),
            )
        return limit

    def _range(self, limit: QuotaRange, amounts: list[tuple[Owner, float]]) -> QuotaRange:
        first = self.ways.program.layout.question.alike.first
        span = next(one for one in self.ways.formulation.limits.ranges if one.label == limit.label)
        at_least, at_most = limit.at_least, limit.at_most
        for owner, amount in amounts:
            r = first[owner.rep_class or 0]
            if amount < 0 and limit.at_least is not None:
                part = max(math.floor(span.lower[r] + amount), 0.0) / span.lower[r]
                at_least = min(at_least or 0.0, limit.at_least * part)
            if amount > 0 and limit.at_most is not None:
                base = max(span.upper[r], 1.0)
                at_most = max(at_most or 0.0, limit.at_most * math.ceil(span.upper[r] + amount) / base)
        if limit.relative_to is None:  # money: whole rounding units, outwards
            step = self.ways.formulation.index.problem.policy.step
            at_least = None if at_least is None else float(math.floor(at_least / float(step) + NOISE_UNITS) * step)
            at_most = None if at_most is None else float(math.ceil(at_most / float(step) - NOISE_UNITS) * step)
        return limit.but(name=limit.label, at_least=at_least, at_most=at_most)

    def _band(self, limit: MixBand, amounts: list[tuple[Owner, float]]) -> MixBand | None:
        program, formulation = self.ways.program, self.ways.formulation
        cells: Floats = program.answer(self.least.solution.x).cells
        needed = limit.tolerance
        for owner, amount in amounts:
            c, line = owner.rep_class or 0, owner.line or 0
            share = formulation.limits.mix[program.layout.question.alike.first[c], line] * cells[c].sum()
            needed = max(needed, limit.tolerance + abs(amount) / max(float(share), NOISE_UNITS) * (1 + 1e-6))
        return limit.but(name=limit.label, tolerance=needed) if needed <= 1.0 else None

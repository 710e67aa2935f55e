"""F-16: what collides when no plan exists, the least that would have to give way, and the problem with that done."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InfeasibleError
from planalloc.formulate.columns import MONEY_PARTS
from planalloc.formulate.gives_way import GivesWay, Relaxation
from planalloc.lp.conflict import irreducible
from planalloc.lp.elastic import elastic
from planalloc.lp.solvers.highs import Highs
from planalloc.model.limits import Bound, MixBand, Pin, QuotaRange, TeamTarget
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from typing import NoReturn

    from planalloc.formulate.compile import Compiled
    from planalloc.formulate.formulation import Formulation
    from planalloc.formulate.limit_rows import Owner
    from planalloc.lp import elastic as elastic_module
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Floats, Ints

__all__ = ["completed", "refuse_collision", "relaxation_of"]

MOST_TURNS = 20
"""More turns than any real set of limits takes."""

COVERAGE_WEIGHT = 1e3 * MONEY_PARTS
"""Price of giving up all of a rep's least coverage of a segment: agreed numbers give way first."""

NOISE_UNITS = 1e-6
"""A relaxation of less of a rounding unit, of an account or of an hour is a solver's rounding error."""


def refuse_collision(formulation: Formulation, program: Compiled) -> NoReturn:
    """Raise with the limits that collide and the ways out.

    Parameters
    ----------
    formulation : Formulation
        What was asked.
    program : Compiled
        The program that has no answer.

    Raises
    ------
    InfeasibleError
        Always.
    """
    relaxation = relaxation_of(formulation, program)
    raise InfeasibleError(
        "these limits cannot all hold: " + "; ".join(relaxation.conflict or [one.label for one in relaxation.changes]),
        hint="The least change: " + "; ".join(map(str, relaxation.changes)) + ".",
        relaxation=relaxation,
    )


def completed(relaxation: Relaxation) -> Relaxation:
    """Return a relaxation whose problem has a plan: what its least change uncovers gives way in turn.

    Limits collide in more than one way at times: with the season first, with hours then. Each turn is the least change
    of what is left; the changes of one limit are added up.
    """
    from planalloc.formulate.answering import answer  # noqa: PLC0415 -- it imports this module when it needs it
    from planalloc.formulate.formulation import formulate  # noqa: PLC0415

    changes = {(one.label, one.unit): one.amount for one in relaxation.changes}
    problem = relaxation.problem
    for turn in range(MOST_TURNS):
        if problem is None:
            break
        problem = problem.canonical()
        try:
            answer(formulate(problem))
        except InfeasibleError as error:
            for one in error.relaxation:
                changes[one.label, one.unit] = changes.get((one.label, one.unit), 0.0) + one.amount
            problem = error.relaxation.problem
        else:
            if turn == 0:
                return relaxation
            ways = tuple(GivesWay(label, amount, unit) for (label, unit), amount in changes.items())
            return replace(relaxation, changes=ways, problem=problem)
    return replace(relaxation, problem=None)


def relaxation_of(formulation: Formulation, program: Compiled) -> Relaxation:
    """Return why a program has no answer and what would give it one.

    Parameters
    ----------
    formulation : Formulation
        What was asked.
    program : Compiled
        The program that has no answer.
    """
    ways = _Ways(formulation, program)
    coverage = program.layout.groups["coverage"].columns
    none = np.zeros(0, dtype=np.int64)
    kinds = (
        ("more hours", program.hours_rows.ravel(), none),
        ("less coverage", none, coverage),
        ("other numbers", program.limit_rows, none),
    )
    alternatives = []
    for kind, rows, columns in kinds:
        found = ways.of(rows, columns) if len(rows) or len(columns) else None
        if found:
            alternatives.append((kind, tuple(found)))
    least = ways.least(program.limit_rows, coverage)
    changes = ways.named(least) if least is not None else []
    return Relaxation(
        conflict=ways.conflict(),
        changes=tuple(changes),
        alternatives=tuple(alternatives),
        problem=None if least is None else _Repair(ways, least).problem(),
    )


@dataclass(frozen=True)
class _Ways:
    """Ways out of one infeasible program."""

    formulation: Formulation
    program: Compiled

    def least(self, rows: Ints, columns: Ints) -> elastic_module.Relaxation | None:
        """Return the least change of some rows and columns, or None where they are not enough."""
        found = elastic(
            self.program.program,
            Highs(),
            soft_rows=rows,
            soft_columns=columns,
            column_weights=np.full(len(columns), COVERAGE_WEIGHT),
        )
        return found if found.solution.ok else None

    def of(self, rows: Ints, columns: Ints) -> list[GivesWay]:
        """Return the least change of some rows and columns, by name; empty where they are not enough."""
        found = self.least(rows, columns)
        return [] if found is None else self.named(found)

    def named(self, found: elastic_module.Relaxation) -> list[GivesWay]:
        """Return changes by name: of limits in whole units of money, of coverage in accounts, of hours in hours."""
        program, time = self.program, self.formulation.time
        problem = self.formulation.index.problem
        step, currency = float(problem.policy.step), problem.strategy.currency
        ways = []
        for owner, row in zip(program.owners, program.limit_rows, strict=True):
            units = float(found.rows[row]) * program.layout.money
            if abs(units) > NOISE_UNITS:
                whole = math.copysign(math.ceil(abs(units) - NOISE_UNITS), units)
                ways.append(GivesWay(self.name(owner), whole * step, currency))
        first, index = program.layout.question.alike.first, self.formulation.index
        group = program.layout.groups["coverage"]
        for c, g, column in zip(*group.at, group.columns, strict=True):
            accounts = float(found.columns[column] * self.formulation.work.cadence_accounts[first[c], g])
            if abs(accounts) > NOISE_UNITS:
                label = f"least coverage of {index.segments[g].id} ({index.reps[first[c]].id})"
                ways.append(GivesWay(label, round(accounts, 6), "accounts"))
        for (c, t), row in np.ndenumerate(program.hours_rows):
            hours = float(found.rows[row]) * max(float(time.hours[first[c], t]), 1.0)
            if hours > NOISE_UNITS:
                ways.append(GivesWay(self.hours_name(c, t), math.ceil(hours * 10) / 10, "h"))
        return ways

    def hours_name(self, c: int, t: int) -> str:
        """Return whose hours when."""
        first, index = self.program.layout.question.alike.first, self.formulation.index
        return f"hours of {index.reps[first[c]].id} in {index.periods[t].id}"

    def name(self, owner: Owner) -> str:
        """Return a limit's name, and for whom and on which line, where it holds for each by themselves."""
        if owner.rep_class is None:
            return owner.label
        first = self.program.layout.question.alike.first[owner.rep_class]
        line = "" if owner.line is None else f", {record_key(self.formulation.index.lines[owner.line])}"
        return f"{owner.label} ({self.formulation.index.reps[first].id}{line})"

    def conflict(self) -> tuple[str, ...]:
        """Return one irreducible set of limits, hours and least coverages that cannot hold together, by name."""
        program = self.program
        group = program.layout.groups["coverage"]
        labels = [self.name(owner) for owner in program.owners]
        labels += [self.hours_name(*at) for at in np.ndindex(program.hours_rows.shape)]
        rows = np.concatenate([program.limit_rows, program.hours_rows.ravel()]).astype(np.int64)
        found = irreducible(program.program, Highs(), soft_rows=rows, soft_columns=group.columns)
        names = [labels[int(np.flatnonzero(rows == row)[0])] for row in found.rows]
        first, index = program.layout.question.alike.first, self.formulation.index
        for column in found.columns:
            at = int(column) - group.start
            names.append(
                f"least coverage of {index.segments[group.at[1][at]].id} ({index.reps[first[group.at[0][at]]].id})"
            )
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class _Repair:
    """A problem with the least change made to its limits and least coverages."""

    ways: _Ways
    least: elastic_module.Relaxation

    def problem(self) -> PlanningProblem:
        """Return the changed problem."""
        program, problem = self.ways.program, self.ways.formulation.index.problem
        units: dict[str, list[tuple[Owner, float]]] = {}
        for owner, row in zip(program.owners, program.limit_rows, strict=True):
            amount = float(self.least.rows[row]) * program.layout.money
            if abs(amount) > NOISE_UNITS:
                units.setdefault(owner.label, []).append((owner, amount))
        kept = [self._moved(limit, units.get(limit.label, [])) for limit in problem.limits]
        repaired = problem.but(limits=[limit for limit in kept if limit is not None])
        group = program.layout.groups["coverage"]
        for g, segment in enumerate(problem.strategy.segments):
            of_segment = self.least.columns[group.columns[group.at[1] == g]]
            lowest = float(of_segment.min(initial=0.0))
            if lowest < -NOISE_UNITS:
                repaired = repaired.replace(segment.but(coverage_min=max(segment.coverage_min + lowest, 0.0)))
        return repaired

    def _moved(self, limit: object, amounts: list[tuple[Owner, float]]) -> object:
        """Return a limit that has given way; None where nothing of it is left."""
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
        if isinstance(limit, QuotaRange):
            return self._range(limit, amounts)
        return self._band(limit, amounts) if isinstance(limit, MixBand) else limit

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

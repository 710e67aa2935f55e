"""F-16: what collides when no plan exists, the least that would have to give way, and the problem with that done."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

from planalloc.errors import InfeasibleError
from planalloc.formulate.columns import MONEY_PARTS
from planalloc.formulate.explaining import in_words
from planalloc.formulate.gives_way import GivesWay, Relaxation, in_short
from planalloc.formulate.repairing import NOISE_UNITS, Repair
from planalloc.lp.conflict import irreducible
from planalloc.lp.elastic import elastic
from planalloc.lp.solution import Reason
from planalloc.lp.solvers.highs import Highs
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

    from planalloc.formulate.compile import Compiled
    from planalloc.formulate.formulation import Formulation
    from planalloc.formulate.limit_rows import Owner
    from planalloc.lp import elastic as elastic_module
    from planalloc.lp.program import LinearProgram
    from planalloc.types import Floats, Ints

__all__ = ["Ways", "completed", "refuse_collision", "relaxation_of"]

MOST_TURNS = 20
"""More turns than any real set of limits takes."""

COVERAGE_WEIGHT = 1e3 * MONEY_PARTS
"""Price of giving up all of a rep's least coverage of a segment: agreed numbers give way first."""


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
        "these limits cannot all hold: " + in_short(relaxation.conflict or [one.label for one in relaxation.changes]),
        hint="The least change: " + in_short(list(map(str, relaxation.changes))) + ".",
        relaxation=relaxation,
    )


def completed(relaxation: Relaxation) -> Relaxation:
    """Return a relaxation whose problem has a plan: what its least change uncovers gives way in turn.

    Limits collide in more than one way at times: with the season first, with hours then. Each turn is the least change
    of what is left; the changes of one limit are added up.
    """
    from planalloc.formulate.answering import answer  # noqa: PLC0415 -- it imports this module when it needs it
    from planalloc.formulate.formulation import formulate  # noqa: PLC0415
    from planalloc.formulate.rounding import whole_base, whole_quota  # noqa: PLC0415

    changes = {(one.label, one.unit): one.amount for one in relaxation.changes}
    problem, known = relaxation.problem, None
    for turn in range(MOST_TURNS):
        if problem is None:
            break
        problem = problem.canonical()
        if known is None or not known.ground.carries(problem):
            known = formulate(problem)
        else:
            known = formulate(problem, ground=known.ground.under(problem), known=known)
        try:
            answered = answer(known, solver=Highs())
            whole_quota(known, answered, base=whole_base(known, answered)[0])
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
    ways = Ways(formulation, program)
    least = ways.least(np.concatenate([program.limit_rows, ways.coverage_rows]))
    changes = ways.named(least) if least is not None else []
    kinds = (
        ("more hours", program.hours_rows.ravel()),
        ("less coverage", ways.coverage_rows),
        ("other numbers", program.limit_rows),
    )
    alternatives = []
    for kind, rows in kinds:
        found = ways.of(rows) if len(rows) else []
        if found and found != changes:
            alternatives.append((kind, tuple(found)))
    return Relaxation(
        conflict=ways.conflict(),
        changes=tuple(changes),
        alternatives=tuple(alternatives),
        problem=None if least is None else Repair(ways, least).problem(),
    )


@dataclass(frozen=True)
class Ways:
    """Ways out of one infeasible program, in which least coverages that somebody set are rows, after all others."""

    formulation: Formulation
    program: Compiled

    @cached_property
    def least_coverages(self) -> Ints:
        """Positions, within the group of coverages, of those that may not be nothing."""
        return np.flatnonzero(self.program.program.lower[self.program.layout.groups["coverage"].columns] > 0)

    @property
    def coverage_rows(self) -> Ints:
        """Rows of least coverages."""
        return self.program.program.n_rows + np.arange(len(self.least_coverages))

    @cached_property
    def rows(self) -> LinearProgram:
        """The program with least coverages as rows: what gives way then stays above nothing."""
        program, columns = self.program.program, self.program.layout.groups["coverage"].columns[self.least_coverages]
        shape = (len(columns), program.n_columns)
        said = csr_array((np.ones(len(columns)), (np.arange(len(columns)), columns)), shape=shape)
        lower = program.lower.copy()
        lower[columns] = 0.0
        return program.but(
            matrix=csr_array(vstack([program.matrix, said])),
            row_lower=np.concatenate([program.row_lower, program.lower[columns]]),
            row_upper=np.concatenate([program.row_upper, np.full(len(columns), np.inf)]),
            lower=lower,
            row_names=(),
        )

    @cached_property
    def prices(self) -> Floats:
        """What a change of one costs, by row: as many times as there are reps who are alike."""
        size = self.program.layout.question.alike.size
        prices = np.ones(self.rows.n_rows)
        for owner, row in zip(self.program.owners, self.program.limit_rows, strict=True):
            prices[row] = 1 if owner.rep_class is None else size[owner.rep_class]
        prices[self.program.hours_rows] = size[: len(self.program.hours_rows), None]
        group = self.program.layout.groups["coverage"]
        prices[self.coverage_rows] = COVERAGE_WEIGHT * size[group.at[0][self.least_coverages]]
        return prices

    def least(self, rows: Ints) -> elastic_module.Relaxation | None:
        """Return the least change of some rows, or None where they are not enough."""
        none = np.zeros(0, dtype=np.int64)
        found = elastic(self.rows, Highs(), soft_rows=rows, soft_columns=none, row_weights=self.prices[rows])
        return found if found.solution.ok else None

    def of(self, rows: Ints) -> list[GivesWay]:
        """Return the least change of some rows, by name; empty where they are not enough."""
        found = self.least(rows)
        return [] if found is None else self.named(found)

    def named(self, found: elastic_module.Relaxation) -> list[GivesWay]:
        """Return changes by name, of each rep by themselves: in whole units of money, whole accounts, tenths of hours.

        All are rounded up, so that they are enough.
        """
        program, time = self.program, self.formulation.time
        problem = self.formulation.index.problem
        step, currency = float(problem.policy.step), problem.strategy.currency
        ways = []
        for owner, row in zip(program.owners, program.limit_rows, strict=True):
            units = float(found.rows[row]) * program.layout.money
            if abs(units) > NOISE_UNITS:
                whole = math.copysign(math.ceil(abs(units) - NOISE_UNITS), units)
                ways += [GivesWay(self.name(owner, rep), whole * step, currency) for rep in self.reps(owner.rep_class)]
        first = program.layout.question.alike.first
        for c, g, row in self.coverages():
            accounts = -float(found.rows[row] * self.formulation.work.cadence_accounts[first[c], g])
            if accounts > NOISE_UNITS:
                whole = float(math.ceil(accounts - NOISE_UNITS))
                ways += [GivesWay(self.coverage_name(rep, g), -whole, "accounts") for rep in self.reps(c)]
        for (c, t), row in np.ndenumerate(program.hours_rows):
            hours = float(found.rows[row]) * max(float(time.hours[first[c], t]), 1.0)
            if hours > NOISE_UNITS:
                more = math.ceil(hours * 10 - NOISE_UNITS) / 10
                ways += [GivesWay(self.hours_name(rep, (t,)), more, "h") for rep in self.reps(c)]
        return ways

    def coverages(self) -> Iterator[tuple[int, int, int]]:
        """Yield class, segment and row of each least coverage."""
        at = self.program.layout.groups["coverage"].at
        for one, row in zip(self.least_coverages, self.coverage_rows, strict=True):
            yield int(at[0][one]), int(at[1][one]), int(row)

    def reps(self, rep_class: int | None) -> list[str]:
        """Return the ids of a class of reps; one empty id, where a limit is of nobody by themselves."""
        if rep_class is None:
            return [""]
        reps = self.formulation.index.reps
        return [reps[r].id for r in np.flatnonzero(self.program.layout.question.alike.which == rep_class)]

    def hours_name(self, who: str, periods: tuple[int, ...]) -> str:
        """Return whose hours when; not when, where it is all the time."""
        known = self.formulation.index.periods
        when = "" if 1 < len(periods) == len(known) else f" in {', '.join(known[t].id for t in periods)}"
        return f"hours of {who}{when}"

    def coverage_name(self, who: str, segment: int) -> str:
        """Return whose least coverage of what."""
        return f"least coverage of {self.formulation.index.segments[segment].id} ({who})"

    def name(self, owner: Owner, who: str) -> str:
        """Return a limit's name, and for whom and on which line, where it holds for each by themselves."""
        line = "" if owner.line is None else f", {record_key(self.formulation.index.lines[owner.line])}"
        return f"{owner.label} ({who}{line})" if who else owner.label

    def conflict(self) -> tuple[str, ...]:
        """Return one irreducible set of limits, hours and least coverages that cannot hold together, by name.

        Hours and least coverages take part only where agreed numbers can hold together without them.
        """
        hours, coverage = self.program.hours_rows.ravel(), self.coverage_rows
        rows = np.concatenate([self.program.limit_rows, hours, coverage]).astype(np.int64)
        program = _without(self.rows, np.concatenate([hours, coverage]).astype(np.int64))
        if Highs().solve(program).reason is Reason.infeasible:
            rows = self.program.limit_rows
        else:
            program = self.rows
        none = np.zeros(0, dtype=np.int64)
        return self.names(set(irreducible(program, Highs(), soft_rows=rows, soft_columns=none).rows.tolist()))

    def names(self, rows: set[int]) -> tuple[str, ...]:
        """Return the names of some rows; people whose hours or least coverages are in them alike are one item."""
        names = [
            self.name(owner, _together(self.reps(owner.rep_class)))
            for owner, row in zip(self.program.owners, self.program.limit_rows, strict=True)
            if row in rows
        ]
        people: dict[tuple[int, ...], list[str]] = {}
        for c, of_class in enumerate(self.program.hours_rows.tolist()):
            periods = tuple(t for t, row in enumerate(of_class) if row in rows)
            people.setdefault(periods, []).extend(self.reps(c) if periods else [])
        names += [self.hours_name(in_words(tuple(sorted(who))), periods) for periods, who in people.items() if periods]
        visited: dict[int, list[str]] = {}
        for c, g, row in self.coverages():
            if row in rows:
                visited.setdefault(g, []).extend(self.reps(c))
        names += [self.coverage_name(in_words(tuple(sorted(who))), g) for g, who in visited.items()]
        return tuple(dict.fromkeys(names))


def _together(reps: list[str]) -> str:
    """Return the first of reps who are alike, and how many there are."""
    return reps[0] if len(reps) == 1 else f"{reps[0]} and {len(reps) - 1} alike"


def _without(program: LinearProgram, rows: Ints) -> LinearProgram:
    """Return a program, without a cost, in which some rows say nothing."""
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    lower[rows], upper[rows] = -np.inf, np.inf
    return program.but(cost=np.zeros(program.n_columns), quadratic=None, row_lower=lower, row_upper=upper)

"""From a formulation to a certified plan in floats: the reference where it breaks no limit, else programs.

The least machinery that is exact: the fair split first; only where hours, pins or bounds break it is anything solved,
first for the season that limits leave possible, then for the plan itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InfeasibleError, LimitReachedError, VerificationError
from planalloc.formulate.alike import Classes, classes
from planalloc.formulate.closed_forms import one_level, one_short_of_hours
from planalloc.formulate.columns import Question
from planalloc.formulate.compile import compiled
from planalloc.formulate.gives_way import GivesWay, Relaxation
from planalloc.formulate.phasing import without_gaps
from planalloc.model.base import in_digits
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.formulate.compile import Compiled
    from planalloc.formulate.formulation import Formulation
    from planalloc.lp.solution import Solution
    from planalloc.lp.solvers import Solver
    from planalloc.types import Bools, Floats

__all__ = ["Answered", "Solved", "answer", "answer_by_program", "came_to", "program_of", "within_limits"]

HOURS_TOLERANCE = 1e-9
"""Relative excess of hours below which a plan is within them: rounding error of sums, far below a minute a year."""

MOST_NOISE_UNITS = 1e-3
"""However large a plan is, a limit left by more of a rounding unit than this is left indeed."""

GAP_NOISE = 1e-9
"""Deviation from the season, relative to the line's target, that is a solver's rounding error. A true one may be far
less than a unit: a pin is a whole number where the season gives a fraction."""

REFERENCE = "reference"
"""The path of a plan in which nothing binds."""

CLOSED_FORM = "closed form"
"""The path of a plan that needs no program though something binds."""

MOST_AT_ONCE = 20_000
"""Columns up to which all tiers are tried at once: beyond, trying in vain costs more than is gained."""

ENOUGH = 0.95
"""Of all hours in each period: where the reference takes no more, targets and coverage are likely to be met."""

ATTEMPTS = 10
"""Guesses of what binds after which trying all tiers at once is given up."""

FEW_COLUMNS = 1_000
"""Columns up to which trying all tiers at once saves nothing that could be noticed."""

SOME_COLUMNS = 5_000
"""Columns up to which HiGHS is quicker on a linear tier than solving block by block, or not much slower."""

SHORTFALL_UNITS = 0.5
"""A shortfall of less than half a rounding unit rounds to none."""


@dataclass(frozen=True)
class Answered:
    """A plan in floats and how it was found, for R reps, S lines, T periods. Money is in rounding units.

    Parameters
    ----------
    base : Floats
        Shape (R, S, T).
    shortfall : Floats
        By line, shape (S,).
    coverage : Floats
        Part of the accounts worked, by rep and segment, shape (R, segments).
    weights : Floats
        Season of each line as planned, shape (S, T).
    path : str
        ``reference``, where it breaks no limit, ``closed form`` or ``program``.
    solvers : dict of str to str
        Which solver answered each tier.
    tiers : dict of str to float
        What each tier came to: shortfall in money and coverage in accounts, each weighted by priority, overtime in
        hours, distance from the reference in money.
    residuals : dict of str to float
        Largest violations left by the last solution, relative.
    """

    base: Floats
    shortfall: Floats
    coverage: Floats
    weights: Floats
    path: str
    solvers: dict[str, str] = field(default_factory=dict)
    tiers: dict[str, float] = field(default_factory=dict)
    residuals: dict[str, float] = field(default_factory=dict)
    solved: Solved | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Solved:
    """The program behind a plan, kept for whoever has to explain it.

    Parameters
    ----------
    program : Compiled
        Rows, columns and tiers.
    alike : Classes
        The classes of reps it speaks of.
    solutions : list of Solution
        One for each tier.
    """

    program: Compiled
    alike: Classes
    solutions: list[Solution]


def answer(formulation: Formulation, *, solver: Solver | None = None, closed_forms: bool = True) -> Answered:
    """Return the plan in floats.

    Parameters
    ----------
    formulation : Formulation
        A problem as arrays.
    solver : Solver, optional
        For the linear tiers. By default all tiers are solved at once, block by block; and where that cannot be certain,
        by HiGHS and our own interior point, tier by tier.
    closed_forms : bool
        Whether plans without a program are tried. They are exact where everyone's reference follows the season.

    Raises
    ------
    InfeasibleError
        When hard limits collide, or the policy refuses a shortfall and hours leave one.
    VerificationError
        When no solver's answer passes our own check.
    """
    for path, base in _without_program(formulation):
        if path == CLOSED_FORM and not closed_forms:
            continue
        if _within_hours(formulation, base) and within_limits(formulation, base):
            shortfall, coverage = np.zeros(len(formulation.targets)), formulation.full_coverage
            tiers = came_to(formulation, base, shortfall, coverage)
            return Answered(base, shortfall, coverage, formulation.weights, path, tiers=tiers)
    return answer_by_program(formulation, solver=solver)


def _without_program(formulation: Formulation) -> Iterator[tuple[str, Floats]]:
    """Yield plans that need no program, each the best one if it keeps hours and limits."""
    reference = formulation.reference
    yield REFERENCE, reference
    if not within_limits(formulation, reference):
        found = one_level(formulation)
    else:
        found = one_short_of_hours(formulation, np.flatnonzero(_over_hours(formulation, reference).any(axis=1)))
    if found is not None:
        yield CLOSED_FORM, found


def answer_by_program(formulation: Formulation, *, solver: Solver | None = None) -> Answered:
    """Return the plan in floats with the program behind it, also where it needs none; parameters as in `answer`."""
    program = program_of(formulation)
    alike, weights = program.layout.question.alike, program.layout.question.weights
    solutions = _solve(formulation, program, solver, ideal=_hours_suffice(formulation))
    found = program.answer(solutions[-1].x)
    base, coverage = found.cells[alike.which], found.coverage[alike.which]
    due = weights * (formulation.targets - found.shortfall)[:, None]
    base *= np.divide(due, base.sum(axis=0), out=np.ones(due.shape), where=base.sum(axis=0) > 0)  # to the last digit
    tiers = came_to(formulation, base, found.shortfall, coverage)
    answered = Answered(
        base,
        found.shortfall,
        coverage,
        weights,
        "program",
        solvers={tier.name: one.solver for tier, one in zip(program.tiers, solutions, strict=True)},
        tiers=tiers,
        residuals={"primal": _primal(program, solutions[-1])},
        solved=Solved(program, alike, solutions),
    )
    _refuse_shortfall(formulation, answered)
    return answered


def program_of(formulation: Formulation) -> Compiled:
    """Return the program that a problem asks, in the season that its limits leave possible."""
    alike = _classes(formulation)
    return compiled(_question(formulation, alike, _possible_season(formulation, alike)))


def _within_hours(formulation: Formulation, cells: Floats) -> bool:
    return not _over_hours(formulation, cells).any()


def _over_hours(formulation: Formulation, cells: Floats) -> Bools:
    """Whether a plan takes more hours than a rep has in a period, shape (R, T)."""
    hours = formulation.work.hours(cells, formulation.full_coverage)
    over: Bools = hours > formulation.time.hours * (1 + HOURS_TOLERANCE) + HOURS_TOLERANCE
    return over


def within_limits(formulation: Formulation, cells: Floats) -> bool:
    """Whether a base, shape (R, S, T), keeps all limits, hours aside, up to rounding error."""
    tolerance = min(1e-9 * max(float(formulation.targets.sum()), 1.0), MOST_NOISE_UNITS)
    return formulation.limits.largest_excess(cells, formulation.quota(cells)) <= tolerance


def came_to(formulation: Formulation, base: Floats, shortfall: Floats, coverage: Floats) -> dict[str, float]:
    """Return what each tier came to, in units that people know (F-9)."""
    step = float(formulation.index.problem.policy.step)
    priority = np.array([segment.priority for segment in formulation.index.segments])
    accounts = formulation.work.cadence_accounts * (formulation.full_coverage - coverage)
    over = formulation.work.hours(base, coverage) - formulation.time.hours
    reference = formulation.reference
    known = reference > 0
    distance = np.sum((base - reference)[known] ** 2 / reference[known])
    return {
        "shortfall": float(priority[formulation.index.line_segment] @ shortfall) * step,
        "coverage": float((accounts @ priority).sum()),
        "overtime": float(np.where(over > HOURS_TOLERANCE * (1 + formulation.time.hours), over, 0).sum()),
        "distance": float(distance) * step,
    }


def _classes(formulation: Formulation) -> Classes:
    """Reps that no number, no hour and no limit tells apart."""
    work, time = formulation.work, formulation.time
    asked = [many for _, _, many in work.cadences]
    within = formulation.limits.features
    flat = formulation.reference.reshape(len(formulation.index.reps), -1)
    features = (formulation.index.eligible, time.weight, time.hours, time.productivity, time.stays, flat)
    return classes(*features, work.profile, work.cadence_accounts, formulation.index.hedge, *asked, *within)


def _question(formulation: Formulation, alike: Classes, weights: Floats, *, season_is_free: bool = False) -> Question:
    return Question(
        formulation.work,
        alike,
        formulation.targets.astype(float),
        weights,
        formulation.reference[alike.first],
        formulation.limits,
        season_is_free,
    )


def _possible_season(formulation: Formulation, alike: Classes) -> Floats:
    """Return the season that limits leave possible, hours ignored, with the least deviation (F-8)."""
    weights, limits = formulation.weights, formulation.limits
    unsteady = ~_question(formulation, alike, weights).steady
    if not limits or not unsteady.any():
        return weights
    program = compiled(_question(formulation, alike, weights, season_is_free=True))
    found = program.answer(_solve(formulation, program)[-1].x)
    moved = np.abs(found.gap).sum(axis=1) > GAP_NOISE * np.maximum(formulation.targets, 1.0)
    left = np.maximum(formulation.targets - found.shortfall, 1.0)[:, None]
    shifted = np.where(moved[:, None], np.maximum(weights + found.gap / left, 0.0), weights)
    return without_gaps(shifted, carried=shifted > 0)


def _solve(
    formulation: Formulation, program: Compiled, solver: Solver | None = None, *, ideal: bool = False
) -> list[Solution]:
    from planalloc.formulate.relaxing import refuse_collision  # noqa: PLC0415
    from planalloc.lp.residuals import PRIMAL_TOLERANCE  # noqa: PLC0415
    from planalloc.lp.solution import Reason, Status  # noqa: PLC0415

    solutions = _in_order(program, solver, ideal=ideal)
    last = solutions[-1]
    if last.reason is Reason.infeasible:
        refuse_collision(formulation, program)
    if last.reason in {Reason.time_limit, Reason.iteration_limit}:
        raise LimitReachedError(
            "the search for a plan came to the end of its time before it was certain",
            hint="Give it more time, or plan a smaller problem.",
            report=last.raw_status,
        )
    if last.status is not Status.ok:
        raise VerificationError(
            "no plan was found that is certain to be the best one",
            hint="Amounts very far apart can cause it; if there are none, please report it with the problem's JSON.",
            report=last.raw_status,
        )
    primal = _primal(program, last)
    if primal > PRIMAL_TOLERANCE:
        raise VerificationError(f"the answer misses a limit by {primal:.1e} of its size", report=last.raw_status)
    return solutions


def _in_order(program: Compiled, solver: Solver | None, *, ideal: bool) -> list[Solution]:
    """Solve all tiers at once, or one after the other, whatever is quickest; `solver`, where given, the linear ones."""
    from planalloc.lp.lexicographic import lexicographic  # noqa: PLC0415 -- loaded only when something binds
    from planalloc.lp.solvers.block import Block  # noqa: PLC0415
    from planalloc.lp.solvers.block_ideal import solve_ideal  # noqa: PLC0415
    from planalloc.lp.solvers.first_certain import FirstCertain  # noqa: PLC0415
    from planalloc.lp.solvers.highs import Highs  # noqa: PLC0415
    from planalloc.lp.solvers.interior import InteriorPoint  # noqa: PLC0415

    size, rest = program.program.n_columns, solve_ideal if solver is None else None
    if solver is None:
        found = solve_ideal(program.program, program.tiers) if ideal else None
        if found is not None:
            return found
        steady = bool(program.layout.question.steady.all())  # else a rep's block is large, and the ties are many
        found = _at_once(program) if steady and FEW_COLUMNS < size <= MOST_AT_ONCE else None
        if found is not None:
            return found
        solver = Highs() if size <= SOME_COLUMNS else FirstCertain((Block(), Highs()))
    return lexicographic(
        program.program, program.tiers, linear=solver, convex=FirstCertain((Block(), InteriorPoint())), rest=rest
    )


def _hours_suffice(formulation: Formulation) -> bool:
    """Whether all hours together seem enough for targets and coverage, so that nothing may have to give way."""
    needed = formulation.work.hours(formulation.reference, formulation.full_coverage).sum(axis=0)
    return bool((needed <= ENOUGH * formulation.time.hours.sum(axis=0)).all())


def _at_once(program: Compiled) -> list[Solution] | None:
    from planalloc.lp.solvers.block_tiers import solve_tiers  # noqa: PLC0415 -- loaded only when something binds

    return solve_tiers(program.program, program.tiers, attempts=ATTEMPTS)


def _primal(program: Compiled, solution: Solution) -> float:
    """Return by how much a solution misses the program's rows and bounds, relative to their size."""
    from planalloc.lp.residuals import residuals  # noqa: PLC0415 -- loaded only when something binds

    return residuals(program.program, solution).primal


def _refuse_shortfall(formulation: Formulation, answered: Answered) -> None:
    problem = formulation.index.problem
    short = [(i, unmet) for i, unmet in enumerate(answered.shortfall) if unmet > SHORTFALL_UNITS]
    if problem.policy.unmet == "refuse" and short:
        step, currency = float(problem.policy.step), problem.strategy.currency
        lines = [
            f"{record_key(formulation.index.lines[i])} by {in_digits(_whole(unmet) * step)} {currency}"
            for i, unmet in short
        ]
        raise InfeasibleError(
            f"hours and limits do not let people carry the targets: short on {'; '.join(lines)}",
            hint="Add capacity, allow overtime, widen who covers them, or let Policy(unmet='shortfall') name it.",
            relaxation=Relaxation(
                changes=tuple(
                    GivesWay(f"target of {record_key(formulation.index.lines[i])}", -_whole(unmet) * step, currency)
                    for i, unmet in short
                )
            ),
        )


def _whole(unmet: float) -> int:
    """Return a shortfall in whole units, rounded up but for a solver's rounding error."""
    return math.ceil(unmet - MOST_NOISE_UNITS)

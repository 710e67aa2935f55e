"""Who moves: nobody, where nothing is new; else as few as the options ask, and as little as hours and limits let."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InfeasibleError
from planalloc.formulate.answering import (
    CLOSED_FORM,
    REFERENCE,
    Answered,
    answer,
    answer_by_program,
    came_to,
    within_limits,
)
from planalloc.numerics.apportion import cumulative_round
from planalloc.replanning.laid_out import UNCHANGED
from planalloc.replanning.rest import open_formulation, rest_formulation, set_apart, who_is_unsteady
from planalloc.replanning.spare_hours import fitted, with_coverage

if TYPE_CHECKING:
    from planalloc.formulate.formulation import Formulation
    from planalloc.replanning.carrying import Rest
    from planalloc.replanning.standing import Standing
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Decided", "decide", "open_numbers"]

SHORT_UNITS = 1e-3
"""A wish that leaves no more of a line than this in rounding units leaves nothing."""

ROUNDS = 12
"""Times that those who would move by too little are held, and the others asked again."""

WORSE = 1e-6
"""Relative rise of what gives way that is rounding error."""


@dataclass(frozen=True, eq=False)
class Decided:
    """What was decided of the rest of a year.

    Attributes
    ----------
    whole : Formulation
        The whole horizon with the time that is left.
    left : Formulation
        What was answered.
    rest : Rest
        What was left to decide, and what was kept.
    answered : Answered
        The answer, in floats.
    """

    whole: Formulation
    left: Formulation
    rest: Rest
    answered: Answered

    def gives_way(self) -> Floats:
        """Return what gives way: shortfall, coverage and overtime."""
        return np.array([self.answered.tiers.get(name, 0.0) for name in ("shortfall", "coverage", "overtime")])


def decide(
    formulation: Formulation,
    at: Standing,
    rest: Rest,
    *,
    fixed: Bools,
    news: bool,
    more: Bools,
    most_rise: float | None,
    least_move: int,
) -> Decided:
    """Decide the rest of a year.

    Parameters
    ----------
    formulation : Formulation
        Of the changed problem, whole horizon.
    at : Standing
        Where the plan stands.
    rest : Rest
        What is left, and the simple answer.
    fixed : Bools
        Periods that must not move, shape (T,).
    news : bool
        Whether the problem has changed.
    more : Bools
        Who may have more hours than in the plan in force, and is offered what it leaves unmet, shape (R,).
    most_rise : float or None
        By how much the rest of any rep's number may rise.
    least_move : int
        In rounding units: who would move by less is held, and the others take it, unless more gives way then.
    """
    whole = open_formulation(formulation, at, rest, fixed=fixed)
    if not news and _stands(at, rest, fixed):
        left = rest_formulation(whole, at, rest, fixed=fixed, most_rise=None)
        return Decided(whole, left, rest, _as_it_stands(left, at, rest, fixed))
    simple = _simply(whole, at, rest, fixed=fixed, more=more, most_rise=most_rise)
    nobody = np.zeros(len(at.known), dtype=bool)
    decided, apart, numbers = (
        (simple, nobody, np.zeros_like(at.base))
        if simple is not None
        else (_by_tiers(whole, formulation, at, rest, fixed=fixed, more=more, most_rise=most_rise))
    )
    return _with_few_moves(
        decided,
        formulation,
        at,
        rest,
        (apart, numbers),
        fixed=fixed,
        more=more,
        most_rise=most_rise,
        least_move=least_move,
    )


def _by_tiers(
    whole: Formulation,
    formulation: Formulation,
    at: Standing,
    rest: Rest,
    *,
    fixed: Bools,
    more: Bools,
    most_rise: float | None,
) -> tuple[Decided, Bools, Ints]:
    """Decide by the tiers of F-9; who is unsteady keeps the simple answer where nothing has to give way for that.

    Also returns who that is, shape (R,), and their numbers, shape (R, S, T).
    """
    apart = who_is_unsteady(whole) if most_rise is not None or _all_is_met(at, fixed) else np.zeros(len(at.known), bool)
    apart &= ~_in_a_band(formulation)
    if (formulation.index.hedge[apart] != 1.0).any():
        apart = np.zeros_like(apart)
    numbers = np.where(apart[:, None, None], cumulative_round(rest.wish), 0)
    if most_rise is not None:
        stands = np.where(at.might, open_numbers(at, fixed)[0], np.inf)
        numbers = np.minimum(numbers, np.floor(stands * (1.0 + most_rise) + 1e-9)).astype(np.int64)
    decided = _without(formulation, at, rest, (apart, numbers, numbers), fixed=fixed, more=more, most_rise=most_rise)
    if decided is None or (most_rise is None and decided.gives_way().max() > SHORT_UNITS):
        apart, numbers = np.zeros_like(apart), np.zeros_like(numbers)
        left = rest_formulation(whole, at, rest, fixed=fixed, most_rise=most_rise)
        decided = Decided(whole, left, rest, _answer(left))
    return decided, apart, numbers


def _without(
    formulation: Formulation,
    at: Standing,
    rest: Rest,
    given: tuple[Bools, Ints, Ints],
    *,
    fixed: Bools,
    more: Bools,
    most_rise: float | None,
    by_program: bool = True,
) -> Decided | None:
    """Decide for the others while some carry given base and quota; None where there is nobody, or no answer."""
    who, base, quota = given
    others = set_apart(open_formulation(formulation, at, rest, fixed=fixed), rest, who, base=base, quota=quota)
    if others is None:
        return None
    whole = open_formulation(formulation, at, others, fixed=fixed, apart=who)
    try:
        simple = _simply(whole, at, others, fixed=fixed, more=more, most_rise=most_rise)
        if simple is not None or not by_program:
            return simple
        left = rest_formulation(whole, at, others, fixed=fixed, most_rise=most_rise)
        return Decided(whole, left, others, _answer(left))
    except InfeasibleError:
        return None


def _with_few_moves(
    decided: Decided,
    formulation: Formulation,
    at: Standing,
    rest: Rest,
    given: tuple[Bools, Ints],
    *,
    fixed: Bools,
    more: Bools,
    most_rise: float | None,
    least_move: int,
) -> Decided:
    """Hold those who would move by less than is worth it, as long as nothing more gives way for that."""
    apart, numbers = given
    if least_move <= 0:
        return decided
    base, quota = np.where(fixed, 0, at.base - at.closed_base), np.where(fixed, 0, at.quota - at.closed_quota)
    may_stay = at.known & ~apart & ~_in_a_band(formulation) & ~((base > 0) & ~formulation.may_carry).any(axis=(1, 2))
    limit = np.maximum(decided.gives_way(), _gave_way(decided.whole, at, rest)) * (1 + WORSE) + SHORT_UNITS
    held, part = np.zeros_like(apart), 1.0
    for _ in range(ROUNDS):
        moves = np.where(may_stay & ~held, _moves(decided, rest, base), np.inf)
        small = np.flatnonzero(moves < least_move)
        many = int(np.ceil(part * len(small) / 2))
        if not many:
            break
        more = held.copy()
        more[small[np.argsort(moves[small], kind="stable")][:many]] = True
        stays = more[:, None, None]
        share = (np.where(stays, base, numbers), np.where(stays, quota, numbers))
        fewer = _without(
            formulation,
            at,
            rest,
            (apart | more, *share),
            fixed=fixed,
            more=more,
            most_rise=most_rise,
            by_program=decided.answered.solved is not None,
        )
        if fewer is None or (fewer.gives_way() > limit).any():
            if many == 1:
                break
            part /= 2
        else:
            decided, held = fewer, more
    return decided


def _gave_way(whole: Formulation, at: Standing, rest: Rest) -> Floats:
    """Return what gives way in the plan in force already: shortfall and coverage, as `Decided.gives_way` does."""
    priority = np.array([segment.priority for segment in whole.index.segments])
    unmet = (rest.due - rest.wish.sum(axis=0)).sum(axis=1)
    lacking = np.where(at.known[:, None], np.maximum(whole.full_coverage - at.coverage, 0.0), 0.0)
    step = float(whole.index.problem.policy.step)
    short = float(priority[whole.index.line_segment] @ unmet) * step
    return np.array([short, float((whole.work.cadence_accounts * lacking @ priority).sum()), 0.0])


def _in_a_band(formulation: Formulation) -> Bools:
    """Return whose mix has a band, shape (R,): only the engine keeps it, so that nobody of them is set apart."""
    found: Bools = np.zeros(len(formulation.index.reps), dtype=bool)
    for band in formulation.limits.bands:
        found |= band.reps
    return found


def _moves(decided: Decided, rest: Rest, base: Ints) -> Floats:
    """Return by how much each rep's open numbers move, their rises or their falls, whichever is more, shape (R,)."""
    change = decided.answered.base + (decided.rest.kept_base - rest.kept_base) - base
    rises, falls = (np.maximum(sign * change, 0.0).sum(axis=(1, 2)) for sign in (1.0, -1.0))
    found: Floats = np.maximum(rises, falls)
    return found


def _simply(
    whole: Formulation, at: Standing, rest: Rest, *, fixed: Bools, more: Bools, most_rise: float | None
) -> Decided | None:
    """Decide without a program: whoever has hours to spare takes more; None where that leaves more unmet than it was.

    What fits nowhere stays unmet in the months in which it was due.
    """
    left = rest_formulation(whole, at, rest, fixed=fixed, most_rise=most_rise)
    stands = np.where(left.may_carry, open_numbers(at, fixed)[0], 0).astype(float)
    coverage = np.where(at.known[:, None], np.minimum(at.coverage, left.full_coverage), left.full_coverage)
    cells = fitted(left, own=np.minimum(rest.wish, stands), due=rest.due, coverage=coverage, more=more)
    unmet = np.maximum(rest.due - cells.sum(axis=0), 0.0)
    short = np.maximum((rest.due - cells.sum(axis=0)).sum(axis=1), 0.0)
    allowed = (rest.due - rest.wish.sum(axis=0)).sum(axis=1)
    if (short > allowed + SHORT_UNITS).any() or not within_limits(left, cells):
        return None
    whole_units = np.floor(short + SHORT_UNITS)
    missing = unmet.sum(axis=1)
    kept = cumulative_round(
        unmet * np.divide(whole_units, missing, out=np.zeros_like(short), where=missing > 0)[:, None]
    )
    sums = cells.sum(axis=(0, 2))[:, None]
    weights = np.divide(cells.sum(axis=0), sums, out=rest.due * 0.0, where=sums > 0)
    targets = rest.targets - kept.sum(axis=1)
    coverage = with_coverage(left, cells, coverage)
    answered = Answered(
        cells,
        np.maximum(targets - sums[:, 0], 0.0),
        coverage,
        weights,
        CLOSED_FORM if np.abs(cells - rest.wish).max(initial=0.0) > SHORT_UNITS else REFERENCE,
        tiers=came_to(left, cells, short, coverage),
    )
    rest = replace(rest, targets=targets, due=weights * targets[:, None], kept_shortfall=rest.kept_shortfall + kept)
    whole, left = (replace(one, targets=targets, season=weights, weights=weights) for one in (whole, left))
    return Decided(whole, left, rest, answered)


def _stands(at: Standing, rest: Rest, fixed: Bools) -> bool:
    """Whether nothing is asked but what is planned, by whom it is planned."""
    stands = open_numbers(at, fixed)[0]
    return bool((rest.wish.sum(axis=0) == stands.sum(axis=0)).all()) and np.array_equal(np.rint(rest.wish), stands)


def open_numbers(at: Standing, fixed: Bools) -> tuple[Ints, Ints]:
    """Return what is open of base and shortfall, shapes (R, S, T) and (S, T)."""
    return np.where(fixed, 0, at.base - at.closed_base), np.where(fixed, 0, at.shortfall - at.closed_shortfall)


def _as_it_stands(left: Formulation, at: Standing, rest: Rest, fixed: Bools) -> Answered:
    stands = open_numbers(at, fixed)[0].astype(float)
    unmet = rest.targets - stands.sum(axis=(0, 2))
    return Answered(stands, unmet, at.coverage, left.weights, UNCHANGED)


def _answer(left: Formulation) -> Answered:
    if np.abs(left.reference.sum(axis=(0, 2)) - left.targets).max(initial=0.0) < SHORT_UNITS:
        return answer(left, closed_forms=False)
    return answer_by_program(left)


def _all_is_met(at: Standing, fixed: Bools) -> bool:
    """Whether the plan in force leaves nothing of what is open unmet."""
    return not open_numbers(at, fixed)[1].any()

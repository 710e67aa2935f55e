"""Where a number comes from: its reference, what moved it, which limits bind, and at what price."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from planalloc.errors import InputError, UnknownNameError
from planalloc.formulate.answering import answer_by_program
from planalloc.formulate.explaining import Box, Cause, held, parts_of, reference_parts
from planalloc.formulate.formulation import formulate
from planalloc.formulate.prices import prices_of, rooms_of
from planalloc.model.base import nearest, suggest
from planalloc.plan.explanation import Explanation, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planalloc.formulate.explaining import Held
    from planalloc.formulate.formulation import Formulation
    from planalloc.formulate.prices import Price
    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table
    from planalloc.types import Bools

__all__ = ["Explanation", "Part", "explain"]


BY_HAND = ("edited", "shared out again")
"""Paths of plans that were changed by hand, and of those that were shared out again from there."""

_KEPT: WeakKeyDictionary[Plan, tuple[Formulation, Held | None]] = WeakKeyDictionary()
"""What was solved for the plans that were explained, as long as these live: all numbers of a plan ask for the same."""


def explain(plan: Plan, **parts: str | None) -> Explanation:
    """Explain one number of a plan: a cell, a rep, a team, a line, or any sum that these parts name.

    The plan's problem is solved again, which gives the same plan, for the prices of its limits.

    Parameters
    ----------
    plan : Plan
        The plan.
    **parts
        rep, team, segment, product, business, period; those left out are summed over.

    Raises
    ------
    UnknownNameError
        When a part does not exist.
    InputError
        When the plan is a revision or was changed by hand, or the rep is an overlay rep.
    """
    if plan.as_of is not None:
        raise InputError(
            f"this plan was revised as of {plan.as_of}: its numbers come from the one before and from what was sold",
            hint="planalloc.diff(before, after) says what changed and why; explain the numbers of the first plan.",
        )
    if plan.report.path in BY_HAND:
        raise InputError(
            "this plan was changed by hand: its numbers are not what its problem alone asks for",
            hint="planalloc.diff(before, after) says what changed and why; explain the numbers of the plan before.",
        )
    overlay = [one.id for one in plan.problem.sales_force.reps if one.role == "overlay"]
    if parts.get("rep") in overlay:
        raise InputError(
            f"{parts['rep']!r} is an overlay rep: the quota is a fair share of what others book",
            hint="Explain the numbers of those who book it; see plan.overlay_quotas for the share.",
        )
    formulation, standing = _held(plan)
    box = _box(formulation, parts)
    step = float(plan.problem.policy.step)
    rows = _rows(plan, parts)
    reference, base, quota = (round(float(rows.total(name)) / step) for name in ("reference", "base", "quota"))
    moved: tuple[Part, ...] = ()
    binding: list[Price] = []
    loose: list[Price] = []
    untold = 0
    if standing is not None:
        moved = _whole(parts_of(standing, box), base - reference, step=step)
        (binding, untold), loose = prices_of(standing, box), rooms_of(standing, box)
    priced = {one.label for one in binding}
    return Explanation(
        about=", ".join(value for value in parts.values() if value is not None) or "the whole",
        currency=plan.problem.strategy.currency,
        reference=reference * step,
        reference_parts=_whole(reference_parts(formulation, box), reference, step=step),
        parts=moved,
        base=base * step,
        quota=quota * step,
        binding=tuple(binding),
        untold=untold,
        loose=tuple(one for one in loose if one.label not in priced),
    )


def _held(plan: Plan) -> tuple[Formulation, Held | None]:
    """Solve a plan's problem again by its program, which gives the same plan, once for all of its numbers."""
    if plan not in _KEPT:
        formulation, standing = formulate(plan.problem), None
        if plan.report.path != "reference" and (solved := answer_by_program(formulation).solved) is not None:
            standing = held(formulation, solved)
        _KEPT[plan] = formulation, standing
    return _KEPT[plan]


def _whole(parts: Iterable[tuple[Cause, float]], total: int, *, step: float) -> tuple[Part, ...]:
    """Round parts to whole units, largest first, without those of none; what is left to the total is rounding."""
    whole = [(cause, round(amount)) for cause, amount in sorted(parts, key=lambda one: -abs(one[1]))]
    whole.append((Cause("rounding", "rounding"), total - sum(units for _, units in whole)))
    return tuple(
        Part(cause.label, units * step, cause.kind, cause.names, cause.period) for cause, units in whole if units
    )


def _rows(plan: Plan, parts: dict[str, str | None]) -> Table:
    table = plan.quotas
    named = {name: value for name, value in parts.items() if value is not None}
    if "team" in named:
        table = table.where(rep=list(plan.team(named.pop("team")).reps))
    period = named.pop("period", None)
    if period is not None:
        grain, _ = plan.problem.calendar.find(period)
        named["period" if grain == plan.problem.calendar.grain else grain] = period
    return table.where(**named)


def _box(formulation: Formulation, parts: dict[str, str | None]) -> Box:
    index, calendar = formulation.index, formulation.index.problem.calendar
    known = ("rep", "team", "segment", "product", "business", "period")
    for name in parts:
        if name not in known:
            raise UnknownNameError(
                f"a number has no part {name!r}.{suggest(name, known)}",
                hint=f"Its parts are: {', '.join(known)}.",
                name=name,
                candidates=nearest(name, known),
            )
    reps: Bools = np.ones(len(index.reps), dtype=bool)
    if (rep := parts.get("rep")) is not None:
        reps = reps & (np.arange(len(reps)) == index.rep_position.get(rep, -1))
    if (team := parts.get("team")) is not None:
        reps = reps & index.in_team.get(team, False)
    lines = np.array(
        [
            all(parts.get(p) in {None, getattr(line, p)} for p in ("segment", "product", "business"))
            for line in index.lines
        ]
    )
    periods = np.ones(len(index.periods), dtype=bool)
    if (period := parts.get("period")) is not None:
        grain, position = calendar.find(period)
        periods = np.array(calendar.nest(calendar.grain, grain)) == position
    return Box(reps, lines, periods)

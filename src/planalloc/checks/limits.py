"""Limits: each can hold by itself, and those on the same numbers agree (S-7)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from planalloc.formulate.limits import box_of
from planalloc.model.base import in_digits
from planalloc.model.finding import Finding
from planalloc.model.limits import Bound, Pin, QuotaRange, TeamTarget
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.formulate.ground import Ground
    from planalloc.model.limits import AnyLimit
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.salesforce import Rep
    from planalloc.model.strategy import Target
    from planalloc.types import Bools

Summed: TypeAlias = Pin | Bound | TeamTarget

MOST_NAMES = 5
"""Names that a finding lists."""

__all__ = ["findings", "season_findings", "together_findings"]


def findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield limits that have expired, that nothing can meet, or that disagree with one on the same numbers."""
    in_force = []
    for limit in problem.limits:
        if limit.expires is not None and limit.expires < problem.calendar.start:
            yield Finding(
                "limit-expired",
                "warning",
                f"limits[{limit.label}].expires",
                str(limit.expires),
                f"is before the horizon starts on {problem.calendar.start}; the limit is left aside",
                "Renew it, or drop it.",
            )
        else:
            in_force.append(limit)
    overlay = {rep.id for rep in problem.sales_force.reps if rep.role == "overlay"}
    for limit in in_force:
        if getattr(limit, "rep", None) in overlay:
            yield Finding(
                "limit-on-overlay",
                "error",
                f"limits[{limit.label}].rep",
                repr(getattr(limit, "rep", "")),
                "is an overlay rep, whose quota follows from what others book",
                "Put the limit on those who book the revenue, or drop it.",
            )
    in_force = [limit for limit in in_force if getattr(limit, "rep", None) not in overlay]
    sums = [one for one in in_force if isinstance(one, Pin | Bound | TeamTarget)]
    yield from _disagreements(sums)
    for limit in sums:
        yield from _alone(problem, limit)
    for limit in in_force:
        if isinstance(limit, QuotaRange) and limit.relative_to == "last_year":
            yield from _without_last_year(problem, limit)


def _without_last_year(problem: PlanningProblem, limit: QuotaRange) -> Iterator[Finding]:
    """Yield reps for whom a range speaks of sales that are not known."""
    reps = [rep for rep in problem.sales_force.reps if _within(problem, limit, rep) and rep.last_year is None]
    if reps:
        named = ", ".join(rep.id for rep in reps[:5]) + (f" and {len(reps) - 5} more" if len(reps) > 5 else "")
        yield Finding(
            "range-without-last-year",
            "error" if limit.rep is not None else "warning",
            f"limits[{limit.label}].relative_to",
            named,
            "without last_year cannot be held to a multiple of it, and are left out of the range",
            "Give them last_year, or a range in money.",
        )


def _ends(limit: Summed) -> tuple[float, float, str]:
    """Lower end, upper end, and whether they speak of the quota or of the base."""
    if isinstance(limit, TeamTarget):
        return limit.base, limit.base, "base"
    if isinstance(limit, Pin):
        amount = limit.quota if limit.quota is not None else limit.base or 0.0
        return amount, amount, "quota" if limit.quota is not None else "base"
    return limit.at_least or 0.0, float("inf") if limit.at_most is None else limit.at_most, limit.of


def _disagreements(limits: list[Summed]) -> Iterator[Finding]:
    same: dict[tuple[object, ...], list[Summed]] = defaultdict(list)
    for limit in sorted(limits, key=lambda one: one.label):
        same[(*sorted(limit.parts.items()), _ends(limit)[2])].append(limit)
    for group in same.values():
        lowest = max(group, key=lambda one: _ends(one)[0])
        highest = min(group, key=lambda one: _ends(one)[1])
        if _ends(lowest)[0] > _ends(highest)[1]:
            yield Finding(
                "limits-disagree",
                "error",
                f"limits[{lowest.label}]",
                lowest.label,
                f"and {highest.label!r} speak of the same numbers and cannot both hold",
                "Keep the one that was agreed last.",
            )


def _alone(problem: PlanningProblem, limit: Summed) -> Iterator[Finding]:
    lower, _, of = _ends(limit)
    lines = [
        target
        for target in problem.strategy.targets
        if all(getattr(limit, part) in {None, getattr(target, part)} for part in ("segment", "product", "business"))
    ]
    reps = [rep for rep in problem.sales_force.reps if _within(problem, limit, rep) and rep.role == "primary"]
    meant = ", ".join(limit.parts.values())
    if not any(rep.may_carry(target) for rep in reps for target in lines):
        yield Finding(
            "limit-on-nothing",
            "error" if lower > 0 else "warning",
            f"limits[{limit.label}]",
            meant,
            "speaks of no number: nobody in it covers any line of it",
            "Correct its parts, or the rep's covers.",
        )
        return
    most = _most(problem, lines)
    hedge = max((_hedge(problem, rep) for rep in reps), default=1.0) if of == "quota" else 1.0
    if most is not None and lower > most * hedge * (1 + 1e-12):
        yield Finding(
            "limit-above-target",
            "error",
            f"limits[{limit.label}]",
            in_digits(lower),
            f"is more than the {most * hedge:,.2f} that the strategy asks of its lines in the whole year",
            "Lower it, or raise the target.",
        )


def season_findings(ground: Ground) -> Iterator[Finding]:
    """Yield limits that take more of a part of the year than the season has there, so that the season moves (F-8).

    Parameters
    ----------
    ground : Ground
        Of a problem with no finding of level error.
    """
    problem, index = ground.problem, ground.index
    due = np.asarray(ground.targets)[:, None] * ground.seasons[0] * float(problem.policy.step)
    for limit in problem.limits:
        expired = limit.expires is not None and limit.expires < problem.calendar.start
        if expired or not isinstance(limit, Pin | Bound) or limit.period is None:
            continue
        reps, lines, periods = box_of(index, limit)
        lower, _, of = _ends(limit)
        hedge = float(index.hedge[reps].max(initial=0.0)) if of == "quota" else 1.0
        most = float(due[lines][:, periods].sum()) * hedge
        if lower > most + float(problem.policy.step):
            yield Finding(
                "limit-above-season",
                "warning",
                f"limits[{limit.label}]",
                in_digits(lower),
                f"is more than the {most:,.2f} that the season of its lines has in {limit.period}; the season moves",
                "Lower it, or spread it over more of the year, where the season should stay.",
            )


def together_findings(ground: Ground) -> Iterator[Finding]:
    """Yield floors of several reps that ask together for more than their lines have in the year (F-16).

    Each may hold by itself. It is a warning: the solve names the least change.

    Parameters
    ----------
    ground : Ground
        Of a problem with no finding of level error.
    """
    index, step = ground.index, float(ground.problem.policy.step)
    floors: dict[bytes, dict[int, tuple[float, str]]] = defaultdict(dict)
    for limit in ground.problem.limits:
        if limit.expires is not None and limit.expires < ground.problem.calendar.start:
            continue
        for lines, rep, least in _floors(ground, limit):
            known = floors[lines.tobytes()].get(rep, (0.0, ""))
            floors[lines.tobytes()][rep] = max(known, (least, limit.label))
    for key, by_rep in floors.items():
        lines = np.frombuffer(key, dtype=bool)
        names = tuple(dict.fromkeys(label for _, label in by_rep.values() if label))
        total, most = sum(least for least, _ in by_rep.values()), float(ground.targets[lines].sum()) * step
        if len(by_rep) > 1 and total > most + len(by_rep) * step:
            meant = "the whole" if lines.all() else ", ".join(record_key(index.lines[s]) for s in np.flatnonzero(lines))
            told = ", ".join(names[:MOST_NAMES]) + (" and more" if len(names) > MOST_NAMES else "")
            yield Finding(
                "limits-above-target",
                "warning",
                f"limits[{names[0]}]",
                f"{total:,.2f}",
                f"is asked of {meant} by {told}, together more than the {most:,.2f} that the strategy has there; they "
                "cannot all hold",
                "Lower some of them; planalloc.relax names the least change.",
            )


def _floors(ground: Ground, limit: AnyLimit) -> Iterator[tuple[Bools, int, float]]:
    """Yield what a limit asks of single reps in the whole year: of which lines, of whom, and the base at least."""
    index = ground.index
    if isinstance(limit, Pin | Bound) and limit.period is None:
        reps, lines, _ = box_of(index, limit)
        lower, _, of = _ends(limit)
        who = np.flatnonzero(reps)
        if lower > 0 and len(who) == 1:
            yield lines, int(who[0]), lower / (float(index.hedge[who[0]]) if of == "quota" else 1.0)
    elif isinstance(limit, QuotaRange) and limit.at_least and limit.relative_to is None:
        part = ground.time.presence if limit.prorated else np.ones(len(index.reps))
        least = limit.at_least * part / (index.hedge if limit.of == "quota" else 1.0)
        everything = np.ones(len(index.lines), dtype=bool)
        for r, rep in enumerate(index.reps):
            if _within(ground.problem, limit, rep):
                yield everything, r, float(least[r])


def _within(problem: PlanningProblem, limit: Summed | QuotaRange, rep: Rep) -> bool:
    if getattr(limit, "rep", None) not in {None, rep.id} or rep.id in getattr(limit, "but_not", ()):
        return False
    return limit.team is None or limit.team in _chain(problem, rep.team)


def _chain(problem: PlanningProblem, team: str | None) -> list[str]:
    parents = {one.id: one.parent for one in problem.sales_force.teams}
    chain = []
    while team is not None:
        chain.append(team)
        team = parents.get(team)
    return chain


def _hedge(problem: PlanningProblem, rep: Rep) -> float:
    own = {one.id: one.hedge for one in problem.sales_force.teams}
    factor = 1.0
    for team in _chain(problem, rep.team):
        factor *= 1.0 + own[team]
    return factor


def _most(problem: PlanningProblem, lines: list[Target]) -> float | None:
    """Return what the strategy asks of some lines together; None where that is not known yet."""
    whole = problem.strategy.revenue
    amounts = Decimal(0)
    for target in lines:
        if target.revenue is not None:
            amounts += Decimal(repr(target.revenue))
        elif target.share is not None and whole is not None:
            amounts += Decimal(repr(target.share)) * Decimal(repr(whole))
        else:
            return whole if len(lines) == len(problem.strategy.targets) else _rest(problem, lines)
    return float(amounts)


def _rest(problem: PlanningProblem, lines: list[Target]) -> float | None:
    whole = problem.strategy.revenue
    others = [target for target in problem.strategy.targets if target not in lines]
    if whole is None or any(target.rest for target in others):
        return None
    taken = _most(problem, others)
    return None if taken is None else max(whole - taken, 0.0)

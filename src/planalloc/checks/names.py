"""Ids: every one that is used exists, and no two records share one (S-4)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from planalloc.errors import InputError, UnknownNameError
from planalloc.model.base import nearest, suggest
from planalloc.model.finding import Finding
from planalloc.model.problem import record_key
from planalloc.model.salesforce import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planalloc.model.base import Record
    from planalloc.model.problem import PlanningProblem

__all__ = ["findings", "limit_findings", "look_alikes"]

FIRST = 5
"""So many ids that look alike are findings of their own; the others are a number."""

KINDS = {
    "segment": "a segment",
    "product": "a product",
    "seasonality": "a seasonality",
    "team": "a team",
    "rep": "a rep",
    "activity": "an activity",
}


def findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield ids that are used twice, ids that do not exist, and circles among those that do."""
    strategy, force, playbook = problem.strategy, problem.sales_force, problem.playbook
    yield from _twice("strategy.segments", strategy.segments)
    yield from _twice("strategy.products", strategy.products)
    yield from _twice("strategy.targets", strategy.targets)
    yield from _twice("strategy.seasonalities", strategy.seasonalities)
    yield from _twice("sales_force.teams", force.teams)
    yield from _twice("sales_force.reps", force.reps)
    yield from _twice("playbook.activities", playbook.activities)
    yield from _twice("playbook.funnels", playbook.funnels)
    yield from _twice("playbook.cadences", playbook.cadences)
    yield from _unknown_of(problem, _uses(problem))
    yield from _circles("sales_force.teams", "parent", {one.id: one.parent for one in force.teams})
    yield from _circles("strategy.seasonalities", "inside", {one.id: one.inside for one in strategy.seasonalities})
    yield from limit_findings(problem)


def look_alikes(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield ids that look the same and are two, as their accents are written in two ways (Unicode UAX 15)."""
    strategy, force = problem.strategy, problem.sales_force
    homes: dict[str, Sequence[Any]] = {
        "strategy.segments": strategy.segments,
        "strategy.products": strategy.products,
        "strategy.seasonalities": strategy.seasonalities,
        "sales_force.teams": force.teams,
        "sales_force.reps": force.reps,
        "playbook.activities": problem.playbook.activities,
        "portfolio.accounts": problem.portfolio.accounts,
        "portfolio.contacts": problem.portfolio.contacts,
    }
    for home, records in homes.items():
        alike: dict[str, set[str]] = {}
        for one in records:
            if not one.id.isascii():
                alike.setdefault(normalize("NFC", one.id), set()).add(one.id)
        twins = [name for name, ids in alike.items() if len(ids) > 1]
        for name in twins[:FIRST]:
            rule = "is the id of several records: its accents are written in two ways, which look the same"
            remedy = "Write it in one way, as unicodedata.normalize('NFC', ...) does."
            yield Finding("look-alike", "warning", f"{home}[{name}]", repr(name), rule, remedy)
        if len(twins) > FIRST:
            value, rule = f"{len(twins) - FIRST:,} more ids", "look the same as others, too"
            yield Finding("look-alike", "warning", home, value, rule, "Write each in one way.")


def limit_findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield names of limits that mean two things, and ids and periods of limits that do not exist."""
    yield from _two_meanings(problem)
    yield from _unknown_of(problem, _limit_uses(problem))
    yield from _periods(problem)


def _unknown_of(problem: PlanningProblem, uses: Iterable[tuple[str, str, str | None]]) -> Iterator[Finding]:
    strategy, force, playbook = problem.strategy, problem.sales_force, problem.playbook
    known = {
        "segment": [one.id for one in strategy.segments],
        "product": [one.id for one in strategy.products],
        "seasonality": [one.id for one in strategy.seasonalities],
        "team": [one.id for one in force.teams],
        "rep": [one.id for one in force.reps],
        "activity": [one.id for one in playbook.activities],
    }
    there: dict[str, set[str | None]] = {kind: {None, *ids} for kind, ids in known.items()}
    for path, kind, name in uses:
        if name not in there[kind]:
            yield _unknown(path, str(name), KINDS[kind], known[kind])


def _uses(problem: PlanningProblem) -> Iterator[tuple[str, str, str | None]]:
    """Yield every place where an id is used: its path, the kind of record it names, and the id."""
    yield from _strategy_uses(problem)
    yield from _sales_force_uses(problem)
    for funnel in problem.playbook.funnels:
        at = f"playbook.funnels[{record_key(funnel)}]"
        yield f"{at}.segment", "segment", funnel.segment
        yield f"{at}.product", "product", funnel.product
        for stage in funnel.stages:
            for activity in stage.activities:
                yield f"{at}.stages[{stage.id}].activities", "activity", activity
    for cadence in problem.playbook.cadences:
        yield f"playbook.cadences[{record_key(cadence)}].segment", "segment", cadence.segment
        yield f"playbook.cadences[{record_key(cadence)}].activity", "activity", cadence.activity


def _limit_uses(problem: PlanningProblem) -> Iterator[tuple[str, str, str | None]]:
    for limit in problem.limits:
        for kind in ("rep", "team", "segment", "product"):
            yield f"limits[{limit.label}].{kind}", kind, getattr(limit, kind, None)
        for rep in getattr(limit, "but_not", ()):
            yield f"limits[{limit.label}].but_not", "rep", rep


def _strategy_uses(problem: PlanningProblem) -> Iterator[tuple[str, str, str | None]]:
    for target in problem.strategy.targets:
        at = f"strategy.targets[{record_key(target)}]"
        yield f"{at}.segment", "segment", target.segment
        yield f"{at}.product", "product", target.product
        yield f"{at}.seasonality", "seasonality", target.seasonality
    for season in problem.strategy.seasonalities:
        yield f"strategy.seasonalities[{season.id}].inside", "seasonality", season.inside
    yield "sales_force.leave_seasonality", "seasonality", problem.sales_force.leave_seasonality


def _sales_force_uses(problem: PlanningProblem) -> Iterator[tuple[str, str, str | None]]:
    for team in problem.sales_force.teams:
        yield f"sales_force.teams[{team.id}].parent", "team", team.parent
    for rep in problem.sales_force.reps:
        if rep.team is None and not (rep.covers or rep.accounts or rep.last_year or rep.potential):
            continue
        at = f"sales_force.reps[{rep.id}]"
        yield f"{at}.team", "team", rep.team
        for one in rep.covers or ():
            yield f"{at}.covers", "segment", one.segment if isinstance(one, Scope) else one
            yield f"{at}.covers", "product", one.product if isinstance(one, Scope) else None
        for field in ("accounts", "last_year", "potential"):
            for segment in getattr(rep, field) or ():
                yield f"{at}.{field}", "segment", segment


def _twice(path: str, records: Iterable[Record]) -> Iterator[Finding]:
    for key, many in Counter(map(record_key, records)).items():
        if many > 1:
            yield Finding(
                "duplicate",
                "error",
                f"{path}[{key}]",
                repr(key),
                f"stands {many} times; an id names one record",
                "Rename or remove the others.",
            )


def _two_meanings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield names that two limits bear which do not say the same; the same agreed twice is fine."""
    agreed = {"reason", "agreed_with", "expires"}
    said: dict[str, set[str]] = {}
    for limit in problem.limits:
        said.setdefault(limit.label, set()).add(limit.model_dump_json(exclude=agreed))
    for label, meanings in said.items():
        if len(meanings) > 1:
            yield Finding(
                "duplicate",
                "error",
                f"limits[{label}]",
                repr(label),
                "names limits that do not say the same; a name is of one limit",
                "Give each its own name.",
            )


def _unknown(path: str, name: str, kind: str, known: list[str]) -> Finding:
    hint = suggest(name, known).strip() or (f"Known are: {', '.join(known[:8])}." if known else "There is none yet.")
    return Finding(
        "unknown-name",
        "error",
        path,
        repr(name),
        f"is unknown; must be the id of {kind}",
        hint,
        name=name,
        candidates=nearest(name, known),
    )


def _periods(problem: PlanningProblem) -> Iterator[Finding]:
    for limit in problem.limits:
        period: str | None = getattr(limit, "period", None)
        if period is None:
            continue
        path = f"limits[{limit.label}].period"
        try:
            grain, _ = problem.calendar.find(period)
            problem.calendar.nest(problem.calendar.grain, grain)
        except UnknownNameError as error:
            yield Finding(
                "unknown-name",
                "error",
                path,
                repr(period),
                f"is no period between {problem.calendar.start} and {problem.calendar.end}",
                error.hint,
                name=period,
                candidates=tuple(error.candidates),
            )
        except InputError as error:
            yield Finding("nesting", "error", path, repr(period), error.message, "Use a period of the plan's grain.")


def _circles(path: str, field: str, above: dict[str, str | None]) -> Iterator[Finding]:
    told: set[str] = set()
    for start in sorted(above):
        chain = [start]
        while (up := above.get(chain[-1])) is not None and up not in chain:
            chain.append(up)
        if up is not None and up == start and start not in told:
            told.update(chain)
            circle = " > ".join([*chain, start])
            yield Finding(
                "circle",
                "error",
                f"{path}[{start}].{field}",
                repr(up),
                f"runs in a circle: {circle}",
                f"Take one {field} out.",
            )

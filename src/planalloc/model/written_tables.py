"""A problem as tables of plain cells: text, numbers, yes or no, and days, one kind in a column.

What is not given is None. A column in which nothing is given, or only what is meant without it, is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from planalloc.model.base import Record
from planalloc.model.packed_cells import as_covers, as_json, as_names, as_numbers
from planalloc.model.problem_tables import KINDS, LIMITS, METHOD_TEXTS, SETTING_READERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic.fields import FieldInfo

    from planalloc.model.frame_types import Frames
    from planalloc.model.playbook import Fact, Method, Playbook, Stage
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.salesforce import Rep
    from planalloc.model.strategy import Seasonality

__all__ = ["written_tables"]

Rows = list[dict[str, Any]]

PACKED: dict[str, Callable[[Any], Any]] = {
    "covers": as_covers,
    "ramp": lambda ramp: as_numbers(ramp.months),
    "criteria": as_json,
    "attributes": as_json,
    "but_not": as_names,
    "basis": as_json,
    "tiers": as_names,
}
"""How a field of several things becomes one cell."""
ALWAYS = {"settings", "segments", "targets", "reps"}
"""Tables that are written even where they are empty."""


def written_tables(problem: PlanningProblem) -> Frames:
    """Return the tables of `PlanningProblem.to_frames`, which documents them."""
    strategy, force, playbook = problem.strategy, problem.sales_force, problem.playbook
    tables = {
        "settings": _settings(problem),
        "segments": _rows("segments", strategy.segments),
        "products": _rows("products", strategy.products),
        "targets": _rows("targets", strategy.targets),
        "seasonalities": [row for season in strategy.seasonalities for row in _season(season)],
        "teams": _rows("teams", force.teams),
        "reps": _reps(force.reps),
        "absences": [
            {"rep": rep.id, "start": one.start, "end": one.end, "reason": one.reason or None}
            for rep in force.reps
            for one in rep.absences
        ],
        "accounts": [row for rep in force.reps for row in _holdings(rep)],
        "portfolio": _rows("portfolio", problem.portfolio.accounts),
        "contacts": _rows("contacts", problem.portfolio.contacts),
        "activities": _rows("activities", playbook.activities),
        **_funnels(playbook),
        "cadences": _rows("cadences", playbook.cadences),
        "methods": [row for method in playbook.methods for row in _sayings(method)],
        "limits": _rows("limits", problem.limits),
        "rhythms": _rows("rhythms", problem.rhythms),
    }
    written = {name: _without_empty(name, tables[name]) for name in KINDS if tables[name] or name in ALWAYS}
    return cast("Frames", written)


def _cell(name: str, value: Any) -> Any:
    """Return a field as one cell; empty text and an empty set of things are not given."""
    if name in PACKED:
        empty = name != "covers" and value is not None and not (isinstance(value, Record) or len(value))
        return None if value is None or empty else PACKED[name](value)
    return None if value == "" else value


def _rows(table: str, records: Sequence[Record]) -> Rows:
    """Return a row for each record, with the columns of which one at least says more than what is meant without it."""
    kind = KINDS[table]
    given = [name for name in kind.readers if name in kind.required or any(_says(record, name) for record in records)]
    return [{name: _cell(name, getattr(record, name, None)) for name in given} for record in records]


def _says(record: Record, name: str) -> bool:
    field: FieldInfo | None = type(record).model_fields.get(name)
    if field is None:
        return False
    if name == "kind":
        return isinstance(record, LIMITS)
    return bool(getattr(record, name) != field.get_default(call_default_factory=True))


def _without_empty(table: str, rows: Rows) -> Rows:
    """Return rows without columns in which nothing is given, unless they must be there."""
    required = KINDS[table].required
    names = dict.fromkeys(name for row in rows for name in row)
    kept = [name for name in names if name in required or any(row.get(name) is not None for row in rows)]
    return [{name: row.get(name) for name in kept} for row in rows]


def _settings(problem: PlanningProblem) -> Rows:
    """Return each setting that says more than what is meant without it, all as text so that one column holds them."""
    holders: dict[str, Record] = {
        "calendar": problem.calendar,
        "strategy": problem.strategy,
        "sales_force": problem.sales_force,
        "targeting": problem.playbook.targeting,
        "policy": problem.policy,
    }
    found = []
    for holder, readers in SETTING_READERS.items():
        for name in readers:
            if _says(holders[holder], name):
                cell = _cell(name, getattr(holders[holder], name))
                found.append({"setting": f"{holder}.{name}", "value": repr(cell) if _is_number(cell) else str(cell)})
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int)


def _season(season: Seasonality) -> Iterator[dict[str, Any]]:
    for period, weight in enumerate(season.weights, 1):
        yield {
            "id": season.id,
            "grain": season.grain,
            "period": period,
            "weight": weight,
            "spread": season.spread,
            "inside": season.inside,
            "normalize": season.normalize or None,
        }


def _reps(reps: Sequence[Rep]) -> Rows:
    """Return a row for each rep; what they hold by segment only where rows of the accounts cannot say it."""
    rows = _rows("reps", reps)
    for rep, row in zip(reps, rows, strict=True):
        for name in ("accounts", "last_year", "potential"):
            row[name] = as_json(getattr(rep, name)) if name in _unsaid(rep) else None
    return rows


def _unsaid(rep: Rep) -> set[str]:
    """Return what a rep holds that no row by segment can say: nothing known to be in any segment, or in one."""
    empty = {name for name in ("last_year", "potential") if getattr(rep, name) is not None and not getattr(rep, name)}
    return empty | {"accounts" for count in rep.accounts.values() if count == {}}


def _holdings(rep: Rep) -> Iterator[dict[str, Any]]:
    """Yield a row for each segment, or for each business of it; money stands in the first of these."""
    unsaid = _unsaid(rep)
    accounts: Mapping[str, Any] = {} if "accounts" in unsaid else rep.accounts
    last_year, potential = rep.last_year or {}, rep.potential or {}
    for segment in {**accounts, **last_year, **potential}:
        money = {"last_year": last_year.get(segment), "potential": potential.get(segment)}
        count = accounts.get(segment)
        for business, many in count.items() if isinstance(count, dict) else [(None, count)]:
            yield {"rep": rep.id, "segment": segment, "business": business, "accounts": many, **money}
            money = {}


def _funnels(playbook: Playbook) -> dict[str, Rows]:
    """Return funnels, and the stages of each process once, however many funnels have them."""
    processes: dict[tuple[Stage, ...], str] = {}
    funnels: Rows = []
    for funnel in playbook.funnels:
        parts = {name: getattr(funnel, name) for name in ("segment", "product", "business")}
        if funnel.stages not in processes:
            name = " / ".join(part for part in parts.values() if part)[:180] or "all"
            taken = {*processes.values()}
            processes[funnel.stages] = name if name not in taken else f"{name} ({len(taken) + 1})"
        funnels.append({**parts, "deal_size": funnel.deal_size, "process": processes[funnel.stages]})
    stages = [(process, stage) for held, process in processes.items() for stage in held]
    return {
        "funnels": funnels,
        "stages": [
            {
                "process": process,
                "stage": stage.id,
                "name": stage.name,
                "conversion": stage.conversion,
                "days_before_booking": stage.days_before_booking,
            }
            for process, stage in stages
        ],
        "stage_activities": [
            {"process": process, "stage": stage.id, "activity": activity, "count": count}
            for process, stage in stages
            for activity, count in stage.activities.items()
        ],
    }


def _sayings(method: Method) -> Iterator[dict[str, Any]]:
    """Yield a row for each text of a method, and one without text where it has none."""
    where = {"stage": method.stage, "segment": method.segment}
    texts = [{**where, "kind": kind, "id": name, "text": text} for kind, name, text in _texts(method)]
    yield from texts or [where]


def _texts(method: Method) -> Iterable[tuple[str, str | None, str]]:
    for kind, field in METHOD_TEXTS.items():
        held = getattr(method, field)
        if kind == "exit":
            yield from ((kind, one.id, one.statement) for one in held)
        elif kind == "fact":
            yield from (_fact(one) for one in held)
        elif kind != "optional":
            yield from ((kind, None, one) for one in (held if isinstance(held, tuple) else [held] if held else []))


def _fact(fact: Fact) -> tuple[str, str, str]:
    return "fact" if fact.required else "optional", fact.id, fact.question

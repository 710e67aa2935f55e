"""Records that several rows make together: a curve of weights, a funnel of stages, the texts of a method."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from planalloc.model.base import Record
from planalloc.model.cells import shown
from planalloc.model.finding import Finding
from planalloc.model.playbook import ExitCriterion, Fact, Funnel, Method, Stage
from planalloc.model.problem_tables import METHOD_TEXTS
from planalloc.model.rows import cell_finding, objections
from planalloc.model.strategy import Seasonality

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from planalloc.model.rows import Opened, Row, SourceTable

__all__ = ["read_funnels", "read_methods", "read_seasonalities"]

Made = TypeVar("Made", bound=Record)


def _grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Any, list[Row]]:
    """Return rows by what they have in common, in the order in which it first stands."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _made(
    record: type[Made], fields: Mapping[str, Any], table: SourceTable, row: Row, found: list[Finding]
) -> Made | None:
    """Return the record that fields out of several rows make, or put into `found` what it objects to."""
    try:
        return record(**fields)
    except ValidationError as error:
        told = [one for _, one in objections(error, table, row)]
        if not told:
            first = error.errors(include_url=False, include_context=False)[0]
            told = [cell_finding(row.path, first["input"], first["type"], first["msg"])]
        found += told
        return None


def _again(row: Row, what: str, before: Row) -> Finding:
    rule = f"stands in {before.path} already"
    return Finding("duplicate", "error", row.path, shown(what), rule, "Keep one of the two.")


def read_seasonalities(table: SourceTable, rows: Sequence[Row], found: list[Finding]) -> tuple[Seasonality, ...]:
    """Return seasonalities, from a row with all weights of one, or from a row for each of its periods.

    What is wrong is put into `found`; rows in which something is wrong already make nothing.
    """
    made = []
    for name, group in _grouped(rows, lambda row: row.cells.get("id")).items():
        if any(row.record is None for row in group):
            continue
        before = len(found)
        fields = {"id": name, **_shared(group, found)}
        if group[0].record.weights is None:
            fields["weights"] = _by_period(group, found)
        else:
            fields["weights"] = group[0].record.weights
            found += [_again(row, name, group[0]) for row in group[1:]]
        if len(found) == before and (season := _made(Seasonality, fields, table, group[0], found)):
            made.append(season)
    return tuple(made)


def _shared(group: Sequence[Row], found: list[Finding]) -> dict[str, Any]:
    """Return what rows of one seasonality say of it as a whole, each in the same words or not at all."""
    shared: dict[str, tuple[Any, Row]] = {}
    for row in group:
        for field in ("grain", "spread", "inside", "normalize"):
            value = row.cells.get(field)
            told, first = shared.setdefault(field, (value, row)) if value is not None else (value, row)
            if value != told:
                rule = f"is another {field} than {told!r} in {first.path}"
                remedy = "One seasonality has one; correct it, or leave it out here."
                found.append(Finding("contradiction", "error", row.path, shown(value), rule, remedy))
    return {field: value for field, (value, _) in shared.items()}


def _by_period(group: Sequence[Row], found: list[Finding]) -> list[float]:
    """Return weights in the order of their periods, which are counted from 1 and without a gap."""
    weights: dict[int, tuple[float, Row]] = {}
    for row in group:
        period = int(row.record.period) if row.record.period is not None else 0
        if period in weights or not period:
            found.append(_again(row, f"{row.record.id}, period {period}" if period else row.record.id, group[0]))
        else:
            weights[period] = row.record.weight, row
    gaps = sorted({*range(1, max(weights, default=0) + 1)} - {*weights})
    if gaps:
        name, rule = f"{group[0].record.id}", f"has no weight for period {gaps[0]}"
        found.append(Finding("no-weight", "error", group[0].path, shown(name), rule, "Add its row; 0 is a weight."))
    return [weights[period][0] for period in sorted(weights)]


def read_funnels(funnels: Opened, stages: Opened, doings: Opened, *, found: list[Finding]) -> tuple[Funnel, ...]:
    """Return funnels, each with the stages of its process, and these with their activities.

    What is wrong is put into `found`; processes in which something is wrong already make nothing.
    """
    steps = _steps(stages, _activities(stages.rows, doings.rows, found), found)
    held: list[Funnel | None] = []
    told: set[str] = set()
    for row in funnels.rows:
        if row.record is None or not (own := steps.get(row.record.process)) or None in own:
            continue
        fields = {name: getattr(row.record, name) for name in ("segment", "product", "business", "deal_size")}
        objected: list[Finding] = []
        held.append(_made(Funnel, {**fields, "stages": own}, funnels.table, row, objected))
        found += [one for one in objected if one.path != row.path or row.record.process not in told]
        told.add(row.record.process)
    return tuple(one for one in held if one is not None)


def _steps(
    stages: Opened, done: Mapping[tuple[str, str], Mapping[str, float]], found: list[Finding]
) -> dict[str, list[Stage | None]]:
    """Return the stages of each process, None for one in which something is wrong."""
    steps: dict[str, list[Stage | None]] = defaultdict(list)
    for row in stages.rows:
        made = None
        if (step := row.record) is not None:
            fields = {name: getattr(step, name) for name in ("name", "conversion", "days_before_booking")}
            fields |= {"id": step.stage, "activities": done.get((step.process, step.stage), {})}
            made = _made(Stage, fields, stages.table, row, found)
        steps[row.cells.get("process", "")].append(made)
    return steps


def _activities(
    stages: Iterable[Row], doings: Iterable[Row], found: list[Finding]
) -> dict[tuple[str, str], dict[str, float]]:
    """Return counts of activities by process and stage, out of columns of the stages and rows of their own."""
    done: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    first: dict[tuple[str, str, str], Row] = {}
    for row in stages:
        if row.record is not None:
            key = row.record.process, row.record.stage
            done[key] |= row.record.activities
            first |= {(*key, name): row for name in row.record.activities}
    for row in doings:
        if row.record is not None:
            one = row.record
            before = first.setdefault((one.process, one.stage, one.activity), row)
            if before is not row:
                found.append(_again(row, f"{one.process}, {one.stage}, {one.activity}", before))
            done[one.process, one.stage][one.activity] = one.count
    return done


def read_methods(table: SourceTable, rows: Sequence[Row], found: list[Finding]) -> tuple[Method, ...]:
    """Return methods, each out of the rows of its stage and segment, in their order.

    What is wrong is put into `found`; rows in which something is wrong already make nothing.
    """
    made = []
    for (stage, segment), group in _grouped(
        rows, lambda row: (row.cells.get("stage"), row.cells.get("segment"))
    ).items():
        if any(row.record is None for row in group):
            continue
        fields: dict[str, Any] = {"stage": stage, "segment": segment}
        single: dict[str, Row] = {}
        for row in group:
            if (kind := row.record.kind) in {"purpose", "pitch"}:
                if (before := single.setdefault(kind, row)) is not row:
                    found.append(_again(row, f"{kind} of {stage}", before))
                fields[kind] = row.record.text
            elif kind:
                fields.setdefault(METHOD_TEXTS[kind], []).append(_text(row.record))
        if method := _made(Method, fields, table, group[0], found):
            made.append(method)
    return tuple(made)


def _text(saying: Any) -> str | Fact | ExitCriterion:
    if saying.kind == "exit":
        return ExitCriterion(id=saying.id, statement=saying.text)
    if saying.kind in {"fact", "optional"}:
        return Fact(id=saying.id, question=saying.text, required=saying.kind == "fact")
    text: str = saying.text
    return text

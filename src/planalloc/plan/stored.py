"""A plan as JSON text and back, without loss."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from planalloc.errors import InputError, UnknownNameError
from planalloc.formulate.gives_way import GivesWay
from planalloc.model.finding import Finding
from planalloc.model.problem import PlanningProblem
from planalloc.plan.labels import horizon_axis
from planalloc.plan.report import Report
from planalloc.plan.table import Periods, Table

if TYPE_CHECKING:
    from planalloc.plan.plan import Plan

__all__ = ["FORMAT", "VERSION", "read_plan", "write_plan"]

DAMAGED = "this plan is damaged"

FORMAT = "planalloc.plan"
VERSION = 2
"""Raised whenever what is written changes its meaning or its shape."""

TABLES = (
    "quotas",
    "overlay_quotas",
    "activities",
    "unscheduled",
    "pipeline",
    "capacity",
    "shortfall",
    "earlier_work",
    "coverage",
)
REVISED = ("credited", "beyond")
"""Tables that only a revised plan has."""

REPORT_FIELDS = ("termination", "path", "solvers", "tiers", "residuals", "working_days")


def write_plan(plan: Plan) -> str:
    """Return a plan as JSON text, the same text for the same plan."""
    report = {name: getattr(plan.report, name) for name in REPORT_FIELDS}
    content = {
        "format": FORMAT,
        "version": VERSION,
        "problem": plan.problem.model_dump(mode="json"),
        "tables": {name: getattr(plan, name).to_json_data() for name in TABLES},
        "earlier_periods": list(plan.earlier_work.calendar.ids if plan.earlier_work.calendar else ()),
        "report": {
            **report,
            "phasing_gap": plan.report.phasing_gap.to_json_data(),
            "relaxed": [asdict(one) for one in plan.report.relaxed],
        },
        "findings": [asdict(one) for one in plan.findings],
    }
    if plan.as_of is not None:
        content["revised"] = {
            "as_of": plan.as_of.isoformat(),
            **{name: getattr(plan, name).to_json_data() for name in REVISED},
        }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def read_plan(text: str) -> dict[str, Any]:
    """Return the parts of a plan from its JSON text.

    Raises
    ------
    InputError
        When the text is no plan of this version, or its numbers do not add up to its problem's targets.
    """
    try:
        content = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"this is no JSON text: {error}", hint="Give the text that Plan.to_json() returned."
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError("this JSON is no plan", hint="Give the text that Plan.to_json() returned.")
    if content.get("version") != VERSION:
        raise InputError(
            f"this plan is of version {content.get('version')!r}, and version {VERSION} is read here",
            hint="Read it with the release of planalloc that wrote it, or plan its problem anew.",
        )
    from planalloc.plan.soundness import require_sound  # noqa: PLC0415 -- loads the engine, which writing does not need

    try:
        parts = _parts(content)
        require_sound(parts)
    except InputError as error:
        if isinstance(error, UnknownNameError) or not str(error).startswith(DAMAGED):
            raise _damaged(error) from error
        raise
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, LookupError) as error:
        raise _damaged(error) from error
    return parts


def _damaged(error: Exception) -> InputError:
    return InputError(f"{DAMAGED}: {error}", hint="Give the text that Plan.to_json() returned, as it was.")


def _parts(content: dict[str, Any]) -> dict[str, Any]:
    from planalloc.plan.soundness import require_numbers  # noqa: PLC0415

    problem = PlanningProblem.model_validate(content["problem"])
    axis = horizon_axis(problem.calendar)
    axes: dict[str, Periods | None] = dict.fromkeys(TABLES, axis)
    axes |= {
        "earlier_work": Periods(problem.calendar.grain, tuple(content["earlier_periods"])),
        "unscheduled": None,
        "coverage": None,
    }
    report = dict(content["report"])
    require_numbers(report, "tiers", "residuals")
    gap = Table.from_json_data(report.pop("phasing_gap"), calendar=axis)
    tables = {name: Table.from_json_data(content["tables"][name], calendar=axes[name]) for name in TABLES}
    findings = [Finding(**{**one, "candidates": tuple(one["candidates"])}) for one in content["findings"]]
    fields = {name: report[name] for name in REPORT_FIELDS}
    relaxed = tuple(GivesWay(**one) for one in report["relaxed"])
    found = Report(**fields, phasing_gap=gap, relaxed=relaxed)
    parts = {"problem": problem, **tables, "report": found, "findings": tuple(findings)}
    revised = content.get("revised")
    if revised is not None:
        parts["as_of"] = date.fromisoformat(revised["as_of"])
        parts["credited"] = Table.from_json_data(revised["credited"], calendar=axis)
        parts["beyond"] = Table.from_json_data(revised["beyond"])
    return parts

"""JSON schemas of what is stored, a problem or a plan, so that other programs can check and make them.

The files in ``planalloc/schemas`` are what `json_schema` returns. They are made by `schema_text` out of the records and
of what `planalloc.plan.stored` writes; a test holds the two together, and each version to its schema.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Literal, TypeAlias, get_args

from planalloc.model.base import named_among
from planalloc.model.problem import SCHEMA_VERSION, PlanningProblem
from planalloc.plan.stored import FORMAT, REPORT_FIELDS, TABLES, VERSION

__all__ = ["Stored", "json_schema", "schema_text"]

Stored: TypeAlias = Literal["problem", "plan"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT = {"type": "string"}
NUMBER = {"type": "number"}


def json_schema(of: Stored) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a stored problem or plan.

    What it refuses, planalloc refuses. What it accepts may still be refused where a schema cannot say why, such as
    weights that do not sum to 1.

    Parameters
    ----------
    of : {"problem", "plan"}
        What ``PlanningProblem.model_dump_json()`` writes, or `Plan.to_json`.

    Raises
    ------
    UnknownNameError
        When `of` is neither.

    Examples
    --------
    >>> json_schema("problem")["properties"]["schema_version"]["const"]
    1
    """
    named_among("of", of, get_args(Stored))
    found: dict[str, Any] = json.loads(files("planalloc").joinpath("schemas", f"{of}.json").read_text("utf-8"))
    return found


def schema_text(of: Stored) -> str:
    """Return the text of the file that `json_schema` reads, made anew out of the records.

    Examples
    --------
    >>> json.loads(schema_text("plan")) == json_schema("plan")
    True
    """
    problem = _told(PlanningProblem.model_json_schema())
    inside = problem.pop("$defs")
    version = SCHEMA_VERSION if of == "problem" else VERSION
    frame = {"$schema": DIALECT, "$id": f"urn:planalloc:{of}:{version}", "title": of}
    found = {**frame, **problem, "$defs": inside} if of == "problem" else {**frame, **_plan(problem, inside)}
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _told(schema: Any) -> Any:
    """Return a schema without titles, which repeat the names, and without what descriptions say to Python alone.

    What fits several of some kinds, as a limit that does not say its kind may, is read; so any of them will do.
    """
    if isinstance(schema, list):
        return [_told(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: one for name, one in schema.items() if name != "title" or isinstance(one, dict)}
    if isinstance(kept.get("oneOf"), list):
        kept["anyOf"] = kept.pop("oneOf")
    if isinstance(text := kept.get("description"), str):
        kept["description"] = " ".join(text.partition("\n\nExamples\n")[0].split())
    return {name: _told(one) for name, one in kept.items()}


def _object(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that has exactly these fields."""
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": [*properties]}


def _list(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _by_name(of: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": of}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def _plan(problem: dict[str, Any], inside: dict[str, Any]) -> dict[str, Any]:
    report = {
        **dict.fromkeys(REPORT_FIELDS, TEXT),
        "solvers": _by_name(TEXT),
        "tiers": _by_name(NUMBER),
        "residuals": _by_name(NUMBER),
        "phasing_gap": _reference("Table"),
        "relaxed": _list(_object(label=TEXT, amount=NUMBER, unit=TEXT)),
    }
    finding = _object(
        code=TEXT,
        level={"enum": ["error", "warning"]},
        **dict.fromkeys(("path", "value", "rule", "remedy", "name"), TEXT),
        candidates=_list(TEXT),
    )
    whole = _object(
        format={"const": FORMAT},
        version={"const": VERSION},
        problem=_reference("PlanningProblem"),
        tables=_object(**dict.fromkeys(TABLES, _reference("Table"))),
        earlier_periods=_list(TEXT),
        report=_object(**report),
        findings=_list(finding),
    )
    table = _object(
        name=TEXT,
        columns=_list({"anyOf": _columns()}),
        measures=_list(TEXT),
        ratios=_by_name({**_list(TEXT), "minItems": 2, "maxItems": 2}),
        decimals=_by_name({"type": "integer"}),
        kinds=_by_name({"enum": ["amount", "hours", "share"]}),
    )
    return {**whole, "$defs": {**inside, "PlanningProblem": problem, "Table": table}}


def _columns() -> list[dict[str, Any]]:
    """Return the schema of a column of each type; a category of text is found by its position."""
    values = {
        "int64": {"type": "integer"},
        "float64": {"type": ["number", "null"]},
        "bool": {"type": "boolean"},
        "date": {"type": ["string", "null"], "format": "date"},
    }
    text = _object(name=TEXT, type={"const": "text"}, categories=_list(TEXT), codes=_list({"type": "integer"}))
    return [text, *(_object(name=TEXT, type={"const": kind}, values=_list(one)) for kind, one in values.items())]

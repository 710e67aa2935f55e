"""The JSON contract: what is stored follows its schema, and the schema of a version does not change."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

import planalloc as pa
from companies import companies
from full_problem import FULL
from json_check import wrong
from planalloc.model.problem import SCHEMA_VERSION
from planalloc.plan.schemas import Stored, schema_text
from planalloc.plan.stored import VERSION

DOCS = Path(__file__).parents[3] / "docs" / "reference"
STORED: tuple[Stored, ...] = get_args(Stored)

DIGESTS = {
    ("problem", 1): "64bd33d1d57f3582",
    ("plan", 2): "2d2dcf5138b29ee0",
}
"""What each version means, in short. Once a version is released its line stays as it is."""

HOW = """
The schema has changed. Write the files anew:
    from planalloc.plan.schemas import schema_text
    Path("src/planalloc/schemas/{of}.json").write_text(schema_text("{of}"))   # and docs/reference/{of}.json
If more than descriptions changed since a release, raise SCHEMA_VERSION in model/problem.py and VERSION in
plan/stored.py first (a plan holds its problem), and add their lines to DIGESTS here."""


def meaning(schema: Any) -> Any:
    """Return a schema without its descriptions, which may become clearer at any time."""
    if isinstance(schema, list):
        return [meaning(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: meaning(one) for name, one in schema.items() if name != "description" or isinstance(one, dict)}


@pytest.mark.parametrize("of", STORED)
def test_the_files_are_what_the_records_say(of: Stored) -> None:
    """The file in the package and the one in the docs are the schema made anew out of the records."""
    text = schema_text(of)
    assert files("planalloc").joinpath("schemas", f"{of}.json").read_text("utf-8") == text, HOW.format(of=of)
    assert (DOCS / f"{of}.json").read_text("utf-8") == text, HOW.format(of=of)


@pytest.mark.parametrize("of", STORED)
def test_a_version_has_one_meaning(of: Stored) -> None:
    """A schema that changes in more than its descriptions needs a new version."""
    version = SCHEMA_VERSION if of == "problem" else VERSION
    told = json.dumps(meaning(json.loads(schema_text(of))), sort_keys=True)
    assert DIGESTS.get((of, version)) == hashlib.sha256(told.encode()).hexdigest()[:16], HOW.format(of=of)


def test_both_say_their_version() -> None:
    """A program that stores problems and plans finds the version in the schema and in what is stored."""
    problem, plan = pa.json_schema("problem"), pa.json_schema("plan")
    assert problem["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert plan["properties"]["version"]["const"] == VERSION
    assert (problem["$id"], plan["$id"]) == (f"urn:planalloc:problem:{SCHEMA_VERSION}", f"urn:planalloc:plan:{VERSION}")
    assert json.loads(SMALL.model_dump_json())["schema_version"] == SCHEMA_VERSION


def test_an_unknown_schema() -> None:
    """Only problems and plans have one."""
    with pytest.raises(pa.UnknownNameError, match=r"of cannot be 'plans'\. Did you mean 'plan'"):
        pa.json_schema("plans")  # type: ignore[arg-type]


SMALL = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1}, reps=["alice"])


def test_a_problem_without_a_version_is_read() -> None:
    """What was stored before versions were, and what people write by hand, follows the present one."""
    stored = json.loads(SMALL.model_dump_json())
    del stored["schema_version"]
    assert pa.PlanningProblem.model_validate_json(json.dumps(stored)) == SMALL


@pytest.mark.parametrize("version", [0, 2, "1", 1.0, True, None])
def test_a_problem_of_another_version_is_refused(version: Any) -> None:
    """A number that is not understood is never read as if it were."""
    stored = {**json.loads(SMALL.model_dump_json()), "schema_version": version}
    with pytest.raises(ValidationError, match="version 1 is read here"):
        pa.PlanningProblem.model_validate_json(json.dumps(stored))


def against(of: Stored, text: str) -> list[str]:
    """Return where stored JSON breaks its schema."""
    schema = pa.json_schema(of)
    return [*wrong(json.loads(text), schema, schema["$defs"])]


def test_a_full_problem_follows_the_schema() -> None:
    """Every field of every record is written as the schema says."""
    assert against("problem", FULL.model_dump_json()) == []


@given(companies())
@settings(max_examples=20, deadline=None)
def test_random_problems_follow_the_schema(problem: pa.PlanningProblem) -> None:
    """Whatever `model_dump_json` writes, the schema accepts."""
    assert against("problem", problem.model_dump_json()) == []


@given(companies(most_reps=3))
@settings(max_examples=8, deadline=None)
def test_random_plans_follow_the_schema(problem: pa.PlanningProblem) -> None:
    """Whatever `Plan.to_json` writes, the schema accepts."""
    assert against("plan", pa.allocate(problem, on_infeasible="relax").to_json()) == []


@pytest.mark.parametrize("limit", [{"team": "north", "base": 5}, {"rep": "alice", "at_most": 5}, {"tolerance": 0.1}])
def test_what_the_record_reads_the_schema_accepts(limit: dict[str, Any]) -> None:
    """A limit need not say its kind, whichever it may be taken for."""
    stored = json.dumps({**json.loads(SMALL.model_dump_json()), "limits": [limit]})
    assert pa.PlanningProblem.model_validate_json(stored).limits
    assert against("problem", stored) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), 2),
        (("calendar", "grain"), "decade"),
        (("calendar", "begin"), "2027-01-01"),
        (("strategy", "segments"), "A"),
        (("sales_force", "selling_share"), 35),
        (("policy", "round_to"), None),
    ],
)
def test_what_the_schema_refuses_the_record_refuses(path: tuple[str, ...], value: Any) -> None:
    """Another program that checks by the schema refuses nothing that planalloc would have read."""
    stored = json.loads(SMALL.model_dump_json())
    place = stored
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert against("problem", json.dumps(stored))
    with pytest.raises(ValidationError):
        pa.PlanningProblem.model_validate(stored)

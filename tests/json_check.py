"""A check of JSON against a schema, for the words of JSON Schema that ours use and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}
SILENT = {"$ref", "$schema", "$id", "$defs", "title", "description", "default", "format", "additionalProperties"}


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _number(value: Any) -> bool:
    return _is(value, "number")


WORDS: dict[str, Callable[[Any, Any], bool]] = {
    "type": lambda value, kinds: any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)),
    "const": lambda value, told: value == told and not isinstance(value, bool),
    "enum": lambda value, told: value in told,
    "minItems": lambda value, least: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda value, most: not isinstance(value, list) or len(value) <= most,
    "maxLength": lambda value, most: not isinstance(value, str) or len(value) <= most,
    "minimum": lambda value, least: not _number(value) or value >= least,
    "maximum": lambda value, most: not _number(value) or value <= most,
    "exclusiveMinimum": lambda value, least: not _number(value) or value > least,
    "exclusiveMaximum": lambda value, most: not _number(value) or value < most,
    "required": lambda value, names: not isinstance(value, dict) or {*names} <= {*value},
}
INNER = {"anyOf", "properties", "propertyNames", "items"}


def wrong(value: Any, schema: Any, inside: Any, path: str = "") -> Iterator[str]:
    """Yield where a value breaks a schema, whose definitions are `inside`."""
    assert {*schema} <= {*WORDS, *SILENT, *INNER}, f"a word that is not checked here: {[*schema]}"
    if "$ref" in schema:
        yield from wrong(value, inside[schema["$ref"].rpartition("/")[2]], inside, path)
    for word, told in schema.items():
        if word in WORDS and not WORDS[word](value, told):
            yield f"{path}: {value!r} breaks {word} {told!r}"
    kinds = schema.get("anyOf", [])
    if kinds and all([*wrong(value, one, inside, path)] for one in kinds):
        yield f"{path}: {value!r} fits none of its kinds"
    if isinstance(value, dict):
        yield from _fields(value, schema, inside, path)
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from wrong(item, schema.get("items", {}), inside, f"{path}[{i}]")


def _fields(value: Any, schema: Any, inside: Any, path: str) -> Iterator[str]:
    fields, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    for name, one in value.items():
        yield from wrong(name, schema.get("propertyNames", {}), inside, f"{path}.{name}")
        if name not in fields and others is False:
            yield f"{path}: {name} is no field"
        else:
            yield from wrong(one, fields.get(name, others), inside, f"{path}.{name}")

"""A sketch of a request: its required fields with values of the right kind, to be filled in by a person."""

from functools import cache
from typing import Any, Final

import orjson

from central.ocpp.catalog import schema_folder, schema_names

DEEPEST: Final = 6
_EMPTY: Final = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": []}


def request_sketch(version: str, action: str) -> dict[str, Any]:
    """The smallest payload that has all required fields; texts are empty, choices the first one."""
    schema = _schema(version, action)
    sketch = _value(schema, schema.get("definitions", {}), DEEPEST)
    return sketch if isinstance(sketch, dict) else {}


@cache
def _schema(version: str, action: str) -> dict[str, Any]:
    name = action if action in schema_names(version) else f"{action}Request"
    schema: dict[str, Any] = orjson.loads(
        schema_folder(version).joinpath(f"{name}.json").read_text(encoding="utf-8-sig")
    )
    return schema


def _value(schema: dict[str, Any], definitions: dict[str, Any], depth: int) -> Any:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[-1]]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return "2030-01-01T00:00:00Z"
    kind = schema.get("type", "object")
    if kind == "object" and depth:
        properties = schema.get("properties", {})
        required = [name for name in schema.get("required", []) if name in properties]
        return {name: _value(properties[name], definitions, depth - 1) for name in required}
    if kind == "array" and depth and schema.get("minItems"):
        return [_value(schema["items"], definitions, depth - 1)]
    return _EMPTY.get(str(kind), {})

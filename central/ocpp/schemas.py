"""Validation against the schemas inside the `ocpp` package, compiled once per action, and the error codes."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import jsonschema_rs
import orjson

from central.ocpp.catalog import FROM_CHARGE_POINT, UNANSWERED, known_actions, schema_folder, schema_names
from central.ocpp.errors import FORMAT, NOT_IMPLEMENTED, NOT_SUPPORTED, OCCURRENCE, PROPERTY, TYPE, OcppError
from central.ocpp.vocabulary import is_time

_CODES: Final = {
    "additionalProperties": FORMAT,
    "required": OCCURRENCE,
    "minItems": OCCURRENCE,
    "maxItems": OCCURRENCE,
    "type": TYPE,
}
_TEXTS: Final = {
    FORMAT: "Unknown field",
    OCCURRENCE: "Field missing or occurring too rarely or too often",
    TYPE: "Wrong type",
    PROPERTY: "Value not allowed",
}
_WEIGHT: Final = {FORMAT: 0, OCCURRENCE: 1, TYPE: 2, PROPERTY: 3}
_INT64: Final = {"minimum": -(2**63), "maximum": 2**63 - 1}
_ISO_8601: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d(:?\d\d)?)?")

_requests: dict[tuple[str, str], jsonschema_rs.Validator] = {}


def check_direction(version: str, action: str) -> None:
    """Raise OcppError NotImplemented for an action OCPP lacks, NotSupported for one no charge point sends."""
    if action in FROM_CHARGE_POINT[version] and action not in UNANSWERED:
        return
    if action in known_actions(version):
        raise OcppError(NOT_SUPPORTED, "This action is not for a charge point to ask for")
    raise OcppError(NOT_IMPLEMENTED, "This version of OCPP has no such action")


def validate_request(version: str, action: str, payload: dict[str, Any]) -> None:
    """Raise OcppError with the version's fault code unless `payload` is a valid request."""
    validator = _requests.get((version, action))
    if validator is None:
        validator = _requests[(version, action)] = _compiled(version, _request_name(version, action))
    if not validator.is_valid(payload):
        _refuse(version, validator.iter_errors(payload))


def validate_response(version: str, action: str, payload: Any) -> None:
    """Raise OcppError unless `payload` is a valid answer to `action`."""
    validator = _compiled(version, f"{action}Response")
    if not validator.is_valid(payload):
        _refuse(version, validator.iter_errors(payload))


def _request_name(version: str, action: str) -> str:
    return action if action in schema_names(version) else f"{action}Request"


@cache
def _compiled(version: str, name: str) -> jsonschema_rs.Validator:
    text = schema_folder(version).joinpath(f"{name}.json").read_text(encoding="utf-8-sig")
    return jsonschema_rs.validator_for(_adapted(orjson.loads(text)), validate_formats=True)


def _adapted(schema: Any) -> Any:
    """The schema with whole numbers bound to 64 bit and without `multipleOf 0.1`: doubles cannot keep it."""
    if isinstance(schema, list):
        return [_adapted(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    adapted = {key: _adapted(value) for key, value in schema.items() if key != "multipleOf"}
    return _INT64 | adapted if adapted.get("type") == "integer" else adapted


def _refuse(version: str, errors: Iterable[jsonschema_rs.ValidationError]) -> None:
    found = [error for error in errors if not _tolerated(version, error)]
    if not found:
        return
    worst = min(found, key=lambda error: _WEIGHT[_code(error)])
    code = _code(worst)
    field = ".".join(str(part) for part in [*worst.instance_path, *_missing(worst)])
    raise OcppError(code, _TEXTS[code], field[:100])


def _code(error: jsonschema_rs.ValidationError) -> str:
    return _CODES.get(str(error.schema_path[-1]), PROPERTY)


def _missing(error: jsonschema_rs.ValidationError) -> list[str]:
    return [error.kind.property] if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required) else []


def _tolerated(version: str, error: jsonschema_rs.ValidationError) -> bool:
    """1.6 §3.15 asks for ISO 8601, not RFC 3339: a time without offset (it means UTC) is not refused."""
    if version != "1.6" or error.schema_path[-1] != "format":
        return False
    text = error.instance
    return isinstance(text, str) and _ISO_8601.fullmatch(text) is not None and is_time(text)

"""Examples in `/openapi.json`: one is made of the schema and of usual values where an operation has none."""

from typing import Any, Final

Schema = dict[str, Any]
USUAL: Final[dict[str, Any]] = {
    "action": "StatusNotification",
    "charge_point": "CP-1",
    "charge_points": ["CP-1"],
    "city": "Berlin",
    "connector": 1,
    "connector_number": 1,
    "connector_type": "cCCS2",
    "context": "Sample.Periodic",
    "country": "DEU",
    "cp_id": "CP-1",
    "currency": "EUR",
    "energy_wh": 12840,
    "error_code": "NoError",
    "evse": 1,
    "evse_number": 1,
    "evses": ["CP-1/1"],
    "fields": {"charge_point": ["This field is required."]},
    "firmware_version": "1.4.2",
    "group": "FLEET",
    "holder": "Ada",
    "id_tag": "04A2B3C4D5E6F7",
    "language": "en",
    "location": "Bay 4",
    "message_id": "19223201",
    "meter_start_wh": 1204560,
    "model": "Fast 50",
    "name": "Harbour",
    "ocpp_version": "1.6",
    "order": "remote_start",
    "params": {"id_tag": "04A2B3C4D5E6F7", "evse_number": 1},
    "peak_power_w": 22000,
    "period": "day",
    "power_w": 11000,
    "reason": "asked for by the driver",
    "site": 7,
    "state": "accepted",
    "status": "Available",
    "time_zone": "Europe/Berlin",
    "transaction_id": "812774310",
    "uid": "5f0c1a52-9e0b-4a52-8f6e-0d8a5a3c2b11",
    "vendor": "Amber",
}
OF_FORMAT: Final[dict[str, Any]] = {
    "date-time": "2026-03-02T12:00:00Z",
    "date": "2026-03-02",
    "uuid": "5f0c1a52-9e0b-4a52-8f6e-0d8a5a3c2b11",
    "uri": "https://charging.example/api/",
    "decimal": "12.3400",
    "binary": "",
}
OF_TYPE: Final[dict[str, Any]] = {
    "string": "text",
    "integer": 1,
    "number": 99.5,
    "boolean": True,
}
DEEPEST: Final = 6


def with_examples(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Give every JSON body an example (a postprocessing hook of drf-spectacular)."""
    components = result.get("components", {}).get("schemas", {})
    for path in result["paths"].values():
        for operation in path.values():
            bodies = [operation.get("requestBody", {}), *operation.get("responses", {}).values()]
            for body in bodies:
                _complete(body.get("content", {}), components)
    return result


def _complete(content: dict[str, Any], components: Schema) -> None:
    for media, described in content.items():
        has_one = {"example", "examples"} & described.keys()
        if "json" in media and not has_one and "schema" in described:
            described["example"] = example_of(described["schema"], components)


def example_of(schema: Schema, components: Schema, name: str = "", depth: int = 0) -> Any:
    """A value that fits the schema; a usual one where the field's name is known."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components, name, depth + 1)
    if "example" in schema:
        return schema["example"]
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return example_of(schema[several][0], components, name, depth + 1)
    if schema.get("enum"):
        return schema["enum"][0]
    return _of_kind(schema, components, name, depth)


def _of_kind(schema: Schema, components: Schema, name: str, depth: int) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return _of_object(schema, components, name, depth)
    if kind == "array":
        usual = USUAL.get(name)
        if isinstance(usual, list):
            return usual
        return [] if depth > DEEPEST else [example_of(schema["items"], components, name, depth + 1)]
    if schema.get("format") in OF_FORMAT:
        return OF_FORMAT[schema["format"]]
    return _of_name(schema, name)


def _of_object(schema: Schema, components: Schema, name: str, depth: int) -> Any:
    if not schema.get("properties"):
        usual = USUAL.get(name)
        return usual if isinstance(usual, dict) else {}
    if depth > DEEPEST:
        return {}
    return {
        key: example_of(each, components, key, depth + 1)
        for key, each in schema["properties"].items()
        if not (key == "previous" and each.get("nullable"))
    }


def _of_name(schema: Schema, name: str) -> Any:
    kind = schema.get("type", "")
    usual, fallback = USUAL.get(name), OF_TYPE.get(kind)
    if fallback is None:
        return usual if usual is not None else {}
    value = usual if type(usual) is type(fallback) else fallback
    if isinstance(value, str):
        return value[: schema.get("maxLength", len(value))]
    return max(value, schema["minimum"]) if "minimum" in schema else value

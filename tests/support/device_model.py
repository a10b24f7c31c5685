"""Pieces of the device model as charge points write them."""

from typing import Any

from central.models import Variable
from tests.support.handlers import NOW

AT = NOW.isoformat()


def at(component: str, variable: str = "", **where: Any) -> dict[str, Any]:
    """`component` and `variable`; `instance` is the variable's, `owner` the component's, `evse` a dict."""
    written: dict[str, Any] = {"component": {"name": component}}
    if "owner" in where:
        written["component"]["instance"] = where["owner"]
    if "evse" in where:
        written["component"]["evse"] = where["evse"]
    if variable:
        written["variable"] = {"name": variable}
        if "instance" in where:
            written["variable"]["instance"] = where["instance"]
    return written


def entry(component: str, variable: str, value: str | None = None, **where: Any) -> dict[str, Any]:
    """An entry of NotifyReport with one attribute and characteristics where `traits` are given."""
    extra, traits = where.pop("attribute", {}), where.pop("traits", {})
    attribute = extra | ({} if value is None else {"value": value})
    made = at(component, variable, **where) | {"variableAttribute": [attribute]}
    if traits:
        made["variableCharacteristics"] = {"dataType": "string", "supportsMonitoring": False} | traits
    return made


def report(number: int, seq_no: int, *entries: dict[str, Any], more: bool = False) -> dict[str, Any]:
    """NotifyReport."""
    body: dict[str, Any] = {"requestId": number, "generatedAt": AT, "seqNo": seq_no, "tbc": more}
    return body | ({"reportData": list(entries)} if entries else {})


def event(event_id: int = 1, value: str = "70", **changes: Any) -> dict[str, Any]:
    """An entry of NotifyEvent: a temperature at EVSE 1."""
    data = at("EVSE", "Temperature", evse={"id": 1}) | {
        "eventId": event_id,
        "timestamp": AT,
        "trigger": "Alerting",
        "actualValue": value,
        "eventNotificationType": "CustomMonitor",
    }
    return data | changes


def events(*data: dict[str, Any], seq_no: int = 0, more: bool = False) -> dict[str, Any]:
    """NotifyEvent."""
    return {"generatedAt": AT, "seqNo": seq_no, "tbc": more, "eventData": list(data)}


def variable(name: str) -> Variable:
    """The only variable of that name, in any component."""
    return Variable.objects.get(variable=name)

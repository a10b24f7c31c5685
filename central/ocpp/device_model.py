"""The device model's words: components and variables of 2.x as places, and back (2.x part 2 §3)."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from central.ocpp.masking import is_secret_name
from central.services.device_places import ACTUAL, Place
from central.services.event_streams import Stream
from central.services.monitors import Monitor
from central.services.variables import Told

Payload = Mapping[str, Any]
_TRAITS: Final = {
    "unit": "unit",
    "dataType": "data_type",
    "minLimit": "min_limit",
    "maxLimit": "max_limit",
    "maxElements": "max_elements",
    "valuesList": "values_list",
    "supportsMonitoring": "supports_monitoring",
}


def place_read(item: Payload, attribute: str = "") -> Place:
    """The place of anything that has `component` and `variable`; without a variable, the component alone."""
    component, variable = item["component"], item.get("variable") or {}
    evse = component.get("evse") or {}
    return Place(
        variable.get("name", ""),
        component["name"],
        component_instance=component.get("instance", ""),
        instance=variable.get("instance", ""),
        evse=int(evse.get("id", 0)),
        connector=int(evse.get("connectorId", 0)),
        attribute=attribute or ACTUAL,
    )


def place_write(place: Place) -> dict[str, Any]:
    """`component` and, where the place has one, `variable`."""
    component: dict[str, Any] = {"name": place.component}
    if place.component_instance:
        component["instance"] = place.component_instance
    if place.evse:
        component["evse"] = {"id": place.evse}
        if place.connector:
            component["evse"]["connectorId"] = place.connector
    written = {"component": component}
    if place.variable:
        written["variable"] = {"name": place.variable}
        if place.instance:
            written["variable"]["instance"] = place.instance
    return written


def attribute_write(place: Place) -> dict[str, Any]:
    """Component, variable and, where it is not the usual one, the attribute."""
    extra = {} if place.attribute == ACTUAL else {"attributeType": place.attribute}
    return place_write(place) | extra


def is_secret(place: Place) -> bool:
    """True where the value must not be kept."""
    return is_secret_name(place.variable)


def report_entries(entries: list[dict[str, Any]]) -> Iterator[Told]:
    """What NotifyReport tells: each attribute of each variable, characteristics with each."""
    for entry in entries:
        traits = _traits(entry.get("variableCharacteristics") or {})
        for attribute in entry["variableAttribute"]:
            place = place_read(entry, attribute.get("type", ACTUAL))
            yield Told(
                place=place,
                value=attribute.get("value"),
                secret=is_secret(place),
                details=_details(attribute),
                traits=traits,
            )


def monitors_read(entries: list[dict[str, Any]]) -> list[Monitor]:
    """What NotifyMonitoringReport tells."""
    return [
        Monitor(
            number=int(each["id"]),
            place=place_read(entry),
            monitor_type=each["type"],
            value=float(each["value"]),
            severity=int(each["severity"]),
            transaction=each["transaction"],
            origin=each.get("eventNotificationType", ""),
        )
        for entry in entries
        for each in entry["variableMonitoring"]
    ]


def stream_read(data: Payload) -> Stream:
    """ConstantStreamDataType of 2.1."""
    params = data["params"]
    return Stream(
        number=int(data["id"]),
        monitor_number=int(data["variableMonitoringId"]),
        interval=params.get("interval"),
        values_each=params.get("values"),
    )


def digest_of(payload: Any) -> str:
    """The same for the same content, however its keys are ordered."""
    return hashlib.blake2b(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS), digest_size=20).hexdigest()


def _details(attribute: Payload) -> dict[str, Any]:
    """Mutability, persistence and constancy; what is left out has the default of AttributeType (2.x §2)."""
    return {
        "mutability": attribute.get("mutability", "ReadWrite"),
        "persistent": attribute.get("persistent", False),
        "constant": attribute.get("constant", False),
    }


def _traits(characteristics: Payload) -> dict[str, Any]:
    return {name: characteristics[key] for key, name in _TRAITS.items() if key in characteristics}

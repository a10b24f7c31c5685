"""Where a value lives: one name for all versions of OCPP, and which 1.6 keys mean which 2.x variables.

People and profiles name a value by `{"name": "HeartbeatInterval"}`: a key of 1.6, or in 2.x
`1/2:Component[instance].Variable[instance]#Attribute`, or by its parts (`component`, `variable`, ...). The
same setting has one name in 1.6 and another in 2.x; `KNOWN` translates those that the specifications define.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from central.models.variable import KEY_LIMIT
from emobility.lib.errors import Invalid

ACTUAL: Final = "Actual"
ATTRIBUTES: Final = (ACTUAL, "Target", "MinSet", "MaxSet")
NAME_LIMIT: Final = 50
_SEPARATOR: Final = "\x1f"
_WRITTEN: Final = re.compile(
    r"(?:(?P<evse>\d{1,9})(?:/(?P<connector>\d{1,9}))?:)?"
    r"(?P<component>[^.\[\]#:]+)(?:\[(?P<component_instance>[^\[\]]+)\])?"
    r"\.(?P<variable>[^\[\]#]+)(?:\[(?P<instance>[^\[\]]+)\])?"
    r"(?:#(?P<attribute>\w+))?"
)
_COMPONENT: Final = re.compile(
    r"(?:(?P<evse>\d{1,9})(?:/(?P<connector>\d{1,9}))?:)?"
    r"(?P<component>[^.\[\]#:]{1,50})(?:\[(?P<component_instance>[^\[\]]{1,50})\])?"
)
_TEXTS: Final = ("component", "component_instance", "variable", "instance")
_NUMBERS: Final = ("evse", "connector")


@dataclass(frozen=True, slots=True)
class Place:
    """A variable of a charge point; of 1.6 only `variable` is filled in."""

    variable: str
    component: str = ""
    component_instance: str = ""
    instance: str = ""
    evse: int = 0
    connector: int = 0
    attribute: str = ACTUAL

    @property
    def key(self) -> str:
        """The place without regard to case or attribute: what tells two variables apart."""
        numbers = (str(self.evse or ""), str(self.connector or ""))
        parts = (self.component, self.component_instance, *numbers, self.variable, self.instance)
        return _SEPARATOR.join(part.replace(_SEPARATOR, " ").lower() for part in parts)[:KEY_LIMIT]

    @property
    def columns(self) -> dict[str, Any]:
        """The place as the columns of a row."""
        return {
            "key": self.key,
            "component": self.component,
            "component_instance": self.component_instance,
            "evse_number": self.evse,
            "connector_number": self.connector,
            "variable": self.variable,
            "variable_instance": self.instance,
        }

    @property
    def name(self) -> str:
        """The place as people write it."""
        place = f"{self.evse}" if self.evse else ""
        place += f"/{self.connector}" if self.connector else ""
        owner = self.component + (f"[{self.component_instance}]" if self.component_instance else "")
        name = self.variable + (f"[{self.instance}]" if self.instance else "")
        suffix = f"#{self.attribute}" if self.attribute != ACTUAL else ""
        return (f"{place}:" if place else "") + ".".join(part for part in (owner, name) if part) + suffix


def place_of(item: Mapping[str, Any], version: str) -> Place:
    """The place that `item` names, in the words of a version. Raises Invalid where it has none there."""
    if not item.get("name") and not item.get("variable"):
        raise Invalid(_("An entry has no name."))
    place = _of_name(str(item["name"]), version) if item.get("name") else _of_parts(item)
    place = _translated(place, version)
    if version != "1.6" and not place.component:
        text = _("{name}: OCPP 2 needs a component before the name (Component.Variable).")
        raise Invalid(text.format(name=place.variable))
    if version == "1.6" and (place.component or _is_of_2(place.variable)):
        raise Invalid(_("{name}: OCPP 1.6 has no key for it.").format(name=place.name))
    if version == "1.6" and place.attribute != ACTUAL:
        raise Invalid(_("OCPP 1.6 has no attributes besides the value itself."))
    return place


def _is_of_2(name: str) -> bool:
    """True for names that only OCPP 2 has; makers of 1.6 use dots, too, so it is those of its components."""
    owner = name.partition(".")[0].rpartition(":")[2].partition("[")[0]
    return "." in name and (owner.endswith("Ctrlr") or owner in {"ChargingStation", "EVSE", "Connector"})


def component_of(item: Mapping[str, Any]) -> Place:
    """The component, with its variable where there is one, that `item` names to a 2.x charge point."""
    name = str(item.get("name", ""))
    if name and (found := _COMPONENT.fullmatch(name)):
        parts: dict[str, Any] = {key: value for key, value in found.groupdict().items() if value}
        return Place("", **_with_numbers(parts))
    if item.get("component") and not item.get("variable"):
        return _of_parts({"variable": "", **item})
    return place_of(item, "2.x")


def item_check(item: Any) -> dict[str, Any]:
    """An entry of a list, cleaned: only known fields, of the right kind. Raises Invalid."""
    if isinstance(item, str):
        item = {"name": item}
    if not isinstance(item, dict):
        raise Invalid(_("Each entry is a name, or an object with name or component and variable."))
    known = {"name", *_TEXTS, *_NUMBERS, "attribute", "value"}
    if extra := set(item) - known:
        raise Invalid(_("Not known here: {names}.").format(names=", ".join(sorted(map(str, extra)))[:100]))
    cleaned: dict[str, Any] = {name: _text(name, item[name]) for name in ("name", *_TEXTS) if item.get(name)}
    cleaned |= {name: _number(name, item[name]) for name in _NUMBERS if item.get(name)}
    if not any(cleaned.get(part) for part in ("name", "component", "variable")):
        raise Invalid(_("An entry has no name."))
    if item.get("attribute"):
        cleaned["attribute"] = _attribute(item["attribute"])
    if "value" in item:
        cleaned["value"] = value_text(item["value"])
    return cleaned


def value_text(value: Any) -> str:
    """A value as OCPP writes it: text, numbers in digits, true and false in small letters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Invalid(_("A value is text, a number, or true or false."))


def _text(name: str, value: Any) -> str:
    limit = 300 if name == "name" else NAME_LIMIT
    if not isinstance(value, str) or len(value) > limit:
        raise Invalid(_("{name} is text of at most {limit} characters.").format(name=name, limit=limit))
    return value.strip()


def _number(name: str, value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdigit() or len(str(value)) > 9:
        raise Invalid(_("{name} is a number.").format(name=name))
    return int(value)


def _attribute(value: Any) -> str:
    if value not in ATTRIBUTES:
        raise Invalid(_("The attribute is one of {names}.").format(names=", ".join(ATTRIBUTES)))
    return str(value)


def _of_name(name: str, version: str) -> Place:
    if version == "1.6":
        place = _written(name)
        return place if place is not None and KNOWN_2.get(place.key) else Place(name)
    return _written(name) or Place(name)


def _written(name: str) -> Place | None:
    found = _WRITTEN.fullmatch(name)
    if found is None:
        return None
    parts: dict[str, Any] = {key: value for key, value in found.groupdict().items() if value}
    if any(len(part) > NAME_LIMIT for part in parts.values()):
        return None
    return Place(**(_with_numbers(parts) | {"attribute": _attribute(parts.get("attribute", ACTUAL))}))


def _with_numbers(parts: dict[str, Any]) -> dict[str, Any]:
    return parts | {key: int(parts.get(key, 0)) for key in _NUMBERS}


def _of_parts(item: Mapping[str, Any]) -> Place:
    return Place(**{key: value for key, value in item.items() if key not in {"name", "value"}})


def _translated(place: Place, version: str) -> Place:
    if version == "1.6":
        name = KNOWN_2.get(place.key)
        return Place(name, attribute=place.attribute) if name else place
    known = KNOWN_16.get(place.variable.lower()) if not place.component else None
    return replace(known, attribute=place.attribute) if known else place


def _v(component: str, variable: str, instance: str = "") -> Place:
    return Place(variable, component, instance=instance)


KNOWN: Final[dict[str, Place]] = {
    "AllowOfflineTxForUnknownId": _v("AuthCtrlr", "OfflineTxForUnknownIdEnabled"),
    "AuthorizationCacheEnabled": _v("AuthCacheCtrlr", "Enabled"),
    "AuthorizeRemoteTxRequests": _v("AuthCtrlr", "AuthorizeRemoteStart"),
    "ClockAlignedDataInterval": _v("AlignedDataCtrlr", "Interval"),
    "ConnectionTimeOut": _v("TxCtrlr", "EVConnectionTimeOut"),
    "HeartbeatInterval": _v("OCPPCommCtrlr", "HeartbeatInterval"),
    "LocalAuthListEnabled": _v("LocalAuthListCtrlr", "Enabled"),
    "LocalAuthorizeOffline": _v("AuthCtrlr", "LocalAuthorizeOffline"),
    "LocalPreAuthorize": _v("AuthCtrlr", "LocalPreAuthorize"),
    "MaxEnergyOnInvalidId": _v("TxCtrlr", "MaxEnergyOnInvalidId"),
    "MeterValueSampleInterval": _v("SampledDataCtrlr", "TxUpdatedInterval"),
    "MeterValuesAlignedData": _v("AlignedDataCtrlr", "Measurands"),
    "MeterValuesSampledData": _v("SampledDataCtrlr", "TxUpdatedMeasurands"),
    "ResetRetries": _v("OCPPCommCtrlr", "ResetRetries"),
    "StopTransactionOnEVSideDisconnect": _v("TxCtrlr", "StopTxOnEVSideDisconnect"),
    "StopTransactionOnInvalidId": _v("TxCtrlr", "StopTxOnInvalidId"),
    "StopTxnAlignedData": _v("AlignedDataCtrlr", "TxEndedMeasurands"),
    "StopTxnSampledData": _v("SampledDataCtrlr", "TxEndedMeasurands"),
    "TransactionMessageAttempts": _v("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent"),
    "TransactionMessageRetryInterval": _v("OCPPCommCtrlr", "MessageAttemptInterval", "TransactionEvent"),
    "UnlockConnectorOnEVSideDisconnect": _v("OCPPCommCtrlr", "UnlockOnEVSideDisconnect"),
    "WebSocketPingInterval": _v("OCPPCommCtrlr", "WebSocketPingInterval"),
}
"""Keys of 1.6 (§9.1-9.3) and the variables of 2.x (part 2, referenced components) that mean the same."""
KNOWN_16: Final = {name.lower(): place for name, place in KNOWN.items()}
KNOWN_2: Final = {place.key: name for name, place in KNOWN.items()}

"""Objects of OCPI 2.3.0, in which ours are kept, as 2.2.1 and 2.1.1 have them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emobility.lib.money import amount4
from ocpi.core.envelope import number
from ocpi.core.fields import NOT_AVAILABLE
from ocpi.core.money_objects import NEW_RESTRICTIONS, TARIFF
from ocpi.core.objects import CONNECTOR_STANDARDS
from ocpi.core.place_objects import CAPABILITIES, LOCATION, LOCATION_TYPES, PARKING_RESTRICTIONS
from ocpi.core.versions import V211, V230

HUNDRED = Decimal(100)
OLDER_STANDARD = {"SAE_J3400": "TESLA_S"}
"""Mechanically the same; MCS has no older word, so such a connector cannot be told."""
OLDER_POWER = {"AC_2_PHASE": "AC_1_PHASE", "AC_2_PHASE_SPLIT": "AC_1_PHASE"}
OLD_CAPABILITIES = frozenset(
    {
        "CHARGING_PROFILE_CAPABLE",
        "CREDIT_CARD_PAYABLE",
        "REMOTE_START_STOP_CAPABLE",
        "RESERVABLE",
        "RFID_READER",
        "UNLOCK_CAPABLE",
    }
)
FREE = {"price_components": [{"type": "FLAT", "price": 0, "step_size": 1}]}
NOT_SAYABLE = {"language": "en", "text": "The price depends on what OCPI 2.1.1 cannot say: ask the operator."}


def decimal(value: Any) -> Decimal:
    """An amount out of JSON, exactly as it is written."""
    return Decimal(str(value or 0))


def price_to(version: str, value: Mapping[str, Any] | None) -> Any:
    """A Price: with taxes apart, with and without VAT, or a number before taxes (2.1.1)."""
    if value is None or version == V230:
        return value
    before = decimal(value["before_taxes"])
    if version == V211:
        return number(before)
    after = sum((decimal(tax["amount"]) for tax in value.get("taxes") or []), before)
    return {"excl_vat": number(before), "incl_vat": number(after)}


def price_from(value: Mapping[str, Any] | None) -> Any:
    """A Price of 2.2.1 as 2.3.0 has it."""
    if value is None or "before_taxes" in value:
        return value
    before = decimal(value["excl_vat"])
    tax = decimal(value["incl_vat"]) - before if value.get("incl_vat") is not None else Decimal(0)
    return {"before_taxes": number(before)} | (
        {"taxes": [{"name": "VAT", "amount": number(tax)}]} if tax else {}
    )


def limit_from(value: Mapping[str, Any] | None) -> Any:
    """A minimum or maximum price of 2.2.1 as 2.3.0 has it."""
    if not value or "before_taxes" in value:
        return value or None
    after = value.get("incl_vat")
    return {"before_taxes": value["excl_vat"]} | ({} if after is None else {"after_taxes": after})


def tariff_from(value: Mapping[str, Any]) -> dict[str, Any]:
    """A tariff of 2.2.1, with `tax_included` where somebody said it, as 2.3.0 has it."""
    found = {name: part for name, part in value.items() if part is not None}
    for name in ("min_price", "max_price"):
        if name in found:
            found[name] = limit_from(found[name])
    return found | {"tax_included": found.get("tax_included") or "NO"}


def tariff_to(version: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A tariff as a partner's version has it: prices without taxes before 2.3.0."""
    if version == V230:
        return dict(value)
    found = dict(value)
    for name in ("min_price", "max_price"):
        if limit := found.get(name):
            after = limit.get("after_taxes")
            found[name] = {"excl_vat": limit["before_taxes"]} | ({} if after is None else {"incl_vat": after})
    if found.get("tax_included") == "YES":
        found["elements"] = [_without_tax(element) for element in found["elements"]]
    if version == V211:
        found = _of_2_1_1(found)
    return TARIFF.cut(found, version)


def _without_tax(element: Mapping[str, Any]) -> dict[str, Any]:
    parts = []
    for part in element["price_components"]:
        share = 1 + decimal(part.get("vat")) / HUNDRED
        parts.append({**part, "price": number(amount4(decimal(part["price"]) / share))})
    return {**element, "price_components": parts}


def _of_2_1_1(tariff: Mapping[str, Any]) -> dict[str, Any]:
    """Without elements whose conditions 2.1.1 cannot say: without them they would always hold."""
    told = [
        element
        for element in tariff["elements"]
        if not any(name in (element.get("restrictions") or {}) for name in NEW_RESTRICTIONS)
    ]
    if told:
        return {**tariff, "elements": told}
    texts = [*(tariff.get("tariff_alt_text") or []), NOT_SAYABLE]
    return {**tariff, "elements": [FREE], "tariff_alt_text": texts}


def location_to(version: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A location as a partner's version has it, without connectors that it has no word for."""
    if version == V230:
        return dict(value)
    evses = [evse_to(version, evse) for evse in value.get("evses") or []]
    found = {**value, "evses": [evse for evse in evses if evse["connectors"]]}
    if version == V211:
        kind = value.get("parking_type")
        found["type"] = kind if kind in LOCATION_TYPES else "OTHER" if kind else "UNKNOWN"
        found["postal_code"] = value.get("postal_code") or NOT_AVAILABLE
    return LOCATION.cut(found, version)


def evse_to(version: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """An EVSE as an older version has it."""
    if version == V230:
        return dict(value)
    known = OLD_CAPABILITIES if version == V211 else CAPABILITIES
    lists = {
        "capabilities": [word for word in value.get("capabilities") or [] if word in known],
        "parking_restrictions": [
            word for word in value.get("parking_restrictions") or [] if word in PARKING_RESTRICTIONS
        ],
    }
    connectors = [connector_to(version, each) for each in value["connectors"]]
    told = {**value, **lists, "connectors": [each for each in connectors if _is_sayable(each)]}
    return {name: part for name, part in told.items() if part != [] or name == "connectors"}


def connector_to(version: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A connector as an older version has it."""
    found = {**value, "standard": OLDER_STANDARD.get(value["standard"], value["standard"])}
    if version == V211:
        found["voltage"], found["amperage"] = value["max_voltage"], value["max_amperage"]
        found["power_type"] = OLDER_POWER.get(value["power_type"], value["power_type"])
        if value.get("tariff_ids"):
            found["tariff_id"] = value["tariff_ids"][0]
    return found


def _is_sayable(connector: Mapping[str, Any]) -> bool:
    return connector["standard"] in CONNECTOR_STANDARDS


def place_of(spot: Mapping[str, Any], connector: Mapping[str, Any], last_updated: Any) -> dict[str, Any]:
    """The Location with one EVSE and connector that 2.1.1 wants inside, from a CdrLocation."""
    plug = {
        "id": spot["connector_id"],
        "standard": spot["connector_standard"],
        "format": spot["connector_format"],
        "power_type": spot["connector_power_type"],
        "max_voltage": connector.get("max_voltage", 230),
        "max_amperage": connector.get("max_amperage", 32),
        "last_updated": last_updated,
    }
    evse = {
        "uid": spot["evse_uid"],
        "evse_id": spot["evse_id"],
        "status": "UNKNOWN",
        "connectors": [plug],
        "last_updated": last_updated,
    }
    names = ("id", "name", "address", "city", "postal_code", "country", "coordinates")
    place = {name: spot[name] for name in names if spot.get(name) is not None}
    return location_to(V211, {**place, "evses": [evse], "last_updated": last_updated})

"""Reads an OCPI tariff strictly: whatever would change the price and is not understood is refused by name."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from billing.services.field_reader import FieldReader
from billing.services.restriction_parsing import restrictions_read
from billing.services.tariff_structure import (
    UNRESTRICTED,
    Dimension,
    PriceComponent,
    PriceLimit,
    Restrictions,
    TariffElement,
    TariffStructure,
    TariffType,
    TaxIncluded,
)

CURRENCY = re.compile(r"[A-Z]{3}")
MAX_AMOUNT = Decimal(1_000_000)
MAX_VAT = Decimal(100)
MAX_STEP = 10_000_000
COMPONENT_FIELDS = frozenset({"type", "price", "vat", "step_size"})
ELEMENT_FIELDS = frozenset({"price_components", "restrictions"})
LIMIT_NAMES = {"excl_vat": "excl", "before_taxes": "excl", "incl_vat": "incl", "after_taxes": "incl"}
RESERVABLE = frozenset({Dimension.FLAT, Dimension.TIME})
Choice = TypeVar("Choice", TaxIncluded, TariffType)


def tariff_parse(data: Any, *, time_zone: str = "UTC") -> TariffStructure:
    """The tariff in `data`: an OCPI Tariff of 2.1.1, 2.2.1 or 2.3.0, rated in the local time of `time_zone`.

    Raises Invalid; its `fields` name each fault, for example `elements.0.price_components.1.price`.
    """
    reader = FieldReader()
    if not isinstance(data, Mapping):
        reader.faults["tariff"] = _("An object is needed.")
        data = {}
    tariff = _tariff(reader, data, zone_checked(reader, time_zone))
    reader.finish(_("The tariff cannot be used."))
    return tariff


def zone_checked(reader: FieldReader, zone: str) -> str:
    """The zone, or a fault and UTC where nobody knows it."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, TypeError, OSError):
        reader.faults["time_zone"] = _("The time zone {zone} is not known.").format(zone=zone)
        return "UTC"
    return zone


def _tariff(reader: FieldReader, data: Mapping[str, Any], zone: str) -> TariffStructure:
    currency = data.get("currency")
    if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        reader.faults["currency"] = _("Three capital letters (ISO 4217) are needed.")
    low, high = _limit(reader, data, "min_price"), _limit(reader, data, "max_price")
    if low and high and _above(low, high):
        reader.faults["max_price"] = _("The maximum is below the minimum.")
    start, end = reader.moment(data, "start_date_time"), reader.moment(data, "end_date_time")
    if start is not None and end is not None and end <= start:
        reader.faults["end_date_time"] = _("The end comes before the start.")
    elements = [_element(reader, item, path) for path, item in reader.items(data, "elements", "elements")]
    return TariffStructure(
        str(currency),
        tuple(elements),
        low,
        high,
        _choice(reader, data, "tax_included", TaxIncluded) or TaxIncluded.NO,
        _choice(reader, data, "type", TariffType),
        start,
        end,
        zone,
    )


def _choice(reader: FieldReader, data: Mapping[str, Any], name: str, choices: type[Choice]) -> Choice | None:
    value = data.get(name)
    if value is None or value == "":
        return None
    try:
        return choices(value)
    except ValueError:
        reader.faults[name] = _("One of {types} is needed.").format(types=", ".join(choices))
    return None


def _element(reader: FieldReader, data: Mapping[str, Any], path: str) -> TariffElement:
    reader.known(data, ELEMENT_FIELDS, path)
    restrictions = _restrictions(reader, data.get("restrictions"), f"{path}.restrictions")
    items = reader.items(data, "price_components", f"{path}.price_components")
    components = [part for where, item in items if (part := _component(reader, item, where))]
    dimensions = {part.dimension for part in components}
    if len(dimensions) < len(components):
        reader.faults[f"{path}.price_components"] = _("Each dimension may be priced once in an element.")
    if restrictions.reservation is not None and dimensions - RESERVABLE:
        reader.faults[f"{path}.price_components"] = _("A reservation can only have FLAT and TIME.")
    return TariffElement(tuple(components), restrictions)


def _restrictions(reader: FieldReader, value: Any, path: str) -> Restrictions:
    if value is None:
        return UNRESTRICTED
    if not isinstance(value, Mapping):
        reader.faults[path] = _("An object is needed.")
        return UNRESTRICTED
    return restrictions_read(reader, value, path)


def _component(reader: FieldReader, data: Mapping[str, Any], path: str) -> PriceComponent | None:
    reader.known(data, COMPONENT_FIELDS, path)
    kind = data.get("type")
    if not isinstance(kind, str) or kind not in Dimension.__members__:
        reader.faults[f"{path}.type"] = _("One of {types} is needed.").format(types=", ".join(Dimension))
        return None
    dimension = Dimension(kind)
    price = reader.number(data, "price", path, MAX_AMOUNT)
    vat = reader.number(data, "vat", path, MAX_VAT) if data.get("vat") is not None else None
    lowest = 0 if dimension is Dimension.FLAT else 1
    step = reader.whole({"step_size": data.get("step_size", 1)}, "step_size", path, lowest, MAX_STEP)
    return PriceComponent(dimension, price, vat, 1 if step is None else step)


def _limit(reader: FieldReader, data: Mapping[str, Any], name: str) -> PriceLimit | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        reader.faults[name] = _("An object with excl_vat and incl_vat is needed.")
        return None
    reader.known(value, frozenset(LIMIT_NAMES), name)
    found: dict[str, Decimal] = {}
    for field, place in LIMIT_NAMES.items():
        if value.get(field) is not None:
            found.setdefault(place, reader.number(value, field, name, MAX_AMOUNT))
    if "excl" not in found:
        reader.faults[f"{name}.excl_vat"] = _("The amount without VAT is needed.")
    excl, incl = found.get("excl", Decimal(0)), found.get("incl")
    if incl is not None and incl < excl:
        reader.faults[f"{name}.incl_vat"] = _("The amount with VAT is below the one without.")
    return PriceLimit(excl, incl)


def _above(low: PriceLimit, high: PriceLimit) -> bool:
    return low.excl > high.excl or (low.incl is not None and high.incl is not None and low.incl > high.incl)

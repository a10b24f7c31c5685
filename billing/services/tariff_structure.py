"""The shape of a tariff: elements of price components, lower and upper limit (OCPI 2.2.1 §11.4)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Dimension(StrEnum):
    """What a price component prices (OCPI 2.2.1 TariffDimensionType)."""

    FLAT = "FLAT"
    ENERGY = "ENERGY"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"


UNIT_SIZE = {
    Dimension.FLAT: Decimal(1),
    Dimension.ENERGY: Decimal(1000),
    Dimension.TIME: Decimal(3600),
    Dimension.PARKING_TIME: Decimal(3600),
}
"""How much of the measured quantity (Wh, seconds) one unit of the price (kWh, hour) is."""


@dataclass(frozen=True, slots=True)
class PriceComponent:
    """The price of one dimension, without VAT; `vat` in percent, None where no VAT applies at all.

    `step_size` counts Wh or seconds: what is billed is rounded up to a multiple of it.
    """

    dimension: Dimension
    price: Decimal
    vat: Decimal | None = None
    step_size: int = 1


@dataclass(frozen=True, slots=True)
class TariffElement:
    """Price components that apply under the same conditions; without conditions they always apply."""

    components: tuple[PriceComponent, ...]


@dataclass(frozen=True, slots=True)
class PriceLimit:
    """A lower or upper limit of a session's total; `incl` is None where the tariff names none."""

    excl: Decimal
    incl: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TariffStructure:
    """A whole tariff. For each dimension the first matching element that prices it counts."""

    currency: str
    elements: tuple[TariffElement, ...]
    min_price: PriceLimit | None = None
    max_price: PriceLimit | None = None

    def component(self, ref: "ComponentRef") -> PriceComponent:
        """The price component that a reference names."""
        return self.elements[ref[0]].components[ref[1]]


ComponentRef = tuple[int, int]
"""Names a price component: index of its element, index within the element."""


def number(value: Decimal) -> int | float:
    """A Decimal as a JSON number: whole ones without a fraction."""
    return int(value) if value == value.to_integral_value() else float(value)


def limit_json(limit: PriceLimit | None) -> dict[str, Any] | None:
    """A price limit as OCPI writes it: `{"excl_vat", "incl_vat"?}`."""
    if limit is None:
        return None
    body: dict[str, Any] = {"excl_vat": number(limit.excl)}
    if limit.incl is not None:
        body["incl_vat"] = number(limit.incl)
    return body


def component_json(component: PriceComponent) -> dict[str, Any]:
    """A price component as OCPI writes it: `{"type", "price", "vat"?, "step_size"}`."""
    body: dict[str, Any] = {"type": component.dimension.value, "price": number(component.price)}
    if component.vat is not None:
        body["vat"] = number(component.vat)
    return body | {"step_size": component.step_size}


def elements_json(tariff: TariffStructure) -> list[dict[str, Any]]:
    """The elements as OCPI writes them: `[{"price_components": [...]}]`."""
    return [
        {"price_components": [component_json(part) for part in each.components]} for each in tariff.elements
    ]

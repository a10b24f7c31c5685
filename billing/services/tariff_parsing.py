"""Reads an OCPI tariff strictly: whatever would change the price and is not understood is refused by name."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from billing.services.tariff_structure import (
    Dimension,
    PriceComponent,
    PriceLimit,
    TariffElement,
    TariffStructure,
)
from emobility.lib.errors import Invalid

CURRENCY = re.compile(r"[A-Z]{3}")
MAX_AMOUNT = Decimal(1_000_000)
MAX_VAT = Decimal(100)
MAX_DECIMALS = 8
MAX_STEP = 10_000_000
COMPONENT_FIELDS = frozenset({"type", "price", "vat", "step_size"})
ELEMENT_FIELDS = frozenset({"price_components", "restrictions"})
LIMIT_FIELDS = frozenset({"excl_vat", "incl_vat"})


def tariff_parse(data: Mapping[str, Any]) -> TariffStructure:
    """The tariff in `data` (OCPI 2.2.1 Tariff; id, texts and validity are not looked at).

    Raises Invalid; its `fields` name each fault, for example `elements.0.price_components.1.price`.
    """
    reader = _Reader()
    tariff = reader.tariff(data)
    if reader.faults:
        raise Invalid(_("The tariff cannot be used."), fields=reader.faults)
    return tariff


class _Reader:
    """Walks the structure once and collects every fault instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}

    def tariff(self, data: Mapping[str, Any]) -> TariffStructure:
        currency = data.get("currency")
        if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
            self.faults["currency"] = _("Three capital letters (ISO 4217) are needed.")
        if data.get("tax_included") == "YES":
            self.faults["tax_included"] = _("Prices that include taxes are not supported.")
        low, high = self._limit(data, "min_price"), self._limit(data, "max_price")
        if low and high and _above(low, high):
            self.faults["max_price"] = _("The maximum is below the minimum.")
        return TariffStructure(str(currency), self._elements(data), low, high)

    def _elements(self, data: Mapping[str, Any]) -> tuple[TariffElement, ...]:
        return tuple(self._element(item, path) for path, item in self._list(data, "elements", "elements"))

    def _element(self, data: Mapping[str, Any], path: str) -> TariffElement:
        self._known(data, ELEMENT_FIELDS, path)
        if _restricts(data.get("restrictions")):
            self.faults[f"{path}.restrictions"] = _("Restrictions are not supported yet.")
        items = self._list(data, "price_components", f"{path}.price_components")
        components = [part for where, item in items if (part := self._component(item, where))]
        dimensions = [part.dimension for part in components]
        if len(set(dimensions)) < len(dimensions):
            self.faults[f"{path}.price_components"] = _("Each dimension may be priced once in an element.")
        return TariffElement(tuple(components))

    def _component(self, data: Mapping[str, Any], path: str) -> PriceComponent | None:
        self._known(data, COMPONENT_FIELDS, path)
        kind = data.get("type")
        if not isinstance(kind, str) or kind not in Dimension.__members__:
            self.faults[f"{path}.type"] = _("One of {types} is needed.").format(types=", ".join(Dimension))
            return None
        dimension = Dimension(kind)
        price = self._amount(data, "price", path)
        vat = self._amount(data, "vat", path, highest=MAX_VAT) if data.get("vat") is not None else None
        return PriceComponent(dimension, price, vat, self._step(data, path, dimension))

    def _step(self, data: Mapping[str, Any], path: str, dimension: Dimension) -> int:
        value = data.get("step_size", 1)
        lowest = 0 if dimension is Dimension.FLAT else 1
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= MAX_STEP:
            self.faults[f"{path}.step_size"] = _("A whole number of at least {lowest} is needed.").format(
                lowest=lowest
            )
            return 1
        return value

    def _limit(self, data: Mapping[str, Any], name: str) -> PriceLimit | None:
        value = data.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.faults[name] = _("An object with excl_vat and incl_vat is needed.")
            return None
        self._known(value, LIMIT_FIELDS, name)
        excl = self._amount(value, "excl_vat", name)
        incl = self._amount(value, "incl_vat", name) if value.get("incl_vat") is not None else None
        if incl is not None and incl < excl:
            self.faults[f"{name}.incl_vat"] = _("The amount with VAT is below the one without.")
        return PriceLimit(excl, incl)

    def _amount(
        self, data: Mapping[str, Any], name: str, path: str, highest: Decimal = MAX_AMOUNT
    ) -> Decimal:
        value = _decimal(data.get(name))
        if value is None or not 0 <= value <= highest or _decimals(value) > MAX_DECIMALS:
            self.faults[f"{path}.{name}"] = _(
                "A number from 0 to {highest} with at most {places} decimals is needed."
            ).format(highest=highest, places=MAX_DECIMALS)
            return Decimal(0)
        return value

    def _list(self, data: Mapping[str, Any], name: str, path: str) -> list[tuple[str, Mapping[str, Any]]]:
        items = data.get(name)
        if not isinstance(items, list | tuple) or not items:
            self.faults[path] = _("A list with at least one entry is needed.")
            return []
        for index, item in enumerate(items):
            if not isinstance(item, Mapping):
                self.faults[f"{path}.{index}"] = _("An object is needed.")
        return [(f"{path}.{index}", item) for index, item in enumerate(items) if isinstance(item, Mapping)]

    def _known(self, data: Mapping[str, Any], fields: frozenset[str], path: str) -> None:
        for name in data.keys() - fields:
            self.faults[f"{path}.{name}"] = _("This field is not known here.")


def _restricts(restrictions: Any) -> bool:
    """True where at least one restriction has a value; empty ones say nothing."""
    if isinstance(restrictions, Mapping):
        return any(value is not None and value != [] for value in restrictions.values())
    return restrictions is not None


def _above(low: PriceLimit, high: PriceLimit) -> bool:
    return low.excl > high.excl or (low.incl is not None and high.incl is not None and low.incl > high.incl)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0

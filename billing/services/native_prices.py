"""A pricing's outcome in the form of one OCPI version: numbers, prices with VAT, prices with taxes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from billing.services.tariff_structure import number

VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
VAT = "VAT"


def version_told(tariff: Any, cdr: Any) -> str:
    """The OCPI version whose form the two have."""
    objects = [each for each in (tariff, cdr) if isinstance(each, Mapping)]
    if any(_is_of_2_3(each) for each in objects):
        return "2.3.0"
    total = cdr.get("total_cost") if isinstance(cdr, Mapping) else None
    old = isinstance(total, int | float | Decimal) or any("stop_date_time" in each for each in objects)
    return "2.1.1" if old else "2.2.1"


def priced_native(body: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The same outcome with its totals as the version writes them."""
    totals = [name for name in body if name.startswith("total_") and isinstance(body[name], Mapping)]
    return {**body, **{name: _price(name, body, version) for name in totals}}


def _is_of_2_3(data: Mapping[str, Any]) -> bool:
    prices = [data.get(name) for name in ("min_price", "max_price", "total_cost")]
    return "tax_included" in data or any(
        isinstance(each, Mapping) and "before_taxes" in each for each in prices
    )


def _price(name: str, body: Mapping[str, Any], version: str) -> Any:
    price = body[name]
    if version == "2.1.1":
        return price["excl_vat"]
    if version == "2.2.1":
        return dict(price)
    return {"before_taxes": price["excl_vat"], "taxes": _taxes(name, body)}


def _taxes(name: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A TaxAmount for each percentage; together they are all that the total has on top."""
    lines = [line for line in body["lines"] if name == "total_cost" or line["part_of"] == name]
    sums: dict[Any, Decimal] = {}
    for line in lines:
        tax = _decimal(line["incl_vat"]) - _decimal(line["excl_vat"])
        sums[line["vat"]] = sums.get(line["vat"], Decimal(0)) + tax
    sums = {vat: tax for vat, tax in sums.items() if tax}
    rest = (
        _decimal(body[name]["incl_vat"]) - _decimal(body[name]["excl_vat"]) - sum(sums.values(), Decimal(0))
    )
    if rest:
        last = next(reversed(sums), None)
        sums[last] = sums.get(last, Decimal(0)) + rest
    return [_tax(vat, tax) for vat, tax in sums.items() if tax]


def _tax(vat: Any, tax: Decimal) -> dict[str, Any]:
    percentage = {} if vat is None else {"percentage": vat}
    return {"name": VAT, **percentage, "amount": number(tax)}


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))

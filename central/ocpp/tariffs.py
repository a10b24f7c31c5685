"""OCPI's tariffs in the form of OCPP 2.1 (part 2 §2.104, I07-I11): prices by kind, each with its conditions.

Both take the first price that applies. What OCPP cannot say raises ValueError: another tax inside one kind,
conditions of a start fee beyond times, reservations that expire, and step sizes: a charge point counts every
Wh and every second, so it would tell its driver less than is billed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from central.ocpp.vocabulary import format_time
from central.ports import TariffOffer

ID_LIMIT: Final = 60
TEXT_LIMIT: Final = 1024
_PLACES: Final = Decimal("0.000001")
_MINUTES: Final = Decimal(60)
_KINDS: Final = {
    ("ENERGY", False): ("energy", "priceKwh", Decimal(1)),
    ("TIME", False): ("chargingTime", "priceMinute", _MINUTES),
    ("PARKING_TIME", False): ("idleTime", "priceMinute", _MINUTES),
    ("FLAT", False): ("fixedFee", "priceFixed", Decimal(1)),
    ("TIME", True): ("reservationTime", "priceMinute", _MINUTES),
    ("FLAT", True): ("reservationFixed", "priceFixed", Decimal(1)),
}
"""(dimension, of a reservation) -> (kind, name of its price, how many of its units OCPI's price is for)."""
_FIXED: Final = frozenset({"fixedFee", "reservationFixed"})
_CONDITIONS: Final = {
    "start_time": ("startTimeOfDay", None),
    "end_time": ("endTimeOfDay", None),
    "start_date": ("validFromDate", None),
    "end_date": ("validToDate", None),
    "min_kwh": ("minEnergy", 1000),
    "max_kwh": ("maxEnergy", 1000),
    "min_current": ("minCurrent", 1),
    "max_current": ("maxCurrent", 1),
    "min_power": ("minPower", 1000),
    "max_power": ("maxPower", 1000),
    "min_duration": ("minTime", 1),
    "max_duration": ("maxTime", 1),
}
"""OCPI's restriction -> (OCPP's condition, its unit in OCPP's)."""
_OF_TIMES: Final = frozenset({"start_time", "end_time", "start_date", "end_date", "day_of_week"})


def tariff_2_1(offer: TariffOffer, *, place: str = "", valid_from: datetime | None = None) -> dict[str, Any]:
    """OCPP's TariffType of an offer; `place` makes the id another one in a second place (I07.FR.04).

    Raises ValueError where OCPP cannot say it.
    """
    tariff: dict[str, Any] = {
        "tariffId": f"{offer.tariff_id}.{offer.version}{place}"[-ID_LIMIT:],
        "currency": offer.currency,
        "description": [{"format": "UTF8", "content": offer.text[:TEXT_LIMIT]}],
    }
    if valid_from is not None:
        tariff["validFrom"] = format_time(valid_from)
    for element in offer.ocpi["elements"]:
        restrictions = {
            name: value
            for name, value in (element.get("restrictions") or {}).items()
            if value not in (None, [])
        }
        for component in element["price_components"]:
            _add(tariff, component, restrictions)
    for ocpi_name, name in (("min_price", "minCost"), ("max_price", "maxCost")):
        if offer.ocpi.get(ocpi_name):
            tariff[name] = _limit(offer.ocpi[ocpi_name])
    return tariff


def unit_prices(offer: TariffOffer) -> dict[str, Decimal]:
    """Prices incl. tax that always apply, by dimension: per kWh, per hour, once; the first of each counts."""
    found: dict[str, Decimal] = {}
    for element in offer.ocpi["elements"]:
        if any(value not in (None, []) for value in (element.get("restrictions") or {}).values()):
            continue
        for component in element["price_components"]:
            tax = 1 + Decimal(str(component.get("vat") or 0)) / 100
            found.setdefault(component["type"], Decimal(str(component["price"])) * tax)
    return found


def number(value: Decimal | float | str) -> int | float:
    """A decimal as JSON carries it: at most six places, whole ones without a fraction."""
    exact = Decimal(str(value)).quantize(_PLACES)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _add(tariff: dict[str, Any], component: Mapping[str, Any], restrictions: Mapping[str, Any]) -> None:
    reservation = restrictions.get("reservation")
    if reservation not in (None, "RESERVATION"):
        raise ValueError("OCPP has no price for reservations that expire.")
    found = _KINDS.get((component["type"], reservation is not None))
    if found is None:
        raise ValueError(f"OCPP has no price for {component['type']} with these conditions.")
    kind, price_name, units = found
    exact = Decimal(str(component["price"]))
    if kind not in _FIXED and exact and int(component.get("step_size") or 1) > 1:
        raise ValueError("OCPP has no step sizes above 1: less would be told than is billed.")
    price: dict[str, Any] = {price_name: number(exact / units)}
    conditions = _conditions(kind, restrictions)
    if conditions:
        price["conditions"] = conditions
    taxes = _taxes(component)
    group = tariff.setdefault(kind, {"prices": []} | taxes)
    if group.get("taxRates") != taxes.get("taxRates"):
        raise ValueError("OCPP has one tax for all prices of a kind.")
    group["prices"].append(price)


def _taxes(component: Mapping[str, Any]) -> dict[str, Any]:
    """No tax is not the same as a tax of nothing (§2.99)."""
    vat = component.get("vat")
    return {} if vat is None else {"taxRates": [{"type": "vat", "tax": number(vat)}]}


def _conditions(kind: str, restrictions: Mapping[str, Any]) -> dict[str, Any]:
    names = set(restrictions) - {"reservation"}
    if kind in _FIXED and not names <= _OF_TIMES:
        raise ValueError("OCPP knows no condition of a fixed price but times.")
    conditions: dict[str, Any] = {}
    if names & {"day_of_week"}:
        conditions["dayOfWeek"] = [day.capitalize() for day in restrictions["day_of_week"]]
    conditions |= _values(names - {"day_of_week"}, restrictions)
    return conditions


def _values(names: Iterable[str], restrictions: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in sorted(names):
        if name not in _CONDITIONS:
            raise ValueError(f"OCPP has no condition like {name}.")
        field, factor = _CONDITIONS[name]
        value = restrictions[name]
        values[field] = value if factor is None else number(Decimal(str(value)) * factor)
    return values


def _limit(limit: Mapping[str, Any]) -> dict[str, Any]:
    names = {"excl_vat": "exclTax", "incl_vat": "inclTax"}
    return {name: number(limit[key]) for key, name in names.items() if limit.get(key) is not None}

"""Tariffs and sessions as OCPI objects, for tests of the price engine."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.services.pricing import cdr_priced

MONDAY = datetime(2026, 6, 29, tzinfo=UTC)
HOUR = Decimal(3600)


def part(kind: str, price: float | str, vat: float | None = None, step: int = 1) -> dict[str, Any]:
    """A price component."""
    body: dict[str, Any] = {"type": kind, "price": price, "step_size": step}
    return body if vat is None else body | {"vat": vat}


def element(*parts: dict[str, Any], **restrictions: Any) -> dict[str, Any]:
    """An element with its restrictions."""
    body: dict[str, Any] = {"price_components": list(parts)}
    return body | {"restrictions": restrictions} if restrictions else body


def tariff(*elements: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An OCPI Tariff as far as its price goes."""
    return {"currency": "EUR", "elements": list(elements)} | fields


def clock(text: str, day: datetime = MONDAY) -> datetime:
    """A time of day, UTC."""
    hours, minutes = text.split(":")
    return day + timedelta(hours=int(hours), minutes=int(minutes))


def cdr(start: datetime, *periods: tuple[float, dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """An OCPI CDR: periods one after the other, each (minutes, {dimension: volume}).

    Times are volumes in minutes here, energy in kWh; power in kW and current in A as they are.
    """
    at, told = start, []
    for minutes, volumes in periods:
        told.append({"start_date_time": at.isoformat(), "dimensions": list(_dimensions(volumes))})
        at += timedelta(minutes=minutes)
    body = {"currency": "EUR", "start_date_time": start.isoformat(), "end_date_time": at.isoformat()}
    return body | {"charging_periods": told} | fields


def _dimensions(volumes: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return [
        {"type": kind, "volume": Decimal(str(volume)) / 60 if kind.endswith("TIME") else volume}
        for kind, volume in volumes.items()
    ]


def told(minutes: float, kwh: float | str = 0, **flows: Any) -> tuple[float, dict[str, Any]]:
    """A charging period."""
    return minutes, {"TIME": minutes, "ENERGY": kwh} | flows


def parked(minutes: float) -> tuple[float, dict[str, Any]]:
    """A parking period."""
    return minutes, {"PARKING_TIME": minutes}


def reserved(minutes: float) -> tuple[float, dict[str, Any]]:
    """A reservation before the session."""
    return minutes, {"RESERVATION_TIME": minutes}


def total(given: dict[str, Any], session: dict[str, Any], zone: str = "UTC") -> tuple[float, float]:
    """What a session costs without and with VAT."""
    price = cdr_priced(tariff=given, cdr=session, time_zone=zone)["total_cost"]
    return price["excl_vat"], price["incl_vat"]


def billed(given: dict[str, Any], session: dict[str, Any]) -> list[tuple[str, float, float]]:
    """(dimension, minutes or kWh or count billed, cost without VAT) of each line."""
    lines = cdr_priced(tariff=given, cdr=session)["lines"]
    return [
        (
            line["dimension"],
            round(line["billed"] * (60 if line["unit"] == "h" else 1), 4),
            line["excl_vat"],
        )
        for line in lines
    ]

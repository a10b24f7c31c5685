"""A second, deliberately simple calculator: it walks a session tick by tick, without fold or cuts.

For tests alone, in fractions, straight from the text of OCPI 2.2.1 §11.4 and §10.3.1; slow on purpose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass(frozen=True)
class Tick:
    """A short moment with everything constant: energy in Wh, its kind of time, power in kW, current in A."""

    at: datetime
    seconds: int
    wh: int
    kind: str
    power: Fraction
    current: Fraction


def simple_total(tariff: Mapping[str, Any], ticks: Sequence[Tick], zone: str) -> tuple[Decimal, Decimal]:
    """The total without and with VAT, four decimals."""
    bills: dict[tuple[int, int], Fraction] = {}
    last: dict[str, tuple[int, int]] = {}
    start = next((tick.at for tick in ticks if tick.kind != "RESERVATION"), None)
    reserved = ticks[0].at
    expired = start is None
    wh, fees = 0, set()
    for tick in ticks:
        reserving = tick.kind == "RESERVATION"
        since = (tick.at - (reserved if reserving else start or reserved)).total_seconds()
        local = tick.at.astimezone(ZoneInfo(zone))
        timed = "TIME" if reserving else tick.kind
        for name, quantity in (("FLAT", 1), ("ENERGY", tick.wh), (timed, tick.seconds)):
            found = _first(tariff, name, tick, local, wh, since, expired=expired)
            if found is None or not quantity or (name == "FLAT" and reserving in fees):
                continue
            bills[found] = bills.get(found, Fraction(0)) + quantity
            if name == "FLAT":
                fees.add(reserving)
            else:
                last["RESERVATION" if reserving else name] = found
        wh += tick.wh
    total: tuple[Decimal, Decimal] = _sum(tariff, bills, last, limited=not expired)
    return total


def _first(tariff, name, tick, local, wh, since, *, expired):
    elements = list(enumerate(tariff["elements"]))
    if tick.kind == "RESERVATION" and expired:
        wanted = "RESERVATION_EXPIRES"
        elements.sort(key=lambda each: each[1].get("restrictions", {}).get("reservation") != wanted)
    for number, element in elements:
        rules = element.get("restrictions", {})
        if not _matches(rules, tick, local, wh, since, expired=expired):
            continue
        for index, part in enumerate(element["price_components"]):
            if part["type"] == name:
                return number, index
    return None


def _matches(rules, tick, local, wh, since, *, expired):
    return (
        _phase(rules.get("reservation"), reserving=tick.kind == "RESERVATION", expired=expired)
        and DAYS[local.weekday()] in (rules.get("day_of_week") or DAYS)
        and _clock(rules, f"{local:%H:%M}")
        and rules.get("start_date", "0") <= f"{local:%Y-%m-%d}" < rules.get("end_date", "9")
        and _within(rules, "kwh", Fraction(wh, 1000))
        and _within(rules, "duration", since)
        and _within(rules, "power", tick.power)
        and _within(rules, "current", tick.current)
    )


def _phase(kind, *, reserving, expired):
    if not reserving:
        return kind is None
    return kind == "RESERVATION" or (expired and kind == "RESERVATION_EXPIRES")


def _within(rules, name, value):
    low, high = rules.get(f"min_{name}"), rules.get(f"max_{name}")
    return (low is None or value >= Fraction(str(low))) and (high is None or value < Fraction(str(high)))


def _clock(rules, now):
    start, end = rules.get("start_time", "00:00"), rules.get("end_time", "00:00")
    if end == "00:00":
        return now >= start
    if start == end:
        return True
    return start <= now < end if start < end else now >= start or now < end


def _sum(tariff, bills, last, *, limited):
    _round_steps(tariff, bills, last)
    excl, incl = _amounts(tariff, bills)
    for name, choose in (("min_price", max), ("max_price", min)):
        limit = tariff.get(name)
        if limit and (limited or name == "max_price"):
            excl = choose(excl, Fraction(str(limit["excl_vat"])))
            incl = choose(incl, Fraction(str(limit["incl_vat"])))
    return _four(excl), _four(incl)


def _amounts(tariff, bills):
    excl = incl = Fraction(0)
    for (number, index), quantity in bills.items():
        part = tariff["elements"][number]["price_components"][index]
        unit = {"FLAT": 1, "ENERGY": 1000}.get(part["type"], 3600)
        amount = Fraction(str(part["price"])) * quantity / unit
        vat = 1 + Fraction(str(part.get("vat") or 0)) / 100
        included = tariff.get("tax_included")
        excl += amount / vat if included == "YES" else amount
        incl += amount if included in ("YES", "N/A") else amount * vat
    return excl, incl


def _round_steps(tariff, bills, last):
    def kind_of(ref):
        element = tariff["elements"][ref[0]]
        kind = element["price_components"][ref[1]]["type"]
        of_reservation = element.get("restrictions", {}).get("reservation") and kind != "FLAT"
        return "RESERVATION" if of_reservation else kind

    timed = "PARKING_TIME" if "PARKING_TIME" in last else "TIME"
    for kind in ("ENERGY", timed, "RESERVATION"):
        if kind not in last:
            continue
        number, index = last[kind]
        step = tariff["elements"][number]["price_components"][index]["step_size"]
        used = sum(quantity for ref, quantity in bills.items() if kind_of(ref) == kind)
        bills[last[kind]] += ceil(used / step) * step - used


def _four(value: Fraction) -> Decimal:
    """Four decimals, halves up, in whole numbers."""
    return Decimal((value.numerator * 20_000 // value.denominator + 1) // 2) / 10_000

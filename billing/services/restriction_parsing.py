"""Reads the restrictions of a tariff element: each by name, ends after starts, nothing unknown."""

import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.services.field_reader import FieldReader
from billing.services.tariff_structure import WEEKDAYS, Reservation, Restrictions

CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
MAX_VALUE = Decimal(10_000_000)
MAX_SECONDS = 10_000_000
FIELDS = frozenset(Restrictions.__slots__)
NUMBERS = ("min_kwh", "max_kwh", "min_current", "max_current", "min_power", "max_power")
RANGES = (
    ("start_date", "end_date"),
    ("min_kwh", "max_kwh"),
    ("min_current", "max_current"),
    ("min_power", "max_power"),
    ("min_duration", "max_duration"),
)


def restrictions_read(reader: FieldReader, data: Mapping[str, Any], path: str) -> Restrictions:
    """The restrictions in `data`; empty values restrict nothing, faults go to the reader."""
    named = {name: value for name, value in data.items() if value is not None and value != []}
    reader.known(named, FIELDS, path)
    found: dict[str, Any] = {}
    for name in sorted(named.keys() & FIELDS):
        value = _value(reader, named, name, path)
        if value is not None:
            found[name] = value
    for low, high in RANGES:
        if low in found and high in found and found[high] <= found[low]:
            reader.faults[f"{path}.{high}"] = _("The end comes before the start.")
    return Restrictions(**found)


def _value(reader: FieldReader, data: Mapping[str, Any], name: str, path: str) -> Any:
    if name in NUMBERS:
        return reader.number(data, name, path, MAX_VALUE)
    if name.endswith("_duration"):
        return reader.whole(data, name, path, 0, MAX_SECONDS)
    readers = {
        "start_time": _time,
        "end_time": _time,
        "start_date": _date,
        "end_date": _date,
        "day_of_week": _days,
        "reservation": _reservation,
    }
    value, fault = readers[name](data[name])
    if fault:
        reader.faults[f"{path}.{name}"] = fault
    return value


def _time(value: Any) -> tuple[time | None, str]:
    if isinstance(value, str) and CLOCK.fullmatch(value):
        return time.fromisoformat(value), ""
    return None, _("A time of day such as 22:00 is needed.")


def _date(value: Any) -> tuple[date | None, str]:
    try:
        return date.fromisoformat(value), ""
    except (TypeError, ValueError):
        return None, _("A date such as 2026-10-25 is needed.")


def _days(value: Any) -> tuple[tuple[str, ...] | None, str]:
    if isinstance(value, list | tuple) and all(day in WEEKDAYS for day in value):
        return tuple(day for day in WEEKDAYS if day in value), ""
    return None, _("A list of days such as MONDAY is needed.")


def _reservation(value: Any) -> tuple[Reservation | None, str]:
    try:
        return Reservation(value), ""
    except ValueError:
        return None, _("One of {types} is needed.").format(types=", ".join(Reservation))

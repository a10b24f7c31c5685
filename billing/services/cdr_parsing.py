"""Reads the CDR of a partner or a file (OCPI 2.1.1, 2.2.1, 2.3.0) as far as its price depends on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from billing.services.field_reader import FieldReader
from billing.services.rating_state import ZERO, Period
from billing.services.tariff_parsing import zone_checked

KWH, HOUR = Decimal(1000), Decimal(3600)
MAX_VOLUME = Decimal(10_000_000)
MAX_PLACES = 40
MOST_PERIODS = 20_000
SIX_PLACES = Decimal("0.000001")
ROUNDING_S = Decimal("0.36")
QUANTITIES = {
    "ENERGY": ("energy_wh", KWH),
    "TIME": ("time_s", HOUR),
    "PARKING_TIME": ("parking_time_s", HOUR),
    "RESERVATION_TIME": ("reservation_s", HOUR),
}
"""What is priced, and how many Wh or seconds one unit of its volume is."""
FLOWS = {
    "MIN_POWER": ("min_power",),
    "MAX_POWER": ("max_power",),
    "POWER": ("min_power", "max_power"),
    "MIN_CURRENT": ("min_current",),
    "MAX_CURRENT": ("max_current",),
    "CURRENT": ("min_current", "max_current"),
}
SILENT = frozenset({"FLAT", "ENERGY_IMPORT", "ENERGY_EXPORT", "STATE_OF_CHARGE"})
NEVER = datetime.min.replace(tzinfo=UTC)
ENDS = ("end_date_time", "stop_date_time")


@dataclass(frozen=True, slots=True)
class ToldSession:
    """A session as a CDR tells it. `slack_s`: how far its times may be wrong, told in hours of 4 decimals."""

    currency: str
    start: datetime
    end: datetime
    periods: tuple[Period, ...]
    time_zone: str
    slack_s: Decimal


def cdr_parse(data: Any, *, time_zone: str = "") -> ToldSession:
    """The session of an OCPI CDR; `time_zone` goes before that of its location, UTC where neither is named.

    Raises Invalid; its `fields` name each fault, for example `charging_periods.0.dimensions.1.volume`.
    """
    reader = FieldReader()
    if not isinstance(data, Mapping):
        reader.faults["cdr"] = _("An object is needed.")
        data = {}
    zone = zone_checked(reader, time_zone or _location_zone(data))
    currency = data.get("currency")
    if not isinstance(currency, str) or len(currency) != 3:
        reader.faults["currency"] = _("Three capital letters (ISO 4217) are needed.")
    start, end = _ends(reader, data)
    periods = _periods(reader, data, start, end)
    reader.finish(_("The CDR cannot be priced."))
    slack = ROUNDING_S * len(periods)
    return ToldSession(str(currency), start, end, tuple(periods), zone, slack)


def _location_zone(data: Mapping[str, Any]) -> str:
    """2.1.1 embeds the whole location, and with it its zone."""
    for name in ("location", "cdr_location"):
        place = data.get(name)
        zone = place.get("time_zone") if isinstance(place, Mapping) else None
        if isinstance(zone, str) and zone:
            return zone
    return "UTC"


def _ends(reader: FieldReader, data: Mapping[str, Any]) -> tuple[datetime, datetime]:
    start = reader.moment(data, "start_date_time")
    end_name = next((name for name in ENDS if data.get(name) is not None), ENDS[0])
    end = reader.moment(data, end_name)
    for name, value in (("start_date_time", start), (end_name, end)):
        if value is None:
            reader.faults.setdefault(name, _("A time such as 2026-10-25T00:30:00Z is needed."))
    if start is not None and end is not None and end < start:
        reader.faults[end_name] = _("The end comes before the start.")
    return start or NEVER, end or NEVER


def _periods(
    reader: FieldReader, data: Mapping[str, Any], start: datetime, end: datetime
) -> Sequence[Period]:
    """The charging periods; each ends where the next begins, the last one with the session."""
    items = reader.items(data, "charging_periods", "charging_periods")
    if len(items) > MOST_PERIODS:
        reader.faults["charging_periods"] = _("More than {most} periods.").format(most=MOST_PERIODS)
    found = [(path, reader.moment(item, "start_date_time", path), item) for path, item in items]
    for path, at, _item in found:
        if at is None:
            reader.faults.setdefault(f"{path}.start_date_time", _("A time is needed."))
    if reader.faults:
        return []
    marks = [at for _path, at, _item in found if at is not None] + [end]
    _ordered(reader, [path for path, _at, _item in found], marks, start)
    volumes = [_volumes(reader, item, path) for path, _at, item in found]
    expired = _is_expired(volumes)
    return [
        Period(begun, max(begun, until), **volume, expired=expired)
        for (begun, until), volume in zip(pairwise(marks), volumes, strict=True)
    ]


def _ordered(reader: FieldReader, paths: Sequence[str], marks: Sequence[datetime], start: datetime) -> None:
    earliest = start
    for path, at in zip(paths, marks, strict=False):
        if at < earliest or at > marks[-1]:
            reader.faults[f"{path}.start_date_time"] = _(
                "It lies before the period before it, or outside of the session."
            )
        earliest = max(earliest, at)


def _volumes(reader: FieldReader, item: Mapping[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for where, each in reader.items(item, "dimensions", f"{path}.dimensions"):
        kind = each.get("type")
        if kind in QUANTITIES:
            name, unit = QUANTITIES[kind]
            volume = reader.number(each, "volume", where, MAX_VOLUME, places=MAX_PLACES) * unit
            found[name] = found.get(name, ZERO) + volume.quantize(SIX_PLACES)
        elif kind in FLOWS:
            value = reader.number(each, "volume", where, MAX_VOLUME, -MAX_VOLUME, MAX_PLACES)
            for name in FLOWS[kind]:
                found.setdefault(name, value)
        elif kind not in SILENT:
            reader.faults[f"{where}.type"] = _("One of {types} is needed.").format(
                types=", ".join([*QUANTITIES, *FLOWS, *sorted(SILENT)])
            )
    if found.keys() & {"reservation_s", "energy_wh", "time_s", "parking_time_s"} == {"reservation_s"}:
        # Of a reservation alone, be it without time: its fee is due. Beside other quantities 0 says nothing.
        found["reserved"] = True
    return found


def _is_expired(volumes: Sequence[Mapping[str, Any]]) -> bool:
    """A reservation that no charging followed has expired (OCPI 2.2.1 §11.4.3)."""
    reserved = any(volume.get("reservation_s") for volume in volumes)
    used = any(volume.get(name) for volume in volumes for name in ("energy_wh", "time_s", "parking_time_s"))
    return reserved and not used


def session_length(session: ToldSession) -> timedelta:
    """How long the session itself took, without a reservation before it."""
    reserved = sum((period.reservation_s for period in session.periods), ZERO)
    return max(timedelta(0), session.end - session.start - timedelta(seconds=float(reserved)))

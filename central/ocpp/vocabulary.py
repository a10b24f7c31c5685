"""Words, times and units of the OCPP versions, made ours by table (1.6 §3.15, §7.31; 2.x part 2 §3)."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from central.services.readings import Reading
from central.services.statuses import LARGEST_CONNECTOR

# Room for arithmetic on both sides of whatever a charge point believes the date to be.
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
REGISTER: Final = "Energy.Active.Import.Register"
_FIELDS: Final = {
    REGISTER: "register_wh",
    "Power.Active.Import": "power_w",
    "Current.Import": "current_ma",
    "Voltage": "voltage_mv",
    "SoC": "state_of_charge",
}
_FACTORS: Final = {
    "register_wh": {"": 1, "Wh": 1, "kWh": 1000},
    "power_w": {"": 1, "W": 1, "kW": 1000},
    "current_ma": {"": 1000, "A": 1000},
    "voltage_mv": {"": 1000, "V": 1000},
    "state_of_charge": {"": 1, "Percent": 1},
}
_SUMMED: Final = frozenset({"register_wh", "power_w"})
_LIMITS: Final = {
    "register_wh": (-(2**63), 2**63 - 1),
    "power_w": (-(2**31), 2**31 - 1),
    "current_ma": (-(2**31), 2**31 - 1),
    "voltage_mv": (-(2**31), 2**31 - 1),
    "state_of_charge": (0, 100),
}
_PHASES: Final = frozenset({"L1", "L2", "L3", "L1-N", "L2-N", "L3-N"})
_HERE: Final = frozenset({"", "Outlet"})
_LEAP_SECOND: Final = re.compile(r"(?<=:)60(?=[Z.+-]|$)")


def parse_time(text: str) -> datetime:
    """The moment in UTC (its default). Raises ValueError, but never for a validated date-time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(_ordinary(text))
    if moment.tzinfo is not UTC:
        moment = _in_utc(moment)
    return moment if EARLIEST < moment < LATEST else max(EARLIEST, min(LATEST, moment))


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def is_time(text: str) -> bool:
    """True where `parse_time` understands the text."""
    try:
        parse_time(text)
    except ValueError:
        return False
    return True


def _ordinary(text: str) -> str:
    """What RFC 3339 allows and Python's clock does not: small letters, leap seconds, the year 0."""
    text = _LEAP_SECOND.sub("59", text.upper())
    return "0004" + text[4:] if text.startswith("0000") else text


def format_time(moment: datetime) -> str:
    """UTC with milliseconds and `Z`, as every version understands it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def evse_of_connector(connector_id: int) -> tuple[int, int]:
    """(EVSE, connector) for a 1.6 connectorId: connector N is EVSE N with its connector 1, 0 the whole."""
    return (connector_id, 1) if connector_id else (0, 0)


def connector_in_range(number: int) -> bool:
    """True for a connector or EVSE number that can exist; others are kept as received, but name no place."""
    return 0 <= number <= LARGEST_CONNECTOR


def readings(meter_values: Iterable[dict[str, Any]]) -> list[Reading]:
    """The readings of a `meterValue` list of any version, in its order."""
    return [_reading(value) for value in meter_values]


def _reading(meter_value: dict[str, Any]) -> Reading:
    samples = meter_value["sampledValue"]
    context = samples[0].get("context", "") if samples else ""
    at = parse_time(meter_value["timestamp"])
    plain = _plain(samples)
    if plain is None:
        return _careful(Reading(at, context, samples=samples))
    value = plain.get
    return Reading(
        at,
        context,
        register_wh=value("register_wh"),
        power_w=value("power_w"),
        current_ma=value("current_ma"),
        voltage_mv=value("voltage_mv"),
        state_of_charge=value("state_of_charge"),
        samples=samples,
    )


def _plain(samples: Iterable[dict[str, Any]]) -> dict[str, int] | None:
    """The values of most readings: each a whole number in a usual unit, once and of no phase; else None."""
    found: dict[str, int] = {}
    for sample in samples:
        units = _USUAL.get(sample.get("measurand", REGISTER))
        if units is None:
            continue
        measure = sample.get("unitOfMeasure", sample)
        field, factor, most = units.get(measure.get("unit", ""), _UNUSUAL)
        value = sample["value"]
        if type(value) is str:
            value = int(value) if len(value) < 10 and value.isdecimal() else -1
        if field in found or type(value) is not int or not 0 <= value <= most or not _ODD.isdisjoint(sample):
            return None
        if measure is not sample and "multiplier" in measure:
            return None
        found[field] = value * factor
    return found


_USUAL: Final = {
    measurand: {unit: (field, factor, _LIMITS[field][1] // factor) for unit, factor in units.items()}
    for measurand, field in _FIELDS.items()
    if (units := _FACTORS[field])
}
"""By measurand and unit: the field, the factor, and the most that fits."""
_UNUSUAL: Final = ("", 1, -1)
_ODD: Final = frozenset({"phase", "location", "format"})


def _careful(reading: Reading) -> Reading:
    """The reading with the values of its samples, and with what was odd about them."""
    flags: set[str] = set()
    groups: dict[str, list[tuple[dict[str, Any], int]]] = {}
    for sample in reading.samples:
        name = _FIELDS.get(sample.get("measurand", REGISTER))
        if name is None or sample.get("format") == "SignedData":
            continue
        value = _value(sample, name, flags)
        if value is not None:
            groups.setdefault(name, []).append((sample, value))
    for name, found in groups.items():
        _settle(reading, name, found, flags)
    reading.flags = sorted(flags)
    return reading


def _settle(
    reading: Reading, name: str, found: Sequence[tuple[dict[str, Any], int]], flags: set[str]
) -> None:
    total = _total(found, summed=name in _SUMMED)
    if total is None:
        return
    low, high = _LIMITS[name]
    if not low <= total <= high:
        flags.add("out_of_range")
        return
    if name == "register_wh" and total < 0:
        flags.add("negative_register")
    setattr(reading, name, total)


def _total(found: Sequence[tuple[dict[str, Any], int]], *, summed: bool) -> int | None:
    """The value of the whole: the one without phase, else over the phases; the outlet before other places."""
    if len(found) == 1 and not found[0][0].get("phase"):
        return found[0][1]
    here = [pair for pair in found if pair[0].get("location", "") in _HERE] or list(found)
    whole = [value for sample, value in here if not sample.get("phase")]
    if whole:
        return whole[-1]
    phases = {sample["phase"]: value for sample, value in here if sample["phase"] in _PHASES}
    if not phases:
        return None
    return sum(phases.values()) if summed else max(phases.values())


def _value(sample: dict[str, Any], name: str, flags: set[str]) -> int | None:
    unit, multiplier = _unit(sample)
    factor = _FACTORS[name].get(unit)
    if factor is None:
        flags.add("unknown_unit")
        return None
    text = str(sample["value"])
    if not multiplier and text.isdecimal() and len(text) < 18:
        return int(text) * factor
    number = _decimal(text)
    if number is None:
        flags.add("unreadable_value")
        return None
    if number and number.adjusted() + multiplier > 18:
        flags.add("out_of_range")
        return None
    return int((number.scaleb(multiplier) * factor).to_integral_value(ROUND_HALF_UP))


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _unit(sample: dict[str, Any]) -> tuple[str, int]:
    """1.6 `unit`; 2.x `unitOfMeasure` with its power of ten."""
    measure = sample.get("unitOfMeasure")
    if measure is None:
        return sample.get("unit", ""), 0
    return measure.get("unit", ""), max(-30, min(30, int(measure.get("multiplier", 0))))

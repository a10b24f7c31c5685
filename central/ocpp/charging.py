"""Charging profiles and schedules on the wire: each version's shape from ours, and back.

Ours is that of OCPP 2.1; 1.6 has one schedule, one decimal, other names (§7.8, §7.13); 2.0.1 lacks fields.
"""

from collections.abc import Mapping
from datetime import datetime
from math import floor
from typing import Any, Final

from central.models.charging_profile import Kind, Purpose
from central.ocpp.numbers import whole
from central.ocpp.vocabulary import format_time, parse_time
from central.services.charging_rules import Profile

Payload = dict[str, Any]
PURPOSES_1_6: Final = {
    Purpose.STATION_MAX.value: "ChargePointMaxProfile",
    Purpose.TX_DEFAULT.value: "TxDefaultProfile",
    Purpose.TX.value: "TxProfile",
}
PURPOSES: Final = {short: ours for ours, short in PURPOSES_1_6.items()}
ALIASES: Final = tuple(f"purpose={short}" for short, ours in PURPOSES.items() if short != ours)
"""1.6's own words: programs may use them, forms say each purpose once."""
NEWEST: Final = tuple(f"purpose={each}" for each in (Purpose.PRIORITY, Purpose.LOCAL_GENERATION))
OPTIONS: Final = (
    "maxOfflineDuration",
    "invalidAfterOfflineDuration",
    "dynUpdateInterval",
    "dynUpdateTime",
    "priceScheduleSignature",
)
"""Further fields of a profile in OCPP 2.1."""
_PERIOD_1_6: Final = ("startPeriod", "limit", "numberPhases")
_SCHEDULE_1_6: Final = ("startSchedule", "duration", "chargingRateUnit", "minChargingRate")


def purpose_of(word: str) -> str:
    """Our word for a purpose of any version."""
    return PURPOSES.get(word, word)


def purpose_1_6(purpose: str) -> str:
    """1.6's word for a purpose. Raises ValueError where it has none."""
    if purpose not in PURPOSES_1_6:
        raise ValueError(f"OCPP 1.6 has no {purpose}.")
    return PURPOSES_1_6[purpose]


def profile_request(version: str, params: Mapping[str, Any]) -> Payload:
    """SetChargingProfile from an order's parameters. Raises ValueError where the version cannot say it."""
    if version == "1.6":
        return {"connectorId": params["evse_number"], "csChargingProfiles": _profile_1_6(params)}
    return {"evseId": params["evse_number"], "chargingProfile": _profile_2(params)}


def _profile_1_6(params: Mapping[str, Any]) -> Payload:
    if params["kind"] == Kind.DYNAMIC:
        raise ValueError("OCPP 1.6 has no dynamic profiles.")
    if len(params["schedules"]) != 1:
        raise ValueError("OCPP 1.6 knows one schedule in a profile.")
    if params.get("options"):
        raise ValueError("OCPP 1.6 knows none of: " + ", ".join(sorted(params["options"])) + ".")
    profile: Payload = {
        "chargingProfileId": params["profile_id"],
        "stackLevel": params["stack_level"],
        "chargingProfilePurpose": purpose_1_6(params["purpose"]),
        "chargingProfileKind": params["kind"],
        "chargingSchedule": schedule_1_6(params["schedules"][0]),
        **_common(params),
    }
    transaction_id = params.get("transaction_id")
    if transaction_id and not transaction_id.lstrip("-").isdecimal():
        raise ValueError("OCPP 1.6 numbers its transactions.")
    if transaction_id:
        profile["transactionId"] = int(transaction_id)
    return profile


def _profile_2(params: Mapping[str, Any]) -> Payload:
    profile: Payload = {
        "id": params["profile_id"],
        "stackLevel": params["stack_level"],
        "chargingProfilePurpose": params["purpose"],
        "chargingProfileKind": params["kind"],
        "chargingSchedule": [
            {"id": number} | schedule for number, schedule in enumerate(params["schedules"], start=1)
        ],
        **_common(params),
        **(params.get("options") or {}),
    }
    if params.get("transaction_id"):
        profile["transactionId"] = params["transaction_id"]
    return profile


def _common(params: Mapping[str, Any]) -> Payload:
    found: Payload = {}
    if params.get("recurrency"):
        found["recurrencyKind"] = params["recurrency"]
    for name, ours in (("validFrom", "valid_from"), ("validTo", "valid_to")):
        if params.get(ours):
            found[name] = format_time(parse_time(params[ours]))
    return found


def schedule_1_6(schedule: Mapping[str, Any]) -> Payload:
    """A schedule as 1.6 has it; limits are cut to one decimal. Raises ValueError for the unknown."""
    unknown = set(schedule) - {*_SCHEDULE_1_6, "id", "chargingSchedulePeriod"}
    periods = schedule["chargingSchedulePeriod"]
    unknown |= {name for period in periods for name in period if name not in _PERIOD_1_6}
    if unknown:
        raise ValueError("OCPP 1.6 knows none of: " + ", ".join(sorted(unknown)) + ".")
    made = {name: schedule[name] for name in _SCHEDULE_1_6 if name in schedule}
    if "minChargingRate" in made:
        made["minChargingRate"] = one_decimal(made["minChargingRate"])
    if any("limit" not in period for period in periods):
        raise ValueError("OCPP 1.6 needs a limit in each period.")
    made["chargingSchedulePeriod"] = [
        {name: period[name] for name in _PERIOD_1_6 if name in period}
        | {"limit": one_decimal(period["limit"])}
        for period in periods
    ]
    return made


def one_decimal(value: float) -> float:
    """At most `value` with one decimal (1.6 §7.14)."""
    return floor(round(value * 10, 6)) / 10


def profile_read(version: str, evse_number: int, payload: Mapping[str, Any]) -> Profile:
    """A profile of any version's request or report."""
    schedules = payload["chargingSchedule"]
    return Profile(
        evse_number=whole(evse_number, "evseId", 0),
        purpose=purpose_of(payload["chargingProfilePurpose"]),
        kind=payload["chargingProfileKind"],
        stack_level=whole(payload["stackLevel"], "stackLevel"),
        recurrency=payload.get("recurrencyKind", ""),
        valid_from=_time(payload.get("validFrom")),
        valid_to=_time(payload.get("validTo")),
        transaction_id=str(payload.get("transactionId", "")),
        schedules=[schedules] if version == "1.6" else list(schedules),
        options={name: payload[name] for name in OPTIONS if name in payload},
    )


def profile_number(version: str, payload: Mapping[str, Any]) -> int:
    """A profile's number on the wire."""
    name = "chargingProfileId" if version == "1.6" else "id"
    return whole(payload[name], name)


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None

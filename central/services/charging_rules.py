"""What the specification forbids of a charging profile in every version: told before it is sent.

Only what is certain; everything else is sent, and the charge point's answer is the truth.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from central.models.charging_profile import Kind, Purpose
from central.services.schedules import schedule_faults

NOT_OURS: Final = frozenset({Purpose.EXTERNAL})
"""Purposes that only an external system sets (K01.FR.22)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A charging profile as all versions say it; `schedules` and `options` in the shapes of OCPP 2.1."""

    purpose: str
    schedules: list[dict[str, Any]]
    kind: str = Kind.ABSOLUTE
    evse_number: int = 0
    stack_level: int = 0
    recurrency: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def profile_faults(profile: Profile) -> dict[str, str]:
    """The parameters that are wrong and why; empty where the profile may leave."""
    faults = {
        "schedules": schedule_faults(profile.schedules),
        "purpose": _("Only an external system sets this.") if profile.purpose in NOT_OURS else "",
        "evse_number": _fault_of_place(profile),
        "transaction_id": _fault_of_transaction(profile),
    }
    if not faults["schedules"]:
        faults["kind"] = _fault_of_kind(profile)
    return {name: fault for name, fault in faults.items() if fault}


def _fault_of_place(profile: Profile) -> str:
    """1.6 §3.13.1; 2.x K04.FR.03, K01.FR.16."""
    if profile.purpose == Purpose.STATION_MAX and profile.evse_number:
        return _("The limit of the whole charge point is set at 0.")
    if profile.purpose == Purpose.TX and not profile.evse_number:
        return _("The profile of a session is set at its EVSE.")
    return ""


def _fault_of_transaction(profile: Profile) -> str:
    """1.6 §5.16.4, §7.8; 2.x K01.FR.03."""
    if profile.purpose == Purpose.TX and not profile.transaction_id:
        return _("The profile of a session needs the session.")
    if profile.purpose != Purpose.TX and profile.transaction_id:
        return _("Only the profile of a session names one.")
    return ""


def _fault_of_kind(profile: Profile) -> str:
    """2.x K01.FR.38, K01.FR.40, K01.FR.41, K01.FR.70, K28.FR.01, K28.FR.02."""
    starts = [bool(schedule.get("startSchedule")) for schedule in profile.schedules]
    if profile.kind == Kind.RELATIVE:
        return _fault_of_relative(profile, starts)
    if profile.kind in {Kind.ABSOLUTE, Kind.RECURRING} and not all(starts):
        return _("Needs startSchedule in each schedule.")
    if profile.kind == Kind.DYNAMIC and _count(profile) != (1, 1):
        return _("A dynamic profile has one schedule with one period.")
    return _fault_of_priority(profile)


def _fault_of_relative(profile: Profile, starts: list[bool]) -> str:
    if profile.purpose == Purpose.STATION_MAX:
        return _("The limit of the whole charge point cannot be relative.")
    if any(starts):
        return _("A relative schedule has no startSchedule.")
    return _fault_of_priority(profile)


def _fault_of_priority(profile: Profile) -> str:
    if profile.purpose == Purpose.PRIORITY and any("duration" in each for each in profile.schedules):
        return _("A profile for priority has no duration.")
    return ""


def _count(profile: Profile) -> tuple[int, int]:
    return len(profile.schedules), sum(len(each["chargingSchedulePeriod"]) for each in profile.schedules)

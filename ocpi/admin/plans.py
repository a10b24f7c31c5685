"""Charging profiles out of OCPI's results, drawn like those of our own charge points."""

from typing import Any

from central.admin.schedules import schedule_cards
from ocpi.core.driver_objects import ACTIVE_CHARGING_PROFILE
from ocpi.core.errors import ParametersInvalid
from ocpi.core.fields import parse_moment


def plan_cards(obj: Any) -> list[dict[str, Any]]:
    """The charging profile that a result brought, drawn."""
    told: Any = (obj.result_body or {}).get("profile")
    try:
        ACTIVE_CHARGING_PROFILE.parse(told, obj.version)
    except ParametersInvalid:
        return []
    profile = told["charging_profile"]
    schedule = {
        "chargingRateUnit": profile["charging_rate_unit"],
        "chargingSchedulePeriod": [
            {"startPeriod": each["start_period"], "limit": float(each["limit"])}
            for each in profile.get("charging_profile_period") or []
        ],
    }
    if profile.get("duration"):
        schedule["duration"] = profile["duration"]
    begins = parse_moment(str(profile.get("start_date_time") or told["start_date_time"]))
    return schedule_cards([schedule], obj.organization.time_zone, begins or obj.created_at)

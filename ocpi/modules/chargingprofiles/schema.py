"""The objects of charging profiles (OCPI 2.2.1 §14.5, §14.6)."""

from ocpi.core.fields import INTEGER, MOMENT_KIND, NUMBER, Field, Schema, one_of, url

CHARGING_PROFILE_PERIOD = Schema(
    "ChargingProfilePeriod", (Field("start_period", INTEGER), Field("limit", NUMBER))
)
CHARGING_PROFILE = Schema(
    "ChargingProfile",
    (
        Field("start_date_time", MOMENT_KIND, "?"),
        Field("duration", INTEGER, "?"),
        Field("charging_rate_unit", one_of("A", "W")),
        Field("min_charging_rate", NUMBER, "?"),
        Field("charging_profile_period", CHARGING_PROFILE_PERIOD, "*"),
    ),
)
SET_CHARGING_PROFILE = Schema(
    "SetChargingProfile", (Field("charging_profile", CHARGING_PROFILE), Field("response_url", url()))
)
ACTIVE_CHARGING_PROFILE = Schema(
    "ActiveChargingProfile",
    (Field("start_date_time", MOMENT_KIND), Field("charging_profile", CHARGING_PROFILE)),
)
RESULT_TYPE = one_of("ACCEPTED", "REJECTED", "UNKNOWN")
RESULT = Schema(
    "ChargingProfileResult",
    (Field("result", RESULT_TYPE), Field("profile", ACTIVE_CHARGING_PROFILE, "?")),
)
RESPONSE = Schema(
    "ChargingProfileResponse",
    (
        Field("result", one_of("ACCEPTED", "NOT_SUPPORTED", "REJECTED", "TOO_OFTEN", "UNKNOWN_SESSION")),
        Field("timeout", INTEGER),
    ),
)

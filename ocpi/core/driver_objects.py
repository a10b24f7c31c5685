"""What drivers and their providers want of a session: profiles (OCPI 2.2.1 §14.6.3), preferences (§9.3.2)."""

from ocpi.core.fields import BOOLEAN, INTEGER, MOMENT_KIND, NUMBER, Field, Schema, one_of

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
ACTIVE_CHARGING_PROFILE = Schema(
    "ActiveChargingProfile",
    (Field("start_date_time", MOMENT_KIND), Field("charging_profile", CHARGING_PROFILE)),
)
CHARGING_PREFERENCES = Schema(
    "ChargingPreferences",
    (
        Field("profile_type", one_of("CHEAP", "FAST", "GREEN", "REGULAR")),
        Field("departure_time", MOMENT_KIND, "?"),
        Field("energy_need", NUMBER, "?"),
        Field("discharge_allowed", BOOLEAN, "?"),
    ),
)

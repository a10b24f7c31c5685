"""The objects of charging profiles (OCPI 2.2.1 §14.5, §14.6)."""

from ocpi.core.driver_objects import ACTIVE_CHARGING_PROFILE, CHARGING_PROFILE
from ocpi.core.fields import INTEGER, Field, Schema, one_of, url

SET_CHARGING_PROFILE = Schema(
    "SetChargingProfile", (Field("charging_profile", CHARGING_PROFILE), Field("response_url", url()))
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

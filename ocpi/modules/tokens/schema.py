"""Token, LocationReferences and AuthorizationInfo (OCPI 2.2.1 §12.3, §12.4; 2.1.1 mod_tokens)."""

from ocpi.core.fields import Field, Schema, ci_string, one_of
from ocpi.core.money_objects import DISPLAY_TEXT
from ocpi.core.tokens import TOKEN

LOCATION_REFERENCES = Schema(
    "LocationReferences",
    (
        Field("location_id", ci_string(39)),
        Field("evse_uids", ci_string(39), "*"),
        Field("connector_ids", ci_string(36), "*", until="2.2.1"),
    ),
)
ALLOWED_TYPE = one_of("ALLOWED", "BLOCKED", "EXPIRED", "NOT_ALLOWED", "NO_CREDIT")
AUTHORIZATION_INFO = Schema(
    "AuthorizationInfo",
    (
        Field("allowed", ALLOWED_TYPE),
        Field("token", TOKEN, since="2.2.1"),
        Field("location", LOCATION_REFERENCES, "?"),
        Field("authorization_reference", ci_string(36), "?", since="2.2.1"),
        Field("info", DISPLAY_TEXT, "?"),
    ),
)

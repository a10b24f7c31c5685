"""ClientInfo (OCPI 2.2.1 §15.4.1)."""

from ocpi.core.configuration import ROLES
from ocpi.core.fields import MOMENT_KIND, Field, Schema, ci_string, one_of

CLIENT_INFO = Schema(
    "ClientInfo",
    (
        Field("party_id", ci_string(3)),
        Field("country_code", ci_string(2)),
        Field("role", one_of(*ROLES)),
        Field("status", one_of("CONNECTED", "OFFLINE", "PLANNED", "SUSPENDED")),
        Field("last_updated", MOMENT_KIND),
    ),
)

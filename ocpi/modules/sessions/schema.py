"""The Session object (OCPI 2.1.1 sessions §3.1, 2.2.1 §9.3.1)."""

from ocpi.core.fields import MOMENT_KIND, NUMBER, Field, Schema, ci_string, one_of, string
from ocpi.core.money_objects import PRICE
from ocpi.core.objects import AUTH_METHOD, CDR_TOKEN, CHARGING_PERIOD
from ocpi.core.place_objects import LOCATION

SESSION = Schema(
    "Session",
    (
        Field("country_code", ci_string(2), since="2.2.1"),
        Field("party_id", ci_string(3), since="2.2.1"),
        Field("id", ci_string(36)),
        Field("start_datetime", MOMENT_KIND, until="2.2.1"),
        Field("end_datetime", MOMENT_KIND, "?", until="2.2.1"),
        Field("start_date_time", MOMENT_KIND, since="2.2.1"),
        Field("end_date_time", MOMENT_KIND, "?", since="2.2.1"),
        Field("kwh", NUMBER),
        Field("auth_id", string(36), until="2.2.1"),
        Field("cdr_token", CDR_TOKEN, since="2.2.1"),
        Field("auth_method", AUTH_METHOD),
        Field("authorization_reference", ci_string(36), "?", since="2.2.1"),
        Field("location", LOCATION, until="2.2.1"),
        Field("location_id", ci_string(36), since="2.2.1"),
        Field("evse_uid", ci_string(36), since="2.2.1"),
        Field("connector_id", ci_string(36), since="2.2.1"),
        Field("meter_id", string(255), "?"),
        Field("currency", string(3)),
        Field("charging_periods", CHARGING_PERIOD, "*"),
        Field("total_cost", NUMBER, "?", until="2.2.1"),
        Field("total_cost", PRICE, "?", since="2.2.1"),
        Field("status", one_of("ACTIVE", "COMPLETED", "INVALID", "PENDING", "RESERVATION", "RESERVED")),
        Field("last_updated", MOMENT_KIND),
    ),
)

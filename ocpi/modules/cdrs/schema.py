"""The CDR object (OCPI 2.1.1 cdrs §3.1, 2.2.1 §10.3.1)."""

from ocpi.core.fields import BOOLEAN, MOMENT_KIND, NUMBER, Field, Schema, ci_string, string
from ocpi.core.money_objects import CDR_TARIFF, PRICE
from ocpi.core.objects import AUTH_METHOD, CDR_LOCATION, CDR_TOKEN, CHARGING_PERIOD, SIGNED_DATA
from ocpi.core.place_objects import LOCATION

CDR = Schema(
    "CDR",
    (
        Field("country_code", ci_string(2), since="2.2.1"),
        Field("party_id", ci_string(3), since="2.2.1"),
        Field("id", ci_string(39)),
        Field("start_date_time", MOMENT_KIND),
        Field("stop_date_time", MOMENT_KIND, until="2.2.1"),
        Field("end_date_time", MOMENT_KIND, since="2.2.1"),
        Field("session_id", ci_string(36), "?", since="2.2.1"),
        Field("auth_id", string(36), until="2.2.1"),
        Field("cdr_token", CDR_TOKEN, since="2.2.1"),
        Field("auth_method", AUTH_METHOD),
        Field("authorization_reference", ci_string(36), "?", since="2.2.1"),
        Field("location", LOCATION, until="2.2.1"),
        Field("cdr_location", CDR_LOCATION, since="2.2.1"),
        Field("meter_id", string(255), "?"),
        Field("currency", string(3)),
        Field("tariffs", CDR_TARIFF, "*"),
        Field("charging_periods", CHARGING_PERIOD, "+"),
        Field("signed_data", SIGNED_DATA, "?", since="2.2.1"),
        Field("total_cost", NUMBER, until="2.2.1"),
        Field("total_cost", PRICE, since="2.2.1"),
        Field("total_fixed_cost", PRICE, "?", since="2.2.1"),
        Field("total_energy", NUMBER),
        Field("total_energy_cost", PRICE, "?", since="2.2.1"),
        Field("total_time", NUMBER),
        Field("total_time_cost", PRICE, "?", since="2.2.1"),
        Field("total_parking_time", NUMBER, "?"),
        Field("total_parking_cost", PRICE, "?", since="2.2.1"),
        Field("total_reservation_cost", PRICE, "?", since="2.2.1"),
        Field("remark", string(255), "?"),
        Field("invoice_reference_id", ci_string(39), "?", since="2.2.1"),
        Field("credit", BOOLEAN, "?", since="2.2.1"),
        Field("credit_reference_id", ci_string(39), "?", since="2.2.1"),
        Field("home_charging_compensation", BOOLEAN, "?", since="2.2.1"),
        Field("last_updated", MOMENT_KIND),
    ),
)

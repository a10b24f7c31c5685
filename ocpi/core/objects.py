"""Objects that several modules share (OCPI 2.2.1 §8.4, §10.4, §16): tokens, periods, places of CDRs."""

from ocpi.core.fields import (
    INTEGER,
    MOMENT_KIND,
    NUMBER,
    Field,
    Schema,
    ci_string,
    matching,
    one_of,
    string,
    url,
)

AUTH_METHOD = one_of("AUTH_REQUEST", "COMMAND", "WHITELIST")
TOKEN_TYPE = one_of("AD_HOC_USER", "APP_USER", "OTHER", "RFID", open_since="2.3.0")
CONNECTOR_STANDARDS = (
    "CHADEMO", "CHAOJI", *(f"DOMESTIC_{letter}" for letter in "ABCDEFGHIJKLMNO"), "GBT_AC", "GBT_DC",
    "IEC_60309_2_single_16", "IEC_60309_2_three_16", "IEC_60309_2_three_32", "IEC_60309_2_three_64",
    "IEC_62196_T1", "IEC_62196_T1_COMBO", "IEC_62196_T2", "IEC_62196_T2_COMBO", "IEC_62196_T3A",
    "IEC_62196_T3C", "NEMA_5_20", "NEMA_6_30", "NEMA_6_50", "NEMA_10_30", "NEMA_10_50", "NEMA_14_30",
    "NEMA_14_50", "PANTOGRAPH_BOTTOM_UP", "PANTOGRAPH_TOP_DOWN", "TESLA_R", "TESLA_S",
)  # fmt: skip
NEWER_STANDARDS = ("MCS", "SAE_J3400")
"""Of 2.3.0, where the enumeration is open."""
CONNECTOR_FORMATS = ("CABLE", "SOCKET")
POWER_TYPES = ("AC_1_PHASE", "AC_2_PHASE", "AC_2_PHASE_SPLIT", "AC_3_PHASE", "DC")
CONNECTOR_STANDARD = one_of(*CONNECTOR_STANDARDS, open_since="2.3.0")
DIMENSION_TYPE = one_of(
    "CURRENT", "ENERGY", "ENERGY_EXPORT", "ENERGY_IMPORT", "FLAT", "MAX_CURRENT", "MIN_CURRENT", "MAX_POWER",
    "MIN_POWER", "PARKING_TIME", "POWER", "RESERVATION_TIME", "STATE_OF_CHARGE", "TIME",
)  # fmt: skip
"""FLAT is of 2.1.1 alone."""

CDR_TOKEN = Schema(
    "CdrToken",
    (
        Field("country_code", ci_string(2), since="2.2.1"),
        Field("party_id", ci_string(3), since="2.2.1"),
        Field("uid", ci_string(36)),
        Field("type", TOKEN_TYPE),
        Field("contract_id", ci_string(36), since="2.2.1"),
    ),
)
CDR_DIMENSION = Schema("CdrDimension", (Field("type", DIMENSION_TYPE), Field("volume", NUMBER)))
CHARGING_PERIOD = Schema(
    "ChargingPeriod",
    (
        Field("start_date_time", MOMENT_KIND),
        Field("dimensions", CDR_DIMENSION, "+"),
        Field("tariff_id", ci_string(36), "?", since="2.2.1"),
    ),
)
LATITUDE = matching(r"-?\d{1,2}\.\d{5,7}", 10)
LONGITUDE = matching(r"-?\d{1,3}\.\d{5,7}", 11)
GEO_LOCATION = Schema("GeoLocation", (Field("latitude", LATITUDE), Field("longitude", LONGITUDE)))
CDR_LOCATION = Schema(
    "CdrLocation",
    (
        Field("id", ci_string(36)),
        Field("name", string(255), "?"),
        Field("address", string(45)),
        Field("city", string(45)),
        Field("postal_code", string(10), "?"),
        Field("state", string(20), "?"),
        Field("country", string(3)),
        Field("coordinates", GEO_LOCATION),
        Field("evse_uid", ci_string(36)),
        Field("evse_id", ci_string(48)),
        Field("connector_id", ci_string(36)),
        Field("connector_standard", CONNECTOR_STANDARD),
        Field("connector_format", one_of(*CONNECTOR_FORMATS)),
        Field("connector_power_type", one_of(*POWER_TYPES)),
    ),
)
SIGNED_VALUE = Schema(
    "SignedValue",
    (
        Field("nature", ci_string(32)),
        Field("plain_data", string(5000)),
        Field("signed_data", string(5000)),
    ),
)
SIGNED_DATA = Schema(
    "SignedData",
    (
        Field("encoding_method", ci_string(36)),
        Field("encoding_method_version", INTEGER, "?"),
        Field("public_key", string(512), "?"),
        Field("signed_values", SIGNED_VALUE, "+"),
        Field("url", string(512), "?"),
    ),
)
IMAGE = Schema(
    "Image",
    (
        Field("url", url()),
        Field("thumbnail", url(), "?"),
        Field(
            "category",
            one_of(
                "CHARGER", "ENTRANCE", "LOCATION", "NETWORK", "OPERATOR", "OTHER", "OWNER", open_since="2.3.0"
            ),
        ),
        Field("type", ci_string(4)),
        Field("width", INTEGER, "?"),
        Field("height", INTEGER, "?"),
    ),
)
BUSINESS_DETAILS = Schema(
    "BusinessDetails",
    (Field("name", string(100)), Field("website", url(), "?"), Field("logo", IMAGE, "?")),
)

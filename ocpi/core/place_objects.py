"""Objects about places: locations, EVSEs, connectors, parking (OCPI 2.1.1 locations, 2.2.1 §8, 2.3.0)."""

from ocpi.core.fields import (
    BOOLEAN,
    INTEGER,
    MOMENT_KIND,
    NUMBER,
    Field,
    Schema,
    ci_string,
    one_of,
    string,
    url,
)
from ocpi.core.money_objects import CLOCK, DISPLAY_TEXT, ENERGY_MIX
from ocpi.core.objects import (
    BUSINESS_DETAILS,
    CONNECTOR_FORMATS,
    CONNECTOR_STANDARD,
    GEO_LOCATION,
    IMAGE,
    LATITUDE,
    LONGITUDE,
    POWER_TYPES,
    TOKEN_TYPE,
)

STATUSES = (
    "AVAILABLE", "BLOCKED", "CHARGING", "INOPERATIVE", "OUTOFORDER", "PLANNED", "REMOVED", "RESERVED",
    "UNKNOWN",
)  # fmt: skip
STATUS = one_of(*STATUSES)
CAPABILITIES = (
    "CHARGING_PREFERENCES_CAPABLE", "CHARGING_PROFILE_CAPABLE", "CHIP_CARD_SUPPORT",
    "CONTACTLESS_CARD_SUPPORT", "CREDIT_CARD_PAYABLE", "DEBIT_CARD_PAYABLE", "PED_TERMINAL",
    "REMOTE_START_STOP_CAPABLE", "RESERVABLE", "RFID_READER", "START_SESSION_CONNECTOR_REQUIRED",
    "TOKEN_GROUP_CAPABLE", "UNLOCK_CAPABLE",
)  # fmt: skip
FACILITIES = (
    "AIRPORT", "BIKE_SHARING", "BUS_STOP", "CAFE", "CARPOOL_PARKING", "FUEL_STATION", "HOTEL", "MALL",
    "METRO_STATION", "MUSEUM", "NATURE", "PARKING_LOT", "RECREATION_AREA", "RESTAURANT", "SPORT",
    "SUPERMARKET", "TAXI_STAND", "TRAIN_STATION", "TRAM_STOP", "WIFI",
)  # fmt: skip
PARKING_RESTRICTIONS = ("CUSTOMERS", "DISABLED", "EV_ONLY", "MOTORCYCLES", "PLUGGED")
PARKING_TYPES = (
    "ALONG_MOTORWAY", "ON_DRIVEWAY", "ON_STREET", "PARKING_GARAGE", "PARKING_LOT", "UNDERGROUND_GARAGE",
)  # fmt: skip
LOCATION_TYPES = ("ON_STREET", "OTHER", "PARKING_GARAGE", "PARKING_LOT", "UNDERGROUND_GARAGE", "UNKNOWN")
VEHICLE_TYPES = (
    "BUS", "DISABLED", "MOTORCYCLE", "PERSONAL_VEHICLE", "PERSONAL_VEHICLE_WITH_TRAILER", "RIGID",
    "SEMI_TRACTOR", "TRUCK_WITH_TRAILER", "VAN",
)  # fmt: skip

REGULAR_HOURS = Schema(
    "RegularHours",
    (Field("weekday", INTEGER), Field("period_begin", CLOCK), Field("period_end", CLOCK)),
)
EXCEPTIONAL_PERIOD = Schema(
    "ExceptionalPeriod", (Field("period_begin", MOMENT_KIND), Field("period_end", MOMENT_KIND))
)
HOURS = Schema(
    "Hours",
    (
        Field("twentyfourseven", BOOLEAN, "?", until="2.2.1"),
        Field("twentyfourseven", BOOLEAN, since="2.2.1"),
        Field("regular_hours", REGULAR_HOURS, "*"),
        Field("exceptional_openings", EXCEPTIONAL_PERIOD, "*"),
        Field("exceptional_closings", EXCEPTIONAL_PERIOD, "*"),
    ),
)
ADDITIONAL_GEO_LOCATION = Schema(
    "AdditionalGeoLocation",
    (
        Field("latitude", LATITUDE),
        Field("longitude", LONGITUDE),
        Field("name", DISPLAY_TEXT, "?"),
    ),
)
PUBLISH_TOKEN = Schema(
    "PublishTokenType",
    (
        Field("uid", ci_string(36), "?"),
        Field("type", TOKEN_TYPE, "?"),
        Field("visual_number", string(64), "?"),
        Field("issuer", string(64), "?"),
        Field("group_id", ci_string(36), "?"),
    ),
)
STATUS_SCHEDULE = Schema(
    "StatusSchedule",
    (
        Field("period_begin", MOMENT_KIND),
        Field("period_end", MOMENT_KIND, "?"),
        Field("status", STATUS),
    ),
)
PARKING = Schema(
    "Parking",
    (
        Field("id", ci_string(36)),
        Field("physical_reference", string(12), "?"),
        Field("vehicle_types", one_of(*VEHICLE_TYPES, open_since="2.3.0"), "+"),
        *(
            Field(name, NUMBER, "?")
            for name in (
                "max_vehicle_weight",
                "max_vehicle_height",
                "max_vehicle_length",
                "max_vehicle_width",
                "parking_space_length",
                "parking_space_width",
            )
        ),
        Field("dangerous_goods_allowed", BOOLEAN, "?"),
        Field("direction", one_of("ANGLE", "PARALLEL", "PERPENDICULAR"), "?"),
        Field("drive_through", BOOLEAN, "?"),
        Field("restricted_to_type", BOOLEAN),
        Field("reservation_required", BOOLEAN),
        Field("time_limit", NUMBER, "?"),
        Field("roofed", BOOLEAN, "?"),
        Field("images", IMAGE, "*"),
        Field("lighting", BOOLEAN, "?"),
        Field("refrigeration_outlet", BOOLEAN, "?"),
        Field("standards", ci_string(36), "*"),
        Field("apds_reference", ci_string(255), "?"),
    ),
)
EVSE_PARKING = Schema(
    "EVSEParking",
    (
        Field("parking_id", ci_string(36)),
        Field("evse_position", one_of("CENTER", "LEFT", "RIGHT"), "?"),
    ),
)
CONNECTOR = Schema(
    "Connector",
    (
        Field("id", ci_string(36)),
        Field("standard", CONNECTOR_STANDARD),
        Field("format", one_of(*CONNECTOR_FORMATS)),
        Field("power_type", one_of(*POWER_TYPES)),
        Field("voltage", INTEGER, until="2.2.1"),
        Field("amperage", INTEGER, until="2.2.1"),
        Field("tariff_id", ci_string(36), "?", until="2.2.1"),
        Field("max_voltage", INTEGER, since="2.2.1"),
        Field("max_amperage", INTEGER, since="2.2.1"),
        Field("max_electric_power", INTEGER, "?", since="2.2.1"),
        Field("tariff_ids", ci_string(36), "*", since="2.2.1"),
        Field("terms_and_conditions", url(), "?"),
        Field(
            "capabilities",
            one_of("ISO_15118_20_PLUG_AND_CHARGE", "ISO_15118_2_PLUG_AND_CHARGE", open_since="2.3.0"),
            "*",
            since="2.3.0",
        ),
        Field("last_updated", MOMENT_KIND),
    ),
)
EVSE = Schema(
    "EVSE",
    (
        Field("uid", ci_string(39), until="2.2.1"),
        Field("uid", ci_string(36), since="2.2.1"),
        Field("evse_id", ci_string(48), "?"),
        Field("status", STATUS),
        Field("status_schedule", STATUS_SCHEDULE, "*"),
        Field("capabilities", one_of(*CAPABILITIES, open_since="2.3.0"), "*"),
        Field("connectors", CONNECTOR, "+"),
        Field("floor_level", string(4), "?"),
        Field("coordinates", GEO_LOCATION, "?"),
        Field("physical_reference", string(16), "?"),
        Field("directions", DISPLAY_TEXT, "*"),
        Field("parking_restrictions", one_of(*PARKING_RESTRICTIONS, open_since="2.3.0"), "*"),
        Field("parking", EVSE_PARKING, "*", since="2.3.0"),
        Field("images", IMAGE, "*"),
        Field("accepted_service_providers", string(50), "*", since="2.3.0"),
        Field("last_updated", MOMENT_KIND),
    ),
)
LOCATION = Schema(
    "Location",
    (
        Field("country_code", ci_string(2), since="2.2.1"),
        Field("party_id", ci_string(3), since="2.2.1"),
        Field("id", ci_string(39), until="2.2.1"),
        Field("id", ci_string(36), since="2.2.1"),
        Field("type", one_of(*LOCATION_TYPES), until="2.2.1"),
        Field("publish", BOOLEAN, since="2.2.1"),
        Field("publish_allowed_to", PUBLISH_TOKEN, "*", since="2.2.1"),
        Field("name", string(255), "?"),
        Field("address", string(255)),
        Field("city", string(45)),
        Field("postal_code", string(10), until="2.2.1"),
        Field("postal_code", string(10), "?", since="2.2.1"),
        Field("state", string(45), "?", since="2.2.1"),
        Field("country", string(3)),
        Field("coordinates", GEO_LOCATION),
        Field("related_locations", ADDITIONAL_GEO_LOCATION, "*"),
        Field("parking_type", one_of(*PARKING_TYPES, open_since="2.3.0"), "?", since="2.2.1"),
        Field("evses", EVSE, "*"),
        Field("parking_places", PARKING, "*", since="2.3.0"),
        Field("directions", DISPLAY_TEXT, "*"),
        Field("operator", BUSINESS_DETAILS, "?"),
        Field("suboperator", BUSINESS_DETAILS, "?"),
        Field("owner", BUSINESS_DETAILS, "?"),
        Field("facilities", one_of(*FACILITIES, open_since="2.3.0"), "*"),
        Field("time_zone", string(255), "?", until="2.2.1"),
        Field("time_zone", string(255), since="2.2.1"),
        Field("opening_times", HOURS, "?"),
        Field("charging_when_closed", BOOLEAN, "?"),
        Field("images", IMAGE, "*"),
        Field("energy_mix", ENERGY_MIX, "?"),
        Field("help_phone", ci_string(25), "?", since="2.3.0"),
        Field("last_updated", MOMENT_KIND),
    ),
)

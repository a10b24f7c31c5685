"""Objects about money: prices, tariffs and their parts (OCPI 2.1.1 tariffs, 2.2.1 §11 and §16, 2.3.0)."""

from ocpi.core.fields import (
    BOOLEAN,
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

TAX_AMOUNT = Schema(
    "TaxAmount",
    (
        Field("name", string(255)),
        Field("account_number", string(255), "?"),
        Field("percentage", NUMBER, "?"),
        Field("amount", NUMBER),
    ),
)
PRICE = Schema(
    "Price",
    (
        Field("excl_vat", NUMBER, until="2.3.0"),
        Field("incl_vat", NUMBER, "?", until="2.3.0"),
        Field("before_taxes", NUMBER, since="2.3.0"),
        Field("taxes", TAX_AMOUNT, "*", since="2.3.0"),
    ),
)
PRICE_LIMIT = Schema("PriceLimit", (Field("before_taxes", NUMBER), Field("after_taxes", NUMBER, "?")))
DISPLAY_TEXT = Schema("DisplayText", (Field("language", string(2)), Field("text", string(512))))
ENERGY_SOURCE = Schema(
    "EnergySource",
    (
        Field(
            "source",
            one_of(
                "NUCLEAR",
                "GENERAL_FOSSIL",
                "COAL",
                "GAS",
                "GENERAL_GREEN",
                "SOLAR",
                "WIND",
                "WATER",
            ),
        ),
        Field("percentage", NUMBER),
    ),
)
IMPACT = one_of("NUCLEAR_WASTE", "CARBON_DIOXIDE", open_since="2.3.0")
ENVIRONMENTAL_IMPACT = Schema(
    "EnvironmentalImpact",
    (
        Field("source", IMPACT, until="2.2.1"),
        Field("category", IMPACT, since="2.2.1"),
        Field("amount", NUMBER),
    ),
)
ENERGY_MIX = Schema(
    "EnergyMix",
    (
        Field("is_green_energy", BOOLEAN),
        Field("energy_sources", ENERGY_SOURCE, "*"),
        Field("environ_impact", ENVIRONMENTAL_IMPACT, "*"),
        Field("supplier_name", string(64), "?"),
        Field("energy_product_name", string(64), "?"),
    ),
)
PRICE_COMPONENT = Schema(
    "PriceComponent",
    (
        Field("type", one_of("ENERGY", "FLAT", "PARKING_TIME", "TIME")),
        Field("price", NUMBER),
        Field("vat", NUMBER, "?", since="2.2.1"),
        Field("step_size", INTEGER),
    ),
)
DAY = one_of("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
CLOCK = matching(r"(?:[0-1]\d|2[0-3]):[0-5]\d", 5)
DATE = matching(r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", 10)
NEW_RESTRICTIONS = ("min_current", "max_current", "reservation")
"""What 2.1.1 cannot say: an element that has one cannot be told there."""
TARIFF_RESTRICTIONS = Schema(
    "TariffRestrictions",
    (
        Field("start_time", CLOCK, "?"),
        Field("end_time", CLOCK, "?"),
        Field("start_date", DATE, "?"),
        Field("end_date", DATE, "?"),
        Field("min_kwh", NUMBER, "?"),
        Field("max_kwh", NUMBER, "?"),
        Field("min_current", NUMBER, "?", since="2.2.1"),
        Field("max_current", NUMBER, "?", since="2.2.1"),
        Field("min_power", NUMBER, "?"),
        Field("max_power", NUMBER, "?"),
        Field("min_duration", INTEGER, "?"),
        Field("max_duration", INTEGER, "?"),
        Field("day_of_week", DAY, "*"),
        Field("reservation", one_of("RESERVATION", "RESERVATION_EXPIRES"), "?", since="2.2.1"),
    ),
)
TARIFF_ELEMENT = Schema(
    "TariffElement",
    (
        Field("price_components", PRICE_COMPONENT, "+"),
        Field("restrictions", TARIFF_RESTRICTIONS, "?"),
    ),
)
TARIFF_TYPE = one_of("AD_HOC_PAYMENT", "PROFILE_CHEAP", "PROFILE_FAST", "PROFILE_GREEN", "REGULAR")
TAX_INCLUDED = one_of("YES", "NO", "N/A")


def _tariff(tax_included: str) -> tuple[Field, ...]:
    return (
        Field("country_code", ci_string(2), since="2.2.1"),
        Field("party_id", ci_string(3), since="2.2.1"),
        Field("id", ci_string(36)),
        Field("currency", string(3)),
        Field("type", TARIFF_TYPE, "?", since="2.2.1"),
        Field("tariff_alt_text", DISPLAY_TEXT, "*"),
        Field("tariff_alt_url", url(), "?"),
        Field("min_price", PRICE, "?", since="2.2.1", until="2.3.0"),
        Field("max_price", PRICE, "?", since="2.2.1", until="2.3.0"),
        Field("min_price", PRICE_LIMIT, "?", since="2.3.0"),
        Field("max_price", PRICE_LIMIT, "?", since="2.3.0"),
        Field("elements", TARIFF_ELEMENT, "+"),
        Field("tax_included", TAX_INCLUDED, tax_included, since="2.3.0"),
        Field("start_date_time", MOMENT_KIND, "?", since="2.2.1"),
        Field("end_date_time", MOMENT_KIND, "?", since="2.2.1"),
        Field("energy_mix", ENERGY_MIX, "?"),
        Field("last_updated", MOMENT_KIND),
    )


TARIFF = Schema("Tariff", _tariff("1"))
CDR_TARIFF = Schema("Tariff", _tariff("?"))
"""As it stands in a CDR: the specification's own example of 2.3.0 says nothing of taxes there."""

"""The Token object, which several modules carry, and its types in words of OCPP (OCPI 2.2.1 §12.3.2)."""

from collections.abc import Mapping
from typing import Any, Final

from ocpi.core.fields import BOOLEAN, MOMENT_KIND, Field, Schema, ci_string, one_of, string
from ocpi.core.objects import TOKEN_TYPE

WHITELIST_TYPE: Final = one_of("ALLOWED", "ALLOWED_OFFLINE", "ALWAYS", "NEVER")
PROFILE_TYPE: Final = one_of("CHEAP", "FAST", "GREEN", "REGULAR")
ENERGY_CONTRACT: Final = Schema(
    "EnergyContract", (Field("supplier_name", string(64)), Field("contract_id", string(64), "?"))
)
TOKEN: Final = Schema(
    "Token",
    (
        Field("country_code", ci_string(2), since="2.2.1"),
        Field("party_id", ci_string(3), since="2.2.1"),
        Field("uid", ci_string(36)),
        Field("type", TOKEN_TYPE),
        Field("auth_id", ci_string(36), until="2.2.1"),
        Field("contract_id", ci_string(36), since="2.2.1"),
        Field("visual_number", string(64), "?"),
        Field("issuer", string(64)),
        Field("group_id", ci_string(36), "?", since="2.2.1"),
        Field("valid", BOOLEAN),
        Field("whitelist", WHITELIST_TYPE),
        Field("language", string(2), "?"),
        Field("default_profile_type", PROFILE_TYPE, "?", since="2.2.1"),
        Field("energy_contract", ENERGY_CONTRACT, "?", since="2.2.1"),
        Field("last_updated", MOMENT_KIND),
    ),
)
RFID: Final = "RFID"
IN_OCPP: Final[Mapping[str, str]] = {RFID: "ISO14443", "EMAID": "eMAID"}
"""Type of OCPI -> type of a 2.x charge point; every other one goes as Central."""
IN_OCPI: Final[Mapping[str, str]] = {
    "": RFID,
    RFID: RFID,
    "ISO14443": RFID,
    "ISO15693": RFID,
    "Central": "APP_USER",
    "APP_USER": "APP_USER",
    "AD_HOC_USER": "AD_HOC_USER",
    "eMAID": "EMAID",
}
NARROW: Final = frozenset({RFID, "OTHER"})
"""All that 2.1.1 knows."""


def ocpp_type(ocpi_type: str) -> str:
    """A token's type for charge points."""
    return IN_OCPP.get(ocpi_type, "Central")


def ocpi_type(ocpp_type: str, version: str) -> str:
    """A token's type for partners, as their version has it."""
    found = IN_OCPI.get(ocpp_type, "OTHER")
    if version == "2.1.1" and found not in NARROW:
        return "OTHER"
    return "OTHER" if found == "EMAID" and version == "2.2.1" else found


def contract_of(token: Mapping[str, Any]) -> str:
    """The contract of a Token object: `contract_id`, `auth_id` in 2.1.1."""
    return str(token.get("contract_id") or token.get("auth_id") or "")

"""Objects of the configuration modules: versions, version details, credentials (OCPI 2.2.1 §6, §7)."""

from ocpi.core.fields import Field, Schema, ci_string, one_of, string, url
from ocpi.core.objects import BUSINESS_DETAILS

ROLES = ("CPO", "EMSP", "HUB", "NAP", "NSP", "OTHER", "PTP", "SCSP")
ROLE = one_of("CPO", "EMSP", "NAP", "NSP", "OTHER", "SCSP", until={"HUB": "2.3.0"}, since={"PTP": "2.3.0"})
"""2.3.0 has no role HUB any more (`hub_party_id` instead); PTP comes with its payments module."""

VERSION = Schema("Version", (Field("version", string(10)), Field("url", url())))
ENDPOINT = Schema(
    "Endpoint",
    (
        Field("identifier", string(64)),
        Field("role", one_of("SENDER", "RECEIVER"), since="2.2.1"),
        Field("url", url()),
    ),
)
VERSION_DETAILS = Schema("VersionDetails", (Field("version", string(10)), Field("endpoints", ENDPOINT, "+")))
CREDENTIALS_ROLE = Schema(
    "CredentialsRole",
    (
        Field("role", ROLE),
        Field("business_details", BUSINESS_DETAILS),
        Field("party_id", ci_string(3)),
        Field("country_code", ci_string(2)),
    ),
)
CREDENTIALS = Schema(
    "Credentials",
    (
        Field("token", string(64)),
        Field("url", url()),
        Field("business_details", BUSINESS_DETAILS, until="2.2.1"),
        Field("party_id", ci_string(3), until="2.2.1"),
        Field("country_code", ci_string(2), until="2.2.1"),
        Field("roles", CREDENTIALS_ROLE, "+", since="2.2.1"),
        Field("hub_party_id", ci_string(5), "?", since="2.3.0"),
    ),
)

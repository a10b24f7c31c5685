"""Who an organisation is in OCPI: its party, its roles, its addresses.

The default organisation is described by the OCPI_* settings: a value that the operator set wins, then the
organisation's own row, then the built-in value. Every other organisation is described by its row alone.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from emobility.lib.errors import Invalid
from registry.models import Organization

BUILT_IN = {
    "OCPI_COUNTRY_CODE": "DE",
    "OCPI_PARTY_ID": "EMP",
    "OCPI_BUSINESS_NAME": "E-Mobility Platform",
    "OCPI_BUSINESS_WEBSITE": "",
}
DEFAULT_ROLES = ("CPO",)
ROLE_SEGMENTS = {"cpo": "CPO", "emsp": "EMSP"}
"""How a role is written in an address; no organisation may have one of these as its short name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An organisation as partners see it."""

    country_code: str
    party_id: str
    name: str
    website: str
    roles: tuple[str, ...]
    base_url: str

    @property
    def party(self) -> tuple[str, str]:
        """Country code and party id."""
        return self.country_code, self.party_id

    @property
    def versions_url(self) -> str:
        """The address that partners are given."""
        return f"{self.base_url}/versions"

    @property
    def business_details(self) -> dict[str, str]:
        """Name and website as OCPI's BusinessDetails."""
        return {"name": self.name} | ({"website": self.website} if self.website else {})

    def credentials_roles(self) -> list[dict[str, Any]]:
        """The roles of our credentials object (OCPI 2.2.1 §7.4.1)."""
        return [
            {
                "role": role,
                "business_details": self.business_details,
                "party_id": self.party_id,
                "country_code": self.country_code,
            }
            for role in self.roles
        ]


def identity_of(organization: Organization) -> Identity:
    """The identity of an organisation; raises Invalid where it has no party or the platform no address."""
    identity = Identity(
        _value(organization, "OCPI_COUNTRY_CODE", organization.country_code).upper(),
        _value(organization, "OCPI_PARTY_ID", organization.party_id).upper(),
        _value(organization, "OCPI_BUSINESS_NAME", organization.name),
        _value(organization, "OCPI_BUSINESS_WEBSITE", organization.website),
        tuple(organization.ocpi_roles or DEFAULT_ROLES),
        base_url(organization),
    )
    if len(identity.country_code) != 2 or len(identity.party_id) != 3:
        raise Invalid(f"{organization} has no OCPI party: country code and party id are missing.")
    return identity


def has_identity(organization: Organization) -> bool:
    """True where partners can be told who the organisation is."""
    try:
        identity_of(organization)
    except Invalid:
        return False
    return True


def base_url(organization: Organization) -> str:
    """The address below which everything of an organisation lies; raises Invalid without OCPI_BASE_URL."""
    if not settings.OCPI_BASE_URL:
        raise Invalid("OCPI_BASE_URL is not set: partners could not reach this platform.")
    if organization.slug in ROLE_SEGMENTS and not organization.is_default:
        raise Invalid(f"{organization.slug} stands for a role in OCPI addresses: choose another short name.")
    root = f"{settings.OCPI_BASE_URL}/ocpi"
    return root if organization.is_default else f"{root}/{organization.slug}"


def _value(organization: Organization, name: str, own: str) -> str:
    if not organization.is_default:
        return own
    value = str(getattr(settings, name))
    return value if value and value != BUILT_IN[name] else own or value

"""Which partner owns what, and which partner gets what."""

from django.db.models import Q, QuerySet

from ocpi.models import Partner
from ocpi.models.partner import PartnerStatus
from registry.models import Party


def endpoint_address(partner: Partner, identifier: str, side: str) -> str | None:
    """Where the partner has this side of a module, as it published it; None where it has not.

    Some answer only with, some only without the slash at the end: what is asked itself is asked like that.
    """
    found = partner.endpoints.filter(identifier=identifier, role=side).first()
    return found.url if found else None


def endpoint_url(partner: Partner, identifier: str, side: str) -> str | None:
    """The same to put more segments behind: without a slash at the end."""
    address = endpoint_address(partner, identifier, side)
    return None if address is None else address.rstrip("/")


def owns(partner: Partner, country_code: str, party_id: str, roles: tuple[str, ...]) -> bool:
    """True where the partner registered this party in one of `roles`."""
    return partner.parties.filter(
        country_code=country_code.upper(), party_id=party_id.upper(), role__in=roles
    ).exists()


def receivers(organization_id: int, country_code: str, party_id: str, identifier: str) -> QuerySet[Partner]:
    """Partners that get the objects of a party: registered, with this party, with the module's receiver."""
    return Partner.objects.filter(
        organization_id=organization_id,
        status=PartnerStatus.ACTIVE,
        pk__in=Partner.objects.filter(
            parties__organization_id=organization_id,
            parties__country_code__iexact=country_code,
            parties__party_id__iexact=party_id,
        ).values("pk"),
        endpoints__identifier=identifier,
        endpoints__role="RECEIVER",
    ).distinct()


def known_parties(partner: Partner) -> QuerySet[Party]:
    """The organisation's party rows that mean one of the partner's parties, in any role."""
    names = Q(pk__in=[])
    for country_code, party_id in party_names(partner):
        names |= Q(country_code__iexact=country_code, party_id__iexact=party_id)
    return Party.objects.filter(names, organization_id=partner.organization_id, is_own=False)


def party_names(partner: Partner) -> set[tuple[str, str]]:
    """Country code and party id of everything that the partner registered, upper case."""
    return {
        (country_code.upper(), party_id.upper())
        for country_code, party_id in partner.parties.values_list("country_code", "party_id")
    }

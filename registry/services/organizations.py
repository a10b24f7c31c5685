"""Organisations: the default one comes into being when it is first needed."""

from datetime import datetime

from django.conf import settings

from registry.models import Organization


def organization_default(now: datetime) -> Organization:
    """The default organisation; made from the OCPI_* settings where there is none yet."""
    found = Organization.objects.default()
    if found is not None:
        return found
    return Organization.objects.get_or_create(
        is_default=True,
        defaults={
            "name": settings.OCPI_BUSINESS_NAME,
            "slug": f"default-{now:%Y%m%d%H%M%S}"
            if Organization.objects.filter(slug="default").exists()
            else "default",
            "country_code": settings.OCPI_COUNTRY_CODE,
            "party_id": settings.OCPI_PARTY_ID,
            "ocpi_roles": ["CPO"],
            "website": settings.OCPI_BUSINESS_WEBSITE,
        },
    )[0]

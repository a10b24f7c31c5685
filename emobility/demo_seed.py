"""The demo's data: a charging company with operator, site and tariff, and an eMSP whose drivers charge."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from billing.models import Tariff
from billing.services.tariffs import tariff_assign, tariff_create
from central.models import IdToken
from emobility.demo import CPO_SLUG, DEMO_ID_TAGS, EMSP_SLUG, OPERATOR, SITE_NAME
from registry.models import Organization, Party, Site, User
from registry.models.user import Role

EMSP_COUNTRY, EMSP_PARTY = "NL", "EMS"
TARIFF_ID = "DEMO-TARIFF"
ELEMENTS = [
    {
        "price_components": [
            {"type": "FLAT", "price": "0.50", "vat": "19.0", "step_size": 1},
            {"type": "ENERGY", "price": "0.45", "vat": "19.0", "step_size": 1},
            {"type": "PARKING_TIME", "price": "2.00", "vat": "19.0", "step_size": 60},
        ]
    }
]


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the seed found or made; `password` only where it made the operator."""

    organization: Organization
    emsp: Organization
    operator: User
    password: str | None


def seed_demo(*, now: datetime) -> Seeded:
    """Make what is missing of the demo; repeatable, changes nothing that is there."""
    organization = _company()
    emsp = _emsp()
    operator, password = _operator(organization)
    site = _site(organization)
    _id_tokens(organization)
    _tariff(organization, site, now)
    return Seeded(organization, emsp, operator, password)


def _company() -> Organization:
    existing = Organization.objects.default()
    if existing is not None:
        return existing
    return Organization.objects.create(
        name=settings.OCPI_BUSINESS_NAME,
        slug=CPO_SLUG,
        is_default=True,
        country_code=settings.OCPI_COUNTRY_CODE,
        party_id=settings.OCPI_PARTY_ID,
        ocpi_roles=["CPO"],
        website=settings.OCPI_BUSINESS_WEBSITE,
    )


def _emsp() -> Organization:
    return Organization.objects.get_or_create(
        slug=EMSP_SLUG,
        defaults={
            "name": "Demo eMSP",
            "country_code": EMSP_COUNTRY,
            "party_id": EMSP_PARTY,
            "ocpi_roles": ["EMSP"],
        },
    )[0]


def _operator(organization: Organization) -> tuple[User, str | None]:
    existing = User.objects.filter(username=OPERATOR).first()
    if existing is not None:
        return existing, None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(
        OPERATOR, password=password, organization=organization, role=Role.ADMIN, is_staff=True
    )
    return user, password


def _site(organization: Organization) -> Site:
    return Site.objects.get_or_create(
        organization=organization,
        name=SITE_NAME,
        defaults={
            "address": "Invalidenstr. 1",
            "city": "Berlin",
            "postal_code": "10115",
            "latitude": Decimal("52.5310"),
            "longitude": Decimal("13.3849"),
        },
    )[0]


def _id_tokens(organization: Organization) -> None:
    party = Party.objects.get_or_create(
        organization=organization,
        country_code=EMSP_COUNTRY,
        party_id=EMSP_PARTY,
        role="EMSP",
        defaults={"name": "Demo eMSP"},
    )[0]
    for number, uid in enumerate(DEMO_ID_TAGS, start=1):
        IdToken.objects.get_or_create(
            organization=organization,
            uid_key=uid.upper(),
            defaults={
                "uid": uid,
                "party": party,
                "holder": f"Driver {number}",
                "contract_id": f"{EMSP_COUNTRY}-{EMSP_PARTY}-C0000000{number}",
            },
        )


def _tariff(organization: Organization, site: Site, now: datetime) -> None:
    if Tariff.objects.filter(organization=organization, tariff_id=TARIFF_ID).exists():
        return
    start = now - timedelta(days=1)
    tariff = tariff_create(
        organization=organization,
        tariff_id=TARIFF_ID,
        name="Standard",
        currency="EUR",
        elements=ELEMENTS,
        valid_from=start,
        now=now,
    )
    tariff_assign(organization=organization, tariff=tariff, valid_from=start, now=now)

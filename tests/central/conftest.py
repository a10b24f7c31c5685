"""A charging company with a charge point and a driver."""

import pytest

from registry.models import Organization, Site
from tests.support.handlers import Bench, charge_point_create, token_create


@pytest.fixture
def organization(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def stranger_organization(db):
    return Organization.objects.create(name="Basalt Power", slug="basalt")


@pytest.fixture
def site(organization):
    return Site.objects.create(organization=organization, name="Harbour")


@pytest.fixture
def charge_point(organization, site):
    return charge_point_create(organization, "AMBER-1", site=site)


@pytest.fixture
def token(organization):
    return token_create(organization)


@pytest.fixture
def bench(charge_point, token):
    """The charge point in OCPP 1.6."""
    return Bench(charge_point, "1.6")

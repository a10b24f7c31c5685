"""The Registry's people and faces."""

import pytest

from registry.models import Organization
from tests.support.registry import Face, bearer, person, registry_face


@pytest.fixture
def organization(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def stranger_organization(db):
    return Organization.objects.create(name="Basalt Power", slug="basalt")


@pytest.fixture
def operator(organization):
    return person(organization, "operator")


@pytest.fixture
def open_door(settings, organization):
    """The development switch."""
    settings.REGISTRY_OPEN_REGISTRATION = True


@pytest.fixture
def registry(db) -> Face:
    """The Registry as an anonymous caller sees it."""
    return registry_face()


@pytest.fixture
def by_operator(operator) -> Face:
    """The Registry as the operator sees it."""
    return registry_face(**bearer(operator))

"""A back office in the browser: a person logged in, a charge point that can be plugged in."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.test import Client

from central.models import IdToken
from registry.models import ChargePoint, Organization, Site
from registry.services.credentials import credential_generate, credential_hash
from tests.support.charge_point import plug_in
from tests.support.world import staff

PASSWORD = "correct horse battery"


@dataclass
class Plug:
    """A charge point that a test may plug in: `with plug() as point`."""

    row: ChargePoint
    secret: str
    url: str

    def __call__(self, version="1.6", **options):
        """Connect with its secret."""
        return plug_in(self.url, self.row.cp_id, self.secret, version, **options)


@pytest.fixture
def own(server):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def operator(own):
    person = staff(own, "operator")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def office(server, operator, page):
    """The page of somebody who is logged in; `goto` takes paths of ours.

    The page comes last, so it is closed first: an open one connects again while the server settles.
    """
    client = Client()
    client.force_login(operator)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.http()}]
    )

    def goto(path):
        return page.goto(server.http(path))

    page.visit = goto
    return page


@pytest.fixture
def enrol(own, server):
    """Registers a charge point by id and gives how to plug it in."""
    site = Site.objects.create(organization=own, name="Harbour")
    IdToken.objects.create(organization=own, uid="TAG-1", concurrent_sessions=0)

    def make(cp_id):
        secret = credential_generate()
        row = ChargePoint.objects.create(
            organization=own,
            site=site,
            cp_id=cp_id,
            credential_hash=credential_hash(secret),
            registered_at=datetime.now(UTC),
        )

        return Plug(row, secret, server.ws("/ocpp"))

    return make


@pytest.fixture
def charger(enrol):
    """One charge point."""
    return enrol("AMBER-1")

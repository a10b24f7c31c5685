"""A registered charge point and its secret, for tests over real sockets."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from registry.models import ChargePoint, Organization
from registry.services.credentials import credential_generate, credential_hash
from tests.support.charge_point import plug_in


@dataclass
class Enrolled:
    """A charge point with what only it knows."""

    row: ChargePoint
    secret: str
    url: str

    @property
    def cp_id(self) -> str:
        """Its public id."""
        return self.row.cp_id

    def plug_in(self, version="1.6", password=None, **options):
        """Connect with the right secret, or with another one."""
        return plug_in(
            self.url, self.cp_id, self.secret if password is None else password, version, **options
        )


@pytest.fixture
def enrol(server):
    """Register a charge point by id."""

    def make(cp_id="CP-1"):
        organization, _ = Organization.objects.get_or_create(slug="amber", defaults={"name": "Amber"})
        secret = credential_generate()
        row = ChargePoint.objects.create(
            organization=organization,
            cp_id=cp_id,
            credential_hash=credential_hash(secret),
            registered_at=datetime.now(UTC),
        )
        return Enrolled(row, secret, server.ws("/ocpp"))

    return make


@pytest.fixture
def enrolled(enrol):
    """One registered charge point."""
    return enrol()

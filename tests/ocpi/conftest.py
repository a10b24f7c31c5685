"""Two organisations that speak OCPI to each other on one server, and partners that misbehave."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from django.conf import LazySettings

from ocpi.core import auth
from ocpi.models import Partner
from ocpi.selectors.identity import identity_of
from ocpi.services.bootstrap_tokens import bootstrap_token_issue
from ocpi.services.handshake import partner_register
from registry.models import Organization
from tests.support.partner import ScriptedPartner
from tests.support.server import LiveServer


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def egress_open(settings: LazySettings) -> None:
    """Outgoing requests may reach this machine over plain http."""
    settings.EGRESS_ALLOW_HOSTS = ["127.0.0.1"]
    settings.EGRESS_ALLOW_HTTP = True


@pytest.fixture
def cpo(server: LiveServer, egress_open: None) -> Organization:
    """The default organisation: DE-EMP by the settings."""
    return Organization.objects.create(name="Strom AG", slug="strom", is_default=True, ocpi_roles=["CPO"])


@pytest.fixture
def emsp(server: LiveServer, egress_open: None) -> Organization:
    """Another organisation, a provider: NL-MSP."""
    return Organization.objects.create(
        name="Drivers BV", slug="drivers", country_code="NL", party_id="MSP", ocpi_roles=["EMSP"]
    )


@pytest.fixture
def scripted(egress_open: None) -> Iterator[ScriptedPartner]:
    """A partner of ours that does what the test says."""
    with ScriptedPartner() as partner:
        yield partner


class Caller:
    """Speaks OCPI to the server under test, with one token."""

    def __init__(self, server: LiveServer, token: str) -> None:
        self.server, self.token = server, token

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        given = {"X-Request-ID": "request-1", "X-Correlation-ID": "correlation-1"}
        if self.token:
            given["Authorization"] = auth.header(self.token)
        wanted = given | {name.replace("_", "-"): value for name, value in headers.items()}
        url = path if path.startswith("http") else self.server.http(path)
        return httpx2.request(method, url, headers=wanted, json=body, timeout=30, trust_env=False)


def issue(organization: Organization) -> str:
    """A token A of an organisation."""
    return bootstrap_token_issue(organization=organization, label="test", now=now())[1]


@pytest.fixture
def linked(cpo: Organization, emsp: Organization) -> tuple[Partner, Partner]:
    """Registered with each other over HTTP: the provider as the CPO knows it, and the other way round."""
    cpo_at_emsp = partner_register(
        organization=emsp, versions_url=identity_of(cpo).versions_url, token_a=issue(cpo), now=now()
    )
    return Partner.objects.get(organization=cpo), cpo_at_emsp


@pytest.fixture
def registered(server: LiveServer, cpo: Organization, scripted: ScriptedPartner) -> Caller:
    """The scripted partner, registered with the CPO by its own POST; calls with token C."""
    answer = Caller(server, issue(cpo))("POST", "/ocpi/2.2.1/credentials", scripted.credentials())
    assert answer.json()["status_code"] == 1000, answer.text
    return Caller(server, answer.json()["data"]["token"])

"""Two platforms in two processes: ours with all versions, a provider with an older one."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from billing.models import Cdr
from billing.tasks import make_cdr
from central.models import Session
from central.services.provider_answers import providers_forget
from ocpi.models import Delivery, Exchange, Partner, PullState
from ocpi.selectors.partners import endpoint_url
from ocpi.selectors.places import evse_uid_of, location_id_of
from ocpi.services.authorizations import gates_forget
from ocpi.services.handshake import partner_register
from ocpi.services.partner_clients import partner_client
from ocpi.tasks import pull, sweep
from registry.models import ChargePoint, Organization, Site
from tests.billing import builders
from tests.ocpi.conftest import now
from tests.ocpi.plugging import plugging
from tests.ocpi.pushing import push_all
from tests.ocpi.test_places import box
from tests.support.charge_point import SyncChargePoint
from tests.support.older_rows import APP, CARD
from tests.support.process import ServerProcess
from tests.support.server import LiveServer
from tests.support.wait import eventually

pytestmark = [pytest.mark.integration, pytest.mark.slow]


SETTINGS = {"DJANGO_SETTINGS_MODULE": "emobility.settings"}


class Provider(ServerProcess):
    """NL-MSP in a process of its own, restricted to one version."""

    def __init__(self, version: str) -> None:
        own = {"OCPI_COUNTRY_CODE": "NL", "OCPI_PARTY_ID": "MSP"}
        egress = {"EGRESS_ALLOW_HOSTS": "127.0.0.1", "EGRESS_ALLOW_HTTP": "true"}
        super().__init__(("-m", "tests.support.older_platform", version), own | egress | SETTINGS)
        self.version, self.url = version, f"http://127.0.0.1:{self.port}"

    def secret(self, name: str) -> str:
        """What its rows told."""
        return str(json.loads((self.folder / "secrets.json").read_text(encoding="utf-8"))[name])

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        """Its REST, as an app of its drivers uses it."""
        headers = {"X-API-Key": self.secret("key")}
        url = f"{self.url}{path}"
        answer = httpx2.request(method, url, json=body, headers=headers, timeout=30, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture(params=["2.1.1", "2.2.1"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    with Provider(request.param) as process:
        yield process


@pytest.fixture
def point(cpo: Organization) -> ChargePoint:
    builders.default_tariff(cpo, builders.ENERGY, builders.FEE)
    site = Site.objects.create(organization=cpo, name="Hof", address="Weg 1", city="Bonn")
    return box(cpo, site, plugs=1)


def test_a_driver_of_an_older_platform_charges_at_ours(
    server: LiveServer, cpo: Organization, point: ChargePoint, provider: Provider
) -> None:
    """Handshake, token, authorise, START_SESSION with its result, then location, tariff, session and CDR."""
    versions_url = f"{provider.url}/ocpi/versions"
    partner = partner_register(
        organization=cpo, versions_url=versions_url, token_a=provider.secret("token_a"), now=now()
    )
    assert (str(partner), partner.version) == ("NL-MSP", provider.version)
    pull()
    state = PullState.objects.get(module="tokens")
    assert (state.last_count, state.error) == (2, "")
    providers_forget()
    gates_forget()
    accepted = {"RemoteStartTransaction": {"status": "Accepted"}}
    with plugging(server, point)("1.6", **accepted) as plugged:
        plugged.boot()
        assert plugged.authorize(CARD) == "Accepted"
        asked = Exchange.objects.get(outgoing=True, module="tokens", method="POST")
        assert f"{provider.url}/ocpi/" in asked.url
        assert f"/{provider.version}/" in asked.url
        _starts_from_the_app(provider, partner, plugged, point)
    make_cdr(session_id=Session.objects.get().pk)
    sweep()
    push_all(now() + timedelta(seconds=30), partner)
    assert not Delivery.objects.exclude(state="delivered").values_list("module", "last_error")
    _has_it_all(partner)


def _starts_from_the_app(
    provider: Provider, partner: Partner, plugged: SyncChargePoint, point: ChargePoint
) -> None:
    place = {"location_id": location_id_of(point), "evse_uid": evse_uid_of(point, 1)}
    wish = {"partner": 1, "command": "START_SESSION", "token": APP, **place}
    told = provider.rest("POST", "/api/commands-to-partners/", wish)
    assert (told["response"], told["version"]) == ("ACCEPTED", provider.version)

    def result() -> str:
        push_all(now() + timedelta(minutes=1), partner)
        (row,) = provider.rest("GET", "/api/commands-to-partners/")["results"]
        return str(row["result"])

    assert eventually(result) == "ACCEPTED"
    (start,) = [frame for frame in plugged.calls if frame[0] == "RemoteStartTransaction"]
    plugged.charge(start[1]["idTag"], energy=2)


def _has_it_all(partner: Partner) -> None:
    """The provider answers with what it was told, in its version."""
    session = Session.objects.get()
    client = partner_client(partner, now())
    names = {
        "locations": f"site-{session.site_id}",
        "tariffs": "T1",
        "sessions": str(session.uid),
        "cdrs": Cdr.objects.get().cdr_id,
    }
    kept = {
        module: client.call(
            "GET", f"{endpoint_url(partner, module, 'RECEIVER')}/DE/EMP/{name}", module=module
        ).data
        for module, name in names.items()
    }
    old = partner.version == "2.1.1"
    assert {module: item["id"] for module, item in kept.items()} == names
    assert (kept["sessions"]["status"], kept["sessions"]["kwh"]) == ("COMPLETED", 0.002)
    cost = kept["cdrs"]["total_cost"]
    assert (cost if old else cost["excl_vat"]) == 1.001
    assert ("location" in kept["cdrs"], "cdr_location" in kept["cdrs"]) == (old, not old)
    assert ("publish" in kept["locations"], "party_id" in kept["tariffs"]) == (not old, not old)

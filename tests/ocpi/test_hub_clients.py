"""Parties behind a hub, as we keep them (OCPI 2.2.1 §15)."""

from datetime import timedelta
from typing import Any

import pytest

from ocpi.core.modules import STORERS, Arrival
from ocpi.core.sweeping import key_of
from ocpi.models import HubClient, Partner
from registry.models import Organization
from tests.ocpi.conftest import Caller, issue, now
from tests.support.partner import ScriptedPartner
from tests.support.server import LiveServer

STAMP = "2026-03-01T08:00:00Z"
ADDRESS = "/ocpi/{version}/receiver/hubclientinfo/NL/ALL"


def info(**changes: Any) -> dict[str, Any]:
    common = {"country_code": "NL", "party_id": "ALL", "role": "CPO", "status": "PLANNED"}
    return {**common, "last_updated": STAMP, **changes}


@pytest.fixture
def hub(server: LiveServer, cpo: Organization, scripted: ScriptedPartner) -> Caller:
    scripted.role = "HUB"
    answer = Caller(server, issue(cpo))("POST", "/ocpi/2.2.1/credentials", scripted.credentials())
    return Caller(server, answer.json()["data"]["token"])


@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
def test_what_the_hub_tells_is_kept(hub: Caller, version: str) -> None:
    """§15.3.1: 201, 200, word for word; never routed; an older state changes nothing."""
    url = ADDRESS.format(version=version)
    body = info(extra=1)
    first = hub("PUT", url, body)
    assert (first.status_code, first.json()["status_code"]) == (201, 1000)
    assert "OCPI-to-party-id" not in first.headers
    newer = info(status="CONNECTED", last_updated="2026-03-02T08:00:00Z")
    assert hub("PUT", f"{url}/", newer).status_code == 200
    assert hub("PUT", url, body).json()["status_code"] == 1000
    assert hub("GET", url.replace("NL/ALL", "nl/all")).json()["data"] == newer
    assert HubClient.objects.get().status == "CONNECTED"
    assert hub("DELETE", url).status_code == 405
    assert hub("GET", url.replace("ALL", "XXX")).status_code == 404


def test_what_is_wrong_is_refused(hub: Caller) -> None:
    url = ADDRESS.format(version="2.2.1")
    for body in (info(status="GONE"), info(party_id="OTH"), info(role="KING"), {}, info(last_updated=None)):
        assert hub("PUT", url, body).json()["status_code"] == 2001
    assert hub("PUT", "/ocpi/2.1.1/receiver/hubclientinfo/NL/ALL", info()).status_code == 404
    assert not HubClient.objects.exists()


def test_only_a_hub_tells_of_others(registered: Caller) -> None:
    """T18: a partner invents no parties."""
    assert registered("PUT", ADDRESS.format(version="2.2.1"), info()).json()["status_code"] == 2001
    assert not HubClient.objects.exists()


def test_the_hub_s_list_is_pulled(hub: Caller) -> None:
    """§15.3.2: each party and role is one object."""
    partner = Partner.objects.get()
    for body in (info(), info(role="EMSP"), info(status="OFFLINE", last_updated="2026-03-03T08:00:00Z")):
        STORERS["hubclientinfo"](Arrival(partner, "2.2.1", body, now() + timedelta(seconds=1)))
    assert {(row.role, row.status) for row in HubClient.objects.all()} == {
        ("CPO", "OFFLINE"),
        ("EMSP", "PLANNED"),
    }
    assert key_of(info(), partner) == "NL/ALL/CPO"

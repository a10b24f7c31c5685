"""Addresses that partners name lead nowhere inside: credentials, endpoints, response_url (T15)."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from ocpi.models import Delivery, Exchange, Partner, PartnerEndpoint
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.selectors.places import location_id_of
from registry.models import Organization
from tests.ocpi import roaming, rows
from tests.ocpi.conftest import Caller, issue, now
from tests.ocpi.pushing import push_all
from tests.ocpi.speaking import Speaker
from tests.ocpi.test_tokens import token
from tests.support.canary import FORMS, HOSTS, Canary
from tests.support.server import LiveServer

PAYLOADS = [f"https://{host}:{{port}}/ocpi/versions" for host in HOSTS[:26]] + FORMS[:14]
ROLE = {"role": "EMSP", "country_code": "FR", "party_id": "NEW", "business_details": {"name": "New"}}


@pytest.fixture
def canary() -> Iterator[Canary]:
    found = Canary()
    yield found
    found.close()


@pytest.fixture
def cpo(server: LiveServer, settings: LazySettings) -> Organization:
    settings.EGRESS_ALLOW_HOSTS, settings.EGRESS_ALLOW_HTTP = [], False
    return rows.organization("CPO")


def test_t15_forty_addresses_in_three_places_reach_nothing(
    server: LiveServer, cpo: Organization, canary: Canary
) -> None:
    """T15: refused where they are told, not a knock at this machine where they would be asked."""
    partner = rows.partner(cpo, "EMSP", "2.2.1", url="https://127.0.0.1")
    stranger = Caller(server, issue(cpo))
    box = roaming.box(cpo)
    roaming.billed(cpo)
    cdrs_seal_missing(now=now())
    assert len(PAYLOADS) == 40
    with Speaker(server, partner) as speaker:
        for payload in PAYLOADS:
            url = payload.format(port=canary.port)
            body = {"token": "token-b", "url": url, "roles": [ROLE]}
            told = stranger("POST", "/ocpi/2.2.1/credentials", body).json()["status_code"]
            assert told in {2001, 3001}, url
            start = {"response_url": url, "token": token(), "location_id": location_id_of(box)}
            answer = speaker("POST", "receiver/commands/START_SESSION", start)
            assert answer.json()["status_code"] == 2001, (url, answer.text)
            _pushes_to(partner, url)
    assert canary.hits == 0
    assert Partner.objects.count() == 1


def _pushes_to(partner: Partner, url: str) -> None:
    """An endpoint of the partner that leads here: the CDR stays, with what was wrong."""
    PartnerEndpoint.objects.filter(partner=partner, identifier="cdrs").update(url=url)
    Partner.objects.update(failures=0, paused_until=None)
    Delivery.objects.update(next_attempt_at=now(), uncertain=False)
    assert push_all(now(), partner) == 1, url
    delivery = Delivery.objects.get(module="cdrs")
    assert (delivery.state, delivery.delivered_at) == ("waiting", None), url
    assert delivery.last_error, url
    assert not Exchange.objects.filter(outgoing=True, http_status__isnull=False).exists(), url

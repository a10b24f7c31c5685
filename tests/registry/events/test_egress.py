"""T15: whatever address a webhook has, nothing of this machine or its network is reached."""

import socket

import pytest

from emobility.lib.errors import Invalid
from registry.models import WebhookEndpoint
from registry.services.webhook_endpoints import Wish, webhook_create
from tests.registry.events.conftest import START
from tests.support.canary import PAYLOADS, Canary


@pytest.fixture
def canary():
    found = Canary()
    yield found
    found.close()


@pytest.mark.parametrize("address", PAYLOADS)
def test_t15_no_webhook_reaches_this_machine(organization, tell, clock, canary, settings, address):
    """Refused when it is written, or when it is sent to; also where it came into the table another way."""
    settings.EGRESS_ALLOW_HOSTS, settings.EGRESS_ALLOW_HTTP = [], False
    url = address.format(port=canary.port)
    try:
        webhook_create(organization=organization, wish=Wish("Bad", url), actor="test", now=START)
    except Invalid:
        made = webhook_create(
            organization=organization, wish=Wish("Bad", "https://a.example"), actor="test", now=START
        )
        WebhookEndpoint.objects.filter(pk=made.endpoint.pk).update(url=url)
    tell("1")
    clock.go_round()
    assert canary.hits == 0
    assert WebhookEndpoint.objects.get().failures == 1


def test_a_name_that_turns_to_this_machine_is_refused(
    organization, tell, clock, canary, settings, monkeypatch
):
    settings.EGRESS_ALLOW_HOSTS = []
    real, url = socket.getaddrinfo, f"https://rebind.example:{canary.port}/"
    webhook_create(organization=organization, wish=Wish("Rebind", url), actor="test", now=START)

    def turned(host, *rest, **options):
        if host == "rebind.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", canary.port))]
        return real(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", turned)
    tell("1")
    clock.go_round()
    assert canary.hits == 0
    assert "public" in WebhookEndpoint.objects.get().last_error


def test_a_redirect_is_a_failure(endpoint, receiver, tell, clock, canary):
    receiver.answer = lambda arrived: (307, {"location": f"http://127.0.0.1:{canary.port}/"})
    tell("1")
    clock.go_round()
    endpoint.refresh_from_db()
    assert (canary.hits, endpoint.last_error) == (0, "HTTP 307")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil"},
        {"webhook-id": "x"},
        {"Content-Length": "0"},
        {"X": "a\r\nY: b"},
        {"X\r\nY": "a"},
        {"X y": "a"},
        {"X": "ä"},
        {f"X-{number}": "a" for number in range(21)},
    ],
)
def test_headers_that_could_change_the_request_are_refused(organization, headers):
    wish = Wish("Bad", "https://a.example", headers=headers)
    with pytest.raises(Invalid):
        webhook_create(organization=organization, wish=wish, actor="test", now=START)

"""Two settings make the first webhook of the default organisation."""

import pytest

from emobility.lib.errors import Invalid
from registry.models import WebhookEndpoint
from registry.services.laravel import laravel_webhook_ensure
from registry.services.webhook_secrets import headers_of
from tests.registry.events.conftest import START


def ensure(url, key="k1"):
    return laravel_webhook_ensure(url=url, key=key, now=START)


def test_it_is_made_once(organization, receiver, tell, clock):
    assert ensure(receiver.url) is not None
    assert ensure(receiver.url) is None
    row = WebhookEndpoint.objects.get()
    assert (row.name, row.organization, row.kinds) == ("Laravel CMS", organization, ["*"])
    tell("1")
    clock.go_round()
    sent = receiver.requests[0]
    assert sent.headers["authorization"] == "Bearer k1"
    assert sent.headers["webhook-signature"].startswith("v1,")


def test_a_change_of_the_settings_changes_it_and_leaves_the_rest(organization, receiver):
    ensure(receiver.url)
    WebhookEndpoint.objects.update(kinds=["session.*"], name="Our CMS")
    assert ensure(receiver.url, "k2") is not None
    row = WebhookEndpoint.objects.get()
    assert headers_of(row) == {"Authorization": "Bearer k2"}
    assert (row.kinds, row.name) == (["session.*"], "Our CMS")


def test_without_an_address_nothing_is_made(organization):
    assert ensure("") is None
    assert not WebhookEndpoint.objects.exists()


def test_an_address_that_may_not_be_is_refused(organization):
    with pytest.raises(Invalid):
        ensure("ftp://cms.example")

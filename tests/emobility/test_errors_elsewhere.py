"""Errors that go to Sentry: only with a DSN, and without secrets, bodies and variables."""

import json
import logging

import pytest
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from emobility import errors_elsewhere
from emobility.errors_elsewhere import sentry_start

DSN = "https://public@sentry.example/1"
SECRETS = {
    "password": "canary-password-1",
    "header": "canary0header0canary0header",
    "url": "canary-query-3",
    "variable": "canary-variable-4",
    "breadcrumb": "canary-breadcrumb-5",
}


class Kept(Transport):
    """Sends nothing."""

    def __init__(self):
        super().__init__()
        self.sent = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize().decode())

    def flush(self, timeout, callback=None):
        return


@pytest.fixture
def sentry(settings):
    transport = Kept()
    before = sentry_sdk.get_global_scope().client
    assert sentry_start(DSN, transport=transport)
    yield transport
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(before)


def test_nothing_is_started_without_a_dsn():
    assert not sentry_start("")
    assert not sentry_sdk.get_client().is_active()


def test_a_dsn_without_the_extra_is_told(monkeypatch):
    monkeypatch.setattr(errors_elsewhere, "sentry_sdk", None)
    with pytest.raises(ImproperlyConfigured, match="extra"):
        sentry_start(DSN)


def test_an_error_arrives_without_a_secret(sentry):
    logging.getLogger("test").warning("Authorization: Bearer %s", SECRETS["header"])
    logging.getLogger("test").warning("login failed", extra={"password": SECRETS["breadcrumb"]})
    hidden = SECRETS["variable"]
    try:
        assert hidden
        raise ValueError(f"https://host/path?token={SECRETS['url']} password={SECRETS['password']}")
    except ValueError as error:
        sentry_sdk.capture_exception(error)
    text = "\n".join(sentry.sent)
    assert "ValueError" in text
    assert [name for name, secret in SECRETS.items() if secret in text] == []


def test_of_a_request_only_method_and_path_are_sent():
    request = {
        "method": "POST",
        "url": "https://host/api/token?x=1",
        "headers": {"Cookie": "sessionid=abc"},
        "data": {"username": "a"},
    }
    scrubbed = errors_elsewhere.scrub({"request": request, "user": {"id": 1}, "server_name": "h"}, {})
    assert scrubbed == {"request": {"method": "POST", "url": "https://host/api/token"}}
    assert "sessionid" not in json.dumps(scrubbed)

"""T7 over everything: twelve secrets go through every path and stay in no row, no log line, no answer."""

import io
import logging
from datetime import UTC, datetime

import httpx2
import pytest
from django.apps import apps
from websockets.exceptions import InvalidStatus

from central.models import Message
from emobility.lib.logs import _formatter
from registry.models import AuditEntry, Organization
from registry.services.service_accounts import ServiceAccountValues, service_account_create
from registry.services.service_keys import service_key_issue
from tests.support.charge_point import Refused
from tests.support.live import PASSWORD, hear, listen, login, ticket
from tests.support.world import staff

pytestmark = pytest.mark.integration

TOLD = {
    name: f"canary0{name}0canary0{name}0canary"
    for name in ("basic", "bearer", "apikey", "ticket", "partner", "login", "metrics", "key", "reported")
}
"""What strangers show or a charge point tells; what we issue ourselves is added in the test."""


CLIENTS = ("websockets.client", "httpx", "httpcore")
"""What the clients of this test say of themselves is not the product's log."""


@pytest.fixture
def log_text():
    """The log as it is written, at its most talkative."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    kind = _formatter(json=True)
    handler.setFormatter(kind.pop("()")(**kind))
    handler.addFilter(lambda record: not record.name.startswith(CLIENTS))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.removeHandler(handler)
    root.setLevel(before)


def _rows():
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return "\n".join(str(list(model._default_manager.values())) for model in models)


def _strangers(server, enrolled):
    """Six ways to show a wrong secret."""
    with pytest.raises(Refused), enrolled.plug_in(password=TOLD["basic"]):
        pass
    for protocols, header in [
        ([f"ticket.{TOLD['ticket']}"], None),
        (None, {"Authorization": f"Bearer {TOLD['bearer']}"}),
        (None, {"X-API-Key": f"emk_{TOLD['apikey']}"}),
    ]:
        with pytest.raises(InvalidStatus), listen(server, headers=header, subprotocols=protocols):
            pass
    get, post = httpx2.get, httpx2.post
    return [
        get(server.http("/api/commands/"), headers={"Authorization": f"Bearer {TOLD['bearer']}"}),
        get(server.http("/ocpi/versions"), headers={"Authorization": f"Token {TOLD['partner']}"}),
        get(server.http("/metrics"), headers={"Authorization": f"Bearer {TOLD['metrics']}"}),
        post(server.http("/api/token"), json={"username": "nobody", "password": TOLD["login"]}),
    ]


def _charge_point(enrolled):
    """A charge point that connects with its secret and tells another one."""
    told = {
        "configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": TOLD["reported"]}],
        "unknownKey": [],
    }
    with enrolled.plug_in(handlers={"GetConfiguration": told}) as charger:
        charger.boot()
        charger.call("DataTransfer", {"vendorId": "x", "data": f'{{"password": "{TOLD["key"]}"}}'})


def test_t7_twelve_secrets_leave_no_trace(server, enrolled, log_text):
    own = Organization.objects.get(slug="amber")
    admin = staff(own, "admin", password=PASSWORD)
    header = login(server, admin)
    account = service_account_create(
        organization=own,
        values=ServiceAccountValues("robot", scopes=["see", "inspect"]),
        actor=admin,
        now=datetime.now(UTC),
    )
    issued = service_key_issue(account=account, actor=admin, now=datetime.now(UTC))
    key = next(part for part in issued if isinstance(part, str))
    shown = ticket(server, admin)
    bodies = _strangers(server, enrolled)
    _charge_point(enrolled)
    with listen(server, "/master", headers={"X-API-Key": key}) as socket:
        hear(socket, "welcome")
    with listen(server, subprotocols=[shown]) as socket:
        said = [str(hear(socket))]
    bodies += [
        httpx2.get(server.http(path), headers=header)
        for path in ("/api/messages/", "/api/commands/", "/api/charge-points/", "/api/status", "/metrics")
    ]
    assert Message.objects.filter(action="DataTransfer").exists()
    assert AuditEntry.objects.exists()
    assert "Charge point connected" in log_text()
    issued_by_us = {
        "charge point": enrolled.secret,
        "access token": header["Authorization"].removeprefix("Bearer "),
        "api key": key,
        "ticket used": shown.removeprefix("ticket."),
        "person": PASSWORD,
    }
    secrets = TOLD | issued_by_us
    assert len(secrets) >= 12
    everything = _rows() + log_text() + "".join(said) + "".join(body.text for body in bodies)
    assert [name for name, secret in secrets.items() if secret in everything] == []

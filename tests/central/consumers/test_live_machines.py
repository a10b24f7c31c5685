"""Live sockets of machine clients: they end with the key, and hold up nobody else's end."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from central.consumers import live_hub, live_socket
from registry.models import Organization
from registry.services.revocations import user_tokens_end
from registry.services.service_keys import service_key_revoke
from tests.support.live import PASSWORD, hear, listen, login, ticket
from tests.support.machines import api_key, machine
from tests.support.world import staff

pytestmark = pytest.mark.integration


@pytest.fixture
def own(server):
    return Organization.objects.get_or_create(slug="amber", defaults={"name": "Amber"})[0]


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(live_hub, "RECHECK_SECONDS", 0.2)


def code_of(closed):
    return closed.value.rcvd.code


def test_beside_a_machine_a_person_who_is_disabled_is_sent_away(server, own):
    viewer = staff(own, "viewer", password=PASSWORD)
    _, header = api_key(machine(own))
    with listen(server, headers=header) as program, listen(server, headers=login(server, viewer)) as socket:
        hear(program)
        hear(socket)
        viewer.is_active = False
        viewer.save()
        with pytest.raises(ConnectionClosed) as closed:
            hear(socket, "nothing")
    assert code_of(closed) == live_socket.REVOKED


@pytest.mark.parametrize("way", ["key", "ticket"])
def test_a_machine_is_sent_away_when_its_key_is_revoked(server, own, way):
    """Also one that showed the key for a ticket: the ticket opens nothing that outlives the key."""
    account = machine(own)
    chief: Any = account.created_by
    key, header = api_key(account)
    options: dict[str, Any] = {"headers": header}
    if way == "ticket":
        answer = httpx2.post(server.http("/api/tickets"), headers=header)
        options = {"subprotocols": [answer.json()["protocol"]]}
    with listen(server, **options) as socket:
        hear(socket)
        service_key_revoke(key=key, actor=chief, now=datetime.now(UTC))
        with pytest.raises(ConnectionClosed) as closed:
            hear(socket, "nothing")
    assert code_of(closed) == live_socket.REVOKED


def test_a_ticket_ends_with_all_tokens_of_a_person(server, own):
    viewer = staff(own, "viewer", password=PASSWORD)
    with listen(server, subprotocols=[ticket(server, viewer)]) as socket:
        hear(socket)
        user_tokens_end(user=viewer, now=datetime.now(UTC))
        with pytest.raises(ConnectionClosed) as closed:
            hear(socket, "nothing")
    assert code_of(closed) == live_socket.REVOKED

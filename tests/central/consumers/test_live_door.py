"""Who may open a live socket (T13, tickets, headers, rights taken away), and the limits of each."""

import json
import socket as plain_socket
import time
from typing import Any

import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus

from central.consumers import live_hub, live_socket
from registry.models import Organization
from tests.support.live import PASSWORD, cookie, hear, listen, login, ticket
from tests.support.wait import FACTOR, eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration


@pytest.fixture
def own(server):
    return Organization.objects.get_or_create(slug="amber", defaults={"name": "Amber"})[0]


@pytest.fixture
def viewer(own):
    return staff(own, "viewer", password=PASSWORD)


def code_of(closed):
    return closed.value.rcvd.code


def test_a_ticket_opens_one_socket_once(server, viewer):
    """Also from a page of somebody else's host: it was asked for by REST."""
    shown = ticket(server, viewer)
    with listen(server, subprotocols=["emobility.dashboard", shown], origin="https://app.example") as socket:
        assert socket.subprotocol == "emobility.dashboard"
        assert hear(socket)["type"] == "snapshot"
    with pytest.raises(InvalidStatus) as refusal, listen(server, subprotocols=[shown]):
        pass
    assert refusal.value.response.status_code == 401


@pytest.mark.parametrize("path", ["/dashboard", "/master"])
@pytest.mark.parametrize(("origin", "status"), [("https://evil.example", 403), ("null", 403), (None, 403)])
def test_t13_a_foreign_page_with_the_cookie_is_refused(server, viewer, path, origin, status):
    """T13: another site's script, and no Origin at all, get 403 at both sockets."""
    with (
        pytest.raises(InvalidStatus) as refusal,
        listen(server, path, headers=cookie(viewer), origin=origin),
    ):
        pass
    assert refusal.value.response.status_code == status


@pytest.mark.parametrize("path", ["/dashboard", "/master"])
def test_t13_a_page_of_ours_and_a_program_with_a_header_are_let_in(server, viewer, path):
    with listen(server, path, headers=cookie(viewer), origin=server.http()) as socket:
        assert hear(socket)["type"] in {"snapshot", "welcome"}
    with listen(server, path, headers=login(server, viewer)) as socket:
        assert hear(socket)["type"] in {"snapshot", "welcome"}


def test_a_header_beside_an_origin_does_not_count(server, viewer):
    """A page that could send a header would send cookies as well: it is judged by its origin."""
    headers = login(server, viewer)
    with (
        pytest.raises(InvalidStatus) as refusal,
        listen(server, headers=headers, origin="https://evil.example"),
    ):
        pass
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("shown", [None, "Bearer nonsense", "Basic YTpi"])
def test_nobody_is_let_in_without_proof(server, own, shown):
    headers = {"Authorization": shown} if shown else None
    with pytest.raises(InvalidStatus) as refusal, listen(server, headers=headers):
        pass
    assert refusal.value.response.status_code == 401


def test_a_partner_may_watch_and_not_master(server, own):
    partner = staff(own, "partner", password=PASSWORD)
    headers = login(server, partner)
    with listen(server, headers=headers) as socket:
        assert hear(socket)["type"] == "snapshot"
    with pytest.raises(InvalidStatus) as refusal, listen(server, "/master", headers=headers):
        pass
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("way", ["cookie", "ticket", "bearer"])
def test_whoever_is_disabled_is_sent_away(server, viewer, monkeypatch, way):
    monkeypatch.setattr(live_hub, "RECHECK_SECONDS", 0.2)
    options = {
        "cookie": lambda: {"headers": cookie(viewer), "origin": server.http()},
        "ticket": lambda: {"subprotocols": [ticket(server, viewer)]},
        "bearer": lambda: {"headers": login(server, viewer)},
    }[way]()
    with listen(server, **options) as socket:
        hear(socket)
        viewer.is_active = False
        viewer.save()
        with pytest.raises(ConnectionClosed) as closed:
            hear(socket, "nothing")
    assert code_of(closed) == live_socket.REVOKED


def test_who_logs_out_or_changes_the_password_is_sent_away(server, viewer, monkeypatch):
    monkeypatch.setattr(live_hub, "RECHECK_SECONDS", 0.2)
    client = Client()
    client.force_login(viewer)
    shown = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    with listen(server, headers=shown, origin=server.http()) as socket:
        hear(socket)
        client.logout()
        with pytest.raises(ConnectionClosed):
            hear(socket)
    with listen(server, subprotocols=[ticket(server, viewer)]) as socket:
        hear(socket)
        viewer.set_password("another-good-password")
        viewer.save()
        with pytest.raises(ConnectionClosed):
            hear(socket)


def test_frames_beyond_64_kib_and_beyond_the_pace_are_refused(server, viewer, monkeypatch):
    monkeypatch.setattr(live_socket, "FRAMES_A_MINUTE", 3)
    headers = login(server, viewer)
    with listen(server, headers=headers) as socket:
        hear(socket)
        for _ in range(4):
            socket.send('{"type": "nothing"}')
        codes = [hear(socket, "error")["code"] for _ in range(4)]
        assert codes == ["invalid", "invalid", "invalid", "too_many"]
    with listen(server, headers=headers) as socket:
        hear(socket)
        socket.send("x" * (64 * 1024 + 1))
        with pytest.raises(ConnectionClosed) as closed:
            hear(socket)
        assert code_of(closed) == live_socket.TOO_LARGE


def test_who_never_reads_is_dropped_and_nothing_is_kept_for_him(server, own, viewer, monkeypatch):
    monkeypatch.setattr(live_socket, "PATIENCE", 1.0)
    headers = login(server, viewer)
    raw = plain_socket.create_connection(("127.0.0.1", server.port))
    raw.setsockopt(plain_socket.SOL_SOCKET, plain_socket.SO_RCVBUF, 4096)
    lines = [
        "GET /dashboard HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Authorization: {headers['Authorization']}",
    ]
    raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    hub: Any = eventually(lambda: live_hub._hubs.get(server.loop))
    silent: Any = eventually(lambda: next(iter(hub.sockets), None))
    eventually(lambda: silent.is_open and hub._scopes)
    text = json.dumps({"type": "filler", "text": "x" * 500_000})
    end = time.monotonic() + 20 * FACTOR
    while silent.is_open and time.monotonic() < end:
        server.loop.call_soon_threadsafe(silent.say, text)
        eventually(lambda: True)
        assert len(silent._waiting) <= live_socket.MOST_WAITING
    assert not silent.is_open
    assert not silent._waiting
    with listen(server, headers=headers) as socket:
        assert hear(socket)["type"] == "snapshot"
    raw.close()

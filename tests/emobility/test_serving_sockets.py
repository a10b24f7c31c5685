"""Frames as they seldom come, at both servers: in pieces, several at once, in fragments; then usual ones."""

import json
from contextlib import suppress

import pytest

from tests.support.charging import SHELL
from tests.support.fleet import BOOT
from tests.support.process import ServerProcess
from tests.support.raw_socket import CONTINUATION, PING, PONG, RawSocket, call, frame

pytestmark = pytest.mark.integration

UVICORN = (
    *("-m", "uvicorn", "emobility.asgi:application", "--port", "{port}", "--lifespan", "off"),
    *("--ws", "emobility.serving_uvicorn:FrameProtocol", "--ws-max-size", "4194304"),
)
SECRET = "0123456789abcdef0123456789abcdef01234567"
ENROL = f"""
from django.utils.timezone import now
from registry.models import ChargePoint, Organization
from registry.services.credentials import credential_hash
owner = Organization.objects.create(name="A", slug="a", is_default=True)
known = {{"cp_id": "CP", "credential_hash": credential_hash("{SECRET}"), "registered_at": now()}}
ChargePoint.objects.create(organization=owner, **known)
"""


@pytest.fixture(scope="module", params=[("manage.py", "serve"), UVICORN], ids=["daphne", "uvicorn"])
def server(request):
    with ServerProcess(request.param) as running:
        running.run(*SHELL, ENROL).check_returncode()
        yield running


@pytest.fixture
def charger(server):
    offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    with RawSocket(server.port).knock("CP", SECRET, headers=offer) as socket:
        socket.send(call("boot", "BootNotification", BOOT))
        assert socket.answer()[2]["status"] == "Accepted"
        yield socket


def heartbeat(number):
    return call(f"h{number}", "Heartbeat")


def test_each_frame_is_answered_however_it_comes(charger):
    """A frame byte by byte, three at once, half of one after a whole one, a ping in a fragmented one."""
    for byte in heartbeat(1):
        charger.send(bytes([byte]))
    charger.send(heartbeat(2) + heartbeat(3) + heartbeat(4))
    whole = heartbeat(6)
    charger.send(heartbeat(5) + whole[:9])
    charger.send(whole[9:])
    text = json.dumps([2, "h7", "Heartbeat", {}]).encode()
    charger.send(frame(text[:8], last=False))
    assert [charger.answer()[1] for _ in range(6)] == [f"h{number}" for number in range(1, 7)]
    charger.send(frame(b"still there?", opcode=PING))
    assert charger.receive() == (PONG, b"still there?")
    charger.send(frame(text[8:], opcode=CONTINUATION))
    charger.send(heartbeat(8))
    assert [charger.answer()[1] for _ in range(2)] == ["h7", "h8"]


def test_too_large_a_frame_ends_the_connection(charger):
    """4 MiB is the limit; the server may end the connection before all of it is sent."""
    with suppress(ConnectionError):
        charger.send(frame(b"x" * (4 * 1024 * 1024 + 1)))
    assert charger.close_code() in {0, 1009, 4009}


def test_a_wrong_password_is_refused_before_the_upgrade(server):
    with RawSocket(server.port) as stranger, pytest.raises(ConnectionError, match="HTTP 401"):
        stranger.knock("CP", "wrong")


def test_the_end_of_the_server_ends_the_sockets_in_order(server, charger):
    """What was sent before is answered; the connection is closed by a code, not cut; no traceback."""
    charger.send(heartbeat(1))
    assert charger.answer()[1] == "h1"
    assert server.stop() in {0, -15}
    assert charger.close_code() in {1000, 1012}
    assert "Traceback" not in server.console()

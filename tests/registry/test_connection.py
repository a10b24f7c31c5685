"""What the Registry decides is felt at the OCPP connection: one secret for both, its end within 5 s."""

import base64

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from central.models import ChargePointStatus
from tests.support.registry import BERLIN
from tests.support.wait import FACTOR, eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def registry(server, settings):
    settings.REGISTRY_OPEN_REGISTRATION = True
    settings.OCPP_ALLOW_PLAINTEXT = True
    return server.registry_http


def _connect(server, secret: bytes) -> ClientConnection:
    basic = base64.b64encode(b"CP-001:" + secret).decode()
    return connect(
        server.ws("/ocpp/CP-001"),
        subprotocols=[Subprotocol("ocpp1.6")],
        additional_headers={"Authorization": f"Basic {basic}"},
    )


def _is_online() -> bool:
    return ChargePointStatus.objects.filter(connection_id__isnull=False).exists()


def _ends(socket: ClientConnection) -> bool:
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=5 * FACTOR)
    return True


def test_the_registrys_secret_opens_the_connection_as_text_and_as_bytes(server, registry):
    secret = httpx2.post(registry("/cp/register"), json=BERLIN).json()["credentials"]
    for form in (secret.encode(), bytes.fromhex(secret)):
        with _connect(server, form) as socket:
            assert socket.subprotocol == "ocpp1.6"


@pytest.mark.parametrize("end", ["deregistration", "rotation"])
def test_deregistration_and_rotation_close_the_open_connection(server, registry, end):
    made = httpx2.post(registry("/cp/register"), json=BERLIN).json()
    with _connect(server, made["credentials"].encode()) as socket:
        eventually(_is_online)
        if end == "deregistration":
            answer = httpx2.delete(registry("/cp/CP-001"))
        else:
            answer = httpx2.post(registry("/cp/register"), json=BERLIN | {"credentials": made["credentials"]})
        assert answer.status_code == 200
        assert _ends(socket)
    with pytest.raises(InvalidStatus) as refused:
        _connect(server, made["credentials"].encode())
    assert refused.value.response.status_code == 401

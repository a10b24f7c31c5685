"""Bounds of HTTP: bodies end at their limit while they come, answers wait for slow readers."""

import asyncio
import socket

import pytest

from emobility.bodies import MIB, SLACK, body_limit, file_limit
from emobility.serving_http import Gate
from tests.support.process import ServerProcess

UVICORN = ("-m", "uvicorn", "emobility.asgi:application", "--port", "{port}", "--lifespan", "off")
LOG = "/files/logs/0123456789abcdef"


def send(port: int, head: str, chunks: int = 0) -> bytes:
    """The first line of the answer to a request of which only a part is ever sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode())
        try:
            for _ in range(chunks):
                connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        except OSError:
            # The server has closed its side: what it answered is read below, where it still can be.
            pass
        try:
            return connection.recv(4096).split(b"\r\n")[0]
        except ConnectionResetError:
            return b"reset"


def test_limits_belong_to_paths(settings):
    settings.FILES_LOG_MAX_MIB, settings.FILES_FIRMWARE_MAX_MIB, settings.HTTP_MAX_BODY_MIB = 3, 7, 2
    assert file_limit("/files/logs/x/diag.zip") == 3 * MIB + SLACK
    assert file_limit("/api/firmware-images/") == 7 * MIB + SLACK
    assert file_limit("/admin/central/firmwareimage/add/") == 7 * MIB + SLACK
    assert file_limit("/api/commands/") is None
    assert body_limit() == 2 * MIB


@pytest.mark.integration
@pytest.mark.parametrize("command", [("manage.py", "serve"), UVICORN], ids=["daphne", "uvicorn"])
def test_a_body_beyond_the_limit_is_refused_before_it_has_come(command):
    server = ServerProcess(command, environment={"FILES_LOG_MAX_MIB": "1", "FACE": "central"})
    server.migrate()
    server.start(wait_for=f"http://127.0.0.1:{server.port}/api/health")
    try:
        head = f"PUT {LOG} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        assert b"413" in send(server.port, f"{head}Content-Length: 10000000000\r\n\r\n")
        endless = send(server.port, f"{head}Transfer-Encoding: chunked\r\n\r\n", chunks=60)
        assert b"413" in endless or endless == b"reset"
        firmware = (
            "POST /api/firmware-images/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer em_no_key\r\n"
        )
        assert b"413" in send(server.port, f"{firmware}Content-Length: 9000000\r\n\r\n")
        small = send(server.port, f"{head}Content-Length: 1\r\n\r\nx")
        assert b"404" in small
    finally:
        server.stop()


async def test_who_writes_waits_while_the_reader_is_slow():
    gate = Gate()
    await asyncio.wait_for(gate.passed(), 5)
    for go_on in (gate.resumeProducing, gate.stopProducing):
        gate.pauseProducing()
        waiting = asyncio.ensure_future(gate.passed())
        await asyncio.sleep(0)
        assert not waiting.done()
        go_on()
        await asyncio.wait_for(waiting, 5)

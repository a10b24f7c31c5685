"""Several processes, and the end of one: sockets are closed in order, ownership moves (T2, F19)."""

from uuid import uuid4

import httpx2
import pytest

from tests.support.charge_point import plug_in
from tests.support.process import ServerProcess
from tests.support.wait import eventually

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def enrol(server):
    """Register a charge point through the Registry; its id and secret."""
    cp_id = f"CP-{uuid4().hex[:6]}"
    url = f"http://127.0.0.1:{server.registry_port}/cp/register"
    answer = httpx2.post(url, json={"cp_id": cp_id, "location": "Berlin"})
    assert answer.status_code == 200, answer.text
    return cp_id, answer.json()["credentials"]


def address(server):
    """Where charge points of a server process connect."""
    return f"ws://127.0.0.1:{server.port}/ocpp"


def seed(server):
    """The organisation that anonymous enrolment in development belongs to."""
    code = (
        "from registry.models import Organization as O; O.objects.create(name='A', slug='a', is_default=True)"
    )
    server.run("manage.py", "shell", "--no-imports", "--command", code).check_returncode()


def test_f19_two_processes_one_owner_then_an_end_in_order():
    """Without a common channel layer the sweep alone finds who was replaced; SIGTERM closes with 1000."""
    with ServerProcess() as first:
        seed(first)
        cp_id, secret = enrol(first)
        shared = {"DATABASE_URL": first.environment["DATABASE_URL"]}
        second = ServerProcess(environment=shared)
        second.start()
        try:
            with plug_in(address(first), cp_id, secret) as old:
                assert old.boot()["status"] == "Accepted"
                with plug_in(address(second), cp_id, secret) as new:
                    assert old.wait_closed(within=8) == 1000
                    assert new.heartbeat()
                    new.send_raw([2, "last", "Heartbeat", {}])
                    assert second.stop() == 0
                    assert new.wait_closed() == 1000
                    assert "Traceback" not in second.console()
        finally:
            second.stop(kill=True)
        with plug_in(address(first), cp_id, secret) as again:
            assert eventually(again.heartbeat)


@pytest.mark.parametrize(
    ("password", "cp_id", "status"), [("wrong", "", 401), (None, "", 401), ("wrong", "nobody", 404)]
)
def test_daphne_refuses_with_real_statuses(one_process, password, cp_id, status):
    server, known, _ = one_process
    response = httpx2.get(
        f"http://127.0.0.1:{server.port}/ocpp/{cp_id or known}",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol": "ocpp1.6",
        },
        auth=None if password is None else (known, password),
    )
    assert response.status_code == status


@pytest.fixture(scope="module")
def one_process():
    """A running daphne with one charge point."""
    with ServerProcess() as server:
        seed(server)
        cp_id, secret = enrol(server)
        yield server, cp_id, secret

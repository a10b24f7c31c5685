"""Live sockets over two real processes under daphne, with Redis between them."""

import httpx2
import pytest
from django.conf import settings
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.central.consumers.test_processes import address, enrol, seed
from tests.support.charge_point import plug_in
from tests.support.live import PASSWORD, hear, say
from tests.support.process import ServerProcess

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.redis]

PERSON = (
    "from registry.models import Organization as O, User as U;"
    f"U.objects.create_user('anna', password='{PASSWORD}', organization=O.objects.get(), role='operator')"
)


def _socket(server, path, token):
    header = {"Authorization": f"Bearer {token}"}
    return connect(f"ws://127.0.0.1:{server.port}{path}", additional_headers=header, compression=None)


@pytest.fixture
def processes():
    """Two processes of one installation, and a charge point with its secret."""
    redis = {"REDIS_URL": settings.REDIS_URL, "REDIS_PREFIX": settings.REDIS_PREFIX}
    with ServerProcess(environment=redis) as first:
        seed(first)
        first.run("manage.py", "shell", "--no-imports", "--command", PERSON).check_returncode()
        second = ServerProcess(environment=redis | {"DATABASE_URL": first.environment["DATABASE_URL"]})
        second.start()
        try:
            yield first, second, enrol(first)
        finally:
            second.stop()
        for server in (first, second):
            assert "Traceback" not in server.console()


def _login(server):
    """An access token and a ticket of one process."""
    there = f"http://127.0.0.1:{server.port}"
    answer = httpx2.post(f"{there}/api/token", json={"username": "anna", "password": PASSWORD})
    token = answer.json()["access"]
    shown = httpx2.post(f"{there}/api/tickets", headers={"Authorization": f"Bearer {token}"})
    return token, ["emobility.dashboard", shown.json()["protocol"]]


def test_what_one_process_learns_reaches_the_sockets_of_the_other(processes):
    first, second, (cp_id, secret) = processes
    token, protocols = _login(first)
    with (
        connect(f"ws://127.0.0.1:{second.port}/dashboard", subprotocols=protocols) as dashboard,
        _socket(second, "/master", token) as master,
    ):
        assert hear(dashboard)["charge_points"][0]["state"] == "new"
        with (
            pytest.raises(InvalidStatus),
            connect(f"ws://127.0.0.1:{first.port}/dashboard", subprotocols=protocols),
        ):
            pass
        handlers = {"ClearCache": {"status": "Accepted"}}
        with plug_in(address(first), cp_id, secret, handlers=handlers) as charger:
            charger.boot()
            assert hear(dashboard, "changes")["charge_points"][0]["connected"] is True
            say(master, {"type": "order", "to": cp_id, "order": "clear_cache"})
            told = hear(master, "command")
            while told["state"] != "accepted":
                told = hear(master, "command")

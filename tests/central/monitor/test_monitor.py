"""The monitor against the running Registry and Central, with an engine that can fall ill."""

import json
import logging
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from central.models import ChargePointStatus
from central.monitor import monitor as monitor_module
from central.monitor.config import config_from
from central.monitor.monitor import GaveUp, Monitor
from registry.models import ChargePoint, Event
from tests.support.process import free_port
from tests.support.wait import eventually

pytestmark = pytest.mark.integration


class Engine:
    """The engine's health page; `status` is the HTTP status that it answers."""

    def __init__(self) -> None:
        self.status = 200
        engine = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(engine.status if self.path == "/health" else 404)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.server.shutdown()
    engine.server.server_close()


@pytest.fixture
def environment(server, settings, engine, tmp_path, monkeypatch):
    settings.REGISTRY_OPEN_REGISTRATION = True
    for name in ("FIRST_WAIT", "LONGEST_WAIT"):
        monkeypatch.setattr(monitor_module, name, 0.01)
    return {
        "CP_MONITOR_CP_ID": "CP-001",
        "CP_MONITOR_LOCATION": "Berlin",
        "CP_MONITOR_CP_E_HOST": "127.0.0.1",
        "CP_MONITOR_CP_E_PORT": str(engine.server.server_port),
        "CP_MONITOR_CENTRAL_URL": server.http(),
        "CP_MONITOR_REGISTRY_URL": server.registry_http(),
        "CP_MONITOR_HEALTH_INTERVAL": "0.02",
        "CP_MONITOR_CREDENTIALS_FILE": str(tmp_path / "CP-001.json"),
    }


@contextmanager
def running(environment, tmp_path, clock=lambda: datetime.now(UTC)):
    stop, failures = threading.Event(), []

    def work():
        try:
            Monitor(config_from(environment, tmp_path), stop, clock).run()
        except GaveUp as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield failures
    finally:
        stop.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


def monitor_state():
    return (
        ChargePointStatus.objects.filter(charge_point__cp_id="CP-001")
        .values_list("monitor_state", flat=True)
        .first()
    )


def stored(environment):
    with open(environment["CP_MONITOR_CREDENTIALS_FILE"]) as file:
        return json.load(file)


def test_it_enrols_announces_and_watches(environment, engine, tmp_path, caplog):
    caplog.set_level(logging.INFO, "central.monitor")
    with running(environment, tmp_path):
        eventually(lambda: monitor_state() == "HEALTHY")
        engine.status = 503
        eventually(lambda: monitor_state() == "FAULT")
        engine.status = 200
        eventually(lambda: monitor_state() == "HEALTHY")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("central.monitor")]
    wanted = [
        "Registering CP-001 with EV_Registry...",
        "✓ CP CP-001 registered with EV_Registry",
        "CP CP-001 registered with Central successfully",
    ]
    assert [line for line in lines if line in wanted] == wanted
    status = ChargePointStatus.objects.get(charge_point__cp_id="CP-001")
    assert (status.engine_host, status.engine_port) == ("127.0.0.1", engine.server.server_port)
    charge_point = ChargePoint.objects.get(cp_id="CP-001")
    assert charge_point.location == "Berlin"
    assert charge_point.metadata == {"cp_e_host": "127.0.0.1", "cp_e_port": engine.server.server_port}
    path = tmp_path / "CP-001.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = stored(environment)["credentials"]
    assert len(secret) == 40
    assert secret not in caplog.text


def test_an_engine_that_cannot_be_reached_is_a_fault(environment, tmp_path):
    environment["CP_MONITOR_CP_E_PORT"] = str(free_port())
    with running(environment, tmp_path):
        eventually(lambda: monitor_state() == "FAULT")


def test_a_second_start_keeps_secret_and_token(environment, tmp_path):
    with running(environment, tmp_path):
        eventually(lambda: monitor_state() == "HEALTHY")
    first = stored(environment)
    with running(environment, tmp_path):
        eventually(lambda: Event.objects.filter(kind="charge_point.announced").count() == 2)
    assert stored(environment) == first


def test_a_start_with_an_old_token_authenticates_with_the_stored_secret(environment, tmp_path):
    with running(environment, tmp_path):
        eventually(lambda: monitor_state() == "HEALTHY")
    first = stored(environment)
    with running(environment, tmp_path, clock=lambda: datetime.now(UTC) + timedelta(hours=24)):
        eventually(lambda: Event.objects.filter(kind="charge_point.announced").count() == 2)
    second = stored(environment)
    assert second["credentials"] == first["credentials"]
    assert second["token"] != first["token"]


def test_a_registry_that_has_forgotten_the_charge_point_gets_it_anew(environment, tmp_path):
    (tmp_path / "CP-001.json").write_text(json.dumps({"cp_id": "CP-001", "credentials": "0" * 40}))
    with running(environment, tmp_path):
        eventually(lambda: monitor_state() == "HEALTHY")
    assert stored(environment)["credentials"] != "0" * 40


def test_a_taken_id_without_proof_is_given_up_in_words(environment, tmp_path, monkeypatch):
    monkeypatch.setattr(monitor_module, "TRIES", 2)
    with running(environment, tmp_path):
        eventually(lambda: monitor_state() == "HEALTHY")
    (tmp_path / "CP-001.json").unlink()
    with running(environment, tmp_path) as failures:
        eventually(lambda: failures)
    assert "after 2 attempts" in str(failures[0])


def test_central_comes_late_and_the_monitor_keeps_trying(environment, tmp_path, monkeypatch, caplog):
    environment["CP_MONITOR_CENTRAL_URL"] = f"http://127.0.0.1:{free_port()}"
    with running(environment, tmp_path) as failures:
        eventually(lambda: failures, timeout=20)
    assert "(attempt 10/10)" in caplog.text


def test_without_the_registry_where_central_allows_it(environment, tmp_path, settings):
    settings.CENTRAL_ALLOW_UNREGISTERED = True
    environment |= {"CP_MONITOR_REGISTRY_ENABLED": "false"}
    with running(environment, tmp_path):
        eventually(lambda: monitor_state() == "HEALTHY")
    assert not (tmp_path / "CP-001.json").exists()

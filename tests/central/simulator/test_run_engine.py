"""`run_engine` and `run_monitor` as processes beside a running platform, as a user starts them."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx2
import pytest
from django.core.management import CommandError, call_command

from central.models import ChargePointStatus, IdToken, Session
from registry.models import ChargePoint
from tests.support.process import ROOT, free_port
from tests.support.wait import eventually

pytestmark = pytest.mark.integration


@contextmanager
def command(*arguments, **environment):
    """A management command that runs meanwhile; SIGTERM must end it with exit code 0."""
    full = {**os.environ, "ENV_FILE": os.devnull, "DEBUG": "true", **environment}
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=full,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
        process.terminate()
        assert process.wait(timeout=30) == 0, process.communicate()[0]
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def addresses(server, settings, tmp_path):
    settings.REGISTRY_OPEN_REGISTRATION = True
    port = free_port()
    monitor = {
        "CP_MONITOR_CP_ID": "CP-001",
        "CP_MONITOR_CP_E_HOST": "127.0.0.1",
        "CP_MONITOR_CP_E_PORT": str(port),
        "CP_MONITOR_CENTRAL_URL": server.http(),
        "CP_MONITOR_REGISTRY_URL": server.registry_http(),
        "CP_MONITOR_HEALTH_INTERVAL": "0.1",
        "CP_MONITOR_CREDENTIALS_FILE": str(tmp_path / "CP-001.json"),
    }
    engine = [
        "run_engine",
        f"--credentials-file={tmp_path / 'CP-001.json'}",
        f"--central-url={server.ws('/ocpp')}",
        f"--health-port={port}",
        "--meter-interval=0.1",
    ]
    return monitor, engine, f"http://127.0.0.1:{port}/health"


def monitor_state():
    return (
        ChargePointStatus.objects.filter(charge_point__cp_id="CP-001")
        .values_list("monitor_state", flat=True)
        .first()
    )


def answers(url):
    try:
        return httpx2.get(url, timeout=5)
    except httpx2.HTTPError:
        return None


def test_monitor_and_engine_bring_a_charge_point_to_a_finished_session(addresses):
    monitor, engine, _ = addresses
    with command("run_monitor", **monitor):
        eventually(lambda: ChargePoint.objects.filter(cp_id="CP-001").exists(), timeout=30)
        charge_point = ChargePoint.objects.get()
        IdToken.objects.create(organization=charge_point.organization, uid="TAG-1")
        arguments = [*engine, "--version=2.0.1", "--id-tag=TAG-1", "--session-seconds=1"]
        with command(*arguments, "--pause-seconds=600", "--power-kw=150"):
            eventually(lambda: Session.objects.filter(state="ended").exists(), timeout=30)
            eventually(lambda: monitor_state() == "HEALTHY")
        session = Session.objects.get()
        assert session.charge_point == charge_point
        assert session.ocpp_version == "2.0.1"
        assert session.energy_wh > 0
        # The engine is gone: its monitor says so.
        eventually(lambda: monitor_state() == "FAULT")


def test_a_simulated_fault_shows_on_the_health_page_and_at_central(addresses):
    monitor, engine, health = addresses
    with command("run_monitor", **monitor), command(*engine, "--fault", "--sessions=0") as process:
        page = eventually(lambda: answers(health), timeout=30)
        assert page.status_code == 503
        assert page.json()["cp_id"] == "CP-001"
        eventually(lambda: monitor_state() == "FAULT", timeout=30)
        process.send_signal(signal.SIGUSR1)
        eventually(lambda: answers(health).status_code == 200)
        eventually(lambda: monitor_state() == "HEALTHY")


def test_an_engine_that_cannot_work_says_why_in_one_line(tmp_path):
    stranger = tmp_path / "other.json"
    stranger.write_text(json.dumps({"cp_id": "CP-OTHER", "credentials": "0" * 40}))
    for arguments, said in [
        ([], "Name the charge point"),
        ([f"--credentials-file={stranger}", "--cp-id=CP-001"], "belongs to CP-OTHER"),
        ([f"--credentials-file={tmp_path}", "--cp-id=CP-001"], "cannot be read as credentials"),
        ([f"--credentials-file={tmp_path / 'no'}", "--wait-for-credentials=0"], "start run_monitor first"),
    ]:
        with pytest.raises(CommandError, match=said):
            call_command("run_engine", *arguments)


@pytest.mark.parametrize("name", ["CP_ID", "CP_E_PORT"])
def test_a_monitor_that_cannot_work_says_why_in_one_line(monkeypatch, name):
    monkeypatch.setenv("CP_MONITOR_CP_E_PORT", "none")
    if name != "CP_ID":
        monkeypatch.setenv("CP_MONITOR_CP_ID", "CP-001")
    with pytest.raises(CommandError, match=f"CP_MONITOR_{name}"):
        call_command("run_monitor")

"""The demo's charge points against a running platform: enrol, charge, keep their credentials."""

import asyncio
import stat
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from central.models import Session
from emobility import demo_fleet
from emobility.demo import DEMO_CHARGE_POINTS
from emobility.demo_fleet import Fleet
from emobility.demo_seed import seed_demo
from registry.models import ChargePoint, Event
from tests.support.process import free_port
from tests.support.wait import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def fleet(server, settings, tmp_path, monkeypatch):
    settings.REGISTRY_OPEN_REGISTRATION = True
    seed_demo(now=datetime.now(UTC))
    quick = tuple(replace(item, session_seconds=0.5, pause_seconds=0.1) for item in DEMO_CHARGE_POINTS)
    monkeypatch.setattr(demo_fleet, "DEMO_CHARGE_POINTS", quick)
    monkeypatch.setattr(demo_fleet, "METER_SECONDS", 0.1)
    monkeypatch.setattr(demo_fleet, "RETRY_SECONDS", 0.05)
    return Fleet(server.registry_http(), server.ws("/ocpp"), tmp_path / "demo")


@contextmanager
def running(fleet):
    """The fleet in a thread; its announcements."""
    told: list[str] = []
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(demo_fleet.run(fleet, stop, told.append))
    )
    thread.start()
    try:
        yield told
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=20)
        assert not thread.is_alive()
        loop.close()


def ended():
    return {
        session.charge_point.cp_id for session in Session.objects.filter(state="ended", needs_review=False)
    }


def test_both_charge_points_enrol_and_charge_and_say_so_once(fleet):
    ids = {item.cp_id for item in DEMO_CHARGE_POINTS}
    with running(fleet) as told:
        eventually(lambda: ended() == ids, timeout=30)
    assert sorted(line.split()[0] for line in told) == sorted(ids)
    assert set(ChargePoint.objects.values_list("location", flat=True)) == {"Demo site"}
    for path in fleet.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_start_uses_the_stored_credentials(fleet):
    with running(fleet):
        eventually(lambda: Session.objects.filter(state="ended").exists(), timeout=30)
    before = Session.objects.count()
    with running(fleet):
        eventually(lambda: Session.objects.filter(state="ended").count() > before, timeout=30)
    registered = Event.objects.filter(kind__contains="registered").count()
    assert registered == len(DEMO_CHARGE_POINTS)


def test_a_server_that_is_not_there_yet_is_waited_for(fleet):
    nowhere = Fleet(f"http://127.0.0.1:{free_port()}", fleet.central_url, fleet.folder)
    with running(nowhere) as told:
        eventually(lambda: len(told) == len(DEMO_CHARGE_POINTS))
    assert all("does not answer yet" in line for line in told)

"""BootNotification (1.6 §4.2, 2.x B01) and what it means for an open session (RELIABILITY F10)."""

from datetime import timedelta

import pytest

from central.models import ChargePointStatus
from central.models.session import SessionState
from registry.models import Event
from registry.models.charge_point import RegistrationStatus
from tests.support.handlers import Bench
from tests.support.messages import boot, meter_values

VERSIONS = ["1.6", "2.0.1", "2.1"]


@pytest.fixture(params=VERSIONS)
def bench(request, charge_point, token):
    """The charge point in each version."""
    return Bench(charge_point, request.param)


def test_a_registered_charge_point_is_accepted_and_described(bench, settings):
    settings.OCPP_HEARTBEAT_INTERVAL = 77
    action, request = boot(bench.version)
    station = request if bench.version == "1.6" else request["chargingStation"]
    station["firmwareVersion"] = "4.2"
    answer = bench.call(action, request)
    assert answer == {"currentTime": "2026-03-02T12:00:00.000Z", "interval": 77, "status": "Accepted"}
    live = ChargePointStatus.objects.get()
    assert (live.vendor, live.model, live.firmware_version) == ("Acme", "One", "4.2")
    assert (live.boot_status, live.booted_at, live.ocpp_version) == ("Accepted", bench.now, bench.version)
    assert Event.objects.filter(kind="charge_point.booted").count() == 1


def test_a_deregistered_one_is_rejected(bench):
    type(bench.charge_point).objects.update(status=RegistrationStatus.DEREGISTERED)
    assert bench.call(*boot(bench.version))["status"] == "Rejected"


@pytest.mark.parametrize("hours", [1, 71, 80])
def test_f10_an_open_session_ends_provisionally_and_the_late_stop_wins(bench, hours):
    transaction = bench.begin(wh=0)
    bench.after(minutes=10).call(*transaction.meter(2000, bench.now + timedelta(minutes=10)))
    bench.after(minutes=30).call(*boot(bench.version))
    session = bench.session()
    assert (session.state, session.provisional_end) == (SessionState.ENDED, True)
    assert (session.energy_wh, session.ended_at) == (2000, bench.now + timedelta(minutes=10))
    assert session.review_reasons == ["no_stop_before_boot"]
    bench.after(hours=hours).call(*transaction.stop(3000, bench.now + timedelta(minutes=12)))
    session = bench.session()
    assert (session.state, session.provisional_end, session.energy_wh) == (SessionState.ENDED, False, 3000)
    assert (session.needs_review, session.ended_at) == (False, bench.now + timedelta(minutes=12))


def test_a_charge_point_that_goes_on_charging_has_its_session_back(bench):
    transaction = bench.begin(wh=0)
    bench.call(*transaction.meter(2000, bench.now + timedelta(minutes=10)))
    bench.after(minutes=12).call(*boot(bench.version))
    bench.call(*transaction.meter(2500, bench.now + timedelta(minutes=20)))
    session = bench.session()
    assert (session.state, session.ended_at, session.energy_wh) == (SessionState.ACTIVE, None, 2500)
    assert session.needs_review is False
    bench.call(*transaction.stop(2600, bench.now + timedelta(minutes=30)))
    assert bench.session().energy_wh == 2600


def test_a_session_without_meter_values_ends_where_it_began(bench):
    bench.begin(wh=500)
    bench.after(minutes=12).call(*boot(bench.version))
    session = bench.session()
    assert (session.energy_wh, session.ended_at) == (0, bench.now)
    assert "no_stop_before_boot" in session.review_reasons


def test_a_boot_that_was_asked_for_ends_nothing(charge_point, token):
    bench = Bench(charge_point, "2.0.1")
    bench.begin()
    bench.call(*boot("2.0.1", reason="Triggered"))
    assert bench.session().state == SessionState.ACTIVE


def test_the_next_start_on_the_evse_ends_what_was_left_open(bench):
    first = bench.begin(wh=0)
    bench.call(*first.meter(700, bench.now + timedelta(minutes=5)))
    bench.after(hours=1).begin(wh=800)
    old, new = bench.sessions()
    assert (old.provisional_end, old.energy_wh) == (True, 700)
    assert old.review_reasons == ["no_stop_before_next_start"]
    assert new.state == SessionState.ACTIVE
    bench.after(hours=2).call(*first.stop(750, bench.now + timedelta(minutes=6)))
    old, new = bench.sessions()
    assert (old.energy_wh, old.needs_review, new.state) == (750, False, SessionState.ACTIVE)


def test_readings_of_an_idle_connector_bring_no_session_back(charge_point, token):
    bench = Bench(charge_point, "1.6")
    bench.begin(wh=0)
    bench.after(minutes=12).call(*boot("1.6"))
    later = bench.after(hours=1)
    for transaction_id in (None, -1):
        later.call(*meter_values("1.6", 50, transaction_id=transaction_id, at=later.now))
    assert (bench.session().state, bench.session().provisional_end) == (SessionState.ENDED, True)

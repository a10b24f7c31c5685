"""Composite schedule, dynamic updates, priority, energy transfer, aFRR: request, answer, what is kept."""

import pytest

from central.models import ChargingProfile, CompositeSchedule, PowerSignal
from emobility.lib.errors import Invalid, NotFound
from tests.support.handlers import NOW, Bench
from tests.support.power import answered, built, meant, placed

STAMP = "2026-03-02T12:00:00.000Z"
PERIODS = [{"startPeriod": 0, "limit": 16.0, "numberPhases": 3}, {"startPeriod": 60, "limit": 8.0}]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("version", "place"), [("1.6", "connectorId"), ("2.0.1", "evseId"), ("2.1", "evseId")]
)
def test_the_composite_schedule_is_kept(charge_point, version, place):
    command = placed(charge_point, "composite_schedule", evse_number=1, duration=600, unit="A")
    request = {place: 1, "duration": 600, "chargingRateUnit": "A"}
    assert built(version, command) == ("GetCompositeSchedule", request)
    schedule = {"chargingRateUnit": "A", "duration": 600, "chargingSchedulePeriod": PERIODS}
    answer = (
        {"connectorId": 1, "scheduleStart": STAMP, "chargingSchedule": schedule}
        if version == "1.6"
        else {"schedule": schedule | {"evseId": 1, "scheduleStart": STAMP}}
    )
    for _ in range(2):
        assert answered(version, command, {"status": "Accepted"} | answer)
    row = CompositeSchedule.objects.get()
    assert (row.evse_number, row.starts_at, row.duration, row.unit) == (1, NOW, 600, "A")
    assert row.schedule == schedule


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_refused_composite_schedule_keeps_nothing(charge_point, version):
    command = placed(charge_point, "composite_schedule", duration=600)
    assert not answered(version, command, {"status": "Rejected"})
    assert answered(version, command, {"status": "Accepted"})
    assert not CompositeSchedule.objects.exists()


def dynamic(charge_point):
    command = placed(
        charge_point,
        "profile_set",
        purpose="TxDefaultProfile",
        kind="Dynamic",
        limit=11000.0,
        unit="W",
        dynamic_update_seconds=60,
    )
    assert answered("2.1", command, {"status": "Accepted"})
    return ChargingProfile.objects.get()


def pulled(charge_point, number):
    request = {"chargingProfileId": number}
    return Bench(charge_point, "2.1").call("PullDynamicScheduleUpdate", request)


@pytest.mark.parametrize("handle", ["profile", "profile_id"])
def test_a_dynamic_profile_is_updated_and_pulled(charge_point, handle):
    """K28.FR.06, K28.FR.07."""
    row = dynamic(charge_point)
    assert pulled(charge_point, row.number) == {"status": "Accepted", "scheduleUpdate": {"limit": 11000.0}}
    named = row.pk if handle == "profile" else row.number
    command = placed(
        charge_point, "dynamic_schedule_update", **{handle: named, "limit": 4000, "setpoint": 2.5}
    )
    values = {"limit": 4000.0, "setpoint": 2.5}
    request = {"chargingProfileId": row.number, "scheduleUpdate": values}
    assert built("2.1", command) == ("UpdateDynamicSchedule", request)
    assert not answered("2.1", command, {"status": "Rejected"})
    assert pulled(charge_point, row.number)["scheduleUpdate"] == {"limit": 11000.0}
    assert answered("2.1", command, {"status": "Accepted"})
    assert pulled(charge_point, row.number) == {"status": "Accepted", "scheduleUpdate": values}
    row.refresh_from_db()
    assert (row.lowest, row.options) == (4000, {"dynUpdateInterval": 60, "dynUpdateTime": STAMP})


def test_nothing_is_pulled_from_what_is_not_dynamic(charge_point):
    """K28.FR.12."""
    refused = {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}}
    assert pulled(charge_point, 1) == refused
    command = placed(charge_point, "profile_set", purpose="TxDefaultProfile", limit=1.0, unit="W")
    assert answered("2.1", command, {"status": "Accepted"})
    assert pulled(charge_point, ChargingProfile.objects.get().number) == refused
    ChargingProfile.objects.update(kind="Dynamic", state="cleared")
    assert pulled(charge_point, ChargingProfile.objects.get().number) == refused


def test_an_update_of_an_unknown_profile_is_sent(charge_point):
    command = placed(charge_point, "dynamic_schedule_update", profile_id=5, limit=1)
    assert answered("2.1", command, {"status": "Accepted"})


@pytest.mark.parametrize("params", [{}, {"profile_id": 1}, {"limit": 5}])
def test_an_update_needs_a_profile_and_a_value(charge_point, params):
    with pytest.raises(Invalid):
        placed(charge_point, "dynamic_schedule_update", **params)


@pytest.fixture
def session(charge_point, token):
    bench = Bench(charge_point, "2.1")
    bench.begin()
    return bench.session()


@pytest.mark.parametrize("handle", ["session", "transaction_id"])
@pytest.mark.parametrize("status", ["Accepted", "Rejected", "NoProfile"])
def test_priority_charging(charge_point, session, handle, status):
    """K21."""
    named = str(session.uid) if handle == "session" else session.transaction_id
    command = placed(charge_point, "priority_charging", **{handle: named, "activate": True})
    request = {"transactionId": session.transaction_id, "activate": True}
    assert built("2.1", command) == ("UsePriorityCharging", request)
    for _ in range(2):
        assert answered("2.1", command, {"status": status}) is (status == "Accepted")
    row = PowerSignal.objects.get()
    assert (row.kind, row.session, row.value, row.status) == (
        "priority",
        session,
        {"activated": True},
        status,
    )


def test_allowed_energy_transfer(charge_point, session):
    """Q02."""
    command = placed(
        charge_point, "allowed_energy_transfer", session=str(session.uid), allowed=["DC", "DC_BPT"]
    )
    request = {"transactionId": session.transaction_id, "allowedEnergyTransfer": ["DC", "DC_BPT"]}
    assert built("2.1", command) == ("NotifyAllowedEnergyTransfer", request)
    assert answered("2.1", command, {"status": "Accepted"})
    row = PowerSignal.objects.get()
    assert (row.kind, row.value, row.session) == ("transfer", {"allowed": ["DC", "DC_BPT"]}, session)


def test_an_afrr_signal(charge_point):
    """Q07."""
    command = placed(charge_point, "afrr_signal", signal=-5)
    assert built("2.1", command) == ("AFRRSignal", {"timestamp": STAMP, "signal": -5})
    later = placed(charge_point, "afrr_signal", signal=5, at="2026-03-02T13:00:00+01:00")
    assert built("2.1", later)[1]["timestamp"] == STAMP
    assert answered("2.1", command, {"status": "Accepted"})
    assert PowerSignal.objects.get().value == {"signal": -5, "from": STAMP}


def test_a_raw_signal_is_kept_too(charge_point):
    command = placed(charge_point, "composite_schedule", duration=5)
    request = {"timestamp": STAMP, "signal": 1}
    assert not meant("2.1", command, "AFRRSignal", request, {"status": "Rejected"})
    assert PowerSignal.objects.get().status == "Rejected"


@pytest.mark.parametrize("order", ["priority_charging", "allowed_energy_transfer"])
def test_handles_that_name_nothing(charge_point, order):
    params = {"allowed": ["DC"]} if order == "allowed_energy_transfer" else {}
    with pytest.raises(Invalid):
        placed(charge_point, order, **params)
    with pytest.raises(NotFound):
        placed(charge_point, order, session=UNKNOWN, **params)
    assert (
        placed(charge_point, order, transaction_id="not here", **params).params["transaction_id"]
        == "not here"
    )

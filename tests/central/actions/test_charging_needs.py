"""What cars need and how they mean to charge (2.x K15, K17; 2.1 K18-K20), answered by OCPP_CHARGING_NEEDS."""

from datetime import timedelta

import pytest

from central.models import ChargingNeeds, ChargingProfile, Command, EvSchedule
from tests.support.handlers import NOW, Bench
from tests.support.power import answered, built, placed

TWO = ["2.0.1", "2.1"]
AC = {
    "requestedEnergyTransfer": "AC_three_phase",
    "departureTime": "2026-03-02T16:00:00Z",
    "acChargingParameters": {
        "energyAmount": 20000,
        "evMinCurrent": 6,
        "evMaxCurrent": 32,
        "evMaxVoltage": 230,
    },
}
DC = {
    "requestedEnergyTransfer": "DC",
    "dcChargingParameters": {"evMaxCurrent": 300, "evMaxVoltage": 400, "stateOfCharge": 20},
}
REFUSALS = {"2.0.1": "Rejected", "2.1": "NoChargingProfile"}


def told(bench, needs=AC, **more):
    request = {"evseId": 1, "chargingNeeds": needs} | more
    return bench.call("NotifyEVChargingNeeds", request)["status"]


@pytest.fixture
def planning(settings):
    settings.OCPP_CHARGING_NEEDS = "PLAN"


@pytest.mark.parametrize("version", TWO)
def test_needs_are_kept_and_refused_unless_switched_on(charge_point, token, version):
    """K15.FR.04; in 2.1 Rejected would mean that the energy transfer is not possible."""
    bench = Bench(charge_point, version)
    bench.begin()
    assert told(bench, maxScheduleTuples=12) == REFUSALS[version]
    row = ChargingNeeds.objects.get()
    assert (row.session, row.transfer, row.energy_wh) == (bench.session(), "AC_three_phase", 20000)
    assert (row.max_power_w, row.max_schedule_tuples) == (22080, 12)
    assert row.departure_at == NOW + timedelta(hours=4)
    assert row.needs == AC
    assert not Command.objects.exists()


@pytest.mark.parametrize("version", TWO)
def test_a_plan_is_ordered_at_once(charge_point, token, version, planning):
    """K15.FR.03, K15.FR.07: 20 kWh in 4 h and a tenth more: 5.5 kW, 8 A of each phase."""
    bench = Bench(charge_point, version)
    began = bench.begin()
    for _ in range(2):
        assert told(bench) == "Accepted"
    profile = built(version, Command.objects.get())[1]["chargingProfile"]
    assert (profile["chargingProfilePurpose"], profile["transactionId"]) == ("TxProfile", began.id)
    (schedule,) = profile["chargingSchedule"]
    assert schedule["chargingRateUnit"] == "A"
    assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 8.0, "numberPhases": 3}]
    assert ChargingNeeds.objects.get().command == Command.objects.get()


def test_a_renegotiation_replaces_the_plan(charge_point, token, planning):
    """K17: new needs, same place, same number."""
    bench = Bench(charge_point, "2.1")
    bench.begin()
    told(bench)
    assert answered("2.1", Command.objects.get(), {"status": "Accepted"})
    assert told(bench.after(minutes=5)) == "Accepted"
    assert told(bench.after(minutes=5), DC) == "Accepted"
    assert ChargingNeeds.objects.count() == 3
    assert len(set(ChargingProfile.objects.values_list("number", flat=True))) == 1


@pytest.mark.parametrize("version", TWO)
def test_no_session_no_plan(charge_point, version, planning):
    """A profile of a session needs one (K01.FR.03)."""
    assert told(Bench(charge_point, version)) == REFUSALS[version]
    assert ChargingNeeds.objects.get().session is None


def test_a_full_queue_is_no_plan(charge_point, token, planning, settings):
    bench = Bench(charge_point, "2.1")
    bench.begin()
    settings.OCPP_COMMAND_QUEUE_LIMIT = 0
    assert told(bench) == "NoChargingProfile"
    assert not ChargingProfile.objects.exists()


@pytest.mark.parametrize("version", TWO)
def test_another_system_plans(charge_point, token, version, settings):
    """K15.FR.05: it sets a profile through the API."""
    settings.OCPP_CHARGING_NEEDS = "EXTERNAL"
    assert told(Bench(charge_point, version)) == "Processing"


def test_what_iso_15118_20_adds_is_kept(charge_point):
    needs = {
        "requestedEnergyTransfer": "DC_BPT",
        "availableEnergyTransfer": ["DC", "DC_BPT"],
        "controlMode": "DynamicControl",
        "v2xChargingParameters": {
            "maxChargePower": 50000,
            "maxDischargePower": 10000,
            "evTargetEnergyRequest": 9000,
        },
    }
    bench = Bench(charge_point, "2.1")
    told(bench, needs, timestamp="2026-03-02T11:59:00Z")
    row = ChargingNeeds.objects.get()
    assert (row.control_mode, row.energy_wh, row.max_power_w, row.needs) == (
        "DynamicControl",
        9000,
        50000,
        needs,
    )
    assert row.at < row.received_at


def ev_schedule(*limits, base="2026-03-02T12:00:00Z", unit="A", **more):
    periods = [{"startPeriod": 600 * place, "limit": limit} for place, limit in enumerate(limits)]
    schedule = {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}
    return {"evseId": 1, "timeBase": base, "chargingSchedule": schedule} | more


def plugged(charge_point, version, schedules=None):
    """A session with a profile: 16 A for 10 minutes, then 8 A."""
    bench = Bench(charge_point, version)
    bench.begin()
    schedule = {
        "id": 1,
        "startSchedule": "2026-03-02T12:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}, {"startPeriod": 600, "limit": 8.0}],
    }
    command = placed(
        charge_point,
        "profile_set",
        purpose="TxProfile",
        session=str(bench.session().uid),
        schedules=[schedule],
    )
    answered(version, command, {"status": "Accepted"})
    return bench


@pytest.mark.parametrize("version", TWO)
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (ev_schedule(16.0, 8.0), "Accepted"),
        (ev_schedule(10.0, 4.0), "Accepted"),
        (ev_schedule(20.0), "Rejected"),
        (ev_schedule(16.0), "Rejected"),
        (ev_schedule(16.0, 9.0), "Rejected"),
        (ev_schedule(9.0, base="2026-03-02T12:10:00Z"), "Rejected"),
        (ev_schedule(9000.0, unit="W"), "Accepted"),
    ],
)
def test_a_cars_schedule_must_fit_its_profile(charge_point, token, version, request_, status):
    """K15.FR.11, K15.FR.12: compared where units are the same."""
    bench = plugged(charge_point, version)
    for _ in range(2):
        assert bench.call("NotifyEVChargingSchedule", request_) == {"status": status}
    row = EvSchedule.objects.get()
    assert (row.session, row.status, row.schedule) == (bench.session(), status, request_["chargingSchedule"])


@pytest.mark.parametrize("version", TWO)
def test_without_a_profile_every_schedule_is_accepted(charge_point, version):
    assert Bench(charge_point, version).call("NotifyEVChargingSchedule", ev_schedule(99.0)) == {
        "status": "Accepted"
    }
    assert EvSchedule.objects.get().session is None


def test_what_2_1_adds_to_the_schedule(charge_point):
    request = ev_schedule(9.0, selectedChargingScheduleId=1, powerToleranceAcceptance=True)
    Bench(charge_point, "2.1").call("NotifyEVChargingSchedule", request)
    row = EvSchedule.objects.get()
    assert (row.selected, row.tolerance_accepted, row.time_base) == (1, True, NOW)


@pytest.mark.parametrize("version", TWO)
def test_a_car_that_wants_too_much_is_asked_again(charge_point, token, version, planning):
    """K15.FR.13, K16: the profile is sent once more, not for every repeat."""
    bench = plugged(charge_point, version)
    first = ChargingProfile.objects.get()
    later = bench.after(minutes=2)
    for base in ("2026-03-02T12:01:00Z", "2026-03-02T12:01:30Z"):
        request = ev_schedule(20.0, base=base)
        assert later.call("NotifyEVChargingSchedule", request) == {"status": "Rejected"}
    again = ChargingProfile.objects.exclude(pk=first.pk).get()
    assert (again.number, again.schedules, again.state) == (first.number, first.schedules, "wanted")
    assert again.command is not None
    assert built(version, again.command)[0] == "SetChargingProfile"

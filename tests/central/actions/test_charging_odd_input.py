"""Numbers that no database holds, times that nobody can read: refused by name, or kept."""

import pytest

from central.models import ChargingLimit, CompositeSchedule
from emobility.lib.errors import Invalid
from tests.support.handlers import Bench
from tests.support.power import answered, meant, placed

HUGE = 2**62
SCHEDULE = {
    "id": HUGE,
    "startSchedule": "9999-12-31T23:59:59Z",
    "duration": HUGE,
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": HUGE, "limit": 1e300}, {"startPeriod": -5, "limit": -1e300}],
}
PROFILE = {
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": [SCHEDULE],
    "validFrom": "0001-01-01T00:00:00Z",
    "validTo": "9999-12-31T23:59:59Z",
}
REPORT = {"requestId": 1, "chargingLimitSource": "EMS", "evseId": 0, "chargingProfile": [PROFILE]}
NEEDS = {"requestedEnergyTransfer": "DC"}


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        ("ReservationStatusUpdate", {"reservationId": HUGE, "reservationUpdateStatus": "Expired"}),
        ("ReportChargingProfiles", REPORT | {"requestId": HUGE}),
        ("ReportChargingProfiles", REPORT | {"evseId": -1}),
        ("ReportChargingProfiles", REPORT | {"chargingProfile": [PROFILE | {"id": -HUGE}]}),
        ("ReportChargingProfiles", REPORT | {"chargingProfile": [PROFILE | {"stackLevel": HUGE}]}),
        ("NotifyChargingLimit", {"chargingLimit": {"chargingLimitSource": "EMS"}, "evseId": -1}),
        ("ClearedChargingLimit", {"chargingLimitSource": "EMS", "evseId": HUGE}),
        ("NotifyEVChargingNeeds", {"evseId": HUGE, "chargingNeeds": NEEDS}),
        (
            "NotifyEVChargingSchedule",
            {"evseId": HUGE, "timeBase": "2026-03-02T12:00:00Z", "chargingSchedule": SCHEDULE},
        ),
    ],
)
def test_numbers_beyond_32_bits_are_refused_by_name(charge_point, action, request_):
    """2.0.1 part 2 §2.1: an integer has 32 bits; Invalid leaves as PropertyConstraintViolation."""
    with pytest.raises(Invalid) as fault:
        Bench(charge_point, "2.0.1").call(action, request_)
    assert fault.value.fields


def test_numbers_of_2_1(charge_point):
    with pytest.raises(Invalid):
        Bench(charge_point, "2.1").call("PullDynamicScheduleUpdate", {"chargingProfileId": HUGE})


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_odd_schedules_are_kept_and_shown(charge_point, admin_client, version):
    """Kept word for word; their pages open."""
    bench = Bench(charge_point, version)
    bench.call("ReportChargingProfiles", REPORT)
    limit = {"chargingLimit": {"chargingLimitSource": "EMS"}, "chargingSchedule": [SCHEDULE]}
    bench.call("NotifyChargingLimit", limit)
    assert ChargingLimit.objects.get().schedules[0]["id"] == HUGE
    needs = NEEDS | {
        "departureTime": "9999-12-31T23:59:59Z",
        "dcChargingParameters": {"evMaxCurrent": HUGE, "evMaxVoltage": HUGE, "stateOfCharge": 99},
    }
    bench.call("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": needs, "maxScheduleTuples": HUGE})
    ev = {"evseId": 1, "timeBase": "9999-12-31T23:59:59Z", "chargingSchedule": SCHEDULE}
    bench.call("NotifyEVChargingSchedule", ev)
    tables = {
        "chargingprofile": "charging-profiles",
        "charginglimit": "charging-limits",
        "chargingneeds": "charging-needs",
        "evschedule": "ev-schedules",
    }
    for table, path in tables.items():
        assert admin_client.get(f"/admin/central/{table}/").status_code == 200, table
        (row,) = admin_client.get(f"/api/{path}/").json()["results"]
        page = admin_client.get(f"/admin/central/{table}/{row['id']}/change/")
        assert page.status_code == 200, table


def test_odd_answers_to_raw_requests_are_told(charge_point):
    command = placed(charge_point, "composite_schedule", duration=60)
    schedule = SCHEDULE | {"evseId": 1, "scheduleStart": "9999-12-31T23:59:59Z"}
    kept = {name: value for name, value in schedule.items() if name not in {"id", "startSchedule"}}
    assert answered("2.0.1", command, {"status": "Accepted", "schedule": kept})
    assert CompositeSchedule.objects.get().duration is None
    token = {"idToken": "X", "type": "Central"}
    request = {"id": HUGE, "expiryDateTime": "2026-03-02T12:00:00Z", "idToken": token}
    with pytest.raises(Invalid):
        meant("2.0.1", command, "ReserveNow", request, {"status": "Accepted"})
    with pytest.raises(Invalid):
        meant("1.6", command, "CancelReservation", {"reservationId": HUGE}, {"status": "Accepted"})

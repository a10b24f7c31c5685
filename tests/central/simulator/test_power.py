"""The simulated charge point obeys charging profiles and keeps reservations, in each version."""

from datetime import UTC, datetime, timedelta

import pytest

from central.ocpp.simulator.meter import Meter
from central.ocpp.simulator.options import VERSIONS
from central.ocpp.simulator.power import Power
from tests.central.simulator.test_station import station_at
from tests.support.central import scripted_central

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def profile(number, limit, purpose="TxDefaultProfile", level=0, unit="W", kind="Relative", **more):
    schedule = {
        "charging_rate_unit": unit,
        "charging_schedule_period": [{"start_period": 0, "limit": limit}],
    } | more.pop("schedule", {})
    return {
        "charging_profile_id": number,
        "stack_level": level,
        "charging_profile_purpose": purpose,
        "charging_profile_kind": kind,
        "charging_schedule": schedule,
    } | more


@pytest.fixture
def power():
    return Power(2, lambda: NOON)


def test_the_lowest_purpose_and_the_highest_level_count(power):
    """1.6 §3.13.2, §3.13.3: a session's profile instead of the default, and never more than the whole."""
    assert power.limit_w(1, NOON) is None
    assert power.set(0, profile(1, 11_000), running=False)
    assert power.set(1, profile(2, 9000), running=False)
    assert (power.limit_w(1, NOON), power.limit_w(2, NOON)) == (9000, 11_000)
    assert power.set(1, profile(3, 7000, level=1), running=False)
    assert power.set(1, profile(4, 10, "TxProfile", unit="A"), running=True)
    assert power.limit_w(1, NOON) == 6900
    assert power.set(0, profile(5, 8000, "ChargePointMaxProfile"), running=False)
    assert power.limit_w(1, NOON) == 4000
    power.end_session(1)
    assert power.clear(5, None, None, None)
    assert power.limit_w(1, NOON) == 7000
    assert not power.clear(5, None, None, None)
    assert power.clear(None, None, "TxDefaultProfile", None)
    assert power.limit_w(1, NOON) is None


@pytest.mark.parametrize(
    ("connector", "given"),
    [(1, profile(1, 1, "ChargePointMaxProfile")), (3, profile(1, 1)), (1, profile(1, 1, "TxProfile"))],
)
def test_what_cannot_be_installed(power, connector, given):
    assert not power.set(connector, given, running=False)


@pytest.mark.parametrize(
    ("start", "kind", "more", "minutes", "expected"),
    [
        ("2026-03-02T12:00:00Z", "Absolute", {}, 0, 5),
        ("2026-03-02T12:10:00Z", "Absolute", {}, 0, None),
        ("2026-03-02T11:00:00Z", "Absolute", {"schedule": {"duration": 60}}, 0, None),
        ("2026-03-01T12:00:00Z", "Recurring", {"recurrency_kind": "Daily"}, 5, 5),
        ("2026-03-02T11:00:00", "Absolute", {"valid_to": "2026-03-02T12:00:00Z"}, 0, None),
        ("2026-03-02T11:00:00Z", "Absolute", {"valid_from": "2026-03-02T12:30:00Z"}, 31, 5),
    ],
)
def test_when_a_profile_counts(power, start, kind, more, minutes, expected):
    schedule = {"start_schedule": start} | more.get("schedule", {})
    power.set(0, profile(1, 5, kind=kind, **more | {"schedule": schedule}), running=False)
    assert power.limit_w(1, NOON, NOON + timedelta(minutes=minutes)) == expected


def test_the_composite_schedule(power):
    periods = [{"start_period": 0, "limit": 6900}, {"start_period": 60, "limit": 3450}]
    power.set(1, profile(1, 0, schedule={"charging_schedule_period": periods}), running=False)
    assert power.composite(1, 600, "A", 11_000) == [
        {"start_period": 0, "limit": 10.0},
        {"start_period": 60, "limit": 5.0},
    ]
    assert power.composite(0, 30, "W", 11_000) == [{"start_period": 0, "limit": 17_900.0}]
    assert power.composite(3, 30, "W", 11_000) is None


def test_the_meter_obeys():
    limits: list[float | None] = [None]
    meter = Meter(11.0, limit_w=lambda: limits[0])
    meter.plug_in()
    meter.advance(10)
    assert meter.power_w > 10_000
    limits[0] = 4000
    assert meter.power_w == 4000


def wire(version, number, limit):
    period = {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}
    given = {
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
    }
    if version == "1.6":
        return {
            "connectorId": 0,
            "csChargingProfiles": given | {"chargingProfileId": number, "chargingSchedule": period},
        }
    return {"evseId": 0, "chargingProfile": given | {"id": number, "chargingSchedule": [period | {"id": 1}]}}


@pytest.mark.parametrize("version", VERSIONS)
async def test_profiles_over_the_wire(version):
    place = "connectorId" if version == "1.6" else "evseId"
    async with (
        scripted_central(version) as central,
        station_at(central, version, sessions=0, power_kw=11.0, session_seconds=30) as (station, _),
    ):
        await central.until(lambda: "StatusNotification" in central.actions())
        assert await central.order("SetChargingProfile", wire(version, 7, 5000)) == {"status": "Accepted"}
        answer = await central.order(
            "GetCompositeSchedule", {place: 1, "duration": 60, "chargingRateUnit": "W"}
        )
        schedule = answer["chargingSchedule" if version == "1.6" else "schedule"]
        assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 5000.0}]
        refused = await central.order("GetCompositeSchedule", {place: 9, "duration": 60})
        assert refused == {"status": "Rejected"}
        assert station.power.limit_w(1, NOON) == 5000
        gone = {"id": 7} if version == "1.6" else {"chargingProfileId": 7}
        assert await central.order("ClearChargingProfile", gone) == {"status": "Accepted"}
        assert await central.order("ClearChargingProfile", gone) == {"status": "Unknown"}


def reserve(version, number, tag, seconds=60.0):
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    if version == "1.6":
        return {"connectorId": 1, "expiryDate": until, "idTag": tag, "reservationId": number}
    token = {"idToken": tag, "type": "ISO14443"}
    return {"id": number, "expiryDateTime": until, "idToken": token, "evseId": 1}


def start(version):
    if version == "1.6":
        return "RemoteStartTransaction", {"idTag": "TAG-1", "connectorId": 1}
    token = {"idToken": "TAG-1", "type": "Central"}
    return "RequestStartTransaction", {"idToken": token, "remoteStartId": 1, "evseId": 1}


def told(central):
    return [each.get("status") or each["connectorStatus"] for each in central.payloads("StatusNotification")]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_reservation_keeps_the_connector_for_its_tag(version):
    async with (
        scripted_central(version) as central,
        station_at(central, version, sessions=0, session_seconds=30) as _,
    ):
        await central.until(lambda: "StatusNotification" in central.actions())
        action, order = start(version)
        assert await central.order("ReserveNow", reserve(version, 5, "SOMEBODY")) == {"status": "Accepted"}
        await central.until(lambda: "Reserved" in told(central))
        assert await central.order("ReserveNow", reserve(version, 6, "OTHER")) == {"status": "Occupied"}
        assert await central.order(action, order) == {"status": "Rejected"}
        assert await central.order("CancelReservation", {"reservationId": 5}) == {"status": "Accepted"}
        assert await central.order("CancelReservation", {"reservationId": 5}) == {"status": "Rejected"}
        assert await central.order("ReserveNow", reserve(version, 8, "TAG-1")) == {"status": "Accepted"}
        assert await central.order(action, order) == {"status": "Accepted"}
        begun = "StartTransaction" if version == "1.6" else "TransactionEvent"
        await central.until(lambda: central.payloads(begun))
        assert central.payloads(begun)[0]["reservationId"] == 8


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_reservation_expires(version):
    async with scripted_central(version) as central, station_at(central, version, sessions=0) as _:
        central.answers["ReservationStatusUpdate"] = {}
        await central.until(lambda: "StatusNotification" in central.actions())
        assert await central.order("ReserveNow", reserve(version, 5, "X", 0.05)) == {"status": "Accepted"}
        await central.until(lambda: told(central)[-2:] == ["Reserved", "Available"])
        if version != "1.6":
            await central.until(lambda: central.payloads("ReservationStatusUpdate"))

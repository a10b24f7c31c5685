"""SetChargingProfile on the wire, and what is refused before it is sent (1.6 §7.8, §7.13; 2.x K01)."""

import pytest

from central.models import ChargingProfile
from emobility.lib.errors import Invalid, NotFound
from tests.support.handlers import NOW, Bench
from tests.support.power import built, placed

START = "2026-03-02T12:00:00.000Z"
PERIOD = {"startPeriod": 0, "limit": 16.0}


def schedule(*periods, unit="A", **more):
    return {"chargingRateUnit": unit, "chargingSchedulePeriod": list(periods or [PERIOD])} | more


def order(charge_point, **params):
    return placed(charge_point, "profile_set", **{"purpose": "TxDefaultProfile"} | params)


def test_one_limit_in_1_6(charge_point):
    command = order(charge_point, limit=16.04, unit="A", phases=1, evse_number=1, stack_level=2)
    assert built("1.6", command) == (
        "SetChargingProfile",
        {
            "connectorId": 1,
            "csChargingProfiles": {
                "chargingProfileId": ChargingProfile.objects.get().number,
                "stackLevel": 2,
                "chargingProfilePurpose": "TxDefaultProfile",
                "chargingProfileKind": "Relative",
                "chargingSchedule": {
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0, "numberPhases": 1}],
                },
            },
        },
    )


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_whole_schedules_in_2(charge_point, token, version):
    bench = Bench(charge_point, version)
    began = bench.begin()
    given = schedule(PERIOD, {"startPeriod": 3600, "limit": 7.25}, startSchedule=START, duration=7200)
    command = order(
        charge_point,
        purpose="TxProfile",
        session=str(bench.session().uid),
        schedules=[given],
        valid_from="2026-03-02T11:00:00+00:00",
        valid_to="2026-03-03T11:00:00+00:00",
    )
    assert built(version, command)[1] == {
        "evseId": 1,
        "chargingProfile": {
            "id": ChargingProfile.objects.get().number,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute",
            "validFrom": "2026-03-02T11:00:00.000Z",
            "validTo": "2026-03-03T11:00:00.000Z",
            "chargingSchedule": [{"id": 1} | given],
            "transactionId": began.id,
        },
    }


@pytest.mark.parametrize(
    ("asked", "sent"), [(16.19, 16.1), (16.1, 16.1), (0.3, 0.3), (7.0, 7.0), (8.999, 8.9)]
)
def test_limits_have_one_decimal_in_1_6(charge_point, asked, sent):
    """§7.14: never more than was asked for."""
    command = order(
        charge_point, schedules=[schedule({"startPeriod": 0, "limit": asked}, minChargingRate=6.05)]
    )
    wire = built("1.6", command)[1]["csChargingProfiles"]["chargingSchedule"]
    assert wire["chargingSchedulePeriod"][0]["limit"] == sent
    assert wire["minChargingRate"] == 6.0


def test_an_absolute_profile_without_a_start_begins_now(charge_point):
    """K01.FR.40; the limit of the whole is absolute by itself (K01.FR.38)."""
    command = order(charge_point, purpose="ChargePointMaxProfile", limit=40000, unit="W")
    profile = built("2.0.1", command)[1]["chargingProfile"]
    assert profile["chargingProfilePurpose"] == "ChargingStationMaxProfile"
    assert profile["chargingProfileKind"] == "Absolute"
    assert profile["chargingSchedule"][0]["startSchedule"] == START
    purpose = built("1.6", command)[1]["csChargingProfiles"]["chargingProfilePurpose"]
    assert purpose == "ChargePointMaxProfile"


def test_a_recurring_profile(charge_point):
    command = order(
        charge_point, recurrency="Daily", schedules=[schedule(startSchedule=START, duration=3600)]
    )
    for version in ("1.6", "2.1"):
        request = built(version, command)[1]
        profile = request["csChargingProfiles" if version == "1.6" else "chargingProfile"]
        assert (profile["chargingProfileKind"], profile["recurrencyKind"]) == ("Recurring", "Daily")


def test_a_dynamic_profile_and_offline_limits_in_2_1(charge_point):
    command = order(
        charge_point,
        kind="Dynamic",
        limit=11000,
        unit="W",
        dynamic_update_seconds=60,
        max_offline_seconds=300,
        invalid_after_offline=False,
    )
    profile = built("2.1", command)[1]["chargingProfile"]
    assert profile["dynUpdateInterval"] == 60
    assert (profile["maxOfflineDuration"], profile["invalidAfterOfflineDuration"]) == (300, False)
    with pytest.raises(ValueError, match="no dynamic"):
        built("1.6", command)


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"schedules": [schedule(), schedule()]}, "one schedule"),
        ({"purpose": "PriorityCharging", "schedules": [schedule()]}, "no PriorityCharging"),
        ({"schedules": [schedule({"startPeriod": 0, "setpoint": 5})]}, "setpoint"),
        ({"schedules": [schedule(limitAtSoC={"soc": 80, "limit": 6})]}, "limitAtSoC"),
        ({"limit": 5, "unit": "A", "max_offline_seconds": 5}, "maxOfflineDuration"),
        (
            {"purpose": "TxProfile", "transaction_id": "abc", "evse_number": 1, "limit": 5, "unit": "A"},
            "numbers",
        ),
    ],
)
def test_what_1_6_cannot_say_is_told(charge_point, params, why):
    with pytest.raises(ValueError, match=why):
        built("1.6", order(charge_point, **params))


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "limit"),
        ({"limit": 5}, "unit"),
        ({"limit": 5, "unit": "A", "purpose": "Everything"}, "purpose"),
        ({"limit": 5, "unit": "A", "purpose": "ChargingStationExternalConstraints"}, "purpose"),
        ({"limit": 5, "unit": "A", "purpose": "ChargePointMaxProfile", "evse_number": 1}, "evse_number"),
        ({"limit": 5, "unit": "A", "purpose": "ChargePointMaxProfile", "kind": "Relative"}, "kind"),
        ({"limit": 5, "unit": "A", "purpose": "TxProfile", "evse_number": 1}, "transaction_id"),
        ({"limit": 5, "unit": "A", "purpose": "TxProfile", "transaction_id": "7"}, "evse_number"),
        ({"limit": 5, "unit": "A", "transaction_id": "7"}, "transaction_id"),
        ({"schedules": {"a": 1}}, "schedules"),
        ({"schedules": ["x"]}, "schedules"),
        ({"schedules": [schedule() for _ in range(4)]}, "schedules"),
        ({"schedules": [{"chargingRateUnit": "A"}]}, "schedules"),
        ({"schedules": [schedule(unit="kW")]}, "schedules"),
        ({"schedules": [schedule({"startPeriod": 5, "limit": 1})]}, "schedules"),
        ({"schedules": [schedule({"startPeriod": "0", "limit": 1})]}, "schedules"),
        (
            {"schedules": [schedule(PERIOD, {"startPeriod": 9, "limit": 1}, {"startPeriod": 9, "limit": 2})]},
            "schedules",
        ),
        ({"schedules": [schedule({"startPeriod": 0, "limit": "much"})]}, "schedules"),
        ({"schedules": [schedule({"startPeriod": 0, "limit": float("nan")})]}, "schedules"),
        ({"schedules": [schedule({"startPeriod": 0, "limit": 1, "phaseToUse": 2})]}, "schedules"),
        ({"schedules": [schedule(startSchedule=START)], "kind": "Relative"}, "kind"),
        ({"schedules": [schedule()], "kind": "Recurring"}, "kind"),
        ({"schedules": [schedule(PERIOD, {"startPeriod": 9, "limit": 1})], "kind": "Dynamic"}, "kind"),
        ({"schedules": [schedule(duration=60)], "purpose": "PriorityCharging"}, "kind"),
    ],
)
def test_what_the_specification_forbids_is_refused(charge_point, params, field):
    with pytest.raises(Invalid) as fault:
        order(charge_point, **params)
    assert field in fault.value.fields
    assert not ChargingProfile.objects.exists()


def test_an_unknown_session_is_told(charge_point):
    with pytest.raises(NotFound):
        order(
            charge_point,
            purpose="TxProfile",
            session="00000000-0000-4000-8000-000000000000",
            limit=5,
            unit="A",
        )


def test_an_unknown_transaction_is_sent(charge_point):
    """The charge point's answer is the truth (K01.FR.33)."""
    command = order(
        charge_point, purpose="TxProfile", transaction_id="4711", evse_number=1, limit=5, unit="A", now=NOW
    )
    assert built("1.6", command)[1]["csChargingProfiles"]["transactionId"] == 4711
    assert built("2.1", command)[1]["chargingProfile"]["transactionId"] == "4711"

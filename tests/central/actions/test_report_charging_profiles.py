"""Reports of installed profiles (2.x K09): in parts, with gaps, repeated, not asked for."""

from datetime import timedelta

import pytest

from central.models import ChargingProfile, Command, ProfileReport
from central.services.charging_sweep import charging_sweep
from tests.support.handlers import NOW, Bench
from tests.support.power import answered, built, meant, placed

TWO = ["2.0.1", "2.1"]
SOON = NOW + timedelta(seconds=5)


def profile(number, limit=8000.0, purpose="ChargingStationExternalConstraints"):
    return {
        "id": number,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [
            {
                "id": 1,
                "startSchedule": "2026-03-02T12:00:00Z",
                "chargingRateUnit": "W",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
            }
        ],
    }


def part(request_id, *profiles, source="EMS", evse=0, **more):
    return {
        "requestId": request_id,
        "chargingLimitSource": source,
        "evseId": evse,
        "chargingProfile": list(profiles),
    } | more


def asked(charge_point, version, **params):
    """A report that the charge point will send."""
    command = placed(charge_point, "profiles_get", **params)
    assert answered(version, command, {"status": "Accepted"})
    return ProfileReport.objects.get(command=command)


def installed(charge_point, version, **params):
    values = {"purpose": "TxDefaultProfile", "limit": 16.0, "unit": "A"} | params
    command = placed(charge_point, "profile_set", now=NOW - timedelta(minutes=1), **values)
    answered(version, command, {"status": "Accepted"}, NOW - timedelta(minutes=1))
    return ChargingProfile.objects.get(command=command)


def states():
    return dict(ChargingProfile.objects.values_list("number", "state"))


@pytest.mark.parametrize("version", TWO)
@pytest.mark.parametrize(
    ("params", "criteria"),
    [
        ({}, {"chargingLimitSource": ["CSO", "EMS", "SO", "Other"]}),
        ({"profile_id": -3, "stack_level": 1}, {"chargingProfileId": [-3]}),
        (
            {"purpose": "TxProfile", "stack_level": 1},
            {"chargingProfilePurpose": "TxProfile", "stackLevel": 1},
        ),
        ({"source": "SO"}, {"chargingLimitSource": ["SO"]}),
    ],
)
def test_the_request(charge_point, version, params, criteria):
    """K09.FR.03: numbers, or other criteria; there are always some."""
    command = placed(charge_point, "profiles_get", evse_number=0, **params)
    number = ProfileReport.objects.get().number
    assert built(version, command) == (
        "GetChargingProfiles",
        {"requestId": number, "evseId": 0, "chargingProfile": criteria},
    )


@pytest.mark.parametrize("version", TWO)
def test_parts_make_a_report(charge_point, version):
    """K09.FR.02; foreign profiles are rows of their own, and the same part again changes nothing."""
    bench, report = Bench(charge_point, version, SOON), asked(charge_point, version)
    for _ in range(2):
        first = part(report.number, profile(-1), profile(-2), tbc=True)
        assert bench.call("ReportChargingProfiles", first) == {}
    report.refresh_from_db()
    assert report.state == "receiving"
    bench.call("ReportChargingProfiles", part(report.number, profile(-3), source="SO", evse=1))
    report.refresh_from_db()
    assert report.state == "complete"
    assert states() == {-1: "reported", -2: "reported", -3: "reported"}
    row = ChargingProfile.objects.get(number=-3)
    assert (row.source, row.evse_number, row.report) == ("SO", 1, report)
    assert row.highest == 8000


@pytest.mark.parametrize("version", TWO)
def test_what_is_not_reported_is_gone(charge_point, version):
    here, gone = installed(charge_point, version), installed(charge_point, version, evse_number=1)
    report = asked(charge_point, version)
    bench = Bench(charge_point, version, SOON)
    told = profile(here.number, 5000.0, "TxDefaultProfile")
    bench.call("ReportChargingProfiles", part(report.number, told, source="CSO"))
    assert states() == {here.number: "installed", gone.number: "cleared"}
    here.refresh_from_db()
    assert (here.highest, here.unit, here.reported_at) == (5000, "W", SOON)
    assert ChargingProfile.objects.get(pk=gone.pk).word == "not reported"


@pytest.mark.parametrize("version", TWO)
def test_each_part_may_claim_to_be_the_last(charge_point, version):
    """Some charge points say so for each source: what a later part names is there again."""
    first, second = installed(charge_point, version), installed(charge_point, version, evse_number=1)
    report = asked(charge_point, version)
    bench = Bench(charge_point, version, SOON)
    for row, evse in ((first, 0), (second, 1)):
        told = profile(row.number, purpose="TxDefaultProfile")
        bench.call("ReportChargingProfiles", part(report.number, told, source="CSO", evse=evse))
    assert set(states().values()) == {"installed"}


def test_a_report_on_one_evse_says_nothing_of_others(charge_point):
    row = installed(charge_point, "2.1", evse_number=2)
    report = asked(charge_point, "2.1", evse_number=1)
    Bench(charge_point, "2.1", SOON).call("ReportChargingProfiles", part(report.number, profile(-1), evse=1))
    assert states() == {row.number: "installed", -1: "reported"}


@pytest.mark.parametrize("version", TWO)
def test_no_profiles(charge_point, version):
    row = installed(charge_point, version)
    command = placed(charge_point, "profiles_get")
    assert answered(version, command, {"status": "NoProfiles"}, SOON)
    assert ProfileReport.objects.get().state == "empty"
    assert states() == {row.number: "cleared"}


@pytest.mark.parametrize("version", TWO)
def test_a_report_that_nobody_asked_for_is_kept(charge_point, version):
    row = installed(charge_point, version)
    for _ in range(2):
        Bench(charge_point, version).call("ReportChargingProfiles", part(4711, profile(-1)))
    report = ProfileReport.objects.get()
    assert (report.number, report.state) == (4711, "unasked")
    assert states() == {row.number: "installed", -1: "reported"}


def test_a_report_with_gaps_ends_incomplete(charge_point):
    """A report may come with gaps or never: what came is kept."""
    report = asked(charge_point, "2.1")
    Bench(charge_point, "2.1", SOON).call(
        "ReportChargingProfiles", part(report.number, profile(-1), tbc=True)
    )
    assert charging_sweep(now=SOON + timedelta(minutes=9)) == 0
    assert charging_sweep(now=SOON + timedelta(minutes=11)) == 1
    report.refresh_from_db()
    assert (report.state, states()) == ("incomplete", {-1: "reported"})


def test_a_request_that_never_left(charge_point):
    command = placed(charge_point, "profiles_get")
    Command.objects.filter(pk=command.pk).update(state="expired")
    charging_sweep(now=NOW)
    assert ProfileReport.objects.get().state == "failed"


def test_a_lost_order_is_confirmed_by_a_report(charge_point):
    command = placed(charge_point, "profile_set", purpose="TxDefaultProfile", limit=16.0, unit="A")
    built("2.0.1", command)
    row = ChargingProfile.objects.get()
    assert row.state == "sent"
    told = profile(row.number, purpose="TxDefaultProfile")
    Bench(charge_point, "2.0.1").call("ReportChargingProfiles", part(1, told, source="CSO"))
    assert states() == {row.number: "installed"}


def test_a_raw_request_gets_its_report(charge_point):
    command = placed(charge_point, "profile_clear", profile_id=1)
    request = {"requestId": 77, "chargingProfile": {"stackLevel": 3}}
    assert meant("2.1", command, "GetChargingProfiles", request, {"status": "Accepted"})
    Bench(charge_point, "2.1", SOON).call("ReportChargingProfiles", part(77, profile(-1)))
    report = ProfileReport.objects.get()
    assert (report.number, report.state, report.criteria) == (77, "complete", {"stackLevel": 3})

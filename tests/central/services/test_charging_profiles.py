"""Charging profiles: every way from one state to the next (1.6 §5.16, §5.5; 2.x K01, K10)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from central.models import ChargingProfile, Command, Session
from central.services.charging_profiles import profiles_end, profiles_undelivered
from central.services.charging_sweep import charging_sweep
from emobility.lib.errors import NotFound
from registry.models import Event
from tests.support.handlers import NOW, Bench
from tests.support.power import answered, built, meant, placed

VERSIONS = ["1.6", "2.0.1", "2.1"]
TWO = ["2.0.1", "2.1"]
DEFAULT = {"purpose": "TxDefaultProfile", "limit": 16.0, "unit": "A"}


def ordered(charge_point, **params):
    return placed(charge_point, "profile_set", **DEFAULT | params)


def installed(charge_point, version="1.6", **params):
    """A profile that the charge point accepted."""
    command = ordered(charge_point, **params)
    assert answered(version, command, {"status": "Accepted"})
    return ChargingProfile.objects.get(command=command)


def state(row):
    row.refresh_from_db()
    return row.state


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("status", ["Accepted", "Rejected", "NotSupported"])
def test_the_answer_decides(charge_point, version, status):
    if status == "NotSupported":
        version = "1.6"
    command = ordered(charge_point)
    row = ChargingProfile.objects.get()
    assert (row.state, row.unit, row.lowest, row.highest) == ("wanted", "A", Decimal(16), Decimal(16))
    built(version, command)
    assert state(row) == "sent"
    assert answered(version, command, {"status": status}) is (status == "Accepted")
    assert (state(row), row.word) == ("installed" if status == "Accepted" else "rejected", status)
    told = Event.objects.filter(kind="charging_profile.changed").order_by("id")
    assert [event.data["state"] for event in told] == ["wanted", row.state]


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ("failed", "rejected"),
        ("expired", "cleared"),
        ("cancelled", "cleared"),
        ("timed_out", "sent"),
        ("unknown", "sent"),
    ],
)
def test_an_order_that_nobody_answered(charge_point, ended, expected):
    """What was lost on the way may be installed."""
    command = ordered(charge_point)
    built("1.6", command)
    Command.objects.update(state=ended)
    profiles_undelivered(command_ids=[command.pk], now=NOW)
    assert ChargingProfile.objects.get().state == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_a_profile_in_the_same_place_replaces(charge_point, version):
    """1.6 §3.13.2; K01.FR.05, K01.FR.06: the same number is used again, so 2.x replaces it too."""
    first = installed(charge_point, version)
    second = installed(charge_point, version, limit=8.0)
    assert second.number == first.number
    assert (state(first), first.word, state(second)) == ("cleared", "replaced", "installed")


def test_orders_that_wait_together_share_their_number(charge_point):
    """Else the second would stand in the way of the first (K01.FR.06, K01.FR.52)."""
    first, second = ordered(charge_point), ordered(charge_point, limit=8.0)
    assert first.params["profile_id"] == second.params["profile_id"]
    for command in (first, second):
        assert answered("2.1", command, {"status": "Accepted"})
    assert list(ChargingProfile.objects.order_by("id").values_list("state", flat=True)) == [
        "cleared",
        "installed",
    ]


def test_the_charge_points_reason_is_kept(charge_point):
    answer = {"status": "Rejected", "statusInfo": {"reasonCode": "UnsupportedRateUnit"}}
    assert not answered("2.0.1", ordered(charge_point), answer)
    assert ChargingProfile.objects.get().word == "Rejected UnsupportedRateUnit"


def test_a_profile_may_be_older_than_what_we_know_of_its_session(charge_point, token, bench):
    params = {"purpose": "TxProfile", "transaction_id": "4711", "evse_number": 1}
    row = installed(charge_point, **params)
    other = installed(charge_point, **params | {"transaction_id": "4712"})
    bench.begin()
    Session.objects.update(transaction_id="4711")
    profiles_end(session_ids=[bench.session().pk], now=NOW)
    assert (state(row), state(other)) == ("cleared", "installed")


def test_a_refused_replacement_leaves_the_first(charge_point):
    first = installed(charge_point)
    command = ordered(charge_point, limit=8.0)
    assert not answered("1.6", command, {"status": "Rejected"})
    assert state(first) == "installed"


@pytest.mark.parametrize(
    "other",
    [
        {"stack_level": 1},
        {"evse_number": 2},
        {"purpose": "ChargePointMaxProfile"},
        {"valid_from": NOW + timedelta(days=1)},
    ],
)
def test_profiles_in_other_places_stand_beside(charge_point, other):
    first = installed(charge_point, "2.0.1", valid_to=NOW + timedelta(hours=1))
    second = installed(charge_point, "2.0.1", **other)
    assert second.number != first.number
    assert (state(first), state(second)) == ("installed", "installed")


def test_1_6_replaces_by_place_whatever_the_number(charge_point):
    """§5.16.3: the same number, or the same level and purpose."""
    first = installed(charge_point)
    ChargingProfile.objects.filter(pk=first.pk).update(source="EMS", number=5)
    second = installed(charge_point)
    assert (state(first), state(second)) == ("cleared", "installed")
    assert first.number != second.number


def test_a_number_names_what_is_replaced(charge_point):
    first = installed(charge_point, "2.1", stack_level=3)
    by_number = installed(charge_point, "2.1", profile_id=first.number)
    by_id = installed(charge_point, "2.1", profile=by_number.pk)
    assert first.number == by_number.number == by_id.number
    assert [state(row) for row in (first, by_number, by_id)] == ["cleared", "cleared", "installed"]
    with pytest.raises(NotFound):
        ordered(charge_point, profile=999_999)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_raw_request_makes_a_row(charge_point, version):
    schedule = {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 7000}]}
    profile = {
        "stackLevel": 2,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
    }
    payload = (
        {
            "connectorId": 1,
            "csChargingProfiles": profile | {"chargingProfileId": 7, "chargingSchedule": schedule},
        }
        if version == "1.6"
        else {"evseId": 1, "chargingProfile": profile | {"id": 7, "chargingSchedule": [schedule | {"id": 1}]}}
    )
    command = placed(charge_point, "composite_schedule", duration=60)
    for _ in range(2):
        assert meant(version, command, "SetChargingProfile", payload, {"status": "Accepted"})
    row = ChargingProfile.objects.get()
    assert (row.number, row.evse_number, row.stack_level, row.state) == (7, 1, 2, "installed")
    assert row.highest == 7000


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("handle", ["session", "transaction_id"])
def test_the_profile_of_a_session(charge_point, token, version, handle):
    """Both handles work; the EVSE is the session's (K01.FR.03, K01.FR.16)."""
    bench = Bench(charge_point, version)
    bench.begin(connector=2)
    session = bench.session()
    named = str(session.uid) if handle == "session" else session.transaction_id
    row = installed(charge_point, version, purpose="TxProfile", **{handle: named})
    assert (row.session, row.evse_number, row.transaction_id) == (session, 2, session.transaction_id)
    profiles_end(session_ids=[session.pk], now=NOW)
    assert (state(row), row.word) == ("cleared", "session ended")


def test_profiles_of_ended_sessions_are_found_without_a_bell(charge_point, token, bench):
    began = bench.begin()
    row = installed(charge_point, purpose="TxProfile", transaction_id=bench.session().transaction_id)
    charging_sweep(now=NOW)
    assert state(row) == "installed"
    bench.call(*began.stop(100, NOW))
    charging_sweep(now=NOW)
    assert state(row) == "cleared"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("status", ["Accepted", "Unknown"])
def test_a_clear_by_number(charge_point, version, status):
    """Unknown says that it is not there (K10.FR.01)."""
    row, other = installed(charge_point, version), installed(charge_point, version, evse_number=1)
    command = placed(charge_point, "profile_clear", profile=row.pk)
    assert answered(version, command, {"status": status}) is (status == "Accepted")
    assert (state(row), state(other)) == ("cleared", "installed")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("criteria", "left"),
    [
        ({"purpose": "TxDefaultProfile"}, {"max"}),
        ({"evse_number": 0}, {"second"}),
        ({"stack_level": 1}, {"first", "max"}),
        ({"purpose": "TxDefaultProfile", "evse_number": 0}, {"second", "max"}),
    ],
)
def test_a_clear_by_criteria(charge_point, version, criteria, left):
    rows = {
        "first": installed(charge_point, version),
        "second": installed(charge_point, version, evse_number=1, stack_level=1),
        "max": installed(charge_point, version, purpose="ChargingStationMaxProfile"),
    }
    ChargingProfile.objects.create(
        organization_id=charge_point.organization_id,
        charge_point=charge_point,
        number=-1,
        purpose="ChargingStationExternalConstraints",
        kind="Absolute",
        state="reported",
        requested_at=NOW,
        changed_at=NOW,
    )
    assert answered(version, placed(charge_point, "profile_clear", **criteria), {"status": "Accepted"})
    assert {name for name, row in rows.items() if state(row) == "installed"} == left
    assert ChargingProfile.objects.get(number=-1).state == "reported"


def test_a_clear_of_everything(charge_point):
    """1.6 §6.13 clears all where nothing is given; K10.FR.02 forbids that."""
    row = installed(charge_point)
    command = placed(charge_point, "profile_clear")
    with pytest.raises(ValueError, match="which profiles"):
        built("2.0.1", command)
    assert built("1.6", command) == ("ClearChargingProfile", {})
    assert answered("1.6", command, {"status": "Accepted"})
    assert state(row) == "cleared"


def test_a_clear_of_one_that_we_do_not_have_is_sent(charge_point):
    command = placed(charge_point, "profile_clear", profile_id=-4)
    assert built("1.6", command)[1] == {"id": -4}
    assert built("2.1", command)[1] == {"chargingProfileId": -4}
    assert not answered("2.1", command, {"status": "Unknown"})

"""Reset, unlock, trigger, clear cache: what each version is asked, and what its answers mean."""

import pytest

from central.ocpp.intents import ORDERS
from central.ocpp.ordering import order_place
from emobility.lib.errors import Invalid
from tests.support.handlers import NOW
from tests.support.orders import answered, built, placed

V2 = ["2.0.1", "2.1"]
VERSIONS = ["1.6", *V2]


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [
        ("1.6", "gentle", "Soft"),
        ("1.6", "at_once", "Hard"),
        ("2.0.1", "gentle", "OnIdle"),
        ("2.0.1", "at_once", "Immediate"),
        ("2.1", "gentle", "OnIdle"),
        ("2.1", "at_once", "Immediate"),
        ("2.1", "resume", "ImmediateAndResume"),
    ],
)
def test_a_reset_in_each_version(version, kind, expected, charge_point):
    """1.6 §5.14, 2.x B11, B12, 2.1 B13."""
    assert built(version, placed(charge_point, "reset", kind=kind)) == ("Reset", {"type": expected})


@pytest.mark.parametrize("version", V2)
def test_one_evse_is_reset_in_2(version, charge_point):
    command = placed(charge_point, "reset", kind="at_once", evse_number=2)
    assert built(version, command)[1] == {"type": "Immediate", "evseId": 2}


@pytest.mark.parametrize(
    ("version", "params"),
    [
        ("1.6", {"kind": "gentle", "evse_number": 1}),
        ("1.6", {"kind": "resume"}),
        ("2.0.1", {"kind": "resume"}),
    ],
)
def test_what_a_version_cannot_reset_is_told(version, params, charge_point):
    with pytest.raises(ValueError, match="OCPP"):
        built(version, placed(charge_point, "reset", **params))


@pytest.mark.parametrize(
    ("version", "status", "yes"),
    [
        ("1.6", "Accepted", True),
        ("1.6", "Rejected", False),
        ("2.0.1", "Scheduled", True),
        ("2.1", "Scheduled", True),
        ("2.1", "Rejected", False),
    ],
)
def test_a_reset_that_waits_for_a_session_is_a_yes(version, status, yes, charge_point):
    """B12.FR.01."""
    assert answered(version, placed(charge_point, "reset", kind="gentle"), {"status": status}) is yes


def test_a_connector_is_unlocked(charge_point):
    """1.6 §5.18, F05."""
    command = placed(charge_point, "unlock", evse_number=2)
    assert built("1.6", command) == ("UnlockConnector", {"connectorId": 2})
    for version in V2:
        assert built(version, command) == ("UnlockConnector", {"evseId": 2, "connectorId": 1})
    second = placed(charge_point, "unlock", evse_number=2, connector_number=2)
    assert built("2.0.1", second)[1] == {"evseId": 2, "connectorId": 2}
    with pytest.raises(ValueError, match="EVSE"):
        built("1.6", second)


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ("1.6", "Unlocked"),
        ("1.6", "UnlockFailed"),
        ("1.6", "NotSupported"),
        ("2.0.1", "Unlocked"),
        ("2.0.1", "OngoingAuthorizedTransaction"),
        ("2.1", "UnknownConnector"),
        ("2.1", "UnlockFailed"),
    ],
)
def test_only_unlocked_means_free(version, status, charge_point):
    """F05.FR.02-05."""
    command = placed(charge_point, "unlock", evse_number=1)
    assert answered(version, command, {"status": status}) is (status == "Unlocked")


def test_an_unlock_names_its_connector(charge_point):
    with pytest.raises(Invalid) as fault:
        placed(charge_point, "unlock")
    assert set(fault.value.fields) == {"evse_number"}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"message": "Heartbeat"}, ("TriggerMessage", {"requestedMessage": "Heartbeat"})),
        (
            {"message": "StatusNotification", "evse_number": 2},
            ("TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 2}),
        ),
        (
            {"message": "DiagnosticsStatusNotification"},
            ("TriggerMessage", {"requestedMessage": "DiagnosticsStatusNotification"}),
        ),
        (
            {"message": "LogStatusNotification"},
            ("ExtendedTriggerMessage", {"requestedMessage": "LogStatusNotification"}),
        ),
        (
            {"message": "SignChargingStationCertificate"},
            ("ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"}),
        ),
        (
            {"message": "FirmwareStatusNotification", "extended": True},
            ("ExtendedTriggerMessage", {"requestedMessage": "FirmwareStatusNotification"}),
        ),
    ],
)
def test_a_trigger_in_1_6(params, expected, charge_point):
    """1.6 §5.17; the messages of the security extension by its own trigger (white paper A02)."""
    assert built("1.6", placed(charge_point, "trigger", **params)) == expected


@pytest.mark.parametrize("message", ["TransactionEvent", "CustomTrigger", "SignV2GCertificate"])
def test_1_6_cannot_ask_for_everything(message, charge_point):
    with pytest.raises(ValueError, match=message):
        built("1.6", placed(charge_point, "trigger", message=message))


@pytest.mark.parametrize(
    ("version", "params", "expected"),
    [
        ("2.0.1", {"message": "Heartbeat"}, {"requestedMessage": "Heartbeat"}),
        (
            "2.0.1",
            {"message": "StatusNotification", "evse_number": 1},
            {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}},
        ),
        (
            "2.1",
            {"message": "MeterValues", "evse_number": 2},
            {"requestedMessage": "MeterValues", "evse": {"id": 2}},
        ),
        (
            "2.1",
            {"message": "CustomTrigger", "custom": "Temperature"},
            {"requestedMessage": "CustomTrigger", "customTrigger": "Temperature"},
        ),
    ],
)
def test_a_trigger_in_2(version, params, expected, charge_point):
    """F06."""
    assert built(version, placed(charge_point, "trigger", **params)) == ("TriggerMessage", expected)


def test_in_2_a_state_is_asked_for_by_connector(charge_point):
    """F06.FR.13."""
    with pytest.raises(ValueError, match="EVSE"):
        built("2.0.1", placed(charge_point, "trigger", message="StatusNotification"))
    with pytest.raises(ValueError, match="own message"):
        built("2.1", placed(charge_point, "trigger", message="CustomTrigger"))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
def test_the_cache_is_cleared(version, status, charge_point):
    """1.6 §5.4, C11."""
    command = placed(charge_point, "clear_cache")
    assert built(version, command) == ("ClearCache", {})
    assert answered(version, command, {"status": status}) is (status == "Accepted")


@pytest.mark.parametrize("order", ["reset", "unlock", "availability", "trigger", "clear_cache", "raw"])
def test_every_version_can_carry_them(order):
    assert ORDERS[order].versions == tuple(VERSIONS)


def test_attempts_are_asked_for_per_order(charge_point):
    def ordered(attempts):
        return order_place(
            charge_point=charge_point, order="clear_cache", params={}, attempts=attempts, now=NOW
        )

    assert ordered(3).max_attempts == 3
    assert ordered(1).max_attempts == 1
    with pytest.raises(Invalid):
        ordered(11)

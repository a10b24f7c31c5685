"""Raw requests: checked by the version's schema, applied like the orders that usually send them."""

import pytest

from central.models import ChargePointStatus, WantedAvailability
from central.ocpp.intents import to_charge_point
from central.ocpp.ordering import order_place
from emobility.lib.errors import Forbidden, Invalid
from tests.support.handlers import NOW, Bench
from tests.support.orders import answered, built, placed
from tests.support.registry import person


@pytest.fixture
def speaks(charge_point):
    def make(version):
        ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version=version)

    return make


@pytest.mark.parametrize(
    ("version", "action", "payload"),
    [
        ("1.6", "Reset", {"type": "Hard"}),
        ("1.6", "GetLocalListVersion", {}),
        (
            "2.0.1",
            "GetVariables",
            {"getVariableData": [{"component": {"name": "A"}, "variable": {"name": "B"}}]},
        ),
        ("2.1", "DataTransfer", {"vendorId": "x"}),
    ],
)
def test_a_valid_request_leaves_as_it_was_written(version, action, payload, charge_point, speaks):
    speaks(version)
    assert built(version, placed(charge_point, "raw", action=action, payload=payload)) == (action, payload)


@pytest.mark.parametrize(
    ("version", "action", "payload", "field"),
    [
        ("1.6", "Reset", {}, "payload.type"),
        ("1.6", "Reset", {"type": "Now"}, "payload.type"),
        ("1.6", "Reset", {"type": "Hard", "x": 1}, "payload"),
        ("1.6", "GetVariables", {}, "action"),
        ("1.6", "BootNotification", {}, "action"),
        ("2.0.1", "reset", {"type": "OnIdle"}, "action"),
        ("2.1", "ChangeAvailability", {"operationalStatus": "Operative", "evse": {}}, "payload.evse.id"),
        ("", "Authorize", {}, "action"),
    ],
)
def test_what_the_schema_refuses_is_told_by_its_field(version, action, payload, field, charge_point, speaks):
    speaks(version)
    with pytest.raises(Invalid) as fault:
        placed(charge_point, "raw", action=action, payload=payload)
    assert set(fault.value.fields) == {field}


@pytest.mark.parametrize("payload", [[], "x", 3, [1]])
def test_a_payload_is_an_object(payload, charge_point):
    if payload == []:
        assert placed(charge_point, "raw", action="ClearCache", payload=payload).params["payload"] == {}
        return
    with pytest.raises(Invalid):
        placed(charge_point, "raw", action="ClearCache", payload=payload)


def test_where_the_version_is_not_known_it_is_checked_when_it_is_built(charge_point):
    command = placed(charge_point, "raw", action="GetVariables", payload={"x": 1})
    with pytest.raises(ValueError, match=r"1\.6"):
        built("1.6", command)


@pytest.mark.parametrize(
    ("version", "action", "payload"),
    [
        ("1.6", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "SECRET"}),
        (
            "2.0.1",
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "component": {"name": "SecurityCtrlr"},
                        "variable": {"name": "BasicAuthPassword"},
                        "attributeValue": "SECRET",
                    }
                ]
            },
        ),
    ],
)
def test_a_secret_is_not_stored_in_a_raw_request(version, action, payload, charge_point, speaks):
    speaks(version)
    with pytest.raises(Invalid, match="secret"):
        placed(charge_point, "raw", action=action, payload=payload)


def test_its_answer_has_the_same_consequences(charge_point, speaks):
    speaks("1.6")
    payload = {"connectorId": 2, "type": "Inoperative"}
    command = placed(charge_point, "raw", action="ChangeAvailability", payload=payload)
    assert answered("1.6", command, {"status": "Scheduled"})
    assert WantedAvailability.objects.get().evse_number == 2


@pytest.mark.parametrize(
    ("version", "action"), [("1.6", "RemoteStopTransaction"), ("2.0.1", "RequestStopTransaction")]
)
def test_a_transaction_may_be_named_by_our_handle(version, action, charge_point, token, speaks):
    bench = Bench(charge_point, version)
    transaction = bench.begin()
    speaks(version)
    payload = {"transactionId": str(bench.session().uid)}
    command = placed(charge_point, "raw", action=action, payload=payload)
    assert built(version, command) == (action, {"transactionId": transaction.id})


def test_raw_is_for_those_who_manage(organization, charge_point):
    """It reaches past the rights of single orders."""
    asked = {"charge_point": charge_point, "order": "raw", "params": {"action": "ClearCache"}, "now": NOW}
    with pytest.raises(Forbidden):
        order_place(requested_by=person(organization, "operator"), **asked)
    assert order_place(requested_by=person(organization, "admin"), **asked).order == "raw"


@pytest.mark.parametrize(("version", "count"), [("1.6", 25), ("2.0.1", 39), ("2.1", 54)])
def test_how_many_actions_a_version_lets_us_send(version, count):
    assert len(to_charge_point(version)) >= count

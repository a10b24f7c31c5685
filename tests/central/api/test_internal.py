"""Orders and messages from other systems (/api/internal): who may, what becomes of them, refusals."""

import pytest

from central.api.internal_actions import order_of
from central.models import Command
from emobility.lib import bell, live
from registry.models import AuditEntry, ChargePoint
from registry.rights import Right
from tests.support.handlers import charge_point_create
from tests.support.machines import api_key, machine, signed, signing_key
from tests.support.registry import bearer, central_face, person

EVENT, BROADCAST = "/api/internal/event", "/api/internal/broadcast"
START = {"action": "RemoteStartTransaction", "charger_id": "AMBER-1", "payload": {"id_tag": "USER1234"}}


@pytest.fixture
def face(organization, charge_point):
    _, header = api_key(machine(organization))
    return central_face(**header)


def test_the_documented_order_is_kept_and_its_address_told(face, charge_point):
    answer = face.post(EVENT, START)
    assert answer.status_code == 202, answer.content
    command = Command.objects.get()
    assert (command.order, command.params["id_tag"], command.source) == (
        "remote_start",
        "USER1234",
        "internal",
    )
    assert command.requested_by is not None
    assert answer.json()["uid"] == str(command.uid)
    assert answer["Location"] == answer.json()["url"]
    assert face.get(answer["Location"]).json()["order"] == "remote_start"


@pytest.mark.parametrize(
    ("action", "payload", "order", "params"),
    [
        ("RemoteStartTransaction", {"idTag": "A", "connectorId": 2}, "remote_start", {"evse_number": 2}),
        (
            "RequestStartTransaction",
            {"idToken": {"idToken": "A"}, "evseId": 1},
            "remote_start",
            {"id_tag": "A"},
        ),
        ("Reset", {"type": "Hard"}, "reset", {"kind": "at_once"}),
        ("Reset", {}, "reset", {"kind": "gentle"}),
        ("reset", {"kind": "gentle"}, "reset", {"kind": "gentle"}),
        ("UnlockConnector", {"connectorId": 1}, "unlock", {"evse_number": 1}),
        ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}, "availability", {}),
        ("ClearCache", {}, "clear_cache", {}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}, "trigger", {"message": "Heartbeat"}),
        ("GetConfiguration", {"key": ["HeartbeatInterval"]}, "configuration_get", {}),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "9"}, "configuration_set", {}),
        ("DataTransfer", {"vendorId": "com.x", "data": "hi"}, "data_transfer", {"vendor_id": "com.x"}),
    ],
)
def test_ocpp_s_names_and_ours_mean_the_same_orders(face, action, payload, order, params):
    answer = face.post(EVENT, {"action": action, "charge_point": "AMBER-1", "payload": payload})
    assert answer.status_code == 202, answer.content
    command = Command.objects.get()
    assert command.order == order
    assert {name: command.params[name] for name in params} == params


def test_a_stop_names_the_transaction_and_an_unknown_action_goes_out_as_it_is():
    stop = order_of("RemoteStopTransaction", {"transactionId": "77"})
    assert stop == ("remote_stop", {"transaction_id": "77"})
    assert order_of("Sing", {"song": 1}) == ("raw", {"action": "Sing", "payload": {"song": 1}})


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"charger_id": "NOBODY"}, 404, None),
        ({"charger_id": ""}, 400, "charger_id"),
        ({"action": ""}, 400, "action"),
        ({"payload": []}, 400, "payload"),
        ({"payload": {}}, 400, "id_tag"),
        ({"action": "Reset", "payload": {"type": "Soon"}}, 400, "kind"),
        ({"action": "SetChargingProfile"}, 403, None),
    ],
)
def test_refusals_have_the_one_form_and_order_nothing(face, change, status, field):
    answer = face.post(EVENT, {**START, **change})
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert {"code", "detail"} <= set(body)
    assert field is None or field in str(body["fields"])
    assert not Command.objects.exists()


def test_another_organisation_s_charge_point_is_not_there(face, stranger_organization):
    charge_point_create(stranger_organization, "BASALT-1")
    for path, body in ((EVENT, {**START, "charger_id": "BASALT-1"}),):
        assert face.post(path, body).status_code == 404
    body = {"message": "x", "charge_points": ["BASALT-1"], "as": "data_transfer", "vendor_id": "v"}
    assert face.post(BROADCAST, body).json()["refused"] == {"BASALT-1": "No such charge point."}
    assert not Command.objects.exists()


def test_people_and_strangers_may_not(organization, charge_point):
    """Service accounts only: an admin's token does not open it, nor an account without the right."""
    unfit = machine(organization, scopes=[Right.SEE.value], name="Reader")
    for headers in ({}, bearer(person(organization, "admin")), api_key(unfit)[1]):
        for path in (EVENT, BROADCAST):
            assert central_face(**headers).post(path, START).status_code in {401, 403}
    assert not Command.objects.exists()


def test_a_signed_request_is_taken_once(organization, charge_point):
    key, secret = signing_key(machine(organization))
    raw, headers = signed(key.key_id, secret, "POST", EVENT, START)
    face = central_face()
    assert face.post(EVENT, raw, **headers).status_code == 202
    assert face.post(EVENT, raw, **headers).status_code == 401
    assert Command.objects.count() == 1


@pytest.fixture
def said(monkeypatch):
    """What open sockets would hear."""
    heard = []
    monkeypatch.setattr(bell, "publish", lambda group, message: heard.append((group, message)))
    return heard


def test_a_message_reaches_the_sockets_of_the_own_organisation(face, organization, said):
    answer = face.post(BROADCAST, {"message": "Maintenance at 22:00"})
    assert answer.status_code == 202, answer.content
    message = next(message for group, message in said if group == live.BROADCASTS)
    assert message["organization_id"] == organization.pk
    assert message["message"] == {"text": "Maintenance at 22:00"}
    assert message["id"] == answer.json()["id"]
    assert AuditEntry.objects.filter(action="broadcast.sent").count() == 1


def test_a_message_goes_to_charge_points_that_are_named(face, organization, said):
    charge_point_create(organization, "AMBER-2")
    body = {
        "message": {"tariff": "night"},
        "charge_points": ["AMBER-1", "AMBER-2", "AMBER-9"],
        "as": "data_transfer",
        "vendor_id": "com.example",
        "message_id": "notice",
    }
    answer = face.post(BROADCAST, body).json()
    assert [row["charge_point"] for row in answer["commands"]] == ["AMBER-1", "AMBER-2"]
    assert list(answer["refused"]) == ["AMBER-9"]
    command = Command.objects.first()
    assert command is not None
    assert (command.order, command.params["content"]) == ("data_transfer", '{"tariff":"night"}')


@pytest.mark.parametrize(
    "change",
    [
        {"message": ""},
        {"message": 7},
        {"message": "x" * 20_000},
        {"charge_points": ["AMBER-1"]},
        {"charge_points": ["AMBER-1"], "as": "data_transfer"},
        {"charge_points": ["AMBER-1"], "as": "pigeon"},
        {"charge_points": [f"CP-{number}" for number in range(51)], "as": "display_message"},
    ],
)
def test_a_message_that_cannot_be_said_is_refused_whole(face, said, change):
    assert face.post(BROADCAST, {"message": "x", **change}).status_code == 400
    assert said == []
    assert ChargePoint.objects.count() == 1
    assert not Command.objects.exists()

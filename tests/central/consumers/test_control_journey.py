"""OCPP Control and waiting: asked over real HTTP, answered by a charge point on a real socket."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from rest_framework_simplejwt.tokens import AccessToken

from central.models import Command, Session
from emobility import http
from registry.models.user import Role
from tests.support.charge_point import CallError
from tests.support.wait import FACTOR, eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration

ACCEPTED = {"status": "Accepted"}


@pytest.fixture
def api(server, enrolled):
    """A person's client: `post(path, body)` over HTTP."""
    user = staff(enrolled.row.organization, Role.ADMIN)
    headers = {"Authorization": f"Bearer {AccessToken.for_user(user)}"}
    with httpx2.Client(base_url=server.http(), headers=headers, timeout=30 * FACTOR) as client:
        yield client


def control(api, path, **body):
    return api.post(f"/api/{path}", json={"charger_id": "CP-1"} | body)


@pytest.mark.parametrize(
    ("path", "body", "frame", "answer"),
    [
        (
            "ocpp/remote/start",
            {"id_tag": "TAG-1", "connector_id": 2},
            ("RemoteStartTransaction", {"idTag": "TAG-1", "connectorId": 2}),
            ACCEPTED,
        ),
        ("ocpp/unlock", {}, ("UnlockConnector", {"connectorId": 1}), {"status": "Unlocked"}),
        ("ocpp/reboot", {"type": "Hard"}, ("Reset", {"type": "Hard"}), ACCEPTED),
        (
            "ocpp/configuration/get",
            {"keys": ["HeartbeatInterval"]},
            ("GetConfiguration", {"key": ["HeartbeatInterval"]}),
            {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "60"}]},
        ),
        (
            "ocpp/configuration/set",
            {"key": "HeartbeatInterval", "value": 300},
            ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "300"}),
            ACCEPTED,
        ),
        (
            "diagnostics/upload",
            {"location": "https://files.example/up"},
            ("GetDiagnostics", {"location": "https://files.example/up"}),
            {"fileName": "d.zip"},
        ),
    ],
)
def test_each_order_brings_the_answer_of_the_charge_point(path, body, frame, answer, enrolled, api):
    with enrolled.plug_in(handlers={frame[0]: answer}) as charger:
        charger.boot()
        told = control(api, path, wait=20, queue=False, **body)
        assert told.status_code == 200, told.text
        assert (told.json()["state"], told.json()["answer"]) == ("accepted", answer)
        assert told.headers["Location"].endswith(f"/api/commands/{told.json()['uid']}")
        assert charger.calls == [frame]


def test_a_session_is_stopped_by_either_id_and_both_are_told(enrolled, api):
    with enrolled.plug_in(handlers={"RemoteStopTransaction": ACCEPTED}) as charger:
        charger.boot()
        started = charger.start()
        session = Session.objects.get()
        for body in (
            {"transaction_id": started.id},
            {"transaction_id": str(session.uid)},
            {"session": str(session.uid), "charger_id": "CP-1"},
        ):
            told = api.post("/api/ocpp/remote/stop?wait=20", json=body)
            assert told.status_code == 200, told.text
            subject = told.json()["subject"]
            assert (subject["session"], subject["transaction_id"]) == (
                str(session.uid),
                session.transaction_id,
            )
        assert {frame["transactionId"] for _, frame in charger.calls} == {started.id}


def test_a_no_an_error_and_silence_have_a_status_each(enrolled, api, settings):
    settings.OCPP_COMMAND_TIMEOUT = 1
    faulty = CallError("InternalError", "broken")
    with enrolled.plug_in(handlers={"ClearCache": {"status": "Rejected"}, "Reset": faulty}) as charger:
        charger.boot()
        raw = {"charge_point": "CP-1", "action": "ClearCache", "payload": {}, "wait": 20}
        told = api.post("/api/commands/", json=raw)
        assert (told.status_code, told.json()["code"]) == (409, "rejected")
        assert told.json()["command"]["answer"] == {"status": "Rejected"}
        broken = control(api, "ocpp/reboot", type="Hard", wait=20)
        assert (broken.status_code, broken.json()["code"]) == (502, "failed")
        silent = control(api, "ocpp/unlock", wait=20)
        assert (silent.status_code, silent.json()["code"]) == (504, "timed_out")


def test_who_does_not_want_to_queue_is_told_that_nobody_is_there(enrolled, api):
    told = control(api, "ocpp/unlock", queue=False, wait=20)
    assert (told.status_code, told.json()["code"]) == (409, "not_connected")
    assert not Command.objects.exists()
    queued = control(api, "ocpp/unlock")
    assert (queued.status_code, queued.json()["state"]) == (202, "queued")
    assert queued.headers["Location"] == queued.json()["url"]


def test_who_waited_in_vain_is_told_where_to_ask(enrolled, api):
    told = control(api, "ocpp/unlock", wait=1)
    assert (told.status_code, told.json()["state"]) == (202, "queued")
    assert api.get(told.json()["url"]).json()["state"] == "queued"


def test_many_wait_at_once_and_hold_no_thread(enrolled, api, monkeypatch):
    """Three threads serve twelve that wait: had each kept its thread, the fourth would not be served."""
    monkeypatch.setattr(http, "THREADS", ThreadPoolExecutor(3))
    answers = []

    def ask():
        answers.append(control(api, "ocpp/unlock", wait=30))

    askers = [threading.Thread(target=ask) for _ in range(12)]
    for each in askers:
        each.start()
    eventually(lambda: Command.objects.count() == 12)
    with enrolled.plug_in(handlers={"UnlockConnector": {"status": "Unlocked"}}) as charger:
        charger.boot()
        for each in askers:
            each.join()
    assert [each.status_code for each in answers] == [200] * 12


def test_an_order_of_several_messages_is_one(enrolled, api):
    words = iter(["Accepted", "Rejected", "Accepted"])
    with enrolled.plug_in(handlers={"ChangeConfiguration": lambda _: {"status": next(words)}}) as charger:
        charger.boot()
        told = control(api, "ocpp/configuration/set", values={"A": 1, "B": True}, wait=20)
        assert (told.status_code, told.json()["code"]) == (409, "rejected")
        command = told.json()["command"]
        assert [each["state"] for each in command["parts"]] == ["rejected"]
        again = api.post(f"/api/commands/{command['uid']}/retry/?wait=20")
        assert (again.status_code, again.json()["retry_of"]) == (200, command["uid"])
        sent = [frame["key"] for _, frame in charger.calls]
        assert sent == ["A", "B", "B"]


def test_a_wrong_value_is_named_where_it_stands(enrolled, api):
    told = control(api, "ocpp/remote/start", id_tag="")
    assert (told.status_code, list(told.json()["fields"])) == (400, ["id_tag"])
    assert control(api, "ocpp/unlock", wait=61).status_code == 400
    assert api.post("/api/ocpp/unlock", json={}).json()["fields"] == {
        "charger_id": ["Name the charge point."]
    }
    assert api.post("/api/ocpp/unlock", json=[]).status_code == 400
    assert control(api, "ocpp/unlock", charger_id="nobody").status_code == 404

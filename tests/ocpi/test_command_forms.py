"""Commands in the form of each version, and what partners may not (OCPI 2.2.1 §13, 2.1.1; T15, T17, T18)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from central.models import Command
from central.services.provider_answers import provider_ask
from ocpi.models import Delivery, Partner, ReceivedCommand, SentCommand
from ocpi.selectors.places import location_id_of
from ocpi.services.received_commands import commands_overdue
from ocpi.services.sent_commands import Wish, commands_give_up, response_url
from registry.models import ChargePoint, Organization
from tests.ocpi import roaming
from tests.ocpi.commanding import STAMP, TOKEN, send
from tests.ocpi.conftest import Caller, issue, now
from tests.ocpi.pushing import push_all
from tests.support.partner import Answer, ScriptedPartner
from tests.support.server import LiveServer


@pytest.fixture
def box(cpo: Organization) -> ChargePoint:
    return roaming.box(cpo)


@pytest.fixture
def app(server: LiveServer, cpo: Organization, scripted: ScriptedPartner) -> Caller:
    """NL-TST, a provider that hears results at /back."""
    scripted.offers = [("commands", "SENDER")]
    scripted.replies["back"] = lambda request: Answer()
    answer = Caller(server, issue(cpo))("POST", "/ocpi/2.2.1/credentials", scripted.credentials())
    return Caller(server, answer.json()["data"]["token"])


def body(box: ChargePoint, scripted: ScriptedPartner, **changes: Any) -> dict[str, Any]:
    return {
        "response_url": scripted.url("/2.2.1/back/1"),
        "token": {**TOKEN, "party_id": "TST"},
        "location_id": location_id_of(box),
        "evse_uid": f"{box.cp_id}-1",
        **changes,
    }


COMMANDS = "/ocpi/2.2.1/receiver/commands"


def post(app: Caller, kind: str, content: Any, version: str = "2.2.1") -> dict[str, Any]:
    base = f"/ocpi/{'cpo/' if version == '2.1.1' else ''}{version}/receiver/commands"
    answer = app("POST", f"{base}/{kind}", content)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_what_is_wrong_is_refused_at_once(app: Caller, scripted: ScriptedPartner, box: ChargePoint) -> None:
    """T15, T17, T18: others' tokens, private addresses, missing fields: 2001 and nothing ordered."""
    token = {**TOKEN, "party_id": "TST"}
    for changes in (
        {"token": TOKEN},
        {"token": {**token, "type": "CARD"}},
        {"token": None},
        {"response_url": "http://169.254.169.254/latest"},
        {"response_url": "file:///etc/passwd"},
        {"response_url": None},
        {"location_id": None},
        {"evse_uid": None, "connector_id": "1"},
    ):
        assert post(app, "START_SESSION", body(box, scripted, **changes))["status_code"] == 2001, changes
    past = body(box, scripted, expiry_date=STAMP, reservation_id="1")
    assert post(app, "RESERVE_NOW", past)["status_code"] == 2001
    assert not Command.objects.exists()
    assert not ReceivedCommand.objects.exists()


def test_an_unknown_place_is_2003(app: Caller, scripted: ScriptedPartner, box: ChargePoint) -> None:
    """§13.1: REJECTED with 2003; unknown commands are NOT_SUPPORTED; the reason is told."""
    for changes in ({"location_id": "site-0"}, {"location_id": "x"}, {"evse_uid": "BOX-9-1"}):
        told = post(app, "START_SESSION", body(box, scripted, **changes))
        assert (told["status_code"], told["data"]["result"]) == (2003, "REJECTED")
        assert told["data"]["timeout"] == 60
        assert told["data"]["message"][0]["text"]
    told = post(app, "DANCE", body(box, scripted))
    assert (told["status_code"], told["data"]["result"]) == (1000, "NOT_SUPPORTED")
    assert app("GET", f"{COMMANDS}/START_SESSION").status_code == 405


@pytest.mark.parametrize("version", ["2.1.1", "2.2.1", "2.3.0"])
def test_each_version_has_its_form(
    app: Caller, scripted: ScriptedPartner, box: ChargePoint, version: str
) -> None:
    """2.1.1: no timeout, no CANCEL_RESERVATION, whole numbers for reservations, five words; bare bodies."""
    Partner.objects.update(version=version)
    old = version == "2.1.1"
    token = {"uid": "04AB", "type": "RFID", "auth_id": "C1", "issuer": "X", "valid": True}
    token |= {"whitelist": "ALLOWED", "last_updated": STAMP}
    if not old:
        token |= {"country_code": "NL", "party_id": "TST", "contract_id": "C1"}
    until = (now() + timedelta(hours=1)).isoformat()
    content = body(box, scripted, token=token, expiry_date=until, reservation_id=7 if old else "7")
    told = post(app, "RESERVE_NOW", content, version)
    assert told["data"] == ({"result": "ACCEPTED"} if old else {"result": "ACCEPTED", "timeout": 60})
    wrong = body(box, scripted, token=token, expiry_date=until, reservation_id="7" if old else 7)
    assert post(app, "RESERVE_NOW", wrong, version)["status_code"] == 2001
    cancel = {"response_url": scripted.url("/2.2.1/back/2"), "reservation_id": 7 if old else "7"}
    told = post(app, "CANCEL_RESERVATION", cancel, version)
    assert told["data"]["result"] == ("NOT_SUPPORTED" if old else "ACCEPTED")
    ReceivedCommand.objects.filter(kind="RESERVE_NOW").update(result="")
    Command.objects.filter(order="reserve").update(state="rejected", answer={"status": "Occupied"})
    commands_overdue(now=now())
    push_all(now(), Partner.objects.get())
    sent = next(each for each in scripted.sent("POST", "back") if each.path.endswith("/1"))
    assert sent.body == {"result": "REJECTED" if old else "EVSE_OCCUPIED"}
    assert ("x-request-id" in sent.headers) == (not old)


def test_the_same_command_again_is_not_done_twice(
    app: Caller, scripted: ScriptedPartner, box: ChargePoint
) -> None:
    """A peer that heard no answer may ask again, before the first was answered too."""
    start = body(box, scripted)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(app, "START_SESSION", start), range(8)))
    assert [answer["data"]["result"] for answer in answers] == ["ACCEPTED"] * 8
    assert Command.objects.count() == 1
    other = body(box, scripted, response_url=scripted.url("/2.2.1/back/2"))
    post(app, "START_SESSION", other)
    assert Command.objects.count() == 2


def test_a_result_is_brought_again_until_it_is_there(
    app: Caller, scripted: ScriptedPartner, box: ChargePoint
) -> None:
    """F4: an error page costs time, not the result; any 2xx is enough, with an envelope or without."""
    post(app, "START_SESSION", body(box, scripted))
    commands_overdue(now=now() + timedelta(minutes=1))
    partner = Partner.objects.get()
    scripted.misbehave("POST", "back", lambda handler, request: handler.raw(500, b"oops"))
    scripted.misbehave("POST", "back", lambda handler, request: handler.raw(200, b"OK"))
    at: datetime = now()
    for minutes in range(3):
        push_all(at + timedelta(minutes=minutes), partner)
    assert [each.body for each in scripted.sent("POST", "back")] == [{"result": "TIMEOUT"}] * 2
    assert Delivery.objects.get(module="commands").state == "delivered"


def test_nobody_asks_about_an_rfid_after_its_start(
    app: Caller, scripted: ScriptedPartner, box: ChargePoint
) -> None:
    """§13.3.5: 15 minutes at that charge point; the provider is not asked."""
    scripted.offers.append(("tokens", "SENDER"))
    token = {**TOKEN, "party_id": "TST", "type": "RFID", "uid": "04ABCD"}
    post(app, "START_SESSION", body(box, scripted, token=token))
    provider_ask(organization_id=box.organization_id, charge_point_id=box.pk, uid="04abcd", now=now())
    assert scripted.sent("POST", "tokens") == []


# --- results that come to us ---------------------------------------------------------------------


@pytest.fixture
def operator(server: LiveServer, emsp: Organization, scripted: ScriptedPartner) -> Caller:
    """An operator, BE-BEC, that takes commands, registered with the provider."""
    scripted.country_code, scripted.party_id, scripted.role = "BE", "BEC", "CPO"
    scripted.offers = [("commands", "RECEIVER")]
    scripted.replies["commands"] = lambda request: Answer(data={"result": "ACCEPTED", "timeout": 30})
    answer = Caller(server, issue(emsp))("POST", "/ocpi/drivers/2.2.1/credentials", scripted.credentials())
    return Caller(server, answer.json()["data"]["token"])


STOP = Wish("commands", "STOP_SESSION", {"session_id": "S1"})


def test_results_bare_and_wrapped(operator: Caller) -> None:
    """§13.2.2: our address, this partner; twice is no harm; others learn nothing."""
    row = send(Partner.objects.get(), STOP)
    url = response_url(row)
    assert operator("POST", url, {"result": "ACCEPTED"}).json()["status_code"] == 1000
    row.refresh_from_db()
    assert (row.result, row.response) == ("ACCEPTED", "ACCEPTED")
    wrapped = {"data": {"result": "CANCELED_RESERVATION"}, "status_code": 1000, "timestamp": STAMP}
    assert operator("POST", f"{url}/", wrapped).json()["status_code"] == 1000
    row.refresh_from_db()
    assert row.result == "CANCELED_RESERVATION"
    assert operator("POST", url, {"result": "MAYBE"}).json()["status_code"] == 2001
    assert operator("POST", url, [1]).json()["status_code"] == 2001
    assert operator("POST", f"{url[:-1]}x", {"result": "ACCEPTED"}).status_code == 404
    stranger = Partner.objects.create(organization=row.organization, country_code="FR", party_id="XXX")
    SentCommand.objects.filter(pk=row.pk).update(partner=stranger)
    assert operator("POST", url, {"result": "ACCEPTED"}).status_code == 404


def test_what_the_operator_says_at_once(operator: Caller, scripted: ScriptedPartner) -> None:
    """A refusal with its reason; silence is TIMEOUT, also after an answer nobody can read."""
    partner = Partner.objects.get()
    told = {"result": "UNKNOWN_SESSION", "timeout": 1, "message": [{"language": "en", "text": "no"}]}
    scripted.replies["commands"] = lambda request: Answer(data=told)
    row = send(partner, STOP)
    assert (row.response, row.message, row.finished_at is not None) == ("UNKNOWN_SESSION", "no", True)
    scripted.misbehave("POST", "commands", lambda handler, request: handler.drop())
    lost = send(partner, STOP)
    assert lost.response == lost.result == ""
    assert commands_give_up(now=now() + timedelta(minutes=2)) == 1
    lost.refresh_from_db()
    assert lost.result == "TIMEOUT"
    (first, _) = scripted.sent("POST", "commands")
    assert (first.path, set(first.body)) == ("/2.2.1/commands/STOP_SESSION", {"session_id", "response_url"})

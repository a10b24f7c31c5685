"""Commands to partners from REST and the back office, and what both show of commands."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from central.models import IdToken
from ocpi.models import Partner, SentCommand
from registry.models import Organization
from tests.ocpi.conftest import Caller, issue, now
from tests.support.partner import Answer, ScriptedPartner
from tests.support.server import LiveServer
from tests.support.world import staff


@pytest.fixture
def operator(server: LiveServer, emsp: Organization, scripted: ScriptedPartner) -> Partner:
    scripted.country_code, scripted.party_id, scripted.role = "BE", "BEC", "CPO"
    scripted.offers = [("commands", "RECEIVER")]
    scripted.replies["commands"] = lambda request: Answer(data={"result": "ACCEPTED", "timeout": 30})
    Caller(server, issue(emsp))("POST", "/ocpi/drivers/2.2.1/credentials", scripted.credentials())
    IdToken.objects.create(organization=emsp, uid="APP-1", token_type="Central", contract_id="NL-MSP-C1")
    return Partner.objects.get()


@pytest.fixture
def person(emsp: Organization) -> Client:
    client = Client()
    client.force_login(staff(emsp, "operator"))
    return client


def place(person: Client, operator: Partner, **words: Any) -> Any:
    body = {"partner": operator.pk, "command": "START_SESSION", **words}
    return person.post("/api/commands-to-partners/", body, content_type="application/json")


def test_a_start_from_rest(operator: Partner, person: Client, scripted: ScriptedPartner) -> None:
    answer = place(person, operator, token="app-1", location_id="LOC1", evse_uid="E1")
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["response"], told["result"], told["kind"]) == ("ACCEPTED", "", "START_SESSION")
    assert person.get(answer["Location"]).json()["uid"] == told["uid"]
    (sent,) = scripted.sent("POST", "commands")
    assert (sent.body["location_id"], sent.body["evse_uid"]) == ("LOC1", "E1")
    assert sent.body["token"]["type"] == "APP_USER"
    assert sent.body["token"]["whitelist"] == "NEVER"
    handle = sent.body["response_url"].rpartition("/")[2]
    assert len(handle) == 43
    assert handle not in person.get("/api/commands-to-partners/").content.decode()


def test_what_is_missing_is_named(operator: Partner, person: Client, emsp: Organization) -> None:
    for words, fields in (
        ({"location_id": "L"}, ["token"]),
        ({"token": "NOBODY", "location_id": "L"}, ["token"]),
        ({"command": "RESERVE_NOW", "token": "APP-1"}, ["location_id", "expiry_date", "reservation_id"]),
        ({"command": "DANCE"}, ["command"]),
        ({"partner": 0}, ["partner"]),
    ):
        answer = place(person, operator, **words)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, fields)
    viewer = Client()
    viewer.force_login(staff(emsp, "viewer"))
    assert place(viewer, operator, token="APP-1", location_id="L").status_code == 403
    operator.version = "2.1.1"
    operator.save()
    old = {"command": "RESERVE_NOW", "token": "APP-1", "location_id": "L", "reservation_id": "R1"}
    until = (now() + timedelta(hours=1)).isoformat()
    assert place(person, operator, **old, expiry_date=until).json()["fields"].keys() == {"reservation_id"}
    assert not SentCommand.objects.exists()


def test_the_form_on_the_partner_s_page(operator: Partner, person: Client) -> None:
    url = reverse("admin:ocpi_partner_change", args=[operator.pk])
    assert "Send a command" in person.get(url).content.decode()
    form = {"command": "STOP_SESSION", "session_id": "S1"}
    answer = person.post(f"{url.removesuffix('change/')}do/command/", form, follow=True)
    page = answer.content.decode()
    assert "Stop charging (STOP_SESSION)" in page
    assert "under way" in page
    assert "STOP_SESSION" in person.get(reverse("admin:ocpi_sentcommand_changelist")).content.decode()

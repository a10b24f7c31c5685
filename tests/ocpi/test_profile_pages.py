"""Charging profiles that we send as smart charging provider: REST, page, result (OCPI 2.2.1 §14.4.2)."""

from typing import Any

import pytest
from django.test import Client

from ocpi.models import Partner, ReceivedSession
from registry.models import Organization
from tests.ocpi.conftest import Caller, issue, now
from tests.support.partner import Answer, ScriptedPartner
from tests.support.server import LiveServer
from tests.support.world import staff

PROFILE = {"charging_rate_unit": "A", "charging_profile_period": [{"start_period": 0, "limit": 10.5}]}
PLAN = {"start_date_time": "2026-03-01T08:00:00Z", "charging_profile": PROFILE}


@pytest.fixture
def operator(server: LiveServer, emsp: Organization, scripted: ScriptedPartner) -> Caller:
    """BE-BEC, where a driver of ours charges; calls with its token."""
    emsp.ocpi_roles = ["EMSP", "SCSP"]
    emsp.save()
    scripted.country_code, scripted.party_id, scripted.role = "BE", "BEC", "CPO"
    scripted.offers = [("chargingprofiles", "RECEIVER")]
    scripted.replies["chargingprofiles"] = lambda request: Answer(data={"result": "ACCEPTED", "timeout": 30})
    answer = Caller(server, issue(emsp))("POST", "/ocpi/drivers/2.2.1/credentials", scripted.credentials())
    return Caller(server, answer.json()["data"]["token"])


@pytest.fixture
def session(operator: Caller, emsp: Organization) -> ReceivedSession:
    return ReceivedSession.objects.create(
        organization=emsp, partner=Partner.objects.get(), country_code="BE", party_id="BEC", object_id="S1",
        object_key="S1", payload={"id": "S1", "status": "ACTIVE"}, received_at=now(), last_updated=now(),
    )  # fmt: skip


@pytest.fixture
def person(emsp: Organization) -> Client:
    client = Client()
    client.force_login(staff(emsp, "operator"))
    return client


def act(person: Client, session: ReceivedSession, slug: str, **values: Any) -> Any:
    return person.post(f"/admin/ocpi/receivedsession/{session.pk}/do/{slug}/", values, follow=True)


def test_from_the_page_of_the_session(
    operator: Caller, session: ReceivedSession, person: Client, scripted: ScriptedPartner
) -> None:
    """Sent, waiting with a page that looks again, and the plan drawn once it is there."""
    page = act(person, session, "limit", limit="10.5", unit="A")
    assert 'hx-trigger="every 2s"' in page.content.decode()
    (sent,) = scripted.sent("PUT", "chargingprofiles")
    assert sent.path == "/2.2.1/chargingprofiles/S1"
    assert sent.body["charging_profile"] == PROFILE
    operator("POST", sent.body["response_url"], {"result": "ACCEPTED"})
    assert 'hx-trigger="every 2s"' not in person.get(page.request["PATH_INFO"]).content.decode()
    page = act(person, session, "profile", duration=900)
    (sent,) = scripted.sent("GET", "chargingprofiles")
    assert sent.query["duration"] == ["900"]
    operator("POST", sent.query["response_url"][0], {"result": "ACCEPTED", "profile": PLAN})
    assert "Periods" in person.get(page.request["PATH_INFO"]).content.decode()
    act(person, session, "unlimit")
    assert len(scripted.sent("DELETE", "chargingprofiles")) == 1
    operator("PUT", "/ocpi/drivers/2.2.1/sender/chargingprofiles/S1", PLAN)
    story = person.get(f"/admin/ocpi/receivedsession/{session.pk}/change/").content.decode()
    for words in ("Set a charging profile", "Clear the charging profile", "Charging profile in force"):
        assert words in story


def test_from_rest(
    session: ReceivedSession, person: Client, emsp: Organization, scripted: ScriptedPartner
) -> None:
    """What the partner would refuse is refused here; without the role SCSP nothing is sent."""

    def told(**words: Any) -> Any:
        body = {"partner": session.partner_id, "session_id": "S1", **words}
        return person.post("/api/commands-to-partners/", body, content_type="application/json")

    answer = told(command="SET_PROFILE", charging_profile=PROFILE)
    assert (answer.status_code, answer.json()["kind"]) == (201, "SET_PROFILE")
    assert told(command="GET_PROFILE").json()["payload"] == {"session_id": "S1", "duration": 3600}
    assert told(command="SET_PROFILE", charging_profile={}).status_code == 400
    assert told(command="SET_PROFILE").json()["fields"].keys() == {"charging_profile"}
    assert told(command="CHARGING_PREFERENCES", profile_type="FAST").status_code == 400
    Organization.objects.filter(pk=emsp.pk).update(ocpi_roles=["EMSP"])
    before = len(scripted.requests)
    assert told(command="CLEAR_PROFILE").status_code == 400
    assert len(scripted.requests) == before

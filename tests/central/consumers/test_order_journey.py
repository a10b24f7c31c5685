"""An order's whole way: asked for in REST, framed, answered, its meaning kept and seen."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from central.models import Command, WantedAvailability
from registry.models.user import Role
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration

FRAMES = {
    "1.6": {"connectorId": 1, "type": "Inoperative"},
    "2.0.1": {"operationalStatus": "Inoperative", "evse": {"id": 1}},
    "2.1": {"operationalStatus": "Inoperative", "evse": {"id": 1}},
}


def post(client, path, **body):
    return client.post(path, body, content_type="application/json")


@pytest.mark.parametrize("version", sorted(FRAMES))
def test_from_the_request_to_the_page(enrolled, version):
    client = Client()
    client.force_login(staff(enrolled.row.organization, Role.ADMIN))
    with enrolled.plug_in(version, handlers={"ChangeAvailability": {"status": "Scheduled"}}) as charger:
        charger.boot()
        charger.status(1, "Charging" if version == "1.6" else "Occupied")
        offered = client.get("/api/orders/", {"charge_point": enrolled.cp_id}).json()
        assert ("transaction_status" in {each["order"] for each in offered}) is (version != "1.6")
        params = {"available": "Inoperative", "evse_number": 1}
        answer = post(
            client, "/api/commands/", order="availability", charge_point=enrolled.cp_id, params=params
        )
        assert answer.status_code == 202
        eventually(lambda: client.get(answer.json()["url"]).json()["state"] == "accepted")
        assert charger.calls == [("ChangeAvailability", FRAMES[version])]
        (kept,) = client.get("/api/wanted-availability/").json()["results"]
        assert (kept["evse_number"], kept["wanted"], kept["scheduled"]) == (1, "Inoperative", True)
        page = client.get(reverse("admin:registry_chargepoint_change", args=[enrolled.row.pk]))
        assert "Out after the session" in page.content.decode()


def test_a_raw_request_and_a_bulk_command_take_the_same_way(enrolled):
    client = Client()
    client.force_login(staff(enrolled.row.organization, Role.ADMIN))
    accept = {"status": "Accepted"}
    with enrolled.plug_in(handlers={"ChangeAvailability": accept, "ClearCache": accept}) as charger:
        charger.boot()
        payload = {"connectorId": 0, "type": "Operative"}
        raw = {"action": "ChangeAvailability", "payload": payload}
        post(client, "/api/commands/", order="raw", charge_point=enrolled.cp_id, params=raw)
        eventually(lambda: WantedAvailability.objects.filter(evse_number=0, wanted="Operative").exists())
        plan = post(client, "/api/bulk-commands/", order="clear_cache", selection={"all": True}).json()
        own = f"/api/bulk-commands/{plan['uid']}/"
        assert client.post(f"{own}confirm/").status_code == 200
        eventually(lambda: client.get(own).json()["progress"]["accepted"] == 1)
        assert [action for action, _ in charger.calls] == ["ChangeAvailability", "ClearCache"]


def test_a_second_attempt_brings_the_answer(enrolled, settings, monkeypatch):
    """Where attempts were asked for, an order without an answer is sent again after its pause."""
    settings.OCPP_COMMAND_TIMEOUT = 1
    monkeypatch.setattr("central.services.command_delivery.FIRST_PAUSE", timedelta(0))
    client = Client()
    client.force_login(staff(enrolled.row.organization, Role.ADMIN))
    with enrolled.plug_in() as charger:
        charger.boot()
        post(
            client,
            "/api/commands/",
            order="clear_cache",
            charge_point=enrolled.cp_id,
            attempts=2,
        )
        charger.recv_raw()
        again = charger.recv_raw(within=15)
        charger.send_raw([3, again[1], {"status": "Accepted"}])
        eventually(lambda: Command.objects.get().state == "accepted")
        assert Command.objects.get().attempts == 2

"""A person closes a charge point's connection: the socket ends, the registration stays, it is audited."""

import pytest
from django.test import Client

from central.models import ChargePointStatus, Command
from registry.models import AuditEntry, Event
from registry.models.user import Role
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration


def person(enrolled, role=Role.OPERATOR):
    client = Client()
    client.force_login(staff(enrolled.row.organization, role))
    return client


def test_a_charge_point_is_disconnected_and_comes_back(enrolled):
    client, url = person(enrolled), f"/api/charge-points/{enrolled.cp_id}/disconnect/"
    with enrolled.plug_in() as charger:
        charger.boot()
        asked = {"order": "clear_cache", "charge_point": enrolled.cp_id}
        order = client.post("/api/commands/", asked, content_type="application/json").json()
        eventually(lambda: Command.objects.get().state == "sent")
        assert client.post(url, {"reason": "hangs"}, content_type="application/json").status_code == 204
        assert charger.wait_closed() == 1000
    assert client.get(order["url"]).json()["state"] == "unknown"
    assert not ChargePointStatus.objects.get().is_online
    act = AuditEntry.objects.get(action="charge_point.disconnected")
    assert (act.object_id, act.after, act.actor) == (
        enrolled.cp_id,
        {"reason": "hangs"},
        "operator-amber",
    )
    assert Event.objects.filter(kind="charge_point.disconnected_by_operator").count() == 1
    assert client.post(url).status_code == 409
    with enrolled.plug_in() as again:
        assert again.heartbeat()


def test_who_only_looks_disconnects_nobody(enrolled):
    with enrolled.plug_in() as charger:
        charger.boot()
        answer = person(enrolled, Role.VIEWER).post(f"/api/charge-points/{enrolled.cp_id}/disconnect/")
        assert answer.status_code == 403
        assert charger.heartbeat()


def test_the_page_disconnects_after_asking(enrolled):
    client, url = person(enrolled), f"/admin/registry/chargepoint/{enrolled.row.pk}/do/disconnect/"
    assert "not connected" in client.post(url, follow=True).content.decode()
    with enrolled.plug_in() as charger:
        charger.boot()
        assert "Closes its connection" in client.get(url).content.decode()
        assert client.post(url).status_code == 302
        assert charger.wait_closed() == 1000

"""The message log in REST and in the admin: found by everything that it says, and by text in the payload."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from central.models import Message
from central.selectors import messages
from registry.models import Organization
from registry.models.user import Role
from tests.support.handlers import NOW, charge_point_create
from tests.support.world import staff


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def log(own):
    """Seven frames of two charge points."""
    one, two = charge_point_create(own, "CP-1"), charge_point_create(own, "CP-2")
    rows = [
        (
            one,
            "in",
            2,
            "BootNotification",
            "a1",
            {"chargePointVendor": "Acme 100%_x", "chargePointModel": "M"},
        ),
        (one, "out", 3, "BootNotification", "a1", {"status": "Accepted"}),
        (one, "in", 2, "Heartbeat", "a2", {}),
        (one, "out", 4, "Heartbeat", "a2", None),
        (two, "in", 2, "DataTransfer", "b1", {"vendorId": "V", "data": 'quote \' or \\ and "these"'}),
        (two, "out", 3, "DataTransfer", "b1", {"status": "UnknownVendorId"}),
        (two, "out", 2, "Reset", "c1", {"type": "Hard"}),
    ]
    return [
        Message.objects.create(
            charge_point=point,
            direction=direction,
            kind=kind,
            action=action,
            message_id=message_id,
            payload=payload,
            error_code="FormationViolation" if kind == 4 else "",
            at=NOW + timedelta(minutes=number),
        )
        for number, (point, direction, kind, action, message_id, payload) in enumerate(rows)
    ]


@pytest.fixture
def client(own):
    made = Client()
    made.force_login(staff(own, Role.ADMIN))
    return made


QUERIES = {
    "": [0, 1, 2, 3, 4, 5, 6],
    "charge_point=CP-2": [4, 5, 6],
    "action=Heartbeat": [2, 3],
    "message_id=b1": [4, 5],
    "direction=in": [0, 2, 4],
    "kind=4": [3],
    "error_code=FormationViolation": [3],
    "from=2026-03-02T12:01:00Z&to=2026-03-02T12:03:00Z": [1, 2],
    "text=accepted": [1],
    "text=ACME": [0],
    "text=100%25_x": [0],
    "text=100x": [],
    "text=quote ' or": [4],
    "text=vendor&direction=out": [5],
    "text=vendor&charge_point=CP-1": [0],
    "text=nothing of the kind": [],
}


@pytest.mark.parametrize("query", QUERIES)
def test_rest_finds(log, client, query):
    found = client.get(f"/api/messages/?{query}").json()["results"]
    assert [row["id"] for row in reversed(found)] == [log[number].pk for number in QUERIES[query]]


def test_a_text_that_is_too_long_is_refused(log, client):
    assert client.get(f"/api/messages/?text={'x' * 201}").status_code == 400


def test_one_frame(log, client):
    answer = client.get(f"/api/messages/{log[0].pk}/").json()
    assert (answer["charge_point"], answer["action"], answer["message_id"]) == (
        "CP-1",
        "BootNotification",
        "a1",
    )
    assert answer["payload"]["chargePointModel"] == "M"


def test_the_search_for_text_is_bounded(log, client, monkeypatch):
    """Only the newest of those that fulfil everything else are looked through."""
    monkeypatch.setattr(messages, "SEARCHED", 2)
    assert client.get("/api/messages/?text=accepted").json()["results"] == []
    assert len(client.get("/api/messages/?text=accepted&charge_point=CP-1&kind=3").json()["results"]) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=CP-2", [4, 5, 6]),
        ("q=Heartbeat", [2, 3]),
        ("q=a1", [0, 1]),
        ("text=accepted", [1]),
        ("text=vendor&direction=in&q=CP-2", [4]),
        ("action=Reset", [6]),
        ("at_from_0=2026-03-02&at_from_1=12:05:00", [5, 6]),
        ("at_from_0=2026-03-02&at_from_1=12:01&at_to_0=2026-03-02&at_to_1=12:03:00", [1, 2]),
        ("at_from_0=nonsense", [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_the_admin_finds(log, client, query, found):
    answer = client.get(f"{reverse('admin:central_message_changelist')}?{query}")
    rows = (answer.context_data or {})["cl"].result_list
    assert sorted(row.pk for row in rows) == [log[number].pk for number in found]


def test_another_tenant_finds_nothing(log):
    stranger = Client()
    other = Organization.objects.create(name="Basalt Power", slug="basalt")
    stranger.force_login(staff(other, Role.ADMIN))
    assert stranger.get("/api/messages/?text=accepted").json()["results"] == []
    page = stranger.get(f"{reverse('admin:central_message_changelist')}?text=accepted")
    assert list((page.context_data or {})["cl"].result_list) == []

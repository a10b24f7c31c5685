"""REST of central: what it shows, how it is filtered, what an order needs."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from central.models import Command, Session
from registry.models import AuditEntry, ChargePoint, Organization
from registry.models.user import Role
from tests.support.world import NOW, furnish, staff


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def world(own):
    return furnish(own, "AMBER", 3)


@pytest.fixture
def api(own):
    """A client for somebody with a role."""

    def make(role=Role.OPERATOR):
        client = Client()
        client.force_login(staff(own, role))
        return client

    return make


def _order(client, order, cp_id, **params):
    body = {"order": order, "charge_point": cp_id, "params": params}
    return client.post("/api/commands/", body, content_type="application/json")


def test_a_charge_point_tells_its_state_connectors_and_sessions(world, api):
    point = world.one(ChargePoint)
    answer = api().get(f"/api/charge-points/{point.cp_id}/").json()
    assert answer["state"] == "charging"
    assert answer["live"]["online"] is True
    assert answer["power_w"] == 11_000
    assert [item["evse"] for item in answer["connectors"]] == [1, 2]
    assert answer["running_sessions"] == [str(world.one(Session).uid)]
    assert not {"credential_hash", "certificate_pem", "metadata"} & set(answer)


@pytest.mark.parametrize(
    ("query", "found"),
    [("state=charging", 3), ("state=offline", 0), ("registration=REGISTERED", 3), ("ocpp_version=2.1", 0)],
)
def test_charge_points_are_filtered(world, api, query, found):
    assert len(api().get(f"/api/charge-points/?{query}").json()["results"]) == found


def test_a_session_is_found_by_our_id_and_by_the_charge_point_s(world, api):
    client, session = api(), world.one(Session)
    assert client.get(f"/api/sessions/{session.uid}").json()["transaction_id"] == "AMBER-0"
    query = f"charge_point={session.charge_point.cp_id}&transaction_id={session.transaction_id}"
    assert [row["uid"] for row in client.get(f"/api/sessions/?{query}").json()["results"]] == [
        str(session.uid)
    ]


def test_sessions_are_filtered_by_their_start(world, api):
    client, late = api(), world.rows[Session][2]
    Session.objects.filter(pk=late.pk).update(started_at=NOW + timedelta(hours=2))
    for query, found in {
        "from=2026-03-02T13:00:00Z": 1,
        "to=2026-03-02T13:00:00Z": 2,
        "from=2026-03-02T11:00:00Z&to=2026-03-02T12:00:00Z": 0,
        "state=active&charge_point=AMBER-1": 1,
    }.items():
        assert len(client.get(f"/api/sessions/?{query}").json()["results"]) == found, query
    assert client.get("/api/sessions/?from=yesterday").status_code == 400


def test_a_running_session_tells_what_it_costs_so_far(world, api):
    session = world.one(Session)
    from_list = {row["uid"]: row["cost"] for row in api().get("/api/sessions/").json()["results"]}
    alone = api(Role.ADMIN).get(f"/api/sessions/{session.uid}/").json()["cost"]
    assert from_list[str(session.uid)] == alone


def test_pages_stay_right_while_rows_are_added(world, api):
    client = api()
    first = client.get("/api/sessions/?limit=2").json()
    another = world.one(Session)
    another.pk, another.uid, another.transaction_id, another.start_key = None, uuid.uuid4(), "new", "new"
    another.save()
    second = client.get(first["next"]).json()
    seen = [row["uid"] for row in first["results"] + second["results"]]
    assert len(seen) == len(set(seen)) == 3
    assert second["next"] is None


def test_meter_values_come_in_the_order_of_time(world, api):
    session = world.one(Session)
    page = api().get(f"/api/sessions/{session.uid}/meter-values/?limit=4").json()
    times = [row["sampled_at"] for row in page["results"]]
    assert times == sorted(times)
    assert [row["register_wh"] for row in page["results"]] == [0, 100, 200, 300]
    assert page["next"]


def test_a_tag_is_masked_for_who_only_looks(world, api):
    session = world.one(Session)
    Session.objects.filter(pk=session.pk).update(id_tag="04A2B3C4D5E6F7")
    url = f"/api/sessions/{session.uid}/"
    assert api().get(url).json()["id_tag"] == "04A2B3C4D5E6F7"
    assert api(Role.VIEWER).get(url).json()["id_tag"].endswith("E6F7")
    assert "04A2" not in api(Role.PARTNER).get(url).json()["id_tag"]


def test_a_start_is_accepted_with_the_address_of_the_command(world, api):
    client = api()
    answer = _order(client, "remote_start", "AMBER-0", id_tag="AMBER-0", evse_number=1)
    assert answer.status_code == 202
    command = client.get(answer.json()["url"]).json()
    assert (command["state"], command["source"], command["requested_by"]) == (
        "queued",
        "api",
        "operator-amber",
    )
    assert answer["Location"] == answer.json()["url"]
    assert AuditEntry.objects.filter(action="command.queued:remote_start").count() == 1


@pytest.mark.parametrize("field", ["session", "transaction_id"])
def test_a_stop_names_the_session_by_either_id(world, api, field):
    session = world.one(Session)
    Session.objects.filter(pk=session.pk).update(transaction_id="17")
    value = str(session.uid) if field == "session" else "17"
    assert _order(api(), "remote_stop", "AMBER-0", **{field: value}).status_code == 202
    assert Command.objects.get(source="api").params["session_id"] == session.pk


@pytest.mark.parametrize(
    ("order", "cp_id", "params", "status"),
    [
        ("remote_start", "AMBER-0", {}, 400),
        ("remote_start", "AMBER-0", {"id_tag": "A", "evse_number": 0}, 400),
        ("remote_start", "AMBER-9", {"id_tag": "A"}, 404),
        ("remote_stop", "AMBER-0", {}, 400),
        ("remote_stop", "AMBER-0", {"transaction_id": "AMBER-1"}, 404),
        ("explode", "AMBER-0", {}, 400),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(world, api, order, cp_id, params, status):
    assert _order(api(), order, cp_id, **params).status_code == status
    assert not Command.objects.filter(source="api").exists()


def test_a_session_that_ended_is_not_stopped(world, api):
    session = world.one(Session)
    Session.objects.filter(pk=session.pk).update(state="ended")
    answer = _order(api(), "remote_stop", "AMBER-0", session=str(session.uid))
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MAINTENANCE, Role.PARTNER])
def test_who_only_looks_orders_nothing(world, api, role):
    """T20: a viewer's order is 403."""
    assert _order(api(role), "remote_start", "AMBER-0", id_tag="A").status_code == 403


@pytest.mark.parametrize("path", ["charge-points", "sessions", "commands", "charge-points/AMBER-0"])
def test_addresses_answer_with_and_without_the_last_slash(world, api, path):
    client = api()
    assert client.get(f"/api/{path}").json() == client.get(f"/api/{path}/").json()


def test_the_description_names_every_resource(world, api):
    schema = api().get("/openapi.json").json()
    for path in ("/api/charge-points/", "/api/sessions/{uid}/meter-values/", "/api/commands/", "/api/token"):
        assert path in schema["paths"]
    assert not any(path.startswith("/ocpi") for path in schema["paths"])

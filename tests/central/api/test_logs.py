"""REST: the log of messages, acts of people and warnings; its pages, its summary, its export."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.test import Client

from central.models import Message, SecurityEvent, Session, StatusChange
from registry.models import AuditEntry, ChargePoint, Organization
from registry.models.user import Role
from tests.support.world import NOW, furnish, staff


@pytest.fixture
def world(db):
    made = furnish(Organization.objects.create(name="Amber", slug="amber", is_default=True), "AMBER", 2)
    point = made.one(ChargePoint)
    Message.objects.filter(charge_point=point).update(payload={"vendorId": "=1+1", "text": "Zebra"})
    Message.objects.create(
        charge_point=point, direction="out", kind=4, action="Reset", error_code="InternalError", at=NOW
    )
    StatusChange.objects.create(
        charge_point=point,
        evse_number=1,
        connector_number=1,
        status="Faulted",
        error_code="GroundFailure",
        at=NOW,
        received_at=NOW + timedelta(hours=1),
    )
    Session.objects.filter(charge_point=point).update(needs_review=True, review_reasons=["no_register"])
    return made


@pytest.fixture
def client_of(world):
    def make(role=Role.OPERATOR):
        client = Client()
        client.force_login(staff(world.organization, role))
        return client

    return make


def _get(client, query=""):
    answer = client.get(f"/api/logs?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_each_type_has_its_own_entries_in_one_form(client_of):
    client = client_of()
    kinds = {each: _get(client, f"type={each}&limit=500") for each in ("messages", "audit", "warnings")}
    assert {entry["source"] for entry in kinds["messages"]} == {"message"}
    assert {entry["source"] for entry in kinds["audit"]} == {"audit"}
    assert {"review", "fault", "security_event", "refusal"} <= {
        entry["source"] for entry in kinds["warnings"]
    }
    everything = _get(client, "limit=500")
    assert len(everything) == sum(len(entries) for entries in kinds.values())
    assert len({entry["id"] for entry in everything}) == len(everything)
    fault = next(entry for entry in everything if entry["source"] == "fault")
    assert (fault["level"], fault["charge_point"], fault["text"]) == (
        "error",
        "AMBER-0",
        "Faulted: GroundFailure",
    )
    assert fault["data"]["error_code"] == "GroundFailure"


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ("level=error&type=messages", {"message"}),
        ("text=groundfail", {"fault"}),
        ("text=zebra&type=messages", {"message"}),
        ("type=warnings&charge_point=AMBER-0&from=2026-03-02T12:30:00Z&to=2026-03-02T13:30:00Z", {"fault"}),
        ("charge_point=BASALT-0", set()),
    ],
)
def test_the_log_is_filtered(client_of, query, sources):
    assert {entry["source"] for entry in _get(client_of(), query)} == sources


def test_pages_of_the_log_show_everything_once_while_it_grows(world, client_of):
    client = client_of()
    whole = {entry["id"] for entry in _get(client, "limit=500")}
    seen, url = [], "/api/logs?limit=7"
    while url:
        page = client.get(url).json()
        seen += [entry["id"] for entry in page["results"]]
        assert len(page["results"]) <= 7
        url = page["next"]
        Message.objects.create(
            charge_point=world.one(ChargePoint), direction="in", kind=2, action="Heartbeat", at=NOW
        )
    assert len(seen) == len(set(seen))
    assert set(seen) == whole


def test_acts_of_people_are_for_those_who_may_read_them(client_of):
    viewer = client_of(Role.VIEWER)
    assert viewer.get("/api/logs?type=audit").status_code == 403
    assert "audit" not in {entry["type"] for entry in _get(viewer, "limit=500")}
    assert client_of(Role.PARTNER).get("/api/logs").status_code == 403


def test_the_summary_counts_by_type_level_action_and_period(client_of):
    client = client_of()
    span = "from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z"
    answer = client.get(f"/api/logs/summary?{span}&period=hour&charge_point=AMBER-0").json()
    assert answer["types"]["messages"] == 2
    assert answer["total"] == sum(answer["types"].values()) == sum(answer["levels"].values())
    counted = {(each["type"], each["action"]): each["count"] for each in answer["actions"]}
    assert counted["messages", "Reset"] == counted["warnings", "connector.faulted"] == 1
    assert sum(sum(each["types"].values()) for each in answer["periods"]) == answer["total"]
    assert {each["from"] for each in answer["periods"]} >= {"2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"}
    assert client.get("/api/logs/summary?from=2026-01-01T00:00:00Z").status_code == 400


def _export(client, query):
    answer = client.get(f"/api/logs/export?{query}")
    assert answer.status_code == 200
    return answer, b"".join(answer)


def test_the_log_is_exported_as_csv_that_no_spreadsheet_runs(world, client_of):
    client = client_of()
    AuditEntry.objects.create(
        organization=world.organization, actor="=HYPERLINK(1)", action="@did", object_id="-2", at=NOW
    )
    answer, content = _export(client, "format=csv&type=audit&limit=3")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert len(rows) == 3
    told, oldest = rows[0], rows[1]
    assert (told["action"], told["text"].split(": ")[1]) == ("export.streamed", "export.streamed logs")
    assert oldest["action"] == "'@did"
    assert oldest["text"].startswith("'=HYPERLINK")


def test_the_log_is_exported_as_json_in_one_piece_or_by_line(client_of):
    client = client_of()
    shown = _get(client, "type=messages&limit=500")
    _, whole = _export(client, "format=json&type=messages")
    assert [entry["id"] for entry in json.loads(whole)] == [entry["id"] for entry in shown]
    _, lines = _export(client, "format=jsonl&type=messages")
    assert [json.loads(line)["id"] for line in lines.splitlines()] == [entry["id"] for entry in shown]
    assert json.loads(_export(client, "format=json&text=nothing-at-all")[1]) == []


@pytest.mark.parametrize("query", ["format=pdf", "limit=0", "type=all", "cursor=1", "from=soon"])
def test_what_the_log_does_not_know_is_refused(client_of, query):
    path = "/api/logs" if query.startswith("cursor") else "/api/logs/export"
    answer = client_of().get(f"{path}?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.partition("=")[0]])


def test_a_page_of_the_log_needs_one_statement_for_each_source(client_of, django_assert_max_num_queries):
    client = client_of()
    with django_assert_max_num_queries(14):
        client.get("/api/logs?limit=100")
    assert SecurityEvent.objects.exists()

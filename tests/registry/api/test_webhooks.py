"""REST of webhooks and of the event log: made, changed, tested, replayed, resumed; secrets shown once."""

import pytest

from registry.models import AuditEntry, WebhookDelivery, WebhookEndpoint
from registry.models.user import Role
from registry.services.event_numbers import events_number
from registry.services.events import event_append
from tests.registry.events.conftest import START
from tests.support.registry import bearer, central_face, person

URL = "/api/webhooks/"
WISH = {"name": "Fleet", "url": "https://cms.example/hooks", "kinds": ["session.*"]}


@pytest.fixture
def face(organization):
    return central_face(**bearer(person(organization, "admin")))


def make(face, **change):
    return face.post(URL, {**WISH, **change})


def test_the_secret_is_shown_once(face):
    answer = make(face, headers={"X-Key": "abc"})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["secret"].startswith("whsec_")
    one = f"{URL}{made['webhook']['uid']}/"
    for path in (URL, one):
        text = face.get(path).content.decode()
        assert made["secret"] not in text
        assert "abc" not in text
    fresh = face.post(f"{one}rotate/").json()["secret"]
    assert fresh not in {made["secret"], ""}
    assert WebhookEndpoint.objects.get().previous_secret == made["secret"]
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"webhook.created", "webhook.rotated"} <= actions


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://cms.example"}, "url"),
        ({"url": "https://user@cms.example"}, "url"),
        ({"kinds": ["nothing"]}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"name": ""}, "name"),
        ({"headers": {"Host": "x"}}, "headers"),
        ({"sites": [4711]}, "sites"),
        ({"charge_points": ["NOBODY"]}, "charge_points"),
    ],
)
def test_what_cannot_be_is_refused_by_name(face, change, field):
    answer = make(face, **change)
    assert answer.status_code == 400, answer.content
    assert field in answer.json()["fields"]
    assert not WebhookEndpoint.objects.exists()


def test_a_name_is_there_once(face):
    make(face)
    assert make(face).status_code == 409


@pytest.mark.parametrize("role", [role for role in Role.values if role not in {Role.ADMIN, Role.SERVICE}])
def test_admins_alone_may(organization, face, role):
    made = make(face).json()["webhook"]["uid"]
    other = central_face(**bearer(person(organization, role)))
    for answer in (other.get(URL), make(other, name="x"), other.post(f"{URL}{made}/test/")):
        assert answer.status_code == 403
    assert not WebhookDelivery.objects.exists()


def test_a_test_tells_where_to_look(face):
    uid = make(face).json()["webhook"]["uid"]
    answer = face.post(f"{URL}{uid}/test/")
    assert answer.status_code == 202, answer.content
    row = face.get(answer["Location"]).json()
    assert (row["type"], row["state"]) == ("webhook.test", "waiting")
    assert face.get(f"/api/webhook-deliveries/?webhook={uid}&state=waiting").json()["results"] == [row]
    assert face.get(f"{answer['Location']}/attempts/").json()["results"] == []
    assert face.post(f"{answer['Location']}/resend/").status_code == 202


def test_a_replay_needs_a_time_and_a_pause_an_end(face):
    one = f"{URL}{make(face).json()['webhook']['uid']}/"
    assert face.post(f"{one}replay/", {}).status_code == 400
    assert face.post(f"{one}replay/", {"since": "2999-01-01T00:00:00Z"}).status_code == 400
    assert face.post(f"{one}replay/", {"since": "2020-01-01T00:00:00Z"}).status_code == 202
    assert face.post(f"{one}resume/").status_code == 409
    WebhookEndpoint.objects.update(paused_at=START)
    assert face.post(f"{one}resume/").json()["paused_at"] is None


def test_changed_and_deleted(face, organization):
    one = f"{URL}{make(face, headers={'X-Key': 'abc'}).json()['webhook']['uid']}/"
    changed = face._client.put(
        one, {**WISH, "kinds": ["*"]}, content_type="application/json", headers=face.headers
    )
    assert changed.json()["kinds"] == ["*"]
    assert "abc" in WebhookEndpoint.objects.get().headers, "headers that are left out stay"
    assert face.delete(one).status_code == 204
    assert not WebhookEndpoint.objects.exists()


def test_the_log_is_read_from_a_position_on(face, organization, stranger_organization):
    for owner, subject in ((organization, "a"), (stranger_organization, "x"), (organization, "b")):
        event_append(organization_id=owner.pk, kind="cdr.created", subject=subject, now=START)
    events_number()
    first = face.get("/api/events/").json()
    assert [event["subject"] for event in first] == ["a", "b"]
    behind = face.get(f"/api/events/?after={first[0]['position']}").json()
    assert [event["subject"] for event in behind] == ["b"]
    assert face.get("/api/events/?after=x").status_code == 400

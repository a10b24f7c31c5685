"""T20: orders need a role, leave a trace each, keep a pace, and for many charge points a confirmation."""

import pytest
from django.test import Client

from central.models import Command
from central.ocpp.ordering import order_place
from central.services.commands import remote_start
from emobility.lib.errors import TooMany
from registry.models import AuditEntry, User
from registry.models.user import Role
from tests.support.handlers import NOW
from tests.support.world import staff

CONTROLS = {
    "/api/commands/": {"order": "unlock", "params": {"evse_number": 1}},
    "/api/commands": {"action": "ClearCache", "payload": {}},
    "/api/ocpp/remote/start": {"id_tag": "TAG-1"},
    "/api/ocpp/unlock": {"connector_id": 1},
    "/api/ocpp/reboot": {"type": "Hard"},
    "/api/ocpp/configuration/get": {},
    "/api/ocpp/configuration/set": {"values": {"A": "1", "B": "2"}},
    "/api/diagnostics/upload": {"location": "https://files.example/up"},
}


@pytest.fixture
def client_of(organization):
    def make(role):
        client = Client()
        known = User.objects.filter(username=f"{role}-{organization.slug}").first()
        client.force_login(known or staff(organization, role))
        return client

    return make


def send(client, path, charge_point, body):
    named = {"charge_point": charge_point.cp_id} | body
    return client.post(path, named, content_type="application/json")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PARTNER])
def test_t20_who_may_only_look_orders_nowhere(role, client_of, charge_point):
    client = client_of(role)
    for path, body in CONTROLS.items():
        assert send(client, path, charge_point, body).status_code == 403, path
    assert not Command.objects.exists()


def test_t20_every_command_has_one_audit_row(client_of, charge_point):
    """By whatever way: REST, pages, several messages of one order, or the platform itself."""
    client = client_of(Role.ADMIN)
    for path, body in CONTROLS.items():
        answer = send(client, path, charge_point, body)
        assert answer.status_code == 202, (path, answer.content)
    client.post(f"/admin/registry/chargepoint/{charge_point.pk}/do/remote-start/", {"id_tag": "TAG-2"})
    order_place(charge_point=charge_point, order="clear_cache", params={}, source="ocpi", now=NOW)
    commands = {str(uid) for uid in Command.objects.values_list("uid", flat=True)}
    rows = AuditEntry.objects.filter(action__startswith="command.queued:")
    named = [(row.after or {})["command"] for row in rows]
    assert (len(commands), sorted(named)) == (10, sorted(commands))
    assert set(rows.values_list("actor", flat=True)) == {"admin-amber", "ocpi"}


def test_t20_the_sixty_first_order_of_a_minute_waits(client_of, charge_point, settings):
    settings.OCPP_COMMAND_QUEUE_LIMIT = 100
    client = client_of(Role.OPERATOR)
    body = {"params": {}, "order": "clear_cache"}
    statuses = [send(client, "/api/commands/", charge_point, body).status_code for _ in range(60)]
    assert statuses == [202] * 60
    for path, asked in [("/api/commands/", body), ("/api/ocpp/unlock", {"connector_id": 1})]:
        answer = send(client, path, charge_point, asked)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert Command.objects.count() == 60
    assert send(client_of(Role.ADMIN), "/api/commands/", charge_point, body).status_code == 202


def test_t20_the_pace_is_a_setting_and_several_messages_are_one_order(client_of, charge_point, settings):
    settings.OCPP_ORDERS_PER_MINUTE = 2
    client = client_of(Role.OPERATOR)
    several = {"values": {"A": "1", "B": "2", "C": "3"}}
    for _ in range(2):
        answer = send(client, "/api/ocpp/configuration/set", charge_point, several)
        assert answer.status_code == 202
    assert send(client, "/api/ocpp/configuration/set", charge_point, several).status_code == 429


def test_t20_the_pace_frees_itself(charge_point, organization, settings):
    settings.OCPP_ORDERS_PER_MINUTE = 2
    person = staff(organization, Role.OPERATOR)

    def start(seconds):
        now = NOW.replace(second=seconds % 60, minute=NOW.minute + seconds // 60)
        return remote_start(charge_point=charge_point, id_tag="T", requested_by=person, now=now)

    start(0)
    start(20)
    with pytest.raises(TooMany) as refused:
        start(30)
    assert refused.value.retry_after == 30
    start(61)


def test_t20_many_charge_points_are_ordered_after_a_confirmation_only(client_of, charge_point):
    client = client_of(Role.OPERATOR)
    body = {"order": "clear_cache", "selection": {"all": True}}
    plan = client.post("/api/bulk-commands/", body, content_type="application/json").json()
    assert not Command.objects.exists()
    assert client_of(Role.VIEWER).post(f"/api/bulk-commands/{plan['uid']}/confirm/").status_code == 403
    assert client.post(f"/api/bulk-commands/{plan['uid']}/confirm/").status_code == 200
    assert Command.objects.count() == 1
    acts = AuditEntry.objects.values_list("action", flat=True)
    assert {"bulk_command.confirmed:clear_cache", "command.queued:clear_cache"} <= set(acts)

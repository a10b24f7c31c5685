"""REST of authorisation policies: made, changed and deleted, at one place each, by who manages."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from central.models import AuthorizationPolicy, IdTokenGroup
from central.services.authorization import authorize
from registry.models import AuditEntry, ChargePoint, ChargePointGroup, Organization, Site
from registry.models.user import Role
from tests.support.world import NOW, furnish, staff

REST = "/api/authorization-policies/"


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def world(own):
    return furnish(own, "AMBER")


@pytest.fixture
def other(db):
    return furnish(Organization.objects.create(name="Basalt", slug="basalt"), "BASALT")


@pytest.fixture
def send(own):
    """Send a request as somebody with a role."""
    clients = {}

    def make(method, body=None, *, pk=None, role=Role.ADMIN) -> Any:
        if role not in clients:
            clients[role] = Client()
            clients[role].force_login(staff(own, role))
        path = f"{REST}{pk}/" if pk else REST
        return getattr(clients[role], method)(path, body, content_type="application/json")

    return make


def _status(point, tag="NOBODY-KNOWS-IT"):
    return authorize(charge_point_id=point.pk, uid=tag, now=datetime.now(UTC)).status


def test_a_policy_is_made_changed_and_deleted_and_holds_at_once(world, send):
    site, point = world.one(Site), world.one(ChargePoint)
    master = world.one(IdTokenGroup)
    assert _status(point) == "Invalid"
    made = send("post", {"site": site.pk, "access": "free", "master_group": master.pk})
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["site"], told["charge_point"], told["local_list"]) == (site.pk, None, None)
    assert _status(point) == "Accepted"
    changed = send("patch", {"access": "", "sessions_at_once": 3}, pk=told["id"])
    assert (changed.status_code, changed.json()["sessions_at_once"]) == (200, 3)
    assert changed.json()["master_group"] == master.pk
    assert _status(point) == "Invalid"
    assert send("delete", pk=told["id"]).status_code == 204
    entries = AuditEntry.objects.filter(object_type="authorizationpolicy").order_by("id")
    steps = [entry.action for entry in entries]
    assert steps == [f"authorizationpolicy.{verb}" for verb in ("added", "changed", "deleted")]
    assert [each and each["access"] for each in (entries[1].before, entries[1].after)] == ["free", ""]


def test_the_whole_organisation_has_one_policy(own, send):
    assert send("post", {"group_stop": False}).status_code == 201
    again = send("post", {"group_stop": True})
    assert (again.status_code, list(again.json()["fields"])) == (400, ["site"])
    assert AuthorizationPolicy.objects.get().organization == own


def test_a_place_has_one_policy_and_a_policy_one_place(world, send):
    site, group = world.one(Site), ChargePointGroup.objects.create(organization=world.organization, name="G")
    point = ChargePoint.objects.create(organization=world.organization, cp_id="AMBER-NEW", registered_at=NOW)
    both = send("post", {"site": site.pk, "group": group.pk})
    assert (both.status_code, set(both.json()["fields"])) == (400, {"site", "group"})
    made = send("post", {"charge_point": point.cp_id}).json()
    assert send("patch", {"local_list": True}, pk=made["id"]).status_code == 200
    twice = send("post", {"charge_point": point.cp_id})
    assert (twice.status_code, list(twice.json()["fields"])) == (400, ["charge_point"])
    moved = send("patch", {"charge_point": None, "group": group.pk}, pk=made["id"])
    assert (moved.status_code, moved.json()["group"]) == (200, group.pk)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"access": "some"}, "access"),
        ({"sessions_at_once": -1}, "sessions_at_once"),
        ({"sessions_at_once": 40_000}, "sessions_at_once"),
        ({"plug_and_charge": "perhaps"}, "plug_and_charge"),
        ({"charge_point": "NOBODY"}, "charge_point"),
    ],
)
def test_what_no_policy_may_say_is_refused_by_name(own, send, body, field):
    answer = send("post", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_places_of_other_organisations_are_not_there(world, other, send):
    for name, value in {
        "site": other.one(Site).pk,
        "charge_point": other.one(ChargePoint).cp_id,
        "master_group": other.one(IdTokenGroup).pk,
    }.items():
        assert list(send("post", {name: value}).json()["fields"]) == [name]
    theirs = other.one(AuthorizationPolicy)
    assert send("patch", {"access": "free"}, pk=theirs.pk).status_code == 404
    assert send("delete", pk=theirs.pk).status_code == 404


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
def test_who_does_not_manage_looks_only(world, send, role):
    row = world.one(AuthorizationPolicy)
    assert send("get", role=role).json()["results"][0]["charge_point"] == row.charge_point.cp_id
    assert send("post", {"access": "free"}, role=role).status_code == 403
    assert send("patch", {"access": "free"}, pk=row.pk, role=role).status_code == 403
    assert send("delete", pk=row.pk, role=role).status_code == 403

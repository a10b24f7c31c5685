"""REST of sites, id tokens and their groups: made, changed, and who may."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from central.models import Evse, IdToken, IdTokenGroup
from central.services.authorization import authorize
from registry.models import AuditEntry, ChargePoint, Organization, Site
from registry.models.user import Role
from tests.support.world import furnish, staff


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def world(own):
    return furnish(own, "AMBER")


@pytest.fixture
def client_of(own):
    """A client for somebody with a role."""

    def make(role=Role.OPERATOR):
        client = Client()
        client.force_login(staff(own, role))
        return client

    return make


def _send(client, method, path, body):
    return getattr(client, method)(path, body, content_type="application/json")


def test_a_token_that_expired_is_kept_and_refused(world, client_of):
    client = client_of()
    body = {"uid": "04A2B3C4", "expires_at": "2020-01-01T00:00:00Z", "holder": "Ada"}
    made = _send(client, "post", "/api/id-tokens/", body)
    assert made.status_code == 201, made.content
    point = world.one(ChargePoint)
    now = datetime.now(UTC)
    assert authorize(charge_point_id=point.pk, uid="04a2b3c4", now=now).status == "Expired"
    renewed = _send(client, "patch", f"/api/id-tokens/{made.json()['id']}/", {"expires_at": None})
    assert renewed.json()["expires_at"] is None
    assert authorize(charge_point_id=point.pk, uid="04a2b3c4", now=now).status == "Accepted"
    entries = AuditEntry.objects.filter(object_type="idtoken").order_by("id")
    assert [entry.action for entry in entries] == ["idtoken.added", "idtoken.changed"]
    ends = [each and each["expires_at"] for each in (entries[1].before, entries[1].after)]
    assert ends == ["2020-01-01T00:00:00+00:00", None]


def test_a_token_may_be_limited_to_places(world, client_of):
    client, site = client_of(), world.one(Site)
    body = {"uid": "T", "group": "AMBER-0", "sites": [site.pk], "charge_points": ["AMBER-0"]}
    made = _send(client, "post", "/api/id-tokens/", body | {"evses": ["AMBER-0/2"]}).json()
    assert (made["group"], made["sites"], made["charge_points"], made["evses"]) == (
        "AMBER-0",
        [site.pk],
        ["AMBER-0"],
        ["AMBER-0/2"],
    )
    assert list(IdToken.objects.get(uid="T").evses.all()) == [Evse.objects.get(number=2)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"uid": "amber-0"}, "uid"),
        ({"uid": "N", "evses": ["AMBER-0/9"]}, "evses"),
        ({"uid": "N", "charge_points": ["BASALT-0"]}, "charge_points"),
        ({"uid": "N", "group": "BASALT-0"}, "group"),
        (
            {"uid": "N", "valid_from": "2026-01-02T00:00:00Z", "expires_at": "2026-01-01T00:00:00Z"},
            "expires_at",
        ),
    ],
)
def test_what_no_token_may_say_is_refused_by_name(world, client_of, body, field):
    furnish(Organization.objects.create(name="Basalt Power", slug="basalt"), "BASALT")
    answer = _send(client_of(), "post", "/api/id-tokens/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_tokens_are_changed_by_who_operates_and_shown_masked_to_who_looks(world, client_of):
    token = world.one(IdToken)
    IdToken.objects.filter(pk=token.pk).update(uid="04A2B3C4D5E6F7")
    viewer = client_of(Role.VIEWER)
    assert _send(viewer, "patch", f"/api/id-tokens/{token.pk}/", {"blocked": True}).status_code == 403
    assert "04A2" not in viewer.get(f"/api/id-tokens/{token.pk}/").json()["uid"]
    assert client_of(Role.PARTNER).get("/api/id-tokens/").status_code == 403
    operator = client_of()
    assert operator.delete(f"/api/id-tokens/{token.pk}/").status_code == 405
    assert _send(operator, "patch", f"/api/id-tokens/{token.pk}/", {"blocked": True}).json()["blocked"]


def test_a_group_goes_and_its_tokens_stay(world, client_of):
    client, group = client_of(), world.one(IdTokenGroup)
    assert client.delete(f"/api/id-token-groups/{group.pk}/").status_code == 204
    assert IdToken.objects.get().group is None


def test_a_site_is_made_changed_and_deleted(world, client_of):
    client = client_of()
    made = _send(client, "post", "/api/sites/", {"name": "Harbour", "country": "nld", "latitude": "51.95"})
    assert (made.status_code, made.json()["country"]) == (201, "NLD")
    url = f"/api/sites/{made.json()['id']}/"
    assert _send(client, "patch", url, {"time_zone": "Mars/Olympus"}).status_code == 400
    assert _send(client, "patch", url, {"name": "AMBER-0"}).status_code == 400
    assert _send(client, "patch", url, {"time_zone": "Europe/Amsterdam"}).status_code == 200
    assert client.delete(url).status_code == 204
    assert _send(client_of(Role.VIEWER), "post", "/api/sites/", {"name": "X"}).status_code == 403


def test_lists_of_tokens_need_the_same_statements_for_one_as_for_many(
    world, client_of, django_assert_max_num_queries
):
    client = client_of()
    for number in range(5):
        token = IdToken.objects.create(organization=world.organization, uid=f"M{number}")
        token.charge_points.add(world.one(ChargePoint))
        token.evses.add(Evse.objects.earliest("id"))
    with django_assert_max_num_queries(8):
        assert len(client.get("/api/id-tokens/").json()["results"]) == 6

"""REST makes organisations and people; an invitation works once."""

import pytest
from django.test import Client

from registry.models import AuditEntry, Organization, User
from registry.models.user import Role
from tests.support.registry import bearer, central_face, person


@pytest.fixture
def chief(organization):
    return central_face(**bearer(person(organization, Role.ADMIN)))


@pytest.fixture
def platform(organization):
    return central_face(**bearer(person(None, Role.ADMIN, is_superuser=True)))


def _patch(face, path, body):
    return face._client.patch(path, body, content_type="application/json", headers=face.headers)


def test_only_the_platform_makes_organisations(chief, platform):
    body = {"name": "Basalt Power", "slug": "basalt", "currency": "EUR"}
    assert chief.post("/api/organizations/", body).status_code == 403
    assert platform.post("/api/organizations/", body).status_code == 201
    assert [each["slug"] for each in chief.get("/api/organizations/").json()["results"]] == ["amber"]
    assert len(platform.get("/api/organizations/").json()["results"]) == 2
    assert AuditEntry.objects.filter(action="organization.added").count() == 1


def test_an_admin_changes_the_own_one_only(chief, organization, stranger_organization):
    assert (
        _patch(chief, f"/api/organizations/{organization.pk}/", {"time_zone": "Europe/Paris"}).status_code
        == 200
    )
    assert _patch(chief, f"/api/organizations/{stranger_organization.pk}/", {"name": "x"}).status_code == 404
    assert Organization.objects.get(pk=organization.pk).time_zone == "Europe/Paris"


def test_who_is_invited_chooses_a_password_once(chief):
    made = chief.post("/api/users/", {"username": "kim", "role": "operator", "email": "kim@example.com"})
    way = made.json()["invitation"]
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    browser = Client(HTTP_HOST="localhost:8000")
    form = browser.get(way, follow=True)
    assert form.status_code == 200
    body = {"new_password1": "a long river in spring", "new_password2": "a long river in spring"}
    assert browser.post(form.redirect_chain[-1][0], body).status_code == 302
    assert User.objects.get(username="kim").check_password("a long river in spring")
    assert Client(HTTP_HOST="localhost:8000").get(way).status_code == 410
    assert way not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("body", "field"),
    [({"username": "a b"}, "username"), ({"role": "service"}, "role"), ({"email": "nobody"}, "email")],
)
def test_a_wrong_person_is_refused(chief, body, field):
    answer = chief.post("/api/users/", {"username": "kim", "role": "viewer"} | body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_people_change_with_the_next_request_and_nobody_changes_themselves(chief, organization):
    kim = person(organization, Role.OPERATOR, "kim")
    header = bearer(kim)
    assert _patch(chief, f"/api/users/{kim.pk}/", {"role": "viewer"}).json()["role"] == "viewer"
    assert central_face(**header).post("/api/sites/", {"name": "x"}).status_code == 403
    assert _patch(chief, f"/api/users/{kim.pk}/", {"is_active": False}).status_code == 200
    assert central_face(**header).get("/api/sites/").status_code == 401
    own = User.objects.get(role=Role.ADMIN)
    assert _patch(chief, f"/api/users/{own.pk}/", {"role": "viewer"}).status_code == 409


def test_only_admins_see_people(organization):
    operator = central_face(**bearer(person(organization, Role.OPERATOR)))
    assert operator.get("/api/users/").status_code == 403

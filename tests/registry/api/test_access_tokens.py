"""`POST /api/token` and `/api/token/refresh` (REST for people and their programs)."""

import time

import jwt
import pytest
import time_machine
from django.conf import settings

from registry.models import AuditEntry
from registry.models.user import Role
from tests.support.registry import central_face, person

PASSWORD = "correct horse battery"


@pytest.fixture
def operator(organization):
    somebody = person(organization, Role.OPERATOR)
    somebody.set_password(PASSWORD)
    somebody.save()
    return somebody


def _login(username, password=PASSWORD, address="127.0.0.1"):
    return central_face(address).post("/api/token", {"username": username, "password": password})


def _see(access):
    return central_face(authorization=f"Bearer {access}").get("/api/charge-points/").status_code


def test_a_login_gives_a_token_that_opens_rest(operator):
    answer = _login(operator.username).json()
    assert answer["expires_in"] == settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60
    assert _see(answer["access"]) == 200
    assert AuditEntry.objects.filter(action="user.token_issued", user=operator).count() == 1


def test_a_token_says_who_it_is_and_in_which_role(operator):
    access = _login(operator.username).json()["access"]
    claims = jwt.decode(access, settings.API_JWT_KEY, ["HS256"], audience="emobility-api")
    assert (claims["sub"], claims["roles"]) == (str(operator.pk), ["operator"])
    assert claims["exp"] - claims["iat"] == settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60


@pytest.mark.parametrize("key", ["REGISTRY_SECRET_KEY", "SECRET_KEY"])
def test_a_token_signed_with_another_key_of_the_platform_opens_nothing(operator, key):
    access = _login(operator.username).json()["access"]
    claims = jwt.decode(access, settings.API_JWT_KEY, ["HS256"], audience="emobility-api")
    assert _see(jwt.encode(claims, getattr(settings, key), "HS256")) == 401


def test_an_access_token_ends_after_its_minutes(operator):
    access = _login(operator.username).json()["access"]
    with time_machine.travel(time.time() + settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60 + 30):
        assert _see(access) == 401


def test_a_refresh_gives_another_token_with_the_role_of_now(operator):
    refresh = _login(operator.username).json()["refresh"]
    operator.role = Role.VIEWER
    operator.save()
    answer = central_face().post("/api/token/refresh", {"refresh": refresh})
    claims = jwt.decode(answer.json()["access"], settings.API_JWT_KEY, ["HS256"], audience="emobility-api")
    assert claims["roles"] == ["viewer"]


def test_a_refresh_token_is_no_access_token(operator):
    assert _see(_login(operator.username).json()["refresh"]) == 401


@pytest.mark.parametrize("end", ["disabled", "password", "removed"])
def test_a_person_who_ended_ends_with_all_tokens(operator, end):
    tokens = _login(operator.username).json()
    if end == "disabled":
        operator.is_active = False
    elif end == "password":
        operator.set_password("another one entirely")
    operator.save()
    if end == "removed":
        operator.delete()
    assert _see(tokens["access"]) == 401
    answer = central_face().post("/api/token/refresh", {"refresh": tokens["refresh"]})
    assert answer.status_code == 401


def test_a_wrong_name_and_a_wrong_password_are_told_alike(operator):
    wrong, unknown = _login(operator.username, "wrong"), _login("nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_guessing_ends_in_429_even_with_the_right_password(operator):
    """T4 for people: five failures a minute for an address and a name; others are not locked out."""
    for _ in range(5):
        assert _login(operator.username, "wrong", "10.0.0.1").status_code == 401
    assert _login(operator.username, PASSWORD, "10.0.0.1").status_code == 429
    assert _login(operator.username, PASSWORD, "10.0.0.2").status_code == 200


@pytest.mark.parametrize("body", [{}, {"username": "x"}, {"username": "x", "password": ""}, [], "text"])
def test_half_a_login_is_refused(db, body):
    assert central_face().post("/api/token", body).status_code == 400


@pytest.mark.parametrize("refresh", ["", "x", "a.b.c", None])
def test_nonsense_does_not_refresh(db, refresh):
    assert central_face().post("/api/token/refresh", {"refresh": refresh}).status_code in {400, 401}

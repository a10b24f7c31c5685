"""REST of unknown ids: adopted with one request, forgotten; by whom, and for whom."""

import pytest
from django.test import Client

from central.models import Knock
from registry.models import AuditEntry, ChargePoint, Organization
from registry.models.user import Role
from tests.support.handlers import NOW
from tests.support.world import staff

REST = "/api/unknown-charge-points/"


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber", slug="amber", is_default=True)


@pytest.fixture
def knock(own):
    return Knock.objects.create(
        cp_id="STRANGER",
        address="192.0.2.7",
        offered="ocpp1.5, ocpp2.0.1",
        secure=True,
        first_seen=NOW,
        last_seen=NOW,
    )


def ask(user, path, body=None):
    client = Client()
    client.force_login(user)
    return client.post(path, body or {}, content_type="application/json")


def test_an_unknown_id_is_adopted_with_one_request(own, knock):
    answer = ask(staff(own, Role.OPERATOR), f"{REST}{knock.pk}/adopt/")
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store"), answer.content
    told = answer.json()
    point = ChargePoint.objects.get()
    assert (told["charge_point"], told["security_profile"]) == (point.cp_id, 2) == ("STRANGER", 2)
    assert (len(told["password"]), point.organization) == (40, own)
    assert point.metadata == {"expected_version": "2.0.1"}
    assert told["password"] not in str(list(AuditEntry.objects.values()))


def test_who_sees_several_organisations_says_for_which(own, knock):
    other = Organization.objects.create(name="Basalt", slug="basalt")
    platform = staff(None, Role.ADMIN, is_superuser=True)
    for body in ({}, {"organization": "nobody"}):
        answer = ask(platform, f"{REST}{knock.pk}/adopt/", body)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["organization"])
    assert ask(platform, f"{REST}{knock.pk}/adopt/", {"organization": "basalt"}).status_code == 201
    assert ChargePoint.objects.get().organization == other


def test_nobody_of_several_organisations_adopts_and_lookers_never_do(own, knock):
    assert ask(staff(own, Role.VIEWER), f"{REST}{knock.pk}/adopt/").status_code == 403
    Organization.objects.create(name="Basalt", slug="basalt")
    assert ask(staff(own, Role.OPERATOR), f"{REST}{knock.pk}/adopt/").status_code == 404
    assert not ChargePoint.objects.exists()


def test_an_id_that_exists_is_not_taken_over_and_one_is_forgotten(own, knock):
    operator = staff(own, Role.OPERATOR)
    ChargePoint.objects.create(organization=own, cp_id="STRANGER", registered_at=NOW)
    assert ask(operator, f"{REST}{knock.pk}/adopt/").status_code == 409
    assert ask(operator, f"{REST}{knock.pk}/forget/").status_code == 204
    assert not Knock.objects.exists()

"""The back office's pages of service accounts: secrets once, on their own page; rights as in REST."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from registry.models import ServiceAccount, ServiceKey
from registry.models.user import Role
from tests.support.machines import api_key, machine
from tests.support.registry import central_face
from tests.support.world import staff

LIST = "admin:registry_serviceaccount_changelist"


@pytest.fixture
def office(organization):
    client = Client()
    client.force_login(staff(organization, Role.ADMIN))
    return client


def _do(client, account, slug, **values):
    return client.post(f"/admin/registry/serviceaccount/{account.pk}/do/{slug}/", values)


def test_an_account_and_its_first_key_are_made(office):
    made = office.post(
        reverse("admin:registry_serviceaccount_add"),
        {"name": "CMS", "role": "service", "scopes": ["see", "integrate"]},
    )
    account = ServiceAccount.objects.get()
    assert (made.status_code, account.scopes) == (302, ["integrate", "see"])
    page = _do(office, account, "new-key", kind="bearer", label="one", days="30")
    secret = re.findall(r"emk_[0-9a-f]{12}_[\w-]+", page.content.decode())[0]
    assert "no-store" in page["Cache-Control"]
    assert central_face(**{"x-api-key": secret}).get("/api/internal/whoami").status_code == 200
    story = office.get(reverse("admin:registry_serviceaccount_change", args=[account.pk])).content.decode()
    assert ServiceKey.objects.get().key_id in story
    assert secret not in story


def test_keys_are_rotated_and_revoked_and_the_account_ended(office, organization):
    account = machine(organization)
    key, header = api_key(account)
    assert "emk_" in _do(office, account, "rotate-key", key=key.pk, hours="1").content.decode()
    assert _do(office, account, "revoke-key", key=key.pk).status_code == 302
    assert central_face(**header).get("/api/internal/whoami").status_code == 401
    assert "eyJ" in _do(office, account, "token", hours="1").content.decode()
    assert _do(office, account, "rights", role="viewer", scopes=["see"]).status_code == 302
    assert _do(office, account, "switch").status_code == 302
    account.refresh_from_db()
    assert (account.is_active, account.role, account.scopes) == (False, "viewer", ["see"])


def test_an_operator_has_no_such_pages(organization):
    client = Client()
    client.force_login(staff(organization, Role.OPERATOR))
    account = machine(organization)
    assert client.get(reverse(LIST)).status_code == 403
    assert _do(client, account, "new-key", kind="bearer").status_code in {403, 404}
    assert ServiceKey.objects.count() == 0


def test_service_accounts_are_not_among_the_users(office, organization):
    account = machine(organization)
    assert account.username not in office.get("/admin/registry/user/").content.decode()
    assert office.get(f"/admin/registry/user/{account.pk}/change/").status_code == 302


def test_the_list_asks_the_database_no_more_for_more_rows(
    office, organization, django_assert_max_num_queries
):
    for number in range(5):
        api_key(machine(organization, name=f"client {number}"))
    with django_assert_max_num_queries(10):
        assert office.get(reverse(LIST)).status_code == 200

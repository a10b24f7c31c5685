"""T14, within the own organisation: each role opens the lists and pages that the table gives it, no other."""

import pytest
from django.contrib import admin
from django.test import Client

import emobility.urls  # noqa: F401 -- registers the resources
from central.api.records import RECORDS
from registry.api.rights import rights_needed
from registry.models import Organization
from registry.models.user import Role
from registry.rights import Right, Verb, granted, may, needed
from tests.support.machines import api_key, machine
from tests.support.world import furnish, staff


@pytest.fixture
def own(db):
    organization = Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)
    furnish(organization, "AMBER", 1)
    return organization


def _opened(client, paths):
    return {path: client.get(path).status_code for path in paths}


def _expected(rights, actor):
    """The answers that the table promises."""
    return {
        path: 200 if asked and all(may(actor, right) for right in asked) else 403
        for path, asked in rights.items()
    }


@pytest.mark.once
@pytest.mark.parametrize("role", Role.values)
def test_t14_a_role_opens_what_the_table_gives_it(own, role):
    person = staff(own, role)
    client = Client(raise_request_exception=False)
    client.force_login(person)
    lists = {f"/api/{path}/": rights_needed("GET", view) for path, view in RECORDS.items()}
    labels = {model._meta.label_lower for model in admin.site._registry}
    pages = {f"/admin/{label.replace('.', '/')}/": {needed(label, Verb.SEE)} - {None} for label in labels}
    rights = lists | pages
    assert _opened(client, rights) == _expected(rights, person)


@pytest.mark.once
@pytest.mark.parametrize("right", [each for each in Right if each in granted(Role.SERVICE)])
def test_t14_a_machine_opens_what_its_scope_names(own, right):
    account = machine(own, scopes=[right.value], name="one scope")
    client = Client(raise_request_exception=False, headers=api_key(account)[1])
    lists = {f"/api/{path}/": rights_needed("GET", view) for path, view in RECORDS.items()}
    managed = frozenset({Right.MANAGE})
    lists["/api/users/"] = lists["/api/service-accounts/"] = managed
    lists["/api/internal/whoami"] = frozenset({Right.INTEGRATE})
    assert _opened(client, lists) == _expected(lists, account)
    assert client.get("/admin/registry/chargepoint/").status_code == 302

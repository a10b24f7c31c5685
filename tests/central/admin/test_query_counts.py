"""How many statements a page may cost: 10 a list, 15 an object's page, however many rows there are."""

import pytest
from django.contrib import admin
from django.urls import reverse

import emobility.urls  # noqa: F401 -- registers the resources
from central.api.records import RECORDS
from registry.models import EventReader, Organization, User
from tests.support.world import furnish, staff

LIST_LIMIT = 10
PAGE_LIMIT = 15
MANY = 20
"""Rows enough for one statement a row to pass either limit."""
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


def _name(model, page):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


def reader_of(model, own):
    """The organisation's admin; the platform's where the table is nobody's own."""
    place, rights = (None, {"is_superuser": True}) if model is EventReader else (own, {})
    name = f"admin-{place.slug if place else 'platform'}"
    return User.objects.filter(username=name).first() or staff(place, "admin", **rights)


def test_lists_cost_at_most_ten_statements(own, client, django_assert_max_num_queries):
    """OPERATOR.md rule 8 for every table of the admin."""
    furnish(own, "AMBER", MANY)
    for model in MODELS:
        client.force_login(reader_of(model, own))
        with django_assert_max_num_queries(LIST_LIMIT, info=model._meta.label):
            assert client.get(reverse(_name(model, "changelist"))).status_code == 200, model._meta.label


def test_pages_of_objects_cost_at_most_fifteen_statements(own, client, django_assert_max_num_queries):
    world = furnish(own, "AMBER", MANY)
    for model in MODELS:
        client.force_login(reader_of(model, own))
        url = reverse(_name(model, "change"), args=[world.one(model).pk])
        with django_assert_max_num_queries(PAGE_LIMIT, info=model._meta.label):
            assert client.get(url).status_code == 200, model._meta.label


def test_the_overview_costs_the_same_for_many_rows(own, client, django_assert_max_num_queries):
    furnish(own, "AMBER", 50)
    client.force_login(staff(own, "admin"))
    with django_assert_max_num_queries(30):
        assert client.get(reverse("admin:index")).status_code == 200


def test_rest_lists_cost_at_most_ten_statements(own, client, django_assert_max_num_queries):
    furnish(own, "AMBER", 50)
    client.force_login(staff(own, "admin"))
    for path in ["charge-points", "sessions", "commands", *RECORDS]:
        with django_assert_max_num_queries(LIST_LIMIT, info=path):
            assert len(client.get(f"/api/{path}/").json()["results"]) == 50, path

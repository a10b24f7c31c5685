"""Columns of lists: one that the page makes must not have the name of a field, which would stand there."""

import pytest
from django.contrib import admin
from django.test import Client

from central.models import Command
from registry.models import ChargePoint, Organization
from tests.support.orders import placed
from tests.support.world import furnish, staff


def test_no_column_of_a_page_is_hidden_by_a_field():
    hidden = [
        f"{model._meta.label}.{name}"
        for model, page in admin.site._registry.items()
        for name in page.list_display
        if hasattr(type(page), str(name)) and name in {field.name for field in model._meta.get_fields()}
    ]
    assert hidden == []


@pytest.mark.django_db
def test_commands_show_when_they_were_asked_for_and_not_what():
    own = Organization.objects.create(name="Amber", slug="amber", is_default=True)
    world = furnish(own, "AMBER")
    Command.objects.all().delete()
    placed(world.one(ChargePoint), "reserve", id_tag="HOLDER-1", expires_at="2099-01-01T10:00:00Z")
    assert "HOLDER-1" in Command.objects.get().asked
    client = Client()
    client.force_login(staff(own, "viewer"))
    page = client.get("/admin/central/command/").content.decode()
    assert "2 Mar 2026" in page
    assert "HOLDER-1" not in page

"""The overview and the story of a session across rooms."""

import pytest
from django.test import Client

from billing.models import Cdr
from billing.signals import cdr_created
from central.consumers import dashboard_feed
from central.models import Session
from ocpi.models import Delivery
from registry.models import Organization
from registry.models.user import Role
from tests.support.world import furnish, staff


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def world(own):
    return furnish(own, "AMBER", 2)


def _page(user, path="/admin/"):
    client = Client()
    client.force_login(user)
    return client.get(path).content.decode()


def test_every_number_of_the_overview_is_a_link_to_what_it_counts(world, own):
    client = Client()
    client.force_login(staff(own, Role.OPERATOR))
    context = client.get("/admin/").context
    tiles = [*context["states"], *context["today"], *context["problems"]]
    assert len(tiles) >= 15
    for tile in tiles:
        assert client.get(tile["url"]).status_code == 200, tile["name"]
    counted = {str(tile["name"]): tile["value"] for tile in tiles}
    assert counted["Charging"] == 2
    assert counted["Sessions now"] == 2
    assert counted["Partners in trouble"] == 2
    assert counted["Undelivered"] == 2


def test_an_empty_platform_tells_the_next_step(own):
    assert "issue an enrolment token" in _page(staff(own, Role.ADMIN))


def test_who_belongs_to_no_organisation_is_told_so(db):
    assert "belongs to no organisation" in _page(staff(None, Role.ADMIN))


def test_a_partner_sees_no_roaming_and_no_commands(world, own):
    page = _page(staff(own, Role.PARTNER))
    assert "Charge points" in page
    assert "/admin/ocpi/partner/" not in page
    assert "/admin/central/command/" not in page


def test_a_session_links_to_its_cdr_and_says_where_it_is(world, own):
    session, cdr = world.one(Session), world.one(Cdr)
    Delivery.objects.filter(source_id=cdr.pk).update(state="delivered")
    page = _page(staff(own, Role.OPERATOR), f"/admin/central/session/{session.pk}/change/")
    assert f"/admin/billing/cdr/{cdr.pk}/change/" in page
    assert "NL-000 delivered" in page


def test_a_new_cdr_moves_the_pages_of_its_organisation(world, own, monkeypatch):
    told = []
    monkeypatch.setattr(dashboard_feed.feed, "add", lambda owner, topics: told.append((owner, topics)))
    cdr = world.one(Cdr)
    cdr_created.send(sender=None, cdr_id=cdr.pk)
    assert (own.pk, [f"session:{cdr.session_id}", f"cdr:{cdr.pk}"]) in told
    cdr_created.send(sender=None, cdr_id=0)
    assert len(told) == 1

"""A host (role partner) sees the own sites, and of everything else not that it exists."""

import pytest
from django.test import Client

from registry.models import ChargePoint, Site
from tests.support.live import cookie, hear, listen
from tests.support.world import furnish, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(organization):
    return furnish(organization, "host", count=2)


@pytest.fixture
def host(organization, world):
    user = staff(organization, "partner")
    user.sites.set(Site.objects.order_by("pk")[:1])
    return user


@pytest.mark.parametrize("path", ["/api/sites/", "/api/charge-points/", "/api/sessions/"])
def test_lists_hold_the_own_sites_only(host, path):
    client, all_seeing = Client(), Client()
    client.force_login(host)
    all_seeing.force_login(staff(host.organization, "viewer"))
    own, everything = (each.get(path).json()["results"] for each in (client, all_seeing))
    assert 0 < len(own) < len(everything)
    strangers = [row for row in everything if row not in own]
    for row in strangers:
        key = row.get("uid") or row.get("cp_id") or row["id"]
        assert client.get(f"{path}{key}/").status_code == 404


def test_who_is_host_of_nothing_sees_nothing(host):
    host.sites.clear()
    client = Client()
    client.force_login(host)
    for path in ("/api/sites/", "/api/charge-points/", "/api/sessions/"):
        assert client.get(path).json()["results"] == []
    assert [group["charge_points"] for group in client.get("/api/statistics").json()["results"]] in ([], [0])


@pytest.mark.django_db(transaction=True)
def test_the_live_socket_tells_of_the_own_charge_points(server, host):
    with listen(server, headers={**cookie(host), "Origin": server.http()}) as socket:
        told = {point["charge_point"] for point in hear(socket, "snapshot")["charge_points"]}
    own = set(ChargePoint.objects.filter(site__in=host.sites.all()).values_list("cp_id", flat=True))
    assert told == own
    assert len(own) < ChargePoint.objects.count()

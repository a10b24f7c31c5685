"""The map of partners' locations and of our own sites in the back office."""

from typing import Any

import pytest
from django.test import Client

from ocpi.models import ReceivedLocation
from registry.models import Organization, Site
from tests.ocpi.conftest import now
from tests.ocpi.rows import organization, partner
from tests.support.world import staff

pytestmark = pytest.mark.django_db
MAP = "/admin/ocpi/receivedlocation/map/"


@pytest.fixture
def own() -> Organization:
    return organization("EMSP")


def place(own: Organization, name: str, latitude: float | None, longitude: float | None, **more: Any) -> Any:
    fields = {
        "partner": more.pop("of", None) or partner(own, "CPO", "2.2.1"),
        "organization": own,
        "country_code": "NL",
        "party_id": "TST",
        "object_id": name,
        "object_key": name.upper(),
        "name": name,
        "payload": {"id": name},
        "received_at": now(),
        "last_updated": now(),
        "latitude": latitude,
        "longitude": longitude,
        "evse_count": 2,
        "free_count": 1,
    }
    return ReceivedLocation.objects.create(**(fields | more))


def look(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_locations_stand_on_the_map_and_lead_to_their_pages(own: Organization, client: Client) -> None:
    """Those that are gone or tell no coordinates do not; a search narrows it."""
    first = place(own, "Plein", 52.01, 4.36, city="Delft")
    of = first.partner
    second = place(own, "Dam", 52.37, 4.89, of=of, city="Amsterdam", free_count=0)
    nowhere = place(own, "Nowhere", None, None, of=of)
    gone = place(own, "Gone", 52.1, 4.5, of=of, removed_at=now())
    client.force_login(staff(own, "viewer"))
    page = look(client, MAP)
    svg = page.split('<svg class="em-map"')[1].split("</svg>")[0]
    assert f"receivedlocation/{first.pk}/change/" in svg
    assert f"receivedlocation/{second.pk}/change/" in svg
    assert "NL-TST · 0 of 2 free" in svg
    assert "2 of 2 in view" in page
    for row in (nowhere, gone):
        assert f"receivedlocation/{row.pk}/change/" not in page
    assert "Plein" not in look(client, f"{MAP}?q=amsterdam").split("em-map")[1]
    assert "0 of 2 in view" in look(client, f"{MAP}?z=9&lat=45&lon=5")
    assert "2 of 2 in view" in look(client, f"{MAP}?z=x&lat=nan&lon=1e999")
    assert "map/?z=14&amp;lat=52.01" in look(client, f"/admin/ocpi/receivedlocation/{first.pk}/change/")


def test_a_map_shows_nothing_of_other_organisations_and_asks_no_other_host(
    own: Organization, client: Client
) -> None:
    place(own, "Plein", 52.01, 4.36)
    stranger = organization("EMSP", slug="other", name="Other", is_default=False)
    client.force_login(staff(stranger, "admin"))
    answer = client.get(MAP)
    page = answer.content.decode()
    assert ("0 of 0 in view" in page, "em-spot " in page, "<image" in page) == (True, False, False)
    allowed = [each.strip() for each in answer["Content-Security-Policy"].split(";")]
    assert "img-src 'self' data:" in allowed


def test_a_background_is_drawn_where_the_operator_names_one(
    own: Organization, client: Client, settings: Any
) -> None:
    settings.MAP_TILE_URL, settings.MAP_ATTRIBUTION = "https://t.example/{z}/{x}/{y}.png", "Maps by Example"
    place(own, "Plein", 52.01, 4.36)
    client.force_login(staff(own, "viewer"))
    page = look(client, f"{MAP}?z=9&lat=52&lon=4.4")
    assert 'href="https://t.example/9/262/168.png"' in page
    assert "Maps by Example" in page


def test_many_places_are_drawn_as_few_in_few_statements(
    own: Organization, client: Client, django_assert_max_num_queries: Any
) -> None:
    of = partner(own, "CPO", "2.2.1")
    template = place(own, "P", 48.0, 2.0, of=of)
    rows = []
    for number in range(2000):
        key = f"P{number}"
        rows.append(
            ReceivedLocation(
                organization=own,
                partner=of,
                country_code="NL",
                party_id="TST",
                object_id=key,
                object_key=key,
                payload={},
                received_at=template.received_at,
                last_updated=template.last_updated,
                latitude=48 + number % 50 / 10,
                longitude=2 + number // 50 / 10,
            )
        )
    ReceivedLocation.objects.bulk_create(rows)
    client.force_login(staff(own, "viewer"))
    with django_assert_max_num_queries(5):
        page = look(client, MAP)
    assert "2001 of 2001 in view" in page
    assert page.count("em-spot ") < 120
    assert page.count("<tr>") < 60


def test_our_own_sites_have_a_map_too(own: Organization, client: Client) -> None:
    site = Site.objects.create(organization=own, name="Yard", city="Bonn", latitude="50.73", longitude="7.1")
    Site.objects.create(organization=own, name="Unknown")
    client.force_login(staff(own, "viewer"))
    page = look(client, "/admin/registry/site/map/")
    assert f"/admin/registry/site/{site.pk}/change/" in page
    assert "1 of 1 in view" in page
    assert "/admin/registry/site/map/" in look(client, "/admin/registry/site/")

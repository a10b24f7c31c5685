"""What people change of places is told at once: charge points that move, sites, parking places."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from central.models import Connector, Evse
from emobility.lib import bell
from ocpi import receivers, tasks
from ocpi.models import Partner, Published
from ocpi.services.outbox_published import published_offer
from ocpi.services.published import all_publish
from registry.models import ChargePoint, Organization, ParkingPlace, Site
from tests.billing import builders
from tests.ocpi.conftest import now
from tests.ocpi.pushing import push_all
from tests.ocpi.rows import organization, partner
from tests.support.partner import ScriptedPartner
from tests.support.world import staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cpo() -> Organization:
    return organization("CPO")


@pytest.fixture
def sites(cpo: Organization) -> list[Site]:
    return [Site.objects.create(organization=cpo, name=name, city="Bonn") for name in ("Hof", "Markt")]


@pytest.fixture
def box(cpo: Organization, sites: list[Site]) -> ChargePoint:
    point = builders.charge_point(cpo, "BOX-1", site=sites[0])
    evse = Evse.objects.create(charge_point=point, number=1)
    Connector.objects.create(charge_point=point, evse=evse)
    return point


@pytest.fixture
def known(cpo: Organization, box: ChargePoint, scripted: ScriptedPartner) -> Partner:
    """A partner that was told of the place; what it hears from now on comes from bells alone."""
    who = partner(cpo, "EMSP", "2.3.0", scripted.url())
    rows = all_publish(now=now(), deep=True)
    published_offer(rows=rows, now=now())
    push_all(now(), who)
    scripted.requests.clear()
    return who


@pytest.fixture
def person(cpo: Organization, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody on duty; the worker's part happens in the bell's thread."""

    def look(charge_point_ids: Iterable[int]) -> None:
        tasks.publish(sorted(charge_point_ids))

    monkeypatch.setattr(receivers, "poke_places", look)
    monkeypatch.setattr(tasks, "poke", lambda partner_id: None)
    client = Client()
    client.force_login(staff(cpo, "operator"))
    return client


def heard(who: Partner, scripted: ScriptedPartner) -> dict[str, Any]:
    """What the partner has heard since, by the end of its address."""
    assert bell.drain()
    push_all(now() + timedelta(minutes=1), who)
    told = {each.path.partition("/EMP/")[2]: each.body for each in scripted.requests}
    scripted.requests.clear()
    return told


def patch(person: Client, path: str, **words: Any) -> None:
    answer = person.patch(f"/api/{path}/", words, content_type="application/json")
    assert answer.status_code == 200, answer.content


def test_a_charge_point_moves(
    known: Partner, box: ChargePoint, sites: list[Site], person: Client, scripted: ScriptedPartner
) -> None:
    """It leaves the one site and stands at the other; and nobody hears of what is no place."""
    old, new = (f"site-{site.pk}" for site in sites)
    patch(person, "charge-points/BOX-1", site=sites[1].pk)
    told = heard(known, scripted)
    assert told.keys() == {f"{old}/BOX-1-1", new}
    assert told[f"{old}/BOX-1-1"]["status"] == "REMOVED"
    assert told[new]["evses"][0]["status"] != "REMOVED"
    ChargePoint.objects.get().save(update_fields=["registered_at", "updated_at"])
    assert heard(known, scripted) == {}


def test_the_frequent_sweep_makes_up_for_a_lost_bell(
    known: Partner, box: ChargePoint, sites: list[Site], cpo: Organization
) -> None:
    """The place that it left as well, not half an hour later."""
    ChargePoint.objects.filter(pk=box.pk).update(site=sites[1], updated_at=now())
    changed = {row.object_id for row in all_publish(now=now(), deep=False)}
    assert changed == {f"site-{site.pk}" for site in sites}
    gone = Published.objects.get(object_id=f"site-{sites[0].pk}")
    assert [evse["status"] for evse in gone.payload["evses"]] == ["REMOVED"]
    assert not all_publish(now=now(), deep=True)


def test_sites_and_what_is_written_of_a_charge_point(
    known: Partner, sites: list[Site], person: Client, scripted: ScriptedPartner
) -> None:
    key = f"site-{sites[0].pk}"
    patch(person, f"sites/{sites[0].pk}", address="Weg 2")
    assert heard(known, scripted)[key]["address"] == "Weg 2"
    patch(person, "charge-points/BOX-1", metadata={"floor_level": "-1"})
    assert heard(known, scripted)[f"{key}/BOX-1-1"]["floor_level"] == "-1"


def test_parking_places_over_rest(
    known: Partner, sites: list[Site], person: Client, scripted: ScriptedPartner
) -> None:
    """Made, changed and deleted; each step is told."""
    key = f"site-{sites[0].pk}"
    body = {"site": sites[0].pk, "charge_point": "BOX-1", "evse_number": 1, "reference": "A1"}
    made = person.post("/api/parking-places/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["vehicle_types"] == ["PERSONAL_VEHICLE"]
    told = heard(known, scripted)[key]
    assert told["parking_places"][0]["physical_reference"] == "A1"
    assert told["evses"][0]["parking"] == [{"parking_id": told["parking_places"][0]["id"]}]
    path = f"parking-places/{made.json()['id']}"
    patch(person, path, vehicle_types=["VAN", "BUS"], max_vehicle_height_cm=210)
    assert heard(known, scripted)[key]["parking_places"][0]["max_vehicle_height"] == 210
    for wrong, field in (
        ({"vehicle_types": ["SHIP"]}, "vehicle_types"),
        ({"vehicle_types": []}, "vehicle_types"),
        ({"site": sites[1].pk}, "charge_point"),
        ({"charge_point": None}, "evse_number"),
        ({"space_width_cm": 0}, "space_width_cm"),
    ):
        answer = person.patch(f"/api/{path}/", wrong, content_type="application/json")
        assert (answer.status_code, [*answer.json()["fields"]]) == (400, [field])
    assert [
        row["reference"] for row in person.get(f"/api/parking-places/?site={sites[0].pk}").json()["results"]
    ]
    assert person.delete(f"/api/{path}/").status_code == 204
    assert "parking_places" not in heard(known, scripted)[key]
    assert not ParkingPlace.objects.exists()

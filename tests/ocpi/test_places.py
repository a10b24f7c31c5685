"""Our places as partners get them: lists, single objects, times that move only with the content, push."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from central.models import ChargePointStatus, Connector, Evse, Reservation
from ocpi.core.place_objects import CONNECTOR, EVSE, LOCATION
from ocpi.models import Delivery, Published
from ocpi.services.outbox_published import published_offer, published_offer_missing
from ocpi.services.published import all_publish, places_publish
from registry.models import ChargePoint, Organization, ParkingPlace, Site
from tests.billing import builders
from tests.ocpi.pushing import push_all
from tests.ocpi.rows import NOW, VERSIONS, Asker, organization, partner
from tests.support.partner import Answer, Handler, Recorded, ScriptedPartner

pytestmark = pytest.mark.django_db


def box(owner: Organization, site: Site | None, cp_id: str = "BOX-1", plugs: int = 2) -> ChargePoint:
    """A charge point on line with some connectors, one EVSE each."""
    point = builders.charge_point(owner, cp_id, site=site)
    ChargePointStatus.objects.create(
        charge_point=point, connection_id="00000000-0000-4000-8000-000000000001", connected_at=NOW
    )
    for number in range(1, plugs + 1):
        evse = Evse.objects.create(charge_point=point, number=number)
        Connector.objects.create(charge_point=point, evse=evse, status="Available", max_power_w=22_000)
    return point


@pytest.fixture
def cpo() -> Organization:
    return organization("CPO", website="https://ours.example")


@pytest.fixture
def site(cpo: Organization) -> Site:
    return Site.objects.create(
        organization=cpo, name="Hof", address="Weg 1", city="Bonn", postal_code="53111", state="NRW",
        latitude="50.737430", longitude="7.098207", parking_type="PARKING_LOT", facilities=["CAFE"],
        opening_hours="Mo-Fr 08:00-20:00\n2026-12-25 closed", help_phone="+4922812345",
        directions="Behind the church", charging_when_closed=False,
    )  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_a_place_is_told_in_each_version(
    settings: LazySettings, cpo: Organization, site: Site, version: str
) -> None:
    """2.1.1 locations §3, 2.2.1 and 2.3.0 §8.3: complete, and right by the tables of that version."""
    builders.default_tariff(cpo)
    point = box(cpo, site)
    ParkingPlace.objects.create(
        organization=cpo, site=site, charge_point=point, evse_number=1, reference="A1"
    )
    ask = Asker(partner(cpo, "EMSP", version), settings)
    (told,) = ask.data("GET", "sender/locations")
    LOCATION.parse(told, version)
    assert LOCATION.cut(told, version) == told
    assert (told["id"], told["name"], told["city"]) == (f"site-{site.pk}", "Hof", "Bonn")
    assert told["coordinates"] == {"latitude": "50.737430", "longitude": "7.098207"}
    assert told["opening_times"]["regular_hours"][4] == {
        "weekday": 5, "period_begin": "08:00", "period_end": "20:00"
    }  # fmt: skip
    assert told["opening_times"]["exceptional_closings"] == [
        {"period_begin": "2026-12-24T23:00:00Z", "period_end": "2026-12-25T23:00:00Z"}
    ]
    assert [evse["uid"] for evse in told["evses"]] == ["BOX-1-1", "BOX-1-2"]
    plug = told["evses"][0]["connectors"][0]
    if version == "2.1.1":
        assert (told["type"], plug["tariff_id"], plug["voltage"], plug["amperage"]) == (
            "PARKING_LOT", "T1", 230, 32,
        )  # fmt: skip
    else:
        assert (told["publish"], told["party_id"], told["state"]) == (True, "EMP", "NRW")
        assert (plug["tariff_ids"], plug["max_amperage"], plug["max_electric_power"]) == (["T1"], 32, 22_000)
    if version == "2.3.0":
        assert (told["help_phone"], told["parking_places"][0]["physical_reference"]) == ("+4922812345", "A1")
        assert told["evses"][0]["parking"] == [{"parking_id": told["parking_places"][0]["id"]}]
        assert "parking" not in told["evses"][1]


@pytest.mark.parametrize("version", VERSIONS)
def test_one_object_is_told_alone(
    settings: LazySettings, cpo: Organization, site: Site, version: str
) -> None:
    """§8.2.1.2: location, EVSE, connector; 404 and 2003 for unknown ones."""
    box(cpo, site)
    ask = Asker(partner(cpo, "EMSP", version), settings)
    path = f"sender/locations/site-{site.pk}"
    for schema, below in ((LOCATION, ""), (EVSE, "/box-1-1"), (CONNECTOR, "/BOX-1-1/1/")):
        schema.parse(ask.data("GET", path + below), version)
    for wrong in ("sender/locations/site-0", f"{path}/BOX-9", f"{path}/BOX-1-1/9"):
        answer = ask("GET", wrong)
        assert (answer.status_code, b'"status_code":2003' in answer.content) == (404, True), wrong


STATES: list[tuple[dict[str, Any], str]] = [
    ({}, "AVAILABLE"),
    ({"status": "Charging"}, "CHARGING"),
    ({"status": "Occupied"}, "CHARGING"),
    ({"status": "Reserved"}, "RESERVED"),
    ({"status": "Unavailable"}, "INOPERATIVE"),
    ({"status": "Faulted"}, "OUTOFORDER"),
    ({"status": ""}, "UNKNOWN"),
    ({"live": {"connection_id": None}}, "UNKNOWN"),
    ({"live": {"status": "Faulted"}}, "OUTOFORDER"),
    ({"live": {"boot_status": "Pending"}}, "INOPERATIVE"),
    ({"point": {"status": "DEREGISTERED"}}, "REMOVED"),
    ({"session": True}, "CHARGING"),
    ({"held": True}, "RESERVED"),
]


def test_the_status_of_an_evse_follows_its_charge_point(
    settings: LazySettings, cpo: Organization, site: Site
) -> None:
    """§8.4.22."""
    wanted = {}
    for number, (how, status) in enumerate(STATES):
        point = box(cpo, site, f"BOX-{number}", plugs=1)
        wanted[f"BOX-{number}-1"] = status
        if "status" in how:
            Connector.objects.filter(charge_point=point).update(status=how["status"])
        ChargePointStatus.objects.filter(pk=point.pk).update(**how.get("live", {"boot_status": "Accepted"}))
        ChargePoint.objects.filter(pk=point.pk).update(**how.get("point", {"location": ""}))
        if "session" in how:
            builders.running_session(point)
        if "held" in how:
            Reservation.objects.create(
                organization=cpo, charge_point=point, number=1, evse_number=1, id_tag="X", state="active",
                expires_at=NOW, requested_at=NOW, changed_at=NOW,
            )  # fmt: skip
    ask = Asker(partner(cpo, "EMSP", "2.2.1"), settings)
    (told,) = ask.data("GET", "sender/locations")
    assert {evse["uid"]: evse["status"] for evse in told["evses"]} == wanted


def test_times_move_only_with_the_content(settings: LazySettings, cpo: Organization, site: Site) -> None:
    """§8.2.1.1: what is looked at again and is the same keeps its time; a change goes up to the location."""
    point = box(cpo, site)
    partner(cpo, "EMSP", "2.2.1")
    at = [NOW + timedelta(minutes=minutes) for minutes in range(4)]
    assert places_publish(charge_point_ids=[point.pk], now=at[0])
    assert not places_publish(charge_point_ids=[point.pk], now=at[1])
    assert not all_publish(now=at[1], deep=True)
    Connector.objects.filter(charge_point=point, evse__number=2).update(status="Faulted")
    assert places_publish(charge_point_ids=[point.pk], now=at[2])
    row = Published.objects.get(module="locations")
    first, second = row.payload["evses"]
    assert (row.last_updated, row.payload["last_updated"]) == (at[2], "2026-03-01T12:02:00Z")
    assert (first["last_updated"], second["last_updated"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:02:00Z")
    assert second["connectors"][0]["last_updated"] == "2026-03-01T12:00:00Z"
    assert row.marks["evses"]["BOX-1-2"] == "2026-03-01T12:00:00Z"


def test_what_is_gone_stays_as_removed(settings: LazySettings, cpo: Organization, site: Site) -> None:
    """§8.1: an EVSE that left and a site that became private are REMOVED, not missing."""
    point, other = box(cpo, site), box(cpo, site, "BOX-2", plugs=1)
    ask = Asker(partner(cpo, "EMSP", "2.2.1"), settings)
    ask.data("GET", "sender/locations")
    ChargePoint.objects.filter(pk=other.pk).update(site=None)
    all_publish(now=NOW, deep=True)
    told = {item["id"]: item for item in ask.data("GET", "sender/locations")}
    states = {evse["uid"]: evse["status"] for evse in told[f"site-{site.pk}"]["evses"]}
    assert states == {"BOX-1-1": "AVAILABLE", "BOX-1-2": "AVAILABLE", "BOX-2-1": "REMOVED"}
    assert told[f"cp-{other.pk}"]["publish"] is False
    Site.objects.update(visibility="private")
    places_publish(charge_point_ids=[point.pk], now=NOW)
    gone = ask.data("GET", f"sender/locations/site-{site.pk}")
    assert {evse["status"] for evse in gone["evses"]} == {"REMOVED"}


def test_a_hidden_place_is_not_told_in_2_1_1(settings: LazySettings, cpo: Organization, site: Site) -> None:
    """2.1.1 has no `publish`: what must not be shown cannot be said."""
    Site.objects.update(visibility="hidden")
    box(cpo, site)
    old = Asker(partner(cpo, "EMSP", "2.1.1"), settings)
    new = Asker(partner(cpo, "EMSP", "2.3.0", country_code="BE"), settings)
    assert old.data("GET", "sender/locations") == []
    assert [item["publish"] for item in new.data("GET", "sender/locations")] == [False]


def _told(scripted: ScriptedPartner) -> list[tuple[str, str]]:
    return [(item.method, item.path.split("/DE/EMP/")[1]) for item in scripted.requests]


@pytest.mark.django_db(transaction=True)
def test_a_status_is_patched_and_more_is_put(
    settings: LazySettings, cpo: Organization, site: Site, scripted: ScriptedPartner
) -> None:
    """§8.2.2: the whole first, then EVSEs; many changes while the partner is away become one."""
    point, who = box(cpo, site), partner(cpo, "EMSP", "2.2.1", scripted.url())

    def change(minute: int, status: str, **power: int) -> None:
        now = NOW + timedelta(minutes=minute)
        Connector.objects.filter(charge_point=point, evse__number=1).update(status=status, **power)
        published_offer(rows=places_publish(charge_point_ids=[point.pk], now=now), now=now)

    whole = f"site-{site.pk}"
    change(0, "Available")
    push_all(NOW, who)
    for minute, status in ((1, "Charging"), (2, "Faulted"), (3, "Charging")):
        change(minute, status)
    push_all(NOW + timedelta(minutes=3), who)
    change(4, "Charging", max_power_w=11_000)
    push_all(NOW + timedelta(minutes=4), who)
    assert _told(scripted) == [("PUT", whole), ("PATCH", f"{whole}/BOX-1-1"), ("PUT", f"{whole}/BOX-1-1")]
    assert scripted.requests[1].body == {"status": "CHARGING", "last_updated": "2026-03-01T12:03:00Z"}
    assert Delivery.objects.get().state == "delivered"
    assert not published_offer_missing(now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_partner_that_lost_a_location_gets_the_whole(
    settings: LazySettings, cpo: Organization, site: Site, scripted: ScriptedPartner
) -> None:
    """404 and 2003 on PATCH."""
    point, who = box(cpo, site), partner(cpo, "EMSP", "2.3.0", scripted.url())
    published_offer(rows=places_publish(charge_point_ids=[point.pk], now=NOW), now=NOW)
    push_all(NOW, who)

    def unknown(handler: Handler, request: Recorded) -> None:
        handler.say(Answer(404, 2003))

    scripted.misbehave("PATCH", "locations", unknown)
    later = NOW + timedelta(minutes=1)
    Connector.objects.filter(charge_point=point, evse__number=1).update(status="Charging")
    published_offer(rows=places_publish(charge_point_ids=[point.pk], now=later), now=later)
    push_all(later, who)
    assert [item.method for item in scripted.requests] == ["PUT", "PATCH", "PUT"]
    assert scripted.requests[-1].body["evses"][0]["status"] == "CHARGING"

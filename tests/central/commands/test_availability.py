"""In and out of service: asked for by place, kept as that place's wish (1.6 §5.2, 2.x G03, G04)."""

import pytest
from django.test import Client

from central.models import WantedAvailability
from registry.models import Event
from registry.models.user import Role
from tests.support.handlers import Bench
from tests.support.messages import status
from tests.support.orders import answered, built, placed
from tests.support.world import staff

V2 = ["2.0.1", "2.1"]


def wishes(charge_point):
    rows = WantedAvailability.objects.filter(charge_point=charge_point)
    return [(row.evse_number, row.connector_number, row.wanted, row.scheduled) for row in rows]


@pytest.mark.parametrize(
    ("place", "in_1_6", "in_2"),
    [
        ({}, {"connectorId": 0}, {}),
        ({"evse_number": 2}, {"connectorId": 2}, {"evse": {"id": 2}}),
        (
            {"evse_number": 2, "connector_number": 1},
            {"connectorId": 2},
            {"evse": {"id": 2, "connectorId": 1}},
        ),
    ],
)
def test_each_place_in_each_version(place, in_1_6, in_2, charge_point):
    command = placed(charge_point, "availability", available="Inoperative", **place)
    assert built("1.6", command) == ("ChangeAvailability", in_1_6 | {"type": "Inoperative"})
    for version in V2:
        expected = in_2 | {"operationalStatus": "Inoperative"}
        assert built(version, command) == ("ChangeAvailability", expected)


@pytest.mark.parametrize("version", ["1.6", *V2])
@pytest.mark.parametrize(
    ("status", "yes", "kept"),
    [
        ("Accepted", True, [(1, 0, "Inoperative", False)]),
        ("Scheduled", True, [(1, 0, "Inoperative", True)]),
        ("Rejected", False, []),
    ],
)
def test_what_it_agreed_to_is_kept(version, status, yes, kept, charge_point):
    """G04.FR.06: Scheduled waits for the end of a session."""
    command = placed(charge_point, "availability", available="Inoperative", evse_number=1)
    assert answered(version, command, {"status": status}) is yes
    assert wishes(charge_point) == kept
    assert Event.objects.filter(kind="availability.wanted").count() == len(kept)


def test_the_latest_wish_of_a_place_counts_and_places_are_independent(charge_point):
    """G04.FR.08: the whole in service again lets each part go back to its own."""
    for available, place in [
        ("Inoperative", {}),
        ("Inoperative", {"evse_number": 1, "connector_number": 2}),
        ("Operative", {}),
        ("Operative", {}),
    ]:
        command = placed(charge_point, "availability", available=available, **place)
        assert answered("2.0.1", command, {"status": "Accepted"})
    assert wishes(charge_point) == [(0, 0, "Operative", False), (1, 2, "Inoperative", False)]


def test_an_impossible_number_is_sent_and_not_kept(charge_point):
    command = placed(charge_point, "availability", available="Operative", evse_number=2**31 - 1)
    assert built("1.6", command)[1]["connectorId"] == 2**31 - 1
    assert answered("1.6", command, {"status": "Accepted"})
    assert wishes(charge_point) == []


def test_a_wish_is_seen_in_rest_and_on_the_page(organization, charge_point):
    command = placed(charge_point, "availability", available="Inoperative", evse_number=1)
    answered("1.6", command, {"status": "Scheduled"})
    Bench(charge_point, "1.6").call(*status("1.6", 1, "Charging"))
    client = Client()
    client.force_login(staff(organization, Role.VIEWER))
    (row,) = client.get("/api/wanted-availability/", {"charge_point": charge_point.cp_id}).json()["results"]
    assert (row["wanted"], row["scheduled"], row["evse_number"]) == ("Inoperative", True, 1)
    page = client.get(f"/admin/registry/chargepoint/{charge_point.pk}/change/").content.decode()
    assert "Out after the session" in page

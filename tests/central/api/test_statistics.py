"""REST: statistics of charge points, sites and organisations."""

from datetime import timedelta

import pytest
from django.test import Client

from central.models import MeterValue, OfflineSpan, Session, StatusChange
from central.services.connections import Closing, Opening, connection_close, connection_open
from registry.models import ChargePoint, Organization
from registry.models.user import Role
from tests.support.world import NOW, furnish, staff

DAY = "period=day&from=2026-03-02T00:00:00Z&to=2026-03-04T00:00:00Z&time_zone=UTC"
BEGIN = NOW.replace(hour=0)


@pytest.fixture
def world(db):
    own = Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)
    made = furnish(own, "AMBER", 2)
    ChargePoint.objects.update(registered_at=BEGIN)
    StatusChange.objects.all().delete()
    OfflineSpan.objects.all().delete()
    Session.objects.update(started_at=NOW, ended_at=NOW + timedelta(hours=2))
    _say(made.one(ChargePoint), 0, (1, "Available"), (2, "Available"))
    _say(made.one(ChargePoint), 12, (1, "Faulted"))
    _say(made.one(ChargePoint), 18, (1, "Available"))
    return made


@pytest.fixture
def api(world):
    client = Client()
    client.force_login(staff(world.organization, Role.PARTNER))
    return client


def _say(point, hour, *places):
    for evse, status in places:
        at = BEGIN + timedelta(hours=hour)
        StatusChange.objects.create(
            charge_point=point, evse_number=evse, connector_number=1, status=status, at=at, received_at=at
        )


def test_a_charger_s_day_in_figures(world, api):
    point = world.one(ChargePoint)
    OfflineSpan.objects.create(
        charge_point=point, began_at=BEGIN + timedelta(hours=18, minutes=0), ended_at=None
    )
    answer = api.get(f"/api/chargers/{point.cp_id}/statistics?{DAY}").json()
    assert (answer["period"], answer["time_zone"], answer["group_by"]) == ("day", "UTC", "charge_point")
    found = answer["results"][0]
    assert (found["group"], found["charge_points"], found["evses"]) == ("AMBER-0", 1, 2)
    first, second = found["periods"]
    assert (first["sessions"], first["energy_wh"], first["faults"]) == (1, 1000, 1)
    # 2 EVSEs x 24 h: 12 + 18 h available, 6 h faulted, 12 h offline; a session of 2 h; 11 kW all the time.
    assert first["seconds"] == {"available": 30 * 3600, "faulted": 6 * 3600, "offline": 12 * 3600}
    assert first["availability_percent"] == pytest.approx(62.5)
    assert first["utilisation_percent"] == pytest.approx(100 * 2 / 48, abs=0.001)
    assert first["peak_power_w"] == 11_000
    assert (second["sessions"], second["availability_percent"], second["peak_power_w"]) == (0, 0, None)
    assert found["uptime"]["uk_pcpr_2023_percent"] == pytest.approx(93.75)
    assert found["uptime"]["us_23_cfr_680_116_percent"] == pytest.approx(31.25)
    assert found["total"]["sessions"] == 1


def test_the_same_figures_by_site_and_together(world, api):
    together = api.get(f"/api/statistics?{DAY}").json()["results"]
    assert [(each["group"], each["charge_points"], each["total"]["sessions"]) for each in together] == [
        (None, 2, 2)
    ]
    assert together[0]["total"]["peak_power_w"] == 22_000
    by_site = api.get(f"/api/statistics/?{DAY}&group_by=site").json()["results"]
    assert [(each["name"], each["total"]["energy_wh"]) for each in by_site] == [
        ("AMBER-0", 1000),
        ("AMBER-1", 1000),
    ]
    site = by_site[1]["group"]
    only = api.get(f"/api/statistics?{DAY}&site={site}&group_by=charge_point").json()["results"]
    assert [each["group"] for each in only] == ["AMBER-1"]


def test_statistics_need_few_statements_whatever_the_number_of_chargers(
    world, api, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        api.get(f"/api/statistics?{DAY}&group_by=charge_point")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=year", "period"),
        ("time_zone=Mars", "time_zone"),
        ("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "from"),
        ("period=hour&from=2020-01-01T00:00:00Z", "period"),
        ("to=0001-01-01T00:00:00Z", "to"),
        ("site=-1", "site"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(world, api, query, field):
    answer = api.get(f"/api/statistics?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_foreign_sites_and_groups_count_for_nothing(world, api):
    foreign = furnish(Organization.objects.create(name="Basalt Power", slug="basalt"), "BASALT")
    site = foreign.one(ChargePoint).site_id
    assert api.get(f"/api/statistics?{DAY}&site={site}").json()["results"] == []
    assert api.get(f"/api/chargers/BASALT-0/statistics?{DAY}").status_code == 404


def test_what_was_said_before_still_holds(world, api):
    """A charger that is silent about its state for months keeps it."""
    later = "period=day&from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z&time_zone=UTC"
    found = api.get(f"/api/chargers/AMBER-0/statistics?{later}").json()["results"][0]["periods"][0]
    assert found["availability_percent"] == 100


def test_a_lost_connection_is_kept_with_its_end(world):
    point = world.one(ChargePoint)
    owner = point.live.connection_id
    assert connection_close(Closing(point.pk, owner, NOW))
    connection_open(Opening(point.pk, owner, "1.6", "", NOW + timedelta(minutes=7)))
    span = OfflineSpan.objects.get()
    assert (span.began_at, span.ended_at) == (NOW, NOW + timedelta(minutes=7))


def test_meter_values_without_power_make_no_peak(world, api):
    MeterValue.objects.update(power_w=None)
    assert api.get(f"/api/statistics?{DAY}").json()["results"][0]["total"]["peak_power_w"] is None

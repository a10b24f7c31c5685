"""Groups of charge points: by hand, by rule, always against the present; their pages and resources."""

import pytest
from django.test import Client
from django.urls import reverse

from central.models import ChargePointStatus
from central.selectors.groups import groups_of, members_of
from registry.models import AuditEntry, ChargePointGroup, Site
from registry.models.user import Role
from tests.support.handlers import charge_point_create
from tests.support.world import staff


@pytest.fixture
def reported(organization, site):
    """A charge point that reported what it is."""

    def make(cp_id, vendor="Volta", model="V2", firmware="1.4.2", place=site):
        point = charge_point_create(organization, cp_id, site=place)
        ChargePointStatus.objects.create(
            charge_point=point, vendor=vendor, model=model, firmware_version=firmware
        )
        return point

    return make


@pytest.fixture
def group(organization):
    def make(name="All", **rule):
        return ChargePointGroup.objects.create(organization=organization, name=name, **rule)

    return make


def names(group):
    return sorted(members_of(group).values_list("cp_id", flat=True))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, []),
        ({"rule_vendor": "volta"}, ["A", "B", "C"]),
        ({"rule_model": "v2"}, ["A", "B", "D"]),
        ({"rule_firmware": "1.4"}, ["A", "D"]),
        ({"rule_vendor": "Volta", "rule_firmware": "1.4"}, ["A"]),
        ({"rule_vendor": "Volt"}, []),
        ({"rule_firmware": "1%"}, []),
    ],
)
def test_a_rule_takes_who_fits_all_of_it(reported, group, rule, expected):
    points = [
        reported("A"),
        reported("B", firmware="2.0"),
        reported("C", model="V3", firmware="0.9"),
        reported("D", vendor="Ohm"),
    ]
    made = group(**rule)
    assert names(made) == expected
    assert [point.cp_id for point in points if made in groups_of(point)] == expected


def test_a_rule_may_be_a_place(organization, reported, group, site):
    reported("A")
    reported("B", place=Site.objects.create(organization=organization, name="Depot"))
    reported("C", place=None)
    assert names(group(rule_site=site)) == ["A"]


def test_hand_and_rule_together_name_nobody_twice(organization, reported, group):
    fits, other = reported("A"), charge_point_create(organization, "B")
    made = group(rule_vendor="Volta")
    made.members.add(fits, other)
    assert names(made) == ["A", "B"]
    assert list(groups_of(other)) == [made]


def test_who_changes_belongs_elsewhere_at_once(reported, group):
    point = reported("A")
    old, new = group("old", rule_firmware="1."), group("new", rule_firmware="2.")
    assert list(groups_of(point)) == [old]
    ChargePointStatus.objects.update(firmware_version="2.0")
    assert list(groups_of(point)) == [new]


def test_a_rule_ends_at_the_organisation(stranger_organization, reported, group):
    foreign = charge_point_create(stranger_organization, "X")
    ChargePointStatus.objects.create(charge_point=foreign, vendor="Volta")
    made = group(rule_vendor="Volta")
    made.members.add(foreign)
    assert names(made) == []
    assert list(groups_of(foreign)) == []


def client_of(organization, role=Role.OPERATOR):
    client = Client()
    client.force_login(staff(organization, role))
    return client


def test_a_group_is_made_changed_and_deleted_through_rest(organization, reported):
    reported("A")
    client, url = client_of(organization), "/api/charge-point-groups/"
    body = {"name": "Volta", "rule_vendor": "Volta", "members": ["A"]}
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    own = f"{url}{answer.json()['id']}/"
    assert client.get(f"{own}members/").json() == ["A"]
    answer = client.patch(own, {"rule_vendor": "", "members": []}, content_type="application/json")
    assert (answer.status_code, client.get(f"{own}members/").json()) == (200, [])
    assert client.post(url, body | {"name": "Volta"}, content_type="application/json").status_code == 400
    assert client.delete(own).status_code == 204
    acts = set(AuditEntry.objects.values_list("action", flat=True))
    assert {f"chargepointgroup.{verb}" for verb in ("added", "changed", "deleted")} <= acts


def test_a_group_takes_no_charge_point_of_another_organisation(organization, stranger_organization):
    charge_point_create(stranger_organization, "X")
    answer = client_of(organization).post(
        "/api/charge-point-groups/", {"name": "G", "members": ["X"]}, content_type="application/json"
    )
    assert answer.status_code == 400
    assert "members" in answer.json()["fields"]


def test_who_only_looks_makes_no_group(organization):
    client = client_of(organization, Role.VIEWER)
    assert client.get("/api/charge-point-groups/").status_code == 200
    answer = client.post("/api/charge-point-groups/", {"name": "G"}, content_type="application/json")
    assert answer.status_code == 403
    assert client.get(reverse("admin:registry_chargepointgroup_add")).status_code == 403


def test_charge_points_are_listed_by_group(organization, reported, group):
    reported("A")
    reported("B", vendor="Ohm")
    made, client = group(rule_vendor="Volta"), client_of(organization)
    listed = client.get("/api/charge-points/", {"group": made.pk}).json()["results"]
    assert [each["cp_id"] for each in listed] == ["A"]
    assert client.get("/api/charge-points/", {"group": 999}).json()["results"] == []
    page = client.get(reverse("admin:registry_chargepoint_changelist"), {"group": made.pk})
    assert b">A<" in page.content
    assert b">B<" not in page.content


def test_a_group_is_made_on_its_page_and_tells_who_belongs(organization, reported):
    point, client = reported("A"), client_of(organization)
    body = {"name": "Volta", "rule_vendor": "Volta", "members": [point.pk], "_save": "1"}
    assert client.post(reverse("admin:registry_chargepointgroup_add"), body).status_code == 302
    made = ChargePointGroup.objects.get(name="Volta")
    assert made.organization == organization
    page = client.get(reverse("admin:registry_chargepointgroup_change", args=[made.pk])).content.decode()
    assert "vendor Volta" in page
    assert ">A<" in page

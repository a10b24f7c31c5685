"""Bulk commands through REST and on their pages: planned, confirmed, followed, cancelled."""

import pytest
from django.test import Client
from django.urls import reverse

from central.models import BulkCommand, ChargePointStatus, Command
from registry.models import ChargePoint, ChargePointGroup, User
from registry.models.user import Role
from tests.support.handlers import charge_point_create
from tests.support.world import staff

URL = "/api/bulk-commands/"
HOW = {"how-reason": "", "how-valid_minutes": "5", "how-attempts": "1"}


@pytest.fixture
def office(organization):
    def make(role=Role.OPERATOR):
        client = Client()
        known = User.objects.filter(username=f"{role}-{organization.slug}").first()
        client.force_login(known or staff(organization, role))
        return client

    return make


@pytest.fixture
def fleet(organization):
    for cp_id, version in [("A", "1.6"), ("B", "2.1")]:
        point = charge_point_create(organization, cp_id)
        ChargePointStatus.objects.create(charge_point=point, ocpp_version=version, model="V2")


def planned(client, **changes):
    body = {"order": "transaction_status", "selection": {"model": "V2"}} | changes
    return client.post(URL, body, content_type="application/json")


def test_from_the_plan_to_the_answers(fleet, office):
    client = office()
    answer = planned(client, reason="audit", valid_seconds=600, attempts=2)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    own = f"{URL}{made['uid']}/"
    assert client.get(answer["Location"]).json() == made
    assert (made["state"], made["progress"]["waiting"], made["progress"]["skipped"]) == ("planned", 1, 1)
    assert not Command.objects.exists()
    assert client.post(f"{own}confirm/").json()["state"] == "done"
    targets = client.get(f"{own}targets/").json()["results"]
    assert sorted((each["charge_point"], each["state"], each["command_state"]) for each in targets) == [
        ("A", "skipped", None),
        ("B", "ordered", "queued"),
    ]
    command = Command.objects.get()
    assert (command.source, command.max_attempts) == ("bulk", 2)
    shown = client.get(f"/api/commands/{command.uid}/").json()
    assert shown["bulk"] == made["uid"]
    assert client.post(f"{own}confirm/").status_code == 409
    assert client.post(f"{own}cancel/").json()["progress"]["cancelled"] == 1
    assert client.get(URL, {"state": "cancelled"}).json()["results"][0]["uid"] == made["uid"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"order": "explode"}, "order"),
        ({"selection": {}}, "selection"),
        ({"selection": {"site": 9}}, "site"),
        ({"params": {"x": 1}}, "x"),
    ],
)
def test_a_wrong_plan_names_its_field(fleet, office, changes, field):
    answer = planned(office(), **changes)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PARTNER])
def test_who_only_looks_plans_nothing(fleet, office, role):
    assert planned(office(role)).status_code == 403
    bulk = planned(office()).json()["uid"]
    for verb in ("confirm", "cancel"):
        assert office(role).post(f"{URL}{bulk}/{verb}/").status_code == 403
    assert office(role).get(reverse("admin:central_bulkcommand_add")).status_code == 403


def test_it_is_planned_and_confirmed_on_its_pages(fleet, office, organization):
    client, add = office(), reverse("admin:central_bulkcommand_add")
    group = ChargePointGroup.objects.create(organization=organization, name="All of V2", rule_model="V2")
    listed = client.get(add, {"group": group.pk}).content.decode()
    assert f"?group={group.pk}&amp;order=reset" in listed
    assert "order=raw" not in listed
    form = client.get(add, {"group": group.pk, "order": "reset"}).content.decode()
    assert f'<option value="{group.pk}" selected' in form
    answer = client.post(f"{add}?order=reset", HOW | {"kind": "gentle", "to-group": group.pk})
    bulk = BulkCommand.objects.get()
    assert answer["Location"] == reverse("admin:central_bulkcommand_change", args=[bulk.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "2 charge points, 0 skipped. Nothing has left yet: confirm it." in page
    assert "All of V2" in page
    confirm = reverse("admin:central_bulkcommand_confirm", args=[bulk.pk])
    assert "every charge point that is not skipped" in client.get(confirm).content.decode()
    assert not Command.objects.exists()
    client.post(confirm)
    assert Command.objects.filter(source="bulk").count() == 2
    page = client.get(answer["Location"]).content.decode()
    assert "0 of 2" in page
    command = Command.objects.all()[0]
    assert (
        "a bulk command"
        in client.get(reverse("admin:central_command_change", args=[command.pk])).content.decode()
    )


def test_the_ways_to_it_lead_from_groups_and_chosen_charge_points(fleet, office, organization):
    client, add = office(), reverse("admin:central_bulkcommand_add")
    group = ChargePointGroup.objects.create(organization=organization, name="All of V2", rule_model="V2")
    page = client.get(reverse("admin:registry_chargepointgroup_change", args=[group.pk])).content.decode()
    assert f"{add}?group={group.pk}" in page
    chosen = list(ChargePoint.objects.order_by("cp_id").values_list("pk", flat=True))
    body = {"action": "order_for_chosen", "_selected_action": chosen}
    answer = client.post(reverse("admin:registry_chargepoint_changelist"), body)
    assert answer["Location"] == f"{add}?charge_points=A%2CB"
    form = client.get(f"{answer['Location']}&order=reset").content.decode()
    assert "A,B</textarea>" in form
    assert (
        "order_for_chosen"
        not in office(Role.VIEWER).get(reverse("admin:registry_chargepoint_changelist")).content.decode()
    )


def test_a_plan_that_fits_nobody_says_so(fleet, office):
    add = reverse("admin:central_bulkcommand_add")
    answer = office().post(f"{add}?order=reset", HOW | {"kind": "gentle", "to-model": "Nothing"})
    assert answer.status_code == 400
    assert "No charge point fits" in answer.content.decode()
    empty = office().post(f"{add}?order=reset", HOW | {"kind": "gentle"})
    assert "Say which charge points" in empty.content.decode()
    named = HOW | {"kind": "gentle", "to-charge_points": "A,\nB"}
    assert office().post(f"{add}?order=reset", named).status_code == 302
    assert BulkCommand.objects.get().selection == {"charge_points": ["A", "B"]}

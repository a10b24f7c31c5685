"""Pages and REST of groups of tags: limits in plain words, and what of a budget is used."""

import pytest
from django.test import Client

from central.models import IdTokenGroup
from registry.models import AuditEntry, Organization, Site
from registry.models.user import Role
from tests.support.handlers import Bench, charge_point_create, token_create
from tests.support.world import staff

pytestmark = pytest.mark.django_db
PAGES, REST = "/admin/central/idtokengroup/", "/api/id-token-groups/"


@pytest.fixture
def own():
    return Organization.objects.create(name="Amber", slug="amber", is_default=True)


def client_of(own, role=Role.OPERATOR):
    client = Client()
    client.force_login(staff(own, role))
    return client


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


def test_a_group_is_made_with_limits_and_shows_what_is_used(own):
    client = client_of(own)
    form = {
        "uid": "FLEET",
        "name": "Fleet",
        "hours": "mon-fri 07:00-19:00",
        "energy_kwh": "12.5",
        "energy_period": "month",
        "money_budget": "100",
        "money_period": "week",
    }
    client.post(f"{PAGES}add/", form)
    group = IdTokenGroup.objects.get()
    assert (group.energy_budget_wh, group.hours) == (12_500, "Mon-Fri 07:00-19:00")
    token_create(own, group=group)
    IdTokenGroup.objects.update(hours="")
    session = Bench(charge_point_create(own), "1.6", group.created_at)
    session.call(*session.begin().meter(13_000, session.now))
    page = text(client.get(f"{PAGES}{group.pk}/change/"))
    assert "12.500 kWh a month" in page
    assert "13.000 kWh" in page
    assert "Budget used up" in page
    assert "12.500 kWh a month" in text(client.get(PAGES))
    assert "TAG-1" in page
    edit = text(client.get(f"{PAGES}{group.pk}/edit/"))
    assert 'value="12.5"' in edit


def test_wrong_limits_are_refused_with_the_field(own):
    client = client_of(own)
    foreign = Site.objects.create(
        organization=Organization.objects.create(name="Basalt", slug="basalt"), name="There"
    )
    for body, field in (
        ({"hours": "soon"}, "hours"),
        ({"money_budget": "-1"}, "money_budget"),
        ({"energy_budget_wh": -1}, "energy_budget_wh"),
        ({"energy_period": "year"}, "energy_period"),
        ({"sites": [foreign.pk]}, "sites"),
    ):
        answer = client.post(REST, {"uid": "FLEET"} | body, content_type="application/json")
        assert answer.status_code == 400, body
        assert list(answer.json()["fields"]) == [field]
    page = client.post(
        f"{PAGES}add/",
        {"uid": "F", "hours": "soon", "money_budget": -1, "energy_period": "day", "money_period": "day"},
    )
    assert "is not understood" in page.content.decode()
    assert "A budget is 0 or more" in page.content.decode()


def test_rest_writes_limits_and_tells_the_usage(own):
    client = client_of(own)
    site = Site.objects.create(organization=own, name="Here")
    body = {"uid": "FLEET", "sites": [site.pk], "hours": "Sat 09:00-12:00", "money_budget": "20.5"}
    made = client.post(REST, body, content_type="application/json").json()
    assert (made["sites"], made["hours"], made["money_budget"]) == ([site.pk], "Sat 09:00-12:00", "20.500")
    (usage,) = client.get(f"{REST}{made['id']}/usage/").json()
    assert (usage["unit"], usage["limit"], usage["left"], usage["period"]) == (
        "EUR",
        "20.5000",
        "20.5000",
        "month",
    )
    changed = client.patch(
        f"{REST}{made['id']}/", {"money_budget": None, "hours": ""}, content_type="application/json"
    )
    assert changed.json()["money_budget"] is None
    assert client.get(f"{REST}{made['id']}/usage/").json() == []
    assert AuditEntry.objects.filter(action="idtokengroup.changed").count() == 1
    viewer = client_of(own, Role.VIEWER)
    assert viewer.get(f"{REST}{made['id']}/usage/").status_code == 200
    assert viewer.patch(f"{REST}{made['id']}/", {}, content_type="application/json").status_code == 403

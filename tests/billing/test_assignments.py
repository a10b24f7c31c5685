"""REST and pages of tariffs in force: who may, what is told, and the answer to "which tariff, and why"."""

from typing import Any

import pytest

from billing.models import TariffAssignment
from billing.services.tariffs import tariff_assign
from central.models import Connector, Evse, IdToken, IdTokenGroup
from registry.models import AuditEntry, Party, Site
from tests.billing.builders import (
    FEE,
    LONG_AGO,
    START,
    charge_point,
    default_tariff,
    organization,
    running_session,
    tariff,
)
from tests.billing.test_admin import signed_in, text
from tests.billing.test_api import client_of

PATH, WHICH = "/api/tariff-assignments/", "/api/tariffs/applicable/"
PAGES = "/admin/billing/tariffassignment/"


@pytest.fixture
def owner(db):
    made = organization()
    box = charge_point(made, site=Site.objects.create(organization=made, name="Yard"))
    evse = Evse.objects.create(charge_point=box, number=1)
    Connector.objects.create(charge_point=box, evse=evse, number=1)
    fleet = IdTokenGroup.objects.create(organization=made, uid="FLEET", name="Fleet")
    IdToken.objects.create(organization=made, uid="T1", group=fleet)
    Party.objects.create(organization=made, country_code="NL", party_id="TNM", role="EMSP", name="TNM")
    default_tariff(made, tariff_id="ORG")
    tariff(made, FEE, tariff_id="FLEET")
    return made


def test_a_tariff_is_put_in_force_ended_and_audited(owner):
    client = client_of(owner, "admin")
    body = {"tariff": "FLEET", "connector": "BOX-1/1/1", "group": "FLEET"}
    made = client.post(PATH, body, format="json")
    assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["where"], told["whom"]) == ("connector BOX-1/1/1", "tags of the group Fleet")
    listed = client.get(PATH, {"charge_point": "BOX-1", "in_force": "true"}).json()["results"]
    assert [each["id"] for each in listed] == [told["id"]]
    ended = client.post(f"{PATH}{told['id']}/end/").json()
    assert ended["valid_until"] is not None
    assert client.get(PATH, {"group": "FLEET", "in_force": "true"}).json()["results"] == []
    actions = AuditEntry.objects.filter(action__startswith="tariff.").values_list("action", flat=True)
    assert set(actions) == {"tariff.assigned", "tariff.assignment_ended"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tariff": "NOPE"}, "tariff"),
        ({"tariff": "FLEET", "connector": "BOX-1/9/1"}, "connector"),
        ({"tariff": "FLEET", "party": "DE-NIX"}, "party"),
        ({"tariff": "FLEET", "charge_point": "BOX-1", "connector": "BOX-1/1"}, "charge_point"),
        ({"tariff": "FLEET", "valid_until": "2026-03-01T00:00:00Z"}, "valid_until"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(owner, body, field):
    answer = client_of(owner, "admin").post(PATH, body, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_only_who_manages_tariffs_writes(owner):
    row = TariffAssignment.objects.get()
    for role in ("operator", "viewer"):
        client = client_of(owner, role)
        assert client.get(PATH).status_code == 200
        assert client.post(PATH, {"tariff": "FLEET"}, format="json").status_code == 403
        assert client.post(f"{PATH}{row.pk}/end/").status_code == 403
    assert client_of(owner, "partner").get(PATH).status_code == 403
    assert client_of(organization("other"), "admin").get(f"{PATH}{row.pk}/").status_code == 404


def test_which_tariff_applies_and_why(owner):
    fleet = IdTokenGroup.objects.get()
    made = owner.tariffs.get(tariff_id="FLEET")
    tariff_assign(organization=owner, tariff=made, token_group=fleet, valid_from=LONG_AGO, now=START)
    client = client_of(owner)
    here: dict[str, Any] = {"charge_point": "BOX-1", "evse": 1, "at": "2026-03-01T08:00:00Z"}
    everybody, tag = client.get(WHICH, here).json(), client.get(WHICH, here | {"id_token": "t1"}).json()
    assert (everybody["tariff"], tag["tariff"]) == ("ORG", "FLEET")
    assert tag["summary"] == "1 EUR to start, plus VAT"
    assert tag["why"] == "In force for all of Acme, tags of the group Fleet; that goes before all of Acme."
    assert [each["verdict"] for each in everybody["considered"]] == ["applies", "other_tokens"]
    group = client.get(WHICH, here | {"group": "FLEET"}).json()
    assert group["considered"] == tag["considered"]
    session = running_session(owner.charge_points.get(), id_token=IdToken.objects.get(), token_group=fleet)
    assert client.get(WHICH, {"session": str(session.uid)}).json()["tariff"] == "FLEET"


@pytest.mark.parametrize("name", ["charge_point", "session", "id_token", "group", "party"])
def test_unknown_things_are_named(owner, name):
    asked = {"charge_point": "BOX-1"} | {name: "00000000-0000-4000-8000-000000000000"[:36]}
    asked[name] = asked[name] if name != "party" else "DE-NIX"
    answer = client_of(owner).get(WHICH, asked)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [name]


def test_pages_put_in_force_and_end(owner):
    client = signed_in(owner, "admin")
    chosen = {
        "tariff": owner.tariffs.get(tariff_id="FLEET").pk,
        "connector": "BOX-1/1/1",
        "party": Party.objects.get().pk,
    }
    page = text(client.post(f"{PAGES}add/", chosen, follow=True))
    assert "connector BOX-1/1/1" in page
    assert "tags of the partner TNM" in page
    assert "connector BOX-1/1/1" in text(client.get(PAGES, {"state": "now"}))
    made = TariffAssignment.objects.exclude(party=None).get()
    assert "It has ended" in text(client.post(f"{PAGES}{made.pk}/do/end/", follow=True))
    wrong = client.post(f"{PAGES}add/", chosen | {"connector": "BOX-1/7/1"})
    assert "no such connector" in wrong.content.decode()
    assert signed_in(owner, "operator").post(f"{PAGES}add/", chosen).status_code == 403


def test_pages_of_charge_point_and_session_say_which_tariff_and_why(owner):
    box = owner.charge_points.get()
    session = running_session(box)
    client = signed_in(owner, "viewer")
    assert "In force for all of Acme." in text(client.get(f"/admin/registry/chargepoint/{box.pk}/change/"))
    page = text(client.get(f"/admin/central/session/{session.pk}/change/"))
    assert "Why this one" in page
    assert "0.50 EUR/kWh" in page


def test_page_answers_which_tariff_applies_and_why(owner):
    fleet = IdTokenGroup.objects.get()
    made = owner.tariffs.get(tariff_id="FLEET")
    tariff_assign(organization=owner, tariff=made, token_group=fleet, valid_from=LONG_AGO, now=START)
    client = signed_in(owner, "viewer")
    page = text(client.get(f"{PAGES}which/", {"charge_point": "BOX-1", "id_token": "T1"}))
    assert "1 EUR to start, plus VAT" in page
    assert "that goes before all of Acme." in page
    session = running_session(owner.charge_points.get())
    assert "In force for all of Acme." in text(client.get(f"{PAGES}which/", {"session": str(session.uid)}))
    assert "There is no such thing" in text(client.get(f"{PAGES}which/", {"charge_point": "BOX-9"}))
    assert "Which tariff applies?" in text(client.get(f"{PAGES}which/", {"session": "nonsense"}))
    assert signed_in(owner, "partner").get(f"{PAGES}which/").status_code == 403

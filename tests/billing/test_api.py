"""REST of billing: read-only, by organisation and role."""

import pytest
from rest_framework.test import APIClient

from billing.services.cdrs import cdr_create
from tests.billing.builders import ENERGY, FEE, at, charge_point, default_tariff, ended_session, organization
from tests.support.registry import CENTRAL_HOST, person

pytestmark = pytest.mark.django_db


def client_of(owner, role: str = "viewer") -> APIClient:
    client = APIClient(HTTP_HOST=CENTRAL_HOST)
    client.force_authenticate(person(owner, role))
    return client


@pytest.fixture
def owner():
    made = organization()
    default_tariff(made, FEE, ENERGY)
    return made


def cdr_of(owner, number: int = 0):
    session = ended_session(charge_point(owner, f"BOX-{owner.slug}-{number}"))
    return cdr_create(session_id=session.pk, now=at(61))


def test_cdr_has_its_total_and_why(owner):
    cdr = cdr_of(owner)
    found = client_of(owner).get("/api/cdrs").json()["results"]
    assert [each["id"] for each in found] == [cdr.cdr_id]
    assert found[0]["total_cost"] == {"excl_vat": "6.0000", "incl_vat": "7.2000"}
    assert found[0]["session"] == str(cdr.session.uid)
    assert [line["why"] for line in found[0]["lines"]] == ["once for each session", "10 kWh at 0.50 EUR/kWh"]
    assert client_of(organization("other")).get(f"/api/cdrs/{cdr.cdr_id}").status_code == 404


def test_cdr_by_id_and_by_filter(owner):
    cdr, other = cdr_of(owner), cdr_of(owner, 1)
    client = client_of(owner, "operator")
    assert client.get(f"/api/cdrs/{cdr.cdr_id}/").json()["energy_wh"] == 10_000
    found = client.get("/api/cdrs", {"charge_point": "BOX-acme-1", "from": at(60).isoformat()}).json()[
        "results"
    ]
    assert [each["id"] for each in found] == [other.cdr_id]
    for nothing in ({"needs_review": "true"}, {"to": at(60).isoformat()}, {"kind": "credit"}):
        assert client.get("/api/cdrs", nothing).json()["results"] == []


def test_tariff_has_its_versions_in_words(owner):
    (found,) = client_of(owner).get("/api/tariffs").json()["results"]
    assert found["tariff_id"] == "T1"
    assert found["versions"][0]["summary"] == "1 EUR to start, 0.50 EUR/kWh, plus VAT"
    assert found["versions"][0]["elements"][0]["price_components"][1]["price"] == 0.5


@pytest.mark.parametrize("address", ["/api/tariffs", "/api/cdrs"])
def test_nothing_can_be_written(owner, address):
    client = client_of(owner, "admin")
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(address, {}, format="json").status_code in {403, 405}


@pytest.mark.parametrize("address", ["/api/tariffs", "/api/cdrs"])
def test_strangers_see_nothing(owner, address):
    cdr_of(owner)
    assert APIClient(HTTP_HOST=CENTRAL_HOST).get(address).status_code in {401, 403}
    assert client_of(organization("other")).get(address).json()["results"] == []
    assert client_of(None, "admin").get(address).status_code == 403


def test_partner_reads_tariffs_but_no_cdrs(owner):
    partner = client_of(owner, "partner")
    assert partner.get("/api/tariffs").status_code == 200
    assert partner.get("/api/cdrs").status_code == 403


def test_list_of_cdrs_takes_the_same_queries_for_one_as_for_many(owner, django_assert_max_num_queries):
    for number in range(10):
        cdr_of(owner, number)
    client = client_of(owner)
    with django_assert_max_num_queries(3):
        assert len(client.get("/api/cdrs").json()["results"]) == 10

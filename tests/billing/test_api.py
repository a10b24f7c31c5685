"""REST of billing: read-only, by organisation and role."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from billing.services.cdrs import cdr_create
from registry.models import AuditEntry
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


PRICED = {
    "tariff": {"currency": "EUR", "elements": [{"price_components": [ENERGY]}]},
    "cdr": {
        "currency": "EUR",
        "start_date_time": "2026-01-13T14:30:00Z",
        "end_date_time": "2026-01-13T15:30:00Z",
        "charging_periods": [
            {"start_date_time": "2026-01-13T14:30:00Z", "dimensions": [{"type": "ENERGY", "volume": 20}]}
        ],
    },
}


def test_a_tariff_is_tried_on_a_session(owner):
    client = client_of(owner)
    answer = client.post("/api/tariffs/price", PRICED, format="json")
    assert answer.status_code == 200
    body = answer.json()
    assert body["total_cost"] == {"excl_vat": 10, "incl_vat": 12}
    assert [(line["quantity"], line["why"]) for line in body["lines"]] == [(20, "20 kWh at 0.50 EUR/kWh")]
    native = PRICED | {"native": True, "version": "2.3.0"}
    total = client.post("/api/tariffs/price/", native, format="json").json()["total_cost"]
    assert total == {"before_taxes": 10, "taxes": [{"name": "VAT", "percentage": 20, "amount": 2}]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tariff": {"currency": "EUR"}}, "tariff.elements"),
        ({"cdr": PRICED["cdr"] | {"charging_periods": []}}, "cdr.charging_periods"),
        ({"cdr": PRICED["cdr"] | {"currency": "SEK"}}, "cdr.currency"),
        ({"time_zone": "Mars/X"}, "time_zone"),
        ({"cdr": 7}, "cdr"),
        ({"version": "9"}, "version"),
    ],
)
def test_what_cannot_be_priced_names_the_field(owner, change, field):
    answer = client_of(owner).post("/api/tariffs/price", PRICED | change, format="json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert field in answer.json()["fields"]


def test_a_wrong_year_does_not_keep_the_server_busy(owner):
    """A session of centuries by the hours of a day: refused at once."""
    tariff: Any = PRICED["tariff"]
    element = tariff["elements"][0] | {"restrictions": {"start_time": "08:00", "end_time": "20:00"}}
    change = {
        "tariff": tariff | {"elements": [element]},
        "cdr": PRICED["cdr"] | {"end_date_time": "9026-01-13T15:30:00Z"},
    }
    answer = client_of(owner).post("/api/tariffs/price", PRICED | change, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["cdr"])


def test_nobody_prices_without_an_account(owner):
    client = APIClient(HTTP_HOST=CENTRAL_HOST)
    assert client.post("/api/tariffs/price", PRICED, format="json").status_code == 401
    known = client_of(owner)
    assert known.get("/api/tariffs/price").status_code == 405
    assert known.post("/api/tariffs/price", [1], format="json").status_code == 400


BANDS = [
    {
        "price_components": [{"type": "ENERGY", "price": 0.2, "step_size": 1}],
        "restrictions": {"start_time": "22:00", "end_time": "06:00"},
    },
    {"price_components": [{"type": "ENERGY", "price": 0.25, "step_size": 1}]},
]
OCPI_TARIFF = {"id": "BANDS", "currency": "EUR", "elements": BANDS, "type": "REGULAR", "tax_included": "YES"}


def test_tariff_goes_in_and_comes_out_as_ocpi(owner):
    client = client_of(owner, "admin")
    made = client.post("/api/tariffs/import", {"tariff": OCPI_TARIFF, "name": "Bands"}, format="json")
    assert (made.status_code, made.json()["number"], made.json()["warnings"]) == (201, 1, [])
    given = client.get(f"/api/tariffs/{made.json()['id']}/ocpi").json()
    assert {name: given[name] for name in OCPI_TARIFF} == OCPI_TARIFF
    again = client.post("/api/tariffs/import", {"tariff": given}, format="json")
    assert (again.json()["id"], again.json()["number"]) == (made.json()["id"], 2)
    assert AuditEntry.objects.filter(action="tariff.imported").count() == 2


def test_bad_tariff_is_not_imported_and_names_the_field(owner):
    client = client_of(owner, "admin")
    for change, field in (({"elements": []}, "elements"), ({"id": ""}, "id"), ({"type": "X"}, "type")):
        answer = client.post("/api/tariffs/import", {"tariff": OCPI_TARIFF | change}, format="json")
        assert answer.status_code == 400
        assert field in answer.json()["fields"]
    assert client.post("/api/tariffs/import", {"tariff": [1]}, format="json").status_code == 400


def test_only_who_may_manage_imports_and_only_own_tariffs_come_out(owner):
    other = organization("other")
    default_tariff(other, ENERGY, tariff_id="O")
    client = client_of(owner)
    assert client.post("/api/tariffs/import", {"tariff": OCPI_TARIFF}, format="json").status_code == 403
    assert client.get(f"/api/tariffs/{other.tariffs.get().pk}/ocpi").status_code == 404

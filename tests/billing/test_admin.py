"""Billing's admin pages: what people read there, who may do what, and how many queries it takes."""

import pytest
from django.test import Client

from billing.models import Cdr, Tariff
from billing.ports import CdrDelivery, ports
from billing.services.cdrs import cdr_create
from registry.models import AuditEntry
from tests.billing.builders import (
    ENERGY,
    FEE,
    PARKING,
    at,
    charge_point,
    default_tariff,
    ended_session,
    organization,
    statuses,
    tariff,
)
from tests.support.registry import person

TARIFFS, CDRS = "/admin/billing/tariff/", "/admin/billing/cdr/"
NEW = {"currency": "eur", "rows": "1", "e0-energy": "0.39", "e0-energy_vat": "19", "e0-energy_step": "1"}


@pytest.fixture
def owner(db):
    return organization()


@pytest.fixture
def admin(owner) -> Client:
    return signed_in(owner, "admin")


def signed_in(owner, role: str) -> Client:
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(person(owner, role, is_staff=True))
    return client


def cdrs_of(owner, count: int = 1, **fields) -> list[Cdr]:
    box = charge_point(owner, f"BOX-{owner.slug}")
    made = []
    for number in range(count):
        session = ended_session(box, transaction_id=f"t{number}", **fields)
        statuses(session, [(0, "Charging"), (40, "SuspendedEV")])
        cdr = cdr_create(session_id=session.pk, now=at(61))
        assert cdr is not None
        made.append(cdr)
    return made


def text(response) -> str:
    assert response.status_code == 200
    return str(response.content.decode()).replace("\xa0", " ")


def test_tariff_list_tells_prices_places_and_validity_in_words(owner, admin):
    default_tariff(owner, ENERGY, PARKING)
    tariff(owner, FEE, tariff_id="SPARE")
    page = text(admin.get(TARIFFS))
    assert "0.50 EUR/kWh, 6 EUR/h parking after charging ends (in steps of 1 min), plus VAT" in page
    assert "all of Acme" in page
    assert "Nowhere" in page
    assert "Valid" in page


def test_new_version_instead_of_a_change(owner, admin):
    made = default_tariff(owner, ENERGY)
    assert "New version" in text(admin.get(f"{TARIFFS}{made.pk}/change/"))
    response = admin.post(f"{TARIFFS}{made.pk}/do/new-version/", NEW, follow=True)
    page = text(response)
    assert "0.39 EUR/kWh" in page
    assert "0.50 EUR/kWh" in page
    assert [version.number for version in made.versions.order_by("number")] == [1, 2]
    assert AuditEntry.objects.filter(action="tariff.version_added").count() == 1


def test_tariff_is_made_and_put_in_force(owner, admin):
    response = admin.post(f"{TARIFFS}add/", NEW | {"name": "Day", "tariff_id": "DAY"}, follow=True)
    assert "0.39 EUR/kWh" in text(response)
    made = Tariff.objects.get()
    assert "applies nowhere yet" in text(admin.get(f"{TARIFFS}{made.pk}/change/"))
    page = text(admin.post(f"{TARIFFS}{made.pk}/do/assign/", {}, follow=True))
    assert "all of Acme" in page
    text(admin.post(f"{TARIFFS}{made.pk}/do/withdraw/", follow=True))
    assert "Nowhere" in text(admin.get(TARIFFS))


def test_wrong_price_is_refused_with_the_reason(owner, admin):
    response = admin.post(f"{TARIFFS}add/", {"name": "Day", "tariff_id": "DAY", "currency": "EUR"})
    assert "Name at least one price" in response.content.decode()
    assert not Tariff.objects.exists()


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_only_who_manages_tariffs_changes_them(owner, role):
    made = default_tariff(owner, ENERGY)
    client = signed_in(owner, role)
    assert "0.50 EUR/kWh" in text(client.get(TARIFFS))
    for action in ("new-version", "assign", "withdraw"):
        assert client.post(f"{TARIFFS}{made.pk}/do/{action}/", NEW).status_code == 403
    assert client.post(f"{TARIFFS}add/", NEW).status_code == 403
    assert made.versions.count() == 1


def test_cdr_page_tells_line_by_line_why(owner, admin):
    default_tariff(owner, FEE, ENERGY, PARKING)
    cdr = cdrs_of(owner)[0]
    page = text(admin.get(f"{CDRS}{cdr.pk}/change/"))
    assert "once for each session" in page
    assert "10 kWh at 0.50 EUR/kWh" in page
    assert "20 min at 6 EUR/h" in page
    assert "9.60 EUR" in page
    assert f"/admin/central/session/{cdr.session_id}/change/" in page


def test_cdr_held_for_review_says_why(owner, admin):
    cdr = cdrs_of(owner, needs_review=True, review_reasons=["stop_below_start"])[0]
    page = text(admin.get(f"{CDRS}{cdr.pk}/change/"))
    assert "The meter showed less at the end than at the start" in page
    assert "No tariff was in force" in page
    assert "Needs review" in text(admin.get(CDRS))


def test_cdr_shows_its_state_at_partners(owner, admin, monkeypatch):
    default_tariff(owner)
    cdr = cdrs_of(owner)[0]
    found = {cdr.pk: [CdrDelivery("NL-EMS", "delivered", "good", "/admin/ocpi/delivery/1/change/")]}
    monkeypatch.setattr(ports, "cdr_deliveries", lambda ids: found)
    for address in (CDRS, f"{CDRS}{cdr.pk}/change/"):
        page = text(admin.get(address))
        assert "NL-EMS" in page
        assert "delivered" in page


def test_cdrs_are_history_for_everybody(owner, admin):
    default_tariff(owner)
    cdr = cdrs_of(owner)[0]
    assert admin.get(f"{CDRS}add/").status_code == 403
    assert admin.post(f"{CDRS}{cdr.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.get(f"{CDRS}{cdr.pk}/edit/").status_code == 403
    assert Cdr.objects.count() == 1


def test_another_organizations_tariffs_and_cdrs_are_not_there(owner, admin):
    other = organization("other")
    foreign = default_tariff(other, ENERGY)
    cdr = cdrs_of(other)[0]
    assert "Tariff T1" not in text(admin.get(TARIFFS))
    assert "BOX-other" not in text(admin.get(CDRS))
    assert admin.get(f"{CDRS}{cdr.pk}/change/").status_code in {302, 404}
    assert admin.post(f"{TARIFFS}{foreign.pk}/do/withdraw/").status_code == 404


def test_lists_and_pages_stay_within_their_queries(owner, admin, django_assert_max_num_queries):
    """OPERATOR: at most 10 queries for a list, 15 for a page, however many rows."""
    for number in range(12):
        default_tariff(owner, ENERGY, tariff_id=f"T{number}")
    cdrs = cdrs_of(owner, 12)
    made = Tariff.objects.first()
    assert made is not None
    for address, most in (
        (TARIFFS, 10),
        (CDRS, 10),
        (f"{TARIFFS}{made.pk}/change/", 15),
        (f"{CDRS}{cdrs[0].pk}/change/", 15),
    ):
        with django_assert_max_num_queries(most):
            text(admin.get(address))


BANDS = """[{"price_components": [{"type": "ENERGY", "price": 0.2, "step_size": 1}],
"restrictions": {"start_time": "22:00", "end_time": "06:00"}},
{"price_components": [{"type": "ENERGY", "price": 0.25, "step_size": 1}]},
{"price_components": [{"type": "ENERGY", "price": 0.3, "step_size": 1}]}]"""


def test_tariff_with_conditions_is_made_and_looked_at(owner, admin):
    """Conditions survive the form, are told in words, and what is odd about them is said."""
    made = admin.post(
        f"{TARIFFS}add/", {"currency": "EUR", "name": "Night", "tariff_id": "N", "elements": BANDS}
    )
    assert made.status_code == 302
    page = text(admin.get(made["Location"]))
    assert "0.25 EUR/kWh, from 22:00 to 06:00 0.20" in page
    assert "It never applies: element 1 prices ENERGY whenever this one would." in page
    tariff_made = Tariff.objects.get(tariff_id="N")
    form = text(admin.get(f"{TARIFFS}{tariff_made.pk}/do/new-version/"))
    assert "22:00" in form


def test_faulty_elements_are_refused_with_the_field(admin):
    broken = BANDS.replace("22:00", "10 pm")
    page = admin.post(
        f"{TARIFFS}add/", {"currency": "EUR", "name": "N", "tariff_id": "N", "elements": broken}
    )
    assert "elements.0.restrictions.start_time" in page.content.decode()
    assert not Tariff.objects.exists()


def test_tariff_is_tried_on_a_sketched_session(owner, admin):
    made = tariff(owner, FEE, ENERGY, PARKING)
    url = f"{TARIFFS}{made.pk}/do/try/"
    assert "Past session" in text(admin.get(url))
    sketch = {"start": "2026-06-29T10:00", "charging": 60, "energy": 11, "parked": 20}
    page = text(admin.post(url, sketch))
    assert "11 kWh at 0.50 EUR/kWh" in page
    assert "once for each session" in page
    assert "20 min at 6 EUR/h" in page
    assert "<svg" in page
    assert "10.20 EUR" in page or "10.20" in page


def test_tariff_is_tried_on_a_past_session(owner, admin):
    session = ended_session(charge_point(owner), wh=10_000)
    made = tariff(owner, ENERGY)
    url = f"{TARIFFS}{made.pk}/do/try/"
    assert str(session.uid) in text(admin.get(url))
    assert "10 kWh at 0.50 EUR/kWh" in text(admin.post(url, {"session": str(session.uid)}))


def test_a_foreign_session_cannot_be_tried(owner, admin):
    foreign = ended_session(charge_point(organization("other"), "OTHER"), wh=10_000)
    url = f"{TARIFFS}{tariff(owner, ENERGY).pk}/do/try/"
    for unknown in (str(foreign.uid), "nonsense"):
        assert "There is no such session" in text(admin.post(url, {"session": unknown}))

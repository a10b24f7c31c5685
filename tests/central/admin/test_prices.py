"""What a charge point calculated and what a terminal settled stand beside our own price."""

from datetime import timedelta

import pytest

from central.models import ChargePointTariff, Session, SessionCost, Settlement
from tests.billing.builders import ENERGY, default_tariff
from tests.support.handlers import NOW, Bench
from tests.support.messages import stamp
from tests.support.world import staff


@pytest.fixture
def office(client, organization):
    client.force_login(staff(organization, "admin"))
    return client


@pytest.fixture
def charged(charge_point, organization, token):
    """2 kWh for 1.20 EUR; the charge point says 1.25, and so says the terminal."""
    default_tariff(organization, ENERGY)
    bench = Bench(charge_point, "2.1")
    transaction = bench.begin()
    cost = {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"exclTax": 1.0, "inclTax": 1.25}}
    details = {"totalCost": cost, "totalUsage": {"energy": 2000, "chargingTime": 60, "idleTime": 0}}
    bench.call(*transaction.stop(2000, NOW + timedelta(minutes=5), costDetails=details))
    settled = {"transactionId": transaction.id, "pspRef": "psp-1", "status": "Settled"}
    bench.call("NotifySettlement", settled | {"settlementAmount": 1.25, "settlementTime": stamp(NOW)})


@pytest.mark.parametrize("model", [Session, SessionCost, Settlement])
def test_the_difference_is_shown(office, charged, model):
    row = model.objects.get()
    text = office.get(f"/admin/central/{model.__name__.lower()}/{row.pk}/change/").content.decode()
    text = text.replace("\xa0", " ").replace("&nbsp;", " ")
    assert "1.25 EUR" in text
    assert "1.20 EUR" in text
    assert "0.05 EUR" in text


@pytest.mark.parametrize(
    ("order", "offered"),
    [
        ("tariff_set_default", 'value="T1"'),
        ("tariff_change", 'value="T1"'),
        ("der_set", "VoltWatt"),
        ("final_cost", "TAG-1"),
    ],
)
def test_the_pages_of_orders_offer_what_there_is(office, charged, charge_point, order, offered):
    text = office.get(f"/admin/registry/chargepoint/{charge_point.pk}/orders/{order}/").content.decode()
    assert offered in text


def test_a_tariff_is_installed_from_its_page(office, charged, charge_point):
    page = f"/admin/registry/chargepoint/{charge_point.pk}/orders/tariff_set_default/"
    how = {"how-valid_minutes": "5", "how-attempts": "1"}
    assert office.post(page, {"tariff": "T1", "evse_number": "2"} | how).status_code == 302
    row = ChargePointTariff.objects.get()
    assert (row.tariff_id, row.evse_numbers, row.state) == ("T1.1.e2", [2], "requested")

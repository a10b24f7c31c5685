"""Costs on displays over real sockets: by themselves, only where they are shown, at the end the CDR's."""

import json

import pytest

from billing.services.cdrs import cdr_create
from central.models import AuthorizationPolicy, Command, Session, Variable
from central.services.device_places import Place
from emobility.lib import bell
from emobility.lib.clock import utc_now
from tests.billing.builders import ENERGY, default_tariff
from tests.support.handlers import token_create
from tests.support.wait import eventually

pytestmark = pytest.mark.integration
COST = Place("Enabled", "TariffCostCtrlr", instance="Cost")
CALIFORNIA = Place("CustomDisplayCostAndPrice")
TAKEN = {"status": "Accepted"}


@pytest.fixture
def priced(enrolled, settings):
    """A charge point where a kWh costs 0.60 EUR with tax; each cost goes to the display at once."""
    settings.OCPP_COST_DISPLAY_SECONDS = 1
    token_create(enrolled.row.organization)
    default_tariff(enrolled.row.organization, ENERGY)
    return enrolled


def says(enrolled, place, value="true"):
    Variable.objects.create(charge_point=enrolled.row, value=value, **place.columns)


def vendor(charger):
    return [
        (call["messageId"], json.loads(call["data"]))
        for name, call in charger.calls
        if name == "DataTransfer"
    ]


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_a_running_cost_is_told_with_the_answer_and_by_itself(priced, version):
    """I02.FR.01, I03.FR.02: CostUpdated and totalCost while it runs; at the end the total is the CDR's."""
    says(priced, COST)
    with priced.plug_in(version, handlers={"CostUpdated": {}}) as charger:
        charger.boot()
        transaction = charger.start(wh=1000)
        assert charger.call(*transaction.meter(wh=2000)) == {"totalCost": 0.6}
        eventually(lambda: charger.calls)
        assert charger.calls[0] == ("CostUpdated", {"totalCost": 0.6, "transactionId": transaction.id})
        assert charger.call(*transaction.stop(wh=3000))["totalCost"] == 1.2
    cdr = cdr_create(session_id=Session.objects.get().pk, now=utc_now())
    assert cdr is not None
    assert float(cdr.total_cost_incl) == 1.2


def test_a_1_6_display_is_told_the_price_the_cost_and_the_end(priced):
    """OCA California pricing §3.1: SetUserPrice after Authorize, RunningCost, FinalCost."""
    says(priced, CALIFORNIA)
    with priced.plug_in("1.6", handlers={"DataTransfer": TAKEN}) as charger:
        charger.boot()
        charger.call("Authorize", {"idTag": "TAG-1"})
        eventually(lambda: len(vendor(charger)) == 1)
        name, data = vendor(charger)[0]
        assert (name, data["idToken"]) == ("SetUserPrice", "TAG-1")
        assert "EUR/kWh" in data["priceText"]
        transaction = charger.start(wh=1000)
        charger.call(*transaction.meter(wh=2000))
        eventually(lambda: len(vendor(charger)) == 2)
        name, data = vendor(charger)[1]
        assert (name, data["cost"], data["state"]) == ("RunningCost", 0.6, "Charging")
        charger.call(*transaction.stop(wh=3000))
        eventually(lambda: len(vendor(charger)) == 3)
        name, data = vendor(charger)[2]
        assert (name, data["transactionId"], data["cost"]) == ("FinalCost", transaction.id, 1.2)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_nothing_is_told_where_nothing_is_shown(priced, version):
    """The device model says no, or a rule of the place does."""
    says(priced, CALIFORNIA if version == "1.6" else COST, "true")
    AuthorizationPolicy.objects.create(
        organization=priced.row.organization, charge_point=priced.row, shows_costs=False
    )
    with priced.plug_in(version) as charger:
        charger.boot()
        transaction = charger.start(wh=1000)
        answer = charger.call(*transaction.meter(wh=2000))
        answer |= charger.call(*transaction.stop(wh=3000))
        assert "totalCost" not in answer
        charger.call("Heartbeat", {})
    assert bell.drain()
    assert not Command.objects.exists()


def test_a_charge_point_that_calculates_has_the_tariff_in_force_and_a_deviation_is_held(priced):
    """2.1 I07: SetDefaultTariff by itself after the boot; I12: what it told the driver is compared."""
    says(priced, Place("Enabled", "TariffCostCtrlr", instance="Tariff"))
    with priced.plug_in("2.1", handlers={"SetDefaultTariff": TAKEN}) as charger:
        charger.boot()
        eventually(lambda: charger.calls)
        name, sent = charger.calls[0]
        assert (name, sent["evseId"], sent["tariff"]["tariffId"]) == ("SetDefaultTariff", 0, "T1.1")
        transaction = charger.start(wh=1000)
        total = {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"inclTax": 9.99}}
        usage = {"energy": 2000, "chargingTime": 60, "idleTime": 0}
        charger.call(*transaction.stop(wh=3000, costDetails={"totalCost": total, "totalUsage": usage}))
    cdr = cdr_create(session_id=Session.objects.get().pk, now=utc_now())
    assert cdr is not None
    assert (cdr.needs_review, cdr.review_reasons) == (True, ["charge_point_cost_differs"])

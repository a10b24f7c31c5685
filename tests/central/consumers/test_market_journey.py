"""Grid, batteries, payments, prices over the wire: from order to page, from the charge point to REST."""

import json

import pytest
from django.test import Client

from central.models import BatterySwap, ChargePointTariff, Command, DerControl, DerReport, Session
from emobility.lib.clock import utc_now
from registry.models import Organization
from tests.billing.builders import default_tariff
from tests.support.handlers import token_create
from tests.support.messages import stamp
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration
ACCEPTED = {"status": "Accepted"}
CURVE = {"yUnit": "PctMaxW", "curveData": [{"x": 253, "y": 100}, {"x": 257, "y": 0}]}
NEW = {"evseId": 2, "serialNumber": "new", "soC": 97, "soH": 99}


@pytest.fixture
def admin(enrolled):
    """A browser of somebody who may manage tariffs."""
    token_create(enrolled.row.organization)
    default_tariff(Organization.objects.get(pk=enrolled.row.organization_id), tariff_id="DAY")
    client = Client()
    client.force_login(staff(enrolled.row.organization, "admin"))
    return client


def ordered(admin, order, expected="accepted", **params):
    body = {"order": order, "charge_point": "CP-1", "params": params}
    answer = admin.post("/api/commands/", body, content_type="application/json")
    assert answer.status_code == 202, answer.content
    eventually(lambda: Command.objects.latest("id").state == expected)


def listed(admin, path):
    return admin.get(f"/api/{path}/?charge_point=CP-1").json()["results"]


def page(admin, row):
    answer = admin.get(f"/admin/central/{type(row).__name__.lower()}/{row.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_grid_and_batteries(enrolled, admin):
    names = ("SetDERControl", "GetDERControl", "RequestBatterySwap")
    with enrolled.plug_in("2.1", handlers=dict.fromkeys(names, ACCEPTED)) as charger:
        charger.boot()
        ordered(admin, "der_set", control_type="VoltWatt", settings=CURVE, is_default=True)
        control = DerControl.objects.get(state="installed")
        ordered(admin, "der_get")
        curve = {"id": control.control_id, "curveType": "VoltWatt", "isDefault": True, "isSuperseded": False}
        curve |= {"curve": CURVE | {"priority": 0}}
        charger.call("ReportDERControl", {"requestId": DerReport.objects.get().request_id, "curve": [curve]})
        charger.call("NotifyDERAlarm", {"controlType": "VoltWatt", "timestamp": stamp(utc_now())})
        ordered(admin, "battery_swap", id_tag="TAG-1")
        swap = BatterySwap.objects.get()
        event = {"requestId": swap.request_id, "idToken": {"idToken": "TAG-1", "type": "Central"}}
        charger.call("BatterySwap", event | {"eventType": "BatteryOut", "batteryData": [NEW]})
    assert [each["state"] for each in listed(admin, "der-controls")] == ["installed"]
    assert [each["state"] for each in listed(admin, "der-reports")] == ["complete"]
    assert [each["ended_at"] for each in listed(admin, "der-alarms")] == [None]
    assert [each["batteries_out"] for each in listed(admin, "battery-swaps")] == [[NEW]]
    assert control.control_id in page(admin, control)
    assert "97 %" in page(admin, swap)


def test_a_tariff_a_cost_and_a_payment(enrolled, admin):
    handlers = {"SetDefaultTariff": ACCEPTED, "CostUpdated": {}}
    with enrolled.plug_in("2.1", handlers=handlers) as charger:
        charger.boot()
        ordered(admin, "tariff_set_default")
        transaction = charger.start()
        ordered(admin, "cost_update", transaction_id=transaction.id)
        settled = {"transactionId": transaction.id, "pspRef": "psp-1", "status": "Settled"}
        settled |= {"settlementAmount": 3.5, "settlementTime": stamp(utc_now())}
        charger.call("NotifySettlement", settled)
        sent = dict(charger.calls)
    assert sent["SetDefaultTariff"]["tariff"]["tariffId"] == "DAY.1"
    assert sent["CostUpdated"] == {"totalCost": 0, "transactionId": transaction.id}
    assert [each["state"] for each in listed(admin, "charge-point-tariffs")] == ["installed"]
    assert [each["session"] for each in listed(admin, "settlements")] == [str(Session.objects.get().uid)]
    assert "0.50 EUR/kWh" in page(admin, ChargePointTariff.objects.get())


def test_prices_on_the_display_of_1_6(enrolled, admin):
    with enrolled.plug_in("1.6", handlers={"DataTransfer": ACCEPTED}) as charger:
        charger.boot()
        transaction = charger.start(wh=1000)
        charger.call(*transaction.meter(3000))
        ordered(admin, "running_cost", transaction_id=str(transaction.id), at_power_kw=0.1)
        sent = dict(charger.calls)["DataTransfer"]
        charger.call(*transaction.stop(3000))
        data = {"transactionId": transaction.id, "timestamp": stamp(utc_now())}
        unplugged = {
            "vendorId": sent["vendorId"],
            "messageId": "ConnectorUnplugged",
            "data": json.dumps(data),
        }
        assert charger.call("DataTransfer", unplugged) == ACCEPTED
        ordered(admin, "final_cost", transaction_id=str(transaction.id))
        final = json.loads(dict(charger.calls)["DataTransfer"]["data"])
    running = json.loads(sent["data"])
    assert (sent["messageId"], running["cost"], running["meterValue"]) == ("RunningCost", 1.2, 3000)
    assert running["triggerMeterValue"] == {"atPowerkW": 0.1}
    assert final["cost"] == 1.2
    assert "unplugged" in page(admin, Session.objects.get())
    kept = {each["vendor_message_id"]: each["status"] for each in listed(admin, "data-transfers")}
    assert kept["ConnectorUnplugged"] == "Accepted"

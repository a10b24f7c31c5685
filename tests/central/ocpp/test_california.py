"""California pricing over 1.6 (OCA white paper): prices and costs to the display, unplugging from it."""

import json
from datetime import timedelta

import pytest

from central.models import DataTransfer, SessionEvent
from emobility.lib.errors import Conflict, Invalid, NotFound
from registry.models import Event
from tests.billing.builders import ENERGY, FEE, PARKING, default_tariff
from tests.support.handlers import NOW, Bench, charge_point_create
from tests.support.power import answered, built, placed

VENDOR = "org.openchargealliance.costmsg"
SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def running(charge_point, organization, token):
    """(bench, transaction): a session of 1 kWh so far, with a fee and a price of parking."""
    default_tariff(organization, ENERGY, FEE, PARKING)
    bench = Bench(charge_point, "1.6")
    transaction = bench.begin(wh=5000)
    bench.call(*transaction.meter(6000, SOON))
    return bench, transaction


def sent(command):
    action, payload = built("1.6", command)
    assert (action, payload["vendorId"]) == ("DataTransfer", VENDOR)
    return payload["messageId"], json.loads(payload["data"])


def test_the_cost_so_far_with_its_unit_prices(charge_point, running):
    """Table 4 and 5: amounts and prices are what the driver pays, with tax."""
    _, transaction = running
    command = placed(charge_point, "running_cost", transaction_id=str(transaction.id))
    assert sent(command) == (
        "RunningCost",
        {
            "transactionId": transaction.id,
            "timestamp": "2026-03-02T12:10:00.000Z",
            "meterValue": 6000,
            "cost": 1.8,
            "state": "Charging",
            "chargingPrice": {"kWhPrice": 0.6, "flatFee": 1.2},
            "idlePrice": {"hourPrice": 7.2},
        },
    )
    assert answered("1.6", command, {"status": "Accepted"})


def test_when_the_next_meter_value_shall_come(charge_point, running):
    """Triggers: time, energy, power, state."""
    command = placed(
        charge_point,
        "running_cost",
        transaction_id=str(running[1].id),
        idle=True,
        at_time=SOON,
        at_energy_kwh=50,
        at_power_kw=0.1,
        at_status=["SuspendedEV"],
    )
    data = sent(command)[1]
    assert data["state"] == "Idle"
    assert data["triggerMeterValue"] == {
        "atTime": "2026-03-02T12:10:00.000Z",
        "atEnergykWh": 50,
        "atPowerkW": 0.1,
        "atCPStatus": ["SuspendedEV"],
    }


def test_the_price_of_a_driver(charge_point, running):
    command = placed(charge_point, "user_price", id_tag="TAG-1")
    name, data = sent(command)
    assert (name, data["idToken"]) == ("SetUserPrice", "TAG-1")
    assert "EUR/kWh" in data["priceText"]
    command = placed(charge_point, "user_price", id_tag="TAG-1", text="free")
    assert sent(command)[1]["priceText"] == "free"


def test_what_a_session_came_to(charge_point, running):
    """Table 3."""
    bench, transaction = running
    with pytest.raises(Conflict):
        placed(charge_point, "final_cost", transaction_id=str(transaction.id))
    bench.call(*transaction.stop(7000, SOON))
    command = placed(
        charge_point, "final_cost", transaction_id=str(transaction.id), qr_code="https://pay.example/7"
    )
    name, data = sent(command)
    assert (name, data["transactionId"], data["cost"]) == ("FinalCost", transaction.id, 2.4)
    assert data["qrCodeText"] == "https://pay.example/7"
    assert "2.40" in data["priceText"]
    assert "2.000" in data["priceText"]


@pytest.mark.parametrize("status", ["Accepted", "Rejected", "UnknownVendorId", "UnknownMessageId"])
def test_a_charge_point_without_such_a_display_says_so(charge_point, running, status):
    command = placed(charge_point, "running_cost", transaction_id=str(running[1].id))
    assert answered("1.6", command, {"status": status}) is (status == "Accepted")


def test_what_cannot_be_shown_is_told(charge_point, organization, token):
    with pytest.raises(NotFound):
        placed(charge_point, "user_price", id_tag="TAG-1")
    with pytest.raises(Invalid):
        placed(charge_point, "running_cost")
    transaction = Bench(charge_point, "1.6").begin()
    command = placed(charge_point, "running_cost", transaction_id=str(transaction.id))
    with pytest.raises(ValueError, match="No tariff"):
        built("1.6", command)
    default_tariff(organization)
    elsewhere = Bench(charge_point_create(organization), "2.1")
    elsewhere.begin()
    other = placed(elsewhere.charge_point, "running_cost", session=str(elsewhere.session().uid))
    with pytest.raises(ValueError, match=r"OCPP 1\.6"):
        built("1.6", other)


def unplugged(bench, data, version="1.6"):
    request = {"vendorId": VENDOR, "messageId": "ConnectorUnplugged"}
    return Bench(bench.charge_point, version).call("DataTransfer", request | {"data": data})


def test_unplugging_is_kept_with_its_session(running):
    bench, transaction = running
    data = json.dumps({"transactionId": transaction.id, "timestamp": "2026-03-02T13:00:00Z"})
    for _ in range(2):
        assert unplugged(bench, data) == {"status": "Accepted"}
    row = SessionEvent.objects.get(kind="unplugged")
    assert (row.session, row.at, row.quarantine_reason) == (bench.session(), NOW + timedelta(hours=1), "")
    assert Event.objects.filter(kind="session.unplugged").count() == 1
    assert DataTransfer.objects.count() == 2


def test_unplugging_of_a_transaction_that_we_do_not_know_waits_for_a_person(bench):
    assert unplugged(bench, '{"transactionId": 99, "timestamp": "2026-03-02T13:00:00Z"}') == {
        "status": "Accepted"
    }
    row = SessionEvent.objects.get()
    assert (row.session, row.quarantine_reason) == (None, "unknown_transaction")


@pytest.mark.parametrize(
    "data",
    [
        "{}",
        "nonsense",
        '{"transactionId": 99}',
        '{"transactionId": true, "timestamp": "2026-03-02T13:00:00Z"}',
        '{"transactionId": 99, "timestamp": "yesterday"}',
        '{"timestamp": "2026-03-02T13:00:00Z"}',
    ],
)
def test_unplugging_that_tells_too_little_is_rejected(bench, data):
    assert unplugged(bench, data) == {"status": "Rejected"}
    assert not SessionEvent.objects.exists()
    assert DataTransfer.objects.get().status == "Rejected"


def test_other_messages_of_the_vendor_are_ours_to_send(bench):
    request = {"vendorId": VENDOR, "messageId": "RunningCost", "data": "{}"}
    assert bench.call("DataTransfer", request) == {"status": "UnknownMessageId"}

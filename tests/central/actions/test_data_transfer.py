"""DataTransfer (1.6 §4.3, 2.x P02): kept always; vendors' files answer, others are told that nobody does."""

import json

import pytest

from central.models import DataTransfer, IdTokenGroup
from central.ocpp import vendor_table
from central.ocpp.router import DoubleRegistration
from central.ocpp.vendor_table import ACCEPTED, apply_answer, parsed, vendor, vendor_answer, vendor_request
from central.services.commands import command_create
from emobility.lib.errors import Invalid
from tests.support.handlers import NOW, Bench

VENDOR = "com.example.Acme"


@pytest.fixture(autouse=True)
def tables(monkeypatch):
    """Tables of this test alone."""
    monkeypatch.setattr(vendor_table, "INCOMING", {})
    monkeypatch.setattr(vendor_table, "OUTGOING", {})


def say(charge_point, version="2.0.1", message="hello", **rest):
    request = {"vendorId": VENDOR, "messageId": message} | rest
    return Bench(charge_point, version).call("DataTransfer", request)


@pytest.mark.parametrize(
    ("version", "data"), [("1.6", "text"), ("2.0.1", {"a": [1, None]}), ("2.1", 5), ("1.6", None)]
)
def test_the_message_of_an_unknown_vendor_is_kept(version, data, charge_point):
    answer = say(charge_point, version, **({} if data is None else {"data": data}))
    assert answer == {"status": "UnknownVendorId"}
    row = DataTransfer.objects.get()
    assert (row.vendor_id, row.vendor_message_id, row.data) == (VENDOR, "hello", data)
    assert (row.status, row.answer) == ("UnknownVendorId", None)


@pytest.mark.parametrize(
    ("version", "sent", "answered"),
    [
        ("1.6", '{"name": "Ada"}', '{"welcome":"Ada"}'),
        ("2.0.1", {"name": "Ada"}, {"welcome": "Ada"}),
        ("2.1", '{"name": "Ada"}', {"welcome": "Ada"}),
    ],
)
def test_a_vendors_file_answers(version, sent, answered, charge_point):
    vendor(VENDOR, message="Hello")(lambda ctx, data: (ACCEPTED, {"welcome": data["name"]}))
    assert say(charge_point, version, data=sent) == {"status": "Accepted", "data": answered}
    row = DataTransfer.objects.get()
    assert (row.data, row.status, row.answer) == ({"name": "Ada"}, "Accepted", {"welcome": "Ada"})


def test_another_message_of_a_known_vendor_is_unknown(charge_point):
    vendor(VENDOR, message="Hello")(lambda ctx, data: (ACCEPTED, None))
    assert say(charge_point, message="Bye") == {"status": "UnknownMessageId"}
    assert Bench(charge_point, "1.6").call("DataTransfer", {"vendorId": VENDOR.upper()}) == {
        "status": "UnknownMessageId"
    }


def test_a_vendor_may_take_any_message_and_any_data(charge_point):
    vendor(VENDOR, raw=True)(lambda ctx, data: (ACCEPTED, data))
    assert say(charge_point, message="Whatever", data=[1]) == {"status": "Accepted", "data": [1]}
    assert say(charge_point, "1.6", data="plain") == {"status": "Accepted", "data": "plain"}


@pytest.mark.parametrize("data", ["text", '{"half": ', [1], 5, '["a"]'])
def test_data_that_is_no_object_is_rejected(data, charge_point):
    vendor(VENDOR, message="Hello")(lambda ctx, data: (ACCEPTED, None))
    assert say(charge_point, data=data) == {"status": "Rejected"}
    assert DataTransfer.objects.get().status == "Rejected"


def test_data_that_a_handler_cannot_use_is_rejected_and_nothing_of_it_stays(charge_point):
    def handle(ctx, data):
        IdTokenGroup.objects.create(organization_id=ctx.organization_id, uid="half")
        raise Invalid("no name", {"name": "missing"})

    vendor(VENDOR, message="Hello")(handle)
    assert say(charge_point) == {"status": "Rejected"}
    assert not IdTokenGroup.objects.exists()
    assert DataTransfer.objects.count() == 1


def test_a_fault_of_the_handler_is_no_answer_of_the_vendor(charge_point):
    """It leaves as InternalError, as with every action, so that nobody takes it for a refusal."""

    def handle(ctx, data):
        raise ZeroDivisionError

    vendor(VENDOR, message="Hello")(handle)
    with pytest.raises(ZeroDivisionError):
        say(charge_point)


def test_secrets_in_vendors_data_are_not_kept(charge_point):
    say(charge_point, "1.6", data='{"password": "hunter2"}')
    assert DataTransfer.objects.get().data == {"password": "***"}


@pytest.mark.parametrize("text", ['{"a":"\\u0000"}', "[" * 3000, "[1e400", '{"a":"\\ud800"}', "{}}"])
def test_text_that_is_no_json_for_us_stays_text(text):
    assert parsed(text) == text


def test_a_place_is_given_once():
    vendor(VENDOR)(print)
    with pytest.raises(DoubleRegistration):
        vendor(VENDOR.lower())(print)


@pytest.fixture
def ordered(charge_point):
    return command_create(charge_point=charge_point, order="data_transfer", params={}, now=NOW)


def test_our_own_vendor_message_and_what_its_answer_means(ordered):
    action, payload = vendor_request("1.6", VENDOR, "Ask", {"b": 1})
    assert (action, payload) == (
        "DataTransfer",
        {"vendorId": VENDOR, "messageId": "Ask", "data": '{"b":1}'},
    )
    assert vendor_request("2.1", VENDOR, "Ask", {"b": 1})[1]["data"] == {"b": 1}
    assert vendor_request("2.1", VENDOR, "", None)[1] == {"vendorId": VENDOR}
    heard = []

    @vendor_answer(VENDOR, message="Ask")
    def apply(command, data, answer, now):
        heard.append((data, answer))
        return True

    assert apply_answer(ordered, payload, {"status": "Rejected", "data": json.dumps({"c": 2})}, NOW)
    assert heard == [({"b": 1}, {"status": "Rejected", "data": {"c": 2}})]


@pytest.mark.parametrize("status", ["Accepted", "Rejected", "UnknownVendorId"])
def test_without_a_vendors_file_the_status_decides(ordered, status):
    assert apply_answer(ordered, {"vendorId": VENDOR}, {"status": status}, NOW) is (status == "Accepted")

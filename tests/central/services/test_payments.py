"""Settlements, receipts, VAT numbers and payments on the web (2.1 C21-C25)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin import site

from central.admin.payments import VatCheckAdmin
from central.models import Settlement, VatCheck, WebPayment
from central.ports import Receipt, VatAnswer, ports
from central.services.vat_numbers import vat_judge
from emobility.lib.errors import Invalid
from registry.models import Event
from tests.support.handlers import NOW, Bench
from tests.support.messages import stamp
from tests.support.power import answered, built, placed

COMPANY = {"name": "Acme SA", "address1": "1 rue du Pont", "city": "Metz", "country": "France"}


@pytest.fixture
def bench(charge_point, token):
    return Bench(charge_point, "2.1")


def settle(bench, **changes):
    request = {
        "pspRef": "TAG-1",
        "status": "Settled",
        "settlementAmount": 12.3,
        "settlementTime": stamp(NOW),
    }
    return bench.call("NotifySettlement", request | changes)


def test_a_settlement_belongs_to_its_transaction(bench):
    """C21.FR.02; a repeat is one settlement and one fact."""
    transaction = bench.begin()
    for _ in range(2):
        answer = settle(bench, transactionId=transaction.id, vatNumber="LU12345678", vatCompany=COMPANY)
        assert answer == {}
    row = Settlement.objects.get()
    assert (row.session, row.amount, row.status) == (bench.session(), Decimal("12.3"), "Settled")
    assert (row.vat_number, row.vat_company, row.receipt_by_us) == ("LU12345678", COMPANY, False)
    assert Event.objects.filter(kind="settlement.settled").count() == 1


def test_without_a_transaction_the_reference_finds_the_session(bench):
    bench.begin()
    settle(bench)
    settle(bench, pspRef="nobody")
    assert list(Settlement.objects.order_by("pk").values_list("session_id", flat=True)) == [
        bench.session().pk,
        None,
    ]


def test_a_settlement_of_a_transaction_that_we_do_not_know_is_kept(bench):
    bench.begin()
    settle(bench, transactionId="unknown")
    assert Settlement.objects.get().session is None


def test_our_receipt_is_told(bench, settings):
    """C21.FR.03: the same in a repeat."""
    settings.OCPP_RECEIPT_URL = "https://pay.example/r/{id}"
    answers = [settle(bench) for _ in range(2)]
    row = Settlement.objects.get()
    assert answers == [{"receiptUrl": f"https://pay.example/r/{row.uid}", "receiptId": str(row.uid)}] * 2
    assert row.receipt_by_us


@pytest.mark.parametrize(
    "changes",
    [
        {"receiptUrl": "https://terminal.example/1", "receiptId": "1"},
        {"status": "Rejected", "statusInfo": "no cover"},
        {"status": "Failed"},
        {"status": "Canceled"},
    ],
)
def test_no_receipt_of_ours_beside_theirs_or_for_nothing(bench, settings, changes):
    """C21.FR.04, C22.FR.01, FR.02."""
    settings.OCPP_RECEIPT_URL = "https://pay.example/r/{id}"
    assert settle(bench, **changes) == {}
    row = Settlement.objects.get()
    assert (row.receipt_url, row.receipt_by_us) == (changes.get("receiptUrl", ""), False)


def test_a_room_above_may_know_the_receipt(bench, monkeypatch):
    monkeypatch.setattr(ports, "receipt", lambda settlement_id: Receipt("https://bills.example/7"))
    assert settle(bench) == {"receiptUrl": "https://bills.example/7"}


@pytest.mark.parametrize("amount", [1e300, -1e300, 0, 0.00001])
def test_amounts_that_no_terminal_settles_are_kept_as_near_as_can_be(bench, amount):
    settle(bench, settlementAmount=amount)
    assert abs(Settlement.objects.get().amount) <= Decimal(10**9)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("DE123456789", ""),
        ("de 123.456.789", ""),
        ("FRXX123456789", ""),
        ("NL123456789B01", ""),
        ("CHE-123.456.789 MWST", ""),
        ("EL123456789", ""),
        ("DE023456789", "WrongForm"),
        ("DE12345678", "WrongForm"),
        ("GR123456789", "UnknownCountry"),
        ("US123456789", "UnknownCountry"),
        ("", "UnknownCountry"),
        ("DE", "WrongForm"),
    ],
)
def test_the_form_of_a_vat_number(number, reason):
    assert vat_judge(number) == VatAnswer(accepted=not reason, reason=reason)


def test_a_vat_number_is_answered_and_kept(bench, charge_point):
    for _ in range(2):
        assert bench.call("VatNumberValidation", {"vatNumber": "DE123456789", "evseId": 1}) == {
            "vatNumber": "DE123456789",
            "evseId": 1,
            "status": "Accepted",
        }
    assert bench.call("VatNumberValidation", {"vatNumber": "qq-nonsense"}) == {
        "vatNumber": "qq-nonsense",
        "status": "Rejected",
        "statusInfo": {"reasonCode": "InvalidValue", "additionalInfo": "UnknownCountry"},
    }
    rows = VatCheck.objects.order_by("pk").values_list("vat_number", "status", "times", "evse_number")
    assert list(rows) == [("DE123456789", "Accepted", 2, 1), ("qq-nonsense", "Rejected", 1, 0)]


def test_a_register_knows_the_company_or_better(bench, monkeypatch):
    answers = {
        "LU12345678": VatAnswer(accepted=True, company=COMPANY),
        "LU87654321": VatAnswer(accepted=False, reason="NotInRegister"),
    }
    monkeypatch.setattr(ports, "vat_check", answers.get)
    known = bench.call("VatNumberValidation", {"vatNumber": "LU12345678"})
    assert (known["status"], known["company"]) == ("Accepted", COMPANY)
    assert bench.call("VatNumberValidation", {"vatNumber": "LU87654321"})["status"] == "Rejected"
    assert bench.call("VatNumberValidation", {"vatNumber": "LU11111111"})["status"] == "Accepted"


def test_a_register_that_fails_lets_pass_and_says_that_nobody_checked(bench, monkeypatch):
    def fails(number):
        raise TimeoutError

    monkeypatch.setattr(ports, "vat_check", fails)
    answer = bench.call("VatNumberValidation", {"vatNumber": "LU12345678"})
    assert answer == {"vatNumber": "LU12345678", "status": "Accepted"}
    row = VatCheck.objects.get()
    assert row.reason == "NotChecked"
    assert "Not checked" in VatCheckAdmin(VatCheck, site).verdict(row)
    monkeypatch.setattr(ports, "vat_check", lambda number: VatAnswer(accepted=False, reason="Unknown"))
    assert bench.call("VatNumberValidation", {"vatNumber": "LU12345678"})["status"] == "Rejected"
    assert VatCheck.objects.get().reason == "Unknown"


def test_a_payment_on_the_web_keeps_the_evse(charge_point):
    """C25.FR.21, FR.22; the notice is worth nothing after its time."""
    command = placed(charge_point, "web_payment_started", evse_number=2, timeout_s=60)
    assert command.expires_at == NOW + timedelta(seconds=60)
    assert built("2.1", command) == ("NotifyWebPaymentStarted", {"evseId": 2, "timeout": 60})
    assert WebPayment.objects.get().state == "requested"
    later = NOW + timedelta(seconds=5)
    assert answered("2.1", command, {}, now=later)
    row = WebPayment.objects.get()
    assert (row.state, row.expires_at) == ("told", later + timedelta(seconds=60))


def test_a_payment_told_by_hand_gets_its_row(charge_point):
    command = placed(charge_point, "web_payment_started", evse_number=2, timeout_s=60)
    WebPayment.objects.all().delete()
    assert answered("2.1", command, {})
    assert WebPayment.objects.get().evse_number == 2


@pytest.mark.parametrize("params", [{"evse_number": 0, "timeout_s": 60}, {"evse_number": 1}])
def test_a_payment_needs_a_place_and_a_time(charge_point, params):
    with pytest.raises(Invalid):
        placed(charge_point, "web_payment_started", **params)

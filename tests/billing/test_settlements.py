"""What payment terminals settled beside what we bill (2.1 C21): another amount is for a person."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Cdr, Review
from billing.services.cdrs import cdr_create
from billing.services.review_decisions import Act, review_accept, review_waive
from billing.services.settlement_checks import settlements_compare
from tests.billing.builders import ENERGY, default_tariff, organization
from tests.support.handlers import NOW, Bench, charge_point_create, token_create
from tests.support.messages import Transaction, stamp
from tests.support.registry import person

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def bench() -> Bench:
    owner = organization("amber")
    default_tariff(owner, ENERGY)
    token_create(owner)
    return Bench(charge_point_create(owner, "AMBER-1"), "2.1")


def charged(bench: Bench) -> Transaction:
    """10 kWh: 5.00, with tax 6.00."""
    transaction = bench.begin(wh=1000)
    bench.at(LATER).call(*transaction.stop(11_000, LATER))
    return transaction


def settled(bench: Bench, transaction: Transaction, amount: float, minutes: int, **changes: Any) -> None:
    request = {
        "pspRef": f"PSP-{minutes}",
        "status": "Settled",
        "settlementAmount": amount,
        "settlementTime": stamp(LATER),
        "transactionId": transaction.id,
    }
    bench.at(LATER + timedelta(minutes=minutes)).call("NotifySettlement", request | changes)


def bill(bench: Bench) -> Cdr:
    cdr = cdr_create(session_id=bench.session().pk, now=LATER + timedelta(minutes=5))
    assert cdr is not None
    return cdr


def compared(minutes: int = 60) -> int:
    return settlements_compare(now=LATER + timedelta(minutes=minutes), limit=10)


@pytest.mark.parametrize(
    ("parts", "reasons"), [([6], []), ([6.004], []), ([2, 4], []), ([6.01], ["settlement_differs"])]
)
def test_before_the_cdr_it_is_held(bench: Bench, parts: list[float], reasons: list[str]) -> None:
    transaction = charged(bench)
    for minute, part in enumerate(parts):
        settled(bench, transaction, part, minute)
    settled(bench, transaction, 1, 4, status="Failed")
    cdr = bill(bench)
    assert (cdr.review_reasons, cdr.needs_review) == (reasons, bool(reasons))
    assert compared() == 0


def test_after_the_cdr_there_is_a_case_and_a_person_decides(bench: Bench) -> None:
    """Nothing that went out changes by itself; to bill nothing credits it."""
    transaction = charged(bench)
    cdr = bill(bench)
    settled(bench, transaction, 5.5, 6)
    assert [compared(), compared()] == [1, 0]
    case = Review.objects.get()
    assert (case.cdr, case.reasons, case.is_open) == (cdr, ["settlement_differs"], True)
    act = Act(person(bench.charge_point.organization, "operator", is_staff=True), "Paid less.")
    review_waive(review=case, act=act, now=LATER + timedelta(hours=2))
    assert sum(each.total_cost_incl for each in Cdr.objects.all()) == Decimal(0)
    assert compared(180) == 0


def test_as_it_is_billed_nothing_goes_twice(bench: Bench) -> None:
    transaction = charged(bench)
    bill(bench)
    settled(bench, transaction, 6, 6)
    assert compared() == 0
    settled(bench, transaction, 6, 7)
    assert compared() == 1
    act = Act(person(bench.charge_point.organization, "operator", is_staff=True), "Paid twice there.")
    review_accept(review=Review.objects.get(), act=act, now=LATER + timedelta(hours=2))
    assert Cdr.objects.count() == 1
    assert compared(180) == 0

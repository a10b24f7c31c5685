"""The page of a case: the message in doubt, the charge point's own cost, who decided what."""

from decimal import Decimal

import pytest
from django.test import Client

from billing.models import Review
from billing.services.cdrs import Repair, cdr_create
from billing.services.review_cases import reviews_open_missing
from billing.services.review_decisions import Act, review_repair
from central.models import Message, SessionCost, SessionEvent
from tests.billing.builders import ENERGY, at, charge_point, default_tariff, ended_session, organization
from tests.support.handlers import NOW
from tests.support.registry import person


@pytest.fixture
def owner(db):
    made = organization()
    default_tariff(made, ENERGY)
    return made


@pytest.fixture
def operator(owner):
    return person(owner, "operator", is_staff=True)


def page(user, url):
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode().replace("\xa0", " ")


def test_the_page_of_a_2x_end_leads_to_its_event_its_frame_and_its_session(owner, operator):
    box = charge_point(owner)
    session = ended_session(box, ocpp_version="2.0.1", transaction_id="tx-1")
    event = SessionEvent.objects.create(
        charge_point=box,
        session=session,
        key="tx-1/9",
        kind="stop",
        seq_no=9,
        at=at(70),
        received_at=at(71),
        payload={
            "triggerReason": "EVDeparted",
            "transactionInfo": {"transactionId": "tx-1", "stoppedReason": "EVDisconnected"},
        },
        quarantine_reason="event_after_end",
    )
    frame = Message.objects.create(
        charge_point=box, direction="in", kind=2, action="TransactionEvent", message_id="m", at=at(71)
    )
    reviews_open_missing(now=NOW, limit=10)
    case = Review.objects.get(event=event)
    story = page(operator, f"/admin/billing/review/{case.pk}/change/")
    for place in (f"sessionevent/{event.pk}", f"message/{frame.pk}", f"session/{session.pk}"):
        assert f"/admin/central/{place}/change/" in story
    for words in ("The car left", "Cable unplugged by the car", "Nothing can be ended with it"):
        assert words in story
    told = page(operator, f"/admin/central/sessionevent/{event.pk}/change/")
    assert f"/admin/central/message/{frame.pk}/change/" in told
    assert "Messages came after the end" in told


def test_the_page_shows_where_the_charge_points_own_cost_differs(owner, operator):
    box = charge_point(owner)
    session = ended_session(box, ocpp_version="2.1")
    SessionCost.objects.create(
        charge_point=box,
        session=session,
        currency="EUR",
        total_excl=7,
        total_incl=Decimal("8.40"),
        details={"totalCost": {"energy": {"exclTax": 7}}},
        is_final=True,
        at=at(60),
    )
    cdr_create(session_id=session.pk, now=at(61))
    case = Review.objects.get()
    story = page(operator, f"/admin/billing/review/{case.pk}/change/")
    for words in ("The charge point told its driver another amount", "8.40 EUR", "6.00 EUR", "2.40 EUR"):
        assert words in story
    parts = story.split("Where it differs")[1].split("</section>")[0]
    assert parts.index("7.00 EUR") < parts.index("5.00 EUR")


def test_a_decided_case_shows_who_decided_what_with_the_audit_trail(owner, operator):
    session = ended_session(charge_point(owner), needs_review=True, review_reasons=["impossible_energy"])
    cdr_create(session_id=session.pk, now=at(61))
    case = Review.objects.get()
    act = Act(operator, "The meter jumped.", "192.0.2.7")
    review_repair(review=case, repair=Repair(4000, at(0), at(30)), act=act, now=at(70))
    url = f"/admin/billing/review/{case.pk}/change/"
    story = page(operator, url)
    for words in ("operator-acme", "The meter jumped.", "Energy instead", "4.000 kWh", "Ended instead"):
        assert words in story
    assert "card-audit" not in page(person(owner, "maintenance", is_staff=True), url)
    audit = story.split("card-audit")[-1]
    assert "review.repaired" in audit
    assert "192.0.2.7" in audit

"""What goes into the outbox for whom, and in which state (OCPI 2.2.1 §9.1.1, §10.1.2)."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from central.models import Session
from central.signals import session_updated
from emobility.lib import bell
from ocpi.core.client import PartnerClient
from ocpi.core.routing import CORRELATION_ID, REQUEST_ID
from ocpi.models import Delivery, Partner, ReceivedCdr, ReceivedSession
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.services.outbox import (
    MOST_ATTEMPTS,
    delivery_retry,
    session_offer,
    sessions_offer_missing,
)
from ocpi.services.partners import partner_resume, partner_suspend
from ocpi.tasks import sweep
from registry.models import Organization
from tests.ocpi import roaming
from tests.ocpi.conftest import Caller, issue, now
from tests.ocpi.pushing import backlog, partner, push_all, settle
from tests.support import partner as faults
from tests.support.partner import ScriptedPartner
from tests.support.wait import eventually

pytestmark = pytest.mark.integration


def test_a_session_and_its_cdr_arrive_at_the_other_organisation(
    celery_eager: None, linked: tuple[Partner, Partner], cpo: Organization
) -> None:
    """From the bell to the rows of the provider, on one server over HTTP."""
    token = roaming.card(cpo, roaming.provider(cpo, "NL", "MSP"))
    session = roaming.running(cpo, token)
    bell.after_commit(session_updated, session_id=session.pk)
    told = eventually(lambda: ReceivedSession.objects.all()[:1])[0]
    assert (told.object_id, told.payload["status"]) == (str(session.uid), "ACTIVE")
    cdr = roaming.billed(cpo, token)
    received = eventually(lambda: ReceivedCdr.objects.all()[:1])[0]
    assert received.object_id == cdr.cdr_id
    assert (received.organization.slug, str(received.partner)) == ("drivers", "DE-EMP")
    assert received.payload["total_cost"]["before_taxes"] == 6
    delivery = eventually(lambda: Delivery.objects.filter(module="cdrs", state="delivered"))[0]
    assert delivery.remote_url.endswith(f"/ocpi/drivers/2.3.0/receiver/cdrs/DE/EMP/{cdr.cdr_id}")


def test_the_sweep_finds_what_no_bell_told(
    celery_eager: None, linked: tuple[Partner, Partner], cpo: Organization
) -> None:
    """Rows are the truth: a session and a CDR that nobody rang for."""
    token = roaming.card(cpo, roaming.provider(cpo, "NL", "MSP"))
    roaming.running(cpo, token)
    roaming.billed(cpo, token)
    bell.drain()
    Delivery.objects.all().delete()
    ReceivedCdr.objects.all().delete()
    sweep()
    assert (ReceivedCdr.objects.count(), ReceivedSession.objects.count()) == (1, 2)


def test_a_push_carries_token_ids_and_routing(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """§4.1.2, §4.1.8, §4.2."""
    backlog(cpo, 1)
    push_all(now())
    (post,) = scripted.sent("POST", "cdrs")
    assert post.token == scripted.token_b
    assert post.headers[REQUEST_ID.lower()] != post.headers[CORRELATION_ID.lower()]
    routing = {name: value for name, value in post.headers.items() if name.startswith("ocpi-")}
    assert routing == {
        "ocpi-from-country-code": "DE",
        "ocpi-from-party-id": "EMP",
        "ocpi-to-country-code": "NL",
        "ocpi-to-party-id": "TST",
    }


def test_a_partner_set_to_raw_gets_the_token_as_it_is(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """§4.1.2: some peers never learned Base64."""
    Partner.objects.update(token_form="raw")
    backlog(cpo, 1)
    push_all(now())
    (post,) = scripted.sent("POST", "cdrs")
    assert post.headers["authorization"] == f"Token {scripted.token_b}"


def test_the_latest_state_of_a_session_wins(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """Changes while the partner is away become one PUT of the last one."""
    session = roaming.running(cpo)
    scripted.down = True
    for wh in range(1000, 6000, 1000):
        session.energy_wh = wh
        session.save()
        session_offer(session_id=session.pk, now=now())
        push_all(now())
    scripted.down = False
    settle(now())
    puts = [item for item in scripted.sent("PUT", "sessions") if item.path in scripted.sessions]
    assert scripted.sessions[puts[-1].path]["kwh"] == 5
    assert puts[-1].path == f"/2.2.1/sessions/DE/EMP/{session.uid}"
    assert Delivery.objects.get().revision == 5


def test_a_running_session_is_told_twice_a_minute_at_most(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """And its end at once."""
    session = roaming.running(cpo)
    start = now()
    for seconds in range(0, 60, 5):
        session.save()
        session_offer(session_id=session.pk, now=start + timedelta(seconds=seconds))
        push_all(start + timedelta(seconds=seconds))
    assert len(scripted.sent("PUT", "sessions")) == 2
    session.state, session.ended_at = "ended", start
    session.save()
    session_offer(session_id=session.pk, now=start + timedelta(seconds=61))
    push_all(start + timedelta(seconds=61))
    assert scripted.sent("PUT", "sessions")[-1].body["status"] == "COMPLETED"


def test_a_refused_session_is_given_up_and_comes_back_with_a_change(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """Dead letters are for sessions; a person or a change revives them."""
    session = roaming.running(cpo)
    session_offer(session_id=session.pk, now=now())
    scripted.misbehave("PUT", "sessions", *[faults.refuse] * (MOST_ATTEMPTS + 1))
    settle(now())
    delivery = Delivery.objects.get()
    assert (delivery.state, "2001" in delivery.last_error) == ("dead", True)
    delivery_retry(delivery=delivery, now=now())
    push_all(now())
    session.save()
    session_offer(session_id=session.pk, now=now())
    settle(now())
    assert Delivery.objects.get().state == "delivered"


def test_a_change_under_way_is_not_lost(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """The object changed while its older state was being sent: it is sent again."""
    session = roaming.running(cpo)
    session_offer(session_id=session.pk, now=now())

    def change_meanwhile(handler: faults.Handler, request: faults.Recorded) -> None:
        changed = Session.objects.get(pk=session.pk)
        changed.energy_wh = 9000
        changed.save()
        session_offer(session_id=session.pk, now=now())
        connection.close()
        handler.say(handler.server.partner.answer(request))

    scripted.misbehave("PUT", "sessions", change_meanwhile)
    settle(now())
    assert [item.body["kwh"] for item in scripted.sent("PUT", "sessions")] == [0, 9]


def test_a_suspended_partner_gets_nothing(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """Until it is resumed."""
    backlog(cpo, 1)
    partner_suspend(partner=partner(), actor="test", now=now())
    assert push_all(now()) == 0
    partner_resume(partner=partner(), actor="test", now=now())
    assert push_all(now()) == 1


def test_only_what_concerns_a_partner_is_sent(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """Not another provider's, not our own drivers', not what waits for review."""
    roaming.billed(cpo, roaming.card(cpo, roaming.provider(cpo, "NL", "OTH"), "OTHER"))
    roaming.billed(cpo, roaming.card(cpo, None, "OWN"))
    roaming.billed(cpo, needs_review=True, review_reasons=["x"])
    bell.drain()
    Delivery.objects.filter(module="sessions").delete()
    cdrs_seal_missing(now=now())
    assert not Delivery.objects.exists()
    sessions_offer_missing(now=now())
    assert Delivery.objects.count() == 1


def test_a_partner_without_the_receiver_gets_no_push(
    server: object, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """It pulls."""
    scripted.endpoints = [
        {"identifier": "credentials", "role": "SENDER", "url": scripted.url("/2.2.1/credentials")}
    ]
    Caller(server, issue(cpo))("POST", "/ocpi/2.2.1/credentials", scripted.credentials())  # type: ignore[arg-type]
    backlog(cpo, 1)
    assert not Delivery.objects.exists()


def test_nobody_is_asked_while_a_transaction_is_open(cpo: Organization, scripted: ScriptedPartner) -> None:
    """A slow partner must not hold locks."""
    client = PartnerClient(cpo, "token", now())
    with transaction.atomic(), pytest.raises(RuntimeError):
        client.call("GET", scripted.url("/versions"), module="versions")
    assert scripted.requests == []

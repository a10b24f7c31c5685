"""The outbox against partners that misbehave over real HTTP (RELIABILITY F4, F5, F6)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection, transaction

from central.models import Session
from central.signals import session_updated
from emobility.lib import bell
from ocpi.core.client import PartnerClient
from ocpi.core.routing import CORRELATION_ID, REQUEST_ID
from ocpi.models import Delivery, Partner, ReceivedCdr, ReceivedSession
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.selectors.outbox import partners_due
from ocpi.services.outbox import (
    LEASE,
    MOST_ATTEMPTS,
    delivery_claim,
    delivery_retry,
    drain_begin,
    drain_end,
    session_offer,
    sessions_offer_missing,
)
from ocpi.services.partners import partner_resume, partner_suspend
from ocpi.services.push import delivery_push_next
from ocpi.tasks import deliver, sweep
from registry.models import Organization
from tests.ocpi import roaming
from tests.ocpi.conftest import Caller, issue, now
from tests.support import partner as faults
from tests.support.partner import Answer, ScriptedPartner
from tests.support.wait import eventually

pytestmark = pytest.mark.integration


def partner() -> Partner:
    return Partner.objects.get(party_id="TST")


def push_all(at: datetime, who: Partner | None = None) -> int:
    """Send what may be sent at a moment; answers how many tries that were."""
    count = 0
    while delivery_push_next(partner_id=(who or partner()).pk, now=at):
        count += 1
    return count


def backlog(cpo: Organization, count: int) -> list[str]:
    """CDRs in the outbox."""
    ids = [roaming.billed(cpo).cdr_id for _ in range(count)]
    cdrs_seal_missing(now=now())
    return ids


def settle(at: datetime, hours: float = 2) -> datetime:
    """Let time pass, ten seconds a step, until nothing waits."""
    end = at + timedelta(hours=hours)
    while at < end and Delivery.objects.filter(state="waiting").exists():
        push_all(at)
        at += timedelta(seconds=10)
    return at


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
    assert received.payload["total_cost"] == {"excl_vat": 6, "incl_vat": 7.2}
    delivery = eventually(lambda: Delivery.objects.filter(module="cdrs", state="delivered"))[0]
    assert delivery.remote_url.endswith(f"/ocpi/drivers/2.2.1/receiver/cdrs/DE/EMP/{cdr.cdr_id}")


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


FAULTS = (
    faults.store_then_drop,
    faults.drop,
    faults.error_500,
    faults.wrong_status,
    faults.refuse,
    faults.oversized,
    faults.not_json,
    faults.redirect_to("http://127.0.0.1:9/elsewhere"),
)


def test_a_cdr_arrives_once_whatever_the_first_answer_was(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F5, F6: one fault each, then a good partner: delivered, one CDR there, one POST that stored it."""
    for fault in FAULTS:
        (cdr_id,) = backlog(cpo, 1)
        scripted.misbehave("POST", "cdrs", fault)
        settle(now())
        assert Delivery.objects.get(object_id=cdr_id).state == "delivered", fault
        assert scripted.cdr_posts == [cdr_id], fault
        scripted.cdr_posts.clear()
    assert len(scripted.cdrs) == len(FAULTS)


def test_ambiguous_posts_leave_no_second_cdr(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F6: every tenth answer is lost after storing; each CDR is posted once and found by asking."""
    ids = backlog(cpo, 40)
    for _ in range(4):
        scripted.misbehave("POST", "cdrs", *[_well] * 9, faults.store_then_drop)
    settle(now())
    assert Delivery.objects.filter(state="delivered").count() == 40
    assert Counter(scripted.cdr_posts) == Counter(ids)


def _well(handler: faults.Handler, request: faults.Recorded) -> None:
    handler.say(handler.server.partner.answer(request))


def test_a_partner_that_cannot_be_asked_says_it_has_it(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F6: the repeat has the same id and the same body; "I have this" counts as delivered."""
    answers = (
        Answer(200, 2001, message="CDR already exists"),
        Answer(409, 2000, message="no"),
        Answer(200, 1000),
    )
    for scripted.duplicate_answer in answers:
        (cdr_id,) = backlog(cpo, 1)
        scripted.misbehave("POST", "cdrs", faults.store_then_drop)
        scripted.misbehave("GET", "cdrs", faults.refuse)
        settle(now())
        first, second = scripted.sent("POST", "cdrs")[-2:]
        assert first.body == second.body
        assert Delivery.objects.get(object_id=cdr_id).state == "delivered"


def test_a_refused_cdr_is_never_given_up(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """It waits, with pauses that grow, until the partner takes it."""
    backlog(cpo, 1)
    scripted.misbehave("POST", "cdrs", *[faults.refuse] * 20)
    settle(now(), hours=8)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("delivered", 21)


def test_a_partner_that_is_down_is_probed_now_and_then(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F5: six hours down: at most one probe in 30 s; then everything within 15 minutes, each once."""
    ids = backlog(cpo, 20)
    scripted.down = True
    start = at = now()
    probes: list[datetime] = []
    while at < start + timedelta(hours=6):
        probes.extend([at] * push_all(at))
        at += timedelta(seconds=30)
    gaps = [later - earlier for earlier, later in pairwise(probes[3:])]
    assert len(probes) < 60
    assert min(gaps) >= timedelta(seconds=30)
    assert scripted.cdr_posts == []
    scripted.down = False
    back = settle(at)
    assert back - at <= timedelta(minutes=15)
    assert Counter(scripted.cdr_posts) == Counter(ids)
    assert partner().failures == 0


def test_a_partner_that_is_down_delays_no_other(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F5: the breaker is the partner's own."""
    with ScriptedPartner("FR", "ALT") as other:
        Caller(registered.server, issue(cpo))("POST", "/ocpi/2.2.1/credentials", other.credentials())
        backlog(cpo, 3)
        roaming.billed(cpo, roaming.card(cpo, roaming.provider(cpo, "FR", "ALT"), "ALT1"))
        cdrs_seal_missing(now=now())
        scripted.down = True
        push_all(now())
        push_all(now(), Partner.objects.get(party_id="ALT"))
        assert len(other.cdrs) == 1
        assert Delivery.objects.filter(state="waiting").count() == 3


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


def test_a_killed_workers_delivery_is_taken_up_again(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F4: killed before the POST, and after the POST before the mark: one CDR each, within a minute."""
    backlog(cpo, 2)
    at = now()
    before, after = (delivery_claim(partner_id=partner().pk, now=at) for _ in range(2))
    assert before is not None
    assert after is not None
    drain_begin(partner_id=partner().pk, now=at)
    body = {"id": after.object_id}
    scripted.cdrs[f"/2.2.1/cdrs/{after.object_id}"] = body
    assert partners_due(at) == []
    later = at + LEASE + timedelta(seconds=10)
    assert later - at <= timedelta(seconds=60)
    assert partners_due(later) == [partner().pk]
    push_all(later)
    assert scripted.cdr_posts == [before.object_id]
    assert not Delivery.objects.exclude(state="delivered").exists()


def test_one_delivery_is_claimed_by_one_of_many(registered: Caller, cpo: Organization) -> None:
    """Conditional claim."""
    backlog(cpo, 1)
    who, at = partner().pk, now()

    def claim(_: int) -> bool:
        try:
            return delivery_claim(partner_id=who, now=at) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(claim, range(20))) == 1


def test_one_worker_serves_a_partner(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """A second one leaves at once."""
    backlog(cpo, 1)
    who = partner().pk
    assert drain_begin(partner_id=who, now=now())
    assert deliver(who) == 0
    drain_end(partner_id=who)
    assert deliver(who) == 1
    assert len(scripted.cdrs) == 1


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
        _well(handler, request)

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

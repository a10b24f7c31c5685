"""The outbox against partners that misbehave over real HTTP (RELIABILITY F4, F5, F6)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection

from ocpi.models import Delivery, Partner
from ocpi.modules.cdrs.sealing import cdrs_seal_missing
from ocpi.selectors.outbox import partners_due
from ocpi.services.outbox import (
    LEASE,
    delivery_claim,
    drain_begin,
    drain_end,
)
from ocpi.tasks import deliver
from registry.models import Organization
from tests.ocpi import roaming
from tests.ocpi.conftest import Caller, issue, now
from tests.ocpi.pushing import backlog, partner, push_all, settle
from tests.support import partner as faults
from tests.support.campaign import report, scaled
from tests.support.partner import Answer, ScriptedPartner
from tests.support.partner_faults import half_answer, slow
from tests.support.wait import FACTOR

pytestmark = pytest.mark.integration


BACKLOG = scaled(20, short=200, full=10_000)
AMBIGUOUS = scaled(40, short=200, full=1_000)
FAULTS = (
    faults.store_then_drop,
    faults.drop,
    half_answer,
    faults.error_500,
    faults.wrong_status,
    faults.refuse,
    faults.oversized,
    faults.not_json,
    faults.redirect_to("http://127.0.0.1:9/elsewhere"),
)


def test_f5_a_cdr_arrives_once_whatever_the_first_answer_was(
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


def test_f6_ambiguous_posts_leave_no_second_cdr(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F6: every tenth answer is lost after storing; each CDR is posted once and found by asking."""
    ids = backlog(cpo, AMBIGUOUS)
    for _ in range(AMBIGUOUS // 10):
        scripted.misbehave("POST", "cdrs", *[_well] * 9, faults.store_then_drop)
    settle(now())
    assert Delivery.objects.filter(state="delivered").count() == AMBIGUOUS
    assert Counter(scripted.cdr_posts) == Counter(ids)
    assert len(scripted.sent("GET", "cdrs")) >= AMBIGUOUS // 10
    report("F6", 1, what=f"{AMBIGUOUS} CDRs, each tenth answer lost", posts=len(scripted.cdr_posts))


def _well(handler: faults.Handler, request: faults.Recorded) -> None:
    handler.say(handler.server.partner.answer(request))


def test_f6_a_partner_that_cannot_be_asked_says_it_has_it(
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


def test_f5_a_partner_that_is_down_is_probed_now_and_then(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F5: six hours down: at most one probe in 30 s; then everything within 15 minutes, each once."""
    ids = backlog(cpo, BACKLOG)
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
    report("F5", 1, what=f"6 h down with {BACKLOG} CDRs", probes=len(probes), drained=back - at)


def test_f5_a_partner_that_is_down_delays_no_other(
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


def test_f5_others_have_theirs_within_five_seconds(
    registered: Caller, cpo: Organization, scripted: ScriptedPartner
) -> None:
    """F5: one worker, one partner that answers late or not at all, one that is well: p95 of the latter."""
    with ScriptedPartner("FR", "ALT") as other:
        Caller(registered.server, issue(cpo))("POST", "/ocpi/2.2.1/credentials", other.credentials())
        scripted.misbehave("POST", "cdrs", *[slow(0.5), faults.drop, half_answer] * 4)
        backlog(cpo, 12)
        for number in range(20):
            roaming.billed(cpo, roaming.card(cpo, roaming.provider(cpo, "FR", "ALT"), f"ALT{number}"))
        cdrs_seal_missing(now=now())
        deliver()
        rows = Delivery.objects.filter(partner__party_id="ALT", module="cdrs")
        waits = sorted(row.delivered_at - row.created_at for row in rows if row.delivered_at)
        assert (len(waits), len(other.cdrs)) == (20, 20)
        assert waits[18] < timedelta(seconds=5 * FACTOR)


def test_f4_a_killed_workers_delivery_is_taken_up_again(
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

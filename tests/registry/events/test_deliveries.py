"""Webhooks: what arrives, in which order, how often it is tried, what becomes of it in the end."""

from datetime import timedelta

import pytest
from django.db import connection
from standardwebhooks import WebhookVerificationError

from registry.models import (
    ChargePoint,
    ChargePointGroup,
    Event,
    Organization,
    Site,
    WebhookAttempt,
    WebhookDelivery,
)
from registry.services.event_numbers import events_number
from registry.services.webhook_deliveries import (
    LEASE,
    deliveries_claim,
    deliveries_drop_old,
    deliveries_fan_out,
    delivery_resend,
)
from registry.services.webhook_endpoints import (
    Wish,
    webhook_change,
    webhook_create,
    webhook_replay,
    webhook_resume,
    webhook_rotate,
    webhook_test,
)
from tests.registry.events.conftest import START, state_of


def test_an_event_arrives_signed_and_whole(endpoint, receiver, tell, clock, points, time_machine):
    time_machine.move_to(START, tick=True)
    event = tell("1/1", points[0], status="Available", error="")
    clock.go_round()
    (arrived,) = receiver.requests
    assert arrived.verify(endpoint.shown) == {
        "id": f"evt_{event.pk}",
        "type": "connector.status",
        "timestamp": "2026-05-01T12:00:00Z",
        "position": Event.objects.get(pk=event.pk).position,
        "organization": "amber",
        "charge_point": "CP-A",
        "subject": "1/1",
        "data": {"status": "Available", "error": ""},
    }
    assert arrived.headers["content-type"] == "application/json"
    assert arrived.uid == f"evt_{event.pk}"
    log = WebhookAttempt.objects.get()
    assert (log.status, log.excerpt, log.error) == (200, "thanks", "")
    assert state_of(event) == "delivered"


def test_nothing_from_before_the_webhook_arrives(organization, receiver, tell, clock):
    tell("before")
    webhook_create(organization=organization, wish=Wish("Late", receiver.url), actor="test", now=START)
    tell("after")
    clock.go_round()
    assert receiver.subjects == ["after"]


def test_a_failed_event_holds_back_its_charge_point_alone(endpoint, receiver, tell, clock, points):
    one, two = points
    well: list[bool] = []
    receiver.answer = lambda arrived: 500 if arrived.event["subject"] == "a1" and not well else 200
    for subject, point in (("a1", one), ("b1", two), ("a2", one), ("b2", two), ("none", None)):
        tell(subject, point)
    clock.go_round()
    assert set(receiver.subjects) == {"a1", "b1", "b2", "none"}
    assert receiver.subjects.index("b1") < receiver.subjects.index("b2")
    assert "a2" not in receiver.subjects
    well.append(True)
    clock.later(seconds=10).go_round()
    assert receiver.subjects[-2:] == ["a1", "a2"]
    assert {arrived.uid for arrived in receiver.requests if arrived.event["subject"] == "a1"} == {
        f"evt_{Event.objects.get(subject='a1').pk}"
    }


def test_attempts_pause_longer_each_time_and_end_in_a_dead_letter(
    endpoint, receiver, tell, clock, points, settings
):
    settings.WEBHOOK_ATTEMPTS = 3
    receiver.answer = lambda arrived: 422 if arrived.event["subject"] == "bad" else 200
    bad, good = tell("bad", points[0]), tell("good", points[0])
    clock.go_round_until(lambda: state_of(bad) == "dead")
    assert receiver.subjects[:3] == ["bad"] * 3
    clock.later(minutes=30).go_round()
    assert state_of(good) == "delivered"
    events_number()
    told = Event.objects.get(kind="webhook.dead")
    assert told.data == {"endpoint": str(endpoint.uid), "event": f"evt_{bad.pk}", "reason": "HTTP 422"}
    assert "Fleet" not in receiver.subjects, "an endpoint does not hear of its own trouble"
    receiver.answer = lambda arrived: 200
    delivery_resend(delivery=WebhookDelivery.objects.get(event=bad), actor="test", now=clock.now)
    clock.go_round()
    assert receiver.requests[-1].uid == f"evt_{bad.pk}"
    assert state_of(bad) == "delivered"


def test_a_receiver_that_does_not_answer_is_left_alone_then_probed(endpoint, receiver, tell, clock, points):
    receiver.answer = lambda arrived: None
    for number in range(40):
        tell(str(number), None)
    clock.go_round()
    tried = len(receiver.requests)
    assert tried <= 8, "the breaker opens after five failures in a row"
    endpoint.refresh_from_db()
    assert endpoint.paused_until > clock.now
    clock.later(minutes=1).go_round()
    assert len(receiver.requests) <= tried + 1, "one probe"
    receiver.answer = lambda arrived: 200
    clock.go_round_until(lambda: not WebhookDelivery.objects.exclude(state="delivered").exists())
    assert {arrived.event["subject"] for arrived in receiver.requests} == {str(n) for n in range(40)}


def test_the_receiver_may_ask_for_more_time(endpoint, receiver, tell, clock):
    receiver.answer = lambda arrived: (503, {"retry-after": "1800"})
    event = tell("x")
    clock.go_round()
    row = WebhookDelivery.objects.get(event=event)
    assert row.next_attempt_at >= clock.now + timedelta(minutes=30)


def test_an_endpoint_that_is_gone_waits_for_a_person_and_loses_nothing(endpoint, receiver, tell, clock):
    receiver.answer = lambda arrived: 410
    tell("1")
    clock.go_round()
    endpoint.refresh_from_db()
    assert (endpoint.paused_at, endpoint.pause_reason) == (clock.now, "HTTP 410")
    tell("2")
    clock.later(hours=5).go_round()
    assert receiver.subjects == ["1"]
    receiver.answer = lambda arrived: 200
    webhook_resume(endpoint=endpoint, actor="test", now=clock.now)
    clock.go_round()
    assert sorted(receiver.subjects) == ["1", "1", "2"]


def test_days_of_failures_pause_an_endpoint(endpoint, receiver, tell, clock, settings):
    settings.WEBHOOK_PAUSE_AFTER_HOURS = 1
    receiver.answer = lambda arrived: 500
    tell("1")
    clock.go_round_until(lambda: type(endpoint).objects.get(pk=endpoint.pk).paused_at, hours=3)
    assert Event.objects.filter(kind="webhook.paused", data__reason="HTTP 500").exists()


def test_a_killed_worker_s_request_is_made_again_with_the_same_id(endpoint, receiver, tell, clock):
    """Between the request and its mark nothing is known: after the lease it is sent once more."""
    event = tell("once")
    deliveries_fan_out(now=clock.now)
    (taken,) = deliveries_claim(busy={}, free=8, free_slow=4, now=clock.now)
    assert deliveries_claim(busy={}, free=8, free_slow=4, now=clock.now) == []
    clock.go_round()
    assert receiver.requests == []
    clock.later(seconds=LEASE.total_seconds()).go_round()
    assert [arrived.uid for arrived in receiver.requests] == [f"evt_{event.pk}"] == [taken.event.uid]


def test_only_what_was_asked_for_arrives(organization, receiver, tell, clock, points):
    wishes = {
        "sessions": Wish("sessions", receiver.url, kinds=["session.*"]),
        "one": Wish("one", receiver.url, kinds=["*"], charge_points=points[:1]),
    }
    ends = {
        name: webhook_create(organization=organization, wish=wish, actor="test", now=START).endpoint
        for name, wish in wishes.items()
    }
    other = Organization.objects.create(name="Basalt", slug="basalt")
    foreign = ChargePoint.objects.create(organization=other, cp_id="CP-X", registered_at=START)
    tell("a", points[0])
    tell("b", points[1], kind="session.ended")
    tell("c", None, kind="partner.updated")
    tell("x", foreign, kind="session.ended")
    clock.go_round()
    got = {
        name: list(WebhookDelivery.objects.filter(endpoint=end).values_list("event__subject", flat=True))
        for name, end in ends.items()
    }
    assert got == {"sessions": ["b"], "one": ["a"]}


def test_groups_and_sites_choose_charge_points(organization, receiver, tell, clock, points):
    site = Site.objects.create(organization=organization, name="Harbour")
    group = ChargePointGroup.objects.create(organization=organization, name="Quick")
    group.members.add(points[0])
    ChargePoint.objects.filter(pk=points[1].pk).update(site=site)
    for wish in (
        Wish("site", receiver.url, sites=[site]),
        Wish("group", receiver.url, groups=[group]),
    ):
        webhook_create(organization=organization, wish=wish, actor="test", now=START)
    tell("a", points[0])
    tell("b", points[1])
    clock.go_round()
    rows = WebhookDelivery.objects.order_by("endpoint__name").values_list("endpoint__name", "event__subject")
    assert list(rows) == [("group", "a"), ("site", "b")]


def test_a_new_secret_signs_beside_the_old_one_for_a_day(endpoint, receiver, tell, clock, time_machine):
    fresh = webhook_rotate(endpoint=endpoint, actor="test", now=START).secret
    tell("1")
    time_machine.move_to(START, tick=True)
    clock.go_round()
    assert receiver.requests[0].verify(endpoint.shown) == receiver.requests[0].verify(fresh)
    clock.later(hours=25)
    tell("2", at=clock.now)
    clock.go_round()
    time_machine.move_to(clock.now, tick=True)
    assert receiver.requests[1].verify(fresh)
    with pytest.raises(WebhookVerificationError):
        receiver.requests[1].verify(endpoint.shown)


def test_a_replay_sends_all_since_then_with_the_same_ids(endpoint, receiver, tell, clock, points):
    for hour in range(5):
        tell(str(hour), points[0], at=START + timedelta(hours=hour))
    clock.later(hours=6).go_round()
    first = [arrived.uid for arrived in receiver.requests]
    assert len(first) == 5
    webhook_replay(endpoint=endpoint, since=START + timedelta(hours=2), actor="test", now=clock.now)
    clock.go_round()
    assert [arrived.uid for arrived in receiver.requests[5:]] == first[2:]


def test_a_test_event_goes_to_its_endpoint_alone(endpoint, organization, receiver, clock):
    other = webhook_create(organization=organization, wish=Wish("Other", receiver.url), actor="t", now=START)
    webhook_test(endpoint=endpoint, actor="test", now=clock.now)
    clock.go_round()
    assert [arrived.event["type"] for arrived in receiver.requests] == ["webhook.test"]
    assert not WebhookDelivery.objects.filter(endpoint=other.endpoint).exists()


def test_own_headers_go_with_each_request_and_cannot_replace_ours(endpoint, receiver, tell, clock):
    wish = Wish("Fleet", receiver.url, headers={"Authorization": "Bearer abc", "X-Site": "1"})
    webhook_change(endpoint=endpoint, wish=wish, actor="test", now=START)
    tell("1")
    clock.go_round()
    sent = receiver.requests[0].headers
    assert (sent["authorization"], sent["x-site"]) == ("Bearer abc", "1")


def test_an_endpoint_that_was_switched_off_begins_anew(endpoint, receiver, tell, clock):
    webhook_change(endpoint=endpoint, wish=Wish("Fleet", receiver.url, is_active=False), actor="t", now=START)
    tell("off")
    webhook_change(endpoint=endpoint, wish=Wish("Fleet", receiver.url), actor="t", now=START)
    tell("on")
    clock.go_round()
    assert receiver.subjects == ["on"]


def test_the_secret_stands_nowhere_in_the_database(endpoint, receiver):
    wish = Wish("Fleet", receiver.url, headers={"X-Key": "canary-of-a-header"})
    webhook_change(endpoint=endpoint, wish=wish, actor="test", now=START)
    with connection.cursor() as cursor:
        for table in ("registry_webhookendpoint", "registry_auditentry", "registry_event"):
            cursor.execute(f"SELECT * FROM {table}")
            rows = str(cursor.fetchall())
            assert endpoint.shown not in rows
            assert "canary-of-a-header" not in rows


def test_what_is_over_is_forgotten_after_a_month(endpoint, receiver, tell, clock):
    receiver.answer = lambda arrived: 200 if arrived.event["subject"] == "done" else 500
    tell("done")
    tell("waits")
    clock.go_round()
    deliveries_drop_old(now=clock.now + timedelta(days=31))
    assert list(WebhookDelivery.objects.values_list("event__subject", flat=True)) == ["waits"]

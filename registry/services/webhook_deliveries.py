"""Deliveries: from the event log into what waits for each endpoint, claimed, marked, given up, sent again.

The event log itself is the queue of an endpoint that is paused or does not answer: it is read on from the
endpoint's position when that is over. Within a lane (a charge point) the next event waits for the one before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from emobility.lib.outlets import Breaker, Pauses, claim, not_paused
from registry.models import Event, User, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from registry.models.webhook import WebhookState
from registry.services.audit import audit_record
from registry.services.event_numbers import newest_position
from registry.services.events import event_append
from registry.services.webhook_matching import ABOUT_WEBHOOKS, filters_of, places_of, wants
from registry.services.webhook_requests import GONE, Outcome

LEASE: Final = timedelta(seconds=40)
"""How long a worker has for one request: a killed one's work is taken up again within a minute."""
PAUSES: Final = Pauses(timedelta(seconds=5), timedelta(hours=2), jitter=0.2)
BREAKER: Final = Breaker(5, Pauses(timedelta(seconds=30), timedelta(minutes=10), jitter=0.1))
BATCH: Final = 500
LANES: Final = 4
"""Requests to one endpoint at a time, each of another charge point."""
SLOW_MS: Final = 2000


def endpoints_serving(now: datetime) -> QuerySet[WebhookEndpoint]:
    """Endpoints that may be sent to now."""
    return WebhookEndpoint.objects.filter(not_paused(now), is_active=True, paused_at=None)


def deliveries_fan_out(*, now: datetime) -> int:
    """Make deliveries of new events for each endpoint that wants them; how many. One batch an endpoint."""
    newest = newest_position()
    behind = endpoints_serving(now).filter(position__lt=newest)
    positions = sorted(set(behind.order_by().values_list("position", flat=True)))
    return sum(_fan_out_from(position, newest, now) for position in positions)


def _fan_out_from(position: int, newest: int, now: datetime) -> int:
    with transaction.atomic():
        locked = endpoints_serving(now).filter(position=position).select_for_update(skip_locked=True)
        endpoints = list(locked.order_by("pk").prefetch_related("sites", "groups", "charge_points"))
        if not endpoints:
            return 0
        events = Event.objects.filter(
            position__gt=position,
            position__lte=newest,
            organization_id__in={endpoint.organization_id for endpoint in endpoints},
        )
        found = list(events.order_by("position")[:BATCH])
        count = _put(endpoints, found, now)
        reached = newest if len(found) < BATCH else found[-1].position
        WebhookEndpoint.objects.filter(pk__in=[each.pk for each in endpoints]).update(position=reached)
    return count


def _put(endpoints: Sequence[WebhookEndpoint], events: Sequence[Event], now: datetime) -> int:
    """Make the rows; where a replay comes past an event again, its row waits anew."""
    filters = filters_of(endpoints)
    places = places_of(events, filters)
    rows = [
        delivery_new(one.endpoint, event, now)
        for event in events
        for one in filters
        if wants(one, event, places)
    ]
    WebhookDelivery.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["endpoint", "event"],
        update_fields=["state", "attempts", "next_attempt_at", "delivered_at", "last_error"],
    )
    return len(rows)


def delivery_new(endpoint: WebhookEndpoint, event: Event, now: datetime) -> WebhookDelivery:
    """A row that is due, not yet stored. An event of no charge point waits for no other."""
    return WebhookDelivery(
        endpoint=endpoint,
        event=event,
        lane=event.charge_point_id or -event.pk,
        position=event.position or 0,
        next_attempt_at=now,
        created_at=now,
    )


def deliveries_claim(
    *, busy: Mapping[int, int], free: int, free_slow: int, now: datetime
) -> list[WebhookDelivery]:
    """Take what may be sent now: at most `free` in all and `free_slow` of slow endpoints.

    `busy` is how many requests to each endpoint are under way. The quickest endpoints are served first.
    """
    waiting = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=WebhookState.WAITING)
    due = endpoints_serving(now).filter(Exists(waiting.filter(next_attempt_at__lte=now)))
    claimed: list[WebhookDelivery] = []
    for endpoint in due.select_related("organization").order_by("latency_ms", "pk"):
        is_slow = endpoint.latency_ms > SLOW_MS
        most = 1 if endpoint.failures >= BREAKER.after or is_slow else LANES
        room = min(most - busy.get(endpoint.pk, 0), free - len(claimed), free_slow if is_slow else free)
        if room > 0:
            taken = _claim(endpoint, room, now)
            claimed += taken
            free_slow -= len(taken) if is_slow else 0
    return claimed


def _claim(endpoint: WebhookEndpoint, room: int, now: datetime) -> list[WebhookDelivery]:
    """The heads of lanes that are due, oldest first: each conditional update has one winner."""
    rows = WebhookDelivery.objects.filter(endpoint=endpoint, state=WebhookState.WAITING)
    earlier = rows.filter(lane=OuterRef("lane"), position__lt=OuterRef("position"))
    heads = rows.filter(~Exists(earlier), next_attempt_at__lte=now).order_by("position", "pk")
    taken = []
    for row in heads.select_related("event__organization", "event__charge_point")[:room]:
        if claim(rows, row, LEASE, now):
            row.endpoint, row.attempts = endpoint, row.attempts + 1
            taken.append(row)
    return taken


def delivery_settle(*, delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    """Note what came of a request: done, to be tried again, or given up."""
    with transaction.atomic():
        WebhookAttempt.objects.create(
            delivery=delivery,
            at=now,
            duration_ms=outcome.duration_ms,
            status=outcome.status,
            error=outcome.error,
            excerpt=outcome.excerpt,
        )
        if outcome.arrived:
            _done(delivery, outcome, now)
        else:
            _failed(delivery, outcome, now)


def _done(delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=WebhookState.DELIVERED, delivered_at=now, last_status=outcome.status, last_error=""
    )
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(
        failures=0,
        paused_until=None,
        failing_since=None,
        last_success_at=now,
        last_error="",
        latency_ms=outcome.duration_ms,
    )


def _failed(delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    given_up = delivery.attempts >= settings.WEBHOOK_ATTEMPTS
    pause = max(PAUSES.after(delivery.attempts), outcome.wish or timedelta(0))
    WebhookDelivery.objects.filter(pk=delivery.pk, state=WebhookState.WAITING).update(
        state=WebhookState.DEAD if given_up else WebhookState.WAITING,
        next_attempt_at=now + pause,
        last_status=outcome.status,
        last_error=outcome.error,
    )
    if given_up and not delivery.event.kind.startswith(ABOUT_WEBHOOKS):
        _tell(delivery.endpoint, "webhook.dead", {"event": delivery.event.uid, "reason": outcome.error}, now)
    _endpoint_failed(delivery.endpoint, outcome, now)


def _endpoint_failed(endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> None:
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    rows.update(last_error=outcome.error, latency_ms=outcome.duration_ms)
    rows.filter(failing_since=None).update(failing_since=now)
    BREAKER.failed(rows, now)
    limit = now - timedelta(hours=settings.WEBHOOK_PAUSE_AFTER_HOURS)
    gone = outcome.status == GONE
    tired = rows.filter(paused_at=None) if gone else rows.filter(paused_at=None, failing_since__lte=limit)
    if tired.update(paused_at=now, pause_reason=outcome.error):
        _tell(endpoint, "webhook.paused", {"reason": outcome.error}, now)


def _tell(endpoint: WebhookEndpoint, kind: str, data: dict[str, str], now: datetime) -> None:
    event_append(
        organization_id=endpoint.organization_id,
        kind=kind,
        subject=endpoint.name,
        data={"endpoint": str(endpoint.uid), **data},
        now=now,
    )


def delivery_resend(*, delivery: WebhookDelivery, actor: User | str, now: datetime) -> None:
    """Send it again, with the same id, counted anew; what waits already is due now."""
    with transaction.atomic():
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state=WebhookState.WAITING, attempts=0, next_attempt_at=now, delivered_at=None, last_error=""
        )
        audit_record(
            actor=actor,
            action="webhook.resent",
            organization_id=delivery.endpoint.organization_id,
            object_type="webhook",
            object_id=str(delivery.endpoint.uid),
            after={"event": delivery.event.uid, "kind": delivery.event.kind},
            now=now,
        )


def deliveries_wait(*, now: datetime) -> bool:
    """True where a round would find something for a webhook: a look without a write."""
    due = WebhookDelivery.objects.filter(state=WebhookState.WAITING, next_attempt_at__lte=now)
    serving = endpoints_serving(now)
    behind = serving.filter(position__lt=newest_position())
    return behind.exists() or due.filter(endpoint__in=serving).exists()


def deliveries_drop_old(*, now: datetime) -> int:
    """Forget deliveries that are over, and attempts, of long ago; one batch, how many."""
    limit = now - timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    over = WebhookDelivery.objects.exclude(state=WebhookState.WAITING).filter(created_at__lt=limit)
    old = WebhookAttempt.objects.filter(at__lt=limit)
    return sum(_drop(rows) for rows in (over, old))


def _drop(rows: QuerySet[Any]) -> int:
    some = list(rows.order_by("pk").values_list("pk", flat=True)[:10_000])
    count: int = rows.model._default_manager.filter(pk__in=some).delete()[0]  # noqa: SLF001 -- Django's documented name
    return count

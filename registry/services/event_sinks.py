"""Sinks: all events in one order to the Redis stream of their organisation and to MQTT, where set.

A sink is read for by one worker at a time, from where it is on; it begins with what happens after it was
switched on. Trouble pauses it, the event log keeps what it misses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from redis.exceptions import RedisError

from emobility.lib import mqtt
from emobility.lib.outlets import Breaker, Pauses, not_paused, turn_begin
from emobility.lib.redis_streams import StreamEntry, stream_append
from registry.catalog import table
from registry.models import Event, EventReader
from registry.selectors.event_sinks import sinks_set
from registry.services.event_numbers import newest_position
from registry.services.webhook_requests import event_text

LEASE: Final = timedelta(seconds=40)
BATCH: Final = 500
BREAKER: Final = Breaker(1, Pauses(timedelta(seconds=1), timedelta(minutes=1)))
TROUBLE: Final = (RedisError, mqtt.MqttTrouble, OSError)


@dataclass(frozen=True, slots=True)
class Item:
    """An event ready to be published, with nothing left to ask the database for."""

    position: int
    organization: str
    charge_point: str
    kind: str
    uid: str
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one sink is to publish next; `newest` is the end of the sequence."""

    sink: str
    items: Sequence[Item]
    newest: int


def sinks_active() -> dict[str, Callable[[Batch], None]]:
    """The sinks that are set."""
    wanted = sinks_set()
    known = {"redis": _to_redis, "mqtt": _to_mqtt}
    return {name: publish for name, publish in known.items() if name in wanted}


def sinks_wait(*, now: datetime) -> bool:
    """True where an active sink has something to publish, or was never here before."""
    active = set(sinks_active())
    rows = EventReader.objects.filter(name__in=active)
    done = rows.filter(position__gte=newest_position()) | rows.filter(paused_until__gt=now)
    return bool(active) and done.count() < len(active)


def sink_take(*, sink: str, now: datetime) -> Batch | None:
    """What the sink is to publish next; None where there is nothing, or somebody else is at it."""
    newest = newest_position()
    EventReader.objects.get_or_create(name=sink, defaults={"position": newest})
    rows = _row(sink)
    behind = rows.filter(not_paused(now), position__lt=newest)
    if not behind.exists() or not turn_begin(behind, LEASE, now):
        return None
    position = rows.values_list("position", flat=True).get()
    events = Event.objects.filter(position__gt=position, position__lte=newest).exclude(kind=table.TEST)
    found = list(events.order_by("position").select_related("organization", "charge_point")[:BATCH])
    if not found:
        rows.update(position=newest, draining_until=None)
        return None
    return Batch(sink, [_item(event) for event in found], newest)


def sink_settle(*, batch: Batch, error: str, now: datetime) -> None:
    """Go on behind the batch, or try it again after a pause."""
    rows = _row(batch.sink)
    if error:
        BREAKER.failed(rows, now)
        rows.update(last_error=error[:255], draining_until=None)
        return
    rows.update(
        position=batch.items[-1].position,
        failures=0,
        paused_until=None,
        last_error="",
        last_success_at=now,
        draining_until=None,
    )


def sink_publish(batch: Batch) -> str:
    """Publish a batch; answers what went wrong, in words, or ''. No database is touched."""
    try:
        sinks_active()[batch.sink](batch)
    except TROUBLE as error:
        return str(error) or type(error).__name__
    return ""


def stream_key(slug: str) -> str:
    """The stream of an organisation."""
    return f"{settings.REDIS_PREFIX}:events:{slug}"


def _row(sink: str) -> QuerySet[EventReader]:
    return EventReader.objects.filter(name=sink)


def _item(event: Event) -> Item:
    return Item(
        position=event.position or 0,
        organization=event.organization.slug,
        charge_point=event.charge_point.cp_id if event.charge_point else "",
        kind=event.kind,
        uid=event.uid,
        text=event_text(event),
    )


def _to_redis(batch: Batch) -> None:
    entries = [
        StreamEntry(
            stream_key(item.organization),
            item.position,
            {
                "id": item.uid,
                "type": item.kind,
                "name": table.KINDS[item.kind].old_name if item.kind in table.KINDS else "",
                "charge_point": item.charge_point,
                "event": item.text,
            },
        )
        for item in batch.items
    ]
    stream_append(settings.REDIS_URL, entries, newest=batch.newest, maxlen=settings.EVENTS_REDIS_MAXLEN)


def _to_mqtt(batch: Batch) -> None:
    messages = [(_topic(item), item.text) for item in batch.items]
    mqtt.publish(settings.MQTT_URL, messages)


def _topic(item: Item) -> str:
    levels = (item.organization, mqtt.topic_level(item.charge_point), item.kind)
    return "/".join((settings.MQTT_TOPIC_PREFIX, *levels))

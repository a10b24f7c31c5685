"""Periodic event streams of 2.1: opened, adjusted, filled, closed (N11-N15)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from central.models import EventStream, EventStreamValue
from central.services.variables import charge_point_lock

_BATCH: Final = 10_000


@dataclass(frozen=True, slots=True)
class Stream:
    """What is constant of a stream: its number, the monitor behind it, when it sends."""

    number: int
    monitor_number: int
    interval: int | None = None
    values_each: int | None = None


def event_stream_open(*, charge_point_id: int, stream: Stream, now: datetime) -> None:
    """Keep a stream that begins, or begins again (N11.FR.02, 03)."""
    with transaction.atomic():
        charge_point_lock(charge_point_id)
        _open(charge_point_id, stream, now)


def event_streams_listed(*, charge_point_id: int, streams: Sequence[Stream], now: datetime) -> None:
    """Keep the list of all open streams; others are closed (N12.FR.01)."""
    with transaction.atomic():
        charge_point_lock(charge_point_id)
        for stream in streams:
            _open(charge_point_id, stream, now)
        others = EventStream.objects.filter(charge_point_id=charge_point_id, closed_at=None)
        others.exclude(number__in=[stream.number for stream in streams]).update(closed_at=now)


def event_stream_close(*, charge_point_id: int, number: int, now: datetime) -> bool:
    """Note the end of a stream (N13); False where none was open."""
    streams = EventStream.objects.filter(charge_point_id=charge_point_id, number=number, closed_at=None)
    return bool(streams.update(closed_at=now))


def event_stream_adjusted(
    *, charge_point_id: int, number: int, interval: int | None, values_each: int | None
) -> None:
    """Keep how often the stream sends from now on (N14.FR.03); what was not asked for stays."""
    asked = {"interval": interval, "values_each": values_each}
    changes = {name: value for name, value in asked.items() if value is not None}
    if changes:
        EventStream.objects.filter(charge_point_id=charge_point_id, number=number).update(**changes)


def event_stream_values_record(
    *,
    charge_point_id: int,
    number: int,
    values: Sequence[tuple[datetime, str]],
    pending: int,
    now: datetime,
) -> int:
    """Keep values (time, text) of a stream, opened or not, each once; how many are new (N15)."""
    with transaction.atomic():
        charge_point_lock(charge_point_id)
        stream, _ = EventStream.objects.get_or_create(
            charge_point_id=charge_point_id, number=number, defaults={"opened_at": now}
        )
        wanted = {(at, _digest(value)): value for at, value in values}
        times = [at for at, _ in wanted]
        known = stream.values.filter(at__gte=min(times), at__lte=max(times))
        for each in known.values_list("at", "digest"):
            wanted.pop(each, None)
        EventStreamValue.objects.bulk_create(
            EventStreamValue(
                charge_point_id=charge_point_id,
                stream=stream,
                at=at,
                value=value,
                digest=digest,
                received_at=now,
            )
            for (at, digest), value in wanted.items()
        )
        stream.last_at, stream.pending = max(times), pending
        stream.received += len(wanted)
        stream.save(update_fields=["last_at", "pending", "received"])
    return len(wanted)


def event_stream_values_drop_old(*, now: datetime, keep_days: int) -> int:
    """Drop values of more than `keep_days` (0: none), some thousands at once; how many."""
    if not keep_days:
        return 0
    old = EventStreamValue.objects.filter(received_at__lt=now - timedelta(days=keep_days))
    pks = list(old.values_list("pk", flat=True)[:_BATCH])
    return EventStreamValue.objects.filter(pk__in=pks).delete()[0]


def _open(charge_point_id: int, stream: Stream, now: datetime) -> None:
    constant = {
        "monitor_number": stream.monitor_number,
        "interval": stream.interval,
        "values_each": stream.values_each,
    }
    row, made = EventStream.objects.get_or_create(
        charge_point_id=charge_point_id, number=stream.number, defaults={"opened_at": now, **constant}
    )
    if made:
        return
    if row.closed_at is not None:
        row.opened_at, row.closed_at = now, None
    for name, value in constant.items():
        setattr(row, name, value)
    row.save(update_fields=["opened_at", "closed_at", *constant])


def _digest(value: str) -> str:
    return hashlib.blake2b(value.encode(), digest_size=8).hexdigest()

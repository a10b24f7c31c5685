"""The newest messages and events, for live sockets that observe."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Max

from central.models import Message
from central.selectors.live_state import moment
from registry.models import Event

MOST: Final = 2000
"""Rows of one look."""


@dataclass(frozen=True, slots=True)
class Row:
    """A message or an event: its key, whose it is, when it was, and what is told."""

    key: int
    organization_id: int
    charge_point_id: int | None
    at: datetime
    told: dict[str, Any]


def newest_message() -> int:
    """The key of the newest message."""
    return Message.objects.aggregate(newest=Max("pk"))["newest"] or 0


def newest_event() -> int:
    """The key of the newest event."""
    return Event.objects.aggregate(newest=Max("pk"))["newest"] or 0


def messages_after(floor: int, charge_point_ids: Collection[int] | None) -> list[Row]:
    """Messages above `floor`, of some charge points or of all, oldest first."""
    rows = Message.objects.filter(pk__gt=floor).select_related("charge_point").order_by("pk")
    if charge_point_ids is not None:
        rows = rows.filter(charge_point_id__in=sorted(charge_point_ids))
    return [
        Row(
            row.pk,
            row.charge_point.organization_id,
            row.charge_point_id,
            row.at,
            {
                "charge_point": row.charge_point.cp_id,
                "direction": row.direction,
                "kind": row.get_kind_display(),
                "action": row.action,
                "message_id": row.message_id,
                "payload": row.payload,
                "error_code": row.error_code,
                "latency_ms": row.latency_ms,
                "at": moment(row.at),
            },
        )
        for row in rows[:MOST]
    ]


def events_after(floor: int) -> list[Row]:
    """Events above `floor`, oldest first."""
    rows = Event.objects.filter(pk__gt=floor).select_related("charge_point").order_by("pk")
    return [
        Row(
            row.pk,
            row.organization_id,
            row.charge_point_id,
            row.at,
            {
                "id": row.pk,
                "kind": row.kind,
                "charge_point": row.charge_point and row.charge_point.cp_id,
                "subject": row.subject,
                "data": row.data,
                "at": moment(row.at),
            },
        )
        for row in rows[:MOST]
    ]

"""The append-only event log: one row for each fact, written with the fact."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from registry.models import Event


def event_append(
    *,
    organization_id: int,
    kind: str,
    charge_point_id: int | None = None,
    subject: str = "",
    data: Mapping[str, Any] | None = None,
    now: datetime,
) -> Event:
    """Write a fact: dotted `kind`, the `subject` as people name it, ids and values in `data`."""
    return Event.objects.create(
        organization_id=organization_id,
        charge_point_id=charge_point_id,
        kind=kind,
        subject=subject[:100],
        data=dict(data or {}),
        at=now,
    )


def events_drop_old(*, now: datetime) -> int:
    """Forget events of before EVENTS_KEEP_DAYS, 10,000 at a time; how many. 0 days: none."""
    if not settings.EVENTS_KEEP_DAYS:
        return 0
    limit = now - timedelta(days=settings.EVENTS_KEEP_DAYS)
    oldest = Event.objects.exclude(position=None).order_by("id").values_list("id", "at")[:10_000]
    old = [pk for pk, at in oldest if at < limit]
    return Event.objects.filter(pk__in=old).delete()[0] if old else 0

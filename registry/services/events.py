"""The append-only event log: one row for each fact, written with the fact."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

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

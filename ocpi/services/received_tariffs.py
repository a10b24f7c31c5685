"""Stores partners' tariffs with all their versions: a CDR names the one that held when it was made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ocpi.models import ReceivedTariff, ReceivedTariffVersion
from ocpi.services.received import Check, Told, object_store


def tariff_store(*, told: Told) -> bool:
    """Keep a tariff as it is now, and what it was before; True where it is new (OCPI 2.2.1 §11.2.2.2)."""
    with transaction.atomic():
        row, created, changed = object_store(
            ReceivedTariff, told, currency=str(told.payload.get("currency", ""))[:3], removed_at=None
        )
        if changed:
            _keep(row)
    return created


def tariff_merge(
    *,
    row: ReceivedTariff,
    changes: Mapping[str, Any],
    last_updated: datetime | None,
    check: Check,
    now: datetime,
) -> None:
    """Change some fields of a tariff (OCPI 2.1.1 tariffs §2.2.3); `check` raises where none is left."""
    with transaction.atomic():
        held = ReceivedTariff.objects.select_for_update().get(pk=row.pk)
        merged = {**held.payload, **changes, "id": held.payload["id"]}
        check(merged)
        since = last_updated or now
        if since < held.last_updated:
            return
        held.payload, held.last_updated, held.received_at = merged, since, now
        held.currency = str(merged.get("currency", ""))[:3]
        held.save(update_fields=["payload", "last_updated", "received_at", "currency"])
        _keep(held)


def tariff_remove(*, row: ReceivedTariff, now: datetime) -> None:
    """The partner deleted it: it is shown no longer, its versions stay (OCPI 2.2.1 §11.2.2.3)."""
    ReceivedTariff.objects.filter(pk=row.pk, removed_at=None).update(removed_at=now)


def _keep(row: ReceivedTariff) -> None:
    ReceivedTariffVersion.objects.create(
        tariff=row,
        payload=row.payload,
        version=row.version,
        last_updated=row.last_updated,
        received_at=row.received_at,
    )

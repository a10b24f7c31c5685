"""Connections: which one owns a charge point, who replaced whom, when we last heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from central.models import ChargePointStatus, OfflineSpan
from central.models.charge_point_status import BootStatus
from central.services.bulk import insert_many
from central.services.prepared import Prepared
from central.services.statements import statement_rows
from central.signals import charge_point_changed
from emobility.lib import bell
from registry.models import ChargePoint, Event
from registry.services.events import event_append

CONNECTED, DISCONNECTED = "charge_point.connected", "charge_point.disconnected"
REPLACED = "charge_point.connection_replaced"
ALARM = "charge_point.connection_alarm"
ALARM_WINDOW = timedelta(minutes=10)
ALARM_REPLACEMENTS = 5

_TOUCH_POSTGRES = """
UPDATE central_chargepointstatus SET last_seen = %s WHERE charge_point_id IN (
  SELECT charge_point_id FROM central_chargepointstatus
  WHERE charge_point_id = ANY(%s) ORDER BY charge_point_id FOR NO KEY UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a new connection finds: whether the boot was accepted before, and whether it replaced another."""

    booted: bool
    replaced: bool


def connection_open(
    *,
    charge_point_id: int,
    organization_id: int,
    connection_id: UUID,
    version: str,
    remote_address: str,
    now: datetime,
) -> Opened:
    """Make the connection the owner of its charge point; an older one is replaced, which is an event."""
    with transaction.atomic():
        previous, boot = _owner(charge_point_id)
        ChargePointStatus.objects.filter(charge_point_id=charge_point_id).update(
            connection_id=connection_id,
            connected_at=now,
            disconnected_at=None,
            last_seen=now,
            remote_address=remote_address[:64],
            ocpp_version=version,
        )
        if previous is not None:
            _note_replacement(charge_point_id, organization_id, remote_address, now)
        else:
            OfflineSpan.objects.filter(charge_point_id=charge_point_id, ended_at=None).update(ended_at=now)
            told = {"ocpp_version": version, "remote_address": remote_address[:64]}
            _tell(CONNECTED, organization_id, charge_point_id, told, now)
        bell.after_commit(charge_point_changed, charge_point_id=charge_point_id)
    return Opened(booted=boot == BootStatus.ACCEPTED, replaced=previous is not None)


def _owner(charge_point_id: int) -> tuple[UUID | None, str]:
    """Who owns the charge point, and how its boot was answered; the row is locked, made where missing."""
    found = _locked.rows(charge_point_id=charge_point_id)
    if not found:
        ChargePointStatus.objects.bulk_create(
            [ChargePointStatus(charge_point_id=charge_point_id)], ignore_conflicts=True
        )
        found = _locked.rows(charge_point_id=charge_point_id)
    previous, boot = found[0]
    return previous, boot


_locked: Final = Prepared(
    lambda charge_point_id: (
        ChargePointStatus.objects.select_for_update()
        .filter(charge_point_id=charge_point_id)
        .order_by()
        .values_list("connection_id", "boot_status")
    )
)


def connection_close(*, charge_point_id: int, connection_id: UUID, now: datetime) -> bool:
    """Give the charge point up; False (and no change) where another connection owns it by now."""
    with transaction.atomic():
        rows = ChargePointStatus.objects.filter(charge_point_id=charge_point_id, connection_id=connection_id)
        known = rows.values_list("connected_at", "charge_point__organization_id").first()
        closed = rows.update(connection_id=None, disconnected_at=now, last_seen=now) == 1
        if closed and known is not None:
            since, organization_id = known
            OfflineSpan.objects.create(charge_point_id=charge_point_id, began_at=now)
            told = {"connected_at": since.isoformat() if since else None}
            _tell(DISCONNECTED, organization_id, charge_point_id, told, now)
            bell.after_commit(charge_point_changed, charge_point_id=charge_point_id)
    return closed


def connections_touch(*, charge_point_ids: Sequence[int], now: datetime) -> None:
    """Note that frames of these charge points arrived; rows that somebody else holds are skipped."""
    if connection.vendor == "postgresql":
        statement_rows(_TOUCH_POSTGRES, [now, list(charge_point_ids)])
    else:
        ChargePointStatus.objects.filter(charge_point_id__in=charge_point_ids).update(last_seen=now)


def _tell(kind: str, organization_id: int, charge_point_id: int, data: dict[str, Any], now: datetime) -> None:
    """One row by one plain statement: a storm of connections passes here."""
    name = ChargePoint.objects.values_list("cp_id", flat=True).get(pk=charge_point_id)
    row = {
        "organization_id": organization_id,
        "charge_point_id": charge_point_id,
        "kind": kind,
        "subject": name,
        "data": data,
        "at": now,
    }
    insert_many(Event, [row])


def _note_replacement(charge_point_id: int, organization_id: int, remote_address: str, now: datetime) -> None:
    """RELIABILITY T2: each replacement is a fact, more than five in ten minutes an alarm (once a window)."""
    recent = Event.objects.filter(charge_point_id=charge_point_id, at__gt=now - ALARM_WINDOW)
    event_append(
        organization_id=organization_id,
        kind=REPLACED,
        charge_point_id=charge_point_id,
        data={"remote_address": remote_address},
        now=now,
    )
    count = recent.filter(kind=REPLACED).count()
    if count > ALARM_REPLACEMENTS and not recent.filter(kind=ALARM).exists():
        event_append(
            organization_id=organization_id,
            kind=ALARM,
            charge_point_id=charge_point_id,
            data={"replacements": count, "minutes": 10},
            now=now,
        )

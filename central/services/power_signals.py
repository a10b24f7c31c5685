"""Decisions about power: priority, allowed energy transfer, frequency support (2.1 K21, K22, Q02, Q07)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from central.models import Command, PowerSignal, Session
from central.models.charging_needs import SignalKind
from central.signals import charging_limits_changed
from emobility.lib.bell import after_commit
from registry.services.events import event_append

REPEAT: Final = timedelta(minutes=1)
"""Within this time the same notice is a repeat of the message."""


def signal_answered(
    *,
    command: Command,
    kind: SignalKind,
    transaction_id: str,
    value: Mapping[str, Any],
    status: str,
    now: datetime,
) -> bool:
    """Keep what we decided and how it was answered, once for each command. True where it was accepted."""
    session = _session(command.charge_point_id, transaction_id)
    PowerSignal.objects.update_or_create(
        command=command,
        defaults={
            "organization_id": command.organization_id,
            "charge_point_id": command.charge_point_id,
            "session": session,
            "evse_number": session.evse_number if session else 0,
            "kind": kind,
            "transaction_id": transaction_id,
            "value": dict(value),
            "status": status,
            "at": command.sent_at or now,
            "received_at": now,
        },
    )
    return status == "Accepted"


def priority_record(
    *, organization_id: int, charge_point_id: int, transaction_id: str, activated: bool, now: datetime
) -> None:
    """Keep that a driver chose priority charging at the charge point, or ended it (K22)."""
    value = {"activated": activated}
    latest = PowerSignal.objects.filter(
        charge_point_id=charge_point_id, kind=SignalKind.PRIORITY, transaction_id=transaction_id, command=None
    ).first()
    if latest is not None and latest.value == value and now - latest.received_at < REPEAT:
        return
    session = _session(charge_point_id, transaction_id)
    PowerSignal.objects.create(
        organization_id=organization_id,
        charge_point_id=charge_point_id,
        session=session,
        evse_number=session.evse_number if session else 0,
        kind=SignalKind.PRIORITY,
        transaction_id=transaction_id,
        value=value,
        at=now,
        received_at=now,
    )
    event_append(
        organization_id=organization_id,
        charge_point_id=charge_point_id,
        kind="priority_charging.changed",
        subject=transaction_id,
        data=value,
        now=now,
    )
    after_commit(charging_limits_changed, charge_point_id=charge_point_id)


def _session(charge_point_id: int, transaction_id: str) -> Session | None:
    rows = Session.objects.filter(charge_point_id=charge_point_id, transaction_id=transaction_id)
    return rows.first() if transaction_id else None

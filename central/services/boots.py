"""Boots: what a charge point tells of itself when it starts, and what its start means for open sessions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from central.models import ChargePointStatus
from central.models.charge_point_status import BootStatus
from central.models.review import ReviewReason
from central.models.session import SessionState
from central.services.acceptance import boot_status
from central.services.firmware import firmware_booted
from central.services.prepared import Prepared
from central.services.session_end import sessions_end_provisionally
from central.services.session_match import locked_sessions
from central.signals import charge_point_booted, charge_point_changed
from emobility.lib.bell import after_commit
from registry.models import ChargePoint
from registry.services.events import event_append

WARM_REASONS: Final = frozenset({"Triggered"})
"""Boot reasons (2.x BootReasonEnumType) of a charge point that did not restart."""


@dataclass(frozen=True, slots=True)
class Boot:
    """What a BootNotification says; `details` holds the rest of it."""

    charge_point_id: int
    version: str
    vendor: str
    model: str
    serial_number: str = ""
    firmware_version: str = ""
    reason: str = ""
    details: Mapping[str, Any] | None = None


def boot_record(*, boot: Boot, now: datetime) -> str:
    """Store a boot and return its status: Accepted, Pending or Rejected (see services.acceptance).

    After a cold boot no transaction runs any more: open sessions get a provisional end at their last meter
    value, until a stop that is still queued in the charge point, or a meter value, says otherwise.
    """
    charge_point = ChargePoint.objects.select_related("organization").get(pk=boot.charge_point_id)
    status = boot_status(charge_point)
    _store(boot, status, now)
    firmware_booted(charge_point_id=charge_point.pk, version=boot.firmware_version, now=now)
    if boot.reason not in WARM_REASONS:
        sessions = _running.rows(charge_point_id=charge_point.pk)
        sessions_end_provisionally(sessions, reason=ReviewReason.NO_STOP_BEFORE_BOOT, now=now)
        after_commit(charge_point_booted, charge_point_id=charge_point.pk)
    event_append(
        organization_id=charge_point.organization_id,
        charge_point_id=charge_point.pk,
        kind="charge_point.booted",
        subject=charge_point.cp_id,
        data={
            "status": status.value,
            "reason": boot.reason,
            "firmware": boot.firmware_version,
            "vendor": boot.vendor,
            "model": boot.model,
            "serial_number": boot.serial_number,
            "ocpp_version": boot.version,
        },
        now=now,
    )
    after_commit(charge_point_changed, charge_point_id=charge_point.pk)
    return status.value


_running: Final = Prepared(
    lambda charge_point_id: locked_sessions(
        Q(charge_point_id=charge_point_id, state=SessionState.ACTIVE, end_seq_no=None)
    )
)


def _store(boot: Boot, status: BootStatus, now: datetime) -> None:
    values: dict[str, Any] = {
        "ocpp_version": boot.version,
        "boot_status": status,
        "booted_at": now,
        "boot_reason": boot.reason[:30],
        "vendor": boot.vendor[:50],
        "model": boot.model[:50],
        "serial_number": boot.serial_number[:50],
        "firmware_version": boot.firmware_version[:50],
        "boot_details": dict(boot.details or {}),
    }
    if status == BootStatus.ACCEPTED:
        values["accepted_at"] = Coalesce("accepted_at", Value(now))
    made = {**values, "accepted_at": now if status == BootStatus.ACCEPTED else None}
    rows = ChargePointStatus.objects.filter(charge_point_id=boot.charge_point_id)
    if not rows.update(**values):
        ChargePointStatus.objects.create(charge_point_id=boot.charge_point_id, **made)

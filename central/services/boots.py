"""Boots: what a charge point tells of itself when it starts, and what its start means for open sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from django.db.models import Q

from central.models import ChargePointStatus
from central.models.charge_point_status import BootStatus
from central.models.review import ReviewReason
from central.models.session import SessionState
from central.services.acceptance import boot_status
from central.services.bulk import insert_many, update_many
from central.services.firmware import firmware_booted, firmware_unconfirmed
from central.services.prepared import Prepared
from central.services.session_end import sessions_end_provisionally
from central.services.session_match import locked_sessions
from central.signals import charge_point_booted, charge_point_changed
from emobility.lib.bell import after_commit_each
from registry.models import Event
from registry.models.charge_point import RegistrationStatus

WARM_REASONS: Final = frozenset({"Triggered"})
"""Boot reasons (2.x BootReasonEnumType) of a charge point that did not restart."""


@dataclass(frozen=True, slots=True)
class Boot:
    """What a BootNotification says; `details` holds the rest of it."""

    charge_point_id: int
    version: str
    now: datetime
    vendor: str
    model: str
    serial_number: str = ""
    firmware_version: str = ""
    reason: str = ""
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Live:
    """What is known of a charge point that boots; its live row is locked."""

    charge_point_id: int
    boot_status: str
    accepted_at: datetime | None
    organization_id: int
    cp_id: str
    registration: str
    held: bool

    @property
    def answer(self) -> BootStatus:
        return boot_status(
            registered=self.registration == RegistrationStatus.REGISTERED,
            accepted=self.accepted_at is not None or self.boot_status == BootStatus.ACCEPTED,
            held=self.held,
        )


def boots_record(boots: Sequence[Boot]) -> list[BootStatus]:
    """Store boots of different charge points; the status of each: Accepted, Pending or Rejected.

    See services.acceptance. After a cold boot no transaction runs any more: open sessions get a provisional
    end at their last meter value, until a stop that is still queued in the charge point, or a meter value,
    says otherwise.
    """
    found = _live([boot.charge_point_id for boot in boots])
    told = [(boot, found[boot.charge_point_id]) for boot in boots]
    rows = [_stored(boot, live) for boot, live in told]
    rows.sort(key=itemgetter("charge_point_id"))
    update_many(ChargePointStatus, rows, key="charge_point_id")
    unconfirmed = firmware_unconfirmed(found)
    for boot in boots:
        if boot.charge_point_id in unconfirmed:
            firmware_booted(charge_point_id=boot.charge_point_id, version=boot.firmware_version, now=boot.now)
    _end_sessions([boot for boot in boots if boot.reason not in WARM_REASONS])
    insert_many(Event, [_event(boot, live) for boot, live in told])
    after_commit_each(charge_point_changed, "charge_point_id", list(found))
    return [live.answer for _, live in told]


def _live(numbers: Sequence[int]) -> dict[int, _Live]:
    """By charge point, locked in the order of their keys; made where a row is missing."""
    found = _rows.rows(numbers=sorted(numbers))
    missing = set(numbers) - {row[0] for row in found}
    if missing:
        made = [ChargePointStatus(charge_point_id=number) for number in sorted(missing)]
        ChargePointStatus.objects.bulk_create(made, ignore_conflicts=True)
        found = _rows.rows(numbers=sorted(numbers))
    return {row[0]: _Live(*row) for row in found}


_rows: Final = Prepared(
    lambda numbers: (
        ChargePointStatus.objects.select_for_update(of=("self",))
        .filter(charge_point_id__among=numbers)
        .order_by("charge_point_id")
        .values_list(
            "charge_point_id",
            "boot_status",
            "accepted_at",
            "charge_point__organization_id",
            "charge_point__cp_id",
            "charge_point__status",
            "charge_point__organization__holds_new_charge_points",
        )
    )
)


def _end_sessions(cold: Sequence[Boot]) -> None:
    if not cold:
        return
    numbers = sorted(boot.charge_point_id for boot in cold)
    sessions = _running.rows(numbers=numbers)
    now = max(boot.now for boot in cold)
    sessions_end_provisionally(sessions, reason=ReviewReason.NO_STOP_BEFORE_BOOT, now=now)
    after_commit_each(charge_point_booted, "charge_point_id", numbers)


_running: Final = Prepared(
    lambda numbers: locked_sessions(
        Q(charge_point_id__among=numbers, state=SessionState.ACTIVE, end_seq_no=None)
    )
)


def _event(boot: Boot, live: _Live) -> dict[str, Any]:
    return {
        "organization_id": live.organization_id,
        "charge_point_id": live.charge_point_id,
        "kind": "charge_point.booted",
        "subject": live.cp_id,
        "data": {
            "status": live.answer.value,
            "reason": boot.reason,
            "firmware": boot.firmware_version,
            "vendor": boot.vendor,
            "model": boot.model,
            "serial_number": boot.serial_number,
            "ocpp_version": boot.version,
        },
        "at": boot.now,
    }


def _stored(boot: Boot, live: _Live) -> dict[str, Any]:
    status = live.answer
    return {
        "charge_point_id": boot.charge_point_id,
        "ocpp_version": boot.version,
        "boot_status": status.value,
        "booted_at": boot.now,
        "boot_reason": boot.reason[:30],
        "vendor": boot.vendor[:50],
        "model": boot.model[:50],
        "serial_number": boot.serial_number[:50],
        "firmware_version": boot.firmware_version[:50],
        "boot_details": dict(boot.details or {}),
        "accepted_at": live.accepted_at or (boot.now if status == BootStatus.ACCEPTED else None),
    }

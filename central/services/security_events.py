"""Security events: classed by the specification's tables, kept once, seen by a person."""

from datetime import datetime
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import SecurityEvent
from central.models.security_event import Severity
from central.services.facts import fact_tell
from central.services.firmware import firmware_expected
from emobility.lib.errors import Conflict, Invalid
from registry.models import User
from registry.services.audit import audit_record

_BOTH: Final = {
    "FirmwareUpdated": True,
    "SettingSystemTime": True,
    "StartupOfTheDevice": True,
    "ResetOrReboot": True,
    "SecurityLogWasCleared": True,
    "ReconfigurationOfSecurityParameters": False,
    "MemoryExhaustion": True,
    "InvalidMessages": False,
    "AttemptedReplayAttacks": False,
    "TamperDetectionActivated": True,
}
_TABLE_1_6: Final = _BOTH | {
    "FailedToAuthenticationAtCentralSystem": False,
    "CentralSystemFailedToAuthentication": False,
    "InvalidFirmwareSignature": False,
    "InvalidFirmwareSigningCertificate": False,
    "InvalidCentralSystemCertificate": False,
    "InvalidChargePointCertificate": False,
    "InvalidTLSVersion": False,
    "InvalidTLSCipherSuite": False,
}
"""Event -> critical, by the security white paper for 1.6-J, edition 3, §8."""
_TABLE_2: Final = _BOTH | {
    "FailedToAuthenticateAtCsms": False,
    "CsmsFailedToAuthenticate": False,
    "InvalidFirmwareSignature": True,
    "InvalidFirmwareSigningCertificate": True,
    "InvalidCsmsCertificate": True,
    "InvalidChargingStationCertificate": True,
    "InvalidTLSVersion": True,
    "InvalidTLSCipherSuite": True,
    "MaintenanceLoginAccepted": True,
    "MaintenanceLoginFailed": True,
}
"""Event -> critical, by 2.0.1 part 2 appendices v1.4 §1 (used for 2.1 too)."""
_TABLES: Final = {
    version: {name.lower(): critical for name, critical in table.items()}
    for version, table in (("1.6", _TABLE_1_6), ("2", _TABLE_2))
}
MOST_OPEN: Final = 1_000
"""Of one kind at a charge point: whoever repeats itself gives nobody more to look at."""
UPDATED: Final = "firmwareupdated"
ROUTINE: Final = frozenset({"startupofthedevice", "resetorreboot"})
"""Critical by the table, yet part of every start: kept, but nobody is asked to look at them."""


def severity_of(kind: str, version: str) -> Severity:
    """How the version's table classes an event, else the other's; what neither knows is a notice."""
    first, second = ("1.6", "2") if version == "1.6" else ("2", "1.6")
    name = kind.strip().lower()
    critical = _TABLES[first].get(name, _TABLES[second].get(name))
    if critical is None:
        return Severity.NOTICE
    return Severity.CRITICAL if critical else Severity.ORDINARY


def security_event_record(
    *, charge_point_id: int, version: str, kind: str, at: datetime, tech_info: str, now: datetime
) -> SecurityEvent:
    """Keep an event once, however often it is sent (A04.FR.02: it is queued until it is confirmed)."""
    key = sha256("\n".join((kind, at.isoformat(), tech_info)).encode()).hexdigest()
    severity = severity_of(kind, version)
    event, is_new = SecurityEvent.objects.get_or_create(
        charge_point_id=charge_point_id,
        key=key,
        defaults={
            "kind": kind,
            "severity": severity,
            "tech_info": tech_info,
            "at": at,
            "received_at": now,
            "is_open": severity == Severity.CRITICAL
            and not _is_routine(charge_point_id, kind, now)
            and not _are_many(charge_point_id, kind),
        },
    )
    if is_new:
        _tell(event, now)
    return event


def security_event_acknowledge(
    *, event: SecurityEvent, user: User, note: str, alike: bool = False, now: datetime
) -> int:
    """A person has looked; with `alike` at all open ones of this kind there. How many; Invalid, Conflict."""
    note = note.strip()
    if not note:
        raise Invalid(_("Say what you found."), {"note": _("A note is needed.")})
    with transaction.atomic():
        rows = SecurityEvent.objects.filter(charge_point=event.charge_point_id, acknowledged_at=None)
        chosen = rows.filter(kind=event.kind, is_open=True) if alike else rows.none()
        count = (chosen | rows.filter(pk=event.pk)).update(
            is_open=False, acknowledged_at=now, acknowledged_by=user, note=note[:500]
        )
        if not count:
            raise Conflict(_("Somebody has looked at this event already."))
        audit_record(
            actor=user,
            action="security_event.acknowledged",
            organization_id=event.charge_point.organization_id,
            object_type="charge_point",
            object_id=str(event.charge_point_id),
            after={"event": event.pk, "kind": event.kind, "count": count, "note": note[:500]},
            now=now,
        )
    event.refresh_from_db()
    return count


def _is_routine(charge_point_id: int, kind: str, now: datetime) -> bool:
    """Part of every start, or of an update that was ordered here (L01.FR.31)."""
    name = kind.strip().lower()
    if name == UPDATED:
        return firmware_expected(charge_point_id=charge_point_id, now=now)
    return name in ROUTINE


def _are_many(charge_point_id: int, kind: str) -> bool:
    """Open ones are kept until a person has looked, so they may not become any number."""
    alike = SecurityEvent.objects.filter(charge_point=charge_point_id, kind=kind, is_open=True)
    return alike.order_by()[MOST_OPEN - 1 : MOST_OPEN].exists()


def _tell(event: SecurityEvent, now: datetime) -> None:
    fact_tell(
        charge_point_id=event.charge_point_id,
        kind="security.event",
        subject=event.kind,
        data={"event_id": event.pk, "severity": event.severity, "at": event.at.isoformat()},
        now=now,
    )

"""The audit trail: who did what to which object, from where; values of secrets are masked, addresses too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from emobility.lib.addresses import public_value
from emobility.lib.logs import HARMLESS_KEYS, MASK, SECRET_KEYS
from registry.models import AuditEntry, User


def audit_record(
    *,
    actor: User | str,
    action: str,
    organization_id: int | None = None,
    object_type: str = "",
    object_id: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    remote_address: str = "",
    now: datetime,
) -> AuditEntry:
    """Write one act of `actor`, a person or the name of a service, charge point or token."""
    entry = audit_entry(
        actor=actor,
        action=action,
        organization_id=organization_id,
        object_type=object_type,
        object_id=object_id,
        before=before,
        after=after,
        remote_address=remote_address,
        now=now,
    )
    entry.save(force_insert=True)
    return entry


def audit_entry(
    *,
    actor: User | str,
    action: str,
    organization_id: int | None = None,
    object_type: str = "",
    object_id: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    remote_address: str = "",
    now: datetime,
) -> AuditEntry:
    """The row of one act, not yet stored: for those who write many at once."""
    person = actor if isinstance(actor, User) else None
    return AuditEntry(
        organization_id=organization_id,
        user=person,
        actor=(person.get_username() if person else str(actor))[:100],
        action=action,
        object_type=object_type,
        object_id=object_id[:64],
        before=_masked(before),
        after=_masked(after),
        remote_address=remote_address[:64],
        at=now,
    )


def _masked(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {key: MASK if _is_secret(key) and value else public_value(value) for key, value in values.items()}


def _is_secret(key: str) -> bool:
    return key not in HARMLESS_KEYS and SECRET_KEYS.search(key) is not None

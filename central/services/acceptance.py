"""Whether a charge point may serve: registered, and accepted where its organisation wants to see it first.

A pending one stays connected and may be asked and configured, no more (1.6 §4.2, 2.x B02, B03).
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import ChargePointStatus
from central.models.charge_point_status import BootStatus
from central.signals import charge_point_changed
from emobility.lib.bell import after_commit
from emobility.lib.errors import Conflict
from registry.models import ChargePoint, User
from registry.services.audit import audit_record
from registry.services.events import event_append

PENDING_INTERVAL: Final = 60
"""Seconds after which a pending charge point asks again (B02.FR.08)."""


def boot_status(*, registered: bool, accepted: bool, held: bool) -> BootStatus:
    """What a boot is answered: once `accepted` it stays so when its organisation turns careful (`held`)."""
    if not registered:
        return BootStatus.REJECTED
    return BootStatus.PENDING if held and not accepted else BootStatus.ACCEPTED


def waits_for_acceptance(charge_point_id: int) -> bool:
    """True while its boot is pending."""
    rows = ChargePointStatus.objects.filter(charge_point_id=charge_point_id)
    return rows.filter(boot_status=BootStatus.PENDING).exists()


def charge_point_accept(*, charge_point: ChargePoint, actor: User, now: datetime) -> None:
    """Let a pending charge point serve from its next boot on. Raises Conflict where it does not wait."""
    with transaction.atomic():
        rows = ChargePointStatus.objects.filter(charge_point=charge_point)
        if not rows.filter(boot_status=BootStatus.PENDING, accepted_at=None).update(accepted_at=now):
            raise Conflict(_("This charge point does not wait to be accepted."))
        event_append(
            organization_id=charge_point.organization_id,
            charge_point_id=charge_point.pk,
            kind="charge_point.accepted",
            subject=charge_point.cp_id,
            now=now,
        )
        audit_record(
            actor=actor,
            action="charge_point.accepted",
            organization_id=charge_point.organization_id,
            object_type="charge_point",
            object_id=charge_point.cp_id,
            now=now,
        )
        after_commit(charge_point_changed, charge_point_id=charge_point.pk)

"""Closing a charge point's connection on purpose, whichever process holds it; it may come back at once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import ChargePointStatus
from central.services.command_delivery import command_unknown
from central.services.connections import Closing, connection_close
from central.signals import charge_point_disconnected
from emobility.lib.bell import after_commit
from emobility.lib.errors import Conflict
from registry.models import ChargePoint, User
from registry.services.audit import audit_record
from registry.services.events import event_append

DISCONNECTED = "charge_point.disconnected_by_operator"


def charge_point_disconnect(
    *,
    charge_point: ChargePoint,
    requested_by: User | None = None,
    reason: str = "",
    source: str = "system",
    remote_address: str = "",
    now: datetime,
) -> None:
    """Take the charge point from its connection, which the process that holds it then closes.

    Orders under way are unknown from now on. Its registration stays: it may connect again at once. Raises
    Conflict where it is not connected.
    """
    with transaction.atomic():
        rows = ChargePointStatus.objects.select_for_update().filter(charge_point=charge_point)
        owner = rows.values_list("connection_id", flat=True).first()
        if owner is None:
            raise Conflict(_("This charge point is not connected."))
        connection_close(Closing(charge_point.pk, owner, now))
        command_unknown(charge_point_id=charge_point.pk, keep_connection_id=None, now=now)
        event_append(
            organization_id=charge_point.organization_id,
            charge_point_id=charge_point.pk,
            kind=DISCONNECTED,
            subject=charge_point.cp_id,
            data={"reason": reason[:200]},
            now=now,
        )
        audit_record(
            actor=requested_by or source,
            action="charge_point.disconnected",
            organization_id=charge_point.organization_id,
            object_type="charge_point",
            object_id=charge_point.cp_id,
            after={"reason": reason[:200]},
            remote_address=remote_address,
            now=now,
        )
        after_commit(charge_point_disconnected, charge_point_id=charge_point.pk)

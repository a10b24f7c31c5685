"""Where a charge point stands, and what its operator notes of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from emobility.lib.errors import Forbidden, Invalid
from registry.models import ChargePoint, Site, User
from registry.permissions import may_operate_on
from registry.services.audit import audit_record

FIELDS = ("site", "location", "metadata")


def charge_point_update(
    *,
    actor: User,
    charge_point: ChargePoint,
    changes: Mapping[str, Any],
    address: str = "",
    now: datetime,
) -> ChargePoint:
    """Set what of FIELDS is in `changes`, with its trace. Raises Forbidden, Invalid (a site of others)."""
    if not may_operate_on(actor, charge_point):
        raise Forbidden(_("Your role may not change charge points."))
    site: Site | None = changes.get("site")
    if site is not None and site.organization_id != charge_point.organization_id:
        raise Invalid(_("Some values are wrong."), {"site": _("This site belongs to another organisation.")})
    with transaction.atomic():
        row = ChargePoint.objects.select_for_update().get(pk=charge_point.pk)
        before = _facts(row)
        for name in FIELDS:
            if name in changes:
                setattr(row, name, changes[name])
        after = _facts(row)
        if after != before:
            row.save(update_fields=[*FIELDS, "updated_at"])
            audit_record(
                actor=actor,
                action="charge_point.changed",
                organization_id=row.organization_id,
                object_type="charge_point",
                object_id=row.cp_id,
                before=before,
                after=after,
                remote_address=address,
                now=now,
            )
    return row


def _facts(row: ChargePoint) -> dict[str, Any]:
    return {"site": row.site_id, "location": row.location, "metadata": row.metadata}

"""Organisations as REST makes and changes them; each step is in the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from emobility.lib.errors import Forbidden, Invalid
from registry.models import Organization, User
from registry.rights import Right, may
from registry.services.audit import audit_record


def organization_save(
    *, row: Organization | None, values: Mapping[str, Any], actor: User, address: str = "", now: datetime
) -> Organization:
    """Make one (the platform's administrators only) or change one's own. Raises Invalid, Forbidden."""
    if row is None and not may(actor, Right.PLATFORM):
        raise Forbidden(_("Only the platform's administrators make organisations."))
    is_new, row = row is None, row or Organization()
    for name, value in values.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        faults = {name: str(texts[0]) for name, texts in error.message_dict.items()}
        raise Invalid(_("Some values are wrong."), faults) from error
    with transaction.atomic():
        row.save()
        audit_record(
            actor=actor,
            action="organization.added" if is_new else "organization.changed",
            organization_id=row.pk,
            object_type="organization",
            object_id=str(row.pk),
            after={"name": row.name, **{name: str(value) for name, value in values.items()}},
            remote_address=address,
            now=now,
        )
    return row

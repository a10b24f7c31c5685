"""Closing a session by hand, where its charge point will not report an end: held, until a real end comes."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import Session
from central.models.review import ReviewReason
from central.models.session import SessionState
from central.services.session_end import sessions_end_provisionally
from emobility.lib.errors import Conflict, Invalid
from registry.models import User
from registry.services.audit import audit_record


def session_close(
    *, session: Session, reason: str, requested_by: User, remote_address: str = "", now: datetime
) -> Session:
    """End a session at its last meter value. Raises Invalid without a reason, Conflict where it has ended.

    The end is provisional: what the charge point still reports replaces it, and a meter value that is later
    opens the session again. The CDR waits for that a while and is then held for review.
    """
    if not reason.strip():
        raise Invalid(_("Say why."), {"reason": _("Say why.")})
    with transaction.atomic():
        locked = Session.objects.select_for_update().get(pk=session.pk)
        if locked.state != SessionState.ACTIVE:
            raise Conflict(_("This session has ended."))
        sessions_end_provisionally([locked], reason=ReviewReason.CLOSED_BY_HAND, now=now)
        audit_record(
            actor=requested_by,
            action="session.closed",
            organization_id=locked.organization_id,
            object_type="session",
            object_id=str(locked.uid),
            after={"reason": reason.strip()[:200], "energy_wh": locked.energy_wh},
            remote_address=remote_address,
            now=now,
        )
    return locked

"""What a person decides of doubts: a stop from quarantine ends the session it was of."""

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from central.models import Session, SessionEvent
from central.services.ledger import ENDED
from central.services.session_end import session_finish
from emobility.lib.errors import Conflict, Invalid

DEFAULT_REASON: Final = "Local"
"""OCPP 1.6 §7.36: no reason means this."""


def is_linkable(event: SessionEvent) -> bool:
    """True for a stop of OCPP 1.6 in quarantine: time and register are in it, so it can end a session."""
    return bool(event.quarantine_reason) and event.kind == ENDED and _register(event.payload) is not None


def quarantined_stop_apply(*, event: SessionEvent, session: Session, now: datetime) -> None:
    """End a locked session with a locked stop from quarantine, in place of the end that it has.

    Raises Conflict where the message is no such stop, Invalid where the session is of another charge point.
    """
    register = _register(event.payload)
    if register is None or not is_linkable(event):
        raise Conflict(_("Only the end of a session that waits in quarantine can be linked."))
    if session.charge_point_id != event.charge_point_id:
        raise Invalid(_("The session is of another charge point."), {"session": _("Another charge point.")})
    event.session, event.quarantine_reason = session, ""
    event.save(update_fields=["session", "quarantine_reason"])
    session_finish(
        session,
        at=event.at,
        stop_wh=register,
        reason=str(event.payload.get("reason") or DEFAULT_REASON)[:40],
        received_at=event.received_at,
        now=now,
    )


def session_reviewed(*, session: Session, now: datetime) -> None:
    """A person looked at a locked session: its reasons stay, it waits no more."""
    session.needs_review = False
    Session.objects.filter(pk=session.pk).update(needs_review=False, updated_at=now)


def _register(payload: Any) -> int | None:
    value = payload.get("meterStop") if isinstance(payload, dict) else None
    return value if isinstance(value, int) else None

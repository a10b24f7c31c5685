"""The cable of a transaction was pulled: told reliably, after its end or while it still runs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from central.models import Session
from central.services.ledger import event_find, event_row, events_quarantine
from registry.services.events import event_append

UNPLUGGED: Final = "unplugged"
UNKNOWN: Final = "unknown_transaction"


def connector_unplugged(
    *,
    organization_id: int,
    charge_point_id: int,
    transaction_id: str,
    at: datetime,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write it into the ledger of the transaction, in quarantine where we know none. Repeats are one."""
    key = f"unplugged:{transaction_id}"
    with transaction.atomic():
        if event_find(charge_point_id, key) is not None:
            return
        session = Session.objects.filter(
            charge_point_id=charge_point_id, transaction_id=transaction_id
        ).first()
        row = event_row(
            charge_point_id=charge_point_id,
            session_id=session.pk if session else None,
            key=key,
            kind=UNPLUGGED,
            at=at,
            payload=payload,
            answer={},
            now=now,
            quarantine_reason="" if session else UNKNOWN,
        )
        events_quarantine([row])
        event_append(
            organization_id=organization_id,
            charge_point_id=charge_point_id,
            kind="session.unplugged",
            subject=transaction_id,
            data={"session_id": session.pk if session else None, "at": at.isoformat()},
            now=now,
        )

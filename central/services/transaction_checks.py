"""Transaction checks: what a charge point says of a transaction when asked, kept and noted on the session."""

from datetime import datetime

from django.db import transaction

from central.models import Session, TransactionCheck
from central.models.review import Remark
from central.models.session import SessionState
from central.services.reviews import remark
from central.signals import session_updated
from emobility.lib.bell import after_commit
from registry.services.events import event_append


def transaction_check_record(
    *,
    charge_point_id: int,
    organization_id: int,
    transaction_id: str,
    ongoing: bool | None,
    messages_in_queue: bool,
    command_id: int | None,
    now: datetime,
) -> TransactionCheck:
    """Keep an answer; a running session that the charge point calls ended gets a remark, and loses it again.

    The session's end stays the charge point's to report: messages may still wait there.
    """
    with transaction.atomic():
        session = None
        if transaction_id:
            here = Session.objects.select_for_update().filter(charge_point_id=charge_point_id)
            session = here.filter(transaction_id=transaction_id).first()
        check = TransactionCheck.objects.create(
            charge_point_id=charge_point_id,
            session=session,
            transaction_id=transaction_id[:36],
            ongoing=ongoing,
            messages_in_queue=messages_in_queue,
            command_id=command_id,
            at=now,
        )
        if session is not None and ongoing is not None:
            _note(session, ongoing=ongoing)
        event_append(
            organization_id=organization_id,
            charge_point_id=charge_point_id,
            kind="transaction.checked",
            subject=transaction_id,
            data={"ongoing": ongoing, "messages_in_queue": messages_in_queue},
            now=now,
        )
    return check


def _note(session: Session, *, ongoing: bool) -> None:
    before = list(session.flags)
    if not ongoing and session.state == SessionState.ACTIVE:
        remark(session, Remark.ENDED_THERE)
    elif ongoing:
        session.flags = [flag for flag in session.flags if flag != Remark.ENDED_THERE]
    if session.flags != before:
        session.save(update_fields=["flags", "updated_at"])
    after_commit(session_updated, session_id=session.pk)

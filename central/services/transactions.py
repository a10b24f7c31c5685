"""Transactions of OCPP 2.x: events in any order make one session; it ends when none is missing (E01-E12)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from central.models import Session
from central.models.review import Remark, ReviewReason
from central.models.session import SessionState
from central.services import reviews
from central.services.authorization import Authorization, authorize, same_holder
from central.services.ledger import ENDED, STARTED, Known, digest, event_find, event_row, events_store
from central.services.meter_rows import meter_rows_store, session_rows
from central.services.progress import take
from central.services.readings import Reading
from central.services.session_end import session_reopen
from central.services.session_match import locked_sessions
from central.services.session_rows import updates_due, updates_tell
from central.services.session_start import Start, session_authorize, session_new, session_open
from central.services.transaction_ends import transactions_end, transactions_finish
from central.signals import session_updated
from emobility.lib.bell import after_commit

INCOMPLETE_LIMIT: Final = timedelta(hours=72)
Reply = Callable[[Authorization | None], dict[str, Any]]


@dataclass(slots=True)
class TransactionEvent:
    """What a charge point says of a transaction; `at` is its time, `token` the (uid, type) that was shown.

    Nobody changes it, but a frozen one would take three times as long to make.
    """

    charge_point_id: int
    version: str
    transaction_id: str
    kind: str
    seq_no: int
    at: datetime
    payload: dict[str, Any]
    readings: list[Reading]
    evse_number: int = 0
    connector_number: int = 0
    token: tuple[str, str] | None = None
    charging_state: str = ""
    stopped_reason: str = ""
    remote_start_id: int | None = None
    reservation_id: int | None = None
    offline: bool = False

    @property
    def key(self) -> str:
        """The content by which a repeat is recognised."""
        return f"tx:{self.transaction_id}:{self.seq_no}"

    @property
    def reused_key(self) -> str:
        """The key of an event whose number was used for another one before."""
        return f"{self.key}:{digest({'kind': self.kind, 'at': self.at.isoformat()})}"

    @property
    def shown_with(self) -> dict[str, Any]:
        """What the answer about its token depends on beside the token (see authorization.Shown)."""
        return {
            "version": self.version,
            "evse_number": self.evse_number,
            "at": self.at,
            "offline": self.offline,
        }

    def repeats(self, known: Known) -> bool:
        """True where the event we have under this number is this one."""
        return (known.kind, known.at) == (self.kind, self.at)


def transaction_event(*, event: TransactionEvent, reply: Reply, now: datetime) -> dict[str, Any]:
    """Record an event and return its answer, made by `reply`; a repeat gets the stored one. Never refuses."""
    session = _session(event, now)
    key = event.key
    known = event_find(event.charge_point_id, key)
    if known is not None and not event.repeats(known):
        reviews.remark(session, Remark.SEQ_NO_REUSED)
        key = event.reused_key
        known = event_find(event.charge_point_id, key)
    if known is not None:
        return known.answer
    authorization = _authorize(session, event, now)
    answer = reply(authorization)
    row = event_columns(event, session, key, answer, now)
    if is_closed(session):
        reviews.remark(session, Remark.EVENT_AFTER_END)
        row["quarantine_reason"] = Remark.EVENT_AFTER_END.value
    else:
        event_apply(session, event, now)
    events_store([row])
    meter_rows_store(session_rows(session, event.readings, now))
    _conclude(session, now)
    return answer


def event_columns(
    event: TransactionEvent, session: Session, key: str, answer: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The event's columns in the ledger, not yet stored."""
    return event_row(
        charge_point_id=event.charge_point_id,
        session_id=session.pk,
        key=key,
        kind=event.kind,
        at=event.at,
        payload=event.payload,
        answer=answer,
        now=now,
        seq_no=event.seq_no,
    )


def _move_on(session: Session, event: TransactionEvent) -> None:
    """What any event does to its locked session: readings, state, place; the caller saves."""
    if session.provisional_end and session.ended_at and event.at > session.ended_at:
        session_reopen(session)
    take(session, event.readings, opening=event.kind == STARTED, closing=event.kind == ENDED)
    newest = session.last_seq_no is None or event.seq_no > session.last_seq_no
    if newest:
        session.last_seq_no = event.seq_no
        if session.end_seq_no is None:
            session.charging_state = event.charging_state or session.charging_state
    if event.evse_number and (newest or not session.evse_number):
        session.evse_number = event.evse_number
        session.connector_number = event.connector_number or session.connector_number


def _session(event: TransactionEvent, now: datetime) -> Session:
    """The transaction's session, locked; made by whichever of its events comes first."""
    mine = Q(charge_point_id=event.charge_point_id, transaction_id=event.transaction_id)
    session = locked_sessions(mine).first()
    if session is not None:
        return session
    try:
        with transaction.atomic():
            session_open(session_new(event_start(event), now=now), now=now)
    except IntegrityError:
        # Another event of the same transaction was quicker.
        pass
    return locked_sessions(mine).get()


def event_start(event: TransactionEvent) -> Start:
    """A session from any event; what only Started can say is filled in when that arrives."""
    return Start(
        charge_point_id=event.charge_point_id,
        version=event.version,
        start_key=f"tx:{event.transaction_id}",
        evse_number=event.evse_number,
        connector_number=event.connector_number,
        at=event.at,
        transaction_id=event.transaction_id,
        remote_start_id=event.remote_start_id,
        reservation_id=event.reservation_id,
        offline=event.offline,
    )


def _authorize(session: Session, event: TransactionEvent, now: datetime) -> Authorization | None:
    """Answer for the token that was shown; the first one is whose session it is (C01, E03)."""
    if event.token is None:
        return None
    uid, token_type = event.token
    first = not session.id_tag_type
    authorization = authorize(
        charge_point_id=event.charge_point_id,
        uid=uid,
        token_type=token_type,
        now=now,
        starting=first,
        **event.shown_with,
    )
    if first and not is_closed(session):
        session_authorize(session, uid, token_type, authorization, now=now)
    if event.kind == ENDED:
        session.stop_id_tag = uid
        if not same_holder(session, uid):
            reviews.remark(session, Remark.OTHER_TAG_AT_END)
    return authorization


def is_closed(session: Session) -> bool:
    """True where nothing is missing any more: what still comes changes no bill."""
    is_ended = session.state == SessionState.ENDED and not session.provisional_end
    return is_ended and ReviewReason.MISSING_EVENTS not in session.review_reasons


def event_apply(session: Session, event: TransactionEvent, now: datetime) -> None:
    """What an event says of its locked session; the caller stores both."""
    if event.kind == STARTED:
        session.started_at, session.start_received_at = event.at, now
        reviews.judge_clock(session, event.at, now=now, offline=event.offline)
    if event.remote_start_id is not None:
        session.remote_start_id = session.remote_start_id or event.remote_start_id
    if event.reservation_id is not None:
        session.reservation_id = session.reservation_id or event.reservation_id
    if event.kind == ENDED and session.provisional_end:
        session_reopen(session)
    _move_on(session, event)
    if event.kind == ENDED:
        session.end_seq_no = event.seq_no
        session.ended_at, session.end_received_at = event.at, now
        session.stop_reason = event.stopped_reason or "Local"
        session.power_w, session.charging_state = 0, ""
        reviews.judge_clock(session, event.at, now=now, offline=event.offline)


def _conclude(session: Session, now: datetime) -> None:
    """End the session where its last event is known and none is missing; else keep it moving."""
    if session.end_seq_no is not None and not is_closed(session):
        if transactions_end([session], now=now):
            return
        if session.state == SessionState.ENDED:
            transactions_finish([session], now=now)
            return
    due = updates_due([session], now)
    session.save()
    updates_tell(due, now=now)
    after_commit(session_updated, session_id=session.pk)


def transactions_end_incomplete(*, now: datetime) -> int:
    """End sessions whose last event came long ago while others are missing, for review; how many."""
    overdue = Q(
        state=SessionState.ACTIVE, end_seq_no__isnull=False, end_received_at__lte=now - INCOMPLETE_LIMIT
    )
    with transaction.atomic():
        sessions = list(locked_sessions(overdue)[:500])
        for session in sessions:
            reviews.hold(session, ReviewReason.MISSING_EVENTS)
        transactions_finish(sessions, now=now)
    return len(sessions)

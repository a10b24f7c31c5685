"""Stops of OCPP 1.6: each is answered normally and kept, whether it ends a session or fits nowhere."""

from datetime import datetime
from typing import Any, Final

from central.models import Session
from central.models.review import Remark, ReviewReason
from central.models.session import SessionState
from central.services import reviews
from central.services.authorization import same_holder
from central.services.ledger import ENDED, digest, event_row, events_find, events_quarantine
from central.services.meter_rows import meter_rows_store_fresh, session_rows
from central.services.progress import take
from central.services.readings import Reading
from central.services.session_end import session_finish
from central.services.session_match import Stop, session_of_stop

ALREADY_ENDED: Final = "already_ended"


def session_stop(
    *, stop: Stop, readings: list[Reading], payload: dict[str, Any], answer: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """Record a stop and return its answer; a repeat gets the stored one. Never refuses (1.6 §4.10).

    A stop that fits no session, or one that contradicts the stop we have, waits in quarantine.
    """
    session = session_of_stop(stop)
    by_number = session is not None and session.transaction_id == stop.transaction_id
    number_key = f"stop:{stop.transaction_id}"
    content_key = f"{number_key}:{digest(payload)}"
    known = events_find({stop.charge_point_id: [number_key, content_key]})
    repeat = known.get((stop.charge_point_id, content_key))
    first = known.get((stop.charge_point_id, number_key)) if by_number else None
    if repeat is None and first is not None and _says_the_same(session, stop, first.at):
        repeat = first
    if repeat is not None:
        return repeat.answer
    quarantine = _why_not(session, contradicts=first is not None)
    if session is not None and not quarantine:
        _end(session, stop, readings, now)
    event = event_row(
        charge_point_id=stop.charge_point_id,
        session_id=session.pk if session else None,
        key=number_key if by_number and not quarantine else content_key,
        kind=ENDED,
        at=stop.at,
        payload=payload,
        answer=answer,
        now=now,
        quarantine_reason=quarantine,
    )
    events_quarantine([event])
    return answer


def _says_the_same(session: Session | None, stop: Stop, at: datetime) -> bool:
    return session is not None and at == stop.at and session.meter_stop_wh == stop.meter_wh


def _why_not(session: Session | None, *, contradicts: bool) -> str:
    if session is None:
        return ReviewReason.UNKNOWN_TRANSACTION.value
    is_open = session.state == SessionState.ACTIVE or session.provisional_end
    return "" if is_open and not contradicts else ALREADY_ENDED


def _end(session: Session, stop: Stop, readings: list[Reading], now: datetime) -> None:
    take(session, readings)
    meter_rows_store_fresh(session_rows(session, readings, now))
    if session.transaction_id != stop.transaction_id:
        reviews.remark(session, Remark.MATCHED_BY_TIME)
        if stop.names_unknown_transaction:
            reviews.hold(session, ReviewReason.UNKNOWN_TRANSACTION)
    if not same_holder(session, stop.id_tag):
        reviews.remark(session, Remark.OTHER_TAG_AT_END)
    session.stop_id_tag = stop.id_tag
    session_finish(session, at=stop.at, stop_wh=stop.meter_wh, reason=stop.reason, received_at=now, now=now)

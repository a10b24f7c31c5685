"""The end of a session: reported by the charge point, or provisional where it will not report one."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from central.models import Connector, Session
from central.models.review import ReviewReason
from central.models.session import SessionState
from central.services import reviews
from central.signals import session_ended, session_updated
from emobility.lib.bell import after_commit
from registry.services.events import event_append


def session_finish(
    session: Session,
    *,
    at: datetime,
    stop_wh: int | None,
    reason: str,
    received_at: datetime,
    now: datetime,
    offline: bool = False,
) -> None:
    """End a session as the charge point reported it: the real end replaces a provisional one. Saves."""
    session.state = SessionState.ENDED
    session.ended_at, session.end_received_at = at, received_at
    session.stop_reason = reason
    session.provisional_end = False
    session.power_w = 0
    reviews.release(session, *reviews.PROVISIONAL_REASONS)
    reviews.judge_clock(session, at, now=received_at, offline=offline)
    reviews.settle(session, stop_wh, max_power_w=_max_power(session))
    _save_end(session, now)


def sessions_end_provisionally(sessions: Iterable[Session], *, reason: ReviewReason, now: datetime) -> None:
    """End locked sessions at their last meter value, for review; a later real end replaces this one."""
    for session in sessions:
        session.state = SessionState.ENDED
        session.provisional_end = True
        session.ended_at = max(session.meter_last_at or session.started_at, session.started_at)
        session.end_received_at = now
        session.power_w = 0
        reviews.hold(session, reason)
        reviews.settle(session, None, max_power_w=_max_power(session))
        _save_end(session, now)


def sessions_supersede(session: Session, *, now: datetime) -> None:
    """End what is still open on the EVSE where `session` begins: an EVSE charges one car at a time."""
    if not session.evse_number:
        return
    older = Session.objects.select_for_update().filter(
        charge_point_id=session.charge_point_id,
        evse_number=session.evse_number,
        state=SessionState.ACTIVE,
        end_seq_no=None,
        started_at__lte=session.started_at,
    )
    sessions_end_provisionally(
        older.exclude(pk=session.pk).order_by("pk"), reason=ReviewReason.NO_STOP_BEFORE_NEXT_START, now=now
    )


def session_reopen(session: Session) -> None:
    """Take back a provisional end: the charge point shows that it still charges. The caller saves."""
    session.state = SessionState.ACTIVE
    session.provisional_end = False
    session.ended_at = session.end_received_at = None
    reviews.release(session, *reviews.PROVISIONAL_REASONS, *reviews.JUDGED_AT_THE_END)


def _max_power(session: Session) -> int | None:
    place = Q(evse__number=session.evse_number)
    if session.connector_number:
        place &= Q(number=session.connector_number)
    rows = Connector.objects.filter(place, charge_point_id=session.charge_point_id)
    return rows.values_list("max_power_w", flat=True).first()


def _save_end(session: Session, now: datetime) -> None:
    session.save()
    event_append(
        organization_id=session.organization_id,
        charge_point_id=session.charge_point_id,
        kind="session.ended",
        subject=str(session.uid),
        data={
            "session_id": session.pk,
            "energy_wh": session.energy_wh,
            "provisional": session.provisional_end,
            "review": session.review_reasons,
        },
        now=now,
    )
    after_commit(session_updated, session_id=session.pk)
    after_commit(session_ended, session_id=session.pk)

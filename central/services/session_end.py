"""The end of a session: reported by the charge point, or provisional where it will not report one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from central.models import Connector, Session
from central.models.review import ReviewReason
from central.models.session import SessionState
from central.services import reviews
from central.services.clock_jumps import clock_jumps_hold
from central.services.prepared import Prepared
from central.services.session_rows import fact_ended, facts_append, sessions_store
from central.signals import session_ended, session_updated
from emobility.lib.bell import after_commit_each

Powers = dict[int, list[tuple[int, int, int | None]]]


@dataclass(frozen=True, slots=True)
class Ending:
    """An end as reported: `at` is the charge point's time, `stop_wh` the register then.

    `doubts` hold the bill, besides what the end itself shows.
    """

    at: datetime
    stop_wh: int | None
    reason: str
    received_at: datetime
    offline: bool = False
    doubts: Collection[ReviewReason] = ()


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
    ending = Ending(at, stop_wh, reason, received_at, offline)
    session_end(session, ending, session_max_power(session))
    clock_jumps_hold([session])
    _save_end(session, now)


def session_end(session: Session, ending: Ending, max_power_w: int | None) -> None:
    """What a reported end means for a session, which the caller stores and tells of."""
    session.state = SessionState.ENDED
    session.ended_at, session.end_received_at = ending.at, ending.received_at
    session.stop_reason = ending.reason
    session.provisional_end = False
    session.power_w, session.charging_state = 0, ""
    reviews.release(session, *reviews.PROVISIONAL_REASONS)
    reviews.judge_clock(session, ending.at, now=ending.received_at, offline=ending.offline)
    reviews.settle(session, ending.stop_wh, max_power_w=max_power_w)
    for doubt in sorted(ending.doubts):
        reviews.hold(session, doubt)


def sessions_end(endings: Sequence[tuple[Session, Ending]], *, now: datetime) -> None:
    """End many locked sessions as their charge points reported it, in a constant number of statements."""
    powers = _max_powers({session.charge_point_id for session, _ in endings})
    for session, ending in endings:
        session_end(session, ending, _power_at(session, powers))
    sessions = [session for session, _ in endings]
    clock_jumps_hold(sessions)
    sessions_store(sessions, now=now)
    facts_append([fact_ended(session, now) for session in sessions])
    _ring(sessions)


def sessions_end_provisionally(sessions: Iterable[Session], *, reason: ReviewReason, now: datetime) -> None:
    """End locked sessions at their last meter value, for review; a later real end replaces this one."""
    for session in sessions:
        session.state = SessionState.ENDED
        session.provisional_end = True
        session.ended_at = max(session.meter_last_at or session.started_at, session.started_at)
        session.end_received_at = now
        session.power_w, session.charging_state = 0, ""
        reviews.hold(session, reason)
        reviews.settle(session, None, max_power_w=session_max_power(session))
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


def session_max_power(session: Session) -> int | None:
    """What the session's connector can deliver, W; None where nobody said."""
    return _power_at(session, _max_powers({session.charge_point_id}))


def _power_at(session: Session, powers: Powers) -> int | None:
    """What the session's connector can deliver, W; where only the EVSE is known, its first connector."""
    for evse, number, power in powers.get(session.charge_point_id, ()):
        if evse == session.evse_number and session.connector_number in {0, number}:
            return power
    return None


def _max_powers(charge_point_ids: Collection[int]) -> Powers:
    """What the connectors can deliver, by charge point: (EVSE, connector, W), in their order."""
    found: dict[int, list[tuple[int, int, int | None]]] = {}
    for charge_point_id, evse, number, power in _connectors.rows(charge_points=charge_point_ids):
        found.setdefault(charge_point_id, []).append((evse, number, power))
    return found


_connectors: Final = Prepared(
    lambda charge_points: (
        Connector.objects.filter(charge_point_id__among=charge_points)
        .order_by("evse_id", "number")
        .values_list("charge_point_id", "evse__number", "number", "max_power_w")
    )
)


def _save_end(session: Session, now: datetime) -> None:
    session.save()
    facts_append([fact_ended(session, now)])
    _ring([session])


def _ring(sessions: Sequence[Session]) -> None:
    ids = [session.pk for session in sessions]
    after_commit_each(session_updated, "session_id", ids)
    after_commit_each(session_ended, "session_id", ids)

"""Clocks that jumped while a session ran: nobody is billed unseen for time that did not pass."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from central.models import ChargePointStatus, Session
from central.models.review import ReviewReason
from central.services.reviews import hold, release

BELIEVED: Final = timedelta(hours=1)
CERTAIN: Final = timedelta(hours=24)
KNOWN: Final = {ReviewReason.CLOCK_UNSET, ReviewReason.CLOCK_AHEAD, ReviewReason.END_BEFORE_START}
"""What says already that the clock is wrong."""


def clock_jumps_hold(sessions: Sequence[Session]) -> None:
    """Hold those that ended and took longer by their charge point's clock than by ours; the caller saves.

    A start that was told late looks the same. Up to a day of it is believed, unless the charge point has been
    connected ever since that start: then it would have told it at once. A statement where one is in doubt.
    """
    for session in sessions:
        if ReviewReason.CLOCK_JUMPED in session.review_reasons:
            release(session, ReviewReason.CLOCK_JUMPED)
    found = [
        session
        for session in sessions
        if _added(session) > BELIEVED and not KNOWN.intersection(session.review_reasons)
    ]
    if not found:
        return
    live = ChargePointStatus.objects.filter(
        charge_point__in={session.charge_point_id for session in found}, connection_id__isnull=False
    )
    since = dict(live.values_list("charge_point_id", "connected_at"))
    for session in found:
        connected_at = since.get(session.charge_point_id)
        told_late = connected_at is None or connected_at > session.started_at
        late = max(session.start_received_at - session.started_at, timedelta(0))
        if _added(session) > CERTAIN or _added(session) - late > BELIEVED or not told_late:
            hold(session, ReviewReason.CLOCK_JUMPED)


def _added(session: Session) -> timedelta:
    """How much longer it took by the charge point's clock than between its two messages."""
    if session.ended_at is None or session.end_received_at is None:
        return timedelta(0)
    passed = session.end_received_at - session.start_received_at
    return session.ended_at - session.started_at - max(passed, timedelta(0))

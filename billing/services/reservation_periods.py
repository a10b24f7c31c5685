"""The reservations that sessions used, as periods before them: held by the charge point until the start."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from billing.services.rating_state import Period
from central.models import Reservation, Session
from central.services.reservation_sessions import is_reservation_alone

MICROSECOND = timedelta(microseconds=1)


def reserved_before(sessions: Sequence[Session]) -> dict[int, tuple[Period, ...]]:
    """The period of each session's reservation (OCPI 2.2.1 §11.4.3); sessions without one are missing.

    It ends with the session's start or its own end, whichever is first. Where the session began before the
    charge point's acceptance (its clock is behind, the answer was lost) no time is known: a fee is due.
    A query where one names any.
    """
    named = {
        each.pk: each
        for each in sessions
        if each.reservation_id is not None and not is_reservation_alone(each.flags)
    }
    if not named:
        return {}
    rows = Reservation.objects.filter(
        Q(session__in=named) | Q(session=None),
        charge_point__in={each.charge_point_id for each in named.values()},
        number__in={each.reservation_id for each in named.values()},
    )
    found: dict[int, tuple[Period, ...]] = {}
    for row in rows:
        for session in named.values():
            period = _period(row, session)
            if period is not None:
                found[session.pk] = (period,)
    return found


def reservation_period(start: datetime, end: datetime, *, expired: bool = False) -> Period:
    """A reservation from `start` to `end`."""
    seconds = Decimal((end - start) // MICROSECOND).scaleb(-6)
    return Period(start, end, reservation_s=seconds, expired=expired)


def _period(row: Reservation, session: Session) -> Period | None:
    named = (row.charge_point_id, row.number) == (session.charge_point_id, session.reservation_id)
    if not named or row.session_id not in {None, session.pk}:
        return None
    end = min(session.started_at, row.expires_at)
    if row.held_at is not None and row.held_at < end:
        return reservation_period(row.held_at, end)
    # A number may be used again for a later reservation, of which this session knows nothing.
    is_meant = row.session_id == session.pk or row.requested_at <= session.start_received_at
    return Period(session.started_at, session.started_at, reserved=True) if is_meant else None

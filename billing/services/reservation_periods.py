"""The reservations that sessions used, as periods before them: held by the charge point until the start."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from billing.services.rating_state import Period
from central.models import Reservation, Session

MICROSECOND = timedelta(microseconds=1)


def reserved_before(sessions: Sequence[Session]) -> dict[int, tuple[Period, ...]]:
    """The period of each session's reservation (OCPI 2.2.1 §11.4.3); sessions without one are missing.

    It ends with the session's start or its own end, whichever is first. A query where one names any.
    """
    named = {each.pk: each for each in sessions if each.reservation_id is not None}
    if not named:
        return {}
    rows = Reservation.objects.filter(
        Q(session__in=named) | Q(session=None),
        charge_point__in={each.charge_point_id for each in named.values()},
        number__in={each.reservation_id for each in named.values()},
        held_at__isnull=False,
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
    if not named or row.session_id not in {None, session.pk} or row.held_at is None:
        return None
    end = min(session.started_at, row.expires_at)
    return reservation_period(row.held_at, end) if row.held_at < end else None

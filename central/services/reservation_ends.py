"""How reservations end by what happens: a session uses one, a connector is free again, time passes.

Receivers hear of it at once; the periodic sweep finds what a lost bell missed.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Q

from central.models import Connector, Reservation, Session, StatusChange
from central.models.reservation import ReservationState
from central.services.prepared import Prepared
from central.services.reservation_sessions import expired_session_doubt
from central.services.reservations import (
    GRACE,
    OPEN,
    UNDELIVERED,
    reservation_move,
    reservation_undelivered,
)

BATCH: Final = 1000
BROKEN: Final = frozenset({"Faulted", "Unavailable"})
"""States of a 1.6 connector that end its reservation (§5.13)."""
Place = tuple[int, int]


def reservations_use(*, session_ids: Collection[int], now: datetime) -> None:
    """Tie reservations to the sessions that used them.

    A session that names its reservation (1.6 StartTransaction, 2.x H01.FR.15) is believed whatever we thought
    of it; one that names none uses an open one of its tag or group at its EVSE (1.6 §5.13).
    """
    if not _where_sessions_are.rows(sessions=session_ids):
        return
    sessions = list(
        Session.objects.filter(pk__in=session_ids).select_related("id_token__group").order_by("pk")
    )
    named = Q(
        charge_point_id__in={session.charge_point_id for session in sessions},
        number__in={session.reservation_id for session in sessions if session.reservation_id is not None},
    )
    waiting = Q(charge_point_id__in={session.charge_point_id for session in sessions}, state__in=OPEN)
    if not sessions or not Reservation.objects.filter(named | waiting).exists():
        return
    with transaction.atomic():
        rows = list(Reservation.objects.select_for_update().filter(named | waiting).order_by("pk"))
        for session in sessions:
            fitting = [row for row in rows if _is_free(row, session) and _is_used(row, session)]
            here = [row for row in fitting if row.evse_number == session.evse_number]
            for used in (here or fitting)[:1]:
                _use(used, session, now)


_where_sessions_are: Final = Prepared(
    lambda sessions: (
        Reservation.objects.filter(charge_point__sessions__pk__among=sessions)
        .order_by()
        .values_list("pk")[:1]
    )
)
_reserved: Final = Prepared(
    lambda connectors: (
        Connector.objects.filter(
            pk__among=connectors,
            status__in=BROKEN | {"Available"},
            charge_point__live__ocpp_version="1.6",
            charge_point__reservations__state=ReservationState.ACTIVE,
            charge_point__reservations__evse_number=F("evse__number"),
        )
        .order_by()
        .values_list("charge_point_id", "evse__number")
    )
)


def _is_free(row: Reservation, session: Session) -> bool:
    """No session has used it; where it was billed as expired, one that began in time may still say so."""
    if row.session_id is None:
        return True
    expired = row.state == ReservationState.EXPIRED and row.session_id != session.pk
    return expired and session.reservation_id == row.number and session.started_at <= row.expires_at


def _use(row: Reservation, session: Session, now: datetime) -> None:
    """Tie a session to its reservation; the session names it then, so that its price can count it."""
    if row.session_id is not None:
        expired_session_doubt(row.session_id)
    row.session = session
    reservation_move(row, ReservationState.USED, row.word, now)
    if session.reservation_id is None:
        unnamed = Session.objects.filter(pk=session.pk, reservation_id=None)
        unnamed.update(reservation_id=row.number, updated_at=now)


def _is_used(row: Reservation, session: Session) -> bool:
    if row.charge_point_id != session.charge_point_id:
        return False
    if session.reservation_id is not None:
        return row.number == session.reservation_id
    group = session.id_token.group.uid if session.id_token and session.id_token.group else ""
    same_tag = row.id_tag.upper() == session.id_tag.upper() or (row.group and row.group == group)
    in_time = row.requested_at <= session.start_received_at <= row.expires_at + GRACE
    here = row.evse_number in {None, 0, session.evse_number}
    return bool(session.id_tag and same_tag and in_time and here and row.state in OPEN)


def reservations_free(*, connector_ids: Collection[int], now: datetime) -> None:
    """End reservations of 1.6 connectors that were Reserved and are free again, or cannot be used (§5.13).

    2.x says so itself (H04), and shows Available also when the tag is held to it (H03.FR.10).
    """
    for charge_point_id, evse_number in set(_reserved.rows(connectors=connector_ids)):
        with transaction.atomic():
            _free(charge_point_id, evse_number, now)


def _free(charge_point_id: int, evse_number: int, now: datetime) -> None:
    rows = Reservation.objects.select_for_update().filter(
        charge_point_id=charge_point_id, evse_number=evse_number, state=ReservationState.ACTIVE
    )
    for row in rows:
        changes = StatusChange.objects.filter(
            charge_point_id=charge_point_id, evse_number=evse_number, received_at__gte=row.requested_at
        )
        said = list(changes.order_by("id").values_list("status", flat=True)[:BATCH])
        if said and (said[-1] in BROKEN or (said[-1] == "Available" and "Reserved" in said)):
            over = now >= row.expires_at - GRACE and said[-1] == "Available"
            state = ReservationState.EXPIRED if over else ReservationState.REMOVED
            reservation_move(row, state, said[-1], now)


def reservations_sweep(*, now: datetime) -> int:
    """Find what no bell told, then end those whose time is up. How many of these."""
    reservations_use(session_ids=_sessions_unheard(), now=now)
    waiting = Reservation.objects.filter(state=ReservationState.REQUESTED, command__state__in=UNDELIVERED)
    reservation_undelivered(command_ids=list(waiting.values_list("command_id", flat=True)[:BATCH]), now=now)
    return _expire(now)


def _sessions_unheard() -> Sequence[int]:
    """Sessions that began at charge points with an open reservation since it was asked for."""
    rows: Iterable[int] = (
        Session.objects.filter(
            charge_point__reservations__state__in=OPEN,
            start_received_at__gte=F("charge_point__reservations__requested_at"),
        )
        .order_by("pk")
        .values_list("pk", flat=True)
        .distinct()[:BATCH]
    )
    return list(rows)


def _expire(now: datetime) -> int:
    due = Reservation.objects.filter(state__in=OPEN, expires_at__lte=now - GRACE)
    with transaction.atomic():
        rows = list(due.select_for_update().order_by("pk")[:BATCH])
        for row in rows:
            reservation_move(row, ReservationState.EXPIRED, row.word, now)
    return len(rows)

"""Sessions of reservations that nobody came for: without energy, so that their price has a CDR."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from central.models import IdToken, Reservation, Session
from central.models.reservation import ReservationState
from central.models.review import Remark, ReviewReason
from central.models.session import SessionState
from central.services import reviews
from central.services.session_rows import fact_ended, fact_started, facts_append
from central.signals import session_ended
from emobility.lib.bell import after_commit

LOOKED_BACK: Final = timedelta(hours=96)
"""How long after its end an expired reservation may still get its session."""


def reservations_expired(now: datetime, limit: int) -> list[Reservation]:
    """Those that were held, expired lately and have no session: the latest first.

    A charge point that is offline may still have to tell that somebody came.
    """
    rows = Reservation.objects.filter(
        state=ReservationState.EXPIRED,
        session=None,
        held_at__isnull=False,
        expires_at__range=(now - LOOKED_BACK, now),
        charge_point__live__connection_id__isnull=False,
    )
    return list(rows.select_related("charge_point").order_by("-expires_at")[:limit])


def expired_sessions(reservations: Sequence[Reservation], now: datetime) -> list[Session]:
    """Their sessions, not stored, each with the reservation's key; two queries for any number."""
    tags = {(row.organization_id, row.id_tag.upper()) for row in reservations}
    tokens = IdToken.objects.filter(
        organization__in={owner for owner, _tag in tags}, uid_key__in={tag for _owner, tag in tags}
    )
    known = {(token.organization_id, token.uid_key): token for token in tokens}
    return [_session(row, known.get((row.organization_id, row.id_tag.upper())), now) for row in reservations]


def expired_session_store(*, reservation_id: int, now: datetime) -> Session | None:
    """Store the session of one; None where it has one by now, or did not expire."""
    with transaction.atomic():
        rows = Reservation.objects.select_for_update(of=("self",)).select_related("charge_point")
        row = rows.filter(pk=reservation_id, state=ReservationState.EXPIRED, session=None).first()
        if row is None or row.held_at is None:
            return None
        session = expired_sessions([row], now)[0]
        session.pk = None
        session.save(force_insert=True)
        row.session = session
        row.save(update_fields=["session"])
        facts_append([fact_started(session, now), fact_ended(session, now)])
        after_commit(session_ended, session_id=session.pk)
    return session


def expired_session_doubt(session_id: int) -> None:
    """Hold the bill of an expired reservation that a session used all the same, told late."""
    session = Session.objects.select_for_update().get(pk=session_id)
    reviews.hold(session, ReviewReason.RESERVATION_USED)
    session.save(update_fields=["needs_review", "review_reasons", "updated_at"])


def is_reservation_alone(flags: Iterable[str]) -> bool:
    """True for a session that is nothing but an expired reservation, by its flags."""
    return Remark.RESERVATION_EXPIRED in flags


def _session(row: Reservation, token: IdToken | None, now: datetime) -> Session:
    held_at = row.held_at or row.requested_at
    name = f"R{row.pk}-{int(held_at.timestamp())}"
    return Session(
        pk=row.pk,
        organization_id=row.organization_id,
        charge_point_id=row.charge_point_id,
        site_id=row.charge_point.site_id,
        evse_number=row.evse_number or 0,
        ocpp_version="",
        transaction_id=name,
        start_key=f"reservation:{name}",
        state=SessionState.ENDED,
        id_token=token,
        token_group_id=token.group_id if token else None,
        id_tag=row.id_tag,
        id_tag_type=row.id_tag_type,
        authorization_status="Accepted",
        reservation_id=row.number,
        started_at=min(held_at, row.expires_at),
        start_received_at=held_at,
        ended_at=row.expires_at,
        end_received_at=now,
        flags=[Remark.RESERVATION_EXPIRED.value],
    )

"""Reservations as sessions: begun when a charge point took one, ended or handed over to the one that came.

A partner sees one Session object from the reservation to the end of charging (OCPI 2.2.1 §9.1.4). 2.1.1 has
no word for it: partners of that version are told of the session alone.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Upper

from central.models import IdToken, Reservation, Session
from central.models.reservation import ReservationState
from central.services.prepared import Prepared
from central.services.reservation_ends import reservations_use
from ocpi.core.versions import V211
from ocpi.models import Delivery, ReceivedCommand, ReservedSession
from ocpi.models.command import ACCEPTED
from ocpi.selectors.partners import receivers
from ocpi.services.command_orders import RESERVE
from ocpi.services.outbox import delivery_put

MODULE: Final = "reservations"
"""In the outbox; it goes to the partner's sessions."""
HELD: Final = (ReservationState.REQUESTED, ReservationState.ACTIVE, ReservationState.UNKNOWN)
BATCH: Final = 200


def reserved_keep(*, reservation_ids: Collection[int], now: datetime) -> set[int]:
    """Bring what partners are told of reservations up to date; answers the partners to serve."""
    partners: set[int] = set()
    rows = Reservation.objects.filter(pk__in=reservation_ids).select_related("session")
    for reservation in rows.order_by("pk"):
        row = _kept(reservation, now)
        if row is not None and row.session_id is None:
            partners |= reserved_offer(row=row, now=now)
    return partners


def reserved_missing(*, now: datetime) -> set[int]:
    """What a lost bell left: taken and not told, over and not ended; answers the partners to serve."""
    opened = ReservedSession.objects.filter(session=None, ended_at=None)
    untold = _of_partners().filter(state=ReservationState.ACTIVE)
    untold = untold.filter(~Exists(opened.filter(reservation=OuterRef("pk"))))
    over = opened.exclude(reservation__state__in=HELD).order_by("pk")
    ids = {*untold.values_list("pk", flat=True)[:BATCH], *over.values_list("reservation", flat=True)[:BATCH]}
    return reserved_keep(reservation_ids=ids, now=now) if ids else set()


def sessions_tie(*, session_ids: Iterable[int], now: datetime) -> None:
    """Before partners are told of sessions: those that used a reservation go on under its id."""
    ids = list(session_ids)
    if not ids or not _untied.rows():
        return
    expired_tie(session_ids=ids, now=now)
    if not ReservedSession.objects.filter(session=None, ended_at=None).exists():
        return
    reservations_use(session_ids=ids, now=now)
    for reservation in Reservation.objects.filter(session__in=ids).select_related("session"):
        _kept(reservation, now)


_untied: Final = Prepared(
    lambda: ReservedSession.objects.filter(session=None).order_by().values_list("pk")[:1]
)
"""Mostly nobody has reserved anything: the cheap look."""


def expired_tie(*, session_ids: Iterable[int], now: datetime) -> None:
    """The sessions that bill reservations which expired go on under the ids that partners know them by."""
    alone = Session.objects.filter(
        pk__in=session_ids, ocpp_version="", reserved=None, reservations__state=ReservationState.EXPIRED
    )
    for session in alone.exclude(reservation_id=None).prefetch_related("reservations"):
        rows = ReservedSession.objects.filter(reservation__in=session.reservations.all(), session=None)
        row = rows.filter(started_at__lte=session.ended_at or now).order_by("-pk").first()
        if row is not None:
            row.session, row.ended_at, row.last_updated = session, None, now
            row.save()


def reserved_offer(*, row: ReservedSession, now: datetime) -> set[int]:
    """Put a reservation's latest state into the outbox of its driver's provider; answers the partners."""
    party = row.id_token.party
    if party is None:
        return set()
    wanted = Delivery(module=MODULE, object_id=str(row.uid), source_id=row.pk, source_at=row.last_updated)
    found = receivers(row.organization_id, party.country_code, party.party_id, "sessions")
    partners = found.exclude(version=V211)
    return {partner.pk for partner in partners if delivery_put(partner, wanted, now, urgent=True)}


def _of_partners() -> QuerySet[Reservation]:
    """Reservations for tokens of partners' drivers."""
    tokens = IdToken.objects.filter(
        organization=OuterRef("organization"),
        uid_key=Upper(OuterRef("id_tag")),
        party__isnull=False,
        party__is_own=False,
    )
    return Reservation.objects.filter(Exists(tokens))


def _kept(reservation: Reservation, now: datetime) -> ReservedSession | None:
    """The row of a reservation as it is now; None where partners are told nothing."""
    with transaction.atomic():
        rows = ReservedSession.objects.select_for_update(of=("self",)).select_related("id_token__party")
        row = rows.filter(reservation=reservation, session=None, ended_at=None).first()
        if row is None:
            return _begun(reservation, now) if reservation.state == ReservationState.ACTIVE else None
        if reservation.state in HELD:
            return row
        if reservation.state == ReservationState.USED and reservation.session is not None:
            row.session = _free(reservation.session)
        row.ended_at, row.last_updated = now if row.session is None else None, now
        row.save()
        return row


def _free(session: Session) -> Session | None:
    """The session, unless it goes on under another reservation's id already."""
    return None if ReservedSession.objects.filter(session=session).exists() else session


def _begun(reservation: Reservation, now: datetime) -> ReservedSession | None:
    token = (
        IdToken.objects.filter(
            organization=reservation.organization_id,
            uid_key=reservation.id_tag.upper(),
            party__isnull=False,
            party__is_own=False,
        )
        .select_related("party")
        .first()
    )
    if token is None:
        return None
    asked = ReceivedCommand.objects.filter(kind=RESERVE, reservation=reservation, response=ACCEPTED)
    command = asked.order_by("-id").first()
    payload = command.payload if command is not None and isinstance(command.payload, dict) else {}
    return ReservedSession.objects.create(
        organization_id=reservation.organization_id,
        reservation=reservation,
        id_token=token,
        by_command=command is not None,
        authorization_reference=str(payload.get("authorization_reference") or "")[:36],
        started_at=reservation.changed_at,
        last_updated=now,
    )

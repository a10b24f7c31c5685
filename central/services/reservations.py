"""Reservations: asked for, held, used, ended (1.6 §5.1, §5.13; 2.x H01-H04). Charge points decide."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import Command, IdToken, Reservation
from central.models.reservation import ReservationState
from central.services.commands import command_create
from central.signals import reservation_changed
from emobility.lib.bell import after_commit
from emobility.lib.errors import Invalid, NotFound
from registry.models import ChargePoint
from registry.services.events import event_append

RESERVE: Final = "reserve"
CANCEL: Final = "reservation_cancel"
GRACE: Final = timedelta(minutes=1)
"""How long after its end a charge point may take to tell of it."""
OPEN: Final = frozenset({ReservationState.REQUESTED, ReservationState.ACTIVE, ReservationState.UNKNOWN})
UPDATES: Final = {"Expired": ReservationState.EXPIRED, "Removed": ReservationState.REMOVED}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be kept free, and for whom; no `evse_number`: any EVSE (of `connector_type`)."""

    id_tag: str
    expires_at: datetime
    id_tag_type: str = ""
    group: str = ""
    evse_number: int | None = None
    connector_type: str = ""


def reservation_request(
    *, charge_point: ChargePoint, wish: Wish, number: int | None = None, now: datetime, **common: Any
) -> Command:
    """Write a reservation down and queue its order; `number` replaces that one (1.6 §5.13, H01.FR.02).

    Type and group of a known tag are filled in. `common` goes to `command_create`, which may raise.
    """
    wish = _completed(charge_point, wish)
    with transaction.atomic():
        reservation = _written(charge_point, wish, number, now)
        command = command_create(
            charge_point=charge_point, order=RESERVE, params=_params(reservation), now=now, **common
        )
        reservation.command = command
        reservation.save(update_fields=["command"])
        _tell(reservation, now)
    return command


def reservation_cancel(
    *,
    charge_point: ChargePoint,
    number: int | None = None,
    reservation_pk: int | None = None,
    now: datetime,
    **common: Any,
) -> Command:
    """Queue the end of a reservation by either handle; a `number` that we don't know is sent all the same.

    Raises Invalid without a handle, NotFound for an unknown `reservation_pk`, what `command_create` raises.
    """
    if reservation_pk is not None:
        known = Reservation.objects.filter(charge_point=charge_point, pk=reservation_pk).first()
        if known is None:
            raise NotFound(_("No such reservation."))
        number = known.number
    if number is None:
        raise Invalid(
            _("Name the reservation."), {"reservation_id": _("needs reservation or reservation_id")}
        )
    params = {"reservation_id": number}
    return command_create(charge_point=charge_point, order=CANCEL, params=params, now=now, **common)


def reservation_answered(*, command: Command, number: int, wish: Wish, status: str, now: datetime) -> bool:
    """What the answer to ReserveNow means; one asked for by hand gets its row now. True where it holds."""
    with transaction.atomic():
        reservation = _locked(command.charge_point_id, number)
        if reservation is None:
            reservation = _written(command.charge_point, wish, number, now)
            reservation.command = command
        accepted = status == "Accepted"
        if accepted and reservation.state in OPEN | {ReservationState.EXPIRED}:
            late = reservation.expires_at + GRACE <= now
            reservation_move(
                reservation, ReservationState.EXPIRED if late else ReservationState.ACTIVE, status, now
            )
        elif not accepted and reservation.state in OPEN:
            reservation_move(reservation, ReservationState.REJECTED, status, now)
    return accepted


def reservation_cancelled(*, charge_point_id: int, number: int, status: str, now: datetime) -> bool:
    """What the answer to CancelReservation means: gone, or not there (1.6 §5.1, H02.FR.01)."""
    accepted = status == "Accepted"
    with transaction.atomic():
        reservation = _locked(charge_point_id, number)
        if reservation is not None and reservation.state in OPEN:
            state = ReservationState.CANCELLED if accepted else ReservationState.UNKNOWN
            reservation_move(reservation, state, status, now)
    return accepted


def reservation_update(
    *, organization_id: int, charge_point_id: int, number: int, status: str, now: datetime
) -> None:
    """What a charge point says of a reservation by itself (H04); of one that we don't know, the fact is kept.

    `NoTransaction` (2.1): the tag was shown, but no transaction began (H03.FR.11); nobody holds it any more.
    """
    with transaction.atomic():
        reservation = _locked(charge_point_id, number)
        if reservation is None:
            event_append(
                organization_id=organization_id,
                charge_point_id=charge_point_id,
                kind="reservation.unknown",
                subject=str(number),
                data={"status": status},
                now=now,
            )
        elif reservation.state in OPEN:
            reservation_move(reservation, UPDATES.get(status, ReservationState.REMOVED), status, now)


def reservation_undelivered(*, command_ids: Collection[int], now: datetime) -> None:
    """Reservations whose order ended without an answer: never sent, refused by an error, or lost."""
    rows = Reservation.objects.filter(command_id__in=command_ids, state=ReservationState.REQUESTED)
    with transaction.atomic():
        waiting = rows.select_for_update(of=("self",)).select_related("command").order_by("pk")
        for reservation in waiting:
            state = UNDELIVERED.get(reservation.command.state) if reservation.command else None
            if state is not None:
                reservation_move(reservation, state, "", now)


UNDELIVERED: Final = {
    "failed": ReservationState.REJECTED,
    "expired": ReservationState.CANCELLED,
    "cancelled": ReservationState.CANCELLED,
    "timed_out": ReservationState.UNKNOWN,
    "unknown": ReservationState.UNKNOWN,
}
"""State of the command -> that of its reservation."""


def reservation_move(reservation: Reservation, state: ReservationState, word: str, now: datetime) -> None:
    """Put a locked reservation into `state` with the charge point's word, and tell it."""
    reservation.state, reservation.word, reservation.changed_at = state, word[:20], now
    if state == ReservationState.ACTIVE and reservation.held_at is None:
        reservation.held_at = now
    reservation.save()
    _tell(reservation, now)


def _completed(charge_point: ChargePoint, wish: Wish) -> Wish:
    token = (
        IdToken.objects.filter(organization=charge_point.organization_id, uid_key=wish.id_tag.upper())
        .select_related("group")
        .first()
    )
    group = token.group.uid if token and token.group else ""
    return Wish(
        id_tag=token.uid if token else wish.id_tag,
        id_tag_type=wish.id_tag_type or (token.token_type if token else "Central"),
        group=wish.group or group,
        expires_at=wish.expires_at,
        evse_number=wish.evse_number,
        connector_type=wish.connector_type,
    )


def _written(charge_point: ChargePoint, wish: Wish, number: int | None, now: datetime) -> Reservation:
    values: dict[str, Any] = {
        "organization_id": charge_point.organization_id,
        "id_tag": wish.id_tag,
        "id_tag_type": wish.id_tag_type,
        "group": wish.group,
        "evse_number": wish.evse_number,
        "connector_type": wish.connector_type,
        "expires_at": wish.expires_at,
        "state": ReservationState.REQUESTED,
        "word": "",
        "session": None,
        "held_at": None,
        "requested_at": now,
        "changed_at": now,
    }
    if number is not None:
        row, _made = Reservation.objects.update_or_create(
            charge_point=charge_point, number=number, defaults=values
        )
        return row
    row = Reservation.objects.create(charge_point=charge_point, number=-secrets.randbits(62), **values)
    taken = Reservation.objects.filter(charge_point=charge_point, number=row.pk).exists()
    row.number = 2**30 + secrets.randbelow(2**30) if taken else row.pk
    row.save(update_fields=["number"])
    return row


def _params(reservation: Reservation) -> dict[str, Any]:
    return {
        "reservation_id": reservation.number,
        "id_tag": reservation.id_tag,
        "id_tag_type": reservation.id_tag_type,
        "group": reservation.group,
        "evse_number": reservation.evse_number,
        "connector_type": reservation.connector_type,
        "expires_at": reservation.expires_at.isoformat(),
    }


def _locked(charge_point_id: int, number: int) -> Reservation | None:
    rows = Reservation.objects.select_for_update().filter(charge_point_id=charge_point_id, number=number)
    return rows.first()


def _tell(reservation: Reservation, now: datetime) -> None:
    event_append(
        organization_id=reservation.organization_id,
        charge_point_id=reservation.charge_point_id,
        kind="reservation.changed",
        subject=str(reservation.number),
        data={
            "reservation_id": reservation.number,
            "state": str(reservation.state),
            "word": reservation.word,
            "session_id": reservation.session_id,
        },
        now=now,
    )
    after_commit(reservation_changed, reservation_id=reservation.pk)

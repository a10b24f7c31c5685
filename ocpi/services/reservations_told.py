"""Tells partners of reservations that ended without their asking (OCPI 2.2.1 §13.1, CANCELED_RESERVATION)."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from central.models.command import CommandState
from central.models.reservation import ReservationState
from ocpi.models import ReceivedCommand
from ocpi.services.command_orders import RESERVE
from ocpi.services.received_commands import command_revise

CANCELED: Final = "CANCELED_RESERVATION"
GIVEN_BACK: Final = (ReservationState.CANCELLED, ReservationState.REMOVED)


def reservations_told(*, reservation_ids: Collection[int], now: datetime) -> set[int]:
    """Revise the result of the commands whose reservation was taken away; answers the partners to serve.

    Not where the partner itself cancelled it, and not where the charge point had never taken it.
    """
    rows = ReceivedCommand.objects.filter(
        kind=RESERVE, reservation_id__in=reservation_ids, reservation__state__in=GIVEN_BACK, result="ACCEPTED"
    )
    partners = set()
    for row in rows.exclude(version="2.1.1").select_related("partner", "reservation"):
        cancelled = ReceivedCommand.objects.filter(
            partner=row.partner,
            kind="CANCEL_RESERVATION",
            reservation=row.reservation,
            command__state__in=(CommandState.QUEUED, CommandState.SENT, CommandState.ACCEPTED),
        )
        if not cancelled.exists():
            command_revise(row=row, result=CANCELED, now=now)
            partners.add(row.partner_id)
    return partners

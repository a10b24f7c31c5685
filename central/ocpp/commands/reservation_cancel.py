"""Cancel a reservation: CancelReservation in all versions (1.6 §5.1, 2.x H02); known or not."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.ocpp.numbers import whole
from central.ocpp.offers import offer_reservations
from central.services.reservations import CANCEL, reservation_cancel, reservation_cancelled
from registry.models import ChargePoint


class CancelParams(forms.Form):
    """The reservation by its number at the charge point (`reservation_id`) or by our id (`reservation`)."""

    reservation_id = forms.IntegerField(
        label=_("Reservation"),
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        help_text=_("Its number; also one that is not listed here."),
    )
    reservation = forms.IntegerField(label=_("One of these"), min_value=1, required=False)

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer those that may hold a connector."""
        offer_reservations(self, charge_point)


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue the end of a reservation. Raises Invalid, NotFound."""
    return reservation_cancel(
        charge_point=charge_point,
        number=params.get("reservation_id"),
        reservation_pk=params.get("reservation"),
        now=now,
        **common,
    )


order(
    CANCEL,
    _("Cancel a reservation"),
    explain=_("Gives a reserved connector free for everybody."),
    form=CancelParams,
    group="reservations",
    icon="event_busy",
    danger=True,
    create=create,
    again=True,
)


@command(CANCEL)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request, the same in all versions."""
    return "CancelReservation", {"reservationId": command.params["reservation_id"]}


@answer_of("CancelReservation")
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Cancelled, or not there (H02.FR.01)."""
    return reservation_cancelled(
        charge_point_id=command.charge_point_id,
        number=whole(request["reservationId"], "reservationId"),
        status=answer["status"],
        now=now,
    )

"""Availability: ChangeAvailability of the whole, an EVSE or a connector (1.6 §5.2, 2.x G03, G04)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.wanted_availability import Wanted
from central.ocpp.intents import answer_of, command, order
from central.ocpp.places import PlaceForm, connector_id, evse
from central.ocpp.vocabulary import evse_of_connector
from central.services.wanted_availability import availability_wanted
from registry.rights import Right


class AvailabilityParams(PlaceForm):
    """In or out of service, and what."""

    available = forms.TypedChoiceField(
        label=_("Make it"),
        choices=((Wanted.OPERATIVE, _("In service")), (Wanted.INOPERATIVE, _("Out of service"))),
        coerce=str,
    )
    field_order = ("available", "evse_number", "connector_number")


order(
    "availability",
    _("In or out of service"),
    explain=_(
        "Lets drivers use the charge point, an EVSE or a connector, or keeps them away. A running session"
        " goes on; the change waits for its end."
    ),
    form=AvailabilityParams,
    icon="do_not_disturb_on",
    danger=True,
    later=("connector_number",),
    right=Right.SERVICE,
)


@command("availability")
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for a second connector in 1.6."""
    wanted = command.params["available"]
    if version == "1.6":
        return "ChangeAvailability", {"connectorId": connector_id(command.params), "type": wanted}
    place = evse(command.params)
    return "ChangeAvailability", {"operationalStatus": wanted} | ({"evse": place} if place else {})


@answer_of("ChangeAvailability", versions=("1.6",))
def apply_1_6(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """What connector N agreed to is its EVSE's wish; 0 is the whole (§5.2)."""
    place = evse_of_connector(request["connectorId"])[0], 0
    return _keep(command, place, request["type"], answer["status"], now)


@answer_of("ChangeAvailability", versions=("2.0.1", "2.1"))
def apply_2(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """What the place agreed to, at once or after the session (G03.FR.05, G04.FR.06)."""
    named = request.get("evse") or {}
    place = named.get("id", 0), named.get("connectorId", 0)
    return _keep(command, place, request["operationalStatus"], answer["status"], now)


def _keep(command: Command, place: tuple[int, int], wanted: str, status: str, now: datetime) -> bool:
    if status not in {"Accepted", "Scheduled"}:
        return False
    availability_wanted(
        charge_point_id=command.charge_point_id,
        organization_id=command.organization_id,
        evse_number=place[0],
        connector_number=place[1],
        wanted=wanted,
        scheduled=status == "Scheduled",
        command_id=command.pk,
        now=now,
    )
    return True

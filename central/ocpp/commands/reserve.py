"""Reserve: ReserveNow in all versions (1.6 §5.13, 2.x H01)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.ocpp.numbers import whole, whole_or_none
from central.ocpp.offers import offer_evses
from central.ocpp.vocabulary import format_time, parse_time
from central.services.reservations import RESERVE, Wish, reservation_answered, reservation_request
from registry.models import ChargePoint

ID_TAG_LIMIT = 20


class ReserveParams(forms.Form):
    """For whom, until when, where; `reservation_id` replaces that reservation."""

    id_tag = forms.CharField(label=_("Tag"), max_length=255, help_text=_("The tag that may use it."))
    expires_at = forms.DateTimeField(label=_("Until"), help_text=_("When the reservation ends."))
    evse_number = forms.IntegerField(
        label=_("EVSE"), min_value=1, required=False, help_text=_("Any, where it is left out.")
    )
    group = forms.CharField(
        label=_("Group"),
        max_length=255,
        required=False,
        help_text=_("Tags of this group may use it too; of a known tag it is filled in."),
    )
    id_tag_type = forms.CharField(
        label=_("Type of tag"),
        max_length=20,
        required=False,
        help_text=_("OCPP 2.x; of a known tag its own."),
    )
    connector_type = forms.CharField(
        label=_("Type of connector"),
        max_length=20,
        required=False,
        help_text=_("OCPP 2.x, any EVSE with one of these: cCCS2, cType2, sType2 ..."),
    )
    reservation_id = forms.IntegerField(
        label=_("Instead of reservation"),
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        help_text=_("The number of a reservation that this one replaces."),
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Tell which EVSEs are known."""
        offer_evses(self, charge_point)


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Write the reservation down and queue it."""
    wish = Wish(
        id_tag=params["id_tag"],
        id_tag_type=params.get("id_tag_type", ""),
        group=params.get("group", ""),
        evse_number=params.get("evse_number"),
        connector_type=params.get("connector_type", ""),
        expires_at=parse_time(params["expires_at"]),
    )
    number = params.get("reservation_id")
    return reservation_request(charge_point=charge_point, wish=wish, number=number, now=now, **common)


order(
    RESERVE,
    _("Reserve"),
    explain=_("Keeps a connector free for a tag until a time. Other drivers cannot use it meanwhile."),
    form=ReserveParams,
    group="reservations",
    icon="event_available",
    create=create,
    later=("id_tag_type", "connector_type"),
)


@command(RESERVE)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for what 1.6 cannot say."""
    return "ReserveNow", _build_1_6(command.params) if version == "1.6" else _build_2(command.params)


def _build_1_6(params: dict[str, Any]) -> dict[str, Any]:
    if len(params["id_tag"]) > ID_TAG_LIMIT:
        raise ValueError("OCPP 1.6 knows tags of up to 20 characters.")
    if params.get("connector_type"):
        raise ValueError("OCPP 1.6 reserves connectors by number, not by type.")
    request: dict[str, Any] = {
        "connectorId": params.get("evse_number") or 0,
        "expiryDate": format_time(parse_time(params["expires_at"])),
        "idTag": params["id_tag"],
        "reservationId": params["reservation_id"],
    }
    if 0 < len(params.get("group", "")) <= ID_TAG_LIMIT:
        request["parentIdTag"] = params["group"]
    return request


def _build_2(params: dict[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "id": params["reservation_id"],
        "expiryDateTime": format_time(parse_time(params["expires_at"])),
        "idToken": {"idToken": params["id_tag"], "type": params.get("id_tag_type") or "Central"},
    }
    if params.get("evse_number"):
        request["evseId"] = params["evse_number"]
    if params.get("connector_type"):
        request["connectorType"] = params["connector_type"]
    if params.get("group"):
        request["groupIdToken"] = {"idToken": params["group"], "type": "Central"}
    return request


@answer_of("ReserveNow", versions=("1.6",))
def apply_1_6(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Active, or why not."""
    wish = Wish(
        id_tag=request["idTag"],
        group=request.get("parentIdTag", ""),
        evse_number=whole(request["connectorId"], "connectorId", 0) or None,
        expires_at=parse_time(request["expiryDate"]),
    )
    return reservation_answered(
        command=command,
        number=whole(request["reservationId"], "reservationId"),
        wish=wish,
        status=answer["status"],
        now=now,
    )


@answer_of("ReserveNow", versions=("2.0.1", "2.1"))
def apply_2(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Active, or why not."""
    wish = Wish(
        id_tag=request["idToken"]["idToken"],
        id_tag_type=request["idToken"]["type"],
        group=request.get("groupIdToken", {}).get("idToken", ""),
        evse_number=whole_or_none(request.get("evseId"), "evseId", 0),
        connector_type=request.get("connectorType", ""),
        expires_at=parse_time(request["expiryDateTime"]),
    )
    return reservation_answered(
        command=command, number=whole(request["id"], "id"), wish=wish, status=answer["status"], now=now
    )

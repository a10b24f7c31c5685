"""Begin a battery swap: RequestBatterySwap (2.1 S02)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.answers import held, word_of
from central.ocpp.intents import answer_of, command, order
from central.services.battery_swaps import BATTERY_SWAP, battery_swap_answered, battery_swap_request
from registry.models import ChargePoint

VERSIONS = ("2.1",)


class SwapParams(forms.Form):
    """For whom."""

    id_tag = forms.CharField(label=_("Tag"), max_length=255, help_text=_("It must be accepted here."))
    id_tag_type = forms.CharField(
        label=_("Type of tag"), max_length=20, required=False, help_text=_("Of a known tag its own.")
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue a swap for a token that is accepted."""
    return battery_swap_request(charge_point=charge_point, now=now, **params, **common)


order(
    BATTERY_SWAP,
    _("Swap batteries"),
    explain=_("Opens a slot for the driver's batteries, who then takes charged ones."),
    form=SwapParams,
    icon="battery_change",
    create=create,
)


@command(BATTERY_SWAP, versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; its id is the command's number."""
    params = command.params
    token = {"idToken": params["id_tag"], "type": params["id_tag_type"]}
    return "RequestBatterySwap", {"requestId": command.pk, "idToken": token}


@answer_of("RequestBatterySwap", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """It waits for the driver, or why not (NoBatteryAvailable)."""
    return battery_swap_answered(
        command=command,
        request_id=held(request["requestId"]),
        id_tag=request["idToken"]["idToken"],
        id_tag_type=request["idToken"]["type"],
        status=answer["status"],
        word=word_of(answer),
        now=now,
    )
